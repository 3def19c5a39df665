"""Markdown, LaTeX and CSV: the numbers are the quoted ones, and no word of a file breaks the page."""

from __future__ import annotations

import csv
import io
import re

import pytest
import xarray as xr

import synthetic_run
from hostile_run import WORDS, hostile
from timecone.results.tables import layout
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
    page = layout.latex(one, tables)
    assert page.count("\\begin{table}") == page.count("\\end{table}") == len(tables)
    assert page.count("\\toprule") == page.count("\\midrule") == page.count("\\bottomrule") == len(tables)
    assert "% needs \\usepackage{booktabs}" in page
    for table in tables:
        label = f"\\label{{tab:{table.name}-{one.attrs['run_id']}}}"
        assert label in page
        body = page.partition(label)[2].partition("\\midrule")[2]
        lines = body.partition("\\bottomrule")[0].strip().splitlines()
        assert len(lines) == len(table.rows)
        for line, (_, cells) in zip(lines, table.rows, strict=True):
            found = re.split(r"(?<!\\)&", line.removesuffix("\\\\"))[1:]
            texts = [
                part.strip().replace("{[}", "[").replace("{]}", "]").replace("--", "–") for part in found
            ]
            signs = (("\\textasciitilde{}", "~"), ("\\textgreater{}", ">"), ("\\textless{}", "<"),
                     ("$\\leq$", "≤"), ("\\%", "%"), ("$\\infty$", "∞"))  # fmt: skip
            for sign, text in signs:
                texts = [part.replace(sign, text) for part in texts]
            assert texts == [_text(cell) for cell in cells]


def test_latex_has_no_sign_that_latex_would_read(bad: xr.DataTree) -> None:
    page = layout.latex(bad, tables_of(RunStatistics(bad)))
    for line in page.splitlines():
        if line.startswith(("\\caption", "\\quad")):
            assert not BARE.search(line.replace("$\\leq$", "").replace(" & ", " ")), line
            assert line.count("{") == line.count("}")
        if line.startswith("\\caption"):
            # Two lines of a page; what LaTeX has for one sign is longer than the sign.
            plain = line.replace("\\textbackslash{}", "/").replace("\\textasciitilde{}", "~")
            assert len(plain.replace("{", "").replace("}", "")) < 260
            assert "\\textbackslash{}b" in line
    assert "\\quad if view is low bar" in page


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
