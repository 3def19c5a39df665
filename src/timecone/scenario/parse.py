"""From a table of a scenario file to a quantity: distribution, choice, formula or table of points."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from timecone.errors import ScenarioError, UsageError, suggestion, unknown_key
from timecone.inputs.arguments import level
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import FAMILIES
from timecone.inputs.families.parse import BOUNDS
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

_ABOUT: Final = ("unit", *Provenance.model_fields)
_FORMS: Final = ("distribution", "by", "expression", "of")
#: Keys that mean nothing without another one.
_COMPANIONS: Final = {"values": "by", "points": "of", "interpolation": "of"}


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
        raise ScenarioError("missing-key", "missing", where="model")
    names = [p.name for p in find(str(model)).parameters]
    for component, quantities in table.items():
        if not isinstance(quantities, Mapping):
            raise ScenarioError("not-a-table", "not a table", where=f"{where}.{component}", got=quantities)
        for quantity, entry in quantities.items():
            name = f"{component}.{quantity}"
            if name not in names:
                raise ScenarioError(
                    "unknown-parameter",
                    f"the {model} model has no such parameter",
                    where=f"{where}.{name}",
                    remedy=suggestion(name, names),
                )
            parameters[name] = read_quantity(ParameterInput, entry, f"{where}.{name}", folder)
    return parameters


def read_quantity[Q: QuantityInput](cls: type[Q], entry: object, where: str, folder: Path | None) -> Q:
    """Return one quantity from its table."""
    if not isinstance(entry, Mapping):
        raise ScenarioError("not-a-table", "not a table", where=where, got=entry)
    about = {key: value for key, value in entry.items() if key in _ABOUT}
    rest = _with_defaults({k: v for k, v in entry.items() if k not in _ABOUT}, where.partition(".")[2])
    return validated(cls, about | {"form": read_form(rest, where, folder)}, where)


def _with_defaults(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a form whose distributions have the arguments that the quantity's own name says."""
    family = table.get("distribution")
    if isinstance(family, str) and family in FAMILIES:
        table = FAMILIES[family].with_defaults(dict(table), name)
    return {key: _with_defaults(v, name) if isinstance(v, Mapping) else v for key, v in table.items()}


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
            raise ScenarioError(
                "key-of-another-form", f"goes with {owner!r}, not with {form!r}", where=f"{where}.{key}"
            )
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
        return ScenarioError(
            "two-forms", "two forms are stated at once", where=where, got=present, allowed=allowed
        )
    owners = (f"{key!r} goes with {owner!r}." for key, owner in _COMPANIONS.items() if key in table)
    near = (suggestion(key, [*_FORMS, *_ABOUT]) for key in table)
    remedies = (*owners, *(remedy for remedy in near if remedy.startswith("Did")), None)
    return ScenarioError(
        "no-distribution-named",
        "no distribution is named",
        where=where,
        got=sorted(table),
        allowed=allowed,
        remedy=remedies[0],
    )


def _by_choice(table: Mapping[str, Any], where: str, folder: Path | None) -> ByInput:
    values = table.get("values")
    if not isinstance(values, Mapping):
        raise ScenarioError(
            "choice-without-values", "'by' needs a table of values", where=f"{where}.values", got=values
        )
    for key in table:
        if key not in ("by", "values"):
            raise unknown_key(key, ["by", "values", *_ABOUT], where)
    inner: dict[str, Form] = {}
    for value, entry in values.items():
        place = f"{where}.values.{value}"
        if not isinstance(entry, Mapping):
            raise ScenarioError("not-a-table", "not a table", where=place, got=entry)
        for key in Provenance.model_fields:
            if key in entry:
                raise ScenarioError(
                    "key-belongs-beside-by",
                    "belongs beside 'by', once for all values",
                    where=f"{place}.{key}",
                    got=entry[key],
                )
        inner[value] = read_form(entry, place, folder)
    return validated(ByInput, {"by": table["by"], "values": inner}, where)


def _distribution(arguments: dict[str, Any], where: str, folder: Path | None) -> Distribution:
    name = arguments.pop("distribution")
    if not isinstance(name, str):
        raise ScenarioError(
            "not-text", "the name of the distribution is not text", where=f"{where}.distribution", got=name
        )
    unit = arguments.pop("unit", None)
    if unit is not None and not isinstance(unit, str):
        raise ScenarioError("not-text", "the unit is not text", where=f"{where}.unit", got=unit)
    _refuse_foreign_keys(name, arguments, where)
    try:
        if name in FAMILIES:
            arguments = FAMILIES[name].read(arguments, folder)
        return Distribution(name, arguments, unit)
    except UsageError as error:
        raise error.at(f"{where}.") if error.where else error.at(where) from None


def _arguments(name: str) -> set[str]:
    """Return the keys, besides quantiles, that a family takes; none for an unknown one."""
    return {*FAMILIES[name].arguments(), *BOUNDS} if name in FAMILIES else set()


def _refuse_foreign_keys(name: str, arguments: Mapping[str, Any], where: str) -> None:
    """Blame a key that no family takes for being there, not for its value."""
    taken = _arguments(name)
    if not taken:
        return
    for key, value in arguments.items():
        # The family itself says best what is wrong with a number.
        if key in taken or level(key) is not None or isinstance(value, (int, float)):
            continue
        if any(key in _arguments(other) for other in FAMILIES):
            raise ScenarioError(
                "argument-not-of-family",
                f"{name} takes no {key!r}",
                where=f"{where}.{key}",
                got=value,
                allowed=FAMILIES[name].described(),
            )
        raise unknown_key(key, [*_ABOUT, *taken], where)
