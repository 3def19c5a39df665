"""The installed command: starts, reports its exit code to the shell, shows help."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

import timecone
from refusals import refused


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("timecone")
    code = "import sys; from timecone.cli.main import entry; sys.argv[0] = 'timecone'; entry()"
    start = [str(script)] if script.exists() else [sys.executable, "-c", code]
    return subprocess.run([*start, *map(str, arguments)], capture_output=True, text=True, check=False)


def _without_notices(err: str) -> list[str]:
    """Return the lines of the error stream but those on kernels that had to be compiled."""
    return [line for line in err.splitlines() if not line.startswith("timecone: compiling ")]


def test_the_command_checks_a_scenario(baseline_file: Path) -> None:
    done = _run("check", baseline_file)
    assert (done.returncode, _without_notices(done.stderr)) == (0, [])
    assert done.stdout.startswith("ok: baseline")


@pytest.mark.slow
def test_the_command_ends_with_2_and_one_line(tmp_path: Path) -> None:
    done = _run("check", tmp_path / "none.toml")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = _without_notices(done.stderr)
    assert line.startswith("timecone: ")


def test_help_names_every_command(call: Callable) -> None:
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    for command in ("run", "check", "show", "percentiles", "plot", "reproduce"):
        assert command in out


@pytest.mark.parametrize("command", ["run", "check", "show", "percentiles", "plot", "reproduce"])
def test_every_command_has_help(call: Callable, command: str) -> None:
    code, out, err = call(command, "--help")
    assert (code, err) == (0, "")
    assert "Usage: " in out


def test_no_command_shows_help_and_ends_with_2(call: Callable) -> None:
    code, out, err = call()
    assert (code, err) == (2, "")
    assert out.count("Usage: ") == 1


def test_debug_lets_a_failure_through(call: Callable, tmp_path: Path) -> None:
    with refused("no-such-file"):
        call("check", tmp_path / "none.toml", "--debug")


def test_version_is_that_of_the_package(call: Callable) -> None:
    assert call("--version") == (0, f"timecone {timecone.__version__}\n", "")


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "timecone", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"timecone {timecone.__version__}\n", "")


def test_the_package_says_that_it_is_typed() -> None:
    """PEP 561: without the marker type checkers ignore the annotations of an installed package."""
    assert resources.files("timecone").joinpath("py.typed").is_file()
