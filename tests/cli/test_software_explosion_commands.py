"""The commands on runs of the software explosion, and how its bad inputs are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

PRESETS = [name for name in tc.presets() if name.startswith("software_explosion/")]
SOURCE = 'source = "a test"\nas_of = 2025-08-01\nbasis = "guess"\n'


def _scenario(folder: Path, text: str) -> Path:
    path = folder / "changed.toml"
    path.write_text(f'extends = "software_explosion/davidson_2025"\nname = "changed"\n{text}', "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.usefixtures("_no_figures")
def test_every_preset_is_run_read_and_reproduced(call: Callable, tmp_path: Path, preset: str) -> None:
    folder = tmp_path / "run"
    code, out, _ = call("run", preset, "--draws", 1000, "--threads", 1, "--out", folder)
    assert code == 0
    assert "3 years in 12 months" in out
    stored = folder / "run.nc"
    code, out, _ = call("percentiles", stored)
    assert code == 0
    assert "From 3 to 10 years of progress in 12 months" in out
    assert "Fastest pace" in out
    code, out, _ = call("drivers", stored, "--json")
    assert code == 0
    assert "research.speedup" in json.dumps(json.loads(out))
    code, out, _ = call("reproduce", stored, "--threads", 2)
    assert (code, out[:14]) == (0, "Identical: all")


def test_there_are_presets() -> None:
    assert len(PRESETS) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            (
                f'[parameters.research.parallel_returns]\ndistribution = "point"\n'
                f'value = 1.5\nunit = "1"\n{SOURCE}'
            ),
            "below 1",
        ),
        (
            f'[parameters.software.limit]\ndistribution = "point"\nvalue = 200\nunit = "year"\n{SOURCE}',
            "at most 1000 doublings away",
        ),
        (
            (
                f'[parameters.software.doubling_time]\ndistribution = "point"\n'
                f'value = 7\nunit = "year"\n{SOURCE}'
            ),
            "at most 3 years of recent AI progress",
        ),
        ('[time]\nstart = 2030.0\nhorizon = 2034.0\nscheme = "new"\n', "scheme"),
    ],
)
def test_bad_input_is_refused_in_one_line(call: Callable, tmp_path: Path, text: str, said: str) -> None:
    code, _, err = call("check", _scenario(tmp_path, text))
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert said in err


def test_draws_that_a_formula_leaves_without_a_meaning_fail_and_are_counted(tmp_path: Path) -> None:
    text = f"""[quantities.tilt]
distribution = "uniform"
low = -1
high = 8
unit = "1"
{SOURCE}
[parameters.research.speedup]
expression = "tilt"
unit = "1"
{SOURCE}
[parameters.software.share_of_progress]
expression = "sqrt(tilt) / 4"
unit = "1"
{SOURCE}
"""
    run = tc.simulate(tc.load(_scenario(tmp_path, text)), draws=400, seed=1, threads=1, paths=0)
    tilt = run["inputs"]["tilt"].values
    failed = np.isnan(run["inputs"]["software.share_of_progress"].values) | (tilt <= 0.0)
    assert 0 < failed.sum() < 100
    np.testing.assert_array_equal(run["summary"]["failure_count"].sum(), failed.sum())
