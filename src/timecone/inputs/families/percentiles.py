"""A distribution given by any set of its quantiles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special
from scipy.interpolate import CubicHermiteSpline, pchip_interpolate

from timecone.errors import DistributionError
from timecone.inputs.arguments import level, number, rising
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile, CubicTable, Tail
from timecone.inputs.families.base import Family, atoms_of, mean_over_scores
from timecone.inputs.families.canonical import canonical
from timecone.inputs.families.registry import register
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray


@register
@dataclass(frozen=True)
class Percentiles(Family):
    """A distribution given by two or more of its quantiles.

    Between them a monotone cubic (Fritsch & Carlson 1980) over the normal score, of the value, its logarithm
    or its logit. Beyond the outermost ones either the line through the last two goes on, so that the tails
    are normal on that scale, or the distribution ends at the outermost quantiles (``tails = "none"``).

    Attributes
    ----------
    levels, values : tuple of float
        Increasing.
    space : str
        ``"linear"``, ``"log"`` or ``"logit"``.
    tails : str
        ``"normal"`` or ``"none"``.
    low, high : float
        Bounds of the logit scale.
    """

    levels: tuple[float, ...]
    values: tuple[float, ...]
    space: str = "linear"
    tails: str = "normal"
    low: float = 0.0
    high: float = 1.0
    name: ClassVar[str] = "percentiles"
    accepts: ClassVar[tuple[str, ...]] = ("space", "tails", "low", "high")
    description: ClassVar[str] = "two or more quantiles, space, tails"

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from two or more quantiles and options."""
        space, tails = arguments.pop("space", "linear"), arguments.pop("tails", "normal")
        if space not in ("linear", "log", "logit"):
            raise DistributionError(
                "unknown-space", "unknown space", got=space, allowed="'linear', 'log' or 'logit'"
            )
        if tails not in ("normal", "none"):
            raise DistributionError("unknown-tails", "unknown tails", got=tails, allowed="'normal' or 'none'")
        bounds = {
            key: number(key, arguments.pop(key))
            for key in ("low", "high")
            if space == "logit" and key in arguments
        }
        numbers = {key: number(key, value) for key, value in arguments.items()}
        if any(level(key) is None for key in numbers) or len(numbers) < 2:  # noqa: PLR2004
            raise DistributionError(
                "undetermined-distribution",
                "percentiles is not determined by these arguments",
                got=sorted(numbers),
                allowed="two or more quantiles (p05, p50, p95, ...), space, tails; low and high in"
                " logit space",
            )
        levels, values = rising(numbers)
        if space == "log" and values[0] <= 0.0:
            raise DistributionError(
                "quantile-outside-space",
                "a quantile is not positive, so it has no logarithm",
                got=values[0].item(),
                allowed="positive quantiles, or space = 'linear'",
            )
        low, high = bounds.get("low", 0.0), bounds.get("high", 1.0)
        if space == "logit" and not low < values[0] < values[-1] < high:
            raise DistributionError(
                "quantile-outside-space",
                "a quantile lies outside the bounds of the logit space",
                got=(values[0].item(), values[-1].item()),
                allowed=f"between {low:g} and {high:g}",
            )
        return cls(tuple(levels.tolist()), tuple(values.tolist()), space, tails, low=low, high=high)

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            values=tuple(v * factor for v in self.values),
            low=self.low * factor,
            high=self.high * factor,
        )

    def scipy(self) -> Any:
        raise NotImplementedError("a table of percentiles has no SciPy counterpart")

    def quantile(self) -> Quantile:
        z = special.ndtri(np.array(self.levels))
        values = np.array(self.values)
        if self.space == "log":
            # In units of the first value, so that a change of unit changes no digit of the table.
            y = np.log(values / values[0])
            made = CompiledQuantile(tail=Tail.EXP, scale=values[0], low=0.0)
        elif self.space == "logit":
            width = self.high - self.low
            y = special.logit((values - self.low) / width)
            made = CompiledQuantile(
                tail=Tail.LOGISTIC, shift=self.low, scale=width, low=self.low, high=self.high
            )
        else:
            y = values - values[0]
            made = CompiledQuantile(shift=values[0])
        if self.tails == "none":
            made = replace(made, low=self.values[0], high=self.values[-1])
        return Quantile.of(replace(made, table=_spline(z, y)))

    @property
    def atoms(self) -> Atoms:
        if self.tails != "none":
            return NO_ATOMS
        return atoms_of(self.compiled(), np.array([self.values[0], self.values[-1]]))

    def digest_key(self) -> list[Any]:
        bounds = [self.low, self.high] if self.space == "logit" else []
        numbers = [canonical(self.levels), canonical(self.values)]
        return [self.name, *numbers, self.space, self.tails, canonical(bounds)]

    def mean(self) -> float:
        return mean_over_scores(self.compiled())


def _spline(z: FloatArray, y: FloatArray) -> CubicTable:
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
    return CubicTable(knots, spline.c.T)
