"""Observed values by year: the largest run, the costliest run and training FLOP per USD.

The two maxima are running maxima, so a year without a record repeats the last; FLOP per USD is the mean over
the year's frontier runs that have both numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from timecone.history.trends.frontier import top_at_release
from timecone.schema import FloatArray


class ObservedValue(NamedTuple):
    """One year of one series: its value, the date that it holds for, and the runs behind it."""

    target: str
    year: int
    date: float
    value: float
    runs: int


def observed_values(
    runs: pd.DataFrame, *, until: float, first_year: int = 2010, top: int = 10
) -> list[ObservedValue]:
    """Return all series to a date.

    Parameters
    ----------
    runs : DataFrame
        Rows as the readers give them.
    until : float
        Decimal year up to which training compute is published. A year that it cuts counts up to it.
    first_year : int
        Where the series begin.
    top : int
        Rank at release that makes a run a frontier run.

    Returns
    -------
    list of ObservedValue
        Years without any value are left out.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.backtest.observed import observed_values
    >>> series = observed_values(read_bundled("runs").rows, until=2024.0)
    >>> {one.target for one in series} == {"compute", "spending", "price_performance"}
    True
    """
    known = runs.dropna(subset=["date", "training_compute"]).sort_values("date", kind="stable")
    known = known[(known["date"] >= first_year) & (known["date"] <= until)]
    date, compute = known["date"].to_numpy(float), np.log10(known["training_compute"].to_numpy(float))
    cost = np.log10(known["cost"].to_numpy(float))
    frontier = known.index.isin(top_at_release(known, top).index)
    values = []
    for year in range(first_year, int(np.ceil(until))):
        end = min(year + 1.0, until)
        values += _maximum("compute", year, end, date, compute)
        values += _maximum("spending", year, end, date, cost)
        both = frontier & np.isfinite(cost) & (date >= year) & (date < end)
        if both.any():
            mean = float(np.mean((compute - cost)[both]))
            values.append(ObservedValue("price_performance", year, (year + end) / 2.0, mean, int(both.sum())))
    return values


def _maximum(target: str, year: int, end: float, date: FloatArray, values: FloatArray) -> list[ObservedValue]:
    before = np.isfinite(values) & (date < end)
    if not before.any():
        return []
    return [ObservedValue(target, year, end, float(values[before].max()), int(before.sum()))]


def record_dates(date: FloatArray, values: FloatArray) -> FloatArray:
    """Return the dates of values that exceed all before them; dates increase, NaN is no value."""
    best = np.fmax.accumulate(np.where(np.isfinite(values), values, -np.inf))
    before = np.concatenate([[-np.inf], best[:-1]])
    return date[np.isfinite(values) & (values > before)]
