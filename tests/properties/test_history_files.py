"""Whatever stands in a file of the past, it is read or listed to the last row, or refused in one line."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timecone.errors import HistoryError
from timecone.history import HistoryTable, read
from timecone.history.readers.columns import COLUMNS

HEADINGS = [
    "Model",
    "Publication date",
    "Training compute (FLOP)",
    "Confidence",
    "Hardware utilization (MFU)",
    "Notes",
]
CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "A", "2020-02-29", "2021-02-29", "1e25", "0", "-3", "inf", "nan", "1e999", "0.4", "Likely"]
    ),
    st.floats().map(repr),
    st.floats(1e13, 1e20).map(repr),
    st.dates().map(str),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
ROWS = st.lists(
    st.lists(CELLS, min_size=5, max_size=7) | st.lists(CELLS, min_size=6, max_size=6), max_size=12
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("history") / "models.csv"


def attempt(path: Path) -> HistoryTable | str:
    try:
        return read(path)
    except HistoryError as refusal:
        return refusal.line


@given(rows=ROWS)
def test_every_row_is_a_record_or_a_skip(rows: list[list[str]], path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([HEADINGS, *rows])
    path.write_bytes(text.getvalue().encode())
    found = attempt(path)
    if isinstance(found, str):
        assert "no rows" in found or f"none of {len(rows)} rows" in found or "is implausible" in found
        return
    assert found.total == len(rows)
    assert sorted([*found.rows.index, *(rejected.row for rejected in found.rejected)]) == list(
        range(2, 2 + len(rows))
    )
    assert all(rejected.reason for rejected in (*found.rejected, *found.blanked))
    assert {rejected.row for rejected in found.blanked} <= set(found.rows.index)
    for column in COLUMNS["runs"]:
        values = found.rows[column.name]
        if column.type == "number":
            known = values.dropna()
            assert ((known > 0.0) & (known <= column.most) & np.isfinite(known)).all()
    assert found.rows.date.dropna().between(1940.0, 2100.0).all()
    assert (found.rows.name != "").all()


@given(content=st.binary(max_size=200), cut=st.integers(0, 300))
def test_no_bytes_bring_anything_but_records_or_a_refusal(content: bytes, cut: int, path: Path) -> None:
    whole = f"{','.join(HEADINGS)}\nA,2020-01-01,1e20,Likely,0.3,\nB,2021-01-01,1e21,Likely,,é\n".encode()
    path.write_bytes(whole[:cut] + content + whole[cut:])
    found = attempt(path)
    if isinstance(found, str):
        assert "\n" not in found
        assert "models.csv" in found
    else:
        assert found.total >= 1


@given(rows=ROWS, as_of=st.floats(1950.0, 2050.0))
def test_what_is_known_later_is_more(rows: list[list[str]], as_of: float, path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADINGS, ["A", "2000-01-01", "1e12", "", "", ""], *rows])
    path.write_bytes(text.getvalue().encode())
    found = attempt(path)
    if isinstance(found, str):
        assert "is implausible" in found
        return
    known = found.known(as_of).rows
    assert set(known.index) <= set(found.known(as_of + 1.0).rows.index)
    assert (known.date <= as_of).all()
    left = found.rows.drop(index=known.index)
    assert all(math.isnan(date) or date > as_of for date in left.date)
