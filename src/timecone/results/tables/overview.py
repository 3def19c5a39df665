"""One table of several runs, each compared with the first."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from timecone.results.run_file.compare import Comparison, compare
from timecone.results.tables.differences import difference_tables
from timecone.results.tables.table import Cell, Table

_YEARS, _LEVEL = ("2030", "2040", "2050"), "50"


def overview(runs: Sequence[xr.DataTree], found: Sequence[Comparison]) -> Table:
    """Return one table with a row per run: probabilities and the median, and their paired differences.

    Parameters
    ----------
    runs : sequence of DataTree
        The runs, the reference first.
    found : sequence of Comparison
        Of each other run with the first.
    """
    everything = [compare(runs[0], runs[0], found[0].quantity), *found]
    rows = []
    for run, comparison in zip(runs, everything, strict=True):
        tables = {t.name: t for t in difference_tables(runs[0], run, comparison)}
        cells: list[Cell] = []
        for name, heads in (("probability_differences", _YEARS), ("percentile_differences", (_LEVEL,))):
            table = tables[name]
            (_, value), (_, difference) = table.rows[1:]
            for head in heads:
                k = table.columns.index(head)
                cells += [value[k], Cell("") if run is runs[0] else difference[k]]
        rows.append((str(run.attrs["name"]), tuple(cells)))
    columns = [h for y in _YEARS for h in (f"P by {y}", f"change {y}")] + ["median", "change, years"]
    title = f"{len(runs) - 1} scenarios less {runs[0].attrs['name']}, with paired 95 % Monte Carlo interval"
    return Table("overview", title, "scenario", tuple(columns), tuple(rows))
