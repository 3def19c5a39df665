"""Comparison of runs: what differs, what is paired, and what an identical run says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from timecone.results.tables.differences import difference_tables


@pytest.fixture(scope="module")
def runs():
    scenario = tc.load("open_loop")
    slow = scenario.replace({"hardware.doubling_time": tc.Uniform(low=3, high=5, unit="year")}, name="slow")
    return [tc.simulate(s, draws=4000, seed=3, paths=0) for s in (scenario, slow)]


def test_differences_are_those_of_both_runs(runs) -> None:
    found = tc.compare(*runs, years=[2035, 2040])
    expected = np.subtract(*(tc.probability_by(run, "tai", [2035, 2040]).values for run in reversed(runs)))
    np.testing.assert_allclose(found.probabilities["difference"].values, expected)
    dates = [tc.percentiles(run, "tai", [25, 50]).values for run in runs]
    both = found.percentiles.sel(percentile=[25, 50])["difference"].values
    np.testing.assert_allclose(both, dates[1] - dates[0])
    assert found.paired
    assert any("hardware.doubling_time" in key for key, *_ in found.inputs)


def test_all_mass_of_the_shifts_is_accounted_for(runs) -> None:
    shifts = tc.compare(*runs).shifts
    apart = ("to_not_reached", "from_not_reached", "not_reached_in_both", "only_first", "only_second")
    assert float(shifts["share"].sum()) + sum(shifts.attrs[key] for key in apart) == pytest.approx(1.0)
    frames = [tc.to_frame(run) for run in runs]
    counted = [frame["standing"] == "counted" for frame in frames]
    moved = counted[0] & counted[1] & np.isinf(frames[0]["tai"]) & np.isfinite(frames[1]["tai"])
    assert shifts.attrs["from_not_reached"] == pytest.approx(moved.sum() / (counted[0] | counted[1]).sum())


def test_another_seed_is_not_paired(runs) -> None:
    other = tc.simulate(tc.load("open_loop"), draws=4000, seed=4, paths=0)
    found = tc.compare(runs[0], other)
    assert not found.paired
    assert not found.identical
    assert not found.shifts


def test_a_run_is_identical_to_itself(runs) -> None:
    found = tc.compare(runs[0], runs[0])
    assert found.identical
    assert found.inputs == ()


def test_texts_of_choices_are_not_inputs_and_weights_are_named_by_their_meaning(
    small_run: xr.DataTree,
) -> None:
    other = small_run.copy()
    texts = str(other.attrs["scenario"])
    renamed = texts.replace('bio_anchors = "biological anchors hold"', 'bio_anchors = "anchors hold"')
    assert renamed != texts
    other.attrs["scenario"] = renamed
    assert tc.compare(small_run, other).inputs == ()
    other.attrs["scenario"] = renamed.replace("bio_anchors = 0.4", "bio_anchors = 0.1")
    comparison = tc.compare(small_run, other)
    assert comparison.inputs == (("choices.threshold.weights.bio_anchors", "0.4", "0.1"),)
    table = difference_tables(small_run, other, comparison)[0]
    assert [label for label, _ in table.rows] == ["weight if biological anchors hold"]


def test_runs_of_two_models_are_compared_by_a_milestone_that_both_have(runs) -> None:
    other = runs[1].copy()
    other.attrs["model"] = "another"
    found = tc.compare(runs[0], other)
    xr.testing.assert_identical(found.probabilities, tc.compare(*runs).probabilities)
    assert found.inputs == (("model", "compute", "another"),)
    renamed = other.copy(deep=True)
    words = renamed["summary"]["milestone_definition"].values.astype(object)
    renamed["summary"] = renamed["summary"].dataset.assign_coords(
        milestone_definition=("milestone", [f"nearly {text}" for text in words])
    )
    for changed in (renamed, other):
        quantity = "tai" if changed is renamed else "takeoff_duration"
        with refused("different-models", "compare", names="timecone pool"):
            tc.compare(runs[0], changed, quantity)


def test_an_unknown_quantity_is_refused(runs) -> None:
    with refused("unknown-quantity", "open_loop"):
        tc.compare(*runs, "agi")


def test_a_sweep_shares_random_numbers_and_equals_single_runs() -> None:
    scenario = tc.load("open_loop")
    found = tc.sweep(scenario, {"hardware.doubling_time": [2.0, 3.0]}, draws=2000, seed=3, years=[2040])
    kept = [pair for pair in scenario.correlations if "hardware.doubling_time" not in pair.between]
    fixed = scenario.replace({"hardware.doubling_time": tc.Point(value=3.0, unit="year")}, correlations=kept)
    alone = tc.probability_by(tc.simulate(fixed, draws=2000, seed=3, paths=0), "tai", [2040])
    at = found["probability"].sel({"hardware.doubling_time": 3.0, "year": 2040})
    assert at.item() == alone.item()
    with refused(
        "parameter-not-in-scenario",
        "parameters",
        got="hardware.doubling_tim",
        names="'hardware.doubling_time'",
    ):
        tc.sweep(scenario, {"hardware.doubling_tim": [2.0]}, draws=100)
