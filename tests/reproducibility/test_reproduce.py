"""A run file holds all that is needed to make its numbers again."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc


@pytest.fixture(scope="module")
def opened(small_run, tmp_path_factory):
    return tc.open_run(tc.save_run(small_run, tmp_path_factory.mktemp("opened") / "run.nc"))


@pytest.fixture
def stored(opened):
    """Return the run as it comes back from its file, to be changed."""
    return opened.copy(deep=True)


def test_a_stored_run_is_made_again_to_the_bit(stored):
    found = tc.reproduce(stored, threads=2)
    assert found.different == {}
    assert found.same_sources
    assert found.compared == sum(len(stored[group].data_vars) for group in stored.children)


@pytest.mark.slow
def test_a_file_changes_no_bit(small_run, stored, differing):
    assert differing(small_run, stored) == []


@pytest.mark.slow
def test_a_run_that_keeps_a_part_is_made_again(baseline, tmp_path):
    run = tc.simulate(baseline, draws=3000, seed=9, threads=2, block=640, paths=7, keep=200)
    stored = tc.open_run(tc.save_run(run, tmp_path / "part.nc"))
    assert stored["outcomes"].sizes["draw"] == 200
    assert tc.reproduce(stored, threads=1).different == {}


@pytest.mark.slow
def test_another_seed_gives_other_numbers(stored):
    stored.attrs["seed"] = int(stored.attrs["seed"]) + 1
    different = tc.reproduce(stored).different
    assert {"inputs/hardware.doubling_time", "outcomes/arrival", "paths/spending", "summary/cdf"} <= set(
        different
    )


@pytest.mark.slow
def test_one_changed_number_is_found(stored):
    values = stored["inputs"]["hardware.doubling_time"].values
    values[17] += 0.25
    different = tc.reproduce(stored).different
    assert set(different) == {"inputs/hardware.doubling_time"}
    assert different["inputs/hardware.doubling_time"] == pytest.approx(0.25, rel=1e-12)


@pytest.mark.slow
def test_one_changed_bit_is_found(stored):
    values = stored["paths"]["spending"].values
    values[2, 3] = np.nextafter(values[2, 3], np.inf)
    different = tc.reproduce(stored).different
    assert set(different) == {"paths/spending"}
    assert 0.0 < different["paths/spending"] < 1e-14


@pytest.mark.slow
def test_a_date_that_became_never_is_found(stored):
    arrival = stored["outcomes"]["arrival"].values
    arrival[np.isfinite(arrival).nonzero()[0][0], np.isfinite(arrival).nonzero()[1][0]] = np.inf
    assert tc.reproduce(stored).different == {"outcomes/arrival": np.inf}


@pytest.mark.slow
def test_other_sources_are_said(stored):
    stored.attrs["source_hash"] = "0" * 16
    found = tc.reproduce(stored)
    assert found.different == {}
    assert not found.same_sources


@pytest.mark.slow
def test_the_identity_of_a_run_is_that_of_its_numbers(baseline, small_run):
    def identity(scenario, **arguments):
        return tc.simulate(scenario, threads=1, paths=0, **({"draws": 2000, "seed": 7} | arguments)).attrs[
            "run_id"
        ]

    same = small_run.attrs["run_id"]
    assert identity(baseline) == same
    assert identity(baseline.replace({}, title="Another title"), block=64) == same
    others = {
        identity(baseline, seed=8),
        identity(baseline, draws=2001),
        identity(baseline.replace({"economy.growth": tc.Point(value=3.0, unit="%/year")})),
        identity(baseline.replace({}, time={"start": 2026.0, "horizon": 2126.0, "step": "year"})),
    }
    assert len(others | {same}) == 5
