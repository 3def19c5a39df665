"""Distribution function of a milestone as a date question of Metaculus takes it: 201 values.

The values stand at equal steps of the question's own axis, which is linear in time or, with a zero point,
logarithmic. The platform refuses a forecast that breaks one of its rules:

- 201 values; a step of 5e-5 at least (0.01 / 200) and 0.2 at most;
- at a closed bound exactly 0 (lower) or 1 (upper); at an open one 0.001 at least, or 0.999 at most.

Metaculus, API documentation (``docs/openapi.yml``) and validation of forecasts, both as of 2026. Masses that
lie below a minimum are raised to it, and all others are scaled down alike: of all distributions that satisfy
the minima this is the one with the least Kullback-Leibler divergence from the run's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.run_file.access import headline, is_duration, label, sample
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.probabilities import horizon
from timecone.results.tables import rounding
from timecone.schema import FloatArray

#: Values of the distribution function, and steps between them.
POINTS: Final = 201
STEPS: Final = POINTS - 1
#: Least and largest probability of a step, and least probability beyond an open bound.
LEAST_STEP: Final = 0.01 / STEPS
LARGEST_STEP: Final = 0.2
LEAST_BEYOND: Final = 0.001
#: Decimals that the platform keeps of each value.
_DECIMALS: Final = 10
# What rounding to these decimals may take from a step.
_ROUNDING: Final = 10.0**-_DECIMALS
#: A bound of this size or more is in seconds since 1970, as the platform has it; else a decimal year.
_SECONDS: Final = 1e5
_FIRST_YEAR, _LAST_YEAR = 1.0, 9999.0

type Moment = date | datetime | float | str


@dataclass(frozen=True)
class MetaculusForecast:
    """A forecast of a date question.

    Attributes
    ----------
    continuous_cdf : tuple of float
        201 values, as the platform takes them.
    dates : tuple of float
        The decimal years at which they stand.
    raw : tuple of float
        The run's own distribution function there, before anything was adjusted.
    adjustments : tuple of str
        What was changed to satisfy the platform's rules, in sentences; it always says how much was moved.
    moved : float
        Probability that was moved: half the sum of the absolute changes of all masses.
    run_id, quantity : str
        What is forecast, and by which run.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
    >>> forecast = tc.metaculus(run, range_min=2026, range_max=2100, open_upper=True)
    >>> forecast.quantity, forecast.dates[0], forecast.dates[-1]
    ('tai', 2026.0, 2100.0)
    """

    continuous_cdf: tuple[float, ...]
    dates: tuple[float, ...]
    raw: tuple[float, ...]
    adjustments: tuple[str, ...]
    moved: float
    run_id: str
    quantity: str

    def payload(self, question: int) -> list[dict[str, Any]]:
        """Return the body of the request that submits the forecast.

        Parameters
        ----------
        question : int
            Number of the question (not of its post).

        Returns
        -------
        list of dict
            One entry, with the number of the question and the values.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
        >>> forecast = tc.metaculus(run, range_min="2026-01-01", range_max="2100-01-01", open_upper=True)
        >>> [sorted(part) for part in forecast.payload(3479)]
        [['continuous_cdf', 'question']]
        """
        return [{"question": question, "continuous_cdf": list(self.continuous_cdf)}]


def metaculus(
    run: xr.DataTree,
    quantity: str | None = None,
    *,
    range_min: Moment,
    range_max: Moment,
    open_lower: bool = False,
    open_upper: bool = False,
    zero_point: Moment | None = None,
    within: bool = False,
    where: Mapping[str, str] | None = None,
) -> MetaculusForecast:
    """Return the distribution function of a milestone as a date question of Metaculus takes it.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str, optional
        A milestone; the headline by default.
    range_min, range_max : date, str or float
        The question's range: a date, an ISO date or time (UTC), a decimal year, or seconds since 1970 as the
        platform's ``scaling`` states them.
    open_lower, open_upper : bool, default: False
        Whether the date may lie before, or after, the range (``open_lower_bound``, ``open_upper_bound``).
    zero_point : date, str or float, optional
        Zero point of a question whose axis is logarithmic; outside the range.
    within : bool, default: False
        Condition on the range where a bound is closed: the probability beyond it is left out and the rest
        scaled up. Without it such a probability is refused.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    MetaculusForecast
        201 values that satisfy the platform's rules, and what was adjusted for it.

    Raises
    ------
    ArgumentError
        The range is not one, or reaches beyond what the run knows; probability lies beyond a closed bound; a
        step would hold more than 0.2.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
    >>> forecast = tc.metaculus(run, range_min="2026-01-01", range_max="2100-01-01", open_upper=True)
    >>> len(forecast.continuous_cdf), forecast.continuous_cdf[0]
    (201, 0.0)
    """
    quantity = quantity or headline(run)
    if is_duration(run, quantity):
        raise ArgumentError(
            "duration-is-no-date",
            "a duration is not a date",
            where="quantity",
            got=quantity,
            allowed="a milestone",
        )
    name = label(run, quantity)
    ends = _seconds("range_min", range_min), _seconds("range_max", range_max)
    zero = None if zero_point is None else _seconds("zero_point", zero_point)
    dates = decimal_years(question_axis(*ends, zero))
    _require_known(run, dates, quantity, where)
    values = sample(run, quantity, where)
    raw = np.asarray(values.share_below(dates))
    masses = np.diff(raw, prepend=0.0, append=1.0)
    masses, told = _conditioned(masses, open_lower=open_lower, open_upper=open_upper, within=within)
    adjusted, changes = _satisfied(masses, open_lower=open_lower, open_upper=open_upper)
    cdf = np.round(np.cumsum(adjusted[:-1]), _DECIMALS)
    if not open_upper:
        cdf[-1] = 1.0
    moved = 0.5 * float(np.abs(adjusted - masses).sum())
    failed = failed_draws(run)
    if failed:
        share = rounding.share_of(failed, int(run.attrs["draws"]))
        told.append(f"{share} of the draws failed and are in no number.")
    amount = (
        f"In all {_percent(moved)} of the probability was moved." if changes else "No probability was moved."
    )
    return MetaculusForecast(
        continuous_cdf=tuple(cdf.tolist()),
        dates=tuple(dates.tolist()),
        raw=tuple(raw.tolist()),
        adjustments=(*told, *changes, f"{name}: {amount}"),
        moved=moved,
        run_id=str(run.attrs["run_id"]),
        quantity=quantity,
    )


def question_axis(range_min: float, range_max: float, zero_point: float | None = None) -> FloatArray:
    """Return the 201 places of a question's values, on the scale of its range.

    Without a zero point they are equally spaced; with one, their distances from it are a geometric sequence.

    Raises
    ------
    ArgumentError
        The range is not increasing, or the zero point lies in it.

    Examples
    --------
    >>> question_axis(0.0, 200.0)[:3].tolist()
    [0.0, 1.0, 2.0]
    >>> axis = question_axis(1.0, 100.0, 0.0)
    >>> bool(abs(axis[100] - 10.0) < 1e-12)
    True
    """
    if not range_min < range_max:
        raise ArgumentError(
            "question-range-not-increasing",
            "the range does not increase",
            where="range_min, range_max",
            got=(range_min, range_max),
            allowed="range_min before range_max",
        )
    place = np.linspace(0.0, 1.0, POINTS)
    if zero_point is None:
        return range_min + (range_max - range_min) * place
    if range_min <= zero_point <= range_max:
        raise ArgumentError(
            "zero-point-in-range",
            "the zero point lies in the range",
            where="zero_point",
            got=zero_point,
            allowed="a point before range_min, or after range_max",
        )
    ratio = (range_max - zero_point) / (range_min - zero_point)
    axis: FloatArray = zero_point + (range_min - zero_point) * ratio**place
    axis[[0, -1]] = range_min, range_max
    return axis


def decimal_years(seconds: FloatArray) -> FloatArray:
    """Return moments, in seconds since 1970 (UTC), as decimal years.

    Examples
    --------
    >>> decimal_years(np.array([0.0, 86400.0 * 365 * 0.5])).tolist()
    [1970.0, 1970.5]
    """
    moments = np.asarray(np.floor(seconds), dtype="datetime64[s]")
    years = moments.astype("datetime64[Y]")
    following_years = years + np.timedelta64(1, "Y")
    first, following = (y.astype("datetime64[s]").astype(np.float64) for y in (years, following_years))
    return years.astype(np.int64) + 1970.0 + (seconds - first) / (following - first)


def _percent(share: float) -> str:
    return f"{100.0 * share:.2f} %"


def _seconds(where: str, moment: Moment) -> float:
    """Return a moment in seconds since 1970."""
    if isinstance(moment, str):
        text = moment
        try:
            moment = float(text)
        except ValueError:
            moment = _parsed(where, text)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(moment, date):
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC).timestamp()
    number = float(moment)
    if abs(number) >= _SECONDS and abs(number) < _SECONDS**2 * 10.0:
        return number
    if not _FIRST_YEAR <= number <= _LAST_YEAR:
        raise _not_a_moment(where, moment)
    year = int(number)
    begin = datetime(year, 1, 1, tzinfo=UTC)
    length = timedelta(days=366 if _is_leap(year) else 365)
    return begin.timestamp() + (number - year) * length.total_seconds()


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _parsed(where: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise _not_a_moment(where, text) from None


def _not_a_moment(where: str, got: object) -> ArgumentError:
    return ArgumentError(
        "not-a-moment",
        "not a moment of time",
        where=where,
        got=got,
        allowed="a date (2030-01-31), a decimal year (2030.5), or seconds since 1970",
    )


def _require_known(
    run: xr.DataTree, dates: FloatArray, quantity: str, where: Mapping[str, str] | None
) -> None:
    """Refuse a range of which the run knows only a part."""
    last, first = horizon(run), float(run.attrs["start"])
    if dates[-1] > last:
        raise ArgumentError(
            "question-after-horizon",
            "the range of the question ends after the horizon of the run",
            where="range_max",
            got=round(float(dates[-1]), 3),
            allowed=f"at most {last:g}",
            remedy="Run the scenario with a later horizon: nothing is known beyond it.",
        )
    before = float(sample(run, quantity, where).share_below(np.nextafter([first], np.inf))[0])
    if dates[0] < first and before > 0.0:
        raise ArgumentError(
            "question-before-start",
            f"the range begins before the start of the run, by which {_percent(before)} had come",
            where="range_min",
            got=round(float(dates[0]), 3),
            allowed=f"{first:g} or later",
            remedy="Run the scenario with an earlier start: nothing is known before it.",
        )


def _conditioned(
    masses: FloatArray, *, open_lower: bool, open_upper: bool, within: bool
) -> tuple[FloatArray, list[str]]:
    """Return the masses with none beyond a closed bound, and what was done for it."""
    masses, told = masses.copy(), list[str]()
    for k, side, is_open in ((0, "before", open_lower), (-1, "after", open_upper)):
        beyond = float(masses[k])
        if is_open or beyond == 0.0:
            continue
        if not within:
            raise ArgumentError(
                "probability-beyond-closed-bound",
                f"a probability of {beyond:.4f} lies {side} the range, whose bound is closed",
                where="range_min" if k == 0 else "range_max",
                got=round(beyond, 10),
                allowed="none",
                remedy="State the bound as open if the question has it so; within conditions on the range.",
            )
        masses[k] = 0.0
        told.append(
            f"A probability of {_percent(beyond)} {side} the range was left out, because the bound is closed,"
            " and the rest scaled up: the forecast is conditional on the range."
        )
    total = masses.sum()
    if not total > 0.0:
        raise ArgumentError(
            "no-probability-in-range",
            "no probability lies in the range",
            where="range_min, range_max",
            got=0.0,
            allowed="a range in which the milestone can come",
        )
    return masses / total, told


def _satisfied(masses: FloatArray, *, open_lower: bool, open_upper: bool) -> tuple[FloatArray, list[str]]:
    """Return the masses nearest to some that satisfy the platform's minima, and what was raised."""
    steps = masses[1:-1]
    if steps.max() > LARGEST_STEP:
        k = int(steps.argmax())
        raise ArgumentError(
            "question-step-too-large",
            f"step {k + 1} of {STEPS} would hold a probability of {steps[k]:.4f}",
            where="range_min, range_max",
            got=round(float(steps[k]), 10),
            allowed=f"at most {LARGEST_STEP:g} in each of the {STEPS} steps of the range",
            remedy="The range is too wide for so narrow a forecast.",
        )
    least = np.full(masses.size, LEAST_STEP + _ROUNDING)
    least[0], least[-1] = LEAST_BEYOND * open_lower, LEAST_BEYOND * open_upper
    raised = masses < least
    while True:
        factor = (1.0 - least[raised].sum()) / masses[~raised].sum()
        more = ~raised & (factor * masses < least)
        if not more.any():
            break
        raised |= more
    told = []
    if count := int(raised[1:-1].sum()):
        told.append(
            f"{count} of the {STEPS} steps held less than {LEAST_STEP:g}, the least that the platform takes,"
            " and were raised to it."
        )
    for k, side in ((0, "before"), (-1, "after")):
        if raised[k] and least[k] > 0.0:
            told.append(
                f"The probability {side} the range was raised from {masses[k]:.5f} to {LEAST_BEYOND:g}, the"
                " least that an open bound takes."
            )
    if told:
        told.append("All other probabilities were scaled down alike.")
    return np.where(raised, least, factor * masses), told
