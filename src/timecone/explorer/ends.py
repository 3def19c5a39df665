"""Ends of a distribution that a slider moves, and the distribution with its ends elsewhere.

A distribution is a table as scenario files have it. A move is an affine change on the scale of its family (of
the value, its logarithm or its logit), so everything between and beyond the ends moves along.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.arguments import level, quantile_key
from timecone.inputs.distributions import Distribution

type Scale = Literal["linear", "log", "logit"]
type Table = Mapping[str, Any]

#: Families that are closed under an affine change of the value, and of its logarithm.
_SCALES: Final[Mapping[str, Scale]] = {
    "normal": "linear",
    "uniform": "linear",
    "triangular": "linear",
    "pert": "linear",
    "lognormal": "log",
    "loguniform": "log",
}
#: Arguments that are values, of the families above.
_VALUES: Final = ("low", "mode", "high")
#: Families of one number, and the argument that is it.
_SINGLE: Final = ("value", "age", "rate", "mean")
_CDF: Final = "cdf"
_LEVELS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
#: Levels that may be the ends of a distribution stated in another way.
_LOW: Final = 0.05
_LOWER: Final = (_LOW, 0.25, 0.5)
_HIGH: Final = (0.95, 0.9, 0.75, 0.5)
_ROOM: Final = 0.02
# Positive numbers whose ends differ by more than this ratio move on the scale of logarithms.
_WIDE: Final = 3.0


@dataclass(frozen=True)
class Ends:
    """What a slider moves of a distribution.

    Attributes
    ----------
    low, high : float
        The ends; equal for a distribution of a single number.
    names : tuple of (str, str)
        What they are: "P5" and "P95", "low" and "high"; twice the same for a single number.
    scale : {"linear", "log", "logit"}
        The scale on which it moves.
    bounds : tuple of (float, float)
        Between what the logit scale lies. Of the scale of logarithms, the origin from which they count the
        distance and an infinity on the side of the values; both infinite for an origin of 0.
    """

    low: float
    high: float
    names: tuple[str, str]
    scale: Scale
    bounds: tuple[float, float] = (-math.inf, math.inf)

    @property
    def limits(self) -> list[float | None] | None:
        """The bounds, ready for JSON: None for an infinity, and where both are infinite."""
        finite = [bound if math.isfinite(bound) else None for bound in self.bounds]
        return finite if any(bound is not None for bound in finite) else None

    @property
    def is_single(self) -> bool:
        """Whether it is a single number."""
        return self.names[0] == self.names[1]


def ends_of(table: Table) -> Ends | None:
    """Return the ends of a distribution; None where it cannot be moved by its ends.

    Examples
    --------
    >>> ends_of({"distribution": "lognormal", "p05": 1, "p95": 6})
    Ends(low=1.0, high=6.0, names=('P5', 'P95'), scale='log', bounds=(-inf, inf))
    """
    arguments = {key: value for key, value in table.items() if key not in ("distribution", "unit")}
    if (single := _single(arguments)) is not None:
        value = float(arguments[single])
        if not math.isfinite(value):
            return None
        scale: Scale = "log" if value > 0.0 and not _is_year(value) else "linear"
        return Ends(value, value, (single, single), scale)
    quantiles = _finite_quantiles(arguments)
    scale, bounds = _scale_of(table)
    if len(quantiles) > 1:
        first, *_, last = quantiles
        return Ends(quantiles[first], quantiles[last], (_name(first), _name(last)), scale, bounds)
    if table["distribution"] in _SCALES and "low" in arguments and "high" in arguments:
        return Ends(float(arguments["low"]), float(arguments["high"]), ("low", "high"), scale)
    return _ends_of_quantiles(table, scale, bounds)


def _ends_of_quantiles(table: Table, scale: Scale, bounds: tuple[float, float]) -> Ends | None:
    """Return the ends of a distribution that states none: two of its quantiles."""
    family = Distribution(table["distribution"], _arguments(table)).family
    if table["distribution"] != _CDF and not _has_distinct_percentiles(table):
        return None
    # Well below where "never" begins.
    finite = [at for at in _HIGH if math.isfinite(float(family.ppf(np.array([at + _ROOM]))[0]))]
    if not finite:
        return None
    forward, _ = maps_of(scale, bounds)
    high = _short(float(family.ppf(np.array([finite[0]]))[0]))
    for at in _LOWER:
        # Next to the end of its scale a quantile is rounded onto it.
        low = _short(float(family.ppf(np.array([at]))[0]))
        if low < high and math.isfinite(forward(low)) and math.isfinite(forward(high)):
            return Ends(low, high, (_name(quantile_key(at)), _name(quantile_key(finite[0]))), scale, bounds)
    return None


def _has_distinct_percentiles(table: Table) -> bool:
    """Return whether a moved distribution can be stated by percentiles, where its family is not closed."""
    if table["distribution"] in _SCALES or table["distribution"] in ("mixture", "percentiles"):
        return True
    values = Distribution(table["distribution"], _arguments(table)).family.ppf(np.array(_LEVELS))
    return bool(np.all(np.diff(values[np.isfinite(values)]) > 0.0))


def moved(table: Table, low: float, high: float) -> dict[str, Any]:
    """Return the distribution with its ends elsewhere.

    Parameters
    ----------
    table : mapping
        The distribution, as a scenario file has it.
    low, high : float
        Where its ends shall be; equal for a single number.

    Raises
    ------
    DistributionError
        It cannot be moved, or not there.

    Examples
    --------
    >>> moved({"distribution": "lognormal", "p05": 1, "p50": 2, "p95": 4}, 2, 8)
    {'distribution': 'lognormal', 'p05': 2.0, 'p50': 4.0, 'p95': 8.0}
    """
    ends = ends_of(table)
    if ends is None:
        raise DistributionError("distribution-without-ends", "a distribution that no slider can move")
    if ends.is_single:
        if low != high:
            raise DistributionError(
                "single-number-with-two-ends", "two ends are given for a single number", got=(low, high)
            )
        return {**table, ends.names[0]: low}
    if not low < high:
        raise DistributionError(
            "ends-not-increasing", "the lower end is not below the upper one", got=(low, high)
        )
    forward, back = maps_of(ends.scale, ends.bounds)
    _require_on_scale(ends, low, high)
    if _by_moments(table):
        # Its ends are two quantiles, which determine it.
        bounds = {key: table[key] for key in ("truncate", "clamp", "unit") if key in table}
        keys = (quantile_key(_LOW), quantile_key(1.0 - _LOW))
        return {"distribution": table["distribution"], **bounds, keys[0]: float(low), keys[1]: float(high)}
    first, width = forward(ends.low), forward(ends.high) - forward(ends.low)
    wanted, stretched = forward(low), forward(high) - forward(low)

    def change(value: float) -> float:
        if not math.isfinite(value):
            return value
        if value in (ends.low, ends.high):
            return float(low if value == ends.low else high)
        exact = back(wanted + (forward(value) - first) * stretched / width)
        return _short(exact) if math.isfinite(forward(_short(exact))) else exact

    return _changed(table, ends, change)


def _require_on_scale(ends: Ends, low: float, high: float) -> None:
    forward, _ = maps_of(ends.scale, ends.bounds)
    for value in (low, high):
        if not math.isfinite(forward(value)):
            raise DistributionError(
                "quantile-outside-space",
                "an end is outside the scale of the distribution",
                got=value,
                allowed="positive numbers"
                if ends.limits is None
                else "between {:g} and {:g}".format(*ends.bounds),
            )


def _changed(table: Table, ends: Ends, change: Callable[[float], float]) -> dict[str, Any]:
    """Return the table with every value changed; of a family that is not closed, as percentiles."""
    family = table["distribution"]
    if family == "mixture" and _closed_components(table, ends.scale):
        parts = [_changed(part, ends, change) for part in table["components"]]
        return {**table, "components": parts}
    if family == "point":
        return {**table, "value": change(float(table["value"]))}
    if family == _CDF:
        return {k: v for k, v in table.items() if k not in ("low", "high")} | {
            "values": [change(value) for value in _values_of_cdf(table)]
        }
    # What only goes with values at their old place.
    kept = {key: value for key, value in table.items() if key in ("space", "tails", "weight", "unit")}
    quantiles = {key: float(value) for key, value in table.items() if level(key) is not None}
    if family == "percentiles" or (family in _SCALES and len(quantiles) > 1):
        bounds = {key: table[key] for key in ("low", "high", "truncate", "clamp") if key in table}
        return {"distribution": family, **kept, **bounds, **{k: change(v) for k, v in quantiles.items()}}
    if family in _SCALES and "low" in table:
        return {**table, **{key: change(float(table[key])) for key in _VALUES if key in table}}
    resolved = Distribution(family, _arguments(table)).family
    if family in _SCALES:
        values = resolved.ppf(np.array([_LOW, 1.0 - _LOW])).tolist()
        keys = (quantile_key(_LOW), quantile_key(1.0 - _LOW))
        bounds = {key: table[key] for key in ("truncate", "clamp") if key in table}
        return {
            "distribution": family,
            **kept,
            **bounds,
            **dict(zip(keys, map(change, values), strict=True)),
        }
    return _as_percentiles(resolved.ppf(np.array(_LEVELS)).tolist(), ends, change, kept)


def _as_percentiles(
    values: list[float], ends: Ends, change: Callable[[float], float], kept: Table
) -> dict[str, Any]:
    pairs = {quantile_key(at): change(value) for at, value in zip(_LEVELS, values, strict=True)}
    finite = [value for value in pairs.values() if math.isfinite(value)]
    if any(not a < b for a, b in pairwise(finite)):
        raise DistributionError("distribution-without-ends", "a distribution that no slider can move")
    weight = {"weight": kept["weight"]} if "weight" in kept else {}
    return {"distribution": "percentiles", "space": ends.scale, **weight, **pairs}


def _by_moments(table: Table) -> bool:
    """Return whether a distribution of a closed family is stated by moments, neither quantiles nor bounds."""
    stated = any(level(key) is not None for key in table) or "low" in table
    return table["distribution"] in _SCALES and not stated


def _closed_components(table: Table, scale: Scale) -> bool:
    return all(
        part["distribution"] == "point"
        or _SCALES.get(part["distribution"]) == scale
        or (part["distribution"] == "percentiles" and part.get("space", "linear") == scale)
        for part in table["components"]
    )


def _scale_of(table: Table) -> tuple[Scale, tuple[float, float]]:
    family = table["distribution"]
    if family == "percentiles":
        space: Scale = table.get("space", "linear")
        bounds = (float(table.get("low", 0.0)), float(table.get("high", 1.0)))
        return space, bounds if space == "logit" else (-math.inf, math.inf)
    if family in _SCALES:
        return _SCALES[family], (-math.inf, math.inf)
    if family == _CDF:
        return _scale_of_cdf(table)
    if family == "mixture":
        scales: tuple[Scale, ...] = ("linear", "log")
        for scale in scales:
            if _closed_components(table, scale):
                return scale, (-math.inf, math.inf)
    resolved = Distribution(family, _arguments(table)).family
    first, low, high = resolved.ppf(np.array([0.01, _LOW, _HIGH[-1]])).tolist()
    wide = first > 0.0 and math.isfinite(high) and high / low > _WIDE
    return "log" if wide else "linear", (-math.inf, math.inf)


def _scale_of_cdf(table: Table) -> tuple[Scale, tuple[float, float]]:
    """Return the scale on which a table of a distribution function is linear between its points."""
    space: Scale = table.get("space", "linear")
    if space == "log":
        origin = float(table.get("origin", 0.0))
        if _values_of_cdf(table)[0] < origin:
            return "log", (-math.inf, origin)
        return "log", (origin, math.inf) if origin else (-math.inf, math.inf)
    return space, (0.0, 1.0) if space == "logit" else (-math.inf, math.inf)


def _values_of_cdf(table: Table) -> list[float]:
    if "values" in table:
        return [float(value) for value in table["values"]]
    return np.linspace(float(table["low"]), float(table["high"]), len(table["cumulative"])).tolist()


def maps_of(
    scale: Scale, bounds: tuple[float, float]
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    """Return the map onto a scale, infinite outside it, and back; both increase."""
    if scale == "log" and math.isfinite(bounds[1]):
        end = bounds[1]
        return lambda x: -math.log(end - x) if x < end else math.inf, lambda y: end - math.exp(-y)
    if scale == "log":
        origin = bounds[0] if math.isfinite(bounds[0]) else 0.0
        return lambda x: math.log(x - origin) if x > origin else -math.inf, lambda y: origin + math.exp(y)
    if scale == "logit":
        low, width = bounds[0], bounds[1] - bounds[0]

        def forward(x: float) -> float:
            return float(special.logit((x - low) / width)) if low < x < low + width else math.inf

        return forward, lambda y: low + width * float(special.expit(y))
    return lambda x: x, lambda y: y


def _single(arguments: Table) -> str | None:
    """Return the only argument of a family of one number."""
    if len(arguments) != 1:
        return None
    (key,) = arguments
    return key if key in _SINGLE or level(key) is not None else None


def _finite_quantiles(arguments: Table) -> dict[str, float]:
    stated = {k: float(v) for k, v in arguments.items() if level(k) is not None and math.isfinite(v)}
    return dict(sorted(stated.items(), key=lambda pair: level(pair[0]) or 0.0))


def _arguments(table: Table) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in ("distribution", "unit", "weight")}


def _name(key: str) -> str:
    """Return how a quantile is named on the page.

    >>> _name("p05"), _name("p97_5")
    ('P5', 'P97.5')
    """
    return f"P{100.0 * (level(key) or 0.0):g}"


def _is_year(value: float) -> bool:
    return 1900.0 <= value < 2200.0  # noqa: PLR2004 - what reads as a year


def _short(value: float) -> float:
    """Round to seven significant digits: what a scenario file states can be read."""
    return float(f"{value:.7g}")
