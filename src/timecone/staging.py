"""Replacement of a folder's results as a whole: prepared under a hidden name, put in place in one step.

Results are prepared in a hidden folder beside the target. On Linux both folders then exchange their names,
which is one operation of the file system: readers see all old files or all new ones, also after a kill.
Files that are no results are linked into the new folder before.

Folders cannot be exchanged on other systems, and some must not be: a folder that is mounted, has sub-folders,
holds very many files, or is the one in which the process stands. There the complete new files move into the
folder one after the other. A kill between two of them leaves both kinds, and the next run completes the move.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from timecone.errors import OutputError
from timecone.files import (
    PART_PREFIX,
    PART_SUFFIX,
    is_abandoned,
    is_linked,
    is_part,
    lock,
    one_line,
    part_path,
    remove_leftovers,
    require_space,
    sync_folder,
)

_REMEDY: Final = "Choose another folder with --out."
_READY_SUFFIX: Final = ".ready"
_LIST: Final = "results.txt"
#: A folder with more other files than this is not exchanged, since all of them would have to be linked.
MOST_OTHER_FILES: Final = 1000
# From the Linux headers.
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2
# Of a system, a file system or a folder that cannot exchange names.
_CANNOT: Final = {errno.EINVAL, errno.ENOSYS, errno.EXDEV, errno.EBUSY, errno.EPERM, errno.EACCES,
                  errno.ENOTSUP, errno.EMLINK}  # fmt: skip


class StagedFolder:
    """New results of a folder, and the hidden place where they are prepared.

    Attributes
    ----------
    target : Path
        The folder whose results are replaced.
    stage : Path
        Where to write them before `commit`.
    """

    def __init__(self, target: Path, results: Sequence[str]) -> None:
        self.target = target
        self._place = Path(os.path.realpath(target))
        self._results = frozenset(results)
        self._label = hashlib.blake2s(os.fsencode(self._place.name), digest_size=4).hexdigest() + "-"
        self._beside = _can_stand_beside(self._place)
        self._recover()
        self.stage, self._descriptor = self._create()

    def keep(self, name: str, new_name: str) -> str:
        """Let the new folder have a file of the present one, under another name; return that name.

        One that is in use gets a number.
        """
        stem, suffix = Path(new_name).stem, Path(new_name).suffix
        free, number = new_name, 2
        while (self._place / free).exists() or (self.stage / free).exists():
            free, number = f"{stem}-{number}{suffix}", number + 1
        _link(self._place / name, self.stage / free)
        return free

    def rescue(self, name: str, new_name: str) -> Path | None:
        """Move a prepared file into the present folder under a name that is free; return where it is."""
        path = self._place / new_name
        if path.exists() or not (self.stage / name).exists():
            return None
        try:
            (self.stage / name).rename(path)
        except OSError:
            return None
        return self.target / new_name

    def commit(self) -> None:
        """Put the prepared files in place of the folder's results, all at once.

        Raises
        ------
        OutputError
            It fails; the folder is as it was.
        """
        with one_line(self.target, remedy=_REMEDY):
            self._place.mkdir(parents=True, exist_ok=True)  # somebody may have removed it
            sync_folder(self.stage)
            if not (self._beside and self._exchange()):
                self._move_in_place()

    def discard(self) -> None:
        """Remove what is left under the hidden name: unfinished results, or the replaced ones."""
        with suppress(OSError):
            self._sweep(self.stage)
        os.close(self._descriptor)

    def _create(self) -> tuple[Path, int]:
        while True:
            stage = part_path(self._place.parent if self._beside else self._place, self._label)
            stage.mkdir()
            stage.chmod(stat.S_IMODE(self._place.stat().st_mode))
            descriptor = os.open(stage, os.O_RDONLY)
            if lock(descriptor) and is_linked(descriptor, stage):
                return stage, descriptor
            os.close(descriptor)

    def _others(self) -> list[Path]:
        """Return what stands in the folder beside results."""
        return [p for p in self._place.iterdir() if p.name not in self._results and not is_part(p.name)]

    def _exchange(self) -> bool:
        """Exchange the prepared folder and the present one; return whether that can be done here."""
        others: list[Path] = []
        try:
            others = self._others()
            if len(others) > MOST_OTHER_FILES or any(p.is_dir() and not p.is_symlink() for p in others):
                return False
            for path in others:
                if not (self.stage / path.name).exists():
                    os.link(path, self.stage / path.name, follow_symlinks=False)
            shutil.copystat(self._place, self.stage)
            _exchange_names(self.stage, self._place)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            for path in others:
                with suppress(OSError):
                    if _is_link_to(self.stage / path.name, path):
                        (self.stage / path.name).unlink()
            return False
        sync_folder(self._place.parent)
        return True

    def _move_in_place(self) -> None:
        """Move the prepared files into the folder one by one; from the first rename on they are complete."""
        names = sorted(p.name for p in self.stage.iterdir())
        (self.stage / _LIST).write_text("\n".join(names), encoding="utf-8", errors="surrogateescape")
        ready = self._place / (self.stage.name.removesuffix(PART_SUFFIX) + _READY_SUFFIX)
        self.stage.rename(ready)
        self._complete(ready)

    def _complete(self, ready: Path) -> None:
        names = (ready / _LIST).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
        for name in names:
            if (ready / name).exists():
                (ready / name).replace(self._place / name)
        for name in self._results - set(names):
            (self._place / name).unlink(missing_ok=True)
        sync_folder(self._place)
        (ready / _LIST).unlink()
        ready.rmdir()

    def _recover(self) -> None:
        """Complete or remove what killed runs into the same folder have left."""
        with suppress(OSError):
            for ready in self._place.glob(f"{PART_PREFIX}*{_READY_SUFFIX}"):
                if (ready / _LIST).exists():
                    self._complete(ready)
                else:
                    ready.rmdir()
        for folder in (self._place.parent, self._place):
            for part in folder.glob(f"{PART_PREFIX}{self._label}*{PART_SUFFIX}"):
                with suppress(OSError):
                    descriptor = os.open(part, os.O_RDONLY)
                    try:
                        if part.is_dir() and is_abandoned(descriptor):
                            self._sweep(part)
                    finally:
                        os.close(descriptor)
        remove_leftovers(self._place)

    def _sweep(self, part: Path) -> None:
        """Remove a hidden folder; what is in it and nowhere else, and no result, moves to the target.

        That is a file which somebody has put into the folder while it was exchanged.
        """
        if not part.is_dir():
            return
        for path in list(part.iterdir()):
            about, twin = path.lstat(), self._place / path.name
            is_extra = path.name in self._results or is_part(path.name) or path.name == _LIST
            if is_extra or about.st_nlink > 1 or _is_newer(twin, about):
                path.unlink()
            else:
                path.replace(twin)
        part.rmdir()


@contextmanager
def staged_folder(target: str | Path, results: Sequence[str], *, needed: int = 0) -> Iterator[StagedFolder]:
    """Give a hidden place to prepare a folder's results; make the folder, and lock it meanwhile.

    Parameters
    ----------
    target : str or Path
        The folder.
    results : sequence of str
        Names of all files that are results: `StagedFolder.commit` replaces or removes these and no others.
    needed : int
        Bytes that must be free.

    Raises
    ------
    OutputError
        The folder cannot be made or written to, the disk has no room, or another run is writing into it.
    """
    target = Path(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        if not os.access(target, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        require_space(target, needed, target, remedy="Keep fewer draws with --keep, or make room.")
        descriptor = _locked(target)
        try:
            staged = StagedFolder(target, results)
        except OSError:
            os.close(descriptor)
            raise
    except OSError as error:
        raise OutputError(
            "unwritable-folder",
            f"the folder is not writable ({error.strerror})",
            where=str(target),
            remedy="Choose another one with --out.",
        ) from None
    try:
        yield staged
    finally:
        staged.discard()
        os.close(descriptor)


def _locked(target: Path) -> int:
    """Open and lock a folder; where it is exchanged meanwhile, the one that then has its name."""
    while True:
        descriptor = os.open(target, os.O_RDONLY)
        if not lock(descriptor):
            os.close(descriptor)
            raise OutputError(
                "folder-in-use",
                "another run is writing into this folder",
                where=str(target),
                remedy="Wait until it is done, or choose another folder with --out.",
            )
        if is_linked(descriptor, target):
            return descriptor
        os.close(descriptor)


def _can_stand_beside(place: Path) -> bool:
    """Return whether a hidden folder beside this one can take its name."""
    parent = place.parent
    stands_inside = Path(os.path.realpath(Path.cwd())).is_relative_to(place)
    same_disk = parent.stat().st_dev == place.stat().st_dev
    return same_disk and not stands_inside and not place.is_mount() and os.access(parent, os.W_OK | os.X_OK)


def _exchange_names(first: Path, second: Path) -> None:
    """Exchange two names in one operation of the file system.

    Raises
    ------
    OSError
        The system or the file system cannot.
    """
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _link(path: Path, new: Path) -> None:
    try:
        os.link(path, new)
    except OSError:
        shutil.copy2(path, new)


def _is_link_to(path: Path, other: Path) -> bool:
    return os.path.samestat(path.lstat(), other.lstat())


def _is_newer(path: Path, about: os.stat_result) -> bool:
    try:
        return path.lstat().st_mtime_ns >= about.st_mtime_ns
    except OSError:
        return False
