"""What the command line says of components, extras, flags and draws that never arrive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toy_model import full_content, uniform

pytestmark = pytest.mark.usefixtures("_no_figures")

type Call = Callable[..., Any]
type Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def full(write: Write) -> Path:
    content = full_content()
    content["parameters"]["limits"] = {"lag": uniform(1.0, 2.0, "year")}
    return write(content)


@pytest.fixture
def part(write: Write) -> Path:
    return write(full_content() | {"components": {"wall": False}})


def test_check_says_what_is_on(call: Call, part: Path) -> None:
    found = call("check", part)
    assert found.code == 0
    assert found.out.endswith(", components on: shock, boost (of 3)\n")
    assert found.out.count("\n") == 1


def test_check_says_nothing_where_there_is_nothing_to_switch(call: Call, baseline_file: Path) -> None:
    from timecone.scenario.file import load

    expected = bool(load(baseline_file).definition.components)
    assert ("components on:" in call("check", baseline_file).out) == expected


def test_a_wrong_switch_ends_with_2_and_one_line(call: Call, write: Write) -> None:
    found = call("check", write(full_content() | {"components": {"wal": False}}))
    assert found.code == 2
    assert found.err.count("\n") == 1
    assert (
        "scenario.toml: components.wal: the rig model has no such component. Did you mean 'wall'?"
        in found.err
    )


def test_show_marks_what_is_switched_off(call: Call, part: Path) -> None:
    lines = call("show", part).out.splitlines()
    (stock,) = (line for line in lines if line.strip().startswith("wall.stock ") and "log10" in line)
    assert stock.split()[1:7] == ["-"] * 6
    assert stock.rstrip().endswith("switched off")
    assert "Component wall: off. Data run out." in "\n".join(lines)
    # A correlation with it is not achieved, nor asked for.
    assert not any("Rank correlation wall.stock" in line for line in lines)
    assert any("Rank correlation growth.rate - growth.need" in line for line in lines)
    found = json.loads(call("show", part, "--json").out)
    (row,) = (r for r in found["inputs"] if r["input"] == "wall.stock")
    assert row["off"] is True
    assert "p50" not in row
    assert not any(r.get("off") for r in found["inputs"] if r["input"] != "wall.stock")


@pytest.mark.slow
def test_run_prints_and_writes_what_happens_along_the_way(call: Call, full: Path, tmp_path: Path) -> None:
    found = call("run", full, "-n", 4000, "--seed", 2, "--out", tmp_path / "out")
    assert found.code == 0
    (title,) = (line for line in found.out.splitlines() if "Along the way" in line)
    assert "stored draws" in title
    assert "data run out" in found.out
    assert "AI workers at arrival (log10)" in found.out
    assert "none" in found.out
    assert " THERE does not arrive by 2066. In " in found.out
    assert " of these it never arrives: no level is enough." in found.out
    assert "Growth above 1 OOM/year: " in found.out
    assert " % of the draws in which THERE arrives." in found.out
    # By the headline, not by the last milestone.
    assert "THERE: the need is reached." in found.out
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"extras.csv", "flags.csv"} <= names
    again = call("percentiles", tmp_path / "out" / "run.nc")
    assert "Along the way" in again.out
    one = call("percentiles", tmp_path / "out" / "run.nc", "there")
    assert "Along the way" not in one.out
    tables = json.loads(call("percentiles", tmp_path / "out" / "run.nc", "--json").out)
    assert {row["extra"] for row in tables["extras"]} == {"exhaustion", "copies"}
    assert {row["flag"] for row in tables["flags"]} == {"steep"}
    assert tables["accounts"]["never"] > 0


@pytest.mark.slow
def test_few_stored_draws_that_all_do_not_count_hide_no_table(
    call: Call, write: Write, tmp_path: Path
) -> None:
    content = full_content()
    # Half of the draws lie before the start; the one that is stored may be among them.
    content["parameters"]["growth"]["need"] |= {"mean": 20.0, "sd": 1.0}
    codes = set()
    for seed in range(4):
        found = call("run", write(content), "-n", 500, "--seed", seed, "--keep", 1, "--paths", 0,
                     "--out", tmp_path / str(seed))  # fmt: skip
        assert found.code == 0, found.err
        codes.add("Along the way" in found.out)
    assert codes == {True, False}


def test_a_run_without_extras_prints_no_third_table(call: Call, stored: Path) -> None:
    from timecone import extras, open_run

    assert ("Along the way" in call("percentiles", stored).out) == bool(extras(open_run(stored)).size)
