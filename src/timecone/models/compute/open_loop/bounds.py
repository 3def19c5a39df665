"""What else a draw without feedback is asked: when spending meets its caps, and how large the last run is.

Trend and caps meet where 10**trend = 1 / (1/share + 1/cap_usd). Both are closed forms of time, and the
distance of their logarithms is convex before and after the end of the trend, so Newton's method settles in a
few steps.
"""

from __future__ import annotations

import math

from timecone.models.compute import table
from timecone.models.compute.economy import growth_rate
from timecone.models.compute.hardware import trend as hardware_trend
from timecone.models.compute.headroom import fraction_of_limit, inverse_gain, remaining
from timecone.models.compute.investment import inverse_spending, trend_growth
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray

_NEWTON_STEPS = 12
_LEAST_SLOPE = 1e-12
_FAR = 1e4
_NO_CAP = -1e9


@scalar
def _meeting(distance: float, rate: float, economy: float, share: float, cap: float) -> float:
    """Return when a trend meets the caps, years from now; a large number where it does not.

    Parameters
    ----------
    distance : float
        The trend now, log10 USD.
    rate, economy : float
        Growth of the trend and of the share of output, OOM per year.
    share : float
        Largest share of output now, log10 USD.
    cap : float
        One over the absolute cap, 1/USD.
    """
    log_cap = log10(cap) if cap > 0.0 else _NO_CAP
    t = 0.0
    for _ in range(_NEWTON_STEPS):
        # log10(1 + 10**x) for the share over the absolute cap, exact however far one is above the other.
        x = share + economy * t + log_cap
        small = remaining(abs(x))
        h = distance - share + (rate - economy) * t + max(x, 0.0) + log10(1.0 + small)
        slope = rate - economy * (small if x > 0.0 else 1.0) / (1.0 + small)
        t = min(max(t - h / slope, 0.0), _FAR) if slope > _LEAST_SLOPE else (0.0 if h >= 0.0 else _FAR)
    return t


@kernel
def cap_dates(inputs: FloatArray, dates: FloatArray) -> None:
    """Fill when spending meets its caps, years after the start; shape (draws,), +inf for never."""
    for i in range(dates.size):
        economy = growth_rate(inputs[table.ECONOMY_GROWTH, i])
        rate = log10(inputs[table.INVESTMENT_GROWTH, i])
        trend = log10(inputs[table.LARGEST_RUN, i])
        share = log10(inputs[table.OUTPUT, i]) + log10(inputs[table.CAP_SHARE, i])
        cap = 1.0 / inputs[table.CAP_USD, i]
        end = min(inputs[table.LIFETIME, i], _FAR)
        before = _meeting(trend, rate, economy, share, cap)
        after = end + _meeting(trend + rate * end, economy, economy, share + economy * end, cap)
        date = before if before <= end else after
        dates[i] = date if date < _FAR else math.inf


@kernel
def training_compute(inputs: FloatArray, elapsed: FloatArray, out: FloatArray) -> None:
    """Fill the training compute of the largest run, log10 FLOP, at a time of each draw; shape (draws,).

    ``elapsed`` in years after the start; 0 is taken where it is not finite.
    """
    for i in range(out.size):
        t = elapsed[i] if elapsed[i] < _FAR else 0.0
        economy = growth_rate(inputs[table.ECONOMY_GROWTH, i])
        rate = log10(inputs[table.INVESTMENT_GROWTH, i])
        trend = log10(inputs[table.LARGEST_RUN, i]) + trend_growth(
            0.0, t, inputs[table.LIFETIME, i], rate, economy
        )
        share = log10(inputs[table.OUTPUT, i]) + log10(inputs[table.CAP_SHARE, i]) + economy * t
        spent = inverse_spending(remaining(trend), remaining(share), 1.0 / inputs[table.CAP_USD, i])
        hardware = inverse_gain(
            remaining(hardware_trend(inputs[table.DOUBLING_TIME, i]) * t),
            fraction_of_limit(inputs[table.HARDWARE_HEADROOM, i]),
        )
        out[i] = log10(inputs[table.PRICE_PERFORMANCE, i]) - log10(spent * hardware)
