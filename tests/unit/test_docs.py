"""The scenario files in docs/scenarios.md load and do what the text says of them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import timecone as tc

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
FILES = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
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
