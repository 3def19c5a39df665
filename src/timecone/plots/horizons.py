"""Figure of time horizons: every model at its release, and the trend of the best with its band."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from timecone.plots import alt_text
from timecone.plots.figure import Figure, write_caption
from timecone.plots.style import COLOURS, GREY, STYLES, draw_bands, heading, house, new_axes
from timecone.schema import FloatArray

#: Ticks of working time, minutes: a day has 8 hours, a month 167, a year 2000.
_TICKS = {
    1.0 / 60.0: "1 s",
    1.0 / 6.0: "10 s",
    1.0: "1 min",
    10.0: "10 min",
    60.0: "1 h",
    480.0: "1 day",
    10_020.0: "1 month",
    120_000.0: "1 year",
    1_200_000.0: "10 years",
}
_LONGEST = 960.0


def horizons(fit: xr.DataTree) -> Figure:
    """Draw the time horizons of models over their release, and the fitted trend.

    Parameters
    ----------
    fit : DataTree
        As ``timecone fit`` writes it from a file of horizons.

    Returns
    -------
    Figure
        Table: series (model, or trend with its percentiles), name, date, minutes, is_best.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.history.horizons.posterior import open_horizons
    >>> figure = tc.plots.horizons(open_horizons("horizons.nc"))
    >>> len(figure.table) > 0
    True
    >>> figure.close()
    """
    trend, observed = fit["trend"].to_dataset(), fit["observed_data"].to_dataset()
    about = fit.attrs
    with house():
        axes = new_axes(None, size=(8.2, 5.4))
        time, bands = trend["time"].values, trend["line"].values.T
        draw_bands(axes, time, bands, of="draws of the trend")
        for k, first in enumerate(trend["first_year"].values):
            axes.plot(
                time,
                trend["by_first_year"].values[k],
                color=COLOURS[1 + k % 5],
                linewidth=1.1,
                linestyle=STYLES[1 + k % 5],
                label=f"median of fits from {first:g}",
            )
        _draw_models(axes, observed)
        axes.axhline(np.log2(_LONGEST), color=GREY, linewidth=1.0, linestyle=":")
        axes.text(
            time[0],
            np.log2(_LONGEST) + 0.2,
            "16 hours: the tasks measure no more",
            fontsize=7.5,
            color="0.35",
        )
        low = float(np.fmin(observed["low"].values, observed["horizon"].values).min())
        axes.set_ylim(max(low, np.log2(1e-3)) - 0.5, bands.max() + 0.5)
        axes.yaxis.set_major_locator(FixedLocator(np.log2(list(_TICKS)).tolist()))
        texts = list(_TICKS.values())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda _, k: texts[k or 0]))
        axes.set_xlabel("Calendar date (year)")
        axes.set_ylabel("Time horizon, working time of a human expert")
        percent = int(about["reliability"])
        heading(axes, f"Time horizon of AI models at {percent} % success", columns=3)
        text = "Filled: longest horizon at release, used for the trend. Bars: 95 % intervals."
        source = f"Fit {about['fit_id']}."
        notes = (
            "The bands are from a bootstrap over the filled points and their intervals, with fits from each"
            f" of the first years weighted equally. {about['evidence']}."
            f" {fit['posterior'].sizes['sample']:,} draws."
        )
        table = pd.concat([_model_rows(observed), _trend_rows(time, bands)], ignore_index=True)
        ends = [
            (alt_text.date(float(time[k])), f"{alt_text.short(np.exp2(bands[k, 2]))} minutes")
            for k in (0, -1)
        ]
        is_best = observed["is_best"].values
        best = f"{int(is_best.sum())} of {is_best.size} models are the best at their release."
        alt = f"{alt_text.of_rows(f'Median of the trend at {percent} % success', ends)} {best}"
        return write_caption(
            Figure(
                (axes,),
                table,
                f"{text} {source}",
                (str(about["fit_id"]),),
                of="fit",
                source=source,
                notes=notes,
                alt=alt,
            )
        )


def _draw_models(axes: Axes, observed: xr.Dataset) -> None:
    is_best = observed["is_best"].values.astype(bool)
    for chosen, face, label in ((is_best, "0.1", "best at release"), (~is_best, "white", "other models")):
        dates, level, low, high = (
            observed[name].values[chosen] for name in ("date", "horizon", "low", "high")
        )
        errors = np.nan_to_num(np.array([level - low, high - level]))
        axes.errorbar(
            dates,
            level,
            yerr=errors,
            fmt="o",
            markersize=4.5,
            color="0.1",
            markerfacecolor=face,
            elinewidth=0.8,
            linewidth=0.0,
            label=label,
            zorder=3.0,
        )


def _model_rows(observed: xr.Dataset) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "series": "model",
            "name": observed["model"].values.astype(str),
            "date": observed["date"].values,
            "minutes": np.exp2(observed["horizon"].values),
            "low": np.exp2(observed["low"].values),
            "high": np.exp2(observed["high"].values),
            "is_best": observed["is_best"].values.astype(bool),
        }
    )


def _trend_rows(time: FloatArray, bands: FloatArray) -> pd.DataFrame:
    names = ("p05", "p25", "minutes", "p75", "p95")
    values = {name: np.exp2(bands[:, k]) for k, name in enumerate(names)}
    return pd.DataFrame({"series": "trend", "name": "", "date": time} | values)
