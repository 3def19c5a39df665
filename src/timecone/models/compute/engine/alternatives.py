"""Alternative laws of hardware, spending, algorithms and compute: draw by draw, in closed form.

A draw with any of the components `alternatives.ALTERNATIVES` is a sum of curves of time: price-performance
(the trend with its limit, or chips year by year), spending (below harmonic or soft caps), or training compute
as one trend, and the gain of algorithms. Without feedback nothing is integrated: a draw is looked at after
every step, and a crossing inside a step is found by regula falsi. Price-performance of chips is defined at
whole years after the start; between two of them it is log-linear.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from timecone.models.compute import parameters
from timecone.models.compute.components import (
    algorithms,
    alternatives,
    automation,
    chip_limits,
    compute_trend,
    economy,
    hardware,
    headroom,
    investment,
    soft_caps,
    threshold,
)
from timecone.models.compute.engine.crossing import taken_over_within
from timecone.models.compute.engine.milestone import LEVELS, NOT_FINITE, TAI, TAKEN_OVER, outcome
from timecone.models.compute.engine.rootfind import illinois
from timecone.models.model import TimeGrid
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp10, log10
from timecone.schema import ByteArray, FloatArray

CHIPS: Final = parameters.BIT[alternatives.CHIP_LIMITS]
SOFT: Final = parameters.BIT[alternatives.SOFT_CAPS]
TREND: Final = parameters.BIT[alternatives.COMPUTE_TREND]

#: Per draw, beside dates and status: when spending meets its caps, in years after the start, log10 FLOP of
#: the run that passes the last level, why the draw failed (0 or a code of `milestone`), the adopted share at
#: the step that is asked for, growth of effective compute at the start, OOM per year, and whether effective
#: compute falls below the requirement again.
EXTRAS: Final = 6

_TOLERANCE: Final = 1e-12
# Years over which growth at the start is taken.
_MOMENT: Final = 2.0**-17


class Room(NamedTuple):
    """Arrays that are filled anew for every draw.

    Attributes
    ----------
    prices : array, shape (years + 1,)
    weights, rates : arrays, shape (compute_trend.MOST_TERMS,)
        As of `Curves`.
    """

    prices: FloatArray
    weights: FloatArray
    rates: FloatArray


@kernel
def _room(years: float) -> Room:
    """Return room for a draw over so many years."""
    return Room(
        np.empty(math.ceil(years) + 2),
        np.empty(compute_trend.MOST_TERMS),
        np.empty(compute_trend.MOST_TERMS),
    )


class Curves(NamedTuple):
    """What a draw's curves of time are made of; logarithms to the base 10, growth in OOM per year.

    Attributes
    ----------
    features : int
        Bits of the components that are on.
    prices : array, shape (years + 1,)
        Price-performance of chips at whole years after the start, log10 FLOP per USD; empty without them.
    price, hardware_rate, hardware_limit : float
        Price-performance at the start, its trend, and the start as a fraction of its limit.
    spending, spending_rate, lifetime : float
        Cost of the largest run at the start, its growth, and the years for which it lasts.
    share, economy_rate, cap : float
        Largest share of output, log10 USD at the start, growth of output, and the absolute cap, USD.
    compute, later_growth : float
        Training compute at the start, and its growth long after.
    weights, rates : arrays, shape (compute_trend.MOST_TERMS,)
        Series of the trend of training compute.
    terms : int
        How many terms it has; 0 without that trend.
    software_rate, software_headroom, software_age, software_gain : float
        Growth of algorithms; headroom, OOM; years from the reference year to the start, and the gain in these
        years, with soft caps.
    """

    features: int
    prices: FloatArray
    price: float
    hardware_rate: float
    hardware_limit: float
    spending: float
    spending_rate: float
    lifetime: float
    share: float
    economy_rate: float
    cap: float
    compute: float
    later_growth: float
    weights: FloatArray
    rates: FloatArray
    terms: int
    software_rate: float
    software_headroom: float
    software_age: float
    software_gain: float


@kernel
def _set_prices(inputs: FloatArray, i: int, start: float, prices: FloatArray) -> None:
    """Fill the price-performance of chips at whole years after the start."""
    year = inputs[parameters.SPECIALISATION_YEAR, i]
    age = start - year if math.isfinite(year) else 0.0
    before = 0.0
    for k in range(prices.size):
        speed = chip_limits.performance(
            chip_limits.trend_date(start + k),
            inputs[parameters.PROCESS_SIZE_LIMIT, i],
            inputs[parameters.TRANSISTORS_PER_CORE, i],
            inputs[parameters.CORES_1970, i],
            inputs[parameters.CORES_GROWTH, i],
        ) + chip_limits.specialised(
            age + k, inputs[parameters.SPECIALISATION, i], inputs[parameters.SPECIALISATION_LIMIT, i]
        )
        grown = log10(1.0 + inputs[parameters.GROWTH_BEFORE, i]) if k == 0 else speed - before
        prices[k] = chip_limits.price_performance(speed, grown, inputs[parameters.CHIP_PRICE, i])
        before = speed


@kernel
def _curves(inputs: FloatArray, i: int, start: float, features: int, room_for: Room) -> Curves:
    """Return the curves of a draw; arrays of ``room_for`` are filled and become theirs."""
    price, hardware_rate, hardware_limit = 0.0, 0.0, 1.0
    if features & CHIPS:
        _set_prices(inputs, i, start, room_for.prices)
    elif not features & TREND:
        price = log10(inputs[parameters.PRICE_PERFORMANCE, i])
        hardware_rate = hardware.trend(inputs[parameters.DOUBLING_TIME, i])
        left = headroom.headroom_left(
            inputs[parameters.HARDWARE_HEADROOM, i],
            hardware_rate,
            start,
            inputs[parameters.HARDWARE_HEADROOM_YEAR, i],
        )
        hardware_limit = headroom.fraction_of_limit(left)
    spending, spending_rate, share, economy_rate = 0.0, 0.0, 0.0, 0.0
    if not features & TREND:
        spending = log10(inputs[parameters.LARGEST_RUN, i])
        spending_rate = log10(inputs[parameters.INVESTMENT_GROWTH, i])
        share = log10(inputs[parameters.OUTPUT, i]) + log10(inputs[parameters.CAP_SHARE, i])
        economy_rate = economy.growth_rate(inputs[parameters.ECONOMY_GROWTH, i])
    terms = 0
    if features & TREND:
        terms = compute_trend.set_series(
            inputs[parameters.TREND_GROWTH, i],
            inputs[parameters.LATER_GROWTH, i],
            inputs[parameters.REVERSION_TIME, i],
            room_for.weights,
            room_for.rates,
        )
    room = inputs[parameters.SOFTWARE_HEADROOM, i]
    age, gain = start - inputs[parameters.REFERENCE_YEAR, i], 0.0
    if features & SOFT:
        software_rate = inputs[parameters.ALGORITHMS_GROWTH, i]
        gain = soft_caps.soft_cap(software_rate * age, room)
    else:
        software_rate = algorithms.trend(inputs[parameters.HALVING_TIME, i])
        past = algorithms.trend(inputs[parameters.HALVING_TIME_PAST, i])
        room = headroom.headroom_left(room, past, start, inputs[parameters.SOFTWARE_HEADROOM_YEAR, i])
    return Curves(
        features,
        room_for.prices,
        price,
        hardware_rate,
        hardware_limit,
        spending,
        spending_rate,
        inputs[parameters.LIFETIME, i],
        share,
        economy_rate,
        inputs[parameters.CAP_USD, i],
        inputs[parameters.TRAINING_COMPUTE, i],
        inputs[parameters.LATER_GROWTH, i],
        room_for.weights,
        room_for.rates,
        terms,
        software_rate,
        room,
        age,
        gain,
    )


@kernel
def price_at(curves: Curves, elapsed: float) -> float:
    """Return price-performance, log10 FLOP per USD."""
    if curves.features & CHIPS:
        k = min(int(elapsed), curves.prices.size - 2)
        before, after = curves.prices[k], curves.prices[k + 1]
        return float(before + (elapsed - k) * (after - before))
    left = headroom.remaining(curves.hardware_rate * elapsed)
    return float(curves.price - log10(headroom.inverse_gain(left, curves.hardware_limit)))


@kernel
def _trend_and_caps(curves: Curves, elapsed: float) -> tuple[float, float, float]:
    """Return the spending trend, its cap as a share of output, and both caps together, log10 USD."""
    grown = investment.trend_growth(0.0, elapsed, curves.lifetime, curves.spending_rate, curves.economy_rate)
    share = curves.share + curves.economy_rate * elapsed
    caps = share
    if math.isfinite(curves.cap):
        caps = -log10(investment.inverse_caps(exp10(-share), 1.0 / curves.cap))
    return curves.spending + grown, share, caps


@kernel
def spending_at(curves: Curves, elapsed: float) -> float:
    """Return what the largest run costs, log10 USD."""
    trend, _, caps = _trend_and_caps(curves, elapsed)
    if curves.features & SOFT:
        return soft_caps.soft_cap(trend, caps)
    return -log10(investment.inverse_spending(headroom.remaining(trend), headroom.remaining(caps)))


@kernel
def training_at(curves: Curves, elapsed: float) -> float:
    """Return the training compute of the largest run, log10 FLOP."""
    if curves.features & TREND:
        return curves.compute + compute_trend.trend_growth(
            elapsed, curves.later_growth, curves.weights, curves.rates, curves.terms
        )
    return float(price_at(curves, elapsed) + spending_at(curves, elapsed))


@kernel
def gain_at(curves: Curves, elapsed: float) -> float:
    """Return the gain of algorithms since the start, OOM."""
    progress = curves.software_rate * elapsed
    if curves.features & SOFT:
        whole = curves.software_rate * (curves.software_age + elapsed)
        return soft_caps.soft_cap(whole, curves.software_headroom) - curves.software_gain
    limit = headroom.fraction_of_limit(curves.software_headroom)
    return -log10(headroom.inverse_gain(headroom.remaining(progress), limit))


@kernel
def effective_at(curves: Curves, elapsed: float) -> float:
    """Return effective compute with the algorithms of the start, log10 FLOP."""
    return training_at(curves, elapsed) + gain_at(curves, elapsed)


@kernel
def _above(elapsed: float, arguments: tuple[Curves, float]) -> float:
    curves, level = arguments
    return effective_at(curves, elapsed) - level


_solve = illinois(_above, _TOLERANCE)


@kernel
def _growth_at_start(curves: Curves, effective: float) -> float:
    """Return the growth of effective compute at the start, by a one-sided difference of second order."""
    soon, later = effective_at(curves, _MOMENT), effective_at(curves, 2.0 * _MOMENT)
    return (4.0 * soon - later - 3.0 * effective) / (2.0 * _MOMENT)


@kernel
def requirement_at(inputs: FloatArray, i: int, start: float, features: int) -> float:
    """Return the requirement of a draw with the algorithms of the start, log10 FLOP."""
    age = start - inputs[parameters.REFERENCE_YEAR, i]
    if features & SOFT:
        gain = soft_caps.soft_cap(
            inputs[parameters.ALGORITHMS_GROWTH, i] * age, inputs[parameters.SOFTWARE_HEADROOM, i]
        )
    else:
        gain = algorithms.past_gain(inputs[parameters.HALVING_TIME_PAST, i], age, 0.0)
    return threshold.requirement_at_start(
        inputs[parameters.REQUIREMENT, i], inputs[parameters.NEURON_COMPLEXITY, i], gain
    )


@kernel
def requirements(inputs: FloatArray, start: float, features: int, out: FloatArray) -> None:
    """Fill ``out``, shape (draws,), with the requirements with the algorithms of the start, log10 FLOP."""
    for i in range(out.size):
        out[i] = requirement_at(inputs, i, start, features)


@scalar
def _caps_met(over: float, over_before: float, begin: float, length: float) -> float:
    """Return when the trend comes up to the caps within a step, by a straight line; +inf for never."""
    if over < 0.0:
        return math.inf
    return begin + (length * over_before / (over_before - over) if over_before < 0.0 else 0.0)


@kernel
def _date_caps(curves: Curves, step: float, steps: int) -> float:
    """Return when the spending trend comes up to its caps, years after the start; +inf for never."""
    if curves.features & TREND:
        return math.inf
    before, begin = 0.0, 0.0
    for n in range(steps + 1):
        end = n * step
        trend, _, caps = _trend_and_caps(curves, end)
        date = _caps_met(trend - caps, before, begin, end - begin)
        if date < math.inf:
            return date
        before, begin = trend - caps, end
    return math.inf


@kernel
def _adopt(
    n: int, had: float, able: float, share: float, growth: float, lag: float, closed: float, weight: float
) -> float:
    """Return the adopted share at the end of step n; ``growth`` is that of the share at the start."""
    if n == 0:
        return automation.adopted_at_start(share, growth, lag)
    return automation.adopted(had, able, share, closed, weight)


@kernel
def _date_levels(
    curves: Curves, levels: FloatArray, step: float, effective: FloatArray, dates: FloatArray
) -> float:
    """Fill the dates at which levels are passed, years after the start; +inf for never.

    ``effective`` is effective compute at the end of every step. Returns 1 if it falls below the last level
    again after it has passed it, else 0.
    """
    dates[:] = math.inf
    passed, falls = 0, 0.0
    for n in range(effective.size):
        while passed < LEVELS and effective[n] >= levels[passed]:
            level, end = levels[passed], n * step
            dates[passed] = end
            if n > 0 and effective[n - 1] < level < effective[n]:
                below, above = effective[n - 1] - level, effective[n] - level
                dates[passed] = _solve((curves, level), end - step, end, below, above)
            passed += 1
        if passed == LEVELS and effective[n] < levels[TAI]:
            falls = 1.0
    return falls


@kernel
def _date_adoption(
    inputs: FloatArray,
    i: int,
    growth: float,
    needed: float,
    step: float,
    effective: FloatArray,
    first: float,
    evidence_step: int,
) -> tuple[float, float]:
    """Return when AI has taken over `automation.TAKEN_SHARE`, and the adopted share at ``evidence_step``.

    ``growth`` is that of effective compute at the start, OOM per year; ``first`` is when AI can do that
    share.
    """
    gap, lag = inputs[parameters.GAP, i], inputs[parameters.ADOPTION_LAG, i]
    closed = automation.lag_closed(step, lag)
    weight = automation.weight_before(step, lag, closed)
    at_start = automation.share_growth(growth, gap)
    able, adopted, taken, evidence = 0.0, 0.0, math.inf, 0.0
    for n in range(effective.size):
        share = automation.share(effective[n], needed, gap)
        had = adopted
        adopted = _adopt(n, had, able, share, at_start, lag, closed, weight)
        if taken == math.inf and adopted >= automation.TAKEN_SHARE and first < math.inf:
            x = taken_over_within(had, able, share, step, lag) if n > 0 else 1.0
            taken = max((n - 1.0 + x) * step, first)
        if n == evidence_step:
            evidence = adopted
        if taken < math.inf and n >= evidence_step:
            break
        able = share
    return taken, evidence


@kernel
def run_draws(  # noqa: PLR0917 - a kernel's arguments are arrays
    inputs: FloatArray,
    features: int,
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
    features : int
        Bits of the components that are on, see `parameters.BIT`.
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
    room_for, effective = _room(steps * step), np.empty(steps + 1)
    levels, dates = np.empty(LEVELS), np.empty(LEVELS)
    for i in range(inputs.shape[1]):
        curves = _curves(inputs, i, start, features, room_for)
        needed, gap = requirement_at(inputs, i, start, features), inputs[parameters.GAP, i]
        levels[0] = automation.level(automation.FIRST_SHARE, needed, gap)
        levels[1] = automation.level(automation.MIDDLE_SHARE, needed, gap)
        levels[TAI] = needed
        for n in range(steps + 1):
            effective[n] = effective_at(curves, n * step)
        observed[:, i] = effective[::stride]
        growth = _growth_at_start(curves, effective[0])
        failed = not np.isfinite(effective).all()
        extras[i, 5] = _date_levels(curves, levels, step, effective, dates)
        taken, extras[i, 3] = _date_adoption(
            inputs, i, growth, needed, step, effective, dates[0], evidence_step
        )
        for m in range(LEVELS):
            arrival[i, m], status[i, m] = outcome(failed, levels[m], start + dates[m], start, horizon)
        arrival[i, TAKEN_OVER], status[i, TAKEN_OVER] = outcome(
            failed, levels[0], start + taken, start, horizon
        )
        last = dates[TAI] if math.isfinite(dates[TAI]) else 0.0
        extras[i, 0] = _date_caps(curves, step, steps)
        extras[i, 1] = training_at(curves, last)
        extras[i, 2] = NOT_FINITE if failed else 0.0
        extras[i, 4] = growth


@kernel
def trace(inputs: FloatArray, features: int, start: float, step: float, out: FloatArray) -> None:
    """Fill ``out``, shape (observables, draws, times), in the order of `observe.OBSERVABLES`.

    Price-performance, spending and output stay unfilled where compute is one trend.
    """
    times = out.shape[2]
    room_for = _room((times - 1) * step)
    for i in range(inputs.shape[1]):
        curves = _curves(inputs, i, start, features, room_for)
        needed = requirement_at(inputs, i, start, features)
        gap, lag = inputs[parameters.GAP, i], inputs[parameters.ADOPTION_LAG, i]
        closed = automation.lag_closed(step, lag)
        weight = automation.weight_before(step, lag, closed)
        growth = automation.share_growth(_growth_at_start(curves, effective_at(curves, 0.0)), gap)
        able, adopted = 0.0, 0.0
        for n in range(times):
            elapsed = n * step
            gain = gain_at(curves, elapsed)
            compute = training_at(curves, elapsed)
            share = automation.share(compute + gain, needed, gap)
            adopted = _adopt(n, adopted, able, share, growth, lag, closed, weight)
            able = share
            out[:, i, n] = 0.0
            out[0, i, n] = compute + gain
            out[1, i, n] = compute
            if not features & TREND:
                out[2, i, n] = price_at(curves, elapsed)
                out[3, i, n] = spending_at(curves, elapsed)
                out[4, i, n] = log10(inputs[parameters.OUTPUT, i]) + curves.economy_rate * elapsed
            out[5, i, n] = gain
            out[8, i, n] = share
            out[9, i, n] = adopted
            # Humans alone do research, at the pace of the trends.
            out[10:, i, n] = 1.0


def run(
    inputs: FloatArray,
    features: int,
    grid: TimeGrid,
    evidence_step: int,
    arrival: FloatArray,
    status: ByteArray,
    observed: FloatArray,
) -> FloatArray:
    """Run all draws of a block; return their extras, shape (EXTRAS, draws). Arguments as of `run_draws`."""
    extras = np.empty((inputs.shape[1], EXTRAS))
    run_draws(
        inputs,
        features,
        grid.start,
        grid.horizon,
        grid.step,
        grid.steps,
        grid.stride,
        evidence_step,
        arrival,
        status,
        extras,
        observed,
    )
    return extras.T
