"""The page: one HTML file that fetches nothing, and a Markdown twin."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jinja2
import xarray as xr

from timecone.errors import OutputError
from timecone.report.content import Content, Input, gather
from timecone.results import pages
from timecone.results.pages import escaped


def html(run: xr.DataTree) -> str:
    """Return a self-contained page: styles and figures inside, nothing fetched, all text escaped."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)  # fmt: skip
    environment.filters["together"] = _together
    template = resources.files("timecone.report").joinpath("page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(page=gather(run))


def _together(text: str) -> str:
    """Keep a number and its percent sign on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def markdown(run: xr.DataTree) -> str:
    """Return the same page in Markdown, without the figures."""
    page = gather(run, drawn=False)
    return "\n".join(
        [pages.markdown(run, page.tables), *_weights(page), *_inputs(page.inputs), *_provenance(page)]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _weights(page: Content) -> list[str]:
    if not page.weights:
        return []
    rows = [[escaped(text) for text in row] for row in page.weights]
    return ["### Choices", "", *_table(["choice", "value", "share of the counted draws"], rows), ""]


def _inputs(given: Sequence[Input]) -> list[str]:
    head = ["input", "5 %", "50 %", "95 %", "unit", "basis", "as of", "source"]
    rows = [
        [escaped(text) for text in (i.name, i.low, i.middle, i.high, i.unit, i.basis, i.as_of, i.source)]
        for i in given
    ]
    return ["### Inputs", "", *_table(head, rows), ""]


def _provenance(page: Content) -> list[str]:
    return [
        "### How to reproduce",
        "",
        f"    {page.reproduce}",
        "",
        *(f"- {escaped(key)}: {escaped(value)}" for key, value in page.provenance.items()),
        "",
    ]


def save(run: xr.DataTree, path: str | Path) -> Path:
    """Write the page; the suffix says which: ``.html`` or ``.md``.

    Raises
    ------
    OutputError
        The suffix is another one, or the file cannot be written.
    """
    path = Path(path)
    write = {".html": html, ".md": markdown}.get(path.suffix)
    if write is None:
        raise OutputError("unknown page format", where=str(path), got=path.suffix, allowed=".html or .md")
    text = write(run)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path)) from None
    return path
