"""Workbooks of a run, read by another library: numbers are numbers, texts are never formulas."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from synthetic_run import synthetic

SHEETS = ["Summary", "Dates", "Probabilities", "Durations", "Inputs", "Conditions"]


def _rows(page: Any) -> list[dict[str, Any]]:
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def path(small_run: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tc.to_xlsx(small_run, tmp_path_factory.mktemp("workbook") / "run.xlsx")


def test_numbers_of_the_sheets_are_those_of_the_run(path: Path, small_run: xr.DataTree) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == SHEETS
    dates = [row for row in _rows(book["Dates"]) if row["key"] == "tai" and not row["condition"]]
    expected = tc.percentiles(small_run, "tai")
    assert [row["percentile"] for row in dates] == expected["percentile"].values.tolist()
    for row, value, low in zip(dates, expected.values, expected["lower"].values, strict=True):
        for cell, number in ((row["year"], value), (row["95 % MC lower"], low)):
            # The file holds sixteen digits.
            assert cell == (pytest.approx(number, rel=1e-15) if np.isfinite(number) else ">2126")
    by = [row for row in _rows(book["Probabilities"]) if row["key"] == "tai" and not row["condition"]]
    shares = tc.probability_by(small_run, "tai", [row["by the end of"] for row in by])
    assert [row["probability"] for row in by] == pytest.approx(shares.values.tolist(), rel=1e-15)
    lasting = [row for row in _rows(book["Durations"]) if row["key"] == "takeoff_duration"]
    takeoff = tc.percentiles(small_run, "takeoff_duration").values
    ends = [row["years"] for row in lasting if not isinstance(row["years"], str)]
    assert ends == pytest.approx(takeoff[np.isfinite(takeoff)].tolist(), rel=1e-15)


def test_inputs_have_sources_and_grades(path: Path, small_run: xr.DataTree) -> None:
    rows = {row["input"]: row for row in _rows(openpyxl.load_workbook(path)["Inputs"])}
    values = small_run["inputs"]["hardware.headroom"]
    row = rows["hardware.headroom"]
    assert (row["unit"], row["grade"], row["as of"]) == ("OOM", values.attrs["basis"], values.attrs["as_of"])
    assert row["source"] == values.attrs["source"]
    assert row["50 %"] == pytest.approx(np.sort(values.values)[len(values) // 2 - 1], rel=1e-15)
    assert not any(name.startswith("choice_") for name in rows)


def test_conditions_and_summary(path: Path, small_run: xr.DataTree) -> None:
    book = openpyxl.load_workbook(path)
    summary = {row["entry"]: row["value"] for row in _rows(book["Summary"])}
    for key in ("run_id", "name", "version", "seed", "draws", "horizon"):
        assert summary[key] == small_run.attrs[key]
    clauses = {row["clause"]: row["text"] for row in _rows(book["Conditions"])}
    assert "No catastrophe" in clauses["world"]
    assert clauses["all"] == small_run.attrs["conditions"]


def test_heads_are_frozen_and_columns_have_widths_and_formats(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for page in book.worksheets:
        assert page.freeze_panes == "A2", page.title
        assert page["A1"].font.bold, page.title
        assert page.auto_filter.ref is not None, page.title
        assert all(9 <= page.column_dimensions[column].width <= 62 for column in ("A", "B")), page.title
    assert book["Dates"]["E2"].number_format == "0.00"
    assert book["Probabilities"]["E2"].number_format == "0.0000"


def test_texts_that_begin_like_a_formula_stay_texts(tmp_path: Path) -> None:
    hostile = [
        '=HYPERLINK("http://x.example","y")',
        "+1+1",
        "-2",
        "@SUM(A1)",
        "=1+1",
        "\t=1",
        "http://x.example",
        "12",
    ]
    run = synthetic(title=hostile[0], name=hostile[1], conditions=hostile[2], version=hostile[3])
    names = [str(name) for name in run["inputs"].data_vars if not str(name).startswith("choice_")]
    for name, text in zip(names, hostile, strict=False):
        run["inputs"][name].attrs |= {"source": text, "units": text, "basis": text, "as_of": text}
    path = tc.to_xlsx(run, tmp_path / "hostile.xlsx")
    seen = set()
    for page in openpyxl.load_workbook(path).worksheets:
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    seen.add(cell.value)
    assert set(hostile[:7]) <= seen | {hostile[5]}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"externalLink" not in archive.read(name)


def test_texts_that_no_cell_can_hold_are_split_or_shown_as_codes(tmp_path: Path) -> None:
    run = synthetic(conditions="a" * 40_000 + "\x07b")
    rows = _rows(openpyxl.load_workbook(tc.to_xlsx(run, tmp_path / "long.xlsx"))["Conditions"])
    assert "".join(row["text"] for row in rows) == "a" * 40_000 + r"\x07b"
    assert all(len(row["text"]) <= 32_767 for row in rows)


def test_a_missing_library_is_named(
    small_run: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with refused("xlsxwriter-missing", "xlsxwriter", names="timecone[xlsx]"):
        tc.to_xlsx(small_run, tmp_path / "run.xlsx")
