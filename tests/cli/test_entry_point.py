"""The installed command: starts, reports its exit code to the shell, shows help."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from timecone.errors import ScenarioError


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("timecone")
    code = "import sys; from timecone.cli.main import entry; sys.argv[0] = 'timecone'; entry()"
    start = [str(script)] if script.exists() else [sys.executable, "-c", code]
    return subprocess.run([*start, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_the_command_checks_a_scenario(baseline_file: Path) -> None:
    done = _run("check", baseline_file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok: baseline")


def test_the_command_ends_with_2_and_one_line(tmp_path: Path) -> None:
    done = _run("check", tmp_path / "none.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("timecone: ")
    assert len(done.stderr.splitlines()) == 1


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
    with pytest.raises(ScenarioError, match="no such file"):
        call("check", tmp_path / "none.toml", "--debug")
