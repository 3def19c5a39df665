"""Milestones of a draw: their rows, and the status that follows from a date.

All kernels use the same rule: `outcome`.
"""

from __future__ import annotations

import math
from typing import Final

from timecone.models.compute.components.headroom import MOST_GROWTH
from timecone.numerics.compiled import scalar
from timecone.schema import Status

#: Milestones that are levels of effective compute; they come first in dates and statuses.
LEVELS: Final = 3
#: Rows of the other milestones, and of the last level.
TAI: Final = LEVELS - 1
DEPLOYED: Final = LEVELS
TAKEN_OVER: Final = LEVELS + 1

_REACHED = int(Status.REACHED)
_NOT_BY_HORIZON = int(Status.NOT_BY_HORIZON)
_NEVER = int(Status.NEVER)
_BEFORE_START = int(Status.BEFORE_START)
_FAILED = int(Status.FAILED)


#: Why a draw can have no answer. A kernel gives 0, or 1 + the position here.
FAILURES = {
    "too_many_breakthroughs": "more breakthroughs before the horizon than are simulated",
    "not_finite": "effective compute is not a finite number",
    "beyond_range": f"before TAI or the horizon a trend moves by over {MOST_GROWTH:g} orders of magnitude,"
    " which the stepped kernel cannot represent",
}
TOO_MANY_BREAKTHROUGHS, NOT_FINITE, BEYOND_RANGE = (float(1 + k) for k in range(len(FAILURES)))


@scalar
def outcome(failed: bool, level: float, date: float, start: float, horizon: float) -> tuple[float, int]:
    """Return the arrival, a decimal year or +inf, and the `Status`.

    A milestone is before the start if and only if its own date is not after it.

    Parameters
    ----------
    failed : bool
        Whether the draw has no answer.
    level : float
        Effective compute to pass, log10 FLOP; +inf for never.
    date : float
        When it was passed, a decimal year; +inf where it was not.
    start, horizon : float
        Decimal years.
    """
    if failed:
        return math.inf, _FAILED
    if level == math.inf:
        return math.inf, _NEVER
    if not date < horizon:
        return math.inf, _NOT_BY_HORIZON
    return date, _BEFORE_START if date <= start else _REACHED
