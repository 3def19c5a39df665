"""Forecasts that are not simulated: each known forecast is listed, with the percentiles of its source."""

from __future__ import annotations

import csv
from pathlib import Path

from timecone.forecasts import not_simulated, published_forecasts
from timecone.preset_files import folder
from timecone.published.tables import lines_table

KNOWN = Path(__file__).resolve().parents[1] / "data" / "published" / "published_timelines.csv"
#: Columns of the table by percentile.
COLUMNS = {5.0: "p05", 10.0: "p10", 50.0: "p50", 90.0: "p90", 95.0: "p95"}


def known() -> list[dict[str, str]]:
    rows = [row for row in KNOWN.read_text("utf-8").splitlines() if not row.startswith("#")]
    return list(csv.DictReader(rows))


def bound_and_year(text: str) -> tuple[bool, float]:
    return text.startswith(">"), float(text.removeprefix(">"))


def test_every_known_forecast_is_a_preset_or_a_line_or_has_a_reason_not_to_be() -> None:
    lines = {forecast.name: forecast for forecast in not_simulated()}
    for row in known():
        place = row["as"]
        match row["listed"]:
            case "preset":
                assert (folder() / "published" / f"{place}.toml").is_file(), row["forecast"]
            case "line":
                percentiles = {p: row[column] for p, column in COLUMNS.items() if row[column]}
                for p, year in percentiles.items():
                    assert bound_and_year(lines[place].percentiles[p]) == bound_and_year(year), (place, p)
            case _:
                assert row["listed"] == "not listed", row["forecast"]
                assert place, row["forecast"]


def test_a_line_without_figures_says_so_and_is_not_drawn() -> None:
    empty = {f.name for f in not_simulated() if not (f.percentiles or f.probabilities)}
    assert {"LEAP 2026, wave 12", "Expert survey 2024"} <= empty
    assert not empty & {forecast.name for forecast in published_forecasts()}
    shown = dict(lines_table(not_simulated()).rows)
    for name, cells in shown.items():
        assert (cells[3].text == "not at hand") is (name in empty), name
