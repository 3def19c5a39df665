"""One table of several runs, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from timecone.results.run_file.compare import Comparison
from timecone.results.tables.differences import difference_tables
from timecone.results.tables.table import Cell, Table

_COLUMNS = (
    ("probability_differences", ("2030", "2040", "2050")),
    ("percentile_differences", ("50",)),
)


def overview(runs: Sequence[xr.DataTree], comparisons: Sequence[Comparison]) -> Table:
    """Return one table with a row per run: probabilities and the median, and their paired differences.

    Parameters
    ----------
    runs : sequence of DataTree
        The runs, the reference first.
    comparisons : sequence of Comparison
        Of each other run with the first.
    """
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for run, comparison in zip(runs[1:], comparisons, strict=True):
        tables = {table.name: table for table in difference_tables(runs[0], run, comparison)}
        reference: list[Cell] = []
        cells: list[Cell] = []
        for name, heads in _COLUMNS:
            (_, first), (_, second), (_, difference) = tables[name].rows
            for head in heads:
                k = tables[name].columns.index(head)
                reference += [first[k], Cell("")]
                cells += [second[k], difference[k]]
        if not rows:
            rows.append((str(runs[0].attrs["name"]), tuple(reference)))
        rows.append((str(run.attrs["name"]), tuple(cells)))
    columns = [head for year in _COLUMNS[0][1] for head in (f"P by {year}", f"change {year}")]
    title = f"{len(runs) - 1} scenarios less {runs[0].attrs['name']}, with paired 95 % Monte Carlo interval"
    return Table("overview", title, "scenario", (*columns, "median", "change, years"), tuple(rows))
