"""How fast a draw grows at one end of a step, for dates inside it and for what goes on after it."""

from __future__ import annotations

from timecone.models.compute.components import data_wall, research, supply
from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.features import HARDWARE_LOOP, LIMITS, SOFTWARE_LOOP, WALL
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray


@kernel
def efficiency_growth(work: FloatArray, lane: int, at: int, of: int, loop: int) -> float:
    """Return the unlimited growth of an efficiency, OOM per year.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which draw.
    at : int
        0 for the states at the step's beginning, `rows.END` for those at its end.
    of : int
        `rows.OF_HARDWARE` or `rows.OF_SOFTWARE`.
    loop : int
        Not 0 if AI's research moves it.
    """
    mine = of + lane
    rate = work[r.HARDWARE_RATE + mine] * work[r.HARDWARE_PACE + mine]
    if loop:
        rate = research.speed(rate, work[r.HARDWARE_RESEARCH + at + mine], work[r.MULTIPLIER + at + lane])
    return float(rate)


@kernel
def limits(work: FloatArray, lane: int, at: int, elapsed: float, features: int) -> tuple[float, float]:
    """Return the sum of the inverse supply limits, 1/FLOP, and their growth, each weighted by its inverse.

    ``at`` as in `growth`.
    """
    power, chips, latency = (
        work[r.POWER_SLOPE + lane],
        work[r.CHIPS_SLOPE + lane],
        work[r.LATENCY_SLOPE + lane],
    )
    of_power = supply.inverse_limit(work[r.POWER + lane], power, elapsed)
    of_chips = supply.inverse_limit(work[r.CHIPS + lane], chips, elapsed)
    of_latency = supply.inverse_limit(work[r.LATENCY + lane], latency, elapsed)
    if features & HARDWARE_LOOP:
        limit = work[r.HARDWARE_LIMIT + lane]
        has, returns = work[r.HARDWARE_RESEARCH + at + lane], work[r.HARDWARE_RETURNS + lane]
        left = (1.0 - limit) * supply.research_left(has, returns)
        faster = efficiency_growth(work, lane, at, r.OF_HARDWARE, 1)
        faster -= work[r.HARDWARE_RATE + lane] * work[r.HARDWARE_PACE + lane]
        of_chips *= limit + left
        chips += left / (limit + left) * faster
    return of_power + of_chips + of_latency, power * of_power + chips * of_chips + latency * of_latency


@kernel
def growth(work: FloatArray, lane: int, at: int, elapsed: float, features: int) -> float:
    """Return the growth of effective compute, OOM per year.

    ``at`` is 0 for the states at the step's beginning and `rows.END` for those at its end.
    """
    here = at + lane
    hardware = efficiency_growth(work, lane, at, r.OF_HARDWARE, features & HARDWARE_LOOP)
    software = efficiency_growth(work, lane, at, r.OF_SOFTWARE, features & SOFTWARE_LOOP)
    limit = work[r.HARDWARE_LIMIT + lane]
    left = (1.0 - limit) * remaining(work[r.HARDWARE + here])
    of_hardware = left / (limit + left) * hardware
    limit = work[r.SOFTWARE_LIMIT + lane]
    left = (1.0 - limit) * remaining(work[r.SOFTWARE + here])
    of_software = left / (limit + left) * software
    trend, caps = work[r.INVERSE_TREND + here], work[r.INVERSE_CAPS + here]
    shares = caps - work[r.INVERSE_CAP + lane]
    of_spending = trend * work[r.TREND_GROWTH + here] + shares * work[r.OUTPUT_GROWTH + here]
    of_spending *= work[r.SPENDING_PACE + lane] / (trend + caps)
    of_compute = of_hardware + of_spending
    if features & LIMITS:
        inverse = inverse_gain(remaining(work[r.HARDWARE + here]), work[r.HARDWARE_LIMIT + lane])
        bought = 1.0 / (inverse * (trend + caps) * work[r.INVERSE_P0 + lane])
        total, of_limits = limits(work, lane, at, elapsed, features)
        of_compute = supply.limited_growth(of_compute, bought, work[r.PRESENT + lane], total, of_limits)
    if features & WALL:
        bound = max(work[r.EXCESS + here], 0.0)
        kept = data_wall.passed_on(bound, work[r.ALPHA + lane], work[r.BETA + lane])
        walled = kept * of_compute + (1.0 - kept) * work[r.MATCHED_SLOPE + lane]
        of_compute += work[r.BINDING + lane] * (walled - of_compute)
    return float(of_compute + of_software)
