"""Table of published forecasts beside a run's headline, as their authors state them."""

from __future__ import annotations

import xarray as xr

from timecone.forecasts import Forecast, published_forecasts
from timecone.results.run_file.access import headline, label
from timecone.results.run_file.probabilities import default_years
from timecone.results.tables import rounding
from timecone.results.tables.formats import writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table, cells

_LEVELS = (10.0, 50.0, 90.0)
_YEARS = (2030, 2050, 2100)


def forecasts_table(run: xr.DataTree) -> Table:
    """Return percentiles and probabilities of published forecasts, this run's first.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    """
    years = [year for year in _YEARS if year in default_years(run)]
    statistics = RunStatistics(run, _LEVELS, years)
    main = headline(run)
    dates, chances = statistics.percentiles(main), statistics.probabilities(main) if years else None
    own = [*(cells(dates, writers(run)[0]) if dates is not None else ())]
    by_year = dict(
        zip(years, cells(chances, rounding.probability) if chances is not None else (), strict=False)
    )
    own += [by_year.get(year, Cell("")) for year in _YEARS]
    rows = [("this run", (*own, Cell(label(run, main))))]
    rows += [(f"{f.name} ({f.date[:7]})", _row(f)) for f in published_forecasts() if f.line]
    heads = (*(f"{level:g} %" for level in _LEVELS), *(f"by {year}" for year in _YEARS), "milestone")
    return Table(
        "forecasts",
        "Published forecasts, as their authors state them",
        "forecast",
        heads,
        tuple(rows),
        "Milestones differ. Blank: the authors do not state the number.",
        text_columns=frozenset({"milestone"}),
    )


def _row(forecast: Forecast) -> tuple[Cell, ...]:
    dates = [Cell(forecast.percentiles.get(level, "")) for level in _LEVELS]
    chances = [forecast.probabilities.get(year + 1.0) for year in _YEARS]
    shares = [Cell("" if p is None else f"{p:.2g}") for p in chances]
    return (*dates, *shares, Cell(forecast.milestone))
