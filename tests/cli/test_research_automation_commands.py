"""The commands on runs of research automation, and how its bad inputs are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SOURCE = 'source = "a test"\nas_of = 2026-02-12\nbasis = "guess"\n'


@pytest.mark.usefixtures("_no_figures")
def test_the_preset_is_run_read_and_reproduced(call: Callable, tmp_path: Path) -> None:
    stored = tmp_path / "run" / "run.nc"
    arguments = ("--draws", 1000, "--threads", 1, "--out", tmp_path / "run")
    code, out, _ = call("run", "research_automation/kwa_2026", *arguments)
    assert code == 0
    assert "99 % automated" in out
    code, out, _ = call("percentiles", stored)
    assert code == 0
    assert "Time from 50 % to 99 % automated" in out
    code, out, _ = call("drivers", stored, "--json")
    assert code == 0
    assert "automation.width" in json.dumps(json.loads(out))
    code, out, _ = call("reproduce", stored, "--threads", 2)
    assert (code, out[:14]) == (0, "Identical: all")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f'[parameters.automation.share_now]\ndistribution = "point"\nvalue = 1.2\nunit = "1"\n{SOURCE}',
            "below 1",
        ),
        (
            f'[parameters.automation.width]\ndistribution = "point"\nvalue = -1\nunit = "1"\n{SOURCE}',
            "above 0",
        ),
        (f'[parameters.compute.decline]\ndistribution = "point"\nvalue = 28\nunit = "USD"\n{SOURCE}', "unit"),
        ('[time]\nstart = 2026.0\nhorizon = 2070.0\nscheme = "euler"\n', "scheme"),
    ],
)
def test_bad_input_is_refused_in_one_line(call: Callable, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "changed.toml"
    path.write_text(f'extends = "research_automation/kwa_2026"\nname = "changed"\n{text}', "utf-8")
    code, _, err = call("check", path)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert said in err
