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
from timecone.inputs.compiled_quantile import Tail
from timecone.inputs.families.base import Family, mean_over_scores
from timecone.inputs.families.canonical import canonical
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
    """P(X <= x) at some values, linear between them: in the value, its logarithm or its logit.

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
    space : str
        On what scale it is linear: ``"linear"``, ``"log"`` of the distance from ``origin``, or ``"logit"``.
    origin : float
        Value from which logarithms count the distance; all values lie on one side of it.
    """

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    below: str = "point"
    above: str = "point"
    space: str = "linear"
    origin: float = 0.0
    name: ClassVar[str] = "cdf"
    accepts: ClassVar[tuple[str, ...]] = (
        "values",
        "low",
        "high",
        "cumulative",
        "below",
        "above",
        "space",
        "origin",
    )
    description: ClassVar[str] = (
        "values (or low and high) and cumulative; below and above for what is left beyond them; space and"
        " origin for the scale between them"
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
            for k, (current, following) in enumerate(pairwise(numbers)):
                if current > following:
                    raise DistributionError(
                        "cdf-not-increasing",
                        "the numbers decrease",
                        where=f"{key}[{k + 1}]",
                        got=following,
                        allowed=f"{current:g} or more",
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
                    "a tail needs two points with different probabilities between 0 and 1",
                    where=key,
                    got=list(zip(ends, levels, strict=True)),
                )
        space, origin = _scale(arguments, values)
        if above != "never":
            return cls(tuple(values), tuple(cumulative), below, above, space, origin)
        within = cumulative[-1]
        shares = tuple(min(p / within, 1.0) for p in cumulative)
        return WithNever(cls(tuple(values), shares, below, space=space, origin=origin), 1.0 - within)

    def scaled(self, factor: float) -> Self:
        if self.space == "logit":
            raise DistributionError(
                "cdf-logit-unit",
                "a cdf on the logit scale has no unit to change",
                where="space",
                got=self.space,
                allowed="the unit of the parameter",
            )
        values = tuple(v * factor for v in self.values)
        return replace(self, values=values, origin=self.origin * factor)

    def digest_key(self) -> list[Any]:
        scale = [] if self.space == "linear" else [self.space, canonical(self.origin)]
        tables = [canonical(self.values), canonical(self.probabilities)]
        return [self.name, *tables, self.below, self.above, *scale]

    @property
    def _forms(self) -> tuple[FloatArray, dict[str, Any]]:
        """Return the points on the scale on which the table is linear, and what leads back to values."""
        x = np.array(self.values)
        if self.space == "logit":
            return special.logit(x), {"tail": Tail.LOGISTIC}
        if self.space == "log" and x[0] > self.origin:
            return np.log(x - self.origin), {"tail": Tail.EXP, "shift": self.origin}
        return x, {}

    def quantile(self) -> Quantile:
        if self.space == "log" and self.values[0] < self.origin:
            return self._below_origin()
        p, x = np.array(self.probabilities), np.array(self.values)
        z = special.ndtri(p)
        bounds = (-np.inf if self.below == "tail" else x[0], np.inf if self.above == "tail" else x[-1])
        x, back = self._forms
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

        kinks = z[np.isfinite(z)]
        return Quantile(quantile, low=bounds[0], high=bounds[1], kinks=kinks, atoms=self.atoms, **back)

    def _below_origin(self) -> Quantile:
        """Return the quantile function of values below the origin, from that of their distances."""
        distances = tuple(self.origin - v for v in reversed(self.values))
        levels = tuple(1.0 - p for p in reversed(self.probabilities))
        mirrored = replace(
            self, values=distances, probabilities=levels, below=self.above, above=self.below, origin=0.0
        ).quantile()
        kinks = None if mirrored.kinks is None else -mirrored.kinks[::-1]
        return Quantile(
            lambda scores: self.origin - mirrored(-np.asarray(scores, dtype=np.float64)),
            low=self.origin - mirrored.high,
            high=self.origin - mirrored.low,
            kinks=kinks,
            atoms=self.atoms,
        )

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


def _scale(arguments: Mapping[str, Any], values: Sequence[float]) -> tuple[str, float]:
    """Return the scale on which a table is linear, and the origin of logarithms."""
    space = arguments.get("space", "linear")
    if space not in ("linear", "log", "logit"):
        raise DistributionError(
            "unknown-space", "unknown space", where="space", got=space, allowed="'linear', 'log' or 'logit'"
        )
    origin = number("origin", arguments.get("origin", 0.0))
    if "origin" in arguments and space != "log":
        raise DistributionError("cdf-origin", "goes with space = 'log'", where="origin", got=origin)
    if space == "log" and values[0] <= origin <= values[-1]:
        raise DistributionError(
            "cdf-origin",
            "the values do not lie on one side of the origin",
            where="values",
            got=(values[0], values[-1]),
            allowed=f"all above {origin:g}, or all below",
        )
    if space == "logit" and not 0.0 < values[0] <= values[-1] < 1.0:
        raise DistributionError(
            "cdf-logit",
            "a value lies outside the logit scale",
            where="values",
            got=(values[0], values[-1]),
            allowed="above 0 and below 1",
        )
    return space, origin


def _slope(x: FloatArray, z: FloatArray, k: int) -> float:
    return float((x[k + 1] - x[k]) / (z[k + 1] - z[k]))


def _decimal(value: Any) -> Any:
    return decimal_year(value) if isinstance(value, date) else value


def _grid(arguments: Mapping[str, Any], count: int) -> list[float]:
    """Return the values of a table, stated or evenly spaced."""
    if "values" in arguments:
        if "low" in arguments or "high" in arguments:
            raise DistributionError(
                "cdf-two-grids", "a cdf takes values or an even grid (low, high), not both", where="values"
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
    """Return the rule for the mass beyond an outermost point, which must be stated where there is any."""
    said = arguments.get(key)
    if not left > 0.0:
        if said is not None:
            raise DistributionError(
                "cdf-tail-empty",
                f"no probability lies {key} the table",
                where=key,
                got=said,
                remedy="Remove the key.",
            )
        return "point"
    if said not in allowed:
        raise DistributionError(
            "cdf-tail-probability",
            f"a probability of {left:.4g} lies {key} the table",
            where=key,
            got=said,
            allowed=" or ".join(map(repr, allowed)),
            remedy="point: on the outermost value; tail: a normal tail goes on"
            + ("; never: it does not happen." if "never" in allowed else "."),
        )
    return str(said)
