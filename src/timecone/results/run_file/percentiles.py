"""Percentiles of censored dates and durations, with their Monte Carlo error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.failure_bounds import percentile_bounds
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.sample import ReplicatedSample, SortedSample, UnweightedSample
from timecone.results.run_file.access import group, keeps_all, sample, stored_failures
from timecone.results.run_file.failures import FAILED_FIRST, FAILED_LAST, failed_attributes
from timecone.schema import REPLICATES, BoolArray, FloatArray

_ALL = 100.0


def percentiles(
    run: xr.DataTree,
    quantity: str,
    q: Sequence[float] = (5, 10, 25, 50, 75, 90, 95),
    *,
    where: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Return percentiles of a milestone's arrival, or of a duration.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    quantity : str
        A milestone or a duration of the run.
    q : sequence of float
        Percentiles in (0, 100).
    where : mapping, optional
        Values of choices to condition on, for instance ``{"threshold": "bio_anchors"}``.

    Returns
    -------
    DataArray, dims (percentile,)
        Decimal years, or years of duration; +inf where beyond the horizon. The inverted empirical CDF: always
        one of the draws (or its bin, where a run does not keep them all; attribute ``resolution``).
        Coordinates ``lower`` and ``upper`` are the 95 % order-statistic interval, ``standard_error`` what it
        implies; ``failed_first`` and ``failed_last`` are the percentile if every failed draw came before all
        others (-inf: a failed draw itself), or after them. Attributes ``failed`` and ``failed_share`` say how
        many draws failed.

    Raises
    ------
    ArgumentError
        A percentile outside (0, 100), only percentiles below 1 (probabilities?), or an unknown quantity,
        choice or value.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> p = tc.percentiles(run, "tai", [5, 50, 95])
    >>> p.dims, bool(p[0] < p[1] < p[2])
    (('percentile',), True)
    """
    failed = failed_attributes(run, where)
    values, level = sample(run, quantity, where), levels(q)
    return of_sample(values, level, int(failed["failed"])).rename(quantity).assign_attrs(failed)


def levels(q: Sequence[float]) -> FloatArray:
    """Return percentiles as an array, shape (levels,); refuse probabilities and what is outside (0, 100)."""
    level: FloatArray = np.atleast_1d(np.asarray(q, dtype=np.float64))
    if level.size == 0 or not np.all((level > 0.0) & (level < _ALL)):
        raise ArgumentError(
            "percentile-out-of-range",
            "a percentile is outside its range",
            where="q",
            got=list(q),
            allowed="numbers above 0 and below 100",
        )
    if np.all(level < 1.0):
        raise ArgumentError(
            "percentiles-look-like-probabilities",
            "all percentiles are below 1, as probabilities are",
            where="q",
            got=list(q),
            remedy="Percentiles run from 0 to 100: the median is 50, not 0.5. To ask for"
            " percentiles below 1, include one of 1 or more.",
        )
    return level


def of_sample(values: UnweightedSample, q: FloatArray, failed: int = 0) -> xr.DataArray:
    """Return percentiles of a sample, as `percentiles` does.

    Parameters
    ----------
    values : UnweightedSample
        The draws that count.
    q : array, shape (levels,)
        Percentiles.
    failed : int
        Draws that failed.
    """
    p = q / _ALL
    estimate = quantiles(values, p)
    first, last = percentile_bounds(values, p, failed)
    return xr.DataArray(
        estimate.value,
        dims="percentile",
        coords={
            "percentile": q,
            "lower": ("percentile", estimate.lower),
            "upper": ("percentile", estimate.upper),
            "standard_error": ("percentile", estimate.standard_error),
            FAILED_FIRST: ("percentile", first),
            FAILED_LAST: ("percentile", last),
        },
        attrs={
            "draws": values.size,
            "failed": failed,
            "resolution": values.resolution,
            "interval": "95 %",
        },
    )


def of_stored(
    run: xr.DataTree,
    values: FloatArray,
    chosen: BoolArray,
    q: FloatArray,
    where: Mapping[str, str] | None = None,
) -> xr.DataArray:
    """Return percentiles of numbers of the stored draws, as `percentiles` does.

    Parameters
    ----------
    run : DataTree
        The run.
    values, chosen : arrays, shape (draws,)
        A number of every stored draw, and which draws to take; one of them at least.
    q : array, shape (levels,)
        Percentiles.
    where : mapping, optional
        Values of choices to which the chosen draws belong; the stored draws that failed with them bound the
        percentiles.
    """
    pooled = SortedSample(np.sort(values[chosen]))
    parts: list[SortedSample] = []
    if REPLICATES in run.children and keeps_all(run):
        # The first so many draws are the first replicate, and so on.
        count = group(run, REPLICATES).sizes["replicate"]
        pairs = zip(np.split(values, count), np.split(chosen, count), strict=True)
        parts = [SortedSample(np.sort(v[c])) for v, c in pairs]
    replicated = parts and all(part.size for part in parts)
    failed = int(stored_failures(run, where).sum())
    return of_sample(ReplicatedSample(pooled, parts) if replicated else pooled, q, failed)
