"""What importing costs, what the package asks of its surroundings, and who may know whom."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = ("numba", "matplotlib", "scipy.stats", "xarray", "pandas", "h5netcdf", "pydantic", "rich", "typer")


def _modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, sep='\\n')"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_timecone_imports_nothing_heavy() -> None:
    assert not _modules_after("import timecone") & set(HEAVY)


@pytest.mark.parametrize(
    ("module", "free_of"),
    [
        ("timecone.scenario.file", {"xarray", "matplotlib", "pandas", "scipy.stats"}),
        ("timecone.results.run_file.read_write", {"matplotlib", "scipy.stats", "pydantic", "pint", "numba"}),
        pytest.param("timecone.plots", {"pydantic", "pint", "numba"}, marks=pytest.mark.slow),
        ("timecone.cli.main", {"numba", "xarray", "matplotlib", "pandas", "scipy.stats"}),
    ],
)
def test_a_room_imports_only_what_it_needs(module: str, free_of: set[str]) -> None:
    assert not _modules_after(f"import {module}") & free_of


@pytest.mark.parametrize("command", ["--help", "run --help"])
def test_help_needs_no_numerics(command: str) -> None:
    code = f"from timecone.cli.main import main\nimport sys; assert main({command.split()!r}) == 0"
    assert not _modules_after(code) & {"numba", "xarray", "matplotlib", "scipy"}


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_every_imported_package_is_a_declared_dependency() -> None:
    # One that only a development tool brings along is missing where timecone alone is installed.
    # Of an extra, its absence is said in a line.
    extras = PROJECT["project"]["optional-dependencies"].values()
    texts = [*PROJECT["project"]["dependencies"], *(text for extra in extras for text in extra)]
    declared = {Requirement(text).name.lower() for text in texts}
    distributions = metadata.packages_distributions()
    for path in SOURCES:
        for name in _imported(path) - set(sys.stdlib_module_names) - {"timecone"}:
            owners = {owner.lower().replace("_", "-") for owner in distributions.get(name, [name])}
            assert owners & declared, f"{path.relative_to(ROOT)} imports {name}"


def test_every_declared_dependency_is_used() -> None:
    # h5py is what h5netcdf reads and writes with, and does not bring along itself; h5netcdf is named to
    # xarray as an engine.
    by_name = {"h5py", "h5netcdf"}
    used = set().union(*map(_imported, SOURCES))
    for text in PROJECT["project"]["dependencies"]:
        name = Requirement(text).name.replace("-", "_")
        assert {"pyyaml": "yaml"}.get(name, name) in used | by_name, name


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_readers_of_runs_name_no_model() -> None:
    # A run of another program has other milestones and observables.
    words = ("tai", "automation_20", "effective_compute", "doubling_time", "compute model")
    for room in ("results", "analysis", "plots"):
        for path in sorted((ROOT / "src" / "timecone" / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            documentation = {
                node.body[0].value
                for node in ast.walk(tree)
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
                and node.body
                and isinstance(node.body[0], ast.Expr)
            }
            literals = {
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node not in documentation
            }
            # Files of the previous version knew that one model alone, and are read by its names.
            if path.name != "upgrade.py":
                assert not literals & set(words), path.relative_to(ROOT)
