"""Software explosion: successive doublings of software after AI has replaced all software researchers.

The compute of the start is all there is. Software doubles at dates t_i, years after the start:

    t_0 = 0,  t_1 = T / f,  t_{i+2} - t_{i+1} = (t_{i+1} - t_i) 2**x,
    x = y / (1 + w y),  y = p (1 / r - 1),

with the doubling time T before the start, the speed-up f, the parallel returns p, the weight w of retraining
and returns r that decline from doubling to doubling: r_i = r_0 (1 - a i / M). It ends after M doublings, the
limit of software, or at the horizon. A milestone is reached when a number of doublings in a row, which is an
amount of recent AI progress, has taken less than a stated time. Davidson and Houlden 2025.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from timecone.models.model import Constraint, Model, Outcomes, Parameter, Setup
from timecone.schema import BoolArray, Duration, Extra, FloatArray, Grid, Milestone, Observable, Status

#: Schemes: a doubling takes the returns after the one before it, as in the published code, or before that.
CODE, PAPER = "code", "paper"
#: Most doublings to the limit; software would then be 1e301 times as good.
MOST_DOUBLINGS: Final = 1000

_SOURCE = "Davidson and Houlden 2025"
# A whole number of doublings that rounding has lowered by an ulp is still that number.
_ROUNDING = 1e-9

PARAMETERS: Final = (
    Parameter(
        "software.doubling_time",
        "year",
        "Time in which software doubles before the start.",
        _SOURCE,
        low=0.0,
        default=0.25,
    ),
    Parameter(
        "software.share_of_progress",
        "1",
        "Share of recent AI progress that is due to software.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_high=True,
        default=0.5,
    ),
    Parameter(
        "software.limit",
        "year",
        "Distance to the limit of software, in years of recent AI progress.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "research.speedup",
        "1",
        "Pace of software progress at the start, over that before it.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "research.returns",
        "1",
        "Doublings of software per doubling of cumulative research input, at the start.",
        _SOURCE,
        low=0.0,
    ),
    Parameter(
        "research.decline_of_returns",
        "1",
        "Share of these returns that is lost on the way to the limit; 0 for constant returns.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
        default=1.0,
    ),
    Parameter(
        "research.parallel_returns",
        "1",
        "Doublings of the pace of research per doubling of its labour.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
    ),
    Parameter(
        "research.retraining",
        "1",
        "Weight of the time that retraining takes: 0 for none, 1 for that of the published variant.",
        _SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
        default=0.0,
    ),
)


class Window(NamedTuple):
    """An amount of AI progress within a time: ``pace`` times the recent pace for ``length`` years."""

    name: str
    pace: float
    length: float
    label: str

    @property
    def milestone(self) -> Milestone:
        """The milestone that such an amount of progress has been made."""
        definition = (
            f"the doublings of software that {self.pace * self.length:.4g} years of recent AI progress hold,"
            f" rounded down, have taken less than {12 * self.length:.0f} months"
        )
        return Milestone(self.name, self.label, definition)


WINDOWS: Final = (
    Window("three_years_in_twelve_months", 3.0, 1.0, "3 years in 12 months"),
    Window("three_years_in_four_months", 10.0, 1.0 / 3.0, "3 years in 4 months"),
    Window("ten_years_in_twelve_months", 10.0, 1.0, "10 years in 12 months"),
    Window("ten_years_in_four_months", 30.0, 1.0 / 3.0, "10 years in 4 months"),
)

_OBSERVABLES = (
    Observable(
        "doublings",
        "Doublings of software",
        "1",
        grid=Grid(low=0.0, width=0.25, bins=4 * MOST_DOUBLINGS + 4),
        note="Since {start:g}.",
    ),
    Observable("pace", "Pace of AI progress over the recent one", "1"),
)

_EXTRAS = (
    Extra(
        "progress",
        "AI progress by the horizon",
        "year",
        "Years of recent AI progress that are made from the start to the horizon.",
        "number",
    ),
    Extra(
        "fastest_pace",
        "Fastest pace",
        "1",
        "Largest pace of AI progress in any doubling, over the recent pace.",
        "number",
    ),
)


def _progress_per_doubling(inputs: FloatArray) -> FloatArray:
    """Return the years of recent AI progress that a doubling of software is."""
    return np.asarray(inputs[0] * inputs[1])


class Doublings(NamedTuple):
    """The doublings of software of a block of draws.

    Attributes
    ----------
    dates : array, shape (doublings + 2, draws)
        Years after the start at which software has doubled 0, 1, 2, ... times; +inf for doublings that do
        not come, at least in the last row.
    durations : array, shape (doublings + 1, draws)
        Years that the doubling after each date takes. They are kept apart because late doublings can be
        shorter than a date resolves.
    """

    dates: FloatArray
    durations: FloatArray

    def at(self, times: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return doublings and the duration of the present one at some times, shape (times, draws).

        The logarithm of software is linear in time during a doubling. A draw that has ended stands still.
        """
        draws = np.arange(self.dates.shape[1])
        doublings, durations = np.empty((2, len(times), len(draws)))
        for k, time in enumerate(times):
            done = np.count_nonzero(self.dates <= time, axis=0) - 1
            durations[k] = self.durations[done, draws]
            doublings[k] = done + np.minimum((time - self.dates[done, draws]) / durations[k], 1.0)
        return doublings, durations


def software_doublings(inputs: FloatArray, span: float, scheme: str = CODE) -> Doublings:
    """Return the doublings of software until the limit, the end of all returns or the horizon.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Draws of `PARAMETERS`.
    span : float
        Years from the start to the horizon. The doubling during which it passes is the last one.
    scheme : {"code", "paper"}
        Which returns a doubling takes.

    Returns
    -------
    Doublings
        Dates and durations.
    """
    speedup, first_returns, decline, parallel, retraining = inputs[3:]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        limit = np.fmin(inputs[2] / _progress_per_doubling(inputs), MOST_DOUBLINGS)
        last = int(np.ceil(limit.max(initial=1.0)))
        dates = np.full((last + 2, inputs.shape[1]), np.inf)
        durations = np.full((last + 1, inputs.shape[1]), np.inf)
        dates[0] = 0.0
        duration, returns = inputs[0] / speedup, first_returns
        for i in range(last):
            going = (dates[i] < span) & (i < limit) & (returns > 0.0)
            durations[i] = np.where(going, duration, np.inf)
            dates[i + 1] = dates[i] + durations[i]
            before, returns = returns, first_returns * (1.0 - decline * (i + 1) / limit)
            exponent = parallel * (1.0 / (returns if scheme == CODE else before) - 1.0)
            duration = duration * np.exp2(exponent / (1.0 + retraining * exponent))
    return Doublings(dates, durations)


def first_window(dates: FloatArray, doublings: FloatArray, length: float) -> FloatArray:
    """Return the end of the first so many doublings in a row that take less than ``length`` years.

    Parameters
    ----------
    dates : array, shape (doublings + 2, draws)
        From `software_doublings`.
    doublings : array of whole numbers, shape (draws,)
        How many doublings in a row.
    length : float
        Years.

    Returns
    -------
    array, shape (draws,)
        Years after the start; +inf where there are none.
    """
    begin = np.arange(len(dates))[:, None]
    count = np.fmax(np.fmin(doublings, len(dates)), 0.0).astype(np.int64)
    end = np.minimum(begin + count, len(dates) - 1)
    ends = np.take_along_axis(dates, end, axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(ends - dates < length, ends, np.inf).min(axis=0))


# A draw in which a formula leaves the support of a parameter comes here too, before it is counted as failed.
@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when each amount of progress is made; inputs of shape (parameters, draws)."""
    grid = setup.grid
    span = grid.horizon - grid.start
    software = software_doublings(inputs, span, setup.scheme or CODE)
    progress = _progress_per_doubling(inputs)
    reached = np.empty((len(WINDOWS), inputs.shape[1]))
    for row, window in enumerate(WINDOWS):
        doublings = np.floor(window.pace * window.length / progress + _ROUNDING)
        reached[row] = first_window(software.dates, doublings, window.length)
    arrival = grid.start + reached
    late = ~(arrival < grid.horizon)
    ended = np.where(np.isfinite(software.dates), software.dates, 0.0).max(axis=0) < span
    status = np.where(late, np.where(ended, Status.NEVER, Status.NOT_BY_HORIZON), Status.REACHED)
    made, _ = software.at(np.array([span]))
    extras = {"progress": progress * made[0], "fastest_pace": progress / software.durations.min(axis=0)}
    doublings, _ = software.at(grid.observed_times - grid.start)
    return Outcomes(np.where(late, np.inf, arrival), status.astype(np.int8), {"doublings": doublings}, extras)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return both observables at every step, shape (draws, times)."""
    grid = setup.grid
    software = software_doublings(inputs, grid.horizon - grid.start, setup.scheme or CODE)
    doublings, durations = software.at(grid.times - grid.start)
    return {"doublings": doublings.T.copy(), "pace": (_progress_per_doubling(inputs) / durations).T.copy()}


def _doublings_within_bound(doubling_time: FloatArray, share: FloatArray, limit: FloatArray) -> BoolArray:
    return np.asarray(limit <= MOST_DOUBLINGS * doubling_time * share)


def _doubling_within_window(doubling_time: FloatArray, share: FloatArray) -> BoolArray:
    least = min(window.pace * window.length for window in WINDOWS)
    return np.asarray(doubling_time * share <= least)


MODEL = Model(
    name="software_explosion",
    title="Software explosion: progress after AI has replaced all software researchers",
    parameters=PARAMETERS,
    milestones=tuple(window.milestone for window in WINDOWS),
    headline=WINDOWS[0].name,
    observables=_OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    durations=(
        Duration(
            "three_to_ten_years",
            "from 3 to 10 years of progress in 12 months",
            "three_years_in_twelve_months",
            "ten_years_in_twelve_months",
        ),
    ),
    constraints=(
        Constraint(
            "doublings_within_bound",
            ("software.doubling_time", "software.share_of_progress", "software.limit"),
            _doublings_within_bound,
            f"the limit of software is at most {MOST_DOUBLINGS} doublings away",
        ),
        Constraint(
            "doubling_within_window",
            ("software.doubling_time", "software.share_of_progress"),
            _doubling_within_window,
            "a doubling of software is at most 3 years of recent AI progress",
        ),
    ),
    steps=("month", "quarter", "year", "week"),
    schemes=(CODE, PAPER),
    extras=_EXTRAS,
)
