"""Rules that every source file keeps: documentation, names, seeds, clocks and kernel flags.

Each rule is one test over all files that lists every offender at once. What the linter checks already
(print, leftovers, ``exec``, legacy random numbers) is not repeated here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path

import timecone as tc
from timecone.numerics import compiled

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
OURS = [p for room in ("src", "tests", "benchmarks") for p in sorted((ROOT / room).rglob("*.py"))]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _attributes(path: Path) -> set[str]:
    return {ast.unparse(node) for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}


def test_there_are_sources_to_look_at() -> None:
    assert len(SOURCES) > 30


def test_every_module_and_public_function_is_documented() -> None:
    undocumented = []
    for module in pkgutil.walk_packages(tc.__path__, "timecone."):
        if module.name.endswith("__main__"):
            continue  # importing it runs the command
        loaded = importlib.import_module(module.name)
        members = [
            (f"{module.name}.{name}", member)
            for name, member in vars(loaded).items()
            if not name.startswith("_")
            and getattr(member, "__module__", None) == module.name
            and (inspect.isfunction(member) or inspect.isclass(member))
        ]
        undocumented += [name for name, member in [(module.name, loaded), *members] if not member.__doc__]
    assert not undocumented


def test_files_are_named_for_what_they_hold() -> None:
    banned = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    assert not [p for p in OURS if banned & {*p.stem.split("_"), *p.parent.name.split("_")}]


def test_kernels_keep_infinity_and_are_serial() -> None:
    # With full fast-math isinf() is always false, and inf is an answer here. Blocks run on threads.
    allowed = {"contract", "reassoc", "nsz", "arcp"}
    flags = compiled.FASTMATH
    assert isinstance(flags, (set, frozenset))
    assert flags <= allowed
    own_flags = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}"
        for path in SOURCES
        if path != Path(inspect.getfile(compiled))
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.keyword) and node.arg in {"fastmath", "parallel"}
    ]
    assert not own_flags


def test_no_clock_is_read_but_the_date_of_creation() -> None:
    clocks = {"datetime.now", "datetime.today", "date.today", "time.time"}
    readers = {path.name: _attributes(path) & clocks for path in SOURCES}
    assert {name: used for name, used in readers.items() if used} == {"assemble.py": {"datetime.now"}}


def test_every_random_number_has_a_seed() -> None:
    generators = {
        "np.random.Generator",
        "np.random.default_rng",
        "np.random.Philox",
        "np.random.SeedSequence",
    }
    offenders = []
    for path in SOURCES:
        names = {name for name in _attributes(path) if name.startswith(("np.random.", "random."))}
        offenders += [f"{path.relative_to(ROOT)}: {name}" for name in names - generators]
        offenders += [
            f"{path.relative_to(ROOT)}:{node.lineno}: without a seed"
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Call)
            and ast.unparse(node.func) in generators
            and not (node.args or node.keywords)
        ]
    assert not offenders
