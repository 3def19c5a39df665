"""A distribution given as a table of its cumulative distribution function: values and probabilities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from scipy import special

from timecone.inputs.atoms import Atoms
from timecone.inputs.curve import Curve
from timecone.inputs.families.base import mean_over_scores
from timecone.inputs.families.compound import Compound
from timecone.schema import FloatArray


@dataclass(frozen=True)
class Cumulative(Compound):
    """P(X <= x) at some values, linear between them.

    Beyond the outermost points the mass that is left either lies on the outermost value itself (``"point"``),
    or follows a normal tail: the straight line over the normal score through the two outermost points.

    Attributes
    ----------
    values : tuple of float
        Not decreasing; a value that stands twice has the probability between.
    probabilities : tuple of float
        P(X <= value), not decreasing, in [0, 1].
    below, above : str
        What lies below the first and above the last point: ``"point"`` or ``"tail"``.
    """

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    below: str = "point"
    above: str = "point"
    name: ClassVar[str] = "cdf"

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def curve(self) -> Curve:
        p, x = np.array(self.probabilities), np.array(self.values)
        z = special.ndtri(p)
        upper = 1.0 - p

        def quantile(scores: FloatArray) -> FloatArray:
            # From the tail in which probabilities keep their digits.
            low = np.interp(special.ndtr(scores), p, x)
            high = np.interp(special.ndtr(-scores), upper[::-1], x[::-1])
            found = np.where(scores < 0.0, low, high)
            if self.below == "tail":
                found = np.where(scores < z[0], x[0] + _slope(x, z, 0) * (scores - z[0]), found)
            if self.above == "tail":
                found = np.where(scores > z[-1], x[-1] + _slope(x, z, -2) * (scores - z[-1]), found)
            return np.asarray(found)

        bounds = (-np.inf if self.below == "tail" else x[0], np.inf if self.above == "tail" else x[-1])
        kinks = z[np.isfinite(z)]
        return Curve(quantile, low=bounds[0], high=bounds[1], kinks=kinks, atoms=self.atoms)

    @property
    def atoms(self) -> Atoms:
        x, z = np.array(self.values), special.ndtri(np.array(self.probabilities))
        values = np.unique(x)
        starts = z[np.searchsorted(x, values, side="left")]
        stops = z[np.searchsorted(x, values, side="right") - 1]
        if self.below == "point":
            starts[0] = -np.inf
        if self.above == "point":
            stops[-1] = np.inf
        return Atoms.of(values, starts, stops)

    def mean(self) -> float:
        return mean_over_scores(self.score_map())


def _slope(x: FloatArray, z: FloatArray, k: int) -> float:
    return float((x[k + 1] - x[k]) / (z[k + 1] - z[k]))
