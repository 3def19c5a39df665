"""Published forecasts one by one: a panel each, with our distribution function where we repeat it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from timecone.errors import ArgumentError
from timecone.forecasts import Forecast
from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, house, panels

#: Inches. Two narrow columns, so that the figure can be read on a telephone.
_WIDTH, _HEIGHT = 5.0, 2.0
_COLUMNS = 2
_TITLE, _SMALL = 7.5, 6.5
_LETTERS, _TITLE_LETTERS = 40, 33
_LAST = 2100.0
# Share of our distribution function that a panel shows at least.
_SHOWN = 0.9
_ROOM = 0.06


@dataclass(frozen=True)
class Repeated:
    """A published forecast, and our distribution function of the same milestone if we repeat it."""

    forecast: Forecast
    curve: xr.DataArray | None = None
    run_id: str = ""


def forecasts(repeated: Sequence[Repeated]) -> Figure:
    """Draw published forecasts: theirs as points, ours as a line, with the definition of each milestone.

    Parameters
    ----------
    repeated : sequence of Repeated
        In the order of the panels.

    Returns
    -------
    Figure
        Table: forecast, whose, date, probability.

    Raises
    ------
    ArgumentError
        There is no forecast to draw.
    """
    if not repeated:
        raise ArgumentError("no-forecasts", "no forecast has a distribution to draw", where="forecasts")
    rows = math.ceil(len(repeated) / _COLUMNS)
    with house():
        axes = panels(rows, _COLUMNS, size=(_WIDTH, _HEIGHT * rows + 0.6))
        frames = [_draw(panel, each) for panel, each in zip(axes, repeated, strict=False)]
        for empty in axes[len(repeated) :]:
            empty.set_axis_off()
        both = next((k for k, each in enumerate(repeated) if each.curve is not None), 0)
        axes[both].legend(loc="lower right", fontsize=_SMALL, handlelength=1.6, borderaxespad=0.2)
        ids = tuple(each.run_id for each in repeated if each.run_id)
        caption = "Probability before the date. Points: as published; line: repeated here. Milestones differ."
        notes = "Points are percentiles and probabilities as their authors state them."
        drawn, table = axes[: len(repeated)], pd.concat(frames, ignore_index=True)
        curves = table.assign(curve=table["forecast"] + ", " + table["whose"])
        alt = alt_text.of_curves(curves)
        return write_caption(Figure(drawn, table, caption, ids, notes=notes, alt=alt))


def _draw(axes: Axes, each: Repeated) -> pd.DataFrame:
    forecast, curve = each.forecast, each.curve
    dates, shares = forecast.points()
    frames = [_rows(forecast.name, "theirs", dates, shares)]
    ends = [*dates.tolist()]
    if curve is not None:
        ours = curve["date"].values
        axes.plot(ours, curve.values, color=COLOURS[0], linewidth=1.5, label="ours")
        frames.append(_rows(forecast.name, "ours", ours, curve.values))
        reached = ours[curve.values <= _SHOWN]
        ends += [float(ours[0]), float(reached[-1])]
    style = {"linestyle": "none"} if curve is not None else {"linestyle": ":", "linewidth": 0.9}
    axes.plot(
        dates,
        shares,
        color="black",
        marker="o",
        markersize=3.4,
        markerfacecolor="white",
        markeredgewidth=1.0,
        label="published",
        zorder=3.0,
        **style,
    )
    low, high = min(ends), min(max(ends), _LAST)
    room = max(_ROOM * (high - low), 1.0)
    axes.set(xlim=(low - room, high + room), ylim=(0.0, 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    axes.yaxis.set_major_locator(MaxNLocator(2))
    axes.tick_params(labelsize=_SMALL, pad=1.5, length=2.0)
    lines = textwrap.wrap(forecast.milestone, _LETTERS)
    axes.annotate(
        "\n".join(lines),
        (0.0, 1.0),
        xycoords="axes fraction",
        xytext=(0.0, 2.5),
        textcoords="offset points",
        fontsize=_SMALL,
        va="bottom",
        color="0.25",
        linespacing=1.05,
    )
    axes.set_title(
        textwrap.fill(f"{forecast.name} ({forecast.date[:7]})", _TITLE_LETTERS),
        fontsize=_TITLE,
        fontweight="bold",
        pad=4.5 + 7.6 * len(lines),
    )
    return pd.concat(frames, ignore_index=True)


def _rows(name: str, whose: str, dates: np.ndarray, shares: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"forecast": name, "whose": whose, "date": dates, "probability": shares})
