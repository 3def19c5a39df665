"""The scenarios beside the baseline each change what they say, and the date moves as their title implies.

Both worlds run on the same draws. A change that can only hold progress back must not make any draw earlier by
more than the stepping's own error, and must make some later; one that can only help, the reverse.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
DRAWS = 8192
#: Years; convergence tests bound the error of stepping below it.
STEPPING = 0.05
LOOPS = {"software_feedback", "hardware_feedback", "investment_feedback", "output_feedback"}
BOUNDS = {"data_wall", "supply_limits", "supply_shock", "pause", "winter"}

#: File: what is switched off, which parameters change, what of the baseline to compare with is off, and
#: whether TAI comes later.
ASKED = {
    "open_loop": (LOOPS | BOUNDS, set(), LOOPS, False),
    "no_feedback": (LOOPS, set(), set(), True),
    "software_only_feedback": (LOOPS - {"software_feedback"}, set(), set(), True),
    "taiwan_disruption": (set(), {"shocks.supply_start"}, {"supply_shock"}, True),
    "pause_2027": (set(), {"shocks.pause_start"}, {"pause"}, True),
    "fab_sized_cap": (set(), {"investment.cap_usd"}, set(), True),
    "national_project": (set(), {"investment.cap_usd"}, set(), True),
    "neuron_complexity": (set(), {"threshold.neuron_complexity"}, set(), True),
    "lindy_off": (set(), {"investment.trend_lifetime"}, set(), False),
}
#: Files that change the not-yet rule.
SOFTER = {"not_yet_likelihood", "not_yet_shift"}
every = pytest.mark.parametrize("name", ASKED)


def load(name: str) -> tc.Scenario:
    return tc.load(CONFIGS / f"{name}.toml")


def dates(scenario: tc.Scenario) -> np.ndarray:
    run = tc.simulate(scenario, draws=DRAWS, seed=3, keep=DRAWS, paths=0)
    return run["outcomes"]["arrival"].sel(milestone="tai").to_numpy()


@cache
def reference(off: frozenset[str]) -> np.ndarray:
    return dates(load("baseline").replace({}, components=dict.fromkeys(off, False)))


def test_all_files_are_known() -> None:
    others = {"baseline", "cotra_2020_neurons", "supply_by_hand", "power_feedback"}
    assert {path.stem for path in CONFIGS.glob("*.toml")} == set(ASKED) | SOFTER | others


def test_softer_rules_change_the_rule_and_nothing_else() -> None:
    baseline = load("baseline")
    for name in SOFTER:
        scenario = load(name)
        assert scenario.not_yet_milestones == baseline.not_yet_milestones
        assert scenario.replace({}, not_yet=baseline.not_yet).digest == baseline.digest


@every
def test_a_scenario_says_what_it_asks(name: str) -> None:
    comment = (CONFIGS / f"{name}.toml").read_text(encoding="utf-8").partition("\n\n")[0]
    assert all(line.startswith("# ") for line in comment.splitlines())
    scenario = load(name)
    assert scenario.name == name
    assert scenario.title != load("baseline").title


@every
def test_a_scenario_changes_that_and_nothing_else(name: str) -> None:
    off, parameters, _, _ = ASKED[name]
    baseline, scenario = load("baseline"), load(name)
    assert baseline.components_on - scenario.components_on == off
    assert scenario.components_on <= baseline.components_on
    given = scenario.parameters
    assert {n for n in given if given[n] != baseline.parameters.get(n)} == parameters
    assert set(baseline.parameters) <= set(given)
    same = ("choices", "quantities", "correlations", "time", "not_yet", "run", "as_of")
    assert all(getattr(scenario, field) == getattr(baseline, field) for field in same)


@pytest.mark.slow
@every
def test_a_scenario_moves_the_date_as_it_implies(name: str) -> None:
    *_, compared, later = ASKED[name]
    before, after = reference(frozenset(compared)), dates(load(name))
    if not later:
        before, after = after, before
    # inf beside inf is no move.
    assert not np.any(after < before - STEPPING)
    assert np.mean(after > before + STEPPING) > 0.05


def test_the_open_loop_is_earlier_and_later_than_the_baseline() -> None:
    # Earlier where limits bind, later where feedback matters.
    closed, alone = reference(frozenset()), dates(load("open_loop"))
    assert np.mean(alone < closed - STEPPING) > 0.1
    assert np.mean(alone > closed + STEPPING) > 0.1


def test_the_baseline_holds_never_apart() -> None:
    run = tc.simulate(load("baseline"), draws=DRAWS, seed=3, keep=DRAWS, paths=0)
    status = run["outcomes"]["status"].sel(milestone="tai").to_numpy()
    never = run["inputs"]["threshold.requirement"].to_numpy() == np.inf
    assert np.array_equal(status == 2, never)
    # 0.4 of the draws take the biological anchors, of which 0.05 never; 5 standard errors.
    assert abs(never.mean() - 0.02) < 5 * np.sqrt(0.02 * 0.98 / DRAWS)
