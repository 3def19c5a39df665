"""From a table of a scenario file to a quantity: distribution, choice, formula or table of points."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import FAMILIES
from timecone.inputs.families.parse import described, level
from timecone.inputs.posterior_file import read_posterior
from timecone.inputs.sample_file import read_sample
from timecone.models import find
from timecone.scenario.field_errors import validated
from timecone.scenario.specs import (
    ByInput,
    Form,
    FormulaInput,
    LookupInput,
    ParameterInput,
    Provenance,
    QuantityInput,
)
from timecone.units import decimal_year

_ABOUT: Final = ("unit", *Provenance.model_fields)
_FORMS: Final = ("distribution", "by", "expression", "of")
#: Keys that mean nothing without another one.
_COMPANIONS: Final = {"values": "by", "points": "of", "interpolation": "of"}
_CUTS: Final = ("truncate", "clamp")
#: What the families take that moments do not determine.
_TAKEN: Final = {
    "percentiles": ("space", "tails", "low", "high"),
    "mixture": ("components",),
    "discrete": ("values", "probabilities"),
    "empirical": ("values", "origin", "file", "column", "weights", "resample"),
    "posterior": ("file", "variable", "weights", "values", "rows", "origin", "units"),
    "cdf": ("values", "low", "high", "cumulative", "below", "above"),
}


def read_parameters(
    table: Mapping[str, Any], model: object, folder: Path | None, where: str = "parameters"
) -> dict[str, ParameterInput]:
    """Return the parameters of nested tables, by dotted name.

    Raises
    ------
    ScenarioError
        A name is no parameter of the model, or its table is wrong.
    """
    parameters: dict[str, ParameterInput] = {}
    if not table:
        return parameters
    if model is None:
        raise ScenarioError("missing", where="model")
    names = [p.name for p in find(str(model)).parameters]
    for component, quantities in table.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError("not a table", where=f"{where}.{component}", got=quantities)
        for quantity, entry in quantities.items():
            name = f"{component}.{quantity}"
            if name not in names:
                raise ScenarioError(
                    f"the {model} model has no such parameter",
                    where=f"{where}.{name}", remedy=suggestion(name, names),
                )  # fmt: skip
            parameters[name] = read_quantity(ParameterInput, entry, f"{where}.{name}", folder)
    return parameters


def read_quantity[Q: QuantityInput](cls: type[Q], entry: object, where: str, folder: Path | None) -> Q:
    """Return one quantity from its table."""
    if not isinstance(entry, Mapping):
        raise ScenarioError("not a table", where=where, got=entry)
    about = {key: value for key, value in entry.items() if key in _ABOUT}
    rest = _with_variable({k: v for k, v in entry.items() if k not in _ABOUT}, where.partition(".")[2])
    return validated(cls, about | {"form": read_form(rest, where, folder)}, where)


def _with_variable(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a form whose posteriors name their variable: by default the one of the quantity's own name."""
    if table.get("distribution") == "posterior" and "file" in table:
        return {"variable": name, **table}
    return {key: _with_variable(v, name) if isinstance(v, Mapping) else v for key, v in table.items()}


def read_form(table: Mapping[str, Any], where: str, folder: Path | None) -> Form:
    """Return how a quantity comes about."""
    present = [key for key in _FORMS if key in table]
    if len(present) != 1:
        raise _no_form(table, present, where)
    (form,) = present
    for key, owner in _COMPANIONS.items():
        # A distribution may have values of its own, which are a list.
        own = form == "distribution" and key == "values" and not isinstance(table.get(key), Mapping)
        if key in table and form != owner and not own:
            raise ScenarioError(f"goes with {owner!r}, not with {form!r}", where=f"{where}.{key}")
    if form == "expression":
        return validated(FormulaInput, dict(table), where)
    if form == "of":
        return validated(LookupInput, dict(table), where)
    if form == "by":
        return _by_choice(table, where, folder)
    return _distribution(dict(table), where, folder)


def _no_form(table: Mapping[str, Any], present: list[str], where: str) -> ScenarioError:
    allowed = "one of distribution, by (with values), expression, of (with points)"
    if present:
        return ScenarioError("two ways to come about at once", where=where, got=present, allowed=allowed)
    owners = (f"{key!r} goes with {owner!r}." for key, owner in _COMPANIONS.items() if key in table)
    near = (suggestion(key, [*_FORMS, *_ABOUT]) for key in table)
    remedies = (*owners, *(remedy for remedy in near if remedy.startswith("Did")), None)
    return ScenarioError("no distribution is named", where=where, got=sorted(table), allowed=allowed,
                         remedy=remedies[0])  # fmt: skip


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
        for key in Provenance.model_fields:
            if key in entry:
                raise ScenarioError("stands once, beside 'by', for all values", where=f"{place}.{key}",
                                    got=entry[key])  # fmt: skip
        inner[value] = read_form(entry, place, folder)
    return validated(ByInput, {"by": table["by"], "values": inner}, where)


def _distribution(arguments: dict[str, Any], where: str, folder: Path | None) -> Distribution:
    name = arguments.pop("distribution")
    if not isinstance(name, str):
        raise ScenarioError("the name of the distribution is not text", where=f"{where}.distribution",
                            got=name)  # fmt: skip
    unit = arguments.pop("unit", None)
    if unit is not None and not isinstance(unit, str):
        raise ScenarioError("the unit is not text", where=f"{where}.unit", got=unit)
    _refuse_foreign_keys(name, arguments, where)
    try:
        if name == "empirical" and "file" in arguments:
            arguments = read_sample(arguments, folder)
        if name == "posterior" and "file" in arguments:
            arguments = read_posterior(arguments, folder)
        if name == "cdf":
            arguments = _with_decimal_years(arguments)
        return Distribution(name, arguments, unit)
    except UsageError as error:
        raise error.at(f"{where}.") if error.where else error.at(where) from None


def _with_decimal_years(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments whose dates are decimal years."""
    return {
        key: decimal_year(value)
        if isinstance(value, date)
        else [decimal_year(part) if isinstance(part, date) else part for part in value]
        if isinstance(value, list)
        else value
        for key, value in arguments.items()
    }


def _arguments(name: str) -> set[str]:
    """Return the keys, besides quantiles, that a family takes; none for an unknown one."""
    if name in _TAKEN:
        return {*_TAKEN[name], *_CUTS}
    if name not in FAMILIES:
        return set()
    cls = FAMILIES[name]
    return {*(key for form in cls.forms for key in form), *cls.optional, *cls.fixed, *_CUTS}


def _refuse_foreign_keys(name: str, arguments: Mapping[str, Any], where: str) -> None:
    """Blame a key that no family takes for being there, not for its value."""
    taken = _arguments(name)
    if not taken:
        return
    for key, value in arguments.items():
        # The family itself says best what is wrong with a number.
        if key in taken or level(key) is not None or isinstance(value, (int, float)):
            continue
        if any(key in _arguments(other) for other in (*FAMILIES, *_TAKEN)):
            raise ScenarioError(f"{name} takes no {key!r}", where=f"{where}.{key}", got=value,
                                allowed=described(name))  # fmt: skip
        raise ScenarioError("unknown key", where=f"{where}.{key}",
                            remedy=suggestion(key, [*_ABOUT, *taken]))  # fmt: skip
