"""From a block of inputs to a tile's constants and its states at the start."""

from __future__ import annotations

import math

from timecone.models.compute import parameters as table
from timecone.models.compute.components import automation, data_wall, labour, supply
from timecone.models.compute.components.algorithms import past_gain
from timecone.models.compute.components.algorithms import trend as software_trend
from timecone.models.compute.components.economy import boost, growth_rate
from timecone.models.compute.components.hardware import trend as hardware_trend
from timecone.models.compute.components.headroom import fraction_of_limit, headroom_left, remaining
from timecone.models.compute.components.investment import inverse_spending
from timecone.models.compute.components.threshold import requirement_at_start
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.features import (
    INVESTMENT_LOOP,
    LIMITS,
    OUTPUT_LOOP,
    RESEARCH_LOOPS,
    WALL,
)
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import exp10, log10
from timecone.schema import FloatArray


@kernel
def _load_trends(inputs: FloatArray, i: int, start: float, work: FloatArray, lane: int) -> None:
    work[r.INVERSE_P0 + lane] = 1.0 / inputs[table.PRICE_PERFORMANCE, i]
    rate = hardware_trend(inputs[table.DOUBLING_TIME, i])
    stated, year = inputs[table.HARDWARE_HEADROOM, i], inputs[table.HARDWARE_HEADROOM_YEAR, i]
    work[r.HARDWARE_RATE + lane] = rate
    work[r.HARDWARE_LIMIT + lane] = fraction_of_limit(headroom_left(stated, rate, start, year))
    past = software_trend(inputs[table.HALVING_TIME_PAST, i])
    stated, year = inputs[table.SOFTWARE_HEADROOM, i], inputs[table.SOFTWARE_HEADROOM_YEAR, i]
    work[r.SOFTWARE_RATE + lane] = software_trend(inputs[table.HALVING_TIME, i])
    work[r.SOFTWARE_LIMIT + lane] = fraction_of_limit(headroom_left(stated, past, start, year))
    work[r.ECONOMY_RATE + lane] = growth_rate(inputs[table.ECONOMY_GROWTH, i])
    work[r.TREND_RATE + lane] = log10(inputs[table.INVESTMENT_GROWTH, i])
    work[r.CAP_SHARE + lane] = log10(inputs[table.CAP_SHARE, i])
    work[r.INVERSE_CAP + lane] = 1.0 / inputs[table.CAP_USD, i]
    work[r.LAG + lane] = inputs[table.ADOPTION_LAG, i]


@kernel
def _load_threshold(inputs: FloatArray, i: int, start: float, work: FloatArray, lane: int) -> None:
    gain = past_gain(inputs[table.HALVING_TIME_PAST, i], start, inputs[table.REFERENCE_YEAR, i])
    complexity = inputs[table.NEURON_COMPLEXITY, i]
    requirement = requirement_at_start(inputs[table.REQUIREMENT, i], complexity, gain)
    gap = inputs[table.GAP, i]
    work[r.REQUIREMENT + lane] = requirement
    work[r.GAP + lane] = gap
    work[r.LEVEL + lane] = automation.level(automation.FIRST_SHARE, requirement, gap)
    work[r.LEVEL + r.TILE + lane] = automation.level(automation.MIDDLE_SHARE, requirement, gap)
    work[r.LEVEL + 2 * r.TILE + lane] = requirement


@kernel
def _load_feedback(inputs: FloatArray, i: int, features: int, work: FloatArray, lane: int) -> None:
    work[r.BOOST + lane] = 0.0
    if features & OUTPUT_LOOP:
        growth = inputs[table.ECONOMY_GROWTH, i]
        work[r.BOOST + lane] = boost(growth, inputs[table.AUTOMATION_GROWTH, i])
    if features & INVESTMENT_LOOP:
        work[r.WAKEUP_SHARE + lane] = inputs[table.WAKEUP_SHARE, i]
        work[r.WAKEUP_RATE + lane] = log10(inputs[table.WAKEUP_GROWTH, i])
    work[r.SOFTWARE_RETURNS + lane] = inputs[table.SOFTWARE_RETURNS, i]
    work[r.HARDWARE_RETURNS + lane] = inputs[table.HARDWARE_RETURNS, i]
    if features & RESEARCH_LOOPS:
        substitution = inputs[table.SUBSTITUTION, i]
        work[r.SUBSTITUTION + lane] = substitution
        work[r.TOTAL_POWER + lane] = labour.power_of_total(inputs[table.PARALLELISATION, i], substitution)
        work[r.WORKFORCE + lane] = inputs[table.WORKFORCE, i]


@kernel
def _load_bounds(
    inputs: FloatArray, i: int, start: float, features: int, work: FloatArray, lane: int
) -> None:
    if features & LIMITS:
        work[r.POWER_SLOPE + lane] = inputs[table.POWER_GROWTH, i]
        work[r.CHIPS_SLOPE + lane] = inputs[table.CHIPS_GROWTH, i]
        work[r.LATENCY_SLOPE + lane] = inputs[table.LATENCY_GROWTH, i]
        work[r.POWER + lane] = supply.level(inputs[table.POWER, i], inputs[table.POWER_GROWTH, i], start)
        work[r.CHIPS + lane] = supply.level(inputs[table.CHIPS, i], inputs[table.CHIPS_GROWTH, i], start)
        work[r.LATENCY + lane] = supply.level(
            inputs[table.LATENCY, i], inputs[table.LATENCY_GROWTH, i], start
        )
    if features & WALL:
        tokens = inputs[table.STOCK, i] * inputs[table.STOCK_MULTIPLIER, i]
        work[r.MATCHED + lane] = data_wall.matched_compute(tokens, inputs[table.TOKENS_PER_PARAMETER, i])
        work[r.MATCHED_SLOPE + lane] = data_wall.matched_growth(inputs[table.STOCK_GROWTH, i])
        work[r.ALPHA + lane] = inputs[table.PARAMETER_EXPONENT, i]
        work[r.BETA + lane] = inputs[table.TOKEN_EXPONENT, i]
        work[r.BINDING + lane] = inputs[table.BINDING, i]


@kernel
def _load_events(inputs: FloatArray, i: int, starts: FloatArray, work: FloatArray, lane: int) -> None:
    """Fill the times of events; ``starts`` has shape (shocks, draws): supply, pause, winter."""
    work[r.TREND_END + lane] = inputs[table.LIFETIME, i]
    work[r.JUMP + lane] = inputs[table.BREAKTHROUGH_SIZE, i]
    work[r.SUPPLY_START + lane] = starts[0, i]
    work[r.SUPPLY_END + lane] = starts[0, i] + inputs[table.SUPPLY_DURATION, i]
    work[r.SETBACK + lane] = inputs[table.SUPPLY_SETBACK, i] * work[r.HARDWARE_RATE + lane]
    work[r.PAUSE_START + lane] = starts[1, i]
    work[r.PAUSE_END + lane] = starts[1, i] + inputs[table.PAUSE_DURATION, i]
    work[r.PAUSE_PACE + lane] = inputs[table.PAUSE_RESEARCH_SHARE, i]
    work[r.WINTER_START + lane] = starts[2, i]
    work[r.FALL + lane] = exp10(inputs[table.WINTER_DEPTH, i])


@kernel
def _load_present(work: FloatArray, lane: int, features: int) -> None:
    """Fill the compute of the present run, which no supply limit binds, from the states at the start."""
    work[r.PRESENT + lane] = math.inf
    if features & LIMITS:
        trend = remaining(work[r.END + r.TREND + lane])
        share = remaining(work[r.END + r.OUTPUT + lane] + work[r.CAP_SHARE + lane])
        spent = inverse_spending(trend, share, work[r.INVERSE_CAP + lane])
        work[r.PRESENT + lane] = 1.0 / (spent * work[r.INVERSE_P0 + lane])


@kernel
def load(
    inputs: FloatArray, starts: FloatArray, i: int, start: float, features: int, work: FloatArray, lane: int
) -> None:
    """Fill a lane with a draw's constants, and with its states at the start in the rows of a step's end.

    ``starts`` has shape (shocks, draws).
    """
    _load_trends(inputs, i, start, work, lane)
    _load_threshold(inputs, i, start, work, lane)
    _load_feedback(inputs, i, features, work, lane)
    _load_bounds(inputs, i, start, features, work, lane)
    _load_events(inputs, i, starts, work, lane)
    work[r.END + r.HARDWARE + lane] = 0.0
    work[r.END + r.SOFTWARE + lane] = 0.0
    work[r.END + r.HARDWARE_RESEARCH + lane] = 1.0
    work[r.END + r.SOFTWARE_RESEARCH + lane] = 1.0
    work[r.END + r.TREND + lane] = log10(inputs[table.LARGEST_RUN, i])
    work[r.END + r.OUTPUT + lane] = log10(inputs[table.OUTPUT, i])
    work[r.END + r.LOST + lane] = 0.0
    work[r.END + r.MULTIPLIER + lane] = 1.0
    work[r.END + r.EXCESS + lane] = -1.0
    work[r.END + r.ADOPTED + lane] = 0.0
    work[r.ELAPSED + lane] = 0.0
    _load_present(work, lane, features)
