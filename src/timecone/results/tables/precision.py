"""How precise the quoted numbers of a run are, so whether its draws are enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table, probability_table


@dataclass(frozen=True)
class Precision:
    """The largest Monte Carlo errors among all quoted numbers, as half a 95 % interval.

    Attributes
    ----------
    years, probability : float
        Of dates and durations at percentiles, years; of probabilities by year.
    worst_year, worst_probability : str
        Which numbers these are.
    beyond : tuple of str
        Percentiles whose interval reaches beyond the horizon: they have no error in years.
    """

    years: float
    probability: float
    worst_year: str
    worst_probability: str
    beyond: tuple[str, ...]


def _name(row: pd.Series, at: str) -> str:
    condition = f" if {row['condition']}" if row["condition"] else ""
    return f"{row['quantity']}{condition} {at}"


def _worst(table: pd.DataFrame, words: str, key: str) -> tuple[float, str]:
    if table.empty:
        return 0.0, "none"
    half = ((table["upper"] - table["lower"]) / 2.0).to_numpy()
    worst = int(np.argmax(half))
    row = table.iloc[worst]
    return float(half[worst]), _name(row, f"{words}{row[key]:g}")


def precision(run: xr.DataTree) -> Precision:
    """Return the largest error of the run's quoted dates, durations and probabilities.

    All milestones, the headline also by value of each choice, and the durations, at the usual
    percentiles and years.
    """
    statistics = RunStatistics(run)
    dates, chances = percentile_table(statistics), probability_table(statistics)
    # Where both ends are beyond, so is the number, and no draw more would change what is printed.
    finite = np.isfinite(dates["upper"]) & np.isfinite(dates["lower"])
    reaching = dates[~finite]
    years, worst_year = _worst(dates[finite], "P", "percentile")
    probability, worst_probability = _worst(chances, "by ", "year")
    beyond = tuple(_name(row, f"P{row['percentile']:g}") for _, row in reaching.iterrows())
    return Precision(years, probability, worst_year, worst_probability, beyond)
