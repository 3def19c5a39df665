"""Layout of tables in the formats that people paste and send: Markdown, CSV, HTML; LaTeX is in `latex`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import pandas as pd
import xarray as xr

from timecone.results.tables.accounts import account_lines, citation, subject
from timecone.results.tables.table import Cell, Table

# What Markdown would take for its own signs; the run's words come from files.
_MARKDOWN = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|#"})


def _text(cell: Cell) -> str:
    return f"{cell.text} [{cell.bracket}]" if cell.bracket else cell.text


def frame(table: Table) -> pd.DataFrame:
    """Return a quoted table as text, one column per head; intervals in brackets."""
    cells = [[_text(cell) for cell in row] for _, row in table.rows]
    index = pd.Index([label for label, _ in table.rows], name=table.corner)
    return pd.DataFrame(cells, index=index, columns=list(table.columns))


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    return _one_line(text).translate(_MARKDOWN)


def _one_line(text: str) -> str:
    """Return text whose line breaks, which would end a row of a table, are spaces."""
    return re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*", " ", text)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def markdown_rows(table: Table) -> list[str]:
    """Return the rows of a table in Markdown, below its head."""
    # Non-breaking, because Markdown strips what is in front.
    labels = [escaped(label).replace("  ", "\u2003") for label, _ in table.rows]
    rows = [
        _line([label, *(escaped(_text(c)) for c in row)])
        for label, (_, row) in zip(labels, table.rows, strict=True)
    ]
    rule = ["---", *("---" if head in table.text_columns else "---:" for head in table.columns)]
    return [_line([table.corner, *table.columns]), _line(rule), *rows]


def markdown_table(table: Table) -> str:
    """Return a table in Markdown, its title above."""
    note = ["", escaped(table.note)] if table.note else []
    return "\n".join([f"**{escaped(table.title)}**", "", *markdown_rows(table), *note])


def markdown(run: xr.DataTree, tables: Sequence[Table]) -> str:
    """Return what a run says in Markdown: subject, tables, where the draws went, how to cite."""
    title, definition, conditions = subject(run)
    parts = [
        f"## {escaped(title)}",
        escaped(definition),
        f"Conditions: {escaped(conditions)}",
        *(markdown_table(table) for table in tables),
        "\n".join(f"- {escaped(line)}" for line in account_lines(run)),
        f"Cite: {escaped(citation(run))}",
    ]
    return "\n\n".join(parts) + "\n"


def csv(tables: Sequence[Table]) -> str:
    """Return the tables as they are quoted, one below the other, as comma-separated text."""
    return "\n".join(f"{frame(table).to_csv()}{_csv_note(table)}" for table in tables)


def _csv_note(table: Table) -> str:
    """Return the note as a row of its own, if there is one."""
    return pd.DataFrame([["note", table.note]]).to_csv(header=False, index=False) if table.note else ""


def html_table(table: Table, prefix: str = "") -> str:
    """Return a table in HTML, its title above, each interval below its number; all texts are escaped.

    Parameters
    ----------
    table : Table
        The table.
    prefix : str
        Begins the identifiers of its elements, so that several runs can stand on one page.
    """
    name = escape(prefix + "table-" + table.name)
    heads = "".join(
        f'<th scope="col"{_text_class(head, table)}>{escape(head)}</th>' for head in table.columns
    )
    rows = [
        f"<tr>{_html_label(label)}{''.join(map(_html_cell, cells, table.columns, [table] * len(cells)))}</tr>"
        for label, cells in table.rows
    ]
    corner = f'<th class="first" scope="col" style="text-align:left">{escape(table.corner)}</th>'
    note = [f'<p class="note small">{escape(keep_percent_signs(table.note))}</p>'] if table.note else []
    return "\n".join(
        [
            f'<p class="table-title" id="title-{name}">{escape(table.title)}</p>',
            f'<div class="scroll" tabindex="0" role="region" aria-labelledby="title-{name}">',
            f'<table id="{name}" aria-labelledby="title-{name}">',
            f"<thead><tr>{corner}{heads}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody></table></div>",
            *note,
        ]
    )


def _text_class(head: str, table: Table) -> str:
    return ' class="text"' if head in table.text_columns else ""


def _html_label(label: str) -> str:
    part = " part" if label.startswith("  ") else ""
    return f'<th class="first{part}" scope="row">{escape(label.strip())}</th>'


def _html_cell(cell: Cell, head: str, table: Table) -> str:
    interval = f'<span class="mc">{escape(cell.bracket)}</span>' if cell.bracket else ""
    return f"<td{_text_class(head, table)}>{escape(cell.text)}{interval}</td>"


def keep_percent_signs(text: str) -> str:
    """Return text in which a number and its percent sign stay on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
