"""The examples in docstrings print what stands below them."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import timecone

ROOT = Path(__file__).resolve().parents[2]


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(timecone.__path__, "timecone."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def test_every_example_prints_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # examples load the shipped scenarios
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
    examples = [test for module in _modules() for test in finder.find(module) if test.examples]
    assert len(examples) > 10
    for example in examples:
        runner.run(example)
    assert runner.failures == 0
