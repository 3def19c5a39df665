"""From a table of a scenario file to a quantity: distribution, choice, formula or table of points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.models import find
from timecone.scenario.forms import (
    ByInput,
    Form,
    FormulaInput,
    LookupInput,
    ParameterInput,
    Provenance,
    QuantityInput,
)
from timecone.scenario.sample_file import read_sample
from timecone.scenario.validation import validated

_ABOUT: Final = ("unit", *Provenance.model_fields)
_FORMS: Final = ("distribution", "by", "expression", "of")
_TEXTS: Final = ("distribution", "space", "tails", "file", "column", "origin", "unit")


def read_parameters(
    table: Mapping[str, Any], model: object, folder: Path | None, where: str = "parameters"
) -> dict[str, ParameterInput]:
    """Return the parameters of nested tables, by dotted name.

    Raises
    ------
    ScenarioError
        A name is no parameter of the model, or its table is wrong.
    """
    names = [p.name for p in find(model).parameters] if isinstance(model, str) else []
    parameters = {}
    for component, quantities in table.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError("not a table", where=f"{where}.{component}", got=quantities)
        for quantity, entry in quantities.items():
            name = f"{component}.{quantity}"
            if name not in names:
                raise ScenarioError(
                    f"the {model} model has no such parameter" if names else "no model is named",
                    where=f"{where}.{name}", remedy=suggestion(name, names),
                )  # fmt: skip
            parameters[name] = read_quantity(ParameterInput, entry, f"{where}.{name}", folder)
    return parameters


def read_quantity[Q: QuantityInput](cls: type[Q], entry: object, where: str, folder: Path | None) -> Q:
    """Return one quantity from its table."""
    if not isinstance(entry, Mapping):
        raise ScenarioError("not a table", where=where, got=entry)
    about = {key: value for key, value in entry.items() if key in _ABOUT}
    rest = {key: value for key, value in entry.items() if key not in _ABOUT}
    if not rest and not about:
        raise ScenarioError("the table is empty", where=where)
    return validated(cls, about | {"form": read_form(rest, where, folder)}, where)


def read_form(table: Mapping[str, Any], where: str, folder: Path | None) -> Form:
    """Return how a quantity comes about."""
    present = [key for key in _FORMS if key in table]
    if len(present) != 1:
        near = next((s for key in table
                     if (s := suggestion(key, [*_FORMS, *_ABOUT])).startswith("Did")), None)  # fmt: skip
        raise ScenarioError(
            "no distribution is named" if not present else "two ways to come about at once",
            where=where, got=present or sorted(table),
            allowed="one of distribution, by (with values), expression, of (with points)", remedy=near,
        )  # fmt: skip
    if "expression" in table:
        return validated(FormulaInput, dict(table), where)
    if "of" in table:
        return validated(LookupInput, dict(table), where)
    if "by" in table:
        return _by_choice(table, where, folder)
    return _distribution(dict(table), where, folder)


def _by_choice(table: Mapping[str, Any], where: str, folder: Path | None) -> ByInput:
    values = table.get("values")
    if not isinstance(values, Mapping):
        raise ScenarioError("'by' needs a table of values", where=f"{where}.values", got=values)
    for key in table:
        if key not in ("by", "values"):
            raise ScenarioError("unknown key", where=f"{where}.{key}",
                                remedy=suggestion(key, ["by", "values", *_ABOUT]))  # fmt: skip
    inner: dict[str, Form] = {}
    for value, entry in values.items():
        place = f"{where}.values.{value}"
        if not isinstance(entry, Mapping):
            raise ScenarioError("not a table", where=place, got=entry)
        inner[value] = read_form(entry, place, folder)
    return validated(ByInput, {"by": table["by"], "values": inner}, where)


def _distribution(arguments: dict[str, Any], where: str, folder: Path | None) -> Distribution:
    for key, value in arguments.items():
        plain = isinstance(value, (int, float, Mapping, list)) or key in _TEXTS
        if not plain:
            raise ScenarioError("unknown key", where=f"{where}.{key}",
                                remedy=suggestion(key, _ABOUT))  # fmt: skip
    name = arguments.pop("distribution")
    if not isinstance(name, str):
        raise ScenarioError("the name of the distribution is not text", where=f"{where}.distribution",
                            got=name)  # fmt: skip
    unit = arguments.pop("unit", None)
    if unit is not None and not isinstance(unit, str):
        raise ScenarioError("the unit is not text", where=f"{where}.unit", got=unit)
    try:
        if name == "empirical" and "file" in arguments:
            arguments = read_sample(arguments, folder)
        return Distribution(name, arguments, unit)
    except UsageError as error:
        raise error.at(f"{where}.") if error.where else error.at(where) from None
