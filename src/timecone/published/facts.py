"""Facts from which published calculations are repeated, by name and unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from timecone.errors import ScenarioError, suggestion
from timecone.scenario.published import FactInput
from timecone.schema import FloatArray


@dataclass(frozen=True)
class Facts:
    """Facts of a file, by name."""

    stated: Mapping[str, FactInput]

    def value(self, name: str, unit: str) -> float:
        """Return a fact that is one number, in a unit."""
        values = self.values(name, unit)
        if values.size != 1:
            raise ScenarioError(
                "fact-of-several", "not a single number", where=f"published.facts.{name}", got=values.tolist()
            )
        return float(values[0])

    def values(self, name: str, unit: str) -> FloatArray:
        """Return a fact that may be several numbers, in a unit.

        Raises
        ------
        ScenarioError
            There is no such fact, or its unit is another.
        """
        if name not in self.stated:
            raise ScenarioError(
                "missing-fact",
                "the calculation needs this fact",
                where=f"published.facts.{name}",
                remedy=suggestion(name, self.stated) or None,
            )
        fact = self.stated[name]
        if fact.unit != unit:
            raise ScenarioError(
                "fact-in-another-unit",
                "not the unit of the calculation",
                where=f"published.facts.{name}.unit",
                got=fact.unit,
                allowed=unit,
            )
        return np.atleast_1d(np.asarray(fact.value, dtype=np.float64))
