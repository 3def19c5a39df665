"""Distribution functions and fans over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.histogram import grid_percentiles
from timecone.results.run_file.access import (
    counts_by_value,
    grid_of,
    group,
    is_duration,
    main_observable,
    sample,
    summarised,
    threshold,
)
from timecone.results.run_file.probabilities import horizon, probability_before
from timecone.schema import COUNT_OF, FAN_OF, SUMMARY


def cdf(
    run: xr.DataTree,
    quantity: str,
    *,
    step: float = 0.25,
    where: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Return the distribution function of an arrival or of a duration.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str
        A milestone or a duration of the run.
    step : float
        Distance of the points in years, a multiple of the bin of 0.005 years.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (date,)
        Share of all counted draws below each date, from the start to the horizon and never beyond: the rest
        is the attribute ``not_by_horizon``. For durations ``date`` is a number of years.

    Raises
    ------
    ArgumentError
        The step is not positive, or an unknown quantity, choice or value.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> curve = tc.cdf(run, "tai", step=1.0)
    >>> reached = 1.0 - curve.attrs["not_by_horizon"]
    >>> bool(abs(curve[-1] - reached) < 1e-12)
    True
    """
    if not step > 0.0:
        raise ArgumentError("invalid-step", "the step is not positive", where="step", got=step)
    last, first = horizon(run), float(run.attrs["start"])
    low, high = (0.0, last - first) if is_duration(run, quantity) else (first, last)
    dates = np.append(np.arange(low, high - 1e-9, step), high)
    return probability_before(sample(run, quantity, where), dates).rename(quantity)


def fan(run: xr.DataTree, observable: str | None = None) -> xr.DataArray:
    """Return percentiles by time, over all counted draws; see `grid_percentiles`.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    observable : str, optional
        An observable that is counted over all draws; by default the main one.

    Returns
    -------
    DataArray, dims (time, percentile)

    Raises
    ------
    ArgumentError, RunFileError
        The run is about no observable, or does not count this one.
    """
    return summarised(run, FAN_OF + (observable or main_observable(run)))


def thresholds(run: xr.DataTree, choice: str | None = None) -> xr.DataArray:
    """Return percentiles of the main observable's threshold, for all draws or by value of a choice.

    Returns
    -------
    DataArray, dims (value, percentile)
        Level in the unit of the main observable, +inf where no level suffices; value "all" without a choice.

    Raises
    ------
    ArgumentError
        The main observable has no threshold.
    """
    q = group(run, SUMMARY)["percentile"].values
    name = threshold(run) + COUNT_OF
    by_value = counts_by_value(run, name, choice)
    names, grouped = list(by_value), np.array(list(by_value.values()))
    return xr.DataArray(
        grid_percentiles(grouped, q, grid_of(summarised(run, name))),
        dims=("value", "percentile"),
        coords={"value": names, "percentile": q},
    )
