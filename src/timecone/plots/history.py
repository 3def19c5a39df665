"""Figures of a fit to history: trends over their data, priors beside posteriors, predictive checks.

They read the posterior file that a fit writes, and nothing else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, GREY, draw_bands, heading, house, panels, power, quantity_axis
from timecone.schema import FloatArray

_PANELS = {
    "compute": ("Largest training run", "log10 FLOP"),
    "cost": ("Its amortised cost", "log10 USD of 2023"),
    "price_performance": ("Training FLOP per USD", "log10 FLOP/USD"),
    "chips_tensor": ("Chips' performance per price (tensor FP16)", "log10 FLOP/s/USD"),
}
_COLUMNS, _BINS = 4, 40


def history_trends(posterior: xr.DataTree) -> Figure:
    """Draw the fitted trends of the frontier over the records that they were fitted to.

    Parameters
    ----------
    posterior : DataTree
        As a fit writes it.

    Returns
    -------
    Figure
        Table: series, kind (trend, record, other), date, name, value, and the band's percentiles.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.history.joint.posterior import open_posterior
    >>> figure = tc.plots.history_trends(open_posterior("posterior.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    trend, observed = posterior["trend"].to_dataset(), posterior["observed_data"].to_dataset()
    rows: list[pd.DataFrame] = []
    with house():
        axes = panels(2, 2, size=(9.6, 7.4), sharex=False)
        for panel, (series, (title, unit)) in zip(axes, _PANELS.items(), strict=True):
            known = trend["time"].values >= _first(observed, series)
            time, bands = trend["time"].values[known], trend[series].values.T[known]
            draw_bands(panel, time, bands, of="posterior draws")
            marks = _marks(observed, trend, series)
            _draw_marks(panel, marks)
            panel.axvline(float(posterior.attrs["end"]), color=GREY, linewidth=1.0, linestyle=":")
            quantity_axis(panel, "", unit)
            panel.set_ylabel(unit.removeprefix("log10 "))
            _set_limits(panel, marks, bands)
            panel.set_title(title)
            panel.xaxis.set_major_locator(MaxNLocator(7, integer=True))
            rows += [marks.assign(series=series), _band_rows(series, time, bands)]
        _legend_above(axes[0])
        text = "Bands: fitted trend of record-setting runs, extrapolated right of the dotted line."
        notes = (
            "The trend excludes the scatter of single runs; right of the dotted line its growth varies as it"
            " did before. Hollow points are runs below the record at their release, and chips without tensor"
            " cores, shifted by the fitted difference between formats."
        )
        table = pd.concat(rows, ignore_index=True)
        return _finish(axes, posterior, table, (text, notes, _trends_alt(table)))


def history_priors(posterior: xr.DataTree) -> Figure:
    """Draw the prior of every parameter beside its posterior.

    Parameters
    ----------
    posterior : DataTree
        As a fit writes it.

    Returns
    -------
    Figure
        Table: parameter, low, high (of a bin), prior, posterior (densities).

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.history.joint.posterior import open_posterior
    >>> figure = tc.plots.history_priors(open_posterior("posterior.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    after, before = posterior["posterior"].to_dataset(), posterior["prior"].to_dataset()
    names = [str(name) for name in before.data_vars if before[name].ndim == 2]  # noqa: PLR2004 - (chain, draw)
    rows = []
    with house():
        count = -(-len(names) // _COLUMNS)
        axes = panels(count, _COLUMNS, size=(10.4, 1.9 * count + 0.6))
        for panel in axes[len(names) :]:
            panel.set_visible(False)
        for panel, name in zip(axes, names, strict=False):
            rows.append(_prior_panel(panel, name, before[name], after[name]))
        axes[0].legend(loc="upper left", fontsize=7.5)
        text = "Densities of the prior (grey) and of the posterior."
        notes = "Each axis covers the range of the posterior."
        medians = {name.replace("_", " "): alt_text.short(np.median(after[name].values)) for name in names}
        alt = alt_text.of_rows("Posterior medians", medians)
        table = pd.concat(rows, ignore_index=True)
        return _finish(axes[: len(names)], posterior, table, (text, notes, alt))


def history_checks(posterior: xr.DataTree) -> Figure:
    """Draw posterior predictive checks: statistics of the records among those of simulated records.

    Parameters
    ----------
    posterior : DataTree
        As a fit writes it.

    Returns
    -------
    Figure
        Table: series, statistic, observed, p05, p50, p95, p_value.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.history.joint.posterior import open_posterior
    >>> figure = tc.plots.history_checks(open_posterior("posterior.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    table = posterior["checks"].to_dataset().to_dataframe().reset_index(drop=True)
    with house():
        axes = panels(1, 1, size=(8.2, 5.6))
        panel = axes[0]
        place = np.arange(len(table))[::-1]
        width = (table["p95"] - table["p05"]).to_numpy(float)
        middle = table["p50"].to_numpy(float)
        scaled = {k: (table[k].to_numpy(float) - middle) / width for k in ("observed", "p05", "p95")}
        panel.hlines(place, scaled["p05"], scaled["p95"], color=COLOURS[0], linewidth=6.0, alpha=0.35,
                   label="90 % of simulated records")  # fmt: skip
        panel.plot(scaled["observed"], place, "o", color=COLOURS[1], label="the records")
        panel.axvline(0.0, color=GREY, linewidth=0.8)
        labels = [f"{s}: {t}" for s, t in zip(table["series"], table["statistic"], strict=True)]
        panel.set_yticks(place, labels)
        for height, p, x in zip(place, table["p_value"], scaled["observed"], strict=True):
            panel.annotate(f"p = {p:.2f}", (x, height), xytext=(0, 5), textcoords="offset points",
                         ha="center", fontsize=7.5, color="0.3")  # fmt: skip
        panel.set_xlabel("distance from their median, in widths of their 90 % interval")
        heading(panel, "Could the fitted model have produced these records?", columns=2)
        text = "p: share of simulated records with a larger statistic; near 0 or 1 the model does not fit."
        values = {
            f"{row['series']} {row['statistic']}": f"p = {row['p_value']:.2f}"
            for row in table.to_dict("records")
        }
        alt = alt_text.of_rows("Posterior predictive checks", values)
        return _finish(axes, posterior, table, (text, "", alt))


def _legend_above(axes: Axes) -> None:
    """Write one legend for all panels above them."""
    handles, labels = axes.get_legend_handles_labels()
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.legend(
        handles, labels, loc="outside upper left", ncols=len(handles), columnspacing=1.2, handlelength=1.8
    )


def _first(observed: xr.Dataset, series: str) -> float:
    dates = observed["chip_date"] if series == "chips_tensor" else observed["run_date"]
    return float(dates.min())


def _marks(observed: xr.Dataset, trend: xr.Dataset, series: str) -> pd.DataFrame:
    """Return a panel's records: date, name, value, kind."""
    if series == "chips_tensor":
        is_tensor = observed["is_tensor"].values > 0.0
        # FP32 chips are moved by the fitted difference of the formats' levels.
        shift = float((trend["chips_tensor"] - trend["chips_fp32"]).sel(level=50.0)[0])
        values = observed["performance"].values + np.where(is_tensor, 0.0, shift)
        kind = np.where(is_tensor, "record", "other")
        return pd.DataFrame(
            {"date": observed["chip_date"], "name": observed["chip"], "value": values, "kind": kind}
        )
    values = {
        "compute": observed["compute"],
        "cost": observed["cost"],
        "price_performance": observed["compute"] - observed["cost"],
    }[series].values
    kind = np.where(observed["is_record"].values > 0.0, "record", "other")
    marks = pd.DataFrame(
        {"date": observed["run_date"], "name": observed["run"], "value": values, "kind": kind}
    )
    return marks[np.isfinite(values)]


def _draw_marks(axes: Axes, marks: pd.DataFrame) -> None:
    for kind, face, label in (
        ("record", "0.15", "record at release"),
        ("other", "none", "other frontier run"),
    ):
        chosen = marks[marks["kind"] == kind]
        axes.plot(chosen["date"], chosen["value"], "o", markersize=3.6, markerfacecolor=face,
                  markeredgecolor="0.15", markeredgewidth=0.7, label=label)  # fmt: skip


def _set_limits(axes: Axes, marks: pd.DataFrame, bands: FloatArray) -> None:
    """Show all records and the trend from the first of them on."""
    known = bands[np.isfinite(bands[:, 2])]
    low = min(marks["value"].min(), known[0].min())
    high = max(marks["value"].max(), known[-1].max())
    axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))


def _band_rows(series: str, time: FloatArray, bands: FloatArray) -> pd.DataFrame:
    names = ("p05", "p25", "p50", "p75", "p95")
    return pd.DataFrame(
        {"series": series, "kind": "trend", "date": time, **dict(zip(names, bands.T, strict=True))}
    )


def _prior_panel(axes: Axes, name: str, before: xr.DataArray, after: xr.DataArray) -> pd.DataFrame:
    values = after.values.ravel()
    low, high = np.percentile(values, [0.2, 99.8])
    edges = np.linspace(low, high, _BINS + 1)
    prior = np.histogram(before.values.ravel(), edges)[0] / (before.size * np.diff(edges))
    posterior = np.histogram(values, edges)[0] / (values.size * np.diff(edges))
    axes.stairs(prior, edges, fill=True, color="0.75", label="prior")
    axes.stairs(posterior, edges, color=COLOURS[0], linewidth=1.4, label="posterior")
    axes.set_title(name.replace("_", " "), fontsize=8.5)
    unit = str(after.attrs["units"])
    axes.set_xlabel("" if unit == "1" else unit, fontsize=7.5)
    axes.tick_params(labelsize=7.5)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_yticks([])
    axes.grid(visible=False)
    return pd.DataFrame(
        {"parameter": name, "low": edges[:-1], "high": edges[1:], "prior": prior, "posterior": posterior}
    )


def _trends_alt(table: pd.DataFrame) -> str:
    """State the last median of each trend with its range."""
    last = {}
    for series, (title, unit) in _PANELS.items():
        trend = table[(table["series"] == series) & (table["kind"] == "trend")].iloc[-1]
        low, middle, high = (power(round(float(trend[key]), 1)) for key in ("p05", "p50", "p95"))
        last[title] = f"{middle} {unit.removeprefix('log10 ')} ({low} to {high}) in {trend['date']:.1f}"
    return alt_text.of_rows("End of each trend, median and 5 to 95 %", last)


def _finish(
    axes: tuple[Axes, ...], posterior: xr.DataTree, table: pd.DataFrame, texts: tuple[str, str, str]
) -> Figure:
    """Return the figure with its caption, notes and alternative text."""
    about, sizes, (text, notes, alt) = posterior.attrs, posterior["posterior"].sizes, texts
    source = f"Evidence until {float(about['end']):.1f}; fit {about['fit_id']}."
    sampled = f"{sizes['chain']} chains of {sizes['draw']:,} draws, R-hat at most {float(about['rhat']):.3f}."
    return write_caption(
        Figure(
            axes,
            table,
            f"{text} {source}",
            (str(about["fit_id"]),),
            of="fit",
            source=source,
            notes=" ".join(filter(None, (notes, sampled))),
            alt=alt,
        )
    )
