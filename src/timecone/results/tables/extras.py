"""Table of the dates and numbers that a model gives beside its milestones."""

from __future__ import annotations

import xarray as xr

from timecone.results.run_file.access import (
    label,
    milestones,
)
from timecone.results.tables import rounding
from timecone.results.tables.failure_bounds import bounded, table_note
from timecone.results.tables.formats import writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table, cells, missing


def extras_along_the_way(statistics: RunStatistics) -> Table | None:
    """Return dates and numbers that the model gives beside its milestones; None where it gives none.

    A date that counts only before a milestone is of the draws in which it comes; the last column says what
    part of the draws that is.
    """
    run, extras = statistics.run, statistics.extras
    if extras is None or not extras.sizes["extra"]:
        return None
    date, _ = writers(run)
    rows, bounds = [], []
    for extra in extras:
        write = date if extra["kind"] == "date" else rounding.number
        share = (extra[key].item() for key in ("share", "share_lower", "share_upper", "share_error"))
        some = extra["draws"].item() > 0
        row = cells(extra, write) if some else missing(extra.size)
        rows.append((_extra_words(run, extra), (*row, Cell.of(rounding.percent, *share))))
        if some:
            bounds.append(bounded(extra, _bound_unit(extra)))
    stored = f"{extras.attrs['draws']:,} stored draws"
    title = f"Along the way, at each percentile ({stored})"
    columns = (*(f"{p:g}" for p in extras["percentile"].values), "of draws")
    return Table("extras", title, "at percentile", columns, tuple(rows), table_note(run, bounds))


def _extra_words(run: xr.DataTree, extra: xr.DataArray) -> str:
    text, units, first = (str(extra[key].item()) for key in ("label", "units", "before"))
    text += "" if units in ("", "1") else f" ({units})"
    return f"{text}, if before {label(run, first)}" if first in milestones(run) else text


def _bound_unit(extra: xr.DataArray) -> str:
    """Return what follows a change of an extra: years, another unit, or the label of a number without one."""
    label, units = str(extra["label"].item()), str(extra["units"].item())
    if extra["kind"] == "date" or units == "year":
        return "years"
    return f"({label})" if units in ("", "1") else units
