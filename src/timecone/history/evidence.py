"""The evidence of a fit: the files that a user gives, and the project's own tables for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

import pandas as pd

from timecone.errors import UsageError
from timecone.history.readers import Records, Skip, read, read_own

_NEEDED = ("runs", "chips", "studies")


@dataclass(frozen=True)
class Evidence:
    """Tables for a fit or a back-test.

    Attributes
    ----------
    runs, chips, studies : DataFrame
        Rows as the readers give them.
    sources : tuple of dict
        ``name``, ``kind``, ``sha256``, ``rows`` and ``skipped`` of every file, as text.
    skipped : dict
        By kind, the rows and cells that could not be read.
    """

    runs: pd.DataFrame
    chips: pd.DataFrame
    studies: pd.DataFrame
    sources: tuple[dict[str, str], ...]
    skipped: dict[str, tuple[Skip, ...]]


def gather(paths: Sequence[str | PathLike[str]] = ()) -> Evidence:
    """Read files of any kind; what is missing comes from the project's own tables.

    Training costs and purchase prices fill blank cells of runs and chips with the same name.

    Parameters
    ----------
    paths : sequence of path
        CSV files of runs, chips, studies, costs or prices.

    Returns
    -------
    Evidence

    Raises
    ------
    UsageError
        Two files are of one kind, or a file cannot be read.
    """
    found: dict[str, Records] = {}
    for path in paths:
        records = read(path)
        if records.kind in found:
            raise UsageError(
                f"two files of {records.kind}", where=str(path), got=found[records.kind].source,
                remedy="Give one file of each kind.",
            )  # fmt: skip
        found[records.kind] = records
    own = {kind: read_own(kind) for kind in _NEEDED if kind not in found}
    used = own | found
    runs, chips = used["runs"].rows, used["chips"].rows
    if "costs" in found:
        runs = _filled(runs, "name", "cost", found["costs"].rows, "name", "amortised")
    if "prices" in found:
        chips = _filled(chips, "name", "price", found["prices"].rows, "hardware", "price")
    return Evidence(
        runs=runs,
        chips=chips,
        studies=used["studies"].rows,
        sources=tuple(_about(records, is_own=kind in own) for kind, records in used.items()),
        skipped={one.kind: (*one.skipped, *one.blanked) for one in used.values()},
    )


def _filled(
    rows: pd.DataFrame, key: str, column: str, other: pd.DataFrame, other_key: str, other_column: str
) -> pd.DataFrame:
    """Return rows with blank cells filled from another table by name; the median where it has several."""
    known = other.dropna(subset=[other_column]).groupby(other_key)[other_column].median()
    return rows.assign(**{column: rows[column].fillna(rows[key].map(known))})


def _about(records: Records, *, is_own: bool) -> dict[str, str]:
    return {
        "name": f"timecone's own {records.source}" if is_own else records.source,
        "kind": records.kind,
        "sha256": records.sha256,
        "rows": str(len(records.rows)),
        "skipped": str(len(records.skipped)),
    }
