"""Tables of durations: over all draws, and over those that arrive by the end of a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import xarray as xr

from timecone.results.run_file.access import (
    duration_of,
    end_of,
    keeps_all,
    label,
    stored_values,
)
from timecone.results.run_file.percentiles import levels, of_stored
from timecone.results.run_file.probabilities import horizon, probability_by
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence
from timecone.results.tables.failure_bounds import bounded, table_note
from timecone.results.tables.formats import writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table, cells, missing, points

#: Years of the conditional rows of `durations_by_arrival`.
ARRIVAL_YEARS = (2030, 2035, 2040, 2050)


def durations_by_arrival(
    statistics: RunStatistics, name: str | None = None, years: Sequence[int] = ARRIVAL_YEARS
) -> Table:
    """Return how long a duration is: over all draws, and over those that arrive by the end of a year.

    A duration that had begun before the start is cut off there and does not count. Over all other draws one
    that does not end by the horizon counts as longer than any; those whose end arrives by a year all have
    one. Their durations are known of the stored draws only, so these rows rest on them; how large a part of
    the draws they are is known of all. The last column says on how many draws a row rests.

    Parameters
    ----------
    statistics : RunStatistics
        Statistics of a run.
    name : str, optional
        A duration of the run; the first one by default.
    years : sequence of int
        Calendar years by whose end the milestone that ends the duration has arrived.
    """
    run, q = statistics.run, statistics.q
    name = duration_of(run, name)
    end = end_of(run, name)
    level = levels(q)
    duration, counted = stored_values(run, name, None)
    arrival, _ = stored_values(run, end, None)
    write, first = writers(run)[1], float(run.attrs["start"])
    # Only a condition may leave no draw.
    whole = cast("xr.DataArray", statistics.percentiles(name))
    rows = [("all draws", (*cells(whole, write), Cell(rounding.percent(1.0, 0.0)), _rests_on(whole, "")))]
    bounds = [bounded(whole, "years")]
    kept = "" if keeps_all(run) else " stored"
    for year in (year for year in years if first < year + 1.0 <= horizon(run)):
        chosen = counted & (arrival < year + 1.0)
        row = missing(len(level) + 2)
        if chosen.any():
            array, by = of_stored(run, duration, chosen, level), probability_by(run, end, [year])
            (part,) = (Cell.of(rounding.percent, *point) for point in points(by))
            row = (*cells(array, write), part, _rests_on(array, kept))
            bounds.append(bounded(array, "years"))
        rows.append((f"  if {label(run, end)} by {year}", row))
    title = f"{sentence(label(run, name))} in years, at each percentile"
    columns = (*(f"{p:g}" for p in q), "of draws", "rests on")
    return Table(name, title, "percentile", columns, tuple(rows), table_note(run, bounds))


def _rests_on(array: xr.DataArray, kept: str) -> Cell:
    return Cell(f"{array.attrs['draws']:,}{kept}")
