"""Open loop in logarithms, for draws whose trends leave the range of the tiled kernel.

The kernel steps through 10**-progress, which floating-point numbers represent down to some 100 orders of
magnitude of each factor. A draw in which a bound of it could matter, as over a horizon of centuries, is
solved here instead: the same closed form with every factor as a logarithm, which has no such bound. It is
slower and seldom needed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from timecone.models.compute import parameters as table
from timecone.models.compute.components import algorithms, automation, hardware
from timecone.models.compute.components.headroom import MOST_GROWTH
from timecone.models.compute.engine.crossing import taken_over_within
from timecone.models.compute.engine.milestone import TAI, TAKEN_OVER
from timecone.models.model import TimeGrid
from timecone.numerics.compiled import on_arrays
from timecone.schema import BoolArray, ByteArray, FloatArray, Status

_LN_10 = np.log(10.0)
# What lies so many orders of magnitude below a bound is not affected by it in its last digit.
_DIGITS = 16.0
_BISECTIONS = 60
# Years over which growth at the start is taken; errors of the formula and of rounding are alike there.
_MOMENT = 2.0**-17


@dataclass(frozen=True)
class LogSpace:
    """Draws as trends in orders of magnitude; every array has the shape (draws,) unless said otherwise.

    Attributes
    ----------
    price_performance : array
        log10 FLOP per USD at the start.
    hardware, software : array
        Unlimited growth, OOM per year.
    hardware_headroom, software_headroom : array
        OOM.
    trend, share, cap : array
        Spending trend, largest share of output and absolute cap at the start, log10 USD.
    spending, economy : array
        Growth of the trend while it lasts, and of the economy, OOM per year.
    lifetime : array
        Of the spending trend, years.
    jump : array
        What a breakthrough adds, OOM.
    dates : array, shape (draws, events)
        Breakthroughs, years after the start.
    """

    price_performance: FloatArray
    hardware: FloatArray
    software: FloatArray
    hardware_headroom: FloatArray
    software_headroom: FloatArray
    trend: FloatArray
    share: FloatArray
    cap: FloatArray
    spending: FloatArray
    economy: FloatArray
    lifetime: FloatArray
    jump: FloatArray
    dates: FloatArray

    @classmethod
    def of(cls, inputs: FloatArray, dates: FloatArray, start: float) -> LogSpace:
        """Build from a block of inputs, shape (parameters, draws), and the dates of breakthroughs."""
        rate = on_arrays(hardware.trend)(inputs[table.DOUBLING_TIME])
        past = on_arrays(algorithms.trend)(inputs[table.HALVING_TIME_PAST])
        since = np.maximum(start - inputs[[table.HARDWARE_HEADROOM_YEAR, table.SOFTWARE_HEADROOM_YEAR]], 0.0)
        with np.errstate(divide="ignore"):
            return cls(
                np.log10(inputs[table.PRICE_PERFORMANCE]),
                rate,
                on_arrays(algorithms.trend)(inputs[table.HALVING_TIME]),
                np.maximum(inputs[table.HARDWARE_HEADROOM] - rate * since[0], 0.0),
                np.maximum(inputs[table.SOFTWARE_HEADROOM] - past * since[1], 0.0),
                np.log10(inputs[table.LARGEST_RUN]),
                np.log10(inputs[table.OUTPUT]) + np.log10(inputs[table.CAP_SHARE]),
                np.log10(inputs[table.CAP_USD]),
                np.log10(inputs[table.INVESTMENT_GROWTH]),
                np.log10(1.0 + inputs[table.ECONOMY_GROWTH]),
                inputs[table.LIFETIME],
                inputs[table.BREAKTHROUGH_SIZE],
                dates,
            )

    def select(self, chosen: BoolArray) -> LogSpace:
        """Return some of the draws."""
        return LogSpace(*(getattr(self, f.name)[chosen] for f in fields(self)))

    def physical(self, elapsed: FloatArray) -> FloatArray:
        """Return training compute, log10 FLOP, ``elapsed`` years after the start, shape (draws,)."""
        growing = np.clip(self.lifetime, 0.0, elapsed)
        trend = self.trend + self.spending * growing + self.economy * (elapsed - growing)
        share = self.share + self.economy * elapsed
        inverse = np.logaddexp(np.logaddexp(-trend * _LN_10, -share * _LN_10), -self.cap * _LN_10)
        gain = _limited(self.hardware * elapsed, self.hardware_headroom)
        return np.asarray(self.price_performance + gain - inverse / _LN_10)

    def effective(self, elapsed: FloatArray) -> FloatArray:
        """Return effective compute, log10 FLOP, ``elapsed`` years after the start, shape (draws,)."""
        jumps = self.jump * np.count_nonzero(self.dates <= elapsed[:, None], axis=1)
        return self.physical(elapsed) + _limited(self.software * elapsed + jumps, self.software_headroom)


def _limited(progress: FloatArray, headroom: FloatArray) -> FloatArray:
    """Return the logistic gain of unlimited progress, OOM; see `headroom`."""
    with np.errstate(divide="ignore"):
        left = np.log(-np.expm1(-headroom * _LN_10)) - progress * _LN_10
    return np.asarray(-np.logaddexp(-headroom * _LN_10, left) / _LN_10)


def leaves_range(inputs: FloatArray, dates: FloatArray, start: float, last: float) -> BoolArray:
    """Return in which draws a bound of the kernel could matter until ``last``, years after the start."""
    draws = LogSpace.of(inputs, dates, start)
    jumps = draws.jump * np.count_nonzero(dates <= last, axis=1)
    most = MOST_GROWTH - _DIGITS
    efficiency = (draws.hardware * last > most) & (draws.hardware_headroom > most)
    efficiency |= (draws.software * last + jumps > most) & (draws.software_headroom > most)
    growing = np.clip(draws.lifetime, 0.0, last)
    kink = draws.trend + draws.spending * growing
    end = kink + draws.economy * (last - growing)
    trends = np.stack([draws.trend, kink, end])
    shares = np.stack([draws.share, draws.share + draws.economy * last])
    largest = np.minimum(np.minimum(trends.max(axis=0), shares.max(axis=0)), draws.cap)
    smallest = np.minimum(trends.min(axis=0), shares.min(axis=0))
    return np.asarray(efficiency | (largest > most) | (smallest < -most))


def solve(
    inputs: FloatArray,
    dates: FloatArray,
    requirement: FloatArray,
    grid: TimeGrid,
    evidence_step: int,
    arrival: FloatArray,
    status: ByteArray,
    compute_at: FloatArray,
    observed: FloatArray,
) -> FloatArray:
    """Fill the outcomes of draws; arguments as of the kernel, of these draws alone.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
    dates : array, shape (draws, events)
    requirement : array, shape (draws,)
        With the algorithms of the start, log10 FLOP.
    grid : TimeGrid
    evidence_step : int
        The step at whose end the adopted share is returned; 0 for the start.
    arrival, status : arrays, shape (draws, milestones)
    compute_at : array, shape (draws,)
        Filled with the training compute of the run that passes the last level, or of the start.
    observed : array, shape (times, draws)

    Returns
    -------
    array, shape (draws,)
        Share of tasks that AI has taken over at the end of the step that is evidence_step for.
    """
    draws = LogSpace.of(inputs, dates, grid.start)
    adoption = _Adoption(requirement, gap=inputs[table.GAP], lag=inputs[table.ADOPTION_LAG], step=grid.step)
    adopted = np.zeros(requirement.size)
    gap = inputs[table.GAP]
    shares = (automation.FIRST_SHARE, automation.MIDDLE_SHARE)
    levels = [on_arrays(automation.level)(share, requirement, gap) for share in shares]
    levels.append(requirement)
    passed = np.full((len(levels), requirement.size), np.inf)
    before = np.zeros(requirement.size)
    for n, time in enumerate(grid.times - grid.start):
        # Effective compute may fall again within a step in which the spending trend ends.
        for end in (np.clip(draws.lifetime, before, time), np.full(requirement.size, time)):
            effective = draws.effective(end)
            for date, level in zip(passed, levels, strict=True):
                new = np.isinf(date) & (effective >= level)
                if new.any():
                    date[new] = _crossing(draws.select(new), before[new], end[new], level[new])
            before = end
        if n % grid.stride == 0:
            observed[n // grid.stride] = effective
        adoption.move(n, effective, passed[0], draws)
        if n == evidence_step:
            adopted = adoption.used
    passed = np.vstack([passed, adoption.date])
    for k, date, level in zip((0, 1, 2, TAKEN_OVER), passed, [*levels, levels[0]], strict=True):
        late = ~(grid.start + date < grid.horizon)
        arrival[:, k] = np.where(late, np.inf, grid.start + date)
        kinds = [level == np.inf, late, grid.start + date <= grid.start]
        status[:, k] = np.select(
            kinds, [Status.NEVER, Status.NOT_BY_HORIZON, Status.BEFORE_START], Status.REACHED
        )
    last = passed[TAI]
    compute_at[:] = draws.physical(np.where(np.isfinite(last), last, 0.0))
    return adopted


class _Adoption:
    """The share of tasks that AI has taken over, stepped as in `kernel`, and when it comes to a fifth."""

    def __init__(self, requirement: FloatArray, *, gap: FloatArray, lag: FloatArray, step: float) -> None:
        self._requirement, self._gap, self._lag, self._step = requirement, gap, lag, step
        self._able = np.zeros(gap.size)
        self.used = np.zeros(gap.size)
        self.date = np.full(gap.size, np.inf)

    def move(self, n: int, effective: FloatArray, first: FloatArray, draws: LogSpace) -> None:
        """Move through step n; ``first`` is when AI can do a fifth, years after the start."""
        steepness = (1.0 - automation.FIRST_SHARE) / self._gap
        able = np.clip(1.0 - steepness * (self._requirement - effective), 0.0, 1.0)
        had = self.used
        if n == 0:
            # The one-sided difference of second order.
            soon, later = (draws.effective(np.full(able.size, k * _MOMENT)) for k in (1.0, 2.0))
            growth = steepness * (4.0 * soon - later - 3.0 * effective) / (2.0 * _MOMENT)
            self.used = np.clip(able - self._lag * growth, 0.0, able)
        else:
            shares = zip(had, self._able, able, self._lag, strict=True)
            self.used = np.array([self._adopted(*share) for share in shares])
        new = np.isinf(self.date) & (self.used >= automation.TAKEN_SHARE) & np.isfinite(first)
        for i in np.flatnonzero(new):
            x = 1.0
            if n > 0:
                x = taken_over_within(had[i], self._able[i], able[i], self._step, self._lag[i])
            self.date[i] = max((n - 1.0 + x) * self._step, first[i], 0.0)
        self._able = able

    def _adopted(self, used: float, before: float, after: float, lag: float) -> float:
        closed = automation.lag_closed(self._step, lag)
        weight = automation.weight_before(self._step, lag, closed)
        return float(automation.adopted(used, before, after, closed, weight))


def _crossing(draws: LogSpace, before: FloatArray, after: FloatArray, level: FloatArray) -> FloatArray:
    """Return when draws pass a level between two times, years after the start, by bisection."""
    begin, end = before.copy(), after.copy()
    begin_passes = draws.effective(begin) >= level
    for _ in range(_BISECTIONS):
        middle = 0.5 * (begin + end)
        above = draws.effective(middle) >= level
        begin, end = np.where(above, begin, middle), np.where(above, middle, end)
    return np.where(begin_passes, before, end)
