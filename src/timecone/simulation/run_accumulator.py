"""Accumulator of a run: draws, runs, counts and stores its blocks as they come in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np

from timecone.inputs.designs import Design
from timecone.inputs.philox import stream_key, uniforms
from timecone.inputs.sampler import Block, Sampler
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.results.run_file.accumulator import Accumulator
from timecone.scenario.evidence import EvidenceInput
from timecone.schema import (
    BoolArray,
    ByteArray,
    Failure,
    FloatArray,
    Inclusion,
    IntArray,
    Reason,
    ShortArray,
    Status,
)
from timecone.simulation.counts import Counts, CountsPool, empty_accumulator
from timecone.simulation.engine import Span

#: The draws that the not-yet rule leaves.
_NOT_YET = (Inclusion.COUNTED, Inclusion.REMOVED_EVIDENCE)


class RunAccumulator:
    """Draws, runs and records blocks; safe to call from several threads.

    Parameters
    ----------
    model, sampler, design, setup
        What to run.
    computed : mapping
        Parameters that formulas give; draws in which one has no value or leaves its support have failed.
    not_yet : dict of int to float
        Position of a milestone to the date before which it must not lie.
    evidence : EvidenceInput, optional
        A measurement that draws are kept by, each with the probability of its likelihood.
    redraw : str
        The optional constraint for which draws are drawn again; where it does not hold, a draw has failed.
    seed : int
        Of the variates that decide it.
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
        evidence: EvidenceInput | None = None,
        redraw: str = "",
        seed: int = 0,
        draws: int,
        keep: int,
    ) -> None:
        self._model = model
        self._sampler = sampler
        self._design = design
        self._computed = [(sampler.names.index(name), p) for name, p in computed.items()]
        self._parameters = [p.name for p in model.parameters]
        #: Every way in which a draw can fail; a draw's code is 1 + the position here, 0 where it did not.
        self.failures = (
            *sampler.failures,
            *(_failure(Reason.OUTSIDE_SUPPORT, name) for name in computed),
            *(Failure(key, label) for key, label in model.failures.items()),
            *(Failure(c.name, f"not so in this draw: {c.meaning}") for c in model.constraints),
            *map(_failure, (Reason.NOT_A_NUMBER, Reason.NO_ANSWER)),
        )
        self._first_failures = np.full(len(self.failures), np.iinfo(np.int64).max)
        self._setup = setup
        # The scenario's own quantities follow the model's rows.
        self._rows = model.rows(setup)
        self._points = draws // design.replicates
        self._grid = setup.grid
        self._not_yet = not_yet
        self._evidence = evidence
        self._key = stream_key(seed, "evidence")
        names = [m.name for m in model.milestones]
        self._durations = [(names.index(d.begin), names.index(d.end)) for d in model.durations]
        self._headline = names.index(model.headline)
        self._grids, self._threshold_grids = model.grids, model.threshold_grids
        read = {p.name for p in model.parameters if p.is_read(setup.components)}
        self._constraints = [
            c
            for c in model.constraints
            if read.issuperset(c.parameters) and (not c.optional or c.name == redraw)
        ]
        #: Draws that were drawn again, and how often in all.
        self.redrawn, self.redraws = 0, 0
        self._extras = model.extras_of(setup.components)
        self._flags = [extra.name for extra in self._extras if extra.kind == "flag"]
        self._sizes = [len(choice.values) for choice in sampler.choices]
        stored = min(draws, keep)
        self.inputs = np.empty((len(sampler.names), stored))
        self.choices = np.empty((len(sampler.choices), stored), dtype=np.int8)
        self.arrival = np.empty((len(names), stored))
        self.status = np.empty((len(names), stored), dtype=np.int8)
        self.inclusion = np.empty(stored, dtype=np.int8)
        self.failure = np.empty(stored, dtype=np.int16)
        self.durations = np.empty((len(self._durations), stored))
        self.likelihood = None if evidence is None else np.empty(stored)
        self.thresholds = {name: np.empty(stored) for name in self._threshold_grids}
        self.extras: dict[str, FloatArray | ByteArray] = {
            extra.name: np.empty(stored, np.int8) if extra.kind == "flag" else np.empty(stored)
            for extra in self._extras
        }
        self._pool = CountsPool(self._empty, design.replicates)
        self._lock = threading.Lock()

    def __call__(self, span: Span) -> None:
        """Do one block."""
        block = self._sampler.draw(self._design, span.first, span.draws)
        if block.redraws is not None:
            with self._lock:
                self.redrawn += int(np.count_nonzero(block.redraws))
                self.redraws += int(block.redraws.sum())
        values = block.values[: self._rows]
        outcomes = self._model.outcomes(values, self._setup)
        failure = self._fail(block, outcomes)
        self._note_first(failure, span.first)
        early, likelihood = self._early(outcomes), self._likelihood(outcomes)
        inclusion = self._of_inclusion(span, outcomes, early, likelihood)
        durations = _between(outcomes.arrival, self._durations)
        thresholds = self._model.thresholds(values, self._setup) if self._threshold_grids else {}
        with self._pool.borrow(span.first // self._points) as counts:
            counts.add(
                block.choices,
                arrival=outcomes.arrival,
                status=outcomes.status,
                durations=durations,
                begins=[begin for begin, _ in self._durations],
                observed=[(outcomes.observed[name], grid) for name, grid in self._grids.items()],
                thresholds=[(thresholds[name], grid) for name, grid in self._threshold_grids.items()],
                inclusion=inclusion,
                flags=self._flag_rows(outcomes),
                headline=self._headline,
                early=early,
                likelihood=None
                if likelihood is None
                else np.where(np.isin(inclusion, _NOT_YET), likelihood, 0.0),
                failure=failure,
            )
        self._store(span, block, outcomes, inclusion, durations, thresholds)
        count = self.inclusion[span.first : span.first + span.draws].size
        self.failure[span.first : span.first + count] = failure[:count]
        if likelihood is not None and self.likelihood is not None:
            self.likelihood[span.first : span.first + count] = likelihood[:count]

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
        return Counts.empty(self._sizes, self._accumulator)

    def _accumulator(self, strata: int) -> Accumulator:
        return empty_accumulator(
            self._model,
            self._grid,
            strata,
            flags=len(self._flags),
            rules=len(self._not_yet),
            failures=len(self.failures),
        )

    @property
    def first_failures(self) -> IntArray:
        """Number of the first draw that failed in each way; meaningless where none did."""
        return self._first_failures.copy()

    def _note_first(self, failure: ShortArray, first: int) -> None:
        codes, places = np.unique(failure, return_index=True)
        failed = codes > 0
        with self._lock:
            np.minimum.at(self._first_failures, codes[failed] - 1, first + places[failed])

    def _fail(self, block: Block, outcomes: Outcomes) -> ShortArray:
        """Return why each draw has failed, and make the outcomes of those that have say nothing.

        Failed are the draws in which a parameter has no value or leaves its support, the model gives no
        answer, or an extra is not a number. They have no arrival and no flag; every other extra is infinite.
        """
        failure = np.zeros(block.values.shape[1], dtype=np.int16)

        def fail(draws: BoolArray, code: int | ShortArray) -> None:
            np.copyto(failure, np.asarray(code, dtype=np.int16), where=draws & (failure == 0))

        for name in self._parameters:
            if name in block.faults:
                fail(block.faults[name] != 0, block.faults[name])
        code = 1 + len(self._sampler.failures)
        for position, (row, parameter) in enumerate(self._computed):
            fail(~parameter.admits(block.values[row]), code + position)
        code += len(self._computed)
        if outcomes.failure is not None:
            fail(outcomes.failure != 0, code - 1 + outcomes.failure.astype(np.int16))
        code += len(self._model.failures)
        for position, constraint in enumerate(self._model.constraints):
            if constraint in self._constraints:
                rows = (block.values[self._parameters.index(name)] for name in constraint.parameters)
                fail(~np.asarray(constraint.holds(*rows), dtype=np.bool_), code + position)
        code += len(self._model.constraints)
        for extra in self._extras:
            fail(np.isnan(outcomes.extras[extra.name]), code)
        fail(np.any(outcomes.status == Status.FAILED, axis=0), code + 1)
        failed = failure != 0
        outcomes.arrival[:, failed] = np.inf
        outcomes.status[:, failed] = Status.FAILED
        for extra in self._extras:
            outcomes.extras[extra.name][failed] = 0.0 if extra.kind == "flag" else np.inf
        return failure

    def _flag_rows(self, outcomes: Outcomes) -> ByteArray:
        """Return the flags, shape (flags, draws)."""
        rows = np.zeros((len(self._flags), outcomes.arrival.shape[1]), dtype=np.int8)
        for k, name in enumerate(self._flags):
            rows[k] = outcomes.extras[name] != 0.0
        return rows

    def _early(self, outcomes: Outcomes) -> BoolArray:
        """Return whether a milestone of the not-yet rule comes too early, shape (rules, draws)."""
        rows = [
            (outcomes.arrival[milestone] < date) | (outcomes.status[milestone] == Status.BEFORE_START)
            for milestone, date in self._not_yet.items()
        ]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), outcomes.arrival.shape[1])

    def _likelihood(self, outcomes: Outcomes) -> FloatArray | None:
        """Return the likelihood of the evidence in each draw; None without evidence."""
        if self._evidence is None or outcomes.evidence is None:
            return None
        return self._evidence.likelihood(outcomes.evidence)

    def _variates(self, span: Span) -> FloatArray:
        """Return the uniform variates that decide which draws the evidence keeps."""
        # They come in pairs.
        before = span.first % 2
        out = np.empty(-(-(span.draws + before) // 2) * 2)
        uniforms(*self._key, span.first - before, out)
        return out[before : before + span.draws]

    def _of_inclusion(
        self, span: Span, outcomes: Outcomes, early: BoolArray, likelihood: FloatArray | None
    ) -> ByteArray:
        inclusion = np.full(outcomes.arrival.shape[1], Inclusion.COUNTED, dtype=np.int8)
        if likelihood is not None:
            inclusion[self._variates(span) >= likelihood] = Inclusion.REMOVED_EVIDENCE
        inclusion[early.any(axis=0)] = Inclusion.REMOVED_NOT_YET
        inclusion[np.any(outcomes.status == Status.FAILED, axis=0)] = Inclusion.FAILED
        return inclusion

    def _store(
        self,
        span: Span,
        block: Block,
        outcomes: Outcomes,
        inclusion: ByteArray,
        durations: FloatArray,
        thresholds: Mapping[str, FloatArray],
    ) -> None:
        count = min(span.draws, self.inclusion.size - span.first)
        if count <= 0:
            return
        at = slice(span.first, span.first + count)
        self.inputs[:, at] = block.values[:, :count]
        self.choices[:, at] = block.choices[:, :count]
        self.arrival[:, at] = outcomes.arrival[:, :count]
        self.status[:, at] = outcomes.status[:, :count]
        self.inclusion[at] = inclusion[:count]
        self.durations[:, at] = durations[:, :count]
        for name, levels in self.thresholds.items():
            levels[at] = thresholds[name][:count]
        for name, stored in self.extras.items():
            stored[at] = outcomes.extras[name][:count]


def _between(arrival: FloatArray, milestones: Sequence[tuple[int, int]]) -> FloatArray:
    """Return the time between two milestones, by pair and draw; +inf where either is not reached."""
    out = np.full((len(milestones), arrival.shape[1]), np.inf)
    for duration, (begin, end) in zip(out, milestones, strict=True):
        reached = np.isfinite(arrival[begin]) & np.isfinite(arrival[end])
        np.subtract(arrival[end], arrival[begin], out=duration, where=reached)
    return out


def _failure(reason: Reason, where: str = "") -> Failure:
    return Failure(reason.value, reason.label, where)
