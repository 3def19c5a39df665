"""Distribution functions and fans over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.access import counts_by_value, group, replicates, sample, summarised
from timecone.results.probabilities import before, horizon
from timecone.schema import LEVEL_LOW, LEVEL_WIDTH, SUMMARY, TAKEOFF, FloatArray, IntArray


def cdf(
    run: xr.DataTree,
    quantity: str,
    *,
    step: float = 0.25,
    where: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Return the distribution function of an arrival or of the takeoff duration.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str
        A milestone of the run, or ``"takeoff_duration"``.
    step : float
        Distance of the points in years, a multiple of the bin of 0.005 years.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (date,)
        Share of all counted draws below each date, from the start to the horizon and never beyond: the rest
        is the attribute ``not_by_horizon``. For durations ``date`` is a number of years.
    """
    if not step > 0.0:
        raise ArgumentError("the step is not positive", where="step", got=step)
    last, first = horizon(run), float(run.attrs["start"])
    low, high = (0.0, last - first) if quantity == TAKEOFF else (first, last)
    dates = np.append(np.arange(low, high - 1e-9, step), high)
    parts = replicates(run, quantity, where)
    return before(sample(run, quantity, where), dates, parts).rename(quantity)


def level_percentiles(counts: IntArray, q: FloatArray) -> FloatArray:
    """Return percentiles of level counts; counts of shape (..., bins), result (..., q).

    Linear inside a bin, so the error is a fraction of `schema.LEVEL_WIDTH`.
    """
    flat = counts.reshape(-1, counts.shape[-1])
    edges = LEVEL_LOW + LEVEL_WIDTH * np.arange(counts.shape[-1] + 1)
    out = np.full((len(flat), len(q)), np.nan)
    for row, count in enumerate(flat):
        cumulative = np.concatenate([[0], np.cumsum(count)])
        if cumulative[-1]:
            occupied = np.concatenate([[True], count > 0])
            out[row] = np.interp(q / 100.0 * cumulative[-1], cumulative[occupied], edges[occupied])
    return out.reshape(*counts.shape[:-1], len(q))


def fan(run: xr.DataTree) -> xr.DataArray:
    """Return the main observable's percentiles by time, dims (time, percentile)."""
    return summarised(run, "fan")


def thresholds(run: xr.DataTree, choice: str | None = None) -> xr.DataArray:
    """Return percentiles of the threshold, for all draws or by value of a choice.

    Returns
    -------
    DataArray, dims (value, percentile)
        Level in the unit of the main observable; value "all" without a choice.
    """
    q = group(run, SUMMARY)["percentile"].values
    by_value = counts_by_value(run, "threshold_count", choice)
    names, grouped = list(by_value), np.array(list(by_value.values()))
    return xr.DataArray(
        level_percentiles(grouped, q),
        dims=("value", "percentile"),
        coords={"value": names, "percentile": q},
    )
