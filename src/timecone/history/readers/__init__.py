"""Readers of files of the past: fixed columns, one unit each, every row read or listed as rejected."""

from __future__ import annotations

from timecone.history.readers.bundled import read_bundled
from timecone.history.readers.file import read
from timecone.history.readers.history_table import HistoryTable, RejectedRow

__all__ = ["HistoryTable", "RejectedRow", "read", "read_bundled"]
