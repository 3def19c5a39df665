"""Histograms: shares of a sample by bin, and percentiles of values that are counted in the bins of a grid."""

from __future__ import annotations

import numpy as np

from timecone.results.estimators.intervals import Estimate, percentile_rank, standard_error
from timecone.results.estimators.sample import UnweightedSample
from timecone.schema import FloatArray, Grid, IntArray


def bin_shares(sample: UnweightedSample, edges: FloatArray, before: int = 0) -> Estimate:
    """Return the share of a sample in each bin.

    Parameters
    ----------
    sample : UnweightedSample
        A sample.
    edges : array, shape (bins + 1,)
        Increasing edges of the bins.
    before : int
        Values of the first bin that are left out, because they only stand for something earlier.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.results.estimators.sample import SortedSample
    >>> dates = SortedSample(np.array([2026.0, 2026.5, 2027.5, np.inf]))
    >>> bin_shares(dates, np.array([2026.0, 2027.0, 2028.0]), before=1).value
    array([0.25, 0.25])
    """
    excluded = before * (np.arange(edges.size - 1) == 0)
    shares = (np.diff(sample.count_below(edges)) - excluded) / sample.size
    lower, upper = sample.bin_interval(edges, excluded)
    return Estimate(shares, np.maximum(lower, 0.0), upper, standard_error(lower, upper))


def grid_percentiles(counts: IntArray, q: FloatArray, grid: Grid) -> FloatArray:
    """Return percentiles of counted values: the inverted empirical CDF, known to within a bin.

    Parameters
    ----------
    counts : array, shape (..., bins)
        Draws by bin of the grid.
    q : array, shape (levels,)
        Percentiles in (0, 100).
    grid : Grid
        The bins.

    Returns
    -------
    array, shape (..., levels)
        The draw of that rank, with the draws of a bin spread evenly over it; NaN without draws. The first and
        the last bin also hold the draws outside the grid, whose level is not known: -inf (below the grid) and
        +inf (above it, or never).

    Examples
    --------
    >>> import numpy as np
    >>> grid = Grid(low=0.0, width=0.02, bins=7000)
    >>> counts = np.zeros(grid.bins, dtype=np.int64)
    >>> counts[1800], counts[-1] = 9, 1
    >>> grid_percentiles(counts, np.array([50.0, 95.0]), grid)
    array([36.01,   inf])
    """
    bins = counts.shape[-1]
    flat = counts.reshape(-1, bins)
    out = np.full((len(flat), len(q)), np.nan)
    for row, count in enumerate(flat):
        cumulative = np.cumsum(count)
        if cumulative[-1]:
            rank = percentile_rank(q / 100.0, int(cumulative[-1]))
            k = np.searchsorted(cumulative, rank, side="left")
            # The draws of a bin stand at the middles of as many equal parts of it.
            within = (rank - (cumulative[k] - count[k]) - 0.5) / count[k]
            level = grid.low + grid.width * (k + within)
            out[row] = np.select([k == 0, k == bins - 1], [-np.inf, np.inf], level)
    return out.reshape(*counts.shape[:-1], len(q))
