"""Predictions from a stored fit: what the fitted trend says of the largest value at a later date.

The largest run is that of the back-test of the joint fit: the present record stands, or a later one was set
some time before the date. The largest site is the trend of the fit of supply with the spread of the sites
about it. The longest horizon is the present one, or the trend at the date with the scatter of models about
it, which has Student's distribution because its size is estimated from few models.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError, UsageError
from timecone.history.backtest.forecasts import TrendForecast
from timecone.history.backtest.observed import ObservedValue
from timecone.history.fit_file import open_fit
from timecone.history.horizons import posterior as horizons
from timecone.history.joint.posterior import draws_of, observations_of, open_posterior
from timecone.history.predictions.prediction import Prediction
from timecone.history.supply.fit import open_supply
from timecone.schema import BACKTEST_KIND, HORIZONS_KIND, SUPPLY_KIND, FloatArray
from timecone.units import decimal_year
from timecone.version import __version__

_LEVELS: Final = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)
_MONTHS, _LOG10_2, _MINUTES = 12.0, float(np.log10(2.0)), 60.0
#: Series of the fit of supply, by their names here.
_SITES: Final = {"largest_site": "largest site, h100e", "largest_site_power": "largest site, power"}
_REMEDY: Final = "timecone fit writes fits of runs, of sites and stocks, and of horizons."


def predictions_from(path: str | Path, day: date, *, made: date, seed: int = 2026) -> tuple[Prediction, ...]:
    """Return what a stored fit predicts for a day.

    Parameters
    ----------
    path : str or Path
        A fit of runs, of sites and stocks, or of horizons, as ``timecone fit`` writes it.
    day : date
        The day to predict.
    made : date
        Day of the prediction.
    seed : int, optional
        Of what is drawn here, from 0.

    Returns
    -------
    tuple of Prediction
        One for each series of the fit.

    Raises
    ------
    ArgumentError
        The day does not lie after the prediction and the evidence of the fit, or beyond the dates of the fit.
    UsageError
        The file cannot be read, or holds no fit.

    Examples
    --------
    >>> from datetime import date
    >>> (site, power) = predictions_from("supply.nc", date(2028, 8, 22), made=date(2026, 8, 22))
    >>> site.series, len(site.percentiles)
    ('largest_site', 5)
    """
    path = Path(path)
    if not made < day:
        raise ArgumentError(
            "prediction-not-ahead",
            "the day to predict is not after the day of the prediction",
            where="date",
            got=day.isoformat(),
            allowed=f"a day after {made.isoformat()}",
        )
    kind = str(open_fit(path, _REMEDY).attrs.get("kind", ""))
    if kind == BACKTEST_KIND:
        raise UsageError("not-a-fit", "a back-test predicts nothing", where=str(path), remedy=_REMEDY)
    if kind == SUPPLY_KIND:
        tree = open_supply(path)
        found = _of_sites(tree, decimal_year(day))
    elif kind == HORIZONS_KIND:
        tree = horizons.open_horizons(path)
        found = _of_horizons(tree, decimal_year(day), seed)
    else:
        tree = open_posterior(path)
        found = _of_runs(tree, decimal_year(day), seed)
    return tuple(
        Prediction(series, made, day, percentiles, str(tree.attrs.get("fit_id", "")), path.name, __version__)
        for series, percentiles in found.items()
    )


type _Percentiles = tuple[tuple[float, float], ...]


def _of_draws(values: FloatArray) -> _Percentiles:
    levels = zip(_LEVELS, np.percentile(values, _LEVELS).tolist(), strict=True)
    return tuple((level, round(value, 4)) for level, value in levels)


def _of_runs(tree: xr.DataTree, day: float, seed: int) -> dict[str, _Percentiles]:
    observations = observations_of(tree)
    _require_after(day, observations.end)
    stored = tree["observed_data"].to_dataset()
    runs = pd.DataFrame(
        {
            "date": stored["run_date"].values,
            "training_compute": 10.0 ** stored["compute"].values,
            "cost": 10.0 ** stored["cost"].values,
        }
    )
    forecast = TrendForecast(draws_of(tree), observations, runs, seed)
    asked = ObservedValue("compute", int(np.floor(day)), day, float("nan"), 0)
    return {"largest_run": _of_draws(forecast.members(asked))}


def _of_sites(tree: xr.DataTree, day: float) -> dict[str, _Percentiles]:
    from scipy import special  # noqa: PLC0415 - only predictions need it

    trend = tree["trend"].to_dataset()
    dates = trend["time"].values
    _require_after(day, float(tree.attrs["as_of"]))
    if day > dates[-1]:
        raise ArgumentError(
            "prediction-beyond-fit",
            "the fit does not reach this day",
            where="date",
            got=round(day, 2),
            allowed=f"a day before {dates[-1]:g}",
        )
    found = {}
    for series, name in _SITES.items():
        bands = trend["level_of"].sel(series=name).transpose("level", "time").values
        levels = trend["level"].values
        line = np.array([np.interp(day, dates, band) for band in bands])
        middle = float(line[levels.tolist().index(50.0)])
        scatter = special.ndtri(levels / 100.0) * float(trend["residual"].sel(series=name))
        # The scatter of sites about the trend is independent of where the trend lies.
        values = middle + np.sign(line - middle) * np.hypot(line - middle, scatter)
        found[series] = tuple(
            (float(level), round(float(value), 4)) for level, value in zip(levels, values, strict=True)
        )
    return found


def _of_horizons(tree: xr.DataTree, day: float, seed: int) -> dict[str, _Percentiles]:
    about = tree.attrs
    start, reliability = float(about["start"]), int(about["reliability"])
    _require_after(day, float(about["newest"]))
    drawn = tree["posterior"].to_dataset()
    doublings = _MONTHS * (day - start) / drawn["horizon.doubling_time"].values
    hours = np.log2(drawn["horizon.now"].values) + doublings
    observed = tree["observed_data"].to_dataset()
    best = observed["is_best"].values == 1
    dates, levels = observed["date"].values[best], observed["horizon"].values[best]
    generator = np.random.default_rng([seed, reliability])
    since = drawn["since"].values
    for first in np.unique(since):
        later, chosen = dates >= first, since == first
        degrees = int(later.sum()) - 2
        line = np.polyfit(dates[later] - day, levels[later], 1)
        residuals = levels[later] - np.polyval(line, dates[later] - day)
        spread = float(np.sqrt(np.sum(residuals**2) / degrees))
        hours[chosen] += spread * generator.standard_t(degrees, int(chosen.sum()))
    present = float(np.nanmax(levels)) - np.log2(_MINUTES)
    return {f"horizon_{reliability}": _of_draws(_LOG10_2 * np.maximum(hours, present))}


def _require_after(day: float, evidence: float) -> None:
    if not day > evidence:
        raise ArgumentError(
            "prediction-not-ahead",
            "the day to predict is not after the evidence of the fit",
            where="date",
            got=round(day, 2),
            allowed=f"a day after {evidence:.2f}",
        )
