"""Files as spreadsheets write them: dollar signs, check marks, day and month, units in headings."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from refusals import refused
from timecone.history import HistoryTable, read, read_bundled
from timecone.history.readers.columns import COLUMNS
from timecone.history.readers.headings import factor
from timecone.units import decimal_year

CASES = next(
    (
        up / "shared" / "cases"
        for up in Path(__file__).resolve().parents
        if (up / "shared" / "cases").is_dir()
    ),
    None,
)
RUNS = ["Model", "Publication date", "Training compute (FLOP)"]
CHIPS = [
    "Hardware name",
    "Release date",
    "FP32 (single precision) performance (FLOP/s)",
    "Release price (USD)",
]


def written(folder: Path, header: list[str], *rows: list[str]) -> Path:
    path = folder / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def costs(folder: Path, *cells: str) -> HistoryTable:
    rows = [[f"R{i}", "2023-07-01", "1e24", cell] for i, cell in enumerate(cells)]
    return read(written(folder, [*RUNS, "Training compute cost (2023 USD)"], *rows))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$6770000.00", 6.77e6),
        ("$6,770,000.00", 6.77e6),
        ("6,770,000", 6.77e6),
        ("US$6770000", 6.77e6),
        ("$ 6770000", 6.77e6),
        ("6770000 USD", 6.77e6),
        ("USD 6.77e6", 6.77e6),
    ],
)
def test_amounts_in_dollars(cell: str, value: float, tmp_path: Path) -> None:
    assert costs(tmp_path, cell).rows.cost.tolist() == [value]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("€6770000", "another currency"),
        ("EUR 6770000", "another currency"),
        ("$6.77M", "not a number"),
        ("$", "not a number"),
        ("$-5", "negative"),
        ("6.770.000,00", "not a number"),
        ("12,34,567", "not a number"),
    ],
)
def test_amounts_that_are_listed(cell: str, reason: str, tmp_path: Path) -> None:
    records = costs(tmp_path, cell)
    assert records.rows.cost.isna().all()
    (rejected,) = records.blanked
    assert (rejected.got, rejected.column) == (cell, "Training compute cost (2023 USD)")
    assert reason in rejected.reason


def test_thousands_are_refused_beside_decimal_commas(tmp_path: Path) -> None:
    records = costs(tmp_path, "1,234", "1234,5", "2000")
    assert records.rows.cost.tolist()[2] == 2000.0
    assert records.rows.cost.isna().tolist() == [True, True, False]
    assert "decimal comma as in row 3" in records.blanked[0].reason


def test_a_share_in_percent(tmp_path: Path) -> None:
    header = [*RUNS, "Hardware utilization (MFU)"]
    assert read(written(tmp_path, header, ["A", "2023-01-01", "1e24", "45%"])).rows.utilisation.tolist() == [
        0.45
    ]
    header = [*RUNS, "Hardware utilization (%)"]
    assert read(written(tmp_path, header, ["A", "2023-01-01", "1e24", "45"])).rows.utilisation.tolist() == [
        0.45
    ]


@pytest.mark.parametrize("yes", ["True", "TRUE", "checked", "Checked", "yes", "Y", "1", "x"])
@pytest.mark.parametrize("no", ["False", "unchecked", "no", "N", "0", "", "nan"])
def test_flags(yes: str, no: str, tmp_path: Path) -> None:
    rows = [["A", "2023-01-01", "1e24", yes], ["B", "2023-01-01", "1e24", no]]
    records = read(written(tmp_path, [*RUNS, "Frontier model"], *rows))
    assert records.rows.frontier.tolist() == [True, False]
    assert not records.blanked


def test_a_withdrawn_estimate_is_missing_and_listed(tmp_path: Path) -> None:
    rows = [
        ["A", "2023-01-01", "1e24", "wrong"],
        ["B", "2023-01-01", "", "Wrong"],
        ["C", "2023-01-01", "1e24", "likely"],
    ]
    records = read(written(tmp_path, [*RUNS, "Confidence"], *rows))
    assert records.rows.training_compute.isna().tolist() == [True, True, False]
    assert records.rows.confidence.tolist() == ["Unknown", "Unknown", "Likely"]
    (rejected,) = records.blanked
    assert (rejected.row, rejected.column, rejected.got) == (2, "Training compute (FLOP)", "1e24")
    assert "withdraws" in rejected.reason


def dated(folder: Path, *dates: str) -> HistoryTable:
    return read(written(folder, RUNS, *([f"R{i}", day, "1e24"] for i, day in enumerate(dates))))


@pytest.mark.parametrize(
    ("dates", "iso"),
    [
        (("5/31/2023", "3/4/2023"), ("2023-05-31", "2023-03-04")),
        (("31/5/2023", "3/4/2023"), ("2023-05-31", "2023-04-03")),
        (("31.05.2023", "03.04.2023"), ("2023-05-31", "2023-04-03")),
        (("3/4/2023 10:30", "12/31/2022 0:00"), ("2023-03-04", "2022-12-31")),
        (("2023-03-04", "2023/3/4"), ("2023-03-04", "2023-03-04")),
        (("5/5/2023", "2023-03-04"), ("2023-05-05", "2023-03-04")),
    ],
)
def test_day_and_month_are_decided_by_the_column(
    dates: tuple[str, str], iso: tuple[str, str], tmp_path: Path
) -> None:
    records = dated(tmp_path, *dates)
    assert records.rows.date.tolist() == [decimal_year(date.fromisoformat(day)) for day in iso]
    is_decided = any(part > "12" for part in "/".join(dates).replace(".", "/").split("/") if len(part) == 2)
    assert bool(records.notes) is (is_decided and "-" not in dates[0])


@pytest.mark.parametrize("dates", [("3/4/2023", "1/2/2023"), ("13/4/2023", "1/13/2023", "3/4/2023")])
def test_dates_that_cannot_be_told_are_refused(dates: tuple[str, ...], tmp_path: Path) -> None:
    with refused("no-readable-rows", "table.csv") as failure:
        dated(tmp_path, *dates)
    assert "month/day" in failure.value.what
    records = dated(tmp_path, "2023-01-31", *dates)
    assert [rejected.row for rejected in records.rejected] == list(range(3, 3 + len(dates)))


@pytest.mark.parametrize(
    ("kind", "name", "unit", "expected"),
    [
        ("runs", "training_compute", "FLOP", 1.0),
        ("runs", "training_compute", "FLOPs", 1.0),
        ("runs", "training_compute", "petaFLOP", 1e15),
        ("runs", "training_compute", "peta FLOP", 1e15),
        ("runs", "training_compute", "EFLOP", 1e18),
        ("runs", "training_compute", "1e21 FLOP", 1e21),
        ("runs", "training_compute", "10^24 FLOP", 1e24),
        ("runs", "training_compute", "petaflop/s-days", 8.64e19),
        ("chips", "fp32", "TFLOPS", 1e12),
        ("chips", "fp32", "TFLOP/s", 1e12),
        ("chips", "fp32", "exaFLOP/s", 1e18),
        ("chips", "fp32", "GFLOP per second", 1e9),
        ("runs", "cost", "2023 USD", 1.0),
        ("runs", "cost", "2023 USD thousands", 1e3),
        ("runs", "cost", "2023 USD millions", 1e6),
        ("runs", "cost", "million USD of 2023", 1e6),
        ("runs", "cost", "2023 $M", 1e6),
        ("chips", "price", "thousand USD", 1e3),
        ("chips", "price", "$", 1.0),
        ("runs", "training_time", "days", 24.0),
        ("runs", "parameters", "billions", 1e9),
        ("runs", "parameters", "B", 1e9),
        ("runs", "dataset_size", "billion tokens", 1e9),
        ("chips", "power", "kW", 1e3),
        ("studies", "halving_time", "years", 12.0),
        ("runs", "utilisation", "%", 0.01),
    ],
)  # fmt: skip
def test_units_of_headings(kind: str, name: str, unit: str, expected: float) -> None:
    column = next(each for each in COLUMNS[kind] if each.name == name)
    assert factor(unit, column) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("Training compute", "no unit is stated"),
        ("Training compute (FLOPS)", "ambiguous"),
        ("Training compute (petaflops)", "ambiguous"),
        ("Training compute (FLOP/s)", "a rate"),
        ("Training compute (mFLOP)", "not understood"),
        ("Training compute (log10 FLOP)", "not understood"),
        ("Training compute (USD)", "not understood"),
    ],
)
def test_a_unit_that_cannot_be_used_is_refused(heading: str, reason: str, tmp_path: Path) -> None:
    with refused("column-unit", "table.csv, header") as failure:
        read(written(tmp_path, [*RUNS[:2], heading], ["A", "2023-01-01", "1e24"]))
    assert repr(heading) in failure.value.what
    assert reason in failure.value.what
    assert "'Training compute (FLOP)'" in failure.value.remedy


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        ("2025 USD", "USD of 2025"),
        ("USD", "no stated year"),
        ("EUR", "another currency"),
        ("2023 USD dozens", "not understood"),
    ],
)
def test_money_of_another_year_or_currency_is_refused(unit: str, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, [*RUNS, f"Training compute cost ({unit})"], ["A", "2023-01-01", "1e24", "1e6"])
    with refused("column-unit", "table.csv, header") as failure:
        read(path)
    assert reason in failure.value.what


def test_another_quantity_in_brackets_is_another_column(tmp_path: Path) -> None:
    records = read(
        written(tmp_path, [*RUNS, "Training compute cost (cloud)"], ["A", "2023-01-01", "1e24", "1e6"])
    )
    assert records.rows.cost.isna().all()
    assert "cost" in records.absent


def test_two_units_of_one_column_are_refused(tmp_path: Path) -> None:
    header = ["Model", "Publication date", "Training compute (petaFLOP)", "Training compute (exaFLOP)"]
    with refused("column-unit", "table.csv, header"):
        read(written(tmp_path, header, ["A", "2023-01-01", "1e9", "1e6"]))


def petaflop(folder: Path, heading: str) -> Path:
    rows = [
        ["A", "2021-05-11", "6200000"],
        ["B", "2024-05-21", "4300000000"],
        ["C", "2020-02-09", "85800.01"],
    ]
    return written(folder, ["Entity", "Day", heading], *rows)


def test_petaflop_is_converted_and_said(tmp_path: Path) -> None:
    records = read(petaflop(tmp_path, "Training computation (petaFLOP)"))
    assert records.rows.training_compute.tolist() == pytest.approx([6.2e21, 4.3e24, 8.580001e19], rel=1e-14)
    assert records.notes == ("Training computation (petaFLOP): multiplied by 1e+15 to FLOP",)


def test_petaflop_under_the_heading_of_flop_stops(tmp_path: Path) -> None:
    with refused("implausible-values", "table.csv") as failure:
        read(petaflop(tmp_path, "Training compute (FLOP)"))
    assert failure.value.what == "row 2: training_compute of 6.2e+06 FLOP in 2021.4 is implausible"
    assert "for any row" in failure.value.allowed
    assert "heading" in failure.value.remedy


@pytest.mark.parametrize(
    ("header", "row", "value"),
    [
        (RUNS, ["A", "2024-06-01", "1e9"], "training_compute of 1e+09 FLOP in 2024.4"),
        ([*RUNS, "Training compute cost (2023 USD)"], ["A", "2024-06-01", "2e12", "1e9"], "of 2000 FLOP per"),
        (CHIPS, ["A", "2024-06-01", "1e30", "1000"], "fp32 of 1e+30 FLOP/s"),
        (CHIPS, ["A", "2024-06-01", "1e14", "1e-3"], "price of 0.001 USD"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_true_stops(
    header: list[str], row: list[str], value: str, tmp_path: Path
) -> None:
    with refused("implausible-values", "table.csv") as failure:
        read(written(tmp_path, header, row))
    assert failure.value.what.startswith("row 2: ")
    assert value in failure.value.what


def test_a_whole_column_off_by_a_factor_is_told_by_its_median(tmp_path: Path) -> None:
    rows = [[f"R{i}", "2024-06-01", f"{(i + 1) * 1e15}"] for i in range(5)]
    with refused("implausible-values", "table.csv", names=("to 5e+26", "the median")) as failure:
        read(written(tmp_path, RUNS, *rows))
    assert failure.value.what.startswith("row 4: ")
    assert "half of the 5 values" in failure.value.what
    assert len(read(written(tmp_path, RUNS, *rows[:4])).rows) == 4


@pytest.mark.skipif(CASES is None, reason="the folder of cases is not beside this checkout")
def test_the_cases_are_read_whole() -> None:
    assert CASES
    chips = read(CASES / "chips_prices_with_dollar_sign.csv")
    assert (len(chips.rows), chips.rejected, chips.blanked) == (12, (), ())
    assert chips.rows.price.tolist()[:3] == [12000.0, 4299.0, 55.0]
    runs = read(CASES / "runs_costs_with_dollar_sign.csv")
    assert (len(runs.rows), runs.blanked) == (12, ())
    assert runs.rows.cost.tolist()[:2] == [6.77e6, 5.39e6]
    assert read(CASES / "runs_flags_checked.csv").rows.frontier.all()
    owid = read(CASES / "runs_in_petaflop.csv").rows.set_index("name").training_compute
    # As Epoch AI has it in FLOP: the same model in the own table.
    own = read_bundled("runs").rows.set_index("name").training_compute
    assert owid["AlphaFold 2"] == pytest.approx(2.99e21)
    assert own["GPT-4 (Mar 2023)"] > owid["AFM-server"] > 1e24
