"""A folder's results are replaced together; other files stay; two writers exclude each other."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from refusals import refused
from timecone import staging
from timecone.staging import StagedFolder, staged_folder

RESULTS = ("run.nc", "a.csv", "b.png")


@pytest.fixture(params=["exchanged", "in place"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with old results and a note; renamed whole, or not as on other systems."""
    if request.param == "in place":
        monkeypatch.setattr(staging, "_can_stand_beside", lambda _: False)
    folder = tmp_path / "out"
    folder.mkdir()
    for name in RESULTS:
        (folder / name).write_text("old", encoding="utf-8")
    (folder / "notes.md").write_text("mine", encoding="utf-8")
    return folder


def _contents(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


def _prepare(staged: StagedFolder, *names: str) -> None:
    for name in names:
        (staged.stage / name).write_text("new", encoding="utf-8")


def test_results_are_replaced_or_removed_and_other_files_stay(target: Path) -> None:
    with staged_folder(target, RESULTS) as staged:
        _prepare(staged, "run.nc", "a.csv")
        assert _contents(target)["run.nc"] == "old"
        assert staged.keep("run.nc", "run-1.nc") == "run-1.nc"
        staged.commit()
    assert _contents(target) == {"run.nc": "new", "a.csv": "new", "notes.md": "mine", "run-1.nc": "old"}
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_without_a_commit_nothing_changes(target: Path) -> None:
    before = _contents(target)
    with staged_folder(target, RESULTS) as staged:
        _prepare(staged, *RESULTS)
    assert _contents(target) == before
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_a_kept_file_never_takes_a_name_in_use(target: Path) -> None:
    for number in ("", "-2", "-3"):
        with staged_folder(target, RESULTS) as staged:
            _prepare(staged, "run.nc")
            assert staged.keep("run.nc", "run-1.nc") == f"run-1{number}.nc"
            staged.commit()
    assert {"run-1.nc", "run-1-2.nc", "run-1-3.nc"} < set(_contents(target))


def test_a_second_writer_is_refused_until_the_first_is_done(target: Path) -> None:
    with staged_folder(target, RESULTS) as staged:
        with refused("folder-in-use", str(target)), staged_folder(target, RESULTS):
            pass
        _prepare(staged, *RESULTS)
        staged.commit()
    with staged_folder(target, RESULTS):
        pass
    assert _contents(target)["run.nc"] == "new"


def test_a_file_that_is_put_in_during_the_exchange_is_not_lost(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = staging._exchange_names

    def late(one: Path, other: Path) -> None:
        (target / "late.md").write_text("late", encoding="utf-8")
        (target / "notes.md").unlink()
        (target / "notes.md").write_text("changed", encoding="utf-8")
        exchange(one, other)

    monkeypatch.setattr(staging, "_exchange_names", late)
    with staged_folder(target, RESULTS) as staged:
        _prepare(staged, "run.nc")
        staged.commit()
    contents = _contents(target)
    if "late.md" in contents:
        assert contents == {"run.nc": "new", "late.md": "late", "notes.md": "changed"}
    else:  # nothing was exchanged
        assert contents == {"run.nc": "new", "notes.md": "mine"}


def test_sub_folders_are_left_where_they_are(target: Path) -> None:
    (target / "sub").mkdir()
    inode = (target / "sub").stat().st_ino
    with staged_folder(target, RESULTS) as staged:
        _prepare(staged, "run.nc")
        staged.commit()
    assert (target / "sub").stat().st_ino == inode
    assert sorted(p.name for p in target.iterdir()) == ["notes.md", "run.nc", "sub"]


def test_a_system_that_cannot_exchange_gets_the_files_one_by_one(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(one: Path, other: Path) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(staging, "_exchange_names", cannot)
    with staged_folder(target, RESULTS) as staged:
        _prepare(staged, "run.nc", "b.png")
        staged.commit()
    assert _contents(target) == {"run.nc": "new", "b.png": "new", "notes.md": "mine"}


_KILLED = """
import os, pathlib, signal, sys
from timecone import staging
where, place = sys.argv[1:]
if place == "in place": staging._can_stand_beside = lambda _: False
calls = 0
def die(*_):
    global calls
    calls += 1
    if calls == int(where): os.kill(os.getpid(), signal.SIGKILL)
NAMES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"}
sys.addaudithook(lambda event, _: die() if event in NAMES else None)
exchange = staging._exchange_names
def exchanged(one, other):
    die(); exchange(one, other); die()
staging._exchange_names = exchanged
with staging.staged_folder("out", ("run.nc", "a.csv", "b.png")) as staged:
    for name in ("run.nc", "a.csv"): (staged.stage / name).write_text("new")
    staged.keep("run.nc", "run-1.nc")
    staged.commit()
"""


@pytest.mark.slow
@pytest.mark.parametrize("place", ["exchanged", "in place"])
def test_a_kill_at_any_operation_leaves_all_old_or_all_new(tmp_path: Path, target: Path, place: str) -> None:
    """Kill before each operation on names in turn; in place, the next run completes what has begun."""
    if (staging._can_stand_beside(target)) == (place == "in place"):
        return  # each way once
    ends = set()
    for where in range(1, 40):
        for path in target.iterdir():
            path.unlink()
        for name in RESULTS:
            (target / name).write_text("old", encoding="utf-8")
        (target / "notes.md").write_text("mine", encoding="utf-8")
        done = subprocess.run([sys.executable, "-c", _KILLED, str(where), place], cwd=tmp_path, check=False)
        after = {name: text for name, text in _contents(target).items() if name in RESULTS}
        if place == "in place":
            with staged_folder(target, RESULTS):
                pass  # as the next run begins
            after = {name: text for name, text in _contents(target).items() if name in RESULTS}
        assert after in (dict.fromkeys(RESULTS, "old"), {"run.nc": "new", "a.csv": "new"}), where
        assert _contents(target)["notes.md"] == "mine"
        ends.add(after["run.nc"])
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        with staged_folder(target, RESULTS):
            pass
        assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert done.returncode == 0
    assert ends == {"old", "new"}


def test_a_place_that_is_no_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with refused("unwritable-folder", str(tmp_path / "file")), staged_folder(tmp_path / "file", RESULTS):
        pass


def test_too_little_space_is_refused_before_the_work(target: Path) -> None:
    with refused("disk-full"), staged_folder(target, RESULTS, needed=2**62):
        pass
