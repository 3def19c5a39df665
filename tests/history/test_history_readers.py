"""Files of the past: what is read, from which snapshot, and what every malformed file leads to."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from refusals import Refusal, refused
from timecone.history import read
from timecone.history.readers import text_file
from timecone.history.readers.columns import COLUMNS, KINDS
from timecone.history.readers.reading import plausible_end

HEADER = "Model,Organization,Publication date,Training compute (FLOP),Confidence"
COMPUTE = "Training compute (FLOP)"
DATE = "Publication date"
GOOD = ("A,X,2019-01-01,1e20,Confident", "B,Y,2020-07-02,2.5e+23,Likely", "C,,2024-02-29,,")


def written(folder: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    path = folder / "models.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding=encoding)
    return path


def test_a_file_of_runs(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD)
    records = read(path)
    assert records.kind == "runs"
    assert list(records.rows.columns) == [column.name for column in COLUMNS["runs"]]
    assert list(records.rows.index) == [2, 3, 4]
    assert records.rows.date.tolist() == [2019.0, 2020.5, 2024 + 59 / 366]
    assert records.rows.training_compute.tolist()[:2] == [1e20, 2.5e23]
    assert math.isnan(records.rows.training_compute[4])
    assert records.rows.confidence.tolist() == ["Confident", "Likely", "Unknown"]
    assert records.rows.organization.tolist() == ["X", "Y", ""]
    assert (records.rejected, records.blanked, records.total) == ((), (), 3)
    assert {"cost", "hardware", "frontier"} <= set(records.absent)
    assert records.source == "models.csv"
    assert records.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("kind", KINDS)
def test_the_columns_have_their_types_even_where_the_file_lacks_them(kind: str, tmp_path: Path) -> None:
    required = [column for column in COLUMNS[kind] if column.required]
    cells = {"text": "A", "number": "20", "date": "2020-01-01", "year": "2020.5"}
    cells |= {"training_compute": "1e23", "fp32": "1e13", "amount": "1e8"}
    path = written(
        tmp_path,
        ",".join(cells.get(column.name, cells[column.type]) for column in required),
        header=",".join(column.name for column in required),
    )
    rows = read(path).rows
    for column in COLUMNS[kind]:
        if column.type in ("number", "date", "year"):
            assert rows[column.name].dtype == np.float64
            assert math.isnan(rows[column.name].iloc[0]) is (not column.required)
        elif column.type == "flag":
            assert rows[column.name].dtype == np.bool_
        else:
            assert pd.api.types.is_string_dtype(rows[column.name])


@pytest.mark.parametrize(
    "heading",
    [
        "Training dataset size (total)",
        "Training dataset size (gradients)",
        "Training dataset size (datapoints)",
        "(DEPRECATED) Training dataset size (datapoints)",
        "dataset_size",
    ],
)
def test_headings_of_older_snapshots(heading: str, tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "A,2020-01-01,1e20,3e9",
        header=f"System,Publication date,Training compute (FLOP),{heading}",
    )
    assert read(path).rows.dataset_size.tolist() == [3e9]


def test_the_newer_of_two_headings_counts(tmp_path: Path) -> None:
    sizes = "Training dataset size (datapoints),Training dataset size (total)"
    path = written(
        tmp_path, "A,2020-01-01,1e20,1,2", header=f"Model,Publication date,Training compute (FLOP),{sizes}"
    )
    assert read(path).rows.dataset_size.tolist() == [2.0]


@pytest.mark.parametrize(
    ("header", "row", "kind"),
    [
        (
            "Hardware name,Release date,FP32 (single precision) performance (FLOP/s)",
            "A,2020-01-01,1e12",
            "chips",
        ),
        ("product,date,FP32_flops,real_price_2020", "A,2020-01-01 12:00:00,1e12,99.5", "chips"),
        (
            "Price date,Hardware model,Price per chip-hour (on-demand),Price (hardware purchase)",
            "2020-01-01,A,1.5,",
            "prices",
        ),
        ("Model,Hardware_Capex_Energy_Cost", "A,1e6", "costs"),
        ("Model,Cost", "A,1e6", "costs"),
        ("name,date,halving_time,first_year,last_year", "A,2020-01-01,9,2012,2022.5", "studies"),
    ],
)
def test_the_kind_is_found_from_the_header(header: str, row: str, kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, row, header=header)
    assert read(path).kind == read(path, kind).kind == kind


def test_known_keeps_what_was_dated_by_then(tmp_path: Path) -> None:
    records = read(written(tmp_path, *GOOD, "D,,,1e24,Likely"))
    assert records.known(2020.5).rows.name.tolist() == ["A", "B"]
    assert records.known(2100.0).rows.name.tolist() == ["A", "B", "C"]
    assert records.known(1900.0).rows.empty
    with refused("not-a-date", "as_of"):
        records.known(math.nan)


def test_costs_have_no_dates(tmp_path: Path) -> None:
    records = read(written(tmp_path, "A,1e6", header="Model,Cost"))
    with refused("rows-without-dates", "models.csv"):
        records.known(2024.0)


# Rows that are rejected: the row, the column, what stood there, and a word of the reason.
SKIPPED = {
    "text in a number": ("D,X,2020-01-01,about 1e23,Likely", COMPUTE, "about 1e23", "not a number"),
    "two numbers": ('D,X,2020-01-01,"14180000,5",Likely', COMPUTE, "14180000,5", "not a number"),
    "decimal comma": ('D,X,2020-01-01,"1,5",Likely', COMPUTE, "1,5", "not a number"),
    "underscore": ("D,X,2020-01-01,1_000,Likely", COMPUTE, "1_000", "not a number"),
    "negative": ("D,X,2020-01-01,-1e23,Likely", COMPUTE, "-1e23", "negative"),
    "zero": ("D,X,2020-01-01,0.0,Likely", COMPUTE, "0.0", "zero"),
    "infinite": ("D,X,2020-01-01,inf,Likely", COMPUTE, "inf", "infinite"),
    "overflow": ("D,X,2020-01-01,1e999,Likely", COMPUTE, "1e999", "largest"),
    "no name": (",X,2020-01-01,1e23,Likely", "Model", "", "without a name"),
    "date in words": ("D,X,May 2020,1e23,Likely", DATE, "May 2020", "not a date"),
    "American date": ("D,X,1/2/2020,1e23,Likely", DATE, "1/2/2020", "month/day or day/month"),
    "no such day": ("D,X,2023-02-29,1e23,Likely", DATE, "2023-02-29", "not a calendar date"),
    "before 1940": ("D,X,1912-01-01,1e23,Likely", DATE, "1912.000", "outside 1940 to 2034"),
    "a slip of the year": ("D,X,2062-01-01,1e23,Likely", DATE, "2062.000", "outside 1940 to 2034"),
    "after any record": ("D,X,9999-01-01,1e23,Likely", DATE, "9999.000", "outside 1940 to 2034"),
    "too few cells": ("D,X,2020-01-01", "", "D,X,2020-01-01", "3 cells where the header has 5"),
    "too many cells": ("D,X,2020-01-01,1e23,Likely,9", "", "D,X,2020-01-01,1e23,Likely,9", "6 cells"),
    "no cell filled": (",,,,", "", "", "no cell is filled"),
    "the same row": (GOOD[0], "", GOOD[0], "the same as row 2"),
    "the same run": ("A,X,2019-01-01,9e20,Likely", "Model", "A, 2019-01-01", "as row 2, with other cells"),
}  # fmt: skip


@pytest.mark.parametrize("case", SKIPPED)
def test_a_row_that_cannot_be_read_is_listed(case: str, tmp_path: Path) -> None:
    row, column, got, reason = SKIPPED[case]
    records = read(written(tmp_path, *GOOD, row))
    (rejected,) = records.rejected
    assert (rejected.row, rejected.column, rejected.got) == (5, column, got)
    assert reason in rejected.reason
    assert records.rows.name.tolist() == ["A", "B", "C"]
    assert records.total == 4


def test_rows_read_and_rows_skipped_are_the_rows_of_the_file(tmp_path: Path) -> None:
    bad = [row for row, *_ in SKIPPED.values()]
    records = read(written(tmp_path, *GOOD, *bad, "", "E,Z,2021-01-01,1e24,Likely"))
    assert len(records.rows) == 4
    assert records.total == len(GOOD) + len(bad) + 1
    assert sorted([*records.rows.index, *(rejected.row for rejected in records.rejected)]) == [
        *range(2, 5 + len(bad)),
        6 + len(bad),  # after the blank line
    ]


def test_a_cell_of_lesser_weight_is_left_out_and_listed(tmp_path: Path) -> None:
    header = f"{HEADER},Hardware utilization (MFU),Training dataset size (total),Frontier model"
    path = written(
        tmp_path,
        'A,X,2019-01-01,1e20,certain,1.2,"14180000,14180000",perhaps',
        "B,X,2019-01-01,-1,certain,0.3,5,",
        header=header,
    )
    records = read(path)
    assert records.rows.training_compute.tolist() == [1e20]
    assert records.rows[["utilisation", "dataset_size"]].isna().all(axis=None)
    assert [(rejected.row, rejected.column) for rejected in records.blanked] == [
        (2, "Confidence"),
        (2, "Training dataset size (total)"),
        (2, "Hardware utilization (MFU)"),
        (2, "Frontier model"),
    ]
    assert records.rows.confidence.tolist() == ["Unknown"]
    assert not records.rows.frontier.any()
    assert "more than 1" in records.blanked[2].reason


def test_missing_marks_are_missing_and_never_zero(tmp_path: Path) -> None:
    rows = [f"R{i},X,2020-01-01,{mark},Likely" for i, mark in enumerate(("", " ", "nan", "NaN", "NA", "N/A"))]
    assert read(written(tmp_path, *rows)).rows.training_compute.isna().all()


def test_latest_overrides_what_the_file_makes_plausible(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD)
    assert [rejected.row for rejected in read(path, latest=2020.0).rejected] == [3, 4]
    assert not read(path, latest=2100.0).rejected
    for wrong in (1900.0, 3000.0, math.nan):
        with refused("record-date-missing", "latest"):
            read(path, latest=wrong)


@pytest.mark.parametrize(
    ("dates", "end"),
    [
        ((2020.0, 2062.0), 2030.0),
        ((1950.0, 1960.0, 1980.0, 2010.0, 2015.0, 2020.0, 2026.0), 2036.0),
        ((2015.0, 2020.0, 2029.0, 2039.0, 2099.0), 2049.0),
        ((math.nan,), 2100.0),
        ((), 2100.0),
        ((2095.0,), 2100.0),
    ],
)
def test_the_plausible_end_of_a_table(dates: tuple[float, ...], end: float) -> None:
    assert plausible_end(dates) == end


def test_quoted_line_breaks_belong_to_their_cell(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '"A\nB","X, Y",2019-01-01,1e20,Confident,"a ""note""\nof two lines"',
        "C,,2020-01-01,-1,,",
        header=f"{HEADER},Training compute notes",
    )
    records = read(path)
    assert records.rows.name.tolist() == ["A\nB"]
    assert records.rows.organization.tolist() == ["X, Y"]
    assert records.rejected[0].row == 3


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_byte_order_mark_and_line_endings(mark: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / "models.csv"
    path.write_bytes((mark + ending.join((HEADER, *GOOD))).encode())
    assert read(path).rows.name.tolist() == ["A", "B", "C"]


def test_rows_numbered_by_a_data_frame_are_compared_without_their_number(tmp_path: Path) -> None:
    path = written(tmp_path, "0,A,2020-01-01,1e12", "1,A,2020-01-01,1e12", header=",product,date,FP32_flops")
    records = read(path)
    assert len(records.rows) == 1
    assert records.rejected[0].reason == "the same as row 2"


# Files that are refused: their bytes, and what the message says.
REFUSED = {
    "empty": (b"", Refusal("empty-file", "models.csv")),
    "blank lines": (b"\n\n\n", Refusal("empty-file", "models.csv")),
    "header only": (HEADER.encode() + b"\n", Refusal("table-without-rows", "models.csv")),
    "semicolons": (
        HEADER.replace(",", ";").encode() + b"\nA;X;2020-01-01;1;\n",
        Refusal(
            "wrong-delimiter", "models.csv, header", got=f"Model;Organization;Publication date;{COMPUTE}…"
        ),
    ),
    "tabs": (
        HEADER.replace(",", "\t").encode() + b"\nA\tX\n",
        Refusal(
            "wrong-delimiter", "models.csv, header", got=f"Model\tOrganization\tPublication date\t{COMPUTE}…"
        ),
    ),
    "UTF-16": ("\n".join((HEADER, *GOOD)).encode("utf-16"), Refusal("utf16-text", "models.csv")),
    "UTF-16 without mark": (HEADER.encode("utf-16-le"), Refusal("zero-byte", "models.csv, line 1")),
    "Latin-1": (
        f"{HEADER}\nA,é,2020-01-01,1,\n".encode("latin-1"),
        Refusal("not-utf8", "models.csv, line 2"),
    ),
    "zero byte": (f"{HEADER}\nA,X,2020-\0".encode(), Refusal("zero-byte", "models.csv, line 2")),
    "compressed": (b"PK\x03\x04\x00\x00", Refusal("zero-byte", "models.csv, line 1")),
    "open quote": (
        f'{HEADER}\n"A,X,2020-01-01,1,\nB,Y,,1,\n'.encode(),
        Refusal("not-comma-separated", "models.csv, line 3"),
    ),
    "stray quote": (
        f'{HEADER}\n"A"b,X,2020-01-01,1,\n'.encode(),
        Refusal("not-comma-separated", "models.csv, line 2"),
    ),
    "column twice": (
        f"{HEADER},Model\nA,X,2020-01-01,1,,B\n".encode(),
        Refusal("duplicate-column", "models.csv, header", got="Model"),
    ),
    "another table": (
        b"fruit,colour\napple,red\n",
        Refusal("no-known-column", "models.csv, header", got="fruit, colour"),
    ),
    "no row readable": (
        f"{HEADER}\nA,X,2020,1,\n".encode(),
        Refusal("no-readable-rows", "models.csv", got="2020"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_says_why(case: str, tmp_path: Path) -> None:
    content, refusal = REFUSED[case]
    path = tmp_path / "models.csv"
    path.write_bytes(content)
    with refusal.expected():
        read(path)


@pytest.mark.parametrize(
    ("renamed", "meant"),
    [
        ("Training FLOP", "'Training FLOP'"),
        ("Compute", ""),
    ],
)
def test_a_renamed_column(renamed: str, meant: str, tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD, header=HEADER.replace("Training compute (FLOP)", renamed))
    with refused("column-missing", "models.csv, header") as failure:
        read(path)
    assert "'Training compute (FLOP)'" in failure.value.allowed
    assert meant in (failure.value.remedy or "")


def test_a_kind_that_the_file_is_not(tmp_path: Path) -> None:
    with refused("column-missing", "models.csv, header"):
        read(written(tmp_path, *GOOD), "costs")
    with refused("unknown-table-kind", "kind", got="run", names="'runs'"):
        read(written(tmp_path, *GOOD), "run")


def test_a_header_that_fits_two_kinds_asks_which(tmp_path: Path) -> None:
    path = written(
        tmp_path, "A,2020-01-01,1e20,1e6", header="Model,Publication date,Training compute (FLOP),Cost"
    )
    with refused("ambiguous-header", "models.csv", names="kind="):
        read(path)
    assert read(path, "runs").kind == "runs"


def test_a_folder_a_missing_file_and_an_impossible_name(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path, "not-a-file"),
        (tmp_path / "nowhere.csv", "unreadable-table"),
        (tmp_path / "a\0b", "not-a-file-name"),
    ):
        with refused(code):
            read(path)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "models.csv"
    with path.open("wb") as file:
        file.truncate(text_file.MOST_BYTES + 1)
    with refused("file-too-large", names="at most 128"):
        read(path)


def test_a_cell_longer_than_any_note_is_an_open_quote(tmp_path: Path) -> None:
    path = written(tmp_path, *GOOD, f'"{"x" * 200_000}",X,2020-01-01,1,')
    with refused("not-comma-separated", "models.csv, line 5"):
        read(path)


@pytest.mark.slow
def test_a_file_of_a_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "models.csv"
    row = 'model {0},X,20{1:02d}-01-01,1.5e16,Likely,"' + "a note, " * 20 + '"\n'
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER},Training compute notes\n")
        rows = 0
        while file.tell() < 100 * 2**20:
            file.writelines(row.format(rows + i, i % 20) for i in range(10_000))
            rows += 10_000
    records = read(path)
    assert (len(records.rows), records.rejected) == (rows, ())
