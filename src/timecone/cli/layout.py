"""Layout of tables on a terminal: every column at its full width, in as many blocks as the width needs.

A table that is wider than the terminal is split into blocks of columns, one below the other, each with the
labels of the rows. No number is cut and no interval is left out, however narrow the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console

#: A cell as lines, of which all but the first are dim.
type Lines = tuple[str, ...]

# Widest column of words: words go on in a second line, numbers do not.
_WORDS = 24
# Blanks at both ends of a row.
_ENDS = 2


@dataclass(frozen=True)
class Column:
    """Head of a column, and whether it holds words, which may wrap, or numbers."""

    head: str
    words: bool = False


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


def print_table(
    out: Console,
    corner: str,
    columns: Sequence[Column],
    rows: Sequence[tuple[str, Sequence[Lines]]],
    *,
    title: str = "",
    compact: Sequence[tuple[str, Sequence[Lines]]] | None = None,
) -> None:
    """Print a table in as many blocks as the console's width needs.

    Parameters
    ----------
    out : Console
        Where to print.
    corner : str
        Head of the labels.
    columns : sequence of Column
        Heads.
    rows : sequence of (str, sequence of tuple of str)
        Label and cells, each as lines.
    title : str
        Words above the table.
    compact : sequence, optional
        The same rows with narrower cells, for where ``rows`` do not fit into one block.
    """
    label = _label_width([corner, *(name for name, _ in rows)], out.width)
    room = out.width - label - _ENDS
    shown = rows
    widths = _widths(columns, rows)
    if compact is not None and len(blocks(widths, room)) > 1:
        shown, widths = compact, _widths(columns, compact)
    if title:
        out.print(Text(title, style="italic"))
    width = out.width
    for block in blocks(widths, room):
        table = Table(box=box.SIMPLE_HEAD, padding=0)
        table.add_column(Text(corner), width=label, overflow="fold")
        for c in block:
            table.add_column(Text(columns[c].head), width=widths[c], overflow="fold",
                             justify="left" if columns[c].words else "right")  # fmt: skip
        for name, cells in shown:
            table.add_row(Text(name), *(_text(cells[c], plain=columns[c].words) for c in block))
        # A single column may be wider than the terminal, which then breaks its lines itself.
        out.width = max(width, label + _ENDS + sum(widths[c] + 1 for c in block))
        out.print(table)
        out.width = width


def _label_width(labels: Sequence[str], width: int) -> int:
    """Return the width of the labels: that of the longest, a third of the terminal, or that of a word."""
    longest = max(map(len, labels))
    word = max((len(word) for label in labels for word in label.split()), default=0)
    indent = max(len(label) - len(label.lstrip()) for label in labels)
    return max(min(longest, width // 3), word + indent)


def _widths(columns: Sequence[Column], rows: Sequence[tuple[str, Sequence[Lines]]]) -> list[int]:
    found = []
    for k, column in enumerate(columns):
        lines = [line for _, cells in rows for line in cells[k]]
        if column.words:
            words = [word for line in (*lines, column.head) for word in line.split()]
            longest = max((len(line) for line in (*lines, column.head)), default=0)
            found.append(max(min(longest, _WORDS), *map(len, words), 1))
        else:
            head = max((len(word) for word in column.head.split()), default=1)
            found.append(max(head, *map(len, lines), 1))
    return found


def _text(lines: Lines, *, plain: bool) -> Text:
    first, *others = lines or ("",)
    text = Text(first, style="bold" if others else "")
    for line in others:
        text.append(f"\n{line}", style="" if plain else "not bold dim")
    return text
