"""Available against required: the fan of the main observable beside the density of its threshold.

The picture of Cotra 2020, "Forecasting TAI with biological anchors", part 4: both on one logarithmic axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError, suggestion
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
from timecone.results.run_file.curves import fan as stored_fan
from timecone.results.run_file.curves import thresholds
from timecone.results.tables.rounding import share_of
from timecone.schema import COUNT_OF, FloatArray, IntArray

# Bins of the density over the whole range that is counted, and how many of them are drawn above the fan.
_BINS = 280
_HEADROOM = 12
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
        _draw_required(right, density, (low, high), logarithm)
        table = _table(bands, required, density)
        size = f"{density.width:g} {'OOM' if logarithm else of}"
        text = (
            "Left: percentiles of all counted draws. Right: histogram of what is required in the counted"
            f" draws, each value of the choice by itself, in bins of {size}; dots are medians,"
            f" triangles medians above the axis. {_weights(density.counts)}{_never(density, logarithm)}"
            f"{remark(run, bands)} {extrapolated(run)}"
        )
        return finish([left, right], run, table, text)


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


def _weights(counts: dict[str, IntArray]) -> str:
    """Say what share of the counted draws each value has."""
    whole = sum(int(count.sum()) for count in counts.values())
    shares = ", ".join(f"{value} {share_of(int(count.sum()), whole)}" for value, count in counts.items())
    return f"Of the counted draws: {shares}. " if len(counts) > 1 else ""


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
        label = f"{value} ({', '.join(cut)})" if cut else value
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
            axes.plot(*place, "o", color=colour, markeredgecolor="white", ms=6)
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
