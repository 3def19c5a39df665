"""Numbers and quantiles as an author writes them: ``p05 = 3``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from timecone.errors import DistributionError
from timecone.schema import FloatArray

_FORMULA = (
    'A number that is itself uncertain goes into a formula: expression = "normal(u, mean, sd)", with u a'
    " quantity that is uniform between 0 and 1."
)
_LEVEL = re.compile(r"p(\d{1,2})(?:_(\d+))?")


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


def quantile_key(probability: float) -> str:
    """Return the key of a quantile: the inverse of `level`.

    Parameters
    ----------
    probability : float
        Above 0 and below 1.

    Returns
    -------
    str

    Raises
    ------
    DistributionError
        The probability lies outside (0, 1).

    Examples
    --------
    >>> quantile_key(0.05), quantile_key(0.975)
    ('p05', 'p97_5')
    """
    percent = f"{100.0 * number('quantiles', probability):.10f}".rstrip("0").rstrip(".")
    whole, _, rest = percent.partition(".")
    key = f"p{whole:0>2}" + f"_{rest}" * bool(rest)
    if not 0.0 < (level(key) or 0.0) < 1.0:
        raise DistributionError(
            "not-a-probability",
            "not a probability",
            where="quantiles",
            got=probability,
            allowed="above 0 and below 1, for instance 0.375",
        )
    return key


def number(key: str, value: object) -> float:
    """Return a finite number, or say that it is none."""
    if isinstance(value, bool) or not isinstance(value, Real):
        named = isinstance(value, str) and value[:1].isalpha()
        raise DistributionError(
            "argument-not-a-number",
            f"{key} is not a number",
            got=value,
            allowed="a number",
            remedy=_FORMULA if named else None,
        )
    try:
        plain = float(value)
    except OverflowError:
        plain = math.inf
    if not math.isfinite(plain):
        raise DistributionError(
            "argument-not-finite", f"{key} is not finite", got=plain, allowed="a finite number"
        )
    # One zero only: equal distributions give equal bits.
    return plain + 0.0


def list_of_numbers(key: str, values: object) -> list[float]:
    """Return a list of finite numbers, or say that it is none."""
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        raise DistributionError("not-a-list-of-numbers", f"{key} is not a list of numbers", got=values)
    return [number(f"{key}[{k}]", value) for k, value in enumerate(values)]


def rising(quantiles: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    """Return levels and values in order of level; refuse what is not increasing."""
    keys = sorted(quantiles, key=lambda key: level(key) or 0.0)
    levels = np.array([level(key) for key in keys], dtype=np.float64)
    values = np.array([quantiles[key] for key in keys], dtype=np.float64)
    for key, at in zip(keys, levels, strict=True):
        if at <= 0.0:
            raise DistributionError(
                "quantile-level-zero",
                f"{key} has the level 0 %",
                allowed="levels above 0 and below 100, for instance p01 ... p99_9",
            )
        if at >= 1.0:
            raise DistributionError(
                "quantile-level-one",
                f"{key} rounds to 100 %",
                allowed="levels above 0 and below 100, for instance p01 ... p99_9",
            )
    for k in range(1, len(keys)):
        if levels[k - 1] == levels[k]:
            raise DistributionError(
                "duplicate-quantile", f"{keys[k - 1]} and {keys[k]} name the same quantile"
            )
        if not values[k - 1] < values[k]:
            raise DistributionError(
                "quantiles-not-increasing-in-level",
                f"{keys[k - 1]} is not below {keys[k]}",
                got=(values[k - 1].item(), values[k].item()),
                allowed=f"{keys[k - 1]} < {keys[k]}",
            )
    return levels, values
