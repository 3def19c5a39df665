"""Differences between two runs that share their random numbers, with paired errors.

Draw i of both runs rests on the same random numbers, so the error of a difference comes from the draws in
which the runs disagree. Each statistic is linearised: its influence function says how much each draw moves
it, and the error of a difference is that of the mean of the difference of two influences. A draw that
does not count in a run (removed by the not-yet rule, or failed) has no influence there. A run and the same
draws with weights are compared in the same way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from timecone.results.estimators.intervals import NORMAL_SCORE
from timecone.results.estimators.sample import SortedSample
from timecone.results.estimators.weighted_sample import WeightedSample
from timecone.schema import BoolArray, FloatArray

#: Which draws count, or the weight of each draw.
type Weights = BoolArray | FloatArray


class Differences(NamedTuple):
    """Statistics of two runs, and the second less the first with its 95 % interval and standard error."""

    first: FloatArray
    second: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray


def probability_influence(values: FloatArray, weights: Weights, bound: float) -> tuple[float, FloatArray]:
    """Return the share of the weight that lies below a bound, and each draw's influence on it."""
    below, total = values < bound, weights.sum()
    probability = float((weights * below).sum() / total)
    return probability, values.size / total * weights * (below - probability)


def quantile_influence(
    values: FloatArray, weights: Weights, sample: SortedSample | WeightedSample, p: float
) -> tuple[float, FloatArray | None]:
    """Return a quantile, and each draw's influence on it.

    Parameters
    ----------
    values : array, shape (draws,)
        +inf where not reached.
    weights : array, shape (draws,)
        True of draws that count, or their weights, not all 0.
    sample : SortedSample or WeightedSample
        The same values and weights as a sample.
    p : float
        Level in (0, 1).

    Returns
    -------
    float
        The quantile, by the inverted CDF.
    array, shape (draws,), or None
        None where the quantile or the slope at it is not finite. The slope is taken between the ends of the
        quantile's 95 % interval.
    """
    size = sample.effective_size if isinstance(sample, WeightedSample) else float(sample.size)
    half = NORMAL_SCORE * np.sqrt(p * (1.0 - p) / size)
    low, high = np.clip([p - half, p + half], 0.5 / size, 1.0)
    quantile, *ends = sample.quantile(np.array([p, low, high])).tolist()
    if not np.all(np.isfinite(ends)):
        return quantile, None
    slope = (ends[1] - ends[0]) / (high - low)
    return quantile, slope * values.size / weights.sum() * weights * (p - (values <= quantile))


def sample_of(values: FloatArray, weights: Weights) -> SortedSample | WeightedSample:
    """Return values as a sample: those that count, or all with their weights."""
    if weights.dtype == np.bool_:
        return SortedSample(np.sort(values[weights.astype(np.bool_)]))
    return WeightedSample.of(values, weights.astype(np.float64))


def difference(first: FloatArray, second: FloatArray, *, paired: bool) -> float:
    """Return the standard error of the second statistic less the first one, from their influences."""
    if paired:
        return float((second - first).std(ddof=1) / np.sqrt(first.size))
    return float(np.hypot(*(each.std(ddof=1) / np.sqrt(each.size) for each in (first, second))))


def probability_differences(
    first: tuple[FloatArray, Weights],
    second: tuple[FloatArray, Weights],
    bounds: FloatArray,
    *,
    paired: bool = True,
) -> Differences:
    """Return differences of the probability of lying below bounds, second less first.

    Parameters
    ----------
    first, second : tuple of (array, array), shape (draws,)
        Values of each run, and which draws count or their weights.
    bounds : array
        The bounds.
    paired : bool
        Whether both share their random numbers, draw by draw.

    Examples
    --------
    >>> values = np.random.default_rng(1).normal(size=1000)
    >>> every = np.ones(1000, dtype=bool)
    >>> same = probability_differences((values, every), (values, every), np.array([0.0]))
    >>> same.value.tolist(), same.standard_error.tolist()
    ([0.0], [0.0])
    """
    before, after, error = (np.empty(bounds.size) for _ in range(3))
    for k, bound in enumerate(bounds):
        before[k], moved_before = probability_influence(*first, bound)
        after[k], moved_after = probability_influence(*second, bound)
        error[k] = difference(moved_before, moved_after, paired=paired)
    value, half = after - before, NORMAL_SCORE * error
    return Differences(before, after, value, value - half, value + half, error)


def quantile_differences(
    first: tuple[FloatArray, Weights],
    second: tuple[FloatArray, Weights],
    levels: FloatArray,
    *,
    paired: bool = True,
) -> Differences:
    """Return differences of quantiles, second less first; see `probability_differences`.

    Returns
    -------
    Differences
        NaN where a quantile is not reached in both; +inf or -inf where it is in one only. The interval is
        then without ends.
    """
    before, after, error = np.empty(levels.size), np.empty(levels.size), np.full(levels.size, np.inf)
    samples = [sample_of(*side) for side in (first, second)]
    for k, p in enumerate(levels):
        before[k], moved_before = quantile_influence(*first, samples[0], p)
        after[k], moved_after = quantile_influence(*second, samples[1], p)
        if moved_before is not None and moved_after is not None:
            error[k] = difference(moved_before, moved_after, paired=paired)
    with np.errstate(invalid="ignore"):
        value, half = after - before, NORMAL_SCORE * error
        finite = np.isfinite(value) & np.isfinite(error)
        lower, upper = np.where(finite, value - half, -np.inf), np.where(finite, value + half, np.inf)
    return Differences(before, after, value, lower, upper, error)
