"""Table of the time from one milestone to another, by the year in which the first one arrives."""

from __future__ import annotations

from functools import partial

import xarray as xr

from timecone.results.run_file.time_to_next import LEAST_DRAWS
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence
from timecone.results.tables.table import Cell, Table


def time_to_next_table(wait: xr.Dataset) -> Table:
    """Return one row per year: the time at percentiles, the share not reached, and the draws of the row."""
    about = wait.attrs
    rows = []
    for k in range(wait.sizes["year"]):
        row = wait.isel(year=k)
        # Arrivals later in the year leave less time until the horizon.
        longest = float(about["horizon"]) - float(row["year"]) - 1.0
        write = partial(rounding.duration, longest=longest)
        points = zip(
            *(row[key].values.tolist() for key in ("value", "lower", "upper", "standard_error")), strict=True
        )
        rows.append(
            (
                f"{row['year'].item()}",
                (
                    *(Cell.of(write, *point) for point in points),
                    _share(row, "not_reached"),
                    _share(row, "share"),
                    Cell(f"{row['draws'].item():,}"),
                ),
            )
        )
    between = f"{about['first_label']} to {about['then_label']}"
    title = f"Years from {between}, at each percentile, by the year of the first"
    heads = (
        *(f"{p:g}" for p in wait["percentile"].values),
        f"not by {about['horizon']:g}",
        "of draws",
        "rests on",
    )
    corner = f"{sentence(str(about['first_label']))} in"
    return Table(
        "time_to_next", f"{title}, with 95 % Monte Carlo interval", corner, heads, tuple(rows), _note(wait)
    )


def _share(row: xr.Dataset, key: str) -> Cell:
    return Cell.of(
        rounding.percent, *(row[f"{key}{end}"].item() for end in ("", "_lower", "_upper", "_error"))
    )


def _note(wait: xr.Dataset) -> str:
    about, parts = wait.attrs, []
    if about["left_out"]:
        parts.append(f"Left out, with fewer than {LEAST_DRAWS} draws: {about['left_out']}.")
    if about["before_start"]:
        share = rounding.percent(about["before_start"], 1e-4)
        parts.append(
            f"In {share} of the counted draws {about['first_label']} came before the start; no row includes"
            " these."
        )
    return " ".join(parts)
