"""One marginal distribution, as its author wrote it.

>>> halving = LogNormal(p05=3, p95=22, unit="month")
>>> round(float(halving.ppf(0.5)), 3)
8.124
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from timecone.errors import DistributionError, suggestion
from timecone.inputs.families import FAMILIES, Family, Percentiles, Truncated
from timecone.schema import FloatArray

_LEVEL = re.compile(r"p(\d{1,2})(?:_(\d+))?")

type Argument = float | str | Mapping[str, float]


def level(key: str) -> float | None:
    """Return the probability that a quantile key names, or None for another key.

    >>> level("p05"), level("p97_5"), level("mean")
    (0.05, 0.975, None)
    """
    match = _LEVEL.fullmatch(key)
    if match is None:
        return None
    percent = float(f"{match[1]}.{match[2] or 0}")
    return round(percent / 100.0, 12)


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise DistributionError(f"{key} is not a number", got=value, allowed="a number")
    if not math.isfinite(value):
        raise DistributionError(f"{key} is not finite", got=value, allowed="a finite number")
    return float(value)


def _quantiles(given: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    """Return levels and values in order of level; refuse what is not increasing."""
    keys = sorted(given, key=lambda key: level(key) or 0.0)
    levels = np.array([level(key) for key in keys])
    values = np.array([given[key] for key in keys])
    if levels[0] <= 0.0:
        raise DistributionError(
            f"{keys[0]} is no quantile of an unbounded scale",
            allowed="levels above 0 and below 100, for instance p01 ... p99_9",
        )
    for k in range(1, len(keys)):
        if not values[k - 1] < values[k]:
            raise DistributionError(
                f"{keys[k - 1]} is not below {keys[k]}",
                got=(values[k - 1].item(), values[k].item()),
                allowed=f"{keys[k - 1]} < {keys[k]}",
            )
    return levels, values


@dataclass(frozen=True)
class Distribution:
    """A distribution in the words and the unit of its author.

    Parameters
    ----------
    name : str
        Family, one of ``FAMILIES``.
    arguments : mapping
        Moments, labelled quantiles (``p05=...``) and options; numbers in ``unit``.
    unit : str, optional
        Unit of the numbers; needed where the distribution stands for a parameter.

    Raises
    ------
    DistributionError
        The arguments do not determine a distribution of this family.
    """

    name: str
    arguments: Mapping[str, Argument]
    unit: str | None = None
    family: Family = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.name not in FAMILIES:
            raise DistributionError(
                "unknown distribution", got=self.name, remedy=suggestion(self.name, FAMILIES)
            )
        object.__setattr__(self, "family", _resolve(self.name, dict(self.arguments)))

    def ppf(self, p: ArrayLike) -> FloatArray:
        """Return the quantiles at probabilities ``p``, in the author's unit."""
        return self.family.ppf(np.asarray(p, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean in the author's unit; inf where there is none."""
        return self.family.mean()

    def __str__(self) -> str:
        inner = ", ".join(f"{k}={v:g}" if isinstance(v, (int, float)) else f"{k}={v}"
                          for k, v in self.arguments.items())  # fmt: skip
        return f"{self.name}({inner})"


def _resolve(name: str, arguments: dict[str, Argument]) -> Family:
    """Turn written arguments into a family with natural parameters."""
    cls = FAMILIES[name]
    truncate = arguments.pop("truncate", None)
    space = arguments.pop("space", "linear") if cls is Percentiles else "linear"
    numbers = {key: _number(key, value) for key, value in arguments.items()}
    quantiles = {key: value for key, value in numbers.items() if level(key) is not None}
    moments = {key: value for key, value in numbers.items() if key not in quantiles}
    if cls is Percentiles:
        family = _percentiles(quantiles, moments, space)
    elif quantiles:
        family = _from_quantiles(cls, quantiles, moments)
    else:
        family = _from_moments(cls, moments)
    return family if truncate is None else _truncated(family, truncate)


def _expected(cls: type[Family]) -> str:
    forms = [" and ".join(form) for form in cls.forms]
    if cls.quantile_count:
        plural = "s" if cls.quantile_count > 1 else ""
        forms.append(f"{cls.quantile_count} quantile{plural} (p05, p50, p95, ...)")
    return ", or ".join(forms)


def _from_moments(cls: type[Family], moments: dict[str, float]) -> Family:
    if any(set(form) == set(moments) for form in cls.forms):
        return cls.from_moments(moments)
    known = {key for form in cls.forms for key in form}
    unknown = [key for key in moments if key not in known]
    raise DistributionError(
        f"{cls.name} takes no {unknown[0]!r}" if unknown else f"{cls.name} is not determined",
        got=sorted(moments),
        allowed=_expected(cls),
        remedy=suggestion(unknown[0], [*known, "truncate"]) if unknown else None,
    )


def _from_quantiles(cls: type[Family], quantiles: dict[str, float], moments: dict[str, float]) -> Family:
    if moments or len(quantiles) != cls.quantile_count:
        raise DistributionError(
            f"{cls.name} is not determined by these arguments",
            got=sorted([*quantiles, *moments]),
            allowed=_expected(cls),
            remedy="Any set of quantiles makes a distribution = 'percentiles'.",
        )
    return cls.from_quantiles(*_quantiles(quantiles))


def _percentiles(quantiles: dict[str, float], moments: dict[str, float], space: object) -> Family:
    if moments or len(quantiles) < 2:  # noqa: PLR2004 - a line needs two points
        raise DistributionError(
            "percentiles is not determined by these arguments",
            got=sorted([*quantiles, *moments]),
            allowed="two or more quantiles (p05, p50, p95, ...), and space",
        )
    if space not in ("linear", "log"):
        raise DistributionError("unknown space", got=space, allowed="'linear' or 'log'")
    levels, values = _quantiles(quantiles)
    log = space == "log"
    if log and values[0] <= 0.0:
        raise DistributionError(
            "a quantile is not positive, as the logarithmic space needs",
            got=values[0].item(),
            allowed="positive quantiles, or space = 'linear'",
        )
    low = 0.0 if log else -np.inf
    return Percentiles(tuple(levels.tolist()), tuple(values.tolist()), log=log, low=low)


def _truncated(family: Family, truncate: object) -> Family:
    if not isinstance(truncate, Mapping) or not set(truncate) <= {"low", "high"} or not truncate:
        raise DistributionError("truncate is not a pair of bounds", got=truncate,
                                allowed="truncate = { low = ..., high = ... }")  # fmt: skip
    if isinstance(family, Percentiles):
        raise DistributionError(
            "a percentiles distribution takes no truncation",
            remedy="State the quantiles of the truncated quantity.",
        )
    low = _number("truncate.low", truncate["low"]) if "low" in truncate else -math.inf
    high = _number("truncate.high", truncate["high"]) if "high" in truncate else math.inf
    return Truncated(family, low, high)


def _constructor(name: str) -> partial[Distribution]:
    def build(unit: str | None = None, **arguments: Argument) -> Distribution:
        return Distribution(name, arguments, unit)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = f"Return a {name} distribution; takes {_expected(FAMILIES[name])}."
    return partial(build)


Point = _constructor("point")
Uniform = _constructor("uniform")
LogUniform = _constructor("loguniform")
Normal = _constructor("normal")
LogNormal = _constructor("lognormal")
Exponential = _constructor("exponential")
Pareto = _constructor("pareto")
Lindy = _constructor("lindy")
PercentileTable = _constructor("percentiles")
