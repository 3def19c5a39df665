"""Ledger of forecasts of records: entries that cannot be changed, and scores once the date is reached."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refusals import Refusal, refused
from timecone.history.backtest import record_ledger as ledger
from timecone.history.backtest.records import RecordSeries
from timecone.history.backtest.series import record_series
from timecone.schema import WIDENED

ROOT = Path(__file__).resolve().parents[2]


def made_up(end: float = 2024.0) -> RecordSeries:
    """Return records of half an order of magnitude a year under the key of a series that exists."""
    dates = np.arange(2016.0, 2024.0)
    rows = pd.DataFrame(
        {
            "name": [f"run {i}" for i in range(8)],
            "date": dates,
            "value": 20.0 + 0.5 * (dates - 2016.0),
            "published": dates,
            "estimated": np.nan,
        }
    )
    return RecordSeries("largest_run", "Largest run", "log10 FLOP", rows, end=end)


def forecasts(**about: object) -> list[ledger.RecordForecast]:
    days = {"made": date(2022, 6, 1), "about": date(2023, 6, 1)}
    return ledger.record_forecasts([made_up()], **(days | about), draws=300, widen=False)


def _same(first: Sequence[ledger.RecordForecast], second: Sequence[ledger.RecordForecast]) -> bool:
    """Return whether forecasts are equal, dates that are not known included."""
    return list(map(repr, first)) == list(map(repr, second))


def test_entries_come_back_and_are_only_appended(tmp_path: Path) -> None:
    path = tmp_path / "records.toml"
    ledger.add_record_forecasts(forecasts(), path)
    before = path.read_bytes()
    assert _same(ledger.read_record_ledger(path), forecasts())
    later = forecasts(made=date(2022, 9, 1), note="later")
    ledger.add_record_forecasts(later, path)
    assert path.read_bytes().startswith(before)
    assert _same(ledger.read_record_ledger(path), [*forecasts(), *later])
    with refused("ledger-id-twice", str(path), got=later[0].id):
        ledger.add_record_forecasts(later, path)
    # What is not known of the figures is left out of the file.
    assert b"newest_estimate" not in before


def test_a_forecast_says_what_it_knew() -> None:
    first = forecasts()[0]
    assert (first.records, first.newest_record) == (7, 2022.0)
    assert np.isnan(first.newest_estimate)
    assert first.known_until == pytest.approx(2022.414, abs=1e-3)
    assert list(first.quantiles) == sorted(first.quantiles)
    with refused("not-a-future-date", "date", got="2022-06-01"):
        forecasts(about=date(2022, 6, 1))


def test_what_was_changed_or_is_no_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.toml"
    ledger.add_record_forecasts(forecasts(), path)
    text = path.read_text(encoding="utf-8")
    entry = forecasts()[0]
    middle = f"{entry.quantiles[3]}"
    for old, new, refusal in (
        (middle, f"{entry.quantiles[3] + 0.1:.4f}", Refusal("ledger-entry-changed", got=entry.id)),
        ("2023-06-01", "2024-06-01", Refusal("ledger-entry-changed", got=entry.id)),
        ('series = "largest_run"', "series = 3", Refusal("ledger-entry-changed")),
        ('unit = "log10 FLOP"\n', "", Refusal("ledger-entry-damaged")),
        ("percentile = 5,", "percent = 5,", Refusal("ledger-entry-damaged")),
        ("timecone-record-ledger", "timecone-ledger", Refusal("not-a-record-ledger", got="timecone-ledger")),
        ("version = 1", "version = = 1", Refusal("ledger-not-toml", str(path))),
    ):
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        with refusal.expected():
            ledger.read_record_ledger(path)
    with refused("ledger-missing"):
        ledger.read_record_ledger(tmp_path / "none.toml")
    head, _, rest = text.partition("\n[[forecast]]")
    first = rest.partition("\n[[forecast]]")[0]
    path.write_text(head + 2 * ("\n[[forecast]]" + first), encoding="utf-8")
    with refused("ledger-id-twice", str(path)):
        ledger.read_record_ledger(path)


def test_a_forecast_is_scored_once_the_table_reaches_its_date() -> None:
    made = forecasts()
    scored = ledger.score_records(made, {"largest_run": made_up()})
    # In June 2023 the record of January 2023 stands.
    assert scored["observed"].unique().tolist() == [23.5]
    for forecast, (_, row) in zip(made, scored.iterrows(), strict=True):
        loss = [
            (23.5 - value) * level / 100 if value <= 23.5 else (value - 23.5) * (1 - level / 100)
            for level, value in zip(ledger.LEVELS, forecast.quantiles, strict=True)
        ]
        assert row["score"] == pytest.approx(2 * sum(loss) / 7)
        for mass, low, high in ((90, 0, 6), (80, 1, 5), (50, 2, 4)):
            is_inside = forecast.quantiles[low] <= 23.5 <= forecast.quantiles[high]
            assert row[f"inside_{mass}"] == float(is_inside)
    open_ = ledger.score_records(made, {"largest_run": made_up(end=2023.3)})
    assert open_[["observed", "inside_50", "inside_90", "score"]].isna().all(axis=None)
    assert open_["so_far"].unique().tolist() == [23.5]
    with refused("unknown-series", made[0].id, got="largest_run"):
        ledger.score_records(made, {})
    other = RecordSeries("largest_run", "Run", "log10 USD", made_up().records, end=2024.0)
    with refused("unit-of-another-series", got="log10 FLOP"):
        ledger.score_records(made, {"largest_run": other})


def test_the_score_is_smallest_for_the_distribution_that_outcomes_have() -> None:
    levels = np.array(ledger.LEVELS) / 100.0
    outcomes = stats.norm(1.0, 0.5).ppf((np.arange(100) + 0.5) / 100)
    means = {
        (shift, width): np.mean(
            [
                ledger._scores(tuple(1.0 + shift + width * stats.norm.ppf(levels)), outcome)["score"]
                for outcome in outcomes
            ]
        )
        for shift, width in itertools.product((-0.2, 0.0, 0.2), (0.3, 0.5, 0.8))
    }
    assert min(means, key=means.__getitem__) == (0.0, 0.5)


def test_the_forecasts_on_record_are_whole_and_rest_on_nothing_later() -> None:
    entries = ledger.read_record_ledger(ROOT / "docs" / "ledger" / "records.toml")
    assert {entry.made for entry in entries} == {date(2026, 11, 27)}
    assert {entry.about for entry in entries} == {date(2028, 11, 27)}
    methods = {(entry.series, entry.method) for entry in entries}
    assert {("largest_run", "joint fit"), ("largest_site", "fit of supply, with plans")} <= methods
    for name in ("largest_run", "largest_cluster", "largest_site", "horizon_50", "horizon_80"):
        assert {(name, WIDENED), (name, "persistence"), (name, "last growth")} <= methods
        one = record_series(name)
        for entry in entries:
            if entry.series == name:
                assert entry.unit == one.unit
                assert entry.newest_record <= entry.known_until + 1e-3 < 2026.91
                # A largest value so far does not fall; the trend of supply is no record, but lies above it.
                assert entry.quantiles[0] >= one.value(one.end) - 1e-4
    # No date is reached yet, and the tables at hand say so.
    scored = ledger.score_records(
        entries, {name: record_series(name) for name in {e.series for e in entries}}
    )
    assert scored["observed"].isna().all()
