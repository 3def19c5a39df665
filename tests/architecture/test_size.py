"""Rooms stay small enough to be read: lengths, names, no leftovers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
OURS = [p for room in ("src", "tests", "benchmarks") for p in sorted((ROOT / room).rglob("*.py"))]
MOST_LINES = 500
MOST_FUNCTION_LINES = 60
# The wished-for length of a module; longer ones are listed with what makes them one concept.
WISHED_LINES = 300
LONGER: dict[str, str] = {}


def _ids(paths: list[Path]) -> list[str]:
    return [p.relative_to(ROOT).as_posix() for p in paths]


def test_there_are_sources_to_look_at() -> None:
    assert len(SOURCES) > 30
    assert all((ROOT / "src" / "timecone" / name).is_file() for name in LONGER)


@pytest.mark.parametrize("path", SOURCES, ids=_ids(SOURCES))
def test_modules_are_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    name = path.relative_to(ROOT / "src" / "timecone").as_posix()
    assert lines <= (MOST_LINES if name in LONGER else WISHED_LINES)


@pytest.mark.parametrize("path", SOURCES, ids=_ids(SOURCES))
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body
            # A docstring is for the caller; what has to be read at once is the rest.
            if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                body = body[1:] or body
            lines = (node.end_lineno or 0) - body[0].lineno + 1
            assert lines <= MOST_FUNCTION_LINES, f"{node.name}: {lines} lines"


@pytest.mark.parametrize("path", OURS, ids=_ids(OURS))
def test_files_are_named_for_what_they_hold(path: Path) -> None:
    banned = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert not banned & set(path.stem.split("_"))
    assert not banned & set(path.parent.name.split("_"))


@pytest.mark.parametrize("path", SOURCES, ids=_ids(SOURCES))
def test_no_print_no_leftover_and_no_banned_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "breakpoint", "exec", "eval")
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            assert not re.search(r"[Mm]anager|[Hh]elper|[Uu]til", node.name)


@pytest.mark.parametrize("path", SOURCES, ids=_ids(SOURCES))
def test_kernels_allow_no_flag_that_loses_infinity(path: Path) -> None:
    # With full fast-math isinf() is always false, and inf is an answer here.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "fastmath":
            assert not (isinstance(node.value, ast.Constant) and node.value.value is True)
        if isinstance(node, ast.keyword) and node.arg == "parallel":
            pytest.fail("kernels are serial; blocks run on threads")


@pytest.mark.parametrize("path", SOURCES, ids=_ids(SOURCES))
def test_no_hidden_randomness_and_no_wall_clock(path: Path) -> None:
    # The date of creation in a run's attributes is the only clock that is read, and whatever is random
    # comes from a generator with a seed.
    allowed = {"assemble.py": {"datetime.now"}}
    clocks = {"datetime.now", "datetime.today", "date.today", "time.time"}
    generators = (
        "np.random.Generator",
        "np.random.default_rng",
        "np.random.Philox",
        "np.random.SeedSequence",
    )
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not (names & clocks) - allowed.get(path.name, set())
    assert not {n for n in names if n.startswith(("np.random.", "random."))} - set(generators)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in generators:
            assert node.args or node.keywords, "without a seed"
