"""Joint histogram of the headline's arrival and a duration."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from timecone.plots import alt_text
from timecone.plots.fan import window
from timecone.plots.figure import Figure, finish
from timecone.plots.style import COLOURS, GREY, house, plain_number, share
from timecone.results.run_file.access import duration_of, group, headline, label
from timecone.results.run_file.histogram import joint_histogram
from timecone.results.tables.accounts import sentence, share_begun
from timecone.schema import OUTCOMES, FloatArray

# Edges of durations, years: three bins to a factor of about ten at both ends of what is drawn.
_DURATIONS = np.array([0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0])
_FINE = 2
_MOST_COLUMNS = 24
# Space between what is on the axes and the strips beside it, in bins.
_GAP = 0.6
# From a tint that is told from white paper, to nearly black: one hue, so that grey says the same.
_COLOUR_MAP = ListedColormap(colormaps["Blues"](np.linspace(0.14, 1.0, 256)))


@dataclass(frozen=True)
class _Cells:
    """Shares of all counted draws by bin, and where the bins stand on the axes.

    The last column and the first row are strips apart: later dates, and durations too short for the axis.
    """

    shares: FloatArray
    dates: FloatArray
    durations: FloatArray
    draws: int

    @property
    def columns(self) -> FloatArray:
        """Left end of every column."""
        count = self.shares.shape[0]
        places: FloatArray = np.arange(count, dtype=np.float64)
        places[-1] += _GAP
        return places

    @property
    def rows(self) -> FloatArray:
        """Lower end of every row."""
        count = self.shares.shape[1]
        places: FloatArray = np.arange(count, dtype=np.float64)
        places[0] -= _GAP
        return places


def joint(run: xr.DataTree, *, until: float | None = None, quantity: str | None = None) -> Figure:
    """Draw the headline's arrival against a duration, with both marginals.

    Parameters
    ----------
    run : DataTree
        A run; the draws that it stores are shown.
    until : float, optional
        Right end of the axis of dates; 40 years after the start, or the horizon if that is sooner. Later
        arrivals stand in a strip of their own.
    quantity : str, optional
        A duration of the run; the first one by default.

    Returns
    -------
    Figure
        The joint histogram and its marginals above and beside it. Table: arrival_begin, arrival_end,
        duration_begin, duration_end, draws, probability; the last row is what has not arrived.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.joint(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    name = duration_of(run, quantity)
    start, end = window(run, until)
    width = int(np.ceil((end - start) / _MOST_COLUMNS))
    dates = np.append(np.arange(start, end, width), end)
    longest = float(run.attrs["horizon"]) - start
    edges = np.unique(np.concatenate([
        _DURATIONS[longest > _DURATIONS],
        np.sqrt(_DURATIONS[:-1] * _DURATIONS[1:])[longest > _DURATIONS[1:]],
    ]))  # fmt: skip
    counts = joint_histogram(run, dates, edges, name)
    cells = _Cells(counts["draws"].values / counts.attrs["counted"], dates, edges, counts.attrs["counted"])
    rest = counts.attrs["not_arrived"] / counts.attrs["counted"]
    with house():
        axes = _axes()
        image = _squares(axes[0], cells)
        _marginals(axes, cells)
        _ticks(axes[0], cells)
        axes[0].set_ylabel(f"{sentence(label(run, name))} (years, logarithmic)")
        _corner(axes[3], run, name, rest, counts.attrs["counted"])
        bar = axes[0].figure.colorbar(image, cax=axes[0].inset_axes((0.985, 0.03, 0.018, 0.28)))
        bar.ax.yaxis.set_ticks_position("left")
        bar.ax.tick_params(labelsize=7)
        bar.set_ticks([t for t in bar.get_ticks() if t <= image.get_clim()[1]])
        bar.set_ticks(list(bar.get_ticks()), labels=[f"{100.0 * t:.1f} %" for t in bar.get_ticks()])
        axes[1].set_title(f"{label(run, headline(run))} and {label(run, name)}: {run.attrs['name']}")
        text = f"Share of draws by {_years(width)} of arrival and by duration."
        notes = (
            f"From {counts.attrs['counted']:,} stored draws. The separate strips hold later arrivals and"
            " shorter durations. Squares, strips and the draws that do not arrive sum to 1."
        )
        table = _table(counts)
        return finish(axes, run, table, text, notes=notes, alt=_alt(run, name, table))


def _alt(run: xr.DataTree, name: str, table: pd.DataFrame) -> str:
    """Name the fullest square, and the share that has not arrived."""
    inside = table[np.isfinite(table["arrival_end"]) & (table["duration_begin"] > 0.0)]
    parts = []
    if len(inside):
        fullest = inside.iloc[int(inside["probability"].argmax())]
        parts.append(
            f"Most frequent: arrival from {fullest['arrival_begin']:g} to {fullest['arrival_end']:g} with a"
            f" {label(run, name)} of {alt_text.plain_duration(fullest['duration_begin'])} to"
            f" {alt_text.plain_duration(fullest['duration_end'])} years,"
            f" {100.0 * fullest['probability']:.1f} % of draws"
        )
    rest = 100.0 * table["probability"].iloc[-1]
    parts.append(f"{rest:.1f} % have not arrived by {float(run.attrs['horizon']):g}")
    return alt_text.joined(parts)


def _years(width: int) -> str:
    return "year" if width == 1 else f"{width} years"


def _axes() -> tuple[Axes, Axes, Axes, Axes]:
    """Return the axes of the squares, of the marginals above and beside them, and of the words."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - it settles on a backend when imported

    _, grid = plt.subplots(
        2, 2, figsize=(8.2, 6.6), layout="constrained", sharex="col", sharey="row",
        gridspec_kw={"width_ratios": [3.4, 1.0], "height_ratios": [1.0, 3.0]},
    )  # fmt: skip
    return grid[1, 0], grid[0, 0], grid[1, 1], grid[0, 1]


def _squares(axes: Axes, cells: _Cells) -> PatchCollection:
    patches, values = [], []
    for i, x in enumerate(cells.columns):
        for j, y in enumerate(cells.rows):
            patches.append(Rectangle((x, y), 1.0, 1.0))
            values.append(cells.shares[i, j])
    shown = np.array(values)
    squares = PatchCollection(patches, cmap=_COLOUR_MAP, edgecolor="white", linewidth=0.3)
    squares.set_array(np.where(shown > 0.0, shown, np.nan))
    # The strips may hold far more than any square; they are written out, and do not set the scale.
    inner = cells.shares[:-1, 1:]
    squares.set_clim(0.0, float(inner.max()) or 1.0)
    axes.add_collection(squares)
    axes.grid(visible=False)
    return squares


def _marginals(axes: tuple[Axes, Axes, Axes, Axes], cells: _Cells) -> None:
    main, above, right, _ = axes
    dates, lasting = cells.shares.sum(axis=1), cells.shares.sum(axis=0)
    apart: dict[str, Any] = {"color": "white", "edgecolor": GREY, "hatch": "////"}
    text_style: dict[str, Any] = {"textcoords": "offset points", "fontsize": 8}
    x, y = cells.columns + 0.5, cells.rows + 0.5
    above.bar(x[:-1], dates[:-1], width=0.96, color=COLOURS[0])
    above.bar(x[-1:], dates[-1:], width=0.96, **apart)
    later = share(dates[-1], _error(dates[-1], cells.draws))
    above.annotate(later, (x[-1], dates[-1]), xytext=(0, 2), ha="center", va="bottom", **text_style)
    right.barh(y[1:], lasting[1:], height=0.96, color=COLOURS[0])
    right.barh(y[:1], lasting[:1], height=0.96, **apart)
    shorter = share(lasting[0], _error(lasting[0], cells.draws))
    right.annotate(shorter, (lasting[0], y[0]), xytext=(3, 0), ha="left", va="center", **text_style)
    above.set(ylim=(0.0, 1.18 * dates.max()), ylabel="Probability")
    right.set(xlim=(0.0, 1.18 * lasting.max()), xlabel="Probability")
    above.grid(visible=False, axis="x")
    right.grid(visible=False, axis="y")
    above.tick_params(labelbottom=False)
    right.tick_params(labelleft=False)
    for axis in (above.yaxis, right.xaxis):
        axis.set_major_locator(MaxNLocator(3))
        axis.set_major_formatter(FuncFormatter(lambda p, _: f"{100.0 * p:.3g} %"))
    main.set(xlabel="Calendar date of arrival (year)")


def _ticks(axes: Axes, cells: _Cells) -> None:
    dates = cells.dates
    step = max(len(dates) // 6, 1)
    places = np.arange(0, len(dates) - 1, step)
    places = places[places <= len(dates) - 1 - 0.6 * step]
    labels = [f"{dates[k]:g}" for k in places]
    axes.set_xticks([*places, cells.columns[-1] + 0.5], [*labels, f"after\n{dates[-1]:g}"])
    shown = [(k + 1, d) for k, d in enumerate(cells.durations) if d in _DURATIONS]
    axes.set_yticks([cells.rows[0] + 0.5, *(k for k, _ in shown)],
                    [f"under {cells.durations[0]:g}", *(plain_number(d) for _, d in shown)])  # fmt: skip
    axes.set_xlim(-0.1, cells.columns[-1] + 1.1)
    axes.set_ylim(cells.rows[0] - 0.1, cells.rows[-1] + 1.1)


def _corner(axes: Axes, run: xr.DataTree, name: str, rest: float, counted: int) -> None:
    meaning = str(group(run, OUTCOMES)[name].attrs.get("long_name", name))
    axes.axis("off")
    axes.text(
        0.0, 1.0,
        f"Not by {float(run.attrs['horizon']):g}: {share(rest, _error(rest, counted))}\n(in no square)\n\n"
        f"{sentence(label(run, name))}:\n{textwrap.fill(meaning, 24)}\n\n"
        f"Begun before {float(run.attrs['start']):g}:"
        f" {share_begun(run, name)}\n(left out)",
        transform=axes.transAxes, va="top", fontsize=8.5,
    )  # fmt: skip


def _error(p: float, draws: int) -> float:
    return float((p * (1.0 - p) / max(draws, 1)) ** 0.5)


def _table(counts: xr.Dataset) -> pd.DataFrame:
    frame = counts["draws"].to_dataframe().reset_index(drop=True)
    frame = frame.rename(columns={"date_begin": "arrival_begin", "date_end": "arrival_end"})
    rest = pd.DataFrame({"arrival_begin": [np.inf], "arrival_end": [np.inf], "duration_begin": [np.inf],
                         "duration_end": [np.inf], "draws": [counts.attrs["not_arrived"]]})  # fmt: skip
    frame = pd.concat([frame, rest], ignore_index=True)
    frame["probability"] = frame["draws"] / counts.attrs["counted"]
    return frame[["arrival_begin", "arrival_end", "duration_begin", "duration_end", "draws", "probability"]]
