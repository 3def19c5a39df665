"""After the last level: growth goes on at the rates at which it was passed.

What becomes of effective compute once AI does everything is not this model's question, and its equations run
into their bounds there. A draw is integrated no further: hardware, algorithms, output and spending go on
growing at the pace they had at the end of the step in which the last level was passed, towards the same
limits and caps; the share of tasks that AI has taken over goes on towards 1 with its lag. That is a
multiplication per observation, so a draw's lane is free as soon as it has arrived.

Without feedback nothing runs away, and no draw coasts: trends end and shocks come also after the last level.
"""

from __future__ import annotations

import numpy as np

from timecone.models.compute.components.automation import lag_closed
from timecone.models.compute.components.headroom import LEAST_LEFT, MOST_LEFT, inverse_gain, remaining
from timecone.models.compute.components.supply import limited
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.features import HARDWARE_LOOP, LIMITS, SOFTWARE_LOOP
from timecone.models.compute.engine.rates import efficiency_growth, limits
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray


@scalar
def _bounded(left: float) -> float:
    return float(min(max(left, LEAST_LEFT), MOST_LEFT))


@kernel
def _set(
    work: FloatArray, lane: int, row: int, now: float, growth: float, until: float, every: float
) -> None:
    work[row + lane] = _bounded(now * remaining(growth * until))
    work[row + r.FACTOR + lane] = remaining(growth * every)


@kernel
def let_go(work: FloatArray, lane: int, n: int, stride: int, length: float, features: int) -> None:
    """Note from where a lane coasts whose last level was passed in step n.

    Reads the states at the step's end; ``stride`` is the number of steps between observations.
    """
    k = n // stride + 1
    until, every = (k * stride - n) * length, stride * length
    end = r.END + lane
    work[r.COAST_FROM + lane] = k
    hardware = efficiency_growth(work, lane, r.END, r.OF_HARDWARE, features & HARDWARE_LOOP)
    _set(work, lane, r.COAST_HARDWARE, remaining(work[r.HARDWARE + end]), hardware, until, every)
    software = efficiency_growth(work, lane, r.END, r.OF_SOFTWARE, features & SOFTWARE_LOOP)
    _set(work, lane, r.COAST_SOFTWARE, remaining(work[r.SOFTWARE + end]), software, until, every)
    pace = work[r.SPENDING_PACE + lane]
    trend = work[r.TREND_GROWTH + end] * pace
    _set(work, lane, r.COAST_TREND, work[r.INVERSE_TREND + end], trend, until, every)
    share = remaining(work[r.OUTPUT + end] + work[r.CAP_SHARE + lane] - work[r.LOST + end])
    _set(work, lane, r.COAST_SHARE, share, work[r.OUTPUT_GROWTH + end] * pace, until, every)
    total, growth = 0.0, 0.0
    if features & LIMITS:
        total, of_limits = limits(work, lane, r.END, n * length, features)
        growth = of_limits / total
    _set(work, lane, r.COAST_LIMITS, 1.0, growth, until, every)
    work[r.COAST_LIMITS + lane] *= total
    left, lag = 1.0 - work[r.ADOPTED + end], work[r.LAG + lane]
    work[r.COAST_LEFT + lane] = left * (1.0 - lag_closed(until, lag))
    work[r.COAST_LEFT + r.FACTOR + lane] = 1.0 - lag_closed(every, lag)
    gain = -log10(inverse_gain(remaining(work[r.SOFTWARE + end]), work[r.SOFTWARE_LIMIT + lane]))
    work[r.COAST_WALL + lane] = min(work[r.EFFECTIVE + end] - work[r.PHYSICAL + end] - gain, 0.0)
    work[r.COAST_MULTIPLIER + lane] = work[r.MULTIPLIER + end]
    work[r.NEXT_EVENT + lane] = np.inf


@kernel
def coast(work: FloatArray, k: int) -> None:
    """Take the lanes that coast to observation k, one after the other, and compute effective compute there.

    Into `rows.PREDICTED`, and 1/C into `rows.INVERSE_COMPUTE`; what other lanes have there means nothing.
    """
    at = float(k)
    for row in range(r.COAST_ROWS):
        base = r.COAST + row * r.TILE
        for lane in range(r.TILE):
            now, factor = work[base + lane], work[base + r.FACTOR + lane]
            moved = min(max(now * factor, LEAST_LEFT), MOST_LEFT) if now > 0.0 else 0.0
            work[base + lane] = moved if at > work[r.COAST_FROM + lane] else now
    for lane in range(r.TILE):
        hardware = inverse_gain(work[r.COAST_HARDWARE + lane], work[r.HARDWARE_LIMIT + lane])
        software = inverse_gain(work[r.COAST_SOFTWARE + lane], work[r.SOFTWARE_LIMIT + lane])
        spent = work[r.COAST_TREND + lane] + work[r.COAST_SHARE + lane] + work[r.INVERSE_CAP + lane]
        bought = 1.0 / (hardware * spent * work[r.INVERSE_P0 + lane])
        compute = 1.0 / limited(bought, work[r.PRESENT + lane], work[r.COAST_LIMITS + lane])
        work[r.INVERSE_COMPUTE + lane] = compute
        work[r.INVERSE_SOFTWARE + lane] = software
        work[r.PREDICTED + lane] = work[r.COAST_WALL + lane] - log10(compute * software)


@kernel
def take_over(work: FloatArray, lane: int, resting: FloatArray, to: int) -> None:
    """Copy all that `coast` reads of a lane to lane ``to`` of another workspace."""
    for row in range(r.COAST_ROWS):
        at = r.COAST + row * r.TILE
        resting[at + to] = work[at + lane]
        resting[at + r.FACTOR + to] = work[at + r.FACTOR + lane]
    for at in (
        r.COAST_FROM,
        r.COAST_WALL,
        r.HARDWARE_LIMIT,
        r.SOFTWARE_LIMIT,
        r.INVERSE_CAP,
        r.INVERSE_P0,
        r.PRESENT,
    ):
        resting[at + to] = work[at + lane]
