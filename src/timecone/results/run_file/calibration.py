"""Calibration of a back-test: the share of outcomes in central intervals, with its sampling error.

Forecasts of one series from adjacent dates, or for several years ahead, share their errors. So the sampling
error comes from a bootstrap over blocks: all forecasts of one series from three years.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError
from timecone.results.run_file.backtest import MASSES, covered

#: Years of dates of forecasts that make a block.
BLOCK_YEARS: Final = 3.0
_RESAMPLES: Final = 2000
_INTERVAL: Final = (0.05, 0.95)


def calibration(forecasts: pd.DataFrame, *, seed: int = 2026) -> pd.DataFrame:
    """Return the shares of outcomes in central intervals, by method.

    Parameters
    ----------
    forecasts : DataFrame
        One row each, as `forecasts_of` gives them.
    seed : int, optional
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        ``method``, ``mass`` (percent), ``forecasts``, ``blocks``, ``share``, and ``low`` and ``high``, the
        ends of its 90 % interval, NaN where all forecasts are of one block.

    Raises
    ------
    ArgumentError
        There are no forecasts.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.results.run_file.calibration import calibration
    >>> rows = pd.DataFrame({"target": "compute", "method": "line", "origin": [2010.0, 2015.0],
    ...                      "pit": [0.5, 0.99]})
    >>> calibration(rows)["share"].tolist()
    [0.5, 0.5, 0.5]
    """
    if forecasts.empty:
        raise ArgumentError("too-few-records", "there are no forecasts", where="forecasts", got=0)
    block = forecasts["target"].astype(str) + " " + (forecasts["origin"] // BLOCK_YEARS).astype(str)
    rows: list[dict[str, Any]] = []
    for method, group in forecasts.groupby("method", sort=False):
        number, names = pd.factorize(block[group.index])
        size = np.bincount(number)
        generator = np.random.default_rng(seed)
        chosen = generator.integers(0, len(names), (_RESAMPLES, len(names)))
        for mass in MASSES:
            inside = np.bincount(number, covered(group["pit"], mass).to_numpy(float))
            shares = inside[chosen].sum(axis=1) / size[chosen].sum(axis=1)
            low, high = np.quantile(shares, _INTERVAL) if len(names) > 1 else (math.nan, math.nan)
            rows.append(
                {
                    "method": str(method),
                    "mass": mass,
                    "forecasts": len(group),
                    "blocks": len(names),
                    "share": float(inside.sum() / len(group)),
                    "low": float(low),
                    "high": float(high),
                }
            )
    return pd.DataFrame(rows)
