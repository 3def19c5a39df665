"""Writing files: a failure is told in one line, and what must not be lost is there whole or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from timecone.errors import OutputError


@contextmanager
def writing(path: Path, *, remedy: str | None = None) -> Iterator[None]:
    """Make a file's folder; tell a failure to write it in one line.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputError(
            f"cannot be written ({error.strerror or error})", where=str(path), remedy=remedy
        ) from None


@contextmanager
def written(path: Path, *, remedy: str | None = None) -> Iterator[Path]:
    """Give a place to write beside a file; what was written takes the file's name at the end.

    So no reader sees a part of it, and a failure leaves an earlier file of that name as it was.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    with writing(path, remedy=remedy):
        try:
            yield part
            part.replace(path)
        finally:
            with suppress(OSError):
                part.unlink()
