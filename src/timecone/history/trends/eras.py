"""Eras: growth between given change points, and a change point found in the observations.

Sevilla et al. 2022 part the history of training compute at 2010 (deep learning) and at the end of 2015
(large models) by eye; here a date can be tested. The model with a change is a continuous line in two pieces,
its date chosen by least squares over a grid of dates.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timecone.errors import ArgumentError
from timecone.history.trends.growth import RESAMPLES, Growth, growth
from timecone.history.trends.series import Floats, Series, checked

#: The change points of Sevilla et al. 2022, and the year since which the frontier has grown steadily
#: (Sevilla & Roldan 2024).
DEEP_LEARNING: Final = 2010.0
LARGE_SCALE: Final = 2015.75
STEADY_FRONTIER: Final = 2018.0
_LEAST: Final = 10
# Records that each side of a change must have; fewer and the end of the series always bends.
_LEAST_OF_A_SIDE: Final = 4
_GRID: Final = 200
# Resamples taken at once times observations times grid points, as numbers in memory.
_AT_ONCE: Final = 4_000_000
# Sum of squares, years squared, below which a hinge is a line up to rounding.
_NO_HINGE: Final = 1e-9


def eras(
    series: Series, changes: Sequence[float], *, seed: int, mass: float = 0.9, resamples: int = RESAMPLES
) -> tuple[Growth, ...]:
    """Return the growth of each era between given change points, each fitted by itself.

    Parameters
    ----------
    series : Series
        The observations.
    changes : sequence of float
        Decimal years, ascending; an observation of that date belongs to the later era.
    seed : int
        Seed of the bootstrap over observations.
    mass : float, optional
        Probability of the intervals, in (0, 1).
    resamples : int, optional
        Resamples of the bootstrap.

    Returns
    -------
    tuple of Growth
        One fit for each era, one more than there are changes.

    Raises
    ------
    ArgumentError
        The changes do not ascend, or an era has too few observations.

    Examples
    --------
    >>> from timecone.history.trends.eras import eras
    >>> from timecone.history.trends.series import series
    >>> observations = series([2010, 2011, 2012, 2013, 2014, 2015], [1.0, 2.0, 4.0, 8.0, 64.0, 512.0])
    >>> [round(era.factor, 6) for era in eras(observations, [2013.0], seed=1)]
    [2.0, 8.0]
    """
    edges = (-math.inf, *changes, math.inf)
    if any(not before < after for before, after in itertools.pairwise(edges)):
        raise ArgumentError(
            "not-ascending",
            "not ascending",
            where="changes",
            got=tuple(changes),
            allowed="ascending decimal years",
        )
    spans = [(series.dates >= before) & (series.dates < after) for before, after in itertools.pairwise(edges)]
    return tuple(
        growth(Series(series.dates[span], series.values[span]), seed=seed, mass=mass, resamples=resamples)
        for span in spans
    )


@dataclasses.dataclass(frozen=True)
class ChangePoint:
    """A date at which growth changed.

    Attributes
    ----------
    date, low, high : float
        Decimal year, and the interval that holds ``mass``. Low and high are dates of the grid.
    before, after : float
        Growth per year as a factor on either side.
    mass : float
        Probability of the interval.
    bic_gain : float
        The Bayesian information criterion of one line less that of two joined ones: positive speaks for a
        change, above 10 strongly (Kass & Raftery 1995). A change costs two parameters, date and slope.
    residual_sd : float
        Standard deviation of the observations about the two lines, orders of magnitude.
    observations : int
        Number of observations.

    Examples
    --------
    >>> from timecone.history.trends.eras import ChangePoint
    >>> change = ChangePoint(2010.0, 2009.0, 2011.0, 2.0, 8.0, 0.9, 12.5, 0.1, 20)
    >>> change.after > change.before
    True
    """

    date: float
    low: float
    high: float
    before: float
    after: float
    mass: float
    bic_gain: float
    residual_sd: float
    observations: int


def change_point(
    series: Series,
    *,
    seed: int,
    between: tuple[float, float] | None = None,
    mass: float = 0.9,
    resamples: int = RESAMPLES,
) -> ChangePoint:
    """Find the date at which growth changed.

    Parameters
    ----------
    series : Series
        At least ten observations.
    seed : int
        Seed of the bootstrap over observations.
    between : tuple of float, optional
        Dates between which the change is sought; by default where each side keeps four observations.
    mass : float, optional
        Probability of the interval.
    resamples : int, optional
        Resamples of the bootstrap.

    Returns
    -------
    ChangePoint
        The date with its interval, and growth on either side.

    Raises
    ------
    ArgumentError
        There are too few observations, or fewer than four before or after the span searched.

    Examples
    --------
    >>> from timecone.history.trends.eras import change_point
    >>> from timecone.history.trends.series import series
    >>> years = range(2000, 2020)
    >>> slow_then_fast = [2.0 ** (y - 2000) if y < 2010 else 2.0**10 * 8.0 ** (y - 2010) for y in years]
    >>> round(change_point(series(years, slow_then_fast), seed=1, resamples=50).date)
    2010
    """
    from scipy import stats  # noqa: PLC0415 - takes a second to import

    dates, values = checked(series, _LEAST)
    grid = np.linspace(*_span(dates, between), _GRID)
    best = stats.bootstrap(
        (dates, values),
        lambda x, y, axis=-1: _changes(np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1), grid)[0],
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, _AT_ONCE // (len(dates) * _GRID)),
        confidence_level=mass,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    date, before, after, squares = (float(each) for each in _changes(dates, values, grid))
    line = np.polynomial.Polynomial.fit(dates, values, 1)
    count = len(dates)
    gain = count * math.log(float(((values - line(dates)) ** 2).sum()) / squares) - 2.0 * math.log(count)
    return ChangePoint(
        date=date,
        low=float(best.confidence_interval.low),
        high=float(best.confidence_interval.high),
        before=10.0**before,
        after=10.0**after,
        mass=mass,
        bic_gain=gain,
        residual_sd=math.sqrt(squares / (count - 4)),
        observations=count,
    )


def _span(dates: Floats, between: tuple[float, float] | None) -> tuple[float, float]:
    widest = float(dates[_LEAST_OF_A_SIDE - 1]), float(dates[-_LEAST_OF_A_SIDE])
    low, high = between or widest
    if not widest[0] <= low < high <= widest[1]:
        raise ArgumentError(
            "invalid-change-date",
            "the change cannot lie in this interval",
            where="between",
            got=(low, high),
            allowed=f"two ascending dates in {widest[0]:.2f} to {widest[1]:.2f}",
        )
    return low, high


def _changes(dates: Floats, values: Floats, grid: Floats) -> tuple[NDArray[np.float64], ...]:
    """Return date, both slopes and the sum of squares of the best two joined lines, over the last axis.

    With a hinge max(t - c, 0) beside the line, the least squares of the hinge's coefficient are those of the
    values' residuals from the line on the hinge's (Frisch & Waugh 1933): one division a date of the grid.
    """
    times = dates - dates.mean(axis=-1, keepdims=True)
    spread = (times**2).sum(axis=-1)
    slope = (times * values).sum(axis=-1) / spread
    residuals = values - values.mean(axis=-1, keepdims=True) - slope[..., None] * times
    hinge = np.maximum(dates[..., None, :] - grid[:, None], 0.0)
    hinge_slope = (hinge * times[..., None, :]).sum(axis=-1) / spread[..., None]
    hinge -= hinge.mean(axis=-1, keepdims=True) + hinge_slope[..., None] * times[..., None, :]
    square = (hinge**2).sum(axis=-1)
    product = (hinge * residuals[..., None, :]).sum(axis=-1)
    # In a resample without an observation beyond a date of the grid, the hinge there is no line of its own.
    explained = np.divide(product**2, square, out=np.zeros_like(square), where=square > _NO_HINGE)
    best = explained.argmax(axis=-1)[..., None]
    at_best = [
        np.take_along_axis(each, best, axis=-1)[..., 0] for each in (product, square, hinge_slope, explained)
    ]
    change = np.divide(at_best[0], at_best[1], out=np.zeros_like(at_best[0]), where=at_best[1] > _NO_HINGE)
    before = slope - change * at_best[2]
    return grid[best[..., 0]], before, before + change, (residuals**2).sum(axis=-1) - at_best[3]
