"""Back-test of the fit: forecasts from past dates, scored against observed values beside naive forecasts.

Proper scores (Gneiting & Raftery 2007): the continuous ranked probability score, in OOM, and the logarithmic
score. Forecasts from one date for several years, and of several dates for one year, share their errors, so
their number overstates what is learnt; and the data are today's, with today's choice of what is notable
and today's estimates of past runs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError
from timecone.files import netcdf_bytes, write_file
from timecone.history.backtest import naive
from timecone.history.backtest.observed import ObservedValue, observed_values, record_dates
from timecone.history.backtest.records import guard_of_tables, require_no_leak
from timecone.history.joint.fit import CHAINS, fit, require_fittable
from timecone.history.joint.forecast import YEARS_AHEAD, spending_and_efficiency
from timecone.history.joint.observations import Observations, observe
from timecone.history.joint.posterior import draws_of
from timecone.history.readers import RejectedRow
from timecone.history.trends.completeness import complete_until
from timecone.history.trends.measurement import measurement_sd
from timecone.schema import BACKTEST_KIND, JOINT_FIT, SERIES, FloatArray

_LEVELS = (5, 10, 25, 50, 75, 90, 95)
# Paths between the dates of evidence and forecast are drawn at these steps, in years.
_STEP = 0.125
# Years over which the interval between records is measured, and the interval where none can be.
_RECORD_YEARS, _USUAL_INTERVAL = 8.0, 0.5
# Grade that the estimate of a future run's compute is taken to get.
_USUAL_GRADE = "Likely"
# Observed values are estimates; the logarithmic score smooths forecasts by at least this (OOM), also the part
# of a forecast that says that the present record stands.
_BLUR = 0.1


def backtest(
    runs: pd.DataFrame,
    chips: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    as_of: Sequence[int],
    seed: int = 2026,
    draws: int = 3000,
    until: float | None = None,
    estimated: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Forecast from the beginning of each of these years, and compare.

    Parameters
    ----------
    runs, chips, studies : DataFrame
        Rows as the readers give them.
    as_of : sequence of int
        Years; what was released before their first day is known.
    seed, draws : int
        As for `fit`.
    until : float, optional
        End of complete evidence, decimal year; estimated from the runs by default.
    estimated : mapping of str to float, optional
        For ``"runs"`` and ``"chips"`` the decimal year in which the figures of the table were published;
        unknown by default. Studies are dated by their publication.

    Returns
    -------
    DataFrame
        One row per date, target, year and method: ``origin``, ``target``, ``year``, ``method``,
        ``observed``, quantiles ``p05`` ... ``p95``, ``crps`` (OOM), ``log_score`` (nat; smaller is better),
        ``pit``, and the account of publication (`records.GUARD`).

    Raises
    ------
    ArgumentError
        A date leaves nothing to compare with, or too little to fit; nothing was sampled then.
    UsageError
        The sampler or the scoring rules are not installed.

    Examples
    --------
    Each year takes a fit of about two minutes.

    >>> from timecone.history.evidence import gather
    >>> from timecone.history.backtest.forecasts import backtest
    >>> known = gather()
    >>> forecasts = backtest(known.runs, known.chips, known.studies, as_of=[2020])  # doctest: +SKIP
    """
    until = complete_until(runs).until if until is None else until
    known_at = require_testable(runs, chips, studies, as_of=as_of, seed=seed, draws=draws, until=until)
    came = observed_values(runs, until=until)
    rows: list[dict[str, Any]] = []
    for origin, observations in known_at.items():
        later = [observed for observed in came if observed.year >= origin]
        guard = _guard((runs, chips, studies), observations.end, origin, estimated or {})
        posterior = draws_of(fit(observations, seed=seed, draws=draws, start=float(origin)))
        ours = TrendForecast(posterior, observations, runs, seed)
        for observed in later:
            known = [k for k in came if k.target == observed.target and k.year < origin]
            for method, members in _forecasts(observed, origin, known, ours):
                rows.append(_row(observed, origin, method, members) | guard)
    return require_no_leak(pd.DataFrame(rows))


def _guard(
    tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    end: float,
    origin: int,
    estimated: Mapping[str, float],
) -> dict[str, float]:
    """Return the account of publication of the fit to the data from before a date."""
    runs, chips, studies = tables
    return guard_of_tables(
        [
            (runs.assign(estimated=estimated.get("runs", math.nan)), end),
            (chips.assign(estimated=estimated.get("chips", math.nan)), float(origin)),
            (studies.assign(estimated=studies["date"]), float(origin)),
        ],
        float(origin),
    )


def without_later_prices(chips: pd.DataFrame, date: float) -> pd.DataFrame:
    """Return chips without the prices that were joined from after a date.

    Parameters
    ----------
    chips : DataFrame
        Rows of chips, with ``price_date`` where prices were joined by name.
    date : float
        Decimal year.

    Returns
    -------
    DataFrame
        The rows; later prices are blank.

    Examples
    --------
    >>> import pandas as pd
    >>> from timecone.history.backtest.forecasts import without_later_prices
    >>> chips = pd.DataFrame({"price": [1.0, 2.0], "price_date": [2019.0, 2021.0]})
    >>> without_later_prices(chips, 2020.0)["price"].tolist()
    [1.0, nan]
    """
    if "price_date" not in chips:
        return chips
    return chips.assign(price=chips["price"].where(~(chips["price_date"] > date)))


def require_testable(
    runs: pd.DataFrame,
    chips: pd.DataFrame,
    studies: pd.DataFrame,
    *,
    as_of: Sequence[int],
    seed: int,
    draws: int,
    until: float | None = None,
    rejected: Mapping[str, Sequence[RejectedRow]] | None = None,
) -> dict[int, Observations]:
    """Return the observations known at each date, in order, after checks of the arguments.

    The checks precede the sampling, so that errors appear at once.

    Raises
    ------
    ArgumentError
        No date is given, or one leaves nothing to compare with, or too little to fit.
    UsageError
        As `fit.require_fittable`.
    """
    if not as_of:
        raise ArgumentError(
            "forecast-origin-missing", "no date to forecast from", where="as_of", allowed="at least one year"
        )
    until = complete_until(runs).until if until is None else until
    if not math.isfinite(until):
        raise ArgumentError(
            "not-a-date", "not a date", where="complete_until", got=until, allowed="a decimal year, as 2025.6"
        )
    last = max((observed.year for observed in observed_values(runs, until=until)), default=-math.inf)
    known_at = {}
    for origin in sorted(set(as_of)):
        if origin > last:
            raise ArgumentError(
                "nothing-observed-since",
                "there are no records after this date to compare with",
                where="as_of",
                got=origin,
                allowed=f"a year before {until:.0f}",
            )
        observations = observe(
            runs,
            without_later_prices(chips, float(origin)),
            studies,
            as_of=float(origin),
            complete_until=until,
            rejected=rejected,
        )
        require_fittable(
            observations, seed=seed, draws=draws, chains=CHAINS, start=float(origin), ahead=YEARS_AHEAD
        )
        known_at[origin] = observations
    return known_at


class TrendForecast:
    """Predictive draws of each series from a fit.

    Parameters
    ----------
    posterior : dict
        Draws by parameter.
    seen : Observations
        What the fit saw.
    runs : DataFrame
        All runs; those after the evidence are not read.
    seed : int
        Of everything that is drawn here.
    """

    def __init__(
        self, posterior: dict[str, FloatArray], observations: Observations, runs: pd.DataFrame, seed: int
    ) -> None:
        self._posterior, self._end, self._seed = posterior, observations.end, seed
        known = runs[runs["date"] <= observations.end].sort_values("date", kind="stable")
        self._known = {
            "compute": np.log10(known["training_compute"].to_numpy(float)),
            "spending": np.log10(known["cost"].to_numpy(float)),
        }
        self._dates = known["date"].to_numpy(float)

    def members(self, observed: ObservedValue) -> FloatArray:
        """Return (draw,) forecasts of an observed value; its series, date and number of runs are read."""
        generator = np.random.default_rng([self._seed, observed.year, list(SERIES).index(observed.target)])
        grid = self._end + np.arange(0.0, observed.date - self._end + _STEP, _STEP)
        spending, efficiency = spending_and_efficiency(self._posterior, grid, self._end, generator)
        if observed.target == "price_performance":
            level = _at(grid, efficiency, np.full(len(efficiency), observed.date))
            spread = np.hypot(self._posterior["efficiency_spread"], self._posterior["cost_error"])
            return np.asarray(level + spread * self._tails(generator) / np.sqrt(observed.runs))
        path = spending + efficiency if observed.target == "compute" else spending
        return self._running_maximum(observed, grid, path, generator)

    def _running_maximum(
        self, observed: ObservedValue, grid: FloatArray, path: FloatArray, generator: np.random.Generator
    ) -> FloatArray:
        """Return the largest so far: the present one, or a record that was set some time before the date."""
        values = self._known[observed.target]
        present = float(np.nanmax(values))
        date = observed.date - generator.exponential(self._interval(values), len(path))
        label = measurement_sd([_USUAL_GRADE])[0] * self._posterior["label_scale"]
        own = np.hypot(self._posterior["spending_spread"], label)
        alone = "efficiency_spread" if observed.target == "compute" else "cost_error"
        spread = np.hypot(own, self._posterior[alone])
        record = _at(grid, path, np.maximum(date, self._end)) + spread * self._tails(generator)
        return np.where(date > self._end, np.maximum(record, present), present)

    def _interval(self, values: FloatArray) -> float:
        """Return the mean time between records of the last years."""
        dates = record_dates(self._dates, values)
        late = dates[dates > self._end - _RECORD_YEARS]
        return (self._end - late[0]) / len(late) if len(late) else _USUAL_INTERVAL

    def _tails(self, generator: np.random.Generator) -> FloatArray:
        return np.asarray(generator.standard_t(self._posterior["run_tail"] + 2.0))


def _at(grid: FloatArray, path: FloatArray, dates: FloatArray) -> FloatArray:
    """Return each draw's path at its own date, interpolated."""
    place = (dates - grid[0]) / _STEP
    left = np.clip(place.astype(int), 0, len(grid) - 2)
    draw = np.arange(len(path))
    weight = place - left
    return np.asarray(path[draw, left] * (1.0 - weight) + path[draw, left + 1] * weight)


def _forecasts(
    observed: ObservedValue, origin: int, known: list[ObservedValue], ours: TrendForecast
) -> Iterator[tuple[str, FloatArray]]:
    yield JOINT_FIT, ours.members(observed)
    others = {
        "last trend": naive.last_trend(known, observed.date),
        "random walk with drift": naive.random_walk_with_drift(known, observed.date),
    }
    if origin == naive.PROJECTION_ORIGIN and observed.target == "compute":
        others["projection of 2022"] = naive.projection_2022(observed.year)
    for method, members in others.items():
        if members is not None:
            yield method, members


def _row(observed: ObservedValue, origin: int, method: str, members: FloatArray) -> dict[str, Any]:
    about = {"origin": origin, "target": observed.target, "year": observed.year, "method": method}
    return about | scores_of(observed.value, members)


def scores_of(observed: float, members: FloatArray) -> dict[str, float]:
    """Return the outcome, quantiles and scores of a forecast.

    Parameters
    ----------
    observed : float
        The outcome.
    members : ndarray
        (member,) forecasts.

    Returns
    -------
    dict
        ``observed``, quantiles ``p05`` ... ``p95``, ``crps``, ``log_score``, ``pit``.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.backtest.forecasts import scores_of
    >>> scores_of(1.0, np.array([0.0, 1.0, 2.0]))["pit"]
    0.5
    """
    import scoringrules  # noqa: PLC0415 - an extra

    quantiles = np.percentile(members, _LEVELS)
    blur = max(_BLUR, 1.06 * float(np.std(members)) * len(members) ** -0.2)  # Silverman 1986
    return {
        "observed": observed,
        **{f"p{level:02d}": float(q) for level, q in zip(_LEVELS, quantiles, strict=True)},
        "crps": float(scoringrules.crps_ensemble(observed, members, backend="numpy")),
        "log_score": float(scoringrules.logs_ensemble(observed, members, bw=blur, backend="numpy")),
        "pit": float(np.mean(members < observed) + 0.5 * np.mean(members == observed)),
    }


def to_dataset(forecasts: pd.DataFrame, sources: Sequence[Mapping[str, str]], *, seed: int) -> xr.Dataset:
    """Return forecasts as a dataset that says what they rest on.

    Parameters
    ----------
    forecasts : DataFrame
        As `backtest` returns them.
    sources : sequence of mapping
        The files that they rest on, as ``sources`` of `Evidence`.
    seed : int
        Seed of the back-test.

    Returns
    -------
    Dataset, dims (forecast,)
        One variable for each column; sources and seed as attributes.

    Examples
    --------
    >>> from timecone.history.backtest.forecasts import to_dataset
    >>> from timecone.results.run_file.backtest import forecasts_of, open_backtest
    >>> forecasts = forecasts_of(open_backtest("backtest.nc"))
    >>> to_dataset(forecasts, [{"name": "runs.csv", "kind": "runs"}], seed=1).attrs["seed"]
    1
    """
    dataset = forecasts.to_xarray().rename({"index": "forecast"}).drop_vars("forecast")
    about = json.dumps([dict(s) for s in sources])
    identity = hashlib.sha256(forecasts.to_csv(index=False).encode() + about.encode()).hexdigest()[:16]
    dataset.attrs.update(kind=BACKTEST_KIND, sources=about, seed=seed, backtest_id=identity)
    return dataset


def save_backtest(dataset: xr.Dataset, path: str | Path) -> Path:
    """Write a back-test as netCDF.

    Parameters
    ----------
    dataset : Dataset
        As `to_dataset` returns it.
    path : str or Path
        The file.

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
    >>> from timecone.history.backtest.forecasts import save_backtest
    >>> from timecone.results.run_file.backtest import open_backtest
    >>> save_backtest(open_backtest("backtest.nc"), "copy.nc").name
    'copy.nc'
    """
    return write_file(path, netcdf_bytes(dataset))
