"""Rows and columns of a run's main tables: quantities with their conditions, years, percentiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.run_file.access import choices, durations, headline, label, milestones
from timecone.results.run_file.choice_titles import choice_clause

PERCENTILES = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


type Row = tuple[str, dict[str, str], str]


def rows_of(run: xr.DataTree) -> list[Row]:
    """Return quantity, condition and words of every row.

    The milestones, the headline also by value of each choice, and the durations.
    """
    main, rows = headline(run), list[Row]()
    for name in milestones(run):
        rows.append((name, {}, label(run, name)))
        if name == main:
            parts = choices(run).items()
            rows += [
                (main, {c: value}, f"  if {choice_clause(run, c, value)}")
                for c, values in parts
                for value in values
            ]
    return [*rows, *((name, {}, label(run, name)) for name in durations(run))]


def attempt(
    reading: Callable[..., xr.DataArray], *args: Any, where: Mapping[str, str]
) -> xr.DataArray | None:
    """Return a reading under a condition, or None where the condition leaves no draw."""
    try:
        return reading(*args, where=where)
    except ArgumentError as error:
        if where and error.code == "no-draws-left":
            return None
        raise
