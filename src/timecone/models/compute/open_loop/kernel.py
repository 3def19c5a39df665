"""The compute model's kernel: tiles of draws stepped through time together.

Time is the outer loop and the draws of a tile the inner one, so that the compiler turns scalar component
functions into vector instructions; what is rare (a level passed, a breakthrough) is done lane by lane.

Without feedback effective compute is a closed form of time (see `tile` and `crossing`), so arrival dates do
not depend on the step: the step only sets how often a draw is looked at. A crossing is found to rounding,
also where effective compute peaks at the end of the spending trend between two steps.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.milestone import NOT_FINITE, TOO_MANY_BREAKTHROUGHS, outcome
from timecone.models.compute.open_loop.bounds import find_cap_dates, find_training_compute
from timecone.models.compute.open_loop.crossing import date_by_bracket, effective_at, find_dates
from timecone.models.compute.open_loop.tile import (
    CAP_DATE,
    COMPUTE_AT,
    DATE,
    DATED,
    INVERSE,
    LEVEL,
    MILESTONES,
    NOT_PASSED,
    PEAK_STEP,
    STEP_OF,
    TARGET,
    TARGET_OF,
    TILE,
    TREND_END,
    WORKSPACE,
    advance,
    jump,
    load,
    measure,
    observe,
    prepare,
)
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import lowest_bit
from timecone.schema import ByteArray, FloatArray, IntArray

_NO_FLAG = np.uint64(0)
_ONE = np.uint64(1)

#: Per draw, beside dates and status: when spending meets its caps, in years after the start, log10 FLOP of
#: the run that passes the last level, and why the draw failed (0 or one of the codes of `milestone`).
EXTRAS = 3


@kernel
def _aim(work: FloatArray, lane: int, reached: int) -> int:
    """Set the lane's next target; return ``reached``."""
    work[TARGET + lane] = work[TARGET_OF + reached * TILE + lane] if reached < MILESTONES else -np.inf
    return reached


@kernel
def _peak(work: FloatArray, lane: int, reached: int, begin: float, end: float, dates: FloatArray) -> int:
    """Date the levels that a lane passes before its spending trend ends inside a step.

    Effective compute may fall again before the step does. Returns how many levels are passed in all.
    """
    kink = min(max(work[TREND_END + lane], begin), end)
    effective = effective_at(work, lane, kink, dates)
    while reached < MILESTONES and effective >= work[LEVEL + reached * TILE + lane]:
        row = reached * TILE + lane
        work[DATE + row] = date_by_bracket(work, lane, begin, kink, work[LEVEL + row], dates)
        work[STEP_OF + row] = DATED
        reached += 1
    return _aim(work, lane, reached)


@kernel
def _look(
    work: FloatArray,
    flags: np.uint64,
    width: int,
    n: int,
    step: float,
    dates: FloatArray,
    reached: IntArray,
) -> None:
    """Note which levels the lanes that `measure` flagged have passed by step n.

    ``dates`` are the tile's rows.
    """
    end = n * step
    while flags != _NO_FLAG:
        lane = lowest_bit(flags)
        flags &= flags - _ONE
        if lane >= width:
            break
        if work[PEAK_STEP + lane] == n and reached[lane] < MILESTONES:
            reached[lane] = _peak(work, lane, reached[lane], max(end - step, 0.0), end, dates[lane])
        while work[INVERSE + lane] <= work[TARGET + lane]:
            work[STEP_OF + reached[lane] * TILE + lane] = n
            reached[lane] = _aim(work, lane, reached[lane] + 1)


@kernel
def _close(
    work: FloatArray,
    lane: int,
    failed: bool,
    start: float,
    horizon: float,
    arrival: FloatArray,
    status: ByteArray,
) -> None:
    """Write date and status of every milestone of one draw."""
    for m in range(MILESTONES):
        row = m * TILE + lane
        n = work[STEP_OF + row]
        date = np.inf if n == NOT_PASSED else start + (0.0 if n == 0.0 else work[DATE + row])
        arrival[m], status[m] = outcome(failed, work[LEVEL + row], date, start, horizon)


@kernel
def _run_tile(
    work: FloatArray,
    width: int,
    step: float,
    steps: int,
    stride: int,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    observed: FloatArray,
) -> None:
    """Step one tile through time; ``dates`` and ``observed`` are the tile's own."""
    events = dates.shape[1]
    prepare(work, step)
    reached[:] = 0
    seen[:] = 0
    for n in range(steps + 1):
        if n > 0:
            advance(work, float(n))
            if events > 0:
                jump(work, width, n * step, dates, seen)
        flags = measure(work, float(n))
        if flags != _NO_FLAG:
            _look(work, flags, width, n, step, dates, reached)
        if n % stride == 0:
            observe(work, width, observed[n // stride])
    find_dates(work, width, step, dates)
    find_cap_dates(work)
    find_training_compute(work)


@kernel
def run_tiles(  # noqa: PLR0917 - a kernel's arguments are arrays
    inputs: FloatArray,
    dates: FloatArray,
    start: float,
    horizon: float,
    step: float,
    steps: int,
    stride: int,
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
    start, horizon, step : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    extras : array, shape (draws, EXTRAS)
        Filled; see `EXTRAS`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    draws = inputs.shape[1]
    events = dates.shape[1]
    work = np.empty(WORKSPACE)
    reached = np.empty(TILE, dtype=np.int64)
    seen = np.empty(TILE, dtype=np.int64)
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        rows = slice(first, first + width)
        load(inputs, first, start, work)
        _run_tile(work, width, step, steps, stride, dates[rows], seen, reached, observed[:, rows])
        for lane in range(width):
            failure = 0.0 if math.isfinite(work[INVERSE + lane]) else NOT_FINITE
            if events > 0 and seen[lane] == events:
                failure = TOO_MANY_BREAKTHROUGHS
            failed = failure > 0.0
            _close(work, lane, failed, start, horizon, arrival[first + lane], status[first + lane])
            extras[first + lane, 2] = failure
            extras[first + lane, 0] = work[CAP_DATE + lane]
            extras[first + lane, 1] = work[COMPUTE_AT + lane]
