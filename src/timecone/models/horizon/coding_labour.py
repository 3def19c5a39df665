"""Coding labour: human coders, and AI that does the part of coding tasks which it can automate.

Tasks i in [0, 1] become automatable one after the other with effective compute E, by the schedule

    a(E) = A / (1 + exp(-k (E - Em))),  A > 1,

which starts from today's share and reaches 1 at the automated coder. On task i a unit of inference compute
does the work of h 10^(t (E - E_i)) coders, with E_i the effective compute at which it became automatable.
Tasks are combined in a CES of exponent p < 0. Inference compute C is spread over the tasks below i so that
coding labour is largest; with S = (C / L) h 10^(t E) and B(i) the integral of 10^(-t E_j p / (1 - p))

    labour / L = [(1 - i)^(1 - p) + S^p B(i)^(1 - p)]^(1/p).

The best i is where S = B(i) 10^(t E_i / (1 - p)) / (1 - i), unless the schedule does not reach it or more
than the largest multiple would come of it.

In x = k (E - Em), that is exp(x) = i / (A - i), with X = i / A, T = t ln(10) / k and g = -T p / (1 - p) the
integral is an incomplete beta function:

    B = exp(g k Em) A exp((1 + g) x) (1 - X)^2 F / (1 + g),  F = 2F1(2, 1; 2 + g; X).

The best i does not depend on Em: with C h / L = exp(s) it solves

    T x_i + H(i) = s + T x,   H(i) = ln(i / (1 - i)) + ln(1 - X) - ln(1 + g) + ln F.

F is a continued fraction of Gauss, tabulated once for a draw over ln(i / (1 - i)).
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon.interpolation import hermite
from timecone.models.horizon.source import AI_FUTURES
from timecone.models.horizon.throughput import log1p_exp
from timecone.models.model import Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, exp, log2
from timecone.schema import FloatArray

#: Table over the log-odds of the automated share.
LOW, HIGH, CELLS = -9.0, 24.0, 220
WIDTH: Final = (HIGH - LOW) / CELLS
#: Share of tasks below which AI adds no labour, as log-odds of the schedule.
_NONE: Final = -12.0
#: Log-odds from which ln F is a line in x up to the automated coder.
_LATE: Final = 10.0
#: Digits of the continued fraction, in natural logarithms.
_DIGITS: Final = 16.0
#: Bounds of the largest serial multiple to the power 1 / exponent, and of the share that humans keep.
_MOST: Final = 1e30
_LEAST_REST, _MOST_REST = 1e-20, 0.1
#: What the published code adds to the rest after it has rounded 1 less the rest.
_ADDED_REST: Final = 1e-18
#: Log-odds between which today's automated share is looked for, 1e-9 from 0 and from 1.
_LEAST_SHARE, _MOST_SHARE = math.log(1e-9), -math.log(1e-9)
_STEPS: Final = 100
#: Every so many steps the bracket is halved.
_PATIENCE: Final = 4
_TOLERANCE: Final = 1e-13

PARAMETERS: Final = (
    Parameter(
        "coding.substitution",
        "1",
        "Exponent of substitution between coding tasks, below 0.",
        AI_FUTURES,
        high=0.0,
    ),
    Parameter(
        "coding.efficiency_slope",
        "OOM/year",
        "Growth of the coders that a unit of compute replaces on a task, per year of progress at the pace of"
        " the start, for an exponent of parallel labour of 1/2.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "coding.first_efficiency",
        "1",
        "Coders that an H100-equivalent replaces on a task when it becomes automatable.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "coding.largest_multiple",
        "1",
        "Largest multiple of serial coding labour that AI can bring.",
        AI_FUTURES,
        low=1.0,
        includes_low=True,
    ),
    Parameter(
        "coding.multiple_now",
        "1",
        "Coding labour with AI over that without, at the start.",
        AI_FUTURES,
        low=1.0,
    ),
    Parameter(
        "automation.ceiling",
        "1",
        "Ceiling of the automation schedule, which is cut at a share of 1.",
        AI_FUTURES,
        low=1.0,
    ),
)


class CodingLabour(NamedTuple):
    """Coding labour of a draw.

    Attributes
    ----------
    exponent : float
        Exponent of substitution p.
    log_efficiency : float
        Natural logarithm of the first efficiency h.
    ceiling, log_ceiling : float
        A, and its natural logarithm.
    steepness, midpoint : float
        k and Em of the automation schedule, per OOM and in OOM.
    gain, log_power : float
        T, and the natural logarithm of 1 + g.
    full : float
        The x at which the whole schedule is automated.
    most : float
        Log-odds of the largest share that AI takes.
    log_rest : float
        Natural logarithm of the share that is left to humans then.
    most_balance, most_threshold, most_task, most_left, most_series : float
        The balance, H, ln i, ln(1 - X) and ln F at that share.
    log_series, log_series_slope : arrays, shape (cells + 1,)
        ln F over the log-odds of the table, and its slope.
    balance, balance_slope : arrays, shape (cells + 1,)
        T x_i + H(i) over the log-odds of the table, and its slope.
    """

    exponent: float
    log_efficiency: float
    ceiling: float
    log_ceiling: float
    steepness: float
    midpoint: float
    gain: float
    log_power: float
    full: float
    most: float
    log_rest: float
    most_balance: float
    most_threshold: float
    most_task: float
    most_left: float
    most_series: float
    log_series: FloatArray
    log_series_slope: FloatArray
    balance: FloatArray
    balance_slope: FloatArray


@kernel
def gauss_series(power: float, share: float) -> float:
    """Return 2F1(2, 1; 2 + g; X) for the power g >= 0 and the share X in [0, 1)."""
    # Gauss's continued fraction, from the inside out. Its terms count by powers of this ratio.
    root = math.sqrt(1.0 - share)
    terms = int(_DIGITS / -math.log((1.0 - root) / (1.0 + root))) + 2
    rest = 1.0 + power + 2.0 * terms
    for n in range(terms - 1, -1, -1):
        even = (n + 1.0) * (power + n)
        odd = (2.0 + n) * (1.0 + power + n)
        rest = 2.0 + power + 2.0 * n - even * share / rest
        rest = 1.0 + power + 2.0 * n - odd * share / rest
    return (1.0 + power) / rest


@scalar
def _series_slope(power: float, share: float, series: float) -> float:
    """Return the slope of ln F in x."""
    return (1.0 + power) * (1.0 / series - 1.0) + 2.0 * share


@scalar
def _threshold(power: float, odds: float, share: float, log_series: float) -> float:
    """Return H, with ``odds`` the log-odds of the task and ``share`` X."""
    return odds + LN_2 * log2((1.0 - share) / (1.0 + power)) + log_series


@scalar
def _combined(
    exponent: float,
    log_power: float,
    supply: float,
    log_task: float,
    log_human: float,
    log_left: float,
    log_series: float,
) -> float:
    """Return ln(labour / L) where AI does the tasks below i.

    Parameters
    ----------
    exponent, log_power : float
        p, and ln(1 + g).
    supply : float
        s + T (x - x_i): natural logarithm of the coders per human that all compute replaces on task i.
    log_task, log_human, log_left, log_series : float
        Natural logarithms of i, 1 - i, 1 - X and F.
    """
    human = (1.0 - exponent) * log_human
    machine = exponent * supply + (1.0 - exponent) * (log_task + log_left - log_power + log_series)
    return (max(human, machine) + log1p_exp(-abs(human - machine))) / exponent


@scalar
def _log_series_at(coding: CodingLabour, odds: float) -> float:
    """Return ln F of the task with these log-odds."""
    position = (min(max(odds, LOW), HIGH) - LOW) / WIDTH
    return hermite(coding.log_series, coding.log_series_slope, WIDTH, position)


@scalar
def _optimal_odds(coding: CodingLabour, target: float) -> float:
    """Return the log-odds of the task at which T x_i + H(i) is the target."""
    balance, slope = coding.balance, coding.balance_slope
    if target <= balance[0]:
        return float(LOW + (target - balance[0]) / (1.0 + coding.gain))
    if target >= balance[CELLS]:
        return float(HIGH + target - balance[CELLS])
    low, high = 0, CELLS
    while high - low > 1:
        middle = (low + high) // 2
        if balance[middle] <= target:
            low = middle
        else:
            high = middle
    # A cubic in the balance, whose slopes are the inverse ones.
    rise = balance[low + 1] - balance[low]
    y = (target - balance[low]) / rise
    left, right = rise / slope[low] - WIDTH, rise / slope[low + 1] - WIDTH
    return float(LOW + WIDTH * low + y * (WIDTH + (1.0 - y) * (left * (1.0 - y) - right * y)))


@scalar
def log_multiple(coding: CodingLabour, effective_compute: float, log_compute_per_coder: float) -> float:
    """Return the natural logarithm of coding labour over that of humans alone.

    Parameters
    ----------
    coding : CodingLabour
        The draw.
    effective_compute : float
        E, OOM.
    log_compute_per_coder : float
        Natural logarithm of inference compute over human coders, H100e.
    """
    x = coding.steepness * (effective_compute - coding.midpoint)
    if x < _NONE:
        return 0.0
    supply = log_compute_per_coder + coding.log_efficiency
    if x < coding.full:
        grown = exp(x)
        human = 1.0 - (coding.ceiling - 1.0) * grown
        if human > 0.0:
            log_left = -LN_2 * log2(1.0 + grown)
            log_task = coding.log_ceiling + x + log_left
            log_human = LN_2 * log2(human) + log_left
            odds = log_task - log_human
            if odds < coding.most:
                log_series = _log_series_at(coding, odds)
                if odds + log_left - coding.log_power + log_series <= supply:
                    return _combined(
                        coding.exponent, coding.log_power, supply, log_task, log_human, log_left, log_series
                    )
    target = supply + coding.gain * x
    if target >= coding.most_balance:
        return _combined(
            coding.exponent,
            coding.log_power,
            target - coding.most_balance + coding.most_threshold,
            coding.most_task,
            coding.log_rest,
            coding.most_left,
            coding.most_series,
        )
    # At the best task the supply is H, without the difference of two large numbers.
    odds = _optimal_odds(coding, target)
    log_human = -log1p_exp(odds)
    log_task = odds + log_human
    log_left = LN_2 * log2(1.0 - exp(log_task) / coding.ceiling)
    log_series = _log_series_at(coding, odds)
    return _combined(
        coding.exponent,
        coding.log_power,
        odds + log_left - coding.log_power + log_series,
        log_task,
        log_human,
        log_left,
        log_series,
    )


@kernel
def _place(
    ceiling: float, gain: float, power: float, odds: float, log_full_series: float, full_slope: float
) -> tuple[float, float, float, float]:
    """Return ln F and the balance T x_i + H at some log-odds, and their slopes.

    Parameters
    ----------
    ceiling, gain, power : float
        A, T and g.
    odds : float
        Log-odds of the task.
    log_full_series, full_slope : float
        ln F at the last task, and its slope in x.
    """
    share = 1.0 / (1.0 + math.exp(-odds)) / ceiling
    x = math.log(share / (1.0 - share))
    x_slope = 1.0 / ((1.0 + math.exp(odds)) * (1.0 - share))
    if odds > _LATE:
        log_series, slope = log_full_series + full_slope * (x + math.log(ceiling - 1.0)), full_slope
    else:
        series = gauss_series(power, share)
        log_series, slope = math.log(series), _series_slope(power, share, series)
    return (
        log_series,
        gain * x + _threshold(power, odds, share, log_series),
        slope * x_slope,
        1.0 + (gain + slope - share) * x_slope,
    )


@kernel
def _log_multiple_now(
    exponent: float,
    ceiling: float,
    efficiency_slope: float,
    distance: float,
    supply: float,
    most: float,
    odds: float,
) -> float:
    """Return ln(labour / L) at the start where these are the log-odds of today's automated share.

    ``efficiency_slope`` is t ln 10 per OOM, ``distance`` the OOM to the automated coder, ``most`` the
    log-odds of the largest share that AI takes.
    """
    full = -math.log(ceiling - 1.0)
    share = 1.0 / (1.0 + math.exp(-odds)) / ceiling
    x = math.log(share / (1.0 - share))
    gain = efficiency_slope * distance / (full - x)
    power = -gain * exponent / (1.0 - exponent)
    task_odds, series = odds, gauss_series(power, share)
    local, at = supply, x
    if _threshold(power, odds, share, math.log(series)) > supply:
        # Compute is scarce: the best task comes before the schedule's. Newton's method in the log-odds, in
        # which T x + H is concave: its first step ends below the root, and the others rise to it.
        target = supply + gain * x
        for _ in range(_STEPS):
            slope = _series_slope(power, share, series)
            x_slope = 1.0 / ((1.0 + math.exp(task_odds)) * (1.0 - share))
            value = gain * at + _threshold(power, task_odds, share, math.log(series))
            step = (target - value) / (1.0 + (gain + slope - share) * x_slope)
            task_odds += step
            share = 1.0 / (1.0 + math.exp(-task_odds)) / ceiling
            at, series = math.log(share / (1.0 - share)), gauss_series(power, share)
            if abs(step) < _TOLERANCE * (1.0 + abs(task_odds)):
                break
        local = _threshold(power, task_odds, share, math.log(series))
    if task_odds > most:
        share = 1.0 / (1.0 + math.exp(-most)) / ceiling
        local += gain * (at - math.log(share / (1.0 - share)))
        task_odds, series = most, gauss_series(power, share)
    log_human = -log1p_exp(task_odds)
    return _combined(
        exponent,
        math.log(1.0 + power),
        local,
        task_odds + log_human,
        log_human,
        math.log(1.0 - share),
        math.log(series),
    )


@kernel
def odds_now(
    exponent: float,
    ceiling: float,
    efficiency_slope: float,
    distance: float,
    supply: float,
    most: float,
    multiple_now: float,
) -> tuple[float, bool]:
    """Return the log-odds of today's automated share, and whether any share gives the multiple of the start.

    Regula falsi with the Illinois modification, and bisection where that is slow.
    """
    wanted = math.log(multiple_now)
    low, high = _LEAST_SHARE, _MOST_SHARE
    below = _log_multiple_now(exponent, ceiling, efficiency_slope, distance, supply, most, low) - wanted
    above = _log_multiple_now(exponent, ceiling, efficiency_slope, distance, supply, most, high) - wanted
    if below >= 0.0:
        return low, True
    if not above > 0.0:
        return high, False
    side, x = 0, low
    for k in range(_STEPS):
        x = (low * above - high * below) / (above - below)
        if k % _PATIENCE == 0:
            x = 0.5 * (low + high)
        miss = _log_multiple_now(exponent, ceiling, efficiency_slope, distance, supply, most, x) - wanted
        if miss < 0.0:
            low, below = x, miss
            if side < 0:
                above *= 0.5
            side = -1
        else:
            high, above = x, miss
            if side > 0:
                below *= 0.5
            side = 1
        if abs(miss) < _TOLERANCE or high - low < _TOLERANCE:
            break
    return x, True


@kernel
def calibrate(
    exponent: float,
    efficiency_slope: float,
    first_efficiency: float,
    largest_multiple: float,
    multiple_now: float,
    ceiling: float,
    labour_exponent: float,
    progress: float,
    now: float,
    coder: float,
    log_compute_per_coder: float,
) -> tuple[CodingLabour, bool]:
    """Return a draw's coding labour, and whether its multiple of the start is possible.

    Parameters
    ----------
    exponent, efficiency_slope, first_efficiency, largest_multiple, multiple_now, ceiling : float
        Parameters of the model.
    labour_exponent : float
        Exponent of parallel labour.
    progress : float
        Human-only growth of effective compute at the start, OOM/year.
    now, coder : float
        Effective compute at the start and at the automated coder, OOM.
    log_compute_per_coder : float
        Natural logarithm of inference compute over human coders at the start.
    """
    slope = math.log(10.0) * efficiency_slope ** (0.5 / labour_exponent) / progress
    log_efficiency = math.log(first_efficiency)
    multiple = min(max(math.exp(min(math.log(largest_multiple) / labour_exponent, 100.0)), 1.0), _MOST)
    rest = min(max(multiple ** (exponent / (1.0 - exponent)), _LEAST_REST), _MOST_REST)
    # As double precision leaves it: 1 less the rest is rounded.
    rest = 1.0 - (1.0 - rest) + _ADDED_REST
    most = math.log((1.0 - rest) / rest)
    odds, is_possible = odds_now(
        exponent,
        ceiling,
        slope,
        coder - now,
        log_compute_per_coder + log_efficiency,
        most,
        multiple_now,
    )
    share = 1.0 / (1.0 + math.exp(-odds)) / ceiling
    full, x = -math.log(ceiling - 1.0), math.log(share / (1.0 - share))
    steepness = (full - x) / (coder - now)
    gain = slope / steepness
    power = -gain * exponent / (1.0 - exponent)
    full_series = gauss_series(power, 1.0 / ceiling)
    log_full, full_slope = math.log(full_series), _series_slope(power, 1.0 / ceiling, full_series)
    log_series, balance = np.empty(CELLS + 1), np.empty(CELLS + 1)
    log_series_slope, balance_slope = np.empty(CELLS + 1), np.empty(CELLS + 1)
    for n in range(CELLS + 1):
        log_series[n], balance[n], log_series_slope[n], balance_slope[n] = _place(
            ceiling, gain, power, LOW + WIDTH * n, log_full, full_slope
        )
    most_series, most_balance, _, _ = _place(ceiling, gain, power, most, log_full, full_slope)
    coding = CodingLabour(
        exponent,
        log_efficiency,
        ceiling,
        math.log(ceiling),
        steepness,
        now - x / steepness,
        gain,
        math.log(1.0 + power),
        full,
        most,
        math.log(rest),
        most_balance,
        _threshold(power, most, (1.0 - rest) / ceiling, most_series),
        math.log1p(-rest),
        math.log(1.0 - (1.0 - rest) / ceiling),
        most_series,
        log_series,
        log_series_slope,
        balance,
        balance_slope,
    )
    return coding, is_possible


@scalar
def automatable_share(coding: CodingLabour, effective_compute: float) -> float:
    """Return the share of coding tasks that AI can automate."""
    x = coding.steepness * (effective_compute - coding.midpoint)
    return min(coding.ceiling / (1.0 + exp(-x)), 1.0)
