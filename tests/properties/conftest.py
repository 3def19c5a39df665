"""What generated scenario files are made from, and what lies beside them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from generated import EXPERT_FILES


@pytest.fixture(scope="module")
def content(baseline_file: Path) -> dict[str, Any]:
    """Return the content of the baseline, a little simpler."""
    found = tomllib.loads(baseline_file.read_text(encoding="utf-8"))
    # Without the correlation of the halving time, so that a generated file may make it certain.
    pairs = found["correlations"]
    found["correlations"] = [pair for pair in pairs if "algorithms.halving_time" not in pair["between"]]
    # The mixture with a share of inf takes most of the time of reading a file: some generated ones have it.
    found["parameters"]["threshold"]["requirement"]["values"]["bio_anchors"] = {
        "distribution": "normal", "mean": 38.0, "sd": 4.0
    }  # fmt: skip
    return found


@pytest.fixture(scope="module")
def expert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the files of experts that generated files name."""
    folder = tmp_path_factory.mktemp("experts")
    for name, answers in EXPERT_FILES.items():
        (folder / name).write_text(tomli_w.dumps(answers), encoding="utf-8")
    return folder
