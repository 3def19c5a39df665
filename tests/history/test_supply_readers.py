"""Epoch AI's tables of supply: every cell against a reading by hand, every row read or listed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from refusals import refused
from timecone.history import HistoryTable, read
from timecone.history.readers.columns import COLUMNS
from timecone.units import decimal_year

MADE_UP = Path(__file__).resolve().parents[1] / "data" / "supply"
# The files as downloaded, where they lie beside a checkout.
SHARED = next(
    (up / "shared" for up in Path(__file__).resolve().parents if (up / "shared" / "data").is_dir()), None
)
DOWNLOADED = sorted((SHARED / "data").glob("*/*.csv")) if SHARED else []
KINDS = {
    "clusters": "clusters",
    "data_center": "sites",
    "compute_spend": "spending",
    "cumulative_totals": "stocks",
    "chip_timelines": "production",
    "hardware_prices": "prices",
    "model_costs": "costs",
    "gpu_trends": "chips",
    "ml_hardware": "chips",
    "notable_ai_models": "runs",
    "capabilities_index": "capabilities",
}
# By kind: columns, the headings that they may stand under, and the power of ten of the heading's unit.
BY_HAND: Mapping[str, Mapping[str, tuple[tuple[str, ...], float]]] = {
    "clusters": {
        "name": (("Name",), 1.0),
        "status": (("Status",), 1.0),
        "date": (("First Operational Date",), 1.0),
        "h100e": (("H100 equivalents",), 1.0),
        "power": (("Power Capacity (MW)",), 1.0),
        "cost": (("Hardware Cost",), 1.0),
        "performance_16bit": (("16-bit OP/s",), 1.0),
        "units": (("Total number of AI chips",), 1.0),
        "owner": (("Owner",), 1.0),
        "duplicate": (("Possible Duplicate",), 1.0),
        "standard": (("Include in Standard Analysis",), 1.0),
    },
    "sites": {
        "site": (("Data center",), 1.0),
        "date": (("Date",), 1.0),
        "h100e": (("H100 equivalents",), 1.0),
        "power": (("Power (MW)",), 1.0),
        "buildings": (("Buildings operational",), 1.0),
        "cost": (("Total capital cost (2025 USD billions)",), 1e9),
    },
    "stocks": {
        "owner": (("Owner",), 1.0),
        "start": (("Start date",), 1.0),
        "date": (("End date",), 1.0),
        "h100e": (("Compute estimate in H100e (median)",), 1.0),
        "h100e_low": (("H100e (5th percentile)", "Compute estimate in H100e (5th percentile)"), 1.0),
        "h100e_high": (("H100e (95th percentile)", "Compute estimate in H100e (95th percentile)"), 1.0),
        "units": (("Number of Units", "Number of units (median)"), 1.0),
        "units_high": (("Number of Units (95th percentile)", "Number of units (95th percentile)"), 1.0),
        "power": (("Power in MW (median)",), 1.0),
        "power_low": (("Power in MW (5th percentile)",), 1.0),
        "incomplete": (("Incomplete",), 1.0),
    },
    "production": {
        "chip": (("Chip type",), 1.0),
        "start": (("Start date",), 1.0),
        "date": (("End date",), 1.0),
        "h100e": (("Compute estimate in H100e (median)",), 1.0),
        "h100e_low": (("H100e (5th percentile)",), 1.0),
        "units": (("Number of Units",), 1.0),
        "units_low": (("Number of Units (5th percentile)",), 1.0),
    },
    "spending": {
        "company": (("Company",), 1.0),
        "date": (("Date",), 1.0),
        "published": (("Report date",), 1.0),
        "amount": (("Amount",), 1.0),
        "research": (("R&D compute spend",), 1.0),
        "inference": (("Inference compute spend",), 1.0),
        "total": (("Total compute spend",), 1.0),
        "excluded": (("Exclude from graph view",), 1.0),
    },
    "prices": {
        "hardware": (("Hardware model",), 1.0),
        "date": (("Price date",), 1.0),
        "price_per_hour": (("Price per chip-hour (on-demand)",), 1.0),
        "price_per_hour_1_year": (("Price per chip-hour (1-year CUD)",), 1.0),
        "price_per_hour_3_years": (("Price per chip-hour (3-year CUD)",), 1.0),
        "price": (("Price (hardware purchase)",), 1.0),
    },
    "costs": {
        "name": (("Model",), 1.0),
        "amortised": (("Hardware_Capex_Energy_Cost", "Cost"), 1.0),
    },
    "chips": {
        "name": (("Hardware name", "product"), 1.0),
        "date": (("Release date", "date"), 1.0),
        "price": (("Release price (USD)",), 1.0),
        "price_2020": (("real_price_2020",), 1.0),
        "fp32": (("FP32 (single precision) performance (FLOP/s)", "FP32_flops"), 1.0),
    },
    "runs": {
        "name": (("Model",), 1.0),
        "date": (("Publication date",), 1.0),
        "training_compute": (("Training compute (FLOP)",), 1.0),
        "cost": (("Training compute cost (2023 USD)",), 1.0),
        "training_time": (("Training time (hours)",), 1.0),
        "frontier": (("Frontier model",), 1.0),
    },
    "capabilities": {
        "name": (("Model version",), 1.0),
        "date": (("Release date",), 1.0),
        "score": (("ECI Score",), 1.0),
    },
}


def records_of(path: Path) -> list[dict[str, str]]:
    """Return the rows by the csv module alone."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(io.StringIO(file.read())))


def day_of(text: str) -> float:
    """Return the decimal year of a day written 2024-05-31 or 5/31/2024, perhaps with a time."""
    numbers = [int(part) for part in re.split(r"[-/]", text.split(maxsplit=1)[0])]
    year, month, day = numbers if numbers[0] > 31 else (numbers[2], *numbers[:2])
    first, next_first = date(year, 1, 1), date(year + 1, 1, 1)
    return year + (date(year, month, day) - first).days / (next_first - first).days


def by_hand(cell: str, type_: str, power_of_ten: float) -> object:
    cell = cell.strip()
    if type_ == "text":
        return cell
    if type_ == "flag":
        return cell.lower() in {"true", "checked"}
    if not cell or cell.lower() == "nan":
        return None
    return day_of(cell) if type_ == "date" else float(cell.strip("$").replace(",", "")) * power_of_ten


def assert_cells(path: Path, table: HistoryTable, count: int | None) -> int:
    """Compare cells of a table with a reading by hand: all, or so many of every column that is compared."""
    rows = records_of(path)
    types = {column.name: column.type for column in COLUMNS[table.kind]}
    blanked = {(each.row, each.column) for each in table.blanked}
    cells = [
        (row, name, heading, power_of_ten)
        for row in table.rows.index
        for name, (headings, power_of_ten) in BY_HAND[table.kind].items()
        for heading in headings
        if heading in rows[0] and (row, heading) not in blanked
    ]
    if count is not None:
        # Filled cells tell more than blank ones.
        filled = [each for each in cells if rows[each[0] - 2][each[2]].strip()]
        order = np.random.default_rng(2026).choice(len(filled), size=count, replace=False)
        cells = [filled[k] for k in order]
    for row, name, heading, power_of_ten in cells:
        expected = by_hand(rows[row - 2][heading], types[name], power_of_ten)
        value = table.rows[name][row]
        where = f"{path.name}, row {row}, {heading}"
        if expected is None:
            assert np.isnan(value), where
        elif isinstance(expected, float):
            assert value == pytest.approx(expected, rel=1e-12), where
        else:
            assert value == expected, where
    return len(cells)


@pytest.mark.parametrize("kind", ["clusters", "sites", "stocks", "production", "spending"])
def test_every_cell_of_made_up_files(kind: str) -> None:
    path = MADE_UP / f"{kind}.csv"
    table = read(path)
    assert table.kind == kind
    assert table.total == len(records_of(path))
    assert assert_cells(path, table, None) >= 18


def test_what_cannot_be_read_is_listed() -> None:
    def listed(kind: str) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        table = read(MADE_UP / f"{kind}.csv")
        return (
            [(each.row, each.column) for each in table.rejected],
            [(each.row, each.column) for each in table.blanked],
        )

    assert listed("clusters") == (
        [(7, "First Operational Date")],
        [
            (3, "Decommissioned Date (if applicable)"),
            (8, "Power Capacity (MW)"),
            (8, "Hardware Cost"),
        ],
    )
    assert listed("sites") == (
        [(7, "Data center")],
        [(8, "Total capital cost (2025 USD billions)")],
    )
    assert listed("stocks") == ([(6, "Compute estimate in H100e (median)")], [])
    assert listed("production") == ([(5, "Chip manufacturer")], [])
    assert listed("spending") == ([(5, "Amount")], [(3, "Report date")])


def test_zero_is_a_value_of_a_site_only(tmp_path: Path) -> None:
    sites = read(MADE_UP / "sites.csv").rows
    assert sites.h100e.tolist()[0] == sites.power.tolist()[0] == sites.cost.tolist()[0] == 0.0
    text = (MADE_UP / "stocks.csv").read_text(encoding="utf-8").replace("101000,80000", "0,0", 1)
    path = tmp_path / "stocks.csv"
    path.write_text(text, encoding="utf-8")
    assert read(path).rejected[0].reason.startswith("zero")


def test_what_was_known_when() -> None:
    stocks = read(MADE_UP / "stocks.csv")
    estimated = decimal_year(date(2026, 4, 3))
    assert stocks.rows.published.dropna().unique().tolist() == [estimated]
    # The row without a date of its estimate counts from the end of its quarter.
    assert stocks.known(2025.0).rows.owner.tolist() == ["Beta"]
    assert len(stocks.known(estimated).rows) == 5
    assert any("as row 2 of 'End date' requires" in note for note in stocks.notes)
    assert stocks.rows.incomplete.tolist() == [False, False, True, False, False]
    production = read(MADE_UP / "production.csv").rows
    assert production.incomplete.tolist() == [True, False, False]
    assert production.published.tolist() == [decimal_year(date(2026, 4, 15))] * 3
    spending = read(MADE_UP / "spending.csv")
    assert spending.known(2024.2).rows.empty
    assert spending.known(2024.5).rows.name.tolist() == ["Alpha 2023"]


def edited(folder: Path, kind: str, edit: Callable[[str], str]) -> Path:
    path = folder / f"{kind}.csv"
    path.write_text(edit((MADE_UP / f"{kind}.csv").read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_units_are_converted_or_refused(tmp_path: Path) -> None:
    in_gigawatts = edited(tmp_path, "clusters", lambda text: text.replace("Capacity (MW)", "Capacity (GW)"))
    with refused("implausible-values", "clusters.csv", names=("power", "MW")):
        read(in_gigawatts)
    in_kilowatts = edited(
        tmp_path,
        "clusters",
        lambda text: (
            text.replace("Capacity (MW)", "Capacity (kW)")
            .replace("19.2", "19200")
            .replace("75.5", "75500")
            .replace(",3000,", ",3e6,")
            .replace(",1.1,", ",1100,")
            .replace(",5,1.0e8", ",5000,1.0e8")
        ),
    )
    assert read(in_kilowatts).rows.power.dropna().tolist() == pytest.approx([19.2, 75.5, 3000.0, 1.1, 5.0])
    thousands = edited(
        tmp_path,
        "sites",
        lambda text: (
            text.replace("H100 equivalents", "H100 equivalents (thousands)")
            .replace('"101,000"', "101")
            .replace("1390000.25", "1390.00025")
            .replace("31000", "31")
            .replace("21000", "21")
            .replace("32000", "32")
        ),
    )
    assert read(thousands).rows.h100e.max() == pytest.approx(1390000.25)
    for heading, reason in (
        ("Total capital cost (2024 USD billions)", "USD of 2024"),
        ("Total capital cost (USD billions)", "no stated year"),
        ("Power (MWh)", None),
        ("Power (MVA)", None),
    ):
        stem = heading.split(" (")[0]
        path = edited(tmp_path, "sites", lambda text, s=stem, h=heading: re.sub(rf"{s} \([^)]*\)", h, text))
        if reason is None:
            with refused("column-unit", "sites.csv, header"):
                read(path)
            continue
        with refused("column-unit", "sites.csv, header") as failure:
            read(path)
        assert reason in failure.value.what


def test_counts_of_single_quarters_are_no_totals(tmp_path: Path) -> None:
    path = edited(tmp_path, "stocks", lambda text: text.replace("1/1/2024,6/30", "4/1/2024,6/30"))
    with refused("not-cumulative", "stocks.csv, rows of Alpha"):
        read(path)


def test_a_unit_that_is_off_stops(tmp_path: Path) -> None:
    for kind, edit in (
        ("sites", lambda text: text.replace("170.5", "170500000")),
        ("stocks", lambda text: text.replace(",141.5,110,180,", ",141500000,110000000,180000000,")),
        ("spending", lambda text: text.replace("1.5e9,R", "1.5,R")),
    ):
        with refused("implausible-values", f"{kind}.csv"):
            read(edited(tmp_path, kind, edit))


@pytest.mark.slow
def test_downloaded_files_are_read_whole() -> None:
    """Twenty cells of each, drawn among the filled ones, against the csv module; every row accounted for."""
    for path in DOWNLOADED:
        table = read(path)
        assert table.kind == next(kind for part, kind in KINDS.items() if part in path.name), path.name
        assert table.total == len(records_of(path)), path.name
        assert assert_cells(path, table, 20) == 20
        assert all(each.reason for each in (*table.rejected, *table.blanked))
        assert len(table.rows) >= 8
        assert isinstance(table.rows, pd.DataFrame)
