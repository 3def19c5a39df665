"""``backtest --records``, ``ledger forecast`` and ``ledger score``."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import Refusal
from timecone.history.backtest import record_ledger
from timecone.results.run_file.backtest import forecasts_of, open_any_backtest

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "src" / "timecone" / "history" / "tables"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sites(folder: Path) -> Path:
    """Return sites whose rows do not say when they were published."""
    path = folder / "sites.csv"
    path.write_text("Date,Data center,Power (MW),H100 equivalents\n2024-01-01,A,100,1e5\n", encoding="utf-8")
    return path


def test_options_and_files_that_do_not_fit_are_refused(fails: Callable, folder: Path, sites: Path) -> None:
    clusters = TABLES / "clusters.csv"
    for arguments, refusal in (
        (["backtest", "--strict"], Refusal("option-of-other-files", "--strict", got=True)),
        (["backtest", "--records", "--as-of", "2020"], Refusal("option-of-other-files", "--as-of")),
        (["backtest", "--records", "--since", "2020"], Refusal("option-of-other-files", "--since")),
        (["backtest", "--records", TABLES / "algorithms.csv"], Refusal("not-a-table-of-records")),
        (["backtest", "--records", clusters, clusters], Refusal("duplicate-table")),
        (["backtest", "--records", sites], Refusal("record-date-missing")),
        (
            ["ledger", "forecast", "--made", "2026-01-01", "--date", "2025-01-01"],
            Refusal("not-a-future-date", "date", got="2025-01-01"),
        ),
        (
            ["ledger", "forecast", "--made", "2026-01-01", "--date", "2027-01-01", "--series", "runs"],
            Refusal("unknown-series", got="runs"),
        ),
        (["ledger", "score", "--ledger", "none.toml"], Refusal("ledger-missing")),
    ):
        fails(refusal, *arguments)
        assert [path.name for path in folder.iterdir()] == ["sites.csv"]


def test_the_ledger_on_record_is_open(call: Callable, folder: Path) -> None:
    code, out, err = call("ledger", "score", "--ledger", ROOT / "docs" / "ledger" / "records.toml", "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)["forecasts"]
    assert {row["observed"] for row in rows} == {None}
    assert {row["made"] for row in rows} == {"2026-11-27"}


@pytest.mark.slow
def test_a_backtest_of_records_is_written_and_told(call: Callable, folder: Path) -> None:
    arguments = ("backtest", "--records", "--strict", "-n", "50")
    code, out, err = call(*arguments, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    stored = forecasts_of(open_any_backtest(folder / "backtest.nc"))
    assert len(stored) == len(told["forecasts"])
    assert (stored["newest_estimate"] <= stored["origin"]).all()
    assert (stored["newest_record"] <= stored["origin"]).all()
    assert set(stored["hindsight"]) == {0}
    assert {row["after"] for row in told["summary"]} == {0}
    out = call(*arguments, "--out", "again.nc").out
    assert "Publication of what each forecast used" in out
    assert "chip performance per usd, 2023" in out
    assert (folder / "again.nc").is_file()


@pytest.mark.slow
def test_forecasts_of_records_are_kept_and_scored(
    call: Callable, fails: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = functools.partial(record_ledger.backtest_series, draws=20)
    monkeypatch.setattr(record_ledger, "backtest_series", few)
    days = ("--made", "2023-01-01", "--date", "2025-01-01", "--series", "largest_run")
    joint = ROOT / "configs" / "history" / "landmarks_2026-08.nc"
    # That fit knows of runs of 2025.
    fails(Refusal("leaking-forecast", "joint fit"), "ledger", "forecast", *days, "--joint", joint)
    assert not (folder / "records.toml").exists()
    assert call("ledger", "forecast", *days, "--note", "a test").code == 0
    before = (folder / "records.toml").read_bytes()
    later = ("--made", "2026-01-01", "--date", "2028-01-01", "--series", "largest_run", "--joint", joint)
    assert call("ledger", "forecast", *later).out == "records.toml: 7 forecasts of 1 series\n"
    assert (folder / "records.toml").read_bytes().startswith(before)
    assert "25.70" in call("ledger", "score").out  # Gemini 1.0 Ultra, 5e25 FLOP
    rows = json.loads(call("ledger", "score", "--json").out)["forecasts"]
    assert len(rows) == 13
    assert [row["score"] is None for row in rows] == [False] * 6 + [True] * 7
