"""Simulation of a block of draws: inputs, outcomes of the model, failures and inclusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from timecone.inputs.designs import Design
from timecone.inputs.philox import Word, stream_key, uniforms
from timecone.inputs.sampler import Block
from timecone.models.model import Outcomes
from timecone.scenario.scenario import Scenario
from timecone.schema import (
    LIKELIHOOD_RULE,
    NOT_YET_LIKELIHOOD,
    SHIFT,
    SHIFT_RULE,
    BoolArray,
    ByteArray,
    Failure,
    FloatArray,
    Inclusion,
    Reason,
    ShortArray,
    Status,
)
from timecone.simulation.threads import Span
from timecone.units import decimal_year


class SimulatedBlock(NamedTuple):
    """Inputs, outcomes and status of a block of draws.

    Attributes
    ----------
    span : Span
        Which draws these are.
    block : Block
        Their inputs.
    outcomes : Outcomes
        The outcomes of the model; those of failed draws are blank.
    failure : array of int16, shape (draws,)
        Why each draw failed: 0 if it did not, else 1 + the position in `BlockSimulator.failures`.
    inclusion : array of int8, shape (draws,)
        Whether each draw counts.
    durations : array, shape (durations, draws)
        Years between two milestones; +inf where either is not reached.
    thresholds : mapping of str to array, shape (draws,)
        The model's thresholds.
    early : array of bool, shape (rules, draws)
        Whether a milestone under the not-yet rule arrives too early, before a shift.
    likelihood : array, shape (draws,), optional
        Likelihood of the evidence; None without evidence.
    not_yet : mapping of str to array, shape (draws,)
        What a softer not-yet rule makes of each draw: the probability with which it is kept, or its shift.
    weight : array, shape (draws,), optional
        The probability with which each draw is kept by evidence and a softer rule together; 0 where it failed
        or is removed. None where no draw is kept with a probability.
    """

    span: Span
    block: Block
    outcomes: Outcomes
    failure: ShortArray
    inclusion: ByteArray
    durations: FloatArray
    thresholds: Mapping[str, FloatArray]
    early: BoolArray
    likelihood: FloatArray | None
    not_yet: Mapping[str, FloatArray]
    weight: FloatArray | None


class BlockSimulator:
    """Simulates the blocks of a run: a pure function of the block, to be called from any thread or machine.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    design : Design
        Design of the sampling points.
    seed : int
        Seed of the variates that decide which draws the evidence keeps.
    """

    def __init__(self, scenario: Scenario, design: Design, seed: int) -> None:
        model, sampler, setup = scenario.definition, scenario.compiled.sampler, scenario.setup
        computed = scenario.compiled.computed
        self.model, self.sampler, self.design, self.setup = model, sampler, design, setup
        #: Every way in which a draw can fail; a failed draw has the code 1 + the position here, any other 0.
        self.failures = (
            *sampler.failures,
            *(_failure(Reason.OUTSIDE_SUPPORT, name) for name in computed),
            *(Failure(key, label) for key, label in model.failures.items()),
            *(Failure(c.name, f"not satisfied: {c.meaning}") for c in model.constraints),
            *map(_failure, (Reason.NOT_A_NUMBER, Reason.NO_ANSWER)),
        )
        #: Rows of a block that the model reads; the scenario's own quantities follow them.
        self.rows = model.rows(setup)
        #: Milestones by position, and the date before which each must not lie.
        names = [m.name for m in model.milestones]
        self.not_yet = {names.index(n): decimal_year(scenario.as_of) for n in scenario.not_yet_milestones}
        #: Positions of the milestones with which each duration begins and ends.
        self.durations = [(names.index(d.begin), names.index(d.end)) for d in model.durations]
        self.extras = model.extras_of(setup.components)
        self.evidence = scenario.evidence
        self._computed = [(sampler.names.index(name), p) for name, p in computed.items()]
        self._parameters = [p.name for p in model.parameters]
        self._key, self._rule_key = stream_key(seed, "evidence"), stream_key(seed, "not_yet")
        self.rule, self._as_of = scenario.not_yet, decimal_year(scenario.as_of)
        self._rule_milestones = tuple(names[milestone] for milestone in self.not_yet)
        redraw = "" if scenario.redraw is None else scenario.redraw.constraint
        read = {p.name for p in model.parameters if p.is_read(setup.components)}
        self._constraints = [
            c
            for c in model.constraints
            if read.issuperset(c.parameters) and (not c.optional or c.name == redraw)
        ]

    def __call__(self, span: Span) -> SimulatedBlock:
        """Simulate one block."""
        block = self.sampler.draw(self.design, span.first, span.draws)
        values = block.values[: self.rows]
        outcomes = self.model.outcomes(values, self.setup)
        failure = self._fail(block, outcomes)
        early, likelihood = self._early(outcomes), self._likelihood(outcomes)
        not_yet = self._soften(span, outcomes, early)
        inclusion = self._of_inclusion(span, outcomes, early, likelihood, not_yet)
        return SimulatedBlock(
            span,
            block,
            outcomes,
            failure,
            inclusion,
            _between(outcomes.arrival, self.durations),
            self.model.thresholds(values, self.setup) if self.model.threshold_grids else {},
            early,
            likelihood,
            not_yet,
            self._weight(inclusion, likelihood, not_yet),
        )

    def _fail(self, block: Block, outcomes: Outcomes) -> ShortArray:
        """Return why each draw failed, and blank the outcomes of failed draws.

        A draw fails if a parameter has no value or leaves its support, if the model gives no answer, or if
        an extra is not a number. It then has no arrival and no flag, and every other extra is infinite.
        """
        failure = np.zeros(block.values.shape[1], dtype=np.int16)

        def fail(draws: BoolArray, code: int | ShortArray) -> None:
            np.copyto(failure, np.asarray(code, dtype=np.int16), where=draws & (failure == 0))

        for name in self._parameters:
            if name in block.faults:
                fail(block.faults[name] != 0, block.faults[name])
        code = 1 + len(self.sampler.failures)
        for position, (row, parameter) in enumerate(self._computed):
            fail(~parameter.admits(block.values[row]), code + position)
        code += len(self._computed)
        of_model, code = code, code + len(self.model.failures)
        # Constraints come first: where one is broken, what the model makes of it is no reason.
        for position, constraint in enumerate(self.model.constraints):
            if constraint in self._constraints:
                rows = (block.values[self._parameters.index(name)] for name in constraint.parameters)
                fail(~np.asarray(constraint.holds(*rows), dtype=np.bool_), code + position)
        if outcomes.failure is not None:
            fail(outcomes.failure != 0, of_model - 1 + outcomes.failure.astype(np.int16))
        code += len(self.model.constraints)
        for extra in self.extras:
            fail(np.isnan(outcomes.extras[extra.name]), code)
        fail(np.any(outcomes.status == Status.FAILED, axis=0), code + 1)
        failed = failure != 0
        outcomes.arrival[:, failed] = np.inf
        outcomes.status[:, failed] = Status.FAILED
        for extra in self.extras:
            outcomes.extras[extra.name][failed] = 0.0 if extra.kind == "flag" else np.inf
        return failure

    def _early(self, outcomes: Outcomes) -> BoolArray:
        """Return whether a milestone under the not-yet rule arrives too early, shape (rules, draws)."""
        rows = [
            (outcomes.arrival[milestone] < date) | (outcomes.status[milestone] == Status.BEFORE_START)
            for milestone, date in self.not_yet.items()
        ]
        return np.array(rows, dtype=np.bool_).reshape(len(rows), outcomes.arrival.shape[1])

    def _likelihood(self, outcomes: Outcomes) -> FloatArray | None:
        """Return the likelihood of the evidence in each draw; None without evidence."""
        if self.evidence is None or outcomes.evidence is None:
            return None
        return self.evidence.likelihood(outcomes.evidence)

    def _soften(self, span: Span, outcomes: Outcomes, early: BoolArray) -> dict[str, FloatArray]:
        """Return what a softer not-yet rule makes of each draw; under a shift, move the dates later."""
        if self.rule.rule == LIKELIHOOD_RULE:
            return {NOT_YET_LIKELIHOOD: self.rule.likelihood(early, self._rule_milestones)}
        if self.rule.rule != SHIFT_RULE:
            return {}
        dates = outcomes.arrival[list(self.not_yet)]
        shift = self.rule.shift(dates, early, self._as_of, _variates(self._rule_key, span))
        np.add(outcomes.arrival, shift, out=outcomes.arrival)
        late = np.isfinite(outcomes.arrival) & ~(outcomes.arrival < self.setup.grid.horizon)
        outcomes.arrival[late] = np.inf
        outcomes.status[late] = Status.NOT_BY_HORIZON
        for extra in self.extras:
            if extra.kind == "date":
                moved = outcomes.extras[extra.name] + shift
                outcomes.extras[extra.name][:] = np.where(moved < self.setup.grid.horizon, moved, np.inf)
        return {SHIFT: shift}

    def _of_inclusion(
        self,
        span: Span,
        outcomes: Outcomes,
        early: BoolArray,
        likelihood: FloatArray | None,
        not_yet: Mapping[str, FloatArray],
    ) -> ByteArray:
        inclusion = np.full(outcomes.arrival.shape[1], Inclusion.COUNTED, dtype=np.int8)
        if likelihood is not None:
            inclusion[_variates(self._key, span) >= likelihood] = Inclusion.REMOVED_EVIDENCE
        if NOT_YET_LIKELIHOOD in not_yet:
            missed = _variates(self._rule_key, span) < not_yet[NOT_YET_LIKELIHOOD]
            inclusion[~missed] = Inclusion.REMOVED_NOT_YET
        elif SHIFT not in not_yet:
            inclusion[early.any(axis=0)] = Inclusion.REMOVED_NOT_YET
        inclusion[np.any(outcomes.status == Status.FAILED, axis=0)] = Inclusion.FAILED
        return inclusion

    def _weight(
        self, inclusion: ByteArray, likelihood: FloatArray | None, not_yet: Mapping[str, FloatArray]
    ) -> FloatArray | None:
        """Return the probability with which each draw is kept; None where that is 0 or 1 for every draw."""
        kept = not_yet.get(NOT_YET_LIKELIHOOD)
        if kept is None:
            if likelihood is None:
                return None
            counts = np.isin(inclusion, (Inclusion.COUNTED, Inclusion.REMOVED_EVIDENCE))
            return np.where(counts, likelihood, 0.0)
        both = kept if likelihood is None else kept * likelihood
        return np.where(inclusion == Inclusion.FAILED, 0.0, both)


def _variates(key: tuple[Word, Word], span: Span) -> FloatArray:
    """Return the uniform variates of a stream that decide what a rule makes of each draw."""
    # Variates are generated in pairs.
    before = span.first % 2
    out = np.empty(-(-(span.draws + before) // 2) * 2)
    uniforms(*key, span.first - before, out)
    return out[before : before + span.draws]


def _between(arrival: FloatArray, milestones: Sequence[tuple[int, int]]) -> FloatArray:
    """Return the time between two milestones, by pair and draw; +inf where either is not reached."""
    out = np.full((len(milestones), arrival.shape[1]), np.inf)
    for duration, (begin, end) in zip(out, milestones, strict=True):
        reached = np.isfinite(arrival[begin]) & np.isfinite(arrival[end])
        np.subtract(arrival[end], arrival[begin], out=duration, where=reached)
    return out


def _failure(reason: Reason, where: str = "") -> Failure:
    return Failure(reason.value, reason.label, where)
