"""Histograms of arrivals by year, and of arrivals against a duration: counts, never smoothed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.histogram import bin_shares
from timecone.results.estimators.sample import UnweightedSample
from timecone.results.run_file.access import (
    counted_draws,
    counts,
    duration_of,
    group,
    headline,
    is_duration,
    keeps_all,
    milestones,
    sample,
    stored_values,
)
from timecone.results.run_file.not_yet import softer_rule
from timecone.results.run_file.probabilities import horizon
from timecone.schema import OUTCOMES, SHIFT, SHIFT_RULE, FloatArray, Status

#: Widths of bins to choose from, years.
WIDTHS = (1, 2, 5, 10, 20)
# Sum of the standard errors of all bins that a histogram may have: what is noise of its area.
_NOISE = 0.1


def arrival_histogram(
    run: xr.DataTree, quantity: str, *, width: int | None = None, where: Mapping[str, str] | None = None
) -> xr.DataArray:
    """Return the probability of arrival in each bin of calendar years.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str
        A milestone of the run.
    width : int, optional
        Calendar years per bin; by default the fewest of 1, 2, 5, 10 and 20 at which the standard errors of
        all bins add up to no more than 0.1.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    DataArray, dims (bin,)
        Coordinates ``begin`` and ``end`` (decimal years; the last bin ends at the horizon), ``lower``,
        ``upper`` (95 % interval) and ``standard_error``. Attributes ``before_start``, ``not_by_horizon`` and
        ``never`` hold what is in no bin; with it the bins sum to 1. ``never`` is part of ``not_by_horizon``.

    Raises
    ------
    ArgumentError
        A duration, an unknown quantity, choice or value, or a width below 1.
    """
    if is_duration(run, quantity):
        raise ArgumentError(
            "duration-has-no-calendar-year",
            "a duration has no calendar year",
            where="quantity",
            got=quantity,
            remedy="Draw the figure duration.",
        )
    if width is not None and width < 1:
        raise ArgumentError(
            "invalid-bin-width", "invalid bin width", where="width", got=width, allowed="whole years from 1"
        )
    values = sample(run, quantity, where)
    if softer_rule(run) == SHIFT_RULE:
        before = _left_at_start(run, quantity, where, values)
    else:
        before = _of_status(run, quantity, where, Status.BEFORE_START)
    for years in WIDTHS if width is None else (width,):
        histogram = _histogram(run, values, years, before)
        if float(histogram["standard_error"].sum()) <= _NOISE:
            break
    never = _of_status(run, quantity, where, Status.NEVER)
    return histogram.rename(quantity).assign_attrs(never=never / values.size, width=years)


def _of_status(run: xr.DataTree, quantity: str, where: Mapping[str, str] | None, status: Status) -> int:
    """Return how many counted draws have a status; 0 where the run does not say."""
    position = milestones(run).index(quantity)
    if keeps_all(run) and "status" in group(run, OUTCOMES):
        stored = group(run, OUTCOMES)["status"].isel(milestone=position).values
        return int(np.count_nonzero(stored[counted_draws(run, where)] == status))
    dataset, chosen = counts(run, where)
    if "status_count" not in dataset:
        return 0
    count = dataset["status_count"].isel(milestone=position)
    return int(count.transpose("cell", "status").values[chosen, status].sum())


def _left_at_start(
    run: xr.DataTree, quantity: str, where: Mapping[str, str] | None, values: UnweightedSample
) -> int:
    """Return how many counted draws had a milestone before the start and were not shifted.

    The status is that of the dates before the shift, so the share is that in the stored draws.
    """
    outcomes, chosen = group(run, OUTCOMES), counted_draws(run, where)
    early = outcomes["status"].sel(milestone=quantity).values == Status.BEFORE_START
    left = int(np.count_nonzero(early[chosen] & (outcomes[SHIFT].values[chosen] == 0.0)))
    share = left / max(int(np.count_nonzero(chosen)), 1)
    first_year = np.array([np.floor(float(run.attrs["start"])) + 1.0])
    return min(round(share * values.size), int(values.count_below(first_year)[0]))


def _histogram(run: xr.DataTree, values: UnweightedSample, width: int, before: int) -> xr.DataArray:
    start, last = float(run.attrs["start"]), horizon(run)
    edges = np.arange(np.floor(start), last, width)
    edges = np.append(edges, last)
    # What had happened at the start is stored as arriving then.
    estimate = bin_shares(values, edges, before)
    rest = values.size - int(values.count_below(edges[-1:])[0])
    return xr.DataArray(
        estimate.value,
        dims="bin",
        coords={
            "begin": ("bin", np.maximum(edges[:-1], start)),
            "end": ("bin", edges[1:]),
            "lower": ("bin", estimate.lower),
            "upper": ("bin", estimate.upper),
            "standard_error": ("bin", estimate.standard_error),
        },
        attrs={
            "draws": values.size,
            "before_start": before / values.size,
            "not_by_horizon": rest / values.size,
            "interval": "95 %",
        },
    )


def joint_histogram(
    run: xr.DataTree, dates: FloatArray, durations: FloatArray, name: str | None = None
) -> xr.Dataset:
    """Return how the headline's arrival and a duration go together, in the stored draws.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    dates, durations : arrays
        Increasing edges of bins, decimal years and years; durations above 0.
    name : str, optional
        A duration of the run; the first one by default.

    Returns
    -------
    Dataset, dims (date, duration)
        ``draws`` by bin, with coordinates ``date_begin``, ``date_end``, ``duration_begin``, ``duration_end``.
        The first bin of durations begins at 0 and ends at the first edge, the last date ends at infinity, not
        included. Attributes: ``counted`` draws, of them ``not_arrived``.

    Raises
    ------
    ArgumentError
        No stored draw counts.
    """
    duration, chosen = stored_values(run, duration_of(run, name), None)
    if not chosen.any():
        raise ArgumentError(
            "no-draws-left",
            "no draws are left",
            where="run",
            got=run.attrs["name"],
            remedy="Keep more draws.",
        )
    arrival, _ = stored_values(run, headline(run), None)
    arrival, duration = arrival[chosen], duration[chosen]
    finite = np.isfinite(arrival) & np.isfinite(duration)
    x, y = np.append(dates, np.inf), np.concatenate([[0.0], durations, [np.inf]])
    column = np.clip(np.searchsorted(x, arrival[finite], side="right") - 1, 0, x.size - 2)
    row = np.clip(np.searchsorted(y, duration[finite], side="right") - 1, 0, y.size - 2)
    counts = np.zeros((x.size - 1, y.size - 1), dtype=np.int64)
    np.add.at(counts, (column, row), 1)
    return xr.Dataset(
        {"draws": (("date", "duration"), counts)},
        coords={
            "date_begin": ("date", x[:-1]), "date_end": ("date", x[1:]),
            "duration_begin": ("duration", y[:-1]), "duration_end": ("duration", y[1:]),
        },
        attrs={"counted": int(chosen.sum()), "not_arrived": int(np.count_nonzero(~finite))},
    )  # fmt: skip
