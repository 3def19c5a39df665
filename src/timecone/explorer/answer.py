"""Answer of a run as plain numbers and texts for the page: curves, fan, tables, sentences, tornado."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.errors import TimeconeError
from timecone.results.run_file import curves
from timecone.results.run_file.access import (
    durations,
    group,
    headline,
    label,
    milestones,
    sample,
)
from timecone.results.run_file.compare import compare
from timecone.results.run_file.drivers import swings
from timecone.results.run_file.probabilities import default_years, horizon
from timecone.results.tables import rounding
from timecone.results.tables.accounts import account_lines, sentence
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.drivers import display_name, value_words
from timecone.results.tables.names import plain_name
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Table
from timecone.schema import MAIN_OBSERVABLE, NOTE, OUTCOMES, SUMMARY

# Points of a curve, and the share of the headline's mass after which a figure may end.
_POINTS: Final = 240
_MOST_SHOWN: Final = 0.9
_ENDS: Final = (2035, 2040, 2050, 2060, 2080, 2100)
_SHORTEST: Final = 0.05
_ROWS: Final = 10
_FAN: Final = (5.0, 25.0, 50.0, 75.0, 95.0)
# Standard errors below which a sentence shows no more digits.
_COARSE: Final = 0.1
_FINE: Final = 0.01
#: The year whose probability the sentence of the shift tells, where the run reaches it.
_YEARS: Final = (2035, 2030, 2040, 2050)


def answer_of(run: xr.DataTree) -> dict[str, Any]:
    """Return what the page shows of a run, ready for JSON.

    Parameters
    ----------
    run : DataTree
        A run that stores all its draws.

    Returns
    -------
    dict
        ``dates`` and ``milestones`` with a curve each, ``durations``, ``fan`` and ``quote``. Tables take
        longer: see `details_of`.
    """
    main = headline(run)
    statistics = RunStatistics(run, rows=[(main, {}, label(run, main))])
    dates = np.linspace(float(run.attrs["start"]), horizon(run), _POINTS + 1)
    arrivals = [
        {
            "name": name,
            "label": label(run, name),
            "definition": _definition(run, name),
            "curve": _shares(run, name, dates),
        }
        for name in milestones(run)
    ]
    return {
        "headline": main,
        "dates": _numbers(dates),
        "milestones": arrivals,
        "durations": [_duration(run, name) for name in durations(run)],
        "fan": _fan(run),
        "quote": _quote(statistics, main),
        "view_end": _view_end(run, main),
        "draws": int(run.attrs["draws"]),
        "seed": int(run.attrs["seed"]),
        "run_id": str(run.attrs["run_id"]),
    }


def details_of(run: xr.DataTree) -> dict[str, Any]:
    """Return both tables of a run, and where its draws went, in sentences.

    Returns
    -------
    dict
        ``tables`` and ``accounts``.
    """
    statistics = RunStatistics(run)
    tables = (probabilities(statistics), years_at_percentiles(statistics))
    return {"tables": [_table(table) for table in tables], "accounts": account_lines(run)}


def shift_of(before: xr.DataTree, after: xr.DataTree) -> str:
    """Return in words how the headline has moved: its median, and its probability by a year.

    Examples
    --------
    >>> import timecone as tc
    >>> scenario = tc.load("baseline")
    >>> slow = scenario.replace({"deployment.delay": tc.Uniform(low=3, high=9, unit="year")})
    >>> shift_of(*(tc.simulate(s, draws=2000, seed=1, paths=0) for s in (scenario, slow)))[:10]
    'TAI: media'
    """
    main = headline(before)
    years = [year for year in _YEARS if year in default_years(before, after)][:1]
    comparison = compare(before, after, main, q=[50], years=years or None)
    name = label(before, main)
    parts = [_median_words(before, comparison.percentiles)]
    probability = comparison.probabilities
    for k, year in enumerate(probability["year"].values[:1]):
        first, second, error = (
            float(probability[key].values[k]) for key in ("first", "second", "standard_error")
        )
        change = second - first
        way = "higher" if change > 0.0 else "lower"
        parts.append(
            f"P(by {int(year)}) {rounding.probability(second, max(error, _COARSE))}, "
            + (
                f"{rounding.probability(abs(change), max(error, _FINE))} {way}"
                f" (was {rounding.probability(first, max(error, _COARSE))})"
                if abs(change) > 0.0
                else "unchanged"
            )
        )
    return f"{name}: {'; '.join(parts)}."


def _median_words(run: xr.DataTree, percentiles: xr.Dataset) -> str:
    first, second, error = (
        float(percentiles[key].values[0]) for key in ("first", "second", "standard_error")
    )
    ends = {"start": float(run.attrs["start"]), "horizon": horizon(run)}
    error = error if math.isfinite(error) else 1.0
    was, now = (rounding.date(value, max(error, 1.0), **ends) for value in (first, second))
    if math.isfinite(first) and math.isfinite(second):
        change = second - first
        if change == 0.0:
            return f"median {now}, unchanged"
        by = rounding.duration(abs(change), max(error, _COARSE), math.inf)
        return f"median {now}, {by} years {'later' if change > 0 else 'earlier'} (was {was})"
    if math.isinf(first) and math.isinf(second):
        return f"median after {ends['horizon']:g}, as before"
    return f"median {now} (was {was})"


def drivers_of(run: xr.DataTree) -> dict[str, Any]:
    """Return the tornado: the median of the headline where each input is low and where it is high.

    Returns
    -------
    dict
        ``rows`` with the strongest input first, ``target``, ``asked``, ``unit``; ``message`` in place of
        rows where the run has too few draws that count.
    """
    try:
        table = swings(run)
    except TimeconeError as error:
        return {"rows": [], "message": error.line}
    last = horizon(run)
    shown = table.isel(input=slice(0, _ROWS))
    rows = []
    for k, name in enumerate(shown["input"].values):
        low, high = (float(shown[key].values[k]) for key in ("low", "high"))
        rows.append(
            {
                "input": str(name),
                "label": sentence(plain_name(str(name))),
                "low": _finite(low, last),
                "high": _finite(high, last),
                "ends": _ends(run, str(name), *(str(shown[key].values[k]) for key in ("low_at", "high_at"))),
                "low_beyond": low > last,
                "high_beyond": high > last,
            }
        )
    return {
        "rows": rows,
        "order": [str(name) for name in table["input"].values],
        "target": _finite(float(table.attrs["target"]), last),
        "asked": str(table.attrs["asked"]),
        "horizon": last,
        "message": "",
    }


def _ends(run: xr.DataTree, name: str, low: str, high: str) -> str:
    """Return where a bar's ends are: the outer fifths of an input, or values of a choice."""
    if name == display_name(name):
        return f"low {low}, high {high}"
    return f"if {value_words(run, name, low)}, or if {value_words(run, name, high)}"


def _finite(value: float, last: float) -> float:
    return round(min(value, last), 4)


def _shares(run: xr.DataTree, name: str, at: np.ndarray) -> list[float]:
    """Return the share of the counted draws below each of some numbers."""
    drawn = sample(run, name, None)
    return _numbers(np.asarray(drawn.count_below(at)) / drawn.size, 6)


def _numbers(values: Sequence[float] | np.ndarray, digits: int = 4) -> list[Any]:
    """Return numbers that JSON has; None for infinite ones."""
    return [round(float(v), digits) if math.isfinite(v) else None for v in values]


def _definition(run: xr.DataTree, name: str) -> str:
    summary = group(run, SUMMARY).sel(milestone=name)
    return str(summary["milestone_definition"].item())


def _duration(run: xr.DataTree, name: str) -> dict[str, Any]:
    longest = max(horizon(run) - float(run.attrs["start"]), 1.0)
    at = np.geomspace(_SHORTEST, longest, 121)
    return {
        "name": name,
        "label": sentence(label(run, name)),
        "meaning": str(group(run, OUTCOMES)[name].attrs.get("long_name", "")),
        "years": _numbers(at),
        "curve": _shares(run, name, at),
    }


def _fan(run: xr.DataTree) -> dict[str, Any] | None:
    """Return the fan of the main observable, and the levels of its threshold."""
    if not run.attrs.get(MAIN_OBSERVABLE):
        return None
    fan = curves.fan(run).sel(percentile=list(_FAN))
    try:
        threshold = curves.thresholds(run).isel(value=0).sel(percentile=list(_FAN))
        levels, meaning = _numbers(threshold.values), "requirement"
    except TimeconeError:
        levels, meaning = [], ""
    return {
        "label": str(fan.attrs.get("long_name", run.attrs[MAIN_OBSERVABLE])),
        "unit": str(fan.attrs.get("units", "")),
        "note": str(fan.attrs.get(NOTE, "")).replace("{start:g}", f"{float(run.attrs['start']):g}"),
        "time": _numbers(fan["time"].values),
        "bands": [_numbers(fan.values[:, k], 3) for k in range(len(_FAN))],
        "levels": levels,
        "levels_of": meaning,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "corner": table.corner,
        "columns": list(table.columns),
        "rows": [[name, [[cell.text, cell.bracket] for cell in cells]] for name, cells in table.rows],
        "note": table.note,
    }


def _quote(statistics: RunStatistics, main: str) -> dict[str, Any]:
    """Return the headline's median, its 80 % interval and the probability of some years, as texts."""
    run = statistics.run
    array = statistics.percentiles(main)
    ends = {"start": float(run.attrs["start"]), "horizon": horizon(run)}
    texts = {}
    if array is not None:
        for level, value, error in zip(
            array["percentile"].values, array.values, array["standard_error"].values, strict=True
        ):
            texts[f"{level:g}"] = rounding.date(float(value), max(float(error), 1.0), **ends)
    by = statistics.probabilities(main) if statistics.years else None
    chances = (
        []
        if by is None
        else [
            [int(year), rounding.probability(float(value), max(float(error), _COARSE))]
            for year, value, error in zip(
                by["year"].values, by.values, by["standard_error"].values, strict=True
            )
        ]
    )
    return {"label": label(run, main), "definition": _definition(run, main), "at": texts, "by": chances}


def _view_end(run: xr.DataTree, main: str) -> float:
    """Return the year at which figures of dates end at first: most of what arrives has arrived."""
    last = horizon(run)
    ends = [float(year) for year in _ENDS if year < last] + [last]
    drawn = sample(run, main, None)
    shares = np.asarray(drawn.count_below(np.array(ends))) / max(drawn.size, 1)
    enough = shares >= _MOST_SHOWN * shares[-1]
    return ends[int(np.argmax(enough))]
