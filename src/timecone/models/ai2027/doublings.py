"""Doublings of the task horizon that get shorter or longer from one to the next.

The first doubling takes T months and each later one r times as long as the one before, so n doublings take

    b(n) = T (r**n - 1) / (r - 1),    or n T where r = 1.

With r < 1 all doublings together take less than T / (1 - r): growth is superexponential and ends at a pole.
"""

from __future__ import annotations

import numpy as np

from timecone.schema import FloatArray


def months_of_doublings(doublings: FloatArray, doubling_time: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the months that a number of doublings takes; negative for a negative number."""
    rate = np.log(ratio)
    even = rate == 0.0
    slope = np.where(even, 1.0, rate)
    steps = np.where(even, doublings, np.expm1(doublings * slope) / np.expm1(slope))
    return np.asarray(doubling_time * steps)


def doublings_in_months(months: FloatArray, doubling_time: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return how many doublings a number of months holds; +inf from the pole on."""
    steps, rate = months / doubling_time, np.log(ratio)
    even = rate == 0.0
    slope = np.where(even, 1.0, rate)
    # 1 + (r - 1) s is r**n; at the pole and past it the logarithm would be that of no positive number.
    power = steps * np.expm1(slope)
    with np.errstate(divide="ignore"):
        uneven = np.log1p(np.maximum(power, -1.0)) / slope
    return np.where(even, steps, uneven)
