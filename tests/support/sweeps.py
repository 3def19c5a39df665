"""A small sweep over two parameters, as the heat map shows one."""

from __future__ import annotations

from functools import cache

import xarray as xr

import timecone as tc


@cache
def swept(faster: float = 1.0) -> xr.Dataset:
    """Return the baseline at three doubling times of hardware and two halving times of algorithms."""
    values = {
        "hardware.doubling_time": [1.5, 2.5, 4.0],
        "algorithms.halving_time": [6.0 / faster, 12.0 / faster],
    }
    return tc.sweep(tc.load("baseline"), values, draws=400, seed=1)
