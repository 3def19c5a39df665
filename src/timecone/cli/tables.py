"""What commands print of a run: its tables with intervals, and where its draws went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from timecone.cli.output import console, plain

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.tables.statistics import RunStatistics
    from timecone.results.tables.table import Table


def print_tables(statistics: RunStatistics) -> None:
    """Print what a run is and its tables."""
    from timecone.results.tables.run_tables import tables_of

    # Before the first line: what is refused must not print half a page.
    print_quoted(statistics.run, tables_of(statistics))


def print_quoted(run: xr.DataTree, tables: Sequence[Table]) -> None:
    """Print what a run is, and tables of it."""
    from timecone.results.tables.accounts import subject
    from timecone.results.tables.table import MISSING_NOTE
    from timecone.results.tables.terminal import print_table

    out = console()
    title, definition, conditions = subject(run)
    out.print(Text(title, style="bold"))
    out.print(definition, markup=False)
    out.print(f"Conditions: {conditions}", markup=False)
    for table in tables:
        print_table(out, table)
        if table.note:
            out.print(Text(table.note, style="bold"))
    if any(table.has_gaps for table in tables):
        out.print(MISSING_NOTE)


def print_accounts(run: xr.DataTree, path: Path) -> None:
    """Print where the draws went and how the numbers are cited and reproduced."""
    from timecone.results.tables.accounts import account_lines, citation

    for line in account_lines(run):
        plain(line)
    plain(f"Cite: {citation(run)} Check: timecone reproduce {path}")
