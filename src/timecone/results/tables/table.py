"""A table of rounded numbers with their intervals, for any page to lay out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import xarray as xr

from timecone.results.tables import rounding

#: Stands in place of numbers where a condition leaves no draw, and what is said of it.
MISSING = "-"


MISSING_NOTE = "-: no draw counts under this condition (weight 0, all removed, or failed)."


@dataclass(frozen=True)
class Cell:
    """A number as it is printed, with its 95 % Monte Carlo interval where it has one.

    Attributes
    ----------
    text, interval : str
        The number and both ends of its interval, rounded by its standard error.
    value, lower, upper, standard_error : float
        The numbers themselves; NaN where the cell holds text. Cells that print the same are equal.
    """

    text: str
    interval: str = ""
    value: float = field(default=math.nan, compare=False)
    lower: float = field(default=math.nan, compare=False)
    upper: float = field(default=math.nan, compare=False)
    standard_error: float = field(default=math.nan, compare=False)

    @classmethod
    def of(cls, write: rounding.Write, value: float, lower: float, upper: float, error: float) -> Cell:
        """Return a number with its interval, both as ``write`` rounds them."""
        interval = rounding.interval(write, lower, upper, error)
        return cls(write(value, error), interval, value, lower, upper, error)

    @property
    def bracket(self) -> str:
        """The interval, unless it says the same as the number."""
        return "" if self.interval == self.text else self.interval


@dataclass(frozen=True)
class Table:
    """A table of numbers as they are quoted, for any layout.

    Attributes
    ----------
    name, title : str
        Key, and words above the table.
    corner : str
        Words above the labels of the rows.
    columns : tuple of str
        Heads of the columns.
    rows : tuple of (str, tuple of Cell)
        Label and cells; a label that begins with two spaces belongs to a row before it.
    note : str
        What must be said below the table: failed draws.
    text_columns : frozenset of str
        Heads of the columns that hold words, which may wrap, instead of numbers.
    """

    name: str
    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""
    text_columns: frozenset[str] = frozenset()

    @classmethod
    def of_texts(
        cls,
        name: str,
        title: str,
        corner: str,
        columns: Sequence[str],
        rows: Iterable[tuple[str, Sequence[str]]],
        text_columns: Iterable[str] = (),
    ) -> Table:
        """Return a table whose cells are texts."""
        cells = tuple((label, tuple(map(Cell, texts))) for label, texts in rows)
        return cls(name, title, corner, tuple(columns), cells, text_columns=frozenset(text_columns))

    @property
    def has_gaps(self) -> bool:
        """Whether a condition left some row without draws."""
        return any(cell.text == MISSING for _, cells in self.rows for cell in cells)


def points(array: xr.DataArray) -> Iterator[tuple[float, float, float, float]]:
    """Yield value, lower and upper end, and standard error of every point."""
    parts = (array, array.lower, array.upper, array.standard_error)
    yield from zip(*(part.values.tolist() for part in parts), strict=True)


def missing(columns: int) -> tuple[Cell, ...]:
    """Return the cells of a row without draws."""
    return (Cell(MISSING),) * columns


def cells(array: xr.DataArray, write: rounding.Write) -> tuple[Cell, ...]:
    """Return a reading of a run as cells, and after probabilities by year the one that is left at the end."""
    row = [Cell.of(write, *point) for point in points(array)]
    if "not_by_horizon" in array.attrs:
        keys = ("not_by_horizon", *(f"not_by_horizon_{part}" for part in ("lower", "upper", "error")))
        row.append(Cell.of(write, *(float(array.attrs[key]) for key in keys)))
    return tuple(row)
