"""``timecone reproduce``: the same bits, or which variables differ and by how much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import timecone as tc


@pytest.fixture
def alter(small_stored: Path, tmp_path: Path) -> Callable[[Callable[[xr.DataTree], None]], Path]:
    def write(change: Callable[[xr.DataTree], None]) -> Path:
        run = tc.open_run(small_stored)
        change(run)
        return tc.save_run(run, tmp_path / "altered.nc")

    return write


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_is_reproduced_bit_for_bit(call: Callable, stored: Path, threads: int) -> None:
    code, out, _ = call("reproduce", stored, "--threads", threads)
    assert code == 0
    assert out.startswith("Identical: all ")
    run = tc.open_run(stored)
    compared = sum(len(group.data_vars) for group in run.children.values())
    assert f"all {compared} variables" in out


def test_the_last_bit_of_one_draw_is_noticed(call: Callable, alter: Callable) -> None:
    def change(run: xr.DataTree) -> None:
        arrival = run["outcomes"]["arrival"].values
        k = int(np.flatnonzero(np.isfinite(arrival[2]))[-1])
        arrival[2, k] = np.nextafter(arrival[2, k], np.inf)

    code, out, _ = call("reproduce", alter(change))
    assert code == 1
    assert "outcomes/arrival: differs by up to 2.27374e-13" in out
    assert "Not identical: 1 of " in out


@pytest.mark.parametrize(
    ("group", "name"),
    [("inputs", "horizon.doubling_time"), ("paths", "task_horizon"), ("summary", "arrival_count")],
)
def test_an_altered_variable_is_named(call: Callable, alter: Callable, group: str, name: str) -> None:
    def change(run: xr.DataTree) -> None:
        run[group][name].values.flat[0] += 1

    code, out, _ = call("reproduce", alter(change))
    assert code == 1
    assert f"{group}/{name}: differs by up to 1\n" in out


def test_a_reached_date_turned_into_infinity_is_noticed(call: Callable, alter: Callable) -> None:
    def change(run: xr.DataTree) -> None:
        run["outcomes"]["arrival"].values[0, 0] = np.inf

    code, out, _ = call("reproduce", alter(change))
    assert code == 1
    assert "outcomes/arrival: differs by up to inf" in out


def test_a_missing_draw_is_noticed(call: Callable, alter: Callable) -> None:
    def change(run: xr.DataTree) -> None:
        run["paths"] = run["paths"].isel(path=slice(1, None))

    assert call("reproduce", alter(change)).code == 1


def test_numbers_of_other_sources_are_said_to_be(call: Callable, alter: Callable) -> None:
    def change(run: xr.DataTree) -> None:
        run.attrs["source_hash"] = "0" * 16
        run["outcomes"]["day_to_month"].values[0] = -1.0

    code, out, _ = call("reproduce", alter(change))
    assert code == 1
    assert "another version of the sources" in out


def test_an_interrupted_run_of_fewer_draws_is_reproduced(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    # What Ctrl-C leaves: the attribute says more were wanted than are there.
    run = tc.simulate(tc.load(small_file), draws=700, seed=4, paths=2)
    run.attrs["draws_wanted"] = 10_000
    assert call("reproduce", tc.save_run(run, tmp_path / "run.nc")).code == 0


def test_a_run_that_keeps_few_draws_is_reproduced(call: Callable, small_file: Path, tmp_path: Path) -> None:
    run = tc.simulate(tc.load(small_file), draws=700, seed=4, paths=2, keep=100)
    assert call("reproduce", tc.save_run(run, tmp_path / "run.nc")).code == 0


@pytest.mark.slow
def test_a_run_without_a_readable_scenario_is_one_line(call: Callable, alter: Callable) -> None:
    def change(run: xr.DataTree) -> None:
        run.attrs["scenario"] = "written by another program"

    code, _, err = call("reproduce", alter(change))
    assert code == 2
    assert len(err.splitlines()) == 1
    assert "internal error" not in err
