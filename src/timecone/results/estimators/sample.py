"""Censored samples of dates or durations: all values, counts in bins, or replicates of either.

Every sample answers the same questions with their Monte Carlo interval, exactly or within a bin: what its
quantiles are, and what share of it lies below a bound. `WeightedSample` answers them too. Values that were
not reached are +inf and are never left out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from timecone.results.estimators.intervals import (
    between_replicates,
    percentile_rank,
    rank_interval,
    wilson,
)
from timecone.schema import FloatArray, IntArray


class Sample(ABC):
    """A sample of dates or durations, +inf where not reached."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of values, censored ones included."""

    @property
    @abstractmethod
    def resolution(self) -> float:
        """Width within which values are known; 0 for exact ones."""

    @abstractmethod
    def quantile(self, p: FloatArray) -> FloatArray:
        """Return quantiles, of levels in (0, 1), by the inverted empirical CDF."""

    @abstractmethod
    def quantile_interval(self, p: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the 95 % interval of quantiles; infinite where the sample is too small to have an end."""

    @abstractmethod
    def share_below(self, bounds: FloatArray) -> FloatArray:
        """Return for each bound the share of the values below it."""

    @abstractmethod
    def share_interval(self, bounds: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the 95 % interval of shares, between 0 and 1."""


class UnweightedSample(Sample):
    """A sample of equally weighted values: shares are counts, quantiles are order statistics."""

    @abstractmethod
    def count_below(self, bounds: FloatArray) -> IntArray:
        """Return for each bound the number of values below it."""

    @abstractmethod
    def order_statistic(self, ranks: IntArray) -> FloatArray:
        """Return for each rank k in 1 ... size the k-th smallest value."""

    def quantile(self, p: FloatArray) -> FloatArray:
        return self.order_statistic(percentile_rank(p, self.size))

    def quantile_interval(self, p: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = rank_interval(p, self.size)
        lower, upper = (self.order_statistic(np.clip(rank, 1, self.size)) for rank in (low, high))
        # A sample too small to have an end says nothing of where it lies.
        return np.where(low < 1, -np.inf, lower), np.where(high > self.size, np.inf, upper)

    def share_below(self, bounds: FloatArray) -> FloatArray:
        return self.count_below(bounds) / self.size

    def share_interval(self, bounds: FloatArray) -> tuple[FloatArray, FloatArray]:
        return wilson(self.count_below(bounds), self.size)

    def bin_interval(self, edges: FloatArray, excluded: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the 95 % interval of the share of the values in each bin, ``excluded`` values left out."""
        return wilson(np.diff(self.count_below(edges)) - excluded, self.size)


@dataclass(frozen=True)
class SortedSample(UnweightedSample):
    """All values, in increasing order."""

    values: FloatArray

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def resolution(self) -> float:
        return 0.0

    def count_below(self, bounds: FloatArray) -> IntArray:
        return np.searchsorted(self.values, bounds, side="left").astype(np.int64)

    def order_statistic(self, ranks: IntArray) -> FloatArray:
        return self.values[np.asarray(ranks) - 1]


@dataclass(frozen=True)
class BinnedSample(UnweightedSample):
    """Counts in equal bins from ``origin``, and the number of values beyond."""

    origin: float
    bins_per_year: int
    counts: IntArray
    beyond: int

    @property
    def size(self) -> int:
        return int(self.counts.sum()) + self.beyond

    @property
    def resolution(self) -> float:
        return 1.0 / self.bins_per_year

    def count_below(self, bounds: FloatArray) -> IntArray:
        cumulative = np.concatenate([[0], np.cumsum(self.counts)])
        position = (np.asarray(bounds, dtype=np.float64) - self.origin) * self.bins_per_year
        edge = np.clip(np.rint(position), 0, len(self.counts))
        return cumulative[edge.astype(np.int64)]

    def order_statistic(self, ranks: IntArray) -> FloatArray:
        cumulative = np.cumsum(self.counts)
        k = np.searchsorted(cumulative, ranks, side="left")
        middle = self.origin + (k + 0.5) / self.bins_per_year
        return np.where(k < len(self.counts), middle, np.inf)


@dataclass(frozen=True)
class ReplicatedSample(UnweightedSample):
    """A sample made of independent replicates, between whose numbers the spread gives the intervals.

    Draws within a replicate depend on each other (Sobol' points, Latin hypercubes), so that ranks and counts
    of the pooled sample say nothing of its error.

    Attributes
    ----------
    pooled : UnweightedSample
        All replicates together.
    replicates : sequence of UnweightedSample
        Two at least, none of them empty.
    """

    pooled: UnweightedSample
    replicates: Sequence[UnweightedSample]

    @property
    def size(self) -> int:
        return self.pooled.size

    @property
    def resolution(self) -> float:
        return self.pooled.resolution

    def count_below(self, bounds: FloatArray) -> IntArray:
        return self.pooled.count_below(bounds)

    def order_statistic(self, ranks: IntArray) -> FloatArray:
        return self.pooled.order_statistic(ranks)

    def quantile_interval(self, p: FloatArray) -> tuple[FloatArray, FloatArray]:
        return between_replicates(np.array([part.quantile(p) for part in self.replicates]), self.quantile(p))

    def share_interval(self, bounds: FloatArray) -> tuple[FloatArray, FloatArray]:
        shares = np.array([part.share_below(bounds) for part in self.replicates])
        lower, upper = between_replicates(shares, self.share_below(bounds))
        return np.maximum(lower, 0.0), np.minimum(upper, 1.0)

    def bin_interval(self, edges: FloatArray, excluded: IntArray) -> tuple[FloatArray, FloatArray]:
        shares = np.array([np.diff(part.count_below(edges)) / part.size for part in self.replicates])
        pooled = (np.diff(self.count_below(edges)) - excluded) / self.size
        # What is excluded is known of the pooled sample only.
        return between_replicates(shares - excluded / self.size, pooled)
