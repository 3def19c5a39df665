"""Trend of the time horizon: a line through log horizons of the models that were best at release.

The line is fitted by least squares, as METR does. Its uncertainty comes from a bootstrap with two parts:
models are drawn with replacement, and the horizon of each is moved by its measurement error, which is partly
common to all models because all attempt the same tasks. With the common share r of the error's variance,
the score of model i is

    z_i = sqrt(r) z + sqrt(1 - r) e_i,    z, e_i ~ N(0, 1).

Resamples with fewer than three different dates do not determine a line well and are drawn again. The first
year of the fit matters more than either part, so a bootstrap takes several first years with equal weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from timecone.errors import ArgumentError
from timecone.history.horizons.best_models import BestModels
from timecone.history.trends.growth import Growth, growth
from timecone.history.trends.series import series
from timecone.schema import FloatArray, IntArray

#: First years of the fits: all models, and the two later starts that METR quotes.
SINCE: Final = (2019.0, 2023.0, 2024.0)
#: Share of the measurement error's variance that all models have in common. The best models since 2024
#: scatter by 0.34 doublings (50 % success) about their line, their measurement errors are 0.51: at least
#: 1 - (0.34 / 0.51)**2 = 0.55 of the variance must be common. At 80 % it is 0.48 against 0.60, or 0.37.
SHARED: Final = 0.5
#: Least number of models for a line.
LEAST_MODELS: Final = 4
_LEAST_DISTINCT: Final = 3


class TrendDraws(NamedTuple):
    """Draws of the trend.

    Attributes
    ----------
    level : ndarray, shape (draws,)
        log2 minutes at ``date``.
    slope : ndarray, shape (draws,)
        Doublings a year, above 0.
    since : ndarray, shape (draws,)
        First year of the fit.
    date : float
        Decimal year of the levels.
    without_growth : int
        Draws left out, because their line does not rise.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.horizons.trend import TrendDraws
    >>> drawn = TrendDraws(np.array([5.0]), np.array([3.0]), np.array([2023.0]), 2026.0, 0)
    >>> 12.0 * drawn.doubling_time
    array([4.])
    """

    level: FloatArray
    slope: FloatArray
    since: FloatArray
    date: float
    without_growth: int

    @property
    def doubling_time(self) -> FloatArray:
        """Years in which the horizon doubles, shape (draws,)."""
        return 1.0 / self.slope

    def at(self, dates: FloatArray) -> FloatArray:
        """Return the trend at some dates.

        Parameters
        ----------
        dates : ndarray, shape (dates,)
            Decimal years.

        Returns
        -------
        ndarray, shape (draws, dates)
            log2 minutes.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.horizons.trend import TrendDraws
        >>> drawn = TrendDraws(np.array([5.0]), np.array([3.0]), np.array([2023.0]), 2026.0, 0)
        >>> drawn.at(np.array([2026.0, 2027.0]))
        array([[5., 8.]])
        """
        return np.asarray(self.level[:, None] + self.slope[:, None] * (dates - self.date))


def trend(best: BestModels, *, since: float = -math.inf, seed: int = 2026, mass: float = 0.9) -> Growth:
    """Fit one line, with a bootstrap over models alone.

    Parameters
    ----------
    best : BestModels
        As `best_at_release` returns them.
    since : float, optional
        First date of the fit, decimal year.
    seed : int, optional
        Seed of the bootstrap.
    mass : float, optional
        Probability of the interval.

    Returns
    -------
    Growth
        Growth of the horizon in minutes.

    Raises
    ------
    ArgumentError
        There are too few models.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.best_models import best_at_release
    >>> from timecone.history.horizons.trend import trend
    >>> rows = pd.DataFrame({"name": list("ABCD"), "date": [2023.0, 2024.0, 2025.0, 2026.0],
    ...                      "p50": [1.0, 4.0, 16.0, 64.0], "p50_low": 1.0, "p50_high": 64.0})
    >>> round(trend(best_at_release(rows, reliability=50)).doubling_time, 6)
    0.5
    """
    return growth(series(best.dates, np.exp2(best.horizons), first=since), seed=seed, mass=mass)


def bootstrap(
    best: BestModels,
    *,
    date: float,
    since: Sequence[float] = SINCE,
    draws: int = 4000,
    seed: int = 2026,
    shared: float = SHARED,
) -> TrendDraws:
    """Draw trends by a bootstrap over models, their measurement errors and the first year of the fit.

    Parameters
    ----------
    best : BestModels
        As `best_at_release` returns them.
    date : float
        Decimal year at which levels are stated.
    since : sequence of float, optional
        First years of the fits, each with the same weight.
    draws : int, optional
        Draws of each first year.
    seed : int, optional
        From 0.
    shared : float, optional
        Share of the measurement error's variance that all models have in common, 0 to 1.

    Returns
    -------
    TrendDraws
        Levels and slopes, the first years in turn.

    Raises
    ------
    ArgumentError
        Fewer than four models follow a first year, or an argument is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.best_models import best_at_release
    >>> from timecone.history.horizons.trend import bootstrap
    >>> rows = pd.DataFrame({"name": list("ABCD"), "date": [2023.0, 2024.0, 2025.0, 2026.0],
    ...                      "p50": [1.0, 4.0, 16.0, 64.0], "p50_low": [0.5, 2.0, 8.0, 32.0],
    ...                      "p50_high": [2.0, 8.0, 32.0, 128.0]})
    >>> best = best_at_release(rows, reliability=50)
    >>> drawn = bootstrap(best, date=2026.0, since=[2023.0], draws=1000, seed=1)
    >>> bool(abs(np.median(drawn.doubling_time) - 0.5) < 0.02)
    True
    """
    _check_arguments(best, since, draws, seed, shared)
    parts = []
    for first in since:
        models = best.since(first)
        generator = np.random.default_rng([seed, round(1000 * first)])
        parts.append(_lines(models, date, draws, generator, shared))
    # In turn, so that any run of consecutive draws has the first years in nearly equal parts.
    level, slope = (np.stack([part[k] for part in parts], axis=1).ravel() for k in range(2))
    which = np.tile(np.asarray(since, np.float64), draws)
    rises = slope > 0.0
    return TrendDraws(level[rises], slope[rises], which[rises], date, int((~rises).sum()))


def _lines(
    models: BestModels, date: float, draws: int, generator: np.random.Generator, shared: float
) -> tuple[FloatArray, FloatArray]:
    count = len(models.dates)
    score = math.sqrt(shared) * generator.standard_normal((draws, 1))
    score = score + math.sqrt(1.0 - shared) * generator.standard_normal((draws, count))
    moved = models.horizons + score * np.where(score > 0.0, models.high_sd, models.low_sd)
    chosen = _resampled(models.dates, draws, generator)
    dates, values = models.dates[chosen], np.take_along_axis(moved, chosen, axis=1)
    times = dates - dates.mean(axis=1, keepdims=True)
    slope = (times * values).sum(axis=1) / (times**2).sum(axis=1)
    return values.mean(axis=1) + slope * (date - dates.mean(axis=1)), slope


def _resampled(dates: FloatArray, draws: int, generator: np.random.Generator) -> IntArray:
    """Return indices of models with replacement, shape (draws, models), of three different dates at least."""
    chosen = np.zeros((draws, len(dates)), np.int64)
    missing = np.arange(draws)
    while missing.size:
        chosen[missing] = generator.integers(0, len(dates), (missing.size, len(dates)))
        different = 1 + (np.diff(np.sort(dates[chosen[missing]], axis=1), axis=1) > 0.0).sum(axis=1)
        missing = missing[different < _LEAST_DISTINCT]
    return chosen


def _check_arguments(best: BestModels, since: Sequence[float], draws: int, seed: int, shared: float) -> None:
    for value, where, is_right, allowed in (
        (draws, "draws", draws >= 1, "at least 1"),
        (seed, "seed", 0 <= seed < 2**63, "from 0 to 2**63 - 1"),
        (shared, "shared", 0.0 <= shared <= 1.0, "0 to 1"),
        (len(since), "since", len(since) > 0, "at least one year"),
        (list(since), "since", len(set(since)) == len(since), "years that all differ"),
    ):
        if not is_right:
            raise ArgumentError("out-of-range", "out of range", where=where, got=value, allowed=allowed)
    for first in since:
        models = best.since(first)
        count = len(models.names)
        if count < LEAST_MODELS or len(set(models.dates.tolist())) < _LEAST_DISTINCT:
            raise ArgumentError(
                "too-few-models",
                f"too few models that were best at their release since {first:g}",
                where="since",
                got=count,
                allowed=f"at least {LEAST_MODELS}, of {_LEAST_DISTINCT} dates",
            )
