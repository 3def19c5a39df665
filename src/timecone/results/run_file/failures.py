"""Failed draws: how many, why, and what the quoted numbers would be with them put first or last.

A failed draw has inputs and no outcome. It is never drawn again, and it counts in no table; so every quoted
number rests on the other draws, and is bounded by the two extremes: all failed draws arrive before all
others, or none of them arrives.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from timecone.results.run_file.access import group, standings
from timecone.schema import MOST_FAILED, SUMMARY, Standing

#: Coordinates of quoted numbers: what they would be if every failed draw came first, or last.
FAILED_FIRST = "failed_first"
FAILED_LAST = "failed_last"


def failed_draws(run: xr.DataTree, where: Mapping[str, str] | None = None) -> int:
    """Return how many draws failed.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    int
        Of all draws of the run, also those that are not stored.

    Raises
    ------
    ArgumentError
        An unknown choice or value.
    """
    return int(standings(run, where)[Standing.FAILED])


def failed_attributes(run: xr.DataTree, where: Mapping[str, str] | None = None) -> dict[str, int | float]:
    """Return ``failed``, the number of draws that failed, and ``failed_share``, their share of all draws."""
    counts = standings(run, where)
    failed = int(counts[Standing.FAILED])
    return {"failed": failed, "failed_share": failed / max(int(counts.sum()), 1)}


def too_many_failed(run: xr.DataTree) -> bool:
    """Return whether more than `schema.MOST_FAILED` of the draws failed."""
    return failed_attributes(run)["failed_share"] > MOST_FAILED


def failures_table(run: xr.DataTree) -> pd.DataFrame:
    """Return why draws failed, one row per reason and quantity; no rows where none failed.

    Columns ``reason``, ``quantity`` (whose formula failed; empty for the model itself), ``count``, ``share``
    of all draws, ``first_draw`` (the number of the first such draw) and ``meaning``.
    """
    columns = ["reason", "quantity", "count", "share", "first_draw", "meaning"]
    summary = group(run, SUMMARY)
    if "failure_count" not in summary:
        return pd.DataFrame(columns=columns)
    counts = summary["failure_count"].sum("cell").values
    names, quantities = (summary[f"failure_{key}"].values.astype(str) for key in ("name", "where"))
    rows = {
        "reason": [name.partition("@")[0] for name in names],
        "quantity": quantities,
        "count": counts,
        "share": counts / int(run.attrs["draws"]),
        "first_draw": summary["failure_first"].values,
        "meaning": summary["failure_label"].values.astype(str),
    }
    return pd.DataFrame(rows, columns=columns).sort_values("count", ascending=False, ignore_index=True)
