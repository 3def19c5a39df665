"""Figure of the supply of compute: the run that it allows, the largest runs, and the chips themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, GREY, draw_bands, heading, house, panels, quantity_axis
from timecone.schema import FloatArray

#: The last year that is drawn; the fan of later ones hides the rest.
_LAST = 2031.0
_SERIES = ("largest owner, h100e", "largest site, h100e")


def supply(fit: xr.DataTree) -> Figure:
    """Draw the training run that the supply of chips and sites allows, the largest runs, and the supply.

    Parameters
    ----------
    fit : DataTree
        As ``timecone fit`` writes it from files of sites and stocks.

    Returns
    -------
    Figure
        Table: series (bound, a series of supply, or run), kind (trend, point, plan, run), date, name, value
        (log10) and the band's percentiles.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.history.supply.fit import open_supply
    >>> figure = tc.plots.supply(open_supply("supply.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    bound, trend = fit["bound"].to_dataset(), fit["trend"].to_dataset()
    observed = fit["observed_data"].to_dataset().to_dataframe()
    about = fit.attrs
    rows: list[pd.DataFrame] = []
    with house():
        axes = panels(1, 2, size=(10.6, 5.2), sharex=False)
        shown = bound["time"].values <= _LAST
        time, bands = bound["time"].values[shown], bound["compute"].values.T[shown]
        draw_bands(axes[0], time, bands, of="the bound")
        rows.append(_band_rows("bound", time, bands))
        if "runs" in fit.children:
            rows.append(_draw_runs(axes[0], fit["runs"].to_dataset()))
        axes[0].axvline(float(about["as_of"]), color=GREY, linewidth=1.0, linestyle=":")
        quantity_axis(axes[0], "", "log10 FLOP")
        axes[0].set_ylabel("Training compute of one run (FLOP)")
        heading(axes[0], "Upper bound on the largest run", columns=2)
        for k, name in enumerate(_SERIES):
            levels = trend["level_of"].sel(series=name).values.T[shown]
            rows += _draw_series(axes[1], time, levels, observed[observed["series"] == name], name, k)
        quantity_axis(axes[1], "", "log10 H100 equivalent")
        axes[1].set_ylabel("H100 equivalents")
        heading(axes[1], "Chips at the largest site and owner", columns=2)
        for panel in axes:
            panel.set_xlabel("Calendar date (year)")
            panel.xaxis.set_major_locator(MaxNLocator(7, integer=True))
        text = "Dotted line: date of the evidence. Right: filled points exist, hollow ones are planned."
        source = f"Fit {about['fit_id']}."
        notes = (
            "Left: compute of the largest run that sites and chips allow, given its length, utilisation,"
            " number format and share of the chips. Diamonds: largest runs at release, in timecone's own"
            f" table. Right: trends of chips, bands 5 to 95 %. {fit['posterior'].sizes['sample']:,} draws."
        )
        alt = alt_text.of_bands("Upper bound on the largest run", time, bands, "log10 FLOP")
        table = pd.concat(rows, ignore_index=True)
        return write_caption(
            Figure(
                axes,
                table,
                f"{text} {source}",
                (str(about["fit_id"]),),
                of="fit",
                source=source,
                notes=notes,
                alt=alt,
            )
        )


def _draw_runs(axes: Axes, runs: xr.Dataset) -> pd.DataFrame:
    date, level = runs["date"].values, runs["compute"].values
    axes.plot(
        date,
        level,
        "D",
        color="0.1",
        markersize=4.5,
        linewidth=0.0,
        label="largest run at release",
        zorder=3.0,
    )
    if len(level):
        for k in {int(np.argmax(level)), len(level) - 1}:
            axes.annotate(
                str(runs["run"].values[k]),
                (date[k], level[k]),
                xytext=(5, -9),
                textcoords="offset points",
                fontsize=7.5,
                color="0.25",
            )
    return pd.DataFrame(
        {"series": "run", "kind": "run", "date": date, "name": runs["run"].values.astype(str), "value": level}
    )


def _draw_series(
    axes: Axes, time: FloatArray, levels: FloatArray, points: pd.DataFrame, name: str, number: int
) -> list[pd.DataFrame]:
    colour = COLOURS[number]
    label = name.partition(",")[0]
    axes.fill_between(time, levels[:, 0], levels[:, 4], color=colour, alpha=0.2, linewidth=0)
    axes.plot(
        time,
        levels[:, 2],
        color=colour,
        linewidth=1.8,
        linestyle=("-", "--")[number],
        label=label,
    )
    is_planned = points["is_planned"].to_numpy(bool)
    for chosen, face, what in ((~is_planned, colour, "exists"), (is_planned, "white", "planned")):
        if not chosen.any():
            continue
        axes.plot(
            points["date"].to_numpy()[chosen],
            points["value"].to_numpy()[chosen],
            "os"[number],
            color=colour,
            markerfacecolor=face,
            markersize=4.5,
            linewidth=0.0,
            label=what if what not in _labels(axes) else None,
        )
    marks = pd.DataFrame(
        {
            "series": name,
            "kind": np.where(is_planned, "plan", "point"),
            "date": points["date"].to_numpy(),
            "name": points["name"].to_numpy(),
            "value": points["value"].to_numpy(),
        }
    )
    return [marks, _band_rows(name, time, levels)]


def _labels(axes: Axes) -> list[str]:
    return list(axes.get_legend_handles_labels()[1])


def _band_rows(series: str, time: FloatArray, bands: FloatArray) -> pd.DataFrame:
    values = {name: bands[:, k] for k, name in enumerate(("p05", "p25", "value", "p75", "p95"))}
    return pd.DataFrame({"series": series, "kind": "trend", "date": time, "name": ""} | values)
