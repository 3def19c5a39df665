"""Exogenous series: human coders, compute for inference and experiments, and training compute by year.

The logarithm of each is linear between two rows, and after the last row it grows as between the last two.
Training compute enters by its growth g alone, in OOM per year, and by its integral G from the first row on.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon.source import AI_FUTURES
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray

#: Editions of the series, each with the column of its training compute.
GROWTH_COLUMN: Final = "training_growth_oom_per_year"
LEVEL_COLUMN: Final = "log10_training_flop"

COMPUTE_SLOWDOWN: Final = "compute_slowdown"
_ON = (COMPUTE_SLOWDOWN,)
PARAMETERS: Final = (
    Parameter(
        "growth.before",
        "OOM/year",
        "Growth of training compute before the slowdown.",
        AI_FUTURES,
        low=0.0,
        includes_low=True,
        components=_ON,
    ),
    Parameter(
        "growth.slowdown",
        "calendar year",
        "Date of the slowdown: rows of the series from this date on grow at the later pace.",
        AI_FUTURES,
        components=_ON,
    ),
    Parameter(
        "growth.after",
        "OOM/year",
        "Growth of training compute after the slowdown.",
        AI_FUTURES,
        low=0.0,
        includes_low=True,
        components=_ON,
    ),
)
COMPONENTS: Final = (
    Component(
        COMPUTE_SLOWDOWN,
        "Slowdown of compute",
        ("growth.before", "growth.slowdown", "growth.after"),
        "Training compute grows at one pace before a date and at another one after it, in place of the"
        " growth of the bundled series.",
    ),
)


class Series(NamedTuple):
    """Yearly inputs of an edition.

    Attributes
    ----------
    years : array, shape (rows,)
        Dates of the rows.
    labour, inference, experiments : arrays, shape (rows,)
        Natural logarithms of human coders, and of compute for inference and experiments in H100e.
    growth_begin, growth_end : arrays, shape (rows,)
        Growth of training compute at the beginning and at the end of the interval after each row, OOM/year.
    growth_total : array, shape (rows,)
        Its integral from the first row to each, OOM.
    """

    years: FloatArray
    labour: FloatArray
    inference: FloatArray
    experiments: FloatArray
    growth_begin: FloatArray
    growth_end: FloatArray
    growth_total: FloatArray


def rows_of(edition: str) -> dict[str, FloatArray]:
    """Return the columns of an edition's table, by name."""
    file = resources.files("timecone.models.horizon") / f"series_{edition}.csv"
    lines = (line for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


@cache
def series(edition: str) -> Series:
    """Return the series of an edition, with the growth that its table has."""
    columns = rows_of(edition)
    years = columns["year"]
    if GROWTH_COLUMN in columns:
        begin = columns[GROWTH_COLUMN]
        end = np.append(begin[1:], begin[-1])
    else:
        slopes = np.diff(columns[LEVEL_COLUMN]) / np.diff(years)
        begin = end = np.append(slopes, slopes[-1])
    logs = (np.log(columns[n]) for n in ("human_coders", "inference_h100e", "experiment_h100e"))
    out = Series(years, *logs, begin.copy(), end.copy(), np.zeros(years.size))
    accumulate_growth.py_func(out)  # type: ignore[attr-defined]
    return out


@kernel
def accumulate_growth(series: Series) -> None:
    """Fill the integral of the growth of training compute."""
    series.growth_total[0] = 0.0
    for j in range(series.years.size - 1):
        width = series.years[j + 1] - series.years[j]
        mean = 0.5 * (series.growth_begin[j] + series.growth_end[j])
        series.growth_total[j + 1] = series.growth_total[j] + mean * width


@kernel
def with_slowdown(series: Series, before: float, slowdown: float, after: float) -> Series:
    """Return the series with another growth of training compute: linear between rows of either pace."""
    rows = series.years.size
    begin, end, total = np.empty(rows), np.empty(rows), np.empty(rows)
    for j in range(rows):
        begin[j] = before if series.years[j] < slowdown else after
    for j in range(rows - 1):
        end[j] = begin[j + 1]
    end[rows - 1] = begin[rows - 1]
    out = Series(series.years, series.labour, series.inference, series.experiments, begin, end, total)
    accumulate_growth(out)
    return out


@scalar
def row_before(years: FloatArray, time: float, j: int) -> int:
    """Return the row with which the interval of a time begins, searched forward from row ``j``."""
    while j + 2 < years.size and time >= years[j + 1]:
        j += 1
    return j


@scalar
def at(years: FloatArray, logs: FloatArray, time: float, j: int) -> float:
    """Return the logarithm of a series at a time in the interval after row ``j``."""
    return logs[j] + (logs[j + 1] - logs[j]) / (years[j + 1] - years[j]) * (time - years[j])


@scalar
def slope(years: FloatArray, logs: FloatArray, j: int) -> float:
    """Return the growth of a series in the interval after row ``j``, 1/year."""
    return (logs[j + 1] - logs[j]) / (years[j + 1] - years[j])


@scalar
def growth(series: Series, time: float, j: int) -> float:
    """Return the growth of training compute at a time in the interval after row ``j``, OOM/year."""
    begin, end = series.growth_begin[j], series.growth_end[j]
    return begin + (end - begin) * (time - series.years[j]) / (series.years[j + 1] - series.years[j])


@scalar
def growth_total(series: Series, time: float, j: int) -> float:
    """Return the integral of the growth of training compute from the first row to a time, OOM."""
    since = time - series.years[j]
    return series.growth_total[j] + 0.5 * since * (series.growth_begin[j] + growth(series, time, j))
