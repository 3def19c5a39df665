"""Attribution of a difference: against the runs that it rests on, and a Shapley value by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import timecone as tc
from refusals import refused

OFF = ("software_feedback", "hardware_feedback", "pause")
DRAWS, SEED, YEAR = 2000, 3, 2040


@pytest.fixture(scope="module")
def baseline() -> tc.Scenario:
    return tc.load("baseline")


@pytest.fixture(scope="module")
def attribution(baseline: tc.Scenario):
    return tc.attribute(baseline, baseline.without(*OFF), by=YEAR, draws=DRAWS, seed=SEED)


def _probability(scenario: tc.Scenario) -> float:
    run = tc.simulate(scenario, draws=DRAWS, seed=SEED, paths=0, keep=DRAWS)
    return float(tc.probability_by(run, "tai", [YEAR])[0])


def test_shares_are_the_mean_effect_over_all_orders(baseline: tc.Scenario, attribution) -> None:
    numbers: dict[frozenset[str], float] = {}

    def number(off: tuple[str, ...]) -> float:
        key = frozenset(off)
        if key not in numbers:
            numbers[key] = _probability(baseline.without(*off) if off else baseline)
        return numbers[key]

    for name in OFF:
        effects = []
        for order in permutations(OFF):
            before = order[: order.index(name)]
            effects.append(number((*before, name)) - number(before))
        share = attribution["share"].sel(change=f"components.{name}").item()
        assert share == pytest.approx(np.mean(effects), abs=1e-12)
        alone = attribution["alone"].sel(change=f"components.{name}").item()
        assert alone == pytest.approx(number((name,)) - number(()), abs=1e-12)
        last = attribution["last"].sel(change=f"components.{name}").item()
        rest = tuple(other for other in OFF if other != name)
        assert last == pytest.approx(number(OFF) - number(rest), abs=1e-12)


def test_shares_add_up_to_the_difference(attribution) -> None:
    assert attribution["share"].sum().item() == pytest.approx(attribution.attrs["difference"], abs=1e-12)
    assert attribution.attrs["method"] == "Shapley"


def test_the_error_of_one_change_is_the_paired_one(baseline: tc.Scenario) -> None:
    other = baseline.without("software_feedback")
    attribution = tc.attribute(baseline, other, by=YEAR, draws=DRAWS, seed=SEED)
    runs = [tc.simulate(s, draws=DRAWS, seed=SEED, paths=0, keep=DRAWS) for s in (baseline, other)]
    paired = tc.compare(*runs, years=[YEAR]).probabilities
    for key in ("alone", "last", "share"):
        assert attribution[f"{key}_error"].item() == pytest.approx(paired["standard_error"].item())


def test_more_than_six_changes_leave_a_rest(baseline: tc.Scenario) -> None:
    attribution = tc.attribute(baseline, tc.load("open_loop"), by=YEAR, draws=500, seed=SEED)
    assert attribution.sizes["change"] == 9
    assert attribution.attrs["method"] == "one at a time, both ways"
    both = 0.5 * (attribution["alone"] + attribution["last"])
    np.testing.assert_allclose(attribution["share"], both, atol=1e-12)
    rest = attribution.attrs["difference"] - attribution["share"].sum().item()
    assert attribution.attrs["rest"] == pytest.approx(rest, abs=1e-12)


def test_a_percentile_that_is_not_reached_has_no_attribution(baseline: tc.Scenario) -> None:
    attribution = tc.attribute(baseline, baseline.without("pause"), percentile=99, draws=500, seed=SEED)
    assert np.isnan(attribution["share"].item())
    assert np.isnan(attribution.attrs["difference"])


def test_scenarios_that_do_not_differ_are_refused(baseline: tc.Scenario) -> None:
    with refused("scenarios-do-not-differ"):
        tc.attribute(baseline, baseline.replace({}, name="same"), draws=100)
