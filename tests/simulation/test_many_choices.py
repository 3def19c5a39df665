"""Many choices: counts by value, with those of combinations only where these are few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from timecone.results.run_file.access import choices
from timecone.scenario.file import dumps
from timecone.schema import BY_VALUE, MOST_STRATA
from timecone.simulation import counts
from timecone.simulation.counts import Counts, CountsPool, has_cells

# Of two values each: far more combinations than are counted.
MANY = 16


def _scenario(
    baseline: tc.Scenario, folder: Path, many: int, values: int, design: str = "random"
) -> tc.Scenario:
    """Return the baseline with more choices, each of a quantity of its own."""
    about = {"basis": "guess", "source": "a test", "as_of": "2026-01-01"}
    lines = [dumps(baseline.replace({}, run={"design": design}))]
    for k in range(many):
        weights = "\n".join(f"v{i} = {1.0 / values}" for i in range(values))
        said = "\n".join(
            f"{key} = {value if key == 'as_of' else repr(value)}" for key, value in about.items()
        )
        lines.append(f"[choices.c{k}]\n{said}\n[choices.c{k}.weights]\n{weights}")
        lines.append(f"[quantities.q{k}]\nunit = '1'\n{said}\nby = 'c{k}'")
        lines += [
            f"[quantities.q{k}.values.v{i}]\ndistribution = 'point'\nvalue = {i}.0" for i in range(values)
        ]
    path = folder / "many.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return tc.load(path)


@pytest.fixture(scope="module")
def scenario(baseline: tc.Scenario, tmp_path_factory: pytest.TempPathFactory) -> tc.Scenario:
    return _scenario(baseline, tmp_path_factory.mktemp("many"), MANY, 2)


@pytest.fixture(scope="module")
def stored(scenario: tc.Scenario) -> xr.DataTree:
    """Return a run of many choices of two values that keeps all draws."""
    return tc.simulate(scenario, draws=3000, seed=3, paths=2)


@pytest.fixture(scope="module")
def counted(scenario: tc.Scenario, tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Return the same run with a part of its draws, as it comes back from a file."""
    run = tc.simulate(scenario, draws=3000, seed=3, paths=2, keep=1000)
    return tc.open_run(tc.save_run(run, tmp_path_factory.mktemp("file") / "run.nc"))


@pytest.mark.slow
@pytest.mark.parametrize("where", [None, {"c0": "v1"}, {f"c{MANY - 1}": "v0"}, {"threshold": "bio_anchors"}])
def test_counts_by_value_are_those_of_the_draws(
    stored: xr.DataTree, counted: xr.DataTree, where: dict[str, str] | None
) -> None:
    exact = tc.probability_by(stored, "tai", [2030, 2050], where=where)
    binned = tc.probability_by(counted, "tai", [2030, 2050], where=where)
    assert exact.attrs["draws"] == binned.attrs["draws"]
    np.testing.assert_array_equal(exact.values, binned.values)
    assert float(tc.percentiles(counted, "tai", [50.0], where=where)[0]) == pytest.approx(
        float(tc.percentiles(stored, "tai", [50.0], where=where)[0]), abs=0.005
    )


@pytest.mark.slow
def test_a_combination_is_read_from_the_stored_draws(stored: xr.DataTree, counted: xr.DataTree) -> None:
    where = {"c0": "v1", "c1": "v0"}
    whole = tc.percentiles(stored, "tai", [50.0], where=where)
    outcomes = stored["outcomes"].to_dataset()
    chosen = (outcomes["choice_c0"] == 1) & (outcomes["choice_c1"] == 0) & (outcomes["standing"] == 0)
    assert whole.attrs["draws"] == int(chosen.sum())
    part = tc.percentiles(counted, "tai", [50.0], where=where)
    assert part.attrs["draws"] == int(chosen[:1000].sum())


def test_a_combination_without_draws_to_read_is_refused(counted: xr.DataTree) -> None:
    with refused("too-many-combinations", "where"):
        tc.flags(counted, where={"c0": "v1", "c1": "v0"})


@pytest.mark.slow
def test_the_run_names_every_choice_and_reproduces(counted: xr.DataTree) -> None:
    assert len(choices(counted)) == MANY + len(choices(counted).keys() - {f"c{k}" for k in range(MANY)})
    assert choices(counted)["c5"] == ("v0", "v1")
    assert BY_VALUE in counted.children
    assert 2**MANY > 100 * MOST_STRATA
    assert counted["summary"].sizes["cell"] == 1
    found = tc.reproduce(counted)
    assert not found.different
    assert len(tc.plots.threshold(counted, "c1").table)


@pytest.mark.slow
def test_replicates_are_counted_by_value_too(baseline: tc.Scenario, tmp_path: Path) -> None:
    run = tc.simulate(_scenario(baseline, tmp_path, 8, 2, "sobol"), draws=8 * 256, seed=1, paths=0, keep=64)
    by_value = [tc.percentiles(run, "tai", [50.0], where={"c0": value}) for value in ("v0", "v1")]
    assert all(np.isfinite(found["standard_error"].values).all() for found in by_value)
    with refused("too-many-combinations", "where"):
        tc.percentiles(run, "tai", [50.0], where={"c0": "v0", "c1": "v1"})


def test_few_combinations_are_counted_as_before(small_run: xr.DataTree) -> None:
    assert BY_VALUE not in small_run.children
    assert has_cells([MOST_STRATA])
    assert not has_cells([MOST_STRATA + 1])
    assert not has_cells([2] * 64)


@pytest.mark.slow
def test_shared_counts_are_the_same_for_any_number(
    scenario: tc.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = tc.simulate(scenario, draws=8000, seed=3, paths=0, keep=64, threads=3, block=1024)
    monkeypatch.setattr(counts, "_SHARED_BYTES", 0)
    shared = tc.simulate(scenario, draws=8000, seed=3, paths=0, keep=64, threads=3, block=1024)
    for group in ("summary", BY_VALUE):
        assert shared[group].dataset.equals(apart[group].dataset)


def test_a_pool_lends_no_more_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Small(Counts):
        nbytes = 10

    def empty() -> Small:
        made.append(None)
        return Small((), None, [])  # type: ignore[arg-type]

    monkeypatch.setattr(counts, "_SHARED_BYTES", 20)
    pool = CountsPool(empty, 1)
    with pool.borrow(0), pool.borrow(0):
        assert len(made) == 2
    with pool.borrow(0), pool.borrow(0):
        assert len(made) == 2
