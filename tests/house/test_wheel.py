"""The wheel: built, installed into an empty environment elsewhere, run and type-checked there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENT = """\
import timecone as tc
scenario: tc.Scenario = tc.load("baseline").replace({"deployment.delay": tc.Point(value=1.0, unit="year")})
halving: tc.Distribution = tc.LogNormal(p05=3, quantiles={0.975: 30}, truncate={"low": 1}, unit="month")
tc.LogNormal(p5=3, p95=22)  # type: ignore[call-arg]
tc.LogNormal(p05="3", p95=22)  # type: ignore[arg-type]
tc.LogNormal(p05=3, p95=22, truncate={"below": 1})  # type: ignore[arg-type]
tc.Point()  # type: ignore[call-arg]
draws: int = tc.simulate(scenario, draws=1_000).attrs["draws"]
"""

pytestmark = pytest.mark.slow


def _run(*command: str | Path, cwd: Path) -> str:
    surroundings = {
        key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "PYTHONPATH"}
    }
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    _run("uv", "build", "--wheel", "-o", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("elsewhere")
    _run("uv", "venv", "-q", "--python", sys.executable, folder / "env", cwd=folder)
    _run("uv", "pip", "install", "-q", "--python", folder / "env", wheel, cwd=folder)
    return folder


def test_the_wheel_holds_every_preset_and_the_mark_of_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {p.relative_to(ROOT / "configs").as_posix() for p in (ROOT / "configs").rglob("*.toml")}
    assert shipped
    assert {f"timecone/presets/{name}" for name in shipped} <= names
    assert "timecone/py.typed" in names


def test_the_installed_command_runs_the_baseline_by_name(installed):
    printed = _run("env/bin/timecone", "run", "baseline", "-n", "20000", cwd=installed)
    assert "20,000 draws" in printed
    assert (installed / "runs" / "baseline" / "run.nc").is_file()


def test_a_client_type_checks_strictly_against_the_wheel(installed):
    (installed / "client.py").write_text(CLIENT, encoding="utf-8")
    environment = installed / "env" / "bin" / "python"
    _run(
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        environment,
        "client.py",
        cwd=installed,
    )
