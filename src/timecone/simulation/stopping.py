"""Stopping rule: draw until the quoted numbers are precise enough."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from timecone.errors import ArgumentError, suggestion
from timecone.results.tables.precision import Precision

#: Draws between two looks at the errors.
BATCH = 131_072
#: Draws at which it is given up, unless the caller says otherwise.
MOST = 100_000_000

_KEYS = ("years", "probability")


@dataclass(frozen=True)
class Tolerance:
    """Largest Monte Carlo errors allowed, as half a 95 % interval.

    Attributes
    ----------
    years : float
        Of dates and durations at percentiles.
    probability : float
        Of probabilities by year.
    """

    years: float = math.inf
    probability: float = math.inf

    @classmethod
    def of(cls, limits: Mapping[str, float]) -> Self:
        """Return the tolerance that a mapping says.

        Raises
        ------
        ArgumentError
            An unknown key, or a number that is not above 0.
        """
        if not limits:
            raise ArgumentError(
                "no-tolerance", "no tolerance is given", where="until", allowed=" and ".join(_KEYS)
            )
        for key, value in limits.items():
            if key not in _KEYS:
                raise ArgumentError(
                    "unknown-tolerance",
                    "unknown tolerance",
                    where="until",
                    got=key,
                    allowed=" and ".join(_KEYS),
                    remedy=suggestion(key, _KEYS),
                )
            if not (isinstance(value, (int, float)) and value > 0.0):
                raise ArgumentError(
                    "invalid-tolerance", "a tolerance must be positive", where=f"until.{key}", got=value
                )
        return cls(**limits)

    def is_met(self, reached: Precision) -> bool:
        """Return whether every quoted number is precise enough."""
        return reached.years <= self.years and reached.probability <= self.probability


def words(reached: Precision, draws: int, *, met: bool) -> str:
    """Return a sentence on how precise a run is and what that took."""
    begin = "Precise enough" if met else "Not precise enough"
    text = f"{begin} after {draws:,} draws: largest errors (half a 95 % interval) {reached.years:.3g} years"
    text += f" ({reached.worst_year}) and {reached.probability:.3g} ({reached.worst_probability})."
    if reached.beyond:
        text += f" Beyond the horizon, so without an error in years: {', '.join(reached.beyond)}."
    return text
