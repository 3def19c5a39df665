"""Back-test of the trend: forecasts from past dates of the models that were best at release afterwards.

At each date the trend is fitted, as in `posterior`, to the models known then. The first years of the fits
shift with the date: they lie as far before it as the present ones lie before the newest model. A model is
known from its release on or, if the file states when its horizon was published, from then on. The horizons
themselves are today's: METR measured most of them after these dates and corrected them in 2026.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError
from timecone.files import netcdf_bytes, write_file
from timecone.history.backtest.records import require_no_leak
from timecone.history.horizons.best_models import BestModels, best_at_release
from timecone.history.horizons.trend import LEAST_MODELS, SHARED, SINCE, bootstrap, trend
from timecone.history.readers.history_table import HistoryTable
from timecone.schema import HORIZON_BACKTEST_KIND, FloatArray
from timecone.units import decimal_year

#: Dates from which forecasts are made.
ORIGINS: Final = (date(2024, 6, 1), date(2025, 1, 1), date(2025, 7, 1))
#: Central intervals whose coverage is reported, percent.
MASSES: Final = (50, 80, 90)
_QUANTILES: Final = (5, 10, 25, 50, 75, 90, 95)


def backtest_horizons(
    table: HistoryTable,
    *,
    origins: Sequence[date] = ORIGINS,
    reliability: int = 80,
    since: Sequence[float] = SINCE,
    draws: int = 4000,
    seed: int = 2026,
    shared: float = SHARED,
) -> pd.DataFrame:
    """Forecast the horizons of later models from past dates, and compare.

    Parameters
    ----------
    table : HistoryTable
        A file of horizons as the reader gives it.
    origins : sequence of date, optional
        Dates from which to forecast.
    reliability : int, optional
        50 or 80: probability of success at the horizon, percent.
    since : sequence of float, optional
        First years of the present fits. At a past date they lie as many years before it as they lie before
        the newest model now. Those before the first model count as it; those followed by fewer than four
        models are left out, and ``first_years`` says how many were used.
    draws : int, optional
        Draws of each first year.
    seed : int, optional
        From 0.
    shared : float, optional
        Share of the measurement error's variance that all models have in common.

    Returns
    -------
    DataFrame
        One row for each date and later model: ``origin`` (decimal year), ``known`` (models that counted),
        ``first_years``, ``model``, ``date``, ``observed``, quantiles ``p05`` ... ``p95`` (log2 minutes),
        ``error`` (observed less median, doublings), ``pit``, and the account of publication
        (`history.backtest.records.GUARD`).

    Raises
    ------
    ArgumentError
        A date leaves no model to compare with, or too few to fit.

    Examples
    --------
    >>> from timecone.history import read
    >>> from timecone.history.horizons.backtest import backtest_horizons
    >>> forecasts = backtest_horizons(read("horizons.csv"), origins=[date(2024, 1, 1)], reliability=50)
    >>> forecasts["model"].tolist()
    ['E', 'F']
    """
    best = best_at_release(table.rows, reliability=reliability)
    rows: list[dict[str, Any]] = []
    for day in sorted(set(origins)):
        origin = decimal_year(day)
        later = best.since(np.nextafter(origin, np.inf))
        if not later.names:
            raise ArgumentError(
                "nothing-observed-since",
                "there are no records after this date to compare with",
                where="origins",
                got=day.isoformat(),
                allowed=f"a date before {best.dates.max():.2f}" if len(best.dates) else "none in this file",
            )
        # All that the forecast may read.
        known = best_at_release(table.known(origin).rows, reliability=reliability)
        back = origin - (float(best.dates.max()) - np.asarray(since, np.float64))
        firsts = _usable(known, back)
        if not firsts:
            raise ArgumentError(
                "too-few-models",
                "too few models that were best at their release until this date",
                where="origins",
                got=f"{day.isoformat()}: {len(known.names)}",
                allowed=f"at least {LEAST_MODELS}, of 3 dates",
            )
        members = _forecasts(known, firsts, later.dates, draws=draws, seed=seed, shared=shared)
        for k, name in enumerate(later.names):
            about = {"origin": origin, "known": len(known.names), "first_years": len(firsts)}
            forecast = _row(name, float(later.dates[k]), float(later.horizons[k]), members, k)
            rows.append(about | forecast | _guard(table.rows, known, origin))
    return require_no_leak(pd.DataFrame(rows))


def _guard(rows: pd.DataFrame, known: BestModels, origin: float) -> dict[str, float]:
    """Return the account of publication of a forecast from the models known at a date.

    A model counts as public from its release on; when its horizon was published is known only if the file
    states it.
    """
    is_used = rows["name"].isin(set(known.names))
    published = rows["published"]
    public = published.where(published > rows["date"], rows["date"])
    return {
        "records": int(is_used.sum()),
        "newest_record": float(public[is_used].max()),
        "newest_estimate": float(published[is_used].max(skipna=False)),
        "hindsight": int((~(published[is_used] <= origin)).sum()),
        "left_out": int(((rows["date"] <= origin) & (public > origin)).sum()),
    }


def coverage(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return the coverage and errors of the forecasts, by date of origin and overall.

    Parameters
    ----------
    forecasts : DataFrame
        As `backtest_horizons` returns them.

    Returns
    -------
    DataFrame
        ``origin`` (NaN for all), ``models``, shares ``covered_50`` ... of the central intervals, mean
        ``error`` and root mean square ``rms`` (doublings), and ``pace``, the growth of the measured horizons
        over that of the forecast medians, both by least squares; NaN overall.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.backtest import coverage
    >>> rows = pd.DataFrame({"origin": [2024.0, 2024.0], "date": [2024.5, 2025.0], "p50": [1.0, 2.0],
    ...                      "observed": [1.1, 3.3], "pit": [0.5, 0.93], "error": [0.1, 1.3]})
    >>> coverage(rows)[["models", "covered_80", "error", "pace"]].iloc[0].round(2).tolist()
    [2.0, 0.5, 0.7, 2.2]
    """
    origins = sorted(set(forecasts["origin"].tolist()))
    groups = [(origin, forecasts[forecasts["origin"] == origin]) for origin in origins]
    rows = [
        {
            "origin": origin,
            "models": len(group),
            **{f"covered_{m}": ((group["pit"] - 0.5).abs() <= m / 200.0).mean() for m in MASSES},
            "error": group["error"].mean(),
            "rms": float(np.sqrt((group["error"] ** 2).mean())),
            "pace": _pace(group) if not np.isnan(origin) else np.nan,
        }
        for origin, group in [*groups, (float("nan"), forecasts)]
    ]
    return pd.DataFrame(rows)


def _pace(group: pd.DataFrame) -> float:
    """Return the growth of the measured horizons over that of the medians; NaN for fewer than two dates."""
    times = (group["date"] - group["date"].mean()).to_numpy(np.float64)
    if not times.any():
        return float("nan")
    return float((times * group["observed"]).sum() / (times * group["p50"]).sum())


def save_horizon_backtest(
    forecasts: pd.DataFrame, path: str | Path, sources: Sequence[Mapping[str, str]] = (), *, seed: int
) -> Path:
    """Write a back-test of horizons as netCDF.

    Parameters
    ----------
    forecasts : DataFrame
        As `backtest_horizons` returns them.
    path : str or Path
        The file.
    sources : sequence of mapping, optional
        The files that the back-test read.
    seed : int
        Seed of the back-test.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.horizons.backtest import save_horizon_backtest
    >>> rows = pd.DataFrame({"origin": [2024.0], "pit": [0.5], "error": [0.1]})
    >>> save_horizon_backtest(rows, "scores.nc", seed=1).name
    'scores.nc'
    """
    dataset: xr.Dataset = forecasts.reset_index(drop=True).to_xarray().rename({"index": "forecast"})
    about = json.dumps([dict(source) for source in sources])
    identity = hashlib.sha256(forecasts.to_csv(index=False).encode() + about.encode()).hexdigest()[:16]
    dataset.attrs.update(kind=HORIZON_BACKTEST_KIND, sources=about, seed=seed, backtest_id=identity)
    return write_file(path, netcdf_bytes(dataset))


def _usable(known: BestModels, back: FloatArray) -> tuple[float, ...]:
    """Return the first years that are followed by enough models. Those before the first model count as it."""
    if not len(known.dates):
        return ()
    firsts = sorted({max(float(first), float(known.dates[0])) for first in back})
    enough = []
    for first in firsts:
        models = known.since(first)
        if len(models.names) >= LEAST_MODELS and len(set(models.dates.tolist())) > 2:  # noqa: PLR2004 - a line
            enough.append(first)
    return tuple(enough)


def _forecasts(
    known: BestModels,
    firsts: Sequence[float],
    dates: FloatArray,
    *,
    draws: int,
    seed: int,
    shared: float,
) -> FloatArray:
    """Return forecasts of the measured horizons of models at dates, shape (draws, dates).

    A forecast is the line plus the scatter of models about it, which has Student's distribution because its
    size is estimated from few models.
    """
    drawn = bootstrap(known, date=float(dates[0]), since=firsts, draws=draws, seed=seed, shared=shared)
    members = drawn.at(dates)
    generator = np.random.default_rng([seed, 1])
    for first in firsts:
        line = trend(known, since=first, seed=seed)
        chosen = drawn.since == first
        scatter = generator.standard_t(line.observations - 2, (int(chosen.sum()), len(dates)))
        members[chosen] += line.residual_sd / np.log10(2.0) * scatter
    return members


def _row(name: str, released: float, observed: float, members: FloatArray, k: int) -> dict[str, Any]:
    quantiles = np.percentile(members[:, k], _QUANTILES)
    return {
        "model": name,
        "date": released,
        "observed": observed,
        **{f"p{level:02d}": float(q) for level, q in zip(_QUANTILES, quantiles, strict=True)},
        "error": observed - float(quantiles[_QUANTILES.index(50)]),
        "pit": float(np.mean(members[:, k] < observed)),
    }
