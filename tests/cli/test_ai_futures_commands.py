"""The commands on runs of the AI Futures Model: by role, none of them knows the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import timecone as tc
from timecone.models.horizon.parameters import GROUPS

pytestmark = pytest.mark.slow

OWN = """extends = "horizon/{}"
name = "own"
"""
POINT = """distribution = "point"
value = {}
unit = "{}"
source = "a test"
as_of = 2026-01-01
basis = "guess"
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small run of the Monte Carlo preset."""
    scenario = tc.load("horizon/eli_2025_12")
    run = tc.simulate(scenario, draws=1500, seed=1, paths=20, threads=1)
    return tc.save_run(run, tmp_path_factory.mktemp("horizon") / "run.nc")


@pytest.mark.slow
def test_a_point_preset_is_checked_run_and_read(call: Callable, tmp_path: Path) -> None:
    code, out, _ = call("check", "horizon/daniel_2026_01")
    assert code == 0
    assert "model ai_futures" in out
    code, out, _ = call("run", "horizon/eli_2026_01", "--draws", 8, "--out", tmp_path / "run")
    assert code == 0
    assert "automated coder" in out
    arrival = tc.open_run(tmp_path / "run" / "run.nc")["outcomes"]["arrival"]
    # Published: 2031.3 and 2034.5.
    np.testing.assert_allclose(arrival.sel(milestone="automated_coder"), 2031.31, atol=0.02)
    np.testing.assert_allclose(arrival.sel(milestone="superintelligence"), 2034.52, atol=0.03)


@pytest.mark.slow
def test_tables_drivers_and_page_are_made(call: Callable, carried: Path, tmp_path: Path) -> None:
    code, out, _ = call("percentiles", carried, "superhuman_researcher", "--where", "gap=with")
    assert code == 0
    assert "superhuman AI researcher if a" in out
    code, out, _ = call("drivers", carried, "--json")
    assert code == 0
    json.loads(out)
    assert "horizon.doubling_ratio" in out
    code, _, _ = call("report", carried, "--out", tmp_path / "page.html")
    assert code == 0
    assert "Task horizon" in (tmp_path / "page.html").read_text("utf-8")
    code, _, _ = call("plot", carried, "--figure", "threshold", "--out", tmp_path / "figure.png")
    assert code == 0


def test_an_earlier_coder_given_in_a_condition_brings_the_rest_forward(call: Callable, carried: Path) -> None:
    run = tc.open_run(carried)
    soon = tc.given(run, "automated_coder < 2030")
    all_of_them, early = (
        float(tc.percentiles(r, "superhuman_researcher", [50]).values.ravel()[0]) for r in (run, soon)
    )
    assert early < all_of_them
    code, out, _ = call("percentiles", carried, "--given", "automated_coder < 2030")
    assert code == 0
    assert "2030" in out


def test_the_run_is_made_again_bit_for_bit(call: Callable, carried: Path) -> None:
    code, out, _ = call("reproduce", carried, "--threads", 2)
    assert (code, out[:14]) == (0, "Identical: all")


def test_people_are_compared_draw_by_draw(call: Callable) -> None:
    code, out, _ = call("compare", "horizon/eli_2026_01", "horizon/daniel_2026_01", "--draws", 8)
    assert code == 0
    assert "taste: slope" in out


def test_half_a_gap_and_a_start_before_the_series_are_refused_in_one_line(
    call: Callable, tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN.format("eli_2026_01") + "[parameters.gap.present]\n" + POINT.format(0.5, "1"), "utf-8")
    code, _, err = call("check", own)
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert "gap.present is 0 or 1" in err
    # Who moves the start says which of the numbers of the start still hold.
    time = '[time]\nstart = 2016.5\nhorizon = 2060.0\nstep = "quarter"\nscheme = "january_2026"\n'
    own.write_text(OWN.format("eli_2026_01") + time, "utf-8")
    code, _, err = call("check", own)
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert "horizon.now" in err
    stated = tc.load("horizon/eli_2026_01").parameters
    of_start = [f"parameters.{name}" for name in GROUPS[0].members if name in stated]
    keep = f"keep = {json.dumps(of_start)}\n"
    own.write_text(OWN.format("eli_2026_01") + keep + time, "utf-8")
    code, _, err = call("run", own, "--draws", 8, "--out", tmp_path / "run")
    assert (code, len(err.strip().splitlines())) == (2, 1)
    assert "time.start" in err
