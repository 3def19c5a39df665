"""A distribution given as a table of its cumulative distribution function: values and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.arguments import list_of_numbers, number
from timecone.inputs.atoms import Atoms
from timecone.inputs.families.base import Family, mean_over_scores
from timecone.inputs.families.checks import require_known
from timecone.inputs.families.compound import Compound
from timecone.inputs.families.never import WithNever
from timecone.inputs.families.registry import register
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray
from timecone.units import decimal_year


@register
@dataclass(frozen=True)
class Cumulative(Compound):
    """P(X <= x) at some values, linear between them.

    Beyond the outermost points the mass that is left either lies on the outermost value itself (``"point"``),
    or follows a normal tail: the straight line over the normal score through the two outermost points.

    Attributes
    ----------
    values : tuple of float
        Not decreasing; a value that stands twice has the probability between.
    probabilities : tuple of float
        P(X <= value), not decreasing, in [0, 1].
    below, above : str
        What lies below the first and above the last point: ``"point"`` or ``"tail"``.
    """

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    below: str = "point"
    above: str = "point"
    name: ClassVar[str] = "cdf"
    accepts: ClassVar[tuple[str, ...]] = ("values", "low", "high", "cumulative", "below", "above")
    description: ClassVar[str] = (
        "values (or low and high) and cumulative; below and above for what is left beyond them"
    )

    @classmethod
    def read(cls, arguments: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        """Return arguments whose dates are decimal years."""
        return {
            key: [_decimal(part) for part in value] if isinstance(value, list) else _decimal(value)
            for key, value in arguments.items()
        }

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from values and their cumulative probabilities."""
        require_known(arguments, cls)
        cumulative = list_of_numbers("cumulative", arguments.get("cumulative"))
        values = _grid(arguments, len(cumulative))
        if len(values) != len(cumulative) or len(values) < 2:  # noqa: PLR2004
            raise DistributionError(
                "cdf-size",
                "a cdf needs two or more values and as many cumulative probabilities",
                got=(len(values), len(cumulative)),
            )
        for key, numbers in (("values", values), ("cumulative", cumulative)):
            for k, (one, next_one) in enumerate(pairwise(numbers)):
                if one > next_one:
                    raise DistributionError(
                        "cdf-not-increasing",
                        "the numbers fall",
                        where=f"{key}[{k + 1}]",
                        got=next_one,
                        allowed=f"{one:g} or more",
                    )
        if values[0] == values[-1] or cumulative[0] == cumulative[-1]:
            raise DistributionError(
                "cdf-not-distinct", "a cdf needs different values and different probabilities", got=values[:3]
            )
        if not 0.0 <= cumulative[0] <= cumulative[-1] <= 1.0:
            raise DistributionError(
                "probability-out-of-range",
                "a probability lies outside 0 to 1",
                where="cumulative",
                got=(cumulative[0], cumulative[-1]),
            )
        below = _beyond(arguments, "below", cumulative[0], ("point", "tail"))
        above = _beyond(arguments, "above", 1.0 - cumulative[-1], ("never", "point", "tail"))
        for key, side, first in (("below", below, slice(None, 2)), ("above", above, slice(-2, None))):
            ends, levels = values[first], cumulative[first]
            if side == "tail" and not (ends[0] < ends[1] and 0.0 < levels[0] < levels[1] < 1.0):
                raise DistributionError(
                    "tail-anchors",
                    "a tail goes on from two different points between 0 and 1",
                    where=key,
                    got=list(zip(ends, levels, strict=True)),
                )
        if above != "never":
            return cls(tuple(values), tuple(cumulative), below, above)
        within = cumulative[-1]
        finite = cls(tuple(values), tuple(min(p / within, 1.0) for p in cumulative), below)
        return WithNever(finite, 1.0 - within)

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def quantile(self) -> Quantile:
        p, x = np.array(self.probabilities), np.array(self.values)
        z = special.ndtri(p)
        upper = 1.0 - p

        def quantile(scores: FloatArray) -> FloatArray:
            # From the tail in which probabilities keep their digits.
            low = np.interp(special.ndtr(scores), p, x)
            high = np.interp(special.ndtr(-scores), upper[::-1], x[::-1])
            extended = np.where(scores < 0.0, low, high)
            if self.below == "tail":
                extended = np.where(scores < z[0], x[0] + _slope(x, z, 0) * (scores - z[0]), extended)
            if self.above == "tail":
                extended = np.where(scores > z[-1], x[-1] + _slope(x, z, -2) * (scores - z[-1]), extended)
            return np.asarray(extended)

        bounds = (-np.inf if self.below == "tail" else x[0], np.inf if self.above == "tail" else x[-1])
        kinks = z[np.isfinite(z)]
        return Quantile(quantile, low=bounds[0], high=bounds[1], kinks=kinks, atoms=self.atoms)

    @property
    def atoms(self) -> Atoms:
        x, z = np.array(self.values), special.ndtri(np.array(self.probabilities))
        values = np.unique(x)
        starts = z[np.searchsorted(x, values, side="left")]
        stops = z[np.searchsorted(x, values, side="right") - 1]
        if self.below == "point":
            starts[0] = -np.inf
        if self.above == "point":
            stops[-1] = np.inf
        return Atoms.of(values, starts, stops)

    def mean(self) -> float:
        return mean_over_scores(self.compiled())


def _slope(x: FloatArray, z: FloatArray, k: int) -> float:
    return float((x[k + 1] - x[k]) / (z[k + 1] - z[k]))


def _decimal(value: Any) -> Any:
    return decimal_year(value) if isinstance(value, date) else value


def _grid(arguments: Mapping[str, Any], count: int) -> list[float]:
    """Return the values of a table, stated or evenly spaced."""
    if "values" in arguments:
        if "low" in arguments or "high" in arguments:
            raise DistributionError(
                "cdf-two-grids", "a cdf has values or an even grid (low, high), not both", where="values"
            )
        return list_of_numbers("values", arguments["values"])
    if not {"low", "high"} <= set(arguments):
        raise DistributionError(
            "cdf-without-grid", "a cdf needs values, or low and high of an even grid", got=sorted(arguments)
        )
    low, high = number("low", arguments["low"]), number("high", arguments["high"])
    if not low < high:
        raise DistributionError("cdf-range", "low is not below high", got=(low, high))
    return np.linspace(low, high, count).tolist()


def _beyond(arguments: Mapping[str, Any], key: str, left: float, allowed: Sequence[str]) -> str:
    """Return what becomes of the mass beyond an outermost point; it must be said where there is any."""
    said = arguments.get(key)
    if not left > 0.0:
        if said is not None:
            raise DistributionError(
                "cdf-tail-empty",
                f"nothing is left {key} the table",
                where=key,
                got=said,
                remedy="Remove the key.",
            )
        return "point"
    if said not in allowed:
        raise DistributionError(
            "cdf-tail-probability",
            f"a probability of {left:.4g} is left {key} the table",
            where=key,
            got=said,
            allowed=" or ".join(map(repr, allowed)),
            remedy="point: on the outermost value; tail: a normal tail goes on"
            + ("; never: it does not happen." if "never" in allowed else "."),
        )
    return str(said)
