"""What memory cannot hold is refused before it is begun, by ``check`` as by ``run``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import timecone as tc
from refusals import Refusal, refused
from timecone.simulation import limits
from timecone.simulation.limits import available_memory, plan


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        ({"draws": 10**12, "keep": 10**12}, Refusal("run-exceeds-memory", "keep", got=10**12)),
        ({"draws": 10**12, "paths": 10**11}, Refusal("run-exceeds-memory", "paths", got=10**11)),
        (
            {"threads": 4097},
            Refusal("setting-out-of-range", "threads", got=4097, names=("from 1", "to 4096")),
        ),
        ({"draws": 10**12, "block": 10**11}, Refusal("run-exceeds-memory", "block", got=10**11)),
        ({"draws": 0}, Refusal("setting-out-of-range", "draws", got=0, names="from 1 to")),
        ({"seed": -1}, Refusal("setting-out-of-range", "seed", got=-1, names="from 0 to")),
        ({"draws": True}, Refusal("setting-out-of-range", "draws", got=True, names="from 1 to")),
        ({"draws": 10.0}, Refusal("setting-out-of-range", "draws", got=10.0, names="from 1 to")),
        ({"until": {"years": 0.0}}, Refusal("invalid-tolerance", "until.years", got=0.0)),
    ],
)
def test_what_cannot_be_held_is_refused_with_the_figure(
    baseline: tc.Scenario, arguments: dict[str, Any], refusal: Refusal
) -> None:
    with refusal.expected():
        plan(baseline, **arguments)
    with refusal.expected():
        tc.simulate(baseline, **arguments)


def test_a_held_design_and_its_replicates_are_weighed(baseline: tc.Scenario) -> None:
    latin = baseline.replace({}, run={"design": "latin", "replicates": 8})
    with refused("design-exceeds-memory", "draws"):
        plan(latin, draws=8 * 10**11, keep=100)
    many = baseline.replace({}, run={"design": "sobol", "replicates": 10**7})
    with refused("run-exceeds-memory", "replicates"):
        plan(many, draws=10**7 * 128, keep=100)


def test_the_planned_memory_is_near_that_of_the_arrays(baseline: tc.Scenario) -> None:
    run = tc.simulate(baseline, draws=20_000, keep=20_000, paths=10, seed=1, threads=1)
    arrays = sum(v.nbytes for name in ("inputs", "outcomes") for v in run[name].dataset.data_vars.values())
    planned = plan(baseline, draws=20_000, keep=20_000, paths=10, threads=1)
    assert arrays <= planned.disk <= 2.0 * arrays
    assert planned.memory >= 2 * arrays


def test_little_memory_is_too_little(baseline: tc.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < available_memory() < 2**62
    monkeypatch.setattr(limits, "available_memory", lambda: 1000)
    with refused("run-exceeds-memory", "choices"):
        plan(baseline, draws=64)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.int32])
def test_numpy_integers_are_whole_numbers(baseline: tc.Scenario, kind: type) -> None:
    run = tc.simulate(baseline, draws=kind(64), seed=kind(3), paths=kind(1), keep=kind(64), threads=kind(1))
    again = tc.simulate(baseline, draws=64, seed=3, paths=1, keep=64, threads=1)
    assert run["outcomes"].dataset.equals(again["outcomes"].dataset)
    assert type(run.attrs["seed"]) is int
    assert tc.sample(baseline, kind(8), kind(1)).equals(tc.sample(baseline, 8, 1))
