"""Arrivals by calendar year as a histogram, with what lies beyond the horizon as a bar of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import COLOURS, GREY, house, new_axes, share
from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.run_file.access import headline, label
from timecone.results.run_file.histogram import arrival_histogram
from timecone.results.tables.rounding import share_of

# Room for the bars apart, as shares of the axis.
_GAP, _BAR = 0.035, 0.05
# A bar apart may be this many times the highest bin before it is cut.
_TALLER = 1.6


def density(
    run: xr.DataTree, quantity: str | None = None, *, width: int | None = None, axes: Axes | None = None
) -> Figure:
    """Draw the probability of arrival in each calendar year.

    Parameters
    ----------
    run : DataTree
        A run.
    quantity : str, optional
        A milestone; the headline by default.
    width : int, optional
        Calendar years per bar; as few as the Monte Carlo error allows by default.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Table: part (before the start, bin, not by the horizon), begin, end, probability, lower, upper.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.density(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    name = quantity or headline(run)
    histogram = arrival_histogram(run, name, width=width)
    start, horizon = float(run.attrs["start"]), float(run.attrs["horizon"])
    years = int(histogram.attrs["width"])
    table = _table(histogram, start, horizon)
    with house():
        own, axes = axes is None, new_axes(axes)
        begin, end = histogram["begin"].values, histogram["end"].values
        axes.bar(
            begin, histogram.values, end - begin, align="edge",
            color=COLOURS[0], edgecolor="white", linewidth=0.4, label=_per(years),
        )  # fmt: skip
        axes.vlines(
            (begin + end) / 2.0, histogram["lower"].values, histogram["upper"].values,
            color="0.15", linewidth=0.8, label="95 % Monte Carlo interval",
        )  # fmt: skip
        _bars_apart(axes, table, start, horizon)
        axes.set(
            xlabel="Calendar year of arrival",
            ylabel=f"Probability {_per(years)}",
            title=f"Arrival of {label(run, name)} by year: {run.attrs['name']}",
        )
        axes.grid(visible=False, axis="x")
        never, draws = float(histogram.attrs["never"]), int(histogram.attrs["draws"])
        text = "All bars sum to 1."
        notes = f"Nothing is smoothed. Bins of {years} year{'s' * (years > 1)} from the start."
        if never > 0.0:
            part = share_of(round(never * draws), draws)
            notes += f" In {part} of draws it never comes; these are part of the bar at the right."
        return finish([axes], run, table, text, notes=notes, alt=_alt(table), own=own)


def _alt(table: pd.DataFrame) -> str:
    """Name the highest bar, and what lies before the start and beyond the horizon."""
    bins = table[table["part"] == "bin"]
    highest = bins.iloc[int(bins["probability"].argmax())]
    before, beyond = table.iloc[0], table.iloc[-1]
    early = before["probability"] > 0.0
    return alt_text.joined(
        [
            f"Highest bar: {highest['begin']:.0f} to {highest['end']:.0f}, {highest['probability']:.3f}",
            f"{100.0 * before['probability']:.1f} % by {before['end']:g}" if early else "",
            f"{100.0 * beyond['probability']:.1f} % not by {beyond['begin']:g}",
        ]
    )


def _per(years: int) -> str:
    return "per calendar year" if years == 1 else f"per {years} calendar years"


def _bars_apart(axes: Axes, table: pd.DataFrame, start: float, horizon: float) -> None:
    """Draw what is in no bin: at the left what had come before the start, at the right what has not come."""
    span = horizon - start
    inside = table.loc[table["part"] == "bin", "upper"].max()
    before, beyond = table.iloc[0], table.iloc[-1]
    highest = max(before["probability"], beyond["probability"])
    cut = highest > _TALLER * inside
    top = 1.22 * (_TALLER * inside if cut else max(highest, inside))
    bars = []
    if before["probability"] > 0.0:
        bars.append((start - (_GAP + _BAR) * span, before, f"by\n{start:g}"))
    bars.append((horizon + _GAP * span, beyond, f"not by\n{horizon:g}"))
    ticks = [t for t in axes.get_xticks() if start <= t <= horizon]
    for left, row, _ in bars:
        height, error = float(row["probability"]), float(row["standard_error"])
        shown = min(height, top / 1.22)
        axes.bar(left, shown, _BAR * span, align="edge", color="white", edgecolor=GREY, hatch="////")
        mark = "▲\n" if shown < height else ""
        axes.annotate(
            mark + share(height, error), (left + _BAR * span / 2.0, shown), xytext=(0.0, 3.0),
            textcoords="offset points", ha="center", fontsize=8.5, linespacing=1.0,
        )  # fmt: skip
    axes.axvline(horizon + _GAP * span / 2.0, color="0.4", linewidth=0.9, linestyle=(0, (4, 3)))
    if len(bars) > 1:
        axes.axvline(start - _GAP * span / 2.0, color="0.4", linewidth=0.9, linestyle=(0, (4, 3)))
    places = [left + _BAR * span / 2.0 for left, *_ in bars]
    # Ticks that would run into the words below the bars apart.
    ticks = [t for t in ticks if all(abs(t - p) > 0.075 * span for p in places)]
    axes.set_xticks([*ticks, *places], [*(f"{t:g}" for t in ticks), *(text for *_, text in bars)])
    left = bars[0][0] - _GAP / 2.0 * span if len(bars) > 1 else start
    axes.set_xlim(left, bars[-1][0] + (_BAR + _GAP / 2.0) * span)
    axes.set_ylim(0.0, top)
    axes.legend(loc="upper center")


def _table(histogram: xr.DataArray, start: float, horizon: float) -> pd.DataFrame:
    draws = int(histogram.attrs["draws"])
    apart = np.array([histogram.attrs["before_start"], histogram.attrs["not_by_horizon"]])
    lower, upper = wilson(np.rint(apart * draws).astype(np.int64), draws)
    bins = pd.DataFrame(
        {
            "part": "bin",
            "begin": histogram["begin"].values,
            "end": histogram["end"].values,
            "probability": histogram.values,
            "lower": histogram["lower"].values,
            "upper": histogram["upper"].values,
            "standard_error": histogram["standard_error"].values,
        }
    )
    ends = pd.DataFrame({"part": ["before the start", "not by the horizon"], "begin": [-np.inf, horizon],
                         "end": [start, np.inf], "probability": apart, "lower": lower, "upper": upper,
                         "standard_error": standard_error(lower, upper)})  # fmt: skip
    return pd.concat([ends.iloc[:1], bins, ends.iloc[1:]], ignore_index=True)
