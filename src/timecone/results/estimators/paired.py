"""Differences between two runs that share their random numbers, with paired errors.

Draw i of both runs rests on the same random numbers, so the error of a difference comes from the draws in
which the runs disagree. Each statistic is linearised: its influence function says how much each draw moves
it, and the error of a difference is that of the mean of the difference of two influences. A draw that
does not count in a run (removed by the not-yet rule, or failed) has no influence there.
"""

from __future__ import annotations

import numpy as np

from timecone.results.estimators.intervals import MASS, Estimate, percentile_rank
from timecone.schema import BoolArray, FloatArray

# Normal score of the interval, and the least half-width in which a density is estimated.
_Z = 1.959963984540054
assert MASS == 0.95  # noqa: PLR2004 - to which that score belongs


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
    half = _Z * np.sqrt(p * (1.0 - p) / size)
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
) -> Estimate:
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
    value, error = np.empty(bounds.size), np.empty(bounds.size)
    for k, bound in enumerate(bounds):
        before, moved_before = probability_influence(*first, bound)
        after, moved_after = probability_influence(*second, bound)
        value[k], error[k] = after - before, difference(moved_before, moved_after, paired=paired)
    return Estimate(value, value - _Z * error, value + _Z * error, error)


def quantile_differences(
    first: tuple[FloatArray, BoolArray],
    second: tuple[FloatArray, BoolArray],
    levels: FloatArray,
    *,
    paired: bool = True,
) -> Estimate:
    """Return differences of quantiles, second less first; see `probability_differences`.

    Returns
    -------
    Estimate
        NaN where a quantile is not reached in both; +inf or -inf where it is in one only. The interval is
        then without ends.
    """
    value, error = np.empty(levels.size), np.full(levels.size, np.inf)
    ordered = [np.sort(values[counted]) for values, counted in (first, second)]
    for k, p in enumerate(levels):
        before, moved_before = quantile_influence(*first, ordered[0], p)
        after, moved_after = quantile_influence(*second, ordered[1], p)
        value[k] = np.nan if np.isinf(before) and np.isinf(after) else after - before
        if moved_before is not None and moved_after is not None:
            error[k] = difference(moved_before, moved_after, paired=paired)
    finite = np.isfinite(value) & np.isfinite(error)
    half = np.where(finite, _Z * np.where(finite, error, 0.0), np.inf)
    with np.errstate(invalid="ignore"):
        lower, upper = np.where(finite, value - half, -np.inf), np.where(finite, value + half, np.inf)
    return Estimate(value, lower, upper, error)
