"""Markdown, LaTeX and CSV: the numbers are the quoted ones, and no word of a file breaks the page."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
import xarray as xr

import latex_tables
import synthetic_run
from hostile_run import WORDS, hostile
from timecone.results.tables import latex, layout
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table

UNESCAPED_BAR = re.compile(r"(?<!\\)\|")
#: Signs that LaTeX reads as its own, unless a backslash is before them.
BARE = re.compile(r"(?<!\\)[&%$#_~^]")


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return synthetic_run.synthetic()


@pytest.fixture(scope="module")
def bad() -> xr.DataTree:
    return hostile()


def _text(cell: Cell) -> str:
    return f"{cell.text} [{cell.interval}]" if cell.interval and cell.interval != cell.text else cell.text


def _markdown_rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[part.strip() for part in UNESCAPED_BAR.split(line)[1:-1]] for line in lines]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.parametrize("which", ["run", "bad"])
def test_markdown_tables_hold_the_quoted_numbers(which: str, request: pytest.FixtureRequest) -> None:
    one = request.getfixturevalue(which)
    tables = tables_of(RunStatistics(one))
    rows = iter(_markdown_rows(layout.markdown(one, tables)))
    for table in tables:
        assert next(rows) == [table.corner, *table.columns]
        assert set(next(rows)) == {"---", "---:"}
        for label, cells in table.rows:
            first, *found = next(rows)
            assert _plain(first).strip("\u2003 ") == label.strip()
            assert [_plain(text) for text in found] == [_text(cell) for cell in cells]
    assert not list(rows)


def test_markdown_shows_hostile_words_as_they_are(bad: xr.DataTree) -> None:
    page = layout.markdown(bad, tables_of(RunStatistics(bad)))
    for sign in "<>*`[]_#":
        assert not re.search(rf"(?<!\\){re.escape(sign)}", "\n".join(
            line for line in page.splitlines()[1:] if not line.startswith(("**", "| ---"))
        )), sign  # fmt: skip
    assert WORDS in _plain(page.splitlines()[0])


def test_markdown_rows_have_one_width(bad: xr.DataTree) -> None:
    for table in tables_of(RunStatistics(bad)):
        widths = {len(row) for row in _markdown_rows(layout.markdown_table(table))}
        assert widths == {len(table.columns) + 1}


@pytest.mark.parametrize("which", ["run", "bad"])
def test_latex_tables_hold_the_quoted_numbers(which: str, request: pytest.FixtureRequest) -> None:
    one = request.getfixturevalue(which)
    tables = tables_of(RunStatistics(one))
    page = latex.latex(one, tables)
    read = latex_tables.rows(page)
    assert len(read) == len(tables)
    for table, rows in zip(tables, read, strict=True):
        assert f"\\label{{tab:{table.name}-{one.attrs['run_id']}}}" in page
        for (label, *texts), (expected, cells) in zip(rows, table.rows, strict=True):
            assert label == expected.strip()
            assert texts == [_text(cell) for cell in cells]


def test_latex_has_no_sign_that_latex_would_read(bad: xr.DataTree) -> None:
    page = latex.latex(bad, tables_of(RunStatistics(bad)))
    captions = [line for line in page.splitlines() if line.startswith("\\caption")]
    assert captions
    for line in captions:
        assert not BARE.search(line), line
        assert line.count("{") == line.count("}")
    assert "\\textbackslash{}b" in page
    assert "if view is low bar" in page


@pytest.mark.slow
def test_latex_tables_fit_the_page_below_captions_of_two_lines(
    run: xr.DataTree, bad: xr.DataTree, small_run: xr.DataTree, tmp_path: Path
) -> None:
    """Documents of the standard class; without pdflatex, the structure and the length of the captions."""
    pdflatex = shutil.which("pdflatex")
    for name, runs in (("usual", [run, small_run]), ("hostile", [bad])):
        made = [tables_of(RunStatistics(one)) for one in runs]
        source = "\n".join(map(latex.latex, runs, made))
        count = sum(map(len, made))
        labels = re.findall(r"\\label\{(.*)\}", source)
        assert len(labels) == len(set(labels)) == len(latex_tables.rows(source)) == count
        captions = re.findall(r"^\\caption\{(.*)\}$", source, re.MULTILINE)
        assert len(captions) == count
        assert max(len(latex_tables.plain(caption)) for caption in captions) <= 125
        if pdflatex is not None:
            folder = tmp_path / name
            folder.mkdir()
            wide, lines = latex_tables.compiled(source, folder, pdflatex)
            assert len(lines) == count
            assert set(lines) <= {1, 2}
            # A hostile label is a word that cannot be broken.
            assert name == "hostile" or not wide


def test_csv_is_read_back(bad: xr.DataTree) -> None:
    tables = tables_of(RunStatistics(bad))
    found = list(csv.reader(io.StringIO(layout.csv(tables))))
    expected = []
    for table in tables:
        expected += [[table.corner, *table.columns]]
        expected += [[label, *map(_text, cells)] for label, cells in table.rows]
        expected += [["note", table.note]] * bool(table.note)
        expected += [[]]
    assert found == expected[:-1]
    assert any(WORDS in row[0] for row in found if row)


@pytest.mark.parametrize("sign", ["|", "\\", "_", "*", "<", "`", "#", "[", "]", ">"])
def test_one_sign_in_a_label_is_escaped(sign: str) -> None:
    table = Table("t", "T", "corner", ("a",), ((f"x{sign}y", (Cell("1", "0–2"),)),))
    assert _markdown_rows(layout.markdown_table(table))[2] == [f"x\\{sign}y", "1 \\[0–2\\]"]
    assert layout.escaped(sign) == f"\\{sign}"


def test_a_line_break_in_a_label_does_not_break_a_row() -> None:
    table = Table("t", "T", "corner", ("a",), (("x\ny", (Cell("1"),)),))
    assert len(_markdown_rows(layout.markdown_table(table))) == 3
    assert "x y" in layout.markdown_table(table)
