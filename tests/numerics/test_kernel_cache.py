"""Damage to cached machine code is noticed and compiled away; a folder of others is not used."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from timecone.numerics import compiled
from timecone.numerics.compiled import _prune, is_private

_KERNEL = """
from timecone.numerics.compiled import kernel

@kernel
def double(x):
    return x + x
"""
_PROGRAM = """
from doubling import double
double(2.0)
print(sum(double.stats.cache_hits.values()), sum(double.stats.cache_misses.values()))
"""


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Return a function that loads a module with one kernel anew, calls it, and tells hits and misses."""
    monkeypatch.setattr(compiled.numba_config, "CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled, "cache_folder", compiled.cache_folder.__wrapped__)
    file = tmp_path / "doubling.py"
    file.write_text(_KERNEL, encoding="utf-8")

    def load_and_call():
        specification = importlib.util.spec_from_file_location("doubling", file)
        module = importlib.util.module_from_spec(specification)
        monkeypatch.setitem(sys.modules, "doubling", module)  # Numba names the code by its module
        specification.loader.exec_module(module)
        assert module.double(2.0) == 4.0
        stats = module.double.stats
        return sum(stats.cache_hits.values()), sum(stats.cache_misses.values())

    return load_and_call


def test_the_folder_is_private_and_what_is_compiled_is_read_again(call, tmp_path):
    assert call() == (0, 1)
    (folder,) = (tmp_path / "cache").glob("kernels-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert call() == (1, 0)


@pytest.mark.slow
def test_another_process_reads_it(call, tmp_path):
    assert call() == (0, 1)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("1 0\n", "")


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_a_damaged_file_is_compiled_again_and_mended(call, tmp_path, suffix, damage):
    call()
    (path,) = (tmp_path / "cache").rglob(f"*double*.{suffix}")
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "truncated": content[:middle],
            "altered": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
        }[damage]
    )
    assert call() == (0, 1)
    assert call() == (1, 0)


def test_a_folder_that_others_can_write_to_is_refused(call, tmp_path):
    call()
    (folder,) = (tmp_path / "cache").glob("kernels-*")
    assert is_private(folder)
    folder.chmod(0o777)
    assert not is_private(folder)
    with pytest.warns(UserWarning, match="another user can write to the cache of kernels"):
        assert call() == (0, 1)


def test_machine_code_of_versions_not_used_for_long_is_removed(tmp_path):
    for age in range(12):
        folder = tmp_path / f"kernels-{age:016x}"
        folder.mkdir(mode=0o700)
        (folder / "code.nbi").write_bytes(b"machine code")
        os.utime(folder, (1e9 - age, 1e9 - age))
    kept = [tmp_path / "kernels-of-mine", tmp_path / "else"]
    for folder in kept:
        folder.mkdir()
    newest = tmp_path / f"kernels-{'f' * 16}"
    newest.mkdir()
    _prune(newest)
    remaining = {folder.name for folder in tmp_path.iterdir()} - {folder.name for folder in [*kept, newest]}
    assert remaining == {f"kernels-{age:016x}" for age in range(7)}
    assert all(folder.is_dir() for folder in [*kept, newest])


def test_a_new_folder_prunes_and_one_in_use_stays_the_newest(call, tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    for age in range(12):
        folder = cache / f"kernels-{age:016x}"
        folder.mkdir(mode=0o700)
        os.utime(folder, (1e9 - age, 1e9 - age))
    call()
    folders = set(cache.iterdir())
    assert len(folders) == 8
    (own,) = [folder for folder in folders if folder.stat().st_mtime > 1.1e9]
    os.utime(own, (1e8, 1e8))
    call()
    assert own.stat().st_mtime > 1.1e9


@pytest.mark.slow
def test_without_compilation_the_same_functions_run():
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
