"""Tally of a run: whole numbers, which add up exactly in any order and on any machine."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from timecone.results.run_file.accumulator import Accumulator
from timecone.schema import ByteArray, Inclusion, IntArray, ShortArray
from timecone.simulation.block import BlockSimulator, SimulatedBlock
from timecone.simulation.counts import Counts, CountsPool, empty_accumulator

_NONE = np.iinfo(np.int64).max


@dataclass
class Tally:
    """Counts of some blocks of a run.

    Attributes
    ----------
    counts : list of Counts
        Counts by replicate.
    first_failures : array of int64, shape (failures,)
        Index of the first draw that failed in each way; the largest int64 where none did.
    redrawn, redraws : int
        Number of draws that were drawn again, and of redraws in all.
    contradicted : int
        Number of draws that did not fail and date a milestone of the not-yet rule too early.
    """

    counts: list[Counts]
    first_failures: IntArray
    redrawn: int = 0
    redraws: int = 0
    contradicted: int = 0

    def merge(self, other: Tally) -> None:
        """Add the tally of other blocks of the same run."""
        for mine, theirs in zip(self.counts, other.counts, strict=True):
            mine.merge(theirs)
        np.minimum(self.first_failures, other.first_failures, out=self.first_failures)
        self.redrawn += other.redrawn
        self.redraws += other.redraws
        self.contradicted += other.contradicted

    @property
    def arrays(self) -> list[IntArray]:
        """All numbers, in a fixed order; the arrays of the counts are not copied."""
        numbers = np.array([self.redrawn, self.redraws, self.contradicted], dtype=np.int64)
        return [self.first_failures, numbers, *(a for counts in self.counts for a in counts.arrays)]

    def fill(self, arrays: list[IntArray]) -> None:
        """Set all numbers to those of another tally of the same run, in the order of `arrays`.

        Raises
        ------
        ValueError
            The arrays do not fit this run.
        """
        for mine, theirs in zip(self.arrays, arrays, strict=True):
            if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
                raise ValueError("arrays of another run")
            mine[...] = theirs
        self.redrawn, self.redraws, self.contradicted = map(int, arrays[1])


class TallyKeeper:
    """Counts blocks; safe to call from several threads.

    Parameters
    ----------
    simulator : BlockSimulator
        Simulates the blocks.
    draws : int
        Number of draws of the whole run.
    """

    def __init__(self, simulator: BlockSimulator, draws: int) -> None:
        self._simulator = simulator
        model, design = simulator.model, simulator.design
        self._points = draws // design.replicates
        self._headline = [m.name for m in model.milestones].index(model.headline)
        self._flags = [extra.name for extra in simulator.extras if extra.kind == "flag"]
        self._sizes = [len(choice.values) for choice in simulator.sampler.choices]
        self._pool = CountsPool(self._empty, design.replicates)
        self._rest = self.empty(0)
        self._lock = threading.Lock()

    def __call__(self, simulated: SimulatedBlock) -> None:
        """Count one block."""
        span, block, outcomes, failure, inclusion, durations, thresholds, early, *_ = simulated
        model = self._simulator.model
        with self._pool.borrow(span.first // self._points) as counts:
            counts.add(
                block.choices,
                arrival=outcomes.arrival,
                status=outcomes.status,
                durations=durations,
                begins=[begin for begin, _ in self._simulator.durations],
                observed=[(outcomes.observed[name], grid) for name, grid in model.grids.items()],
                thresholds=[(thresholds[name], grid) for name, grid in model.threshold_grids.items()],
                inclusion=inclusion,
                flags=self._flag_rows(simulated),
                headline=self._headline,
                early=early,
                likelihood=simulated.weight,
                failure=failure,
            )
        contradicted = int(np.count_nonzero(early.any(axis=0) & (inclusion != Inclusion.FAILED)))
        self._note(failure, block.redraws, span.first, contradicted)

    def empty(self, replicates: int | None = None) -> Tally:
        """Return an empty tally."""
        count = self._simulator.design.replicates if replicates is None else replicates
        return Tally([self._empty() for _ in range(count)], np.full(len(self._simulator.failures), _NONE))

    def total(self) -> Tally:
        """Return the tally of all blocks so far. No block may be counted meanwhile."""
        rest = self._rest
        return Tally(
            self._pool.totals(), rest.first_failures.copy(), rest.redrawn, rest.redraws, rest.contradicted
        )

    def add(self, tally: Tally) -> None:
        """Add the tally of blocks that were counted elsewhere."""
        for replicate, theirs in enumerate(tally.counts):
            with self._pool.borrow(replicate) as counts:
                counts.merge(theirs)
        with self._lock:
            rest = Tally([], tally.first_failures, tally.redrawn, tally.redraws, tally.contradicted)
            self._rest.merge(rest)

    def reset(self, tally: Tally) -> None:
        """Replace the tally of all blocks by this one."""
        self._pool = CountsPool(self._empty, self._simulator.design.replicates)
        self._rest = self.empty(0)
        self.add(tally)

    def _empty(self) -> Counts:
        return Counts.empty(self._sizes, self._accumulator)

    def _accumulator(self, strata: int) -> Accumulator:
        simulator = self._simulator
        return empty_accumulator(
            simulator.model,
            simulator.setup.grid,
            strata,
            flags=len(self._flags),
            rules=len(simulator.not_yet),
            failures=len(simulator.failures),
        )

    def _note(self, failure: ShortArray, redraws: IntArray | None, first: int, contradicted: int) -> None:
        """Note the first failures of a block, what was drawn again, and what the not-yet rule contradicts."""
        codes, places = np.unique(failure, return_index=True)
        failed = codes > 0
        with self._lock:
            np.minimum.at(self._rest.first_failures, codes[failed] - 1, first + places[failed])
            self._rest.contradicted += contradicted
            if redraws is not None:
                self._rest.redrawn += int(np.count_nonzero(redraws))
                self._rest.redraws += int(redraws.sum())

    def _flag_rows(self, simulated: SimulatedBlock) -> ByteArray:
        """Return the flags, shape (flags, draws)."""
        rows = np.zeros((len(self._flags), simulated.span.draws), dtype=np.int8)
        for k, name in enumerate(self._flags):
            rows[k] = simulated.outcomes.extras[name] != 0.0
        return rows
