"""Families on the whole line by SciPy, or of a logarithm there: Student's t and the skew-normal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from timecone.inputs.compiled_quantile import Tail
from timecone.inputs.families.base import Family, require_positive
from timecone.inputs.families.canonical import canonical, number_text, offset_text
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.families.registry import register
from timecone.inputs.families.scipy_backed import SciPyBacked, scipy_quantile
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray


@register
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
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        require_positive("df", arguments["df"])
        require_positive("scale", arguments["scale"])
        return cls((arguments["df"],), arguments["location"], arguments["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("df", fixed["df"])
        return fit_quantiles(levels, values, lambda p: cls((fixed["df"],), p[0], np.exp(p[1])), [(0.0, 0.0)])


@register
@dataclass(frozen=True)
class LogStudentT(StudentT):
    """A quantity whose natural logarithm is Student's t: a lognormal with heavier tails; it has no mean.

    With few degrees of freedom its tails leave every number behind, so that it must be truncated or clamped.
    """

    name: ClassVar[str] = "log_student_t"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("df", "median", "sigma"),)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        for key, value in arguments.items():
            require_positive(key, value)
        return cls((arguments["df"],), float(np.log(arguments["median"])), arguments["sigma"])

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

    def quantile(self) -> Quantile:
        log = self.log_scipy()
        return Quantile(lambda z: scipy_quantile(log, z), tail=Tail.EXP, low=0.0)

    def digest_key(self) -> list[Any]:
        place = [offset_text(self.location), number_text(self.scale)]
        return [self.name, canonical(self.shapes), *place]

    def mean(self) -> float:
        return float("inf")


@register
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
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        require_positive("scale", arguments["scale"])
        return cls((arguments["skew"],), arguments["location"], arguments["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        starts = [(0.0, 0.0, skew) for skew in (-4.0, -1.0, 1.0, 4.0)]
        return fit_quantiles(
            levels, values, lambda p: cls((float(np.clip(p[2], -50, 50)),), p[0], np.exp(p[1])), starts
        )
