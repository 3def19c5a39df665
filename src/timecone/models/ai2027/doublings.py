"""Doublings of the task horizon that get shorter or longer from one to the next.

The first doubling takes T months and each later one r times as long as the one before, so n doublings take

    b(n) = T (r**n - 1) / (r - 1),    or n T where r = 1.

With r < 1 all doublings together take less than T / (1 - r): growth is superexponential and ends at a pole.
Where the change sets in only after m doublings, which take T months each, n of them take m T + b(n - m).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.schema import FloatArray

#: Takes the place of a ratio of 0, at which the first doubling is the last one that takes any time.
_LEAST_RATIO: Final = float(np.finfo(np.float64).tiny)


def months_of_doublings(doublings: FloatArray, doubling_time: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the months that a number of doublings takes; negative for a negative number."""
    rate = _rate(ratio)
    even = rate == 0.0
    slope = np.where(even, 1.0, rate)
    steps = np.where(even, doublings, np.expm1(doublings * slope) / np.expm1(slope))
    return np.asarray(doubling_time * steps)


def doublings_in_months(months: FloatArray, doubling_time: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return how many doublings a number of months holds; +inf from the pole on."""
    steps, rate = months / doubling_time, _rate(ratio)
    even = rate == 0.0
    slope = np.where(even, 1.0, rate)
    # 1 + (r - 1) s is r**n; at the pole and past it the logarithm would be that of no positive number.
    power = steps * np.expm1(slope)
    with np.errstate(divide="ignore"):
        uneven = np.log1p(np.maximum(power, -1.0)) / slope
    return np.where(even, steps, uneven)


def months_with_onset(
    doublings: FloatArray, onset: FloatArray, doubling_time: FloatArray, ratio: FloatArray
) -> FloatArray:
    """Return the months that doublings take of which the first ``onset`` take equally long."""
    steady = np.minimum(onset, doublings)
    return steady * doubling_time + months_of_doublings(doublings - steady, doubling_time, ratio)


def doublings_with_onset(
    months: FloatArray, onset: FloatArray, doubling_time: FloatArray, ratio: FloatArray
) -> FloatArray:
    """Return how many doublings a number of months holds of which the first ``onset`` take equally long."""
    rest = np.maximum(months - onset * doubling_time, 0.0)
    later = onset + doublings_in_months(rest, doubling_time, ratio)
    return np.where(months <= onset * doubling_time, months / doubling_time, later)


def _rate(ratio: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(ratio, _LEAST_RATIO)))
