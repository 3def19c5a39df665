"""Bounds of probabilities and percentiles with all failed draws put first, or last."""

from __future__ import annotations

import numpy as np

from timecone.results.estimators.intervals import percentile_rank
from timecone.results.estimators.sample import UnweightedSample
from timecone.schema import FloatArray, IntArray


def probability_bounds(below: FloatArray | IntArray, size: int, failed: int) -> tuple[FloatArray, FloatArray]:
    """Return probabilities with all failed draws first, and last.

    Parameters
    ----------
    below : array
        How many of ``size`` draws lie below each bound.
    size, failed : int
        Draws that count, and that failed.
    """
    count = np.asarray(below, dtype=np.float64)
    return (count + failed) / (size + failed), count / (size + failed)


def percentile_bounds(values: UnweightedSample, p: FloatArray, failed: int) -> tuple[FloatArray, FloatArray]:
    """Return quantiles with all failed draws first (-inf where one is a failed draw), and last (+inf).

    Parameters
    ----------
    values : UnweightedSample
        The draws that count.
    p : array
        Levels in (0, 1).
    failed : int
        Draws that failed.
    """
    rank = percentile_rank(p, values.size + failed)
    earlier = np.clip(rank - failed, 1, values.size)
    later = np.clip(rank, 1, values.size)
    first = np.where(rank <= failed, -np.inf, values.order_statistic(earlier))
    last = np.where(rank > values.size, np.inf, values.order_statistic(later))
    return first, last
