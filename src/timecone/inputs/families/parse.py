"""Parsing of a distribution: from a name and arguments to a family, with its bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from timecone.errors import DistributionError
from timecone.inputs.arguments import level, number
from timecone.inputs.families.base import Family
from timecone.inputs.families.compound import Clamped, Truncated
from timecone.inputs.families.never import WithNever
from timecone.inputs.families.registry import SCIPY, find
from timecone.inputs.families.scipy_backed import AnySciPy

#: Arguments of every family that takes bounds.
BOUNDS: Final[tuple[str, ...]] = ("truncate", "clamp")


def resolve(name: str, arguments: Mapping[str, Any]) -> Family:
    """Return the family that a name and arguments describe.

    Parameters
    ----------
    name : str
        Name of a family, or ``scipy.`` and the name of a continuous distribution.
    arguments : mapping
        Moments, quantiles, options and bounds.

    Returns
    -------
    Family

    Raises
    ------
    DistributionError
        The name is unknown, or the arguments do not determine one distribution.
    """
    try:
        with np.errstate(all="ignore"):
            family = _bounded(name, dict(arguments))
            family.require_finite()
    except DistributionError:
        raise
    except (ArithmeticError, ValueError):
        raise DistributionError(
            "distribution-overflow",
            f"the numbers of {name} are too large, too small or too far apart for floating-point arithmetic",
            got=dict(arguments),
        ) from None
    return family


def _bounded(name: str, arguments: dict[str, Any]) -> Family:
    bounds = {key: arguments.pop(key) for key in BOUNDS if key in arguments}
    family = _without_bounds(name, arguments)
    family.require_bounds(bounds)
    if "truncate" in bounds:
        family = Truncated(family, *_bounds("truncate", bounds["truncate"]))
    if "clamp" in bounds:
        family = Clamped(family, *_bounds("clamp", bounds["clamp"]))
    return family


def _never_from(arguments: Mapping[str, Any]) -> float | None:
    """Return the probability from which on the stated quantiles are never, inf; None where none is."""
    levels = {key: at for key in arguments if (at := level(key)) is not None}
    never = [at for key, at in levels.items() if arguments[key] == math.inf]
    if not never:
        return None
    for key, at in levels.items():
        if at > min(never) and arguments[key] != math.inf:
            raise DistributionError(
                "quantile-above-infinite-quantile",
                "a quantile is finite although a lower one is infinite",
                where=key,
                got=arguments[key],
                allowed="inf",
            )
    return min(never)


def _without_bounds(name: str, arguments: dict[str, Any]) -> Family:
    if (never := _never_from(arguments)) is not None:
        finite = {k: value for k, value in arguments.items() if level(k) is None or value != math.inf}
        return WithNever.above(_without_bounds(name, finite), never)
    if name.startswith(SCIPY):
        numbers = {key: number(key, value) for key, value in arguments.items()}
        return AnySciPy.named(name.removeprefix(SCIPY), numbers)
    return find(name).from_arguments(arguments)


def _bounds(key: str, stated: object) -> tuple[float, float]:
    if not isinstance(stated, Mapping) or not set(stated) <= {"low", "high"} or not stated:
        raise DistributionError(
            "not-a-pair-of-bounds",
            f"{key} is not a pair of bounds",
            got=stated,
            allowed=f"{key} = {{ low = ..., high = ... }}",
        )
    low = number(f"{key}.low", stated["low"]) if "low" in stated else -math.inf
    high = number(f"{key}.high", stated["high"]) if "high" in stated else math.inf
    return low, high
