"""Logistic limit of an efficiency that grows exponentially until headroom runs out.

With e = log10(efficiency / efficiency at start) and headroom h, both in OOM, and a trend of rate g:

    de/dt = g * speedup * (1 - 10**(e - h)),   e(0) = 0

Substituting x = 10**-e makes the equation linear, dx/dt = -g ln(10) speedup (x - 10**-h), so that

    x = 10**-h + (1 - 10**-h) * 10**-q,   q = integral of g * speedup dt.

q is the progress an unlimited trend would have made, 10**-q the part of today's cost that it would leave;
they are what is stepped through time, so the limit adds no error of its own, however long the step.
Hardware and algorithms share this law.
"""

from __future__ import annotations

from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp10

#: Bound on the growth of any one factor, in OOM, far above every threshold: a runaway trend ends as a
#: crossing, and the product of three inverse factors stays a normal number.
MOST_GROWTH = 100.0
LEAST_LEFT = 10.0**-MOST_GROWTH
MOST_LEFT = 10.0**MOST_GROWTH


@scalar
def headroom_left(headroom: float, rate: float, start: float, year: float) -> float:
    """Return the headroom left at the start, OOM, of a headroom that its source states for ``year``.

    What the trend has gained since that year, ``rate`` OOM per year, is taken off; never below 0. A year
    after the start, also +inf, leaves the headroom as it is stated.
    """
    return max(headroom - rate * max(start - year, 0.0), 0.0)


@scalar
def fraction_of_limit(headroom: float) -> float:
    """Return the efficiency at the start over its limit, 10**-headroom; ``headroom`` is that of the start."""
    return exp10(-headroom)


@scalar
def remaining(progress: float) -> float:
    """Return 10**-progress, bounded; progress in OOM."""
    return exp10(-min(max(progress, -MOST_GROWTH), MOST_GROWTH))


@scalar
def inverse_gain(left: float, fraction: float) -> float:
    """Return efficiency at start over efficiency now.

    Parameters
    ----------
    left : float
        `remaining` after the unlimited progress since the start.
    fraction : float
        `fraction_of_limit`.
    """
    return fraction + (1.0 - fraction) * left


@scalar
def limited_growth(growth: float, left: float, fraction: float) -> float:
    """Return the growth of an efficiency within its headroom.

    Parameters
    ----------
    growth : float
        Unlimited growth, OOM per year.
    left, fraction : float
        As of `inverse_gain`.
    """
    growing = (1.0 - fraction) * left
    return growing / (fraction + growing) * growth


@scalar
def inverse_decline(growth: float, left: float, fraction: float) -> float:
    """Return how fast `inverse_gain` falls, per year, in units of ln(10); arguments as of `limited_growth`.

    Over `inverse_gain` it is `limited_growth`.
    """
    return growth * (1.0 - fraction) * left


@scalar
def advanced(progress: float, gain: float) -> float:
    """Return unlimited progress after a gain, OOM, bounded above."""
    return min(progress + gain, MOST_GROWTH)
