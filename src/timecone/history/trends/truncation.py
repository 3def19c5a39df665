"""Tables cut from below at a compute threshold, which bias every trend fitted to them.

A table of runs above 1e23 FLOP has no early runs and, later, only those that are large: its growth is that of
the survivors, too slow. Values that thin out towards the smallest are complete. Values that pile up just
above a smallest one that stays the same over the years are cut.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

#: Values from which a cut can be told.
FEWEST: Final = 12
# Width of the band above the smallest value, in OOM, and how full it must be beside the next two.
_BAND: Final = 0.4
_FULLNESS: Final = 0.5
_LEAST_IN_BAND: Final = 6
# How far the smallest values of successive parts of the table may differ, in OOM: its halves, or the first
# two of three parts, because later on few runs may be as small as the threshold.
_STEADY: Final = 0.3
# How far below the smallest value a round threshold is looked for, in OOM.
_ROUND: Final = 0.1


class Truncation(NamedTuple):
    """A lower edge of a table.

    Attributes
    ----------
    threshold : float
        The smallest value, or the round number (1, 2 or 5 times a power of ten) just below it.
    near : int
        Values within 0.4 OOM above the smallest.
    total : int
        Values in all.
    """

    threshold: float
    near: int
    total: int


def truncated_below(dates: ArrayLike, values: ArrayLike) -> Truncation | None:
    """Return the threshold at which dated values are cut from below, or None where no cut shows.

    Parameters
    ----------
    dates : array_like, shape (observations,)
        Decimal years; NaN where missing.
    values : array_like, shape (observations,)
        Positive values; NaN where missing.

    Returns
    -------
    Truncation or None

    Raises
    ------
    ValueError
        Shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> years = np.linspace(2015, 2025, 200)
    >>> runs = 10.0 ** np.random.default_rng(1).normal(20 + 0.6 * (years - 2015), 1.0)
    >>> truncated_below(years, runs) is None
    True
    >>> truncated_below(years, np.where(runs > 1e23, runs, np.nan)).threshold
    1e+23
    """
    when, what = np.broadcast_arrays(np.asarray(dates, dtype=float), np.asarray(values, dtype=float))
    known = np.isfinite(when) & np.isfinite(what)
    when, level = when[known], np.log10(what[known])
    if len(level) < FEWEST:
        return None
    least = level.min()
    near = int(np.count_nonzero(level < least + _BAND))
    beyond = np.count_nonzero((level >= least + _BAND) & (level < least + 3.0 * _BAND)) / 2.0
    by_date = level[np.argsort(when, kind="stable")]
    steps = [abs(parts[0].min() - parts[1].min()) for n in (2, 3) for parts in [np.array_split(by_date, n)]]
    if near < _LEAST_IN_BAND or near < _FULLNESS * beyond or min(steps) >= _STEADY:
        return None
    return Truncation(_round_below(float(least)), near, len(level))


def _round_below(level: float) -> float:
    """Return 1, 2 or 5 times a power of ten within 0.1 OOM below, else the value itself."""
    power = np.floor(level)
    for first in (5.0, 2.0, 1.0):
        edge = power + np.log10(first)
        if 0.0 <= level - edge + 1e-9 < _ROUND:
            return float(f"{10.0**edge:.1g}")
    return float(f"{10.0**level:.2g}")
