"""Loading of a draw into a lane: constants, and the states at the start."""

from __future__ import annotations

import math

from timecone.models.compute import parameters
from timecone.models.compute.components import (
    algorithms,
    automation,
    data_wall,
    economy,
    effective,
    hardware,
    investment,
    labour,
    supply,
)
from timecone.models.compute.components.headroom import fraction_of_limit, headroom_left, remaining
from timecone.models.compute.components.threshold import requirement_at_start
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    COPIED,
    DATA,
    ECONOMY,
    END,
    EVENTS,
    HARDWARE,
    INVESTMENT_LOOP,
    LABOUR,
    LEVEL,
    LIMITS,
    OPEN,
    OUTPUT_LOOP,
    PASSING,
    PRICE,
    RESEARCH_LOOPS,
    SOFTWARE,
    SPENDING,
    SUPPLY,
    TILE,
    WALL,
)
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import exp10, log10
from timecone.schema import FloatArray


@kernel
def _load_trends(inputs: FloatArray, i: int, start: float, work: FloatArray, lane: int) -> None:
    """Fill a lane with the trends of draw ``i``, in ``inputs`` of shape (parameters, draws)."""
    rate = hardware.trend(inputs[parameters.DOUBLING_TIME, i])
    stated, year = inputs[parameters.HARDWARE_HEADROOM, i], inputs[parameters.HARDWARE_HEADROOM_YEAR, i]
    work[HARDWARE.rate + lane] = rate
    work[HARDWARE.limit + lane] = fraction_of_limit(headroom_left(stated, rate, start, year))
    past = algorithms.trend(inputs[parameters.HALVING_TIME_PAST, i])
    stated, year = inputs[parameters.SOFTWARE_HEADROOM, i], inputs[parameters.SOFTWARE_HEADROOM_YEAR, i]
    work[SOFTWARE.rate + lane] = algorithms.trend(inputs[parameters.HALVING_TIME, i])
    work[SOFTWARE.limit + lane] = fraction_of_limit(headroom_left(stated, past, start, year))
    work[ECONOMY.rate + lane] = economy.growth_rate(inputs[parameters.ECONOMY_GROWTH, i])
    work[SPENDING.rate + lane] = log10(inputs[parameters.INVESTMENT_GROWTH, i])
    work[SPENDING.inverse_cap + lane] = 1.0 / inputs[parameters.CAP_USD, i]
    work[AUTOMATION.lag + lane] = inputs[parameters.ADOPTION_LAG, i]
    work[EVENTS.trend_end + lane] = inputs[parameters.LIFETIME, i]
    work[EVENTS.jump + lane] = inputs[parameters.BREAKTHROUGH_SIZE, i]


@kernel
def _load_threshold(inputs: FloatArray, i: int, start: float, work: FloatArray, lane: int) -> None:
    """Fill a lane with the levels of draw ``i``; arguments as of `_load_trends`."""
    gain = algorithms.past_gain(
        inputs[parameters.HALVING_TIME_PAST, i], start, inputs[parameters.REFERENCE_YEAR, i]
    )
    complexity = inputs[parameters.NEURON_COMPLEXITY, i]
    requirement = requirement_at_start(inputs[parameters.REQUIREMENT, i], complexity, gain)
    gap = inputs[parameters.GAP, i]
    work[AUTOMATION.requirement + lane] = requirement
    work[AUTOMATION.gap + lane] = gap
    work[LEVEL + lane] = automation.level(automation.FIRST_SHARE, requirement, gap)
    work[LEVEL + TILE + lane] = automation.level(automation.MIDDLE_SHARE, requirement, gap)
    work[LEVEL + 2 * TILE + lane] = requirement


@kernel
def _load_feedback(inputs: FloatArray, i: int, features: int, work: FloatArray, lane: int) -> None:
    work[ECONOMY.boost + lane] = 0.0
    if features & OUTPUT_LOOP:
        growth = inputs[parameters.ECONOMY_GROWTH, i]
        work[ECONOMY.boost + lane] = economy.boost(growth, inputs[parameters.AUTOMATION_GROWTH, i])
    if features & INVESTMENT_LOOP:
        work[SPENDING.wakeup_rate + lane] = log10(inputs[parameters.WAKEUP_GROWTH, i])
    if features & RESEARCH_LOOPS:
        work[LABOUR.power + lane] = labour.power_of_total(
            inputs[parameters.PARALLELISATION, i], work[LABOUR.substitution + lane]
        )


@kernel
def _load_bounds(
    inputs: FloatArray, i: int, start: float, features: int, work: FloatArray, lane: int
) -> None:
    if features & LIMITS:
        power, chips, latency = (
            work[SUPPLY.power_slope + lane],
            work[SUPPLY.chips_slope + lane],
            work[SUPPLY.latency_slope + lane],
        )
        work[SUPPLY.power + lane] = supply.level(inputs[parameters.POWER, i], power, start)
        work[SUPPLY.chips + lane] = supply.level(inputs[parameters.CHIPS, i], chips, start)
        work[SUPPLY.latency + lane] = supply.level(inputs[parameters.LATENCY, i], latency, start)
    if features & WALL:
        tokens = inputs[parameters.STOCK, i] * inputs[parameters.STOCK_MULTIPLIER, i]
        work[DATA.matched + lane] = data_wall.matched_compute(
            tokens, inputs[parameters.TOKENS_PER_PARAMETER, i]
        )
        work[DATA.matched_slope + lane] = data_wall.matched_growth(inputs[parameters.STOCK_GROWTH, i])


@kernel
def _load_events(inputs: FloatArray, i: int, starts: FloatArray, work: FloatArray, lane: int) -> None:
    """Fill the times of shocks and what they do."""
    work[EVENTS.supply_start + lane] = starts[0, i]
    work[EVENTS.supply_end + lane] = starts[0, i] + inputs[parameters.SUPPLY_DURATION, i]
    work[EVENTS.setback + lane] = inputs[parameters.SUPPLY_SETBACK, i] * work[HARDWARE.rate + lane]
    work[EVENTS.pause_start + lane] = starts[1, i]
    work[EVENTS.pause_end + lane] = starts[1, i] + inputs[parameters.PAUSE_DURATION, i]
    work[EVENTS.winter_start + lane] = starts[2, i]
    work[EVENTS.fall + lane] = exp10(inputs[parameters.WINTER_DEPTH, i])


@kernel
def _load_present(work: FloatArray, lane: int, features: int) -> None:
    """Fill the compute of the present run, which no supply limit binds, from the states at the start."""
    work[SUPPLY.present + lane] = math.inf
    if features & LIMITS:
        trend = remaining(work[END.trend + lane])
        share = remaining(work[END.output + lane] + work[SPENDING.cap_share + lane])
        spent = investment.inverse_spending(trend, share)
        spent = investment.inverse_spending(spent, work[SPENDING.inverse_cap + lane])
        work[SUPPLY.present + lane] = 1.0 / effective.inverse_compute(1.0, spent, work[PRICE.inverse + lane])


@kernel
def load(
    inputs: FloatArray, starts: FloatArray, i: int, start: float, features: int, work: FloatArray, lane: int
) -> None:
    """Fill a lane with a draw's constants, and with its states at the start in the rows of a step's end.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Natural values in the model's units.
    starts : array, shape (shocks, draws)
        When supply shock, pause and winter begin, years after the start.
    i : int
        Which draw.
    start : float
        Decimal year.
    features : int
        Bits of the components that are on.
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which lane.
    """
    _load_trends(inputs, i, start, work, lane)
    _load_threshold(inputs, i, start, work, lane)
    for row, parameter in COPIED:
        work[row + lane] = inputs[parameter, i]
    _load_feedback(inputs, i, features, work, lane)
    _load_bounds(inputs, i, start, features, work, lane)
    _load_events(inputs, i, starts, work, lane)
    work[PRICE.inverse + lane] = 1.0 / inputs[parameters.PRICE_PERFORMANCE, i]
    work[SPENDING.cap_share + lane] = log10(inputs[parameters.CAP_SHARE, i])
    work[END.trend + lane] = log10(inputs[parameters.LARGEST_RUN, i])
    work[END.output + lane] = log10(inputs[parameters.OUTPUT, i])
    work[END.hardware.progress + lane] = 0.0
    work[END.software.progress + lane] = 0.0
    work[END.hardware.research + lane] = 1.0
    work[END.software.research + lane] = 1.0
    work[END.lost + lane] = 0.0
    work[END.multiplier + lane] = 1.0
    work[END.excess + lane] = -1.0
    work[END.adopted + lane] = 0.0
    work[PASSING.elapsed + lane] = 0.0
    _load_present(work, lane, features)


@kernel
def load_open_loop(inputs: FloatArray, i: int, start: float, work: FloatArray, lane: int) -> None:
    """Fill a lane with a draw's constants for the open loop; arguments as of `load`."""
    _load_trends(inputs, i, start, work, lane)
    _load_threshold(inputs, i, start, work, lane)
    work[PRICE.log + lane] = log10(inputs[parameters.PRICE_PERFORMANCE, i])
    work[OPEN.trend_start + lane] = log10(inputs[parameters.LARGEST_RUN, i])
    work[OPEN.share_start + lane] = log10(inputs[parameters.OUTPUT, i]) + log10(
        inputs[parameters.CAP_SHARE, i]
    )
