"""Care for single draws: what the vector instructions of a step leave undone.

A draw needs it where it passes a level or a bound, where an event falls into the step, or where feedback
moves fast: it is then integrated again in shorter steps. Whether it is, and how, depends on that draw alone,
so its result does not depend on its neighbours.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.components.automation import years_to_take_over
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.crossing import note_bounds, note_levels, note_taken
from timecone.models.compute.engine.events import happen
from timecone.models.compute.engine.extrapolate import let_go
from timecone.models.compute.engine.features import LOOPS, WALL
from timecone.models.compute.engine.heun import accept, set_length, step
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import lowest_bit
from timecone.schema import FloatArray, IntArray

_NO_FLAG = np.uint64(0)
_ONE = np.uint64(1)

#: What prediction and correction of a step may differ by, OOM, before it is taken in shorter ones; and how
#: short at most. The difference falls with the square of a step's length.
TOLERANCE = 0.1
MOST_PARTS = 64


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
        work[r.ELAPSED + lane] = after
        step(work[lane:], 1, length, features)
        note_bounds(work, lane, before, after, features)
        reached = note_levels(work, lane, before, after, reached, features)
        note_taken(work, lane, before, after)
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
        work[r.ELAPSED + lane] = stop
        step(work[lane:], 1, stop - begin, features)
        reached = _take(work, lane, begin, stop, _parts(work, lane, features), reached, features)
        if work[r.NEXT_EVENT + lane] <= stop:
            seen = happen(work, lane, stop, dates, seen, features)
            note_bounds(work, lane, stop, stop, features)
            reached = note_levels(work, lane, stop, stop, reached, features)
            note_taken(work, lane, stop, stop)
        if stop < end:
            accept(work[lane:], 1)
        begin = stop
    set_length(work[lane:], 1, length, features)
    return seen, reached


@kernel
def flagged(work: FloatArray, features: int) -> np.uint64:
    """Return a bit for every lane of which something must be noted or that needs care."""
    flags = np.uint64(0)
    for lane in range(r.TILE):
        flag = (work[r.END + r.EFFECTIVE + lane] >= work[r.TARGET + lane]) | (
            work[r.NEXT_EVENT + lane] <= work[r.ELAPSED + lane]
        )
        capped = work[r.END + r.INVERSE_CAPS + lane] >= work[r.END + r.INVERSE_TREND + lane]
        flag |= capped & (work[r.CAP_DATE + lane] == math.inf) & (work[r.LOOKED + lane] > 0.0)
        flag |= work[r.END + r.ADOPTED + lane] >= work[r.TAKE_AT + lane]
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
def dismiss(work: FloatArray, lane: int, n: int, stride: int, length: float, features: int) -> None:
    """Ask nothing more of a lane with feedback that has passed its last level in step n."""
    let_go(work, lane, n, stride, length, features)
    if work[r.TAKEN_DATE + lane] == r.NOT_PASSED:
        wait = years_to_take_over(work[r.END + r.ADOPTED + lane], work[r.LAG + lane])
        work[r.TAKEN_DATE + lane] = n * length + wait
    work[r.TAKE_AT + lane] = math.inf
    work[r.TOLERANCE + lane] = math.inf
    work[r.LOOKED + lane] = 0.0


@kernel
def attend(
    work: FloatArray,
    flags: np.uint64,
    draw: IntArray,
    steps: IntArray,
    stride: int,
    length: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Do for the lanes that are flagged what they need, one by one.

    ``draw`` is what each lane holds and ``steps`` how many steps it had done; ``dates`` are of all draws.
    """
    while flags != _NO_FLAG:
        lane = lowest_bit(flags)
        flags &= flags - _ONE
        n = steps[lane] + 1
        begin, end = (n - 1) * length, n * length
        if work[r.NEXT_EVENT + lane] <= end or (
            features & LOOPS and _error(work, lane) > work[r.TOLERANCE + lane]
        ):
            seen[lane], reached[lane] = _integrate(
                work, lane, begin, end, dates[draw[lane]], seen[lane], reached[lane], features
            )
        else:
            note_bounds(work, lane, begin, end, features)
            reached[lane] = note_levels(work, lane, begin, end, reached[lane], features)
            note_taken(work, lane, begin, end)
        if features & LOOPS and reached[lane] == r.MILESTONES:
            dismiss(work, lane, n, stride, length, features)
