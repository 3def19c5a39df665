"""What follows from a scenario is computed once for it, and never taken from another one."""

from __future__ import annotations

from datetime import date

import pytest

import timecone as tc
from timecone.errors import UnitError
from timecone.scenario import compile as compiling
from timecone.scenario import scenario as scenarios
from timecone.scenario.compile import sampler
from timecone.scenario.digest import digest


@pytest.fixture
def loaded(shipped_file) -> tc.Scenario:
    return tc.load(shipped_file)


def test_a_run_of_a_loaded_scenario_compiles_nothing_again(loaded, monkeypatch):
    def fail(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(scenarios, "find", fail)
    monkeypatch.setattr(compiling, "_sampler", fail)
    run = tc.simulate(loaded, draws=100, paths=0)
    assert run.attrs["scenario_digest"] == digest(loaded)
    assert sampler(loaded) is sampler(loaded)


def test_a_derived_scenario_has_results_of_its_own(loaded):
    before = sampler(loaded), digest(loaded), loaded.components_on
    off = loaded.without("supply_shock")
    late = loaded.model_copy(update={"as_of": date(2026, 6, 1)})
    for other in (off, late):
        assert sampler(other) is not before[0]
        assert digest(other) != before[1]
    assert off.components_on == before[2] - {"supply_shock"}
    assert (sampler(loaded), digest(loaded), loaded.components_on) == before


def test_an_error_is_said_every_time(loaded):
    changed = {"algorithms.halving_time": tc.LogNormal(p05=2, p95=12, unit="USD")}
    for _ in range(2):
        with pytest.raises(UnitError):
            loaded.replace(changed)
