"""Growth of the main observable by factor, year by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots import alt_text
from timecone.plots.fan import extrapolated, window
from timecone.plots.figure import Figure, finish
from timecone.plots.style import heading, house, new_axes
from timecone.results.run_file.access import main_observable
from timecone.results.run_file.decomposition import decomposition as split
from timecone.results.run_file.decomposition import factors
from timecone.schema import PATHS, Inclusion

# Colour and hatching of each part: a ladder of lightness, so that it is read in grey.
_LOOKS = (("#0072B2", ""), ("#E69F00", "///"), ("#8FD3C1", "..."), ("#D55E00", "\\\\\\"), ("#E3B5CE", "xxx"))
_MOST_DATES = 80


def decomposition(run: xr.DataTree, *, until: float | None = None, axes: Axes | None = None) -> Figure:
    """Draw the mean growth of the main observable since the start, stacked by factor.

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
    main = main_observable(run)
    means, errors, paths = _over_time(run, start, end)
    time = means.index.to_numpy()
    with house():
        own, axes = axes is None, new_axes(axes)
        above, below = np.zeros(len(time)), np.zeros(len(time))
        for k, (part, name) in enumerate(factors(run).items()):
            values, (colour, hatch) = means[part].to_numpy(), _LOOKS[k % len(_LOOKS)]
            # What only ever takes away stands below zero.
            lost = values.max() <= 0.0
            base = below if lost else above
            upper = base + values
            if np.any(values != 0.0):
                axes.fill_between(
                    time,
                    base,
                    upper,
                    facecolor=colour,
                    edgecolor="white",
                    linewidth=0.5,
                    hatch=hatch,
                    label=_words(run, name),
                )
            below, above = (upper, above) if lost else (below, upper)
        growth = means["growth"].to_numpy()
        axes.plot(time, growth, color="black", linewidth=2.0, label=f"sum: {_words(run, main)}")
        axes.axhline(0.0, color="black", linewidth=0.8)
        axes.set(xlim=(start, time[-1]), xlabel="Calendar date (year)",
                 ylabel=f"Mean growth since {start:g} (OOM)")  # fmt: skip
        heading(axes, f"Growth by factor, {_words(run, main)}: {run.attrs['name']}", columns=2)
        text = f"Mean over {paths:,} stored paths. OOM: orders of magnitude, or factors of ten."
        notes = f"Means are shown because they add up, which medians do not. {extrapolated(run)}"
        last = means.iloc[-1]
        parts = {_words(run, name): f"{last[part]:+.1f} OOM" for part, name in factors(run).items()}
        alt = alt_text.of_rows(
            f"Mean growth from {start:g} to {alt_text.date(float(time[-1]))}: {growth[-1]:.1f} OOM", parts
        )
        return finish([axes], run, _table(means, errors), text, notes=notes, alt=alt, own=own)


def _words(run: xr.DataTree, observable: str) -> str:
    """Return the label of a trajectory, as it stands inside a sentence."""
    name = (
        str(run[PATHS].dataset[observable].attrs.get("long_name", observable))
        if observable in run[PATHS]
        else observable
    )
    return name[:1].lower() + name[1:]


def _over_time(run: xr.DataTree, start: float, end: float) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Return means and their standard errors by date and part, and how many paths they rest on."""
    stored = run[PATHS].dataset
    times = stored["time"].values if "time" in stored else np.array([start, end])
    dates = times[(times > start) & (times <= end)]
    dates = np.unique(np.append(dates[:: -(-len(dates) // _MOST_DATES) or 1], dates[-1:]))
    parts = ("growth", *factors(run))
    means, errors, count = {start: dict.fromkeys(parts, 0.0)}, {start: dict.fromkeys(parts, 0.0)}, 0
    for date in dates:
        contributions = split(run, start, float(date))
        chosen = contributions["standing"].values == Inclusion.COUNTED
        count = int(chosen.sum())
        if count == 0:
            raise ArgumentError(
                "no-draws-left",
                "no draws are left",
                where="run",
                got=run.attrs["name"],
                remedy="Store more paths.",
            )
        values = {part: contributions[part].values[chosen] for part in parts}
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
