"""Runs side by side and pooled: the distribution function of each, and of their mixture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import house, line_style, new_axes, share
from timecone.results.run_file.access import headline, label
from timecone.results.run_file.curves import cdf
from timecone.results.run_file.pool import milestones_to_pool, normalised_weights, pooled_cdf
from timecone.results.tables.definitions import definitions_of

# Width of the line of the mixture, points.
_WIDTH = 2.8


def pool(
    runs: Mapping[str, xr.DataTree],
    weights: Mapping[str, float],
    quantity: str | Mapping[str, str] | None = None,
    *,
    axes: Axes | None = None,
) -> Figure:
    """Draw when milestones of several runs arrive, each apart and all pooled with their weights.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs by name.
    weights : mapping of str to float
        A weight of each run, not negative; a run with the weight 0 is drawn and not pooled.
    quantity : str or mapping of str to str, optional
        As of `timecone.pool`: a milestone that all runs have, or that of each run.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Figure
        Table: curve, milestone, date, probability, lower, upper, not_by_horizon. The caption says what each
        milestone means.

    Raises
    ------
    ArgumentError
        Weights or milestones do not fit the runs; see `timecone.pool`.

    Examples
    --------
    >>> import timecone as tc
    >>> runs = {name: tc.simulate(tc.load(name), draws=1000, seed=1) for name in ("baseline", "open_loop")}
    >>> figure = tc.plots.pool(runs, {"baseline": 3, "open_loop": 1})
    >>> figure.table["curve"].unique().tolist()
    ['baseline', 'open_loop', 'pooled']
    >>> figure.close()
    """
    part = normalised_weights(runs, weights)
    pooled = pooled_cdf(runs, weights, quantity)
    names = _milestones(runs, part, quantity)
    curves = {name: cdf(run, names[name]) for name, run in runs.items()}
    labels = {name: label(run, names[name]) for name, run in runs.items()}
    with house():
        own, axes = axes is None, new_axes(axes, size=(8.6, 5.2))
        for k, (name, curve) in enumerate(curves.items()):
            colour, style = line_style(k)
            weight = f"weight {part[name]:.3g}" if name in part else "not pooled"
            _line(axes, curve, f"{name}: {labels[name]}, {weight}", colour, style, 1.8)
        _line(axes, pooled, "pooled", "0.1", "-", _WIDTH)
        axes.legend(loc="best", handlelength=3.2)
        axes.set(
            xlim=(min(float(curve["date"][0]) for curve in curves.values()), float(pooled["date"][-1])),
            ylim=(0.0, 1.0),
            yticks=np.linspace(0.0, 1.0, 11),
            xlabel="Calendar date (year)",
            ylabel="Probability of arrival before the date",
            title=f"Arrival of {' or '.join(dict.fromkeys(labels.values()))}",
        )
        frames = [_frame(name, labels[name], curve) for name, curve in curves.items()]
        frames.append(_frame("pooled", " or ".join(dict.fromkeys(labels[name] for name in part)), pooled))
        text = "Shaded: 95 % Monte Carlo interval. Pooled: weighted mixture of the runs."
        notes = (
            f"The mixture is of outcomes, not an average of dates. {' '.join(definitions_of(runs, names))}"
        )
        table = pd.concat(frames, ignore_index=True)
        return finish([axes], runs, table, text, notes=notes, alt=alt_text.of_curves(table), own=own)


def _milestones(
    runs: Mapping[str, xr.DataTree], part: Mapping[str, float], quantity: str | Mapping[str, str] | None
) -> dict[str, str]:
    """Return the milestone of each run, those outside the pool included."""
    if isinstance(quantity, Mapping):
        return milestones_to_pool(runs, quantity)
    pooled = {name: runs[name] for name in part}
    name = next(iter(milestones_to_pool(pooled, quantity).values()))
    return {key: name if key in part else quantity or headline(run) for key, run in runs.items()}


def _line(axes: Axes, curve: xr.DataArray, text: str, colour: str, style: object, width: float) -> None:
    x = curve["date"].values
    axes.fill_between(x, curve["lower"].values, curve["upper"].values, color=colour, alpha=0.25, lw=0)
    rest = share(curve.attrs["not_by_horizon"], curve.attrs["not_by_horizon_error"])
    axes.plot(
        x,
        curve.values,
        color=colour,
        linestyle=style,
        linewidth=width,
        label=f"{text} (not by {x[-1]:g}: {rest})",
    )


def _frame(name: str, milestone: str, curve: xr.DataArray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "curve": name,
            "milestone": milestone,
            "date": curve["date"].values,
            "probability": curve.values,
            "lower": curve["lower"].values,
            "upper": curve["upper"].values,
            "not_by_horizon": curve.attrs["not_by_horizon"],
        }
    )
