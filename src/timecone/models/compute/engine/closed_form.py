"""Closed form of the open loop: effective compute as a function of time, and the dates that follow.

Without feedback every trend is linear in time (the spending trend in two pieces), so the date at which a
level is passed is solved for directly: all lanes of a tile together by Newton's method, and the few for which
that does not settle (a kink or a jump near by) one by one with a bracket.

The spending trend meets its caps where 10**trend = 1 / (1/share + 1/cap_usd), which is where the ratios of
the trend to either cap add up to 1:

    10**(trend - share) + 10**(trend - log10 cap_usd) = 1.

While the trend lasts both exponents are linear in time, so the logarithm of the sum is convex and Newton's
method comes down on the root from where the first of them alone would be 1. After the trend's end the first
ratio stays what it is and the rest is a closed form.
"""

from __future__ import annotations

import math

from timecone.models.compute.components import headroom, investment
from timecone.models.compute.components.effective import effective_compute
from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.investment import inverse_spending, trend_growth, trend_rate
from timecone.models.compute.engine.layout import (
    DATE,
    ECONOMY,
    EVENTS,
    HARDWARE,
    LAST,
    LEVEL,
    OPEN,
    PRICE,
    RESULT,
    SOFTWARE,
    SPENDING,
    STEP_OF,
    TILE,
)
from timecone.models.compute.engine.milestone import LEVELS
from timecone.models.compute.engine.rootfind import illinois
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LOG2_10, exp2m1, log10
from timecone.schema import FloatArray

#: In `STEP_OF`: not passed yet, or passed and dated already.
NO_STEP = -1.0
DATED = -2.0

_TOLERANCE = 1e-12
_NEWTON_STEPS = 5
_LEAST_SLOPE = 1e-9

_CAP_NEWTON_STEPS = 12
_LEAST_RATE = 1e-12
_FAR = 1e4
_NO_CAP = -1e9
# 1 less a ratio is never less than this, unless it is 0.
_LEAST_ROOM = 1e-17


@scalar
def _inverse_spent(work: FloatArray, lane: int, elapsed: float) -> tuple[float, float, float]:
    """Return one over the spending trend, over its share of output, and over spending, 1/USD."""
    rate, economy = work[SPENDING.rate + lane], work[ECONOMY.rate + lane]
    grown = trend_growth(0.0, elapsed, work[EVENTS.trend_end + lane], rate, economy)
    trend = remaining(work[OPEN.trend_start + lane] + grown)
    share = remaining(work[OPEN.share_start + lane] + economy * elapsed)
    spent = inverse_spending(inverse_spending(trend, share), work[SPENDING.inverse_cap + lane])
    return trend, share, spent


@scalar
def _effective_and_slope(work: FloatArray, lane: int, elapsed: float, jumps: float) -> tuple[float, float]:
    """Return effective compute, log10 FLOP, and its growth, OOM per year.

    ``elapsed`` in years after the start; ``jumps`` is what breakthroughs added until then, OOM.
    """
    trend, share, spent = _inverse_spent(work, lane, elapsed)
    economy_rate, spending_rate = work[ECONOMY.rate + lane], work[SPENDING.rate + lane]
    hardware = remaining(work[HARDWARE.rate + lane] * elapsed)
    software = remaining(work[SOFTWARE.rate + lane] * elapsed + jumps)
    inverse_hardware = inverse_gain(hardware, work[HARDWARE.limit + lane])
    inverse_software = inverse_gain(software, work[SOFTWARE.limit + lane])
    effective = effective_compute(work[PRICE.log + lane], inverse_hardware * spent * inverse_software)
    growing = trend_rate(spending_rate, economy_rate, elapsed < work[EVENTS.trend_end + lane])
    of_hardware = headroom.inverse_decline(work[HARDWARE.rate + lane], hardware, work[HARDWARE.limit + lane])
    of_software = headroom.inverse_decline(work[SOFTWARE.rate + lane], software, work[SOFTWARE.limit + lane])
    of_spending = investment.inverse_decline(trend, share, growing, economy_rate)
    slope = of_hardware / inverse_hardware + of_spending / spent + of_software / inverse_software
    return effective, slope


@kernel
def effective_at(work: FloatArray, lane: int, elapsed: float, breakthroughs: FloatArray) -> float:
    """Return effective compute of a lane, log10 FLOP; ``breakthroughs`` are the lane's."""
    jumps = 0.0
    for k in range(breakthroughs.size):
        if breakthroughs[k] > elapsed:
            break
        jumps += work[EVENTS.jump + lane]
    effective, _ = _effective_and_slope(work, lane, elapsed, jumps)
    return effective


@kernel
def growth_at_start(work: FloatArray, lane: int) -> float:
    """Return the growth of a lane's effective compute at the start, OOM per year."""
    _, slope = _effective_and_slope(work, lane, 0.0, 0.0)
    return slope


@kernel
def _above_target(elapsed: float, arguments: tuple[FloatArray, int, float, FloatArray]) -> float:
    work, lane, target, breakthroughs = arguments
    return effective_at(work, lane, elapsed, breakthroughs) - target


_solve = illinois(_above_target, _TOLERANCE, iterations=80, patience=20)


@kernel
def date_by_bracket(
    work: FloatArray, lane: int, before: float, after: float, target: float, breakthroughs: FloatArray
) -> float:
    """Return the time between two times at which the lane passes ``target``, years after the start."""
    f_before = effective_at(work, lane, before, breakthroughs) - target
    f_after = effective_at(work, lane, after, breakthroughs) - target
    if not f_after > 0.0:
        return after
    if not f_before < 0.0:
        return before
    return _solve((work, lane, target, breakthroughs), before, after, f_before, f_after)


@kernel
def _newton(work: FloatArray, step: float) -> None:
    """Write dates for all lanes and levels; NaN where the method has not settled."""
    for m in range(LEVELS):
        for lane in range(TILE):
            known = work[DATE + m * TILE + lane]
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
            work[DATE + m * TILE + lane] = known if passed == DATED else x


@kernel
def date_levels(work: FloatArray, width: int, step: float, breakthroughs: FloatArray) -> None:
    """Write into the tile the date of every level that was passed, years after the start.

    ``breakthroughs`` has shape (lanes, events).
    """
    if breakthroughs.shape[1] == 0:
        _newton(work, step)
    for lane in range(width):
        for m in range(LEVELS):
            row = m * TILE + lane
            n = work[STEP_OF + row]
            unsettled = breakthroughs.shape[1] > 0 or math.isnan(work[DATE + row])
            if n > 0.0 and n != DATED and unsettled:
                work[DATE + row] = date_by_bracket(
                    work, lane, (n - 1.0) * step, n * step, work[LEVEL + row], breakthroughs[lane]
                )


@scalar
def _within(years: float) -> float:
    return min(max(years, 0.0), _FAR)


@scalar
def _time_to(distance: float, rate: float) -> float:
    """Return when something that grows at a constant rate has come so far; a large number for never."""
    return _within(distance / max(rate, _LEAST_RATE)) if rate > _LEAST_RATE else _FAR


@kernel
def _cap_newton(work: FloatArray) -> None:
    """Write when the trend would meet the caps if it lasted, years after the start; `_FAR` for never."""
    for lane in range(TILE):
        share, cap = work[OPEN.over_share + lane], work[OPEN.over_cap + lane]
        rate, economy = work[SPENDING.rate + lane], work[ECONOMY.rate + lane]
        work[RESULT.cap_date + lane] = min(_time_to(-share, rate - economy), _time_to(-cap, rate))
    for _ in range(_CAP_NEWTON_STEPS):
        for lane in range(TILE):
            share, cap = work[OPEN.over_share + lane], work[OPEN.over_cap + lane]
            rate, economy = work[SPENDING.rate + lane], work[ECONOMY.rate + lane]
            t = work[RESULT.cap_date + lane]
            y, z = share + (rate - economy) * t, cap + rate * t
            # The logarithm of the sum, exact however far one ratio is above the other.
            small = remaining(abs(y - z))
            h = max(y, z) + log10(1.0 + small)
            slope = rate - economy * (1.0 if y > z else small) / (1.0 + small)
            work[RESULT.cap_date + lane] = _within(t - h / max(slope, _LEAST_RATE))


@kernel
def date_caps(work: FloatArray) -> None:
    """Write when spending meets its caps, years after the start; +inf for never."""
    for lane in range(TILE):
        trend, inverse_cap = work[OPEN.trend_start + lane], work[SPENDING.inverse_cap + lane]
        work[OPEN.over_share + lane] = trend - work[OPEN.share_start + lane]
        work[OPEN.over_cap + lane] = trend + (log10(inverse_cap) if inverse_cap > 0.0 else _NO_CAP)
    _cap_newton(work)
    for lane in range(TILE):
        share, cap = work[OPEN.over_share + lane], work[OPEN.over_cap + lane]
        rate, economy = work[SPENDING.rate + lane], work[ECONOMY.rate + lane]
        end = min(work[EVENTS.trend_end + lane], _FAR)
        room = -exp2m1(LOG2_10 * (share + (rate - economy) * end))
        after = end + _time_to(log10(max(room, _LEAST_ROOM)) - cap - rate * end, economy)
        before = work[RESULT.cap_date + lane]
        date = before if before <= end else after
        met = remaining(-share) + remaining(-cap) >= 1.0
        date = 0.0 if met else date
        work[RESULT.cap_date + lane] = date if date < _FAR else math.inf


@kernel
def set_training_compute(work: FloatArray) -> None:
    """Write the training compute of the largest run when the last level is passed, log10 FLOP.

    It is that of the start where the level was not passed.
    """
    for lane in range(TILE):
        passed = work[STEP_OF + LAST + lane]
        date = work[DATE + LAST + lane]
        t = 0.0 if (passed == 0.0) | (passed == NO_STEP) else date
        _, _, spent = _inverse_spent(work, lane, t)
        hardware = inverse_gain(remaining(work[HARDWARE.rate + lane] * t), work[HARDWARE.limit + lane])
        work[RESULT.compute_at + lane] = effective_compute(work[PRICE.log + lane], spent * hardware)
