"""Everything that is kept of a run while its blocks come in."""

from __future__ import annotations

import threading

import numpy as np

from timecone.inputs.sampler import Block, Sampler
from timecone.models.model import Model, Outcomes, TimeGrid
from timecone.results.tally import Tally
from timecone.schema import ByteArray, FloatArray, IntArray, Standing, Status
from timecone.simulation.engine import Span


class Collector:
    """Draws, runs and records blocks; safe to call from several threads.

    Parameters
    ----------
    model, sampler, grid
        What to run.
    not_yet : dict of int to float
        Position of a milestone to the date before which it must not lie.
    draws, keep : int
        All draws, and how many of the first are stored in full.
    """

    def __init__(
        self,
        model: Model,
        sampler: Sampler,
        grid: TimeGrid,
        *,
        not_yet: dict[int, float],
        draws: int,
        keep: int,
    ) -> None:
        self._model = model
        self._sampler = sampler
        self._grid = grid
        self._not_yet = not_yet
        names = [m.name for m in model.milestones]
        self._takeoff = (names.index(model.takeoff[0]), names.index(model.takeoff[1]))
        self._threshold = next(iter(model.thresholds))
        self.cells = int(np.prod([len(c.values) for c in sampler.choices], dtype=np.int64))
        stored = min(draws, keep)
        self.inputs = np.empty((len(sampler.names), stored))
        self.choices = np.empty((len(sampler.choices), stored), dtype=np.int8)
        self.arrival = np.empty((len(names), stored))
        self.status = np.empty((len(names), stored), dtype=np.int8)
        self.standing = np.empty(stored, dtype=np.int8)
        self.takeoff = np.empty(stored)
        self.threshold = np.empty(stored)
        self._tallies: list[Tally] = []
        self._local = threading.local()
        self._lock = threading.Lock()

    def __call__(self, span: Span) -> None:
        """Do one block."""
        block = self._sampler.draw(span.first, span.draws)
        outcomes = self._model.outcomes(block.values, self._grid)
        standing = self._standing(outcomes)
        takeoff = _duration(outcomes.arrival, self._takeoff)
        threshold = self._model.levels(block.values, self._grid)[self._threshold]
        self._tally().add(
            arrival=outcomes.arrival,
            status=outcomes.status,
            takeoff=takeoff,
            takeoff_start=self._takeoff[0],
            levels=outcomes.observed,
            threshold=threshold,
            standing=standing,
            cells=self._cells(block.choices),
        )
        self._store(span, block, outcomes, standing, takeoff, threshold)

    def tally(self) -> Tally:
        """Return the counts of all blocks done."""
        total = self._empty()
        for part in self._tallies:
            total.merge(part)
        return total

    def _empty(self) -> Tally:
        return Tally.empty(
            float(np.floor(self._grid.start)),
            self._grid.horizon,
            milestones=len(self.arrival),
            cells=self.cells,
            times=len(self._grid.observed_times),
        )

    def _tally(self) -> Tally:
        if not hasattr(self._local, "tally"):
            self._local.tally = self._empty()
            with self._lock:
                self._tallies.append(self._local.tally)
        found: Tally = self._local.tally
        return found

    def _cells(self, drawn: ByteArray) -> IntArray:
        cells = np.zeros(drawn.shape[1], dtype=np.int64)
        for k, choice in enumerate(self._sampler.choices):
            cells = cells * len(choice.values) + drawn[k]
        return cells

    def _standing(self, outcomes: Outcomes) -> ByteArray:
        standing = np.full(outcomes.arrival.shape[1], Standing.COUNTED, dtype=np.int8)
        for milestone, date in self._not_yet.items():
            early = (outcomes.arrival[milestone] < date) | (outcomes.status[milestone] == Status.BEFORE_START)
            standing[early] = Standing.REMOVED_NOT_YET
        standing[np.any(outcomes.status == Status.FAILED, axis=0)] = Standing.FAILED
        return standing

    def _store(
        self,
        span: Span,
        block: Block,
        outcomes: Outcomes,
        standing: ByteArray,
        takeoff: FloatArray,
        threshold: FloatArray,
    ) -> None:
        count = min(span.draws, self.standing.size - span.first)
        if count <= 0:
            return
        at = slice(span.first, span.first + count)
        self.inputs[:, at] = block.values[:, :count]
        self.choices[:, at] = block.choices[:, :count]
        self.arrival[:, at] = outcomes.arrival[:, :count]
        self.status[:, at] = outcomes.status[:, :count]
        self.standing[at] = standing[:count]
        self.takeoff[at] = takeoff[:count]
        self.threshold[at] = threshold[:count]


def _duration(arrival: FloatArray, milestones: tuple[int, int]) -> FloatArray:
    """Return the time between two milestones of each draw; +inf where the second is not reached."""
    begin, end = arrival[milestones[0]], arrival[milestones[1]]
    duration = np.full(end.shape, np.inf)
    np.subtract(end, begin, out=duration, where=np.isfinite(end))
    return duration
