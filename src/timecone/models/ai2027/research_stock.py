"""Progress through a fixed amount of work that research labour, a stock of research and compute drive.

Work W is stated in months at the present pace. Labour L grows by a rate that falls in steps at the turn of
years; research output is ((L + 1)**e - 1) v, where AI with the done share u of the work multiplies it by

    v(u) = v0 (v1 / v0)**u.

It adds to the stock of research S. Software progress r is the growth rate of the stock over that at the
beginning, and counts with the share s; compute grows at the pace c, also in steps, and counts with the rest:

    dS/dt = ((L + 1)**e - 1) v,    r = (S'/S) / (S'/S at the beginning),    W du/dt = s r + (1 - s) c.

The equations have a solution in closed form. Let p = W u be the months done, C the integral of c, x = p -
(1 - s) C the part of software, k0 the growth rate of the stock at the beginning, w = ln(v1 / v0) and
q = (L + 1)**e - 1. The first two equations give S = S0 exp(k0 x / s), and the third one can be separated:

    dx/dt = s (q / q0) exp((w / W) (1 - s) C - b x),    b = k0 / s - w / W,
    x(t) = ln(1 + b s J(t)) / b,    J(t) = integral of (q / q0) exp((w / W) (1 - s) C) from 0 to t.

In a year's step L and exp(C) are exponentials and q is a sum of powers of L, so J is a sum of exponentials.
Only the date at which p reaches W is the root of an equation. With b < 0, AI raises output faster than the
stock makes progress harder: p has a pole, which lies after W.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from timecone.models.model import Parameter
from timecone.schema import BoolArray, FloatArray, IntArray

_SOURCE: Final = "Kokotajlo et al. 2025, timelines forecast of AI 2027, update of May 2025"

#: Dates at which the growth of labour and compute changes, and the names of the steps between.
TURNS: Final = (2028.0, 2029.0, 2030.0, 2031.0)
_STEPS: Final = ("2027", "2028", "2029", "2030", "later")
_WORDS: Final = ("until 2028", "from 2028 to 2029", "from 2029 to 2030", "from 2030 to 2031", "from 2031 on")
_LABOUR_GROWTH: Final = (0.5, 0.4, 0.2, 0.15, 0.1)
_COMPUTE_PACE: Final = (1.0, 0.9, 0.5, 0.4, 0.3)

#: Terms of (L + 1)**e in powers of 1 / L; the first one left out is below 1e-13 of the sum where L is 100.
_TERMS: Final = 7
_LEAST_LABOUR: Final = 100.0
#: Work below this many months is none.
_LEAST_WORK: Final = 1e-9
#: Relative error of the work done at a date, and most steps to that date.
_TOLERANCE: Final = 1e-13
_MOST_STEPS: Final = 200

STOCK: Final = (
    Parameter(
        "software.share",
        "1",
        "Share of present progress that is due to software; the rest is due to compute.",
        _SOURCE,
        low=0.0,
        high=1.0,
        default=0.5,
    ),
    Parameter(
        "labour.start",
        "1",
        "Human research labour when the work begins; its output is (L + 1)**e - 1 in a year without AI.",
        _SOURCE,
        low=_LEAST_LABOUR,
        includes_low=True,
        default=1000.0,
    ),
    Parameter(
        "labour.elasticity",
        "1",
        "Exponent of labour in research output.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_high=True,
        default=0.3,
    ),
    Parameter(
        "stock.start",
        "1",
        "Stock of research when the work begins, in units of the yearly output of labour.",
        _SOURCE,
        low=0.0,
        default=50.0,
    ),
    *(
        Parameter(
            f"labour.growth_{step}",
            "1",
            f"Growth of human research labour in a year {period}, as a share of it.",
            _SOURCE,
            low=0.0,
            includes_low=True,
            default=value,
        )
        for step, period, value in zip(_STEPS, _WORDS, _LABOUR_GROWTH, strict=True)
    ),
    *(
        Parameter(
            f"compute.pace_{step}",
            "1",
            f"Growth of compute {period}, relative to that at present.",
            _SOURCE,
            low=0.0,
            default=value,
        )
        for step, period, value in zip(_STEPS, _WORDS, _COMPUTE_PACE, strict=True)
    ),
)


@dataclass(frozen=True)
class Labour:
    """Research labour of a block of draws from some date on; fields have the shape (draws,) or (5, draws).

    Attributes
    ----------
    begin : array
        Decimal year from which months are counted.
    log_size : array
        Logarithm of labour at that date.
    elasticity : array
        Exponent of labour in research output.
    growth : array, shape (5, draws)
        Logarithmic growth of labour per month in each step of `TURNS`.
    months_per_year : float
        Months of work that a year of the calendar holds.
    """

    begin: FloatArray
    log_size: FloatArray
    elasticity: FloatArray
    growth: FloatArray
    months_per_year: float

    def edges(self) -> FloatArray:
        """Return the months at which each step begins, shape (5, draws); 0 for one that began before."""
        turns = np.array([-np.inf, *TURNS])[:, None]
        return np.asarray(np.maximum((turns - self.begin) * self.months_per_year, 0.0))

    def log_sizes(self) -> FloatArray:
        """Return the logarithm of labour at the edges, shape (5, draws)."""
        gains = np.diff(self.edges(), axis=0) * self.growth[:-1]
        return np.asarray(
            self.log_size + np.concatenate([np.zeros((1, gains.shape[1])), gains.cumsum(axis=0)])
        )

    def output(self, log_size: FloatArray) -> FloatArray:
        """Return the research output of labour without AI."""
        return np.expm1(self.elasticity * np.log1p(np.exp(log_size)))

    def at(self, months: FloatArray) -> FloatArray:
        """Return the logarithm of labour after some months, shape (draws,)."""
        step = step_of(months[:, None], self.edges())
        edge, size, growth = (pick(a, step)[:, 0] for a in (self.edges(), self.log_sizes(), self.growth))
        return np.asarray(size + growth * (months - edge))


def step_of(months: FloatArray, edges: FloatArray) -> IntArray:
    """Return which step each of some months lies in; months of shape (draws, times)."""
    return np.asarray((months[None] >= edges[1:, :, None]).sum(axis=0))


def pick(table: FloatArray, step: IntArray) -> FloatArray:
    """Return entries of a table of shape (5, draws) by steps of shape (draws, times)."""
    return np.take_along_axis(table.T, step, axis=1)


def weighted_output(
    log_size: FloatArray, elasticity: FloatArray, growth: FloatArray, exponent: FloatArray, months: FloatArray
) -> FloatArray:
    """Return the integral of (L + 1)**e - 1, times exp(exponent t), over some months of one step."""
    total = -months * _growth_mean(exponent * months)
    coefficient = np.ones_like(elasticity)
    for term in range(_TERMS):
        power = elasticity - term
        size = coefficient * np.exp(power * log_size)
        total = total + size * months * _growth_mean((exponent + power * growth) * months)
        coefficient = coefficient * power / (term + 1.0)
    return np.asarray(total)


def _growth_mean(rate: FloatArray) -> FloatArray:
    """Return the mean of exp(rate t) for t from 0 to 1."""
    flat = rate == 0.0
    safe = np.where(flat, 1.0, rate)
    return np.where(flat, 1.0, np.expm1(safe) / safe)


@dataclass(frozen=True)
class StockPace:
    """The work of a block of draws and how fast it is done; fields have the shape (draws,) unless stated.

    Attributes
    ----------
    work : array
        Months at the present pace, from 0.
    first, last : array
        Speed-up of research by AI at the beginning and at the end of the work.
    share : array
        Share of software in progress.
    stock_growth : array
        Growth rate of the stock at the beginning, per month.
    labour : Labour
        Labour from the beginning of the work on.
    compute : array, shape (5, draws)
        Pace of compute in each step of `TURNS`.
    limit : array
        Months after which no date is wanted.
    """

    work: FloatArray
    first: FloatArray
    last: FloatArray
    share: FloatArray
    stock_growth: FloatArray
    labour: Labour
    compute: FloatArray
    limit: FloatArray

    @property
    def exponent(self) -> FloatArray:
        """The logarithm of the growth of the speed-up over the work."""
        return np.asarray(np.log(self.last / self.first))

    def speedup(self, progress: FloatArray) -> FloatArray:
        """Return the speed-up of research at a share of the work, of shape (draws, times)."""
        return np.asarray(self.first[:, None] * np.exp(self.exponent[:, None] * progress))

    def months(self) -> FloatArray:
        """Return the months that the whole work takes, shape (draws,); +inf for more than the limit."""
        months = np.zeros_like(self.work)
        pending = self.work > _LEAST_WORK
        if pending.any():
            months[pending] = _Solution(self._of(pending)).months()
        return months

    def progress(self, months: FloatArray) -> FloatArray:
        """Return the share of the work done after some months, shape (draws, times), in [0, 1]."""
        share = np.ones_like(months)
        pending = self.work > _LEAST_WORK
        if pending.any():
            some = self._of(pending)
            solution = _Solution(some)
            inside = np.clip(months[pending], 0.0, some.limit[:, None])
            share[pending] = np.clip(solution.done(inside) / some.work[:, None], 0.0, 1.0)
        return np.where(months >= 0.0, share, 0.0)

    def _of(self, chosen: BoolArray) -> StockPace:
        """Return the chosen draws alone."""
        labour = Labour(
            begin=self.labour.begin[chosen],
            log_size=self.labour.log_size[chosen],
            elasticity=self.labour.elasticity[chosen],
            growth=self.labour.growth[:, chosen],
            months_per_year=self.labour.months_per_year,
        )
        return StockPace(
            work=self.work[chosen],
            first=self.first[chosen],
            last=self.last[chosen],
            share=self.share[chosen],
            stock_growth=self.stock_growth[chosen],
            labour=labour,
            compute=self.compute[:, chosen],
            limit=self.limit[chosen],
        )


class _Solution:
    """The solution in closed form: constants of each step, and the months done at any time."""

    def __init__(self, pace: StockPace) -> None:
        self.pace = pace
        self.edges = pace.labour.edges()
        self.sizes = pace.labour.log_sizes()
        compute_share = 1.0 - pace.share
        self.weight = pace.exponent * compute_share / pace.work
        self.drag = pace.stock_growth / pace.share - pace.exponent / pace.work
        self.first_output = pace.labour.output(pace.labour.log_size)
        # With compute alone the work is done at this month: exponents stay below that of the speed-up.
        ends = np.concatenate([self.edges[1:], np.full((1, len(pace.work)), np.inf)])
        self.compute = np.zeros_like(self.edges)
        self.integral = np.zeros_like(self.edges)
        self.lengths = np.zeros_like(self.edges)
        for step in range(len(self.edges)):
            left = np.maximum(pace.work / compute_share - self.compute[step], 0.0) / pace.compute[step]
            room = np.maximum(np.minimum(ends[step], pace.limit) - self.edges[step], 0.0)
            length = np.minimum(room, left)
            self.lengths[step] = length
            if step + 1 < len(self.edges):
                self.compute[step + 1] = self.compute[step] + pace.compute[step] * length
                self.integral[step + 1] = self.integral[step] + self._gain(step, length)

    def _gain(self, step: int, length: FloatArray) -> FloatArray:
        pace = self.pace
        whole = weighted_output(
            self.sizes[step],
            pace.labour.elasticity,
            pace.labour.growth[step],
            self.weight * pace.compute[step],
            length,
        )
        return np.asarray(np.exp(self.weight * self.compute[step]) * whole / self.first_output)

    def _software(self, integral: FloatArray, share: FloatArray, drag: FloatArray) -> FloatArray:
        flat = drag == 0.0
        safe = np.where(flat, 1.0, drag)
        with np.errstate(divide="ignore"):
            curved = np.log1p(np.maximum(safe * share * integral, -1.0)) / safe
        return np.where(flat, share * integral, curved)

    def done(self, months: FloatArray) -> FloatArray:
        """Return the months done after some months, shape (draws, times); too few after the work is done."""
        pace = self.pace
        step = step_of(months, self.edges)
        edge, size, growth, pace_of_compute, compute, integral, length = (
            pick(a, step)
            for a in (
                self.edges,
                self.sizes,
                pace.labour.growth,
                pace.compute,
                self.compute,
                self.integral,
                self.lengths,
            )
        )
        columns = (self.weight, pace.labour.elasticity, self.first_output, pace.share, self.drag)
        weight, elasticity, first_output, share, drag = (a[:, None] for a in columns)
        inside = np.minimum(months - edge, length)
        whole = weighted_output(size, elasticity, growth, weight * pace_of_compute, inside)
        integral = integral + np.exp(weight * compute) * whole / first_output
        software = self._software(integral, share, drag)
        return np.asarray(software + (1.0 - share) * (compute + pace_of_compute * inside))

    def months(self) -> FloatArray:
        """Return the month at which the whole work is done, shape (draws,); +inf for after the limit."""
        pace = self.pace
        ends = self.edges + self.lengths
        low, high = np.zeros(len(pace.work)), ends.max(axis=0)
        for step in range(len(self.edges)):
            reached = self.done(ends[step][:, None])[:, 0] >= pace.work
            high = np.where(reached, np.minimum(high, ends[step]), high)
            low = np.where(reached, low, np.maximum(low, ends[step]))
        low = np.minimum(low, high)
        late = (self.done(high[:, None])[:, 0] < pace.work) & (high >= pace.limit)
        return np.where(late, np.inf, self._root(low, high))

    def _root(self, low: FloatArray, high: FloatArray) -> FloatArray:
        """Return where the months done equal the work, by regula falsi with halving (the Illinois rule)."""
        work = self.pace.work
        below, above = (self.done(end[:, None])[:, 0] - work for end in (low, high))
        root, kept = high.copy(), np.zeros(len(work))
        open_ = np.abs(above) > _TOLERANCE * work
        for _ in range(_MOST_STEPS):
            if not open_.any():
                break
            with np.errstate(invalid="ignore", divide="ignore"):
                guess = high - above * (high - low) / (above - below)
            # Near a pole the upper end is infinite, and the middle takes the place of the chord's root.
            guess = np.where((guess > low) & (guess < high), guess, 0.5 * (low + high))
            value = self.done(guess[:, None])[:, 0] - work
            over = value >= 0.0
            root = np.where(open_, guess, root)
            below = np.where(over, np.where(kept == 1.0, 0.5 * below, below), value)
            above = np.where(over, value, np.where(kept == -1.0, 0.5 * above, above))
            low, high = np.where(over, low, guess), np.where(over, guess, high)
            kept = np.where(over, 1.0, -1.0)
            open_ &= (np.abs(value) > _TOLERANCE * work) & (high - low > _TOLERANCE * high)
        return root
