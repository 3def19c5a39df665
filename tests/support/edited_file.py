"""Run files changed from outside, with a valid digest at their end.

A file without a digest is first read by a process of its own, at each command. Tests of what a file lacks
need not wait for it; what happens without a digest has tests of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from timecone.results.run_file.checksum import with_checksum


@contextmanager
def edited(path: Path) -> Iterator[h5py.File]:
    """Open a run file to change it; its digest is brought up to date afterwards."""
    with h5py.File(path, "r+") as file:
        yield file
    path.write_bytes(with_checksum(path.read_bytes()))
