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

from timecone.models.compute.components import automation
from timecone.models.compute.components.effective import effective_compute
from timecone.models.compute.engine.closed_form import (
    date_by_bracket,
    effective_at,
    find_dates,
    growth_at_start,
)
from timecone.models.compute.engine.milestone import NOT_FINITE, TAKEN_OVER, TOO_MANY_BREAKTHROUGHS, outcome
from timecone.models.compute.engine.open_bounds import find_cap_dates, find_training_compute
from timecone.models.compute.engine.open_tile import (
    ABLE,
    ABLE_FROM,
    ADOPTED,
    ADOPTED_AT,
    CAP_DATE,
    COMPUTE_AT,
    DATE,
    DATED,
    GAP,
    INVERSE,
    LAG,
    LAG_BEFORE,
    LAG_CLOSED,
    LEVEL,
    MILESTONES,
    NOT_PASSED,
    P0,
    PEAK_STEP,
    STEP_OF,
    TAKEN_DATE,
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
REQUIREMENT = LEVEL + (MILESTONES - 1) * TILE

#: Per draw, beside dates and status: when spending meets its caps, in years after the start, log10 FLOP of
#: the run that passes the last level, why the draw failed (0 or one of the codes of `milestone`), and the
#: adopted share at the end of the step that is asked for.
EXTRAS = 4


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
def _adopt(work: FloatArray, lane: int, n: int, step: float, asked: int, reached: int) -> None:
    """Move the adopted share of a lane through step n, and note when it comes to `automation.TAKEN_SHARE`."""
    requirement, gap, lag = work[REQUIREMENT + lane], work[GAP + lane], work[LAG + lane]
    effective = effective_compute(work[P0 + lane], work[INVERSE + lane])
    before, after = work[ABLE + lane], automation.share(effective, requirement, gap)
    had = work[ADOPTED + lane]
    if n == 0:
        growth = (1.0 - automation.FIRST_SHARE) / gap * growth_at_start(work, lane)
        u = automation.adopted_at_start(after, growth, lag)
    else:
        u = automation.adopted(had, before, after, work[LAG_CLOSED + lane], work[LAG_BEFORE + lane])
    work[ABLE + lane], work[ADOPTED + lane] = after, u
    if n == asked:
        work[ADOPTED_AT + lane] = u
    if u >= automation.TAKEN_SHARE and reached > 0 and work[TAKEN_DATE + lane] == np.inf:
        x = automation.taken_over_within(had, before, after, step, lag) if n > 0 else 1.0
        work[TAKEN_DATE + lane] = max((n - 1.0 + x) * step, 0.0)
    if work[TAKEN_DATE + lane] < np.inf and n >= asked:
        work[ABLE_FROM + lane] = -1.0
        work[ADOPTED + lane] = 0.0


@kernel
def _look(
    work: FloatArray,
    flags: np.uint64,
    width: int,
    n: int,
    step: float,
    dates: FloatArray,
    reached: IntArray,
    asked: int,
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
        if work[INVERSE + lane] <= work[ABLE_FROM + lane] or work[ADOPTED + lane] > 0.0:
            _adopt(work, lane, n, step, asked, reached[lane])


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
    elapsed, first = work[TAKEN_DATE + lane], work[STEP_OF + lane]
    # Never before AI can do that share, whose date is exact.
    date = start + max(elapsed, work[DATE + lane] if first > 0.0 or first == DATED else 0.0)
    arrival[TAKEN_OVER], status[TAKEN_OVER] = outcome(failed, work[LEVEL + lane], date, start, horizon)


@kernel
def _run_tile(
    work: FloatArray,
    width: int,
    step: float,
    steps: int,
    stride: int,
    asked: int,
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
            _look(work, flags, width, n, step, dates, reached, asked)
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
    start, horizon, step : float
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
    draws = inputs.shape[1]
    events = dates.shape[1]
    work = np.empty(WORKSPACE)
    reached = np.empty(TILE, dtype=np.int64)
    seen = np.empty(TILE, dtype=np.int64)
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        rows = slice(first, first + width)
        load(inputs, first, start, work)
        _run_tile(work, width, step, steps, stride, asked, dates[rows], seen, reached, observed[:, rows])
        for lane in range(width):
            failure = 0.0 if math.isfinite(work[INVERSE + lane]) else NOT_FINITE
            if events > 0 and seen[lane] == events:
                failure = TOO_MANY_BREAKTHROUGHS
            failed = failure > 0.0
            _close(work, lane, failed, start, horizon, arrival[first + lane], status[first + lane])
            extras[first + lane, 2] = failure
            extras[first + lane, 0] = work[CAP_DATE + lane]
            extras[first + lane, 1] = work[COMPUTE_AT + lane]
            extras[first + lane, 3] = work[ADOPTED_AT + lane]
