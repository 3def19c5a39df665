"""A Zarr store holds every draw, bit for bit, with the labels of a run file."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from refusals import refused
from small_scenario import content
from timecone.scenario.file import parse
from timecone.simulation import draw_store

xr = pytest.importorskip("xarray")
pytest.importorskip("zarr")
DRAWS = 10_000


@pytest.fixture(scope="module")
def scenario():
    return parse(content())


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(draw_store, "CHUNK", 3000)


def _opened(path, group):
    return xr.open_zarr(path, group=group, chunks={})


def test_every_draw_is_there_with_its_labels(scenario, tmp_path):
    path = tmp_path / "draws.zarr"
    whole = tc.simulate(scenario, draws=DRAWS, seed=2, keep=DRAWS, paths=0)
    small = tc.simulate(scenario, draws=DRAWS, seed=2, keep=5, paths=0, block=640, store=path)
    assert small["outcomes"].sizes["draw"] == 5
    for group in ("inputs", "outcomes"):
        stored = _opened(path, group)
        assert set(stored.variables) == set(whole[group].dataset.variables)
        for name, before in whole[group].dataset.variables.items():
            assert stored[name].dims == before.dims
            np.testing.assert_array_equal(stored[name], before, err_msg=name)
            for key, value in before.attrs.items():
                np.testing.assert_array_equal(stored[name].attrs[key], value, err_msg=key)
    assert _opened(path, None).attrs["draws_finished"] == DRAWS
    assert _opened(path, "inputs")["horizon.now"].data.chunks == ((3000, 3000, 3000, 1000),)


def test_what_is_not_finished_is_missing(scenario, tmp_path):
    path = tmp_path / "draws.zarr"
    asked = iter([False, False])
    part = tc.simulate(
        scenario, draws=DRAWS, seed=2, threads=1, block=640, store=path, stop=lambda: next(asked, True)
    )
    finished = int(part.attrs["draws"])
    assert 0 < finished < DRAWS
    now = _opened(path, "inputs")["horizon.now"]
    assert np.flatnonzero(np.isnan(now.values)).min() == finished
    assert _opened(path, None).attrs["draws_finished"] == finished


@pytest.mark.parametrize("changed", [{"draws": DRAWS - 1}, {"seed": 3}])
def test_a_store_of_another_run_is_refused(scenario, tmp_path, changed):
    path = tmp_path / "draws.zarr"
    tc.simulate(scenario, draws=DRAWS, seed=2, paths=0, store=path)
    with refused("store-of-another-run", str(path), names="--store"):
        tc.simulate(scenario, **({"draws": DRAWS, "seed": 2} | changed), paths=0, store=path)
    assert _opened(path, None).attrs["draws_finished"] == DRAWS


def test_a_folder_that_is_no_store_is_refused(scenario, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with refused("store-of-another-run", str(tmp_path)):
        tc.simulate(scenario, draws=DRAWS, store=tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.slow
@pytest.mark.parametrize("stores_before", [False, True])
def test_a_resumed_run_stores_the_draws_that_the_store_lacks(scenario, tmp_path, stores_before):
    path, checkpoint = tmp_path / "draws.zarr", tmp_path / "checkpoint.npz"
    options = {"draws": DRAWS, "seed": 2, "keep": 100, "paths": 0, "block": 640, "checkpoint": checkpoint}
    for asked in ([False, False], [False]):
        answers = iter(asked)
        part = tc.simulate(
            scenario,
            **options,
            threads=1,
            store=path if stores_before else None,
            stop=lambda answers=answers: next(answers, True),
        )
        stores_before = False
    assert 0 < part.attrs["draws"] < DRAWS
    tc.simulate(scenario, **options, store=path)
    whole = tc.simulate(scenario, draws=DRAWS, seed=2, keep=DRAWS, paths=0)
    for group in ("inputs", "outcomes"):
        for name, values in whole[group].dataset.variables.items():
            np.testing.assert_array_equal(_opened(path, group)[name], values, err_msg=name)


def test_a_resumed_run_can_be_stopped_before_it_goes_on(scenario, tmp_path):
    checkpoint = tmp_path / "checkpoint.npz"
    options = {"draws": DRAWS, "seed": 2, "paths": 0, "block": 640, "threads": 1, "checkpoint": checkpoint}
    answers = iter([False] * 6)
    tc.simulate(scenario, **options, stop=lambda: next(answers, True))
    before = checkpoint.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        tc.simulate(scenario, **options, stop=lambda: True)
    assert checkpoint.read_bytes() == before
