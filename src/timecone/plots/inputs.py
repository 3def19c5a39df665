"""What went in: the marginal of every uncertain input, and their rank correlations."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots.style import COLOURS, house
from timecone.results.access import group
from timecone.schema import INPUTS, FloatArray

_COLUMNS = 4
_MOST_DRAWS = 50_000
_BINS = 60
#: From this ratio of the 99 % to the 1 % quantile on an axis of positive numbers is logarithmic.
_WIDE = 20.0


def uncertain(run: xr.DataTree) -> dict[str, FloatArray]:
    """Return the inputs that vary between draws, by name; the first draws of a large run."""
    stored = group(run, INPUTS)
    found = {}
    for name, variable in stored.data_vars.items():
        values = variable.values[:_MOST_DRAWS].astype(np.float64)
        if not str(name).startswith("choice_") and np.all(np.isfinite(values)) and np.ptp(values) > 0.0:
            found[str(name)] = values
    return found


def inputs(run: xr.DataTree) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Draw the marginals of all uncertain inputs and the matrix of their rank correlations.

    Parameters
    ----------
    run : DataTree
        A run; its stored draws are shown, also those that the not-yet rule removes.

    Returns
    -------
    array of Axes
        One per input, then the matrix.
    """
    from matplotlib import pyplot as plt  # noqa: PLC0415 - it settles on a backend when imported

    values = uncertain(run)
    if not values:
        raise ArgumentError("the run has no uncertain input", where="run", got=run.attrs["name"])
    rows = ceil(len(values) / _COLUMNS)
    side = max(4.0, 0.34 * len(values))
    with house():
        figure = plt.figure(figsize=(2.7 * _COLUMNS, 1.75 * rows + side), layout="constrained")
        parts: Any = figure.subfigures(2, 1, height_ratios=[1.75 * rows, side])
        upper, lower = parts
        grid = upper.subplots(rows, _COLUMNS, squeeze=False).ravel()
        stored = group(run, INPUTS)
        for axes, (name, drawn) in zip(grid, values.items(), strict=False):
            _marginal(axes, name, drawn, str(stored[name].attrs.get("units", "")))
        for axes in grid[len(values) :]:
            axes.set_visible(False)
        upper.suptitle(
            f"Inputs of {run.attrs['name']}: {next(iter(values.values())).size:,} stored draws before the"
            " not-yet rule, from their 1 to their 99 % quantile; lines at 5, 50 and 95 %;"
            f" run {run.attrs['run_id']}",
            fontsize=9,
        )
        matrix = lower.subplots()
        _correlations(matrix, values)
    return np.array([*grid[: len(values)], matrix], dtype=object)


def _marginal(axes: Axes, name: str, drawn: FloatArray, unit: str) -> None:
    low, high = np.quantile(drawn, [0.01, 0.99])
    log = bool(low > 0.0 and high / low > _WIDE)
    edges = np.geomspace(low, high, _BINS) if log else np.linspace(low, high, _BINS)
    if not high > low:
        edges = np.linspace(drawn.min(), drawn.max(), _BINS)
    axes.hist(drawn, bins=edges.tolist(), color=COLOURS[0], alpha=0.6)
    for q, style in ((0.05, ":"), (0.5, "-"), (0.95, ":")):
        axes.axvline(float(np.quantile(drawn, q)), color="0.2", linewidth=1.0, linestyle=style)
    if log:
        axes.set_xscale("log")
    axes.set_title(name, fontsize=8)
    axes.set_xlabel(unit, fontsize=7)
    axes.set_yticks([])
    axes.tick_params(labelsize=7)
    axes.minorticks_off()


def _correlations(axes: Axes, values: dict[str, FloatArray]) -> None:
    ranks = np.argsort(np.argsort(np.array(list(values.values())), axis=1), axis=1)
    rho = np.atleast_2d(np.corrcoef(ranks))
    image = axes.imshow(rho, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    positions = range(len(values))
    axes.set_xticks(positions, list(values), rotation=90, fontsize=7)
    axes.set_yticks(positions, list(values), fontsize=7)
    axes.grid(visible=False)
    for i in positions:
        for j in positions:
            if i != j and abs(rho[i, j]) >= 0.05:  # noqa: PLR2004 - smaller ones are noise to the eye
                axes.text(j, i, f"{rho[i, j]:.2f}", ha="center", va="center", fontsize=6.5)
    axes.set_title("Rank correlation (Spearman) over all values of choices", fontsize=9)
    bar = axes.get_figure().colorbar(image, ax=axes, shrink=0.8)  # type: ignore[union-attr]
    bar.set_label("Spearman's rho", fontsize=8)
