"""What else a draw without feedback is asked: when spending meets its caps, and how large the last run is.

Trend and caps meet where 10**trend = 1 / (1/share + 1/cap_usd), which is where the ratios of the trend to
either cap add up to 1:

    10**(trend - share) + 10**(trend - log10 cap_usd) = 1.

While the trend lasts both exponents are linear in time, so the logarithm of the sum is convex and Newton's
method comes down on the root from where the first of them alone would be 1. After the trend's end the first
ratio stays what it is and the rest is a closed form.
"""

from __future__ import annotations

import math

from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.investment import inverse_spending, trend_growth
from timecone.models.compute.engine.open_tile import (
    CAP_DATE,
    COMPUTE_AT,
    DATE,
    ECONOMY_RATE,
    HARDWARE_LIMIT,
    HARDWARE_RATE,
    INVERSE_CAP,
    MILESTONES,
    NOT_PASSED,
    OVER_CAP,
    OVER_SHARE,
    P0,
    SHARE_START,
    SPENDING_RATE,
    STEP_OF,
    TILE,
    TREND_END,
    TREND_START,
)
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LOG2_10, exp2m1, log10
from timecone.schema import FloatArray

_NEWTON_STEPS = 12
_LEAST_RATE = 1e-12
_FAR = 1e4
_NO_CAP = -1e9
# 1 less a ratio is never less than this, unless it is 0.
_LEAST_ROOM = 1e-17
_LAST = (MILESTONES - 1) * TILE


@scalar
def _within(years: float) -> float:
    return min(max(years, 0.0), _FAR)


@scalar
def _time_to(distance: float, rate: float) -> float:
    """Return when something that grows at a constant rate has come so far; a large number for never."""
    return _within(distance / max(rate, _LEAST_RATE)) if rate > _LEAST_RATE else _FAR


@kernel
def _newton(work: FloatArray) -> None:
    """Write when the trend would meet the caps if it lasted, years after the start; `_FAR` for never."""
    for lane in range(TILE):
        share, cap = work[OVER_SHARE + lane], work[OVER_CAP + lane]
        rate, economy = work[SPENDING_RATE + lane], work[ECONOMY_RATE + lane]
        work[CAP_DATE + lane] = min(_time_to(-share, rate - economy), _time_to(-cap, rate))
    for _ in range(_NEWTON_STEPS):
        for lane in range(TILE):
            share, cap = work[OVER_SHARE + lane], work[OVER_CAP + lane]
            rate, economy = work[SPENDING_RATE + lane], work[ECONOMY_RATE + lane]
            t = work[CAP_DATE + lane]
            y, z = share + (rate - economy) * t, cap + rate * t
            # The logarithm of the sum, exact however far one ratio is above the other.
            small = remaining(abs(y - z))
            h = max(y, z) + log10(1.0 + small)
            slope = rate - economy * (1.0 if y > z else small) / (1.0 + small)
            work[CAP_DATE + lane] = _within(t - h / max(slope, _LEAST_RATE))


@kernel
def find_cap_dates(work: FloatArray) -> None:
    """Write when spending meets its caps, years after the start; +inf for never."""
    for lane in range(TILE):
        trend, inverse_cap = work[TREND_START + lane], work[INVERSE_CAP + lane]
        work[OVER_SHARE + lane] = trend - work[SHARE_START + lane]
        work[OVER_CAP + lane] = trend + (log10(inverse_cap) if inverse_cap > 0.0 else _NO_CAP)
    _newton(work)
    for lane in range(TILE):
        share, cap = work[OVER_SHARE + lane], work[OVER_CAP + lane]
        rate, economy = work[SPENDING_RATE + lane], work[ECONOMY_RATE + lane]
        end = min(work[TREND_END + lane], _FAR)
        room = -exp2m1(LOG2_10 * (share + (rate - economy) * end))
        after = end + _time_to(log10(max(room, _LEAST_ROOM)) - cap - rate * end, economy)
        before = work[CAP_DATE + lane]
        date = before if before <= end else after
        met = remaining(-share) + remaining(-cap) >= 1.0
        date = 0.0 if met else date
        work[CAP_DATE + lane] = date if date < _FAR else math.inf


@kernel
def find_training_compute(work: FloatArray) -> None:
    """Write the training compute of the largest run when the last level is passed, log10 FLOP.

    It is that of the start where the level was not passed.
    """
    for lane in range(TILE):
        passed = work[STEP_OF + _LAST + lane]
        date = work[DATE + _LAST + lane]
        t = 0.0 if (passed == 0.0) | (passed == NOT_PASSED) else date
        rate, economy = work[SPENDING_RATE + lane], work[ECONOMY_RATE + lane]
        trend = work[TREND_START + lane] + trend_growth(0.0, t, work[TREND_END + lane], rate, economy)
        share = work[SHARE_START + lane] + economy * t
        spent = inverse_spending(remaining(trend), remaining(share), work[INVERSE_CAP + lane])
        hardware = inverse_gain(remaining(work[HARDWARE_RATE + lane] * t), work[HARDWARE_LIMIT + lane])
        work[COMPUTE_AT + lane] = work[P0 + lane] - log10(spent * hardware)
