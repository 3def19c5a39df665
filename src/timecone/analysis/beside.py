"""A run's tables, as they were and reweighted, beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import xarray as xr

from timecone.analysis.reweight import Reweighted
from timecone.results import quote
from timecone.results.access import is_duration
from timecone.results.percentiles import percentiles
from timecone.results.probabilities import horizon, probability_by
from timecone.results.quoted import MISSING, Cell, QuotedTable, cells, units_and_digits
from timecone.results.tables import PERCENTILES, attempt, default_years, rows_of


class Both(NamedTuple):
    """One row of a table: what it is of, and its numbers before and after; None where no draw counts."""

    quantity: str
    where: dict[str, str]
    words: str
    before: xr.DataArray | None
    after: xr.DataArray | None


def probabilities(found: Reweighted, years: Sequence[int] | None = None) -> list[Both]:
    """Return the probability of each milestone by the end of years, before and after."""
    wanted = default_years(found.run) if years is None else years
    return [
        Both(
            quantity, where, words,
            attempt(probability_by, found.run, quantity, wanted, where=where),
            attempt(partial(_probability_by, found), found.run, quantity, wanted, where=where),
        )
        for quantity, where, words in rows_of(found.run)
        if wanted and not is_duration(found.run, quantity)
    ]  # fmt: skip


def years_at_percentiles(found: Reweighted, q: Sequence[float] = PERCENTILES) -> list[Both]:
    """Return the date of each milestone, and each duration, at percentiles, before and after."""
    return [
        Both(
            quantity, where, words,
            attempt(percentiles, found.run, quantity, q, where=where),
            attempt(partial(_percentiles, found), found.run, quantity, q, where=where),
        )
        for quantity, where, words in rows_of(found.run)
    ]  # fmt: skip


def _probability_by(
    found: Reweighted, _: xr.DataTree, quantity: str, years: Sequence[int], *, where: dict[str, str]
) -> xr.DataArray:
    return found.probability_by(quantity, years, where=where)


def _percentiles(
    found: Reweighted, _: xr.DataTree, quantity: str, q: Sequence[float], *, where: dict[str, str]
) -> xr.DataArray:
    return found.percentiles(quantity, q, where=where)


def quoted(found: Reweighted) -> list[QuotedTable]:
    """Return both tables as they are quoted: under each row its reweighted twin."""
    years, levels = [str(year) for year in default_years(found.run)], [f"{p:g}" for p in PERCENTILES]
    years.append(f"not by {horizon(found.run):g}")
    shares = [line for row in probabilities(found) for line in _lines(row, "", quote.probability, len(years))]
    dates = [
        line
        for row in years_at_percentiles(found)
        for line in _lines(row, *units_and_digits(found.run, row.quantity), len(levels))
    ]
    both = (
        ("probabilities", "Probability by the end of the year", "by the end of", years, shares),
        ("percentiles", "Year at percentile", "percentile", levels, dates),
    )
    return [
        QuotedTable(name, f"{title}, with 95 % Monte Carlo interval", corner, tuple(columns), tuple(lines))
        for name, title, corner, columns, lines in both
    ]


def _lines(row: Both, unit: str, write: quote.Write, columns: int) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    indent = " " * (len(row.words) - len(row.words.lstrip()) + 2)
    missing = (Cell(MISSING),) * columns
    yield row.words + unit, missing if row.before is None else cells(row.before, write)
    yield f"{indent}reweighted", missing if row.after is None else cells(row.after, write)
