"""Bundled tables: those of the project, which come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from timecone.errors import ArgumentError, suggestion
from timecone.history.readers.file import read
from timecone.history.readers.history_table import HistoryTable

TABLES: Final = Path(__file__).resolve().parents[1] / "tables"

#: The file of each bundled table; what is in them and from where: ``tables/README.md``.
BUNDLED: Final[Mapping[str, str]] = {
    "runs": "runs.csv",
    "chips": "chips.csv",
    "studies": "algorithms.csv",
    "sites": "sites.csv",
    "stocks": "stocks.csv",
    "clusters": "clusters.csv",
    "horizons": "horizons.csv",
    "capabilities": "capabilities.csv",
}


def read_bundled(kind: str) -> HistoryTable:
    """Read a table that comes with the package.

    Parameters
    ----------
    kind : str
        ``"runs"``: landmark training runs 1952 to 2026; ``"chips"``: chips with a price, 2006 to 2025;
        ``"studies"``: estimates of algorithmic efficiency; ``"sites"``: data centres that were or will be the
        largest of their time; ``"stocks"``: the largest owner's chips by quarter; ``"clusters"``: clusters
        of chips that were the largest when they began to operate; ``"horizons"``: METR's time horizons of the
        models that were best at release; ``"capabilities"``: scores on Epoch AI's index of models whose
        compute is known, and of the best of each laboratory with the largest runs.

    Returns
    -------
    HistoryTable
        The rows of the table.

    Raises
    ------
    ArgumentError
        There is no bundled table of this kind.

    Examples
    --------
    >>> runs = read_bundled("runs").rows
    >>> runs.loc[runs.name == "AlexNet", "training_compute"].item()
    4.7e+17
    """
    if kind not in BUNDLED:
        raise ArgumentError(
            "unknown-bundled-table",
            "no such bundled table",
            where="kind",
            got=kind,
            allowed=", ".join(BUNDLED),
            remedy=suggestion(str(kind), BUNDLED),
        )
    return read(TABLES / BUNDLED[kind], kind)
