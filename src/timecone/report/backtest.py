"""Back-test section of a report: scores of fits to history, their figure, and the limits of both."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from timecone import plots
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.backtest import forecasts_of
from timecone.results.tables.backtest import score_table
from timecone.results.tables.table import Table

_LIMITS = (
    "Forecasts of several years from one date share their errors, and so do forecasts of one year from "
    "several dates: they count for less than their number. The data are today's, with today's choice of "
    "notable models and today's estimates of past runs, which were not available at those dates."
)


@dataclass(frozen=True)
class BacktestSection:
    """Contents of the section on a back-test.

    Attributes
    ----------
    table : Table
        Scores by series and method.
    picture : Picture, optional
        Forecasts over the observed values.
    meaning : tuple of str
        What the scores mean, and their limits.
    """

    table: Table
    picture: Picture | None
    meaning: tuple[str, str]


def backtest_section(dataset: xr.Dataset, *, drawn: bool = True) -> BacktestSection:
    """Return the section on a back-test; without the figure unless it is to be ``drawn``."""
    shown = (
        picture(
            "backtest",
            "Forecasts of the joint fit from past dates, and the outcomes",
            plots.backtest(dataset),
        )
        if drawn
        else None
    )
    return BacktestSection(score_table(dataset), shown, (_meaning(dataset), _LIMITS))


def _meaning(dataset: xr.Dataset) -> str:
    origins = sorted({int(year) for year in forecasts_of(dataset)["origin"]})
    *before, last = map(str, origins)
    dates = f"{', '.join(before)} and {last}" if before else last
    return (
        f"Trends were fitted to the data from before {dates}, and their forecasts compared with the outcomes "
        f"and with naive forecasts of the same years (back-test {dataset.attrs['backtest_id']}). This tests "
        "the fitted trends among the inputs, not the dates of the milestones in this report."
    )
