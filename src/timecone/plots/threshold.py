"""Available against required compute: the fan of effective compute beside the density of its thresholds.

The picture of Cotra 2020, "Forecasting TAI with biological anchors", part 4: both on one logarithmic axis.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError, suggestion
from timecone.plots.fan import extrapolated, window
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
from timecone.results.access import choices, counts_by_value
from timecone.results.curves import fan as stored_fan
from timecone.results.curves import thresholds
from timecone.results.quote import share_of
from timecone.schema import LEVEL_BINS, LEVEL_LOW, LEVEL_WIDTH, FloatArray, IntArray

# Width of the bins of the density, OOM, and the highest level that is drawn above the fan.
_BIN = 0.5
_HEADROOM = 6.0
# Upper end of the levels that are counted; what never suffices is in the last bin.
_HIGHEST = LEVEL_LOW + LEVEL_WIDTH * LEVEL_BINS
# Smaller shares beyond the axis are not mentioned.
_LEAST = 5e-4


def threshold(run: xr.DataTree, choice: str | None = None, *, until: float | None = None) -> Figure:
    """Draw effective compute over time against what is required, on one logarithmic axis.

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
        An unknown choice, or an end before the start.

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
        raise ArgumentError("unknown choice", where="choice", got=choice,
                            remedy=suggestion(choice, known))  # fmt: skip
    start, end = window(run, until)
    bands = stored_fan(run).sel(percentile=list(FAN)).sel(time=slice(start, end))
    choice = _telling(run) if choice is None else choice
    required = thresholds(run, choice)
    edges, counts = _densities(run, choice)
    least, top = finite_ends(bands.values)
    low = np.floor(min(least, finite_ends(required.sel(percentile=5.0).values)[0])) - 1.0
    wanted = finite_ends(required.sel(percentile=slice(None, 95.0)).values)[1]
    high = np.ceil(np.clip(wanted, top + _HEADROOM / 3.0, top + _HEADROOM))
    with house():
        left, right = panels(1, 2, size=(8.2, 5.0), sharey=True, gridspec_kw={"width_ratios": [2.4, 1.0]})
        draw_bands(left, bands["time"].values, bands.values)
        words = str(bands.attrs.get("long_name", "Effective compute"))
        quantity_axis(left, words, str(bands.attrs["units"]))
        left.set(xlim=(start, end), ylim=(low, high), xlabel="Calendar date (year)")
        heading(left, f"Available against required compute: {run.attrs['name']}")
        _draw_required(right, edges, counts, (low, high), split_unit(str(bands.attrs["units"]))[1])
        table = _table(bands, required, edges, counts)
        text = (
            "Left: percentiles of all counted draws. Right: histogram of what is required in the counted"
            f" draws, each value of the choice by itself, in bins of {_BIN:g} OOM; dots are medians,"
            f" triangles medians above the axis. {_weights(counts)}{_never(counts)}"
            f"Both with the algorithms of {start:g}. {extrapolated(run)}"
        )
        return finish([left, right], run, table, text)


def _telling(run: xr.DataTree) -> str | None:
    """Return the choice between whose values the median requirement differs most; None without choices."""
    spread = {}
    for name in choices(run):
        medians = thresholds(run, name).sel(percentile=50.0).values
        # A value that no draw has says nothing, and what never suffices is the highest level.
        known = np.clip(medians[~np.isnan(medians)], LEVEL_LOW, _HIGHEST)
        spread[name] = float(np.ptp(known)) if known.size else -1.0
    return max(spread, key=lambda name: spread[name]) if spread else None


def _weights(counts: dict[str, IntArray]) -> str:
    """Say what share of the counted draws each value has."""
    whole = sum(int(count.sum()) for count in counts.values())
    shares = ", ".join(f"{value} {share_of(int(count.sum()), whole)}" for value, count in counts.items())
    return f"Of the counted draws: {shares}. " if len(counts) > 1 else ""


def _never(counts: dict[str, IntArray]) -> str:
    """Say what stands for never, where a draw is there."""
    some = any(count[-1] for count in counts.values())
    return f"Never: no level suffices, or only one above {power(_HIGHEST)}. " if some else ""


def _densities(run: xr.DataTree, choice: str | None) -> tuple[FloatArray, dict[str, IntArray]]:
    """Return edges of levels and, by value of the choice, how many counted draws each bin holds.

    The last bin, without an upper edge, holds the draws in which no level suffices.
    """
    per = round(_BIN / LEVEL_WIDTH)
    wide: dict[str, IntArray] = {}
    for value, counts in counts_by_value(run, "threshold_count", choice).items():
        if counts.any():
            finite = np.append(counts[:-1], 0)
            wide[value] = np.append(finite.reshape(-1, per).sum(axis=1), counts[-1])
    bins = LEVEL_BINS // per
    edges: FloatArray = np.append(LEVEL_LOW + _BIN * np.arange(bins + 1, dtype=np.float64), np.inf)
    return edges, wide


def _draw_required(
    axes: Axes,
    edges: FloatArray,
    counts: dict[str, IntArray],
    limits: tuple[float, float],
    logarithm: bool,
) -> None:
    low, high = limits
    top, bottom = (power(end) if logarithm else f"{end:g}" for end in (high, low))
    for k, (value, count) in enumerate(counts.items()):
        total = int(count.sum())
        colour, style = COLOURS[(k + 1) % len(COLOURS)], STYLES[k % len(STYLES)]
        above, below = int(count[:-1][edges[:-2] >= high].sum()), int(count[edges[1:] <= low].sum())
        ends = ((int(count[-1]), "never"), (above, f"above {top}"), (below, f"below {bottom}"))
        cut = [f"{share_of(some, total)} {words}" for some, words in ends if some >= _LEAST * total]
        words = f"{value} ({', '.join(cut)})" if cut else value
        per_oom = count[:-1] / (total * _BIN)
        axes.stairs(per_oom, edges[:-1], orientation="horizontal", fill=True, color=colour, alpha=0.13)
        axes.stairs(per_oom, edges[:-1], orientation="horizontal", color=colour, linestyle=style,
                    linewidth=1.5, label=words)  # fmt: skip
        middle = int(np.searchsorted(np.cumsum(count), 0.5 * total))
        if low < edges[middle] < high:
            place = (per_oom[middle], edges[middle] + _BIN / 2.0)
            axes.plot(*place, "o", color=colour, markeredgecolor="white", ms=6)
        elif edges[middle] >= high:
            axes.plot(0.2 + 0.2 * k, 1.0, "^", color=colour, ms=7, transform=axes.transAxes, clip_on=False)
    axes.set(xlabel="Probability per OOM", xlim=(0.0, None))
    axes.grid(visible=False, axis="x")
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.05, 1.0), title="required", title_fontsize=8.5, fontsize=8.0,
        alignment="left", borderaxespad=0.2, borderpad=0.1, labelspacing=0.3,
    )  # fmt: skip


def _table(
    bands: xr.DataArray, required: xr.DataArray, edges: FloatArray, counts: dict[str, IntArray]
) -> pd.DataFrame:
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
