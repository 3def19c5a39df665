"""Rows and columns of a run's main tables: quantities with their conditions, years, percentiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.run_file.access import NO_DRAWS, choices, durations, headline, label, milestones
from timecone.results.run_file.probabilities import horizon

YEARS = (2028, 2030, 2035, 2040, 2050, 2075, 2100)


PERCENTILES = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


def default_years(run: xr.DataTree) -> list[int]:
    """Return the usual years between the run's start and horizon, or the last one, or none."""
    last, first = horizon(run), float(run.attrs["start"])
    inside = [y for y in YEARS if first <= y and y + 1 <= last]
    final = int(np.floor(last)) - 1
    return inside or [final] * (final + 1 > first)


type Row = tuple[str, dict[str, str], str]


def rows_of(run: xr.DataTree) -> list[Row]:
    """Return quantity, condition and words of every row.

    The milestones, the headline also by value of each choice, and the durations.
    """
    main, found = headline(run), list[Row]()
    for name in milestones(run):
        found.append((name, {}, label(run, name)))
        if name == main:
            parts = choices(run).items()
            found += [(main, {c: value}, f"  if {value}") for c, values in parts for value in values]
    return [*found, *((name, {}, label(run, name)) for name in durations(run))]


def attempt(
    reading: Callable[..., xr.DataArray], *args: Any, where: Mapping[str, str]
) -> xr.DataArray | None:
    """Return a reading under a condition, or None where the condition leaves no draw."""
    try:
        return reading(*args, where=where)
    except ArgumentError as error:
        if where and error.what == NO_DRAWS:
            return None
        raise
