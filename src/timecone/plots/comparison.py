"""Two runs compared: their distribution functions, and how far each draw moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.errors import ArgumentError
from timecone.plots import alt_text
from timecone.plots.figure import Figure, finish
from timecone.plots.style import COLOURS, GREY, STYLES, house, panels
from timecone.results.run_file.access import is_duration, label
from timecone.results.run_file.compare import Comparison, compare
from timecone.results.run_file.curves import cdf
from timecone.results.tables.accounts import sentence as capitalised

_YEARS = 40.0


def comparison(first: xr.DataTree, second: xr.DataTree, quantity: str | None = None) -> Figure:
    """Draw the distribution functions of two runs, and how many draws move by how much.

    Parameters
    ----------
    first, second : DataTree
        Runs of one model.
    quantity : str, optional
        A milestone or a duration; the headline by default.

    Returns
    -------
    Figure
        The distribution functions, and below them, where the runs share random numbers, the shifts; the mass
        that moves to or from "not reached" stands apart. Table: curve, date, probability of the first panel.

    Raises
    ------
    ArgumentError
        The runs cannot be compared.

    Examples
    --------
    >>> import timecone as tc
    >>> scenario = tc.load("baseline")
    >>> slow = scenario.replace({"deployment.delay": tc.Uniform(low=3, high=9, unit="year")}, name="slow")
    >>> figure = tc.plots.comparison(*(tc.simulate(s, draws=2000, seed=1, paths=0) for s in (scenario, slow)))
    >>> figure.close()
    """
    return comparison_of(first, second, compare(first, second, quantity))


def comparison_of(first: xr.DataTree, second: xr.DataTree, compared: Comparison) -> Figure:
    """Draw a comparison that is made already; see `comparison`."""
    name = compared.quantity
    names = (
        compared.names
        if compared.names[0] != compared.names[1]
        else (f"{compared.names[0]} (first)", f"{compared.names[1]} (second)")
    )
    with house():
        axes = panels(2 if compared.paired else 1, size=(7.6, 7.4 if compared.paired else 4.8))
        frames = []
        for k, (run, name_of_run) in enumerate(zip((first, second), names, strict=True)):
            curve = cdf(run, name)
            axes[0].plot(
                curve["date"], curve, color=COLOURS[k], linestyle=STYLES[k], linewidth=1.8, label=name_of_run
            )
            frames.append(
                pd.DataFrame(
                    {"curve": name_of_run, "date": curve["date"].values, "probability": curve.values}
                )
            )
        start = 0.0 if is_duration(first, name) else float(first.attrs["start"])
        axes[0].set(
            xlim=(start, start + _YEARS),
            ylim=(0.0, 1.0),
            ylabel="Probability of a shorter duration"
            if start == 0.0
            else "Probability of arrival before the date",
            xlabel="Duration (years)" if start == 0.0 else "Calendar date (year)",
        )
        title = label(first, name)
        axes[0].set_title(capitalised(title) if start == 0.0 else f"Arrival of {title}", loc="left")
        axes[0].legend(loc="lower right")
        if compared.paired:
            _draw_shifts(axes[1], compared)
        sides = dict(zip(names, (first, second), strict=True))
        text = "Probability before a date." if start else "Probability of a shorter duration."
        notes = ""
        if compared.paired:
            text += " Below: how far each draw moves."
            notes = "Shifts are of the draws that count in either run."
        table = pd.concat(frames, ignore_index=True)
        alt = alt_text.of_curves(table, unit="" if start else " years")
        return finish(axes, sides, table, text, notes=notes, alt=alt)


def _draw_shifts(axes: Axes, compared: Comparison) -> None:
    if not compared.shifts:
        raise ArgumentError("seeds-differ", "the runs do not share random numbers", where="compare")
    about = compared.shifts.attrs
    names, shares = [], []
    for low, high, share in zip(
        *(compared.shifts[k].values for k in ("lower_edge", "upper_edge", "share")), strict=True
    ):
        names.append(
            f"< {high:g}" if np.isinf(low) else f"> {low:g}" if np.isinf(high) else f"{low:g} to {high:g}"
        )
        shares.append(share)
    places = np.arange(len(names))
    axes.bar(places, 100.0 * np.array(shares), color=COLOURS[0], edgecolor="0.25", linewidth=0.6)
    apart = {
        "to not\nreached": "to_not_reached",
        "from not\nreached": "from_not_reached",
        "not in\nboth": "not_reached_in_both",
        "first\nonly": "only_first",
        "second\nonly": "only_second",
    }
    further = places[-1] + 2.0 + np.arange(len(apart))
    axes.bar(
        further,
        [100.0 * about[key] for key in apart.values()],
        color=GREY,
        hatch="///",
        edgecolor="0.25",
        linewidth=0.6,
    )
    axes.set_xticks(
        [*places, *further], [*names, *apart], fontsize=7.5, rotation=45, ha="right", rotation_mode="anchor"
    )
    axes.grid(axis="x", visible=False)
    first, second = compared.names
    axes.set(ylabel="share of draws (%)", xlabel=f"shift in years, {second} less {first}")
