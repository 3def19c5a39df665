"""Figures of a back-test: forecasts from past dates beside observed values, and histograms of the PIT."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, STYLES, heading, house, panels, quantity_axis
from timecone.results.run_file.backtest import forecasts_of
from timecone.schema import JOINT_FIT, SERIES

_BINS = 10


def backtest(dataset: xr.Dataset) -> Figure:
    """Draw the joint fit's forecasts from each past date over what came.

    Parameters
    ----------
    dataset : Dataset
        A back-test.

    Returns
    -------
    Figure
        Table: the forecasts that are drawn.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.results.run_file.backtest import open_backtest
    >>> figure = tc.plots.backtest(open_backtest("backtest.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    table = forecasts_of(dataset)
    ours = table[table["method"] == JOINT_FIT]
    with house():
        axes = panels(3, 1, size=(8.2, 10.2))
        for panel, (target, (title, unit)) in zip(axes, SERIES.items(), strict=True):
            group = ours[ours["target"] == target]
            for i, (origin, rows) in enumerate(group.groupby("origin")):
                _draw_origin(
                    panel, f"from {origin}", rows, COLOURS[i % len(COLOURS)], STYLES[i % len(STYLES)]
                )
            came = group.drop_duplicates("year").sort_values("year")
            panel.plot(
                came["year"],
                came["observed"],
                "o-",
                color="0.1",
                markersize=4.0,
                linewidth=1.0,
                label="observed",
            )
            quantity_axis(panel, "", unit)
            panel.xaxis.set_major_locator(MaxNLocator(integer=True))
            panel.set_ylabel(unit.removeprefix("log10 "))
            heading(panel, title, columns=6)
        text = "Line: median forecast of the fit to the data before each date; band: its 90 % interval."
        notes = "The data are today's, with today's choice of notable models."
        inside = (ours["observed"] >= ours["p05"]) & (ours["observed"] <= ours["p95"])
        shares = {
            title: f"{int(inside[chosen].sum())} of {int(chosen.sum())} observed values in the 90 % interval"
            for target, (title, _) in SERIES.items()
            for chosen in [ours["target"] == target]
        }
        return of_backtest(
            axes, dataset, ours, (text, notes, alt_text.of_rows("Forecasts and outcomes", shares))
        )


def pit(dataset: xr.Dataset) -> Figure:
    """Draw histograms of the probability integral transforms of observed values in the joint fit's forecasts.

    Parameters
    ----------
    dataset : Dataset
        A back-test.

    Returns
    -------
    Figure
        Table: target, low, high (of a bin), forecasts.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.results.run_file.backtest import open_backtest
    >>> figure = tc.plots.pit(open_backtest("backtest.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    table = forecasts_of(dataset)
    ours = table[table["method"] == JOINT_FIT]
    rows: list[dict[str, Any]] = []
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    with house():
        axes = panels(1, 3, size=(10.0, 3.9), sharey=True)
        for panel, (target, (title, _)) in zip(axes, SERIES.items(), strict=True):
            counts = np.histogram(ours.loc[ours["target"] == target, "pit"], edges)[0]
            panel.bar(edges[:-1], counts, np.diff(edges), align="edge", color=COLOURS[0], edgecolor="white")
            panel.axhline(counts.sum() / _BINS, color="0.2", linewidth=1.0, linestyle="--")
            panel.set_title(textwrap.fill(title, 32), fontsize=9.0)
            panel.set_xlabel("probability that the forecast gave to less")
            rows += [
                {"target": target, "low": low, "high": high, "forecasts": int(n)}
                for low, high, n in zip(edges[:-1], edges[1:], counts, strict=True)
            ]
        axes[0].set_ylabel("forecasts")
        axes[0].yaxis.set_major_locator(MaxNLocator(integer=True))
        text = "Calibrated forecasts give flat bars, as the dashed line; too wide ones give a hump."
        notes = (
            "Forecasts of several years from one date share their errors, so the bars are not independent."
        )
        table = pd.DataFrame(rows)
        counts_of = {
            title: ", ".join(map(str, table.loc[table["target"] == target, "forecasts"]))
            for target, (title, _) in SERIES.items()
        }
        alt = alt_text.of_rows(f"Forecasts in {_BINS} bins from 0 to 1", counts_of)
        return of_backtest(axes, dataset, table, (text, notes, alt))


def _draw_origin(axes: Axes, label: str, rows: pd.DataFrame, colour: str, style: Any) -> None:
    axes.fill_between(rows["year"], rows["p05"], rows["p95"], color=colour, alpha=0.15, linewidth=0)
    # Edges in the style of the line, so that the bands are told apart in grey.
    for end in ("p05", "p95"):
        axes.plot(rows["year"], rows[end], color=colour, linestyle=style, linewidth=0.7, alpha=0.7)
    axes.plot(rows["year"], rows["p50"], color=colour, linestyle=style, linewidth=1.6, label=label)


def of_backtest(
    axes: tuple[Axes, ...], dataset: xr.Dataset, table: pd.DataFrame, texts: tuple[str, str, str]
) -> Figure:
    """Return a figure of a back-test with its caption, notes and alternative text."""
    identity, (text, notes, alt) = str(dataset.attrs["backtest_id"]), texts
    source = f"Back-test {identity}."
    return write_caption(
        Figure(
            axes,
            table.reset_index(drop=True),
            f"{text} {source}",
            (identity,),
            of="back-test",
            source=source,
            notes=notes,
            alt=alt,
        )
    )
