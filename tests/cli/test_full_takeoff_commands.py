"""The commands on runs of the Full Takeoff model: by role, none of them knows the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small run of the Monte Carlo preset."""
    scenario = tc.load("full_takeoff/monte_carlo_2022")
    run = tc.simulate(scenario, draws=1200, seed=1, paths=20, threads=1)
    return tc.save_run(run, tmp_path_factory.mktemp("full_takeoff") / "run.nc")


def test_a_preset_is_checked_and_run(call: Callable, tmp_path: Path) -> None:
    code, out, _ = call("check", "full_takeoff/aggressive")
    assert code == 0
    assert "model full_takeoff" in out
    code, out, _ = call("run", "full_takeoff/best_guess_published", "--draws", 8, "--out", tmp_path / "run")
    assert code == 0
    assert "full automation" in out
    arrival = tc.open_run(tmp_path / "run" / "run.nc")["outcomes"]["arrival"].sel(milestone="goods_100")
    np.testing.assert_allclose(arrival, 2040.0)


def test_tables_say_how_often_draws_were_drawn_again(call: Callable, carried: Path) -> None:
    code, out, _ = call("percentiles", carried)
    assert code == 0
    run = tc.open_run(carried)
    assert f"{run.attrs['redrawn']:,} draws were drawn again, {run.attrs['redraws']:,} times in all" in out
    assert "Slow takeoff: " in out


def test_the_page_and_the_drivers_are_made(call: Callable, carried: Path, tmp_path: Path) -> None:
    code, _, _ = call("report", carried, "--out", tmp_path / "page.html")
    assert code == 0
    assert "drawn again" in (tmp_path / "page.html").read_text("utf-8")
    code, out, _ = call("drivers", carried, "--json")
    assert code == 0
    assert "requirement.training" in out
    json.loads(out)


def test_the_run_is_made_again_bit_for_bit(call: Callable, carried: Path) -> None:
    code, out, _ = call("reproduce", carried, "--threads", 2)
    assert (code, out[:14]) == (0, "Identical: all")


def test_half_the_labour_in_each_kind_of_research_is_refused_in_one_line(
    call: Callable, tmp_path: Path
) -> None:
    text = """extends = "full_takeoff/best_guess"
name = "too-much"
[parameters.ceiling.hardware_labour]
distribution = "point"
value = 0.98
unit = "1"
source = "a test"
as_of = 2026-01-01
basis = "guess"
"""
    path = tmp_path / "too_much.toml"
    path.write_text(text, "utf-8")
    code, _, err = call("check", path)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "sum to less than 1" in err
