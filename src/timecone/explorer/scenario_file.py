"""Scenario files of the explorer: a state as a file that extends its scenario, and such a file as a state.

The file states only what was moved, by the rules of `timecone.scenario.inheritance`, so ``timecone run``
gives the numbers that the page shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tomli_w

from timecone.errors import ArgumentError, ScenarioError, UsageError, unknown_key
from timecone.explorer.controls import Controls, Slider, controls_of
from timecone.explorer.ends import moved
from timecone.explorer.state import STATABLE, Move, State, normalised, read_stated, without_unmoved
from timecone.inputs.arguments import level
from timecone.inputs.distributions import Distribution
from timecone.scenario.conditions import WHOLE
from timecone.scenario.file import dumps, load, parse, quantity_table
from timecone.scenario.inheritance import read_changed
from timecone.scenario.presets import preset_file
from timecone.scenario.scenario import Scenario
from timecone.scenario.toml import read_text

#: Longest file that is read from outside, in characters.
LONGEST_FILE: Final = 64_000
#: The clause of the conditions that says what was moved.
CLAUSE: Final = "explorer"
_KEYS: Final = (
    "extends",
    "name",
    "title",
    "keep",
    "run",
    "conditions",
    "components",
    "choices",
    "parameters",
    "quantities",
)
# Digits of the ends that a slider sets, most likely first.
_DIGITS: Final = (4, 5, 6, 7, 3, 2)
_HEADER: Final = """\
# Made by timecone explore. It extends a scenario and states only what was moved; run it with timecone run.

"""


@dataclass(frozen=True)
class Base:
    """A scenario that the explorer starts from.

    Attributes
    ----------
    name : str
        Its name in addresses: that of a preset, or of the file that the explorer was opened with.
    path : Path
        Its file.
    extends : str
        What a file that extends it writes: the name of a preset, or the path of the file; empty for a
        scenario made in code, whose files are whole.
    scenario : Scenario
        The scenario.
    controls : Controls
        What can be moved.
    """

    name: str
    path: Path
    extends: str
    scenario: Scenario
    controls: Controls

    @classmethod
    def open(cls, name: str, path: Path | None = None, *, whole: bool = False) -> Base:
        """Open a preset, or a file under a name; ``whole`` where the file will not last.

        Raises
        ------
        ScenarioError
            There is no such preset, or the file is not a scenario.
        """
        file = preset_file(name) if path is None else path
        if file is None:
            raise ScenarioError(
                "no-such-scenario",
                "no such preset",
                where="scenario",
                got=name[:80],
                remedy="Choose one from the menu.",
            )
        scenario = load(file)
        extends = name if path is None else "" if whole else str(file.resolve())
        return cls(name, file, extends, scenario, controls_of(scenario))


def change_of(state: State, base: Base) -> dict[str, Any]:
    """Return what a state changes, as a file that extends the scenario states it."""
    scenario, controls = base.scenario, base.controls
    change: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] = {}
    for key, move in state.sliders.items():
        slider = controls.sliders[key]
        section, _, name = slider.entry.partition(".")
        stated = getattr(scenario, section)[name]
        if slider.entry not in entries:
            entries[slider.entry] = quantity_table(stated) | _provenance(scenario, stated.source)
            entries[slider.entry].pop("note", None)
        _set_leaf(entries[slider.entry], slider, move)
    for entry, table in entries.items():
        section, *names = entry.split(".")
        if section == "parameters":
            component, _, quantity = entry.removeprefix("parameters.").partition(".")
            change.setdefault(section, {}).setdefault(component, {})[quantity] = table
        else:
            change.setdefault(section, {})[".".join(names)] = table
    for name, weights in state.weights.items():
        choice = scenario.choices[name]
        title = {"title": choice.title} if choice.title else {}
        change.setdefault("choices", {})[name] = (
            title | {"weights": dict(weights)} | _provenance(scenario, choice.source)
        )
    if state.switches:
        change["components"] = dict(state.switches)
    if keep := _kept(entries, scenario):
        change["keep"] = keep
    if state.is_moved:
        change["conditions"] = _conditions(state, scenario)
    return change


def scenario_of(state: State, base: Base) -> Scenario:
    """Return the scenario that a state describes.

    Raises
    ------
    ScenarioError, DistributionError, UnitError
        What was moved does not make a scenario that the model can run.
    """
    if not state.is_moved:
        return base.scenario
    change = change_of(state, base) | _names(base)
    return parse(read_changed(base.path, change), base.path.parent)


def file_text(state: State, base: Base, draws: int) -> str:
    """Return the scenario file of a state, which ``timecone run`` takes.

    Parameters
    ----------
    state : State
        The state.
    base : Base
        The scenario that it starts from.
    draws : int
        Number of draws that the file states.
    """
    run = base.scenario.run.table() | {"draws": draws}
    if not base.extends:
        return dumps(scenario_of(state, base).replace({}, run=run))
    content = {"extends": base.extends, **_names(base), "run": run, **change_of(state, base)}
    return _HEADER + tomli_w.dumps(_keep_first(content))


def state_of_file(text: str, base_of: Any) -> State:
    """Return the state that a scenario file of the explorer describes.

    Parameters
    ----------
    text : str
        The file. It comes from outside: it may extend only what ``base_of`` opens, and name no other file.
    base_of : callable
        Gives the `Base` for what the file extends, or raises an error.

    Raises
    ------
    ScenarioError, ArgumentError, DistributionError
        The file is too long, is no TOML, or states what the explorer cannot show.
    """
    if len(text) > LONGEST_FILE:
        raise ScenarioError(
            "file-too-long",
            "the file is too long",
            where="file",
            got=len(text),
            allowed=f"at most {LONGEST_FILE}",
        )
    content = read_text(text, "file")
    for key in content:
        if key not in _KEYS:
            raise unknown_key(key[:80], _KEYS)
    _refuse_files(content)
    extends = content.get("extends")
    if not isinstance(extends, str):
        raise ScenarioError(
            "invalid-extends",
            "the file extends no scenario",
            where="extends",
            got=_shown(extends),
            allowed="the name of a preset",
        )
    base: Base = base_of(extends)
    state = State(base.name, _moves(content, base), _weights(content, base), _switched(content, base))
    _require_run(content.get("run", {}), base)
    return without_unmoved(state, base.controls)


def _refuse_files(content: Any, where: str = "") -> None:
    """Refuse a key that names a file: nothing that comes from outside may have files read."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            place = f"{where}.{key}".lstrip(".")
            if key == "file":
                raise ScenarioError(
                    "file-named-from-outside", "the explorer reads no other file", where=place[:80]
                )
            _refuse_files(value, place)
    elif isinstance(content, list):
        for value in content:
            _refuse_files(value, where)


def _provenance(scenario: Scenario, source: str) -> dict[str, Any]:
    before = source.removeprefix("Set in the explorer; before: ")
    return {"source": f"Set in the explorer; before: {before}", "as_of": scenario.as_of, "basis": "guess"}


def _names(base: Base) -> dict[str, Any]:
    scenario = base.scenario
    title = f"{scenario.title or scenario.name}, moved in the explorer"
    return {"name": f"{scenario.name}-explored", "title": title}


def _set_leaf(table: dict[str, Any], slider: Slider, move: Move) -> None:
    new = dict(move) if isinstance(move, Mapping) else moved(slider.table, *move)
    if "unit" in slider.table:
        new["unit"] = slider.table["unit"]
    if not slider.branch:
        about = {key: table[key] for key in ("unit", "source", "as_of", "basis") if key in table}
        table.clear()
        table |= new | about
        return
    inner = table
    for value in slider.branch[:-1]:
        inner = inner["values"][value]
    inner["values"][slider.branch[-1]] = new


def _kept(entries: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """Return the parameters that mean something only together with a moved one, and stay as they are."""
    changed = {e.removeprefix("parameters.") for e in entries if e.startswith("parameters.")}
    kept = {
        name: None
        for group in scenario.definition.groups
        if changed.intersection(group.basis)
        for name in (*group.members, *group.qualifiers)
        if name in scenario.parameters and name not in changed
    }
    return [f"parameters.{name}" for name in kept]


def _conditions(state: State, scenario: Scenario) -> dict[str, Any]:
    names = [
        *state.sliders,
        *(f"choice {n}" for n in state.weights),
        *(f"component {n}" for n in state.switches),
    ]
    clause = {"text": f"set by hand in the explorer: {', '.join(names)}"}
    whole = scenario.conditions.clauses
    before = {"before": {"text": whole[0][1].text}} if whole[0][0] == WHOLE else {}
    return before | {CLAUSE: clause}


def _keep_first(content: dict[str, Any]) -> dict[str, Any]:
    """Return content with plain keys first: TOML puts those after a table into the table."""
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    return plain | {key: value for key, value in content.items() if key not in plain}


def _moves(content: Mapping[str, Any], base: Base) -> dict[str, Move]:
    moves: dict[str, Move] = {}
    for entry, table in _stated(content):
        sliders = [slider for slider in base.controls.sliders.values() if slider.entry == entry]
        if not sliders:
            raise ArgumentError("unknown-control", "the scenario has no such input", where=entry[:80])
        if not isinstance(table, Mapping):
            raise ScenarioError("not-a-table", "not a table", where=entry, got=_shown(table))
        section, _, name = entry.partition(".")
        before = quantity_table(getattr(base.scenario, section)[name])
        if table.get("unit", before["unit"]) != before["unit"] or table.get("by") != before.get("by"):
            raise ScenarioError(
                "explorer-cannot-show",
                "another unit or choice than in the scenario, which the explorer cannot show",
                where=entry,
            )
        for slider in sliders:
            move = _move_of(_leaf(table, slider, entry), slider)
            if move is not None:
                moves[slider.key] = move
    return moves


def _stated(content: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the tables of parameters and quantities by entry."""
    entries: list[tuple[str, Any]] = []
    for section in ("parameters", "quantities"):
        tables = content.get(section, {})
        if not isinstance(tables, Mapping):
            raise ScenarioError("not-a-table", "not a table", where=section, got=_shown(tables))
        for name, table in tables.items():
            if section == "quantities":
                entries.append((f"{section}.{name}", table))
                continue
            if not isinstance(table, Mapping):
                raise ScenarioError(
                    "not-a-table", "not a table", where=f"{section}.{name}"[:80], got=_shown(table)
                )
            entries += [(f"{section}.{name}.{quantity}", inner) for quantity, inner in table.items()]
    return entries


def _leaf(table: Mapping[str, Any], slider: Slider, entry: str) -> Mapping[str, Any]:
    inner: Any = table
    for value in slider.branch:
        values = inner.get("values") if isinstance(inner, Mapping) else None
        inner = values.get(value) if isinstance(values, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(inner.get("distribution"), str):
        raise ScenarioError(
            "explorer-cannot-show",
            "not the distribution that the scenario has there, so the explorer cannot show it",
            where=entry,
            got=_shown(inner),
        )
    about = ("source", "as_of", "basis", "note")
    leaf = {key: value for key, value in inner.items() if key not in about}
    if not slider.branch and "unit" not in slider.table:
        leaf.pop("unit", None)
    return leaf


def _move_of(leaf: Mapping[str, Any], slider: Slider) -> Move | None:
    """Return what makes this distribution of that of the scenario."""
    if dict(leaf) == dict(slider.table):
        return None
    for low, high in _candidates(leaf, slider):
        try:
            if _same(moved(slider.table, low, high), leaf, slider):
                return low, high
        except UsageError:
            continue
    arguments = {key: value for key, value in leaf.items() if key not in ("distribution", "unit")}
    if leaf["distribution"] not in STATABLE:
        raise ScenarioError(
            "explorer-cannot-show",
            "a distribution that the explorer cannot show",
            where=slider.entry,
            got=_shown(leaf["distribution"]),
            allowed=", ".join(STATABLE),
        )
    return read_stated(leaf["distribution"], arguments, slider.entry)


def _same(table: Mapping[str, Any], leaf: Mapping[str, Any], slider: Slider) -> bool:
    unit = {"unit": slider.table["unit"]} if "unit" in slider.table else {}
    return {**table, **unit} == dict(leaf)


def _candidates(leaf: Mapping[str, Any], slider: Slider) -> list[tuple[float, float]]:
    """Return the ends that may have been set: as stated, or as quantiles to some digits."""
    if slider.ends is None:
        return []
    stated = [_at(leaf, name) for name in slider.ends.names]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in stated):
        return [(float(stated[0]), float(stated[1]))]
    if leaf["distribution"] not in (*STATABLE, "mixture", "cdf"):
        return []
    levels = [float(name.removeprefix("P")) / 100.0 for name in slider.ends.names if name.startswith("P")]
    if len(levels) != 2:  # noqa: PLR2004 - both ends
        return []
    arguments = {key: value for key, value in leaf.items() if key not in ("distribution", "unit")}
    try:
        low, high = Distribution(leaf["distribution"], arguments).ppf(np.array(levels)).tolist()
    except (UsageError, OSError):
        return []
    if not math.isfinite(low + high):
        return []
    return [(float(f"{low:.{digits}g}"), float(f"{high:.{digits}g}")) for digits in _DIGITS]


def _at(leaf: Mapping[str, Any], name: str) -> Any:
    if not name.startswith("P"):
        return leaf.get(name)
    wanted = round(float(name.removeprefix("P")) / 100.0, 12)
    return next((value for key, value in leaf.items() if level(key) == wanted), None)


def _weights(content: Mapping[str, Any], base: Base) -> dict[str, Mapping[str, float]]:
    choices = content.get("choices", {})
    if not isinstance(choices, Mapping):
        raise ScenarioError("not-a-table", "not a table", where="choices", got=_shown(choices))
    result: dict[str, Mapping[str, float]] = {}
    for name, table in choices.items():
        where = f"choices.{name}"[:80]
        if name not in base.controls.weights:
            raise ArgumentError("unknown-control", "the scenario has no such choice", where=where)
        choice = base.controls.weights[name]
        weights = table.get("weights") if isinstance(table, Mapping) else None
        if not isinstance(weights, Mapping) or set(weights) != set(choice.weights):
            raise ArgumentError(
                "invalid-control-weights",
                "not the weights of the choice's values",
                where=where,
                got=_shown(weights),
                allowed=", ".join(choice.weights),
            )
        for value in weights.values():
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ArgumentError(
                    "invalid-control-weights", "a weight is not a number", where=where, got=_shown(value)
                )
        result[name] = normalised({value: float(w) for value, w in weights.items()}, choice, where)
    return result


def _switched(content: Mapping[str, Any], base: Base) -> dict[str, bool]:
    components = content.get("components", {})
    if not isinstance(components, Mapping):
        raise ScenarioError("not-a-table", "not a table", where="components", got=_shown(components))
    for name, on in components.items():
        if name not in base.controls.switches or not isinstance(on, bool):
            raise ArgumentError(
                "unknown-control",
                "not a component of the model, or neither true nor false",
                where=f"components.{name}"[:80],
                got=_shown(on),
            )
    return dict(components)


def _require_run(run: Any, base: Base) -> None:
    """Refuse another seed or design: the explorer keeps those of the scenario."""
    stated = base.scenario.run.table()
    if not isinstance(run, Mapping):
        raise ScenarioError("not-a-table", "not a table", where="run", got=_shown(run))
    for key, value in run.items():
        if key != "draws" and (key not in stated or value != stated[key]):
            raise ScenarioError(
                "explorer-cannot-show",
                "not as in the scenario, which the explorer keeps",
                where=f"run.{key}"[:80],
                got=_shown(value),
                allowed=_shown(stated.get(key)),
            )


def _shown(value: Any) -> str:
    """Return the beginning of a value in one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - a line
