"""Ledger of forecasts of records: dated forecasts in a text file, and their scores once the date has passed.

A forecast holds seven quantiles, what it was made of, and when. Entries are appended and never changed. A
table that reaches the date of a forecast scores it by the mean pinball loss of its quantiles, a proper score
in the unit of the series (Gneiting & Raftery 2007, section 6.2).
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import tomli_w
import xarray as xr
from scipy import stats

from timecone.errors import ArgumentError, LedgerError
from timecone.files import write_file
from timecone.history.backtest.forecasts import TrendForecast
from timecone.history.backtest.observed import ObservedValue
from timecone.history.backtest.records import KnownRecords, RecordSeries, known_records
from timecone.history.backtest.series import RECORD_SERIES
from timecone.history.backtest.series_forecasts import backtest_series, forecast_series, width_factor
from timecone.history.joint.posterior import draws_of, observations_of
from timecone.schema import JOINT_FIT, WIDENED, FloatArray
from timecone.units import decimal_year

#: Percentiles that a forecast states.
LEVELS: Final = (5, 10, 25, 50, 75, 90, 95)
_FORMAT: Final = "timecone-record-ledger"
_VERSION: Final = 1
_HEAD: Final = f"""# A ledger of forecasts of records, kept by `timecone ledger forecast`.
# Entries are appended and never changed.
format = "{_FORMAT}"
version = {_VERSION}
"""
_REMEDY: Final = "Restore the file from a copy; entries are never edited."


@dataclass(frozen=True)
class RecordForecast:
    """A dated forecast of a series of records.

    Attributes
    ----------
    id : str
        Hash of all else.
    made, about : date
        Day on which the forecast was made, and the day that it is about.
    series, unit : str
        Key of the series, and the unit of the quantiles.
    method : str
        Method of the forecast.
    known_until : float
        Decimal year until which the evidence is complete.
    records : int
        Records used.
    newest_record, newest_estimate : float
        Decimal years in which the newest of the records, and of their figures, became public; NaN where one
        is unknown.
    factor : float
        Factor by which past errors widened the forecast.
    quantiles : tuple of float
        Values at `LEVELS` percent.
    note : str
        A remark.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import record_forecasts
    >>> from timecone.history.backtest.series import record_series
    >>> made = record_forecasts(
    ...     [record_series("largest_run")], made=date(2024, 1, 1), about=date(2025, 1, 1),
    ...     draws=200, widen=False,
    ... )
    >>> made[0].series, len(made[0].quantiles)
    ('largest_run', 7)
    """

    id: str
    made: date
    about: date
    series: str
    unit: str
    method: str
    known_until: float
    records: int
    newest_record: float
    newest_estimate: float
    factor: float
    quantiles: tuple[float, ...]
    note: str = ""


def record_forecasts(
    series: Sequence[RecordSeries],
    *,
    made: date,
    about: date,
    note: str = "",
    seed: int = 2026,
    draws: int = 4000,
    widen: bool = True,
) -> list[RecordForecast]:
    """Forecast series of records by each method.

    Parameters
    ----------
    series : sequence of RecordSeries
        The series.
    made, about : date
        Day of the forecast, and the day that it is about.
    note : str, optional
        A remark for all of them.
    seed, draws : int, optional
        Seed and number of members.
    widen : bool, optional
        Widen by the errors of the back-test of the series; otherwise that method is left out.

    Returns
    -------
    list of RecordForecast
        One for each series and method.

    Raises
    ------
    ArgumentError
        The day does not lie after the forecast, or too few records of a series are known.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import record_forecasts
    >>> from timecone.history.backtest.series import record_series
    >>> forecasts = record_forecasts(
    ...     [record_series("horizon_50")], made=date(2026, 4, 11), about=date(2028, 4, 11),
    ...     draws=200, widen=False,
    ... )
    >>> [forecast.method for forecast in forecasts]
    ['drifting growth', 'freer drift', 'straight line', 'persistence', 'last growth']
    """
    if about <= made:
        raise ArgumentError(
            "not-a-future-date",
            "the date does not lie after that of the forecast",
            where="date",
            got=about.isoformat(),
            allowed=f"after {made.isoformat()}",
        )
    forecasts = []
    now, then = decimal_year(made), decimal_year(about)
    for one in series:
        factor = width_factor(_scored(one, now, seed), one.name, now) if widen else 1.0
        known = known_records(one, now)
        members = forecast_series(one, made=now, date=then, factor=factor, seed=seed, draws=draws)
        forecasts += [
            _stated(
                one,
                made,
                about,
                method,
                _quantiles(values),
                known,
                until=min(now, one.end),
                factor=round(factor, 3) if method == WIDENED else 1.0,
                note=note,
            )
            for method, values in members.items()
            if widen or method != WIDENED
        ]
    return forecasts


def joint_forecast(
    series: RecordSeries,
    posterior: xr.DataTree,
    runs: pd.DataFrame,
    *,
    made: date,
    about: date,
    note: str = "",
    seed: int = 2026,
) -> RecordForecast:
    """Forecast the largest training run by the joint fit.

    Parameters
    ----------
    series : RecordSeries
        The series of the largest run.
    posterior : DataTree
        The fit.
    runs : DataFrame
        Rows of runs, for the present record.
    made, about : date
        Day of the forecast, and the day that it is about.
    note : str, optional
        A remark.
    seed : int, optional
        Seed of the draws.

    Returns
    -------
    RecordForecast
        The forecast, with method ``"joint fit"``.

    Raises
    ------
    ArgumentError
        The evidence of the fit ends after the forecast was made.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history import read_bundled
    >>> from timecone.history.backtest.record_ledger import joint_forecast
    >>> from timecone.history.backtest.series import record_series
    >>> from timecone.history.joint.posterior import open_posterior
    >>> forecast = joint_forecast(
    ...     record_series("largest_run"), open_posterior("configs/history/landmarks_2026-08.nc"),
    ...     read_bundled("runs").rows, made=date(2026, 11, 27), about=date(2028, 11, 27),
    ... )
    >>> forecast.method
    'joint fit'
    """
    observations = observations_of(posterior)
    _require_before(made, observations.end, JOINT_FIT)
    then = decimal_year(about)
    known = known_records(series, observations.end)
    members = TrendForecast(draws_of(posterior), observations, runs, seed).members(
        ObservedValue("compute", about.year, then, math.nan, len(known.date))
    )
    fitted = f"fit {posterior.attrs['fit_id']}"
    return _stated(
        series,
        made,
        about,
        JOINT_FIT,
        _quantiles(members),
        known,
        until=observations.end,
        note=f"{note}; {fitted}" if note else fitted,
    )


def supply_forecast(
    series: RecordSeries, supply: xr.DataTree, *, made: date, about: date, note: str = ""
) -> RecordForecast:
    """Forecast the largest site by the fit of supply, which knows the sites' plans.

    Parameters
    ----------
    series : RecordSeries
        The series of the largest site.
    supply : DataTree
        The fit.
    made, about : date
        Day of the forecast, and the day that it is about.
    note : str, optional
        A remark.

    Returns
    -------
    RecordForecast
        The trend of the fit, with method ``"fit of supply, with plans"``. The fit stores the percentiles 5,
        25, 50, 75 and 95; 10 and 90 are interpolated over the normal score.

    Raises
    ------
    ArgumentError
        Figures of the fit were published after the forecast was made.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import supply_forecast
    >>> from timecone.history.backtest.series import record_series
    >>> from timecone.history.supply.fit import open_supply
    >>> forecast = supply_forecast(
    ...     record_series("largest_site"),
    ...     open_supply("configs/history/supply_2026_08.nc"),
    ...     made=date(2026, 11, 27),
    ...     about=date(2028, 11, 27),
    ... )
    >>> forecast.quantiles == tuple(sorted(forecast.quantiles))
    True
    """
    _require_before(made, float(supply.attrs["published"]), "fit of supply")
    levels = supply["trend"].to_dataset()["level_of"].sel(series="largest site, h100e")
    values = levels.interp(time=decimal_year(about)).to_numpy()
    stored, asked = (
        stats.norm.ppf(np.asarray(percent, float) / 100.0) for percent in (levels["level"], LEVELS)
    )
    fitted = f"fit {supply.attrs['fit_id']}"
    return _stated(
        series,
        made,
        about,
        "fit of supply, with plans",
        tuple(round(float(value), 4) for value in np.interp(asked, stored, values)),
        known_records(series, decimal_year(made)),
        until=series.end,
        note=f"{note}; {fitted}" if note else fitted,
    )


def score_records(forecasts: Sequence[RecordForecast], series: Mapping[str, RecordSeries]) -> pd.DataFrame:
    """Score forecasts whose date is reached by the tables.

    Parameters
    ----------
    forecasts : sequence of RecordForecast
        The forecasts.
    series : mapping of str to RecordSeries
        Series by key.

    Returns
    -------
    DataFrame
        One row for each forecast: ``id``, ``made``, ``date``, ``series``, ``method``, ``p05``, ``p50``,
        ``p95``, ``known_until`` of the table, ``so_far`` (value at its end), and, where the table reaches
        the date, ``observed``, ``inside_50``, ``inside_80``, ``inside_90`` (1 or 0) and ``score`` (twice
        the mean pinball loss, in the unit of the series); NaN otherwise.

    Raises
    ------
    ArgumentError
        A series is missing, or its unit is not that of the forecast.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import record_forecasts, score_records
    >>> from timecone.history.backtest.series import record_series
    >>> runs = record_series("largest_run")
    >>> made = record_forecasts([runs], made=date(2023, 1, 1), about=date(2025, 1, 1), draws=200, widen=False)
    >>> round(float(score_records(made, {"largest_run": runs})["observed"].iloc[0]), 2)
    25.7
    """
    rows = []
    for forecast in forecasts:
        if forecast.series not in series:
            raise ArgumentError(
                "unknown-series",
                "no table of this series",
                where=forecast.id,
                got=forecast.series,
                allowed=", ".join(series),
            )
        records = series[forecast.series]
        if records.unit != forecast.unit:
            raise ArgumentError(
                "unit-of-another-series",
                "the forecast is in another unit than the series",
                where=forecast.id,
                got=forecast.unit,
                allowed=records.unit,
            )
        then = decimal_year(forecast.about)
        row: dict[str, Any] = {
            "id": forecast.id,
            "made": forecast.made.isoformat(),
            "date": forecast.about.isoformat(),
            "series": forecast.series,
            "method": forecast.method,
            "p05": forecast.quantiles[0],
            "p50": forecast.quantiles[LEVELS.index(50)],
            "p95": forecast.quantiles[-1],
            "known_until": records.end,
            "so_far": records.value(records.end),
        }
        row |= _scores(forecast.quantiles, records.value(then) if then <= records.end else math.nan)
        rows.append(row)
    return pd.DataFrame(rows)


def read_record_ledger(path: str | Path) -> tuple[RecordForecast, ...]:
    """Read a ledger of forecasts of records.

    Parameters
    ----------
    path : str or Path
        A TOML file that `add_record_forecasts` wrote.

    Returns
    -------
    tuple of RecordForecast
        Its forecasts, the first one first.

    Raises
    ------
    LedgerError
        The file is missing, no such ledger, or an entry was changed.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import (
    ...     add_record_forecasts, read_record_ledger, record_forecasts,
    ... )
    >>> from timecone.history.backtest.series import record_series
    >>> made = record_forecasts(
    ...     [record_series("largest_run")], made=date(2024, 1, 1), about=date(2026, 1, 1),
    ...     draws=200, widen=False,
    ... )
    >>> add_record_forecasts(made, "records.toml").name
    'records.toml'
    >>> read_record_ledger("records.toml") == tuple(made)
    True
    """
    path = Path(path)
    if not path.is_file():
        raise LedgerError(
            "ledger-missing",
            "no such file",
            where=str(path),
            remedy="timecone ledger forecast begins a ledger of records.",
        )
    try:
        content: dict[str, Any] = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LedgerError("ledger-not-toml", f"not TOML ({error})", where=str(path), remedy=_REMEDY) from None
    if content.get("format") != _FORMAT or content.get("version") != _VERSION:
        raise LedgerError(
            "not-a-record-ledger",
            "not a ledger of forecasts of records",
            where=str(path),
            got=content.get("format"),
            allowed=f"{_FORMAT!r}, version {_VERSION}",
        )
    entries = content.get("forecast", [])
    forecasts = tuple(_of_entry(entry, f"{path}, forecast {k}") for k, entry in enumerate(entries, 1))
    ids = [forecast.id for forecast in forecasts]
    for k, name in enumerate(ids):
        if name in ids[:k]:
            raise LedgerError(
                "ledger-id-twice", "an id occurs twice", where=str(path), got=name, remedy=_REMEDY
            )
    return forecasts


def add_record_forecasts(forecasts: Sequence[RecordForecast], path: str | Path) -> Path:
    """Append forecasts to a ledger of records; begin the ledger where there is none.

    Parameters
    ----------
    forecasts : sequence of RecordForecast
        The forecasts.
    path : str or Path
        The ledger.

    Returns
    -------
    Path
        The ledger.

    Raises
    ------
    LedgerError
        The ledger is damaged, or has one of the forecasts already.
    OutputError
        The ledger cannot be written.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.backtest.record_ledger import add_record_forecasts, record_forecasts
    >>> from timecone.history.backtest.series import record_series
    >>> made = record_forecasts(
    ...     [record_series("largest_run")], made=date(2025, 1, 1), about=date(2027, 1, 1),
    ...     draws=200, widen=False,
    ... )
    >>> add_record_forecasts(made, "forecasts-of-records.toml").name
    'forecasts-of-records.toml'
    """
    path = Path(path)
    before = read_record_ledger(path) if path.exists() else ()
    known = {forecast.id for forecast in before}
    for forecast in forecasts:
        if forecast.id in known:
            raise LedgerError(
                "ledger-id-twice",
                "the ledger has this forecast",
                where=str(path),
                got=forecast.id,
                remedy="A forecast is added once.",
            )
    text = path.read_text(encoding="utf-8") if before else _HEAD
    return write_file(path, text + "".join(_entry_text(forecast) for forecast in forecasts))


def _scored(series: RecordSeries, now: float, seed: int) -> pd.DataFrame:
    """Return the back-test of a series as far as it was known."""
    try:
        forecasts = backtest_series([series], seed=seed)
    except ArgumentError as error:
        # A young series has no outcome yet, and so no error.
        if error.code != "nothing-observed-since":
            raise
        return pd.DataFrame(columns=["method", "target", "year", "pit"])
    return forecasts[forecasts["year"] <= now]


def _require_before(made: date, newest: float, method: str) -> None:
    """Refuse a fit that knows more than was known on the day of the forecast."""
    if not newest <= decimal_year(made):
        raise ArgumentError(
            "leaking-forecast",
            "the fit used evidence from after the day of the forecast",
            where=method,
            got=f"{newest:.2f}",
            allowed=f"at most {decimal_year(made):.2f}",
            remedy="State a later day, or fit what was known by then.",
        )


def _stated(
    series: RecordSeries,
    made: date,
    about: date,
    method: str,
    quantiles: tuple[float, ...],
    known: KnownRecords,
    *,
    until: float,
    factor: float = 1.0,
    note: str,
) -> RecordForecast:
    """Return a forecast with its account of publication and its id."""
    return _with_id(
        RecordForecast(
            id="",
            made=made,
            about=about,
            series=series.name,
            unit=series.unit,
            method=method,
            known_until=round(until, 3),
            records=int(known.guard["records"]),
            newest_record=round(known.guard["newest_record"], 3),
            newest_estimate=round(known.guard["newest_estimate"], 3),
            factor=factor,
            quantiles=quantiles,
            note=note,
        )
    )


def _quantiles(members: FloatArray) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in np.percentile(members, LEVELS))


def _scores(quantiles: Sequence[float], observed: float) -> dict[str, float]:
    levels, values = np.array(LEVELS) / 100.0, np.asarray(quantiles)
    away = observed - values
    loss = np.maximum(levels * away, (levels - 1.0) * away)
    half = len(levels) // 2
    inside = {
        f"inside_{round(100 * (levels[-1 - k] - levels[k]))}": float(values[k] <= observed <= values[-1 - k])
        for k in range(half - 1, -1, -1)
    }
    if math.isnan(observed):
        inside = dict.fromkeys(inside, math.nan)
    return {"observed": observed, **inside, "score": 2.0 * float(np.mean(loss))}


def _plain(forecast: RecordForecast) -> dict[str, Any]:
    """Return a forecast as TOML has it, without what is not known."""
    entry = asdict(forecast)
    entry["quantiles"] = [
        {"percentile": level, "value": value} for level, value in zip(LEVELS, forecast.quantiles, strict=True)
    ]
    return {
        key: value for key, value in entry.items() if not (isinstance(value, float) and math.isnan(value))
    }


def _with_id(forecast: RecordForecast) -> RecordForecast:
    about = {key: value for key, value in _plain(forecast).items() if key != "id"}
    text = json.dumps(about, default=str, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    return RecordForecast(**(asdict(forecast) | {"id": name, "quantiles": forecast.quantiles}))


def _entry_text(forecast: RecordForecast) -> str:
    return "\n[[forecast]]\n" + tomli_w.dumps(_plain(forecast))


def _of_entry(entry: Any, where: str) -> RecordForecast:
    """Return the forecast of an entry; refuse one that was changed."""
    try:
        values = tuple(float(each["value"]) for each in entry["quantiles"])
        levels = tuple(each["percentile"] for each in entry["quantiles"])
        stated = {key: value for key, value in entry.items() if key != "quantiles"}
        unknown = {"newest_record": math.nan, "newest_estimate": math.nan}
        forecast = RecordForecast(**(unknown | stated), quantiles=values)
        same = _with_id(forecast).id == forecast.id
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise LedgerError(
            "ledger-entry-damaged", f"not a forecast ({error})", where=where, remedy=_REMEDY
        ) from None
    if levels != LEVELS or not same or forecast.series not in RECORD_SERIES:
        raise LedgerError(
            "ledger-entry-changed",
            "the entry is not the one that was added",
            where=where,
            got=forecast.id,
            remedy=_REMEDY,
        )
    return forecast
