"""What commands print of a run: its tables with intervals, and where its draws went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from timecone.cli.layout import Column, print_table
from timecone.cli.output import console, plain

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console

    from timecone.results.tables.table import Cell, Table

type Row = tuple[str, dict[str, str], str]


def print_tables(
    run: xr.DataTree,
    q: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
    rows: Sequence[Row] | None = None,
) -> None:
    """Print what a run is and its tables; with ``rows``, both main tables of these."""
    from timecone.results.tables.run_tables import tables_of

    # Before the first line: what is refused must not print half a page.
    print_quoted(run, tables_of(run, q, years, rows))


def print_quoted(run: xr.DataTree, tables: Sequence[Table]) -> None:
    """Print what a run is, and tables of it."""
    from timecone.results.tables.accounts import subject
    from timecone.results.tables.table import MISSING_NOTE

    out = console()
    title, definition, conditions = subject(run)
    out.print(Text(title, style="bold"))
    out.print(definition, markup=False)
    out.print(f"Conditions: {conditions}", markup=False)
    for table in tables:
        print_rows(out, table)
        if table.note:
            out.print(Text(table.note, style="bold"))
    if any(table.has_gaps for table in tables):
        out.print(MISSING_NOTE)


def print_rows(out: Console, table: Table) -> None:
    """Print one table: under each number its interval, in one line or, where that is too wide, in two."""
    rows, narrow = (
        [(label, [_lines(cell, ends) for cell in cells]) for label, cells in table.rows]
        for ends in (False, True)
    )
    columns = [Column(head) for head in table.columns]
    print_table(out, table.corner, columns, rows, title=table.title, compact=narrow)


def _lines(cell: Cell, ends: bool) -> tuple[str, ...]:
    if not cell.bracket:
        return (cell.text,)
    first, _, last = cell.bracket.partition(" to ")
    return (cell.text, f"{first} to", last) if ends and last else (cell.text, cell.bracket)


def print_accounts(run: xr.DataTree, path: Path) -> None:
    """Print where the draws went and how the numbers are cited and reproduced."""
    from timecone.results.tables.accounts import account_lines, citation

    for line in account_lines(run):
        plain(line)
    plain(f"Cite: {citation(run)} Check: timecone reproduce {path}")
