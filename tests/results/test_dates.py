"""Dates as months: one switch for tables, figures and pages; durations and stored numbers stay years."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import timecone as tc
from ledgers import forecasts
from timecone.results.tables.dates import month
from timecone.results.tables.layout import markdown
from timecone.results.tables.ledger import movement_tables
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table
from timecone.units import decimal_year

MONTH = re.compile(r"[A-Z][a-z]{2} \d{4}")


@given(st.dates(date(1940, 1, 1), date(2400, 12, 31)))
def test_a_day_falls_in_its_month(day: date) -> None:
    assert month(decimal_year(day)) == day.strftime("%b %Y")


@given(st.floats(1950.0, 2500.0), st.floats(0.0, 50.0))
def test_a_later_date_falls_in_no_earlier_month(first: float, more: float) -> None:
    order = [datetime.strptime(month(value), "%b %Y").date() for value in (first, first + more)]  # noqa: DTZ007
    assert order[0] <= order[1]


def _expected(value: float) -> str:
    """Return the month of a date another way: by adding a part of the year to its beginning."""
    year = int(value)
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return (datetime(year, 1, 1) + timedelta(days=(value - year) * length + 1e-4)).strftime("%b %Y")  # noqa: DTZ001


def test_all_dates_of_a_run_become_months_and_durations_stay(small_run: xr.DataTree) -> None:
    before = {table.name: table for table in tables_of(RunStatistics(small_run))}
    with tc.dates_as("month"):
        after = {table.name: table for table in tables_of(RunStatistics(small_run))}
    percentiles = after["percentiles"]
    assert percentiles.title.startswith("Month at each percentile")
    expected = tc.percentiles(small_run, "tai")
    for cell, value, low, high in zip(
        dict(percentiles.rows)["TAI"],
        expected.values,
        expected.lower.values,
        expected.upper.values,
        strict=True,
    ):
        if np.isfinite(high):
            assert cell.text == _expected(value)
            ends = dict.fromkeys((_expected(low), _expected(high)))
            assert cell.interval == " to ".join(ends)
    for name in ("probabilities", "takeoff_duration", "weights"):
        assert before.get(name) == after.get(name)
    assert {table.name: table for table in tables_of(RunStatistics(small_run))} == before


def test_numbers_for_other_programs_stay_decimal_years(small_run: xr.DataTree) -> None:
    before = percentile_table(RunStatistics(small_run))
    with tc.dates_as("month"):
        assert percentile_table(RunStatistics(small_run)).equals(before)
        assert tc.plots.cdf(small_run).table["date"].dtype == np.float64


@pytest.mark.slow
@pytest.mark.usefixtures("closed_figures")
def test_figures_and_pages_follow_the_switch(small_run: xr.DataTree) -> None:
    with tc.dates_as("month"):
        axes = tc.plots.cdf(small_run, "tai", choice=[]).axes[0]
        text = markdown(small_run, tables_of(RunStatistics(small_run)))
        ledger = tc.plots.ledger(forecasts()).axes[0]
    for axis in (axes.xaxis, ledger.yaxis):
        assert axis.get_label_text() == "Calendar date"
        assert axis.get_major_formatter()(2035.99) == "Dec 2035"
    assert tc.plots.cdf(small_run).axes[0].get_xlabel() == "Calendar date (year)"
    section = text[text.index("Month at each percentile") : text.index("Takeoff duration in years")]
    assert len(MONTH.findall(section)) > 50
    assert not re.search(r"\b20\d\d\.\d", section)


def test_a_ledger_follows_the_switch() -> None:
    with tc.dates_as("month"):
        tables = {table.name: table for table in movement_tables(tc.ledger_movement(forecasts()))}
    rows = dict(tables["percentile_movement"].rows)
    # The first is stated without an interval; 2034.0 is its first of January.
    assert rows["1  2026-01-15"][0].text == "Jan 2028"
    assert (rows["1  2026-01-15"][1].text, rows["1  2026-01-15"][1].interval) == (
        "Jan 2034",
        "Oct 2033 to Mar 2034",
    )
    assert rows["4  2026-11-27"][2].text == ">2126"
    assert tables["percentile_movement"].title.startswith("TAI: month at each percentile")


def test_an_unknown_style_is_refused_and_the_old_one_comes_back(small_run: xr.DataTree) -> None:
    with pytest.raises(ValueError, match="day"), tc.dates_as("day"):
        pass
    with pytest.raises(KeyError), tc.dates_as("month"):
        raise KeyError
    assert tables_of(RunStatistics(small_run))[1].title.startswith("Year at")


@pytest.mark.usefixtures("closed_figures", "each_content_read_once")
class TestCommands:
    @pytest.fixture
    def stored(self, small_run: xr.DataTree, tmp_path: Path) -> Path:
        return tc.save_run(small_run, tmp_path / "run.nc")

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "arguments",
        [("percentiles", "RUN"), ("percentiles", "RUN", "--format", "csv"), ("compare", "RUN", "RUN")],
    )
    def test_tables(
        self, stored: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
    ) -> None:
        from timecone.cli.main import main

        words = [str(stored) if word == "RUN" else word for word in arguments]
        expected = _expected(tc.percentiles(tc.open_run(stored), "tai", [50]).item())
        assert main([*words, "--dates", "month"]) == 0
        assert expected in capsys.readouterr().out
        # The next command begins with decimal years again.
        assert main(words) == 0
        assert expected not in capsys.readouterr().out
        assert main([*words, "--dates", "day"]) == 2
        assert "'day' is not one of 'year', 'month'" in capsys.readouterr().err

    @pytest.mark.slow
    def test_reports_and_figures(self, stored: Path, tmp_path: Path) -> None:
        from timecone.cli.main import main

        out = tmp_path / "page.md"
        assert main(["report", str(stored), "--out", str(out), "--dates", "month"]) == 0
        assert "Month at each percentile" in out.read_text(encoding="utf-8")
        out = tmp_path / "figure.svg"
        assert main(["plot", str(stored), "--out", str(out), "--dates", "month"]) == 0
        assert MONTH.search(out.read_text(encoding="utf-8"))

    @pytest.mark.slow
    def test_inputs_that_are_dates(self, capsys: pytest.CaptureFixture[str]) -> None:
        from timecone.cli.main import main

        for style, text in (("year", "2023"), ("month", "Jan 2023")):
            assert main(["show", "baseline", "--dates", style]) == 0
            lines = [line for line in capsys.readouterr().out.splitlines() if "calendar year" in line]
            assert lines
            assert any(re.search(rf"\s{text}\s", line) for line in lines)
