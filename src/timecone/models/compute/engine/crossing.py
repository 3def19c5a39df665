"""Dates inside a step: when a draw passes a level, a bound, or an adopted share.

Effective compute is known at both ends of a step with its slope there: the cubic through them (Hermite) is
solved for the level. Its error is of fourth order in the step, below that of the states. Slopes above three
times the mean one are cut to that (Fritsch & Carlson 1980): where growth explodes inside a step the cubic
would dip before it rises, and pass a level three times.

Without feedback a step is exact whatever its length. Then the cubic gives only a first guess, and the date is
that at which a shorter step ends on the level: it does not depend on the grid.
"""

from __future__ import annotations

import math

from timecone.models.compute.components import automation
from timecone.models.compute.components.headroom import MOST_GROWTH
from timecone.models.compute.engine.heun import step
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATE,
    END,
    HARDWARE,
    LAST,
    LEVEL,
    LOOPS,
    NOT_PASSED,
    NOW,
    PASSING,
    RESULT,
    SEARCH,
    SOFTWARE,
    SPENDING,
    TILE,
    WALL,
    State,
)
from timecone.models.compute.engine.milestone import LEVELS
from timecone.models.compute.engine.rates import slope
from timecone.models.compute.engine.rootfind import illinois
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray

#: Growth of effective compute above which an arrival rests on a blow-up, OOM per year: it doubles within
#: 5.5 days, and which day it is follows from the equations' pole and not from what was put in.
BLOW_UP_GROWTH = 20.0

# A cubic whose slopes at the ends are at most this many times its mean slope passes a level once.
_STEEPEST = 3.0

# A limit this far below the bound of growth, or spending, is not affected by it: what the bound leaves is
# less than its last digit.
_LEAST_LIMIT = 10.0 ** (16.0 - MOST_GROWTH)
_MOST_SPENDING = 10.0 ** (MOST_GROWTH - 16.0)

_TOLERANCE = 1e-13
_NEWTON_STEPS = 8
_LEAST_RISE = 1e-12


@scalar
def _cubic(x: float, arguments: tuple[float, float, float, float, float]) -> float:
    """Return Hermite's cubic at x in [0, 1] less the level; slopes per unit of x."""
    level, before, after, slope_before, slope_after = arguments
    rise = after - before
    a = slope_before + slope_after - 2.0 * rise
    b = 3.0 * rise - 2.0 * slope_before - slope_after
    return ((a * x + b) * x + slope_before) * x + before - level


_solve_cubic = illinois(_cubic, _TOLERANCE)


@kernel
def _when(level: float, before: float, after: float, slope_before: float, slope_after: float) -> float:
    """Return where in [0, 1] the cubic comes to the level."""
    if before >= level:
        return 0.0
    steepest = _STEEPEST * (after - before)
    slopes = min(slope_before, steepest), min(slope_after, steepest)
    return _solve_cubic((level, before, after, slopes[0], slopes[1]), 0.0, 1.0, before - level, after - level)


@kernel
def _polish(
    work: FloatArray, lane: int, begin: float, length: float, level: float, x: float, features: int
) -> float:
    """Return where in [0, 1] a step without feedback comes to the level, near x, by Newton's method.

    Leaves the states at that time in the rows of the step's end.
    """
    for _ in range(_NEWTON_STEPS):
        at = begin + x * length
        work[PASSING.elapsed + lane] = at
        step(work[lane:], 1, x * length, features)
        rise = slope(work, lane, END, at, work[END.multiplier + lane], features) * length
        change = (level - work[END.effective + lane]) / rise if rise > _LEAST_RISE else 0.0
        x = min(max(x + change, 0.0), 1.0)
        if abs(change) < _TOLERANCE:
            break
    return x


@scalar
def _adopted_less_target(x: float, arguments: tuple[float, float, float, float, float]) -> float:
    u, f_before, f_after, step, lag = arguments
    return automation.adopted_inside(x, u, f_before, f_after, step, lag) - automation.TAKEN_SHARE


_solve_adoption = illinois(_adopted_less_target, 1e-14)


@scalar
def taken_over_within(u: float, f_before: float, f_after: float, step: float, lag: float) -> float:
    """Return where in (0, 1] of a step u comes to `automation.TAKEN_SHARE`; 0 without a lag.

    ``u`` lies below it at the step's beginning and not at its end; without a lag f says when.
    """
    if not lag > automation.NO_LAG:
        return 0.0
    arguments = (u, f_before, f_after, step, lag)
    high = _adopted_less_target(1.0, arguments)
    if not high > 0.0:
        return 1.0
    return _solve_adoption(arguments, 0.0, 1.0, u - automation.TAKEN_SHARE, high)


@scalar
def _zero_of_line(before: float, after: float) -> float:
    """Return where a line from a negative number comes to 0, in [0, 1]."""
    return min(max(before / (before - after), 0.0), 1.0) if before < 0.0 else 0.0


@kernel
def date_bounds(work: FloatArray, lane: int, begin: float, end: float, features: int) -> None:
    """Date the passing of the data wall and of the spending cap within a step, by straight lines."""
    wall = features & WALL and work[RESULT.wall_date + lane] == math.inf
    if wall and work[END.excess + lane] >= 0.0:
        x = _zero_of_line(work[NOW.excess + lane], work[END.excess + lane])
        work[RESULT.wall_date + lane] = begin + x * (end - begin)
    if work[RESULT.cap_date + lane] == math.inf:
        after = log10(work[END.inverse_caps + lane] / work[END.inverse_trend + lane])
        if after >= 0.0:
            before = -1.0
            if end > begin:
                before = log10(work[NOW.inverse_caps + lane] / work[NOW.inverse_trend + lane])
            work[RESULT.cap_date + lane] = begin + _zero_of_line(before, after) * (end - begin)


@scalar
def _is_lost(progress: float, limit: float) -> bool:
    """Return whether an efficiency is at its bound although its headroom, 10**-``limit``, leaves more."""
    return (progress >= MOST_GROWTH and limit < _LEAST_LIMIT) or progress <= -MOST_GROWTH


@kernel
def check_range(work: FloatArray, lane: int, at: State) -> None:
    """Note whether a state meets the bound of what the kernel can represent before the last level is passed.

    ``at`` is `NOW` or `END`. An arrival is judged by the beginning of its step: growth that meets a bound
    within the step is a blow-up, which is flagged.
    """
    if work[DATE + LAST + lane] != NOT_PASSED:
        return
    lost = _is_lost(work[at.hardware.progress + lane], work[HARDWARE.limit + lane])
    lost |= _is_lost(work[at.software.progress + lane], work[SOFTWARE.limit + lane])
    trend = work[at.trend + lane]
    share = work[at.output + lane] + work[SPENDING.cap_share + lane] - work[at.lost + lane]
    # The smallest of trend and caps is what counts: a large one may be cut.
    small = 1.0 / (work[at.inverse_trend + lane] + work[at.inverse_caps + lane])
    lost |= trend <= -MOST_GROWTH or share <= -MOST_GROWTH or small >= _MOST_SPENDING
    if lost:
        work[RESULT.beyond_range + lane] = 1.0


@kernel
def date_adoption(work: FloatArray, lane: int, begin: float, end: float) -> None:
    """Date the passing of the adopted share within a step in which the share that AI can do is linear.

    Never before the date at which AI can do that share, which must have been noted.
    """
    u = work[END.adopted + lane]
    first = work[DATE + lane]
    if u < work[SEARCH.adoption + lane] or first == NOT_PASSED:
        return
    x = 0.0
    if end > begin:
        before, after = work[NOW.share + lane], work[END.share + lane]
        had = work[NOW.adopted + lane]
        x = taken_over_within(had, before, after, end - begin, work[AUTOMATION.lag + lane])
    work[RESULT.adoption_date + lane] = max(begin + x * (end - begin), first)
    work[SEARCH.adoption + lane] = math.inf


@kernel
def date_levels(work: FloatArray, lane: int, begin: float, end: float, passed: int, features: int) -> int:
    """Date the levels passed within a step; return how many have been passed in all.

    With ``begin`` equal to ``end`` something jumped: levels are passed at that moment.
    """
    slope_before, slope_after = 0.0, 0.0
    exact = features & LOOPS == 0 and end > begin
    first = passed
    if end > begin:
        slope_before = slope(work, lane, NOW, begin, work[NOW.multiplier + lane], features) * (end - begin)
        slope_after = slope(work, lane, END, end, work[END.multiplier + lane], features) * (end - begin)
    before, after = work[NOW.effective + lane], work[END.effective + lane]
    while passed < LEVELS and after >= work[LEVEL + passed * TILE + lane]:
        level = work[LEVEL + passed * TILE + lane]
        x = _when(level, before, after, slope_before, slope_after) if end > begin else 0.0
        low, high = work[NOW.physical + lane], work[END.physical + lane]
        compute = low + x * (high - low) if end > begin else high
        if exact:
            x = _polish(work, lane, begin, end - begin, level, x, features)
            compute = work[END.physical + lane]
        if passed == LEVELS - 1:
            check_range(work, lane, NOW)
        work[DATE + passed * TILE + lane] = begin + x * (end - begin)
        passed += 1
        if passed == LEVELS:
            work[RESULT.compute_at + lane] = compute
            fast = max(slope_before, slope_after, after - before) > BLOW_UP_GROWTH * (end - begin)
            work[RESULT.blow_up + lane] = 1.0 if end > begin and fast else 0.0
    if exact and passed > first:
        work[PASSING.elapsed + lane] = end
        step(work[lane:], 1, end - begin, features)
    work[SEARCH.target + lane] = work[LEVEL + passed * TILE + lane] if passed < LEVELS else math.inf
    return passed
