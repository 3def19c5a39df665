"""What is inherited keeps its meaning: units that formulas rely on.

A formula sees every quantity in the unit that the quantity is stated in. So a file that extends another one,
or `Scenario.replace`, must not state a quantity in another unit while a formula or a table that reads it
stays as it was: its numbers would change without a word of it having changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from timecone.errors import ScenarioError, UsageError
from timecone.inputs.expression import Expression
from timecone.models import find
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.specs import Form, FormulaInput, LookupInput, forms
from timecone.units import same_unit


class Entry(NamedTuple):
    """A quantity's place in the file, its unit, and the names that its formulas and tables read."""

    where: str
    unit: str
    reads: frozenset[str]


def require_units_in_files(
    base: Mapping[str, Any], change: Mapping[str, Any], merged: Mapping[str, Any]
) -> None:
    """Refuse a file that states a quantity in another unit than the inherited formulas that read it expect.

    Parameters
    ----------
    base, change, merged : mapping
        Content of the file that is extended, of the one that extends it, and of both together.

    Raises
    ------
    ScenarioError
        Names the key of the unit.
    """
    before = _entries(base)
    kept = set(before) - set(_entries(change))
    _require(_with_defaults(before, merged.get("model")), _entries(merged), kept)


def require_units(before: Assumptions, after: Assumptions) -> None:
    """Refuse a scenario made from another one, as `require_units_in_files` does."""
    old, new = before.inputs(), after.inputs()
    kept = {name for name in old if name in new and old[name].form == new[name].form}
    entries = [
        {
            name: Entry(
                f"{'parameters' if name in scenario.parameters else 'quantities'}.{name}",
                quantity.unit,
                _references(quantity.form),
            )
            for name, quantity in scenario.inputs().items()
        }
        for scenario in (before, after)
    ]
    _require(_with_defaults(entries[0], before.model), entries[1], kept)


def _require(before: Mapping[str, Entry], after: Mapping[str, Entry], kept: Collection[str]) -> None:
    for reader in sorted(kept):
        for name in sorted(before[reader].reads & set(before) & set(after)):
            old, new = before[name].unit, after[name].unit
            if not same_unit(old, new):
                raise ScenarioError(
                    "unit-of-inherited-formula",
                    "an inherited formula or table reads this quantity in another unit",
                    where=f"{after[name].where}.unit",
                    got=new,
                    allowed=repr(old),
                    remedy=f"Keep the unit, or state {before[reader].where} anew too.",
                )


def _references(form: Form) -> frozenset[str]:
    names: set[str] = set()
    for _, leaf in forms(form):
        if isinstance(leaf, FormulaInput):
            names |= leaf.parsed().names
        elif isinstance(leaf, LookupInput):
            names.add(leaf.of)
    return frozenset(names)


def _with_defaults(entries: Mapping[str, Entry], model: object) -> dict[str, Entry]:
    """Return entries, with the parameters that stand nowhere: these are in the model's unit."""
    try:
        parameters = find(str(model)).parameters
    except UsageError:
        return dict(entries)
    defaults = {p.name: Entry(f"parameters.{p.name}", p.unit, frozenset()) for p in parameters}
    return defaults | dict(entries)


def _entries(content: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the quantities of a file's content; what is malformed is refused elsewhere."""
    entries = _tables(content.get("quantities"), "quantities.", "")
    parameters = content.get("parameters")
    for component, tables in parameters.items() if isinstance(parameters, Mapping) else ():
        entries |= _tables(tables, f"parameters.{component}.", f"{component}.")
    return entries


def _tables(tables: object, where: str, prefix: str) -> dict[str, Entry]:
    return {
        f"{prefix}{name}": Entry(f"{where}{name}", unit, reads(table))
        for name, table in (tables.items() if isinstance(tables, Mapping) else ())
        if isinstance(table, Mapping) and isinstance(unit := table.get("unit"), str)
    }


def reads(table: Mapping[str, Any]) -> frozenset[str]:
    """Return the names in the formulas and tables of a quantity's table."""
    names: set[str] = set()
    if isinstance(expression := table.get("expression"), str):
        with contextlib.suppress(UsageError):
            names |= Expression(expression).names
    if isinstance(other := table.get("of"), str):
        names.add(other)
    values = table.get("values")
    for inner in values.values() if isinstance(values, Mapping) else ():
        names |= reads(inner) if isinstance(inner, Mapping) else frozenset()
    return frozenset(names)
