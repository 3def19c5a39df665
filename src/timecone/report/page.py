"""The page: one HTML file that fetches nothing, and a Markdown twin."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jinja2
import xarray as xr

from timecone.errors import OutputError
from timecone.files import write_file
from timecone.plots.catalogue import Drawing
from timecone.report.analysis import AnalysisSection
from timecone.report.content import Content, gather
from timecone.results.tables import layout
from timecone.results.tables.layout import escaped
from timecone.results.tables.table import Table


def html(
    run: xr.DataTree,
    backtest: xr.Dataset | None = None,
    *,
    more: Sequence[Drawing] = (),
    other: xr.DataTree | None = None,
) -> str:
    """Return a self-contained page: styles and figures inside, nothing fetched, all text escaped.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    backtest : Dataset, optional
        Printed with its scores; as `results.run_file.backtest.open_backtest` reads it.
    more : sequence of Drawing
        Figures that only runs of this model have, such as those of `timecone.models`.
    other : DataTree, optional
        An earlier or another run of the model; the page then says what changed.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)  # fmt: skip
    environment.filters["together"] = layout.keep_percent_signs
    environment.filters["table"] = layout.html_table
    template = resources.files("timecone.report").joinpath("page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        page=gather(run, backtest=backtest, more=more, other=other)
    )


def markdown(
    run: xr.DataTree, backtest: xr.Dataset | None = None, *, other: xr.DataTree | None = None
) -> str:
    """Return the same page in Markdown, without the figures."""
    page = gather(run, drawn=False, backtest=backtest, other=other)
    return "\n".join(
        [
            layout.markdown(run, page.tables),
            *_analysis("What drives this", page.drivers),
            *_analysis("What changed", page.changes),
            *_inputs(page),
            *_backtest(page),
            *_provenance(page),
        ]
    )


def _inputs(page: Content) -> list[str]:
    heads = ("5 %", "50 %", "95 %", "unit", "basis", "as of", "source")
    rows = [(i.name, (i.low, i.middle, i.high, i.unit, i.basis, i.as_of, i.source)) for i in page.inputs]
    table = Table.of_texts("inputs", "Inputs", "input", heads, rows, text_columns=heads)
    history = [f"History: {escaped(page.history)}.", ""] if page.history else []
    return ["### Inputs", "", *history, *layout.markdown_rows(table), ""]


def _analysis(title: str, section: AnalysisSection | None) -> list[str]:
    if section is None:
        return []
    notes = [line for note in section.notes for line in (escaped(note), "")]
    tables = [line for table in section.tables for line in (layout.markdown_table(table), "")]
    return [f"### {title}", "", *notes, *tables]


def _backtest(page: Content) -> list[str]:
    if page.backtest is None:
        return []
    lines = [line for text in page.backtest.meaning for line in (escaped(text), "")]
    return ["### Back-test", "", layout.markdown_table(page.backtest.table), "", *lines]


def _provenance(page: Content) -> list[str]:
    return [
        "### How to reproduce",
        "",
        f"    {page.reproduce}",
        "",
        *(f"- {escaped(key)}: {escaped(value)}" for key, value in page.provenance.items()),
        "",
    ]


def save(
    run: xr.DataTree,
    path: str | Path,
    backtest: xr.Dataset | None = None,
    *,
    more: Sequence[Drawing] = (),
    other: xr.DataTree | None = None,
) -> Path:
    """Write the page; the suffix says which: ``.html`` or ``.md``; see `html`.

    Raises
    ------
    OutputError
        The suffix is another one, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix == ".md":
        return write_file(path, markdown(run, backtest, other=other))
    if path.suffix != ".html":
        raise OutputError(
            "unknown-page-format",
            "unknown page format",
            where=str(path),
            got=path.suffix,
            allowed=".html or .md",
        )
    return write_file(path, html(run, backtest, more=more, other=other))
