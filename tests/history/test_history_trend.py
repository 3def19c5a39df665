"""The wandering trend against closed forms: time in pieces, growth of pieces, and the walk ahead."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from timecone.history.joint.forecast import forecast_parameters, spending_and_efficiency
from timecone.history.joint.random_walk import go_on, piece_growth, time_in_pieces
from timecone.history.joint.replicate import frontier, replicate

from history_records import END, made_up, near_truth, truth  # isort: skip


def test_time_in_pieces_sums_to_the_time_before_the_end():
    dates = np.array([1990.0, 2009.3, 2015.5, 2020.5, 2024.0, 2025.5, 2026.25])
    found = time_in_pieces(dates, 2025.5, 4, 5.0)
    np.testing.assert_allclose(found.sum(axis=1), 2025.5 - dates)
    np.testing.assert_allclose(found[2], [5.0, 5.0, 0.0, 0.0])
    np.testing.assert_allclose(found[0], [5.0, 5.0, 5.0, 20.5])  # the earliest piece goes on backwards
    np.testing.assert_allclose(found[-1], [-0.75, 0.0, 0.0, 0.0])  # the first goes on after the end


def test_growth_of_pieces_is_a_walk_back_from_the_present():
    found = piece_growth(np.array([0.5]), np.array([[1.0, -2.0]]), np.array([0.1]), 4.0)
    np.testing.assert_allclose(found, [[0.5, 0.7, 0.3]])


def test_without_drift_the_way_ahead_is_a_line():
    years = np.array([0.0, 0.5, 3.0])
    found = go_on(np.array([2.0]), np.array([0.6]), np.array([0.0]), years, np.random.default_rng(1))
    np.testing.assert_allclose(found, [[2.0, 2.3, 3.8]])


@pytest.mark.parametrize("steps", [1, 3, 40])
def test_the_way_ahead_spreads_as_an_integrated_random_walk(steps):
    draws, drift, time = 200_000, 0.1, 6.0
    level, growth = np.zeros(draws), np.zeros(draws)
    years = np.linspace(time / steps, time, steps)
    end = go_on(level, growth, np.full(draws, drift), years, np.random.default_rng(2))[:, -1]
    # Variance of an integrated Wiener process: drift**2 * t**3 / 3, whatever the steps.
    assert stats.kstest(end / (drift * np.sqrt(time**3 / 3.0)), "norm").pvalue > 1e-4


def test_growth_averaged_ahead_has_the_variance_of_the_mean_of_a_walk():
    drawn = truth(200_000)
    found = forecast_parameters(drawn, END, start=END, ahead=6.0, seed=1)
    growth = np.log10(found["investment.growth"])
    drift = drawn["spending_drift"][0]
    expected = (growth - drawn["spending_growth_now"]) / (drift * np.sqrt(6.0 / 3.0))
    assert stats.kstest(expected, "norm").pvalue > 1e-4


def test_compute_is_spending_times_price_performance():
    """The identity holds in the trends back and ahead, and in every simulated run."""
    seen, drawn = made_up(), near_truth(50)
    dates = np.array([2012.0, 2020.0, END])
    cost, efficiency = frontier(drawn, dates, END)
    np.testing.assert_allclose(
        (cost + efficiency)[:, -1], drawn["spending_level"] + drawn["efficiency_level"]
    )
    without = drawn | {"cost_error": np.zeros(50), "efficiency_spread": np.zeros(50)}
    found = replicate(without, seen, np.random.default_rng(3))
    at_runs = frontier(without, seen.run_date, END)[1]
    np.testing.assert_allclose(found["compute"] - found["cost"], at_runs, atol=1e-9)


def test_trends_meet_at_the_end_of_the_evidence():
    drawn = near_truth(20)
    back = frontier(drawn, np.array([END]), END)
    ahead = spending_and_efficiency(drawn, np.array([END]), END, np.random.default_rng(0))
    np.testing.assert_allclose(back, ahead)


@pytest.mark.slow
def test_simulated_errors_have_the_stated_covariance():
    draws = 400_000
    seen, drawn = made_up(runs=1), truth(draws) | {"run_tail": np.full(draws, 60.0)}
    found = replicate(drawn, seen, np.random.default_rng(4))
    cost, efficiency = frontier(drawn, seen.run_date, END)
    cost = cost - drawn["runner_up_gap"][:, None] * ~seen.is_record
    one = (found["cost"] - cost)[:, 0]
    other = (found["compute"] - found["cost"] - efficiency)[:, 0]
    freedom = 62.0 / 60.0  # variance of a Student-t is its squared scale times nu / (nu - 2)
    label = (drawn["label_scale"][0] * seen.compute_error[0]) ** 2
    own, thrift, alone = (drawn[n][0] ** 2 for n in ("spending_spread", "efficiency_spread", "cost_error"))
    expected = np.array([[own + label + alone, -alone], [-alone, thrift + alone]]) * freedom
    np.testing.assert_allclose(np.cov(one, other), expected, rtol=0.02)
