"""Inflation: prices of one year in USD of another, by the consumer price index of the United States."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from timecone.errors import ArgumentError
from timecone.schema import FloatArray

#: Consumer price index for all urban consumers, all items, United States city average, 1982-84 = 100, mean of
#: each year (U.S. Bureau of Labor Statistics, series CUUR0000SA0).
CPI: Final = {
    2006: 201.6,
    2007: 207.342,
    2008: 215.303,
    2009: 214.537,
    2010: 218.056,
    2011: 224.939,
    2012: 229.594,
    2013: 232.957,
    2014: 236.736,
    2015: 237.017,
    2016: 240.007,
    2017: 245.120,
    2018: 251.107,
    2019: 255.657,
    2020: 258.811,
    2021: 270.970,
    2022: 292.655,
    2023: 304.702,
    2024: 313.689,
    2025: 321.943,
}


def real(price: FloatArray, date: FloatArray, year: int) -> FloatArray:
    """Return prices in USD of a year.

    The index of a year holds in its middle and is interpolated between; outside the table the growth of its
    first or last year goes on.

    Parameters
    ----------
    price : ndarray
        USD of the day.
    date : ndarray
        Decimal years of the prices.
    year : int
        The year in whose USD they are wanted, one of `CPI`.

    Returns
    -------
    ndarray
        USD of that year; NaN where price or date is.

    Raises
    ------
    ArgumentError
        The year is not in the table.

    Examples
    --------
    >>> import numpy as np
    >>> real(np.array([100.0]), np.array([2020.5]), 2025).round(2)
    array([124.39])
    """
    if year not in CPI:
        raise ArgumentError(
            "year-without-price-index",
            "no price index of this year",
            where="year",
            got=year,
            allowed=f"{min(CPI)} to {max(CPI)}",
        )
    middles = np.array(list(CPI), dtype=float) + 0.5
    logs = np.log(list(CPI.values()))
    date = np.asarray(date, float)
    level = np.interp(date, middles, logs)
    level += np.minimum(date - middles[0], 0.0) * (logs[1] - logs[0])
    level += np.maximum(date - middles[-1], 0.0) * (logs[-1] - logs[-2])
    return np.asarray(price * np.exp(math.log(CPI[year]) - level))
