"""Quantile functions for formulas: a distribution whose parameters are themselves quantities.

    expression = "normal(u, 25, sd)"          # u: a quantity that is uniform between 0 and 1
    expression = "normal(u, 25, sd, 20, inf)" # the same, truncated to 20 and above

The first argument is a probability, the next ones are the parameters, and two more are the bounds of a
truncation. Where a parameter has no such distribution, a negative spread for instance, the value is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
from scipy import special

# Probabilities of 0 and 1 would give infinities; uniforms of random draws lie between these.
_LEAST = 2.0**-53


class QuantileFunction(NamedTuple):
    """One family, over the normal score.

    Attributes
    ----------
    parameters : tuple of str
        As in the family of that name in a scenario file.
    value : callable
        Of scores and parameters: the quantile.
    score : callable
        Of values and parameters: the normal score of P(X <= value).
    valid : callable
        Of parameters: whether there is such a distribution.
    """

    parameters: tuple[str, ...]
    value: Callable[..., Any]
    score: Callable[..., Any]
    valid: Callable[..., Any]

    def __call__(self, probability: Any, *arguments: Any) -> Any:
        """Return the quantile; arguments are the parameters and perhaps two bounds of a truncation.

        >>> float(QUANTILE_FUNCTIONS["normal"](0.5, 25.0, 2.0))
        25.0
        >>> round(float(QUANTILE_FUNCTIONS["uniform"](0.5, 0.0, 8.0, 2.0, 4.0)), 9)
        3.0
        """
        u = np.asarray(probability, dtype=np.float64)
        parameters, bounds = arguments[: len(self.parameters)], arguments[len(self.parameters) :]
        inside = np.clip(u, _LEAST, 1.0 - _LEAST)
        valid = (u >= 0.0) & (u <= 1.0) & self.valid(*parameters)
        with np.errstate(all="ignore"):
            if not bounds:
                return np.where(valid, self.value(special.ndtri(inside), *parameters), np.nan)
            low, high = bounds
            bottom, top = self.score(low, *parameters), self.score(high, *parameters)
            below, above = special.ndtr(bottom), special.ndtr(-top)
            mass = np.where(bottom < 0.0, special.ndtr(top) - below, special.ndtr(-bottom) - above)
            p, q = below + mass * inside, above + mass * (1.0 - inside)
            # From the tail in which probabilities keep their digits.
            z = np.where(p < q, special.ndtri(p), -special.ndtri(q))
            value = np.clip(self.value(z, *parameters), low, high)
            return np.where(valid & np.less(low, high) & (mass > 0.0), value, np.nan)


def _survival_score(log_survival: Any) -> Any:
    """Return the score above which a probability lies, from its logarithm."""
    return np.where(
        np.less(log_survival, -1.0),
        -special.ndtri_exp(np.minimum(log_survival, 0.0)),
        special.ndtri(-np.expm1(np.minimum(log_survival, 0.0))),
    )


def _hazard(z: Any) -> Any:
    """Return -log P(Z > z), the quantile of the unit exponential."""
    return -special.log_ndtr(-np.asarray(z))


def _two_sided(lower: Callable[..., Any], upper: Callable[..., Any]) -> Callable[..., Any]:
    """Return a quantile by score from those by either tail's probability."""

    def value(z: Any, *parameters: Any) -> Any:
        p, q = special.ndtr(z), special.ndtr(-z)
        return np.where(np.less(z, 0.0), lower(p, *parameters), upper(q, *parameters))

    return value


def _from_tails(p: Any, q: Any) -> Any:
    return np.where(np.less(p, q), special.ndtri(p), -special.ndtri(q))


def _triangular(z: Any, low: Any, mode: Any, high: Any) -> Any:
    p, q, width = special.ndtr(z), special.ndtr(-np.asarray(z)), high - low
    rising = low + np.sqrt(p * width * (mode - low))
    return np.where(p * width < mode - low, rising, high - np.sqrt(q * width * (high - mode)))


def _triangular_score(x: Any, low: Any, mode: Any, high: Any) -> Any:
    width, at = high - low, np.clip(x, low, high)
    p, q = (at - low) ** 2 / (width * (mode - low)), (high - at) ** 2 / (width * (high - mode))
    return np.where(at < mode, special.ndtri(p), -special.ndtri(q))


def _positive(*parameters: Any) -> Any:
    return reduce(np.logical_and, [np.greater(p, 0.0) for p in parameters])


def _gamma_score(x: Any, shape: Any, scale: Any) -> Any:
    at = np.maximum(x, 0.0) / scale
    return _from_tails(special.gammainc(shape, at), special.gammaincc(shape, at))


def _beta_score(x: Any, alpha: Any, beta: Any) -> Any:
    at = np.clip(x, 0.0, 1.0)
    return _from_tails(special.betainc(alpha, beta, at), special.betainc(beta, alpha, 1.0 - at))


def _t_score(x: Any, df: Any, location: Any, scale: Any) -> Any:
    at = (x - location) / scale
    return _from_tails(special.stdtr(df, at), special.stdtr(df, -np.asarray(at)))


QUANTILE_FUNCTIONS: Final[dict[str, QuantileFunction]] = {
    "normal": QuantileFunction(
        ("mean", "sd"),
        lambda z, mean, sd: mean + sd * z,
        lambda x, mean, sd: (x - mean) / sd,
        lambda mean, sd: np.greater(sd, 0.0) & np.isfinite(mean),
    ),
    "lognormal": QuantileFunction(
        ("median", "sigma"),
        lambda z, median, sigma: median * np.exp(sigma * z),
        lambda x, median, sigma: np.log(np.maximum(x, 0.0) / median) / sigma,
        _positive,
    ),
    "uniform": QuantileFunction(
        ("low", "high"),
        lambda z, low, high: low + (high - low) * special.ndtr(z),
        lambda x, low, high: special.ndtri(np.clip((x - low) / (high - low), 0.0, 1.0)),
        np.less,
    ),
    "loguniform": QuantileFunction(
        ("low", "high"),
        lambda z, low, high: low * np.exp(np.log(high / low) * special.ndtr(z)),
        lambda x, low, high: special.ndtri(
            np.clip(np.log(np.maximum(x, 0.0) / low) / np.log(high / low), 0.0, 1.0)
        ),
        lambda low, high: np.greater(low, 0.0) & np.less(low, high),
    ),
    "triangular": QuantileFunction(
        ("low", "mode", "high"),
        _triangular,
        _triangular_score,
        lambda low, mode, high: np.less_equal(low, mode) & np.less_equal(mode, high) & np.less(low, high),
    ),
    "exponential": QuantileFunction(
        ("mean",),
        lambda z, mean: mean * _hazard(z),
        lambda x, mean: _survival_score(-np.maximum(x, 0.0) / mean),
        _positive,
    ),
    "weibull": QuantileFunction(
        ("shape", "scale"),
        lambda z, shape, scale: scale * _hazard(z) ** (1.0 / np.asarray(shape)),
        lambda x, shape, scale: _survival_score(-((np.maximum(x, 0.0) / scale) ** shape)),
        _positive,
    ),
    "pareto": QuantileFunction(
        ("minimum", "shape"),
        lambda z, minimum, shape: minimum * np.exp(_hazard(z) / shape),
        lambda x, minimum, shape: _survival_score(-shape * np.log(np.maximum(x / minimum, 1.0))),
        _positive,
    ),
    "lindy": QuantileFunction(
        ("age",),
        lambda z, age: age * np.expm1(_hazard(z)),
        lambda x, age: _survival_score(-np.log1p(np.maximum(x, 0.0) / age)),
        _positive,
    ),
    "gamma": QuantileFunction(
        ("shape", "scale"),
        _two_sided(
            lambda p, shape, scale: scale * special.gammaincinv(shape, p),
            lambda q, shape, scale: scale * special.gammainccinv(shape, q),
        ),
        _gamma_score,
        _positive,
    ),
    "beta": QuantileFunction(
        ("alpha", "beta"),
        _two_sided(
            lambda p, alpha, beta: special.betaincinv(alpha, beta, p),
            lambda q, alpha, beta: 1.0 - special.betaincinv(beta, alpha, q),
        ),
        _beta_score,
        _positive,
    ),
    "student_t": QuantileFunction(
        ("df", "location", "scale"),
        _two_sided(
            lambda p, df, location, scale: location + scale * special.stdtrit(df, p),
            lambda q, df, location, scale: location - scale * special.stdtrit(df, q),
        ),
        _t_score,
        lambda df, location, scale: _positive(df, scale) & np.isfinite(location),
    ),
}
