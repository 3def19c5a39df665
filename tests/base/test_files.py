"""Single files are written whole or not at all, whatever stops the writing."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from refusals import refused
from timecone import files
from timecone.files import is_part, part_path, refuse_overwriting, require_space, write_file

OLD, NEW = b"old content\n", b"new content\n" * 1000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(OLD)
    return path


def test_text_is_utf_8_and_folders_are_made(tmp_path: Path) -> None:
    assert (
        write_file(tmp_path / "deep" / "er" / "a.txt", "\N{GREEK SMALL LETTER MU}").read_bytes()
        == b"\xce\xbc"
    )


def test_a_file_size_limit_leaves_the_old_file_and_one_line(path: Path) -> None:
    # A limit of the process stands for a full disk: it needs no rights. The parent's own is not touched.
    program = (
        "import resource, sys\n"
        "from timecone.files import OutputError, write_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: write_file(sys.argv[1], b'x' * 100_000)\n"
        "except OutputError as error: print(error.line)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{path}: cannot be written (File too large).\n"
    assert path.read_bytes() == OLD
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_too_little_space_is_refused_before_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage(5))
    with refused("disk-full"):
        write_file(path, NEW)
    assert path.read_bytes() == OLD
    require_space(path.parent, 5, path)


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_link_is_followed_and_the_mode_is_kept(path: Path) -> None:
    path.chmod(0o640)
    link = path.with_name("link.csv")
    link.symlink_to(path.name)
    write_file(link, NEW)
    assert link.is_symlink()
    assert path.read_bytes() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_device_is_written_to_as_it_stands() -> None:
    write_file(os.devnull, NEW)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_leftovers_of_dead_processes_go_and_those_of_living_ones_stay(path: Path) -> None:
    dead = part_path(path.parent)
    dead.write_bytes(b"half")
    living, descriptor = files._create_part(path.parent)
    write_file(path, NEW)
    assert sorted(p.name for p in path.parent.iterdir() if is_part(p.name)) == [living.name]
    os.close(descriptor)
    write_file(path, NEW)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("how", ["same", "dotted", "symbolic", "hard"])
def test_an_output_that_is_an_input_is_refused_by_any_name(path: Path, how: str) -> None:
    other = {"same": path, "dotted": path.parent / "." / ".." / path.parent.name / path.name}.get(
        how, path.with_name("other.csv")
    )
    if how == "symbolic":
        other.symlink_to(path)
    if how == "hard":
        other.hardlink_to(path)
    with refused("output-is-input", "--out"):
        refuse_overwriting(other, path)
    refuse_overwriting(path.with_name("free.csv"), path)
