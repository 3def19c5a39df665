"""When a draw passes a level: the step is known from the kernel, the date is found here.

Effective compute is a closed form of time, so all lanes of a tile are solved together by Newton's method; the
few for which that does not settle (a kink or a jump near by) are solved one by one with a bracket.
"""

from __future__ import annotations

import math

from timecone.models.compute.components.effective import effective_compute
from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.investment import inverse_spending, trend_growth
from timecone.models.compute.engine.open_tile import (
    DATE,
    DATED,
    ECONOMY_RATE,
    HARDWARE_LIMIT,
    HARDWARE_RATE,
    INVERSE_CAP,
    JUMP,
    LEVEL,
    MILESTONES,
    P0,
    SHARE_START,
    SOFTWARE_LIMIT,
    SOFTWARE_RATE,
    SPENDING_RATE,
    STEP_OF,
    TILE,
    TREND_END,
    TREND_START,
)
from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray

_TOLERANCE = 1e-12
_NEWTON_STEPS = 5
_ITERATIONS = 80
_PATIENCE = 20
_LEAST_SLOPE = 1e-9


@scalar
def _effective_and_slope(work: FloatArray, lane: int, elapsed: float, jumps: float) -> tuple[float, float]:
    """Return effective compute, log10 FLOP, and its growth, OOM per year.

    ``elapsed`` in years after the start; ``jumps`` is what breakthroughs added until then, OOM.
    """
    economy_rate = work[ECONOMY_RATE + lane]
    spending_rate = work[SPENDING_RATE + lane]
    trend_end = work[TREND_END + lane]
    grown = trend_growth(0.0, elapsed, trend_end, spending_rate, economy_rate)
    trend = remaining(work[TREND_START + lane] + grown)
    share = remaining(work[SHARE_START + lane] + economy_rate * elapsed)
    hardware = remaining(work[HARDWARE_RATE + lane] * elapsed)
    software = remaining(work[SOFTWARE_RATE + lane] * elapsed + jumps)
    inverse_hardware = inverse_gain(hardware, work[HARDWARE_LIMIT + lane])
    inverse_software = inverse_gain(software, work[SOFTWARE_LIMIT + lane])
    inverse_spent = inverse_spending(trend, share, work[INVERSE_CAP + lane])
    effective = effective_compute(work[P0 + lane], inverse_hardware * inverse_spent * inverse_software)
    trend_rate = spending_rate if elapsed < trend_end else economy_rate
    # Growth rates, each weakened by the part of its factor that still grows.
    slope = (
        work[HARDWARE_RATE + lane] * (1.0 - work[HARDWARE_LIMIT + lane]) * hardware / inverse_hardware
        + (trend_rate * trend + economy_rate * share) / inverse_spent
        + work[SOFTWARE_RATE + lane] * (1.0 - work[SOFTWARE_LIMIT + lane]) * software / inverse_software
    )
    return effective, slope


@kernel
def effective_at(work: FloatArray, lane: int, elapsed: float, dates: FloatArray) -> float:
    """Return effective compute of a lane, log10 FLOP; ``dates`` are the lane's breakthroughs."""
    jumps = 0.0
    for k in range(dates.size):
        if dates[k] > elapsed:
            break
        jumps += work[JUMP + lane]
    effective, _ = _effective_and_slope(work, lane, elapsed, jumps)
    return effective


@kernel
def growth_at_start(work: FloatArray, lane: int) -> float:
    """Return the growth of a lane's effective compute at the start, OOM per year."""
    _, slope = _effective_and_slope(work, lane, 0.0, 0.0)
    return slope


@kernel
def date_by_bracket(
    work: FloatArray, lane: int, before: float, after: float, target: float, dates: FloatArray
) -> float:
    """Return the time between two times at which the lane passes ``target``, years after the start.

    Regula falsi with the Illinois modification (Dowell & Jarratt 1971): bracketed, superlinear; bisection
    where that is slow, which is at the jump of a breakthrough.
    """
    f_before = effective_at(work, lane, before, dates) - target
    f_after = effective_at(work, lane, after, dates) - target
    if not f_after > 0.0:
        return after
    if not f_before < 0.0:
        return before
    side = 0
    for iteration in range(_ITERATIONS):
        middle = (before * f_after - after * f_before) / (f_after - f_before)
        if iteration >= _PATIENCE:
            middle = 0.5 * (before + after)
        f = effective_at(work, lane, middle, dates) - target
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
        if after - before < _TOLERANCE:
            break
    return after


@kernel
def _newton(work: FloatArray, step: float) -> None:
    """Write dates for all lanes and milestones; NaN where the method has not settled."""
    for m in range(MILESTONES):
        for lane in range(TILE):
            found = work[DATE + m * TILE + lane]
            passed = work[STEP_OF + m * TILE + lane]
            n = max(passed, 1.0)
            target = work[LEVEL + m * TILE + lane]
            begin, end = (n - 1.0) * step, n * step
            x = end
            change = 0.0
            for _ in range(_NEWTON_STEPS):
                effective, slope = _effective_and_slope(work, lane, x, 0.0)
                moved = x - (effective - target) / max(slope, _LEAST_SLOPE)
                moved = min(max(moved, begin), end)
                change = abs(moved - x)
                x = moved
            x = x if change < _TOLERANCE else math.nan
            work[DATE + m * TILE + lane] = found if passed == DATED else x


@kernel
def find_dates(work: FloatArray, width: int, step: float, dates: FloatArray) -> None:
    """Write into the tile the date of every level that was passed, years after the start.

    ``dates`` has shape (lanes, events).
    """
    if dates.shape[1] == 0:
        _newton(work, step)
    for lane in range(width):
        for m in range(MILESTONES):
            row = m * TILE + lane
            n = work[STEP_OF + row]
            unsettled = dates.shape[1] > 0 or math.isnan(work[DATE + row])
            if n > 0.0 and n != DATED and unsettled:
                work[DATE + row] = date_by_bracket(
                    work, lane, (n - 1.0) * step, n * step, work[LEVEL + row], dates[lane]
                )
