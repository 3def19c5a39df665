"""Investment: the trend, its end, and the harmonic soft minimum with the caps."""

from __future__ import annotations

import numpy as np
import pytest

RUN, GROWTH, OUTPUT, ECONOMY = 7e8, 2.7, 1.2e14, 0.03
# Ends inside a step of a year and of a quarter; at an edge; in the first step; beyond the horizon.
LIFETIMES = (7.3, 7.0, 0.01, 55.5, 500.0)


def trend(elapsed, lifetime, growth=GROWTH, economy=ECONOMY):
    alive = np.minimum(elapsed, lifetime)
    return RUN * growth**alive * (1.0 + economy) ** (elapsed - alive)


@pytest.mark.parametrize("step", ["year", "quarter", "month"])
@pytest.mark.parametrize("lifetime", LIFETIMES)
def test_the_trend_ends_on_its_own_date_whatever_the_step(path, lifetime, step):
    changes = {"investment.trend_lifetime": lifetime, "investment.cap_share": 1e60}
    found = path(changes, step=step, horizon=2086.0)
    elapsed = found["time"].values - 2026.0
    np.testing.assert_allclose(found["spending"], np.log10(trend(elapsed, lifetime)), rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("cap_usd", [1e8, 3e10, 1e12, None])
@pytest.mark.parametrize("cap_share", [1e-6, 0.004, 1.0])
def test_spending_is_the_harmonic_minimum_of_trend_and_caps(path, cap_share, cap_usd):
    changes = {"investment.cap_share": cap_share}
    if cap_usd is not None:
        changes["investment.cap_usd"] = cap_usd
    found = path(changes, step="year", horizon=2086.0)
    elapsed = found["time"].values - 2026.0
    share = cap_share * OUTPUT * (1.0 + ECONOMY) ** elapsed
    absolute = np.inf if cap_usd is None else cap_usd
    expected = 1.0 / (1.0 / trend(elapsed, 7.3) + 1.0 / share + 1.0 / absolute)
    np.testing.assert_allclose(found["spending"], np.log10(expected), rtol=0.0, atol=1e-9)
    assert (10.0 ** found["spending"] < np.minimum(share, absolute)).all()


@pytest.mark.parametrize("growth", [0.4, 1.0])
def test_spending_may_shrink_or_stand_still(path, growth):
    found = path({"investment.growth": growth, "investment.cap_share": 1e60}, horizon=2046.0)
    elapsed = found["time"].values - 2026.0
    np.testing.assert_allclose(found["spending"], np.log10(trend(elapsed, 7.3, growth)), rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("growth", [-0.02, 0.0, 0.3])
def test_output_grows_by_the_same_factor_every_year(path, growth):
    found = path({"economy.growth": growth}, horizon=2086.0)
    elapsed = found["time"].values - 2026.0
    expected = np.log10(OUTPUT) + elapsed * np.log10(1.0 + growth)
    np.testing.assert_allclose(found["output"], expected, rtol=0.0, atol=1e-9)
