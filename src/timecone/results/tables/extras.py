"""Table of the dates and numbers that a model gives beside its milestones."""

from __future__ import annotations

import xarray as xr

from timecone.results.run_file.access import (
    label,
    milestones,
)
from timecone.results.tables import rounding
from timecone.results.tables.accounts import failure_note
from timecone.results.tables.formats import writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table, blank, bounds, cells, missing


def extras_along_the_way(statistics: RunStatistics) -> Table | None:
    """Return dates and numbers that the model gives beside its milestones; None where it gives none.

    A date that counts only before a milestone is of the draws in which it comes; the last column says what
    part of the draws that is.
    """
    run, found = statistics.run, statistics.extras
    if found is None or not found.sizes["extra"]:
        return None
    date, _ = writers(run)
    made = []
    for one in found:
        write = date if one["kind"] == "date" else rounding.number
        share = (one[key].item() for key in ("share", "share_lower", "share_upper", "share_error"))
        some = one["draws"].item() > 0
        row = cells(one, write) if some else missing(one.size)
        made.append((_extra_words(run, one), (*row, Cell.of(rounding.percent, *share))))
        if some:
            made += bounds(one, write, **blank(1))
    stored = f"{found.attrs['draws']:,} stored draws"
    title = f"Along the way ({stored}), at percentile, with 95 % Monte Carlo interval"
    columns = (*(f"{p:g}" for p in found["percentile"].values), "of draws")
    return Table("extras", title, "at percentile", columns, tuple(made), failure_note(run))


def _extra_words(run: xr.DataTree, one: xr.DataArray) -> str:
    words, units, first = (str(one[key].item()) for key in ("label", "units", "before"))
    words += "" if units in ("", "1") else f" ({units})"
    return f"{words}, if before {label(run, first)}" if first in milestones(run) else words
