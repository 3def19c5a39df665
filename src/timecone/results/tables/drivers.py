"""Tables of what drives a run's answer."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from timecone.results.estimators.intervals import standard_error
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.run_file.drivers import GRADES, UNGRADED
from timecone.results.run_file.probabilities import horizon
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence
from timecone.results.tables.formats import units_and_digits
from timecone.results.tables.table import Cell, Table


def drivers_tables(run: xr.DataTree, table: xr.Dataset, count: int = 10) -> list[Table]:
    """Return the tables of the strongest inputs: conditional targets, and indices.

    Parameters
    ----------
    run : DataTree
        The run.
    table : Dataset
        As `timecone.drivers` gives it.
    count : int
        How many inputs to show.
    """
    chosen = table.isel(input=slice(0, count))
    write = target_writer(run, table)
    names = [display_name(str(name)) for name in chosen["input"].values]
    rows = []
    for k, name in enumerate(names):
        cells = [_cell(chosen, key, k, write) for key in ("low", "high", "at_p10", "at_p90")]
        key_of_input = str(chosen["input"].values[k])
        ends = [
            Cell(value_words(run, key_of_input, str(chosen[key].values[k]))) for key in ("low_at", "high_at")
        ]
        rows.append(
            (name, (ends[0], cells[0], ends[1], cells[1], *cells[2:], Cell(str(chosen["basis"].values[k]))))
        )
    heads = ("low values", "there", "high values", "there ", "near P10", "near P90", "basis")
    asked, at = table.attrs["asked"], target_text(table, write)
    conditional = Table(
        "drivers",
        f"{sentence(str(asked))} ({at}) where an input is low or high",
        "input",
        heads,
        tuple(rows),
        "Low and high: the lowest and the highest fifth of the input among the counted draws, with what is "
        "correlated with it; for a choice, the values with the smallest and the largest result.",
        text_columns=frozenset({"low values", "high values", "basis"}),
    )
    keys = ("rank_index", "pawn", "pawn_chance", "partial_rank_correlation", "narrowing")
    indices = tuple(
        (name, tuple(_cell(chosen, key, k, _index) for key in keys)) for k, name in enumerate(names)
    )
    return [
        conditional,
        Table(
            "driver_indices",
            f"Sensitivity indices: {asked}",
            "input",
            (
                "first-order rank index",
                "PAWN",
                "chance (95 %)",
                "partial rank correlation",
                "narrowing of the 80 % interval",
            ),
            indices,
            "A PAWN index below its chance level does not differ from chance.",
        ),
        _grades(table),
    ]


def display_name(name: str) -> str:
    """Return an input's name as scenario files have it."""
    return name.removeprefix("choice_")


def value_words(run: xr.DataTree, key: str, value: str) -> str:
    """Return where a part of an input lies: a bound, or the clause of a choice's value."""
    choice = display_name(key)
    return value if choice == key else choice_clause(run, choice, value)


def short_number(value: float) -> str:
    """Write a value of an input to three digits; a year in full."""
    return f"{value:.1f}" if 1900.0 < value < 2200.0 else f"{value:.3g}"  # noqa: PLR2004 - what reads as a year


def target_writer(run: xr.DataTree, table: xr.Dataset) -> rounding.Write:
    """Return how the target is written."""
    if table.attrs["unit"] == "1":
        return rounding.probability
    return units_and_digits(run, str(table.attrs["quantity"]))[1]


def target_text(table: xr.Dataset, write: rounding.Write) -> str:
    """Return the target over all draws, rounded by its error."""
    value, lower, upper = (float(table.attrs[key]) for key in ("target", "target_lower", "target_upper"))
    return write(value, float(standard_error(np.array(lower), np.array(upper))))


def _cell(table: xr.Dataset, key: str, k: int, write: rounding.Write) -> Cell:
    value = float(table[key].values[k])
    if math.isnan(value):
        return Cell("")
    if f"{key}_lower" not in table:
        return Cell(write(value, 1e-3))
    lower, upper = (float(table[f"{key}_{end}"].values[k]) for end in ("lower", "upper"))
    return Cell.of(write, value, lower, upper, float(standard_error(np.array(lower), np.array(upper))))


def _index(value: float, error: float) -> str:
    return f"{value:.{min(max(rounding.place(error), 2), 4) if 0.0 < error < math.inf else 3}f}"


def _grades(table: xr.Dataset) -> Table:
    shares = {g: float(table.attrs.get(f"share_{g}", 0.0)) for g in (*GRADES, UNGRADED)}
    shares = {g: s for g, s in shares.items() if g in GRADES or s}
    rows = [(grade, (Cell(f"{100.0 * share:.0f} %"),)) for grade, share in shares.items()]
    rest = 1.0 - sum(shares.values())
    rows.append(("interactions, random events", (Cell(f"{100.0 * rest:.0f} %"),)))
    return Table(
        "driver_grades",
        "Share of the variance (of ranks) that comes from inputs of each grade",
        "grade",
        ("share",),
        tuple(rows),
        "Shapley values of an additive fit; correlated grades share the part that they explain together.",
    )


def last_of(run: xr.DataTree, table: xr.Dataset) -> float:
    """Return the largest finite number that the target can have: 1, the horizon, or the longest duration."""
    if table.attrs["unit"] == "1":
        return 1.0
    last = horizon(run)
    return last if table.attrs["unit"] == "decimal year" else last - float(run.attrs["start"])
