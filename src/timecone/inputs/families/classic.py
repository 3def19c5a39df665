"""Families with closed forms: points, uniforms, normals, exponentials and power laws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.atoms import Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile, Tail
from timecone.inputs.density import Density, density_of_values
from timecone.inputs.families.base import (
    Family,
    least_squares_line,
    require_order,
    require_positive,
    scipy_stats,
)
from timecone.inputs.families.canonical import number_text, offset_text
from timecone.inputs.families.registry import register
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray
from timecone.units import Conversion


@register
@dataclass(frozen=True)
class Point(Family):
    """A known value; inf for never."""

    value: float
    name: ClassVar[str] = "point"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("value",),)
    quantile_count: ClassVar[int] = 0

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        # A value may be inf, which is no number elsewhere.
        return cls(math.inf) if arguments == {"value": math.inf} else super().from_arguments(arguments)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        return cls(arguments["value"])

    def require_bounds(self, bounds: Mapping[str, Any]) -> None:
        if "truncate" in bounds:
            raise DistributionError(
                "point-truncated",
                "a point cannot be truncated",
                got=bounds["truncate"],
                remedy="State the value that you mean, or clamp it.",
            )

    def converted(self, how: Conversion) -> Family | None:
        return self if self.value == math.inf else None

    def log_density(self, values: FloatArray) -> Density:
        return density_of_values(values, (self.value,), (1.0,))

    def scaled(self, factor: float) -> Self:
        return replace(self, value=self.value * factor)

    def scipy(self) -> Any:
        return scipy_stats().uniform(loc=self.value, scale=0.0)

    def quantile(self) -> Quantile:
        return Quantile.of(CompiledQuantile(a=self.value, b=0.0))

    @property
    def atoms(self) -> Atoms:
        return Atoms(np.array([self.value]), np.array([-np.inf]), np.array([np.inf]))

    def require_finite(self) -> None:
        if self.value != np.inf:
            super().require_finite()

    def mean(self) -> float:
        return self.value


@register
@dataclass(frozen=True)
class Uniform(Family):
    """Equal density between two bounds."""

    low: float
    high: float
    name: ClassVar[str] = "uniform"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "high"),)

    def __post_init__(self) -> None:
        require_order(self.low, self.high)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        return cls(arguments["low"], arguments["high"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        low, width = least_squares_line(levels, values)
        return cls(low, low + width)

    def scaled(self, factor: float) -> Self:
        return replace(self, low=self.low * factor, high=self.high * factor)

    def scipy(self) -> Any:
        return scipy_stats().uniform(loc=self.low, scale=self.high - self.low)

    def quantile(self) -> Quantile:
        return Quantile(
            special.ndtr, shift=self.low, scale=self.high - self.low, low=self.low, high=self.high
        )


@register
@dataclass(frozen=True)
class LogUniform(Uniform):
    """Equal density of the logarithm between two positive bounds."""

    name: ClassVar[str] = "loguniform"

    def __post_init__(self) -> None:
        require_positive("low", self.low)
        super().__post_init__()

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        low, width = least_squares_line(levels, np.log(values))
        return cls(float(np.exp(low)), float(np.exp(low + width)))

    def scipy(self) -> Any:
        return scipy_stats().loguniform(self.low, self.high)

    def quantile(self) -> Quantile:
        width = np.log(self.high / self.low)
        return Quantile(
            lambda z: width * special.ndtr(z),
            tail=Tail.EXP,
            scale=self.low,
            low=self.low,
            high=self.high,
        )


@register
@dataclass(frozen=True)
class Normal(Family):
    """The normal distribution."""

    mu: float
    sigma: float
    name: ClassVar[str] = "normal"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean", "sd"),)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        require_positive("sd", arguments["sd"])
        return cls(arguments["mean"], arguments["sd"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        mu, sigma = least_squares_line(special.ndtri(levels), values)
        return cls(float(mu), float(sigma))

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu * factor, sigma=self.sigma * factor)

    def scipy(self) -> Any:
        return scipy_stats().norm(loc=self.mu, scale=self.sigma)

    def quantile(self) -> Quantile:
        return Quantile.of(CompiledQuantile(a=self.mu, b=self.sigma))

    def digest_key(self) -> list[Any]:
        return [self.name, offset_text(self.mu / self.sigma), number_text(self.sigma)]

    def power_of_ten(self) -> Family:
        return LogNormal(self.mu * float(np.log(10.0)), self.sigma * float(np.log(10.0)))


@register
@dataclass(frozen=True)
class LogNormal(Family):
    """The distribution of a quantity whose natural logarithm is normal(mu, sigma)."""

    mu: float
    sigma: float
    name: ClassVar[str] = "lognormal"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean", "sd"), ("median", "sigma"))

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        if "median" in arguments:
            require_positive("median", arguments["median"])
            require_positive("sigma", arguments["sigma"])
            return cls(float(np.log(arguments["median"])), arguments["sigma"])
        require_positive("mean", arguments["mean"])
        require_positive("sd", arguments["sd"])
        variance = float(np.log1p((arguments["sd"] / arguments["mean"]) ** 2))
        return cls(float(np.log(arguments["mean"])) - 0.5 * variance, variance**0.5)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        mu, sigma = least_squares_line(special.ndtri(levels), np.log(values))
        return cls(float(mu), float(sigma))

    def scaled(self, factor: float) -> Self:
        return replace(self, mu=self.mu + float(np.log(factor)))

    def scipy(self) -> Any:
        return scipy_stats().lognorm(s=self.sigma, scale=np.exp(self.mu))

    def quantile(self) -> Quantile:
        return Quantile.of(CompiledQuantile(a=self.mu, b=self.sigma, tail=Tail.EXP, low=0.0))

    def digest_key(self) -> list[Any]:
        return [self.name, offset_text(self.mu), number_text(self.sigma)]

    def log_ten(self) -> Family:
        return Normal(self.mu / float(np.log(10.0)), self.sigma / float(np.log(10.0)))


@register
@dataclass(frozen=True)
class Exponential(Family):
    """Waiting time for an event of constant hazard."""

    scale: float
    name: ClassVar[str] = "exponential"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("mean",), ("rate",))
    quantile_count: ClassVar[int] = 1

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        ((name, value),) = arguments.items()
        require_positive(name, value)
        return cls(value if name == "mean" else 1.0 / value)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        return cls(float(np.exp(np.mean(np.log(-values / np.log1p(-levels))))))

    def scaled(self, factor: float) -> Self:
        return replace(self, scale=self.scale * factor)

    def scipy(self) -> Any:
        return scipy_stats().expon(scale=self.scale)

    def quantile(self) -> Quantile:
        # The logarithm is smooth over the score, and keeps the relative precision of short times.
        return Quantile(lambda z: np.log(-special.log_ndtr(-z)), tail=Tail.EXP, scale=self.scale, low=0.0)


@register
@dataclass(frozen=True)
class Pareto(Family):
    """P(X > x) = (minimum / x)**shape for x above the minimum."""

    minimum: float
    shape: float
    name: ClassVar[str] = "pareto"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("minimum", "shape"),)

    def __post_init__(self) -> None:
        require_positive("minimum", self.minimum)
        require_positive("shape", self.shape)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        return cls(arguments["minimum"], arguments["shape"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        log_minimum, inverse_shape = least_squares_line(-np.log1p(-levels), np.log(values))
        return cls(float(np.exp(log_minimum)), float(1.0 / inverse_shape))

    def scaled(self, factor: float) -> Self:
        return replace(self, minimum=self.minimum * factor)

    def scipy(self) -> Any:
        return scipy_stats().pareto(self.shape, scale=self.minimum)

    def quantile(self) -> Quantile:
        return Quantile(
            lambda z: -special.log_ndtr(-z) / self.shape,
            tail=Tail.EXP,
            scale=self.minimum,
            low=self.minimum,
        )


@register
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
        require_positive("age", self.age)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        return cls(arguments["age"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        return cls(float(np.exp(np.mean(np.log(values * (1.0 - levels) / levels)))))

    def scaled(self, factor: float) -> Self:
        return replace(self, age=self.age * factor)

    def scipy(self) -> Any:
        return scipy_stats().lomax(1.0, scale=self.age)

    def quantile(self) -> Quantile:
        return Quantile(
            lambda z: np.log(np.expm1(-special.log_ndtr(-z))),
            tail=Tail.EXP,
            scale=self.age,
            low=0.0,
        )
