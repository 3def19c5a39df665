"""Neither threads, nor blocks, nor the number of draws change a bit of a draw."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import timecone as tc

DRAWS = 20_011
PATHS = 70


@pytest.fixture(scope="module")
def reference(baseline):
    return tc.simulate(baseline, draws=DRAWS, seed=5, threads=1, block=8192, paths=PATHS)


@pytest.mark.parametrize(
    ("threads", "block"),
    [pair for pair in itertools.product((1, 2), (64, 1000, 8192)) if pair != (1, 8192)],
)
def test_threads_and_blocks_change_no_bit(baseline, differing, reference, threads, block):
    run = tc.simulate(baseline, draws=DRAWS, seed=5, threads=threads, block=block, paths=PATHS)
    assert differing(reference, run) == []
    assert run.attrs | {"created": ""} == reference.attrs | {"created": ""}


def test_two_runs_of_another_seed_do_differ(baseline, differing, reference):
    run = tc.simulate(baseline, draws=DRAWS, seed=6, threads=2, paths=PATHS)
    names = differing(reference, run)
    assert {"/outcomes/arrival", "/inputs/hardware.doubling_time", "/summary/fan_effective_compute"} <= set(
        names
    )


@pytest.mark.slow
def test_the_first_draws_are_the_same_when_more_are_asked(baseline):
    few = tc.simulate(baseline, draws=10_000, seed=5, threads=2, paths=10)
    many = tc.simulate(baseline, draws=50_000, seed=5, threads=2, paths=10)
    for group in ("inputs", "outcomes"):
        first = many[group].dataset.isel(draw=slice(10_000))
        for name, values in few[group].dataset.data_vars.items():
            np.testing.assert_array_equal(first[name], values, strict=True)
    for name, values in few["paths"].dataset.data_vars.items():
        np.testing.assert_array_equal(many["paths"][name], values, strict=True)


def test_what_is_kept_changes_no_summary(baseline, reference):
    run = tc.simulate(baseline, draws=DRAWS, seed=5, threads=2, keep=100, paths=10)
    assert run["outcomes"].sizes["draw"] == 100
    for name, values in reference["summary"].dataset.data_vars.items():
        np.testing.assert_array_equal(run["summary"][name], values, strict=True)


def test_sampled_inputs_are_those_of_the_run(baseline, reference):
    inputs = tc.sample(baseline, DRAWS, seed=5)
    for name, values in reference["inputs"].dataset.data_vars.items():
        np.testing.assert_array_equal(inputs[name], values, strict=True)
