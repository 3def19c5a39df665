"""Table of a sweep: a row per value of the first parameter, a column per value of the second."""

from __future__ import annotations

from functools import partial

import numpy as np
import xarray as xr

from timecone.results.tables import rounding
from timecone.results.tables.table import Cell, Table


def sweep_table(swept: xr.Dataset, by: int | None = None) -> Table:
    """Return the probability by a year, or the median, at each point of a sweep, with its interval.

    Parameters
    ----------
    swept : Dataset
        As `timecone.sweep` gives it.
    by : int, optional
        The year; the median date by default.
    """
    names = [str(dim) for dim in swept["probability"].dims if dim != "year"]
    key, at = ("value", {"percentile": 50.0}) if by is None else ("probability", {"year": by})
    write: rounding.Write = rounding.probability
    if by is None:
        write = partial(
            rounding.date, start=float(swept.attrs["start"]), horizon=float(swept.attrs["horizon"])
        )
    parts = [
        swept[f"{key}{end}"].sel(at).transpose(*names).values for end in ("", "_lower", "_upper", "_error")
    ]
    parts = [np.atleast_2d(part.T).T for part in parts]
    rows = []
    for i, value in enumerate(swept[names[0]].values):
        cells = [Cell.of(write, *(float(part[i, j]) for part in parts)) for j in range(parts[0].shape[1])]
        rows.append((f"{value:g}", tuple(cells)))
    second = names[1] if len(names) > 1 else ""
    heads = tuple(f"{v:g}" for v in swept[second].values) if second else ("",)
    asked = (
        f"P({swept.attrs['quantity']} by {by})" if by is not None else f"Median of {swept.attrs['quantity']}"
    )
    columns = f"; columns: {second} ({swept[second].attrs['units']})" if second else ""
    title = f"{asked}, {swept.attrs['scenario']}, with 95 % Monte Carlo interval{columns}"
    return Table("sweep", title, f"{names[0]} ({swept[names[0]].attrs['units']})", heads, tuple(rows))
