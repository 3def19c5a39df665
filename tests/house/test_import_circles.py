"""Import circles: no module of the package leads back to itself by what it imports.

Counted are imports at the head of a module, in the body of a function, and under ``TYPE_CHECKING``. The last
two never fail at run time, but modules that know each other in either way can only be read and changed
together. There is no exception to the rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
PACKAGE = "timecone"


def _modules(source: Path) -> dict[str, Path]:
    """Return the files of the modules by dotted name; a package's is that of its ``__init__``."""
    return {
        ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((source / PACKAGE).rglob("*.py"))
    }


def _imported(module: str, path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever the statement stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if path.stem == "__init__" else module.rpartition(".")[0]
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            # The name may be a module or something in one.
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _graph(source: Path) -> dict[str, set[str]]:
    """Return the modules that each module imports."""
    modules = _modules(source)
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        names = {name if name in modules else name.rpartition(".")[0] for name in _imported(module, path)}
        graph[module] = names & set(modules) - {module}
    return graph


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return a circle, its first module again at its end; an empty list where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_there_is_no_import_circle() -> None:
    circle = _circle(_graph(SOURCE))
    assert not circle, " <- ".join(circle)


def test_the_graph_holds_the_imports_of_the_package() -> None:
    graph = _graph(SOURCE)
    assert "timecone.scenario.compile" in graph["timecone.scenario.scenario"]  # at the head
    assert "timecone.scenario.file" in graph["timecone.cli.commands"]  # in a function
    assert "timecone.simulation.run" in graph["timecone"]  # under TYPE_CHECKING
    assert "timecone.cli.history" in graph["timecone.cli.main"]  # a module from its package


@pytest.mark.parametrize(
    "text",
    [
        "from timecone.one import f\n",
        "from timecone import one\n",
        "from . import one\n",
        "from .one import f\n",
        "import timecone.one\n",
        "def g():\n    from timecone.one import f\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from timecone.one import f\n",
    ],
)
def test_a_circle_of_two_modules_is_seen(text: str, tmp_path: Path) -> None:
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "one.py").write_text("from timecone.two import g\n", encoding="utf-8")
    (folder / "two.py").write_text("", encoding="utf-8")
    assert _circle(_graph(tmp_path)) == []
    (folder / "two.py").write_text(text, encoding="utf-8")
    assert set(_circle(_graph(tmp_path))) == {"timecone.one", "timecone.two"}
