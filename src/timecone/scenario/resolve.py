"""Unit conversion of a scenario's inputs, from the author's unit to the one that the simulation wants."""

from __future__ import annotations

from dataclasses import dataclass

from timecone.errors import UnitError, UsageError
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family, convert
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.specs import QuantityInput
from timecone.units import Conversion, conversion, same_unit


@dataclass(frozen=True)
class Resolved:
    """One quantity in the unit that the simulation wants.

    Attributes
    ----------
    name : str
        Of the quantity.
    stated : QuantityInput
        As in the scenario.
    unit : str
        The wanted unit.
    how : Conversion
        From the author's unit.
    where : str
        Its table in the scenario.
    """

    name: str
    stated: QuantityInput
    unit: str
    how: Conversion
    where: str

    def leaf(self, distribution: Distribution, where: str = "") -> Family:
        """Return a distribution of the quantity in the wanted unit; its own unit comes first."""
        where = where or self.where
        self._require_unit_of_file(distribution, where)
        how = self.how if distribution.unit is None else _conversion(distribution.unit, self.unit, where)
        try:
            return convert(distribution.family, how)
        except UsageError as error:
            raise error.at(f"{where}.") if error.where else error.at(where) from None

    def _require_unit_of_file(self, distribution: Distribution, where: str) -> None:
        """Refuse a posterior whose file says that it is in another unit than the author says."""
        unit_of_file = distribution.arguments.get("units")
        unit = distribution.unit or self.stated.unit
        if isinstance(unit_of_file, str) and not same_unit(unit_of_file, unit):
            raise UnitError(
                "posterior-unit-differs",
                "the posterior's file states another unit",
                where=f"{where}.unit",
                got=unit,
                allowed=repr(unit_of_file),
                remedy="State the unit of the file.",
            )


def _conversion(unit: str, wanted: str, where: str) -> Conversion:
    try:
        return conversion(unit, wanted)
    except UsageError as error:
        raise error.at(f"{where}.unit") from None


def resolve(scenario: Assumptions) -> dict[str, Resolved]:
    """Return every parameter and quantity that the scenario gives, with its conversion.

    Raises
    ------
    UnitError
        A unit is of another kind than the model's.
    """
    resolved = {}
    for name, stated in scenario.parameters.items():
        parameter = scenario.definition.parameter(name)
        assert parameter is not None
        where = f"parameters.{name}"
        how = _conversion(stated.unit, parameter.unit, where)
        resolved[name] = Resolved(name, stated, parameter.unit, how, where)
    # By name, so that the order in the file moves no stream of a design.
    for name, quantity in sorted(scenario.quantities.items()):
        resolved[name] = Resolved(name, quantity, quantity.unit, Conversion(1.0), f"quantities.{name}")
    return resolved
