"""Tornado: a target where each input is low and where it is high."""

from __future__ import annotations

import textwrap

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import COLOURS, GREY, house, new_axes
from timecone.results.run_file.drivers import drivers
from timecone.results.tables.accounts import sentence
from timecone.results.tables.drivers import last_of, target_text, target_writer, value_words
from timecone.results.tables.names import plain_name

_ROWS = 12
# Characters of a line beside a bar.
_WIDTH = 46


def tornado(
    run: xr.DataTree, *, quantity: str | None = None, by: int | None = None, axes: Axes | None = None
) -> Figure:
    """Draw the target in the lowest and the highest fifth of each input that moves it most.

    Parameters
    ----------
    run : DataTree
        A run; the draws that it stores are read.
    quantity : str, optional
        A milestone or a duration, whose median is the target; the headline by default.
    by : int, optional
        Take instead the probability of the milestone by the end of this year.
    axes : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Figure
        A bar for each input. Table: what `timecone.drivers` gives of the inputs that are drawn.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=5000, seed=1, paths=0)
    >>> figure = tc.plots.tornado(run, by=2035)
    >>> len(figure.table)
    12
    >>> figure.close()
    """
    return tornado_of(run, drivers(run, quantity, by=by), axes=axes)


def tornado_of(run: xr.DataTree, table: xr.Dataset, *, axes: Axes | None = None) -> Figure:
    """Draw the tornado of drivers that are known already; see `tornado`."""
    with house():
        return _draw(run, table.isel(input=slice(0, _ROWS)), axes)


def _draw(run: xr.DataTree, table: xr.Dataset, axes: Axes | None) -> Figure:
    own = axes is None
    axes = new_axes(axes, size=(8.6, 6.4))
    last, target = last_of(run, table), min(float(table.attrs["target"]), last_of(run, table))
    write = target_writer(run, table)
    for row, (low, high) in enumerate(zip(*(table[key].values for key in ("low", "high")), strict=True)):
        for colour, hatch, key, end in ((COLOURS[4], "", "low", low), (COLOURS[1], "///", "high", high)):
            reached = min(end, last)
            axes.barh(
                row,
                reached - target,
                left=target,
                height=0.62,
                color=colour,
                hatch=hatch,
                edgecolor="0.25",
                linewidth=0.6,
                label=f"input {key}" if row == 0 else None,
            )
            ends = np.minimum([table[f"{key}_lower"].values[row], table[f"{key}_upper"].values[row]], last)
            axes.plot(ends, [row, row], color="0.1", linewidth=1.4, solid_capstyle="butt")
            if end > last:
                axes.plot(last, row, ">", color="0.1", markersize=5.0, clip_on=False)
    axes.axvline(target, color="0.2", linewidth=1.0)
    names = []
    for k, name in enumerate(table["input"].values):
        ends = [str(table[key].values[k]) for key in ("low_at", "high_at")]
        names.append(_label(run, str(name), ends))
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.set_xlabel({"1": "probability", "year": "years", "decimal year": "date"}[str(table.attrs["unit"])])
    asked = sentence(str(table.attrs["asked"]))
    axes.set_title(f"{asked}: {target_text(table, write)} over all draws", loc="left")
    axes.legend(loc="lower right", facecolor="white", framealpha=0.9, frameon=True, edgecolor=GREY)
    frame = table.to_dataframe().reset_index()
    text = f"{asked} in the lowest and the highest fifth of each input. Black: 95 % Monte Carlo interval."
    notes = (
        "For a choice, the values with the smallest and the largest result are shown. Each bar includes the"
        " effect of inputs that are correlated with its own. A triangle marks a result beyond the horizon."
    )
    ends = [
        (plain_name(str(name)), f"{alt_text.short(low)} low, {alt_text.short(high)} high")
        for name, low, high in zip(*(table[key].values for key in ("input", "low", "high")), strict=True)
    ]
    alt = alt_text.of_rows(f"{asked} is {target_text(table, write)} over all draws", ends)
    return finish([axes], run, frame, text, notes=notes, alt=alt, own=own)


def _label(run: xr.DataTree, name: str, ends: list[str]) -> str:
    """Return the words beside a bar: the input, and where its low and its high values lie."""
    low, high = (value_words(run, name, end) for end in ends)
    if name.startswith("choice_"):
        low, high = (textwrap.shorten(text, _WIDTH, placeholder=" …") for text in (low, high))
        return f"{plain_name(name)}\n{low} |\n{high}"
    return f"{plain_name(name)}\n{low} | {high}"
