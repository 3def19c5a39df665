"""Events at known times: the end of the spending trend, shocks, breakthroughs.

A step into which an event falls is cut there, so nothing is abrupt within a step: a draw's date of an event
matters to the last digit, however long the step. What a shock does is said in `shocks`.
"""

from __future__ import annotations

import math

from timecone.models.compute.components import shocks
from timecone.models.compute.components.headroom import advanced, remaining
from timecone.models.compute.engine.crossing import check_range
from timecone.models.compute.engine.heun import set_compute, set_limits, set_share
from timecone.models.compute.engine.layout import (
    END,
    EVENTS,
    HARDWARE,
    PASSING,
    SOFTWARE,
    SPENDING,
)
from timecone.models.compute.engine.rates import set_rates
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray

_DATED = (
    EVENTS.trend_end,
    EVENTS.supply_start,
    EVENTS.supply_end,
    EVENTS.pause_start,
    EVENTS.pause_end,
    EVENTS.winter_start,
)


@kernel
def _next_event(work: FloatArray, lane: int, elapsed: float, breakthroughs: FloatArray, past: int) -> float:
    """Return the time of the next event after ``elapsed``."""
    earliest = breakthroughs[past] if past < breakthroughs.size else math.inf
    for row in _DATED:
        at = work[row + lane]
        if elapsed < at < earliest:
            earliest = at
    return earliest


@kernel
def set_regime(work: FloatArray, lane: int, elapsed: float, breakthroughs: FloatArray, past: int) -> None:
    """Set what holds from a time until the next event: paces, and whether the spending trend lasts.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which draw.
    elapsed : float
        Years after the start.
    breakthroughs : array
        Times of the draw's breakthroughs, years after the start.
    past : int
        How many of them are past.
    """
    short = shocks.lasts(elapsed, work[EVENTS.supply_start + lane], work[EVENTS.supply_end + lane])
    paused = shocks.lasts(elapsed, work[EVENTS.pause_start + lane], work[EVENTS.pause_end + lane])
    hardware, software, spending = shocks.paces(short, paused, work[EVENTS.pause_pace + lane])
    work[HARDWARE.pace + lane] = hardware
    work[SOFTWARE.pace + lane] = software
    work[SPENDING.pace + lane] = spending
    work[SPENDING.lasts + lane] = 1.0 if elapsed < work[EVENTS.trend_end + lane] else 0.0
    work[EVENTS.next + lane] = _next_event(work, lane, elapsed, breakthroughs, past)


@kernel
def apply_events(
    work: FloatArray, lane: int, elapsed: float, breakthroughs: FloatArray, past: int, features: int
) -> int:
    """Apply all events that are due at ``elapsed`` to the states at the step's end.

    Arguments as of `set_regime`; returns how many breakthroughs are past then.
    """
    check_range(work, lane, END)
    if work[EVENTS.supply_start + lane] == elapsed:
        work[END.hardware.progress + lane] -= work[EVENTS.setback + lane]
    if work[EVENTS.winter_start + lane] == elapsed:
        trend = remaining(work[END.trend + lane])
        fallen = shocks.fallen_trend(trend, work[END.inverse_caps + lane], work[EVENTS.fall + lane])
        work[END.trend + lane] = -log10(fallen)
    if work[EVENTS.pause_end + lane] == elapsed:
        work[END.lost + lane] = 0.0
    while past < breakthroughs.size and breakthroughs[past] <= elapsed:
        progress = work[END.software.progress + lane]
        work[END.software.progress + lane] = advanced(progress, work[EVENTS.jump + lane])
        past += 1
    set_regime(work, lane, elapsed, breakthroughs, past)
    work[PASSING.elapsed + lane] = elapsed
    set_limits(work[lane:], 1, features)
    set_compute(work[lane:], 1, features)
    set_share(work[lane:], 1)
    set_rates(work[lane:], 1, features)
    return past
