"""Growth of effective compute, split exactly; and counted in jumps from GPT-2 to GPT-3."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import Refusal, refused
from timecone.scenario.file import parse
from toy_model import full_content

PARTS = ("hardware", "investment", "algorithms", "data_wall")


@pytest.fixture(scope="module")
def run() -> xr.DataTree:
    return tc.simulate(parse(full_content()), draws=200, seed=1, paths=50)


@pytest.mark.parametrize(("begin", "end"), [(2026.0, 2066.0), (2030.25, 2030.5), (2031.7, 2047.3)])
def test_the_parts_sum_to_the_growth(run: xr.DataTree, begin: float, end: float) -> None:
    found = tc.decomposition(run, begin, end)
    assert set(found.data_vars) == {"growth", *PARTS}
    assert dict(found.sizes) == {"path": 50}
    total = sum(found[name].values for name in PARTS)
    np.testing.assert_array_equal(total, found["growth"].values)
    inputs = run["inputs"].isel(draw=slice(50))
    rate = inputs["growth.rate"].values * inputs["boost.labour"].values
    years = end - begin
    shares = {"hardware": 0.5, "investment": 0.2, "algorithms": 0.3}
    for name, share in shares.items():
        np.testing.assert_allclose(found[name].values, share * rate * years, rtol=1e-9, atol=1e-11)
    lost = -rate * inputs["wall.slope"].values * years
    np.testing.assert_allclose(found["data_wall"].values, lost, rtol=1e-9, atol=1e-11)
    assert all(v.attrs["units"] == "OOM" for v in found.data_vars.values())


def test_a_part_that_is_switched_off_is_0() -> None:
    run = tc.simulate(parse(full_content()).without("wall"), draws=100, seed=1, paths=9)
    found = tc.decomposition(run, 2026.0, 2040.0)
    assert not found["data_wall"].any()
    assert (found["growth"] > 0).all()


def test_a_paths_standing_is_its_draws(run: xr.DataTree) -> None:
    standing = run["outcomes"]["standing"].values[:50]
    np.testing.assert_array_equal(tc.decomposition(run, 2026.0, 2030.0)["standing"].values, standing)
    np.testing.assert_array_equal(tc.growth_in_jumps(run)["standing"].values, standing)


def test_the_baselines_growth_is_split(small_run: xr.DataTree) -> None:
    found = tc.decomposition(small_run, 2026.0, 2040.0)
    stored = small_run["paths"]["effective_compute"]
    growth = stored.sel(time=2040.0).values - stored.sel(time=2026.0).values
    np.testing.assert_allclose(found["growth"].values, growth, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize(
    ("begin", "end", "refusal"),
    [
        (
            2025.0,
            2030.0,
            Refusal("interval-outside-run", "begin", got=2025.0, names=("from 2026", "to 2066")),
        ),
        (2026.0, 2067.0, Refusal("interval-outside-run", "end", got=2067.0, names=("from 2026", "to 2066"))),
        (2030.0, 2030.0, Refusal("end-not-after-beginning", "end", got=2030.0)),
        (
            float("nan"),
            2030.0,
            Refusal("interval-outside-run", "begin", got=float("nan"), names=("from 2026", "to 2066")),
        ),
    ],
)
def test_times_outside_the_run_are_refused(
    run: xr.DataTree, begin: float, end: float, refusal: Refusal
) -> None:
    with refusal.expected():
        tc.decomposition(run, begin, end)


def test_parts_that_do_not_sum_are_refused(run: xr.DataTree) -> None:
    other = run.copy(deep=True)
    other["paths"]["spending"].values[3, -1] += 1e-3
    with refused("factors-do-not-sum", "paths"):
        tc.decomposition(other, 2026.0, 2066.0)


def test_runs_without_trajectories_are_refused() -> None:
    bare = tc.simulate(parse(full_content()), draws=100, seed=1, paths=0)
    for read in (tc.growth_in_jumps, lambda one: tc.decomposition(one, 2026.0, 2030.0)):
        with refused("no-trajectories", "paths"):
            read(bare)
    foreign = tc.simulate(parse(full_content()), draws=100, seed=1, paths=3)
    foreign["paths"] = foreign["paths"].to_dataset().drop_vars("price_performance")
    with refused("factors-do-not-sum", "paths"):
        tc.decomposition(foreign, 2026.0, 2030.0)


def test_jumps_are_counted_at_both_ends_and_their_geometric_mean(run: xr.DataTree) -> None:
    found = tc.growth_in_jumps(run)
    assert found.dims == ("factor", "path", "time")
    np.testing.assert_allclose(found["factor"].values, [300.0, 424.264, 600.0], rtol=1e-5)
    assert not found.isel(time=0).any()
    growth = tc.decomposition(run, 2026.0, 2050.0)["growth"].values
    for factor in found["factor"].values:
        jumps = found.sel(factor=factor, time=2050.0).values
        np.testing.assert_allclose(factor**jumps, 10.0**growth, rtol=1e-9)
    assert "Hernandez" in found.attrs["source"]
