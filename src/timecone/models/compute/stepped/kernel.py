"""The full model's kernel: tiles of draws stepped through time together.

Time is the outer loop and the draws of a tile the inner one, so that the compiler turns scalar component
functions into vector instructions. Draws that need more care in a step, because an event falls into it or
because feedback moves fast, are integrated again one by one in shorter steps: whether a draw is, and how,
depends on that draw alone, so its result does not depend on its neighbours.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.automation import FIRST_SHARE, adopted_at_start
from timecone.models.compute.stepped import rows as r
from timecone.models.compute.stepped.coasting import coast, let_go
from timecone.models.compute.stepped.crossing import note_bounds, note_levels
from timecone.models.compute.stepped.events import happen, set_paces
from timecone.models.compute.stepped.features import LOOPS, WALL
from timecone.models.compute.stepped.growth import growth
from timecone.models.compute.stepped.load import load
from timecone.models.compute.stepped.step import (
    accept,
    find_compute,
    find_limits,
    find_share,
    respond,
    set_length,
    step,
)
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import lowest_bit
from timecone.schema import ByteArray, FloatArray, IntArray, Status

_NO_FLAG = np.uint64(0)
_ONE = np.uint64(1)

_REACHED = int(Status.REACHED)
_NOT_BY_HORIZON = int(Status.NOT_BY_HORIZON)
_NEVER = int(Status.NEVER)
_BEFORE_START = int(Status.BEFORE_START)
_FAILED = int(Status.FAILED)

#: What prediction and correction of a step may differ by, OOM, before it is taken in shorter ones; and how
#: short at most. The difference falls with the square of a step's length.
TOLERANCE = 0.1
MOST_PARTS = 64

#: Per draw, beside dates and status: dates of data exhaustion and of the cap in years after the start, log10
#: FLOP of the run that passes the last level, and whether that rests on a blow-up.
EXTRAS = 4


@kernel
def _error(work: FloatArray, lane: int) -> float:
    return float(abs(work[r.END + r.EFFECTIVE + lane] - work[r.PREDICTED + lane]))


@kernel
def _take(
    work: FloatArray, lane: int, begin: float, end: float, parts: int, reached: int, features: int
) -> int:
    """Integrate a lane in equal parts, noting what is passed; return how many levels are."""
    length = (end - begin) / parts
    set_length(work[lane:], 1, length, features)
    for k in range(parts):
        if k > 0:
            accept(work[lane:], 1)
        before = begin + k * length
        after = end if k == parts - 1 else begin + (k + 1) * length
        step(work[lane:], 1, after, length, features)
        note_bounds(work, lane, before, after, features)
        reached = note_levels(work, lane, before, after, reached, features)
        if reached == r.MILESTONES:
            work[r.TOLERANCE + lane] = math.inf
    return reached


@kernel
def _parts(work: FloatArray, lane: int, features: int) -> int:
    """Return into how many parts the step just tried must be cut."""
    if features & LOOPS == 0:
        return 1
    error, allowed = _error(work, lane), work[r.TOLERANCE + lane]
    return 1 if not error > allowed else min(int(math.sqrt(error / allowed)) + 1, MOST_PARTS)


@kernel
def _integrate(
    work: FloatArray,
    lane: int,
    begin: float,
    end: float,
    dates: FloatArray,
    seen: int,
    reached: int,
    features: int,
) -> tuple[int, int]:
    """Take a lane through a step with care: cut at events, and as short as its error asks.

    Returns how many breakthroughs were seen and how many levels are passed. `accept` is left to do.
    """
    length = end - begin
    while begin < end:
        stop = min(work[r.NEXT_EVENT + lane], end)
        set_length(work[lane:], 1, stop - begin, features)
        step(work[lane:], 1, stop, stop - begin, features)
        reached = _take(work, lane, begin, stop, _parts(work, lane, features), reached, features)
        if work[r.NEXT_EVENT + lane] <= stop:
            seen = happen(work, lane, stop, dates, seen, features)
            note_bounds(work, lane, stop, stop, features)
            reached = note_levels(work, lane, stop, stop, reached, features)
        if stop < end:
            accept(work[lane:], 1)
        begin = stop
    set_length(work[lane:], 1, length, features)
    return seen, reached


@kernel
def _flags(work: FloatArray, end: float, features: int) -> np.uint64:
    """Return a bit for every lane of which something must be noted or that needs care."""
    flags = np.uint64(0)
    for lane in range(r.TILE):
        flag = (work[r.END + r.EFFECTIVE + lane] >= work[r.TARGET + lane]) | (
            work[r.NEXT_EVENT + lane] <= end
        )
        capped = work[r.END + r.INVERSE_CAPS + lane] >= work[r.END + r.INVERSE_TREND + lane]
        flag |= capped & (work[r.CAP_DATE + lane] == math.inf) & (work[r.LOOKED + lane] > 0.0)
        flags |= np.uint64(flag) << np.uint64(lane)
    if features & LOOPS:
        for lane in range(r.TILE):
            error = abs(work[r.END + r.EFFECTIVE + lane] - work[r.PREDICTED + lane])
            flags |= np.uint64(error > work[r.TOLERANCE + lane]) << np.uint64(lane)
    if features & WALL:
        for lane in range(r.TILE):
            flag = (work[r.END + r.EXCESS + lane] >= 0.0) & (work[r.DATA_DATE + lane] == math.inf)
            flag &= work[r.LOOKED + lane] > 0.0
            flags |= np.uint64(flag) << np.uint64(lane)
    return flags


@kernel
def _dismiss(work: FloatArray, lane: int, n: int, stride: int, length: float, features: int) -> None:
    """Ask nothing more of a lane with feedback that has passed its last level in step n."""
    let_go(work, lane, n, stride, length, features)
    work[r.TOLERANCE + lane] = math.inf
    work[r.LOOKED + lane] = 0.0


@kernel
def _attend(
    work: FloatArray,
    flags: np.uint64,
    width: int,
    n: int,
    stride: int,
    length: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Do for the lanes that are flagged in step n what they need, one by one."""
    begin, end = (n - 1) * length, n * length
    while flags != _NO_FLAG:
        lane = lowest_bit(flags)
        flags &= flags - _ONE
        if lane >= width:
            break
        if work[r.NEXT_EVENT + lane] <= end or (
            features & LOOPS and _error(work, lane) > work[r.TOLERANCE + lane]
        ):
            seen[lane], reached[lane] = _integrate(
                work, lane, begin, end, dates[lane], seen[lane], reached[lane], features
            )
        else:
            note_bounds(work, lane, begin, end, features)
            reached[lane] = note_levels(work, lane, begin, end, reached[lane], features)
        if features & LOOPS and reached[lane] == r.MILESTONES:
            _dismiss(work, lane, n, stride, length, features)


@kernel
def _adopt_at_start(work: FloatArray, lane: int, features: int) -> None:
    """Set the adopted share of the start, as if present trends without feedback had lasted for long."""
    multiplier = work[r.END + r.MULTIPLIER + lane]
    work[r.END + r.MULTIPLIER + lane] = 1.0
    rate = growth(work, lane, r.END, 0.0, features)
    work[r.END + r.MULTIPLIER + lane] = multiplier
    f = work[r.END + r.SHARE + lane]
    of_share = (1.0 - FIRST_SHARE) / work[r.GAP + lane] * rate
    work[r.END + r.ADOPTED + lane] = adopted_at_start(f, of_share, work[r.LAG + lane])


@kernel
def begin_tile(
    work: FloatArray,
    width: int,
    stride: int,
    length: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Bring a tile to the start: growth rates, what happens at once, what is passed already."""
    for lane in range(r.TILE):
        work[r.DATA_DATE + lane] = math.inf
        work[r.CAP_DATE + lane] = math.inf
        work[r.COMPUTE_AT + lane] = 0.0
        work[r.BLOW_UP + lane] = 0.0
        work[r.PREDICTED + lane] = 0.0
        work[r.END + r.ADOPTED + lane] = 0.0
        for m in range(r.MILESTONES):
            work[r.DATE + m * r.TILE + lane] = r.NOT_PASSED
        work[r.COAST_FROM + lane] = math.inf
        set_paces(work, lane, 0.0, dates[min(lane, width - 1)], 0)
    find_limits(work, r.TILE, 0.0, features)
    find_compute(work, r.TILE, 0.0, features)
    find_share(work, r.TILE)
    respond(work, r.TILE, features)
    for lane in range(r.TILE):
        _adopt_at_start(work, lane, features)
    for lane in range(width):
        seen[lane] = happen(work, lane, 0.0, dates[lane], 0, features)
    respond(work, r.TILE, features)
    accept(work, r.TILE)
    for lane in range(width):
        work[r.TOLERANCE + lane] = TOLERANCE
        work[r.LOOKED + lane] = 1.0
        note_bounds(work, lane, 0.0, 0.0, features)
        reached[lane] = note_levels(work, lane, 0.0, 0.0, 0, features)
        if features & LOOPS and reached[lane] == r.MILESTONES:
            _dismiss(work, lane, 0, stride, length, features)
    for lane in range(width, r.TILE):
        work[r.COAST_FROM + lane] = 0.0
        work[r.TOLERANCE + lane] = math.inf
        work[r.TARGET + lane] = math.inf
        work[r.NEXT_EVENT + lane] = math.inf
        work[r.LOOKED + lane] = 0.0
    set_length(work, r.TILE, length, features)


@kernel
def next_step(
    work: FloatArray,
    width: int,
    n: int,
    stride: int,
    length: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Take a tile through step 1, 2, ..."""
    end = n * length
    step(work, r.TILE, end, length, features)
    flags = _flags(work, end, features)
    if flags != _NO_FLAG:
        _attend(work, flags, width, n, stride, length, dates, seen, reached, features)
    accept(work, r.TILE)


@kernel
def _all_arrived(reached: IntArray, width: int) -> bool:
    least = r.MILESTONES
    for lane in range(width):
        least = min(least, reached[lane])
    return least == r.MILESTONES


@kernel
def _run_tile(  # noqa: PLR0917 - a kernel's arguments are arrays
    work: FloatArray,
    width: int,
    length: float,
    steps: int,
    stride: int,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
    order: IntArray,
    observed: FloatArray,
) -> None:
    """Step one tile through time; ``dates`` are the tile's own, ``order`` its columns of ``observed``."""
    begin_tile(work, width, stride, length, dates, seen, reached, features)
    for lane in range(width):
        observed[0, order[lane]] = work[r.EFFECTIVE + lane]
    n = 0
    while n < steps and not (features & LOOPS and _all_arrived(reached, width)):
        n += 1
        next_step(work, width, n, stride, length, dates, seen, reached, features)
        if n % stride == 0:
            for lane in range(width):
                observed[n // stride, order[lane]] = work[r.EFFECTIVE + lane]
    for k in range(1, observed.shape[0]):
        coast(work, k)
        for lane in range(width):
            if k >= work[r.COAST_FROM + lane]:
                observed[k, order[lane]] = work[r.PREDICTED + lane]


@kernel
def _close(
    work: FloatArray,
    lane: int,
    failed: bool,
    start: float,
    horizon: float,
    arrival: FloatArray,
    status: ByteArray,
    extras: FloatArray,
) -> None:
    """Write date and status of every milestone of one draw, and what else is known of it."""
    for m in range(r.MILESTONES):
        elapsed = work[r.DATE + m * r.TILE + lane]
        date = start + elapsed
        arrival[m] = np.inf
        if failed:
            status[m] = _FAILED
        elif work[r.LEVEL + m * r.TILE + lane] == np.inf:
            status[m] = _NEVER
        elif not date < horizon:
            status[m] = _NOT_BY_HORIZON
        else:
            arrival[m] = date
            status[m] = _BEFORE_START if elapsed == 0.0 else _REACHED
    extras[0] = work[r.DATA_DATE + lane]
    extras[1] = work[r.CAP_DATE + lane]
    extras[2] = work[r.COMPUTE_AT + lane]
    extras[3] = work[r.BLOW_UP + lane]


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
        In which order to take the draws; changes no result. A tile ends when all its draws have arrived, so
        those that arrive at about the same time should lie together.
    features : int
        See `features`.
    start, horizon, length : float
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
    work = np.zeros(r.WORKSPACE)
    reached = np.empty(r.TILE, dtype=np.int64)
    seen = np.empty(r.TILE, dtype=np.int64)
    tile_dates = np.empty((r.TILE, events))
    for first in range(0, draws, r.TILE):
        width = min(r.TILE, draws - first)
        chosen = order[first : first + width]
        load(inputs, starts, chosen, start, features, work)
        for lane in range(width):
            for k in range(events):
                tile_dates[lane, k] = dates[chosen[lane], k]
        _run_tile(work, width, length, steps, stride, tile_dates, seen, reached, features, chosen, observed)
        for lane in range(width):
            failed = (events > 0 and seen[lane] == events) or not math.isfinite(work[r.EFFECTIVE + lane])
            i = chosen[lane]
            _close(work, lane, failed, start, horizon, arrival[i], status[i], extras[i])
