"""What several rooms of tests start from: the baseline scenario, and a small run of it."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import xarray as xr

import examples
import timecone as tc
import toy_model
from timecone import hdf5, models

# The same examples every time, and no time limit: the processors are shared.
hypothesis.settings.register_profile(
    "timecone", deadline=None, derandomize=True, max_examples=examples.DEFAULT
)
hypothesis.settings.register_profile(
    "thorough", deadline=None, derandomize=True, max_examples=examples.THOROUGH
)
hypothesis.settings.register_profile("seeded", deadline=None, database=None, max_examples=examples.THOROUGH)
hypothesis.settings.load_profile("timecone")

ROOT = Path(__file__).resolve().parent.parent


# Known beside the real ones: it has everything that a model can have.
models.register(toy_model.MODEL)


def pytest_configure(config: pytest.Config) -> None:
    """Let ``--hypothesis-seed`` choose other examples, and keep bytecode."""
    if config.getoption("--hypothesis-seed") is not None:
        hypothesis.settings.load_profile("seeded")
    # Else each worker and each process of a test compiles all libraries to bytecode anew, for seconds.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.fixture
def listening() -> Iterator[None]:
    """Listen to Ctrl-C and SIGHUP also where a shell has started the tests so that they ignore them."""
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGHUP: signal.signal(signal.SIGHUP, signal.SIG_DFL),
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def baseline_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The baseline among the other scenarios, its trends set by hand: one file, moved by no new fit."""
    folder = tmp_path_factory.mktemp("scenarios") / "configs"
    shutil.copytree(ROOT / "configs", folder)
    path = folder / "baseline.toml"
    fitted, extends, rest = path.read_text(encoding="utf-8").partition("extends = ")
    trends = (ROOT / "tests" / "data" / "hand_set_trends.toml").read_text(encoding="utf-8")
    path.write_text(fitted + rest.partition("\n")[2] + "\n" + trends, encoding="utf-8")
    assert extends
    return path


@pytest.fixture(scope="session")
def shipped_file() -> Path:
    """The baseline as it is shipped, on trends fitted to history."""
    return ROOT / "configs" / "baseline.toml"


@pytest.fixture(scope="session")
def baseline(baseline_file: Path) -> tc.Scenario:
    return tc.load(baseline_file)


@pytest.fixture
def closed_figures() -> Iterator[None]:
    """Draw without a window and leave no figure open."""
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


_CONTENTS_KEPT = 8


@pytest.fixture(scope="session")
def _contents() -> dict[tuple[bytes, str], xr.DataTree]:
    return {}


@pytest.fixture(scope="session")
def _readable() -> set[bytes]:
    return set()


_READERS = (
    "timecone.results.run_file.checksum",
    "timecone.results.run_file.backtest",
    "timecone.history.fit_file",
)


@pytest.fixture
def each_content_read_once(
    _contents: dict[tuple[bytes, str], xr.DataTree], _readable: set[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let xarray read files of equal bytes once, and a process of its own read files without a digest once.

    Either takes longer than most commands on a stored run.
    """
    read, require_readable = xr.open_datatree, hdf5.require_readable

    def require_readable_once(path: Path) -> None:
        content = hashlib.blake2b(path.read_bytes()).digest()
        if content not in _readable:
            require_readable(path)
            _readable.add(content)

    for module in _READERS:
        monkeypatch.setattr(f"{module}.require_readable", require_readable_once)

    def open_datatree(path: Path, **options: Any) -> xr.DataTree:
        key = hashlib.blake2b(Path(path).read_bytes()).digest(), repr(options)
        if key not in _contents:
            with read(path, **options) as opened:
                _contents[key] = opened.load().copy(deep=True)
        if len(_contents) > _CONTENTS_KEPT:
            del _contents[next(iter(_contents))]
        return _contents[key].copy(deep=True)

    monkeypatch.setattr(xr, "open_datatree", open_datatree)


@pytest.fixture(scope="session")
def small_run(baseline: tc.Scenario) -> xr.DataTree:
    """Return a run of 2000 draws, all stored; copy it before changing it."""
    return tc.simulate(baseline, draws=2000, seed=7, threads=1, paths=5)
