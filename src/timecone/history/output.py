"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from timecone.errors import OutputError


@contextmanager
def written(path: str | Path) -> Iterator[Path]:
    """Give a place to write beside a file; what was written takes the file's name at the end.

    So a failure in between leaves an earlier file of that name as it was.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror or error})", where=str(path)) from None
    finally:
        with suppress(OSError):
            part.unlink()
