"""A run file of the previous version says what the same run says today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from timecone.results.run_file.upgrade import upgraded
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.scenario.file import loads

#: 300 draws of the baseline, written before durations and observables had names of their own.
STORED = Path(__file__).parents[1] / "data" / "run_version_3.nc"


@pytest.fixture(scope="module")
def old() -> xr.DataTree:
    return tc.open_run(STORED)


@pytest.fixture(scope="module")
def new(old: xr.DataTree) -> xr.DataTree:
    draws, seed = int(old.attrs["draws"]), int(old.attrs["seed"])
    return tc.simulate(loads(str(old.attrs["scenario"])), draws=draws, seed=seed, paths=3, threads=1)


@pytest.mark.slow
def test_every_number_is_there_under_its_present_name(old: xr.DataTree, new: xr.DataTree) -> None:
    for group in ("outcomes", "paths", "summary"):
        assert set(old[group].data_vars) == set(new[group].data_vars)
        for name, values in new[group].data_vars.items():
            # Inputs may have moved by rounding since; counts of 300 draws have not.
            assert old[group][name].dims == values.dims, name
            if values.dtype.kind in "iu":
                np.testing.assert_array_equal(old[group][name].values, values.values, err_msg=str(name))
            elif values.dtype.kind == "f":
                np.testing.assert_allclose(
                    old[group][name].values, values.values, rtol=1e-8, atol=1e-12, err_msg=str(name)
                )


def test_its_tables_are_those_of_a_run_of_today(old: xr.DataTree, new: xr.DataTree) -> None:
    for before, after in zip(tables_of(RunStatistics(old)), tables_of(RunStatistics(new)), strict=True):
        assert (before.name, before.title, before.columns) == (after.name, after.title, after.columns)
        assert before.rows == after.rows


@pytest.mark.slow
@pytest.mark.usefixtures("closed_figures")
def test_its_figures_know_their_units(old: xr.DataTree, new: xr.DataTree) -> None:
    for draw in (tc.plots.fan, tc.plots.threshold, tc.plots.decomposition):
        before, after = draw(old).caption, draw(new).caption
        assert before.replace(old.attrs["run_id"], "") == after.replace(new.attrs["run_id"], "")


@pytest.mark.slow
def test_a_file_that_lacks_what_every_run_has_is_refused(old: xr.DataTree) -> None:
    with xr.open_datatree(STORED, engine="h5netcdf", decode_times=False) as stored:
        run = stored.load().copy()
    run["outcomes"] = run["outcomes"].to_dataset().drop_vars("takeoff_duration")
    with refused("old-run-lacks-variable", "old.nc", got="takeoff_duration"):
        upgraded(run, "old.nc")
