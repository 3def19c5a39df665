"""Feedback of AI's research on the limit of power: symmetry with chips, and the switches that it needs."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from wild_draws import QUARTER, block, run

ON = frozenset({"supply_limits", "hardware_feedback", "power_feedback"})
ELASTICITY = tc.Point(value=0.7, unit="1")


def _dates(inputs, on):
    outcomes = run(inputs, on, step=QUARTER)
    return outcomes.arrival[:3]


def test_power_with_elasticity_one_is_relaxed_as_chips_are():
    """Exchanging both limits changes no date, to rounding."""
    inputs = block(256, 3) | {"supply.power_elasticity": np.ones(256)}
    exchanged = inputs | {
        f"supply.{a}{what}": inputs[f"supply.{b}{what}"]
        for a, b in (("power", "chips"), ("chips", "power"))
        for what in ("", "_growth")
    }
    np.testing.assert_allclose(_dates(inputs, ON), _dates(exchanged, ON), rtol=0.0, atol=1e-6)
    # Without the feedback it does change them.
    alone = ON - {"power_feedback"}
    before, after = _dates(inputs, alone), _dates(exchanged, alone)
    assert np.mean(before != after) > 0.2


def test_elasticity_zero_leaves_power_to_its_trend():
    inputs = block(256, 4) | {"supply.power_elasticity": np.zeros(256)}
    np.testing.assert_allclose(_dates(inputs, ON), _dates(inputs, ON - {"power_feedback"}), rtol=0, atol=1e-9)


def test_more_elasticity_makes_no_date_later():
    inputs = block(256, 5)
    some, more = (
        _dates(inputs | {"supply.power_elasticity": np.full(256, e)}, ON) for e in (0.5, 1.5)
    )  # fmt: skip
    both = np.isfinite(some) & np.isfinite(more)
    # The error of a step of a quarter.
    assert (more[both] <= some[both] + 0.05).all()
    assert (np.isfinite(more) | ~np.isfinite(some)).all()
    assert np.mean(more[both] < some[both] - 0.05) > 0.02


def test_it_is_off_where_a_component_that_it_needs_is_switched_off(baseline):
    scenario = baseline.replace({"supply.power_elasticity": ELASTICITY})
    assert "power_feedback" in scenario.components_on
    for name in ("hardware_feedback", "supply_limits"):
        without = scenario.without(name)
        assert "power_feedback" not in without.components_on
        assert without.digest == baseline.without(name).digest


def test_it_is_refused_where_nothing_of_what_it_needs_is_stated():
    open_loop = tc.load("published/direct_approach_2023")
    with refused("component-requires", "components.power_feedback", names="components.power_feedback"):
        open_loop.replace({"supply.power_elasticity": ELASTICITY})


@pytest.mark.slow
def test_the_shipped_scenario_makes_no_draw_later():
    before, after = (
        tc.simulate(scenario, draws=8192, seed=3, keep=8192, paths=0)["outcomes"]["arrival"]
        for scenario in (tc.load("baseline"), tc.load("power_feedback"))
    )
    assert not np.any(after.values > before.values + 0.05)
    assert np.mean(after.sel(milestone="tai") < before.sel(milestone="tai") - 0.05) > 0.1
