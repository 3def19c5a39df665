"""Arrival dates of scenarios without uncertainty against roots of the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

import timecone as tc
from timecone.inputs.families import Point
from timecone.schema import Status

MILESTONES = {"automation_20": 0.2, "automation_50": 0.5, "tai": 1.0}
START = 2026.0

CASES = {
    "central": {},
    "trend ends in the first step": {"investment.trend_lifetime": 0.02},
    "trend ends inside a step": {"investment.trend_lifetime": 5.37},
    "trend never ends": {"investment.trend_lifetime": 1e4, "threshold.requirement": 37.5},
    "absolute cap": {"investment.cap_usd": 2e10, "threshold.requirement": 35.0},
    "run above its caps": {
        "investment.cap_usd": 1e8,
        "investment.cap_share": 1e-5,
        "threshold.requirement": 33.0,
    },
    "spending shrinks": {"investment.growth": 0.8, "threshold.requirement": 34.0},
    "economy shrinks": {"economy.growth": -0.02, "threshold.requirement": 35.0},
    "other past progress": {"algorithms.halving_time_past": 1.9, "threshold.requirement": 34.0},
    "reference after the start": {"threshold.reference_year": 2030.0, "threshold.requirement": 31.0},
    "limits nearly reached": {
        "hardware.headroom": 2.0,
        "algorithms.headroom": 3.0,
        "threshold.requirement": 34.5,
    },
    "no headroom": {
        "hardware.headroom": 1e-4,
        "algorithms.headroom": 20.0,
        "threshold.requirement": 38.0,
    },
    "many milestones in one step": {"automation.gap": 0.01},
}


def effective_compute(v, elapsed):
    """Return log10 FLOP with the algorithms of the reference year, for one set of values."""

    def gained(doubling_time, headroom):
        return -math.log10(10.0**-headroom + (1.0 - 10.0**-headroom) * 0.5 ** (elapsed / doubling_time))

    alive = min(elapsed, v["investment.trend_lifetime"])
    economy = math.log(1.0 + v["economy.growth"])
    trend = v["investment.largest_run"] * math.exp(
        alive * math.log(v["investment.growth"]) + (elapsed - alive) * economy
    )
    share = v["investment.cap_share"] * v["economy.output"] * math.exp(elapsed * economy)
    spent = 1.0 / (1.0 / trend + 1.0 / share + 1.0 / v.get("investment.cap_usd", math.inf))
    past = v.get("algorithms.halving_time_past", v["algorithms.halving_time"])
    return (
        math.log10(v["hardware.price_performance"] * spent)
        + gained(v["hardware.doubling_time"], v["hardware.headroom"])
        + gained(v["algorithms.halving_time"], v["algorithms.headroom"])
        + math.log10(2.0) * (START - v["threshold.reference_year"]) / past
    )


def expected_dates(v):
    gap = v["automation.gap"]
    dates = []
    for share in MILESTONES.values():
        level = v["threshold.requirement"] - gap + (share - 0.2) / 0.8 * gap
        root = brentq(lambda t, level=level: effective_compute(v, t) - level, 0.0, 100.0, xtol=1e-13)
        dates.append(START + root)
    return dates


def values_of(scenario):
    families = {name: getattr(given.form, "family", None) for name, given in scenario.parameters.items()}
    return {name: family.value for name, family in families.items() if isinstance(family, Point)}


@pytest.mark.parametrize("step", ["year", "quarter", "month"])
@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_dates_are_the_roots_of_the_closed_form(certain, changes, step):
    scenario = certain(changes, step=step)
    run = tc.simulate(scenario, draws=3, threads=1, paths=0)
    found = run["outcomes"]["arrival"].sel(milestone=list(MILESTONES))
    expected = np.broadcast_to(np.array(expected_dates(values_of(scenario)))[:, None], (3, 3))
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-9)


def test_all_dates_move_with_the_start(certain):
    here = certain({"threshold.reference_year": 2022.5})
    later = certain({"threshold.reference_year": 2022.81}, start=2026.31, horizon=2126.31)
    dates = [
        tc.simulate(scenario, draws=1, threads=1, paths=0)["outcomes"]["arrival"].values
        for scenario in (here, later)
    ]
    np.testing.assert_allclose(dates[1] - dates[0], 0.31, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("step", ["year", "quarter", "month"])
def test_a_date_counts_up_to_the_horizon_and_not_after(certain, step):
    tai = expected_dates(values_of(certain()))[-1]
    for margin, status in ((1e-6, Status.REACHED), (-1e-6, Status.NOT_BY_HORIZON)):
        run = tc.simulate(certain(step=step, horizon=tai + margin), draws=1, threads=1, paths=0)
        outcome = run["outcomes"].dataset.sel(milestone="tai").isel(draw=0)
        assert outcome["status"] == status
        assert np.isfinite(outcome["arrival"]) == (status == Status.REACHED)


def test_what_lies_before_the_start_has_no_date_of_its_own(certain):
    # 20 % of tasks were automated before the start, all of them follow after it.
    scenario = certain({"automation.gap": 12.0})
    outcome = tc.simulate(scenario, draws=1, threads=1, paths=0)["outcomes"].dataset.isel(draw=0)
    level = effective_compute(values_of(scenario), 0.0)
    assert 36.0 - 12.0 < level < 36.0
    assert outcome["status"].values[[0, 2]].tolist() == [Status.BEFORE_START, Status.REACHED]
    assert outcome["arrival"].sel(milestone="automation_20") == START
