"""What follows from a scenario is computed once for it, and never taken from another one."""

from __future__ import annotations

from datetime import date

import pytest

import timecone as tc
from refusals import refused
from timecone.scenario import assumptions
from timecone.scenario import compile as compiling


@pytest.fixture
def loaded(shipped_file) -> tc.Scenario:
    return tc.load(shipped_file)


def test_a_run_of_a_loaded_scenario_compiles_nothing_again(loaded, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("computed again")

    loaded.digest  # noqa: B018 - which nobody has asked for
    for module, name in (
        (assumptions, "find"),
        *(
            (compiling, name)
            for name in ("Sampler", "resolve", "copula", "components_on", "inactive", "digest")
        ),
    ):
        monkeypatch.setattr(module, name, fail)
    run = tc.simulate(loaded, draws=100, paths=0)
    assert run.attrs["scenario_digest"] == loaded.digest
    assert loaded.compiled.sampler is loaded.compiled.sampler


def test_a_derived_scenario_has_results_of_its_own(loaded):
    before = loaded.compiled.sampler, loaded.digest, loaded.components_on
    off = loaded.without("supply_shock")
    late = loaded.model_copy(update={"as_of": date(2026, 6, 1)})
    for other in (off, late):
        assert other.compiled.sampler is not before[0]
        assert other.digest != before[1]
    assert off.components_on == before[2] - {"supply_shock"}
    assert (loaded.compiled.sampler, loaded.digest, loaded.components_on) == before


def test_an_error_is_said_every_time(loaded):
    changed = {"algorithms.halving_time": tc.LogNormal(p05=2, p95=12, unit="USD")}
    for _ in range(2):
        with refused("unknown-unit", "parameters.algorithms.halving_time.unit"):
            loaded.replace(changed)
