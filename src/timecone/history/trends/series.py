"""A series of dated positive values, as every trend takes it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from timecone.errors import ArgumentError

type Floats = NDArray[np.float64]


class Series(NamedTuple):
    """Dated values on a logarithmic scale, by date.

    Attributes
    ----------
    dates : numpy.ndarray, shape (observations,)
        Decimal years, ascending.
    values : numpy.ndarray, shape (observations,)
        Decadic logarithms of the values.
    """

    dates: Floats
    values: Floats


def series(
    dates: ArrayLike, values: ArrayLike, *, first: float = -math.inf, until: float = math.inf
) -> Series:
    """Return what is dated and known, by date; a missing value is left out, never read as small.

    Parameters
    ----------
    dates : array_like, shape (observations,)
        Decimal years; NaN where missing.
    values : array_like, shape (observations,)
        Positive values in any unit; NaN where missing.
    first, until : float, optional
        Records dated ``first <= date < until`` count. Set ``until`` to where the data end: estimates of
        training compute for most closed models end in the middle of 2025, which is no slowdown.

    Returns
    -------
    Series
        Dates, ascending, and decadic logarithms of the values.

    Raises
    ------
    ArgumentError
        Shapes differ, a value is not positive, or ``until`` is not after ``first``.

    Examples
    --------
    >>> from timecone.history.trends.series import series
    >>> series([2013.0, 2012.0, 2014.0], [1e16, 1e15, float("nan")]).values.tolist()
    [15.0, 16.0]
    """
    when = np.asarray(dates, dtype=np.float64)
    what = np.asarray(values, dtype=np.float64)
    if when.ndim != 1 or when.shape != what.shape:
        raise ArgumentError(
            "series-length-mismatch",
            "dates and values differ in length",
            where="dates",
            got=(when.shape, what.shape),
            allowed="two equal lengths",
        )
    if not first < until:
        raise ArgumentError(
            "empty-span",
            "the span is empty",
            where="until",
            got=until,
            allowed=f"a date after first ({first:g})",
        )
    known = np.isfinite(when) & ~np.isnan(what)
    wrong = known & ~((what > 0.0) & np.isfinite(what))
    if wrong.any():
        raise ArgumentError(
            "no-logarithm",
            "a value has no logarithm",
            where="values",
            got=float(what[wrong][0]),
            allowed="positive numbers",
        )
    kept = known & (when >= first) & (when < until)
    order = np.argsort(when[kept], kind="stable")
    return Series(when[kept][order], np.log10(what[kept][order]))


def checked(candidate: Series, least: int) -> Series:
    """Return the series if it has ``least`` observations at two dates or more.

    Raises
    ------
    ArgumentError
        There are too few, or all are of one date.
    """
    if len(candidate.dates) < least or candidate.dates[0] == candidate.dates[-1]:
        raise ArgumentError(
            "too-few-observations",
            "too few observations for a trend",
            where="series",
            got=len(candidate.dates),
            allowed=f"at least {least}, not all of one date",
        )
    return candidate
