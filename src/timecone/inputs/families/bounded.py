"""Families between two bounds: beta, PERT, triangular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.curve import Curve
from timecone.inputs.families.base import Family, require_order, require_positive
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.families.scipy_backed import SciPyBacked
from timecone.schema import FloatArray


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
