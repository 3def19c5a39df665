"""A censored sample whose values have weights, and the Monte Carlo error of what it says.

Weights are those of self-normalised importance sampling: they sum to 1 and depend on the draw. The variance
of a weighted share p of draws is then, by the delta method, sum(w**2 (1[draw] - p)**2) (Owen 2013, "Monte
Carlo theory, methods and examples", section 9.2); p (1 - p) over it is the number of independent draws that
would know the share as well. An interval of a percentile holds the values at which the weighted CDF leaves
the interval of its level (Woodruff 1952).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from timecone.results.estimators.intervals import NORMAL_SCORE, wilson
from timecone.results.estimators.sample import Sample
from timecone.schema import FloatArray

# A sum of weights may miss a level by rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class WeightedSample(Sample):
    """Values, +inf where not reached, with weights.

    Attributes
    ----------
    values, weights : arrays, shape (draws,)
        Values increasing; weights sum to 1.
    """

    values: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, values: FloatArray, weights: FloatArray) -> WeightedSample:
        """Build from values in any order and weights in any unit, not all 0."""
        order = np.argsort(values, kind="stable")
        return cls(values[order], weights[order] / weights.sum())

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def resolution(self) -> float:
        return 0.0

    @property
    def effective_size(self) -> float:
        """Kish's number of equally weighted draws: 1 / sum(w**2)."""
        return float(1.0 / np.sum(self.weights**2))

    def quantile(self, p: FloatArray) -> FloatArray:
        """Return the inverted weighted CDF: the least value up to which weights sum to ``p``.

        -inf for ``p`` not above 0 and inf from 1 on: so far a sample does not reach.
        """
        level = np.asarray(p, dtype=np.float64)
        rank = np.searchsorted(np.cumsum(self.weights), level - _ROUNDING, side="left")
        value = self.values[np.minimum(rank, self.values.size - 1)]
        return np.where(level <= 0.0, -np.inf, np.where(level >= 1.0, np.inf, value))

    def quantile_interval(self, p: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the 95 % interval of quantiles."""
        level = np.asarray(p, dtype=np.float64)
        half = NORMAL_SCORE * np.sqrt(self._variance(level))
        return self.quantile(level - half), self.quantile(level + half)

    def _variance(self, p: FloatArray) -> FloatArray:
        """Return the variance of the share of the lowest draws that have the weight ``p`` together."""
        total, squares = (np.append(0.0, np.cumsum(self.weights**power)) for power in (1, 2))
        # Of the draw that straddles the level, the part that lies below it.
        within = np.interp(p, total, squares)
        return np.asarray((1.0 - p) ** 2 * within + p**2 * (squares[-1] - within))

    def share_below(self, bounds: FloatArray) -> FloatArray:
        """Return for each bound the weight of the values below it."""
        total = np.concatenate([[0.0], np.cumsum(self.weights)])
        below = total[np.searchsorted(self.values, bounds, side="left")]
        return np.asarray(np.minimum(below, 1.0))

    def share_interval(self, bounds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the 95 % interval of shares: Wilson's, of as many draws as would know them as well."""
        p = self.share_below(bounds)
        inside = (p > 0.0) & (p < 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(inside, p * (1.0 - p) / self._variance(p), self.effective_size)
        ends = [wilson(np.array(share * n), n) for share, n in zip(p, size, strict=True)]
        lower, upper = np.array(ends, dtype=np.float64).reshape(-1, 2).T
        return lower, upper
