"""Families defined by SciPy: shapes, a location and a scale."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError, suggestion
from timecone.inputs.curve import Curve
from timecone.inputs.families.base import (
    Family,
    least_squares_line,
    require_order,
    require_positive,
    scipy_stats,
)
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.score_map import Tail
from timecone.schema import FloatArray


@dataclass(frozen=True)
class SciPyBacked(Family):
    """location + scale * X, with X one of SciPy's continuous distributions in standard form.

    Attributes
    ----------
    shapes : tuple of float
        In SciPy's order.
    location, scale : float
        In the quantity's unit.
    """

    shapes: tuple[float, ...] = ()
    location: float = 0.0
    scale: float = 1.0

    def standard(self) -> Any:
        """Return the frozen standard form."""
        return getattr(scipy_stats(), self.scipy_name)(*self.shapes)

    @property
    @abstractmethod
    def scipy_name(self) -> str:
        """Name of the distribution in scipy.stats."""

    def scipy(self) -> Any:
        return getattr(scipy_stats(), self.scipy_name)(*self.shapes, loc=self.location, scale=self.scale)

    def scaled(self, factor: float) -> Self:
        return replace(self, location=self.location * factor, scale=self.scale * factor)

    def curve(self) -> Curve:
        return scipy_curve(self.standard(), self.location, self.scale)

    def moved(self, shift: float, unit: float) -> Self:
        """Return shift + unit * X."""
        return replace(self, location=shift + unit * self.location, scale=unit * self.scale)


def scipy_quantile(rv: Any, z: FloatArray) -> FloatArray:
    """Return the quantile of a frozen SciPy distribution at scores.

    The upper half from the survival function: 1 - p has no digits left in the upper tail.
    """
    lower = z <= 0.0
    out = np.empty_like(z)
    with warnings.catch_warnings():
        # Solvers complain of last digits; what is not a number is refused later on.
        warnings.simplefilter("ignore", RuntimeWarning)
        out[lower] = rv.ppf(special.ndtr(z[lower]))
        out[~lower] = rv.isf(special.ndtr(-z[~lower]))
    return out


def scipy_curve(rv: Any, shift: float = 0.0, scale: float = 1.0) -> Curve:
    """Return the curve of shift + scale * X for a frozen SciPy distribution X.

    The support chooses the function that takes the tails off the table: exp above a bound, the logistic
    function between two, sinh where there is none.
    """
    low, high = (float(x) for x in rv.support())
    bottom, top = shift + scale * low, shift + scale * high
    tiny = np.finfo(np.float64).tiny
    if np.isfinite(low) and np.isfinite(high):
        width = high - low

        def logit(z: FloatArray) -> FloatArray:
            x = (scipy_quantile(rv, z) - low) / width
            return np.asarray(special.logit(np.clip(x, tiny, 1.0 - 2.0**-53)))

        return Curve(logit, Tail.LOGISTIC, bottom, scale * width, bottom, top)
    if np.isfinite(low):
        return Curve(
            lambda z: np.log(np.maximum(scipy_quantile(rv, z) - low, tiny)),
            Tail.EXP, bottom, scale, bottom, top,
        )  # fmt: skip
    middle = float(rv.median())
    width = float(rv.ppf(0.75) - rv.ppf(0.25))
    return Curve(
        lambda z: np.arcsinh((scipy_quantile(rv, z) - middle) / width),
        Tail.SINH, shift + scale * middle, scale * width, bottom, top,
    )  # fmt: skip


@dataclass(frozen=True)
class StudentT(SciPyBacked):
    """Student's t: a normal with heavier tails, the more so the fewer the degrees of freedom."""

    name: ClassVar[str] = "student_t"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("df", "location", "scale"),)
    fixed: ClassVar[tuple[str, ...]] = ("df",)

    @property
    def scipy_name(self) -> str:
        return "t"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        require_positive("df", given["df"])
        require_positive("scale", given["scale"])
        return cls((given["df"],), given["location"], given["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("df", fixed["df"])
        return fit_quantiles(levels, values, lambda p: cls((fixed["df"],), p[0], np.exp(p[1])), [(0.0, 0.0)])


@dataclass(frozen=True)
class LogStudentT(StudentT):
    """A quantity whose natural logarithm is Student's t: a lognormal with heavier tails; it has no mean.

    With few degrees of freedom its tails leave every number behind, so that it must be truncated or clamped.
    """

    name: ClassVar[str] = "log_student_t"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("df", "median", "sigma"),)

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        for key, value in given.items():
            require_positive(key, value)
        return cls((given["df"],), float(np.log(given["median"])), given["sigma"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        return super().from_quantiles(levels, np.log(values), fixed)

    def scipy(self) -> Any:
        raise NotImplementedError("the logarithm of a log-Student-t is SciPy's t")

    def log_scipy(self) -> Any:
        """Return the frozen SciPy distribution of the natural logarithm."""
        return super().scipy()

    def scaled(self, factor: float) -> Self:
        return replace(self, location=self.location + float(np.log(factor)))

    def curve(self) -> Curve:
        log = self.log_scipy()
        return Curve(lambda z: scipy_quantile(log, z), tail=Tail.EXP, low=0.0)

    def mean(self) -> float:
        return float("inf")


@dataclass(frozen=True)
class SkewNormal(SciPyBacked):
    """Skew-normal (Azzalini 1985); ``skew`` 0 is the normal."""

    name: ClassVar[str] = "skew_normal"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("skew", "location", "scale"),)
    quantile_count: ClassVar[int] = 3

    @property
    def scipy_name(self) -> str:
        return "skewnorm"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        require_positive("scale", given["scale"])
        return cls((given["skew"],), given["location"], given["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        starts = [(0.0, 0.0, skew) for skew in (-4.0, -1.0, 1.0, 4.0)]
        return fit_quantiles(
            levels, values, lambda p: cls((float(np.clip(p[2], -50, 50)),), p[0], np.exp(p[1])), starts
        )


@dataclass(frozen=True)
class Beta(SciPyBacked):
    """Beta distribution between two bounds, 0 and 1 unless given."""

    name: ClassVar[str] = "beta"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("alpha", "beta"),)
    optional: ClassVar[dict[str, float]] = {"low": 0.0, "high": 1.0}
    fixed: ClassVar[tuple[str, ...]] = ("low", "high")

    @property
    def scipy_name(self) -> str:
        return "beta"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        require_positive("alpha", given["alpha"])
        require_positive("beta", given["beta"])
        require_order(given["low"], given["high"])
        shapes = (given["alpha"], given["beta"])
        return cls(shapes, given["low"], given["high"] - given["low"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        low, high = fixed["low"], fixed["high"]
        require_order(low, high)
        if not (low < values[0] and values[-1] < high):
            raise DistributionError(
                "a quantile lies outside the bounds", got=(values[0].item(), values[-1].item()),
                allowed=f"quantiles between {low:g} and {high:g}",
            )  # fmt: skip
        return fit_quantiles(
            levels, values,
            lambda p: cls((np.exp(p[0]), np.exp(p[1])), low, high - low),
            [(0.5, 0.5), (2.0, 2.0), (0.5, 3.0), (3.0, 0.5)],
            standardise=False,
        )  # fmt: skip


@dataclass(frozen=True)
class Pert(SciPyBacked):
    """Modified PERT (Vose 2000): a beta between low and high about a mode; ``weight`` 4 is the classic."""

    name: ClassVar[str] = "pert"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "mode", "high"),)
    optional: ClassVar[dict[str, float]] = {"weight": 4.0}
    quantile_count: ClassVar[int] = 0

    @property
    def scipy_name(self) -> str:
        return "beta"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        low, mode, high = given["low"], given["mode"], given["high"]
        _require_mode(low, mode, high)
        require_positive("weight", given["weight"])
        width = high - low
        shapes = (
            1.0 + given["weight"] * (mode - low) / width,
            1.0 + given["weight"] * (high - mode) / width,
        )
        return cls(shapes, low, width)


@dataclass(frozen=True)
class Triangular(SciPyBacked):
    """Density that rises linearly from low to the mode and falls linearly to high."""

    name: ClassVar[str] = "triangular"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "mode", "high"),)
    quantile_count: ClassVar[int] = 0

    @property
    def scipy_name(self) -> str:
        return "triang"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        low, mode, high = given["low"], given["mode"], given["high"]
        _require_mode(low, mode, high)
        return cls(((mode - low) / (high - low),), low, high - low)

    def curve(self) -> Curve:
        c = self.shapes[0]

        def standard(z: FloatArray) -> FloatArray:
            p, q = special.ndtr(z), special.ndtr(-z)
            return np.where(p < c, np.sqrt(p * c), 1.0 - np.sqrt(q * (1.0 - c)))

        return Curve(
            standard, shift=self.location, scale=self.scale, low=self.location,
            high=self.location + self.scale, kinks=special.ndtri(np.array([c])),
        )  # fmt: skip


def _require_mode(low: float, mode: float, high: float) -> None:
    require_order(low, high)
    if not low <= mode <= high:
        raise DistributionError("the mode lies outside the bounds", got=mode, allowed=f"{low:g} to {high:g}")


@dataclass(frozen=True)
class Gamma(SciPyBacked):
    """Gamma distribution from 0."""

    name: ClassVar[str] = "gamma"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("shape", "scale"), ("mean", "sd"))

    @property
    def scipy_name(self) -> str:
        return "gamma"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        for key, value in given.items():
            require_positive(key, value)
        if "shape" in given:
            return cls((given["shape"],), 0.0, given["scale"])
        shape = (given["mean"] / given["sd"]) ** 2
        return cls((shape,), 0.0, given["mean"] / shape)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        return fit_quantiles(
            levels, values, lambda p: cls((np.exp(p[1]),), 0.0, np.exp(p[0] - p[1])),
            [(0.0, s) for s in (-1.0, 0.0, 1.0, 3.0)], log=True,
        )  # fmt: skip


@dataclass(frozen=True)
class Weibull(SciPyBacked):
    """Weibull distribution from 0: waiting time with a hazard that grows or falls as a power of time."""

    name: ClassVar[str] = "weibull"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("shape", "scale"),)

    @property
    def scipy_name(self) -> str:
        return "weibull_min"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        require_positive("shape", given["shape"])
        require_positive("scale", given["scale"])
        return cls((given["shape"],), 0.0, given["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        log_scale, slope = least_squares_line(np.log(-np.log1p(-levels)), np.log(values))
        return cls((1.0 / slope,), 0.0, float(np.exp(log_scale)))


@dataclass(frozen=True)
class AnySciPy(SciPyBacked):
    """Any continuous distribution of scipy.stats, by its name there: ``distribution = "scipy.gumbel_r"``."""

    distribution: str = "norm"
    name: ClassVar[str] = "scipy"
    quantile_count: ClassVar[int] = 0

    @property
    def scipy_name(self) -> str:
        return self.distribution

    @property
    def label(self) -> str:
        return f"scipy.{self.distribution}"

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        raise NotImplementedError

    @classmethod
    def named(cls, distribution: str, given: dict[str, float]) -> Family:
        """Build from SciPy's own argument names: shapes, ``loc``, ``scale``."""
        stats = scipy_stats()
        found = getattr(stats, distribution, None)
        if not isinstance(found, stats.rv_continuous):
            known = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous)]
            raise DistributionError(
                "scipy.stats has no such continuous distribution", got=distribution,
                remedy=suggestion(distribution, known),
            )  # fmt: skip
        shapes = [s.strip() for s in (found.shapes or "").split(",") if s.strip()]
        missing = [s for s in shapes if s not in given]
        unknown = [key for key in given if key not in (*shapes, "loc", "scale")]
        if missing or unknown:
            raise DistributionError(
                f"scipy.{distribution} is not determined by these arguments", got=sorted(given),
                allowed=", ".join([*shapes, "loc", "scale"]),
            )  # fmt: skip
        values = tuple(given[s] for s in shapes)
        scale = given.get("scale", 1.0)
        require_positive("scale", scale)
        if not np.isfinite(found(*values).ppf(0.5)):
            raise DistributionError(f"the shapes of scipy.{distribution} are out of range", got=dict(given))
        return cls(values, given.get("loc", 0.0), scale, distribution)
