"""Values of the full model's parameters that make no sense are refused; limit cases do what they should."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from timecone.models.compute.components.shocks import STEMS

LABOUR = {
    "feedback.software_returns": 1.2,
    "feedback.substitution": 0.5,
    "feedback.parallelisation": 0.6,
    "feedback.workforce": 2.0,
}
PAUSE = {"shocks.pause_start": 3.0, "shocks.pause_duration": 2.0, "shocks.pause_research_share": 0.5}
WALL = {"data.stock": 3e14}
SHOCKS = {
    "supply_shock": {"shocks.supply_duration": 1.0, "shocks.supply_setback": 2.0},
    "pause": {"shocks.pause_duration": 2.0, "shocks.pause_research_share": 0.5},
    "winter": {"shocks.winter_depth": 0.5},
}
#: By parameter: a value, and what the message must say was expected.
REFUSED = {
    "feedback.substitution": [(1.0, "below 1"), (1.7, "below 1"), (0.0, "above 0"), (-0.3, "above 0")],
    "feedback.software_returns": [(0.0, "above 0"), (-1.2, "above 0")],
    "feedback.hardware_returns": [(-5.0, "above 0")],
    "feedback.parallelisation": [(1.01, "up to 1"), (0.0, "above 0")],
    "investment.cap_share": [(0.0, "above 0")],
    "investment.cap_usd": [(0.0, "above 0")],
    "automation.gap": [(0.0, "above 0"), (-1.0, "above 0")],
    "automation.adoption_lag": [(-0.1, "from 0")],
    "hardware.headroom": [(0.0, "above 0")],
    "algorithms.headroom": [(0.0, "above 0")],
    "hardware.doubling_time": [(0.0, "above 0")],
    "shocks.pause_hazard": [(1.01, "up to 1"), (-0.1, "from 0")],
    "shocks.pause_duration": [(-0.5, "from 0")],
    "shocks.pause_start": [(-0.5, "from 0")],
    "shocks.pause_research_share": [(1.2, "up to 1"), (-0.1, "from 0")],
    "data.binding": [(1.1, "up to 1"), (-0.1, "from 0")],
    "data.growth": [(-1.0, "above -1")],
}


@pytest.fixture
def points(baseline):
    """Return a maker of the baseline without its components, with some parameters set to points."""
    known = baseline.definition
    bare = baseline.replace(
        {},
        parameters={n: p for n, p in baseline.parameters.items() if not known.parameter(n).components},
        choices={"threshold": baseline.choices["threshold"]},
        correlations=(),
    )
    units = {p.name: p.unit for p in baseline.definition.parameters}

    def make(values, **fields):
        given = {name: tc.Point(value=value, unit=units[name]) for name, value in values.items()}
        return bare.replace(given, **fields)

    return make


def _run(scenario, draws=64):
    return tc.simulate(scenario, draws=draws, seed=1, threads=1, paths=0)["outcomes"].dataset


@pytest.mark.parametrize(
    ("name", "value", "bound"), [(name, *case) for name, cases in REFUSED.items() for case in cases]
)
def test_values_out_of_range_are_refused(points, name, value, bound):
    with refused("distribution-outside-domain", f"parameters.{name}", names=bound):
        points(
            LABOUR | {"feedback.hardware_returns": 5.0} | PAUSE | WALL | {name: value},
            keep=[f"{name}_year"] * name.endswith(".headroom"),
        )


@pytest.mark.parametrize("shock", SHOCKS)
def test_a_shock_asks_when_it_begins(points, shock):
    """With neither a hazard nor a start it would never come, and nobody would be told."""
    stem = STEMS[shock]
    with refused("component-lacks-parameter", names=f"components.{shock} = false"):
        points(SHOCKS[shock])
    for timing in ("hazard", "start"):
        assert shock in points(SHOCKS[shock] | {f"{stem}_{timing}": 0.1}).components_on
    assert points(SHOCKS[shock], components={shock: False}).components_on == frozenset()


def test_a_cap_below_present_spending_holds_from_the_start(points):
    """A limit case: the soft minimum counts the largest run at less than the cap, whatever it costs."""
    scenario = points({"investment.cap_usd": 1e6, "investment.largest_run": 1e9})
    run = tc.simulate(scenario, draws=64, seed=1, threads=1, paths=8)
    spending = run["paths"]["spending"].values
    assert (spending < 6.0).all()
    assert (spending > 5.9).all()
    # It was reached before the start: that is dated to the start.
    assert (run["outcomes"]["cap_reached"].values == 2026.0).all()


def test_a_very_narrow_gap_and_hardly_any_headroom_are_limit_cases(points):
    narrow = _run(points({"automation.gap": 1e-9}))
    reached = np.isfinite(narrow["arrival"].sel(milestone="tai").values)
    assert reached.any()
    assert narrow["takeoff_duration"].values[reached].max() < 1e-6
    stuck = points(
        {
            "hardware.headroom": 1e-9,
            "algorithms.headroom": 1e-9,
            "hardware.headroom_year": 2026.0,
            "algorithms.headroom_year": 2026.0,
        }
    )
    paths = tc.simulate(stuck, draws=16, seed=1, threads=1, paths=16)["paths"]
    gained = paths["price_performance"].values - paths["price_performance"].values[:, :1]
    assert np.abs(gained).max() < 1e-8
    assert np.abs(paths["algorithmic_gain"].values).max() < 1e-8


def test_no_research_share_in_a_pause_and_full_parallelisation_are_admitted(points):
    edge = {"shocks.pause_research_share": 0.0, "shocks.pause_duration": 0.0, "feedback.parallelisation": 1.0}
    scenario = points(LABOUR | PAUSE | edge, components={"hardware_feedback": False})
    found = _run(scenario)
    assert not np.isnan(found["arrival"].values).any()
    idle = _run(points(LABOUR | {"feedback.parallelisation": 1.0}, components={"hardware_feedback": False}))
    np.testing.assert_allclose(found["arrival"].values, idle["arrival"].values, rtol=0.0, atol=2e-3)
