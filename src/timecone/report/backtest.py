"""Back-test section of a page: scores of fits to history, their figure, and the limits of both."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from timecone import plots
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.backtest import forecasts_of
from timecone.results.tables.backtest import score_table
from timecone.results.tables.table import Table

_LIMITS = (
    "Forecasts of several years from one date, and of one year from several dates, share their errors, so "
    "they are worth fewer than their number; and the data are today's, with today's choice of notable "
    "models and today's estimates of past runs, which nobody had at those dates."
)


@dataclass(frozen=True)
class BacktestSection:
    """What a page says of a back-test.

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
    """Return what a page says of a back-test; without the figure unless it is to be ``drawn``."""
    shown = (
        picture(
            "backtest", "What the joint fit forecast from past dates, and what came", plots.backtest(dataset)
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
        f"Trends were fitted to the data from before {dates}, and their forecasts compared with what came "
        f"(back-test {dataset.attrs['backtest_id']}): this judges trends fitted to history, as they may "
        "stand among the inputs, against naive forecasts of the same years, and not the milestones' dates on "
        "this page."
    )
