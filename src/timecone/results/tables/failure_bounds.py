"""The note below a table about failed draws: how many there are, why, and what they could change at most.

A quoted number rests on the draws that did not fail. It is bounded by its values with all failed draws before
and after all others, which every array of `run_file` carries.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from timecone.results.run_file.failures import FAILED_FIRST, FAILED_LAST, failed_draws
from timecone.results.tables import rounding
from timecone.results.tables.accounts import failure_note
from timecone.schema import FloatArray

#: Numbers of a table, what they are with all failed draws first and last, and their unit.
type Bounded = tuple[FloatArray, FloatArray, FloatArray, str]


def bounded(array: xr.DataArray, unit: str = "") -> Bounded:
    """Return the numbers of an array with their bounds."""
    return array.values, array[FAILED_FIRST].values, array[FAILED_LAST].values, unit


def table_note(run: xr.DataTree, numbers: Iterable[Bounded]) -> str:
    """Return what must be said of failed draws below a table of these numbers; empty where none failed."""
    if not failed_draws(run):
        return ""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    turned = [0, 0]
    for values, before, after, unit in numbers:
        for side, (ends, largest) in enumerate(((before, first), (after, last))):
            both = np.isfinite(values) & np.isfinite(ends)
            shift = np.abs(ends[both] - values[both]).max(initial=0.0)
            largest[unit] = max(largest.get(unit, 0.0), float(shift))
            turned[side] += int(np.count_nonzero(np.isfinite(values) != np.isfinite(ends)))
    if not first:
        return failure_note(run)
    return (
        f"{failure_note(run)} If all failed draws arrived first, no number above would change by more than"
        f" {_largest(first, turned[0])}; if they arrived last, by more than {_largest(last, turned[1])}."
    )


def _largest(shifts: dict[str, float], turned: int) -> str:
    text = " or ".join(f"{rounding.at_most(shift)} {unit}".strip() for unit, shift in shifts.items())
    return f"{text}, except {turned} numbers that would become infinite or finite" if turned else text
