"""Distribution functions of arrivals and of the takeoff duration.

The axis runs from 0 to 1 and the curve stops at the horizon; the mass beyond it is written beside the curve.
Nothing is smoothed and nothing is renormalised.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots.style import COLOURS, STYLES, caption, house, new_axes
from timecone.results import curves
from timecone.results.access import choices, headline, label, milestones
from timecone.results.tables import accounts, attempt
from timecone.schema import TAKEOFF

type Curve = tuple[str, xr.DataArray]


def cdf(
    run: xr.DataTree | Mapping[str, xr.DataTree],
    quantity: str | None = None,
    *,
    axes: Axes | None = None,
) -> Axes:
    """Draw when milestones arrive.

    Parameters
    ----------
    run : DataTree or mapping of str to DataTree
        One run: all its milestones, or one of them by value of each choice. Several: one milestone of each.
    quantity : str, optional
        A milestone; the headline by default where several runs are given.
    axes : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    first: xr.DataTree
    if quantity == TAKEOFF:
        raise ArgumentError("a duration has no date", where="quantity", got=quantity, remedy="Draw takeoff.")
    if isinstance(run, xr.DataTree):
        first = run
        found = _of_one(run, quantity)
        title = "Arrival of each milestone" if quantity is None else f"Arrival of {label(run, quantity)}"
    else:
        first = next(iter(run.values()))
        wanted = quantity or headline(first)
        found = [(name, curves.cdf(one, wanted)) for name, one in run.items()]
        title = f"Arrival of {label(first, wanted)}"
    last = float(first.attrs["horizon"])
    with house():
        axes = new_axes(axes)
        _draw(axes, found, lambda name, rest: f"{name} (not by {last:g}: {rest:.1%})")
        axes.set(
            xlim=(float(first.attrs["start"]), last),
            xlabel="Calendar date (year)",
            ylabel="Probability of arrival before the date",
            title=f"{title}: {first.attrs['name']}" if isinstance(run, xr.DataTree) else title,
        )
        caption(axes, first, "Shaded: 95 % Monte Carlo interval.")
    return axes


def _of_one(run: xr.DataTree, quantity: str | None) -> list[Curve]:
    if quantity is None:
        return [(label(run, name), curves.cdf(run, name)) for name in milestones(run)]
    found = [(f"{label(run, quantity)}, all", curves.cdf(run, quantity))]
    for choice, values in choices(run).items():
        for value in values:
            curve = attempt(curves.cdf, run, quantity, where={choice: value})
            if curve is not None:
                found.append((value, curve))
    return found


def takeoff(run: xr.DataTree | Mapping[str, xr.DataTree], *, axes: Axes | None = None) -> Axes:
    """Draw how long the takeoff lasts, from the first to the last milestone of it.

    Draws that do not arrive by the horizon have no duration: their share keeps the curve below 1.
    """
    runs = {str(run.attrs["name"]): run} if isinstance(run, xr.DataTree) else dict(run)
    first = next(iter(runs.values()))
    found = [(name, curves.cdf(one, TAKEOFF, step=0.05)) for name, one in runs.items()]
    words = first["outcomes"][TAKEOFF].attrs.get("long_name", "takeoff duration")
    with house():
        axes = new_axes(axes)
        _draw(axes, found, lambda name, rest: f"{name} (no arrival by the horizon: {rest:.1%})")
        axes.set_xscale("log")
        axes.set(
            xlim=(0.1, max(float(first.attrs["horizon"]) - float(first.attrs["start"]), 1.0)),
            xlabel="Takeoff duration (years, logarithmic)",
            ylabel="Probability of a shorter takeoff",
            title=f"Takeoff duration: {words}",
        )
        ticks = [t for t in (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0) if t <= axes.get_xlim()[1]]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.minorticks_off()
        share = accounts(first)["takeoff_from_start"] / max(accounts(first)["counted"], 1)
        caption(
            axes, first,
            f"Shaded: 95 % Monte Carlo interval. In {share:.0%} of draws it began before"
            f" {float(first.attrs['start']):g} and is counted from there.\n",
        )  # fmt: skip
    return axes


def _draw(axes: Axes, found: list[Curve], describe: object) -> None:
    for k, (name, curve) in enumerate(found):
        colour = COLOURS[k % len(COLOURS)]
        x = curve["date"].values
        axes.fill_between(x, curve["lower"].values, curve["upper"].values, color=colour, alpha=0.25, lw=0)
        axes.plot(
            x,
            curve.values,
            color=colour,
            linestyle=STYLES[k % len(STYLES)],
            linewidth=1.8,
            label=describe(name, curve.attrs["not_by_horizon"]),  # type: ignore[operator]
        )
    axes.set(ylim=(0.0, 1.0), yticks=np.linspace(0.0, 1.0, 11))
    axes.legend(loc="lower right")
