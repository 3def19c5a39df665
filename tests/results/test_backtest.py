"""Back-testing without a sampler: naive forecasts, scores and summaries against closed forms."""

from __future__ import annotations

import itertools
import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from refusals import Refusal, refused
from timecone import plots
from timecone.history.backtest import naive
from timecone.history.backtest.forecasts import TrendForecast, _row, save_backtest, to_dataset
from timecone.history.backtest.observed import ObservedValue
from timecone.results.run_file.backtest import (
    covered,
    forecasts_of,
    open_any_backtest,
    open_backtest,
    summary,
)
from timecone.results.run_file.calibration import calibration
from timecone.results.tables.backtest import calibration_table, score_table
from timecone.schema import DRIFTING_GROWTH, JOINT_FIT, RECORD_BACKTEST_KIND

from history_records import END, made_up, near_truth, scored  # isort: skip


def series(values, first=2015):
    return [ObservedValue("compute", first + i, first + i + 1.0, v, 1) for i, v in enumerate(values)]


def test_the_last_trend_is_the_predictive_law_of_least_squares():
    known = series([1.0, 2.2, 2.9, 4.3, 5.0])
    found = naive.last_trend(known, 2022.0)
    x, y = np.arange(2016.0, 2021.0), np.array([1.0, 2.2, 2.9, 4.3, 5.0])
    design = np.column_stack([np.ones(5), x])
    beta, rest, *_ = np.linalg.lstsq(design, y)
    at = np.array([1.0, 2022.0])
    scale = np.sqrt(rest[0] / 3.0 * (1.0 + at @ np.linalg.inv(design.T @ design) @ at))
    law = stats.t(3, at @ beta, scale)
    assert np.median(found) == pytest.approx(law.median())
    assert np.percentile(found, 90) == pytest.approx(law.ppf(0.9), abs=0.01)


def test_the_walk_drifts_and_widens():
    known = series([1.0, 1.8, 3.1, 3.9, 5.0, 6.2])
    one, four = naive.random_walk_with_drift(known, 2022.0), naive.random_walk_with_drift(known, 2025.0)
    assert np.median(one) == pytest.approx(6.2 + 1.04)
    assert np.median(four) == pytest.approx(6.2 + 4 * 1.04)
    deviation = np.sqrt(np.sum((np.diff([1.0, 1.8, 3.1, 3.9, 5.0, 6.2]) - 1.04) ** 2) / 4.0)
    wide = deviation * np.sqrt(1.0 + 1.0 / 5.0) * stats.t.ppf(0.9, 4)
    assert np.percentile(one, 90) - np.median(one) == pytest.approx(wide, rel=0.01)


def test_too_few_years_give_no_naive_forecast():
    assert naive.last_trend(series([1.0, 2.0]), 2020.0) is None
    assert naive.random_walk_with_drift(series([1.0, 2.0, 3.0]), 2020.0) is None


def test_the_published_projection_has_its_interval():
    found = naive.projection_2022(2025)
    np.testing.assert_allclose(np.percentile(found, [2.5, 50, 97.5]), [25.33, 25.9, 26.14], atol=0.01)
    assert naive.projection_2022(2026) is None


@pytest.mark.slow
def test_scores_are_those_of_a_normal_forecast():
    import scoringrules

    members = stats.norm(2.0, 0.5).ppf((np.arange(4000) + 0.5) / 4000)
    row = _row(ObservedValue("compute", 2020, 2021.0, 2.6, 1), 2018, JOINT_FIT, members)
    assert row["crps"] == pytest.approx(scoringrules.crps_normal(2.6, 2.0, 0.5), abs=1e-3)
    # The logarithmic score is that of the forecast smoothed by 0.1 OOM or Silverman's width.
    blur = max(0.1, 1.06 * 0.5 * 4000**-0.2)
    assert row["log_score"] == pytest.approx(-stats.norm(2.0, np.hypot(0.5, blur)).logpdf(2.6), abs=2e-3)
    assert row["pit"] == pytest.approx(stats.norm(2.0, 0.5).cdf(2.6), abs=1e-3)
    assert row["p90"] == pytest.approx(stats.norm(2.0, 0.5).ppf(0.9), abs=1e-3)


@pytest.mark.slow
def test_a_present_record_that_stands_is_half_of_its_mass():
    row = _row(
        ObservedValue("compute", 2020, 2021.0, 5.0, 1), 2018, JOINT_FIT, np.array([5.0] * 6 + [6.0] * 4)
    )
    assert row["pit"] == pytest.approx(0.3)


def test_coverage_counts_central_intervals():
    pit = pd.Series([0.04, 0.06, 0.2, 0.5, 0.74, 0.97])
    assert covered(pit, 90).tolist() == [False, True, True, True, True, False]
    assert covered(pit, 50).tolist() == [False, False, False, True, True, False]


def test_forecasts_of_the_fit_never_fall_below_the_present_record():
    runs = pd.DataFrame(
        {"date": [2022.0, 2023.5, 2025.0], "training_compute": [1e25, 1e26, 3e26], "cost": [1e7, 5e7, 2e8]}
    )
    ours = TrendForecast(near_truth(4000), made_up(), runs, 1)
    members = ours.members(ObservedValue("compute", 2026, 2027.0, 0.0, 1))
    assert members.min() == pytest.approx(np.log10(3e26))
    later = ours.members(ObservedValue("compute", 2028, 2029.0, 0.0, 1))
    assert np.median(later) > np.median(members)
    mean = ours.members(ObservedValue("price_performance", 2026, 2026.5, 0.0, 4))
    drawn = near_truth(4000)
    growth = np.median(drawn["hardware_growth_now"] + drawn["efficiency_extra"])
    assert np.median(mean) == pytest.approx(18.1 + growth * (2026.5 - END), abs=0.03)


@pytest.fixture
def forecasts():
    rows = []
    generator = np.random.default_rng(1)
    for target in ("compute", "spending", "price_performance"):
        for year in (2018, 2019, 2020):
            for method, width in ((JOINT_FIT, 0.4), ("last trend", 0.8)):
                members = generator.normal(20.0 + year - 2018, width, 2000)
                rows.append(
                    _row(
                        ObservedValue(target, year, year + 1.0, 20.1 + year - 2018, 1), 2018, method, members
                    )
                )
    return pd.DataFrame(rows)


def test_the_summary_compares_on_the_same_forecasts(forecasts):
    found = summary(forecasts).set_index(["target", "method"])
    ours = forecasts[(forecasts["target"] == "compute") & (forecasts["method"] == JOINT_FIT)]
    assert found.loc[("compute", JOINT_FIT), "crps"] == pytest.approx(ours["crps"].mean())
    assert found.loc[("compute", "last trend"), "crps_ours"] == pytest.approx(ours["crps"].mean())
    assert found.loc[("compute", JOINT_FIT), "covered_90"] == 1.0
    assert found.loc[("compute", JOINT_FIT), "bias"] == pytest.approx(0.1, abs=0.03)


@pytest.mark.slow
def test_a_backtest_file_and_its_figures(forecasts, tmp_path):
    mpl.use("Agg")
    sources = [{"name": "made up", "kind": "runs"}]
    path = save_backtest(to_dataset(forecasts, sources, seed=3), tmp_path / "b.nc")
    found = open_backtest(path)
    assert json.loads(found.attrs["sources"]) == sources
    pd.testing.assert_frame_equal(forecasts_of(found)[list(forecasts)], forecasts, check_dtype=False)
    drawn = plots.backtest(found)
    assert len(drawn.table) == 9
    assert found.attrs["backtest_id"] in drawn.caption
    drawn.close()
    drawn = plots.pit(found)
    assert drawn.table["forecasts"].sum() == 9
    drawn.close()


def _written(found, path):
    found.to_netcdf(path, engine="h5netcdf")
    return path


@pytest.mark.parametrize(
    ("damage", "refusal"),
    [
        (
            lambda f: f.assign_attrs(kind="timecone posterior"),
            Refusal("not-a-backtest", got="timecone posterior"),
        ),
        (lambda f: f.drop_attrs(), Refusal("not-a-backtest")),
        (lambda f: f.assign_attrs(backtest_id=3), Refusal("backtest-lacks-attribute", got="backtest_id")),
        (lambda f: f.drop_vars("pit"), Refusal("backtest-lacks-variable", got="pit")),
        (lambda f: f.rename(forecast="row"), Refusal("backtest-lacks-variable", got="target")),
        (
            lambda f: f.assign(crps=f["crps"].where(f["crps"] != f["crps"][0])),
            Refusal("backtest-not-numeric"),
        ),
        (lambda f: f.assign(year=f["year"].astype(str)), Refusal("backtest-not-numeric")),
        (lambda f: f.isel(forecast=[0, 0, 1]), Refusal("duplicate-forecast")),
        (lambda f: f.where(f["method"] != JOINT_FIT, drop=True), Refusal("backtest-forecast-incomplete")),
        (lambda f: f.isel(forecast=slice(0)), Refusal("backtest-forecast-incomplete")),
    ],
)
def test_a_broken_backtest_is_refused(tmp_path, damage, refusal):
    with refusal.expected():
        open_backtest(_written(damage(scored()), tmp_path / "b.nc"))


def test_what_is_no_backtest_file_is_refused(tmp_path):
    with refused("no-such-file"):
        open_backtest(tmp_path / "none.nc")
    (tmp_path / "text.nc").write_text("nonsense")
    with refused("not-netcdf"):
        open_backtest(tmp_path / "text.nc")


def test_an_endless_logarithmic_score_is_an_answer(tmp_path):
    found = scored()
    first = np.arange(found.sizes["forecast"]) == 0
    found = found.assign(log_score=found["log_score"].where(~first, np.inf))
    back = open_backtest(_written(found, tmp_path / "b.nc"))
    assert dict(score_table(back).rows)["Largest training run so far: joint fit"][3].text == "inf"


def test_the_table_quotes_the_summary():
    found = scored()
    table, scores = score_table(found), summary(forecasts_of(found)).set_index(["target", "method"])
    assert [label for label, _ in table.rows][:3] == [
        "Largest training run so far: joint fit", "  last trend", "Costliest training run so far: joint fit",
    ]  # fmt: skip
    assert table.columns[-2:] == ("used records from after", "figures from after")
    row = scores.loc[("compute", "last trend")]
    texts = [cell.text for cell in table.rows[1][1]]
    assert texts == [
        "8", f"{row['crps']:.2f}", f"{row['crps_ours']:.2f}", f"{row['log_score']:.2f}",
        *(f"{100 * row[f'covered_{mass}']:.0f} %" for mass in (50, 80, 90)), f"{row['bias']:+.2f}",
        "not stated", "not stated",
    ]  # fmt: skip
    # Two forecasts of nine rest on records from after their dates, and half of the figures do.
    late = np.arange(found.sizes["forecast"]) < 2
    account = {"records": 4, "hindsight": 2, "newest_record": np.where(late, 2030.0, 2010.0)}
    told = found.assign(
        {name: ("forecast", np.broadcast_to(each, late.shape)) for name, each in account.items()}
    )
    cells = [cells[-2:] for _, cells in score_table(told).rows]
    assert sum(int(after.text) for after, _ in cells) == 2
    assert {share.text for _, share in cells} == {"50 %"}


def test_calibration_counts_intervals_and_resamples_blocks():
    # Two series, three blocks: 2010 and 2011 of one lie in one block of three years.
    rows = pd.DataFrame({
        "target": ["a", "a", "a", "b"], "method": "line", "origin": [2010.0, 2011.0, 2016.0, 2016.0],
        "pit": [0.5, 0.55, 0.99, 0.85],
    })  # fmt: skip
    shares = calibration(rows).set_index("mass")
    assert shares["share"].tolist() == [0.5, 0.75, 0.75]
    assert shares["blocks"].unique().tolist() == [3]
    # Exactly: all 27 choices of three blocks out of three, each with its outcomes and those inside.
    for mass, inside in ((50, (2, 0, 0)), (80, (2, 0, 1)), (90, (2, 0, 1))):
        exact = sorted(
            sum(inside[k] for k in chosen) / sum((2, 1, 1)[k] for k in chosen)
            for chosen in itertools.product(range(3), repeat=3)
        )
        low, high = exact[1], exact[25]  # above 5 % and 95 % of 27
        assert shares.loc[mass, ["low", "high"]].tolist() == pytest.approx([low, high])
    with refused("too-few-records", "forecasts"):
        calibration(rows.iloc[:0])


def test_a_back_test_of_records_is_opened_as_such_and_not_as_one_of_the_joint_fit(tmp_path):
    found = scored()
    method = np.where(found["method"] == JOINT_FIT, DRIFTING_GROWTH, found["method"].astype(str))
    found = found.assign(method=("forecast", method.astype(object))).assign_attrs(kind=RECORD_BACKTEST_KIND)
    path = _written(found, tmp_path / "records.nc")
    with refused("not-a-backtest", got=RECORD_BACKTEST_KIND):
        open_backtest(path)
    opened = open_any_backtest(path)
    labels = [label for label, _ in score_table(opened).rows]
    assert labels[0] == "Largest training run so far: drifting growth"
    table = calibration_table(opened)
    assert [label for label, _ in table.rows] == [DRIFTING_GROWTH, "last trend"]
    assert table.rows[0][1][0].text == str(int((method == DRIFTING_GROWTH).sum()))
