"""The wheel: built, installed into an empty environment elsewhere, run and type-checked there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
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
def built(tmp_path_factory):
    """The folder with the sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("wheel")
    _run("uv", "build", "-o", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
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
    assert {"timecone/py.typed", "timecone/forecasts.csv"} <= names
    # Nothing but the package and its metadata, and no file that a program left behind.
    tops = {name.partition("/")[0] for name in names}
    assert len(tops) == 2
    assert {top.rpartition(".")[2] for top in tops} == {"timecone", "dist-info"}
    sources = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src").rglob("*") if p.is_file()}
    packed = {
        name for name in names if name.startswith("timecone/") and not name.startswith("timecone/presets/")
    }
    assert packed == {name for name in sources if "__pycache__" not in name}
    assert {name for name in names if name.startswith("timecone/presets/")} >= {
        f"timecone/presets/{name}" for name in shipped
    }
    assert zipfile.ZipFile(wheel).testzip() is None
    assert sum(info.file_size for info in zipfile.ZipFile(wheel).infolist()) < 20e6


def test_the_sdist_holds_what_a_build_needs_and_no_tests(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"} <= names
    assert {name.partition("/")[0] for name in names if "/" in name} == {"src", "configs"}


def test_the_installed_command_runs_the_baseline_by_name(installed):
    printed = _run("env/bin/timecone", "run", "baseline", "--draws", "2000", cwd=installed)
    assert "2,000 draws" in printed
    assert (installed / "runs" / "baseline" / "run.nc").is_file()


def test_the_installed_command_has_a_help_text_and_lists_its_presets(installed):
    assert "Usage" in _run("env/bin/timecone", "--help", cwd=installed)
    assert "open_loop" in _run("env/bin/timecone", "presets", cwd=installed)


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
