"""A plain NumPy twin of the compute model without feedback: the same equations, written another way.

Efficiencies are logistic in linear units, money is in dollars, and one array holds all draws at one time. The
package is not imported here: what the tests compare has nothing in common but the equations. It is also the
peer that the benchmarks time, so what is the same at all times is computed once.

Equations, with t the years since the start:

- price-performance P = P0 K / (1 + (K - 1) 2**(-t / doubling_time)), its limit K = 10**headroom;
- algorithms A alike; a breakthrough multiplies the unlimited trend by 10**size from its date on;
- trend of spending S = S0 growth**min(t, lifetime) (1 + g)**max(t - lifetime, 0), output Y = Y0 (1 + g)**t;
- spending 1 / (1/S + 1/(cap_share Y) + 1/cap_usd);
- effective compute E = log10(P A spending), FLOP with the algorithms of the start;
- requirement T less log10(2) (start - reference_year) / halving_time_past, with the same algorithms;
- share of tasks f = 0.2 + 0.8 (E - (T - G)) / G in [0, 1], so E = T - G + G (f - 0.2) / 0.8 at a share f;
- share taken over du/dt = (f - u) / lag, with f linear in every step;
- K is that of the start: a headroom that is stated for an earlier year loses the trend's progress since.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

type FloatArray = NDArray[np.float64]
type Inputs = Mapping[str, FloatArray]

#: Shares of tasks at which the milestones automation_20, automation_50 and tai are passed.
SHARES = (0.2, 0.5, 1.0)

_TOLERANCE = 1e-13
_ITERATIONS = 100


def with_limits(inputs: Inputs, start: float) -> Inputs:
    """Return inputs with the limits of both efficiencies over their values at the start."""
    limits = {}
    for name, time in (("hardware", "doubling_time"), ("algorithms", "halving_time_past")):
        years = np.clip(start - inputs[f"{name}.headroom_year"], 0.0, None)
        gained = np.exp2(years / inputs[f"{name}.{time}"])
        limits[f"{name}.limit"] = np.maximum(np.power(10.0, inputs[f"{name}.headroom"]) / gained, 1.0)
    return {**inputs, **limits}


def logistic_gain(
    elapsed: FloatArray | float,
    doubling_time: FloatArray,
    limit: FloatArray,
    jumped: FloatArray | float = 0.0,
) -> FloatArray:
    """Return efficiency over its value at the start: doubling at first, at most ``limit``.

    Parameters
    ----------
    elapsed, doubling_time : float or array
        Years since the start, and years.
    limit : array
        See `with_limits`.
    jumped : float or array
        Breakthroughs of the unlimited trend so far, OOM.
    """
    behind = np.exp2(-elapsed / doubling_time)
    if np.any(jumped):
        behind = behind * np.power(10.0, -jumped)
    return np.asarray(limit / (1.0 + (limit - 1.0) * behind))


def spending(inputs: Inputs, elapsed: FloatArray | float) -> FloatArray:
    """Return the cost of the largest run in USD: the trend, softly bounded by both caps."""
    alive = np.minimum(elapsed, inputs["investment.trend_lifetime"])
    economy = 1.0 + inputs["economy.growth"]
    trend = (
        inputs["investment.largest_run"]
        * np.power(inputs["investment.growth"], alive)
        * np.power(economy, elapsed - alive)
    )
    share = inputs["investment.cap_share"] * inputs["economy.output"] * np.power(economy, elapsed)
    return np.asarray(1.0 / (1.0 / trend + 1.0 / share + 1.0 / inputs["investment.cap_usd"]))


def effective_compute(
    inputs: Inputs, elapsed: FloatArray | float, breakthroughs: FloatArray | None = None
) -> FloatArray:
    """Return log10 FLOP of the largest run, with the algorithms of the start.

    Parameters
    ----------
    inputs : mapping of str to array, shape (draws,)
        Parameters by name, in the model's units, `with_limits`.
    elapsed : float or array, shape (draws,)
        Years since the start.
    breakthroughs : array, shape (events, draws), optional
        Years from the start to each breakthrough of algorithms.
    """
    jumped: FloatArray | float = 0.0
    if breakthroughs is not None:
        jumped = inputs["algorithms.breakthrough_size"] * np.count_nonzero(breakthroughs <= elapsed, axis=0)
    hardware = logistic_gain(elapsed, inputs["hardware.doubling_time"], inputs["hardware.limit"])
    software = logistic_gain(elapsed, inputs["algorithms.halving_time"], inputs["algorithms.limit"], jumped)
    bought = inputs["hardware.price_performance"] * spending(inputs, elapsed)
    return np.asarray(np.log10(bought * hardware * software))


def levels(inputs: Inputs, start: float) -> FloatArray:
    """Return the effective compute at which each milestone is passed, shape (3, draws)."""
    years = start - inputs["threshold.reference_year"]
    gained = np.log10(2.0) * years / inputs["algorithms.halving_time_past"]
    requirement = inputs["threshold.requirement"] - gained
    gap = inputs["automation.gap"]
    return np.stack([requirement - gap + gap * (share - 0.2) / 0.8 for share in SHARES])


def arrivals(
    inputs: Inputs,
    start: float,
    horizon: float,
    step: float,
    breakthroughs: FloatArray | None = None,
) -> FloatArray:
    """Return the dates at which automation_20, automation_50 and tai are passed.

    Parameters
    ----------
    inputs : mapping of str to array, shape (draws,)
        Parameters by name, in the model's units.
    start, horizon, step : float
        Decimal years, and years. A milestone is passed in the first step that ends at or above its level.
    breakthroughs : array, shape (events, draws), optional
        Years from the start to each breakthrough of algorithms.

    Returns
    -------
    array, shape (3, draws)
        Decimal years; ``start`` where passed before, +inf where not before the horizon.
    """
    inputs = with_limits(inputs, start)
    wanted = levels(inputs, start)
    passed_at = np.full(wanted.shape, -1)
    with np.errstate(over="ignore", under="ignore"):
        for n in range(math.ceil((horizon - start) / step - 1e-9) + 1):
            effective = effective_compute(inputs, n * step, breakthroughs)
            passed_at[(effective >= wanted) & (passed_at < 0)] = n
        dates = np.full(wanted.shape, np.inf)
        dates[passed_at == 0] = start
        milestone, draw = np.nonzero(passed_at > 0)
        inside = {name: values[draw] for name, values in inputs.items()}
        jumps = None if breakthroughs is None else breakthroughs[:, draw]
        target = wanted[milestone, draw]
        end = passed_at[milestone, draw] * step
        dates[milestone, draw] = start + root(
            lambda elapsed: effective_compute(inside, elapsed, jumps) - target, end - step, end
        )
    dates[dates >= horizon] = np.inf
    return dates


def _growth_at_start(inputs: Inputs) -> FloatArray:
    """Return the growth of effective compute at the start, OOM per year."""
    growth = np.log10(2.0) / inputs["hardware.doubling_time"] * (
        1.0 - 1.0 / inputs["hardware.limit"]
    ) + np.log10(2.0) / inputs["algorithms.halving_time"] * (1.0 - 1.0 / inputs["algorithms.limit"])
    trend, share = inputs["investment.largest_run"], inputs["investment.cap_share"] * inputs["economy.output"]
    spent = spending(inputs, 0.0)
    growth = growth + spent / trend * np.log10(inputs["investment.growth"])
    return np.asarray(growth + spent / share * np.log10(1.0 + inputs["economy.growth"]))


def adopted_after(
    used: FloatArray, able: FloatArray, later: FloatArray, years: FloatArray, lag: FloatArray
) -> FloatArray:
    """Return the share taken over some years later; without a lag it is the share that AI can do.

    The latter goes on a straight line from ``able`` to ``later``.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = years / lag
        gone = -np.expm1(-ratio)
        mean = np.where(ratio > 0.0, gone / ratio, 1.0)
    moved = used * (1.0 - gone) + able * (mean - (1.0 - gone)) + later * (1.0 - mean)
    return np.where(lag > 1e-6, np.clip(moved, 0.0, 1.0), later)


def adopted_date(
    used: FloatArray, able: FloatArray, later: FloatArray, step: FloatArray | float, lag: FloatArray
) -> FloatArray:
    """Return where in [0, 1] of a step a fifth is taken over, by bisection; 0 without a lag."""
    low, high = np.zeros(used.shape), np.ones(used.shape)
    for _ in range(60):
        x = 0.5 * (low + high)
        below = adopted_after(used, able, able + x * (later - able), x * step, lag) < 0.2
        low, high = np.where(below, x, low), np.where(below, high, x)
    return np.where(lag > 1e-6, high, 0.0)


class Adoption(NamedTuple):
    """The date at which a fifth of the tasks is taken over, and the share taken over at the end of a step."""

    date: FloatArray
    share: FloatArray


def adoption(
    inputs: Inputs,
    start: float,
    horizon: float,
    step: float,
    first: FloatArray,
    *,
    asked: int = 0,
    breakthroughs: FloatArray | None = None,
) -> Adoption:
    """Return when AI has taken over a fifth of the tasks, and what it has at the end of step ``asked``.

    ``first`` are the dates at which it can do that share; the other arguments are those of `arrivals`.
    """
    inputs = with_limits(inputs, start)
    requirement, gap, lag = (
        levels(inputs, start)[-1],
        inputs["automation.gap"],
        inputs["automation.adoption_lag"],
    )
    able = used = at_asked = np.zeros(gap.shape)
    date = np.full(gap.shape, np.inf)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for n in range(math.ceil((horizon - start) / step - 1e-9) + 1):
            effective = effective_compute(inputs, n * step, breakthroughs)
            later = np.clip(0.2 + 0.8 * (effective - requirement + gap) / gap, 0.0, 1.0)
            had = used
            if n == 0:
                used = np.clip(later - lag * 0.8 / gap * _growth_at_start(inputs), 0.0, later)
                x = np.ones(gap.shape)
            else:
                used = adopted_after(had, able, later, np.full(gap.shape, step), lag)
                x = np.zeros(gap.shape)
            new = np.flatnonzero((used >= 0.2) & np.isinf(date) & (first <= start + n * step))
            if n > 0 and new.size:
                x[new] = adopted_date(had[new], able[new], later[new], step, lag[new])
            date[new] = np.maximum(start + np.maximum((n - 1 + x[new]) * step, 0.0), first[new])
            able = later
            if n == asked:
                at_asked = used
    date[date >= horizon] = np.inf
    return Adoption(date, at_asked)


def root(excess: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Return where ``excess`` passes from negative at ``low`` to at least 0 at ``high``, element by element.

    Regula falsi, in which an end that stays twice counts half (Illinois).
    """
    f_low, f_high = excess(low), excess(high)
    side = np.zeros(low.shape)
    root = high
    for _ in range(_ITERATIONS):
        before = root
        root = np.clip((low * f_high - high * f_low) / (f_high - f_low), low, high)
        f = excess(root)
        above = f >= 0.0
        f_low = np.where(above, np.where(side > 0.0, 0.5 * f_low, f_low), f)
        f_high = np.where(above, f, np.where(side < 0.0, 0.5 * f_high, f_high))
        low, high = np.where(above, low, root), np.where(above, root, high)
        side = np.where(above, 1.0, -1.0)
        if np.all((np.abs(root - before) < _TOLERANCE) | (high - low < _TOLERANCE)):
            break
    return root
