"""Open loop of all draws of a block: tiles of draws without feedback, stepped by multiplication.

Without feedback every trend grows by the same factor in every step, so the states are what the trends leave
(10**-progress, 1 / USD) and a step is a multiplication: exponentials are taken once per draw, a logarithm
only where effective compute is observed. Rounding grows by one ulp a step, 1e-13 over a century of quarters.

Time is the outer loop and the draws of a tile the inner one, so that the compiler turns scalar component
functions into vector instructions; what is rare (a level passed, a breakthrough) is done lane by lane. Dates
come from `closed_form`, so they do not depend on the step: the step only sets how often a draw is looked at.
A crossing is found to rounding, also where effective compute peaks at the end of the spending trend between
two steps.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.components import automation
from timecone.models.compute.components.effective import effective_compute, inverse_effective_compute
from timecone.models.compute.components.headroom import LEAST_LEFT, inverse_gain, remaining
from timecone.models.compute.components.investment import inverse_spending, trend_growth
from timecone.models.compute.engine.closed_form import (
    DATED,
    NO_STEP,
    date_by_bracket,
    date_caps,
    date_levels,
    effective_at,
    growth_at_start,
    set_training_compute,
)
from timecone.models.compute.engine.crossing import taken_over_within
from timecone.models.compute.engine.extrapolate import bounded
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATE,
    ECONOMY,
    EVENTS,
    FACTOR,
    GEOMETRIC,
    HARDWARE,
    INVERSE_AT,
    LEVEL,
    OPEN,
    PRICE,
    RESULT,
    SOFTWARE,
    SPENDING,
    STEP_OF,
    TILE,
    WORKSPACE,
)
from timecone.models.compute.engine.load import load_open_loop
from timecone.models.compute.engine.milestone import (
    LEVELS,
    NOT_FINITE,
    TAKEN_OVER,
    TOO_MANY_BREAKTHROUGHS,
    outcome,
)
from timecone.models.compute.engine.refine import NO_FLAG
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import exp10, lowest_bit
from timecone.schema import ByteArray, FloatArray, IntArray

_ONE = np.uint64(1)

#: Per draw, beside dates and status: when spending meets its caps, in years after the start, log10 FLOP of
#: the run that passes the last level, why the draw failed (0 or one of the codes of `milestone`), and the
#: adopted share at the end of the step that is asked for.
EXTRAS = 4


@kernel
def _load(inputs: FloatArray, first: int, start: float, work: FloatArray) -> None:
    """Load a tile; lanes past the last draw repeat it."""
    last = inputs.shape[1] - 1
    for lane in range(TILE):
        i = min(first + lane, last)
        load_open_loop(inputs, i, start, work, lane)


@kernel
def _prepare(work: FloatArray, step: float) -> None:
    """Set the states to the start, and what multiplies them in a step of so many years."""
    for lane in range(TILE):
        work[GEOMETRIC.hardware + lane] = 1.0
        work[FACTOR.hardware + lane] = remaining(work[HARDWARE.rate + lane] * step)
        work[GEOMETRIC.software + lane] = 1.0
        work[FACTOR.software + lane] = remaining(work[SOFTWARE.rate + lane] * step)
        work[GEOMETRIC.trend + lane] = remaining(work[OPEN.trend_start + lane])
        work[FACTOR.trend + lane] = remaining(work[SPENDING.rate + lane] * step)
        work[GEOMETRIC.share + lane] = remaining(work[OPEN.share_start + lane])
        work[FACTOR.share + lane] = remaining(work[ECONOMY.rate + lane] * step)
        end, economy = work[EVENTS.trend_end + lane], work[ECONOMY.rate + lane]
        whole = float(int(min(end / step, 1e9)))
        work[OPEN.last_step + lane] = whole
        last = trend_growth(whole * step, step, end, work[SPENDING.rate + lane], economy)
        work[OPEN.last_trend_factor + lane] = remaining(last)
        work[OPEN.peak_step + lane] = whole + 1.0 if economy < 0.0 else NO_STEP
        for m in range(LEVELS):
            level = work[LEVEL + m * TILE + lane]
            work[INVERSE_AT + m * TILE + lane] = inverse_effective_compute(work[PRICE.log + lane], level)
            work[STEP_OF + m * TILE + lane] = NO_STEP
        work[OPEN.target + lane] = work[INVERSE_AT + lane]
        able_from = automation.level(0.0, work[AUTOMATION.requirement + lane], work[AUTOMATION.gap + lane])
        work[OPEN.able_from + lane] = inverse_effective_compute(work[PRICE.log + lane], able_from)
        closed = automation.lag_closed(step, work[AUTOMATION.lag + lane])
        work[AUTOMATION.closed + lane] = closed
        work[AUTOMATION.before + lane] = automation.weight_before(step, work[AUTOMATION.lag + lane], closed)
        work[OPEN.able + lane] = 0.0
        work[OPEN.adopted + lane] = 0.0
        work[OPEN.adopted_at + lane] = 0.0
        work[RESULT.adoption_date + lane] = np.inf


@kernel
def _flag(work: FloatArray, step_number: float) -> np.uint64:
    """Compute inverse effective compute; return a bit for every lane that needs a closer look.

    Those at or past their next level, those in which AI does something and has not taken over a fifth of the
    tasks, and those whose spending trend ended inside the step while the economy shrinks: there effective
    compute may have peaked between two steps.
    """
    flags = np.uint64(0)
    for lane in range(TILE):
        spent = inverse_spending(work[GEOMETRIC.trend + lane], work[GEOMETRIC.share + lane])
        inverse = (
            inverse_gain(work[GEOMETRIC.hardware + lane], work[HARDWARE.limit + lane])
            * inverse_spending(spent, work[SPENDING.inverse_cap + lane])
            * inverse_gain(work[GEOMETRIC.software + lane], work[SOFTWARE.limit + lane])
        )
        work[OPEN.inverse + lane] = inverse
        flag = (inverse <= work[OPEN.target + lane]) | (work[OPEN.peak_step + lane] == step_number)
        flag |= (inverse <= work[OPEN.able_from + lane]) | (work[OPEN.adopted + lane] > 0.0)
        flags |= np.uint64(flag) << np.uint64(lane)
    return flags


@kernel
def _observe(work: FloatArray, width: int, out: FloatArray) -> None:
    """Write effective compute of the first lanes, log10 FLOP."""
    # Into the tile first: a row of the block may be strided, and the logarithms must vectorise.
    for lane in range(TILE):
        work[OPEN.effective + lane] = effective_compute(work[PRICE.log + lane], work[OPEN.inverse + lane])
    for lane in range(width):
        out[lane] = work[OPEN.effective + lane]


@kernel
def _advance(work: FloatArray, step_number: float) -> None:
    """Move the states of all lanes through step 1, 2, ..."""
    for lane in range(TILE):
        # All three are read first: a read that depends on a condition would keep the loop scalar.
        growing, ending, ended = (
            work[FACTOR.trend + lane],
            work[OPEN.last_trend_factor + lane],
            work[FACTOR.share + lane],
        )
        last = work[OPEN.last_step + lane]
        factor = growing if step_number <= last else ending
        factor = factor if step_number <= last + 1.0 else ended
        hardware = work[GEOMETRIC.hardware + lane] * work[FACTOR.hardware + lane]
        software = work[GEOMETRIC.software + lane] * work[FACTOR.software + lane]
        work[GEOMETRIC.trend + lane] = bounded(work[GEOMETRIC.trend + lane] * factor)
        work[GEOMETRIC.share + lane] = bounded(work[GEOMETRIC.share + lane] * ended)
        work[GEOMETRIC.hardware + lane] = max(hardware, LEAST_LEFT)
        work[GEOMETRIC.software + lane] = max(software, LEAST_LEFT)


@kernel
def _jump(work: FloatArray, width: int, elapsed: float, breakthroughs: FloatArray, past: IntArray) -> None:
    """Add the breakthroughs up to ``elapsed``; ``past`` counts those of each lane.

    ``breakthroughs`` has shape (lanes, events).
    """
    for lane in range(width):
        while past[lane] < breakthroughs.shape[1] and breakthroughs[lane, past[lane]] <= elapsed:
            left = work[GEOMETRIC.software + lane] * exp10(-work[EVENTS.jump + lane])
            work[GEOMETRIC.software + lane] = max(left, LEAST_LEFT)
            past[lane] += 1


@kernel
def _aim(work: FloatArray, lane: int, passed: int) -> int:
    """Set the lane's next target; return ``passed``."""
    work[OPEN.target + lane] = work[INVERSE_AT + passed * TILE + lane] if passed < LEVELS else -np.inf
    return passed


@kernel
def _date_peak(
    work: FloatArray, lane: int, passed: int, begin: float, end: float, breakthroughs: FloatArray
) -> int:
    """Date the levels that a lane passes before its spending trend ends inside a step.

    Effective compute may fall again before the step does. Returns how many levels are passed in all.
    """
    kink = min(max(work[EVENTS.trend_end + lane], begin), end)
    effective = effective_at(work, lane, kink, breakthroughs)
    while passed < LEVELS and effective >= work[LEVEL + passed * TILE + lane]:
        row = passed * TILE + lane
        work[DATE + row] = date_by_bracket(work, lane, begin, kink, work[LEVEL + row], breakthroughs)
        work[STEP_OF + row] = DATED
        passed += 1
    return _aim(work, lane, passed)


@kernel
def _adopt(work: FloatArray, lane: int, n: int, step: float, evidence_step: int, passed: int) -> None:
    """Move the adopted share of a lane through step n, and date when it comes to `automation.TAKEN_SHARE`."""
    requirement, gap, lag = (
        work[AUTOMATION.requirement + lane],
        work[AUTOMATION.gap + lane],
        work[AUTOMATION.lag + lane],
    )
    effective = effective_compute(work[PRICE.log + lane], work[OPEN.inverse + lane])
    before, after = work[OPEN.able + lane], automation.share(effective, requirement, gap)
    had = work[OPEN.adopted + lane]
    if n == 0:
        growth = automation.share_growth(growth_at_start(work, lane), gap)
        u = automation.adopted_at_start(after, growth, lag)
    else:
        closed, weight = work[AUTOMATION.closed + lane], work[AUTOMATION.before + lane]
        u = automation.adopted(had, before, after, closed, weight)
    work[OPEN.able + lane], work[OPEN.adopted + lane] = after, u
    if n == evidence_step:
        work[OPEN.adopted_at + lane] = u
    if u >= automation.TAKEN_SHARE and passed > 0 and work[RESULT.adoption_date + lane] == np.inf:
        x = taken_over_within(had, before, after, step, lag) if n > 0 else 1.0
        work[RESULT.adoption_date + lane] = max((n - 1.0 + x) * step, 0.0)
    if work[RESULT.adoption_date + lane] < np.inf and n >= evidence_step:
        work[OPEN.able_from + lane] = -1.0
        work[OPEN.adopted + lane] = 0.0


@kernel
def _look(
    work: FloatArray,
    flags: np.uint64,
    width: int,
    n: int,
    step: float,
    breakthroughs: FloatArray,
    passed: IntArray,
    evidence_step: int,
) -> None:
    """Note which levels the flagged lanes have passed by step n; ``breakthroughs`` are the tile's rows."""
    end = n * step
    while flags != NO_FLAG:
        lane = lowest_bit(flags)
        flags &= flags - _ONE
        if lane >= width:
            break
        if work[OPEN.peak_step + lane] == n and passed[lane] < LEVELS:
            begin = max(end - step, 0.0)
            passed[lane] = _date_peak(work, lane, passed[lane], begin, end, breakthroughs[lane])
        while work[OPEN.inverse + lane] <= work[OPEN.target + lane]:
            work[STEP_OF + passed[lane] * TILE + lane] = n
            passed[lane] = _aim(work, lane, passed[lane] + 1)
        if work[OPEN.inverse + lane] <= work[OPEN.able_from + lane] or work[OPEN.adopted + lane] > 0.0:
            _adopt(work, lane, n, step, evidence_step, passed[lane])


@kernel
def _write_outcome(
    work: FloatArray,
    lane: int,
    failed: bool,
    start: float,
    horizon: float,
    arrival: FloatArray,
    status: ByteArray,
) -> None:
    """Write date and status of every milestone of one draw."""
    for m in range(LEVELS):
        row = m * TILE + lane
        n = work[STEP_OF + row]
        date = np.inf if n == NO_STEP else start + (0.0 if n == 0.0 else work[DATE + row])
        arrival[m], status[m] = outcome(failed, work[LEVEL + row], date, start, horizon)
    elapsed, first = work[RESULT.adoption_date + lane], work[STEP_OF + lane]
    # Never before AI can do that share, whose date is exact.
    date = start + max(elapsed, work[DATE + lane] if first > 0.0 or first == DATED else 0.0)
    arrival[TAKEN_OVER], status[TAKEN_OVER] = outcome(failed, work[LEVEL + lane], date, start, horizon)


@kernel
def _run_tile(
    work: FloatArray,
    width: int,
    step: float,
    steps: int,
    stride: int,
    evidence_step: int,
    breakthroughs: FloatArray,
    past: IntArray,
    passed: IntArray,
    observed: FloatArray,
) -> None:
    """Step one tile through time; ``breakthroughs`` and ``observed`` are the tile's own."""
    events = breakthroughs.shape[1]
    _prepare(work, step)
    passed[:] = 0
    past[:] = 0
    for n in range(steps + 1):
        if n > 0:
            _advance(work, float(n))
            if events > 0:
                _jump(work, width, n * step, breakthroughs, past)
        flags = _flag(work, float(n))
        if flags != NO_FLAG:
            _look(work, flags, width, n, step, breakthroughs, passed, evidence_step)
        if n % stride == 0:
            _observe(work, width, observed[n // stride])
    date_levels(work, width, step, breakthroughs)
    date_caps(work)
    set_training_compute(work)


@kernel
def run_tiles(  # noqa: PLR0917 - a kernel's arguments are arrays
    inputs: FloatArray,
    breakthroughs: FloatArray,
    start: float,
    horizon: float,
    step: float,
    steps: int,
    stride: int,
    evidence_step: int,
    arrival: FloatArray,
    status: ByteArray,
    extras: FloatArray,
    observed: FloatArray,
) -> None:
    """Run all draws of a block.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Natural values in the model's units.
    breakthroughs : array, shape (draws, events)
        Times of breakthroughs since the start, increasing; no events where there are none.
    start, horizon, step : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    evidence_step : int
        The step at whose end the adopted share is written; 0 for the start.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    extras : array, shape (draws, EXTRAS)
        Filled; see `EXTRAS`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    draws = inputs.shape[1]
    events = breakthroughs.shape[1]
    work = np.empty(WORKSPACE)
    passed = np.empty(TILE, dtype=np.int64)
    past = np.empty(TILE, dtype=np.int64)
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        rows = slice(first, first + width)
        _load(inputs, first, start, work)
        jumps, out = breakthroughs[rows], observed[:, rows]
        _run_tile(work, width, step, steps, stride, evidence_step, jumps, past, passed, out)
        for lane in range(width):
            failure = 0.0 if math.isfinite(work[OPEN.inverse + lane]) else NOT_FINITE
            if events > 0 and past[lane] == events:
                failure = TOO_MANY_BREAKTHROUGHS
            failed = failure > 0.0
            _write_outcome(work, lane, failed, start, horizon, arrival[first + lane], status[first + lane])
            extras[first + lane, 2] = failure
            extras[first + lane, 0] = work[RESULT.cap_date + lane]
            extras[first + lane, 1] = work[RESULT.compute_at + lane]
            extras[first + lane, 3] = work[OPEN.adopted_at + lane]
