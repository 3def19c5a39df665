"""Tables of the differences between two runs."""

from __future__ import annotations

import math

import xarray as xr

from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.run_file.compare import Comparison
from timecone.results.tables import rounding
from timecone.results.tables.dates import date_words
from timecone.results.tables.formats import units_and_digits
from timecone.results.tables.names import plain_name
from timecone.results.tables.table import Cell, Table


def difference_tables(first: xr.DataTree, second: xr.DataTree, comparison: Comparison) -> list[Table]:
    """Return the tables of a comparison: inputs that differ, statistics with differences, shifts."""
    names, (unit, write) = comparison.names, units_and_digits(first, comparison.quantity)
    write_second = units_and_digits(second, comparison.quantity)[1]
    error = "paired errors" if comparison.paired else "errors of independent runs"
    tables = []
    if comparison.inputs:
        heads = (f"in {names[0]}", f"in {names[1]} ") if names[0] == names[1] else names
        rows = [(_input_words(first, key), (_short(a), _short(b))) for key, a, b in comparison.inputs]
        tables.append(Table.of_texts("differing_inputs", "Inputs that differ", "input", heads, rows, heads))
    heads = ("first", "second") if names[0] == names[1] else names
    if comparison.probabilities.sizes["year"]:
        tables.append(
            Table(
                "probability_differences",
                f"Probability by the end of the year, and the difference with {error}",
                "by the end of",
                tuple(f"{y}" for y in comparison.probabilities["year"].values),
                _rows(
                    comparison.probabilities,
                    heads,
                    (rounding.probability, rounding.probability),
                    signed_probability,
                ),
            ),
        )
    note = "" if not unit else "Years of duration."
    tables.append(
        Table(
            "percentile_differences",
            f"{date_words()} at each percentile, and the difference in years with {error}",
            "percentile",
            tuple(f"{p:g}" for p in comparison.percentiles["percentile"].values),
            _rows(comparison.percentiles, heads, (write, write_second), signed_years),
            note,
        ),
    )
    if comparison.shifts:
        tables.append(_shift_table(comparison.shifts))
    return tables


def _input_words(run: xr.DataTree, key: str) -> str:
    """Return what a key of a scenario file states, in words; other keys as they are."""
    section, *parts = key.split(".")
    match section, parts:
        case "choices", [choice, "weights", value]:
            return f"weight if {choice_clause(run, choice, value)}"
        case "parameters", [component, quantity, *about]:
            return ", ".join([plain_name(f"{component}.{quantity}"), *about])
        case _:
            return key


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a column of words


def _rows(
    table: xr.Dataset,
    heads: tuple[str, str],
    writes: tuple[rounding.Write, rounding.Write],
    signed: rounding.Write,
) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    errors = table["standard_error"].values.tolist()
    rows = [
        (
            head,
            tuple(
                Cell(write(value, max(0.0, error)))
                for value, error in zip(table[key].values.tolist(), errors, strict=True)
            ),
        )
        for head, key, write in zip(heads, ("first", "second"), writes, strict=True)
    ]
    points = zip(
        *(table[key].values.tolist() for key in ("difference", "lower", "upper", "standard_error")),
        strict=True,
    )
    return (*rows, ("difference", tuple(difference_cell(signed, *point) for point in points)))


def difference_cell(write: rounding.Write, value: float, lower: float, upper: float, error: float) -> Cell:
    """Return a difference with its interval; in words where a side is beyond the horizon."""
    if math.isnan(value):
        return Cell("both beyond")
    if math.isinf(value):
        return Cell("to beyond" if value > 0.0 else "from beyond")
    if not math.isfinite(error):
        return Cell(write(value, error), "no interval")
    return Cell.of(write, value, lower, upper, error)


def signed_probability(value: float, error: float) -> str:
    """Write a difference of probabilities, with its sign."""
    return f"{value:+.{rounding.decimals(error, 'probability')}f}"


def signed_years(value: float, error: float) -> str:
    """Write a difference in years, with its sign."""
    return f"{value:+.{rounding.decimals(error, 'date')}f}"


def _shift_table(shifts: xr.Dataset) -> Table:
    """Return how the draws move, and apart from that the mass that moves to or from "not reached"."""
    rows = []
    for share, low, high in zip(
        *(shifts[k].values for k in ("share", "lower_edge", "upper_edge")), strict=True
    ):
        if share == 0.0:
            continue
        if math.isinf(low):
            movement = f"earlier by more than {-high:g} years"
        elif math.isinf(high):
            movement = f"later by more than {low:g} years"
        elif low < 0.0 < high:
            movement = f"by less than {high:g} years"
        else:
            movement = f"earlier by {-high:g} to {-low:g}" if high <= 0.0 else f"later by {low:g} to {high:g}"
        rows.append((movement, (f"{100.0 * share:.1f} %",)))
    apart = {
        "  of these not moved at all": "unmoved",
        "to not reached": "to_not_reached",
        "from not reached": "from_not_reached",
        "not reached in both": "not_reached_in_both",
        "counts in the first only": "only_first",
        "counts in the second only": "only_second",
    }
    rows += [(movement, (f"{100.0 * float(shifts.attrs[key]):.1f} %",)) for movement, key in apart.items()]
    return Table.of_texts(
        "shifts",
        "Shift of each draw, as shares of the draws that count in either run",
        "moves",
        ("share of draws",),
        rows,
    )
