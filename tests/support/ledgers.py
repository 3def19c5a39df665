"""A ledger of four forecasts with stated numbers, and runs that can be added to one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import xarray as xr

import timecone as tc
from synthetic_run import synthetic
from timecone.results.ledger.entry import Entry, Number, Quoted

_DATES = ("2026-01-15", "2026-04-02", "2026-06-30", "2026-11-27")
_MEDIANS = (2034.0, 2035.2, 2033.1, 2036.0)


def forecasts(shift: float = 0.0) -> tc.Ledger:
    """Return the ledger; ``shift`` moves all dates by so many years."""
    entries = []
    for k, (when, median) in enumerate(zip(_DATES, _MEDIANS, strict=True)):
        middle = Number(median + shift, median + shift - 0.2, median + shift + 0.2, 0.1)
        # The third one is known by its median alone, and the last one's tail reaches beyond the horizon.
        levels = {10.0: Number(2028.0 + k + shift), 50.0: middle, 90.0: Number(2070.0 + 9.0 * k + shift)}
        by = {2030: Number(0.25 - 0.03 * k, 0.22 - 0.03 * k, 0.28 - 0.03 * k, 0.015)}
        by |= {2040: Number(0.7 - 0.02 * k - 0.05 * shift), 2050: Number(0.85 - 0.01 * k)}
        if k == 2:
            levels, by = {50.0: middle}, {}
        if k == 3:
            levels[90.0] = Number(float("inf"))
        quoted = Quoted("TAI", is_duration=False, percentiles=levels, by=by, not_reached=None)
        entries.append(
            Entry(
                id=f"{k:016x}",
                date=date.fromisoformat(when),
                name="mine",
                headline="tai",
                start=2026.0,
                horizon=2126.0,
                numbers={"tai": quoted},
            )
        )
    return tc.Ledger(Path("forecasts.toml"), tuple(entries))


def dated(**attrs: Any) -> xr.DataTree:
    """Return a run in closed form that says when it was made."""
    return synthetic(created="2026-11-27T10:00:00+00:00", **attrs)
