"""The report as a file: HTML that fetches nothing, and the same content in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import jinja2
import xarray as xr

from timecone.errors import OutputError
from timecone.files import write_file
from timecone.report.analysis import AnalysisSection
from timecone.report.content import Content
from timecone.report.document import ModelDrawings, document_of
from timecone.results.tables import layout
from timecone.results.tables.accounts import ERROR_NOTE, sentence
from timecone.results.tables.layout import escaped
from timecone.results.tables.table import Table


def html(
    run: xr.DataTree | Mapping[str, xr.DataTree],
    backtest: xr.Dataset | None = None,
    *,
    model_drawings: ModelDrawings | None = None,
    other: xr.DataTree | None = None,
) -> str:
    """Return a self-contained report: styles and figures inside, nothing fetched, all text escaped.

    Parameters
    ----------
    run : DataTree or mapping of str to DataTree
        A run, simulated or opened from a file; or several by name, of one model or of several.
    backtest : Dataset, optional
        Printed with its scores; as `results.run_file.backtest.open_backtest` reads it.
    model_drawings : callable, optional
        Gives the figures that only runs of one model have, such as those of `timecone.models`.
    other : DataTree, optional
        An earlier or another run of the model; the report then has a section on what differs.
    """
    document = document_of(_named(run), model_drawings=model_drawings, backtest=backtest, other=other)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)  # fmt: skip
    environment.filters["together"] = layout.keep_percent_signs
    environment.filters["table"] = layout.html_table
    environment.filters["sentence"] = lambda text: f"{sentence(str(text)).rstrip('.')}."
    folder = resources.files("timecone.report")
    template, style = (folder.joinpath(name).read_text("utf-8") for name in ("page.html", "page.css"))
    return environment.from_string(template).render(document=document, style=style, error_note=ERROR_NOTE)


def _named(run: xr.DataTree | Mapping[str, xr.DataTree]) -> Mapping[str, xr.DataTree]:
    return {str(run.attrs["name"]): run} if isinstance(run, xr.DataTree) else run


def markdown(
    run: xr.DataTree | Mapping[str, xr.DataTree],
    backtest: xr.Dataset | None = None,
    *,
    other: xr.DataTree | None = None,
) -> str:
    """Return the same report in Markdown, without the figures."""
    runs = _named(run)
    document = document_of(runs, drawn=False, backtest=backtest, other=other)
    lines: list[str] = []
    if document.several:
        lines += [f"# {escaped(document.title)}", ""]
        lines += [line for table in document.key_tables for line in (layout.markdown_table(table), "")]
        for section in document.differences:
            lines += _analysis("Differences", section)
    for page, each in zip(document.chapters, runs.values(), strict=True):
        lines += [
            *_answer(page),
            layout.markdown(each, page.tables),
            *_analysis("What drives it", page.drivers),
            *_analysis("What would change it", page.what_ifs),
            *_analysis("What differs from the other run", page.changes),
            *_analysis("Published forecasts", page.published),
            *_inputs(page),
            *_backtest(page),
            *_provenance(page),
        ]
    return "\n".join(lines)


def _answer(page: Content) -> list[str]:
    return ["### The answer", "", escaped(" ".join(page.answer)), ""]


def _inputs(page: Content) -> list[str]:
    heads = ("5 %", "50 %", "95 %", "unit", "basis", "as of", "source")
    rows = [(i.key, (i.low, i.middle, i.high, i.unit, i.basis, i.as_of, i.source)) for i in page.inputs]
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
    run: xr.DataTree | Mapping[str, xr.DataTree],
    path: str | Path,
    backtest: xr.Dataset | None = None,
    *,
    model_drawings: ModelDrawings | None = None,
    other: xr.DataTree | None = None,
) -> Path:
    """Write the report; the suffix gives the format: ``.html`` or ``.md``; see `html`.

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
            remedy="For PDF, write .html with --pdf.",
        )
    return write_file(path, html(run, backtest, model_drawings=model_drawings, other=other))
