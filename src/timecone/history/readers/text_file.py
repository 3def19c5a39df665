"""A file of comma-separated text becomes a header and rows of cells, or a refusal that says why."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from timecone.errors import HistoryError

#: Largest file that is read, in bytes: 100 MiB of short rows take 18 seconds and 1.3 GB of memory.
MOST_BYTES: Final = 128 * 2**20

# What a file of other tables looks like when it is read as comma-separated: one long heading.
_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_SHOWN: Final = 60


class Row(NamedTuple):
    """One row: its number, the header being 1, and its cells."""

    number: int
    cells: list[str]


class TextFile:
    """A file of comma-separated text, UTF-8 with or without byte-order mark.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Attributes
    ----------
    name, sha256 : str
        The file's name, and the digest of its bytes.
    header : list of str
        Headings, without surrounding blanks.

    Raises
    ------
    HistoryError
        There is no such file, it is too large, empty, not UTF-8, not comma-separated or names a column twice.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._bytes = _content(path)
        self.sha256 = hashlib.sha256(self._bytes).hexdigest()
        self._check_bytes()
        self._read_header()

    def _read_header(self) -> None:
        first = next((row for row in self._records() if row.cells), None)
        if first is None:
            raise HistoryError(
                "empty-file", "the file is empty", where=self.name, allowed="a header and rows"
            )
        self._header_row = first.number
        self.header = [cell.strip() for cell in first.cells]
        self._check_header()

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header; blank lines are none.

        Raises
        ------
        HistoryError
            A quote is opened and not closed, or closed in the middle of a cell.
        """
        return (row for row in self._records() if row.cells and row.number > self._header_row)

    def _records(self) -> Iterator[Row]:
        # newline="": line breaks inside quotes belong to the cell.
        with io.TextIOWrapper(io.BytesIO(self._bytes), encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            number = 0
            try:
                for cells in reader:
                    number += 1
                    yield Row(number, cells)
            except csv.Error as failure:
                raise HistoryError(
                    "not-comma-separated",
                    f"row {number + 1} is not comma-separated text ({failure})",
                    where=f"{self.name}, line {reader.line_num}",
                    remedy="Look for a quotation mark that is not closed, or not doubled inside quotes.",
                ) from None
            except UnicodeDecodeError:
                raise self._not_utf8() from None

    def _not_utf8(self) -> HistoryError:
        try:
            self._bytes.decode("utf-8")
        except UnicodeDecodeError as failure:
            line = self._bytes.count(b"\n", 0, failure.start) + 1
            reason = f"byte {self._bytes[failure.start]:#04x}"
        else:  # pragma: no cover
            line, reason = 1, "undecodable bytes"
        return HistoryError(
            "not-utf8",
            f"not UTF-8 text ({reason})",
            where=f"{self.name}, line {line}",
            remedy="Save the file as UTF-8; it may be Latin-1 or Windows-1252 now.",
        )

    def _check_bytes(self) -> None:
        if self._bytes.startswith(_UTF16):
            raise HistoryError(
                "utf16-text",
                "UTF-16 text",
                where=self.name,
                allowed="UTF-8",
                remedy="Save the file as UTF-8.",
            )
        zero = self._bytes.find(b"\0")
        if zero >= 0:
            raise HistoryError(
                "zero-byte",
                f"a zero byte at position {zero}",
                where=f"{self.name}, line {self._bytes.count(b'\n', 0, zero) + 1}",
                allowed="text in UTF-8",
                remedy="The file is damaged, compressed, a spreadsheet or UTF-16 text.",
            )

    def _check_header(self) -> None:
        if len(self.header) == 1:
            for mark, plural in _DELIMITERS.items():
                if mark in self.header[0]:
                    raise HistoryError(
                        "wrong-delimiter",
                        f"the columns are separated by {plural}",
                        where=f"{self.name}, header",
                        got=shortened(self.header[0]),
                        allowed="commas",
                        remedy="Export the table as comma-separated values.",
                    )
        twice = [heading for heading in self.header if heading and self.header.count(heading) > 1]
        if twice:
            raise HistoryError(
                "duplicate-column", "a column occurs twice", where=f"{self.name}, header", got=twice[0]
            )


def shortened(text: str) -> str:
    """Return ``text`` cut to what a one-line message can carry."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise HistoryError(
                "not-a-file", "a folder, not a file", where=str(path), allowed="a CSV or YAML file"
            )
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise HistoryError(
                "file-too-large",
                f"the file has {size / 2**20:.0f} MiB",
                where=str(path),
                allowed=f"at most {MOST_BYTES // 2**20} MiB",
                remedy="Keep the columns that are read and the rows that matter.",
            )
        return path.read_bytes()
    except OSError as failure:
        # A name with a zero byte is a ValueError, and no name of a file.
        reason = failure.strerror or "cannot be read"
        raise HistoryError(
            "unreadable-table", reason[0].lower() + reason[1:], where=str(path), allowed="a CSV or YAML file"
        ) from None
    except ValueError:
        raise HistoryError(
            "not-a-file-name", "not a file name", where=repr(str(path)), allowed="a CSV or YAML file"
        ) from None
