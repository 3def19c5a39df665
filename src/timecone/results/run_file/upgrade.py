"""Upgrade of run files of the previous version, which knew the compute model alone, to the present one."""

from __future__ import annotations

from typing import Final

import xarray as xr

from timecone.errors import RunFileError
from timecone.schema import (
    BY_VALUE,
    COMPONENTS,
    ENDS,
    EXTRAPOLATED,
    FACTORS,
    FAN_OF,
    GRID_BINS,
    GRID_LOW,
    GRID_WIDTH,
    HEADLINE,
    IS_DURATION,
    MAIN_OBSERVABLE,
    NOTE,
    OUTCOMES,
    REPLICATES,
    REPLICATES_BY_VALUE,
    SCHEMA_VERSION,
    SUMMARY,
    THRESHOLD,
)

#: The version that can be upgraded.
PREVIOUS_VERSION: Final = 3

_DURATION: Final = "takeoff_duration"
_OBSERVABLE: Final = "effective_compute"
_THRESHOLD: Final = "requirement"
_BINS: Final = {GRID_LOW: 0.0, GRID_WIDTH: 0.02, GRID_BINS: 7000, "units": "log10 FLOP"}
_FACTORS: Final = (
    "hardware=price_performance investment=spending algorithms=algorithmic_gain supply=supply_loss"
    " data_wall=wall_loss"
)
_FEEDBACK: Final = {"software_feedback", "hardware_feedback", "investment_feedback", "output_feedback"}
_COUNTS: Final = ("takeoff_count", "takeoff_beyond", "takeoff_from_start")


def upgraded(run: xr.DataTree, where: str) -> xr.DataTree:
    """Return a run of version 3 as one of the present version: the same numbers under their new names.

    Parameters
    ----------
    run : DataTree
        A run file of version 3, as it was stored.
    where : str
        Names the file in a complaint.

    Raises
    ------
    RunFileError
        The file lacks something that every run of version 3 has.
    """
    groups = {name: node.to_dataset() for name, node in run.children.items()}
    if _DURATION not in groups.get(OUTCOMES, xr.Dataset()):
        raise RunFileError(
            "old-run-lacks-variable", "a run of version 3 lacks a variable", where=where, got=_DURATION
        )
    for name in (SUMMARY, BY_VALUE, REPLICATES, REPLICATES_BY_VALUE):
        if name in groups:
            groups[name] = _counts(groups[name])
    about = {IS_DURATION: "yes", ENDS: run.attrs[HEADLINE]}
    duration = groups[OUTCOMES][_DURATION].assign_attrs(about)
    groups[OUTCOMES] = groups[OUTCOMES].assign({_DURATION: duration})
    attrs = {**run.attrs, "schema_version": SCHEMA_VERSION}
    attrs |= {MAIN_OBSERVABLE: _OBSERVABLE, FACTORS: _FACTORS}
    if COMPONENTS in run.attrs:
        on = set(str(run.attrs[COMPONENTS]).split())
        attrs[EXTRAPOLATED] = run.attrs[HEADLINE] if on & _FEEDBACK else ""
    tree = {"/": xr.Dataset(attrs=attrs), **groups}
    return xr.DataTree.from_dict(tree, name=run.name)


def _counts(dataset: xr.Dataset) -> xr.Dataset:
    """Return counts with the dimension of durations, and with the bins of the observable said."""
    present = [name for name in _COUNTS if name in dataset]
    moved = {name.replace("takeoff", "duration"): dataset[name].expand_dims("duration") for name in present}
    names = {"threshold_count": f"{_THRESHOLD}_count", "fan": FAN_OF + _OBSERVABLE}
    kept = dataset.drop_vars(present).rename({k: v for k, v in names.items() if k in dataset})
    if "level_bin" in kept.dims:
        kept = kept.rename_dims(level_bin=f"{_OBSERVABLE}_bin")
    for name in names.values():
        if name in kept:
            kept[name] = kept[name].assign_attrs(_BINS)
    if FAN_OF + _OBSERVABLE in kept:
        note = "FLOP with the algorithms of {start:g}."
        about = {THRESHOLD: _THRESHOLD, NOTE: note}
        kept[FAN_OF + _OBSERVABLE] = kept[FAN_OF + _OBSERVABLE].assign_attrs(about)
    if "duration_count" in moved:
        kept = kept.assign(moved)
    if "fan" in dataset:
        kept = kept.assign_coords(duration=[_DURATION], duration_label=("duration", ["takeoff duration"]))
    return kept
