"""Families from 0 by SciPy: gamma and Weibull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from timecone.inputs.families.base import Family, least_squares_line, require_positive
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.families.registry import register
from timecone.inputs.families.scipy_backed import SciPyBacked
from timecone.schema import FloatArray


@register
@dataclass(frozen=True)
class Gamma(SciPyBacked):
    """Gamma distribution from 0."""

    name: ClassVar[str] = "gamma"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("shape", "scale"), ("mean", "sd"))

    @property
    def scipy_name(self) -> str:
        return "gamma"

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        for key, value in arguments.items():
            require_positive(key, value)
        if "shape" in arguments:
            return cls((arguments["shape"],), 0.0, arguments["scale"])
        shape = (arguments["mean"] / arguments["sd"]) ** 2
        return cls((shape,), 0.0, arguments["mean"] / shape)

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        return fit_quantiles(
            levels, values, lambda p: cls((np.exp(p[1]),), 0.0, np.exp(p[0] - p[1])),
            [(0.0, s) for s in (-1.0, 0.0, 1.0, 3.0)], log=True,
        )  # fmt: skip


@register
@dataclass(frozen=True)
class Weibull(SciPyBacked):
    """Weibull distribution from 0: waiting time with a hazard that grows or falls as a power of time."""

    name: ClassVar[str] = "weibull"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("shape", "scale"),)

    @property
    def scipy_name(self) -> str:
        return "weibull_min"

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        require_positive("shape", arguments["shape"])
        require_positive("scale", arguments["scale"])
        return cls((arguments["shape"],), 0.0, arguments["scale"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("the lowest quantile", values[0])
        log_scale, slope = least_squares_line(np.log(-np.log1p(-levels)), np.log(values))
        return cls((1.0 / slope,), 0.0, float(np.exp(log_scale)))
