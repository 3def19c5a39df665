"""Available against required: the fan of the main observable beside the density of its threshold.

The picture of Cotra 2020, "Forecasting TAI with biological anchors", part 4: both on one logarithmic axis.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError, suggestion
from timecone.plots import alt_text
from timecone.plots.fan import extrapolated, remark, window
from timecone.plots.figure import Figure, finish
from timecone.plots.style import (
    COLOURS,
    FAN,
    STYLES,
    draw_bands,
    finite_ends,
    heading,
    house,
    panels,
    power,
    quantity_axis,
    split_unit,
)
from timecone.results.run_file.access import choices, counts_by_value, grid_of, main_observable, summarised
from timecone.results.run_file.access import threshold as threshold_of
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.run_file.curves import fan as stored_fan
from timecone.results.run_file.curves import thresholds
from timecone.results.tables.rounding import share_of
from timecone.schema import COUNT_OF, FloatArray, IntArray

# Bins of the density over the whole range that is counted, and how many of them are drawn above the fan.
_BINS = 280
_HEADROOM = 12
# Characters of a line in the legend of requirements.
# Shapes that mark the medians, which are told apart without colour.
_MEDIANS = ("o", "s", "D", "P", "X", "v")
_LEGEND = 30
# Smaller shares beyond the axis are not mentioned.
_LEAST = 5e-4


def threshold(run: xr.DataTree, choice: str | None = None, *, until: float | None = None) -> Figure:
    """Draw the main observable over time against what is required, on one axis.

    Parameters
    ----------
    run : DataTree
        A run.
    choice : str, optional
        The choice by whose values requirements are shown; by default the one between whose values they
        differ most.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.

    Returns
    -------
    Figure
        The fan, and the densities beside it, one for each value of the choice. Table: part (available,
        required), condition, time, percentile, level, level_end, probability.

    Raises
    ------
    ArgumentError
        An unknown choice, an end before the start, or a run whose main observable has no threshold.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = tc.plots.threshold(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    known = choices(run)
    if choice is not None and choice not in known:
        raise ArgumentError(
            "unknown-choice", "unknown choice", where="choice", got=choice, remedy=suggestion(choice, known)
        )
    start, end = window(run, until)
    bands = stored_fan(run).sel(percentile=list(FAN)).sel(time=slice(start, end))
    choice = _telling(run) if choice is None else choice
    required = thresholds(run, choice)
    density = _Density.of(run, choice)
    unit = 2.0 * density.width
    least, top = finite_ends(bands.values)
    low = unit * (np.floor(min(least, finite_ends(required.sel(percentile=5.0).values)[0]) / unit) - 1.0)
    wanted = finite_ends(required.sel(percentile=slice(None, 95.0)).values)[1]
    room = _HEADROOM * density.width
    high = unit * np.ceil(np.clip(wanted, top + room / 3.0, top + room) / unit)
    with house():
        left, right = panels(1, 2, size=(8.2, 5.0), sharey=True, gridspec_kw={"width_ratios": [2.4, 1.0]})
        draw_bands(left, bands["time"].values, bands.values)
        title = str(bands.attrs.get("long_name", main_observable(run)))
        quantity_axis(left, title, str(bands.attrs["units"]))
        left.set(xlim=(start, end), ylim=(low, high), xlabel="Calendar date (year)")
        heading(left, f"Available against required: {run.attrs['name']}")
        of, logarithm = split_unit(str(bands.attrs["units"]))
        names = {value: _condition(run, choice, value) for value in density.counts}
        _draw_required(right, density, (low, high), logarithm, names)
        table = _table(bands, required, density)
        size = f"{density.width:g} {'OOM' if logarithm else of}"
        text = (
            "Left: percentiles of what is available. Right: distribution of what is required; points and"
            f" triangles mark medians. {remark(run, bands)}"
        )
        notes = (
            f"Bins of {size}; each value of a choice has its own histogram; a triangle is a median above the"
            f" axis. {_weights(run, choice, density.counts)}{_never(density, logarithm)}{extrapolated(run)}"
        )
        return finish(
            [left, right], run, table, text, notes=notes, alt=_alt(run, choice, title, bands, density)
        )


@dataclass(frozen=True)
class _Density:
    """Counted draws by level that is required.

    Attributes
    ----------
    edges : array
        Edges of the bins, the last one infinite: no level that is counted suffices.
    width : float
        Width of all bins but the last.
    counts : dict of str to array
        Draws by bin, for each value of the choice that any draw has.
    """

    edges: FloatArray
    width: float
    counts: dict[str, IntArray]

    @classmethod
    def of(cls, run: xr.DataTree, choice: str | None) -> _Density:
        name = threshold_of(run) + COUNT_OF
        grid = grid_of(summarised(run, name))
        per = max(grid.bins // _BINS, 1)
        bins = -(-grid.bins // per)
        wide: dict[str, IntArray] = {}
        for value, counts in counts_by_value(run, name, choice).items():
            if counts.any():
                finite = np.zeros(bins * per, dtype=np.int64)
                finite[: grid.bins - 1] = counts[:-1]
                wide[value] = np.append(finite.reshape(bins, per).sum(axis=1), counts[-1])
        width = per * grid.width
        edges = np.append(grid.low + width * np.arange(bins + 1, dtype=np.float64), np.inf)
        return cls(edges, width, wide)


def _telling(run: xr.DataTree) -> str | None:
    """Return the choice between whose values the median requirement differs most; None without choices."""
    grid = grid_of(summarised(run, threshold_of(run) + COUNT_OF))
    spread = {}
    for name in choices(run):
        medians = thresholds(run, name).sel(percentile=50.0).values
        # A value that no draw has says nothing, and what never suffices is the highest level.
        known = np.clip(medians[~np.isnan(medians)], grid.low, grid.high)
        spread[name] = float(np.ptp(known)) if known.size else -1.0
    return max(spread, key=lambda name: spread[name]) if spread else None


def _condition(run: xr.DataTree, choice: str | None, value: str) -> str:
    """Return the condition of a curve in words."""
    return value if choice is None else f"if {choice_clause(run, choice, value)}"


def _weights(run: xr.DataTree, choice: str | None, counts: dict[str, IntArray]) -> str:
    """Say what share of the counted draws each value has."""
    whole = sum(int(count.sum()) for count in counts.values())
    shares = ", ".join(
        f"{_condition(run, choice, value).removeprefix('if ')} in {share_of(int(count.sum()), whole)}"
        for value, count in counts.items()
    )
    return f"Of the counted draws, {shares}. " if len(counts) > 1 else ""


def _alt(run: xr.DataTree, choice: str | None, title: str, bands: xr.DataArray, density: _Density) -> str:
    """Describe the fan, and the median requirement under each value of the choice."""
    unit = str(bands.attrs["units"])
    available = alt_text.of_bands(f"{title} available", bands["time"].values, bands.values, unit)
    logarithm = split_unit(unit)[1]
    medians = {}
    for value, count in density.counts.items():
        level = density.edges[int(np.searchsorted(np.cumsum(count), 0.5 * count.sum()))]
        text = power(round(float(level), 1)) if logarithm else f"{level:g}"
        name = "all draws" if choice is None else _condition(run, choice, value)
        medians[name] = text if level < density.edges[-2] else "never"
    return f"{available} {alt_text.of_rows('Median required', medians)}"


def _never(density: _Density, logarithm: bool) -> str:
    """Say what stands for never, where a draw is there."""
    some = any(count[-1] for count in density.counts.values())
    highest = float(density.edges[-2])
    top = power(highest) if logarithm else f"{highest:g}"
    return f"Never: no level suffices, or only one above {top}. " if some else ""


def _draw_required(
    axes: Axes,
    density: _Density,
    limits: tuple[float, float],
    logarithm: bool,
    names: dict[str, str],
) -> None:
    low, high = limits
    edges, counts, width = density.edges, density.counts, density.width
    top, bottom = (power(end) if logarithm else f"{end:g}" for end in (high, low))
    for k, (value, count) in enumerate(counts.items()):
        total = int(count.sum())
        colour, style = COLOURS[(k + 1) % len(COLOURS)], STYLES[k % len(STYLES)]
        above, below = int(count[:-1][edges[:-2] >= high].sum()), int(count[edges[1:] <= low].sum())
        ends = ((int(count[-1]), "never"), (above, f"above {top}"), (below, f"below {bottom}"))
        cut = [f"{share_of(some, total)} {part}" for some, part in ends if some >= _LEAST * total]
        name = textwrap.fill(names[value], _LEGEND)
        label = f"{name}\n({', '.join(cut)})" if cut else name
        per_unit = count[:-1] / (total * width)
        axes.stairs(per_unit, edges[:-1], orientation="horizontal", fill=True, color=colour, alpha=0.13)
        axes.stairs(
            per_unit,
            edges[:-1],
            orientation="horizontal",
            color=colour,
            linestyle=style,
            linewidth=1.5,
            label=label,
        )
        middle = int(np.searchsorted(np.cumsum(count), 0.5 * total))
        if low < edges[middle] < high:
            place = (per_unit[middle], edges[middle] + width / 2.0)
            axes.plot(*place, _MEDIANS[k % len(_MEDIANS)], color=colour, markeredgecolor="white", ms=6)
        elif edges[middle] >= high:
            axes.plot(0.2 + 0.2 * k, 1.0, "^", color=colour, ms=7, transform=axes.transAxes, clip_on=False)
    axes.set(xlabel=f"Probability per {'OOM' if logarithm else 'unit'}", xlim=(0.0, None))
    axes.grid(visible=False, axis="x")
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.05, 1.0), title="required", title_fontsize=8.5, fontsize=8.0,
        alignment="left", borderaxespad=0.2, borderpad=0.1, labelspacing=0.3,
    )  # fmt: skip


def _table(bands: xr.DataArray, required: xr.DataArray, density: _Density) -> pd.DataFrame:
    edges, counts = density.edges, density.counts
    available = bands.drop_attrs().rename("level").to_dataframe().reset_index().assign(part="available")
    needed = required.rename("level").to_dataframe().reset_index().rename(columns={"value": "condition"})
    parts = [available, needed.assign(part="required")]
    for value, count in counts.items():
        part = count / count.sum()
        some = count > 0
        parts.append(
            pd.DataFrame(
                {
                    "part": "required",
                    "condition": value,
                    "level": edges[:-1][some],
                    "level_end": edges[1:][some],
                    "probability": part[some],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    return frame[["part", "condition", "time", "percentile", "level", "level_end", "probability"]]
