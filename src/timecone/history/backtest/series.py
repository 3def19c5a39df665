"""Series of records for the back-test: training runs, chips, clusters, sites, stocks, horizons, capabilities.

Each goes from a table of the readers to dates and values in a unit in which growth is additive: decimal
logarithms, or points of an index. Where a file does not say when an event became public, it counts as public
from its own date; where it does not say when a figure was estimated, the date is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from timecone.errors import ArgumentError, suggestion
from timecone.history.backtest.records import RecordSeries
from timecone.history.chip_prices import in_usd_of
from timecone.history.horizons.best_models import LONGEST, SHORTEST
from timecone.history.readers import HistoryTable, read_bundled
from timecone.history.supply.series import NO_SINGLE_OWNER
from timecone.history.trends.completeness import complete_until
from timecone.units import decimal_year

#: Days on which the files behind the bundled tables were published. The counts of chips and the sites state
#: theirs themselves.
SNAPSHOTS: Final[Mapping[str, date]] = {
    "runs": date(2026, 8, 22),
    "chips": date(2026, 7, 23),
    "clusters": date(2026, 8, 12),
    "horizons": date(2026, 4, 11),
    "capabilities": date(2026, 4, 11),
}
#: Estimates in the bundled tables that were published before their file: what a row's source or note holds,
#: and the day.
EARLIER_ESTIMATES: Final[Mapping[str, tuple[str, date]]] = {
    "chips": ("Hobbhahn & Besiroglu 2022", date(2022, 6, 27)),
    "runs": ("March 2025", date(2025, 3, 31)),
}
#: Year in whose USD prices of chips are.
_USD: Final = 2025


class _Kind(NamedTuple):
    """A series: kind of its table, title, unit, first year, and the growth a year that a prior expects."""

    table: str
    title: str
    unit: str
    since: float
    growth: float = 0.4
    is_regular: bool = False


#: The series of the back-test, by key. The prior growth is that of the fit of supply; of chips a doubling in
#: 2.5 years (Hobbhahn & Besiroglu 2022); of horizons one in seven months (Kwa et al. 2025); of the index, for
#: which no figure is published that is older than the data, the slope of the file itself.
RECORD_SERIES: Final[Mapping[str, _Kind]] = {
    "largest_run": _Kind("runs", "Largest training run so far", "log10 FLOP", 2010.0),
    "chip_performance_per_usd": _Kind(
        "chips",
        "Best FP32 performance per USD of a chip so far",
        f"log10 FLOP/s per USD of {_USD}",
        2006.0,
        growth=0.12,
    ),
    "largest_cluster": _Kind("clusters", "Largest cluster so far", "log10 H100 equivalents", 2016.0),
    "largest_site": _Kind("sites", "Largest site of data centres so far", "log10 H100 equivalents", 2022.0),
    "largest_owner": _Kind(
        "stocks", "Stock of the largest owner", "log10 H100 equivalents", 2023.0, is_regular=True
    ),
    "horizon_50": _Kind(
        "horizons", "Longest time horizon so far, 50 %", "log10 minutes", 2019.0, growth=0.52
    ),
    "horizon_80": _Kind(
        "horizons", "Longest time horizon so far, 80 %", "log10 minutes", 2019.0, growth=0.52
    ),
    "capabilities_index": _Kind(
        "capabilities", "Highest score so far in the Capabilities Index", "points", 2023.0, growth=16.0
    ),
}


def record_series(name: str, table: HistoryTable | None = None, *, end: float | None = None) -> RecordSeries:
    """Return a series of records from a table.

    Parameters
    ----------
    name : str
        A key of `RECORD_SERIES`.
    table : HistoryTable, optional
        The table as the reader returns it; the bundled one by default.
    end : float, optional
        Decimal year until which the table is complete. By default that of `complete_until` for runs, the
        newest date of publication for sites, the date of the bundled files of horizons and capabilities,
        and the newest record for all others.

    Returns
    -------
    RecordSeries
        All rows of the table that have a date and the quantity; planned clusters and sites, groups of
        clusters and horizons outside the range of METR's tasks are left out.

    Raises
    ------
    ArgumentError
        There is no such series, the table is of another kind, or holds no record.

    Examples
    --------
    >>> from timecone.history.backtest.series import record_series
    >>> series = record_series("largest_cluster")
    >>> round(10.0 ** series.value(2025.0))
    100000
    """
    if name not in RECORD_SERIES:
        raise ArgumentError(
            "unknown-series",
            "no such series of records",
            where="name",
            got=name,
            allowed=", ".join(RECORD_SERIES),
            remedy=suggestion(str(name), RECORD_SERIES),
        )
    kind = RECORD_SERIES[name]
    bundled = read_bundled(kind.table)
    table = bundled if table is None else table
    if table.kind != kind.table:
        raise ArgumentError(
            "not-the-table-of-the-series",
            f"the series {name} is made of a table of {kind.table}",
            where=table.source,
            got=table.kind,
            allowed=kind.table,
        )
    is_own = table.sha256 == bundled.sha256 and kind.table in SNAPSHOTS
    snapshot = decimal_year(SNAPSHOTS[kind.table]) if is_own else math.nan
    records = _records(name, table.rows)
    records = records[np.isfinite(records["value"]) & records["date"].notna()].copy()
    if not (records["date"] >= kind.since).any():
        raise ArgumentError(
            "too-few-records", f"no row of the table is a record of {name}", where=table.source, got=0
        )
    records["published"] = records["published"].fillna(records["date"])
    if is_own and kind.table in EARLIER_ESTIMATES:
        text, day = EARLIER_ESTIMATES[kind.table]
        is_earlier = (table.rows["source"] + table.rows["note"]).str.contains(text, regex=False)
        records.loc[is_earlier.reindex(records.index), "estimated"] = decimal_year(day)
    records["estimated"] = records["estimated"].fillna(snapshot)
    if end is None:
        end = float(records["date"].max())
        if name == "largest_run":
            end = min(complete_until(table.rows).until, float(table.rows["date"].max()))
        elif name == "largest_site" and records["estimated"].notna().any():
            end = float(records["estimated"].max())
        elif is_own and kind.table in ("horizons", "capabilities"):
            end = snapshot
    records = records.sort_values("date", kind="stable", ignore_index=True)
    return RecordSeries(
        name,
        kind.title,
        kind.unit,
        records,
        end=end,
        is_regular=kind.is_regular,
        growth=kind.growth,
        since=kind.since,
    )


def all_record_series(tables: Mapping[str, HistoryTable] | None = None) -> tuple[RecordSeries, ...]:
    """Return all series of the back-test.

    Parameters
    ----------
    tables : mapping of str to HistoryTable, optional
        Tables by kind; bundled ones stand for the others.

    Returns
    -------
    tuple of RecordSeries
        In the order of `RECORD_SERIES`.

    Examples
    --------
    >>> from timecone.history.backtest.series import all_record_series
    >>> len(all_record_series())
    8
    """
    tables = {} if tables is None else tables
    return tuple(record_series(name, tables.get(kind.table)) for name, kind in RECORD_SERIES.items())


def snapshots(sources: Sequence[Mapping[str, str]]) -> dict[str, float]:
    """Return the dates on which the figures of bundled tables were published.

    Parameters
    ----------
    sources : sequence of mapping
        ``kind`` and ``sha256`` of the tables in use.

    Returns
    -------
    dict of str to float
        Decimal year by kind, of the bundled tables among them that come from one file.

    Examples
    --------
    >>> from timecone.history.backtest.series import snapshots
    >>> from timecone.history.readers import read_bundled
    >>> round(snapshots([{"kind": "runs", "sha256": read_bundled("runs").sha256}])["runs"], 2)
    2026.64
    """
    return {
        source["kind"]: decimal_year(SNAPSHOTS[source["kind"]])
        for source in sources
        if source["kind"] in SNAPSHOTS and source["sha256"] == read_bundled(source["kind"]).sha256
    }


def _records(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return name, date, value, published and estimated of the rows of a table that the series counts."""
    published = rows["published"] if "published" in rows else pd.Series(np.nan, index=rows.index)
    blank = pd.Series(np.nan, index=rows.index)
    if name == "largest_run":
        return _frame(rows, np.log10(rows["training_compute"]), published, blank)
    if name == "chip_performance_per_usd":
        per_usd = rows["fp32"] / in_usd_of(rows, _USD)["price"]
        when = rows.get("price_date", published)
        logarithm = pd.Series(np.log10(per_usd), index=rows.index)
        return _frame(rows, logarithm, when.where(when > rows["date"], rows["date"]), blank)
    if name == "largest_cluster":
        is_real = (
            (rows["status"] != "Planned")
            & (rows["certainty"] != "Unlikely")
            & (rows["single"] != "No")
            & ~rows["duplicate"]
        )
        return _frame(rows[is_real], np.log10(rows["h100e"]), published, blank)
    if name == "largest_site":
        if published.isna().any():
            raise ArgumentError(
                "record-date-missing",
                "the rows do not say when they were published, so plans cannot be told from what exists",
                where=f"table of {RECORD_SERIES[name].table}",
                remedy="State the date of the file by --published.",
            )
        exists = rows[(rows["h100e"] > 0.0) & ~(rows["date"] > published)]
        return _frame(exists.rename(columns={"site": "name"}), np.log10(exists["h100e"]), blank, published)
    if name == "largest_owner":
        return _largest_owner(rows)
    if name in ("horizon_50", "horizon_80"):
        minutes = rows[f"p{name[-2:]}"]
        is_measured = (minutes >= SHORTEST) & (minutes <= LONGEST)
        return _frame(rows[is_measured], np.log10(minutes), published, blank)
    return _frame(rows, rows["score"], published, blank)


def _largest_owner(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the largest owner's chips of all makers at the end of each complete quarter."""
    known = rows[~rows["owner"].isin(NO_SINGLE_OWNER) & rows["h100e"].notna()]
    known = known[~known["date"].isin(set(known["date"][known["incomplete"]]))]
    totals = known.groupby(["date", "owner"]).agg(h100e=("h100e", "sum"), published=("published", "max"))
    largest = totals.reset_index().sort_values(["date", "h100e"], kind="stable")
    largest = largest.drop_duplicates("date", keep="last").rename(columns={"owner": "name"})
    blank = pd.Series(np.nan, index=largest.index)
    return _frame(largest, np.log10(largest["h100e"]), blank, largest["published"])


def _frame(
    rows: pd.DataFrame, value: pd.Series[float], published: pd.Series[float], estimated: pd.Series[float]
) -> pd.DataFrame:
    """Return records of rows; the row of the file makes names differ that occur several times."""
    name = rows["name"].astype(str)
    again = name.duplicated(keep=False)
    name = name.where(~again, name + " (row " + rows.index.astype(str) + ")")
    columns = {"value": value, "published": published, "estimated": estimated}
    return pd.DataFrame(
        {
            "name": name,
            "date": rows["date"],
            **{key: each.reindex(rows.index) for key, each in columns.items()},
        }
    )
