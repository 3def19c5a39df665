"""A file and the files that it extends, read as one content.

What is repeated replaces what is inherited whole, so that no number is left with another number's source: a
parameter, a choice, a section. Of ``[components]`` only the switches that are named are replaced, and of the
correlations only the pairs.

The file that is extended need not be a scenario: a *fragment* holds some parameters, their correlations and,
under ``[history]``, how they were fitted. It has no model, so it cannot be run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.scenario.experts import merge_experts
from timecone.scenario.inherited import require_units_in_files
from timecone.scenario.presets import preset_file, presets
from timecone.scenario.scenario import CorrelationInput
from timecone.scenario.toml import nearest_file, read_toml, rebased
from timecone.scenario.validation import validated

_MAPPINGS: Final = ("parameters", "quantities", "choices", "components")
_MOST_ANCESTORS: Final = 16
#: What every scenario has and no fragment has.
_OF_SCENARIOS: Final = ("model", "time", "conditions")

type Content = dict[str, Any]


def read_with_ancestors(path: Path, seen: tuple[Path, ...] = ()) -> Content:
    """Return the content of a scenario file, with that of the files that it extends.

    Raises
    ------
    ScenarioError
        A file is missing or is no TOML; ``extends`` leads in a circle; the file changes what an inherited
        formula means.
    """
    content = read_toml(path)
    try:
        # Before the merge: a child's experts replace its parent's numbers, and its numbers their answers.
        content = merge_experts(content, path.parent)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None
    if "extends" not in content:
        return content
    parent = content.pop("extends")
    here = path.resolve()
    extended = _extended_file(path, parent)
    if here in seen or len(seen) >= _MOST_ANCESTORS:
        raise ScenarioError("extends leads in a circle", where=path.name, got=parent)
    base = _seen_from(extended.parent, read_with_ancestors(path.parent / extended, (*seen, here)))
    try:
        merged = _merged(base, content)
        require_units_in_files(base, content, merged)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None
    return merged


def require_whole(content: Mapping[str, Any]) -> None:
    """Refuse a fragment: what was fitted, without a model to run.

    Raises
    ------
    ScenarioError
        It is one.
    """
    if "history" in content and not any(key in content for key in _OF_SCENARIOS):
        raise ScenarioError(
            "a fragment: it has no model, no time and no conditions",
            remedy="Extend it: write extends = with its name in a file that has them.",
        )


def _extended_file(path: Path, parent: object) -> Path:
    """Return the file that ``path`` extends, from the folder of ``path``; absolute where it is a preset."""
    if not isinstance(parent, str) or not parent.strip() or not parent.isprintable():
        raise ScenarioError("extends is not a file name", where=path.name, got=parent)
    if (path.parent / parent).is_file():
        return Path(parent)
    preset = preset_file(parent)
    if preset is None:
        remedy = nearest_file(path.parent / parent)
        if remedy is None and not Path(parent).suffix:
            remedy = suggestion(parent, presets())
        raise ScenarioError("no such file", where=f"{path.name}: extends", got=parent, remedy=remedy)
    return preset


def _seen_from(folder: Path, base: Content) -> Content:
    """Return content whose files are named from where ``folder`` is named.

    Those that a history names were read when it was fitted; they are remarks, and stay as they are.
    """
    moved: Content = rebased({key: value for key, value in base.items() if key != "history"}, folder)
    return moved | {key: base[key] for key in ("history",) if key in base}


def _merged(base: Content, change: Content) -> Content:
    merged = base | change
    for section in _MAPPINGS:
        if isinstance(base.get(section), Mapping) and isinstance(change.get(section), Mapping):
            merged[section] = {**base[section], **change[section]}
    inherited, changed = base.get("parameters"), change.get("parameters")
    if isinstance(inherited, Mapping) and isinstance(changed, Mapping):
        for component, quantities in changed.items():
            before = inherited.get(component)
            if isinstance(before, Mapping) and isinstance(quantities, Mapping):
                merged["parameters"][component] = {**before, **quantities}
    # An empty list says that there are none.
    if "correlations" in base and change.get("correlations"):
        merged["correlations"] = _pairs(base["correlations"], change["correlations"])
    return merged


def _pairs(inherited: Any, stated: Any) -> Any:
    """Return the correlations of a file and the inherited ones of other pairs.

    An inherited pair that is stated with rho 0 is left out, as if it had never been named: so a parameter
    that is made certain can be taken out of its correlations.
    """
    for one in (inherited, stated):
        if not isinstance(one, list):
            return one  # which is refused elsewhere
    # Here, where their numbers are those of the author's file.
    given = [validated(CorrelationInput, table, f"correlations[{k}]") for k, table in enumerate(stated)]
    before, now = {_pair(table) for table in inherited}, {frozenset(one.between) for one in given}
    kept = [
        table
        for one, table in zip(given, stated, strict=True)
        if one.rho != 0.0 or frozenset(one.between) not in before
    ]
    return kept + [table for table in inherited if _pair(table) not in now]


def _pair(table: object) -> frozenset[str] | None:
    """Return the names of a pair; None where they are malformed, which is refused elsewhere."""
    names = table.get("between") if isinstance(table, Mapping) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return frozenset(names)
