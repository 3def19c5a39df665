"""A notice of compilation comes when kernels are really compiled, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from timecone.numerics.compilation import compilation_reported
from timecone.numerics.compiled import kernel

# A command in a process of its own, with a kernel of its own: compiled once, and then read from the cache.
SCRIPT = """
import sys
import numpy as np
from timecone.cli import main
from timecone.numerics.compiled import kernel

@kernel
def total(values):
    out = 0.0
    for value in values:
        out += value
    return out

main.app.command("total")(lambda: print(total(np.ones(3))))
sys.exit(main.main(sys.argv[1:]))
"""


def _run(path: Path, cache: Path, *arguments: str) -> tuple[str, list[str]]:
    done = subprocess.run(
        [sys.executable, path, "total", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
    )
    return done.stdout, done.stderr.splitlines()


@pytest.mark.slow
def test_a_command_says_when_it_compiles_and_how_long_that_took(tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(SCRIPT, encoding="utf-8")
    out, (first, last) = _run(script, tmp_path / "cache")
    assert out == "3.0\n"
    assert first.startswith("timecone: compiling kernels, once for this version")
    assert last.startswith("timecone: compiling took ")
    # The folder exists now, and what is compiled is in it.
    assert _run(script, tmp_path / "cache") == ("3.0\n", [])
    # An empty folder that exists is no sign of compiled kernels.
    for stored in (tmp_path / "cache").rglob("*.nb*"):
        stored.unlink()
    assert len(_run(script, tmp_path / "cache")[1]) == 2


def test_several_kernels_are_one_notice() -> None:
    told: list[object] = []

    @kernel
    def inner(x):
        return x + 1.0

    @kernel
    def outer(values):
        for k in range(values.size):
            values[k] = inner(values[k])

    with compilation_reported(lambda: told.append("began"), told.append):
        outer(np.ones(2))
        inner(2)
        outer(np.ones(2))
    began, seconds = told
    assert began == "began"
    assert 0.0 < seconds < 120.0
    with compilation_reported(lambda: told.append("again"), told.append):
        outer(np.ones(2))
    assert len(told) == 2
