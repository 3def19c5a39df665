"""Takeoff duration: the time from 20 % to 100 % of tasks within each draw."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc

LOG10_2 = np.log10(2.0)


def test_duration_is_tai_minus_automation_20_in_every_draw(small_run):
    outcomes = small_run["outcomes"].dataset
    begin = outcomes["arrival"].sel(milestone="automation_20").values
    end = outcomes["arrival"].sel(milestone="tai").values
    reached = np.isfinite(end)
    assert 0 < reached.sum() < reached.size
    duration = outcomes["takeoff_duration"].values
    np.testing.assert_array_equal(duration[reached], end[reached] - begin[reached])
    assert (duration[~reached] == np.inf).all()
    assert (duration >= 0.0).all()


@pytest.mark.parametrize("gap", [0.5, 2.0, 7.0])
def test_without_limits_it_is_the_gap_over_the_sum_of_trends(certain, gap):
    scenario = certain(
        {
            "hardware.headroom": 80.0,
            "algorithms.headroom": 80.0,
            "investment.cap_share": 1e80,
            "investment.trend_lifetime": 1e6,
            "threshold.requirement": 42.0,
            "automation.gap": gap,
        }
    )
    run = tc.simulate(scenario, draws=1, threads=1, paths=0)
    growth = LOG10_2 / 2.4 + LOG10_2 / 0.7 + np.log10(2.7)
    duration = run["outcomes"]["takeoff_duration"].item()
    assert duration == pytest.approx(gap / growth, rel=0.0, abs=1e-9)


@pytest.mark.parametrize("gap", [0.5, 2.0, 5.0])
def test_share_of_tasks_is_linear_in_effective_compute(path, gap):
    found = path({"automation.gap": gap})
    gained = LOG10_2 / 0.7 * (2026.0 - 2022.5)
    missing = 36.0 - gained - found["effective_compute"].values
    expected = np.clip(1.0 - 0.8 * missing / gap, 0.0, 1.0)
    assert expected[0] == 0.0
    assert expected[-1] == 1.0
    np.testing.assert_allclose(found["automation_share"], expected, rtol=0.0, atol=1e-9)
