"""Percentiles over time of a trajectory: the main one from all draws, any other from the stored paths."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import (
    FAN,
    draw_bands,
    finite_ends,
    heading,
    house,
    is_wide,
    new_axes,
    plain_log_ticks,
    power,
    quantity_axis,
    split_unit,
)
from timecone.results.run_file.access import components, grid_of, group, label, main_observable, milestones
from timecone.results.run_file.curves import fan as stored_fan
from timecone.results.run_file.trajectories import percentiles_of_paths, trajectories
from timecone.schema import EXTRAPOLATED, FAN_OF, NOTE, SUMMARY, FloatArray

_SAMPLED = 20
_YEARS = 40.0
_EXTRAPOLATED = (
    "AI speeds up its own progress in this run. After a draw reaches {}, its values are extrapolated at the"
    " growth rates of that date."
)
_PERHAPS = (
    "Where AI speeds up its own progress, values after a draw's arrival are extrapolated at the growth rates"
    " of that date."
)


def fan(
    run: xr.DataTree,
    observable: str | None = None,
    *,
    until: float | None = None,
    axes: Axes | None = None,
) -> Figure:
    """Draw percentiles of a trajectory over time.

    Parameters
    ----------
    run : DataTree
        A run.
    observable : str, optional
        A trajectory that the run stores; the main one by default, whose percentiles rest on all draws. Those
        of others rest on the stored paths, of which some are drawn.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Table: observable, units, time, percentile, value; the paths that are drawn have ``path``, no
        percentile.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.fan(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    start, end = window(run, until)
    name = main_observable(run) if observable is None else observable
    paths = None if FAN_OF + name in group(run, SUMMARY) else trajectories(run, name)
    bands = (
        stored_fan(run, name).sel(percentile=list(FAN)) if paths is None else percentiles_of_paths(paths, FAN)
    )
    bands = bands.sel(time=slice(start, end))
    with house():
        own, axes = axes is None, new_axes(axes)
        shown = np.empty((0, bands.sizes["time"]))
        if paths is not None:
            shown = paths.isel(path=slice(0, _SAMPLED)).sel(time=slice(start, end)).values
            axes.plot(bands["time"].values, shown.T, color="0.35", linewidth=0.5, alpha=0.55)
            axes.plot([], [], color="0.35", linewidth=0.7, label=f"{len(shown)} of the paths")
        title = str(bands.attrs.get("long_name", name))
        draw_bands(axes, bands["time"].values, bands.values, of="draws" if paths is None else "paths")
        _scale(axes, bands, title, shown)
        axes.set(xlim=(start, end), xlabel="Calendar date (year)")
        heading(axes, f"{title}: {run.attrs['name']}")
        table = _table(bands, name, paths, shown)
        text, notes = _texts(run, bands, paths)
        unit = str(bands.attrs.get("units", ""))
        alt = alt_text.of_bands(title, bands["time"].values, bands.values, unit)
        return finish([axes], run, table, text, notes=notes, alt=alt, own=own)


def window(run: xr.DataTree, until: float | None) -> tuple[float, float]:
    """Return the ends of a time axis."""
    start, horizon = float(run.attrs["start"]), float(run.attrs["horizon"])
    # A fan is stored by year.
    if until is not None and not until >= start + 1.0:
        raise ArgumentError(
            "fan-end-before-start",
            "the end must be at least a year after the start",
            where="until",
            got=until,
            allowed=f"from {start + 1.0:g} to {horizon:g}",
        )
    return start, min(horizon, start + _YEARS if until is None else until)


def extrapolated(run: xr.DataTree) -> str:
    """Return what is to be said of values after the arrival; nothing of a run without feedback."""
    if EXTRAPOLATED not in run.attrs:
        return _PERHAPS
    milestone = str(run.attrs[EXTRAPOLATED])
    return _EXTRAPOLATED.format(label(run, milestone)) if milestone in milestones(run) else ""


def _switched_on(run: xr.DataTree) -> str:
    on = components(run)
    if on is None:
        return ""
    named = ", ".join(name.replace("_", " ") for name in on)
    return f"Components switched on: {named}." if named else "All components are switched off."


def _texts(run: xr.DataTree, bands: xr.DataArray, paths: xr.DataArray | None) -> tuple[str, str]:
    """Return how to read the fan, and the notes on it."""
    about = remark(run, bands)
    notes = [_switched_on(run), extrapolated(run)]
    if paths is not None:
        text = f"Percentiles at each date, from {bands.attrs['paths']:,} stored paths."
    else:
        text = "Percentiles at each date."
        if np.isinf(bands.values).any():
            grid, logarithm = grid_of(bands), split_unit(str(bands.attrs.get("units", "")))[1]
            low, top = (power(end) if logarithm else f"{end:g}" for end in (grid.low, grid.high))
            notes.insert(0, f"An infinite percentile lies outside the range that is counted, {low} to {top}.")
    return " ".join(filter(None, (text, about))), " ".join(filter(None, notes))


def remark(run: xr.DataTree, values: xr.DataArray) -> str:
    """Return what an observable says of its unit, as a sentence; nothing where it says nothing."""
    return str(values.attrs.get(NOTE, "")).replace("{start:g}", f"{float(run.attrs['start']):g}")


def _scale(axes: Axes, bands: xr.DataArray, title: str, shown: FloatArray) -> None:
    """Label the vertical axis, logarithmic where the numbers need it; the drawn paths may leave it."""
    unit = str(bands.attrs.get("units", ""))
    low, high = finite_ends(bands.values)
    quantity_axis(axes, title, unit)
    if split_unit(unit)[1]:
        return
    if is_wide(low, high):
        axes.set_ylim(low * 0.8, high * 1.6)
        plain_log_ticks(axes, "y")
    elif low >= 0.0 and high <= 1.0 and (shown.size == 0 or shown.max() <= 1.0):
        axes.set_ylim(-0.02, 1.02)


def _table(bands: xr.DataArray, name: str, paths: xr.DataArray | None, shown: FloatArray) -> pd.DataFrame:
    frame = bands.drop_attrs().rename("value").to_dataframe().reset_index()
    if paths is not None:
        drawn = xr.DataArray(
            shown,
            dims=("path", "time"),
            coords={"path": paths["path"].values[: len(shown)], "time": bands["time"]},
        )
        frame = pd.concat([frame, drawn.rename("value").to_dataframe().reset_index()], ignore_index=True)
    frame.insert(0, "units", str(bands.attrs.get("units", "")))
    frame.insert(0, "observable", name)
    return frame
