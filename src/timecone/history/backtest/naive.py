"""Naive forecasts: persistence, the last trend extended, a random walk with drift, a published projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from timecone.history.backtest.observed import ObservedValue
from timecone.schema import FloatArray

#: Members of a forecast whose law is known: quantiles at the middles of as many equal parts.
_MEMBERS = 1999
_LEVELS = (np.arange(_MEMBERS) + 0.5) / _MEMBERS
_TREND_YEARS, _WALK_YEARS, _FEWEST = 5, 10, 3
#: Besiroglu, Heim & Sevilla 2022, "Projecting compute trends in machine learning": median and 95 % interval
#: of the log10 FLOP of the largest run, by year.
PROJECTION_2022 = {2025: (25.9, 25.33, 26.14)}
PROJECTION_ORIGIN = 2022


def last_trend(known: Sequence[ObservedValue], date: float) -> FloatArray | None:
    """Extend the straight line through the last five yearly values.

    Returns
    -------
    ndarray or None
        (member,) of its Student-t predictive distribution; None with fewer than three values.
    """
    last = known[-_TREND_YEARS:]
    if len(last) < _FEWEST:
        return None
    return line(
        np.array([observed.date for observed in last]), np.array([observed.value for observed in last]), date
    )


def line(x: FloatArray, y: FloatArray, date: float) -> FloatArray:
    """Extend the least-squares line through values ``y`` at dates ``x``.

    Returns
    -------
    ndarray
        (member,) of its Student-t predictive distribution.
    """
    n, centred = len(x), x - x.mean()
    fitted = stats.linregress(x, y)
    residual = y - fitted.intercept - fitted.slope * x
    deviation = np.sqrt(np.sum(residual**2) / (n - 2))
    width = deviation * np.sqrt(1.0 + 1.0 / n + (date - x.mean()) ** 2 / np.sum(centred**2))
    return np.asarray(fitted.intercept + fitted.slope * date + width * stats.t.ppf(_LEVELS, n - 2))


def persistence(known: Sequence[ObservedValue], date: float) -> FloatArray | None:
    """Let the last value stand, spread like the changes of the last ten yearly values about zero.

    Returns
    -------
    ndarray or None
        (member,) of a Student-t distribution about the last value, a random walk without drift; None with
        fewer than three changes.
    """
    last = known[-_WALK_YEARS - 1 :]
    if len(last) < _FEWEST + 1:
        return None
    x, y = np.array([observed.date for observed in last]), np.array([observed.value for observed in last])
    variance = float(np.mean(np.diff(y) ** 2 / np.diff(x)))
    width = np.sqrt(variance * (date - x[-1]))
    return np.asarray(y[-1] + width * stats.t.ppf(_LEVELS, len(x) - 1))


def random_walk_with_drift(known: Sequence[ObservedValue], date: float) -> FloatArray | None:
    """Let the last value drift on as the yearly values of ten years did.

    Returns
    -------
    ndarray or None
        (member,) of its Student-t predictive distribution; None with fewer than three changes.
    """
    last = known[-_WALK_YEARS - 1 :]
    if len(last) < _FEWEST + 1:
        return None
    x, y = np.array([observed.date for observed in last]), np.array([observed.value for observed in last])
    step = np.diff(x)
    drift = (y[-1] - y[0]) / (x[-1] - x[0])
    n = len(step)
    variance = float(np.sum((np.diff(y) - drift * step) ** 2 / step) / (n - 1))
    ahead = date - x[-1]
    width = np.sqrt(variance * (ahead + ahead**2 / (x[-1] - x[0])))
    return np.asarray(y[-1] + drift * ahead + width * stats.t.ppf(_LEVELS, n - 1))


def projection_2022(year: int) -> FloatArray | None:
    """Return the published projection of the largest run, its halves normal, or None for other years."""
    if year not in PROJECTION_2022:
        return None
    median, low, high = PROJECTION_2022[year]
    score = stats.norm.ppf(_LEVELS)
    half = np.where(score < 0.0, median - low, high - median) / stats.norm.ppf(0.975)
    return np.asarray(median + half * score)
