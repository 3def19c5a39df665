"""Everything that is kept of a run while its blocks come in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from timecone.inputs.designs import Design
from timecone.inputs.sampler import Block, Sampler
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.results.tally import Tally
from timecone.schema import ByteArray, FloatArray, Standing, Status
from timecone.simulation.counts import Counts, CountsPool
from timecone.simulation.engine import Span


class Collector:
    """Draws, runs and records blocks; safe to call from several threads.

    Parameters
    ----------
    model, sampler, design, setup
        What to run.
    computed : mapping
        Parameters that formulas give; draws in which one leaves its support have failed.
    not_yet : dict of int to float
        Position of a milestone to the date before which it must not lie.
    draws, keep : int
        All draws, and how many of the first are stored in full.
    """

    def __init__(
        self,
        model: Model,
        sampler: Sampler,
        design: Design,
        setup: Setup,
        *,
        computed: Mapping[str, Parameter],
        not_yet: dict[int, float],
        draws: int,
        keep: int,
    ) -> None:
        self._model = model
        self._sampler = sampler
        self._design = design
        self._computed = [(sampler.names.index(name), p) for name, p in computed.items()]
        self._setup = setup
        # The scenario's own quantities follow the model's rows.
        self._rows = model.rows(setup)
        self._points = draws // design.replicates
        self._grid = setup.grid
        self._not_yet = not_yet
        names = [m.name for m in model.milestones]
        self._takeoff = (names.index(model.takeoff[0]), names.index(model.takeoff[1]))
        self._headline = names.index(model.headline)
        self._threshold = next(iter(model.thresholds))
        self._extras = model.extras_of(setup.components)
        self._flags = [extra.name for extra in self._extras if extra.kind == "flag"]
        self._sizes = [len(choice.values) for choice in sampler.choices]
        stored = min(draws, keep)
        self.inputs = np.empty((len(sampler.names), stored))
        self.choices = np.empty((len(sampler.choices), stored), dtype=np.int8)
        self.arrival = np.empty((len(names), stored))
        self.status = np.empty((len(names), stored), dtype=np.int8)
        self.standing = np.empty(stored, dtype=np.int8)
        self.takeoff = np.empty(stored)
        self.threshold = np.empty(stored)
        self.extras: dict[str, FloatArray | ByteArray] = {
            extra.name: np.empty(stored, np.int8) if extra.kind == "flag" else np.empty(stored)
            for extra in self._extras
        }
        self._pool = CountsPool(self._empty, design.replicates)

    def __call__(self, span: Span) -> None:
        """Do one block."""
        block = self._sampler.draw(self._design, span.first, span.draws)
        values = block.values[: self._rows]
        outcomes = self._model.outcomes(values, self._setup)
        self._fail(block.values, outcomes)
        standing = self._standing(outcomes)
        takeoff = _duration(outcomes.arrival, self._takeoff)
        threshold = self._model.levels(values, self._setup)[self._threshold]
        with self._pool.borrow(span.first // self._points) as counts:
            counts.add(
                block.choices,
                arrival=outcomes.arrival,
                status=outcomes.status,
                takeoff=takeoff,
                takeoff_start=self._takeoff[0],
                levels=outcomes.observed,
                threshold=threshold,
                standing=standing,
                flags=self._flag_rows(outcomes),
                headline=self._headline,
            )
        self._store(span, block, outcomes, standing, takeoff, threshold)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stored inputs."""
        return self._sampler.names

    def model_inputs(self, count: int) -> FloatArray:
        """Return the first draws of what the model reads, shape (rows, count)."""
        return np.ascontiguousarray(self.inputs[: self._rows, :count])

    def counts(self) -> list[Counts]:
        """Return the counts of all blocks done, by replicate."""
        return self._pool.totals()

    def _empty(self) -> Counts:
        return Counts.empty(self._sizes, self._tally)

    def _tally(self, cells: int) -> Tally:
        return Tally.empty(
            float(np.floor(self._grid.start)),
            self._grid.horizon,
            milestones=len(self.arrival),
            cells=cells,
            times=len(self._grid.observed_times),
            flags=len(self._flags),
        )

    def _fail(self, values: FloatArray, outcomes: Outcomes) -> None:
        """Call those draws failed in which a formula leaves a parameter's support, or an extra is no number.

        What has failed says nothing: no arrival, no flag, every other extra infinite.
        """
        bad = np.zeros(values.shape[1], dtype=np.bool_)
        for row, parameter in self._computed:
            bad |= ~parameter.admits(values[row])
        for extra in self._extras:
            bad |= np.isnan(outcomes.extras[extra.name])
        outcomes.arrival[:, bad] = np.inf
        outcomes.status[:, bad] = Status.FAILED
        failed = np.any(outcomes.status == Status.FAILED, axis=0)
        for extra in self._extras:
            outcomes.extras[extra.name][failed] = 0.0 if extra.kind == "flag" else np.inf

    def _flag_rows(self, outcomes: Outcomes) -> ByteArray:
        """Return the flags, shape (flags, draws)."""
        rows = np.zeros((len(self._flags), outcomes.arrival.shape[1]), dtype=np.int8)
        for k, name in enumerate(self._flags):
            rows[k] = outcomes.extras[name] != 0.0
        return rows

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
        for name, stored in self.extras.items():
            stored[at] = outcomes.extras[name][:count]


def _duration(arrival: FloatArray, milestones: tuple[int, int]) -> FloatArray:
    """Return the time between two milestones of each draw; +inf where the second is not reached."""
    begin, end = arrival[milestones[0]], arrival[milestones[1]]
    duration = np.full(end.shape, np.inf)
    np.subtract(end, begin, out=duration, where=np.isfinite(end))
    return duration
