"""When a draw passes a level: the date inside a step, and what is recorded of it."""

from __future__ import annotations

import numpy as np

from timecone.models.compute.effective import effective_compute
from timecone.models.compute.headroom import inverse_gain
from timecone.models.compute.investment import inverse_spending, trend_growth
from timecone.models.compute.tile import (
    ECONOMY,
    ECONOMY_RATE,
    EFFECTIVE,
    HARDWARE,
    HARDWARE_LIMIT,
    HARDWARE_RATE,
    INVERSE_CAP,
    JUMP,
    LEVEL,
    MILESTONES,
    P0,
    SHARE,
    SOFTWARE,
    SOFTWARE_LIMIT,
    SOFTWARE_RATE,
    SPENDING_RATE,
    TARGET,
    TILE,
    TREND,
    TREND_END,
)
from timecone.numerics.compiled import kernel, scalar
from timecone.schema import ByteArray, FloatArray, Status

_REACHED = int(Status.REACHED)
_NOT_BY_HORIZON = int(Status.NOT_BY_HORIZON)
_BEFORE_START = int(Status.BEFORE_START)
_FAILED = int(Status.FAILED)

_TOLERANCE = 1e-13
_ITERATIONS = 80
_PATIENCE = 20


@scalar
def _excess(
    work: FloatArray, lane: int, elapsed: float, back: float, target: float, dates: FloatArray, seen: int
) -> float:
    """Return effective compute minus ``target``, ``back`` years before the present states."""
    trend = work[TREND + lane] - trend_growth(
        elapsed - back,
        back,
        work[TREND_END + lane],
        work[SPENDING_RATE + lane],
        work[ECONOMY_RATE + lane],
    )
    hardware = work[HARDWARE + lane] - work[HARDWARE_RATE + lane] * back
    economy = work[ECONOMY + lane] - work[ECONOMY_RATE + lane] * back
    software = work[SOFTWARE + lane] - work[SOFTWARE_RATE + lane] * back
    for k in range(seen - 1, -1, -1):
        if dates[k] <= elapsed - back:
            break
        software -= work[JUMP + lane]
    effective = effective_compute(
        work[P0 + lane],
        inverse_gain(hardware, work[HARDWARE_LIMIT + lane]),
        inverse_spending(trend, work[SHARE + lane], economy, work[INVERSE_CAP + lane]),
        inverse_gain(software, work[SOFTWARE_LIMIT + lane]),
    )
    return effective - target


@kernel
def _time_since_crossing(
    work: FloatArray, lane: int, elapsed: float, step: float, target: float, dates: FloatArray, seen: int
) -> float:
    """Return how many years before ``elapsed`` the lane passed ``target``, within the last step.

    Regula falsi with the Illinois modification (Dowell & Jarratt 1971): bracketed, superlinear; bisection
    where that is slow, which is at the jump of a breakthrough.
    """
    before, f_before = step, _excess(work, lane, elapsed, step, target, dates, seen)
    after, f_after = 0.0, _excess(work, lane, elapsed, 0.0, target, dates, seen)
    if not f_after > 0.0:
        return 0.0
    if not f_before < 0.0:
        return step
    side = 0
    for iteration in range(_ITERATIONS):
        middle = (before * f_after - after * f_before) / (f_after - f_before)
        if iteration >= _PATIENCE:
            middle = 0.5 * (before + after)
        f = _excess(work, lane, elapsed, middle, target, dates, seen)
        if f < 0.0:
            before, f_before = middle, f
            if side < 0:
                f_after *= 0.5
            side = -1
        elif f > 0.0:
            after, f_after = middle, f
            if side > 0:
                f_before *= 0.5
            side = 1
        else:
            return middle
        if before - after < _TOLERANCE:
            break
    return after


@kernel
def settle(
    work: FloatArray,
    lane: int,
    reached: int,
    elapsed: float,
    step: float,
    start: float,
    dates: FloatArray,
    seen: int,
    arrival: FloatArray,
    status: ByteArray,
) -> int:
    """Record every level that the lane has passed; return how many it has in all.

    ``arrival`` and ``status`` hold one draw, shape (milestones,). ``elapsed`` is 0 at the start, where what
    is already passed has no date of its own.
    """
    while reached < MILESTONES:
        target = work[LEVEL + reached * TILE + lane]
        if not work[EFFECTIVE + lane] >= target:
            break
        if elapsed == 0.0:
            arrival[reached] = start
            status[reached] = _BEFORE_START
        else:
            arrival[reached] = (
                start + elapsed - _time_since_crossing(work, lane, elapsed, step, target, dates, seen)
            )
            status[reached] = _REACHED
        reached += 1
        work[TARGET + lane] = work[LEVEL + reached * TILE + lane] if reached < MILESTONES else np.inf
    return reached


@kernel
def close(failed: bool, horizon: float, reached: int, arrival: FloatArray, status: ByteArray) -> None:
    """Give every milestone of one draw its final date and status."""
    for m in range(MILESTONES):
        if failed:
            arrival[m] = np.inf
            status[m] = _FAILED
        elif m >= reached or not arrival[m] < horizon:
            arrival[m] = np.inf
            status[m] = _NOT_BY_HORIZON
