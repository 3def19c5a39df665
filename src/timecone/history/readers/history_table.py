"""The table that a reader returns: the rows that could be read, and a list of what could not."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from timecone.errors import ArgumentError


class RejectedRow(NamedTuple):
    """A row that could not be read, or a row with a cell that could not.

    Attributes
    ----------
    row : int
        Its row in the file as a spreadsheet counts: the header is 1, line breaks inside quoted cells do not
        count. In a YAML file, the line on which the record begins.
    column : str
        The file's heading of the cell; empty where the whole row is meant.
    got : str
        What stood there, shortened.
    reason : str
        Why it is not used, and what would have been.

    Examples
    --------
    >>> from timecone.history import RejectedRow
    >>> RejectedRow(row=3, column="Date", got="soon", reason="not a date").row
    3
    """

    row: int
    column: str
    got: str
    reason: str


@dataclasses.dataclass(frozen=True)
class HistoryTable:
    """The rows of one file, read and rejected.

    Attributes
    ----------
    kind : str
        One of `columns.KINDS`.
    rows : pandas.DataFrame
        Indexed by the row in the file, with the columns of `columns.COLUMNS`, always all of
        them: numbers and decimal years float64 (NaN where missing, never zero), texts "" where missing, flags
        bool.
    rejected : tuple of RejectedRow
        Rows of the file that are not in ``rows``. Rows and rejected rows together are the rows of the file.
    blanked : tuple of RejectedRow
        Cells of ``rows`` that could not be read and count as missing.
    absent : tuple of str
        Columns that the file does not have; they are missing throughout.
    source : str
        Name of the file.
    sha256 : str
        Digest of the file's bytes, hexadecimal.
    notes : tuple of str
        What was converted: columns in another unit, and the order of day and month.
    about : mapping of str to str
        What a YAML file states outside its records, by the paths of the keys.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> runs = read_bundled("runs")
    >>> runs.kind, len(runs.rows) + len(runs.rejected) == runs.total
    ('runs', True)
    """

    kind: str
    rows: pd.DataFrame
    rejected: tuple[RejectedRow, ...]
    blanked: tuple[RejectedRow, ...]
    absent: tuple[str, ...]
    source: str
    sha256: str
    notes: tuple[str, ...] = ()
    about: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of rows in the file, read or rejected, without the header and blank lines."""
        return len(self.rows) + len(self.rejected)

    def known(self, as_of: float) -> HistoryTable:
        """Return the rows dated not later than ``as_of``.

        Rows without a date are left out: nobody can say that they were known. Studies are dated by their
        publication, costs have no dates. A row whose file says when it was published (horizons, counts of
        chips, spending) was known from then on.

        Parameters
        ----------
        as_of : float
            Decimal year.

        Returns
        -------
        HistoryTable
            With the other rows left out, not listed as rejected.

        Raises
        ------
        ArgumentError
            ``as_of`` is not a finite number, or the rows carry no dates.

        Examples
        --------
        >>> from timecone.history import read_bundled
        >>> float(read_bundled("runs").known(2020.0).rows["date"].max()) <= 2020.0
        True
        """
        if not math.isfinite(as_of):
            raise ArgumentError(
                "not-a-date", "not a date", where="as_of", got=as_of, allowed="a decimal year, as 2024.5"
            )
        if "date" not in self.rows:
            raise ArgumentError(
                "rows-without-dates", "these rows have no dates", where=self.source, got=self.kind
            )
        dates = self.rows["date"]
        if "published" in self.rows:
            # The later of the two where both are known.
            dates = dates.where(~(self.rows["published"] > dates), self.rows["published"])
        return dataclasses.replace(self, rows=self.rows[dates <= as_of])
