"""What the growth of effective compute consists of, year by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots.fan import extrapolated, window
from timecone.plots.figure import Figure, finish
from timecone.plots.style import heading, house, new_axes
from timecone.results.access import NO_DRAWS
from timecone.results.decomposition import decomposition as split
from timecone.schema import EFFECTIVE_PARTS, PATHS, Standing

# Words, colour and hatching of each part: a ladder of lightness, so that it is read in grey.
_LOOKS = {
    "hardware": ("hardware price-performance", "#0072B2", ""),
    "investment": ("spending", "#E69F00", "///"),
    "algorithms": ("algorithms", "#8FD3C1", "..."),
    "supply": ("lost to supply limits", "#D55E00", "\\\\\\"),
    "data_wall": ("lost to the data wall", "#E3B5CE", "xxx"),
}
_MOST_DATES = 80


def decomposition(run: xr.DataTree, *, until: float | None = None, axes: Axes | None = None) -> Figure:
    """Draw the mean growth of effective compute since the start, stacked by what it came from.

    Parameters
    ----------
    run : DataTree
        A run that stores trajectories.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Means over the stored paths that count, because means add up; losses lie below zero. Table: time,
        part, growth, standard_error; the part ``growth`` is the sum of the others.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.decomposition(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    start, end = window(run, until)
    means, errors, paths = _over_time(run, start, end)
    time = means.index.to_numpy()
    with house():
        own, axes = axes is None, new_axes(axes)
        for sign, parts in ((1.0, ("hardware", "investment", "algorithms")), (-1.0, ("supply", "data_wall"))):
            base = np.zeros(len(time))
            for part in parts:
                words, colour, hatch = _LOOKS[part]
                upper = base + means[part].to_numpy()
                if sign > 0 or np.any(means[part] < 0.0):
                    axes.fill_between(time, base, upper, facecolor=colour, edgecolor="white", linewidth=0.5,
                                      hatch=hatch, label=words)  # fmt: skip
                base = upper
        growth = means["growth"].to_numpy()
        axes.plot(time, growth, color="black", linewidth=2.0, label="sum: effective compute")
        axes.axhline(0.0, color="black", linewidth=0.8)
        axes.set(xlim=(start, time[-1]), xlabel="Calendar date (year)",
                 ylabel=f"Mean growth since {start:g} (OOM)")  # fmt: skip
        heading(axes, f"Where effective compute comes from: {run.attrs['name']}", columns=3)
        text = (
            f"Mean over the {paths:,} stored paths that count: the parts add up to the sum at every date,"
            f" which medians would not. OOM: factors of ten. {extrapolated(run)}"
        )
        return finish([axes], run, _table(means, errors), text, own=own)


def _over_time(run: xr.DataTree, start: float, end: float) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return means and their standard errors by date and part, and how many paths they rest on."""
    stored = run[PATHS].dataset
    times = stored["time"].values if "time" in stored else np.array([start, end])
    dates = times[(times > start) & (times <= end)]
    dates = np.unique(np.append(dates[:: -(-len(dates) // _MOST_DATES) or 1], dates[-1:]))
    parts = ("growth", *EFFECTIVE_PARTS)
    means, errors, count = {start: dict.fromkeys(parts, 0.0)}, {start: dict.fromkeys(parts, 0.0)}, 0
    for date in dates:
        found = split(run, start, float(date))
        chosen = found["standing"].values == Standing.COUNTED
        count = int(chosen.sum())
        if count == 0:
            raise ArgumentError(NO_DRAWS, where="run", got=run.attrs["name"], remedy="Store more paths.")
        values = {part: found[part].values[chosen] for part in parts}
        means[date] = {part: float(v.mean()) for part, v in values.items()}
        errors[date] = {
            part: float(v.std(ddof=1) / count**0.5) if count > 1 else np.inf for part, v in values.items()
        }
    return pd.DataFrame(means).T, pd.DataFrame(errors).T, count


def _table(means: pd.DataFrame, errors: pd.DataFrame) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"time": means.index, "part": part, "growth": means[part].to_numpy(),
                      "standard_error": errors[part].to_numpy()})
        for part in means.columns
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)
