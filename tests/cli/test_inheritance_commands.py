"""``check``, ``show`` and ``run`` say what a file makes of what it inherits, and what the model fills in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w

import timecone as tc
from calculator import SOURCE, calculator, point

pytestmark = pytest.mark.usefixtures("_no_figures")

REQUIREMENT = {"threshold": {"requirement": point(33, "log10 FLOP")}}
EARLIER = {"threshold.reference_year": point(2022, "calendar year")}
KEEP = ["parameters.threshold.reference_year"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parent.toml").write_text(tomli_w.dumps(calculator(parameters=EARLIER)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _child(folder: Path, file: str = "child.toml", **change: object) -> Path:
    path = folder / file
    path.write_text(tomli_w.dumps({"extends": "parent.toml", "name": "child", **change}), encoding="utf-8")
    return path


def test_check_lists_what_a_file_changes_and_keeps(call: Callable, folder: Path) -> None:
    code, out, _ = call("check", _child(folder, keep=KEEP, parameters=REQUIREMENT))
    assert code == 0
    assert "Against parent.toml:" in out
    assert "changes name, parameters.threshold.requirement" in out
    parameters = sum(map(len, calculator()["parameters"].values()))
    assert f"{parameters - 1} parameters" in out
    assert "conditions: state anew" in out


def test_check_gives_the_same_as_json(call: Callable, folder: Path) -> None:
    code, out, _ = call("check", _child(folder, keep=KEEP, parameters=REQUIREMENT), "--json")
    made = json.loads(out)["inheritance"]
    assert code == 0
    assert made["extends"] == "parent.toml"
    assert made["changes"] == ["name", "parameters.threshold.requirement"]
    assert "parameters.threshold.reference_year" in made["keeps"]


def test_check_asks_for_the_year_of_a_requirement(call: Callable, folder: Path) -> None:
    code, _, err = call("check", _child(folder, parameters=REQUIREMENT))
    assert code != 0
    assert "State parameters.threshold.reference_year" in err


@pytest.mark.slow
def test_run_says_that_the_conditions_are_inherited_and_not_all_inputs(call: Callable, folder: Path) -> None:
    path = _child(folder, keep=KEEP, parameters=REQUIREMENT)
    _, _, err = call("run", path, "-n", "200")
    assert "the conditions are inherited from parent.toml" in err
    stated = _child(folder, keep=KEEP, parameters=REQUIREMENT, conditions="My own.")
    assert "the conditions are inherited" not in call("run", stated, "-n", "200").err


@pytest.mark.slow
def test_two_files_of_one_name_do_not_share_a_folder(call: Callable, folder: Path) -> None:
    first, second = _child(folder), _child(folder, "other.toml", title="Another")
    assert call("run", first, "-n", "200", "-q").code == 0
    before = (folder / "runs" / "child" / "run.nc").read_bytes()
    code, _, err = call("run", second, "-n", "200", "-q")
    assert code != 0
    assert "runs of another scenario file" in err
    assert "child.toml" in err
    assert (folder / "runs" / "child" / "run.nc").read_bytes() == before
    assert call("run", second, "-n", "200", "-q", "--out", "elsewhere").code == 0
    assert call("run", first, "-n", "200", "-q").code == 0  # its own folder


def test_show_prints_all_defaults_in_force(call: Callable, folder: Path) -> None:
    path = folder / "parent.toml"
    scenario = tc.load(path)
    out = call("show", path).out
    listed = out.partition("Defaults of the model in force")[2]
    for parameter in scenario.definition.parameters:
        in_force = (
            parameter.name not in scenario.parameters and parameter.name not in scenario.compiled.inactive
        )
        assert (f"  {parameter.name}: " in listed) == in_force, parameter.name


def test_show_says_when_a_default_repeats_another_draw(call: Callable, folder: Path) -> None:
    halving = {"distribution": "lognormal", "median": 1e12, "sigma": 0.5, "unit": "year"} | SOURCE
    _child(folder, parameters={"algorithms": {"halving_time": halving}})
    code, out, _ = call("show", folder / "child.toml", "--json")
    rows = {row["input"]: row for row in json.loads(out)["inputs"]}
    past, future = rows["algorithms.halving_time_past"], rows["algorithms.halving_time"]
    assert code == 0
    assert past["form"] == "default: the draw of algorithms.halving_time"
    assert past["basis"] == "default"
    assert past["p50"] == pytest.approx(future["p50"], rel=0.1)
