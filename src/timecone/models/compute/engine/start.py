"""Start of a draw in a lane: its state before its first step, and what is passed or happens at once."""

from __future__ import annotations

import math

from timecone.models.compute.components.automation import TAKEN_SHARE, adopted_at_start, share_growth
from timecone.models.compute.engine import layout
from timecone.models.compute.engine.crossing import date_adoption, date_bounds, date_levels
from timecone.models.compute.engine.events import apply_events, set_regime
from timecone.models.compute.engine.extrapolate import finish_lane
from timecone.models.compute.engine.heun import accept, set_compute, set_limits, set_share, set_step_length
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATE,
    END,
    EVENTS,
    EXTRAPOLATION,
    HARDWARE,
    LOOPS,
    NOT_PASSED,
    NOW,
    PASSING,
    RESULT,
    SEARCH,
    SOFTWARE,
    SPENDING,
    TILE,
)
from timecone.models.compute.engine.load import load
from timecone.models.compute.engine.milestone import LEVELS
from timecone.models.compute.engine.rates import set_rates, slope
from timecone.models.compute.engine.refine import TOLERANCE, Lanes
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray


@kernel
def _set_adoption_at_start(work: FloatArray, lane: int, features: int) -> None:
    """Set the adopted share of the start, as if present trends without feedback had lasted for long.

    A shock that begins with the start has not slowed them: `apply_events` sets the paces only afterwards.
    """
    work[HARDWARE.pace + lane] = 1.0
    work[SOFTWARE.pace + lane] = 1.0
    work[SPENDING.pace + lane] = 1.0
    growth = share_growth(slope(work, lane, END, 0.0, 1.0, features), work[AUTOMATION.gap + lane])
    f = work[END.share + lane]
    work[END.adopted + lane] = adopted_at_start(f, growth, work[AUTOMATION.lag + lane])


@kernel
def clear_lane(work: FloatArray, lane: int) -> None:
    """Mark a lane as empty.

    It is still stepped with its tile, but it never triggers an event or a crossing.
    """
    work[SEARCH.tolerance + lane] = math.inf
    work[SEARCH.target + lane] = math.inf
    work[EVENTS.next + lane] = math.inf
    work[EXTRAPOLATION.since + lane] = math.inf
    work[SEARCH.bounds + lane] = 0.0
    work[SEARCH.adoption + lane] = math.inf
    work[NOW.adopted + lane] = 0.0
    work[NOW.share + lane] = 0.0


@kernel
def _reset_search(work: FloatArray, lane: int) -> None:
    work[RESULT.wall_date + lane] = math.inf
    work[RESULT.cap_date + lane] = math.inf
    work[RESULT.compute_at + lane] = 0.0
    work[RESULT.blow_up + lane] = 0.0
    work[RESULT.beyond_range + lane] = 0.0
    work[RESULT.adoption_date + lane] = NOT_PASSED
    work[PASSING.predicted + lane] = 0.0
    work[EXTRAPOLATION.since + lane] = math.inf
    work[SEARCH.tolerance + lane] = TOLERANCE
    work[SEARCH.bounds + lane] = 1.0
    work[SEARCH.adoption + lane] = TAKEN_SHARE
    for m in range(LEVELS):
        work[DATE + m * TILE + lane] = NOT_PASSED


@kernel
def start_lane(
    work: FloatArray,
    lane: int,
    lanes: Lanes,
    inputs: FloatArray,
    starts: FloatArray,
    breakthroughs: FloatArray,
    start: float,
    stride: int,
    length: float,
    features: int,
) -> None:
    """Start the draw that a lane holds: its rates, what happens at once, what is passed already.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which lane.
    lanes : Lanes
        Which draws the lanes hold.
    inputs, starts, breakthroughs : arrays
        As of `run.run_tiles`.
    start, length : float
        Decimal year, and years.
    stride : int
        Steps between observations.
    features : int
        Bits of the components that are on.
    """
    i = lanes.draw[lane]
    dates = breakthroughs[i]
    lanes.steps[lane] = 0
    load(inputs, starts, i, start, features, work, lane)
    _reset_search(work, lane)
    set_regime(work, lane, 0.0, dates, layout.FIRST)
    single = work[lane:]
    set_limits(single, 1, features)
    set_compute(single, 1, features)
    set_share(single, 1)
    set_rates(single, 1, features)
    _set_adoption_at_start(work, lane, features)
    lanes.breakthroughs[lane] = apply_events(work, lane, 0.0, dates, layout.FIRST, features)
    accept(single, 1)
    date_bounds(work, lane, 0.0, 0.0, features)
    passed = date_levels(work, lane, 0.0, 0.0, layout.FIRST, features)
    lanes.passed[lane] = passed
    date_adoption(work, lane, 0.0, 0.0)
    if features & LOOPS and passed == LEVELS:
        finish_lane(work, lane, layout.FIRST, stride, length, features)
    set_step_length(single, 1, length, features)
