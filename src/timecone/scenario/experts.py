"""Several people's answers to the same questions, pooled and kept apart.

    [experts]
    ann = { weight = 0.6, file = "experts/ann.toml" }
    bob = { weight = 0.4, file = "experts/bob.toml" }

Each file holds ``[parameters...]`` tables as a scenario does. Together they become a choice named ``expert``,
and each parameter that they name takes that choice's distributions: so results come per expert and pooled,
and a draw takes all its answers from one person.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, unknown_key
from timecone.scenario.assumptions import ChoiceInput
from timecone.scenario.field_errors import validated
from timecone.scenario.specs import Provenance, Text
from timecone.scenario.toml import read_toml, rebased

CHOICE: Final = "expert"
_GRADES: Final = ("data", "expert", "guess")
_KEYS: Final = ("weight", "file", "parameters")

type Answers = dict[str, dict[str, Any]]


class _About(Provenance):
    """What every answer says of itself."""

    unit: Text


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
        raise ScenarioError("not-a-table", "not a table", where="experts", got=table)
    weights, answers = {}, {}
    for name, entry in table.items():
        where = f"experts.{name}"
        weights[name] = _weight(entry, where)
        answers[name] = _answers(_tables(entry, where, folder), where)
    _same_questions(answers)
    merged["choices"] = _with_choice(merged.get("choices", {}), weights, answers)
    merged["parameters"] = _with_answers(merged.get("parameters", {}), answers)
    return merged


def _weight(entry: object, where: str) -> object:
    if not isinstance(entry, Mapping) or "weight" not in entry:
        raise ScenarioError(
            "expert-without-weight",
            "an expert needs a weight",
            where=where,
            got=entry,
            allowed='{ weight = ..., file = "..." }',
        )
    for key in entry:
        if key not in _KEYS:
            raise unknown_key(key, _KEYS, where)
    if isinstance(entry["weight"], bool) or not isinstance(entry["weight"], (int, float)):
        raise ScenarioError("not-a-number", "not a number", where=f"{where}.weight", got=entry["weight"])
    return entry["weight"]


def _tables(entry: Mapping[str, Any], where: str, folder: Path) -> object:
    """Return an expert's tables of parameters, from the file or from the scenario itself."""
    if "file" not in entry:
        return entry.get("parameters")
    if "parameters" in entry:
        raise ScenarioError(
            "expert-answers-twice",
            "answers are stated both in a file and in the table",
            where=f"{where}.parameters",
        )
    file = entry["file"]
    if not isinstance(file, str):
        raise ScenarioError("not-a-file-name", "not a file name", where=f"{where}.file", got=file)
    try:
        content = read_toml(folder / file)
    except ScenarioError as error:
        raise error.at(f"{where}.file: ") from None
    for key in content:
        if key != "parameters":
            raise ScenarioError(
                "expert-file-contents",
                "an expert's file may contain only parameters",
                where=f"{where}.file",
                got=key,
            )
    return rebased(content.get("parameters"), Path(file).parent)


def _answers(tables: object, where: str) -> Answers:
    """Return an expert's answers by dotted name."""
    if not isinstance(tables, Mapping) or not tables:
        raise ScenarioError(
            "expert-without-answers",
            "the expert gives no answers",
            where=where,
            allowed="[parameters...] tables",
        )
    answers = {}
    for component, quantities in tables.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError(
                "not-a-table", "not a table", where=f"{where}.parameters.{component}", got=quantities
            )
        for quantity, answer in quantities.items():
            place = f"{where}.parameters.{component}.{quantity}"
            if not isinstance(answer, Mapping):
                raise ScenarioError("not-a-table", "not a table", where=place, got=answer)
            about = {key: value for key, value in answer.items() if key in _About.model_fields}
            validated(_About, about, place)
            answers[f"{component}.{quantity}"] = dict(answer)
    return answers


def _same_questions(answers: Mapping[str, Answers]) -> None:
    first, *others = answers
    for other in others:
        differing = sorted(set(answers[first]) ^ set(answers[other]))
        if differing:
            has, lacks = (first, other) if differing[0] in answers[first] else (other, first)
            raise ScenarioError(
                "expert-answers-differ",
                "the experts answer different questions",
                where=f"experts.{lacks}",
                got=differing[0],
                remedy=f"Only {has} answers it.",
            )


def _with_choice(
    choices: object, weights: Mapping[str, object], answers: Mapping[str, Answers]
) -> dict[str, Any]:
    """Return the choices, with the one between the experts."""
    if not isinstance(choices, Mapping):
        raise ScenarioError("not-a-table", "not a table", where="choices", got=choices)
    if CHOICE in choices:
        raise ScenarioError(
            "expert-choice-name-taken",
            "this name is reserved for the choice between the experts",
            where=f"choices.{CHOICE}",
        )
    about = [answer for expert in answers.values() for answer in expert.values()]
    choice = {
        "title": "Whose answers hold",
        "weights": dict(weights),
        "source": "Pooling of " + ", ".join(weights),
        "as_of": max(answer["as_of"] for answer in about),
        "basis": "expert",
    }
    # Now, so that the complaint names the table that the author wrote.
    validated(ChoiceInput, choice, "experts")
    return {**choices, CHOICE: choice}


def _with_answers(parameters: object, answers: Mapping[str, Answers]) -> dict[str, Any]:
    """Return the tables of parameters, with those that the experts answer."""
    tables: dict[str, Any] = {}
    for component, quantities in parameters.items() if isinstance(parameters, Mapping) else ():
        tables[component] = dict(quantities) if isinstance(quantities, Mapping) else quantities
    if not isinstance(parameters, Mapping):
        raise ScenarioError("not-a-table", "not a table", where="parameters", got=parameters)
    for name in next(iter(answers.values())):
        component, _, quantity = name.partition(".")
        table = tables.setdefault(component, {})
        if not isinstance(table, dict):
            raise ScenarioError("not-a-table", "not a table", where=f"parameters.{component}", got=table)
        if quantity in table:
            raise ScenarioError(
                "parameter-answered-by-experts",
                "the experts answer this parameter",
                where=f"parameters.{name}",
                remedy="Remove it here or from every expert.",
            )
        table[quantity] = _pooled({expert: answered[name] for expert, answered in answers.items()})
    return tables


def _pooled(answers: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one parameter's table from several people's."""
    tables = list(answers.values())
    about: dict[str, Any] = {
        "unit": tables[0]["unit"],
        "source": "; ".join(f"{name}: {answer['source']}" for name, answer in answers.items()),
        "as_of": max(answer["as_of"] for answer in tables),
        "basis": max((answer["basis"] for answer in tables), key=_GRADES.index),
    }
    notes = [f"{name}: {answer['note']}" for name, answer in answers.items() if answer.get("note")]
    if notes:
        about["note"] = "; ".join(notes)
    values = {}
    for name, answer in answers.items():
        form = {key: value for key, value in answer.items() if key not in _About.model_fields}
        if answer["unit"] != about["unit"]:
            form["unit"] = answer["unit"]
        values[name] = form
    return about | {"by": CHOICE, "values": values}
