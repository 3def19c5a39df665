"""No number rests on what memory held before: the same bits whatever fresh arrays are full of."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from timecone.schema import GROUPS

FILLINGS = [np.nan, np.inf, -1e300]


@pytest.fixture(params=FILLINGS, ids=str)
def _filled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = np.empty

    def filled(*arguments: object, **options: object) -> np.ndarray:
        array = empty(*arguments, **options)
        if array.dtype.kind == "f":
            array.fill(request.param)
        return array

    def filled_like(prototype: np.ndarray, *arguments: object, **options: object) -> np.ndarray:
        return filled(np.shape(prototype), options.get("dtype", np.asarray(prototype).dtype))

    monkeypatch.setattr(np, "empty", filled)
    monkeypatch.setattr(np, "empty_like", filled_like)


@pytest.fixture(scope="module")
def drawn(baseline: tc.Scenario) -> xr.Dataset:
    return tc.sample(baseline, 500, seed=7)


@pytest.fixture(scope="module")
def simulated(baseline: tc.Scenario) -> xr.DataTree:
    return tc.simulate(baseline, draws=500, seed=7, threads=1, paths=5)


@pytest.mark.usefixtures("_filled")
def test_inputs(drawn: xr.Dataset, baseline: tc.Scenario) -> None:
    again = tc.sample(baseline, 500, seed=7)
    for name, variable in drawn.data_vars.items():
        np.testing.assert_array_equal(again[name].values, variable.values, err_msg=str(name))


@pytest.mark.usefixtures("_filled")
def test_runs(simulated: xr.DataTree, baseline: tc.Scenario) -> None:
    again = tc.simulate(baseline, draws=500, seed=7, threads=1, paths=5)
    for group in GROUPS:
        for name, variable in simulated[group].data_vars.items():
            found = again[group][name].values
            np.testing.assert_array_equal(found, variable.values, err_msg=f"{group}/{name}")


def test_no_input_is_a_nan(drawn: xr.Dataset) -> None:
    for name, variable in drawn.data_vars.items():
        assert not np.isnan(variable.values).any(), name
