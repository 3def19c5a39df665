"""Checksum at the end of a run file, by which damage is found before the file is read.

HDF5 has no checksum over its own structure: zeros in the middle of a file can keep its library busy for
ever. What follows the end of an HDF5 file is ignored by all its readers, and is gone once another program
writes to the file; a file without the digest is read once by another process, which can be ended.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from timecone.errors import RunFileError
from timecone.hdf5 import require_readable

_MARK = b"timecone"
_SIZE = 32
_CHUNK = 1 << 22


def with_checksum(content: bytes) -> bytes:
    """Return the content of a file with its digest behind it."""
    return content + _MARK + hashlib.blake2b(content, digest_size=_SIZE).digest()


def require_intact(path: Path) -> None:
    """Refuse a file whose bytes are not those that its digest is of.

    Raises
    ------
    RunFileError
        The file is damaged.
    """
    # One handle for length, end and content: the path may name another, newer file at any moment.
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size - len(_MARK) - _SIZE
        end = digest = b""
        if length >= 0:
            file.seek(length)
            end = file.read()
        if end.startswith(_MARK):
            file.seek(0)
            digest = _digest(file, length)
    if not end.startswith(_MARK):
        require_readable(path)
    elif end[len(_MARK) :] != digest:
        raise RunFileError(
            "checksum-mismatch",
            "damaged: the checksum does not match",
            where=str(path),
            remedy="Copy it again from where it came, or run the scenario again.",
        )


def _digest(file: BinaryIO, length: int) -> bytes:
    hashed = hashlib.blake2b(digest_size=_SIZE)
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        hashed.update(chunk)
        length -= len(chunk)
    return hashed.digest()
