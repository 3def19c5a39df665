"""Dates of milestones, from levels at the steps of a grid.

On the published grid a date is the first step at which a condition holds, that of the wake-up and of what can
be automated without a trade-off the last step at which it comes to hold. Growth over a year belongs to the
beginning of the year.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.full_takeoff.engine import layout as row
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, log2
from timecone.schema import FloatArray

#: Milestones in the order of the model: the level, what it has to reach, whether it has to exceed it, and
#: whether its published date is that of the last time. Of the wake-up the trigger takes the place of NaN.
WAKEUP: Final = 0
CONDITIONS: Final = (
    (row.AUTOMATED_GOODS, np.nan, False, True),
    (row.AUTOMATED_RND, 0.2, False, False),
    (row.AUTOMATED_RND, 0.5, False, False),
    (row.AUTOMATED_RND, 1.0, False, False),
    (row.AUTOMATED_GOODS, 0.2, False, False),
    (row.AUTOMATED_GOODS, 0.5, False, False),
    (row.AUTOMATED_GOODS, 1.0, False, False),
    (row.UNTRADED, 0.2, False, True),
    (row.UNTRADED, 1.0, False, True),
    (row.MULTIPLIER, 2.0, True, False),
    (row.MULTIPLIER, 10.0, True, False),
    (row.AUTOMATED_RND, 0.2, True, False),
    (row.AUTOMATED_GOODS, 0.2, True, False),
)
LEVEL = np.array([condition[0] for condition in CONDITIONS])
LIMIT = np.array([condition[1] for condition in CONDITIONS])
STRICT = np.array([condition[2] for condition in CONDITIONS])
STAMPED_ANEW = np.array([condition[3] for condition in CONDITIONS])
#: Milestones of a level; those of growth follow.
OF_LEVELS: Final = len(CONDITIONS)
GROWTH_LIMITS = np.array([0.05, 0.2])
MILESTONES: Final = OF_LEVELS + len(GROWTH_LIMITS)
#: Doubling times of output that a draw has, the first one that of the start.
DOUBLINGS: Final = 5
#: Windows in which a doubling makes a slow takeoff or not, and the lead of the longer one, years.
SHORT_WINDOW, LONG_WINDOW, LEAD = 1, 4, 4.0
#: Numbers of a draw: doubling times, whether the takeoff is slow, why the draw failed.
SLOW: Final = DOUBLINGS
FAILURE: Final = DOUBLINGS + 1
NUMBERS: Final = DOUBLINGS + 2
_DOUBLE: Final = 2.0
# Lags are differences of dates on a grid.
_ROUNDING = 1e-9


@scalar
def holds(milestone: int, level: float, limit: float) -> bool:
    """Return whether a level has come to where a milestone wants it."""
    return level > limit if STRICT[milestone] else level >= limit


@kernel
def set_limits(trigger: float, limits: FloatArray) -> None:
    """Fill what each level has to reach; ``trigger`` is that of the wake-up."""
    limits[:] = LIMIT
    limits[WAKEUP] = trigger


@kernel
def date_on_grid(milestone: int, levels: FloatArray, points: int, limit: float) -> int:
    """Return the step of a milestone on the published grid of so many points; -1 for none."""
    if not STAMPED_ANEW[milestone]:
        for k in range(points):
            if holds(milestone, levels[k], limit):
                return k
        return -1
    last = -1
    before = False
    for k in range(points - 1):
        now = holds(milestone, levels[k], limit)
        if now and not before:
            last = k
        before = now
    return last


@scalar
def _log_growth(output: FloatArray, k: int, window: int) -> float:
    return float(log2(output[k + window] / output[k]) * LN_2)


@kernel
def growth_date(output: FloatArray, points: int, window: int, limit: float, inside: bool) -> float:
    """Return the first beginning, in steps, of a window over which output grows by more than e**limit.

    Inside steps where asked, growth being linear there; -1 for none. The last window does not count.
    """
    before = 0.0
    for k in range(points - window - 1):
        growth = _log_growth(output, k, window)
        if growth > limit:
            if inside and k > 0:
                return k - 1 + (limit - before) / (growth - before)
            return float(k)
        before = growth
    return -1.0


@kernel
def _doubling_date(output: FloatArray, points: int, window: int, inside: bool) -> float:
    """Return the first beginning, in steps, of a window in which output doubles; -1 for none."""
    before = 0.0
    for k in range(points - 1 - window):
        # The ratio itself: a window of exactly 2 counts.
        if output[k + window] / output[k] >= _DOUBLE:
            if inside and k > 0:
                return k - 1 + (LN_2 - before) / (_log_growth(output, k, window) - before)
            return float(k)
        before = _log_growth(output, k, window)
    return -1.0


@kernel
def set_doubling_times(
    output: FloatArray, points: int, step: float, wakeup: float, numbers: FloatArray, inside: bool
) -> None:
    """Fill the doubling times: that of the start, then one after the other from the wake-up on.

    ``wakeup`` is in steps, negative for none: then there is no doubling time.
    """
    numbers[:DOUBLINGS] = np.inf
    if wakeup < 0.0:
        return
    numbers[0] = step / log2(output[1] / output[0])
    at = wakeup
    k = int(wakeup)
    share = wakeup - k
    reference = output[k]
    if share > 0.0 and k + 1 < points:
        reference = output[k] * (output[k + 1] / output[k]) ** share
    for n in range(1, DOUBLINGS):
        k = int(at)
        while k < points and not output[k] > _DOUBLE * reference:
            k += 1
        if k == points:
            return
        reached = float(k)
        if inside and k > 0:
            reached = k - 1 + log2(_DOUBLE * reference / output[k - 1]) / log2(output[k] / output[k - 1])
        numbers[n] = step * (reached - at)
        at = reached
        reference = _DOUBLE * reference if inside else output[k]


@kernel
def is_slow(output: FloatArray, points: int, step: float, inside: bool) -> bool:
    """Return whether no year doubles output, or the first begins 4 years or more after such four years."""
    short = _doubling_date(output, points, int(SHORT_WINDOW / step), inside)
    if short < 0.0:
        return True
    long = _doubling_date(output, points, int(LONG_WINDOW / step), inside)
    return step * (short - long) >= LEAD - _ROUNDING
