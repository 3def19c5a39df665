"""METR's file of time horizons and Epoch AI's index: every row is read or listed, every fault is one line."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from made_up_horizons import INDEX, NAMES, entry, horizon_of, metr_file, metr_text, records
from refusals import Refusal, refused
from timecone.history import read
from timecone.units import decimal_year

# The files as downloaded, where they lie beside a checkout.
DOWNLOADED = [
    path
    for up in Path(__file__).resolve().parents
    for path in sorted((up / "shared" / "data" / "capability").glob("*_2026-04-11.*"))
]
PATHS = {
    "p50": "p50_horizon_length/estimate",
    "p50_low": "p50_horizon_length/ci_low",
    "p50_high": "p50_horizon_length/ci_high",
    "p80": "p80_horizon_length/estimate",
    "p80_low": "p80_horizon_length/ci_low",
    "p80_high": "p80_horizon_length/ci_high",
    "average_score": "average_score/estimate",
}


def cells_of(text: str) -> dict[str, dict[str, str]]:
    """Return every cell of a file of results by model, by lines and indentation alone."""
    models: dict[str, dict[str, str]] = {}
    keys: dict[int, str] = {}
    for line in text.split("\nresults:\n")[1].splitlines():
        match = re.fullmatch(r"( *)([\w.]+): ?(.*)", line)
        if not match or not line.startswith("  "):
            continue
        depth = len(match[1]) // 2
        keys = {k: v for k, v in keys.items() if k < depth} | {depth: match[2]}
        if depth == 1:
            models[match[2]] = {}
        elif match[3]:
            models[keys[1]]["/".join(keys[k] for k in sorted(keys) if k > 1)] = match[3]
    return models


def assert_every_cell(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    table, expected = read(path), cells_of(text)
    assert table.kind == "horizons"
    assert (table.rejected, table.blanked) == ((), ())
    assert table.rows.name.tolist() == list(expected)
    for (_, row), (name, cells) in zip(table.rows.iterrows(), expected.items(), strict=True):
        for column, path_ in PATHS.items():
            cell = cells.get(f"metrics/{path_}")
            value = row[column]
            assert np.isnan(value) if cell is None else value == float(cell), (name, column)
        assert row["date"] == decimal_year(date.fromisoformat(cells["release_date"])), name
        assert row["frontier"] == (cells["metrics/is_sota"] == "true"), name
        assert row["benchmark"] == cells["benchmark_name"], name
    lines = text.splitlines()
    assert [lines[number - 1].strip(" :") for number in table.rows.index] == list(expected)


def test_every_cell_of_files_of_results(tmp_path: Path) -> None:
    path = metr_file(tmp_path)
    for each in (path, *(file for file in DOWNLOADED if file.suffix == ".yaml")):
        assert_every_cell(each)
    table = read(path)
    assert table.rows.p50.tolist() == pytest.approx([horizon_of(i) for i in range(len(NAMES))], rel=1e-5)
    assert table.about["doubling_time_in_days.from_2023_on.point_estimate"] == "182.6"
    assert (table.about["swaa_version"], table.absent) == ("abc", ("published",))
    assert "minutes" in table.notes[0]


def assert_every_score(path: Path) -> None:
    table = read(path)
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(io.StringIO(file.read())))
    assert table.kind == "capabilities"
    assert (table.rejected, table.blanked) == ((), ())
    assert len(expected) == table.total
    for (_, row), cells in zip(table.rows.iterrows(), expected, strict=True):
        name = cells["Model version"].strip()
        assert row["name"] == name
        for column, heading in (("score", "ECI Score"), ("training_compute", "Training compute (FLOP)")):
            cell = cells[heading]
            assert (row[column] == float(cell)) if cell else np.isnan(row[column]), (name, column)
        day = cells["Release date"]
        assert (row["date"] == decimal_year(date.fromisoformat(day))) if day else np.isnan(row["date"]), name
        assert row["model"] == cells["Model name"].strip()
        assert row["organization"] == cells["Organization"].strip()
        assert row["confidence"] == (cells["Confidence"] or "Unknown")


def test_every_cell_of_an_index(tmp_path: Path) -> None:
    path = tmp_path / "eci.csv"
    path.write_text(INDEX, encoding="utf-8", newline="")
    for each in (path, *(file for file in DOWNLOADED if file.suffix == ".csv")):
        assert_every_score(each)
    assert read(path).rows.score.tolist()[::2] == [120.5, 141.0]


def text_file(folder: Path, text: str, name: str = "metr.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = metr_text()
LAST = WHOLE.count("\n")


def scaled(factor: float) -> str:
    """Return the file with all horizons in another unit; they have six decimals, other numbers fewer."""
    return re.sub(r"\d+\.\d{6}", lambda number: f"{float(number[0]) * factor:.9f}", WHOLE)


FAULTS = {
    "empty": ("", Refusal("empty-file", "metr.yaml")),
    "comment": ("# nothing\n", Refusal("empty-file", "metr.yaml")),
    "cut in a quotation": (
        WHOLE.replace("2019-02-01", "'2019-02-01", 1)[:900],
        Refusal("not-yaml", "metr.yaml, line 40"),
    ),
    "tab": (WHOLE.replace("    metrics", "\tmetrics", 1), Refusal("not-yaml", "metr.yaml, line 8")),
    "two documents": (WHOLE + "---\na: 1\n", Refusal("not-yaml", f"metr.yaml, line {LAST + 1}")),
    "control character": (WHOLE.replace("abc", "a\x01"), Refusal("not-yaml", f"metr.yaml, line {LAST}")),
    "web page": ("<!DOCTYPE html><html>not here</html>", Refusal("no-records", "metr.yaml")),
    "list": ("- 1\n- 2\n", Refusal("no-records", "metr.yaml", got="a sequence")),
    "other file": ("a: 1\nb: 2\n", Refusal("no-records", "metr.yaml", got="a, b")),
    "no models": ("results: {}\n", Refusal("no-records", "metr.yaml", got="results")),
    "renamed": (
        WHOLE.replace("p50_horizon_length", "horizon"),
        Refusal("column-missing", "metr.yaml, header"),
    ),
    "a key twice": (
        WHOLE.replace("    scaffolds:", "    release_date: 2020-01-01\n    scaffolds:", 1),
        Refusal("duplicate-key", "metr.yaml, line 21", got="release_date"),
    ),
    "hours": (scaled(1.0 / 60.0), Refusal("implausible-values", "metr.yaml")),
    "seconds": (scaled(60.0), Refusal("implausible-values", "metr.yaml")),
    "alias": ("results: &r\n  a: *r\n", Refusal("not-yaml", "metr.yaml, line 2")),
    "deep": ("results: " + "[" * 5000, Refusal("not-yaml", "metr.yaml")),
    "large": ("#" * 2_100_000, Refusal("file-too-large", "metr.yaml")),
}


def test_a_damaged_or_wrong_file_is_one_line(tmp_path: Path) -> None:
    for what, (text, expected) in FAULTS.items():
        path = text_file(tmp_path, text)
        with refused(expected.code, expected.where, got=expected.got) as failure:
            read(path)
        assert "\n" not in str(failure.value), what
    with refused("not-utf8", "metr.yaml, line 8"):
        path.write_bytes(WHOLE.replace("metrics", "m\u00e9trics", 1).encode("latin-1"))
        read(path)
    with refused("unreadable-table", str(tmp_path / "none.yaml")):
        read(tmp_path / "none.yaml")


def test_an_index_with_a_fault_is_one_line(tmp_path: Path) -> None:
    for text, code, where in (
        (INDEX.replace("ECI Score", "Score"), "column-missing", "eci.csv, header"),
        (INDEX.replace(",", ";"), "wrong-delimiter", "eci.csv, header"),
        (INDEX.replace("120.5", "120500"), "implausible-values", "eci.csv"),
        (INDEX[: INDEX.index('"Beta') + 3], "not-comma-separated", "eci.csv, line 3"),
        (INDEX.splitlines()[0], "table-without-rows", "eci.csv"),
    ):
        path = text_file(tmp_path, text, "eci.csv")
        with refused(code, where) as failure:
            read(path)
        assert "\n" not in str(failure.value)


def test_records_that_cannot_be_read_are_listed(tmp_path: Path) -> None:
    kept = records()
    minutes = "        estimate: 12.000000"
    entries = [
        *kept,
        entry("undated", "soon", 12.0),
        entry("negative", "2025-01-01", 12.0).replace(minutes, "        estimate: -12"),
        entry("outside", "2025-01-01", 12.0).replace(minutes, "        estimate: 55"),
        entry("slip", "2052-01-01", 12.0),
        kept[3].replace("METR-Horizon-v1.1", "METR-Horizon-v1.0"),
        "  flat: 3",
        entry("unknown", "2025-02-01", 12.0).replace(minutes, "        estimate: null"),
    ]
    table = read(metr_file(tmp_path, entries=entries))
    reasons = {rejected.got: rejected.reason for rejected in table.rejected}
    assert len(table.rows) + len(table.rejected) == len(entries)
    assert table.rows.name.tolist() == [*NAMES, "unknown"]
    assert np.isnan(table.rows.p50.iloc[-1])
    assert list(reasons) == ["soon", "-12", "55", "2052.000", NAMES[3], "flat"]
    assert reasons["soon"].startswith("not a date")
    assert reasons["-12"].startswith("negative")
    assert reasons["55"] == "outside its own interval, 6 to 24"
    assert reasons["2052.000"].startswith("outside 1940 to 20")
    assert "with other cells" in reasons[NAMES[3]]
    assert reasons["flat"].startswith("1 cells where the header has")
    lines = metr_text(entries).splitlines()
    assert lines[table.rejected[0].row - 1] == "  undated:"


def test_a_horizon_is_known_from_its_publication_on(tmp_path: Path) -> None:
    entries = [*records()[:3], entry("late", "2023-01-01", 8.0, more="    publication_date: 2024-07-02")]
    table = read(metr_file(tmp_path, entries=entries))
    assert table.absent == ()
    assert "late" not in table.known(2024.4).rows.name.tolist()
    assert "late" in table.known(2024.6).rows.name.tolist()
    assert len(table.known(2019.2).rows) == 1


def test_horizons_in_a_table_of_ones_own(tmp_path: Path) -> None:
    path = text_file(tmp_path, "name,date,p50 (hours),p80\nA,2026-01-01,2,30\n", "mine.csv")
    table = read(path)
    assert (table.kind, table.rows.p50.item(), table.rows.p80.item()) == ("horizons", 120.0, 30.0)
