"""Growth rates of a draw's state: the right-hand side of the model's equations.

`set_rates` computes them at the end of a step for all lanes, which is what Heun's step integrates; `rates`
returns those of one lane at either end, from which follow the slope of effective compute (`slope`, for dates
inside a step), the extrapolation after the last level, and the speed-ups of a trajectory.
"""

from __future__ import annotations

from typing import NamedTuple

from timecone.models.compute.components import (
    data_wall,
    economy,
    effective,
    headroom,
    investment,
    labour,
    research,
    supply,
)
from timecone.models.compute.components.headroom import remaining
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATA,
    ECONOMY,
    END,
    HARDWARE,
    HARDWARE_LOOP,
    INVESTMENT_LOOP,
    LABOUR,
    LIMITS,
    OUTPUT_LOOP,
    POWER_LOOP,
    PRICE,
    RESEARCH_LOOPS,
    SOFTWARE,
    SOFTWARE_LOOP,
    SPENDING,
    SUPPLY,
    WALL,
    Efficiency,
    Progress,
    State,
)
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray


class Rates(NamedTuple):
    """Growth rates of one draw's state, OOM per year."""

    hardware: float  # unlimited price-performance
    software: float  # unlimited algorithmic efficiency
    trend: float  # of spending
    share: float  # of output that one training run may cost


@kernel
def set_rates(work: FloatArray, lanes: int, features: int) -> None:
    """Compute from what AI does how research, output and spending grow at the step's end."""
    if features & RESEARCH_LOOPS:
        for lane in range(lanes):
            workers = labour.workers(
                work[LABOUR.workforce + lane],
                work[END.effective + lane],
                work[AUTOMATION.requirement + lane],
            )
            work[END.multiplier + lane] = labour.multiplier(
                work[END.adopted + lane],
                workers,
                work[LABOUR.substitution + lane],
                work[LABOUR.power + lane],
            )
    if features & OUTPUT_LOOP:
        for lane in range(lanes):
            work[END.output_growth + lane] = economy.output_growth(
                work[ECONOMY.rate + lane], work[ECONOMY.boost + lane], work[END.adopted + lane]
            )
    else:
        for lane in range(lanes):
            work[END.output_growth + lane] = work[ECONOMY.rate + lane]
    if features & INVESTMENT_LOOP:
        for lane in range(lanes):
            growing, ended = work[SPENDING.rate + lane], work[END.output_growth + lane]
            work[END.trend_growth + lane] = investment.woken_rate(
                investment.trend_rate(growing, ended, work[SPENDING.lasts + lane] > 0.0),
                work[END.adopted + lane],
                work[SPENDING.wakeup_share + lane],
                work[SPENDING.wakeup_rate + lane],
            )
    else:
        for lane in range(lanes):
            growing, ended = work[SPENDING.rate + lane], work[END.output_growth + lane]
            work[END.trend_growth + lane] = investment.trend_rate(
                growing, ended, work[SPENDING.lasts + lane] > 0.0
            )


@kernel
def research_rate(
    work: FloatArray,
    lane: int,
    rate: float,
    efficiency: Efficiency,
    at: Progress,
    multiplier: float,
    loop: int,
) -> float:
    """Return the unlimited growth of an efficiency under shocks and AI's research.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which draw.
    rate : float
        Growth without them; 1 for the speed-up.
    efficiency, at : named tuples of rows
        Constants, and the state at one end of the step.
    multiplier : float
        Research labour over that of humans alone.
    loop : int
        Not 0 if AI's research moves it.
    """
    paced = rate * work[efficiency.pace + lane]
    if loop:
        paced = research.speed(paced, work[at.research + lane], multiplier)
    return float(paced)


@kernel
def rates(work: FloatArray, lane: int, at: State, multiplier: float, features: int) -> Rates:
    """Return all growth rates of a draw.

    ``at`` is `NOW` or `END`; ``multiplier`` is that of research labour there, or 1 for rates without AI.
    """
    pace = work[SPENDING.pace + lane]
    rate, loop = work[HARDWARE.rate + lane], features & HARDWARE_LOOP
    hardware = research_rate(work, lane, rate, HARDWARE, at.hardware, multiplier, loop)
    rate, loop = work[SOFTWARE.rate + lane], features & SOFTWARE_LOOP
    software = research_rate(work, lane, rate, SOFTWARE, at.software, multiplier, loop)
    return Rates(
        hardware, software, work[at.trend_growth + lane] * pace, work[at.output_growth + lane] * pace
    )


@kernel
def supply_limits(
    work: FloatArray, lane: int, at: State, elapsed: float, hardware: float, features: int
) -> tuple[float, float]:
    """Return the sum of the inverse supply limits, 1/FLOP, and their growth, each weighted by its inverse.

    ``at`` as in `rates`; ``hardware`` is the rate of hardware.
    """
    total, growth = _limits_of_trends(work, lane, at, elapsed, hardware, features)
    if features & POWER_LOOP and features & HARDWARE_LOOP:
        slope = work[SUPPLY.power_slope + lane]
        stated = supply.inverse_limit(work[SUPPLY.power + lane], slope, elapsed)
        limit, returns = work[HARDWARE.limit + lane], work[HARDWARE.returns + lane]
        w, elasticity = work[at.hardware.research + lane], work[SUPPLY.elasticity + lane]
        faster = hardware - work[HARDWARE.rate + lane] * work[HARDWARE.pace + lane]
        relaxing = elasticity * headroom.limited_growth(faster, supply.research_left(w, returns), limit)
        relaxed = supply.relaxed_power(stated, w, returns, limit, elasticity)
        total += relaxed - stated
        growth += (slope + relaxing) * relaxed - slope * stated
    return total, growth


@kernel
def _limits_of_trends(
    work: FloatArray, lane: int, at: State, elapsed: float, hardware: float, features: int
) -> tuple[float, float]:
    """Return what `supply_limits` does without the feedback on power."""
    power, chips, latency = (
        work[SUPPLY.power_slope + lane],
        work[SUPPLY.chips_slope + lane],
        work[SUPPLY.latency_slope + lane],
    )
    of_power = supply.inverse_limit(work[SUPPLY.power + lane], power, elapsed)
    of_chips = supply.inverse_limit(work[SUPPLY.chips + lane], chips, elapsed)
    of_latency = supply.inverse_limit(work[SUPPLY.latency + lane], latency, elapsed)
    if features & HARDWARE_LOOP:
        limit, returns = work[HARDWARE.limit + lane], work[HARDWARE.returns + lane]
        w = work[at.hardware.research + lane]
        faster = hardware - work[HARDWARE.rate + lane] * work[HARDWARE.pace + lane]
        of_chips = supply.relaxed(of_chips, w, returns, limit)
        chips += headroom.limited_growth(faster, supply.research_left(w, returns), limit)
    return of_power + of_chips + of_latency, power * of_power + chips * of_chips + latency * of_latency


@kernel
def slope(work: FloatArray, lane: int, at: State, elapsed: float, multiplier: float, features: int) -> float:
    """Return the growth of effective compute, OOM per year; arguments as of `rates`."""
    growth = rates(work, lane, at, multiplier, features)
    left, limit = remaining(work[at.hardware.progress + lane]), work[HARDWARE.limit + lane]
    of_hardware = headroom.limited_growth(growth.hardware, left, limit)
    inverse = headroom.inverse_gain(left, limit)
    left, limit = remaining(work[at.software.progress + lane]), work[SOFTWARE.limit + lane]
    of_software = headroom.limited_growth(growth.software, left, limit)
    trend, caps = work[at.inverse_trend + lane], work[at.inverse_caps + lane]
    of_spending = investment.spending_growth(
        trend, caps, work[SPENDING.inverse_cap + lane], growth.trend, growth.share
    )
    of_compute = of_hardware + of_spending
    if features & LIMITS:
        spent = investment.inverse_spending(trend, caps)
        bought = 1.0 / effective.inverse_compute(inverse, spent, work[PRICE.inverse + lane])
        total, of_limits = supply_limits(work, lane, at, elapsed, growth.hardware, features)
        of_compute = supply.limited_growth(of_compute, bought, work[SUPPLY.present + lane], total, of_limits)
    if features & WALL:
        of_compute = data_wall.usable_growth(
            of_compute,
            work[at.excess + lane],
            work[DATA.matched_slope + lane],
            work[DATA.binding + lane],
            work[DATA.alpha + lane],
            work[DATA.beta + lane],
        )
    return float(of_compute + of_software)
