"""Corrections of the dates of a run, for parts of a published calculation that no model here has.

A correction is applied to the dates of a run's draws, outside the model, to test whether the missing part is
what a difference comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import special

from timecone.published.facts import Facts
from timecone.schema import FloatArray

type Correction = Callable[[FloatArray, Facts], FloatArray]

_SEED = 2025
# Of the combination of delays, and of the end of one: Wildeford 2025, notebook 3B.
_SHARE_OF_FURTHER = 0.25
_REMAINDER = 0.1
_NORMAL_90 = float(special.ndtri(0.95))


def non_scaling_delay(dates: FloatArray, facts: Facts) -> FloatArray:
    """Return dates after the delays by which other things than compute hold the milestone back.

    Wildeford 2025, notebook 3B. When compute suffices in the whole year y, each of three causes holds it back
    with a probability p(y) that falls to an end: with the year of its last knot Y,

        p(y) = start + (end - start) / (1 + s exp(-a (y - 2025)))**(1 / b),   end from Y on.

    A cause lasts a lognormal number of years. The first delay d stands; a further one of x years makes it
    ceil(max(d, x) + x / 4). The milestone comes ceil(d - 0.1) years after y.

    Parameters
    ----------
    dates : array, shape (draws,)
        Dates at which compute suffices, inf for never.
    facts : Facts
        ``NAME_probability`` (start, end, Y, a, s, b) and ``NAME_length`` (weight, 5 %, 95 % of each part of a
        mixture of lognormals) of the causes ``algorithms``, ``infrastructure`` and ``data``.

    Returns
    -------
    array, shape (draws,)
        Whole years.
    """
    rng = np.random.default_rng(_SEED)
    years = np.ceil(dates)
    delay = np.zeros(dates.size)
    for cause in ("algorithms", "infrastructure", "data"):
        probability = _probability(years, facts.values(f"{cause}_probability", "1"))
        happens = rng.random(dates.size) < probability
        length = _length(rng, dates.size, facts.values(f"{cause}_length", "year"))
        further = np.ceil(np.maximum(delay, length) + _SHARE_OF_FURTHER * length)
        delay = np.where(happens, np.where(delay == 0.0, length, further), delay)
    return years + np.maximum(np.ceil(delay - _REMAINDER), 0.0)


def _probability(years: FloatArray, curve: FloatArray) -> FloatArray:
    start, end, last, slope, shift, push = curve.tolist()
    passed = np.maximum(np.where(np.isinf(years), last, years) - 2025.0, 0.0)
    risen = start + (end - start) / (1.0 + shift * np.exp(-slope * passed)) ** (1.0 / push)
    probability: FloatArray = np.where(passed == 0.0, start, np.where(years >= last, end, risen))
    return probability


def _length(rng: np.random.Generator, size: int, parts: FloatArray) -> FloatArray:
    weights, low, high = parts.reshape(-1, 3).T
    part = rng.choice(weights.size, size=size, p=weights)
    mean = 0.5 * (np.log(low) + np.log(high))
    sd = (np.log(high) - np.log(low)) / (2.0 * _NORMAL_90)
    length: FloatArray = np.exp(mean[part] + sd[part] * rng.standard_normal(size))
    return length


#: Corrections by the name that a change gives as ``after``.
CORRECTIONS: Final[dict[str, Correction]] = {"non_scaling_delay": non_scaling_delay}
