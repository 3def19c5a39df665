"""Counts of a run by the values of its choices, in memory that does not grow with their combinations.

Few combinations of values are counted each: a *stratum* is a combination. Where there are more than
`schema.MOST_STRATA`, all draws are counted in one stratum, and once more by the values of each choice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np

from timecone.models.model import Model, TimeGrid
from timecone.results.run_file.accumulator import Accumulator
from timecone.schema import MOST_STRATA, ByteArray, FloatArray, Grid, IntArray

# Threads share counts where one set of counts for each thread would be larger than this.
_SHARED_BYTES: Final = 1 << 29


def empty_accumulator(
    model: Model, grid: TimeGrid, strata: int, *, flags: int, rules: int = 0, failures: int = 0
) -> Accumulator:
    """Return an accumulator of nothing with room for what a model gives."""
    return Accumulator.empty(
        float(np.floor(grid.start)),
        grid.horizon,
        milestones=len(model.milestones),
        strata=strata,
        times=len(grid.observed_times),
        flags=flags,
        durations=len(model.durations),
        grids=list(model.grids.values()),
        threshold_grids=list(model.threshold_grids.values()),
        rules=rules,
        failures=failures,
    )


def has_cells(sizes: Sequence[int]) -> bool:
    """Return whether combinations are counted each; ``sizes`` are the numbers of values of the choices."""
    return prod(sizes) <= MOST_STRATA


@dataclass
class Counts:
    """What is counted of a run.

    Attributes
    ----------
    sizes : tuple of int
        Number of values of each choice.
    strata : Accumulator
        By combination of values, or all in one stratum.
    by_choice : list of Accumulator
        By value of each choice, without trajectories; empty where combinations are counted.
    """

    sizes: tuple[int, ...]
    strata: Accumulator
    by_choice: list[Accumulator]

    @classmethod
    def empty(cls, sizes: Sequence[int], accumulator: Callable[[int], Accumulator]) -> Counts:
        """Return counts of nothing; ``accumulator`` makes one with so many strata."""
        if has_cells(sizes):
            return cls(tuple(sizes), accumulator(prod(sizes)), [])
        return cls(tuple(sizes), accumulator(1), [_without_observables(accumulator(size)) for size in sizes])

    @property
    def nbytes(self) -> int:
        """Bytes of all counts."""
        return sum(array.nbytes for array in self.arrays)

    @property
    def arrays(self) -> list[IntArray]:
        """All counts, in a fixed order; not copied."""
        return [array for part in (self.strata, *self.by_choice) for array in part.arrays]

    def add(self, drawn: ByteArray, *, observed: Sequence[tuple[FloatArray, Grid]], **block: Any) -> None:
        """Count a block.

        Parameters
        ----------
        drawn : array of int8, shape (choices, draws)
            Positions of the values drawn.
        observed, **block
            As in `Accumulator.add`.
        """
        self.strata.add(strata=self._combined(drawn), observed=observed, **block)
        for accumulator, values in zip(self.by_choice, drawn, strict=bool(self.by_choice)):
            accumulator.add(strata=values.astype(np.int64), observed=(), **block)

    def _combined(self, drawn: ByteArray) -> IntArray:
        strata = np.zeros(drawn.shape[1], dtype=np.int64)
        if not self.by_choice:
            for size, values in zip(self.sizes, drawn, strict=True):
                strata = strata * size + values
        return strata

    def merge(self, other: Counts) -> None:
        """Add other counts of the same run."""
        for mine, theirs in zip(self.arrays, other.arrays, strict=True):
            np.add(mine, theirs, out=mine)


def _without_observables(accumulator: Accumulator) -> Accumulator:
    accumulator.observables = ()
    return accumulator


class CountsPool:
    """Counts that threads borrow, so that no two add to the same ones at a time.

    Parameters
    ----------
    empty : callable
        Makes counts of nothing.
    replicates : int
        Parts of the run that are counted apart.
    """

    def __init__(self, empty: Callable[[], Counts], replicates: int) -> None:
        self._empty = empty
        self._free: list[list[Counts]] = [[] for _ in range(replicates)]
        self._made = [0] * replicates
        self._most = 0
        self._changed = threading.Condition()

    @contextmanager
    def borrow(self, replicate: int) -> Iterator[Counts]:
        """Lend counts of a replicate; wait for those of another thread where memory allows no more."""
        with self._changed:
            while not self._free[replicate] and 0 < self._most <= self._made[replicate]:
                self._changed.wait()
            if self._free[replicate]:
                counts = self._free[replicate].pop()
            else:
                counts = self._empty()
                self._made[replicate] += 1
                self._most = most_counts(counts.nbytes, len(self._free))
        try:
            yield counts
        finally:
            with self._changed:
                self._free[replicate].append(counts)
                self._changed.notify()

    def totals(self) -> list[Counts]:
        """Return the counts of each replicate; nothing may be borrowed meanwhile."""
        totals = []
        for parts in self._free:
            total = self._empty()
            for part in parts:
                total.merge(part)
            totals.append(total)
        return totals


def most_counts(size: int, replicates: int) -> int:
    """Return how many counts of so many bytes a replicate may have at a time."""
    return max(1, _SHARED_BYTES // (size * replicates))
