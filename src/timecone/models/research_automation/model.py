"""Research automation: software efficiency, and the share of AI research that effective compute automates.

With labour L, compute C and software efficiency S, each 1 at the start, and y = ln S:

    dy/dt = k (L / (1 - f))**alpha C**zeta exp(-beta y),  logit f = logit f_0 + (ln C + y) / w.

People work on what is not automated. The scale k gives the growth of software at the start. Labour and
compute grow geometrically, by factors that change from year to year. Milestones are shares f. Kwa 2026.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import Duration, FloatArray, Grid, Milestone, Observable, Status

#: Shares of AI research whose automation is dated.
SHARES: Final = (0.5, 0.9, 0.99)
#: Smallest share of research that is left to people.
LEAST_SHARE: Final = 1e-6
#: Largest gain of software efficiency.
LARGEST_SOFTWARE: Final = 1e12

_SOURCE = "Kwa 2026"
# Years after the slowdown whose growth is worked out one by one; afterwards it is that of the last.
_MOST_YEARS = 1000.0
# Draws solved at a time: their trajectories stay within some tens of megabytes.
_CHUNK = 512
# Halvings of a step in which a share is reached: a month to a tenth of a second.
_HALVINGS = 24

PARAMETERS: Final = (
    Parameter(
        "automation.share_now",
        "1",
        "Share of AI research that is automated at the start.",
        _SOURCE,
        low=0.0,
        high=1.0,
    ),
    Parameter(
        "automation.width",
        "1",
        "Growth of effective compute, as a natural logarithm, that multiplies the odds of automation by e.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "research.labour_share",
        "1",
        "Exponent of labour over the sum of the exponents of labour and compute.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
    ),
    Parameter(
        "research.returns_to_scale",
        "1",
        "Sum of the exponents of labour and compute.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "research.difficulty",
        "1",
        "Exponent by which research gets harder as software efficiency grows.",
        _SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "software.growth_now",
        "1/year",
        "Growth of software efficiency per year at the start, as a fraction: 4 for a factor of 5.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "labour.growth",
        "1/year",
        "Growth of research labour per year before the slowdown, as a fraction.",
        _SOURCE,
        low=-1.0,
    ),
    Parameter(
        "labour.later_growth",
        "1/year",
        "Growth of research labour per year from the slowdown on, as a fraction.",
        _SOURCE,
        low=-1.0,
    ),
    Parameter(
        "compute.growth",
        "1/year",
        "Growth of compute per year before the slowdown, as a fraction.",
        _SOURCE,
        low=-1.0,
    ),
    Parameter(
        "compute.slowed_growth",
        "1/year",
        "Growth of compute in each of the two years after the slowdown, as a fraction.",
        _SOURCE,
        low=-1.0,
    ),
    Parameter(
        "compute.final_growth",
        "1/year",
        "Growth of compute per year to which it declines in equal yearly steps, as a fraction.",
        _SOURCE,
        low=-1.0,
    ),
    Parameter(
        "compute.decline",
        "year",
        "Time in which the growth of compute declines to the final one, from a year after the slowdown on.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "slowdown.date",
        "calendar year",
        "When the growth of labour and compute slows down.",
        _SOURCE,
    ),
)

_OBSERVABLES = (
    Observable(
        "software",
        "Software efficiency",
        "log10",
        grid=Grid(low=-1.0, width=0.01, bins=1400),
        note="That of {start:g} is 1.",
    ),
    Observable(
        "automated_share",
        "Share of AI research that is automated",
        "1",
        grid=Grid(low=-0.005, width=0.01, bins=102),
    ),
    Observable("labour", "Research labour, that of the start being 1", "log10"),
    Observable("compute", "Compute, that of the start being 1", "log10"),
    Observable("research", "Pace of research, that of the start being 1", "log10"),
)


class Draws(NamedTuple):
    """The inputs of a block of draws, by short names; arrays of shape (draws,)."""

    share_now: FloatArray
    width: FloatArray
    labour_share: FloatArray
    returns_to_scale: FloatArray
    difficulty: FloatArray
    software_growth: FloatArray
    labour_growth: FloatArray
    later_labour_growth: FloatArray
    compute_growth: FloatArray
    slowed_compute_growth: FloatArray
    final_compute_growth: FloatArray
    decline: FloatArray
    slowdown: FloatArray

    def odds(self, log_compute: FloatArray, log_software: FloatArray) -> FloatArray:
        """Return the natural logarithm of the odds of automation."""
        start = np.log(self.share_now / (1.0 - self.share_now))
        return np.asarray(start + (log_compute + log_software) / self.width)

    def log_research(self, log_labour: FloatArray, log_compute: FloatArray, odds: FloatArray) -> FloatArray:
        """Return the natural logarithm of labour and compute in research, over that of the start."""
        left = np.maximum(1.0 / (1.0 + np.exp(odds)), LEAST_SHARE)
        labour = log_labour - np.log(left) + np.log1p(-self.share_now)
        share = self.labour_share
        return np.asarray(self.returns_to_scale * (share * labour + (1.0 - share) * log_compute))

    def log_inputs(self, start: float, times: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the natural logarithms of labour and of compute at some times, shape (times, draws)."""
        times = times[:, None]
        before = np.minimum(times, self.slowdown) - np.minimum(start, self.slowdown)
        after = np.maximum(times, self.slowdown)
        first = np.maximum(start, self.slowdown)[None]
        labour = np.log1p(self.labour_growth) * before
        labour = labour + np.log1p(self.later_labour_growth) * (after - first)
        compute = np.log1p(self.compute_growth) * before
        compute = compute + self._slowed(after - self.slowdown) - self._slowed(first - self.slowdown)
        return labour, compute

    def _slowed(self, elapsed: FloatArray) -> FloatArray:
        """Return the growth of ln C in so many years after the slowdown; geometric within each year."""
        years = int(np.ceil(np.fmin(elapsed, _MOST_YEARS).max(initial=0.0))) + 1
        declined = np.clip((np.arange(years)[:, None] - 1.0) / self.decline, 0.0, 1.0)
        lost = (self.slowed_compute_growth - self.final_compute_growth) * declined
        growth = np.log1p(self.slowed_compute_growth - lost)
        grown = np.vstack([np.zeros_like(growth[:1]), np.cumsum(growth, axis=0)])
        whole = np.fmax(np.fmin(np.floor(elapsed), years - 1.0), 0.0).astype(np.int64)
        within = (elapsed - whole) * np.take_along_axis(growth, whole, axis=0)
        return np.asarray(np.take_along_axis(grown, whole, axis=0) + within)


class Solution(NamedTuple):
    """Trajectories at the edges of steps: natural logarithms, arrays of shape (times, draws).

    Attributes
    ----------
    labour, compute, software : array
        Over those of the start.
    odds : array
        Odds of automation.
    slopes : array, shape (2, steps, draws)
        Growth of the odds per step, at the beginning and at the end of each.
    research : array
        Labour and compute in research, over those of the start.
    """

    labour: FloatArray
    compute: FloatArray
    software: FloatArray
    odds: FloatArray
    slopes: FloatArray
    research: FloatArray


def solve(inputs: FloatArray, setup: Setup) -> Solution:
    """Integrate software efficiency by the classic Runge-Kutta method.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Draws of `PARAMETERS`.
    setup : Setup
        Start, horizon and steps.

    Returns
    -------
    Solution
        Trajectories at all edges of steps.
    """
    draws, grid = Draws(*inputs), setup.grid
    halves = grid.start + 0.5 * grid.step * np.arange(2 * grid.steps + 1, dtype=np.float64)
    labour, compute = draws.log_inputs(grid.start, halves)
    pace = np.log1p(draws.software_growth)
    most = np.log(LARGEST_SOFTWARE)

    def rate(half: int, software: FloatArray) -> FloatArray:
        odds = draws.odds(compute[half], software)
        research = draws.log_research(labour[half], compute[half], odds)
        growth = pace * np.exp(research - draws.difficulty * software)
        return np.asarray(np.where(software < most, growth, 0.0))

    software = np.zeros((grid.steps + 1, inputs.shape[1]))
    slopes = np.empty((2, grid.steps, inputs.shape[1]))
    h = grid.step
    for k in range(grid.steps):
        y = software[k]
        first = rate(2 * k, y)
        second = rate(2 * k + 1, y + 0.5 * h * first)
        third = rate(2 * k + 1, y + 0.5 * h * second)
        fourth = rate(2 * k + 2, y + h * third)
        software[k + 1] = np.minimum(y + h / 6.0 * (first + 2.0 * second + 2.0 * third + fourth), most)
        growth = compute[2 * k + 2] - compute[2 * k]
        slopes[0, k] = (growth + h * first) / draws.width
        slopes[1, k] = (growth + h * rate(2 * k + 2, software[k + 1])) / draws.width
    labour, compute = labour[::2], compute[::2]
    odds = draws.odds(compute, software)
    return Solution(labour, compute, software, odds, slopes, draws.log_research(labour, compute, odds))


def crossing(solution: Solution, odds: float, step: float) -> FloatArray:
    """Return when the logarithm of the odds of automation first comes up to ``odds``.

    Within a step it is the cubic through its values and its slopes at both ends.

    Returns
    -------
    array, shape (draws,)
        Years after the start: -inf where it is above ``odds`` there, +inf where it stays below.
    """
    above = solution.odds >= odds
    reached = above.any(axis=0)
    end = np.clip(above.argmax(axis=0), 1, len(above) - 1)
    draws = np.arange(len(reached))
    left, right = solution.odds[end - 1, draws], solution.odds[end, draws]
    first, last = solution.slopes[:, end - 1, draws]
    before, after = np.zeros(len(reached)), np.ones(len(reached))
    for _ in range(_HALVINGS):
        share = 0.5 * (before + after)
        rest = 1.0 - share
        value = rest**2 * ((1.0 + 2.0 * share) * left + share * first)
        value += share**2 * ((1.0 + 2.0 * rest) * right - rest * last)
        before, after = np.where(value < odds, share, before), np.where(value < odds, after, share)
    dates = step * (end - 1 + after)
    return np.where(above[0], -np.inf, np.where(reached, dates, np.inf))


def _observed(solution: Solution) -> dict[str, FloatArray]:
    """Return every observable at all edges of steps, shape (times, draws)."""
    return {
        "software": np.log10(np.e) * solution.software,
        "automated_share": 1.0 / (1.0 + np.exp(-solution.odds)),
        "labour": np.log10(np.e) * solution.labour,
        "compute": np.log10(np.e) * solution.compute,
        "research": np.log10(np.e) * solution.research,
    }


# A draw in which a formula leaves the support of a parameter comes here too, before it is counted as failed.
@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when each share of research is automated; inputs of shape (parameters, draws)."""
    grid, draws = setup.grid, inputs.shape[1]
    dates = np.empty((len(SHARES), draws))
    counted = {
        o.name: np.empty((len(grid.observed_times), draws)) for o in _OBSERVABLES if o.grid is not None
    }
    for first in range(0, draws, _CHUNK):
        chunk = slice(first, first + _CHUNK)
        solution = solve(np.ascontiguousarray(inputs[:, chunk]), setup)
        for row, share in enumerate(SHARES):
            dates[row, chunk] = crossing(solution, np.log(share / (1.0 - share)), grid.step)
        observed = _observed(solution)
        for name, values in counted.items():
            values[:, chunk] = observed[name][:: grid.stride]
    arrival = grid.start + dates
    early, late = np.isneginf(dates), ~(arrival < grid.horizon)
    status = np.select([early, late], [Status.BEFORE_START, Status.NOT_BY_HORIZON], Status.REACHED)
    arrival = np.where(late, np.inf, np.maximum(arrival, grid.start))
    return Outcomes(arrival, status.astype(np.int8), counted)


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable at every step, shape (draws, times)."""
    return {name: values.T.copy() for name, values in _observed(solve(inputs, setup)).items()}


MODEL = Model(
    name="research_automation",
    title="Research automation: AI takes over AI research",
    parameters=PARAMETERS,
    milestones=tuple(
        Milestone(
            f"share_{round(100 * share)}",
            f"{round(100 * share)} % automated",
            f"{round(100 * share)} % of AI research is automated",
        )
        for share in SHARES
    ),
    headline="share_99",
    observables=_OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    durations=(Duration("half_to_99", "time from 50 % to 99 % automated", "share_50", "share_99"),),
    steps=("month", "quarter", "year", "week"),
)
