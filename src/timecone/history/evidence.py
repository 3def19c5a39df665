"""The evidence of a fit: the files that a user gives, and the bundled tables for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Final

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError, UsageError
from timecone.history.readers import HistoryTable, RejectedRow, read, read_bundled
from timecone.history.readers.columns import COLUMNS
from timecone.history.readers.plausibility import require_plausible
from timecone.history.trends.truncation import truncated_below

_NEEDED = ("runs", "chips", "studies")
#: The kinds of tables that a fit of spending, hardware and algorithms takes.
KINDS: Final = (*_NEEDED, "costs", "prices")
#: Years from a chip's release within which a price counts as its release price. In Epoch AI's table of
#: hardware prices the A100 80 GB fell from 37 500 USD at its release in June 2021 to 20 875 USD in January
#: 2022, by 0.25 OOM; chips scatter by 0.35 OOM about their trend. Over several years prices fall
#: by more than that.
PRICE_WITHIN: Final = 1.0
_FEWEST_COSTS: Final = 2


@dataclass(frozen=True)
class Evidence:
    """Tables for a fit or a back-test.

    Attributes
    ----------
    runs, chips, studies : DataFrame
        Rows as the readers give them.
    capabilities : DataFrame or None
        Rows of an index of capabilities, if it belongs to the evidence.
    sources : tuple of dict
        ``name``, ``kind``, ``sha256``, ``rows`` and ``skipped`` of every file, as text.
    rejected : dict
        By kind, the rows and cells that could not be read.
    notes : dict
        By kind, what was converted while reading: units, and the order of day and month.
    unused : dict
        By kind (costs, prices), rows that were read and fill no blank cell, with the reason.
    warnings : tuple of str
        What makes a fit to these tables questionable: a table cut at a threshold, runs without costs.

    Examples
    --------
    >>> from timecone.history.evidence import gather
    >>> evidence = gather()
    >>> [source["kind"] for source in evidence.sources]
    ['runs', 'chips', 'studies']
    """

    runs: pd.DataFrame
    chips: pd.DataFrame
    studies: pd.DataFrame
    capabilities: pd.DataFrame | None
    sources: tuple[dict[str, str], ...]
    rejected: dict[str, tuple[RejectedRow, ...]]
    notes: dict[str, tuple[str, ...]]
    unused: dict[str, tuple[RejectedRow, ...]]
    warnings: tuple[str, ...]


def read_by_kind(paths: Sequence[str | PathLike[str]]) -> dict[str, HistoryTable]:
    """Read files of different kinds.

    Parameters
    ----------
    paths : sequence of str or path
        The files, in any order.

    Returns
    -------
    dict of str to HistoryTable
        The tables by kind.

    Raises
    ------
    HistoryError
        A file cannot be read.
    UsageError
        Two files are of the same kind.

    Examples
    --------
    >>> from timecone.history.evidence import read_by_kind
    >>> list(read_by_kind(["horizons.csv"]))
    ['horizons']
    """
    tables: dict[str, HistoryTable] = {}
    for path in paths:
        table = read(path)
        if table.kind in tables:
            raise UsageError(
                "duplicate-table",
                f"two files of {table.kind}",
                where=str(path),
                got=tables[table.kind].source,
                remedy="Give one file of each kind.",
            )
        tables[table.kind] = table
    return tables


def gather(
    paths: Sequence[str | PathLike[str]] = (),
    *,
    price_within: float = PRICE_WITHIN,
    capabilities: bool = False,
) -> Evidence:
    """Read files of any kind; what is missing comes from the bundled tables.

    Training costs and purchase prices fill blank cells of runs and chips with the same name. A price counts
    as the release price only near the chip's release; of several the nearest counts.

    Parameters
    ----------
    paths : sequence of path
        CSV files of runs, chips, studies, costs or prices.
    price_within : float, optional
        Years from the release, before or after it, within which a price counts as the release price.
    capabilities : bool, optional
        Whether an index of capabilities belongs to the evidence.

    Returns
    -------
    Evidence
        Tables of runs, chips and studies, and what became of the files' rows.

    Raises
    ------
    UsageError
        Two files are of one kind, a file cannot be read, or costs or prices do not fit what they fill.
    ArgumentError
        ``price_within`` is not a positive number of years.

    Examples
    --------
    >>> evidence = gather()
    >>> len(evidence.runs), evidence.warnings
    (147, ())
    """
    if not 0.0 < price_within < math.inf:
        raise ArgumentError(
            "invalid-duration-in-years",
            "not a number of years",
            where="price_within",
            got=price_within,
            allowed="a positive number",
        )
    tables = read_by_kind(paths)
    needed = (*_NEEDED, "capabilities") if capabilities else _NEEDED
    for kind, table in tables.items():
        if kind not in {*KINDS, *needed}:
            raise UsageError(
                "not-evidence-of-trends",
                f"a table of {kind} is not evidence on runs, chips or studies",
                where=table.source,
                allowed=", ".join(KINDS),
                remedy="Fit horizons, and an index of capabilities with them, by a command of their own.",
            )
    bundled = {kind: read_bundled(kind) for kind in needed if kind not in tables}
    used = bundled | tables
    runs, chips = used["runs"].rows, used["chips"].rows
    unused: dict[str, tuple[RejectedRow, ...]] = {}
    if "costs" in tables:
        runs, unused["costs"] = _with_costs(runs, tables["costs"].rows)
        _check("runs", runs, used["runs"], tables["costs"])
    if "prices" in tables:
        chips, unused["prices"] = _with_prices(chips, tables["prices"].rows, price_within)
        _check("chips", chips, used["chips"], tables["prices"])
    return Evidence(
        runs=runs,
        chips=chips,
        studies=used["studies"].rows,
        capabilities=used["capabilities"].rows if capabilities else None,
        sources=tuple(_about(table, is_bundled=kind in bundled) for kind, table in used.items()),
        rejected={each.kind: (*each.rejected, *each.blanked) for each in used.values()},
        notes={each.kind: each.notes for each in used.values()},
        unused=unused,
        warnings=tuple(_warnings(runs, used["runs"].source)),
    )


def _with_costs(runs: pd.DataFrame, costs: pd.DataFrame) -> tuple[pd.DataFrame, tuple[RejectedRow, ...]]:
    """Return runs with blank costs filled by name, and the rows of costs that fill none."""
    known = costs.dropna(subset=["amortised"]).groupby("name")["amortised"].median()
    blank = set(runs["name"][runs["cost"].isna()])
    names = set(runs["name"])
    unused = []
    for row, name, cost in zip(costs.index, costs["name"], costs["amortised"], strict=True):
        reason = ""
        if math.isnan(cost):
            reason = "no amortised cost"
        elif name not in names:
            reason = "no run of this name"
        elif name not in blank:
            reason = "the run has a cost already"
        if reason:
            unused.append(RejectedRow(int(row), "name", name, reason))
    return runs.assign(cost=runs["cost"].fillna(runs["name"].map(known))), tuple(unused)


def _with_prices(
    chips: pd.DataFrame, prices: pd.DataFrame, within: float
) -> tuple[pd.DataFrame, tuple[RejectedRow, ...]]:
    """Return chips with blank prices filled from near their release, and the rows that fill none.

    ``price_date`` says when the price that fills a blank was paid, so that a back-test can leave out later
    ones.
    """
    filled = chips["price"].copy()
    dated = pd.Series(np.nan, index=chips.index)
    reasons = dict.fromkeys(prices.index, "no chip of this name")
    reasons |= dict.fromkeys(prices.index[prices["price"].isna()], "no purchase price")
    by_name = {str(name): rows for name, rows in prices.dropna(subset=["price"]).groupby("hardware")}
    for row, name, date, price in zip(chips.index, chips["name"], chips["date"], chips["price"], strict=True):
        candidates = by_name.get(name)
        if candidates is None:
            continue
        if not math.isnan(price):
            reasons |= dict.fromkeys(candidates.index, "the chip has a price already")
            continue
        away = (candidates["date"] - date).abs()
        is_near = away <= within
        for other in candidates.index:
            late = float(candidates["date"][other]) - date
            when = f"{abs(late):.1f} years {'after' if late > 0.0 else 'before'} it"
            reasons[other] = f"further than {within:g} years from the chip's release ({when})"
            if is_near[other]:
                reasons[other] = "another price lies nearer to the release"
        if is_near.any():
            nearest = candidates.index[away == away.min()]
            filled[row] = float(np.median(candidates["price"][nearest]))
            dated[row] = float(candidates["date"][nearest].max())
            for other in nearest:
                reasons[other] = ""
    unused = tuple(
        RejectedRow(int(row), "hardware", str(prices["hardware"][row]), reason)
        for row, reason in reasons.items()
        if reason
    )
    return chips.assign(price=filled, price_date=dated), unused


def _check(kind: str, rows: pd.DataFrame, table: HistoryTable, other: HistoryTable) -> None:
    """Refuse costs or prices that do not fit the compute or performance that they were joined to."""
    units = {column.name: column.unit for column in COLUMNS[kind]}
    require_plausible(kind, rows, units, f"{table.source} with {other.source}")


def _warnings(runs: pd.DataFrame, source: str) -> list[str]:
    warnings = []
    cut = truncated_below(runs["date"], runs["training_compute"])
    if cut:
        warnings.append(
            f"{source} seems to be cut off below about {cut.threshold:g} FLOP ({cut.near} of {cut.total} runs"
            " lie within a factor of 2.5 above it). Growth fitted to such a table is too slow; use the whole"
            " table."
        )
    if runs["cost"].notna().sum() < _FEWEST_COSTS:
        warnings.append(
            f"{source} has no training costs, which a fit needs to tell spending from price-performance. Add"
            " a file of costs: columns Model and Cost, in USD of 2023."
        )
    return warnings


def _about(table: HistoryTable, *, is_bundled: bool) -> dict[str, str]:
    return {
        "name": f"timecone's own {table.source}" if is_bundled else table.source,
        "kind": table.kind,
        "sha256": table.sha256,
        "rows": str(len(table.rows)),
        "skipped": str(len(table.rejected)),
    }
