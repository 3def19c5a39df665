"""A censored sample, as far as a run keeps it: all its values, or counts in bins.

Both forms answer the same two questions, exactly or within a bin: how many values lie below a bound, and
what is the k-th smallest. Values that were not reached are +inf and are never left out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

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
    def count_below(self, bounds: FloatArray) -> IntArray:
        """Return for each bound the number of values below it."""

    @abstractmethod
    def order_statistic(self, ranks: IntArray) -> FloatArray:
        """Return for each rank k in 1 ... size the k-th smallest value."""


@dataclass(frozen=True)
class SortedSample(Sample):
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
class BinnedSample(Sample):
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
