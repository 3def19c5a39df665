"""Probabilities of arrival by the end of a year, with their Monte Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.failure_bounds import probability_bounds
from timecone.results.estimators.intervals import Estimate
from timecone.results.estimators.probabilities import shares_below
from timecone.results.estimators.sample import Sample
from timecone.results.run_file.access import is_duration, sample
from timecone.results.run_file.failures import FAILED_FIRST, FAILED_LAST, failed_attributes

#: Calendar years by whose end probabilities are told where none are asked for.
YEARS = (2028, 2030, 2035, 2040, 2050, 2075, 2100)


def horizon(run: xr.DataTree) -> float:
    """Return the run's horizon, a decimal year."""
    return float(run.attrs["horizon"])


def default_years(*runs: xr.DataTree) -> list[int]:
    """Return the usual years between the start and the horizon of all runs, or the last one, or none."""
    first, last = max(float(run.attrs["start"]) for run in runs), min(map(horizon, runs))
    inside = [y for y in YEARS if first <= y and y + 1 <= last]
    final = int(np.floor(last)) - 1
    return inside or [final] * (final + 1 > first)


def probability_by(
    run: xr.DataTree,
    quantity: str,
    years: Sequence[int],
    *,
    where: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Return the probability that a milestone arrives by the end of each year.

    "By 2030" means before 2031-01-01.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str
        A milestone of the run.
    years : sequence of int
        Calendar years that end after the start and not after the horizon.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (year,)
        Probabilities; coordinates ``lower`` and ``upper`` are the 95 % Wilson interval, ``standard_error``
        what it implies; ``failed_first`` and ``failed_last`` are the probability if every failed draw arrived
        first, or never. Attribute ``not_by_horizon`` is the mass beyond the horizon, with its interval
        ``not_by_horizon_lower`` and ``not_by_horizon_upper`` and its standard error ``not_by_horizon_error``;
        ``failed`` is the number of draws that failed and ``failed_share`` their share.

    Raises
    ------
    ArgumentError
        A year that ends before the start or after the horizon, or an unknown quantity, choice or value.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> p = tc.probability_by(run, "tai", [2030, 2050])
    >>> p.dims, bool(0.0 <= p[0] < p[1] <= 1.0)
    (('year',), True)
    """
    year = np.atleast_1d(np.asarray(years))
    if is_duration(run, quantity):
        raise ArgumentError(
            "duration-has-no-calendar-year",
            "a duration has no calendar year",
            where="quantity",
            got=quantity,
            remedy="Ask for its percentiles.",
        )
    if year.size == 0 or not np.all(np.isfinite(year) & (year == np.floor(year))):
        raise ArgumentError("not-whole-years", "not whole calendar years", where="years", got=list(years))
    _require_within(run, year)
    values, failed = sample(run, quantity, where), failed_attributes(run, where)
    array = probability_before(values, year + 1.0)
    bounds = probability_bounds(values.count_below(year + 1.0), values.size, int(failed["failed"]))
    array = array.assign_coords({FAILED_FIRST: ("date", bounds[0]), FAILED_LAST: ("date", bounds[1])})
    array = array.assign_attrs(failed)
    return array.rename(quantity).rename(date="year").assign_coords(year=year)


def _require_within(run: xr.DataTree, year: np.ndarray) -> None:
    """Refuse years of which the run knows nothing: those that end by its start or after its horizon."""
    first, last = float(run.attrs["start"]), horizon(run)
    allowed = f"years from {int(np.floor(first))} to {int(np.floor(last)) - 1}"
    if np.any(year + 1.0 <= first):
        raise ArgumentError(
            "year-before-start",
            "a year ends before the start",
            where="years",
            got=int(year.min()),
            allowed=allowed,
            remedy="Run with an earlier start: nothing is known before it.",
        )
    if np.any(year + 1.0 > last):
        raise ArgumentError(
            "year-after-horizon",
            "a year ends after the horizon",
            where="years",
            got=int(year.max()),
            allowed=allowed,
            remedy="Run with a later horizon: nothing is known beyond it.",
        )


def probability_before(values: Sample, dates: np.ndarray) -> xr.DataArray:
    """Return the share of a sample below each date (or duration), with its 95 % interval.

    What is not before the horizon is the rest: attribute ``not_by_horizon``, with its own interval.
    """
    estimate = shares_below(values, np.append(np.asarray(dates, dtype=np.float64), np.inf))
    reached = Estimate(*(numbers[-1] for numbers in estimate))
    rest = {
        "not_by_horizon": 1.0 - float(reached.value),
        "not_by_horizon_lower": 1.0 - float(reached.upper),
        "not_by_horizon_upper": 1.0 - float(reached.lower),
        "not_by_horizon_error": float(reached.standard_error),
    }
    return xr.DataArray(
        estimate.value[:-1],
        dims="date",
        coords={
            "date": dates,
            "lower": ("date", estimate.lower[:-1]),
            "upper": ("date", estimate.upper[:-1]),
            "standard_error": ("date", estimate.standard_error[:-1]),
        },
        attrs={"draws": values.size, "interval": "95 %"} | rest,
    )
