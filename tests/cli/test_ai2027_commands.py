"""The commands on runs of the AI 2027 presets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

pytestmark = pytest.mark.slow

PRESETS = (
    "time_horizon_eli",
    pytest.param("time_horizon_nikola", marks=pytest.mark.slow),
    pytest.param("benchmarks_eli", marks=pytest.mark.slow),
    pytest.param("benchmarks_nikola", marks=pytest.mark.slow),
    "benchmarks_futuresearch",
    pytest.param("time_horizon_eli_2025_05", marks=pytest.mark.slow),
    "benchmarks_eli_2025_05",
    "takeoff",
)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_run_read_and_reproduced(call: Callable, tmp_path: Path, preset: str) -> None:
    folder = tmp_path / "run"
    path = folder / "run.nc"
    code, out, err = call("run", f"ai2027/{preset}", "--draws", 2000, "--out", folder)
    assert code == 0, err
    words = "superintelligence" if preset == "takeoff" else "superhuman coder"
    assert words in out
    code, out, err = call("percentiles", path, "--json")
    assert code == 0, err
    json.loads(out)
    code, out, err = call("drivers", path, "--json")
    assert code == 0, err
    expected = "gap.generality" if preset == "takeoff" else "horizon.doubling_time"
    assert expected in out
    code, out, _ = call("reproduce", path)
    assert (code, out[:14]) == (0, "Identical: all")


def test_dates_by_kind_of_growth_are_in_the_table(call: Callable, tmp_path: Path) -> None:
    run = tc.simulate(tc.load("ai2027/time_horizon_eli"), draws=2000, seed=1, paths=0, threads=1)
    path = tc.save_run(run, tmp_path / "run.nc")
    fast, slow = (
        tc.percentiles(run, "superhuman_coder", [50], where={"growth": kind}).values.ravel()[0]
        for kind in ("superexponential", "exponential")
    )
    assert fast < slow
    code, out, _ = call("percentiles", path, "superhuman_coder", "--where", "growth=superexponential")
    assert code == 0
    # The table breaks the heading of a row where the window is narrow.
    assert "superhuman coder if each" in out


def test_the_scheme_of_the_published_code_is_a_line_of_the_file(call: Callable, tmp_path: Path) -> None:
    text = 'extends = "ai2027/benchmarks_eli"\nname = "as-published"\n[time]\nscheme = "{}"\n'
    dates = {}
    for scheme in ("corrected", "published"):
        path = tmp_path / f"{scheme}.toml"
        path.write_text(text.format(scheme) + "start = 2025.25\nhorizon = 2050.0\n", "utf-8")
        run = tc.simulate(tc.load(path), draws=500, seed=1, paths=0, threads=1)
        dates[scheme] = run["outcomes"]["arrival"].values.ravel()
    assert np.median(dates["published"]) > np.median(dates["corrected"])
    path.write_text(text.format("daily") + "start = 2025.25\nhorizon = 2050.0\n", "utf-8")
    code, _, err = call("check", path)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "published" in err


def test_hours_of_work_are_not_converted_from_months(call: Callable, tmp_path: Path) -> None:
    path = tmp_path / "months.toml"
    path.write_text(
        'extends = "ai2027/time_horizon_eli"\nname = "months"\n[parameters.horizon.required]\n'
        'distribution = "point"\nvalue = 1\nunit = "month"\nsource = "a test"\nas_of = 2026-01-01\n'
        'basis = "guess"\n',
        "utf-8",
    )
    code, _, err = call("check", path)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "horizon.required" in err
