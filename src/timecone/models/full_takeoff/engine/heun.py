"""Second-order steps of the continuous economy, cut where the wake-up or the cap of spending changes.

What is integrated are cumulative research, the stock of hardware and capital. Efficiencies are closed forms
of cumulative research, and fractions, labour and productivity of time, between two changes of regime. A step
predicts with the rates of its beginning, evaluates the economy there and corrects with the mean of both rates
(Heun). Inside it rates are linear in time, so that the economy at any moment of the step can be evaluated:
milestones and changes of regime are dated by halving the step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from timecone.models.full_takeoff.components import compute_stock, fractions, production, research
from timecone.models.full_takeoff.components.economy import grown
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine import milestones
from timecone.models.full_takeoff.engine.layout import Economy
from timecone.models.full_takeoff.engine.levels import set_levels
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log2
from timecone.schema import FloatArray

#: Rates: of adjusted cumulative inputs, of the stock of hardware by purchases, and output.
RATES = 4
#: Regimes: bits of the wake-up, and of the training share that stands still.
AWAKE, FROZEN = 1, 2
# Largest change of a rate in an interval, in doublings, while a milestone is ahead and afterwards. A step is
# halved until none is larger, or until the interval is this share of it. Cuts are no nearer to each other, so
# that a regime that flickers ends.
_MOST_CHANGE = 0.3
_MOST_CHANGE_AFTER = 1.0
_SHORTEST = 1.0 / 64.0
_ROUNDING = 1e-9
# Halvings of a step in which something happens: 0.1 years to a second.
_HALVINGS = 22


class Interval(NamedTuple):
    """A step, or a part of it.

    Attributes
    ----------
    k : int
        Number of the step.
    step : float
        Years of a whole step.
    offset : float
        Years from the beginning of the step to that of the interval.
    length : float
        Years.
    regime : int
        That of the beginning.
    begin : array, shape (states,)
        The state at the beginning.
    first, last : arrays, shape (rates,)
        Rates at the beginning and at the end.
    """

    k: int
    step: float
    offset: float
    length: float
    regime: int
    begin: FloatArray
    first: FloatArray
    last: FloatArray


@scalar
def _set_rates(economy: Economy, market: float, rates: FloatArray) -> None:
    """Fill ``rates`` from levels; ``market`` is price-performance for sale."""
    levels, parallelisation = economy.levels, economy.constants[row.PARALLELISATION]
    rates[0] = research.adjusted_input(levels[row.HARDWARE_RESEARCH], parallelisation)
    rates[1] = research.adjusted_input(levels[row.SOFTWARE_RESEARCH], parallelisation)
    rates[2] = levels[row.OUTPUT] * economy.state[row.COMPUTE_SPENDING] * market
    rates[3] = levels[row.OUTPUT]


@scalar
def _integral(time: float, share: float, first: float, last: float) -> float:
    """Return the integral of a rate that is linear over an interval, ``time`` being a share of it."""
    return time * (first + 0.5 * share * (last - first))


@kernel
def _place(time: float, interval: Interval, economy: Economy) -> None:
    """Set the state at a time after the beginning of an interval."""
    constants, state, begin = economy.constants, economy.state, interval.begin
    first, last = interval.first, interval.last
    share = time / interval.length
    for which in range(2):
        at = row.HARDWARE_INPUT + which
        state[at] = begin[at] + _integral(time, share, first[which], last[which])
    left = compute_stock.kept(constants[row.DEPRECIATION], time)
    bought = first[2] * left + first[2] + share * (last[2] - first[2])
    state[row.STOCK] = begin[row.STOCK] * left + 0.5 * time * bought
    made = _integral(time, share, first[3], last[3])
    state[row.CAPITAL] = begin[row.CAPITAL] + constants[row.SAVINGS] * made
    state[row.LABOUR] = begin[row.LABOUR] * grown(constants[row.LABOUR_GROWTH], time)
    state[row.TFP] = begin[row.TFP] * grown(constants[row.TFP_GROWTH], time)
    rates = row.AWAKE if interval.regime & AWAKE else row.GROWTH
    for n in range(row.FRACTIONS):
        at = row.FRACTION + n
        state[at] = fractions.grown(begin[at], constants[rates + n], constants[row.CEILING + n], time)
    if interval.regime & FROZEN:
        state[row.TRAINING] = begin[row.TRAINING]
    state[row.HARDWARE] = research.efficiency(
        state[row.HARDWARE_INPUT] / constants[row.START_HARDWARE_INPUT],
        constants[row.RETURNS_HARDWARE],
        constants[row.CEILING_HARDWARE],
        constants[row.START_HARDWARE],
    )
    state[row.SOFTWARE] = research.efficiency(
        state[row.SOFTWARE_INPUT] / constants[row.START_SOFTWARE_INPUT],
        constants[row.RETURNS_SOFTWARE],
        constants[row.CEILING_SOFTWARE],
        1.0,
    )


@kernel
def _for_sale(now: float, k: int, step: float, economy: Economy) -> float:
    """Return price-performance for sale at a time in step ``k``, years after the start.

    The logarithm of the best price-performance is linear between steps, and from the last step to now.
    """
    constants, hardware = economy.constants, economy.hardware
    best = economy.state[row.HARDWARE]
    designed = now - constants[row.DELAY]
    if designed <= 0.0:
        growth = constants[row.EARLY_GROWTH] * designed
        return float(compute_stock.leading_edge(constants[row.START_HARDWARE], growth, 1.0))
    n = int(designed / step)
    if n >= k:
        if now <= k * step:
            return float(best)
        share = (designed - k * step) / (now - k * step)
        return float(hardware[k] * production.power(best / hardware[k], share))
    share = designed / step - n
    return float(hardware[n] * production.power(hardware[n + 1] / hardware[n], share))


@kernel
def _evaluate(time: float, interval: Interval, economy: Economy) -> float:
    """Set state and levels at a time after the beginning of an interval; return what is for sale."""
    _place(time, interval, economy)
    set_levels(economy)
    now = interval.k * interval.step + interval.offset + time
    return _for_sale(now, interval.k, interval.step, economy)


@scalar
def money_of(state: FloatArray, market: float) -> float:
    """Return the cost of the largest training run, USD."""
    return float(state[row.STOCK] * state[row.TRAINING] / market)


@scalar
def _regime_of(money: float, economy: Economy) -> int:
    awake = economy.levels[row.AUTOMATED_GOODS] >= economy.constants[row.TRIGGER]
    if awake:
        return AWAKE
    return FROZEN if money > economy.constants[row.MONEY_CAP] else 0


@scalar
def _change(first: FloatArray, last: FloatArray) -> float:
    """Return the largest change of a rate, in doublings."""
    change = 0.0
    for k in range(RATES):
        change = max(change, abs(log2(last[k] / first[k])))
    return change


@kernel
def _change_of_regime(interval: Interval, economy: Economy) -> float:
    """Return when in an interval the regime has changed, which at its end it has."""
    before, after = 0.0, interval.length
    for _ in range(_HALVINGS):
        middle = 0.5 * (before + after)
        market = _evaluate(middle, interval, economy)
        if _regime_of(money_of(economy.state, market), economy) == interval.regime:
            before = middle
        else:
            after = middle
    return after


@kernel
def _date(milestone: int, limit: float, end: float, interval: Interval, economy: Economy) -> float:
    """Return when a milestone is reached that has not been at the beginning, and has been by ``end``."""
    before, after = 0.0, end
    for _ in range(_HALVINGS):
        middle = 0.5 * (before + after)
        _evaluate(middle, interval, economy)
        if milestones.holds(milestone, economy.levels[milestones.LEVEL[milestone]], limit):
            after = middle
        else:
            before = middle
    return after


@kernel
def set_dates_at_start(limits: FloatArray, economy: Economy, dates: FloatArray) -> None:
    """Date what is reached at the start, and nothing else."""
    for m in range(milestones.OF_LEVELS):
        reached = milestones.holds(m, economy.levels[milestones.LEVEL[m]], limits[m])
        dates[m] = 0.0 if reached else np.inf


@kernel
def _set_dates(
    end: float, limits: FloatArray, interval: Interval, economy: Economy, dates: FloatArray
) -> None:
    """Date what is reached by ``end`` of an interval, at which the economy is evaluated and stays."""
    reached = np.empty(milestones.OF_LEVELS, dtype=np.bool_)
    for m in range(milestones.OF_LEVELS):
        level = economy.levels[milestones.LEVEL[m]]
        reached[m] = dates[m] == np.inf and milestones.holds(m, level, limits[m])
    if not reached.any():
        return
    begins = interval.k * interval.step + interval.offset
    for m in range(milestones.OF_LEVELS):
        if reached[m]:
            dates[m] = begins + _date(m, limits[m], end, interval, economy)
    _evaluate(end, interval, economy)


@kernel
def advance(
    k: int,
    step: float,
    market: float,
    limits: FloatArray,
    work: FloatArray,
    economy: Economy,
    dates: FloatArray,
) -> float:
    """Move the economy over step ``k``, date what is reached in it, and return what is for sale at its end.

    ``market`` is what is for sale at its beginning; ``work`` has the shape (states + 2 rates,).
    """
    begin = work[: row.STATES]
    first, last = work[row.STATES : row.STATES + RATES], work[row.STATES + RATES :]
    shortest = step * _SHORTEST
    most = _MOST_CHANGE if np.isinf(dates).any() else _MOST_CHANGE_AFTER
    offset = 0.0
    while step - offset > _ROUNDING * step:
        begin[:] = economy.state
        _set_rates(economy, market, first)
        regime = _regime_of(money_of(economy.state, market), economy)
        length = step - offset
        while True:
            # Prediction with the rates of the beginning.
            last[:] = first
            interval = Interval(k, step, offset, length, regime, begin, first, last)
            market = _evaluate(length, interval, economy)
            _set_rates(economy, market, last)
            if length <= shortest or _change(first, last) <= most:
                break
            length = max(0.5 * length, shortest)
        # Correction with the mean of both.
        market = _evaluate(length, interval, economy)
        taken = length
        changes = _regime_of(money_of(economy.state, market), economy) != regime
        if changes and length > shortest:
            taken = max(_change_of_regime(interval, economy), min(shortest, length))
            market = _evaluate(taken, interval, economy)
        _set_dates(taken, limits, interval, economy, dates)
        offset += taken
    economy.hardware[k + 1] = economy.state[row.HARDWARE]
    return market
