"""The command line in process: what it printed and how it ended."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tomli_w

from refusals import Refusal
from small_scenario import content as small_content
from timecone.cli import main as command_line
from timecone.cli.main import main
from timecone.errors import TimeconeError


class Result(NamedTuple):
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


type Call = Callable[..., Result]
type Fails = Callable[..., None]
type Content = dict[str, Any]


@pytest.fixture(autouse=True)
def _closed_figures(closed_figures: None) -> None:
    """Every command may draw."""


@pytest.fixture(autouse=True)
def _no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say nothing of compiled kernels: which must be compiled depends on the machine and on other tests."""
    monkeypatch.setattr("timecone.cli.main.compiling", lambda: None)
    monkeypatch.setattr("timecone.cli.main.compiled", lambda _: None)


@pytest.fixture(autouse=True)
def _read_once(each_content_read_once: None) -> None:
    """Read the stored run once, not with every command."""


class _Undrawn:
    def save(self, path: Path) -> Path:
        return path


def _draw_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cdf", "duration", "threshold", "fan"):
        monkeypatch.setattr(f"timecone.plots.catalogue.{name}", lambda _: _Undrawn())
    monkeypatch.setattr("timecone.plots.figure.Figure.save", lambda _, path: path)


@pytest.fixture
def _no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the time of a run's figures where a test is not about them."""
    _draw_nothing(monkeypatch)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*arguments: object) -> Result:
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def fails(call: Call, monkeypatch: pytest.MonkeyPatch) -> Fails:
    """Return a check that a command fails as expected, told in one line and nothing else.

    Expected is an error of timecone, or a list of words where typer refuses an argument itself.
    """
    errors: list[Exception] = []
    explained = command_line._explained

    def kept(error: Exception) -> tuple[str, int]:
        errors.append(error)
        return explained(error)

    monkeypatch.setattr(command_line, "_explained", kept)

    def run(expected: Refusal | list[str], *arguments: object) -> None:
        errors.clear()
        code, out, err = call(*arguments)
        (error,) = errors
        assert (code, out) == (2, ""), err
        assert err.startswith("timecone: ")
        assert len(err.splitlines()) == 1
        if isinstance(expected, Refusal):
            assert isinstance(error, TimeconeError)
            expected.matches(error)
            assert err == f"timecone: {error.line}\n"
        else:
            assert all(word in err for word in expected), err

    return run


@pytest.fixture
def content(baseline_file: Path) -> Content:
    """Return the baseline's content, to be changed and written."""
    return tomllib.loads(baseline_file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a small scenario, where any will do."""
    path = tmp_path_factory.mktemp("small") / "horizons.toml"
    path.write_text(tomli_w.dumps(small_content()), encoding="utf-8")
    return path


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Content], Path]:
    def to_file(content: Content) -> Path:
        path = tmp_path / "scenario.toml"
        path.write_text(tomli_w.dumps(content), encoding="utf-8")
        return path

    return to_file


def _run(scenario: Path, folder: Path) -> Path:
    arguments = ["run", str(scenario), "-n", "1000", "--seed", "5", "--out", str(folder), "-q"]
    with pytest.MonkeyPatch.context() as patched:
        _draw_nothing(patched)
        assert main(arguments) == 0
    return folder / "run.nc"


@pytest.fixture(scope="session")
def stored(baseline_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run file of a quiet run of 1000 draws of the baseline; not to be changed."""
    return _run(baseline_file, tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="session")
def small_stored(small_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run file of a quiet run of 1000 draws of the small scenario; not to be changed."""
    return _run(small_file, tmp_path_factory.mktemp("small_stored"))
