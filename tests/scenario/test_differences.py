"""Differences between scenarios: every change, all of them together, and what goes with what."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from timecone.scenario.differences import Differences

OTHERS = ("open_loop", "pause_2027", "fab_sized_cap", "neuron_complexity", "cotra_2020_neurons")


def _arrivals(scenario: tc.Scenario) -> np.ndarray:
    return tc.simulate(scenario, draws=500, seed=1, paths=0)["outcomes"]["arrival"].values


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_no_change_gives_the_first_scenario_and_all_changes_the_second(name: str) -> None:
    baseline, other = tc.load("baseline"), tc.load(name)
    differences = Differences(baseline, other)
    assert differences.between(()).equals(baseline)
    np.testing.assert_array_equal(_arrivals(differences.between(differences.changes)), _arrivals(other))


def test_a_change_is_made_alone() -> None:
    baseline = tc.load("baseline")
    delay = tc.Uniform(low=3, high=9, unit="year")
    other = baseline.replace({"deployment.delay": delay}).without("pause")
    differences = Differences(baseline, other)
    assert differences.changes == (("parameters.deployment.delay",), ("components.pause",))
    alone = differences.between([("components.pause",)])
    assert alone.equals(baseline.without("pause"))
    assert differences.between([("parameters.deployment.delay",)]).equals(
        baseline.replace({"deployment.delay": delay})
    )


def test_what_means_something_only_together_is_one_change() -> None:
    """A requirement goes with the year of its algorithms, and numbers of the start with the start."""
    changes = Differences(tc.load("baseline"), tc.load("cotra_2020_neurons")).changes
    requirement = next(change for change in changes if "parameters.threshold.requirement" in change)
    assert requirement == ("parameters.threshold.requirement", "parameters.threshold.reference_year")
    start = next(change for change in changes if "time" in change)
    assert {"parameters.investment.largest_run", "parameters.hardware.price_performance"} <= set(start)


def test_a_correlation_that_differs_alone_is_a_change() -> None:
    baseline = tc.load("baseline")
    weaker = [
        c.model_copy(update={"rho": 0.1}) if "automation.gap" in c.between else c
        for c in baseline.correlations
    ]
    other = baseline.replace({}, correlations=weaker)
    assert Differences(baseline, other).changes == (("correlations.automation.gap ~ threshold.requirement",),)


def test_sources_and_names_are_no_changes() -> None:
    baseline = tc.load("baseline")
    assert Differences(baseline, baseline.replace({}, name="other", title="Another title")).changes == ()


def test_scenarios_of_different_models_are_refused() -> None:
    with refused("different-models"):
        Differences(tc.load("baseline"), tc.load("baseline").model_copy(update={"model": "toy"}))
