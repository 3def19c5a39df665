"""The examples in the documentation load, run, and do what the text says of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import timecone as tc
from timecone.models import find

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def _blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


FILES = _blocks(ROOT / "docs" / "scenarios.md", "toml")
DOUBLING = "hardware.doubling_time"


@pytest.fixture
def loaded(baseline_file: Path, tmp_path: Path) -> dict[str, tc.Scenario]:
    shutil.copy(baseline_file, tmp_path / "baseline.toml")
    (tmp_path / "trends.csv").write_text("chip,years\na,2.1\nb,\nc,2.4\nd,3.0\n")
    found = {}
    for text in FILES:
        path = tmp_path / "example.toml"
        path.write_text(text)
        scenario = tc.load(path)
        found[scenario.name] = scenario
    return found


def test_the_examples_of_the_page_do_what_it_says(loaded: dict[str, tc.Scenario]) -> None:
    assert len(loaded) == len(FILES) == 3
    drawn = {name: tc.sample(scenario, 2000) for name, scenario in loaded.items()}
    months = drawn["hardware-follows-software"]["algorithms.halving_time"] * 12
    years = drawn["hardware-follows-software"][DOUBLING]
    np.testing.assert_allclose(years * 12, 12 + 2 * months, rtol=1e-13)
    experts = loaded["two-experts"]
    assert dict(experts.choices["expert"].weights) == {"ann": 0.6, "bob": 0.4}
    of_bob = drawn["two-experts"]["choice_expert"].values == 1
    assert np.median(drawn["two-experts"][DOUBLING].values[of_bob]) == pytest.approx(2.5, abs=0.1)
    sample = drawn["fitted-hardware"][DOUBLING].values
    assert (sample.min(), sample.max()) == (2.1, 3.0)


@pytest.fixture
def beside_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    shutil.copytree(ROOT / "configs", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("page", "text"),
    [
        pytest.param(page, text, id=f"{page.stem}-{k}")
        for page in [*PAGES, ROOT / "README.md"] if page.stem != "scenarios"
        for k, text in enumerate(_blocks(page, "toml"))
    ],
)  # fmt: skip
def test_every_scenario_file_of_the_pages_loads(beside_the_baseline: Path, page: Path, text: str) -> None:
    path = beside_the_baseline / "example.toml"
    path.write_text(text)
    assert tc.load(path) != tc.load(beside_the_baseline / "baseline.toml"), page


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if _blocks(page, "python")], ids=lambda page: page.stem
)
def test_the_python_of_the_pages_runs(beside_the_baseline: Path, page: Path) -> None:
    if page.stem == "tutorial":
        (beside_the_baseline / "faster.toml").write_text(_blocks(page, "toml")[0])
    for text in _blocks(page, "python"):
        exec(compile(text, str(page), "exec"), {})  # noqa: S102 - our own pages


def test_every_parameter_of_the_model_is_on_a_page() -> None:
    asked = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for component in {p.name.partition(".")[0] for p in find("compute").parameters}:
        assert f"<!-- table: parameters {component} -->" in asked
