"""Adaptive refinement of single draws: shorter steps where one full step is not accurate enough.

A draw needs it where it passes a level or a bound, where an event falls into the step, or where feedback
moves fast: it is then integrated again in shorter steps. Whether it is, and how, depends on that draw alone,
so its result does not depend on its neighbours.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from timecone.models.compute.engine.crossing import date_adoption, date_bounds, date_levels
from timecone.models.compute.engine.events import apply_events
from timecone.models.compute.engine.extrapolate import finish_lane
from timecone.models.compute.engine.heun import accept, set_step_length, step
from timecone.models.compute.engine.layout import (
    END,
    EVENTS,
    LOOPS,
    PASSING,
    RESULT,
    SEARCH,
    TILE,
    WALL,
)
from timecone.models.compute.engine.milestone import LEVELS
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import lowest_bit
from timecone.schema import FloatArray, IntArray

NO_FLAG = np.uint64(0)
_ONE = np.uint64(1)

#: By how much prediction and correction of a step may differ, OOM, before it is taken in shorter ones, and in
#: how many at most. The difference falls with the square of a step's length.
TOLERANCE = 0.1
MOST_PARTS = 64


class Lanes(NamedTuple):
    """Draws in the lanes of a tile; every array has the shape (TILE,).

    Attributes
    ----------
    draw : array of int
        Which draw a lane holds; negative for none.
    steps : array of int
        How many steps it has done.
    breakthroughs : array of int
        How many of its breakthroughs are past.
    passed : array of int
        How many levels it has passed.
    """

    draw: IntArray
    steps: IntArray
    breakthroughs: IntArray
    passed: IntArray


@kernel
def _error(work: FloatArray, lane: int) -> float:
    return float(abs(work[END.effective + lane] - work[PASSING.predicted + lane]))


@kernel
def _integrate(
    work: FloatArray, lane: int, begin: float, end: float, parts: int, passed: int, features: int
) -> int:
    """Integrate a lane in equal parts and date what is passed; return how many levels are."""
    length = (end - begin) / parts
    set_step_length(work[lane:], 1, length, features)
    for k in range(parts):
        if k > 0:
            accept(work[lane:], 1)
        before = begin + k * length
        after = end if k == parts - 1 else begin + (k + 1) * length
        work[PASSING.elapsed + lane] = after
        step(work[lane:], 1, length, features)
        date_bounds(work, lane, before, after, features)
        passed = date_levels(work, lane, before, after, passed, features)
        date_adoption(work, lane, before, after)
        if passed == LEVELS:
            work[SEARCH.tolerance + lane] = math.inf
    return passed


@kernel
def _parts(work: FloatArray, lane: int, features: int) -> int:
    """Return into how many parts the step just tried must be cut."""
    if features & LOOPS == 0:
        return 1
    error, allowed = _error(work, lane), work[SEARCH.tolerance + lane]
    return 1 if not error > allowed else min(int(math.sqrt(error / allowed)) + 1, MOST_PARTS)


@kernel
def refine_lane(
    work: FloatArray,
    lane: int,
    begin: float,
    end: float,
    breakthroughs: FloatArray,
    past: int,
    passed: int,
    features: int,
) -> tuple[int, int]:
    """Integrate a lane through a step again: cut at events, and in as many parts as its error asks.

    Returns how many breakthroughs are past and how many levels are passed. `accept` is left to do.
    """
    length = end - begin
    while begin < end:
        stop = min(work[EVENTS.next + lane], end)
        set_step_length(work[lane:], 1, stop - begin, features)
        work[PASSING.elapsed + lane] = stop
        step(work[lane:], 1, stop - begin, features)
        passed = _integrate(work, lane, begin, stop, _parts(work, lane, features), passed, features)
        if work[EVENTS.next + lane] <= stop:
            past = apply_events(work, lane, stop, breakthroughs, past, features)
            date_bounds(work, lane, stop, stop, features)
            passed = date_levels(work, lane, stop, stop, passed, features)
            date_adoption(work, lane, stop, stop)
        if stop < end:
            accept(work[lane:], 1)
        begin = stop
    set_step_length(work[lane:], 1, length, features)
    return past, passed


@kernel
def flag_lanes(work: FloatArray, features: int) -> np.uint64:
    """Return a bit for every lane in which something must be dated or the step must be refined."""
    flags = np.uint64(0)
    for lane in range(TILE):
        flag = (work[END.effective + lane] >= work[SEARCH.target + lane]) | (
            work[EVENTS.next + lane] <= work[PASSING.elapsed + lane]
        )
        capped = work[END.inverse_caps + lane] >= work[END.inverse_trend + lane]
        flag |= capped & (work[RESULT.cap_date + lane] == math.inf) & (work[SEARCH.bounds + lane] > 0.0)
        flag |= work[END.adopted + lane] >= work[SEARCH.adoption + lane]
        flags |= np.uint64(flag) << np.uint64(lane)
    if features & LOOPS:
        for lane in range(TILE):
            error = abs(work[END.effective + lane] - work[PASSING.predicted + lane])
            flags |= np.uint64(error > work[SEARCH.tolerance + lane]) << np.uint64(lane)
    if features & WALL:
        for lane in range(TILE):
            flag = (work[END.excess + lane] >= 0.0) & (work[RESULT.wall_date + lane] == math.inf)
            flag &= work[SEARCH.bounds + lane] > 0.0
            flags |= np.uint64(flag) << np.uint64(lane)
    return flags


@kernel
def refine_lanes(
    work: FloatArray,
    flags: np.uint64,
    lanes: Lanes,
    stride: int,
    length: float,
    breakthroughs: FloatArray,
    features: int,
) -> None:
    """Date and refine in the lanes that are flagged, one by one; ``breakthroughs`` are of all draws."""
    draw, steps, past, passed = lanes
    while flags != NO_FLAG:
        lane = lowest_bit(flags)
        flags &= flags - _ONE
        n = steps[lane] + 1
        begin, end = (n - 1) * length, n * length
        count = passed[lane]
        if work[EVENTS.next + lane] <= end or (
            features & LOOPS and _error(work, lane) > work[SEARCH.tolerance + lane]
        ):
            past[lane], count = refine_lane(
                work,
                lane,
                begin,
                end,
                breakthroughs[draw[lane]],
                past[lane],
                count,
                features,
            )
        else:
            date_bounds(work, lane, begin, end, features)
            count = date_levels(work, lane, begin, end, count, features)
            date_adoption(work, lane, begin, end)
        passed[lane] = count
        if features & LOOPS and count == LEVELS:
            finish_lane(work, lane, n, stride, length, features)
