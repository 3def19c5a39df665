"""Index page of a batch of runs: one table whose rows lead to the page of each run, in HTML and Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from urllib.parse import quote

import jinja2

from timecone.results.tables.accounts import ERROR_NOTE
from timecone.results.tables.layout import escaped, markdown_rows
from timecone.results.tables.table import Table


def index_html(
    title: str, about: str, table: Table, links: Mapping[str, str], failures: Sequence[str] = ()
) -> str:
    """Return the index as a page that fetches nothing, all text escaped.

    Parameters
    ----------
    title, about : str
        Heading, and a sentence on how the runs were made.
    table : Table
        A row for each run.
    links : mapping of str to str
        Path of the page of each row's run, from the folder of the index; rows without one are not linked.
    failures : sequence of str
        A line for each scenario that failed.
    """
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = resources.files("timecone.report").joinpath("index.html").read_text(encoding="utf-8")
    addresses = {label: quote(links[label]) if label in links else "" for label, _ in table.rows}
    return environment.from_string(template).render(
        title=title, about=about, table=table, links=addresses, failures=failures, error_note=ERROR_NOTE
    )


def index_markdown(
    title: str, about: str, table: Table, links: Mapping[str, str], failures: Sequence[str] = ()
) -> str:
    """Return the same index in Markdown; see `index_html`."""
    head, rule, *rows = markdown_rows(table)
    linked = [
        row.replace(f"| {escaped(label)} |", f"| [{escaped(label)}]({quote(links[label])}) |", 1)
        if label in links
        else row
        for row, (label, _) in zip(rows, table.rows, strict=True)
    ]
    note = ["", escaped(table.note)] if table.note else []
    lines = ["", *(f"- {escaped(line)}" for line in failures)] if failures else []
    heading = [f"# {escaped(title)}", "", escaped(about), "", f"**{escaped(table.title)}**", ""]
    closing = ["", ERROR_NOTE, ""]
    return "\n".join([*heading, head, rule, *linked, *note, *lines, *closing])
