"""Extrapolation at constant growth rates, after a draw has passed its last level.

The model is not meant to describe the time after full automation: its equations reach their bounds there.
After its last level a draw is therefore extrapolated: hardware, algorithms, output and spending go on growing
at the rates that they had at the end of the step in which that level was passed, towards the same limits and
caps; the share of tasks that AI has taken over goes on towards 1 with its lag. That is one multiplication per
observation, so a draw's lane is free as soon as it has arrived.

Draws without feedback are integrated to the horizon, because trends can still end and shocks still occur
after the last level.
"""

from __future__ import annotations

import math

from timecone.models.compute.components import effective, investment, supply
from timecone.models.compute.components.automation import lag_closed, years_to_take_over
from timecone.models.compute.components.headroom import LEAST_LEFT, MOST_LEFT, inverse_gain, remaining
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    END,
    EVENTS,
    EXTRAPOLATION,
    FACTOR,
    GEOMETRIC,
    HARDWARE,
    LIMITS,
    NOT_PASSED,
    PASSING,
    PRICE,
    RESULT,
    SEARCH,
    SOFTWARE,
    SPENDING,
    SUPPLY,
    TILE,
    Geometric,
)
from timecone.models.compute.engine.rates import rates, supply_limits
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray

_STATES = len(Geometric._fields)


@scalar
def bounded(left: float) -> float:
    """Return an inverse state within the range that the kernels represent."""
    return float(min(max(left, LEAST_LEFT), MOST_LEFT))


@kernel
def _set(
    work: FloatArray, lane: int, state: int, factor: int, now: float, growth: float, wait: float, every: float
) -> None:
    work[state + lane] = bounded(now * remaining(growth * wait))
    work[factor + lane] = remaining(growth * every)


@kernel
def start_extrapolation(
    work: FloatArray, lane: int, n: int, stride: int, length: float, features: int
) -> None:
    """Set the states and factors of a lane whose last level was passed in step n.

    Reads the states at the step's end; ``stride`` is the number of steps between observations.
    """
    k = n // stride + 1
    wait, every = (k * stride - n) * length, stride * length
    work[EXTRAPOLATION.since + lane] = k
    growth = rates(work, lane, END, work[END.multiplier + lane], features)
    left = remaining(work[END.hardware.progress + lane])
    _set(work, lane, GEOMETRIC.hardware, FACTOR.hardware, left, growth.hardware, wait, every)
    left = remaining(work[END.software.progress + lane])
    _set(work, lane, GEOMETRIC.software, FACTOR.software, left, growth.software, wait, every)
    trend = work[END.inverse_trend + lane]
    _set(work, lane, GEOMETRIC.trend, FACTOR.trend, trend, growth.trend, wait, every)
    share = remaining(work[END.output + lane] + work[SPENDING.cap_share + lane] - work[END.lost + lane])
    _set(work, lane, GEOMETRIC.share, FACTOR.share, share, growth.share, wait, every)
    total, rate = 0.0, 0.0
    if features & LIMITS:
        total, of_limits = supply_limits(work, lane, END, n * length, growth.hardware, features)
        rate = of_limits / total
    _set(work, lane, GEOMETRIC.limits, FACTOR.limits, 1.0, rate, wait, every)
    work[GEOMETRIC.limits + lane] *= total
    idle, lag = 1.0 - work[END.adopted + lane], work[AUTOMATION.lag + lane]
    work[GEOMETRIC.left + lane] = idle * (1.0 - lag_closed(wait, lag))
    work[FACTOR.left + lane] = 1.0 - lag_closed(every, lag)
    inverse = inverse_gain(remaining(work[END.software.progress + lane]), work[SOFTWARE.limit + lane])
    gain = -log10(inverse)
    loss = work[END.effective + lane] - work[END.physical + lane] - gain
    work[EXTRAPOLATION.wall + lane] = min(loss, 0.0)
    work[EXTRAPOLATION.multiplier + lane] = work[END.multiplier + lane]
    work[EVENTS.next + lane] = math.inf


@kernel
def finish_lane(work: FloatArray, lane: int, n: int, stride: int, length: float, features: int) -> None:
    """End the search in a lane with feedback that has passed its last level in step n; extrapolate it."""
    start_extrapolation(work, lane, n, stride, length, features)
    if work[RESULT.adoption_date + lane] == NOT_PASSED:
        wait = years_to_take_over(work[END.adopted + lane], work[AUTOMATION.lag + lane])
        work[RESULT.adoption_date + lane] = n * length + wait
    work[SEARCH.adoption + lane] = math.inf
    work[SEARCH.tolerance + lane] = math.inf
    work[SEARCH.bounds + lane] = 0.0


@scalar
def extrapolated_spending(work: FloatArray, lane: int) -> float:
    """Return one over the cost of the largest run of an extrapolated lane, 1/USD."""
    inverse = investment.inverse_spending(work[GEOMETRIC.trend + lane], work[GEOMETRIC.share + lane])
    return investment.inverse_spending(inverse, work[SPENDING.inverse_cap + lane])


@kernel
def extrapolate(work: FloatArray, k: int) -> None:
    """Take the extrapolated lanes to observation k, one after the other, and compute effective compute there.

    It is written to ``PASSING.predicted``, and 1/C to ``PASSING.inverse_compute``; these rows mean nothing
    in other lanes.
    """
    at = float(k)
    for row in range(_STATES):
        state, multiplied_by = GEOMETRIC.hardware + row * TILE, FACTOR.hardware + row * TILE
        for lane in range(TILE):
            now, factor = work[state + lane], work[multiplied_by + lane]
            moved = min(max(now * factor, LEAST_LEFT), MOST_LEFT) if now > 0.0 else 0.0
            work[state + lane] = moved if at > work[EXTRAPOLATION.since + lane] else now
    for lane in range(TILE):
        hardware = inverse_gain(work[GEOMETRIC.hardware + lane], work[HARDWARE.limit + lane])
        software = inverse_gain(work[GEOMETRIC.software + lane], work[SOFTWARE.limit + lane])
        spent = extrapolated_spending(work, lane)
        bought = effective.inverse_compute(hardware, spent, work[PRICE.inverse + lane])
        compute = supply.inverse_limited(bought, work[SUPPLY.present + lane], work[GEOMETRIC.limits + lane])
        work[PASSING.inverse_compute + lane] = compute
        work[PASSING.inverse_software + lane] = software
        work[PASSING.predicted + lane] = effective.effective_compute(
            work[EXTRAPOLATION.wall + lane], compute * software
        )


_READ = (
    *GEOMETRIC,
    *FACTOR,
    EXTRAPOLATION.since,
    EXTRAPOLATION.wall,
    HARDWARE.limit,
    SOFTWARE.limit,
    SPENDING.inverse_cap,
    PRICE.inverse,
    SUPPLY.present,
)


@kernel
def copy_lane(work: FloatArray, lane: int, target: FloatArray, to: int) -> None:
    """Copy all that `extrapolate` reads of a lane to lane ``to`` of another workspace."""
    for row in _READ:
        target[row + to] = work[row + lane]
