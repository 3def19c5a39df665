"""Figures of runs of the compute model: automation of tasks, and spending against its caps, over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from timecone.models.compute.analysis import SPENDING, spending_caps
from timecone.plots import alt_text
from timecone.plots.fan import extrapolated, window
from timecone.plots.figure import Figure, finish
from timecone.plots.style import (
    COLOURS,
    FAN,
    STYLES,
    draw_bands,
    heading,
    house,
    panels,
    quantity_axis,
    share,
)
from timecone.results.estimators.sample import SortedSample
from timecone.results.run_file.access import counted_draws, group, headline, label, milestones
from timecone.results.run_file.curves import cdf
from timecone.results.run_file.probabilities import probability_before
from timecone.results.run_file.trajectories import percentiles_of_paths, trajectories
from timecone.schema import EXTRA_BEFORE, OUTCOMES

#: Trajectory of the share of tasks that AI can do, and the extra that dates when a cap is reached.
AUTOMATION = "automation_share"
CAP_REACHED = "cap_reached"

type Curve = tuple[str, xr.DataArray]

_SIZE = (7.0, 7.0)
_RATIOS = {"height_ratios": [1.5, 1.0]}
_CAP_COLOUR = COLOURS[1]


def automation(run: xr.DataTree, *, until: float | None = None) -> Figure:
    """Draw the share of tasks that AI can do over time, and how likely each milestone on the way is.

    Parameters
    ----------
    run : DataTree
        A run that stores trajectories.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.

    Returns
    -------
    Figure
        Above the fan of the share, from the stored paths; below the distribution functions of the milestones
        up to the headline, from all draws. Table: part (share, probability), quantity, time, percentile,
        value, lower, upper.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.models.compute import figures
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = figures.automation(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    start, end = window(run, until)
    bands = percentiles_of_paths(trajectories(run, AUTOMATION), FAN).sel(time=slice(start, end))
    names = milestones(run)
    names = names[: names.index(headline(run)) + 1]
    drawn = [(label(run, name), cdf(run, name)) for name in names]
    with house():
        upper, lower = panels(2, size=_SIZE, sharex=True, gridspec_kw=_RATIOS)
        draw_bands(upper, bands["time"].values, bands.values, of="paths")
        quantity_axis(upper, str(bands.attrs.get("long_name", AUTOMATION)), "1")
        upper.set(ylim=(-0.02, 1.02))
        heading(upper, f"Automation: {run.attrs['name']}")
        _curves(lower, drawn, (start, end), "Probability by the date")
        table = pd.concat([_fan_rows(bands, "share", AUTOMATION), _curve_rows(drawn, end)], ignore_index=True)
        text = (
            f"Above: percentiles at each date, from {bands.attrs['paths']:,} stored paths. Below: all draws."
        )
        notes = (
            "Tasks are economically valuable tasks that can be done remotely. Shaded below: 95 % Monte Carlo"
            f" interval. {extrapolated(run)}"
        )
        share_of_tasks = alt_text.of_bands(
            "Share of tasks that AI can do", bands["time"].values, bands.values
        )
        alt = f"{share_of_tasks} {_curves_alt(table)}"
        return finish([upper, lower], run, table, text, notes=notes, alt=alt)


def spending(run: xr.DataTree, *, until: float | None = None) -> Figure:
    """Draw what the largest run costs over time against the caps that bound it.

    Parameters
    ----------
    run : DataTree
        A run that stores trajectories and has the caps among its inputs.
    until : float, optional
        Right end of the time axis; 40 years after the start, or the horizon if that is sooner.

    Returns
    -------
    Figure
        Above the fans of spending and of its caps, from the stored paths; below the probability that a cap
        has been reached, where the run says so. Table: part (spending, cap of output, absolute cap,
        probability), quantity, time, percentile, value, lower, upper.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.models.compute import figures
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=20)
    >>> figure = figures.spending(run)
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    start, end = window(run, until)
    paid = trajectories(run, SPENDING)
    of_output, absolute = spending_caps(run)
    bands = percentiles_of_paths(paid, FAN).sel(time=slice(start, end))
    caps = percentiles_of_paths(of_output, FAN).sel(time=slice(start, end))
    rows = [_fan_rows(bands, "spending", SPENDING), _fan_rows(caps, "cap of output", SPENDING)]
    reached = _cap_reached(run)
    with house():
        axes = panels(2 if reached else 1, size=_SIZE if reached else (7.0, 4.8), sharex=True,
                      gridspec_kw=_RATIOS if reached else {})  # fmt: skip
        draw_bands(axes[0], bands["time"].values, bands.values, of="paths")
        _draw_cap(axes[0], caps)
        level = float(np.quantile(absolute, 0.5, method="inverted_cdf"))
        if np.isfinite(absolute).any():
            rows.append(_absolute_rows(absolute))
        if np.isfinite(level):
            axes[0].axhline(level, color="0.2", linestyle=":", linewidth=1.6, label="absolute cap: median")
        quantity_axis(axes[0], str(bands.attrs.get("long_name", SPENDING)), str(bands.attrs["units"]))
        axes[0].set(xlim=(start, end))
        heading(axes[0], f"Spending against its caps: {run.attrs['name']}", columns=3)
        if reached:
            _curves(axes[1], reached, (start, end), "Probability by the date")
            _mark_years(axes[1], reached[0][1], start, end)
            rows.append(_curve_rows(reached, end))
        else:
            axes[0].set_xlabel("Calendar date (year)")
        text = f"Above: percentiles at each date, from {bands.attrs['paths']:,} stored paths."
        notes = (
            "A cap is approached gradually: where the trend alone would reach it, spending is half of it."
            f" {extrapolated(run)}"
        )
        if reached:
            text += f" Below: {reached[0][1].attrs['draws']:,} stored draws."
            notes = f"Shaded below: 95 % Monte Carlo interval. {notes}"
        table = pd.concat(rows, ignore_index=True)
        cost = alt_text.of_bands(
            "Cost of the largest run", bands["time"].values, bands.values, str(bands.attrs["units"])
        )
        return finish(axes, run, table, text, notes=notes, alt=f"{cost} {_curves_alt(table)}".strip())


def _curves_alt(table: pd.DataFrame) -> str:
    """Describe the distribution functions of a table, if it has any."""
    curves = table[table["part"] == "probability"].rename(
        columns={"quantity": "curve", "time": "date", "value": "probability"}
    )
    return alt_text.of_curves(curves) if len(curves) else ""


def _draw_cap(axes: Axes, caps: xr.DataArray) -> None:
    time = caps["time"].values
    for k, text in ((0, "cap by output: 5, 95 %"), (4, None), (2, "cap by output: median")):
        style, width = ("--", 1.8) if k == 2 else ("-.", 1.0)  # noqa: PLR2004 - the median's place
        axes.plot(time, caps.values[:, k], color=_CAP_COLOUR, linestyle=style, linewidth=width, label=text)


def _cap_reached(run: xr.DataTree) -> list[Curve]:
    """Return the distribution function of the date at which a cap is reached; nothing if none is stored."""
    outcomes, chosen = group(run, OUTCOMES), counted_draws(run, None)
    if CAP_REACHED not in outcomes or not chosen.any():
        return []
    values = SortedSample(np.sort(outcomes[CAP_REACHED].values[chosen]))
    start, horizon = float(run.attrs["start"]), float(run.attrs["horizon"])
    dates = np.append(np.arange(start, horizon, 0.25), horizon)
    about = outcomes[CAP_REACHED].attrs
    meaning, first = str(about.get("long_name", CAP_REACHED)), str(about.get(EXTRA_BEFORE))
    meaning += f" before {label(run, first)}" if first in milestones(run) else ""
    return [(meaning, probability_before(values, dates))]


def _mark_years(axes: Axes, curve: xr.DataArray, start: float, end: float) -> None:
    """Write the probability at a few dates beside the curve."""
    time = curve["date"].values
    for date in np.linspace(start, end, 5)[1:-1]:
        k = int(np.searchsorted(time, date))
        p = float(curve.values[k])
        axes.plot(time[k], p, "o", color=COLOURS[0], markeredgecolor="white", ms=5)
        # The curve rises, so there is room below it to the right, unless it is at the bottom.
        low = p < 0.1  # noqa: PLR2004
        text = f"{share(p, float(curve['standard_error'][k]))} before {time[k]:g}"
        axes.annotate(text, (time[k], p), xytext=(-6, 7) if low else (4, -12), textcoords="offset points",
                      fontsize=8, ha="right" if low else "left")  # fmt: skip


def _curves(axes: Axes, drawn: Sequence[Curve], limits: tuple[float, float], ylabel: str) -> None:
    for k, (name, curve) in enumerate(drawn):
        x, colour = curve["date"].values, COLOURS[k % len(COLOURS)]
        axes.fill_between(x, curve["lower"].values, curve["upper"].values, color=colour, alpha=0.25, lw=0)
        axes.plot(x, curve.values, color=colour, linestyle=STYLES[k % len(STYLES)], linewidth=1.8, label=name)
    axes.set(xlim=limits, ylim=(0.0, 1.0), xlabel="Calendar date (year)", ylabel=ylabel)
    axes.legend(loc="best", handlelength=3.2)


_COLUMNS = ["part", "quantity", "time", "percentile", "value", "lower", "upper"]


def _fan_rows(bands: xr.DataArray, part: str, name: str) -> pd.DataFrame:
    frame = bands.drop_attrs().rename("value").to_dataframe().reset_index()
    return frame.assign(part=part, quantity=name).reindex(columns=_COLUMNS)


def _absolute_rows(values: np.ndarray) -> pd.DataFrame:
    quantiles = np.quantile(values, np.array(FAN) / 100.0, method="inverted_cdf")
    frame = pd.DataFrame(
        {"percentile": FAN, "value": quantiles, "part": "absolute cap", "quantity": SPENDING}
    )
    return frame.reindex(columns=_COLUMNS)


def _curve_rows(drawn: Sequence[Curve], end: float) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"time": c["date"].values, "value": c.values, "lower": c["lower"].values,
                      "upper": c["upper"].values, "part": "probability", "quantity": name})
        for name, curve in drawn
        for c in [curve.where(curve["date"] <= end, drop=True)]
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True).reindex(columns=_COLUMNS)
