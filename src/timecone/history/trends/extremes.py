"""The largest run of each year as an extreme value whose location moves with time.

The maximum of many runs tends to a generalised extreme value distribution, whatever the single run's (Fisher
& Tippett 1928); here with a location linear in time, constant scale and shape (Coles 2001, chapter 6). That
is a trend of the frontier which takes the runs of a year for many, of constant number, and for new ones.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timecone.errors import ArgumentError
from timecone.history.trends.series import Floats, Series, checked

_LEAST: Final = 8
# At a shape of minus a half and below, maximum likelihood has no standard errors of the usual kind (Smith
# 1985); a half the other way the variance is infinite.
_MOST_SHAPE: Final = 0.5
_STARTING_SHAPES: Final = (-0.2, 0.2)
_EULER: Final = 0.5772156649015329
# Orders of magnitude, up to rounding.
_NO_SCATTER: Final = 1e-9


@dataclasses.dataclass(frozen=True)
class ExtremeTrend:
    """A trend of yearly maxima.

    Attributes
    ----------
    factor, factor_se : float
        Growth of the location per year as a factor, and the standard error of its decadic logarithm.
    location, location_se : float
        Decadic logarithm of the location at ``centre``, and its standard error.
    scale, scale_se : float
        Scale, orders of magnitude.
    shape, shape_se : float
        Shape xi: above 0 a heavy upper tail, below 0 an upper end.
    centre : float
        Mean of the years.
    regular : bool
        Whether the shape lies inside (-0.5, 0.5). On the edge the standard errors are NaN.
    years : int
        Number of maxima.

    Examples
    --------
    >>> from timecone.history.trends.extremes import ExtremeTrend
    >>> trend = ExtremeTrend(4.0, 0.05, 21.0, 0.1, 0.8, 0.1, -0.1, 0.1, 2018.5, True, 13)
    >>> trend.factor, trend.regular
    (4.0, True)
    """

    factor: float
    factor_se: float
    location: float
    location_se: float
    scale: float
    scale_se: float
    shape: float
    shape_se: float
    centre: float
    regular: bool
    years: int

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """Return the interval of ``factor`` by normal approximation; NaN where it has no standard error.

        Parameters
        ----------
        mass : float, optional
            Probability of the interval, in (0, 1).

        Returns
        -------
        tuple of float
            Lower and upper end, growth per year as a factor.

        Examples
        --------
        >>> from timecone.history.trends.extremes import ExtremeTrend
        >>> trend = ExtremeTrend(4.0, 0.05, 21.0, 0.1, 0.8, 0.1, -0.1, 0.1, 2018.5, True, 13)
        >>> [round(end, 2) for end in trend.interval(0.9)]
        [3.31, 4.83]
        """
        from scipy import special  # noqa: PLC0415

        half = float(special.ndtri(0.5 + mass / 2.0)) * self.factor_se
        return self.factor * 10.0**-half, self.factor * 10.0**half


def yearly_maxima(series: Series) -> Series:
    """Return the largest value of each calendar year, dated in its middle.

    Years without an observation have no maximum. Leave out years that are not over, or not yet known, with
    the ``until`` of `series`.

    Parameters
    ----------
    series : Series
        The observations.

    Returns
    -------
    Series
        One value for each year with an observation.

    Examples
    --------
    >>> from timecone.history.trends.extremes import yearly_maxima
    >>> from timecone.history.trends.series import series
    >>> yearly_maxima(series([2012.1, 2012.9, 2014.3], [1e15, 1e16, 1e17])).dates.tolist()
    [2012.5, 2014.5]
    """
    years = np.floor(series.dates)
    different = np.unique(years)
    largest = np.array([series.values[years == year].max() for year in different], dtype=np.float64)
    return Series(different + 0.5, largest)


def extreme_trend(maxima: Series) -> ExtremeTrend:
    """Fit a generalised extreme value distribution with a moving location, by maximum likelihood.

    Parameters
    ----------
    maxima : Series
        As of `yearly_maxima`, at least eight years.

    Returns
    -------
    ExtremeTrend
        Growth of the location, scale and shape, with standard errors.

    Raises
    ------
    ArgumentError
        There are too few years, or the likelihood has no maximum.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.trends.extremes import extreme_trend
    >>> from timecone.history.trends.series import series
    >>> years = np.arange(1990.5, 2020.5)
    >>> noise = np.random.default_rng(1).gumbel(0.0, 0.2, years.size)
    >>> trend = extreme_trend(series(years, 10.0 ** (0.5 * (years - 1990.5) + noise)))
    >>> bool(3.0 < trend.factor < 3.3), trend.years
    (True, 30)
    """
    checked(maxima, _LEAST)
    centre = float(maxima.dates.mean())
    half_span = float(maxima.dates[-1] - centre)
    line = np.polynomial.Polynomial.fit(maxima.dates - centre, maxima.values, 1)
    residuals = maxima.values - line(maxima.dates - centre)
    unit = float(residuals.std())
    if unit < _NO_SCATTER:
        raise ArgumentError(
            "maxima-on-a-line", "all maxima lie on a line", where="maxima", allowed="maxima that scatter"
        )
    # In spans of time and standard deviations from the line all four parameters are of order one.
    standard = Series((maxima.dates - centre) / half_span, residuals / unit)
    best, regular = _most_likely(standard)
    errors = _standard_errors(best, standard) if regular else np.full(4, np.nan)
    scale = unit * math.exp(best[2])
    return ExtremeTrend(
        factor=float(10.0 ** (line.deriv()(0.0) + best[1] * unit / half_span)),
        factor_se=float(errors[1]) * unit / half_span,
        location=float(line(0.0) + best[0] * unit),
        location_se=float(errors[0]) * unit,
        scale=scale,
        # The error of the logarithm, by the delta method.
        scale_se=scale * float(errors[2]),
        shape=float(best[3]),
        shape_se=float(errors[3]),
        centre=centre,
        regular=regular,
        years=len(residuals),
    )


def _negative_log_likelihood(theta: Floats, maxima: Series) -> NDArray[np.float64]:
    """Return minus the log likelihood; ``theta`` (4, ...) is location, slope, log scale and shape."""
    from scipy import stats  # noqa: PLC0415 - takes a second to import

    location, slope, log_scale, shape = (each[..., None] for each in theta)
    # SciPy's shape has the opposite sign.
    moving = location + slope * maxima.dates
    terms = stats.genextreme.logpdf(maxima.values, -shape, loc=moving, scale=np.exp(log_scale))
    total: NDArray[np.float64] = -terms.sum(axis=-1)
    return total


def _most_likely(maxima: Series) -> tuple[Floats, bool]:
    from scipy import optimize  # noqa: PLC0415

    # The Gumbel distribution of mean 0 and variance 1 starts the search.
    scale = math.sqrt(6.0) / math.pi
    fits = [
        optimize.minimize(
            _finite_likelihood,
            np.array([-_EULER * scale, 0.0, math.log(scale), shape]),
            args=(maxima,),
            method="Nelder-Mead",
            bounds=[(None, None), (None, None), (None, None), (-_MOST_SHAPE, _MOST_SHAPE)],
            options={"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-6, "fatol": 1e-9},
        )
        for shape in _STARTING_SHAPES
    ]
    best = min((each for each in fits if each.success), key=lambda each: float(each.fun), default=None)
    if best is None:
        raise ArgumentError(
            "likelihood-has-no-maximum",
            "the likelihood has no maximum",
            where="maxima",
            got=len(maxima.dates),
        )
    theta: Floats = best.x
    return theta, bool(abs(theta[3]) < _MOST_SHAPE - 1e-6)


def _finite_likelihood(theta: Floats, maxima: Series) -> float:
    # A maximum outside the distribution's support has no likelihood; the simplex turns back from a wall.
    value = float(_negative_log_likelihood(theta, maxima))
    return value if math.isfinite(value) else 1e300


def _standard_errors(theta: Floats, maxima: Series) -> Floats:
    from scipy import differentiate  # noqa: PLC0415

    curvature = differentiate.hessian(
        lambda each: _negative_log_likelihood(each, maxima), theta, initial_step=1e-3
    ).ddf
    with np.errstate(invalid="ignore"):
        errors: Floats = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return errors
