"""Exponential growth: the slope of logarithms over time, and how well it is known.

Least squares of log10 values on dates, as in Sevilla et al. 2022 (https://arxiv.org/abs/2202.05924), with a
bootstrap over observations; or the median of the slopes between all pairs (Theil 1950, Sen 1968), which one
wild estimate in four does not move far. The intervals say how far chance among the observations could have
moved the slope: they know nothing of what is not published, nor of observations that depend on each other.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timecone.errors import ArgumentError, suggestion
from timecone.history.trends.series import Floats, Series, checked

METHODS: Final = ("least_squares", "theil_sen")
#: Resamples of a bootstrap: the ends of a 90 % interval then move by about a fifteenth of its width.
RESAMPLES: Final = 2000
_LEAST = 3


@dataclasses.dataclass(frozen=True)
class Growth:
    """A fitted exponential.

    Attributes
    ----------
    factor, low, high : float
        Growth per year as a factor, with the interval that holds ``mass``.
    mass : float
        Probability of the interval.
    level : float
        Decadic logarithm of the trend's value at ``centre``.
    centre : float
        Mean date of the observations, decimal year.
    residual_sd : float
        Standard deviation of the observations about the trend, orders of magnitude.
    observations : int
        Number of observations.
    first, last : float
        Dates of the first and last of them.
    method : str
        ``"least_squares"`` or ``"theil_sen"``.

    Examples
    --------
    >>> from timecone.history.trends.growth import growth
    >>> from timecone.history.trends.series import series
    >>> trend = growth(series([2012, 2013, 2014, 2015], [1.0, 4.0, 16.0, 64.0]), seed=1)
    >>> round(trend.doubling_time, 6), trend.observations
    (0.5, 4)
    """

    factor: float
    low: float
    high: float
    mass: float
    level: float
    centre: float
    residual_sd: float
    observations: int
    first: float
    last: float
    method: str

    @property
    def doubling_time(self) -> float:
        """Years in which the trend doubles; inf where it does not grow, negative where it falls."""
        return _doubling_time(self.factor)

    @property
    def doubling_interval(self) -> tuple[float, float]:
        """Doubling times of the interval's ends, years, shorter first; one interval if both ends grow."""
        return _doubling_time(self.high), _doubling_time(self.low)

    def value(self, date: float) -> float:
        """Return the decadic logarithm of the trend at a decimal year, also beyond the observations.

        Parameters
        ----------
        date : float
            Decimal year.

        Returns
        -------
        float
            Decadic logarithm of the value, in the unit of the observations.

        Examples
        --------
        >>> from timecone.history.trends.growth import growth
        >>> from timecone.history.trends.series import series
        >>> trend = growth(series([2012, 2013, 2014, 2015], [1.0, 10.0, 100.0, 1000.0]), seed=1)
        >>> round(trend.value(2020.0), 6)
        8.0
        """
        return self.level + math.log10(self.factor) * (date - self.centre)


def growth(
    series: Series,
    *,
    seed: int,
    mass: float = 0.9,
    method: str = "least_squares",
    resamples: int = RESAMPLES,
) -> Growth:
    """Fit exponential growth to a series.

    Parameters
    ----------
    series : Series
        At least three observations, not all of one date.
    seed : int
        Seed of the bootstrap; the same seed gives the same interval.
    mass : float, optional
        Probability of the interval, in (0, 1).
    method : str, optional
        ``"least_squares"``: interval by a percentile bootstrap over observations; ``"theil_sen"``: interval
        from the ranks of the slopes, without resampling.
    resamples : int, optional
        Resamples of the bootstrap.

    Returns
    -------
    Growth
        Factor per year with its interval, and the trend's level.

    Raises
    ------
    ArgumentError
        There are too few observations, or an argument is out of range.

    Examples
    --------
    >>> from timecone.history.trends.growth import growth
    >>> from timecone.history.trends.series import series
    >>> trend = growth(series([2012, 2013, 2014, 2015], [1.0, 4.0, 16.0, 64.0]), seed=1)
    >>> round(trend.factor, 6)
    4.0
    """
    checked(series, _LEAST)
    _check_arguments(mass, method, resamples)
    dates, values = series
    if method == "theil_sen":
        slope, low, high = _theil_sen(dates, values, mass)
        centre = float(dates.mean())
        level = float(np.median(values - slope * (dates - centre)))
    else:
        slope = float(_slope(dates, values))
        low, high = _bootstrapped(dates, values, mass, seed, resamples)
        centre, level = float(dates.mean()), float(values.mean())
    residuals = values - level - slope * (dates - centre)
    return Growth(
        factor=float(10.0**slope),
        low=float(10.0**low),
        high=float(10.0**high),
        mass=mass,
        level=level,
        centre=centre,
        # Two degrees of freedom went into the line.
        residual_sd=float(np.sqrt((residuals**2).sum() / (len(dates) - 2))),
        observations=len(dates),
        first=float(dates[0]),
        last=float(dates[-1]),
        method=method,
    )


def _check_arguments(mass: float, method: str, resamples: int) -> None:
    if not 0.0 < mass < 1.0:
        raise ArgumentError(
            "invalid-interval-mass",
            "not a valid probability for an interval",
            where="mass",
            got=mass,
            allowed="above 0, below 1",
        )
    if method not in METHODS:
        raise ArgumentError(
            "unknown-method",
            "unknown method",
            where="method",
            got=method,
            allowed=", ".join(METHODS),
            remedy=suggestion(str(method), METHODS),
        )
    if resamples < 1:
        raise ArgumentError(
            "invalid-resample-count",
            "invalid number of resamples",
            where="resamples",
            got=resamples,
            allowed="1 or more",
        )


def _slope(dates: NDArray[np.float64], values: NDArray[np.float64], axis: int = -1) -> Floats:
    times = dates - dates.mean(axis=axis, keepdims=True)
    spread = (times**2).sum(axis=axis)
    # A resample of one date alone has no slope; among three observations one in nine is such a one.
    with np.errstate(invalid="ignore"):
        slope: Floats = (times * (values - values.mean(axis=axis, keepdims=True))).sum(axis=axis) / spread
    return slope


def _bootstrapped(
    dates: Floats, values: Floats, mass: float, seed: int, resamples: int
) -> tuple[float, float]:
    from scipy import stats  # noqa: PLC0415 - takes a second to import

    with warnings.catch_warnings():
        # Resamples without a slope are left out below.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        resampled = stats.bootstrap(
            (dates, values),
            _slope,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            confidence_level=mass,
            method="percentile",
            rng=np.random.default_rng(seed),
        )
    low, high = np.nanquantile(resampled.bootstrap_distribution, [0.5 - mass / 2.0, 0.5 + mass / 2.0])
    return float(low), float(high)


def _theil_sen(dates: Floats, values: Floats, mass: float) -> tuple[float, float, float]:
    from scipy import stats  # noqa: PLC0415

    line = stats.theilslopes(values, dates, alpha=mass)
    return float(line.slope), float(line.low_slope), float(line.high_slope)


def _doubling_time(factor: float) -> float:
    rate = math.log2(factor)
    return math.inf if rate == 0.0 else 1.0 / rate
