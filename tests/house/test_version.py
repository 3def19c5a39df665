"""Version of the package: from the tag, and without git that of the next release."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from timecone.numerics import sources
from timecone.version import UNRELEASED

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _without_git() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON", "VIRTUAL_ENV"))}


def _done(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=_without_git(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_built_without_git_says_the_next_release() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = re.search(r"^## (\S+) \(unreleased\)$", changes, re.MULTILINE)
    assert PROJECT["tool"]["hatch"]["version"]["fallback-version"] == UNRELEASED
    if unreleased:  # just after a release there is none
        assert f"{unreleased[1]}.dev0" == UNRELEASED


def test_sources_that_are_not_installed_have_a_version(tmp_path: Path) -> None:
    copy = tmp_path / "timecone"
    copy.mkdir()
    (copy / "__init__.py").touch()
    shutil.copy(ROOT / "src" / "timecone" / "version.py", copy)
    # Without site packages nothing is installed.
    program = "from timecone.version import __version__; print(__version__)"
    assert _done(sys.executable, "-S", "-c", program, cwd=tmp_path) == f"{UNRELEASED}\n"


def test_no_number_depends_on_the_version() -> None:
    run = ROOT / "src" / "timecone" / "simulation" / "run.py"
    reached = {path.name for path in sources.with_imports([run])}
    assert "assemble.py" in reached  # which imports the version
    assert "version.py" not in reached


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], r"0\.1\.0\.dev[1-9]\d*"),
        (["v0.1.0"], r"0\.1\.0"),
        (["v0.1.0", "commit"], r"0\.1\.1\.dev1"),
        (None, r"0\.1\.0\.dev0"),
    ],
    ids=["no tag", "tag", "after a tag", "no git"],
)
def test_the_version_of_a_build_is_that_of_the_tag(
    tags: list[str] | None, expected: str, tmp_path: Path
) -> None:
    """The sdist and the wheel that is made of it have one version."""
    copy = tmp_path / "sources"
    for name in ("src", "configs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    if tags is not None:
        git = ("git", "-c", "user.name=test", "-c", "user.email=test@example.org")
        _done(*git, "init", "-q", cwd=copy)
        _done(*git, "add", ".", cwd=copy)
        _done(*git, "commit", "-q", "-m", "all", cwd=copy)
        for tag in tags:
            if tag == "commit":
                _done(*git, "commit", "-q", "--allow-empty", "-m", "more", cwd=copy)
            else:
                _done(*git, "tag", tag, cwd=copy)
    _done("uv", "build", "-q", "-o", tmp_path / "built", copy, cwd=tmp_path)
    built = {path.name for path in (tmp_path / "built").iterdir() if path.suffix != ".gitignore"}
    versions = {
        re.fullmatch(r"timecone-(.*?)(-py3-none-any\.whl|\.tar\.gz)", name)[1]
        for name in built
        if name[0] != "."
    }
    assert len(built - {".gitignore"}) == 2
    (version,) = versions
    assert re.fullmatch(expected, version)
