r"""Back-test of series of records: forecasts from many cutoffs, one to three years ahead, and the outcomes.

**Drifting growth** is the trend of `history.supply.trend`: a level whose growth wanders as a random walk, in
a unit in which the growth that the prior of the series expects has the size that the trend expects. The
largest value so far falls behind the trend by the time since the last record, exponential with the mean
interval of the last five:

.. math:: \hat{y}(t) = \max \left( M, \; s f(t - w) + \sigma e \right), \qquad w \sim \mathrm{Exp}(\bar{w}),
   \quad e \sim N(0, 1)

with M the present record, s the unit, and M alone where :math:`t - w` lies before the cutoff.

**Freer drift** has a prior of the walk three times as wide. **Widened by past errors** is drifting growth
with the distances from the median times a factor from the errors of earlier forecasts of the series whose
outcomes were known at the cutoff, never below 1. **Straight line** is the least-squares line through all
known records. Two naive methods take half-yearly values: **persistence** lets the value stand, spread by the
changes of the past; **last growth** extends the line through the last two and a half years.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from timecone.errors import ArgumentError
from timecone.history.backtest import naive
from timecone.history.backtest.forecasts import scores_of, to_dataset
from timecone.history.backtest.observed import ObservedValue
from timecone.history.backtest.records import KnownRecords, RecordSeries, known_records, require_no_leak
from timecone.history.supply.trend import DRIFT_SCALE, GROWTH_PRIOR, draw_trend
from timecone.schema import DRIFTING_GROWTH, FREER_DRIFT, RECORD_BACKTEST_KIND, WIDENED, FloatArray

#: Years ahead of a cutoff.
AHEAD: Final = (1, 2, 3)
#: Records that a forecast needs at least.
FEWEST_RECORDS: Final = 5
# Years between cutoffs, between the values that naive methods read, and between the dates of a drawn path.
_CUTOFF_STEP, _NAIVE_STEP, _PATH_STEP = 0.5, 0.5, 0.125
# Series that are younger than so many years get cutoffs twice as often.
_YOUNG = 10.0
#: Forecasts that the prior of the factor counts for: a factor of 1, as if so many had been scored.
PRIOR_FORECASTS: Final = 6.0
#: Weight of a past forecast in the factor: those of adjacent cutoffs and years ahead share their errors.
PAST_WEIGHT: Final = 1.0 / 3.0
#: Scale of the prior of the walk of freer drift, OOM/year/√year: three times that of spending.
FREER_SCALE: Final = 3.0 * DRIFT_SCALE
# Records over which the interval between them is measured.
_INTERVALS = 5
# Largest score of a normal distribution that an outcome beyond all members counts for.
_LARGEST_SCORE: Final = 3.0


def backtest_series(
    series: Sequence[RecordSeries],
    *,
    cutoffs: Sequence[float] | None = None,
    ahead: Sequence[int] = AHEAD,
    seed: int = 2026,
    draws: int = 1000,
    strict: bool = False,
) -> pd.DataFrame:
    """Forecast series of records from past cutoffs, and compare with the outcomes.

    Parameters
    ----------
    series : sequence of RecordSeries
        The series.
    cutoffs : sequence of float, optional
        Decimal years; by default each half year, of series younger than ten years each quarter, from the
        first at which five records are known.
    ahead : sequence of int, optional
        Years ahead.
    seed : int, optional
        Seed of all draws.
    draws : int, optional
        Members of each forecast.
    strict : bool, optional
        Use no figure that is not known to have been published by the cutoff.

    Returns
    -------
    DataFrame
        One row for each series, cutoff, years ahead and method, as `backtest` returns them, with ``origin``
        and ``year`` as decimal years, ``ahead``, ``factor`` (by which the method widened) and the account of
        publication (`records.GUARD`). Scores are in the unit of the series.

    Raises
    ------
    ArgumentError
        No series can be forecast from any cutoff, or an argument is out of range.

    Examples
    --------
    >>> from timecone.history.backtest.series import record_series
    >>> from timecone.history.backtest.series_forecasts import backtest_series
    >>> forecasts = backtest_series([record_series("largest_run")], cutoffs=[2022.0], ahead=[2], draws=200)
    >>> len(forecasts), int(forecasts["left_out"].max())
    (6, 0)
    """
    _require(ahead, draws, cutoffs)
    rows: list[dict[str, Any]] = []
    for one, cutoff, known in _cases(series, cutoffs, strict=strict):
        for years in sorted(set(ahead)):
            date = cutoff + years
            if date > one.end:
                continue
            outcome = ObservedValue(one.name, int(date), date, one.value(date), len(known.date))
            generator = np.random.default_rng([seed, round(1000 * cutoff), years, _key(one.name)])
            members = _members(one, known, date, generator, draws)
            factor = width_factor(rows, one.name, cutoff)
            members[WIDENED] = widened(
                members[DRIFTING_GROWTH], factor, known.value, is_record=not one.is_regular
            )
            for method, each in members.items():
                rows.append(
                    {"origin": cutoff, "target": one.name, "year": date, "ahead": years, "method": method}
                    | scores_of(outcome.value, each)
                    | {"factor": factor if method == WIDENED else 1.0, **known.guard}
                )
    if not rows:
        raise ArgumentError(
            "nothing-observed-since",
            "no series has enough records before a cutoff and an outcome after it",
            where="cutoffs",
            got=None if cutoffs is None else list(cutoffs),
            allowed=f"cutoffs with {FEWEST_RECORDS} records before them"
            + (", by figures published by then" if strict else ""),
        )
    return require_no_leak(pd.DataFrame(rows), strict=strict)


def forecast_series(
    series: RecordSeries,
    *,
    made: float,
    date: float,
    factor: float = 1.0,
    seed: int = 2026,
    draws: int = 4000,
) -> dict[str, FloatArray]:
    """Forecast a series of records by each method.

    Parameters
    ----------
    series : RecordSeries
        The series.
    made : float
        Decimal year of the forecast: records that became public later are not used.
    date : float
        Decimal year that is forecast.
    factor : float, optional
        Factor of the widened method, as `width_factor` returns it.
    seed, draws : int, optional
        Seed and number of members.

    Returns
    -------
    dict of str to ndarray
        (member,) values by method.

    Raises
    ------
    ArgumentError
        Too few records are known, or the date lies before the end of what is known.

    Examples
    --------
    >>> from timecone.history.backtest.series import record_series
    >>> from timecone.history.backtest.series_forecasts import forecast_series
    >>> members = forecast_series(record_series("horizon_50"), made=2026.3, date=2028.3, draws=200)
    >>> bool(np.median(members["drifting growth"]) > 3.0)
    True
    """
    known = known_records(series, made)
    if len(known.date) < FEWEST_RECORDS:
        raise ArgumentError(
            "too-few-records",
            f"too few records of {series.name} were known",
            where="made",
            got=len(known.date),
            allowed=f"at least {FEWEST_RECORDS}",
        )
    cutoff = min(made, series.end)
    if date <= cutoff:
        raise ArgumentError(
            "not-a-future-date",
            "the date does not lie after what is known",
            where="date",
            got=date,
            allowed=f"after {cutoff:.2f}",
        )
    known = KnownRecords(cutoff, known.date, known.value, known.guard)
    generator = np.random.default_rng([seed, round(1000 * made), _key(series.name)])
    members = _members(series, known, date, generator, draws)
    members[WIDENED] = widened(members[DRIFTING_GROWTH], factor, known.value, is_record=not series.is_regular)
    return members


def width_factor(scored: Sequence[dict[str, Any]] | pd.DataFrame, target: str, cutoff: float) -> float:
    """Return the factor by which intervals must be widened according to earlier errors, at least 1.

    The factor is the root mean square of the normal scores of the outcomes of drifting growth, over all
    forecasts of the series whose outcomes were known at the cutoff. A prior for 1 counts for six
    forecasts, and each past forecast for a third.

    Parameters
    ----------
    scored : sequence of dict, or DataFrame
        Rows of `backtest_series`.
    target : str
        Key of the series.
    cutoff : float
        Decimal year; outcomes of later dates are not read.

    Returns
    -------
    float
        The factor. Where intervals were too wide it is 1: errors of quiet years must not narrow those that
        come before an acceleration.

    Examples
    --------
    >>> from timecone.history.backtest.series_forecasts import width_factor
    >>> width_factor([], "largest_run", 2020.0)
    1.0
    """
    rows = scored.to_dict("records") if isinstance(scored, pd.DataFrame) else scored
    pit = [
        row["pit"]
        for row in rows
        if row["method"] == DRIFTING_GROWTH and row["target"] == target and row["year"] <= cutoff
    ]
    scores = np.clip(stats.norm.ppf(pit), -_LARGEST_SCORE, _LARGEST_SCORE) if pit else np.zeros(0)
    weight = PAST_WEIGHT * len(scores)
    square = (PRIOR_FORECASTS + PAST_WEIGHT * float(np.sum(scores**2))) / (PRIOR_FORECASTS + weight)
    return max(1.0, math.sqrt(square))


def widened(members: FloatArray, factor: float, known: FloatArray, *, is_record: bool) -> FloatArray:
    """Return members with their distances from the median times a factor.

    Parameters
    ----------
    members : ndarray
        (member,) values.
    factor : float
        The factor.
    known : ndarray
        Known values; a record never falls below the largest of them.
    is_record : bool
        Whether the series is the largest value so far.

    Returns
    -------
    ndarray
        (member,) values.

    Examples
    --------
    >>> import numpy as np
    >>> from timecone.history.backtest.series_forecasts import widened
    >>> widened(np.array([1.0, 2.0, 3.0]), 2.0, np.array([1.0]), is_record=True)
    array([1., 2., 4.])
    """
    middle = float(np.median(members))
    wide = middle + factor * (members - middle)
    return np.maximum(wide, known.max()) if is_record else wide


def record_dataset(
    forecasts: pd.DataFrame, sources: Sequence[Mapping[str, str]], *, seed: int, strict: bool = False
) -> xr.Dataset:
    """Return forecasts of series of records as a dataset that says what they rest on.

    Parameters
    ----------
    forecasts : DataFrame
        As `backtest_series` returns them.
    sources : sequence of mapping
        The files that they rest on.
    seed : int
        Seed of the back-test.
    strict : bool, optional
        Whether figures published after a cutoff were left out.

    Returns
    -------
    Dataset, dims (forecast,)
        One variable for each column; sources, seed and ``strict`` as attributes.

    Raises
    ------
    ArgumentError
        A forecast used a record that was published after its cutoff.

    Examples
    --------
    >>> from timecone.history.backtest.series import record_series
    >>> from timecone.history.backtest.series_forecasts import backtest_series, record_dataset
    >>> forecasts = backtest_series([record_series("largest_run")], cutoffs=[2022.0], ahead=[2], draws=200)
    >>> record_dataset(forecasts, [], seed=2026).sizes["forecast"]
    6
    """
    dataset = to_dataset(require_no_leak(forecasts, strict=strict), sources, seed=seed)
    return dataset.assign_attrs(kind=RECORD_BACKTEST_KIND, strict=int(strict))


def _cases(
    series: Sequence[RecordSeries], cutoffs: Sequence[float] | None, *, strict: bool
) -> Iterator[tuple[RecordSeries, float, KnownRecords]]:
    """Yield series, cutoff and known records, the earliest cutoffs of all series first."""
    cases = []
    for one in series:
        begin = max(one.since, float(one.records["date"].min()))
        step = _CUTOFF_STEP if one.end - begin > _YOUNG else _CUTOFF_STEP / 2.0
        chosen = np.arange(np.ceil(begin / step) * step, one.end, step) if cutoffs is None else set(cutoffs)
        for cutoff in chosen:
            known = known_records(one, float(cutoff), strict=strict)
            if len(known.date) >= FEWEST_RECORDS and cutoff < one.end:
                cases.append((one, float(cutoff), known))
    yield from sorted(cases, key=lambda case: case[1])


def _members(
    series: RecordSeries, known: KnownRecords, date: float, generator: np.random.Generator, draws: int
) -> dict[str, FloatArray]:
    """Return members of the forecasts of all methods but the widened one."""
    members = {
        DRIFTING_GROWTH: _trend(series, known, date, generator, draws, DRIFT_SCALE),
        FREER_DRIFT: _trend(series, known, date, generator, draws, FREER_SCALE),
        "straight line": _at_least(series, known, naive.line(known.date, known.value, date)),
    }
    grid = _half_yearly(series, known)
    persistence = naive.persistence(grid, date)
    last_growth = naive.last_trend(grid, date)
    if persistence is not None:
        members["persistence"] = _at_least(series, known, persistence)
    if last_growth is not None:
        members["last growth"] = _at_least(series, known, last_growth)
    return members


def _trend(
    series: RecordSeries,
    known: KnownRecords,
    date: float,
    generator: np.random.Generator,
    draws: int,
    drift_scale: float,
) -> FloatArray:
    """Return members of the forecast of a trend whose growth wanders."""
    unit = series.growth / GROWTH_PRIOR[0]
    grid = known.cutoff + np.arange(0.0, date - known.cutoff + _PATH_STEP, _PATH_STEP)
    drawn = draw_trend(
        known.date,
        known.value / unit,
        grid,
        seed=int(generator.integers(2**32)),
        draws=draws,
        drift_scale=drift_scale,
    )
    scatter = drawn.residual * generator.standard_normal(draws)
    if series.is_regular:
        behind = np.full(draws, float(np.mean(np.diff(known.date))) / 2.0)
    else:
        behind = generator.exponential(_interval(known), draws)
    when = date - behind
    place = np.clip((when - grid[0]) / _PATH_STEP, 0.0, len(grid) - 1.000001)
    left, draw = place.astype(int), np.arange(draws)
    share = place - left
    level = drawn.level[draw, left] * (1.0 - share) + drawn.level[draw, left + 1] * share
    record = unit * (level + scatter)
    if series.is_regular:
        return np.asarray(record)
    present = known.value.max()
    return np.where(when > known.cutoff, np.maximum(record, present), present)


def _interval(known: KnownRecords) -> float:
    """Return the mean time between the last records, up to the cutoff."""
    last = known.date[-_INTERVALS:]
    return float(known.cutoff - last[0]) / len(last)


def _at_least(series: RecordSeries, known: KnownRecords, members: FloatArray) -> FloatArray:
    return members if series.is_regular else np.maximum(members, known.value.max())


def _half_yearly(series: RecordSeries, known: KnownRecords) -> list[ObservedValue]:
    """Return the known values at half-yearly dates that end at the cutoff."""
    first = float(known.date[0])
    dates = known.cutoff - _NAIVE_STEP * np.arange(int((known.cutoff - first) / _NAIVE_STEP), -1, -1)
    values = []
    for date in dates:
        before = known.value[known.date <= date]
        value = before[-1] if series.is_regular else before.max()
        values.append(ObservedValue(series.name, int(date), float(date), float(value), len(before)))
    return values


def _key(name: str) -> int:
    """Return a number for a name, for seeds."""
    return int.from_bytes(name.encode()[:6].ljust(6), "big") + sum(name.encode())


def _require(ahead: Sequence[int], draws: int, cutoffs: Sequence[float] | None) -> None:
    for where, got, is_right, allowed in (
        ("ahead", list(ahead), len(ahead) > 0 and all(years >= 1 for years in ahead), "whole years from 1"),
        ("draws", draws, draws >= 2, "at least 2"),  # noqa: PLR2004 - a spread
        (
            "cutoffs",
            cutoffs if cutoffs is None else list(cutoffs),
            cutoffs is None or (len(cutoffs) > 0 and bool(np.isfinite(list(cutoffs)).all())),
            "decimal years",
        ),
    ):
        if not is_right:
            raise ArgumentError("out-of-range", "out of range", where=where, got=got, allowed=allowed)
