"""Where a condition, or the not-yet rule, leaves no draw, the rest is still told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import timecone as tc
from timecone.scenario.file import parse

pytestmark = pytest.mark.usefixtures("_no_figures")

NOTE = "-: no draw counts under this condition (weight 0, all removed, or failed)."


@pytest.fixture(scope="module")
def without_a_view(baseline_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run in which one value of the choice has no weight, hence no draw."""
    content = tomllib.loads(baseline_file.read_text(encoding="utf-8"))
    weights = {"bio_anchors": 0.5, "direct_approach": 0.5, "full_takeoff": 0.0}
    content["choices"]["threshold"]["weights"] = weights
    run = tc.simulate(parse(content), draws=500)
    return tc.save_run(run, tmp_path_factory.mktemp("without") / "run.nc")


@pytest.mark.slow
def test_its_row_is_empty_and_a_note_says_why(call: Callable, without_a_view: Path) -> None:
    code, out, _ = call("percentiles", without_a_view)
    assert code == 0
    rows = [line.split() for line in out.splitlines() if "if Full Takeoff holds" in line]
    assert len(rows) == 2
    assert all(set(row[4:]) == {"-"} for row in rows)
    assert out.count(NOTE) == 1
    assert "nan" not in out.lower()


@pytest.mark.slow
def test_asked_for_alone_it_has_no_numbers(call: Callable, without_a_view: Path) -> None:
    arguments = ("percentiles", without_a_view, "--where", "threshold=full_takeoff")
    code, out, _ = call(*arguments)
    assert code == 0
    assert out.count(NOTE) == 1
    code, out, err = call(*arguments, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["probabilities"], found["percentiles"]) == ([], [])


def test_the_other_values_are_still_drawn(call: Callable, without_a_view: Path, tmp_path: Path) -> None:
    code, _, err = call("plot", without_a_view, "--quantity", "tai", "--out", tmp_path / "f.png")
    assert (code, err) == (0, "")


@pytest.mark.slow
def test_a_run_of_which_nothing_counts_is_kept_and_said_to_be(
    call: Callable, content: dict[str, Any], write: Callable, tmp_path: Path
) -> None:
    # Every draw needs less than there was at the start.
    values = content["parameters"]["threshold"]["requirement"]["values"]
    for value in values:
        values[value] = {"distribution": "point", "value": 1.0}
    content["correlations"] = []
    code, out, err = call("run", write(content), "-n", 500, "--out", tmp_path / "out")
    assert code in (1, 2)
    assert out == ""
    assert "no draws are left" in err
    assert "not-yet rule" in err
    assert len(err.splitlines()) == 1
    run = tc.open_run(tmp_path / "out" / "run.nc")
    assert int(run["summary"]["standing_count"].sel(standing="removed_not_yet").sum()) == 500


@pytest.mark.slow
def test_a_run_without_an_empty_condition_has_no_such_note(call: Callable, stored: Path) -> None:
    assert NOTE not in call("percentiles", stored)[1]
