"""Back-testing without a sampler: naive forecasts, scores and summaries against closed forms."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import scoringrules
import xarray as xr
from scipy import stats

from timecone import plots
from timecone.history.hindsight import naive
from timecone.history.hindsight.backtest import OURS, Ahead, _row, covered, save_backtest, summary, to_dataset
from timecone.history.hindsight.outturns import Outturn

from history_records import END, made_up, near_truth  # isort: skip


def series(values, first=2015):
    return [Outturn("compute", first + i, first + i + 1.0, v, 1) for i, v in enumerate(values)]


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
    one, four = naive.walk_with_drift(known, 2022.0), naive.walk_with_drift(known, 2025.0)
    assert np.median(one) == pytest.approx(6.2 + 1.04)
    assert np.median(four) == pytest.approx(6.2 + 4 * 1.04)
    deviation = np.sqrt(np.sum((np.diff([1.0, 1.8, 3.1, 3.9, 5.0, 6.2]) - 1.04) ** 2) / 4.0)
    wide = deviation * np.sqrt(1.0 + 1.0 / 5.0) * stats.t.ppf(0.9, 4)
    assert np.percentile(one, 90) - np.median(one) == pytest.approx(wide, rel=0.01)


def test_too_few_years_give_no_naive_forecast():
    assert naive.last_trend(series([1.0, 2.0]), 2020.0) is None
    assert naive.walk_with_drift(series([1.0, 2.0, 3.0]), 2020.0) is None


def test_the_published_projection_has_its_interval():
    found = naive.projection_2022(2025)
    np.testing.assert_allclose(np.percentile(found, [2.5, 50, 97.5]), [25.33, 25.9, 26.14], atol=0.01)
    assert naive.projection_2022(2026) is None


def test_scores_are_those_of_a_normal_forecast():
    members = stats.norm(2.0, 0.5).ppf((np.arange(4000) + 0.5) / 4000)
    row = _row(Outturn("compute", 2020, 2021.0, 2.6, 1), 2018, OURS, members)
    assert row["crps"] == pytest.approx(scoringrules.crps_normal(2.6, 2.0, 0.5), abs=1e-3)
    # The logarithmic score is that of the forecast smoothed by 0.1 OOM or Silverman's width.
    blur = max(0.1, 1.06 * 0.5 * 4000**-0.2)
    assert row["log_score"] == pytest.approx(-stats.norm(2.0, np.hypot(0.5, blur)).logpdf(2.6), abs=2e-3)
    assert row["pit"] == pytest.approx(stats.norm(2.0, 0.5).cdf(2.6), abs=1e-3)
    assert row["p90"] == pytest.approx(stats.norm(2.0, 0.5).ppf(0.9), abs=1e-3)


def test_a_present_record_that_stands_is_half_of_its_mass():
    row = _row(Outturn("compute", 2020, 2021.0, 5.0, 1), 2018, OURS, np.array([5.0] * 6 + [6.0] * 4))
    assert row["pit"] == pytest.approx(0.3)


def test_coverage_counts_central_intervals():
    pit = pd.Series([0.04, 0.06, 0.2, 0.5, 0.74, 0.97])
    assert covered(pit, 90).tolist() == [False, True, True, True, True, False]
    assert covered(pit, 50).tolist() == [False, False, False, True, True, False]


def test_forecasts_of_the_fit_never_fall_below_the_present_record():
    runs = pd.DataFrame(
        {"date": [2022.0, 2023.5, 2025.0], "training_compute": [1e25, 1e26, 3e26], "cost": [1e7, 5e7, 2e8]}
    )
    ours = Ahead(near_truth(4000), made_up(), runs, 1)
    members = ours.members(Outturn("compute", 2026, 2027.0, 0.0, 1))
    assert members.min() == pytest.approx(np.log10(3e26))
    later = ours.members(Outturn("compute", 2028, 2029.0, 0.0, 1))
    assert np.median(later) > np.median(members)
    mean = ours.members(Outturn("price_performance", 2026, 2026.5, 0.0, 4))
    drawn = near_truth(4000)
    growth = np.median(drawn["hardware_growth_now"] + drawn["efficiency_extra"])
    assert np.median(mean) == pytest.approx(18.1 + growth * (2026.5 - END), abs=0.03)


@pytest.fixture
def forecasts():
    rows = []
    generator = np.random.default_rng(1)
    for target in ("compute", "spending", "price_performance"):
        for year in (2018, 2019, 2020):
            for method, width in ((OURS, 0.4), ("last trend", 0.8)):
                members = generator.normal(20.0 + year - 2018, width, 2000)
                rows.append(
                    _row(Outturn(target, year, year + 1.0, 20.1 + year - 2018, 1), 2018, method, members)
                )
    return pd.DataFrame(rows)


def test_the_summary_compares_on_the_same_forecasts(forecasts):
    found = summary(forecasts).set_index(["target", "method"])
    ours = forecasts[(forecasts["target"] == "compute") & (forecasts["method"] == OURS)]
    assert found.loc[("compute", OURS), "crps"] == pytest.approx(ours["crps"].mean())
    assert found.loc[("compute", "last trend"), "crps_ours"] == pytest.approx(ours["crps"].mean())
    assert found.loc[("compute", OURS), "covered_90"] == 1.0
    assert found.loc[("compute", OURS), "bias"] == pytest.approx(0.1, abs=0.03)


def test_a_backtest_file_and_its_figures(forecasts, tmp_path):
    mpl.use("Agg")
    sources = [{"name": "made up", "kind": "runs"}]
    path = save_backtest(to_dataset(forecasts, sources, seed=3), tmp_path / "b.nc")
    found = xr.load_dataset(path, engine="h5netcdf")
    assert json.loads(found.attrs["sources"]) == sources
    pd.testing.assert_frame_equal(
        found.to_dataframe().reset_index(drop=True)[list(forecasts)], forecasts, check_dtype=False
    )
    drawn = plots.backtest(found)
    assert len(drawn.table) == 9
    assert found.attrs["backtest_id"] in drawn.caption
    drawn.close()
    drawn = plots.pit(found)
    assert drawn.table["forecasts"].sum() == 9
    drawn.close()
