"""``check`` says ok to what ``run`` accepts and to nothing else: the same files, the same answer."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from altered import STRANGE, broken, corrupted
from examples import examples
from timecone.cli.main import main

from .test_fuzz_scenarios import MINIMAL, TEXTS, _changed

FILE = "fuzz.toml"
DRAWS = "128"
NUMBERS = (
    *("time.start", "time.horizon", "time.step", "run.draws", "run.seed", "run.design", "run.replicates"),
    *("run.stratify", "as_of", "copula.df"),
)

few = settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
many = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")), suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module", autouse=True)
def _no_figures() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("timecone.plots.figure.Figure.save", lambda _, path: path)
        yield


def _call(*arguments: str) -> tuple[int, str]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(list(arguments))
    return code, err.getvalue()


def agree(folder: Path, text: bytes) -> int:
    """Check a file and run it; return the exit code of both."""
    path = folder / FILE
    path.write_bytes(text)
    checked = _call("check", str(path), "-n", DRAWS)
    with tempfile.TemporaryDirectory() as out:
        ran = _call("run", str(path), "-n", DRAWS, "--threads", "1", "--paths", "3", "--out", out)
    # How much memory is free changes from moment to moment, and whoever comes first compiles.
    passing = r"[\d.,]+ GB are free|timecone: compil[^\n]*\n"
    told = [(code, re.sub(passing, "", words)) for code, words in (checked, ran)]
    # What draws come to is known once they are made: many may fail, or all be removed.
    if ran[0] == 3 or "no draws are left" in ran[1]:
        told[1] = (0, "")
    assert told[0] == told[1]
    assert checked[0] in (0, 2), checked
    assert "internal error" not in checked[1]
    return checked[0]


@pytest.mark.parametrize("case", MINIMAL)
def test_minimal_broken_files(content: dict[str, Any], expert_folder: Path, case: str) -> None:
    assert agree(expert_folder, _changed(content, MINIMAL[case][0])) == 2


@pytest.mark.parametrize("case", TEXTS)
def test_minimal_broken_texts(expert_folder: Path, case: str) -> None:
    assert agree(expert_folder, TEXTS[case]) == 2


# By default each length once, with one of the steps; the other pairs where there is time.
LENGTHS = [0.01, 0.3, 0.5, 0.99, 1.0, 1.01, 1.5, 2.0]
SHORT = [
    pytest.param(length, step, marks=[pytest.mark.slow] * (k % 2 == (step == "year")))
    for k, length in enumerate(LENGTHS)
    for step in ("year", "month")
]


@pytest.mark.slow
@pytest.mark.parametrize(("length", "step"), SHORT)
def test_short_horizons(content: dict[str, Any], expert_folder: Path, length: float, step: str) -> None:
    start = float(content["time"]["start"])
    changes = {"time.horizon": start + length, "time.step": step, "as_of": content["as_of"]}
    agree(expert_folder, _changed(content, changes))


@pytest.mark.slow
@pytest.mark.parametrize("key", NUMBERS)
def test_strange_values_of_numbers(content: dict[str, Any], expert_folder: Path, key: str) -> None:
    for value in STRANGE:
        agree(expert_folder, _changed(content, {key: value}))


@pytest.mark.slow
def test_strange_designs(content: dict[str, Any], expert_folder: Path) -> None:
    for design in ("sobol", "latin"):
        for replicates in (7, 8, 9, 64, 127, 128, 129, 10**7, 2**40):
            agree(expert_folder, _changed(content, {"run.design": design, "run.replicates": replicates}))


@given(data=st.data())
@few
def test_broken_files(content: dict[str, Any], expert_folder: Path, data: st.DataObject) -> None:
    agree(expert_folder, tomli_w.dumps(data.draw(broken(content))[0]).encode())


@pytest.mark.slow
@given(data=st.data())
@many
def test_any_broken_file(content: dict[str, Any], expert_folder: Path, data: st.DataObject) -> None:
    agree(expert_folder, tomli_w.dumps(data.draw(broken(content))[0]).encode())


@pytest.mark.slow
@given(data=st.data())
@many
def test_any_corrupted_text(content: dict[str, Any], expert_folder: Path, data: st.DataObject) -> None:
    agree(expert_folder, data.draw(corrupted(tomli_w.dumps(content).encode())))
