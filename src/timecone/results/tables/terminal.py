"""Layout of a table on a terminal: every column at its full width, in as many blocks as the width needs.

A table that is wider than the terminal is split into blocks of columns, one below the other, each with the
labels of the rows. No number is cut and no interval is left out, however narrow the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from rich import box
from rich.table import Table as Grid
from rich.text import Text

from timecone.results.tables.table import Cell, Table

if TYPE_CHECKING:
    from rich.console import Console

#: A cell as lines, of which all but the first are dim.
type Lines = tuple[str, ...]

# Widest column of words: words go on in a second line, numbers do not.
_WORDS = 24
# Narrowest column of labels that are longer.
_NARROWEST = 22
# Blanks at both ends of a row.
_ENDS = 2


def blocks(widths: Sequence[int], room: int) -> list[list[int]]:
    """Return the columns of each block, so that no block is wider than ``room``; one column at least.

    Parameters
    ----------
    widths : sequence of int
        Width of each column; one blank stands before it.
    room : int
        Width beside the labels.

    Examples
    --------
    >>> blocks([6, 6, 6], 15)
    [[0, 1], [2]]
    """
    made: list[list[int]] = []
    left = 0
    for k, width in enumerate(widths):
        if not made or width + 1 > left:
            made.append([])
            left = room
        made[-1].append(k)
        left -= width + 1
    return made


def print_table(out: Console, table: Table) -> None:
    """Print a table in as many blocks as the console's width needs.

    Under each number stands its interval: in one line, or in two where the table does not fit into one block.

    Parameters
    ----------
    out : Console
        Where to print.
    table : Table
        The table; without a title where that is empty.
    """
    width, is_text = out.width, [head in table.text_columns for head in table.columns]
    label = _label_width([table.corner, *(name for name, _ in table.rows)], width)
    room = width - label - _ENDS
    rows = [(name, [_lines(cell, narrow=False) for cell in cells]) for name, cells in table.rows]
    widths = _widths(table.columns, is_text, rows)
    label, room = _narrower(label, room, widths)
    if len(blocks(widths, room)) > 1:
        rows = [(name, [_lines(cell, narrow=True) for cell in cells]) for name, cells in table.rows]
        widths = _widths(table.columns, is_text, rows)
        label, room = _narrower(label, room, widths)
    if table.title:
        out.print(Text(table.title, style="italic"))
    for block in blocks(widths, room):
        grid = Grid(box=box.SIMPLE_HEAD, padding=0)
        grid.add_column(Text(table.corner), width=label, overflow="fold")
        for c in block:
            justify: Literal["left", "right"] = "left" if is_text[c] else "right"
            grid.add_column(Text(table.columns[c]), width=widths[c], overflow="fold", justify=justify)
        for name, cells in rows:
            grid.add_row(Text(name), *(_text(cells[c], plain=is_text[c]) for c in block))
        # A single column may be wider than the terminal, which then breaks its lines itself.
        out.width = max(width, label + _ENDS + sum(widths[c] + 1 for c in block))
        out.print(grid)
        out.width = width


def _lines(cell: Cell, *, narrow: bool) -> Lines:
    """Return a cell as lines: its number, and its interval in one line or, if ``narrow``, in two."""
    if not cell.bracket:
        return (cell.text,)
    first, _, last = cell.bracket.partition(" to ")
    return (cell.text, f"{first} to", last) if narrow and last else (cell.text, cell.bracket)


def _narrower(label: int, room: int, widths: Sequence[int]) -> tuple[int, int]:
    """Return the widths of labels and of the rest, with narrower labels if the table then needs one block."""
    spare = label + room - sum(width + 1 for width in widths)
    return (spare, label + room - spare) if _NARROWEST <= spare < label else (label, room)


def _label_width(labels: Sequence[str], width: int) -> int:
    """Return the width of the labels: that of the longest, a third of the terminal, or that of a word."""
    longest = max(map(len, labels))
    word = max((len(word) for label in labels for word in label.split()), default=0)
    indent = max(len(label) - len(label.lstrip()) for label in labels)
    return max(min(longest, width // 3), word + indent)


def _widths(
    heads: Sequence[str], is_text: Sequence[bool], rows: Sequence[tuple[str, Sequence[Lines]]]
) -> list[int]:
    widths = []
    for k, head in enumerate(heads):
        lines = [line for _, cells in rows for line in cells[k]]
        if is_text[k]:
            parts = [part for line in (*lines, head) for part in line.split()]
            longest = max(map(len, (*lines, head)), default=0)
            widths.append(max(min(longest, _WORDS), *map(len, parts), 1))
        else:
            longest = max((len(part) for part in head.split()), default=1)
            widths.append(max(longest, *map(len, lines), 1))
    return widths


def _text(lines: Lines, *, plain: bool) -> Text:
    first, *others = lines or ("",)
    text = Text(first, style="bold" if others else "")
    for line in others:
        text.append(f"\n{line}", style="" if plain else "not bold dim")
    return text
