"""Trend of an index of capabilities, such as Epoch AI's: points a year of models that were best at release.

The zero of an index is arbitrary, so growth is stated in points and not as a factor.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from timecone.history.trends.frontier import records_at_release
from timecone.history.trends.growth import RESAMPLES
from timecone.history.trends.series import Series, checked

_LEAST = 4


class IndexTrend(NamedTuple):
    """A line through an index.

    Attributes
    ----------
    points_per_year, low, high : float
        Its slope with the interval that holds 90 %.
    models : int
        Number of models that it is fitted to.
    first : float
        First date, decimal year.
    newest, score : float
        Date and score of the newest of these models.

    Examples
    --------
    >>> from timecone.history.horizons.index import IndexTrend
    >>> IndexTrend(15.0, 13.0, 17.0, 12, 2023.2, 2026.3, 161.0).points_per_year
    15.0
    """

    points_per_year: float
    low: float
    high: float
    models: int
    first: float
    newest: float
    score: float


def index_trend(rows: pd.DataFrame, *, since: float = -math.inf, seed: int = 2026) -> IndexTrend:
    """Fit a line to the scores of the models that were best at release.

    Parameters
    ----------
    rows : DataFrame
        Rows of kind ``"capabilities"`` as the reader gives them. Of several rows with one date and score,
        such as settings of one model, one counts.
    since : float, optional
        First date of the fit, decimal year.
    seed : int, optional
        Seed of the bootstrap over models.

    Returns
    -------
    IndexTrend
        Points a year with their 90 % interval.

    Raises
    ------
    ArgumentError
        There are fewer than four such models.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.index import index_trend
    >>> rows = pd.DataFrame({"date": [2023.0, 2024.0, 2025.0, 2025.5, 2026.0],
    ...                      "score": [100.0, 115.0, 130.0, 120.0, 145.0]})
    >>> trend = index_trend(rows)
    >>> round(trend.points_per_year, 6), trend.models
    (15.0, 4)
    """
    best = records_at_release(rows, "score").drop_duplicates(["date", "score"])
    best = best[best["date"] >= since]
    dates, scores = best["date"].to_numpy(np.float64), best["score"].to_numpy(np.float64)
    checked(Series(dates, scores), _LEAST)
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, len(dates), (RESAMPLES, len(dates)))
    times = dates[chosen] - dates[chosen].mean(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        slopes = (times * scores[chosen]).sum(axis=1) / (times**2).sum(axis=1)
    # A resample of one date alone has no slope.
    low, high = np.nanquantile(slopes, [0.05, 0.95])
    centred = dates - dates.mean()
    return IndexTrend(
        points_per_year=float((centred * scores).sum() / (centred**2).sum()),
        low=float(low),
        high=float(high),
        models=len(dates),
        first=float(dates[0]),
        newest=float(dates[-1]),
        score=float(scores[-1]),
    )
