r"""Posterior of a trend whose growth wanders, in closed form but for two spreads.

The level (log10) at time :math:`t`, counted in years from an origin, is

.. math:: f(t) = L + g t + \tau \int_0^t W(s) \, ds, \qquad y_i = f(t_i) + e_i, \quad e_i \sim N(0, \sigma^2 +
s_i^2)

with W a Brownian motion on either side of the origin: growth g there, and a standard deviation :math:`\tau`
of its change over one year. Given :math:`\tau` and :math:`\sigma` everything is Gaussian; these two are
weighed on a grid by their marginal likelihood. So draws are independent and need no chains. The walk goes on
beyond the data, as in `history.joint.random_walk`, so forecasts are as unsure of growth as the past was
unsteady.

Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", section 2.7 (explicit basis functions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from timecone.errors import ArgumentError
from timecone.schema import FloatArray

#: Prior of growth at the origin, OOM a year: mean and standard deviation.
GROWTH_PRIOR: Final = (0.4, 0.3)
#: Prior standard deviation of the level at the origin round the data's own, OOM.
LEVEL_SPREAD: Final = 3.0
#: Scales of the half-normal priors of the walk (OOM/year/√year), as of spending in the joint fit, and of
#: the residuals (OOM).
DRIFT_SCALE: Final = 0.05
RESIDUAL_SCALE: Final = 0.2
# Grid points of each of the two spreads, and how far they reach in scales of the prior.
_POINTS: Final = 24
_REACH: Final = (0.02, 4.0)


@dataclass(frozen=True, eq=False)
class TrendDraws:
    """Draws of a trend at dates.

    Attributes
    ----------
    dates : ndarray
        (date,) decimal years.
    level : ndarray
        (draw, date) log10 of the quantity.
    drift, residual : ndarray
        (draw,) the two spreads.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.supply.trend import draw_trend
    >>> years = np.arange(2020.0, 2026.0)
    >>> drawn = draw_trend(years, 0.5 * (years - 2020.0), np.array([2026.0]), seed=1, draws=500)
    >>> bool(abs(np.median(drawn.level) - 3.0) < 0.1)
    True
    """

    dates: FloatArray
    level: FloatArray
    drift: FloatArray
    residual: FloatArray

    def growth(self, first: float, last: float) -> FloatArray:
        """Return the mean growth between two of the dates.

        Parameters
        ----------
        first, last : float
            Decimal years, both in `dates`.

        Returns
        -------
        ndarray
            (draw,) OOM per year.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.supply.trend import TrendDraws
        >>> drawn = TrendDraws(np.array([2026.0, 2030.0]), np.array([[1.0, 3.0]]), np.ones(1), np.ones(1))
        >>> drawn.growth(2026.0, 2030.0)
        array([0.5])
        """
        return (self.at(last) - self.at(first)) / (last - first)

    def at(self, date: float) -> FloatArray:
        """Return the level at one of the dates.

        Parameters
        ----------
        date : float
            Decimal year, one of `dates`.

        Returns
        -------
        ndarray
            (draw,) log10 of the quantity.

        Raises
        ------
        ArgumentError
            The date is not among `dates`.

        Examples
        --------
        >>> import numpy as np
        >>> from timecone.history.supply.trend import TrendDraws
        >>> TrendDraws(np.array([2030.0]), np.array([[1.0]]), np.ones(1), np.ones(1)).at(2030.0)
        array([1.])
        """
        columns = np.flatnonzero(self.dates == date)
        if not len(columns):
            raise ArgumentError(
                "date-not-drawn",
                "the trend was not drawn at this date",
                where="date",
                got=date,
                allowed=", ".join(f"{each:g}" for each in self.dates),
            )
        return np.asarray(self.level[:, columns[0]])


def draw_trend(
    date: FloatArray,
    level: FloatArray,
    dates: FloatArray,
    *,
    error: FloatArray | float = 0.0,
    common_error: float = 0.0,
    origin: float | None = None,
    drift_scale: float = DRIFT_SCALE,
    seed: int,
    draws: int,
) -> TrendDraws:
    """Draw a trend at dates from its posterior.

    Parameters
    ----------
    date, level : ndarray
        (point,) decimal years and log10 of the quantity.
    dates : ndarray
        (date,) decimal years at which the trend is wanted.
    error : ndarray or float, optional
        (point,) standard deviation of each level, OOM, besides the common residual.
    common_error : float, optional
        Standard deviation of an error that all levels share, OOM.
    origin : float, optional
        Date at which the priors of level and growth hold; the last of ``date`` by default.
    drift_scale : float, optional
        Scale of the half-normal prior of the walk, OOM/year/√year.
    seed : int
        Seed of the draws.
    draws : int
        Number of draws.

    Returns
    -------
    TrendDraws
        Independent draws.

    Raises
    ------
    ArgumentError
        There are fewer than three points, or no draws are asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.supply.trend import draw_trend
    >>> years = np.arange(2020.0, 2026.0)
    >>> drawn = draw_trend(years, 0.5 * (years - 2020.0), np.array([2026.0, 2030.0]), seed=1, draws=500)
    >>> drawn.level.shape
    (500, 2)
    """
    _require(date, draws)
    generator = np.random.default_rng([seed, 3])
    begin = float(date.max()) if origin is None else origin
    past, ahead = np.asarray(date, float) - begin, np.asarray(dates, float) - begin
    times = np.concatenate([past, ahead])
    points = len(past)
    mean = float(level[np.argmax(date)]) + GROWTH_PRIOR[0] * times
    trend = LEVEL_SPREAD**2 + GROWTH_PRIOR[1] ** 2 * np.outer(times, times)
    walk = _integrated_walk(times)
    noise = np.broadcast_to(np.asarray(error, float) ** 2, past.shape)
    deviation = np.asarray(level, float) - mean[:points]
    drift, residual = _spreads(
        generator, draws, (deviation, trend[:points, :points], walk[:points, :points], noise), drift_scale
    )
    # A draw of the prior, moved by what the data say of its difference from them, is one of the posterior
    # (Wilson et al. 2021, "Pathwise conditioning of Gaussian processes").
    path = _normal(generator, trend, draws) + drift[:, None] * _normal(generator, walk, draws)
    scatter = np.sqrt(noise + residual[:, None] ** 2)
    missing = deviation - path[:, :points] - scatter * generator.standard_normal((draws, points))
    observed = trend[:points, :points] + drift[:, None, None] ** 2 * walk[:points, :points]
    observed = observed + scatter[:, None, :] ** 2 * np.eye(points)
    weight = np.linalg.solve(observed, missing[:, :, None])[:, :, 0]
    moved = weight @ trend[:points, points:] + drift[:, None] ** 2 * (weight @ walk[:points, points:])
    levels = mean[points:] + path[:, points:] + moved
    levels += common_error * generator.standard_normal((draws, 1))
    return TrendDraws(np.asarray(dates, float), levels, drift, residual)


def _spreads(
    generator: np.random.Generator,
    draws: int,
    observed: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    drift_scale: float,
) -> tuple[FloatArray, FloatArray]:
    """Return draws of the spreads of walk and residuals, uniform within their cells of the grid."""
    drift, residual, weight = _weights(*observed, drift_scale)
    chosen = generator.choice(len(weight), size=draws, p=weight)
    width = np.log(_REACH[1] / _REACH[0]) / (_POINTS - 1)
    drift_shift, residual_shift = np.exp(width * (generator.random((2, draws)) - 0.5))
    return drift[chosen] * drift_shift, residual[chosen] * residual_shift


def _weights(
    deviation: FloatArray,
    trend: FloatArray,
    walk: FloatArray,
    noise: FloatArray,
    drift_scale: float = DRIFT_SCALE,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the grid of both spreads, flattened, and the posterior probability of each point."""
    steps = np.geomspace(*_REACH, _POINTS)
    drift, residual = (
        each.ravel() for each in np.meshgrid(steps * drift_scale, steps * RESIDUAL_SCALE, indexing="ij")
    )
    covariance = trend + drift[:, None, None] ** 2 * walk
    covariance = covariance + (residual[:, None, None] ** 2 + noise[:, None]) * np.eye(len(noise))
    root = np.linalg.cholesky(covariance)
    scaled = np.linalg.solve(root, np.broadcast_to(deviation[:, None], (len(drift), len(deviation), 1)))[
        ..., 0
    ]
    density = -0.5 * np.sum(scaled**2, axis=1) - np.sum(np.log(np.diagonal(root, axis1=1, axis2=2)), axis=1)
    # Half-normal priors; on a geometric grid a point stands for a width in proportion to itself.
    density -= 0.5 * ((drift / drift_scale) ** 2 + (residual / RESIDUAL_SCALE) ** 2)
    density += np.log(drift) + np.log(residual)
    weight = np.exp(density - density.max())
    return drift, residual, weight / weight.sum()


def _integrated_walk(times: FloatArray) -> FloatArray:
    """Return the covariance of the integral of a unit Brownian motion on either side of zero."""
    size = np.abs(times)
    least, most = np.minimum.outer(size, size), np.maximum.outer(size, size)
    is_same_side = np.multiply.outer(np.sign(times), np.sign(times)) > 0.0
    return np.asarray(np.where(is_same_side, least**2 * (3.0 * most - least) / 6.0, 0.0))


def _normal(generator: np.random.Generator, covariance: FloatArray, draws: int) -> FloatArray:
    """Return draws of a centred normal, (draw, element); the covariance may be singular."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(generator.standard_normal((draws, len(covariance))) @ root.T)


def _require(date: FloatArray, draws: int) -> None:
    if len(date) < 3 or draws < 1:  # noqa: PLR2004 - level, growth and one more
        raise ArgumentError(
            "too-few-records",
            "a trend needs three dates and a draw",
            where="date" if draws >= 1 else "draws",
            got=len(date) if draws >= 1 else draws,
            allowed="at least 3" if draws >= 1 else "at least 1",
        )
