"""Figure of the calibration of a back-test: shares of outcomes in central intervals, by method."""

from __future__ import annotations

import xarray as xr
from matplotlib.ticker import PercentFormatter

from timecone.plots import alt_text
from timecone.plots.backtest import of_backtest
from timecone.plots.figure import Figure
from timecone.plots.style import COLOURS, STYLES, house, panels
from timecone.results.run_file.backtest import forecasts_of
from timecone.results.run_file.calibration import calibration as shares_of

# Percent by which methods are set apart.
_APART = 1.1


def calibration(dataset: xr.Dataset) -> Figure:
    """Draw the share of outcomes in the central intervals of a back-test's forecasts.

    Parameters
    ----------
    dataset : Dataset
        A back-test of the joint fit or of series of records.

    Returns
    -------
    Figure
        Table: as `timecone.results.run_file.calibration.calibration` returns it.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.results.run_file.backtest import open_any_backtest
    >>> figure = tc.plots.calibration(open_any_backtest("backtest.nc"))
    >>> figure.table["mass"].unique().tolist()
    [50, 80, 90]
    >>> figure.close()
    """
    table = shares_of(forecasts_of(dataset))
    with house():
        axes = panels(1, 1, size=(7.0, 5.0))
        panel = axes[0]
        panel.plot([40.0, 100.0], [0.4, 1.0], color="0.2", linewidth=1.0, linestyle="--", label="calibrated")
        methods = list(dict.fromkeys(table["method"]))
        for k, method in enumerate(methods):
            rows = table[table["method"] == method]
            x = rows["mass"] + _APART * (k - (len(methods) - 1) / 2.0)
            reach = [
                (rows["share"] - rows["low"]).clip(lower=0.0),
                (rows["high"] - rows["share"]).clip(lower=0.0),
            ]
            panel.errorbar(
                x,
                rows["share"],
                yerr=[each.to_numpy(float) for each in reach],
                color=COLOURS[k % len(COLOURS)],
                linestyle=STYLES[k % len(STYLES)],
                marker="o",
                markersize=4.0,
                linewidth=1.2,
                capsize=2.0,
                label=f"{method}, {rows['forecasts'].iloc[0]} forecasts",
            )
        panel.set_xticks(sorted(set(table["mass"])), [f"{mass} %" for mass in sorted(set(table["mass"]))])
        panel.yaxis.set_major_formatter(PercentFormatter(1.0))
        panel.set_ylim(0.0, 1.05)
        panel.set_xlabel("central interval of the forecasts")
        panel.set_ylabel("outcomes inside")
        panel.legend(loc="lower right", fontsize=8.0)
        text = "Share of outcomes in the central intervals of the forecasts, with its 90 % sampling interval."
        notes = "The sampling interval takes all forecasts of a series from three years as one."
        listed = {
            method: ", ".join(
                f"{row['share']:.0%} in {row['mass']:.0f} %"
                for _, row in table[table["method"] == method].iterrows()
            )
            for method in methods
        }
        alt = alt_text.of_rows("Outcomes in central intervals", listed)
        return of_backtest(axes, dataset, table, (text, notes, alt))
