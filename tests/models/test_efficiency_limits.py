"""Hardware and algorithms: the logistic law against its closed form and against its differential equation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

LOG10_2 = np.log10(2.0)
HEADROOMS = (1e-3, 0.3, 3.0, 12.0, 60.0)


def logistic(elapsed, doubling_time, headroom):
    """Return log10 of a logistic curve from 1 to 10**headroom."""
    most = 10.0**headroom
    return np.log10(most / (1.0 + (most - 1.0) * np.exp(-np.log(2.0) * elapsed / doubling_time)))


def integrated(elapsed, doubling_time, headroom):
    """Return e(t) of de/dt = log10(2) / doubling_time * max(0, 1 - 10**(e - headroom)), e(0) = 0."""
    solution = solve_ivp(
        lambda _, e: LOG10_2 / doubling_time * np.maximum(0.0, 1.0 - 10.0 ** (e - headroom)),
        (0.0, elapsed[-1]),
        [0.0],
        method="DOP853",
        t_eval=elapsed,
        rtol=1e-13,
        atol=1e-13,
        max_step=1.0,
    )
    assert solution.success
    return solution.y[0]


@pytest.mark.parametrize("law", [logistic, integrated])
@pytest.mark.parametrize("headroom", HEADROOMS)
def test_price_performance_is_logistic(path, law, headroom):
    found = path({"hardware.headroom": headroom, "hardware.doubling_time": 1.3}, horizon=2066.0)
    elapsed = found["time"].values - 2026.0
    expected = np.log10(1.5e18) + law(elapsed, 1.3, headroom)
    np.testing.assert_allclose(found["price_performance"], expected, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("law", [logistic, integrated])
@pytest.mark.parametrize("headroom", HEADROOMS)
def test_algorithmic_gain_is_logistic(path, law, headroom):
    found = path({"algorithms.headroom": headroom, "algorithms.halving_time": 0.4}, horizon=2046.0)
    elapsed = found["time"].values - 2026.0
    np.testing.assert_allclose(found["algorithmic_gain"], law(elapsed, 0.4, headroom), rtol=0.0, atol=1e-9)


def test_far_from_the_limit_price_performance_doubles_in_its_doubling_time(path):
    found = path({"hardware.headroom": 60.0, "hardware.doubling_time": 2.0}, horizon=2046.0)
    every_two_years = found["price_performance"].values[::8]
    np.testing.assert_allclose(np.diff(every_two_years), LOG10_2, rtol=0.0, atol=1e-11)


def test_price_performance_stays_below_its_limit_and_ends_there(path):
    found = path({"hardware.headroom": 1.5, "hardware.doubling_time": 0.5})["price_performance"].values
    limit = np.log10(1.5e18) + 1.5
    assert (found <= limit + 1e-12).all()
    assert found[-1] == pytest.approx(limit, rel=0.0, abs=1e-12)
