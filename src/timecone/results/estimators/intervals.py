"""Monte Carlo intervals of probabilities and percentiles.

They say how far another seed may move a number, and nothing of the model's own error.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from timecone.schema import FloatArray, IntArray

#: Mass of the intervals, and the normal score that belongs to it.
MASS = 0.95
NORMAL_SCORE = float(special.ndtri(0.5 + MASS / 2.0))


class Estimate(NamedTuple):
    """Numbers with their 95 % Monte Carlo interval and the standard error that it implies."""

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray


def wilson(successes: IntArray, trials: int) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % score interval of a proportion (Wilson 1927)."""
    n, z = float(trials), NORMAL_SCORE
    p = np.asarray(successes, dtype=np.float64) / n
    centre = (p + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * np.sqrt(p * (1.0 - p) / n + z**2 / (4.0 * n * n))
    lower, upper = np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
    return np.where(p == 0.0, 0.0, lower), np.where(p == 1.0, 1.0, upper)


def standard_error(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Return the standard error that a 95 % interval implies; inf where an end is."""
    with np.errstate(invalid="ignore"):
        error = (np.asarray(upper) - np.asarray(lower)) / (2.0 * NORMAL_SCORE)
    return np.where(np.isnan(error), np.inf, error)


def between_replicates(estimates: FloatArray, pooled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % interval of pooled numbers from those of independent replicates.

    Parameters
    ----------
    estimates : array, shape (replicates, numbers)
        Infinite where a replicate has no finite number: +inf beyond the horizon, -inf below any number.
    pooled : array, shape (numbers,)
        From all replicates together.

    Returns
    -------
    lower, upper : arrays, shape (numbers,)
        Student's t with replicates - 1 degrees of freedom. Where replicates disagree on whether a number is
        finite there is no spread, and the interval is their range: from -inf where one is, to +inf where one
        is. It holds the pooled number always.
    """
    count = len(estimates)
    every = np.isfinite(estimates).all(axis=0)
    safe = np.where(every, estimates, 0.0)
    error = safe.std(axis=0, ddof=1) / np.sqrt(count)
    half = special.stdtrit(count - 1, 0.5 + MASS / 2.0) * error
    lower = np.where(every, pooled - half, estimates.min(axis=0))
    upper = np.where(every, pooled + half, estimates.max(axis=0))
    return np.minimum(lower, pooled), np.maximum(upper, pooled)


def percentile_rank(p: FloatArray, size: int) -> IntArray:
    """Return the rank of the p-quantile by the inverted empirical CDF, 1 ... size."""
    # A product that rounding has lifted by an ulp is still the whole number below it.
    exact = np.asarray(p, dtype=np.float64) * size
    rank = np.ceil(exact - 1e-9 * np.maximum(exact, 1.0))
    return np.clip(rank, 1, size).astype(np.int64)


def rank_interval(p: FloatArray, size: int) -> tuple[IntArray, IntArray]:
    """Return ranks between which the true p-quantile lies with at least 95 % probability.

    The number of values below the true quantile is binomial, whatever the distribution (David & Nagaraja
    2003, "Order statistics", section 7.1). Rank 0 or size + 1 where the sample is too small to have an end.
    """
    p = np.asarray(p, dtype=np.float64)
    tail = (1.0 - MASS) / 2.0
    lower = _binomial_quantile(tail, p, size)
    upper = _binomial_quantile(1.0 - tail, p, size) + 1
    return lower, upper


def _binomial_quantile(q: float, p: FloatArray, n: int) -> IntArray:
    """Return the smallest k with P(Binomial(n, p) <= k) >= q."""
    k = np.ceil(np.nan_to_num(special.bdtrik(q, n, p))).astype(np.int64)
    k = np.clip(k, 0, n)
    one_less = np.maximum(k - 1, 0)
    enough = (k > 0) & (special.bdtr(one_less, n, p) >= q)
    return np.where(enough, one_less, k)
