"""Back-test of series of records: the guard against leaks, naive methods, widths, outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refusals import Refusal, refused
from timecone.history.backtest import naive, series_forecasts
from timecone.history.backtest.forecasts import scores_of, without_later_prices
from timecone.history.backtest.observed import ObservedValue
from timecone.history.backtest.records import (
    GUARD,
    RecordSeries,
    guard_of_tables,
    known_records,
    require_no_leak,
)
from timecone.history.backtest.series import RECORD_SERIES, all_record_series, record_series, snapshots
from timecone.history.backtest.series_forecasts import (
    backtest_series,
    forecast_series,
    record_dataset,
    width_factor,
)
from timecone.history.readers import read_bundled
from timecone.schema import DRIFTING_GROWTH, WIDENED


def rows(**columns: object) -> pd.DataFrame:
    """Return seven records, one a year, each half an order of magnitude above the last."""
    dates = np.arange(2012.0, 2019.0)
    table = {
        "name": [f"record {i}" for i in range(7)],
        "date": dates,
        "value": 0.5 * (dates - 2012.0) + 0.1 * np.cos(dates),
        "published": dates,
        "estimated": dates + 0.1,
    }
    return pd.DataFrame(table | columns)


def made_up(**columns: object) -> RecordSeries:
    return RecordSeries("made_up", "Made-up records", "log10", rows(**columns), end=2019.0)


def test_a_forecast_sees_what_was_public_and_says_how_new_it_was() -> None:
    known = known_records(made_up(), 2016.05)
    assert known.date.tolist() == [2012.0, 2013.0, 2014.0, 2015.0, 2016.0]
    assert known.guard == {
        "records": 5, "newest_record": 2016.0, "newest_estimate": 2016.1, "hindsight": 1, "left_out": 0,
    }  # fmt: skip
    strict = known_records(made_up(), 2016.05, strict=True)
    assert strict.date.tolist() == [2012.0, 2013.0, 2014.0, 2015.0]
    assert strict.guard["hindsight"] == 0
    assert strict.guard["left_out"] == 1


def test_moving_a_publication_moves_the_record_out() -> None:
    before = known_records(made_up(), 2017.5)
    published = rows()["published"].to_numpy().copy()
    published[5] = 2017.6
    after = known_records(made_up(published=published), 2017.5)
    assert set(before.date) - set(after.date) == {2017.0}
    assert (before.guard["left_out"], after.guard["left_out"]) == (0, 1)
    # And the forecasts move with it.
    one, other = (
        forecast_series(made_up(published=each), made=2017.5, date=2018.5, draws=200)[DRIFTING_GROWTH]
        for each in (rows()["published"], published)
    )
    assert one.min() > other.min()
    assert np.median(one) > np.median(other)


def test_a_planted_leak_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    published = rows()["published"].to_numpy().copy()
    published[5] = 2018.9  # happened in 2017, not told before the end of 2018
    planted = made_up(published=published)
    assert 2017.0 not in known_records(planted, 2017.5).date

    def careless(series: RecordSeries, cutoff: float, *, strict: bool = False) -> object:
        """Return what happened by the cutoff, whenever it became public."""
        known = known_records(series, 2018.95, strict=strict)
        kept = known.date <= cutoff
        guard = known.guard | {"newest_record": float(published[rows()["date"] <= cutoff].max())}
        return type(known)(cutoff, known.date[kept], known.value[kept], guard)

    monkeypatch.setattr(series_forecasts, "known_records", careless)
    monkeypatch.setattr(series_forecasts, "scores_of", lambda observed, _: {"observed": observed, "pit": 0.5})
    with refused("leaking-forecast", "made_up from 2017.5", got="newest_record 2018.90"):
        backtest_series([planted], cutoffs=[2017.5], ahead=[1], draws=50)


def test_forecasts_without_an_account_or_with_later_records_are_refused() -> None:
    row = {"origin": 2020.0, "target": "x", "records": 3, "newest_record": 2019.5,
           "newest_estimate": 2026.6, "hindsight": 3, "left_out": 0}  # fmt: skip
    assert len(require_no_leak(pd.DataFrame([row]))) == 1
    for change, strict, refusal in (
        ({}, True, Refusal("leaking-forecast", "x from 2020", got="newest_estimate 2026.60")),
        ({"newest_record": 2020.01}, False, Refusal("leaking-forecast", got="newest_record 2020.01")),
        ({"newest_record": np.nan}, False, Refusal("leaking-forecast")),
    ):
        with refusal.expected():
            require_no_leak(pd.DataFrame([row | change]), strict=strict)
    for column in GUARD:
        with refused("publication-account-missing", "forecasts", got=f"no column {column}"):
            require_no_leak(pd.DataFrame([row]).drop(columns=column))


def test_of_several_estimates_the_newest_in_time_counts() -> None:
    both = pd.DataFrame({
        "name": ["A", "A", "A", "B"], "date": [2012.0, 2012.0, 2012.0, 2013.0], "value": [5.0, 2.0, 1.0, 3.0],
        "published": [2012.0, 2012.0, 2012.0, 2013.0], "estimated": [2012.5, 2014.0, 2016.0, 2013.0],
    })  # fmt: skip
    series = RecordSeries("a", "A", "log10", both, end=2020.0)
    # The first estimate of A stands above B; the revised ones do not.
    assert known_records(series, 2013.5).value.tolist() == [5.0]
    assert known_records(series, 2015.0).value.tolist() == [2.0, 3.0]
    assert known_records(series, 2017.0).value.tolist() == [1.0, 3.0]
    # Before any estimate the earliest later one stands in, which is hindsight.
    early = known_records(series, 2012.2)
    assert (early.value.tolist(), early.guard["hindsight"]) == ([5.0], 1)
    assert series.value(2012.5) == 1.0


def test_the_account_of_whole_tables_counts_figures_and_what_was_not_read() -> None:
    runs = pd.DataFrame({"date": [2018.0, 2019.0, 2019.9, 2021.0], "estimated": 2026.6})
    studies = pd.DataFrame({"date": [2017.0, 2022.0]})
    guard = guard_of_tables([(runs, 2019.5), (studies.assign(estimated=studies["date"]), 2020.0)], 2020.0)
    assert guard == {
        "records": 3, "newest_record": 2019.0, "newest_estimate": 2026.6, "hindsight": 2, "left_out": 1,
    }  # fmt: skip
    assert guard_of_tables([(studies, 2020.0)], 2020.0)["hindsight"] == 1


def test_prices_joined_from_after_a_date_are_blank() -> None:
    chips = pd.DataFrame({"price": [1.0, 2.0, 3.0], "price_date": [2019.0, 2021.0, np.nan]})
    prices = without_later_prices(chips, 2020.0)["price"]
    assert prices.isna().tolist() == [False, True, False]
    assert without_later_prices(chips[["price"]], 2020.0)["price"].tolist() == [1.0, 2.0, 3.0]


def test_series_of_the_own_tables_are_records_by_another_count() -> None:
    for one in all_record_series():
        table = read_bundled(RECORD_SERIES[one.name].table).rows
        assert (one.records["published"] >= one.records["date"]).all()
        if one.name == "largest_run":
            dated = table[(table["date"] >= 2010.0) & (table["date"] <= 2024.0)]
            assert one.value(2024.0) == pytest.approx(np.log10(dated["training_compute"].max()))
        elif one.name == "largest_site":
            # What the file of December 2025 says of later dates is a plan.
            assert one.records["date"].max() < one.end < 2026.0
            assert 10.0 ** one.value(2025.9) == pytest.approx(5.312e5, rel=1e-3)
        elif one.name == "horizon_80":
            assert 10.0 ** one.value(2026.2) == pytest.approx(69.87, rel=1e-3)  # Opus 4.6
        elif one.name == "capabilities_index":
            assert one.value(2026.27) == 161.0
    # Figures of chips that were published in 2022 count as such.
    chips = record_series("chip_performance_per_usd")
    assert known_records(chips, 2024.0, strict=True).guard["newest_estimate"] < 2022.5
    assert not snapshots([{"kind": "runs", "sha256": "0"}])


def test_a_series_of_another_table_is_refused() -> None:
    for name, table, refusal in (
        ("largest_runs", None, Refusal("unknown-series", "name", got="largest_runs")),
        ("largest_run", read_bundled("chips"), Refusal("not-the-table-of-the-series", got="chips")),
    ):
        with refusal.expected():
            record_series(name, table)
    with refused("record-column-missing", got="estimated"):
        RecordSeries("a", "A", "1", rows().drop(columns="estimated"), end=2020.0)
    with refused("record-date-missing"):
        made_up(published=np.full(7, np.nan))


def test_persistence_is_a_walk_without_drift() -> None:
    values = [1.0, 1.5, 1.5, 2.5, 3.0]
    known = [ObservedValue("x", 2015, 2015.0 + 0.5 * i, v, 1) for i, v in enumerate(values)]
    members = naive.persistence(known, 2019.0)
    assert members is not None
    # Increments 0.5, 0, 1, 0.5 in half a year each: mean square per year 0.75, over two years 1.5.
    law = stats.t(4, 3.0, np.sqrt(1.5))
    np.testing.assert_allclose(np.percentile(members, [10, 50, 90]), law.ppf([0.1, 0.5, 0.9]), atol=0.01)
    assert naive.persistence(known[:3], 2019.0) is None


def test_the_factor_is_that_of_normal_scores_known_in_time() -> None:
    def scored(
        pit: float, year: float, method: str = DRIFTING_GROWTH, target: str = "x"
    ) -> dict[str, object]:
        return {"pit": pit, "year": year, "method": method, "target": target}

    wide = stats.norm.cdf(2.0)
    past = [scored(wide, 2015.0 + i) for i in range(6)]
    # Six scores of 2 at a third each, and a prior of six scores of 1: (6 + 2 * 4) / 8.
    assert width_factor(past, "x", 2020.0) == pytest.approx(np.sqrt(14.0 / 8.0))
    later = [scored(0.999, 2020.1), scored(0.999, 2019.0, WIDENED), scored(0.999, 2019.0, target="y")]
    assert width_factor(past + later, "x", 2020.0) == width_factor(past, "x", 2020.0)
    assert width_factor([scored(0.5, 2015.0)] * 30, "x", 2020.0) == 1.0


def test_widened_members_keep_their_median_and_the_present_record() -> None:
    members = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    wide = series_forecasts.widened(members, 2.0, np.array([0.0, 1.5]), is_record=True)
    assert wide.tolist() == [1.5, 1.5, 3.0, 5.0, 7.0]
    assert series_forecasts.widened(members, 2.0, np.array([1.5]), is_record=False)[0] == -1.0


@pytest.mark.slow
def test_a_record_back_test_compares_with_what_came() -> None:
    forecasts = backtest_series([made_up()], cutoffs=[2016.5], ahead=[1, 2, 3], draws=400)
    # Three years ahead lies after the end of the series.
    assert sorted(set(forecasts["ahead"])) == [1, 2]
    ours = forecasts[forecasts["method"] == DRIFTING_GROWTH].set_index("ahead")
    values = rows().set_index("date")["value"]
    assert ours["observed"].tolist() == [values[:2017.5].max(), values[:2018.5].max()]
    # A straight series is forecast near its line, less the wait for a record of half to one year.
    assert ours.loc[2, "observed"] - 0.6 < ours.loc[2, "p50"] < ours.loc[2, "observed"] + 0.4
    assert (forecasts[["p05", "p50"]].min(axis=1) >= values[:2016.5].max() - 1e-9).all()
    same = backtest_series([made_up()], cutoffs=[2016.5], ahead=[1, 2, 3], draws=400)
    pd.testing.assert_frame_equal(forecasts, same)
    assert record_dataset(forecasts, [], seed=1).attrs["kind"] == "timecone back-test of records"
    for options, refusal in (
        ({"cutoffs": [2013.0]}, Refusal("nothing-observed-since", "cutoffs")),
        ({"ahead": []}, Refusal("out-of-range", "ahead")),
        ({"draws": 1}, Refusal("out-of-range", "draws")),
        ({"cutoffs": [np.nan]}, Refusal("out-of-range", "cutoffs")),
    ):
        with refusal.expected():
            backtest_series([made_up()], **options)


@pytest.mark.slow
def test_scores_are_those_of_the_quantiles_of_a_normal() -> None:
    members = stats.norm(2.0, 0.5).ppf((np.arange(999) + 0.5) / 999)
    row = scores_of(2.6, members)
    z = 0.6 / 0.5
    crps = 0.5 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert row["crps"] == pytest.approx(crps, abs=2e-3)  # Gneiting & Raftery 2007, equation 21
    assert row["pit"] == pytest.approx(stats.norm.cdf(z), abs=2e-3)
