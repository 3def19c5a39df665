"""Output files: each is written under a temporary name and takes its own name when it is complete.

Content comes as text or bytes, so that a full disk is noticed here and by no library that writes on its own:
the HDF5 library ends the process when it cannot write the rest of a file.
"""

from __future__ import annotations

import errno
import importlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from timecone.errors import ArgumentError, OutputError

# Windows has no such module.
fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None

if TYPE_CHECKING:
    import xarray as xr

#: Names of what is not complete yet. What a killed process leaves under such a name, the next one removes.
PART_PREFIX: Final = ".timecone-"
PART_SUFFIX: Final = ".part"

_CHUNK: Final = 1 << 22


@contextmanager
def one_line(path: Path, *, remedy: str | None = None) -> Iterator[None]:
    """Turn a failure of the system to write into one line.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    try:
        yield
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
        raise OutputError(
            "unwritable-file", f"cannot be written ({reason})", where=str(path), remedy=remedy
        ) from None


def write_file(path: str | Path, content: str | bytes | memoryview, *, remedy: str | None = None) -> Path:
    """Write a file whole or not at all, and make its folder.

    The content goes to a temporary name in the same folder and to the disk; then it takes the file's name.
    No reader meets a part of it, and after a failure or a kill an earlier file of that name is as it was. A
    link is followed. A pipe or device is written to as it stands.

    Parameters
    ----------
    path : str or Path
        Where to.
    content : str, bytes or memoryview
        Text is encoded in UTF-8.
    remedy : str, optional
        What to do if it fails.

    Returns
    -------
    Path
        The path, as given.

    Raises
    ------
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_file(folder / "new" / "a.txt", "text").read_bytes()
    b'text'
    """
    path = Path(path)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    with one_line(path, remedy=remedy):
        place = Path(os.path.realpath(path))
        require_replaceable(path, remedy=remedy)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                stream.write(raw)
            return path
        remove_leftovers(place.parent)
        require_space(place.parent, len(raw), path, remedy=remedy)
        _replace(place, memoryview(raw))
    return path


def require_replaceable(path: Path, *, remedy: str | None = None) -> None:
    """Refuse a name under which no file can be written.

    Raises
    ------
    OutputError
        A folder has this name, or a file that must not be written to.
    """
    if path.is_dir():
        raise OutputError(
            "folder-in-the-way",
            "a folder is in the way",
            where=str(path),
            remedy=remedy or "Choose another name with --out.",
        )
    if path.exists() and not os.access(path, os.W_OK):
        raise OutputError(
            "unwritable-target",
            "the file is not writable",
            where=str(path),
            remedy=remedy or "Choose another name with --out.",
        )


def require_space(folder: Path, needed: int, path: Path, *, remedy: str | None = None) -> None:
    """Refuse to begin what the disk has no room for.

    Raises
    ------
    OutputError
        Less is free than is needed.
    """
    with suppress(OSError):  # some systems do not say
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise OutputError(
                "disk-full",
                f"the disk is full ({needed / 1e6:,.1f} MB needed, {free / 1e6:,.1f} MB free)",
                where=str(path),
                remedy=remedy,
            )


def refuse_overwriting(output: Path, *inputs: Path, where: str = "--out") -> None:
    """Refuse an output that is one of the inputs, also by another name or through a link.

    Raises
    ------
    ArgumentError
        It is.

    Examples
    --------
    >>> refuse_overwriting(Path("a.csv"), Path("run.nc"))
    """
    for path in inputs:
        if os.path.realpath(output) == os.path.realpath(path) or _is_same(output, path):
            raise ArgumentError(
                "output-is-input",
                "the output would overwrite the input",
                where=where,
                got=str(output),
                allowed="another name",
            )


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        return False


def netcdf_bytes(data: xr.Dataset | xr.DataTree, encoding: Any = None) -> bytes:
    """Return data as the content of a netCDF-4 file, made in memory."""
    return bytes(data.to_netcdf(None, engine="h5netcdf", encoding=encoding))


def part_path(folder: Path, label: str = "") -> Path:
    """Return a new temporary name in a folder; ``label`` says whose it is."""
    return folder / f"{PART_PREFIX}{label}{secrets.token_hex(4)}{PART_SUFFIX}"


def lock(descriptor: int) -> bool:
    """Lock an open file or folder without waiting; return whether that worked.

    The system releases the lock when the process ends, however it ends. Where nothing can be locked, the
    answer is True.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # some network disks
    return True


def is_linked(descriptor: int, path: Path) -> bool:
    """Return whether a path still leads to an open file or folder."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of processes that were killed; those of living ones are locked."""
    try:
        parts = [e for e in os.scandir(folder) if is_part(e.name) and e.is_file(follow_symlinks=False)]
    except OSError:
        return
    for part in parts:
        with suppress(OSError):
            descriptor = os.open(part.path, os.O_RDWR)
            try:
                if is_abandoned(descriptor):
                    Path(part.path).unlink()
            finally:
                os.close(descriptor)


def is_part(name: str) -> bool:
    """Return whether a name is a temporary one."""
    return name.startswith(PART_PREFIX) and name.endswith(PART_SUFFIX)


def is_abandoned(descriptor: int) -> bool:
    """Return whether nobody writes any more to what has a temporary name; unknown where nothing is locked."""
    return fcntl is not None and lock(descriptor)


def _replace(place: Path, raw: memoryview) -> None:
    part, descriptor = _create_part(place.parent)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as stream:
            if place.exists():
                part.chmod(stat.S_IMODE(place.stat().st_mode))
            for first in range(0, len(raw), _CHUNK):
                _write_all(stream.fileno(), raw[first : first + _CHUNK])
            os.fsync(stream.fileno())
            part.replace(place)
    finally:
        with suppress(OSError):
            part.unlink()
    sync_folder(place.parent)


def _write_all(descriptor: int, chunk: memoryview) -> None:
    while len(chunk):
        chunk = chunk[os.write(descriptor, chunk) :]


def _create_part(folder: Path) -> tuple[Path, int]:
    """Create and lock a temporary file; one that is removed before it is locked is created again."""
    while True:
        part = part_path(folder)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        if lock(descriptor) and is_linked(descriptor, part):
            return part, descriptor
        os.close(descriptor)
