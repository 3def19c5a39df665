"""The command that compiles kernels ahead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import Refusal
from timecone.numerics.compilation import compilation_reported
from timecone.numerics.compiled import cache_folder
from timecone.scenario.file import load
from timecone.simulation.run import simulate


def test_a_run_after_it_compiles_nothing(call: Callable, small_file: Path) -> None:
    code, out, err = call("compile", small_file)
    assert (code, err) == (0, "")
    first, last = out.splitlines()
    assert first.startswith(f"{load(small_file).name}: kernels ")
    assert str(cache_folder()) in last
    compiled: list[float] = []
    with compilation_reported(lambda: None, compiled.append):
        simulate(load(small_file), draws=200, paths=5, threads=1)
    assert compiled == []


def test_without_a_folder_for_kernels_it_is_refused(
    fails: Callable, small_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timecone.numerics.compiled.cache_folder", lambda: None)
    fails(Refusal("no-kernel-cache", None), "compile", small_file)
