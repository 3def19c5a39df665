"""Runs that are killed, stopped or out of room: nothing is lost, nothing is wrong, one clear line each.

The commands run in processes of their own, which save checkpoints many times a second.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import slow_run
import timecone as tc
from refusals import Refusal
from timecone.simulation.limits import BLOCK

BLOCKS = 40
DRAWS = BLOCKS * BLOCK
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems"),
]


def _command(
    small_file: Path, folder: Path, *more: object, pause: float = 0.02, writing: float = 0.0
) -> list[str]:
    arguments = ["run", small_file, "-n", DRAWS, "--seed", 4, "--paths", 2, "--keep", 1000]
    arguments += ["--threads", 2, "--out", folder, *more]
    return [sys.executable, slow_run.__file__, "0.1", str(pause), str(writing), *map(str, arguments)]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _begun(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """Begin a command; return it when it has saved a checkpoint."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if (folder / "checkpoint.npz").exists():
            return process
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("no checkpoint after 30 seconds")


@pytest.fixture(scope="module")
def whole(small_file, tmp_path_factory):
    """Return the run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    done = _run(_command(small_file, folder, "-q", pause=0.0))
    assert done.returncode == 0, done.stderr
    assert not (folder / "checkpoint.npz").exists()
    return tc.open_run(folder / "run.nc")


def _same(whole, folder: Path) -> None:
    run = tc.open_run(folder / "run.nc")
    assert run.attrs["run_id"] == whole.attrs["run_id"]
    for group in ("inputs", "outcomes", "paths", "summary"):
        for name, before in whole[group].data_vars.items():
            assert run[group][name].values.tobytes() == before.values.tobytes(), name
    assert not (folder / "checkpoint.npz").exists()


def test_ten_kills_at_random_moments_and_a_resumed_run_is_the_whole_one(small_file, whole, tmp_path):
    folder, rng = tmp_path / "run", np.random.default_rng(7)
    killed = 0
    for kill in range(10):
        command = _command(small_file, folder, *(["--resume"] if kill else []))
        process = _begun(command, folder)
        time.sleep(rng.uniform(0.0, 0.25))
        process.kill()
        _, err = process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert "Traceback" not in err
        if process.returncode == 0:
            break
    assert killed >= 3
    if not (folder / "run.nc").exists():
        done = _run(_command(small_file, folder, "--resume", pause=0.0))
        assert (done.returncode, done.stderr) == (0, "")
    _same(whole, folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_run_keeps_its_draws_and_goes_on(small_file, whole, tmp_path, number):
    folder = tmp_path / "run"
    process = _begun(_command(small_file, folder), folder)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "--resume" in out
    assert "Traceback" not in err
    part = tc.open_run(folder / "run.nc")
    assert 0 < part.attrs["draws"] < DRAWS
    done = _run(_command(small_file, folder, "--resume", "-q", pause=0.0))
    assert done.returncode == 0, done.stderr
    _same(whole, folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle_of_a_checkpoint_loses_no_older_one(small_file, whole, tmp_path, number):
    folder = tmp_path / "run"
    process = _begun(_command(small_file, folder, "-q", writing=0.3), folder)
    while not list(folder.glob(".timecone-*.part")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    assert err == ""
    done = _run(_command(small_file, folder, "--resume", "-q", pause=0.0))
    assert done.returncode == 0, done.stderr
    _same(whole, folder)


def test_a_run_that_does_not_resume_says_what_it_replaces(small_file, whole, tmp_path):
    folder = tmp_path / "run"
    process = _begun(_command(small_file, folder), folder)
    process.kill()
    process.communicate()
    done = _run(_command(small_file, folder, pause=0.0))
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert str(folder / "checkpoint.npz") in line
    assert "replaces" in line
    assert "--resume" in line
    _same(whole, folder)


def test_two_runs_into_one_folder_disturb_nothing(small_file, whole, tmp_path):
    folder = tmp_path / "run"
    first = _begun(_command(small_file, folder, "-q"), folder)
    second = _run(_command(small_file, folder))
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "another run is writing into this folder" in second.stderr
    assert first.communicate(timeout=120)[1] == ""
    _same(whole, folder)


def test_a_truncated_checkpoint_is_one_line_and_stays(call, fails, small_file, tmp_path):
    folder = tmp_path / "run"
    process = _begun(_command(small_file, folder), folder)
    process.kill()
    process.communicate()
    path = folder / "checkpoint.npz"
    raw = path.read_bytes()[:1000]
    path.write_bytes(raw)
    arguments = _command(small_file, folder, "--resume")[5:]
    fails(Refusal("checkpoint-damaged", str(path), names="--resume"), *arguments)
    assert path.read_bytes() == raw


def test_resuming_nothing_or_another_run_is_one_line(fails, small_file, tmp_path):
    folder = tmp_path / "run"
    arguments = _command(small_file, folder, "--resume")[5:]
    fails(Refusal("no-checkpoint", str(folder / "checkpoint.npz"), names="--resume"), *arguments)
    process = _begun(_command(small_file, folder), folder)
    process.kill()
    process.communicate()
    fails(Refusal("checkpoint-of-another-run"), *arguments, "--seed", "5")


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a file system of its own with little room; skip where none can be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not Path("/usr/bin/mount").exists():
        pytest.skip("no file system can be mounted here")
    made = subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["/usr/bin/umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_costs_no_run(small_file, whole, small_disk):
    folder = small_disk / "run"
    command = _command(small_file, folder)
    process = _begun(command, folder)
    with (small_disk / "filler").open("wb") as filler:
        filler.write(b"0" * 1024)
        while True:
            try:
                filler.write(b"0" * 65536)
                filler.flush()
            except OSError:
                break
    _, err = process.communicate(timeout=120)
    lines = err.splitlines()
    assert process.returncode == 2
    assert "Traceback" not in err
    assert "no checkpoint was saved" in lines[0]
    assert len(lines) == 2
    assert "the disk" in lines[1]
    assert (folder / "checkpoint.npz").exists()
    (small_disk / "filler").unlink()
    done = _run(_command(small_file, folder, "--resume", "-q", pause=0.0))
    assert done.returncode == 0, done.stderr
    _same(whole, folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_written_is_one_line(fails, small_file, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    fails(Refusal("unwritable-folder", str(folder)), *_command(small_file, folder)[5:])


def test_a_read_only_file_system_is_one_line(fails, small_file, small_disk):
    subprocess.run(["/usr/bin/mount", "-o", "remount,ro", str(small_disk)], check=True)
    folder = small_disk / "run"
    fails(Refusal("unwritable-folder", str(folder)), *_command(small_file, folder)[5:])


def test_a_store_goes_on_where_the_run_was_killed(small_file, whole, tmp_path):
    xr = pytest.importorskip("xarray")
    folder, store = tmp_path / "run", tmp_path / "draws.zarr"
    process = _begun(_command(small_file, folder, "--store", store), folder)
    process.kill()
    process.communicate()
    done = _run(_command(small_file, folder, "--store", store, "--resume", "-q", pause=0.0))
    assert done.returncode == 0, done.stderr
    _same(whole, folder)
    every = tc.simulate(tc.load(small_file), draws=DRAWS, seed=4, keep=DRAWS, paths=0)
    for group in ("inputs", "outcomes"):
        stored = xr.open_zarr(store, group=group)
        for name, values in every[group].data_vars.items():
            assert stored[name].values.tobytes() == values.values.tobytes(), name
    shutil.rmtree(store)
