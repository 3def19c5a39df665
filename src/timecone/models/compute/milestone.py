"""What became of one milestone in one draw; all kernels say it in the same words."""

from __future__ import annotations

import math

from timecone.numerics.compiled import scalar
from timecone.schema import Status

#: Rows of the milestones in dates and statuses; the levels of effective compute come first.
TAI = 2
DEPLOYED = 3
TAKEN_OVER = 4

_REACHED = int(Status.REACHED)
_NOT_BY_HORIZON = int(Status.NOT_BY_HORIZON)
_NEVER = int(Status.NEVER)
_BEFORE_START = int(Status.BEFORE_START)
_FAILED = int(Status.FAILED)


@scalar
def outcome(failed: bool, before: bool, level: float, date: float, horizon: float) -> tuple[float, int]:
    """Return the arrival, a decimal year or +inf, and the `Status`.

    Parameters
    ----------
    failed : bool
        Whether the draw came to no answer.
    before : bool
        Whether the level was passed at the start already.
    level : float
        Effective compute to pass, log10 FLOP; +inf for never.
    date : float
        When it was passed, a decimal year; +inf where it was not.
    horizon : float
        Decimal year.
    """
    if failed:
        return math.inf, _FAILED
    if level == math.inf:
        return math.inf, _NEVER
    if not date < horizon:
        return math.inf, _NOT_BY_HORIZON
    return date, _BEFORE_START if before else _REACHED
