"""Distribution functions and fans over time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.access import (
    counts_by_value,
    grid_of,
    group,
    is_duration,
    main_observable,
    replicates,
    sample,
    summarised,
    threshold,
)
from timecone.results.intervals import percentile_rank
from timecone.results.probabilities import before, horizon
from timecone.schema import COUNT_OF, FAN_OF, SUMMARY, FloatArray, Grid, IntArray


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
        raise ArgumentError("the step is not positive", where="step", got=step)
    last, first = horizon(run), float(run.attrs["start"])
    low, high = (0.0, last - first) if is_duration(run, quantity) else (first, last)
    dates = np.append(np.arange(low, high - 1e-9, step), high)
    parts = replicates(run, quantity, where)
    return before(sample(run, quantity, where), dates, parts).rename(quantity)


def grid_percentiles(counts: IntArray, q: FloatArray, grid: Grid) -> FloatArray:
    """Return percentiles of counted values: the inverted empirical CDF, known to within a bin.

    Parameters
    ----------
    counts : array, shape (..., bins)
        Draws by bin of the grid.
    q : array, shape (levels,)
        Percentiles in (0, 100).
    grid : Grid
        The bins.

    Returns
    -------
    array, shape (..., levels)
        The draw of that rank, with the draws of a bin spread evenly over it; NaN without draws. The first and
        the last bin also hold the draws outside the grid, whose level is not known: -inf (below the grid) and
        +inf (above it, or never).

    Examples
    --------
    >>> import numpy as np
    >>> grid = Grid(low=0.0, width=0.02, bins=7000)
    >>> counts = np.zeros(grid.bins, dtype=np.int64)
    >>> counts[1800], counts[-1] = 9, 1
    >>> grid_percentiles(counts, np.array([50.0, 95.0]), grid)
    array([36.01,   inf])
    """
    bins = counts.shape[-1]
    flat = counts.reshape(-1, bins)
    out = np.full((len(flat), len(q)), np.nan)
    for row, count in enumerate(flat):
        cumulative = np.cumsum(count)
        if cumulative[-1]:
            rank = percentile_rank(q / 100.0, int(cumulative[-1]))
            k = np.searchsorted(cumulative, rank, side="left")
            # The draws of a bin stand at the middles of as many equal parts of it.
            within = (rank - (cumulative[k] - count[k]) - 0.5) / count[k]
            level = grid.low + grid.width * (k + within)
            out[row] = np.select([k == 0, k == bins - 1], [-np.inf, np.inf], level)
    return out.reshape(*counts.shape[:-1], len(q))


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
