"""Table of what the difference between two scenarios is attributed to."""

from __future__ import annotations

import math

import xarray as xr

from timecone.results.tables import rounding
from timecone.results.tables.differences import signed_probability, signed_years
from timecone.results.tables.table import Cell, Table

_NOTES = {
    True: "Share: the effect averaged over all orders in which the changes can be made (Shapley value); "
    "shares add up to the difference.",
    False: "Share: the mean of both effects. With more than six changes not all orders are run; the rest is "
    "their joint effect.",
}


def attribution_table(attribution: xr.Dataset) -> Table:
    """Return a row per change, largest share first, and the whole difference.

    Parameters
    ----------
    attribution : Dataset
        As `timecone.attribute` gives it.
    """
    about = attribution.attrs
    write = signed_probability if about["unit"] == "1" else signed_years
    rows = [
        (str(change), tuple(_cell(attribution, key, k, write) for key in ("alone", "last", "share")))
        for k, change in enumerate(attribution["change"].values)
    ]
    combined = about["method"] == "Shapley"
    if not combined and math.isfinite(about["rest"]):
        rows.append(
            (
                "rest: changes together",
                (Cell(""), Cell(""), Cell(write(about["rest"], about["difference_error"]))),
            )
        )
    ends = [float(about[f"difference{end}"]) for end in ("", "_lower", "_upper", "_error")]
    whole = Cell.of(write, *ends) if math.isfinite(ends[0]) else Cell("not reached")
    rows.append(("difference", (Cell(""), Cell(""), whole)))
    unit = "" if about["unit"] == "1" else ", in years"
    return Table(
        "attribution",
        f"Effect of each change on {about['asked']}{unit}, with paired 95 % Monte Carlo interval",
        "change",
        ("alone, first of all", "last, after all others", "share"),
        tuple(rows),
        _NOTES[combined] + f" {about['draws']:,} draws of each run, seed {about['seed']}.",
    )


def _cell(table: xr.Dataset, key: str, k: int, write: rounding.Write) -> Cell:
    value, lower, upper, error = (
        float(table[f"{key}{end}"].values[k]) for end in ("", "_lower", "_upper", "_error")
    )
    return Cell.of(write, value, lower, upper, error) if math.isfinite(value) else Cell("not reached")
