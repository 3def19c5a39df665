"""A column in the wrong unit is stopped, or lies in the range that is stated as plausible."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refusals import refused
from timecone.errors import HistoryError
from timecone.history import HistoryTable, read
from timecone.history.readers.bundled import BUNDLED, TABLES
from timecone.history.readers.columns import COLUMNS, INTERVALS
from timecone.history.readers.plausibility import RANGES


@cache
def table(kind: str) -> list[dict[str, str]]:
    with (TABLES / BUNDLED[kind]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SCALED = [
    (kind, column.name)
    for kind in BUNDLED
    for column in COLUMNS[kind]
    if column.type == "number" and column.name in table(kind)[0]
]
#: Steps that must be caught because a value leaves its own interval, row by row; a wider one may be right.
OUT_OF_INTERVAL = {
    (kind, name): steps
    for kind in BUNDLED
    for names in INTERVALS.get(kind, ())
    for name, steps in zip(names, ((3,), (-3, 3), (-3,)), strict=True)
}
#: Steps in orders of magnitude that must be caught in the own tables, downwards and upwards, by column.
CAUGHT = {
    "training_compute": (-3, 3), "cost": (-3, 3), "fp32": (-3, 3), "tensor_fp16": (-3, 3), "price": (-3, 3),
    "price_2020": (-3, 3), "power": (-3, 3), "parameters": (-3, 6), "dataset_size": (-3, 6),
    "training_time": (-6, 3), "hardware_quantity": (-3, 6), "halving_time": (-3, 3),
    "low": (-3, 3), "high": (-3, 3), "h100e": (-3, 3), "score": (-3, 3),
}  # fmt: skip


def scaled(folder: Path, kind: str, name: str, power: int) -> Path:
    path = folder / f"{kind}.csv"
    rows = table(kind)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(
            row | {name: repr(float(row[name]) * 10.0**power) if row[name] else ""} for row in rows
        )
    return path


def attempt(path: Path, kind: str) -> tuple[HistoryTable | None, str]:
    try:
        return read(path, kind), ""
    except HistoryError as refusal:
        return None, refusal.line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slips")


@given(column=st.sampled_from(SCALED), power=st.integers(3, 15), down=st.booleans())
def test_a_slip_is_caught_or_plausible(
    column: tuple[str, str], power: int, *, down: bool, folder: Path
) -> None:
    kind, name = column
    path = scaled(folder, kind, name, -power if down else power)
    records, line = attempt(path, kind)
    if records is None:
        assert name.removesuffix("_low").removesuffix("_high") in line
        assert "\n" not in line
        return
    values = np.log10(records.rows[name].dropna().to_numpy(float))
    lowest = min(level for _, level in RANGES[kind][name].low)
    highest = max(level for _, level in RANGES[kind][name].high)
    assert ((values >= lowest) & (values <= highest)).all()
    # A cell beyond what the column allows, as a utilisation above 1, is listed.
    dropped = {rejected.row for rejected in (*records.rejected, *records.blanked)}
    assert len(values) + len(dropped) == sum(bool(row[name]) for row in table(kind))


@pytest.mark.parametrize(("kind", "name"), SCALED)
def test_the_usual_slips_are_caught(kind: str, name: str, folder: Path) -> None:
    if name in ("utilisation", "mass"):
        # A share above 1 is no share: every cell is listed, with its row where the column is vital.
        records = read(scaled(folder, kind, name, 3), kind)
        assert records.rows[name].isna().all()
        assert len(records.blanked) + len(records.rejected) == sum(bool(row[name]) for row in table(kind))
        return
    if (kind, name) in OUT_OF_INTERVAL:
        for power in OUT_OF_INTERVAL[kind, name]:
            with refused("no-readable-rows"):
                read(scaled(folder, kind, name, power), kind)
        return
    for power in CAUGHT[name]:
        with refused("implausible-values"):
            read(scaled(folder, kind, name, power), kind)
