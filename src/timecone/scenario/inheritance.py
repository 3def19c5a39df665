"""Inheritance between scenario files: what a file that extends another one changes, drops, removes and keeps.

What is repeated replaces what is inherited whole, so that no number is left with another number's source: a
parameter, a choice, a section. Of ``[components]`` and ``[conditions]`` only the entries that are named are
replaced, and of the correlations only the pairs.

Three rules keep inherited statements true:

- parameters that mean something only together (`timecone.models.model.Group`) are stated together: a file
  that replaces one of them states the others, or names them in ``keep``;
- what served only what was replaced goes with it: qualifiers of a parameter, quantities that no parameter
  reads any more, choices that nothing depends on, clauses of the conditions about what is stated anew;
- ``remove`` takes out what a file does not want to inherit.

The file that is extended need not be a scenario: a *fragment* holds some parameters, their correlations and,
under ``[history]``, how they were fitted. It has no model, so it cannot be run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.models import find
from timecone.models.model import Model
from timecone.scenario.assumptions import CorrelationInput
from timecone.scenario.conditions import untrue
from timecone.scenario.correlation_blocks import with_pairs
from timecone.scenario.experts import merge_experts
from timecone.scenario.field_errors import validated
from timecone.scenario.groups import lost_qualifiers, plain_members, require_groups
from timecone.scenario.presets import preset_file, presets, scenario_file
from timecone.scenario.reachable import reachable
from timecone.scenario.toml import nearest_file, read_toml, rebased
from timecone.scenario.unit_checks import reads, require_units_in_files

_MAPPINGS: Final = ("parameters", "quantities", "choices", "components", "conditions")
_MOST_ANCESTORS: Final = 16
#: What every scenario has and no fragment has.
_OF_SCENARIOS: Final = ("model", "time", "conditions")
#: Keys of a file about what it inherits.
_ABOUT_INHERITED: Final = ("extends", "remove", "keep")
#: Sections that may be left out, so that an inherited one can be removed whole.
_OPTIONAL: Final = ("title", "run", "not_yet", "evidence", "redraw", "copula", "history")

type Content = dict[str, Any]


@dataclass(frozen=True)
class Inheritance:
    """What a file makes of the file that it extends.

    Entries are named as in the file, such as ``parameters.threshold.requirement``; a correlation as
    ``correlations: a - b``.

    Attributes
    ----------
    parent : str
        The file that is extended, as stated.
    changed, added : tuple of str
        Entries that replace inherited ones, and new ones.
    removed : tuple of str
        Inherited entries that the file removes.
    dropped : mapping of str to str
        Inherited entries that go with what is changed or removed, each with the reason.
    kept : tuple of str
        All other inherited entries.
    shared_choices : mapping of str to tuple of str
        Kept choices that something inherited no longer depends on, each with what still does.
    """

    parent: str
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    dropped: Mapping[str, str]
    kept: tuple[str, ...]
    shared_choices: Mapping[str, tuple[str, ...]]

    @property
    def kept_correlations(self) -> tuple[str, ...]:
        """Inherited correlations of parameters that the file states anew."""
        stated = {name.partition(".")[2] for name in self.changed}
        return tuple(
            name for name in self.kept
            if name.startswith(_PAIR) and not stated.isdisjoint(name.removeprefix(_PAIR).split(" - "))
        )  # fmt: skip


def read_with_ancestors(path: Path) -> Content:
    """Return the content of a scenario file, with that of the files that it extends.

    Raises
    ------
    ScenarioError
        A file is missing or is not TOML; ``extends`` leads in a circle; the file changes what an inherited
        formula means, or one of several parameters that mean something only together; it removes or keeps
        what it does not inherit.
    """
    return _read(path, ())[0]


def inheritance(path: str | Path) -> Inheritance | None:
    """Return what a scenario file makes of the file that it extends; None where it extends none.

    Raises
    ------
    ScenarioError
        As `timecone.load`, for what has to do with inheritance.

    Examples
    --------
    >>> inheritance("fab_sized_cap").added
    ('parameters.investment.cap_usd',)
    """
    return _read(scenario_file(path), ())[1]


def read_changed(path: Path, change: Mapping[str, Any]) -> Content:
    """Return the content of a scenario file with a change, as a file that extends it would state it.

    Raises
    ------
    ScenarioError
        As `read_with_ancestors`.
    """
    base = _read(path, ())[0]
    base.pop("published", None)
    return _inherited(base, {"extends": path.stem, **change})[0]


def require_whole(content: Mapping[str, Any]) -> None:
    """Refuse a fragment: what was fitted, without a model to run.

    Raises
    ------
    ScenarioError
        It is one.
    """
    if "published" in content and not any(key in content for key in _OF_SCENARIOS):
        raise ScenarioError(
            "calculation-not-a-scenario",
            "published figures without a scenario: a calculation",
            remedy="timecone published computes them.",
        )
    if "history" in content and not any(key in content for key in _OF_SCENARIOS):
        raise ScenarioError(
            "fragment-not-a-scenario",
            "a fragment without a model, time or conditions",
            remedy="Extend it: write extends = with its name in a file that has them.",
        )


def _read(path: Path, descendants: tuple[Path, ...]) -> tuple[Content, Inheritance | None]:
    content = read_toml(path)
    try:
        content = with_pairs(content)
    except ScenarioError as error:
        raise error.at(f"{path.name}: ") from None
    try:
        # Before the merge: a child's experts replace its parent's numbers, and its numbers their answers.
        content = merge_experts(content, path.parent)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None
    if "extends" not in content:
        for key in ("remove", "keep"):
            if key in content:
                raise ScenarioError(
                    "nothing-inherited",
                    "nothing is inherited: the file extends no other",
                    where=f"{path.name}: {key}",
                    got=content[key],
                )
        return content, None
    parent = content["extends"]
    here = path.resolve()
    extended = _extended_file(path, parent)
    if here in descendants or len(descendants) >= _MOST_ANCESTORS:
        raise ScenarioError(
            "circular-extends", "the files extend one another in a circle", where=path.name, got=parent
        )
    base = _with_files_from(extended.parent, _read(path.parent / extended, (*descendants, here))[0])
    # Published figures are those of the file that states them.
    base.pop("published", None)
    try:
        return _inherited(base, content)
    except UsageError as error:
        raise error.at(f"{path.name}: ") from None


def _extended_file(path: Path, parent: object) -> Path:
    """Return the file that ``path`` extends, from the folder of ``path``; absolute where it is a preset."""
    if not isinstance(parent, str) or not parent.strip() or not parent.isprintable():
        raise ScenarioError("invalid-extends", "extends is not a file name", where=path.name, got=parent)
    if (path.parent / parent).is_file():
        return Path(parent)
    preset = preset_file(parent)
    if preset is None:
        remedy = nearest_file(path.parent / parent)
        shipped = presets()
        stem = Path(parent).stem
        if remedy is None and stem in shipped:
            remedy = f'To extend the scenario that ships with timecone, write extends = "{stem}".'
        elif remedy is None and not Path(parent).suffix:
            remedy = suggestion(parent, shipped)
        raise ScenarioError(
            "no-such-file", "no such file", where=f"{path.name}: extends", got=parent, remedy=remedy
        )
    return preset


def _with_files_from(folder: Path, base: Content) -> Content:
    """Return content whose files are named from where ``folder`` is named.

    Those that a history names were read when it was fitted; they are remarks, and stay as they are.
    """
    moved: Content = rebased({key: value for key, value in base.items() if key != "history"}, folder)
    return moved | {key: base[key] for key in ("history",) if key in base}


def _inherited(base: Content, content: Content) -> tuple[Content, Inheritance]:
    """Return the merged content of a file and its parent, and a record of what was inherited or dropped."""
    change = {key: value for key, value in content.items() if key not in _ABOUT_INHERITED}
    before, stated = set(_entries(base)), set(_entries(change))
    removed = _listed(content, "remove", before, stated)
    wanted = _listed(content, "keep", before - removed, stated)
    model = _model(base | change)
    replaced = _replaced(base, change, before & stated)
    inherited = _parameters(before - stated - removed - wanted)
    whole = _Content(_without(base, removed))
    if model is not None:
        lost = lost_qualifiers(model, replaced, inherited)
        whole.drop({f"parameters.{name}": reason for name, reason in lost.items()})
        merged = _merged(base, change)
        unasked = _switched_off(model, merged) | plain_members(model, _certain(base), _start(merged))
        require_groups(model, replaced, inherited - set(lost) - unasked, "parameters.")
    own = wanted | stated
    whole.drop_pairs_of({*removed, *whole.dropped})
    whole.drop_clauses(stated | removed | set(whole.dropped), own)
    remaining = whole.content
    whole.content = _merged(remaining, change)
    require_units_in_files(remaining, change, whole.content)
    whole.drop_unread(base, own)
    whole.drop_clauses(set(whole.dropped), own)
    kept = before - stated - removed - set(whole.dropped)
    order = [*_entries(base), *_entries(change)]

    def in_order(names: Collection[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in order if name in names))

    return whole.content, Inheritance(
        content["extends"], in_order(stated & before), in_order(stated - before), in_order(removed),
        whole.dropped, in_order(kept), _shared_choices(base, whole.content, kept),
    )  # fmt: skip


def _shared_choices(base: Content, content: Content, kept: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the kept choices that fewer quantities depend on than before, each with those that still do."""
    before, after = ({name: _mentions(table) for name, table in _quantities(c)} for c in (base, content))
    shared = {}
    for name, _ in _tables(content, "choices"):
        lost = any(name in mentioned and name not in after.get(q, ()) for q, mentioned in before.items())
        if f"choices.{name}" in kept and lost:
            shared[f"choices.{name}"] = tuple(q for q, mentioned in after.items() if name in mentioned)
    return shared


def _model(content: Content) -> Model | None:
    try:
        return find(str(content.get("model")))
    except UsageError:
        return None  # which is refused elsewhere


def _switched_off(model: Model, content: Content) -> set[str]:
    """Return the parameters that nothing reads, because the file switches their components off."""
    switches = content.get("components")
    off = {name for name, on in switches.items() if on is False} if isinstance(switches, Mapping) else set()
    return {p.name for p in model.parameters if p.components and off.issuperset(p.components)}


def _certain(content: Content) -> dict[str, float]:
    """Return the values of the parameters that are points."""
    return {
        entry.removeprefix("parameters."): table["value"]
        for entry, table in _quantities(content)
        if table.get("distribution") == "point" and isinstance(table.get("value"), int | float)
    }


def _parameters(names: Collection[str]) -> set[str]:
    prefix = "parameters."
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def _replaced(base: Content, change: Content, stated: Collection[str]) -> set[str]:
    """Return the inherited parameters that a file states anew, and the start where it states another one."""
    start, other = _start(base), _start(change)
    moved = start is not None and other is not None and start != other
    return _parameters(stated) | ({"time.start"} if moved else set())


def _start(content: Content) -> Any:
    time = content.get("time")
    return time.get("start") if isinstance(time, Mapping) else None


# ------------------------------------------------------------------------------------- entries of a content

_PAIR: Final = "correlations: "


def _entries(content: Mapping[str, Any]) -> list[str]:
    """Return the names of all that a file states, in its order; what is malformed is refused elsewhere."""
    entries: list[str] = []
    for key, value in content.items():
        if key == "parameters" and isinstance(value, Mapping):
            for component, tables in value.items():
                entries += [f"parameters.{component}.{name}" for name in _keys(tables)]
        elif key == "correlations":
            entries += filter(None, map(_pair_entry, value if isinstance(value, list) else ()))
        elif key in _MAPPINGS and isinstance(value, Mapping):
            entries += [f"{key}.{name}" for name in value]
        else:
            entries.append(key)
    return entries


def _keys(tables: object) -> list[str]:
    return list(tables) if isinstance(tables, Mapping) else []


def _pair_entry(table: object) -> str:
    pair = _pair(table)
    return "" if pair is None else f"{_PAIR}{' - '.join(sorted(pair))}"


def _pair(table: object) -> frozenset[str] | None:
    """Return the names of a pair; None where they are malformed, which is refused elsewhere."""
    names = table.get("between") if isinstance(table, Mapping) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return frozenset(names)


def _listed(content: Content, key: str, before: set[str], stated: set[str]) -> set[str]:
    """Return the inherited entries that the list ``remove`` or ``keep`` names."""
    listed = content.get(key, [])
    if not isinstance(listed, list):
        raise ScenarioError(
            "not-a-list",
            "not a list",
            where=key,
            got=listed,
            allowed='for instance ["choices.threshold", ["parameter", "other"]]',
        )
    matched: set[str] = set()
    for k, item in enumerate(listed):
        where = f"{key}[{k}]"
        if not isinstance(item, str) and _pair({"between": item}) is None:
            raise ScenarioError(
                "not-inheritable",
                "not the name of an inherited entry",
                where=where,
                got=item,
                allowed="a name, or the two names of a correlation",
            )
        names = _named(item, before)
        if not names:
            raise _not_inherited(item, where, before, stated)
        if again := names & stated:
            raise ScenarioError(
                "stated-and-removed",
                "stated in this file too",
                where=where,
                got=min(again),
                remedy="What a file states replaces what it inherits; delete one of the two.",
            )
        if names <= matched:
            raise ScenarioError("named-twice", "named twice", where=where, got=item)
        matched |= names
    return matched


def _named(item: str | list[str], before: set[str]) -> set[str]:
    if isinstance(item, list):
        return {f"{_PAIR}{' - '.join(sorted(item))}"} & before
    if item == "correlations":
        return {name for name in before if name.startswith(_PAIR)}
    single = "." in item or item in _OPTIONAL or item == "conditions"
    return {item} & before if single else set()


def _not_inherited(item: str | list[str], where: str, before: set[str], stated: set[str]) -> ScenarioError:
    if isinstance(item, list):
        pairs = [name.removeprefix(_PAIR) for name in sorted(before) if name.startswith(_PAIR)]
        remedy = suggestion(" - ".join(sorted(item)), pairs)
    elif item in stated:
        remedy = "It is stated in this file only: delete it there."
    else:
        names = [name for name in before if "." in name and not name.startswith(_PAIR)]
        near = suggestion(item, names)
        remedy = near if near.startswith("Did") else (
            "Give the heading of its table, for instance 'parameters.hardware.headroom' or"
            " 'choices.threshold'."
        )  # fmt: skip
    return ScenarioError(
        "not-inherited", "nothing with this name is inherited", where=where, got=item, remedy=remedy or None
    )


def _without(base: Content, removed: Collection[str]) -> Content:
    """Return content without some of its entries."""
    result: Content = {}
    for key, value in base.items():
        if key == "parameters" and isinstance(value, Mapping):
            result[key] = {
                component: {n: t for n, t in tables.items() if f"{key}.{component}.{n}" not in removed}
                if isinstance(tables, Mapping)
                else tables
                for component, tables in value.items()
            }
        elif key == "correlations" and isinstance(value, list):
            result[key] = [table for table in value if _pair_entry(table) not in removed]
        elif key in _MAPPINGS and isinstance(value, Mapping):
            result[key] = {name: table for name, table in value.items() if f"{key}.{name}" not in removed}
        elif key not in removed:
            result[key] = value
    return result


@dataclass
class _Content:
    """Content from which inherited entries are dropped, each for a reason."""

    content: Content
    dropped: dict[str, str] = field(default_factory=dict)

    def drop(self, reasons: Mapping[str, str]) -> None:
        """Drop entries, each for a reason."""
        self.content = _without(self.content, reasons)
        self.dropped |= reasons

    def drop_pairs_of(self, gone: Collection[str]) -> None:
        """Drop the correlations of parameters, quantities and choices that are gone."""
        sections = ("parameters.", "quantities.", "choices.")
        names = {name.partition(".")[2] for name in gone if name.startswith(sections)}
        correlations = self.content.get("correlations")
        self.drop({
            _pair_entry(table): f"{min(lost)} is gone"
            for table in (correlations if isinstance(correlations, list) else ())
            if (pair := _pair(table)) and (lost := pair & names)
        })  # fmt: skip

    def drop_clauses(self, stated: Collection[str], wanted: Collection[str]) -> None:
        """Drop the clauses of the conditions about what is stated anew, removed or dropped."""
        self.drop({
            f"conditions.{name}": f"it is about {min(subjects)}, which is stated anew or gone"
            for name, clause in _tables(self.content, "conditions")
            if f"conditions.{name}" not in wanted
            and isinstance(about := clause.get("about"), list)
            and (subjects := untrue([key for key in about if isinstance(key, str)], stated))
        })  # fmt: skip

    def drop_unread(self, base: Content, wanted: Collection[str]) -> None:
        """Drop the quantities and choices that served only what is no longer inherited."""
        unread = _served(base) - _served(self.content)
        quantities = {name for name in unread if name.startswith("quantities.")} - set(wanted)
        self.drop(dict.fromkeys(sorted(quantities), "no parameter is computed from it any more"))
        self.drop_pairs_of(quantities)
        mentioned = set().union(*(_mentions(table) for _, table in _quantities(self.content)))
        choices = {
            f"choices.{name}": "nothing depends on it any more"
            for name, _ in _tables(self.content, "choices")
            if name not in mentioned and f"choices.{name}" not in wanted
        }
        self.drop(choices)
        self.drop_pairs_of(choices)


def _tables(content: Content, key: str) -> list[tuple[str, Mapping[str, Any]]]:
    section = content.get(key)
    items = section.items() if isinstance(section, Mapping) else ()
    return [(name, table) for name, table in items if isinstance(table, Mapping)]


def _quantities(content: Content) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the tables of all parameters and quantities by entry."""
    for component, tables in _tables(content, "parameters"):
        for name, table in _tables({component: tables}, component):
            yield f"parameters.{component}.{name}", table
    for name, table in _tables(content, "quantities"):
        yield f"quantities.{name}", table


def _mentions(table: Mapping[str, Any]) -> set[str]:
    """Return the names in a quantity's formulas and tables, and of the choices that it depends on."""
    names = set(reads(table))
    if isinstance(choice := table.get("by"), str):
        names.add(choice)
    values = table.get("values")
    for inner in values.values() if isinstance(values, Mapping) else ():
        names |= _mentions(inner) if isinstance(inner, Mapping) else set()
    return names


def _served(content: Content) -> set[str]:
    """Return the quantities from which parameters are computed, directly or through others."""
    mentions = {name: _mentions(table) for name, table in _quantities(content)}
    short = {name.removeprefix("quantities."): names for name, names in mentions.items()}
    roots = [name for name in short if name.startswith("parameters.")]
    return {f"quantities.{name}" for name in reachable(roots, short)}


# ------------------------------------------------------------------------------------------ merging contents


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
    for tables in (inherited, stated):
        if not isinstance(tables, list):
            return tables  # which is refused elsewhere
    # Here, where their numbers are those of the author's file.
    pairs = [validated(CorrelationInput, table, f"correlations[{k}]") for k, table in enumerate(stated)]
    before, now = {_pair(table) for table in inherited}, {frozenset(pair.between) for pair in pairs}
    kept = [
        table
        for pair, table in zip(pairs, stated, strict=True)
        if pair.rho != 0.0 or frozenset(pair.between) not in before
    ]
    return kept + [table for table in inherited if _pair(table) not in now]
