"""Families between two bounds: beta, PERT, triangular."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.families.base import Family, require_order, require_positive
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.families.registry import register
from timecone.inputs.families.scipy_backed import SciPyBacked
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray

# Of the logarithm of a bound's distance from the mode, in units of the distance between the quantiles.
_WIDEST = 25.0
# Two quantiles and the mode determine the bounds; a larger miss shows that there are none.
_TWO, _EXACT = 2, 1e-6


@register
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
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        require_positive("alpha", arguments["alpha"])
        require_positive("beta", arguments["beta"])
        require_order(arguments["low"], arguments["high"])
        shapes = (arguments["alpha"], arguments["beta"])
        return cls(shapes, arguments["low"], arguments["high"] - arguments["low"])

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        low, high = fixed["low"], fixed["high"]
        require_order(low, high)
        if not (low < values[0] and values[-1] < high):
            raise DistributionError(
                "quantile-outside-bounds",
                "a quantile lies outside the bounds",
                got=(values[0].item(), values[-1].item()),
                allowed=f"quantiles between {low:g} and {high:g}",
            )
        return fit_quantiles(
            levels, values,
            lambda p: cls((np.exp(p[0]), np.exp(p[1])), low, high - low),
            [(0.5, 0.5), (2.0, 2.0), (0.5, 3.0), (3.0, 0.5)],
            standardise=False,
        )  # fmt: skip


@register
@dataclass(frozen=True)
class Pert(SciPyBacked):
    """Modified PERT (Vose 2000): a beta between low and high about a mode; ``weight`` 4 is the classic."""

    name: ClassVar[str] = "pert"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "mode", "high"),)
    optional: ClassVar[dict[str, float]] = {"weight": 4.0}
    fixed: ClassVar[tuple[str, ...]] = ("mode", "weight")

    @property
    def scipy_name(self) -> str:
        return "beta"

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        require_positive("weight", fixed["weight"])
        return _about_mode(cls, levels, values, fixed)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        low, mode, high = arguments["low"], arguments["mode"], arguments["high"]
        _require_mode(low, mode, high)
        require_positive("weight", arguments["weight"])
        width = high - low
        shapes = (
            1.0 + arguments["weight"] * (mode - low) / width,
            1.0 + arguments["weight"] * (high - mode) / width,
        )
        return cls(shapes, low, width)


@register
@dataclass(frozen=True)
class Triangular(SciPyBacked):
    """Density that rises linearly from low to the mode and falls linearly to high."""

    name: ClassVar[str] = "triangular"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("low", "mode", "high"),)
    fixed: ClassVar[tuple[str, ...]] = ("mode",)

    @property
    def scipy_name(self) -> str:
        return "triang"

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        return _about_mode(cls, levels, values, fixed)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        low, mode, high = arguments["low"], arguments["mode"], arguments["high"]
        _require_mode(low, mode, high)
        return cls(((mode - low) / (high - low),), low, high - low)

    def quantile(self) -> Quantile:
        c = self.shapes[0]

        def standard(z: FloatArray) -> FloatArray:
            p, q = special.ndtr(z), special.ndtr(-z)
            return np.where(p < c, np.sqrt(p * c), 1.0 - np.sqrt(q * (1.0 - c)))

        return Quantile(
            standard, shift=self.location, scale=self.scale, low=self.location,
            high=self.location + self.scale, kinks=special.ndtri(np.array([c])),
        )  # fmt: skip


def _about_mode(
    cls: type[Pert | Triangular], levels: FloatArray, values: FloatArray, fixed: dict[str, float]
) -> Family:
    """Return the distribution with a mode whose quantiles are nearest to some: its bounds are found."""
    mode, unit = fixed["mode"], float(np.ptp(values))

    def build(widths: FloatArray) -> SciPyBacked:
        low, high = np.exp(np.clip(widths, -_WIDEST, _WIDEST))
        made = cls.from_moments(fixed | {"mode": 0.0, "low": -float(low), "high": float(high)})
        assert isinstance(made, SciPyBacked)
        return made

    starts = [(0.0, 0.0), (-2.0, 0.5), (0.5, -2.0), (-20.0, 0.0), (0.0, -20.0)]
    standard = (values - mode) / unit
    fitted = fit_quantiles(levels, standard, build, starts, standardise=False, refuse=False).moved(mode, unit)
    error = np.max(np.abs(fitted.scipy().ppf(levels) - values)) / unit
    if not error < (_EXACT if len(levels) == _TWO else 1.0):
        raise DistributionError(
            "mode-and-quantiles-not-matched",
            f"no {cls.name} distribution has this mode and these quantiles",
            got=mode,
            allowed="a mode between the quantiles, or next to them",
            remedy="State low, mode and high, or the quantiles alone in distribution = 'percentiles'.",
        )
    return fitted


def _require_mode(low: float, mode: float, high: float) -> None:
    require_order(low, high)
    if not low <= mode <= high:
        raise DistributionError(
            "mode-outside-bounds",
            "the mode lies outside the bounds",
            got=mode,
            allowed=f"{low:g} to {high:g}",
        )
