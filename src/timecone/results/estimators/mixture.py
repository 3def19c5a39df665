"""Mixtures of the outcomes of several runs: shares and quantiles with their Monte Carlo error.

A mixture takes its outcome from run k with probability w_k. Its CDF is the weighted sum of the runs' CDFs, so
its percentiles are those of the pooled draws and no average of the runs' percentiles. The error of a share
comes from the sum of each draw's influences, so draws that share their random numbers count as one. An
interval of a quantile holds the values at which the CDF leaves the interval of its level (Woodruff 1952).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from timecone.results.estimators.intervals import NORMAL_SCORE, Estimate, standard_error, wilson
from timecone.results.estimators.paired import probability_influence
from timecone.results.estimators.weighted_sample import WeightedSample
from timecone.schema import BoolArray, FloatArray

type Side = tuple[FloatArray, BoolArray]


def mixture_shares(
    sides: Sequence[Side], weights: FloatArray, bounds: FloatArray, *, paired: bool
) -> Estimate:
    """Return the share of a mixture below each bound.

    Parameters
    ----------
    sides : sequence of (array, array of bool)
        Of each run the values of the draws, +inf where not reached, and which draws count.
    weights : array, shape (runs,)
        Weights that sum to 1.
    bounds : array
        Upper ends, not included.
    paired : bool
        Whether draw i of all runs rests on the same random numbers.
    """
    points = [_share(sides, weights, float(bound), paired=paired) for bound in bounds]
    value, variance = np.array(points, dtype=np.float64).reshape(-1, 2).T
    inside = (value > 0.0) & (value < 1.0) & (variance > 0.0)
    # Where all draws agree, the size is the least that the runs could be worth together.
    least = 1.0 / np.sum(weights / np.sqrt([counted.sum() for _, counted in sides])) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(inside, value * (1.0 - value) / variance, least)
    ends = [wilson(np.array(share * n), n) for share, n in zip(value, size, strict=True)]
    lower, upper = np.array(ends, dtype=np.float64).reshape(-1, 2).T
    return Estimate(value, lower, upper, standard_error(lower, upper))


def _share(sides: Sequence[Side], weights: FloatArray, bound: float, *, paired: bool) -> tuple[float, float]:
    """Return a share of the mixture and the variance of its error."""
    shares, influences = zip(*(probability_influence(*side, bound) for side in sides), strict=True)
    share = float(np.dot(weights, shares))
    if paired:
        together = sum(weight * influence for weight, influence in zip(weights, influences, strict=True))
        return share, float(np.mean(np.square(together)) / np.size(together))
    parts = (w**2 * np.mean(part**2) / part.size for w, part in zip(weights, influences, strict=True))
    return share, float(sum(parts))


def mixture_quantiles(sides: Sequence[Side], weights: FloatArray, p: FloatArray, *, paired: bool) -> Estimate:
    """Return quantiles of a mixture, by the inverted CDF; see `mixture_shares`.

    Parameters
    ----------
    sides, weights, paired
        As of `mixture_shares`.
    p : array
        Levels in (0, 1).
    """
    values = [values[counted] for values, counted in sides]
    each = [np.full(part.size, w / part.size) for part, w in zip(values, weights, strict=True)]
    pooled = WeightedSample.of(np.concatenate(values), np.concatenate(each))
    value = pooled.quantile(p)
    # Up to and with the quantile itself.
    above = np.nextafter(value, np.inf)
    half = np.array(
        [NORMAL_SCORE * np.sqrt(_share(sides, weights, float(t), paired=paired)[1]) for t in above]
    )
    lower, upper = pooled.quantile(p - half), pooled.quantile(p + half)
    return Estimate(value, lower, upper, standard_error(lower, upper))
