"""What commands print of a run: its tables with intervals, and where its draws went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from timecone.cli.output import WIDTH, console, plain

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.quoted import Cell, QuotedTable

type Row = tuple[str, dict[str, str], str]


def print_tables(
    run: xr.DataTree,
    q: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
    rows: Sequence[Row] | None = None,
) -> None:
    """Print what a run is and its tables; with ``rows``, both main tables of these."""
    from timecone.results.quoted import quoted

    # Before the first line: what is refused must not print half a page.
    print_quoted(run, quoted(run, q, years, rows))


def print_quoted(run: xr.DataTree, tables: Sequence[QuotedTable]) -> None:
    """Print what a run is, and tables of it."""
    from timecone.results.quoted import MISSING_NOTE, subject

    out = console()
    title, definition, conditions = subject(run)
    out.print(Text(title, style="bold"))
    out.print(definition, markup=False)
    out.print(f"Conditions: {conditions}", markup=False)
    for table in tables:
        out.print(_laid_out(out, table))
        if table.note:
            out.print(Text(table.note, style="bold"))
    if any(table.has_gaps for table in tables):
        out.print(MISSING_NOTE)


def _laid_out(out: Console, table: QuotedTable) -> Table:
    made = Table(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    made.add_column(table.corner, no_wrap=out.width >= WIDTH)
    for column in table.columns:
        made.add_column(column, justify="right", no_wrap=True)
    for label, cells in table.rows:
        made.add_row(Text(label), *(_cell(out, cell) for cell in cells))
    return made


def _cell(out: Console, cell: Cell) -> Text:
    text = Text(cell.text, style="bold" if cell.interval else "", justify="right")
    # On a narrow terminal the intervals give way: the digits shown already respect them.
    if cell.interval and out.width >= WIDTH:
        text.append(f"\n{cell.interval}", style="not bold dim")
    return text


def print_accounts(run: xr.DataTree, path: Path) -> None:
    """Print where the draws went and how the numbers are cited and reproduced."""
    from timecone.results.quoted import account_lines, citation

    for line in account_lines(run):
        plain(line)
    plain(f"Cite: {citation(run)} Check: timecone reproduce {path}")
