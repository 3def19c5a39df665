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
    labour_slope, inference_slope, experiments_slope : arrays, shape (rows,)
        Their growth in the interval after each row, 1/year.
    growth, growth_slope : arrays, shape (rows,)
        Growth of training compute at the beginning of the interval after each row, OOM/year, and its slope.
    growth_total : array, shape (rows,)
        The integral of that growth from the first row to each, OOM.
    """

    years: FloatArray
    labour: FloatArray
    inference: FloatArray
    experiments: FloatArray
    labour_slope: FloatArray
    inference_slope: FloatArray
    experiments_slope: FloatArray
    growth: FloatArray
    growth_slope: FloatArray
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
    labour, inference, experiments = (
        np.log(columns[name]) for name in ("human_coders", "inference_h100e", "experiment_h100e")
    )
    if GROWTH_COLUMN in columns:
        growth = columns[GROWTH_COLUMN]
        growth_slope = _slopes(years, growth)
        growth_slope[-1] = 0.0
    else:
        growth, growth_slope = _slopes(years, columns[LEVEL_COLUMN]), np.zeros(years.size)
    return Series(
        years,
        labour,
        inference,
        experiments,
        _slopes(years, labour),
        _slopes(years, inference),
        _slopes(years, experiments),
        growth,
        growth_slope,
        growth_integral(years, growth, growth_slope),
    )


def _slopes(years: FloatArray, values: FloatArray) -> FloatArray:
    """Return the slope of values after each row; after the last row that before it."""
    slopes = np.diff(values) / np.diff(years)
    return np.append(slopes, slopes[-1])


@kernel
def growth_integral(years: FloatArray, growth: FloatArray, slope: FloatArray) -> FloatArray:
    """Return the integral of growth from the first row to each."""
    total = np.zeros(years.size)
    for j in range(years.size - 1):
        width = years[j + 1] - years[j]
        total[j + 1] = total[j] + (growth[j] + 0.5 * slope[j] * width) * width
    return total


@kernel
def with_slowdown(series: Series, before: float, slowdown: float, after: float) -> Series:
    """Return the series with another growth of training compute: linear between rows of either pace."""
    rows, years = series.years.size, series.years
    growth, slope = np.empty(rows), np.zeros(rows)
    for j in range(rows):
        growth[j] = before if years[j] < slowdown else after
    for j in range(rows - 1):
        slope[j] = (growth[j + 1] - growth[j]) / (years[j + 1] - years[j])
    return Series(
        years,
        series.labour,
        series.inference,
        series.experiments,
        series.labour_slope,
        series.inference_slope,
        series.experiments_slope,
        growth,
        slope,
        growth_integral(years, growth, slope),
    )


@scalar
def row_before(years: FloatArray, time: float, j: int) -> int:
    """Return the row with which the interval of a time begins, searched forward from row ``j``."""
    while j + 1 < years.size and time >= years[j + 1]:
        j += 1
    return j


@scalar
def growth_at(series: Series, time: float, j: int) -> float:
    """Return the growth of training compute at a time in the interval after row ``j``, OOM/year."""
    return float(series.growth[j] + series.growth_slope[j] * (time - series.years[j]))


@scalar
def growth_until(series: Series, time: float, j: int) -> float:
    """Return the integral of that growth from the first row to a time after row ``j``, OOM."""
    since = time - series.years[j]
    mean = series.growth[j] + 0.5 * series.growth_slope[j] * since
    return float(series.growth_total[j] + since * mean)
