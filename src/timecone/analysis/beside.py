"""A run's tables, as they were and reweighted, beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import xarray as xr

from timecone.analysis.reweight import Reweighted
from timecone.results import quote
from timecone.results.percentiles import percentiles
from timecone.results.probabilities import horizon, probability_by
from timecone.results.quoted import MISSING, Cell, QuotedTable
from timecone.results.tables import PERCENTILES, attempt, default_years, rows_of
from timecone.schema import TAKEOFF


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
        if quantity != TAKEOFF and wanted
    ]  # fmt: skip


def years_at_percentiles(found: Reweighted, q: Sequence[float] = PERCENTILES) -> list[Both]:
    """Return the date of each milestone, and the takeoff duration, at percentiles, before and after."""
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
    first, last = float(found.run.attrs["start"]), horizon(found.run)
    date = _plain_ends(partial(quote.date, start=first, horizon=last))
    duration = _plain_ends(partial(quote.duration, longest=last - first))
    years, levels = [str(year) for year in default_years(found.run)], [f"{p:g}" for p in PERCENTILES]
    years.append(f"not by {last:g}")
    shares = [line for row in probabilities(found) for line in _lines(row, _share, len(years))]
    dates = [
        line
        for row in years_at_percentiles(found)
        for line in _lines(row, duration if row.quantity == TAKEOFF else date, len(levels))
    ]
    both = (
        ("probabilities", "Probability by the end of the year", "by the end of", years, shares),
        ("percentiles", "Year at percentile", "percentile", levels, dates),
    )
    return [
        QuotedTable(name, f"{title}, with 95 % Monte Carlo interval", corner, tuple(columns), tuple(lines))
        for name, title, corner, columns, lines in both
    ]


#: Writes a number from itself, both ends of its interval, and its standard error.
type WriteCell = Callable[[float, float, float, float], Cell]


def _plain_ends(write: Callable[[float, float], str]) -> WriteCell:
    def cell(value: float, lower: float, upper: float, error: float) -> Cell:
        return Cell(write(value, error), quote.interval(write(lower, 0.0), write(upper, 0.0)))

    return cell


def _share(value: float, lower: float, upper: float, error: float) -> Cell:
    # One digit more than the number itself bears.
    places = min(max(quote.decimals(error, "probability"), 0) + 1, 3)
    ends = (f"{end:.{places}f}".removeprefix("0") for end in (lower, upper))
    return Cell(quote.probability(value, error), quote.interval(*ends))


def _lines(row: Both, write: WriteCell, columns: int) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    unit = ", years" if row.quantity == TAKEOFF else ""
    indent = " " * (len(row.words) - len(row.words.lstrip()) + 2)
    yield row.words + unit, tuple(_cells(row.before, write, columns))
    yield f"{indent}reweighted", tuple(_cells(row.after, write, columns))


def _cells(found: xr.DataArray | None, write: WriteCell, columns: int) -> Iterator[Cell]:
    if found is None:
        yield from [Cell(MISSING)] * columns
        return
    parts = (found, found.lower, found.upper, found.standard_error)
    for point in zip(*(part.values.tolist() for part in parts), strict=True):
        yield write(*point)
    if "not_by_horizon" in found.attrs:
        yield Cell(quote.probability(found.attrs["not_by_horizon"], found.attrs["not_by_horizon_error"]))
