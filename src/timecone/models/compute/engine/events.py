"""What happens at a known time: the spending trend ends, a shock comes or goes, a breakthrough.

A step that an event falls into is cut there, so that within a step nothing is abrupt: the draw's date of an
event matters to the last digit, however long the step.
"""

from __future__ import annotations

import math

from timecone.models.compute.components.headroom import MOST_GROWTH, remaining
from timecone.models.compute.components.shocks import fallen_trend
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.crossing import note_range
from timecone.models.compute.engine.heun import find_compute, find_limits, find_share, respond
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray


@kernel
def _next_event(work: FloatArray, lane: int, elapsed: float, dates: FloatArray, seen: int) -> float:
    """Return when something happens next, after ``elapsed``; ``dates`` are the lane's breakthroughs."""
    found = dates[seen] if seen < dates.size else math.inf
    for row in (
        r.TREND_END, r.SUPPLY_START, r.SUPPLY_END, r.PAUSE_START, r.PAUSE_END, r.WINTER_START
    ):  # fmt: skip
        at = work[row + lane]
        if elapsed < at < found:
            found = at
    return found


@kernel
def set_paces(work: FloatArray, lane: int, elapsed: float, dates: FloatArray, seen: int) -> None:
    """Set what holds from a time until the next event."""
    short = work[r.SUPPLY_START + lane] <= elapsed < work[r.SUPPLY_END + lane]
    paused = work[r.PAUSE_START + lane] <= elapsed < work[r.PAUSE_END + lane]
    work[r.HARDWARE_PACE + lane] = 0.0 if short else 1.0
    work[r.SPENDING_PACE + lane] = 0.0 if paused else 1.0
    work[r.SOFTWARE_PACE + lane] = work[r.PAUSE_PACE + lane] if paused else 1.0
    work[r.ALIVE + lane] = 1.0 if elapsed < work[r.TREND_END + lane] else 0.0
    work[r.NEXT_EVENT + lane] = _next_event(work, lane, elapsed, dates, seen)


@kernel
def happen(work: FloatArray, lane: int, elapsed: float, dates: FloatArray, seen: int, features: int) -> int:
    """Let everything happen that is due at ``elapsed``, to the states at the step's end.

    ``seen`` counts the breakthroughs so far; their new number is returned.
    """
    note_range(work, lane, r.END)
    if work[r.SUPPLY_START + lane] == elapsed:
        work[r.END + r.HARDWARE + lane] -= work[r.SETBACK + lane]
    if work[r.WINTER_START + lane] == elapsed:
        trend = remaining(work[r.END + r.TREND + lane])
        fallen = fallen_trend(trend, work[r.END + r.INVERSE_CAPS + lane], work[r.FALL + lane])
        work[r.END + r.TREND + lane] = -log10(fallen)
    if work[r.PAUSE_END + lane] == elapsed:
        work[r.END + r.LOST + lane] = 0.0
    while seen < dates.size and dates[seen] <= elapsed:
        jumped = work[r.END + r.SOFTWARE + lane] + work[r.JUMP + lane]
        work[r.END + r.SOFTWARE + lane] = min(jumped, MOST_GROWTH)
        seen += 1
    set_paces(work, lane, elapsed, dates, seen)
    work[r.ELAPSED + lane] = elapsed
    find_limits(work[lane:], 1, features)
    find_compute(work[lane:], 1, features)
    find_share(work[lane:], 1)
    respond(work[lane:], 1, features)
    return seen
