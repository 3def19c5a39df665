"""AI Futures Model in plain NumPy and SciPy: the slow second implementation that the kernel is compared with.

Written from the published equations alone, one draw at a time, before the kernel was read. Every draw can be
solved in two ways. The *published* method repeats the numerical choices of the original: tables of 4096 tasks
and 200 floors of taste, Radau with a tolerance of 1e-3, dates read on a grid of 0.1 years. The *accurate*
method takes exact integrals and a tolerance of 1e-8 for the same equations, and reads dates off the path.

Inputs are a mapping of the names of `POINT` to numbers. Effective compute is in orders of magnitude (log10),
time in decimal years, horizons in minutes; ``s`` is taste in standard deviations of human researchers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, minimize_scalar, root
from scipy.special import expit, ndtr, ndtri

LN10 = np.log(10.0)
Z = 3.090232306167813
NEVER = np.inf
SPEEDUPS = (5, 25, 250, 2000, 10000)
MILESTONES = ("ac", "ai2027_sc", *(f"air_{k}" for k in SPEEDUPS), "sar", "siar", "ted_ai", "asi", "strat_ai")
FALLBACKS = (
    ("Radau", 1e-3, 1e-5),
    ("RK23", 1e-4, 1e-6),
    ("RK45", 1e-4, 1e-6),
    ("RK45", 1e-6, 1e-8),
    ("DOP853", 1e-3, 1e-5),
    ("LSODA", 1e-3, 1e-5),
)
TASKS = 4096
FLOORS = 200
HERMITE_NODES = 32

POINT = {
    "present_day": 2025.9,
    "present_horizon": 32.0,
    "doubling_time": 0.458,
    "doubling_factor": 0.92,
    "ac_horizon": 1.5e7,
    "pre_gap_horizon": 1.5e7,
    "gap": 0.0,
    "gap_years": 0.0,
    "rho_coding": -2.0,
    "infinite_compute_multiple": 1000.0,
    "infinite_labour_multiple": 15.0,
    "compute_cut_slowdown": 2.8,
    "labour_exponent": 0.5,
    "ai_efficiency_slope": 3.0,
    "max_serial_multiple": 1e8,
    "present_uplift": 1.8,
    "taste_sd_at_ac": 0.5,
    "taste_slope": 2.1,
    "taste_top_over_median": 3.7,
    "taste_limit": 8.0,
    "taste_smoothing": 0.5,
    "software_rate_2024": 1.0,
    "ted_step": 1.5,
    "schedule_asymptote": 1.1,
    "initial_ai_efficiency": 0.05,
    "strat_step": 2.0,
}


class Version(NamedTuple):
    """Rules in which the editions of the model differ."""

    gap_horizon: bool
    """Whether a gap draw reaches its gap at a horizon of its own."""
    simple_start: bool
    """Whether the stock of research starts from the simple labour of December 2025."""
    multiply_levels: bool
    """Whether the levels of TED-AI and ASI multiply the best human's taste; if not, steps are added to it."""
    coder_copies: float
    """Parallel copies in the coding-labour multiple of AI2027-SC."""
    coder_speed: float
    """Serial speed in the coding-labour multiple of AI2027-SC, raised to 1 / labour exponent."""


VERSIONS = {
    "2025-12": Version(True, True, True, 30.0, 300.0),
    "2026-01": Version(False, False, False, 30.0 * 25.0, 30.0),
}


class Series:
    """Inputs over time: coders, compute for inference and for experiments, growth of training compute."""

    def __init__(self, years, coders, inference, experiments, *, growth=None, log_flop=None):
        self.years = np.asarray(years, dtype=float)
        self._logs = [np.log(np.asarray(values, dtype=float)) for values in (coders, inference, experiments)]
        self.growth_rows = None if growth is None else np.asarray(growth, dtype=float)
        self.log_flop = None if log_flop is None else np.asarray(log_flop, dtype=float)

    def with_slowdown(self, first, slowdown_year, second):
        """Return the series with training growth ``first`` on rows before a slowdown and ``second`` after."""
        rows = np.where(self.years < slowdown_year, first, second)
        coders, inference, experiments = (np.exp(values) for values in self._logs)
        return Series(self.years, coders, inference, experiments, growth=rows)

    def coders(self, t):
        return np.exp(np.interp(t, self.years, self._logs[0]))

    def inference(self, t):
        return np.exp(np.interp(t, self.years, self._logs[1]))

    def experiments(self, t):
        return np.exp(np.interp(t, self.years, self._logs[2]))

    def growth(self, t):
        """Return the growth of training compute (OOM per year)."""
        if self.log_flop is None:
            return np.interp(t, self.years, self.growth_rows)
        slopes = np.diff(self.log_flop) / np.diff(self.years)
        last = len(slopes) - 1
        before = slopes[np.clip(np.searchsorted(self.years, t, side="left") - 1, 0, last)]
        after = slopes[np.clip(np.searchsorted(self.years, t, side="right") - 1, 0, last)]
        return 0.5 * (before + after)

    def grown(self, t):
        """Return the training growth since the first year (OOM)."""
        if self.log_flop is None:
            steps = 0.5 * (self.growth_rows[1:] + self.growth_rows[:-1]) * np.diff(self.years)
            at_rows = np.concatenate([[0.0], np.cumsum(steps)])
            row = np.clip(np.searchsorted(self.years, t, side="right") - 1, 0, len(self.years) - 2)
            since = t - self.years[row]
            return at_rows[row] + 0.5 * (self.growth_rows[row] + self.growth(t)) * since
        return np.interp(t, self.years, self.log_flop) - self.log_flop[0]


@dataclass
class Throughput:
    """Experiment throughput: a CES of experiment compute and effective coding labour."""

    rho: float
    zeta: float
    alpha: float

    @classmethod
    def calibrated(cls, p, compute, coders):
        """Return the throughput with the limits of ``p``, at the compute and coders of the present day."""
        a, b, q = (
            p["infinite_labour_multiple"],
            p["infinite_compute_multiple"],
            p["compute_cut_slowdown"],
        )

        def excess(rho):
            return a**rho + b**rho - 1.0

        rho = brentq(excess, -50.0, 1.0, xtol=1e-15, rtol=1e-15) if excess(-50.0) < 0.0 < excess(1.0) else 0.0
        if rho == 0.0:
            return cls(0.0, 2.0 * np.log10(q), 0.5)
        k = (b / a) ** rho
        zeta = np.log((1.0 + k) * q**-rho - k) / (rho * np.log(0.1))
        alpha = 1.0 / (1.0 + (compute**zeta / coders ** p["labour_exponent"] * b / a) ** rho)
        return cls(rho, zeta, alpha)

    def __call__(self, compute, labour):
        """Return throughput from experiment compute and from labour that has its exponent already."""
        zeta = np.clip(self.zeta, 0.001, 10.0)
        log_compute, log_labour = zeta * np.log(compute), np.log(labour)
        if self.rho == 0.0:
            return np.exp(self.alpha * log_compute + (1.0 - self.alpha) * log_labour)
        first = np.log(self.alpha) + self.rho * log_compute
        second = np.log1p(-self.alpha) + self.rho * log_labour
        return np.exp(np.logaddexp(first, second) / self.rho)


class HumanRun(NamedTuple):
    """Progress by human labour alone, at the present day."""

    returns: float
    effective: float
    progress: float
    software_rate: float
    research: float


def start_stock(throughput, t0):
    """Return the research stock at which it grows as fast as its own input."""
    first = throughput(t0)
    return first**2 / ((throughput(t0 + 1e-6) - first) / 1e-6)


def output_grid(t0, end):
    return np.linspace(t0, end, int(np.ceil((end - t0) / 0.1)) + 1)


def human_run(series, throughput, p, t0, end, *, published=True):
    """Return what progress by human coders alone says of the present day.

    The published code reads it between the points of a grid whose step is 0.1 years or, by rounding, a little
    less. With the present day 2025.9 no point then lies on 2024.0, and its returns come out 0.2 % too high.
    """
    exponent = p["labour_exponent"]

    def rate(t):
        return throughput(series.experiments(t), series.coders(t) ** exponent)

    start = start_stock(rate, t0)

    def stock(last):
        grid = output_grid(t0, last)
        fine = np.linspace(t0, last, 300 * (len(grid) - 1) + 1)
        x = rate(fine)
        steps = np.diff(fine)
        research = start + np.concatenate([[0.0], np.cumsum(0.5 * (x[1:] + x[:-1]) * steps)])
        return fine, grid, x / (research * LN10), research

    every = 300 if published else 1
    fine, grid, per_return, _ = stock(p["present_day"] + 1.0)
    grid = grid if published else fine
    returns = p["software_rate_2024"] / np.interp(2024.0, grid, per_return[::every])
    fine, grid, per_return, research = stock(end)
    grid = grid if published else fine
    software = returns * per_return
    total = software + series.growth(fine)
    effective = np.concatenate([[0.0], np.cumsum(0.5 * (total[1:] + total[:-1]) * np.diff(fine))])
    now = p["present_day"]
    return HumanRun(
        returns,
        np.interp(now, grid, effective[::every]),
        np.interp(now, grid, total[::every]),
        np.interp(now, grid, software[::every]),
        np.exp(np.interp(now, grid, np.log(research[::every]))),
    )


@dataclass
class Taste:
    """Research taste over standard deviations of human researchers, and the taste of a team with AI."""

    mu: float
    sigma: float
    log_top: float
    smoothing: float

    @classmethod
    def calibrated(cls, p):
        """Return the taste whose best human has M times the median's and whose mean over humans is 1."""
        log_m = np.log(p["taste_top_over_median"])
        taste = cls(0.0, 1.0, (1.0 + p["taste_limit"]) * log_m, p["taste_smoothing"])
        nodes, weights = np.polynomial.hermite.hermgauss(HERMITE_NODES)

        def miss(x):
            mu, sigma = x[0], np.exp(x[1])
            top, median = taste.at(mu + sigma * Z), taste.at(mu)
            mean = (weights * taste.at(mu + sigma * np.sqrt(2.0) * nodes)).sum() / np.sqrt(np.pi)
            return [np.log(max(top, 1e-300)) - np.log(max(median, 1e-300)) - log_m, mean - 1.0]

        sigma = log_m / Z
        solution = root(miss, [-0.5 * sigma**2, np.log(sigma)], tol=1e-12)
        taste.mu, taste.sigma = solution.x[0], np.exp(solution.x[1])
        if max(np.abs(miss(solution.x))) > 1e-8:
            raise ArithmeticError(f"taste of {p} has no calibration: {solution.message}")
        return taste

    def at(self, x):
        """Return taste at ``x``: 1 at 0 with slope 1, and the limit A far above."""
        if abs(self.smoothing - 0.5) < 1e-6:
            return np.exp(self.log_top * (1.0 - np.exp(np.clip(-x / self.log_top, -700.0, 700.0))))
        odds = 1.0 / self.smoothing - 1.0
        q = odds**2
        c = 1.0 - q
        power = 2.0 * np.log(odds) / self.log_top
        bracket = q + c * np.exp(np.clip(power * x / c, -700.0, 700.0))
        bracket = np.maximum(bracket, 0.0 if c < 0.0 else 1e-300)
        with np.errstate(divide="ignore"):
            return np.exp(np.log(bracket) / power)

    def inverse(self, taste):
        """Return ``x`` of a taste, not finite where the taste is at its limit."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if abs(self.smoothing - 0.5) < 1e-6:
                return -self.log_top * np.log(1.0 - np.log(taste) / self.log_top)
            odds = 1.0 / self.smoothing - 1.0
            q = odds**2
            power = 2.0 * np.log(odds) / self.log_top
            return (1.0 - q) / power * np.log((taste**power - q) / (1.0 - q))

    def of(self, s):
        return self.at(self.mu + self.sigma * s)

    def read_back(self, s):
        """Return ``s`` as the published code reads it back from the taste: 0 at the limit."""
        back = (self.inverse(self.of(s)) - self.mu) / self.sigma
        return np.where(np.isfinite(back), back, 0.0)


class TableTeam:
    """Taste of the team by the published table of 200 floors."""

    def __init__(self, taste):
        self.taste = taste
        lowest, highest = taste.of(ndtri(0.001)), taste.of(ndtri(0.9999))
        if lowest > 0.0:
            self.floors = np.exp(np.linspace(np.log(lowest), np.log(highest), FLOORS))
        else:
            self.floors = np.linspace(lowest, highest, FLOORS)
        z = np.linspace(-10.0, 10.0, 2000)
        density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
        tails = np.cumsum((taste.of(z) * density)[::-1])[::-1] * (z[1] - z[0])
        s = np.nan_to_num((taste.inverse(self.floors) - taste.mu) / taste.sigma)
        self.values = np.maximum(self.floors * ndtr(s) + np.interp(s, z, tails), self.floors)
        nodes, weights = np.polynomial.hermite.hermgauss(HERMITE_NODES)
        self.mean = (weights * taste.of(np.sqrt(2.0) * nodes)).sum() / np.sqrt(np.pi)

    def __call__(self, s):
        floor = self.taste.of(s)
        if floor < self.floors[0]:
            return self.mean
        if floor > self.floors[-1]:
            return floor
        return max(np.interp(floor, self.floors, self.values), floor)


class ExactTeam:
    """Taste of the team, E[max(T, F)] over researchers, by integrals on a fine grid."""

    def __init__(self, taste):
        self.taste = taste
        self.s = np.linspace(-10.0, 10.0, 20_001)
        values = taste.of(self.s) * np.exp(-0.5 * self.s**2) / np.sqrt(2.0 * np.pi)
        cells = 0.5 * (values[1:] + values[:-1]) * np.diff(self.s)
        tail = np.concatenate([np.cumsum(cells[::-1])[::-1], [0.0]])
        self.values = taste.of(self.s) * ndtr(self.s) + tail

    def __call__(self, s):
        if s > self.s[-1]:
            return self.taste.of(s)
        return np.interp(s, self.s, self.values)


class Schedule(NamedTuple):
    """Share of tasks that AI can do, a logistic in effective compute."""

    asymptote: float
    slope: float
    middle: float

    @classmethod
    def through(cls, asymptote, present, share, coder_level, top=1.0):
        """Return the schedule through ``share`` at ``present`` and ``top`` at ``coder_level``."""
        slope = np.log((asymptote / share - 1.0) / (asymptote / top - 1.0)) / (coder_level - present)
        return cls(asymptote, slope, present + np.log(asymptote / share - 1.0) / slope)

    def share(self, effective):
        exponent = np.clip(self.slope * (effective - self.middle), -100.0, 100.0)
        return np.clip(self.asymptote / (1.0 + np.exp(-exponent)), 0.0, 1.0)

    def level(self, task):
        """Return the effective compute from which on ``task`` can be automated."""
        return self.middle - np.log(self.asymptote / task - 1.0) / self.slope


class Efficiency(NamedTuple):
    """Productivity of AI coders: their growth with effective compute, and the limit to their number."""

    start: float
    slope: float
    rho: float
    least_human_share: float

    @property
    def exponent(self):
        """Return c, with which the cost of a task to AI grows in its level: exp(c E)."""
        return -self.slope * LN10 * self.rho / (1.0 - self.rho)

    def log_supply(self, inference, coders, effective):
        return np.log(inference / coders * self.start) + self.slope * LN10 * effective


class TableCoding:
    """Coding labour by the published tables of 4096 tasks, with the published underflow if asked for."""

    def __init__(self, schedule, efficiency, *, underflow=False):
        self.efficiency = efficiency
        rho = efficiency.rho
        self.tasks = np.linspace(0.0, 1.0 - efficiency.least_human_share, TASKS)
        clipped = np.clip(self.tasks, 1e-9, schedule.asymptote - 1e-9)
        self.levels = np.maximum.accumulate(schedule.level(clipped))
        log_cost = efficiency.exponent * self.levels
        cells = np.logaddexp(log_cost[1:], log_cost[:-1]) + np.log(0.5 * np.diff(self.tasks))
        sums = np.logaddexp.accumulate(cells)
        if underflow:
            largest = cells.max()
            sums = np.log(np.maximum(np.cumsum(np.exp(cells - largest)), 1e-300)) + largest
        self.log_cost = np.concatenate([[-np.inf], sums])
        self.log_human = (1.0 - rho) * np.log(1.0 - self.tasks + 1e-18)
        full = self.log_cost + efficiency.slope * LN10 * self.levels / (1.0 - rho)
        self.log_needed = np.maximum.accumulate(full - self.log_human / (1.0 - rho))

    def __call__(self, inference, coders, effective):
        """Return coding labour in coders.

        Below the second task (index 1) the logarithm of the cost is minus infinity. There the published
        interpolation lets supply reach that task, and lets AI do the tasks below it at no cost.
        """
        rho = self.efficiency.rho
        log_supply = self.efficiency.log_supply(inference, coders, effective)
        task = min(self._by_supply(log_supply), np.interp(effective, self.levels, self.tasks))
        human = np.interp(task, self.tasks, self.log_human)
        if task < self.tasks[1]:
            return coders * np.exp(human / rho)
        machine = rho * log_supply + (1.0 - rho) * np.interp(task, self.tasks, self.log_cost)
        return np.exp(np.log(coders) + np.logaddexp(human, machine) / rho)

    def _by_supply(self, log_supply):
        return np.interp(log_supply, self.log_needed[1:], self.tasks[1:])


class ExactCoding:
    """Coding labour with the optimal allocation, its integral over tasks taken on a fine grid of log odds.

    With v = ln(i / (asymptote - i)) the level of a task is middle + v / slope, and its cost is integrated as
    exp((1 + c / slope) v) / (1 + exp(v))^2: nearly exponential, so summed cell by cell as an exponential.
    """

    LOWEST = -45.0

    def __init__(self, schedule, efficiency):
        self.schedule, self.efficiency = schedule, efficiency
        rho, top = efficiency.rho, -np.log(schedule.asymptote - 1.0)
        human = np.geomspace(0.2, efficiency.least_human_share, 6000)
        near_top = np.log((1.0 - human) / (schedule.asymptote - 1.0 + human))
        v = np.concatenate([np.linspace(self.LOWEST, near_top[0], 8000)[:-1], near_top])
        task = schedule.asymptote * expit(v)
        self.log_human = np.concatenate([np.log1p(-task[: len(v) - len(human)]), np.log(human)])
        power = 1.0 + efficiency.exponent / schedule.slope
        log_value = (
            efficiency.exponent * schedule.middle
            + np.log(schedule.asymptote)
            + power * v
            - 2.0 * np.logaddexp(0.0, v)
        )
        rise = np.maximum(np.diff(log_value), 1e-300)
        cells = log_value[1:] + np.log(-np.expm1(-rise) / rise * np.diff(v) + 1e-300)
        tail = log_value[0] - np.log(power)
        self.log_cost = np.logaddexp.accumulate(np.concatenate([[tail], cells]))
        self.v, self.top = v, top
        level = schedule.middle + v / schedule.slope
        self.log_needed = self.log_cost + efficiency.slope * LN10 * level / (1.0 - rho) - self.log_human

    def __call__(self, inference, coders, effective):
        """Return coding labour in coders."""
        rho = self.efficiency.rho
        log_supply = self.efficiency.log_supply(inference, coders, effective)
        v = min(self.schedule.slope * (effective - self.schedule.middle), self.v[-1])
        if v < self.v[0]:
            return coders
        if v < self.v[-1] and np.interp(v, self.v, self.log_needed) <= log_supply:
            log_human = np.log1p(-self.schedule.asymptote * expit(v))
            log_cost = np.interp(v, self.v, self.log_cost)
        else:
            log_human = np.interp(log_supply, self.log_needed, self.log_human)
            log_cost = np.interp(log_supply, self.log_needed, self.log_cost)
        human = (1.0 - rho) * log_human
        return coders * np.exp(np.logaddexp(human, rho * log_supply + (1.0 - rho) * log_cost) / rho)


def flow_path(effort, log_training, returns, stock, effective, span, *, stop=None):
    """Return the solution of the state equation of August 2026, in which training adds to effective compute.

    The linear effective compute grows by training compute times software, d(10^E)/dt = C S with S = (R/R0)^r,
    and the research stock by its effort, dR/dt = effort(t, E). The state is E (OOM) and the OOM of R over R0,
    ``stock``. ``log_training`` is log10 C over time, and ``stop`` a level of E at which the solution ends.
    """

    def rates(t, state):
        level, research = state
        flow = 10.0 ** (log_training(t) + returns * research - level)
        return [flow / LN10, effort(t, level) / (stock * 10.0**research * LN10)]

    def passed(t, state):
        return state[0] - (np.inf if stop is None else stop)

    passed.terminal = True
    solution = solve_ivp(
        rates,
        span,
        [effective, 0.0],
        method="LSODA",
        rtol=1e-9,
        atol=1e-9,
        max_step=0.5,
        dense_output=True,
        events=passed if stop is not None else None,
    )
    if not solution.success:
        raise ArithmeticError(solution.message)
    return solution.sol


def stock_path(effort, grown, returns, stock, span, *, stop=None):
    """Return the solution of the state equation until January 2026, in which E is training times software.

    The state is software (OOM), E less the training growth ``grown``; ``stop`` as in `flow_path`.
    """

    def rates(t, state):
        research = state[0] / returns
        return [returns * effort(t, state[0] + grown(t)) / (stock * 10.0**research * LN10)]

    def passed(t, state):
        return state[0] + grown(t) - (np.inf if stop is None else stop)

    passed.terminal = True
    solution = solve_ivp(
        rates,
        span,
        [0.0],
        method="LSODA",
        rtol=1e-8,
        atol=1e-8,
        max_step=0.5,
        dense_output=True,
        events=passed if stop is not None else None,
    )
    if not solution.success:
        raise ArithmeticError(solution.message)
    return solution.sol


class Draw:
    """One draw: its calibration, its path and the dates of its milestones."""

    def __init__(
        self, p, series, *, version, end, method="published", underflow=False, simple_start=None, start=None
    ):
        self.p, self.series, self.end = p, series, end
        self.rules = VERSIONS[version]
        self.simple_start = self.rules.simple_start if simple_start is None else simple_start
        self.method, self.underflow = method, underflow
        self.t0 = series.years[0] if start is None else start
        now = p["present_day"]
        self.coders, self.inference, self.experiments = (
            series.coders(now),
            series.inference(now),
            series.experiments(now),
        )
        self.throughput = Throughput.calibrated(p, self.experiments, self.coders)
        self.human = self._human_run()
        self._calibrate_levels()
        self.taste = Taste.calibrated(p)
        self.team = TableTeam(self.taste) if method == "published" else ExactTeam(self.taste)
        self.share = self._present_share()
        self.schedule = Schedule.through(
            p["schedule_asymptote"], self.human.effective, self.share, self.coder_level
        )
        self.coding = self._coding(self.schedule)
        self.start = self._start()

    def _human_run(self):
        return self._human_run_at(self.p["present_day"])

    def _human_run_at(self, now):
        p = {**self.p, "present_day": now}
        published = self.method == "published"
        return human_run(self.series, self.throughput, p, self.t0, self.end, published=published)

    def _calibrate_levels(self):
        p, human = self.p, self.human
        self.coder_level = self._coder_level()
        self.taste_slope = p["taste_slope"] / human.progress
        exponent = p["labour_exponent"]
        slope = p["ai_efficiency_slope"] ** (0.5 / exponent) / human.progress
        with np.errstate(over="ignore"):
            cap = np.clip(np.float64(p["max_serial_multiple"]) ** (1.0 / exponent), 1.0, 1e30)
        rho = p["rho_coding"]
        least = np.clip(cap ** (rho / (1.0 - rho)), 1e-20, 0.1)
        self.least_human_share = least
        acting = least if self.method == "published" else 1.0 - (1.0 - least) + 1e-18
        self.efficiency = Efficiency(p["initial_ai_efficiency"], slope, rho, acting)

    def _coder_level(self):
        """Return the effective compute of the automated coder, by the time horizon."""
        p, human = self.p, self.human
        gap = p["gap"] > 0.5
        horizon = p["pre_gap_horizon"] if gap and self.rules.gap_horizon else p["ac_horizon"]
        self.doubling = p["doubling_time"] * human.progress
        doublings = np.log2(horizon / p["present_horizon"])
        d = p["doubling_factor"]
        needed = doublings if d == 1.0 else (1.0 - d**doublings) / (1.0 - d)
        before = human.effective
        if "horizon_date" in p:
            before = self._human_run_at(p["horizon_date"]).effective
        level = before + self.doubling * needed
        return level + p["gap_years"] * human.progress if gap else level

    def _coding(self, schedule):
        if self.method == "published":
            return TableCoding(schedule, self.efficiency, underflow=self.underflow)
        return ExactCoding(schedule, self.efficiency)

    def _present_share(self):
        p, present = self.p, self.human.effective
        exponent = p["labour_exponent"]

        def difference(share):
            schedule = Schedule.through(p["schedule_asymptote"], present, share, self.coder_level, 1.0 - 1e-9)
            labour = self._coding(schedule)(self.inference, self.coders, present)
            return (labour / self.coders) ** exponent - p["present_uplift"] ** exponent

        if self.method == "published":
            return minimize_scalar(
                lambda share: abs(difference(share)),
                bounds=(1e-9, 1.0 - 1e-9),
                method="bounded",
                options={"xatol": 1e-8},
            ).x
        # Nearer to 1 the schedule is flat, and rounding decides what is automated at the present day.
        lowest, highest = np.log(1e-9), np.log(1e6)
        if difference(expit(lowest)) >= 0.0:
            return 1e-9
        return expit(brentq(lambda x: difference(expit(x)), lowest, highest, xtol=1e-12, rtol=1e-14))

    def _start(self):
        """Return the stock of research in the first year."""
        p, exponent = self.p, self.p["labour_exponent"]
        if not self.simple_start:
            return start_stock(
                lambda t: self.throughput(self.series.experiments(t), self.series.coders(t) ** exponent),
                self.t0,
            )
        rho = p["rho_coding"]
        share = np.clip(self.schedule.share(0.0), 1e-9, 1.0 - 1e-9)
        team = self.team(self.sd(0.0))

        def effort(t):
            machine = share ** (1.0 - rho) * self.series.inference(t) ** rho
            humans = (1.0 - share) ** (1.0 - rho) * self.series.coders(t) ** rho
            labour = (machine + humans) ** (exponent / rho)
            return team * self.throughput(self.series.experiments(t), labour)

        return start_stock(effort, self.t0)

    def sd(self, effective):
        """Return the research taste of AI in standard deviations of human researchers."""
        return np.minimum(self.p["taste_sd_at_ac"] + self.taste_slope * (effective - self.coder_level), 1e31)

    def labour_multiple(self, effective):
        """Return coding labour over that of humans, with coders and inference compute of the present day."""
        return self.coding(self.inference, self.coders, effective) / self.coders

    def speedup(self, effective):
        """Return software progress with the resources of the present day over that of humans alone."""
        labour = self.coding(self.inference, self.coders, effective) ** self.p["labour_exponent"]
        effort = self.team(self.sd(effective)) * self._throughput(self.experiments, labour)
        human = self.human
        return human.returns * effort / (human.research * LN10 * human.software_rate)

    def _throughput(self, compute, labour):
        if labour > 0.0:
            return self.throughput(compute, labour)
        t = self.throughput  # the published code treats no labour as no limit by labour
        return t.alpha ** (1.0 / t.rho) * compute**t.zeta if self.underflow else 0.0

    def effort(self, t, effective):
        """Return the research effort: the team's taste times experiment throughput."""
        labour = self.coding(self.series.inference(t), self.series.coders(t), effective)
        throughput = self._throughput(self.series.experiments(t), labour ** self.p["labour_exponent"])
        return min(self.team(self.sd(effective)) * throughput, 1e30)

    def horizon(self, effective, present):
        """Return the time horizon (minutes), anchored at ``present``, the level of the present day."""
        d = self.p["doubling_factor"]
        if d == 1.0:
            return self.p["present_horizon"] * 2.0 ** ((effective - present) / self.doubling)
        base = np.maximum(1.0 - (1.0 - d) * (effective - present) / self.doubling, 1e-12)
        return self.p["present_horizon"] * base ** (np.log(2.0) / np.log(d))

    def taste_levels(self):
        """Return the taste of each milestone of taste, in standard deviations."""
        step, at_ac = self.p["ted_step"], self.p["taste_sd_at_ac"]
        base = max(at_ac, Z)
        if self.rules.multiply_levels:
            ted, asi = base * (1.0 + step), base * (3.0 + step)
        else:
            ted, asi = base + Z * step, base + Z * (step + 2.0)
        return {
            "sar": Z,
            "siar": 3.0 * Z,
            "ted_ai": ted,
            "asi": asi,
            "strat_ai": Z * (1.0 + self.p["strat_step"]),
        }

    def labour_level(self):
        return self.rules.coder_copies * self.rules.coder_speed ** (1.0 / self.p["labour_exponent"])

    def path(self):
        """Return the published solution: times, effective compute and research stock on the grid."""
        grid = output_grid(self.t0, self.end)
        human = self.human

        def rates(t, state):
            effective, research = min(state[0], 1e30), min(state[1], 1e30)
            effort = self.effort(t, effective)
            return [human.returns * effort / (research * LN10) + float(self.series.growth(t)), effort]

        for solver, rtol, atol in FALLBACKS:
            with np.errstate(all="ignore"):
                try:
                    solution = solve_ivp(
                        rates,
                        (self.t0, self.end),
                        [0.0, self.start],
                        method=solver,
                        t_eval=grid,
                        rtol=rtol,
                        atol=atol,
                        max_step=1.0,
                    )
                except ValueError:
                    continue
            if solution.success:
                return grid, solution.y[0], solution.y[1]
        raise ArithmeticError(f"no solver came through for {self.p}")

    def dates(self):
        """Return the date of every milestone, infinite where it is not reached."""
        return self._published_dates() if self.method == "published" else self._accurate_dates()

    def _published_dates(self):
        grid, effective, _ = self.path()
        sd = self.taste.read_back(self.sd(effective))
        speedup = np.array([self.speedup(e) for e in effective])
        multiple = np.array([self.labour_multiple(e) for e in effective])
        dates = {
            "ac": crossing(grid, effective, self.coder_level, logs=False),
            "ai2027_sc": crossing(grid, multiple, self.labour_level()),
            **{f"air_{k}": crossing(grid, speedup, k) for k in SPEEDUPS},
            **{name: crossing(grid, sd, level) for name, level in self.taste_levels().items()},
        }
        return self._after_coders(dates)

    def _accurate_dates(self):
        levels = {
            "ac": self.coder_level,
            "ai2027_sc": self._level_of(self.labour_multiple, self.labour_level()),
            **{f"air_{k}": self._level_of(self.speedup, k) for k in SPEEDUPS},
            **{
                name: self.coder_level + (sd - self.p["taste_sd_at_ac"]) / self.taste_slope
                for name, sd in self.taste_levels().items()
            },
        }
        solution = self.accurate_path(max(level for level in levels.values() if level < NEVER))
        ends = solution.ts
        effective = np.array([self.effective(t, solution(t)[0]) for t in ends])
        dates = {}
        for name, level in levels.items():
            if level <= effective[0]:
                dates[name] = self.t0
            elif level > effective[-1]:
                dates[name] = NEVER
            else:
                at = int(np.argmax(effective >= level))

                def miss(t, level=level):
                    return self.effective(t, solution(t)[0]) - level

                dates[name] = brentq(miss, ends[at - 1], ends[at], xtol=1e-10)
        return self._after_coders(dates)

    def effective(self, t, software):
        """Return effective compute at time t with ``software`` orders of magnitude of software."""
        return software + float(self.series.grown(t))

    def accurate_path(self, highest):
        """Return software over time (OOM), solved with tight tolerances up to the ``highest`` level."""
        return stock_path(
            self.effort,
            lambda t: float(self.series.grown(t)),
            self.human.returns,
            self.start,
            (self.t0, self.end),
            stop=highest + 0.01,
        )

    def _level_of(self, quantity, level):
        """Return the effective compute at which a rising quantity meets ``level``, or infinity."""
        low, high = 0.0, self.coder_level + 400.0
        if quantity(low) >= level:
            return low
        if quantity(high) < level:
            return NEVER
        return brentq(lambda e: np.log(quantity(e) / level), low, high, xtol=1e-10)

    @staticmethod
    def _after_coders(dates):
        for name in ("sar", "siar"):
            dates[name] = max(dates[name], dates["ac"])
        return dates


class FlowDraw(Draw):
    """A draw with the state equation of August 2026, solved with tight tolerances.

    Effective compute is absolute (log10 FLOP): all training so far, in the software of the first
    year. The automated coder is anchored by the horizon of ``horizon_date``, by revenue or by a given level.
    With ``uplift``, the run that calibrates returns and progress has the coding labour of the uplift in place
    of that of humans alone: its excess over 1 doubles every ``uplift_doubling`` years.
    """

    def __init__(self, p, series, *, end, anchor="horizon", coder_level=None, uplift=False):
        self.anchor, self.fixed_level, self.uplift = anchor, coder_level, uplift
        super().__init__(p, series, version="2026-01", end=end, method="accurate")

    def log_training(self, t):
        return float(np.interp(t, self.series.years, self.series.log_flop))

    def _human_run(self):
        p, t0 = self.p, self.t0
        exponent = p["labour_exponent"]

        def rate(t):
            return self.throughput(self.series.experiments(t), self.series.coders(t) ** exponent)

        now = p["present_day"]
        fine = np.linspace(t0, now, 3000 * int(np.ceil(now - t0)) + 1)
        steps = np.diff(fine)
        x = rate(fine)
        human = x[-1]
        if self.uplift:
            multiple = 1.0 + (p["present_uplift"] - 1.0) * 2.0 ** ((fine - now) / p["uplift_doubling"])
            labour = self.series.coders(fine) ** exponent * multiple
            x = self.throughput(self.series.experiments(fine), labour)
        research = start_stock(rate, t0) + np.concatenate([[0.0], np.cumsum(0.5 * (x[1:] + x[:-1]) * steps)])
        returns = p["software_rate_2024"] / np.interp(2024.0, fine, x / (research * LN10))
        log_training = np.interp(fine, self.series.years, self.series.log_flop)
        flow = 10.0 ** (log_training - log_training[0]) * (research / research[0]) ** returns
        # The start is that of steady growth: the stock of effective compute grows as fast as its own inflow.
        growth = LN10 * self.series.growth(t0 + 1e-9) + returns * x[0] / research[0]
        stock = 1.0 / growth + np.concatenate([[0.0], np.cumsum(0.5 * (flow[1:] + flow[:-1]) * steps)])
        self.start_effective = log_training[0] - np.log10(growth)
        effective = log_training[0] + np.log10(stock)
        self.human_effective = lambda t: float(np.interp(t, fine, effective))
        return HumanRun(
            returns,
            effective[-1],
            flow[-1] / (stock[-1] * LN10),
            returns * human / (research[-1] * LN10),
            research[-1],
        )

    def _coder_level(self):
        p, human = self.p, self.human
        self.doubling = p["doubling_time"] * human.progress
        if self.fixed_level is not None:
            return self.fixed_level
        if self.anchor == "revenue":
            years = np.log(p["ac_revenue"] / p["revenue"]) / np.log(p["revenue_growth"])
            return self.human_effective(p["revenue_date"]) + human.progress * years
        d, doublings = p["doubling_factor"], np.log2(p["ac_horizon"] / p["present_horizon"])
        needed = doublings if d == 1.0 else (1.0 - d**doublings) / (1.0 - d)
        return self.human_effective(p["horizon_date"]) + self.doubling * needed

    def effective(self, t, state):
        return state

    def accurate_path(self, highest):
        return flow_path(
            self.effort,
            self.log_training,
            self.human.returns,
            self.start,
            self.start_effective,
            (self.t0, self.end),
            stop=highest + 0.01,
        )


def crossing(times, values, level, *, logs=True):
    """Return when ``values`` first meet ``level`` on the grid, log-linear between its points."""
    at = int(np.argmax(values >= level))
    if not values[at] >= level:
        return NEVER
    if at == 0:
        return times[0]
    low, high = values[at - 1], values[at]
    if logs and low > 0.0:
        low, high, level = np.log(low), np.log(high), np.log(level)
    return times[at - 1] + (times[at] - times[at - 1]) * (level - low) / (high - low)
