"""Runs that are killed, stopped or out of room: nothing is lost, nothing is wrong, one clear line each.

The commands run in processes of their own, which save checkpoints many times a second.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

import timecone as tc
from refusals import Refusal
from slow_run import Command, Commands
from timecone.simulation.limits import BLOCK

BLOCKS = 32
DRAWS = BLOCKS * BLOCK
# Of each block on one of two threads: time enough for some checkpoints.
PAUSE = 0.04
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX systems"),
]


@pytest.fixture(scope="module")
def commands(small_file, tmp_path_factory):
    with Commands(small_file, tmp_path_factory.mktemp("printed")) as started:
        yield started


@pytest.fixture(scope="module")
def arguments(small_file):
    """Return the arguments of a run into a folder."""

    def of(folder, *more):
        fixed = ("-n", DRAWS, "--seed", 4, "--paths", 2, "--keep", 1000, "--threads", 2)
        return ("run", small_file, *fixed, "--out", folder, *more)

    return of


def _begun(commands: Commands, arguments: tuple, folder: Path, **delays: float) -> Command:
    """Begin a command; return it when it has saved a checkpoint that was not there before."""
    path = folder / "checkpoint.npz"
    before = path.stat().st_mtime_ns if path.exists() else 0
    command = commands.begin(*arguments, **({"pause": PAUSE} | delays))
    for _ in range(3000):
        if path.exists() and path.stat().st_mtime_ns != before:
            return command
        assert command.is_running(), (command.out, command.err)
        time.sleep(0.01)
    raise AssertionError("no checkpoint after 30 seconds")


@pytest.fixture(scope="module")
def whole(commands, arguments, tmp_path_factory):
    """Return the run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    done = commands.run(*arguments(folder, "-q"))
    assert done.code == 0, done.err
    assert not (folder / "checkpoint.npz").exists()
    return tc.open_run(folder / "run.nc")


def _same(whole, folder: Path) -> None:
    run = tc.open_run(folder / "run.nc")
    assert run.attrs["run_id"] == whole.attrs["run_id"]
    for group in ("inputs", "outcomes", "paths", "summary"):
        for name, before in whole[group].data_vars.items():
            assert run[group][name].values.tobytes() == before.values.tobytes(), name
    assert not (folder / "checkpoint.npz").exists()


@pytest.fixture
def resumed(commands, arguments, whole):
    """Return a check that a run goes on from its checkpoint, and is then the one that nothing disturbed."""

    def check(folder, *more):
        done = commands.run(*arguments(folder, "--resume", "-q", *more))
        assert done.code == 0, done.err
        # A run that was stopped has left its part.
        assert [line for line in done.err.splitlines() if "is kept as" not in line] == []
        _same(whole, folder)

    return check


def _finished(folder: Path) -> int:
    """Return the number of draws in a checkpoint, which is complete; 0 if there is none."""
    path = folder / "checkpoint.npz"
    if not path.exists():
        return 0
    with np.load(path) as stored:
        assert all(stored[name] is not None for name in stored.files)
        return int(stored["finished"])


def test_ten_kills_at_random_moments_and_a_resumed_run_is_the_whole_one(
    commands, arguments, resumed, tmp_path
):
    folder, rng = tmp_path / "run", np.random.default_rng(7)
    before = 0
    for kill in range(10):
        asked = arguments(folder, *(["--resume"] if before else []))
        # Every other kill comes at any moment, the others after a new checkpoint.
        begun = _begun(commands, asked, folder, pause=0.2) if kill % 2 else commands.begin(*asked, pause=0.2)
        time.sleep(rng.uniform(0.0, 0.2))
        assert begun.kill() == -signal.SIGKILL
        assert begun.err == ""
        assert _finished(folder) >= before
        before = _finished(folder)
    assert 0 < before < DRAWS
    resumed(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_run_keeps_its_draws_and_goes_on(commands, arguments, resumed, tmp_path, number):
    folder = tmp_path / "run"
    begun = _begun(commands, arguments(folder), folder)
    begun.send(number)
    assert begun.wait() == 128 + number
    assert "--resume" in begun.out
    assert begun.err == ""
    part = tc.open_run(folder / "run.nc")
    assert 0 < part.attrs["draws"] < DRAWS
    # Nothing that was finished is missing from the checkpoint.
    assert _finished(folder) == part.attrs["draws"]
    resumed(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_in_the_middle_of_a_checkpoint_loses_no_older_one(
    commands, arguments, resumed, tmp_path, number
):
    folder = tmp_path / "run"
    begun = _begun(commands, arguments(folder, "-q"), folder, writing=0.3)
    while not list(folder.glob(".timecone-*.part")):
        assert begun.is_running()
        time.sleep(0.01)
    before = _finished(folder)
    begun.send(number)
    assert begun.wait() == (-number if number == signal.SIGKILL else 128 + number)
    assert begun.err == ""
    assert _finished(folder) >= before > 0
    resumed(folder)


@pytest.fixture
def killed(commands, arguments):
    """Return a function that kills a run when it has saved a checkpoint."""

    def kill(folder, *more):
        assert _begun(commands, arguments(folder, *more), folder).kill() == -signal.SIGKILL
        return folder / "checkpoint.npz"

    return kill


def test_a_run_that_does_not_resume_says_what_it_replaces(commands, arguments, killed, whole, tmp_path):
    folder = tmp_path / "run"
    path = killed(folder)
    done = commands.run(*arguments(folder))
    assert done.code == 0
    (line,) = done.err.splitlines()
    assert str(path) in line
    assert "replaces" in line
    assert "--resume" in line
    _same(whole, folder)


def test_two_runs_into_one_folder_disturb_nothing(commands, arguments, whole, tmp_path):
    folder = tmp_path / "run"
    first = _begun(commands, arguments(folder, "-q"), folder)
    second = commands.run(*arguments(folder))
    assert second.code == 2
    assert second.err.count("\n") == 1
    assert "another run is writing into this folder" in second.err
    assert first.wait() == 0
    assert first.err == ""
    _same(whole, folder)


def test_a_checkpoint_that_cannot_be_resumed_is_one_line_and_stays(fails, arguments, killed, tmp_path):
    folder = tmp_path / "run"
    resume = arguments(folder, "--resume")
    fails(Refusal("no-checkpoint", str(folder / "checkpoint.npz"), names="--resume"), *resume)
    path = killed(folder)
    raw = path.read_bytes()
    fails(Refusal("checkpoint-of-another-run", str(path), got=4, names="--resume"), *resume, "--seed", 5)
    fails(Refusal("checkpoint-of-another-run", str(path), got=DRAWS), *resume, "-n", DRAWS + 1)
    fails(Refusal("checkpoint-of-another-run", str(path)), "run", "baseline", *resume[2:])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("timecone.simulation.checkpoint.source_hash", lambda: "0" * 16)
        fails(Refusal("checkpoint-of-another-run", str(path)), *resume)
    assert path.read_bytes() == raw
    path.write_bytes(raw[:1000])
    fails(Refusal("checkpoint-damaged", str(path), names="--resume"), *resume)
    assert path.read_bytes() == raw[:1000]


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


def _fill(path: Path) -> None:
    """Write a file until its disk is full."""
    with path.open("wb") as filler:
        filler.write(b"0" * 1024)
        while True:
            try:
                filler.write(b"0" * 65536)
                filler.flush()
            except OSError:
                return


def test_a_disk_that_fills_up_costs_no_run(commands, arguments, resumed, small_disk):
    folder = small_disk / "run"
    begun = _begun(commands, arguments(folder), folder)
    _fill(small_disk / "filler")
    assert begun.wait() == 2
    lines = begun.err.splitlines()
    assert "no checkpoint was saved" in lines[0]
    assert len(lines) == 2
    assert "the disk" in lines[1]
    assert _finished(folder) > 0
    (small_disk / "filler").unlink()
    resumed(folder)


def test_a_full_disk_is_one_line_before_the_run_begins(fails, arguments, small_disk):
    folder = small_disk / "run"
    draws = ("-n", 10**6)
    fails(Refusal("disk-full", str(folder)), *arguments(folder, *draws, "--keep", 10**6))
    store = small_disk / "draws.zarr"
    fails(Refusal("disk-full", str(store)), *arguments(folder, *draws, "--store", store))
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_written_is_one_line(fails, arguments, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    fails(Refusal("unwritable-folder", str(folder)), *arguments(folder))


def test_a_read_only_file_system_is_one_line(fails, arguments, small_disk):
    subprocess.run(["/usr/bin/mount", "-o", "remount,ro", str(small_disk)], check=True)
    folder = small_disk / "run"
    fails(Refusal("unwritable-folder", str(folder)), *arguments(folder))


def test_a_store_goes_on_where_the_run_was_killed(arguments, killed, resumed, small_file, tmp_path):
    xr = pytest.importorskip("xarray")
    folder, store = tmp_path / "run", tmp_path / "draws.zarr"
    killed(folder, "--store", store)
    resumed(folder, "--store", store)
    every = tc.simulate(tc.load(small_file), draws=DRAWS, seed=4, keep=DRAWS, paths=0)
    for group in ("inputs", "outcomes"):
        stored = xr.open_zarr(store, group=group)
        for name, values in every[group].data_vars.items():
            assert stored[name].values.tobytes() == values.values.tobytes(), name
    shutil.rmtree(store)
