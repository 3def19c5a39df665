"""The hashes cover what determines numbers, and nothing else: no page, no figure, no docstring."""

from __future__ import annotations

from pathlib import Path

import pytest

import timecone
from timecone.numerics import sources
from timecone.numerics.sources import code_of, kernel_hash, source_hash, with_imports

PACKAGE = Path(timecone.__file__).parent
PLAIN = 'def f(x):\n    if x:\n        return "a"\n    return x + 1\n'


CHANGED = [
    "report/page.py",
    "plots/fan.py",
    "models/compute/figures.py",
    "cli/main.py",
    "history/evidence.py",
]
DOCUMENTED = ["scenario/compile.py", "simulation/run_accumulator.py", "models/compute/model.py"]


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Return a copy of the package, of which the hashes are taken."""
    folder = tmp_path / "timecone"
    for path in PACKAGE.rglob("*.py"):
        place = folder / path.relative_to(PACKAGE)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    monkeypatch.setattr(sources, "_PACKAGE", folder)
    return folder


def _hashes():
    return kernel_hash(), source_hash.__wrapped__()


@pytest.mark.slow
def test_only_code_that_determines_numbers_counts(copy):
    before = _hashes()
    for name in CHANGED:
        path = copy / name
        path.write_text(path.read_text(encoding="utf-8") + "\n_MORE = 1\n", encoding="utf-8")
    for name in DOCUMENTED:
        path = copy / name
        path.write_text('"""Another first line."""  # and a comment\n' + path.read_text("utf-8"), "utf-8")
    assert _hashes() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kernels_change"), [("models/compute/engine/heun.py", True), ("scenario/compile.py", False)]
)
def test_a_change_of_code_that_determines_numbers_counts(copy, name, kernels_change):
    before = _hashes()
    path = copy / name
    path.write_text(path.read_text(encoding="utf-8") + "\n_MORE = 1\n", encoding="utf-8")
    kernels, numbers = _hashes()
    assert (kernels != before[0], numbers != before[1]) == (kernels_change, True)


def test_the_code_of_a_run_is_reached_and_pages_are_not():
    reached = {p.relative_to(PACKAGE).as_posix() for p in with_imports([PACKAGE / "simulation" / "run.py"])}
    code = {
        "simulation/threads.py",
        "simulation/run_accumulator.py",
        "scenario/digest.py",
        "units.py",
        "schema.py",
    }
    assert code | {"inputs/sampler.py", "inputs/philox.py", "results/run_file/accumulator.py"} <= reached
    assert not [name for name in reached if name.startswith(("cli/", "plots/", "report/", "history/"))]


@pytest.mark.parametrize(
    "same",
    [
        '"""A module."""\n' + PLAIN,
        'def f(x):\n    """Do."""\n    if x:  # so\n\n        return "a"\n    # else\n    return x + 1\n',
        'def f(x):\n  if x:\n    "nothing"\n    return "a"\n  return x+1\n',
    ],
)
def test_comments_docstrings_and_layout_do_not_count(same):
    assert code_of(same) == code_of(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        'def f(x):\n    if x:\n        return "b"\n    return x + 1\n',
        'def f(x):\n    if x:\n        return "a"\n        return x + 1\n',
        'def f(x):\n    if x:\n        return "a"\n    return x + 1.0\n',
        'def f(x):\n    "a".join(x)\n    if x:\n        return "a"\n    return x + 1\n',
    ],
)
def test_everything_else_counts(other):
    assert code_of(other) != code_of(PLAIN)
