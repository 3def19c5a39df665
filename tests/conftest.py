"""What several rooms of tests start from: the baseline scenario, and a small run of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import matplotlib.pyplot as plt
import pytest
import xarray as xr

import timecone as tc
import toy_model
from timecone import models

# The same examples every time, and no time limit: the processors are shared.
hypothesis.settings.register_profile("timecone", deadline=None, derandomize=True)
hypothesis.settings.register_profile("seeded", deadline=None, database=None)
hypothesis.settings.load_profile("timecone")

ROOT = Path(__file__).resolve().parent.parent


# Known beside the real ones: it has everything that a model can have.
models._WHERE["toy"] = toy_model.__name__


def pytest_configure(config: pytest.Config) -> None:
    """Let ``--hypothesis-seed`` choose other examples, which a derandomised profile would not."""
    if config.getoption("--hypothesis-seed") is not None:
        hypothesis.settings.load_profile("seeded")


@pytest.fixture(scope="session")
def baseline_file() -> Path:
    return ROOT / "configs" / "baseline.toml"


@pytest.fixture(scope="session")
def baseline(baseline_file: Path) -> tc.Scenario:
    return tc.load(baseline_file)


@pytest.fixture
def closed_figures() -> Iterator[None]:
    """Draw without a window and leave no figure open."""
    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def small_run(baseline: tc.Scenario) -> xr.DataTree:
    """Return a run of 2000 draws, all stored; copy it before changing it."""
    return tc.simulate(baseline, draws=2000, seed=7, threads=1, paths=5)
