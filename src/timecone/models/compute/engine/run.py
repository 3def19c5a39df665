"""The full model's kernel: tiles of draws stepped through time together.

The draws of a tile are the inner loop, so that the compiler turns scalar component functions into vector
instructions. Every lane has a time of its own: when its draw has arrived the next one takes its place, so
no lane waits for the slowest of its neighbours.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.components.automation import adopted_later
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.crossing import note_range
from timecone.models.compute.engine.extrapolate import coast, take_over
from timecone.models.compute.engine.features import LOOPS
from timecone.models.compute.engine.heun import accept, step
from timecone.models.compute.engine.milestone import (
    BEYOND_RANGE,
    NOT_FINITE,
    TAKEN_OVER,
    TOO_MANY_BREAKTHROUGHS,
    outcome,
)
from timecone.models.compute.engine.refine import attend, flagged
from timecone.models.compute.engine.start import begin, rest
from timecone.numerics.compiled import kernel
from timecone.schema import ByteArray, FloatArray, IntArray

_NO_FLAG = np.uint64(0)

_NO_DRAW = -1

#: Per draw, beside dates and status: dates of data exhaustion and of the cap in years after the start, log10
#: FLOP of the run that passes the last level, whether that rests on a blow-up, why the draw failed (0 or one
#: of the codes of `milestone`), and the adopted share at the end of the step that is asked for.
EXTRAS = 6


@kernel
def next_step(
    work: FloatArray,
    draw: IntArray,
    steps: IntArray,
    stride: int,
    length: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Take every lane through its next step; ``steps`` counts those of each lane."""
    for lane in range(r.TILE):
        work[r.ELAPSED + lane] = (steps[lane] + 1) * length
    step(work, r.TILE, length, features)
    flags = flagged(work, features)
    if flags != _NO_FLAG:
        attend(work, flags, draw, steps, stride, length, dates, seen, reached, features)
    accept(work, r.TILE)
    for lane in range(r.TILE):
        steps[lane] += 1


@kernel
def _close(
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
    """Write date and status of every milestone of one draw, and what else is known of it.

    ``missing`` is by how many years it arrived before the adopted share is asked for.
    """
    for m in range(r.MILESTONES):
        elapsed, level = work[r.DATE + m * r.TILE + lane], work[r.LEVEL + m * r.TILE + lane]
        arrival[m], status[m] = outcome(failure > 0.0, level, start + elapsed, start, horizon)
    date, level = start + work[r.TAKEN_DATE + lane], work[r.LEVEL + lane]
    arrival[TAKEN_OVER], status[TAKEN_OVER] = outcome(failure > 0.0, level, date, start, horizon)
    extras[0] = work[r.DATA_DATE + lane]
    extras[1] = work[r.CAP_DATE + lane]
    extras[2] = work[r.COMPUTE_AT + lane]
    extras[3] = work[r.BLOW_UP + lane]
    extras[4] = failure
    if missing > 0.0:
        extras[5] = adopted_later(work[r.ADOPTED + lane], missing, work[r.LAG + lane])


@kernel
def _observe(
    work: FloatArray, lane: int, n: int, stride: int, asked: int, observed: FloatArray, extras: FloatArray
) -> None:
    """Write what is asked of a lane at the end of step n."""
    if n % stride == 0:
        observed[n // stride] = work[r.EFFECTIVE + lane]
    if n == asked:
        extras[5] = work[r.ADOPTED + lane]


@kernel
def _failure(work: FloatArray, lane: int, exhausted: bool) -> float:
    """Return why a draw that is over has failed, 0 if it has not."""
    if exhausted:
        return TOO_MANY_BREAKTHROUGHS
    if not math.isfinite(work[r.EFFECTIVE + lane]):
        return NOT_FINITE
    if work[r.LEVEL + (r.MILESTONES - 1) * r.TILE + lane] == math.inf:
        return 0.0
    note_range(work, lane, 0)
    return BEYOND_RANGE if work[r.BEYOND_RANGE + lane] > 0.0 else 0.0


@kernel
def _coast_all(resting: FloatArray, held: IntArray, count: int, observed: FloatArray) -> None:
    """Observe the draws that coast, the first ``count`` lanes of ``resting``, until the last time."""
    for k in range(1, observed.shape[0]):
        coast(resting, k)
        for lane in range(count):
            if k >= resting[r.COAST_FROM + lane]:
                observed[k, held[lane]] = resting[r.PREDICTED + lane]


@kernel
def run_tiles(  # noqa: PLR0917 - a kernel's arguments are arrays
    inputs: FloatArray,
    dates: FloatArray,
    starts: FloatArray,
    order: IntArray,
    features: int,
    start: float,
    horizon: float,
    length: float,
    steps: int,
    stride: int,
    asked: int,
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
    dates : array, shape (draws, events)
        Times of breakthroughs since the start, increasing; no events where there are none.
    starts : array, shape (shocks, draws)
        When supply shock, pause and winter begin, years after the start; +inf for never.
    order : array of int, shape (draws,)
        In which order to take the draws; changes no result. Feedback that has not begun in any lane costs
        nothing, so draws in which it begins at about the same time should lie together.
    features : int
        See `features`.
    start, horizon, length : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    asked : int
        The step at whose end the adopted share is written; 0 for the start.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    extras : array, shape (draws, EXTRAS)
        Filled; see `EXTRAS`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    events = dates.shape[1]
    work, resting = np.zeros(r.WORKSPACE), np.zeros(r.WORKSPACE)
    draw, held = np.full(r.TILE, _NO_DRAW), np.zeros(r.TILE, dtype=np.int64)
    done, seen = np.zeros(r.TILE, dtype=np.int64), np.zeros(r.TILE, dtype=np.int64)
    reached = np.zeros(r.TILE, dtype=np.int64)
    taken, coasting, running = 0, 0, 1
    while running > 0:
        running = 0
        for lane in range(r.TILE):
            i = draw[lane]
            if i != _NO_DRAW:
                _observe(work, lane, done[lane], stride, asked, observed[:, i], extras[i])
            # A draw may be over before its first step, so one lane may take several.
            while (
                i == _NO_DRAW or done[lane] == steps or (features & LOOPS and reached[lane] == r.MILESTONES)
            ):
                if i != _NO_DRAW:
                    failure = _failure(work, lane, events > 0 and seen[lane] == events)
                    missing = (asked - done[lane]) * length
                    _close(work, lane, failure, start, horizon, missing, arrival[i], status[i], extras[i])
                    if work[r.COAST_FROM + lane] < observed.shape[0]:
                        take_over(work, lane, resting, coasting)
                        held[coasting] = i
                        coasting += 1
                    if coasting == r.TILE:
                        _coast_all(resting, held, coasting, observed)
                        coasting = 0
                if taken == order.size:
                    draw[lane] = _NO_DRAW
                    rest(work, lane)
                    break
                i = order[taken]
                taken += 1
                draw[lane], done[lane] = i, 0
                seen[lane], reached[lane] = begin(
                    work, lane, i, inputs, starts, dates[i], start, stride, length, features
                )
                observed[0, i] = work[r.EFFECTIVE + lane]
                extras[i, 5] = work[r.ADOPTED + lane]
            running += draw[lane] != _NO_DRAW
        if running > 0:
            next_step(work, draw, done, stride, length, dates, seen, reached, features)
    _coast_all(resting, held, coasting, observed)
