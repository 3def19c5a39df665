"""Integration of all draws of a block: tiles of draws stepped through time together.

The draws of a tile are the inner loop, so that the compiler turns scalar component functions into vector
instructions. Every lane has a time of its own: when its draw has arrived the next draw takes its place, so no
lane waits for the slowest of its neighbours.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.components.automation import adopted_later
from timecone.models.compute.engine import layout
from timecone.models.compute.engine.crossing import check_range
from timecone.models.compute.engine.extrapolate import copy_lane, extrapolate
from timecone.models.compute.engine.heun import accept, step
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATE,
    EXTRAPOLATION,
    LAST,
    LEVEL,
    LOOPS,
    NOW,
    PASSING,
    RESULT,
    TILE,
    WORKSPACE,
)
from timecone.models.compute.engine.milestone import (
    BEYOND_RANGE,
    LEVELS,
    NOT_FINITE,
    TAKEN_OVER,
    TOO_MANY_BREAKTHROUGHS,
    outcome,
)
from timecone.models.compute.engine.refine import NO_FLAG, Lanes, flag_lanes, refine_lanes
from timecone.models.compute.engine.start import clear_lane, start_lane
from timecone.numerics.compiled import kernel
from timecone.schema import ByteArray, FloatArray, IntArray

NO_DRAW = -1

#: Per draw, beside dates and status: dates of data exhaustion and of the cap in years after the start, log10
#: FLOP of the run that passes the last level, whether that rests on a blow-up, why the draw failed (0 or one
#: of the codes of `milestone`), and the adopted share at the end of the step that is asked for.
EXTRAS = 6


@kernel
def empty_lanes() -> Lanes:
    """Return lanes without draws."""
    return Lanes(
        np.full(TILE, NO_DRAW),
        np.zeros(TILE, dtype=np.int64),
        np.zeros(TILE, dtype=np.int64),
        np.zeros(TILE, dtype=np.int64),
    )


@kernel
def next_step(
    work: FloatArray, lanes: Lanes, stride: int, length: float, breakthroughs: FloatArray, features: int
) -> None:
    """Take every lane through its next step."""
    steps = lanes.steps
    for lane in range(TILE):
        work[PASSING.elapsed + lane] = (steps[lane] + 1) * length
    # An attribute: a bare name is a literal to Numba, which would compile and unroll every loop for it.
    step(work, layout.TILE, length, features)
    flags = flag_lanes(work, features)
    if flags != NO_FLAG:
        refine_lanes(work, flags, lanes, stride, length, breakthroughs, features)
    accept(work, layout.TILE)
    for lane in range(TILE):
        steps[lane] += 1


@kernel
def _write_outcome(
    work: FloatArray,
    lane: int,
    failure: float,
    start: float,
    horizon: float,
    missing: float,
    arrival: FloatArray,
    status: ByteArray,
    extras: FloatArray,
) -> None:
    """Write date and status of every milestone of one draw, and its extras.

    ``missing`` is by how many years it arrived before the adopted share is asked for.
    """
    for m in range(LEVELS):
        elapsed, level = work[DATE + m * TILE + lane], work[LEVEL + m * TILE + lane]
        arrival[m], status[m] = outcome(failure > 0.0, level, start + elapsed, start, horizon)
    date, level = start + work[RESULT.adoption_date + lane], work[LEVEL + lane]
    arrival[TAKEN_OVER], status[TAKEN_OVER] = outcome(failure > 0.0, level, date, start, horizon)
    extras[0] = work[RESULT.wall_date + lane]
    extras[1] = work[RESULT.cap_date + lane]
    extras[2] = work[RESULT.compute_at + lane]
    extras[3] = work[RESULT.blow_up + lane]
    extras[4] = failure
    if missing > 0.0:
        extras[5] = adopted_later(work[NOW.adopted + lane], missing, work[AUTOMATION.lag + lane])


@kernel
def _write_observation(
    work: FloatArray,
    lane: int,
    n: int,
    stride: int,
    evidence_step: int,
    observed: FloatArray,
    extras: FloatArray,
) -> None:
    """Write what is observed of a lane at the end of step n."""
    if n % stride == 0:
        observed[n // stride] = work[NOW.effective + lane]
    if n == evidence_step:
        extras[5] = work[NOW.adopted + lane]


@kernel
def _failure(work: FloatArray, lane: int, exhausted: bool) -> float:
    """Return why a draw that is over has failed, 0 if it has not."""
    if exhausted:
        return TOO_MANY_BREAKTHROUGHS
    if not math.isfinite(work[NOW.effective + lane]):
        return NOT_FINITE
    if work[LEVEL + LAST + lane] == math.inf:
        return 0.0
    check_range(work, lane, NOW)
    return BEYOND_RANGE if work[RESULT.beyond_range + lane] > 0.0 else 0.0


@kernel
def _extrapolate_all(waiting: FloatArray, held: IntArray, count: int, observed: FloatArray) -> None:
    """Observe the extrapolated draws, the first ``count`` lanes of ``waiting``, until the last time."""
    for k in range(1, observed.shape[0]):
        extrapolate(waiting, k)
        for lane in range(count):
            if k >= waiting[EXTRAPOLATION.since + lane]:
                observed[k, held[lane]] = waiting[PASSING.predicted + lane]


@kernel
def _run(  # noqa: PLR0917 - a kernel's arguments are arrays
    work: FloatArray,
    waiting: FloatArray,
    lanes: Lanes,
    held: IntArray,
    inputs: FloatArray,
    breakthroughs: FloatArray,
    starts: FloatArray,
    order: IntArray,
    features: int,
    start: float,
    horizon: float,
    length: float,
    steps: int,
    stride: int,
    evidence_step: int,
    arrival: FloatArray,
    status: ByteArray,
    extras: FloatArray,
    observed: FloatArray,
) -> None:
    """Run all draws of a block in a workspace; see `run_tiles`.

    ``waiting`` is the workspace of the extrapolated draws, and ``held`` says which they are.
    """
    events = breakthroughs.shape[1]
    draw, done, past, passed = lanes
    taken, extrapolated, running = 0, layout.FIRST, 1
    while running > 0:
        running = 0
        for lane in range(TILE):
            i = draw[lane]
            if i != NO_DRAW:
                _write_observation(work, lane, done[lane], stride, evidence_step, observed[:, i], extras[i])
            # A draw may be over before its first step, so one lane may take several.
            while i == NO_DRAW or done[lane] == steps or (features & LOOPS and passed[lane] == LEVELS):
                if i != NO_DRAW:
                    failure = _failure(work, lane, events > 0 and past[lane] == events)
                    missing = (evidence_step - done[lane]) * length
                    _write_outcome(
                        work, lane, failure, start, horizon, missing, arrival[i], status[i], extras[i]
                    )
                    if work[EXTRAPOLATION.since + lane] < observed.shape[0]:
                        copy_lane(work, lane, waiting, extrapolated)
                        held[extrapolated] = i
                        extrapolated += 1
                    if extrapolated == TILE:
                        _extrapolate_all(waiting, held, extrapolated, observed)
                        extrapolated = layout.FIRST
                if taken == order.size:
                    draw[lane] = NO_DRAW
                    clear_lane(work, lane)
                    break
                i = order[taken]
                taken += 1
                draw[lane] = i
                start_lane(work, lane, lanes, inputs, starts, breakthroughs, start, stride, length, features)
                observed[0, i] = work[NOW.effective + lane]
                extras[i, 5] = work[NOW.adopted + lane]
            running += draw[lane] != NO_DRAW
        if running > 0:
            next_step(work, lanes, stride, length, breakthroughs, features)
    _extrapolate_all(waiting, held, extrapolated, observed)


@kernel
def run_tiles(  # noqa: PLR0917 - a kernel's arguments are arrays
    inputs: FloatArray,
    breakthroughs: FloatArray,
    starts: FloatArray,
    order: IntArray,
    features: int,
    start: float,
    horizon: float,
    length: float,
    steps: int,
    stride: int,
    evidence_step: int,
    arrival: FloatArray,
    status: ByteArray,
    extras: FloatArray,
    observed: FloatArray,
) -> None:
    """Run all draws of a block.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Natural values in the model's units.
    breakthroughs : array, shape (draws, events)
        Times of breakthroughs since the start, increasing; no events where there are none.
    starts : array, shape (shocks, draws)
        When supply shock, pause and winter begin, years after the start; +inf for never.
    order : array of int, shape (draws,)
        In which order to take the draws; changes no result. Feedback that has not begun in any lane costs
        nothing, so draws in which it begins at about the same time should lie together.
    features : int
        Bits of the components that are on, see `parameters.BIT`.
    start, horizon, length : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    evidence_step : int
        The step at whose end the adopted share is written; 0 for the start.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    extras : array, shape (draws, EXTRAS)
        Filled; see `EXTRAS`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    # Apart from the loop over the draws, which then counts no references to arrays.
    work, waiting = np.zeros(WORKSPACE), np.zeros(WORKSPACE)
    lanes, held = empty_lanes(), np.zeros(TILE, dtype=np.int64)
    _run(
        work,
        waiting,
        lanes,
        held,
        inputs,
        breakthroughs,
        starts,
        order,
        features,
        start,
        horizon,
        length,
        steps,
        stride,
        evidence_step,
        arrival,
        status,
        extras,
        observed,
    )
