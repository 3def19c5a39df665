"""A seed is a whole number from 0, and 0 is one like any other."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from timecone.errors import ArgumentError


def run(scenario, seed):
    return tc.simulate(scenario, draws=2000, seed=seed, threads=1, paths=3)


def test_seed_0_is_a_seed(baseline, differing):
    assert baseline.run.seed != 0
    zero = run(baseline, 0)
    assert zero.attrs["seed"] == 0
    assert differing(zero, run(baseline, 0)) == []
    for other in (1, None):
        assert "/outcomes/arrival" in differing(zero, run(baseline, other))


def test_without_a_seed_the_scenarios_own_counts(baseline, differing):
    found = run(baseline, None)
    assert found.attrs["seed"] == baseline.run.seed
    assert differing(found, run(baseline, baseline.run.seed)) == []


def test_a_seed_of_0_in_the_scenario_is_its_seed(baseline, differing):
    scenario = baseline.replace({}, run={"draws": 2000, "seed": 0})
    assert differing(run(scenario, None), run(baseline, 0)) == []


def test_sampling_takes_seed_0(baseline):
    zero, again, one, own = (tc.sample(baseline, 100, seed=seed) for seed in (0, 0, 1, None))
    assert zero.equals(again)
    name = "hardware.doubling_time"
    assert not np.isin(zero[name], one[name]).any()
    assert not np.isin(zero[name], own[name]).any()


@pytest.mark.parametrize("seed", [2**31, 2**53, 2**64 - 2])
def test_a_large_seed_is_a_seed_of_its_own(baseline, seed):
    name = "hardware.doubling_time"
    large, neighbour = (tc.sample(baseline, 100, seed=s)[name].values for s in (seed, seed + 1))
    assert not np.isin(large, neighbour).any()


@pytest.mark.parametrize("seed", [-1, 1.0, True, "1"])
def test_what_is_no_seed_is_refused(baseline, seed):
    with refused("setting-out-of-range", "seed", names="from 0 to 2**64 - 1"):
        tc.simulate(baseline, draws=64, seed=seed)
    with refused("setting-out-of-range", "seed", names="from 0 to 2**64 - 1"):
        tc.sample(baseline, 64, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2**53 + 1, 2**64 - 1, 2**64, 10**40])
def test_a_seed_is_refused_before_the_run_or_stored_exactly(baseline, tmp_path, seed):
    try:
        found = tc.simulate(baseline, draws=64, seed=seed, threads=1, paths=0)
    except ArgumentError:
        return
    stored = tc.open_run(tc.save_run(found, tmp_path / "run.nc"))
    assert int(stored.attrs["seed"]) == seed


@pytest.mark.slow
def test_a_file_and_a_call_take_the_same_largest_seed(baseline, tmp_path):
    largest = 2**64 - 1
    by_file = baseline.replace({}, run={"draws": 64, "seed": largest})
    name = "hardware.doubling_time"
    np.testing.assert_array_equal(tc.sample(by_file, 64)[name], tc.sample(baseline, 64, seed=largest)[name])
    found = tc.simulate(by_file, threads=1, paths=0)
    stored = tc.open_run(tc.save_run(found, tmp_path / "run.nc"))
    assert int(stored.attrs["seed"]) == largest
    assert not tc.reproduce(stored).different
    with refused("setting-out-of-range", "seed", got=largest + 1, names="from 0 to 2**64 - 1"):
        tc.sample(baseline, 64, seed=largest + 1)
    with refused("out-of-range", "run.seed", got=largest + 1, names=f"at most {largest}"):
        baseline.replace({}, run={"draws": 64, "seed": largest + 1})
