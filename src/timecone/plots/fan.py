"""The main trajectory's fan against the thresholds: available compute and what would be enough."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from timecone.plots.style import COLOURS, caption, house, new_axes
from timecone.results.access import choices
from timecone.results.curves import fan as fan_of
from timecone.results.curves import thresholds

_BANDS = ((5.0, 95.0, 0.18), (25.0, 75.0, 0.32))
# Room above the fan, OOM: thresholds beyond it end in an arrow with their value.
_HEADROOM = 5.0


def fan(run: xr.DataTree, *, until: float | None = None, axes: Axes | None = None) -> Axes:
    """Draw percentiles of effective compute over time, beside the thresholds.

    Parameters
    ----------
    run : DataTree
        A run.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.
    axes : Axes, optional
        Where to draw the fan; the thresholds stand to its right.

    Returns
    -------
    Axes
    """
    bands = fan_of(run)
    time = bands["time"].values
    start = float(run.attrs["start"])
    end = min(float(run.attrs["horizon"]), start + 40.0) if until is None else until
    with house():
        axes = new_axes(axes, size=(7.6, 4.6))
        for low, high, alpha in _BANDS:
            axes.fill_between(
                time,
                bands.sel(percentile=low).values,
                bands.sel(percentile=high).values,
                color=COLOURS[0],
                alpha=alpha,
                linewidth=0,
                label=f"{low:.0f} to {high:.0f} % of draws",
            )
        axes.plot(time, bands.sel(percentile=50.0).values, color=COLOURS[0], lw=1.8, label="median")
        visible = bands.where(bands["time"] <= end)
        top = float(visible.sel(percentile=95.0).max()) + _HEADROOM
        axes.set(
            xlim=(start, end),
            ylim=(np.floor(float(visible.sel(percentile=5.0).min())) - 1.0, top),
            xlabel="Calendar date (year)",
            ylabel=f"{bands.attrs['long_name']}\n({bands.attrs['units']}, {start:g} algorithms)",
            title=f"Effective compute against thresholds: {run.attrs['name']}",
        )
        _draw_thresholds(axes, run, end)
        axes.legend(loc="upper left")
        caption(axes, run, "Thresholds: median with 25-75 % and 5-95 % bars, same scale.")
    return axes


def _draw_thresholds(axes: Axes, run: xr.DataTree, end: float) -> None:
    """Draw the thresholds of each value of the first choice, right of the time axis."""
    names = list(choices(run))
    found = thresholds(run, names[0] if names else None)
    width = (end - float(run.attrs["start"])) * 0.06
    for k, value in enumerate(found["value"].values):
        x = end + width * (k + 0.8)
        q = found.sel(value=value)
        colour = COLOURS[(k + 1) % len(COLOURS)]
        bottom, top = axes.get_ylim()
        for low, high, line in ((5.0, 95.0, 2.0), (25.0, 75.0, 6.0)):
            ends = q.sel(percentile=[low, high]).values
            axes.plot(
                [x, x], np.clip(ends, bottom, top),
                color=colour, linewidth=line, solid_capstyle="butt", clip_on=False,
            )  # fmt: skip
        median, upper = q.sel(percentile=[50.0, 95.0]).values
        axes.plot([x], [median], "o", color="white", markeredgecolor=colour, clip_on=False, ms=5)
        beyond = upper > top
        if beyond:
            axes.plot([x], [top], "^", color=colour, clip_on=False, ms=7)
        name = str(value).replace("_", " ") + (f" (95 %: {upper:.0f})" if beyond else "")
        axes.annotate(
            name, xy=(x, min(upper, top)), xytext=(-7.0 if beyond else 0.0, -4.0 if beyond else 4.0),
            textcoords="offset points", ha="right" if beyond else "center",
            va="top" if beyond else "bottom", fontsize=8, color=colour, rotation=90,
            annotation_clip=False,
        )  # fmt: skip
