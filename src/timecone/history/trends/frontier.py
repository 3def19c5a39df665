"""The frontier of a table of runs: records, the top at release, and Epoch AI's own flag.

Each returns the rows that belong, by date. Rows without a date or a value of the column belong nowhere: what
is not published is missing.
"""

from __future__ import annotations

import heapq

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError


def top_at_release(rows: pd.DataFrame, count: int, column: str = "training_compute") -> pd.DataFrame:
    """Return the rows that were among the ``count`` largest published until their date.

    Parameters
    ----------
    rows : pandas.DataFrame
        Records with ``date`` and ``column``.
    count : int
        1 for records, 5 or 10 for the frontier as Epoch AI draws it. Of several runs of one date the one that
        comes first in the table counts as earlier; a run that equals the last of the top belongs.
    column : str, optional
        What is ranked.

    Returns
    -------
    DataFrame
        Those rows, by date.

    Raises
    ------
    ArgumentError
        ``count`` is below 1 or there is no such column.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.trends.frontier import top_at_release
    >>> runs = read_bundled("runs").rows
    >>> len(top_at_release(runs, 1)) < len(top_at_release(runs, 10)) < len(runs)
    True
    """
    if count < 1:
        raise ArgumentError("not-a-rank", "not a rank", where="count", got=count, allowed="1 or more")
    known = _known(rows, column)
    top: list[float] = []
    belongs = []
    for value in known[column]:
        if len(top) < count:
            heapq.heappush(top, value)
            belongs.append(True)
        else:
            belongs.append(value >= top[0])
            heapq.heappushpop(top, value)
    # An empty list would select columns.
    return known[np.array(belongs, dtype=bool)]


def records_at_release(rows: pd.DataFrame, column: str = "training_compute") -> pd.DataFrame:
    """Return the rows that reached the maximum of all before them: the running maximum.

    Parameters
    ----------
    rows : DataFrame
        Rows of runs as the readers give them.
    column : str, optional
        The column that is ranked.

    Returns
    -------
    DataFrame
        Those rows, by date.

    Raises
    ------
    ArgumentError
        There is no such column.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.trends.frontier import records_at_release
    >>> bool(records_at_release(read_bundled("runs").rows)["training_compute"].is_monotonic_increasing)
    True
    """
    return top_at_release(rows, 1, column)


def flagged(rows: pd.DataFrame, column: str = "training_compute") -> pd.DataFrame:
    """Return the rows that Epoch AI flags as frontier models and that have a value.

    Parameters
    ----------
    rows : DataFrame
        Rows of runs as the readers give them.
    column : str, optional
        The column that is ranked.

    Returns
    -------
    DataFrame
        Those rows.

    Raises
    ------
    ArgumentError
        There is no such column.

    Examples
    --------
    >>> from timecone.history import read_bundled
    >>> from timecone.history.trends.frontier import flagged
    >>> runs = read_bundled("runs").rows
    >>> 0 < len(flagged(runs)) < len(runs)
    True
    """
    known = _known(rows, column)
    return known[known["frontier"]]


def _known(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    for name in ("date", column):
        if name not in rows:
            raise ArgumentError(
                "unknown-column",
                "no such column",
                where="column",
                got=name,
                allowed=", ".join(map(str, rows.columns)),
            )
    return rows.dropna(subset=["date", column]).sort_values("date", kind="stable")
