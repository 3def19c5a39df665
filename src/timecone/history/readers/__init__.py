"""Files of the past become `Records`: fixed columns, one unit each, nothing dropped in silence."""

from __future__ import annotations

from timecone.history.readers.file import read
from timecone.history.readers.own import read_own
from timecone.history.readers.records import Records, Skip

__all__ = ["Records", "Skip", "read", "read_own"]
