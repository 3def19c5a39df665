"""Damage to cached machine code is noticed and compiled away; a folder of others is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from timecone.numerics.compiled import is_private

_PROGRAM = """
import numpy as np
from timecone.results.tally import _count_values
counts = np.zeros((1, 7000), dtype=np.int64)
_count_values(np.array([[30.0, 31.0]]), np.zeros(2, dtype=np.int8), 0.0, 0.02, counts)
stats = _count_values.stats
print(int(counts.sum()), sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def _run(cache: Path, **environment: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", _PROGRAM],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache), **environment},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    assert _run(folder)[0] == "2 0 1"
    return folder


def _files(cache: Path, suffix: str) -> list[Path]:
    return sorted(cache.rglob(f"*_count_values*.{suffix}"))


def test_the_folder_is_private_and_the_second_process_reads_it(cache: Path) -> None:
    (folder,) = cache.glob("kernels-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert _run(cache)[0] == "2 1 0"


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_a_damaged_file_is_compiled_again_and_mended(cache: Path, suffix: str, damage: str) -> None:
    _run(cache)
    (path,) = _files(cache, suffix)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "truncated": content[:middle],
            "altered": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
        }[damage]
    )
    assert _run(cache)[0] == "2 0 1"
    assert _run(cache)[0] == "2 1 0"


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    _run(tmp_path)
    (folder,) = tmp_path.glob("kernels-*")
    assert is_private(folder)
    folder.chmod(0o777)
    assert not is_private(folder)
    out, err = _run(tmp_path)
    assert out == "2 0 1"
    assert "another user can write to the cache of kernels" in err


@pytest.mark.slow
def test_without_compilation_the_same_functions_run() -> None:
    program = """
import timecone as tc
import sys
scenario = tc.load(sys.argv[1])
print(tc.percentiles(tc.simulate(scenario, draws=64, seed=1, paths=1, threads=1), "tai", [50]).values[0])
"""
    baseline = Path(__file__).resolve().parents[2] / "configs" / "baseline.toml"
    values = []
    for extra in ({}, {"NUMBA_DISABLE_JIT": "1"}):
        command = [sys.executable, "-c", program, str(baseline)]
        done = subprocess.run(command, env=os.environ | extra, capture_output=True, text=True, check=True)
        values.append(float(done.stdout))
    assert values[0] == pytest.approx(values[1], abs=1e-6)
