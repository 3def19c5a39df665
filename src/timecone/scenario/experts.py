"""Several people's answers to the same questions, pooled and kept apart.

    [experts]
    ann = { weight = 0.6, file = "experts/ann.toml" }
    bob = { weight = 0.4, file = "experts/bob.toml" }

Each file holds ``[parameters...]`` tables as a scenario does. Together they become a choice named ``expert``, and
each parameter that they name takes that choice's distributions: so results come per expert and pooled, and a
draw takes all its answers from one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timecone.errors import ScenarioError, suggestion
from timecone.scenario.forms import Provenance

CHOICE = "expert"
_GRADES = ("data", "expert", "guess")


def merge_experts(content: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return a scenario's content with its ``experts`` table turned into a choice.

    Raises
    ------
    ScenarioError
        An expert lacks a weight or answers, or the experts answer different questions.
    """
    merged = dict(content)
    if "experts" not in merged:
        return merged
    table = merged.pop("experts")
    if not isinstance(table, Mapping) or not table:
        raise ScenarioError("not a table of experts", where="experts", got=table)
    if CHOICE in merged.get("choices", {}):
        raise ScenarioError("experts and a choice of that name exclude each other",
                            where=f"choices.{CHOICE}")  # fmt: skip
    weights, answers = {}, {}
    for name, entry in table.items():
        weights[name], answers[name] = _one(name, entry, folder)
    questions = {name: set(given) for name, given in answers.items()}
    first, *others = questions
    for other in others:
        missing = sorted(questions[first] ^ questions[other])
        if missing:
            raise ScenarioError("the experts answer different questions",
                                where=f"experts.{other}", got=missing[0])  # fmt: skip
    merged["choices"] = {**merged.get("choices", {}), CHOICE: _choice(weights, answers)}
    parameters = {key: dict(value) for key, value in merged.get("parameters", {}).items()}
    for dotted in sorted(questions[first]):
        component, _, quantity = dotted.partition(".")
        parameters.setdefault(component, {})[quantity] = _pooled(
            {name: given[dotted] for name, given in answers.items()}
        )
    merged["parameters"] = parameters
    return merged


def _one(name: str, entry: object, folder: Path) -> tuple[object, dict[str, dict[str, Any]]]:
    """Return an expert's weight and answers by dotted name."""
    from timecone.scenario.file import read_toml  # noqa: PLC0415 - the two read each other's files

    where = f"experts.{name}"
    if not isinstance(entry, Mapping) or "weight" not in entry:
        raise ScenarioError("an expert needs a weight", where=where, got=entry,
                            allowed='{ weight = ..., file = "..." }')  # fmt: skip
    for key in entry:
        if key not in ("weight", "file", "parameters"):
            raise ScenarioError("unknown key", where=f"{where}.{key}",
                                remedy=suggestion(key, ["weight", "file", "parameters"]))  # fmt: skip
    tables = entry.get("parameters")
    if "file" in entry:
        if not isinstance(entry["file"], str):
            raise ScenarioError("not a file name", where=f"{where}.file", got=entry["file"])
        tables = read_toml(folder / entry["file"]).get("parameters")
    if not isinstance(tables, Mapping) or not tables:
        raise ScenarioError("the expert answers nothing", where=where, allowed="[parameters...] tables")
    answers = {}
    for component, quantities in tables.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError("not a table", where=f"{where}.parameters.{component}", got=quantities)
        for quantity, answer in quantities.items():
            if not isinstance(answer, Mapping):
                raise ScenarioError("not a table", where=f"{where}.{component}.{quantity}", got=answer)
            answers[f"{component}.{quantity}"] = dict(answer)
    return entry["weight"], answers


def _choice(weights: Mapping[str, object], answers: Mapping[str, Any]) -> dict[str, Any]:
    about = [given for expert in answers.values() for given in expert.values()]
    return {
        "title": "Whose answers hold",
        "weights": dict(weights),
        "source": "Pooling of " + ", ".join(weights),
        "as_of": max((a["as_of"] for a in about if "as_of" in a), default=None),
        "basis": "expert",
    }


def _pooled(answers: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one parameter's table from several people's."""
    about: dict[str, Any] = {}
    for key in ("unit", *Provenance.model_fields):
        given = {name: answer[key] for name, answer in answers.items() if key in answer}
        if not given:
            continue
        if key in ("source", "note"):
            about[key] = "; ".join(f"{name}: {text}" for name, text in given.items())
        elif key == "basis":
            about[key] = max(given.values(), key=lambda g: _GRADES.index(g) if g in _GRADES else 9)
        elif key == "as_of":
            about[key] = max(given.values())
        else:
            about[key] = next(iter(given.values()))
    values = {}
    for name, answer in answers.items():
        form = {key: value for key, value in answer.items() if key not in Provenance.model_fields}
        unit = form.pop("unit", about.get("unit"))
        if unit != about.get("unit"):
            form["unit"] = unit
        values[name] = form
    return about | {"by": CHOICE, "values": values}
