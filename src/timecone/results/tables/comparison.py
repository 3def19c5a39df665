"""Comparison of a run's tables with those of another reading of the same run, such as a reweighted one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import xarray as xr

from timecone.results.run_file.access import is_duration
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, horizon, probability_by
from timecone.results.tables import rounding
from timecone.results.tables.dates import date_words
from timecone.results.tables.formats import units_and_digits
from timecone.results.tables.rows import PERCENTILES, attempt, rows_of
from timecone.results.tables.table import MISSING, Cell, Table, cells


class Reading(Protocol):
    """Another reading of a run's draws, for instance with weights."""

    @property
    def run(self) -> xr.DataTree:
        """The run."""

    def percentiles(
        self, quantity: str, q: Sequence[float], *, where: Mapping[str, str] | None = None
    ) -> xr.DataArray:
        """Return percentiles, as `timecone.percentiles` does."""

    def probability_by(
        self, quantity: str, years: Sequence[int], *, where: Mapping[str, str] | None = None
    ) -> xr.DataArray:
        """Return probabilities of arrival, as `timecone.probability_by` does."""


class ComparedRow(NamedTuple):
    """A row of both tables: its quantity, condition and label, and its numbers; None where no draw counts."""

    quantity: str
    where: dict[str, str]
    label: str
    before: xr.DataArray | None
    after: xr.DataArray | None


def probabilities(reading: Reading, years: Sequence[int] | None = None) -> list[ComparedRow]:
    """Return the probability of each milestone by the end of years, in the run and in the other reading."""
    run = reading.run
    columns = default_years(run) if years is None else years
    return [
        ComparedRow(
            quantity,
            where,
            label,
            attempt(probability_by, run, quantity, columns, where=where),
            attempt(reading.probability_by, quantity, columns, where=where),
        )
        for quantity, where, label in rows_of(run)
        if columns and not is_duration(run, quantity)
    ]


def years_at_percentiles(reading: Reading, q: Sequence[float] = PERCENTILES) -> list[ComparedRow]:
    """Return dates and durations at percentiles, in the run and in the other reading."""
    return [
        ComparedRow(
            quantity,
            where,
            label,
            attempt(percentiles, reading.run, quantity, q, where=where),
            attempt(reading.percentiles, quantity, q, where=where),
        )
        for quantity, where, label in rows_of(reading.run)
    ]


def tables(reading: Reading, label: str = "reweighted") -> list[Table]:
    """Return both main tables: under each row of the run that of the other reading, named by ``label``."""
    run = reading.run
    years = [*map(str, default_years(run)), f"not by {horizon(run):g}"]
    levels = [f"{p:g}" for p in PERCENTILES]
    shares = [
        line
        for row in probabilities(reading)
        for line in _lines(row, label, "", rounding.probability, len(years))
    ]
    dates = [
        line
        for row in years_at_percentiles(reading)
        for line in _lines(row, label, *units_and_digits(run, row.quantity), len(levels))
    ]
    both = (
        ("probabilities", "Probability by the end of the year", "by the end of", years, shares),
        ("percentiles", f"{date_words()} at each percentile", "percentile", levels, dates),
    )
    return [
        Table(name, title, corner, tuple(columns), tuple(lines))
        for name, title, corner, columns, lines in both
    ]


def _lines(
    row: ComparedRow, label: str, unit: str, write: rounding.Write, columns: int
) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    indent = " " * (len(row.label) - len(row.label.lstrip()) + 2)
    missing = (Cell(MISSING),) * columns
    yield row.label + unit, missing if row.before is None else cells(row.before, write)
    yield f"{indent}{label}", missing if row.after is None else cells(row.after, write)
