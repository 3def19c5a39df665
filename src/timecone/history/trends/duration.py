"""Growth of spending on frontier runs, apart from the growth of their duration.

The cost of a run is its cost per hour times its hours. On the runs for which both are known, the
least-squares slopes of the two logarithms on the date add up to that of cost, so growth of spending is that
of the cluster, in USD per hour, and that of the length of the run.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.history.trends.frontier import top_at_release
from timecone.history.trends.growth import RESAMPLES
from timecone.schema import FloatArray

_FEWEST: Final = 8
_HOURS_PER_YEAR: Final = 8766.0
_INTERVAL: Final = (5.0, 95.0)


class SpendingParts(NamedTuple):
    """Growth of cost, of cost per hour and of duration, OOM per year, each with its 90 % interval.

    Attributes
    ----------
    cost, rate, duration : tuple of float
        Slope, and 5 and 95 % of a bootstrap over runs. The slopes of rate and duration add up to that of
        cost.
    share : tuple of float
        Part of the growth of cost that is due to duration, with the same interval.
    length : float
        Median duration of the runs of the last two years, years.
    runs : int
        Number of runs.

    Examples
    --------
    >>> from timecone.history.trends.duration import SpendingParts
    >>> SpendingParts((0.5, 0.4, 0.6), (0.35, 0.2, 0.4), (0.15, 0.1, 0.2), (0.3, 0.2, 0.4), 0.25, 30).runs
    30
    """

    cost: tuple[float, float, float]
    rate: tuple[float, float, float]
    duration: tuple[float, float, float]
    share: tuple[float, float, float]
    length: float
    runs: int


def spending_parts(
    runs: pd.DataFrame, *, first: float, until: float, top: int = 10, seed: int = 2026
) -> SpendingParts:
    """Split the growth of spending on frontier runs into that of cost per hour and of duration.

    Parameters
    ----------
    runs : DataFrame
        Rows of runs as the readers give them.
    first, until : float
        First and last date of release, decimal years.
    top : int, optional
        Rank at release up to which a run is a frontier run.
    seed : int, optional
        Seed of the bootstrap.

    Returns
    -------
    SpendingParts
        Slopes and their intervals.

    Raises
    ------
    ArgumentError
        Fewer than eight frontier runs have a cost and a duration.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.trends.duration import spending_parts
    >>> parts = spending_parts(read_bundled("runs").rows, first=2018.0, until=2025.6)
    >>> bool(abs(parts.rate[0] + parts.duration[0] - parts.cost[0]) < 1e-9)
    True
    """
    frontier = top_at_release(runs[runs["date"] <= until], top)
    known = frontier[
        (frontier["date"] >= first) & frontier["cost"].notna() & frontier["training_time"].notna()
    ]
    if len(known) < _FEWEST:
        raise ArgumentError(
            "too-few-records",
            "too few frontier runs have a cost and a training time",
            where="runs",
            got=len(known),
            allowed=f"at least {_FEWEST}",
        )
    date = known["date"].to_numpy(float)
    cost, hours = (np.log10(known[name].to_numpy(float)) for name in ("cost", "training_time"))
    series = np.stack([cost, cost - hours, hours])
    slopes = _slopes(date[None], series[:, None])[:, 0]
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(date), (RESAMPLES, len(date)))
    resampled = _slopes(date[chosen], series[:, chosen])
    # A resample of few dates may have any slope; shares are taken where spending grew.
    intervals = np.percentile(resampled, _INTERVAL, axis=1)
    shares = np.percentile((resampled[2] / resampled[0])[resampled[0] > 0.0], _INTERVAL)
    cost_growth, rate, duration = (
        (float(slopes[i]), float(intervals[0, i]), float(intervals[1, i])) for i in range(len(slopes))
    )
    late = 10.0 ** hours[date > until - 2.0]
    return SpendingParts(
        cost=cost_growth,
        rate=rate,
        duration=duration,
        share=(float(slopes[2] / slopes[0]), float(shares[0]), float(shares[1])),
        length=float(np.median(late) / _HOURS_PER_YEAR) if len(late) else float("nan"),
        runs=len(date),
    )


def _slopes(date: FloatArray, series: FloatArray) -> FloatArray:
    """Return least-squares slopes over the last axis: (series, resample)."""
    centred = date - date.mean(axis=-1, keepdims=True)
    return np.asarray((centred * series).sum(axis=-1) / (centred**2).sum(axis=-1))
