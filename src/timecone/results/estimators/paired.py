"""Differences between two runs that share their random numbers, with paired errors.

Draw i of both runs rests on the same random numbers, so the error of a difference comes from the draws in
which the runs disagree. Each statistic is linearised: its influence function says how much each draw moves
it, and the error of a difference is that of the mean of the difference of two influences. A draw that
does not count in a run (removed by the not-yet rule, or failed) has no influence there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from timecone.results.estimators.intervals import NORMAL_SCORE, percentile_rank
from timecone.schema import BoolArray, FloatArray


class Differences(NamedTuple):
    """Statistics of two runs, and the second less the first with its 95 % interval and standard error."""

    first: FloatArray
    second: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray


def probability_influence(values: FloatArray, counted: BoolArray, bound: float) -> tuple[float, FloatArray]:
    """Return the share of the counted draws below a bound, and each draw's influence on it."""
    share = counted.mean()
    below = values < bound
    probability = float((counted & below).sum() / counted.sum())
    return probability, np.where(counted, (below - probability) / share, 0.0)


def quantile_influence(
    values: FloatArray, counted: BoolArray, ordered: FloatArray, p: float
) -> tuple[float, FloatArray | None]:
    """Return a quantile of the counted draws, and each draw's influence on it.

    Parameters
    ----------
    values : array, shape (draws,)
        +inf where not reached.
    counted : array of bool, shape (draws,)
        Draws that count.
    ordered : array
        The counted values in increasing order.
    p : float
        Level in (0, 1).

    Returns
    -------
    float
        The quantile, by the inverted empirical CDF.
    array, shape (draws,), or None
        None where the quantile or the slope at it is not finite. The slope is taken between the ends of the
        quantile's 95 % interval.
    """
    size = ordered.size
    quantile = float(ordered[percentile_rank(np.array(p), size) - 1])
    half = NORMAL_SCORE * np.sqrt(p * (1.0 - p) / size)
    low, high = np.clip([p - half, p + half], 0.5 / size, 1.0)
    ends = ordered[percentile_rank(np.array([low, high]), size) - 1]
    if not np.all(np.isfinite(ends)):
        return quantile, None
    slope = (ends[1] - ends[0]) / (high - low)
    return quantile, np.where(counted, slope * (p - (values <= quantile)) / counted.mean(), 0.0)


def difference(first: FloatArray, second: FloatArray, *, paired: bool) -> float:
    """Return the standard error of the second statistic less the first one, from their influences."""
    if paired:
        return float((second - first).std(ddof=1) / np.sqrt(first.size))
    return float(np.hypot(*(each.std(ddof=1) / np.sqrt(each.size) for each in (first, second))))


def probability_differences(
    first: tuple[FloatArray, BoolArray],
    second: tuple[FloatArray, BoolArray],
    bounds: FloatArray,
    *,
    paired: bool = True,
) -> Differences:
    """Return differences of the probability of lying below bounds, second less first.

    Parameters
    ----------
    first, second : tuple of (array, array of bool), shape (draws,)
        Values of each run, and which draws count.
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
    first: tuple[FloatArray, BoolArray],
    second: tuple[FloatArray, BoolArray],
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
    ordered = [np.sort(values[counted]) for values, counted in (first, second)]
    for k, p in enumerate(levels):
        before[k], moved_before = quantile_influence(*first, ordered[0], p)
        after[k], moved_after = quantile_influence(*second, ordered[1], p)
        if moved_before is not None and moved_after is not None:
            error[k] = difference(moved_before, moved_after, paired=paired)
    with np.errstate(invalid="ignore"):
        value, half = after - before, NORMAL_SCORE * error
        finite = np.isfinite(value) & np.isfinite(error)
        lower, upper = np.where(finite, value - half, -np.inf), np.where(finite, value + half, np.inf)
    return Differences(before, after, value, lower, upper, error)
