"""Formats of a run's dates and durations, rounded by their Monte Carlo error."""

from __future__ import annotations

from functools import partial

import xarray as xr

from timecone.results.run_file.access import is_duration
from timecone.results.run_file.probabilities import horizon
from timecone.results.tables import rounding


def writers(run: xr.DataTree) -> tuple[rounding.Write, rounding.Write]:
    """Return how dates and how durations are written."""
    first, last = float(run.attrs["start"]), horizon(run)
    return partial(rounding.date, start=first, horizon=last), partial(rounding.duration, longest=last - first)


def units_and_digits(run: xr.DataTree, quantity: str) -> tuple[str, rounding.Write]:
    """Return what follows the words of a quantity, its unit, and how its numbers are written."""
    date, duration = writers(run)
    return (", years", duration) if is_duration(run, quantity) else ("", date)
