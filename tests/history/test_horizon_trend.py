"""Trend of the time horizon: which models count, the line, and both parts of its bootstrap."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from made_up_horizons import DOUBLING, entry, metr_file, records
from refusals import refused
from timecone.history import read
from timecone.history.horizons.best_models import best_at_release, questionable
from timecone.history.horizons.trend import bootstrap, trend

TRENDS = Path(__file__).resolve().parents[1] / "data" / "horizons" / "metr_trends.csv"
METR = next(
    (
        path
        for up in Path(__file__).resolve().parents
        for path in (up / "shared" / "data" / "capability").glob("metr_time_horizons_1.1_2026-04-11.yaml")
    ),
    None,
)
DATES = np.array([2019.2, 2020.1, 2021.5, 2022.3, 2023.0, 2023.9, 2024.4, 2025.0])


def table(
    horizons: np.ndarray, dates: np.ndarray = DATES, low: float = 2.0, high: float = 2.0
) -> pd.DataFrame:
    """Return rows of horizons at 50 % success with intervals of these factors."""
    return pd.DataFrame(
        {
            "name": [f"m{i}" for i in range(len(dates))],
            "date": dates,
            "p50": horizons,
            "p50_low": horizons / low,
            "p50_high": horizons * high,
        },
        index=range(2, 2 + len(dates)),
    )


def test_models_that_were_best_and_why_the_others_are_left_out() -> None:
    rows = table(np.array([1e-4, 1.0, 0.5, 4.0, np.nan, 1200.0, 700.0, 3000.0]))
    best = best_at_release(rows, reliability=50)
    assert (best.names, best.horizons.tolist()) == (("m1", "m3"), [0.0, 2.0])
    reasons = {rejected.row: rejected.reason for rejected in best.left_out}
    assert reasons == {
        2: "below 0.001 minutes",
        4: "not the longest horizon at its release",
        6: "no horizon at 50 % success",
        7: "above 16 hours, beyond the range that the tasks measure",
        # 700 minutes after 1200 are no record, though the 1200 are out of range.
        8: "not the longest horizon at its release",
        9: "above 16 hours, beyond the range that the tasks measure",
    }
    # The central 95 % of a split normal is the interval.
    assert best.low_sd[0] == pytest.approx(1.0 / 1.959964, abs=1e-6)
    assert best.since(2022.0).names == ("m3",)
    with refused("unknown-reliability", "reliability", got=90):
        best_at_release(rows, reliability=90)


def test_a_file_of_before_the_correction_and_missing_intervals_are_told(tmp_path: Path) -> None:
    old = read(
        metr_file(tmp_path, entries=[*records(), entry("claude_opus_4_6_inspect", "2026-02-05", 870.0)])
    )
    new = read(
        metr_file(tmp_path, entries=[*records(), entry("claude_opus_4_6_inspect", "2026-02-05", 719.0)])
    )
    assert "870 minutes, corrected 719" in questionable(old.rows)[0]
    assert questionable(new.rows) == ()
    bare = new.rows.assign(p50_low=math.nan)
    assert questionable(bare) == ("16 models have no interval; their horizons are taken to be exact.",)
    assert best_at_release(bare, reliability=50).low_sd.tolist() == [0.0] * 13


def test_the_line_is_that_of_least_squares_and_finds_the_made_up_doubling_time(tmp_path: Path) -> None:
    best = best_at_release(read(metr_file(tmp_path)).rows, reliability=80)
    assert len(best.names) == 12
    slope, level = np.polynomial.Polynomial.fit(best.dates, best.horizons, 1).convert().coef[::-1]
    found = trend(best)
    assert found.doubling_time == pytest.approx(1.0 / slope, rel=1e-9)
    assert found.value(2027.0) == pytest.approx((level + 2027.0 * slope) * math.log10(2.0), rel=1e-9)
    assert 12.0 * found.doubling_time == pytest.approx(DOUBLING, rel=0.03)


def test_the_error_of_a_line_is_the_one_of_least_squares_theory() -> None:
    # Exact line, errors of one standard deviation: models drawn with replacement add nothing to it.
    sd = math.log2(2.0) / 1.959963984540054
    rows = table(np.exp2(2.0 * (DATES - 2020.5)))
    best, times = best_at_release(rows, reliability=50), DATES - DATES.mean()
    drawn = bootstrap(best, date=float(DATES.mean()), since=[2019.0], draws=40_000, seed=1, shared=1.0)
    # A common error moves the level and not the slope.
    assert np.std(drawn.level) == pytest.approx(sd, rel=0.02)
    assert np.ptp(drawn.slope) < 1e-9
    drawn = bootstrap(best, date=float(DATES.mean()), since=[2019.0], draws=40_000, seed=1, shared=0.0)
    # Each resample has its own spread of dates; the mean of the reciprocals, by simulation apart.
    chosen = np.random.default_rng(5).integers(0, 8, (40_000, 8))
    spread = np.array(
        [
            # A model drawn twice has one error: its weight counts squared.
            (np.bincount(i, minlength=8) ** 2 * (times - times[i].mean()) ** 2).sum()
            / ((times[i] - times[i].mean()) ** 2).sum() ** 2
            for i in chosen
            if len(set(i)) > 2
        ]
    )
    assert np.std(drawn.slope) == pytest.approx(sd * math.sqrt(spread.mean()), rel=0.03)


def test_an_interval_wider_above_moves_more_draws_above() -> None:
    rows = table(np.exp2(2.0 * (DATES - 2020.5)), low=1.5, high=6.0)
    best = best_at_release(rows, reliability=50)
    drawn = bootstrap(best, date=2022.0, since=[2019.0], draws=20_000, seed=3, shared=1.0)
    low, middle, high = np.quantile(drawn.level, [0.025, 0.5, 0.975]) - 2.0 * 1.5
    assert middle == pytest.approx(0.0, abs=0.02)
    assert low == pytest.approx(-math.log2(1.5), abs=0.04)
    assert high == pytest.approx(math.log2(6.0), abs=0.08)


def test_first_years_have_equal_weights_and_lines_that_fall_are_counted() -> None:
    rows = table(np.exp2(2.0 * (DATES - 2020.5)))
    best = best_at_release(rows, reliability=50)
    drawn = bootstrap(best, date=2025.0, since=[2019.0, 2022.0], draws=500, seed=2)
    count = len(drawn.since)
    assert (count, drawn.without_growth) == (1000, 0)
    assert drawn.since.tolist() == [2019.0, 2022.0] * 500
    assert drawn.at(np.array([2025.0, 2026.0])).shape == (count, 2)
    again = bootstrap(best, date=2025.0, since=[2019.0, 2022.0], draws=500, seed=2)
    assert np.array_equal(drawn.level, again.level)
    rows = table(np.array([1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07]), low=30.0, high=30.0)
    flat = bootstrap(best_at_release(rows, reliability=50), date=2025.0, since=[2019.0], draws=500, seed=2)
    assert (flat.slope > 0.0).all()
    assert 100 < flat.without_growth == 500 - len(flat.slope)


def test_what_a_bootstrap_refuses() -> None:
    best = best_at_release(table(np.exp2(DATES - 2019.0)), reliability=50)
    with refused("too-few-models", "since", got=3):
        bootstrap(best, date=2025.0, since=[2019.0, 2023.5])
    for name, value in (("draws", 0), ("seed", -1), ("shared", 1.5)):
        with refused("out-of-range", name, got=value):
            bootstrap(best, date=2025.0, since=[2019.0], **{name: value})
    with refused("out-of-range", "since", got=0):
        bootstrap(best, date=2025.0, since=[])


@pytest.mark.skipif(METR is None, reason="METR's file is not beside the checkout")
def test_the_trends_of_metrs_file_are_the_published_ones() -> None:
    assert METR is not None
    results = read(METR)
    # Dates have two decimals, and ours count days in shares of the calendar year, which moves them by 0.003
    # against years of 365.25 days: together 0.008.
    with TRENDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for row in rows:
        what = f"p{row['reliability']} since {row['since']}"
        best = best_at_release(results.rows, reliability=int(row["reliability"]))
        found = trend(best, since=float(row["since"]), seed=0, mass=0.8)
        assert found.observations == int(row["models"]), what
        assert 12.0 * found.doubling_time == pytest.approx(float(row["doubling_months"]), abs=0.006), what
        for name, hours in (
            ("hours_8", 8.0),
            ("work_month", 167.0),
            ("work_year", 2000.0),
            ("work_years_125", 250_000.0),
        ):
            reached = found.centre + (math.log10(60.0 * hours) - found.level) / math.log10(found.factor)
            assert reached == pytest.approx(float(row[name]), abs=0.008), what
        # Two bootstraps of 2000 and 4000 resamples: the ends move by a fifteenth of the width.
        width = float(row["high"]) - float(row["low"])
        low, high = (12.0 * end for end in found.doubling_interval)
        assert low == pytest.approx(float(row["low"]), abs=width / 12.0), what
        assert high == pytest.approx(float(row["high"]), abs=width / 12.0), what
    # METR's own figures, in days: since 2023 to the last digit; all models within 2 %, since METR takes the
    # early ones from a longer list.
    stated = results.about
    best = best_at_release(results.rows, reliability=50)
    days = 365.25 * trend(best, since=2023.0).doubling_time
    assert days == pytest.approx(128.744, abs=0.1)
    assert stated["doubling_time_in_days.from_2023_on.point_estimate"] == "128.744"
    assert 365.25 * trend(best).doubling_time == pytest.approx(187.778, rel=0.02)
    assert questionable(results.rows) == ()
