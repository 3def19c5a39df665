"""The date at which a draw passes a level, inside a step.

Effective compute is known at both ends of a step with its growth there: the cubic through them (Hermite) is
solved for the level. Its error is of fourth order in the step, below that of the states. Slopes above three
times the mean one are cut to that (Fritsch & Carlson 1980): where growth explodes inside a step the cubic
would dip before it rises, and pass a level three times.

Without feedback a step is exact whatever its length. Then the cubic only says where to begin, and the date is
that at which a shorter step ends on the level: it does not depend on the grid.
"""

from __future__ import annotations

import math

from timecone.models.compute.components import automation
from timecone.models.compute.components.headroom import MOST_GROWTH
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.features import LOOPS, WALL
from timecone.models.compute.engine.heun import step
from timecone.models.compute.engine.rates import growth
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

_ITERATIONS = 60
_TOLERANCE = 1e-13
_NEWTON_STEPS = 8
_LEAST_RISE = 1e-12


@scalar
def _cubic(x: float, before: float, after: float, slope_before: float, slope_after: float) -> float:
    """Return Hermite's cubic at x in [0, 1]; slopes per unit of x."""
    rise = after - before
    a = slope_before + slope_after - 2.0 * rise
    b = 3.0 * rise - 2.0 * slope_before - slope_after
    return ((a * x + b) * x + slope_before) * x + before


@kernel
def _when(level: float, before: float, after: float, slope_before: float, slope_after: float) -> float:
    """Return where in [0, 1] the cubic comes to the level: regula falsi, Illinois (Dowell & Jarratt 1971)."""
    steepest = _STEEPEST * (after - before)
    slope_before, slope_after = min(slope_before, steepest), min(slope_after, steepest)
    left, right = 0.0, 1.0
    f_left, f_right = before - level, after - level
    if f_left >= 0.0:
        return 0.0
    side = 0
    for k in range(_ITERATIONS):
        middle = (left * f_right - right * f_left) / (f_right - f_left)
        if k > _ITERATIONS // 2:
            middle = 0.5 * (left + right)
        f = _cubic(middle, before, after, slope_before, slope_after) - level
        if f < 0.0:
            left, f_left = middle, f
            if side < 0:
                f_right *= 0.5
            side = -1
        else:
            right, f_right = middle, f
            if side > 0:
                f_left *= 0.5
            side = 1
        if right - left < _TOLERANCE or f == 0.0:
            break
    return right


@kernel
def _refined(
    work: FloatArray, lane: int, begin: float, length: float, level: float, x: float, features: int
) -> float:
    """Return where in [0, 1] a step without feedback comes to the level, near x, by Newton's method.

    Leaves the states at that time in the rows of the step's end.
    """
    for _ in range(_NEWTON_STEPS):
        at = begin + x * length
        work[r.ELAPSED + lane] = at
        step(work[lane:], 1, x * length, features)
        rise = growth(work, lane, r.END, at, features) * length
        change = (level - work[r.END + r.EFFECTIVE + lane]) / rise if rise > _LEAST_RISE else 0.0
        x = min(max(x + change, 0.0), 1.0)
        if abs(change) < _TOLERANCE:
            break
    return x


@scalar
def _between(before: float, after: float) -> float:
    """Return where a line from a negative number comes to 0, in [0, 1]."""
    return min(max(before / (before - after), 0.0), 1.0) if before < 0.0 else 0.0


@kernel
def note_bounds(work: FloatArray, lane: int, begin: float, end: float, features: int) -> None:
    """Date the passing of the data wall and of the cap within a step, by straight lines."""
    if features & WALL and work[r.DATA_DATE + lane] == math.inf and work[r.END + r.EXCESS + lane] >= 0.0:
        x = _between(work[r.EXCESS + lane], work[r.END + r.EXCESS + lane])
        work[r.DATA_DATE + lane] = begin + x * (end - begin)
    if work[r.CAP_DATE + lane] == math.inf:
        after = log10(work[r.END + r.INVERSE_CAPS + lane] / work[r.END + r.INVERSE_TREND + lane])
        if after >= 0.0:
            before = -1.0
            if end > begin:
                before = log10(work[r.INVERSE_CAPS + lane] / work[r.INVERSE_TREND + lane])
            work[r.CAP_DATE + lane] = begin + _between(before, after) * (end - begin)


@scalar
def _lost(progress: float, limit: float) -> bool:
    """Return whether an efficiency is at its bound although its headroom, 10**-``limit``, still left more."""
    return (progress >= MOST_GROWTH and limit < _LEAST_LIMIT) or progress <= -MOST_GROWTH


@kernel
def note_range(work: FloatArray, lane: int, at: int) -> None:
    """Note whether a state meets the bound of what the kernel can represent before the last level is passed.

    ``at`` is 0 for the states at the step's beginning and `rows.END` for those at its end. An arrival is
    judged by the beginning of its step: growth that meets a bound within the step is a blow-up, which is
    flagged.
    """
    if work[r.DATE + (r.MILESTONES - 1) * r.TILE + lane] != r.NOT_PASSED:
        return
    here = at + lane
    lost = _lost(work[r.HARDWARE + here], work[r.HARDWARE_LIMIT + lane])
    lost |= _lost(work[r.SOFTWARE + here], work[r.SOFTWARE_LIMIT + lane])
    trend = work[r.TREND + here]
    share = work[r.OUTPUT + here] + work[r.CAP_SHARE + lane] - work[r.LOST + here]
    # The smallest of trend and caps is what counts: a large one may be cut.
    small = 1.0 / (work[r.INVERSE_TREND + here] + work[r.INVERSE_CAPS + here])
    lost |= trend <= -MOST_GROWTH or share <= -MOST_GROWTH or small >= _MOST_SPENDING
    if lost:
        work[r.BEYOND_RANGE + lane] = 1.0


@kernel
def note_taken(work: FloatArray, lane: int, begin: float, end: float) -> None:
    """Date the passing of the adopted share within a step in which the share that AI can do is linear.

    Never before the date at which AI can do that share, which must have been noted.
    """
    u = work[r.END + r.ADOPTED + lane]
    first = work[r.DATE + lane]
    if u < work[r.TAKE_AT + lane] or first == r.NOT_PASSED:
        return
    x = 0.0
    if end > begin:
        before, after = work[r.SHARE + lane], work[r.END + r.SHARE + lane]
        had = work[r.ADOPTED + lane]
        x = automation.taken_over_within(had, before, after, end - begin, work[r.LAG + lane])
    work[r.TAKEN_DATE + lane] = max(begin + x * (end - begin), first)
    work[r.TAKE_AT + lane] = math.inf


@kernel
def note_levels(work: FloatArray, lane: int, begin: float, end: float, reached: int, features: int) -> int:
    """Date the levels passed within a step; return how many have been passed in all.

    With ``begin`` equal to ``end`` something jumped: levels are passed at that moment.
    """
    slope_before, slope_after = 0.0, 0.0
    exact = features & LOOPS == 0 and end > begin
    first = reached
    if end > begin:
        slope_before = growth(work, lane, 0, begin, features) * (end - begin)
        slope_after = growth(work, lane, r.END, end, features) * (end - begin)
    before, after = work[r.EFFECTIVE + lane], work[r.END + r.EFFECTIVE + lane]
    while reached < r.MILESTONES and after >= work[r.LEVEL + reached * r.TILE + lane]:
        level = work[r.LEVEL + reached * r.TILE + lane]
        x = _when(level, before, after, slope_before, slope_after) if end > begin else 0.0
        low, high = work[r.PHYSICAL + lane], work[r.END + r.PHYSICAL + lane]
        compute = low + x * (high - low) if end > begin else high
        if exact:
            x = _refined(work, lane, begin, end - begin, level, x, features)
            compute = work[r.END + r.PHYSICAL + lane]
        if reached == r.MILESTONES - 1:
            note_range(work, lane, 0)
        work[r.DATE + reached * r.TILE + lane] = begin + x * (end - begin)
        reached += 1
        if reached == r.MILESTONES:
            work[r.COMPUTE_AT + lane] = compute
            fast = max(slope_before, slope_after, after - before) > BLOW_UP_GROWTH * (end - begin)
            work[r.BLOW_UP + lane] = 1.0 if end > begin and fast else 0.0
    if exact and reached > first:
        work[r.ELAPSED + lane] = end
        step(work[lane:], 1, end - begin, features)
    work[r.TARGET + lane] = work[r.LEVEL + reached * r.TILE + lane] if reached < r.MILESTONES else math.inf
    return reached
