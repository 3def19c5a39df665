"""The families of distributions: each one resolved to its natural parameters.

A family knows three things: the SciPy distribution that defines it, how it changes when its unit changes,
and its quantile function over the normal score.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special
from scipy.interpolate import CubicHermiteSpline, pchip_interpolate

from timecone.errors import DistributionError
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap
from timecone.schema import FloatArray


def _require_order(low: float, high: float) -> None:
    if not low < high:
        raise DistributionError(
            "the lower bound is not below the upper one", got=(low, high), allowed="low < high"
        )


def _require_positive(name: str, value: float) -> None:
    if not value > 0.0:
        raise DistributionError(f"{name} is not positive", got=value, allowed=f"{name} > 0")


def _line(levels: FloatArray, values: FloatArray, score: FloatArray | None = None) -> FloatArray:
    """Return intercept and slope of the line through two quantiles, over a monotone scale."""
    x = special.ndtri(levels) if score is None else score
    slope = (values[1] - values[0]) / (x[1] - x[0])
    return np.array([values[0] - slope * x[0], slope])


def _stats() -> Any:
    # scipy.stats takes a second to import; a run needs none of it.
    from scipy import stats  # noqa: PLC0415

    return stats


def _mean_over_scores(score_map: ScoreMap) -> float:
    # Gauss-Hermite would miss the tails of a spline; an even grid of scores does not.
    z = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 20_001)
    weight = np.exp(-0.5 * z * z)
    return float(np.sum(score_map(z) * weight) / np.sum(weight))


class Family(ABC):
    """A distribution with resolved parameters."""

    name: ClassVar[str]
    #: Accepted sets of arguments, besides quantiles.
    forms: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: Number of quantiles that determine the family; 0 where none are accepted.
    quantile_count: ClassVar[int] = 2

    @classmethod
    @abstractmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        """Build from one of `forms`."""

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        """Build from ``quantile_count`` increasing quantiles."""
        raise NotImplementedError

    @abstractmethod
    def scaled(self, factor: float) -> Self:
        """Return the distribution of ``factor`` times the quantity."""

    @abstractmethod
    def scipy(self) -> Any:
        """Return the frozen SciPy distribution."""

    @abstractmethod
    def score_map(self) -> ScoreMap:
        """Return the quantile function over the normal score."""

    def ppf(self, p: FloatArray) -> FloatArray:
        """Return the quantiles at probabilities ``p`` in (0, 1)."""
        scores = special.ndtri(np.asarray(p, dtype=np.float64))
        return self.score_map()(np.asarray(scores, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean; inf where it does not exist."""
        return float(self.scipy().mean())


@dataclass(frozen=True)
class Point(Family):
    """A known value."""

    value: float
    name: ClassVar[str] = "point"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("value",),)
    quantile_count: ClassVar[int] = 0

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        return cls(given["value"])

    def scaled(self, factor: float) -> Self:
        return replace(self, value=self.value * factor)

    def scipy(self) -> Any:
        return _stats().uniform(loc=self.value, scale=0.0)

    def score_map(self) -> ScoreMap:
        return ScoreMap(a=self.value)

    def mean(self) -> float:
        return self.value


@dataclass(frozen=True)
class Uniform(Family):
    """Equal density between two bounds."""

    low: float
    high: float
    name: ClassVar[str] = "uniform"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "high"),)

    def __post_init__(self) -> None:
        _require_order(self.low, self.high)

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        return cls(given["low"], given["high"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        low, width = _line(levels, values, score=levels)
        return cls(low, low + width)

    def scaled(self, factor: float) -> Self:
        return replace(self, low=self.low * factor, high=self.high * factor)

    def scipy(self) -> Any:
        return _stats().uniform(loc=self.low, scale=self.high - self.low)

    def score_map(self) -> ScoreMap:
        return ScoreMap.from_quantiles(
            lambda z: self.low + (self.high - self.low) * special.ndtr(z),
            low=self.low,
            high=self.high,
        )


@dataclass(frozen=True)
class LogUniform(Uniform):
    """Equal density of the logarithm between two positive bounds."""

    name: ClassVar[str] = "loguniform"

    def __post_init__(self) -> None:
        _require_positive("low", self.low)
        super().__post_init__()

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        _require_positive("the lowest quantile", values[0])
        low, width = _line(levels, np.log(values), score=levels)
        return cls(float(np.exp(low)), float(np.exp(low + width)))

    def scipy(self) -> Any:
        return _stats().loguniform(self.low, self.high)

    def score_map(self) -> ScoreMap:
        width = np.log(self.high / self.low)
        return ScoreMap.from_log_quantiles(
            lambda z: np.log(self.low) + width * special.ndtr(z), low=self.low, high=self.high
        )


@dataclass(frozen=True)
class Normal(Family):
    """The normal distribution."""

    mu: float
    sigma: float
    name: ClassVar[str] = "normal"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean", "sd"),)

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        _require_positive("sd", given["sd"])
        return cls(given["mean"], given["sd"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        mu, sigma = _line(levels, values)
        return cls(float(mu), float(sigma))

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu * factor, sigma=self.sigma * factor)

    def scipy(self) -> Any:
        return _stats().norm(loc=self.mu, scale=self.sigma)

    def score_map(self) -> ScoreMap:
        return ScoreMap(a=self.mu, b=self.sigma)


@dataclass(frozen=True)
class LogNormal(Family):
    """The distribution of a quantity whose natural logarithm is normal(mu, sigma)."""

    mu: float
    sigma: float
    name: ClassVar[str] = "lognormal"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean", "sd"), ("median", "sigma"))

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        if "median" in given:
            _require_positive("median", given["median"])
            _require_positive("sigma", given["sigma"])
            return cls(float(np.log(given["median"])), given["sigma"])
        _require_positive("mean", given["mean"])
        _require_positive("sd", given["sd"])
        variance = float(np.log1p((given["sd"] / given["mean"]) ** 2))
        return cls(float(np.log(given["mean"])) - 0.5 * variance, variance**0.5)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        _require_positive("the lowest quantile", values[0])
        mu, sigma = _line(levels, np.log(values))
        return cls(float(mu), float(sigma))

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu + float(np.log(factor)))

    def scipy(self) -> Any:
        return _stats().lognorm(s=self.sigma, scale=np.exp(self.mu))

    def score_map(self) -> ScoreMap:
        return ScoreMap(a=self.mu, b=self.sigma, log=True, low=0.0)


@dataclass(frozen=True)
class Exponential(Family):
    """Waiting time for an event of constant hazard."""

    scale: float
    name: ClassVar[str] = "exponential"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean",), ("rate",))
    quantile_count: ClassVar[int] = 1

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        ((name, value),) = given.items()
        _require_positive(name, value)
        return cls(value if name == "mean" else 1.0 / value)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        _require_positive("the quantile", values[0])
        return cls(float(-values[0] / np.log1p(-levels[0])))

    def scaled(self, factor: float) -> Self:
        return replace(self, scale=self.scale * factor)

    def scipy(self) -> Any:
        return _stats().expon(scale=self.scale)

    def score_map(self) -> ScoreMap:
        # The logarithm is smooth over the score, and keeps the relative precision of short times.
        return ScoreMap.from_log_quantiles(
            lambda z: np.log(-self.scale * special.log_ndtr(-z)), low=0.0, high=np.inf
        )


@dataclass(frozen=True)
class Pareto(Family):
    """P(X > x) = (minimum / x)**shape for x above the minimum."""

    minimum: float
    shape: float
    name: ClassVar[str] = "pareto"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("minimum", "shape"),)

    def __post_init__(self) -> None:
        _require_positive("minimum", self.minimum)
        _require_positive("shape", self.shape)

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        return cls(given["minimum"], given["shape"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        _require_positive("the lowest quantile", values[0])
        log_minimum, inverse_shape = _line(levels, np.log(values), score=-np.log1p(-levels))
        return cls(float(np.exp(log_minimum)), float(1.0 / inverse_shape))

    def scaled(self, factor: float) -> Self:
        return replace(self, minimum=self.minimum * factor)

    def scipy(self) -> Any:
        return _stats().pareto(self.shape, scale=self.minimum)

    def score_map(self) -> ScoreMap:
        return ScoreMap.from_log_quantiles(
            lambda z: np.log(self.minimum) - special.log_ndtr(-z) / self.shape,
            low=self.minimum,
            high=np.inf,
        )


@dataclass(frozen=True)
class Lindy(Family):
    """Remaining life of something of a given age: P(X > x) = age / (age + x).

    The longer it has lasted, the longer it is likely to last; the median remaining life is its age. This is
    a Lomax distribution of shape 1; it has no mean.
    """

    age: float
    name: ClassVar[str] = "lindy"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("age",),)
    quantile_count: ClassVar[int] = 1

    def __post_init__(self) -> None:
        _require_positive("age", self.age)

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        return cls(given["age"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray) -> Family:
        _require_positive("the quantile", values[0])
        return cls(float(values[0] * (1.0 - levels[0]) / levels[0]))

    def scaled(self, factor: float) -> Self:
        return replace(self, age=self.age * factor)

    def scipy(self) -> Any:
        return _stats().lomax(1.0, scale=self.age)

    def score_map(self) -> ScoreMap:
        return ScoreMap.from_log_quantiles(
            lambda z: np.log(self.age * np.expm1(-special.log_ndtr(-z))), low=0.0, high=np.inf
        )


@dataclass(frozen=True)
class Percentiles(Family):
    """A distribution given by two or more of its quantiles.

    Between them a monotone cubic (Fritsch & Carlson 1980) over the normal score; beyond the outermost ones
    the line through the last two goes on, so the tails are normal (lognormal in logarithmic space).
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]
    log: bool
    low: float = -np.inf
    high: float = np.inf
    name: ClassVar[str] = "percentiles"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        raise NotImplementedError

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            values=tuple(v * factor for v in self.values),
            low=self.low * factor,
            high=self.high * factor,
        )

    def scipy(self) -> Any:
        raise NotImplementedError("a table of percentiles has no SciPy counterpart")

    def score_map(self) -> ScoreMap:
        z = special.ndtri(np.array(self.levels))
        y = np.log(self.values) if self.log else np.array(self.values)
        outer = np.diff(y)[[0, -1]] / np.diff(z)[[0, -1]]
        slopes = pchip_interpolate(z, y, z, der=1)
        slopes[0], slopes[-1] = outer
        knots = np.concatenate([[-LARGEST_SCORE], z, [LARGEST_SCORE]])
        ends = y[[0, -1]] + outer * (knots[[0, -1]] - z[[0, -1]])
        spline = CubicHermiteSpline(
            knots,
            np.concatenate([ends[:1], y, ends[1:]]),
            np.concatenate([outer[:1], slopes, outer[1:]]),
        )
        return ScoreMap.from_cubics(knots, spline.c.T, log=self.log, low=self.low, high=self.high)

    def mean(self) -> float:
        return _mean_over_scores(self.score_map())


@dataclass(frozen=True)
class Truncated(Family):
    """Another distribution, conditional on lying between two bounds."""

    parent: Family
    low: float
    high: float
    name: ClassVar[str] = "truncated"

    def __post_init__(self) -> None:
        _require_order(self.low, self.high)
        below, above = self._cut()
        if not below + above < 1.0:
            raise DistributionError(
                "nothing of the distribution lies between the truncation bounds",
                got=(self.low, self.high),
                remedy="Widen the bounds or move the distribution.",
            )

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        raise NotImplementedError

    def _cut(self) -> tuple[float, float]:
        rv = self.parent.scipy()
        return float(rv.cdf(self.low)), float(rv.sf(self.high))

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            parent=self.parent.scaled(factor),
            low=self.low * factor,
            high=self.high * factor,
        )

    def scipy(self) -> Any:
        raise NotImplementedError("use the parent's SciPy distribution and the bounds")

    def _at_scores(self, z: FloatArray) -> FloatArray:
        rv = self.parent.scipy()
        below, above = self._cut()
        inside = 1.0 - below - above
        p = below + inside * special.ndtr(z)
        q = above + inside * special.ndtr(-z)
        # The smaller of the two keeps its digits: quantiles above the median from the upper tail.
        value = np.where(p < q, rv.ppf(np.minimum(p, q)), rv.isf(np.minimum(p, q)))
        return np.asarray(np.clip(value, self.low, self.high))

    def score_map(self) -> ScoreMap:
        low, high = (float(x) for x in self.parent.scipy().support())
        low, high = max(low, self.low), min(high, self.high)
        if low > 0.0:
            return ScoreMap.from_log_quantiles(lambda z: np.log(self._at_scores(z)), low=low, high=high)
        return ScoreMap.from_quantiles(self._at_scores, low=low, high=high)

    def mean(self) -> float:
        return _mean_over_scores(self.score_map())


FAMILIES: dict[str, type[Family]] = {
    family.name: family
    for family in (
        Point, Uniform, LogUniform, Normal, LogNormal, Exponential, Pareto, Lindy, Percentiles
    )
}  # fmt: skip
