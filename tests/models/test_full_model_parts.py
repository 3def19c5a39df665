"""Parts of the full model against closed forms: supply limits, research, adoption, shocks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from timecone.models.compute.components import research
from timecone.models.compute.model import MODEL
from timecone.models.compute.parameters import ROW
from timecone.models.model import Setup, TimeGrid
from wild_draws import MONTH, run

START, HORIZON = 2026.0, 2086.0
LN10 = np.log(10.0)

#: Spending alone grows: hardware and algorithms stand still as good as.
SPENDING_ALONE = {
    "hardware.price_performance": 1e18,
    "hardware.doubling_time": 1e9,
    "hardware.headroom": 50.0,
    "economy.output": 1e14,
    "economy.growth": 0.03,
    "investment.largest_run": 1e9,
    "investment.growth": 2.5,
    "investment.cap_share": 1e60,
    "investment.cap_usd": np.inf,
    "investment.trend_lifetime": np.inf,
    "algorithms.halving_time": 1e9,
    "algorithms.headroom": 50.0,
    "threshold.requirement": 32.0,
    "threshold.reference_year": START,
    "automation.gap": 2.0,
}


def arrays(values):
    return {name: np.array([value]) for name, value in values.items()}


def arrivals(changes, on, step=MONTH):
    return run(arrays(SPENDING_ALONE | changes), on, step=step, horizon=HORIZON).arrival[:3, 0] - START


def paths(changes, on, step=MONTH):
    inputs = np.zeros((len(MODEL.parameters), 1))
    for parameter in MODEL.parameters:
        if isinstance(parameter.default, float):
            inputs[ROW[parameter.name]] = parameter.default
    for name, value in (SPENDING_ALONE | changes).items():
        inputs[ROW[name]] = value
    inputs[ROW["algorithms.halving_time_past"]] = inputs[ROW["algorithms.halving_time"]]
    grid = TimeGrid(START, HORIZON, step)
    found = MODEL.trajectories(inputs, Setup(grid, frozenset(on)))
    return grid.times - START, {name: values[0] for name, values in found.items()}


def levels(changes=None):
    values = SPENDING_ALONE | (changes or {})
    return [
        values["threshold.requirement"] - values["automation.gap"] * (1.0 - f) / 0.8 for f in (0.2, 0.5, 1.0)
    ]


# -------------------------------------------------------------------------------------------- supply

LIMITED = {
    "hardware.doubling_time": 2.0,
    "algorithms.halving_time": 1.5,
    "supply.power": 2e29,
    "supply.power_growth": 0.25,
    "supply.chips": 9e29,
    "supply.chips_growth": 0.1,
    "supply.latency": 3e31,
    "supply.latency_growth": 0.0,
}
ONE = {"hardware.doubling_time": 2.0, "supply.chips": 1e28, "supply.chips_growth": 0.2}


def _limited(t, changes):
    v = SPENDING_ALONE | changes
    present = 1e27
    bought = present * 2.0 ** (t / v["hardware.doubling_time"]) * 2.5**t
    if bought <= present:
        return np.log10(bought) + t * np.log10(2.0) / v["algorithms.halving_time"]
    inverse = 1.0 / (bought - present)
    for kind in ("power", "chips", "latency"):
        if f"supply.{kind}" in v:
            inverse += 10.0 ** (-v[f"supply.{kind}_growth"] * (START + t - 2030.0)) / v[f"supply.{kind}"]
    return np.log10(present + 1.0 / inverse) + t * np.log10(2.0) / v["algorithms.halving_time"]


@pytest.mark.parametrize("changes", [LIMITED, ONE], ids=["three limits", "one limit"])
@pytest.mark.parametrize("step", [MONTH, 1.0])
def test_supply_limits_are_a_soft_minimum_stated_for_2030(changes, step):
    expected = [brentq(lambda t, y=y: _limited(t, changes) - y, 0.0, 60.0, xtol=1e-12) for y in levels()]
    # Hermite's cubic finds the date inside a step; there is no other error.
    error = 1e-5 if step < 1.0 else 2e-2
    np.testing.assert_allclose(arrivals(changes, {"supply_limits"}, step), expected, rtol=0.0, atol=error)


def test_far_beyond_a_limit_its_own_slope_is_all_there_is():
    changes = ONE | {"threshold.requirement": 60.0}
    times, found = paths(changes, {"supply_limits"})
    late = times > 30.0
    # Every limit's curve is lifted by the present run.
    limit = np.log10(1e27 + 10.0 ** (28.0 + 0.2 * (START + times - 2030.0)))
    np.testing.assert_allclose(found["training_compute"][late], limit[late], rtol=0.0, atol=1e-9)
    at_2030 = np.abs(times - 4.0) < 1e-9
    assert found["training_compute"][at_2030] == pytest.approx(_limited(4.0, changes), abs=1e-8)
    assert (found["supply_loss"] <= 0.0).all()


def test_a_limit_that_is_not_given_does_not_bind():
    without = arrivals({}, {"winter"})
    np.testing.assert_allclose(arrivals({}, {"supply_limits"}), without, rtol=0.0, atol=1e-12)


# ------------------------------------------------------------------------------------------ research


@pytest.mark.parametrize("m", [1.0, 7.0, 1e6])
@pytest.mark.parametrize("returns", [0.4, 1.25, 5.2])
def test_research_under_a_constant_multiplier(m, returns):
    """w(t) = m + (1 - m) exp(-g t) solves dx/dt = g exp(g t + ln m - x), x = ln w + g t."""
    rate = 0.3
    g = rate * LN10 / returns
    found = solve_ivp(
        lambda t, x: g * np.exp(g * t + np.log(m) - x),
        (0.0, 6.0),
        [0.0],
        method="LSODA",
        rtol=1e-11,
        atol=1e-12,
    )
    w = 1.0
    for _ in range(24):
        w = research.accumulated(w, m, research.closed(rate, returns, 0.25))
    assert w == pytest.approx(m + (1.0 - m) * np.exp(-g * 6.0), rel=1e-12)
    assert np.log(w) + g * 6.0 == pytest.approx(found.y[0, -1], abs=1e-7)
    # Efficiency is cumulative research to the power r.
    gained = research.progress(rate, 6.0, returns, w)
    assert gained == pytest.approx(returns * found.y[0, -1] / LN10, abs=1e-7)
    assert research.speed(rate, w, m) == pytest.approx(rate * m / w, rel=1e-15)


@pytest.mark.parametrize("lag", [0.05, 1.0, 6.0])
def test_adoption_follows_with_its_lag(lag):
    changes = {"automation.adoption_lag": lag, "threshold.requirement": 32.0}
    # A loop is on, so that adoption is stepped, and does nothing.
    idle = {"economy.automation_growth": 0.0}
    times, found = paths(changes | idle, {"output_feedback"})
    rate = np.log10(2.5)
    share = lambda t: np.clip(1.0 - 0.8 * (32.0 - 27.0 - rate * t) / 2.0, 0.0, 1.0)  # noqa: E731
    begins = (32.0 - 27.0 - 2.5) / rate
    ends = (32.0 - 27.0) / rate
    solved = solve_ivp(
        lambda t, u: (share(t) - u) / lag, (begins, ends), [0.0], rtol=1e-10, atol=1e-12, dense_output=True
    )
    inside = (times > begins) & (times < ends - MONTH)
    # Nothing but the step in which automation begins is not linear inside.
    expected = solved.sol(times[inside])[0]
    np.testing.assert_allclose(found["adopted_share"][inside], expected, rtol=0.0, atol=0.1 * MONTH**2 / lag)
    np.testing.assert_allclose(found["automation_share"][inside], share(times[inside]), rtol=0.0, atol=1e-8)


# -------------------------------------------------------------------------------------------- shocks

WINTER = {"shocks.winter_start": 1.3, "shocks.winter_depth": 0.7}
PAUSE = {"shocks.pause_start": 1.3, "shocks.pause_duration": 2.2, "shocks.pause_research_share": 0.5}
SUPPLY = {"shocks.supply_start": 2.2, "shocks.supply_duration": 1.5, "shocks.supply_setback": 4.0}


@pytest.mark.parametrize("caps", [{}, {"investment.cap_share": 1e-4}, {"investment.cap_usd": 2e9}])
def test_spending_falls_by_the_depth_whatever_binds(caps):
    quarter = 0.25
    changes = caps | WINTER | {"shocks.winter_start": 2.0, "threshold.requirement": 60.0}
    times, found = paths(changes, {"winter"}, quarter)
    _, without = paths(caps | {"threshold.requirement": 60.0}, {"supply_limits"}, quarter)
    now = np.flatnonzero(times == 2.0)[0]
    assert found["spending"][now] == pytest.approx(without["spending"][now] - 0.7, abs=1e-9)
    np.testing.assert_allclose(found["spending"][:now], without["spending"][:now], rtol=0.0, atol=1e-12)


def test_a_winter_puts_off_by_its_depth_over_growth():
    delay = arrivals(WINTER, {"winter"}) - arrivals({}, {"supply_limits"})
    np.testing.assert_allclose(delay, 0.7 / np.log10(2.5), rtol=0.0, atol=1e-6)


def test_a_pause_puts_off_by_its_duration():
    delay = arrivals(PAUSE, {"pause"}) - arrivals({}, {"supply_limits"})
    np.testing.assert_allclose(delay, 2.2, rtol=0.0, atol=1e-6)


def test_a_pause_slows_algorithms_by_their_share():
    """Algorithms alone: they lose the rest of their pace for the duration."""
    alone = {"investment.growth": 1.0, "economy.growth": 0.0, "algorithms.halving_time": 0.6}
    delay = arrivals(alone | PAUSE, {"pause"}) - arrivals(alone, {"supply_limits"})
    np.testing.assert_allclose(delay, 0.5 * 2.2, rtol=0.0, atol=1e-6)


def test_a_supply_shock_puts_hardware_off_by_setback_and_duration():
    alone = {"investment.growth": 1.0, "economy.growth": 0.0, "hardware.doubling_time": 0.7}
    delay = arrivals(alone | SUPPLY, {"supply_shock"}) - arrivals(alone, {"supply_limits"})
    np.testing.assert_allclose(delay, 4.0 + 1.5, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(
    "shock",
    [
        {"shocks.pause_start": 0.0, "shocks.pause_duration": 2.0, "shocks.pause_research_share": 0.0},
        {"shocks.supply_start": 0.0, "shocks.supply_duration": 2.0, "shocks.supply_setback": 0.0},
        {"shocks.winter_start": 0.0, "shocks.winter_depth": 0.7},
    ],
    ids=["pause", "supply_shock", "winter"],
)
def test_a_shock_at_the_start_leaves_what_is_adopted_then(shock):
    """The adopted share lags behind what the trends before the shock had made possible."""
    growing = {"hardware.doubling_time": 2.0, "algorithms.halving_time": 1.5}
    changes = growing | {"automation.adoption_lag": 0.8, "threshold.requirement": 28.0}
    switched_on = {"supply_shock", "pause", "winter"}
    never = {"shocks.supply_start": np.inf, "shocks.pause_start": np.inf, "shocks.winter_start": np.inf}
    _, found = paths(changes | never | shock, switched_on)
    able = 1.0 - 0.8 * (28.0 - 27.0) / 2.0
    growth = np.log10(2.5) + np.log10(2.0) / 2.0 + np.log10(2.0) / 1.5
    assert found["adopted_share"][0] == pytest.approx(able - 0.8 * 0.8 / 2.0 * growth, abs=1e-9)


def test_shocks_that_do_not_come_change_nothing():
    never = {"shocks.supply_start": np.inf, "shocks.pause_start": np.inf, "shocks.winter_start": np.inf}
    shocks = WINTER | PAUSE | SUPPLY | never
    found = arrivals(shocks, {"winter", "pause", "supply_shock"})
    np.testing.assert_array_equal(found, arrivals({}, {"supply_limits"}))
