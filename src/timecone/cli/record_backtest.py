"""Command ``backtest --records``: trends of series of records, with the account of publication."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from timecone.cli.folder import prepare_files
from timecone.cli.history_output import print_json, print_scores, print_source, rows_of, table_json
from timecone.cli.interruption import interruption
from timecone.cli.output import console, plain
from timecone.errors import UsageError

if TYPE_CHECKING:
    from timecone.history.backtest.records import RecordSeries
    from timecone.history.readers import HistoryTable

#: Members of each forecast.
DRAWS: Final = 1000


def read_tables(paths: Sequence[Path]) -> dict[str, HistoryTable]:
    """Return tables by kind; several of stocks, one for each maker of chips, become one.

    Raises
    ------
    UsageError
        A table holds no series of records, or two files are of one kind.
    """
    from timecone.history.backtest.series import RECORD_SERIES
    from timecone.history.readers import read

    kinds = {kind.table for kind in RECORD_SERIES.values()}
    tables: dict[str, HistoryTable] = {}
    for path in paths:
        table = read(path)
        before = tables.get(table.kind)
        if table.kind not in kinds:
            raise UsageError(
                "not-a-table-of-records",
                f"a table of {table.kind} holds no series of records",
                where=table.source,
                allowed=", ".join(sorted(kinds)),
            )
        if before is not None and table.kind != "stocks":
            raise UsageError(
                "duplicate-table",
                f"two files of {table.kind}",
                where=table.source,
                got=before.source,
                remedy="Give one file of each kind, but of stocks one for each maker of chips.",
            )
        tables[table.kind] = table if before is None else _joined(before, table)
    return tables


def series_of(
    paths: Sequence[Path], names: Sequence[str], *, published: date | None
) -> dict[str, RecordSeries]:
    """Return series of records by key, from files or from the bundled tables."""
    from timecone.history.backtest.series import RECORD_SERIES, record_series

    tables = _dated(read_tables(paths), published)
    return {
        name: record_series(name, tables.get(RECORD_SERIES[name].table) if name in RECORD_SERIES else None)
        for name in dict.fromkeys(names)
    }


def backtest_records(
    paths: Sequence[Path],
    out: Path,
    *,
    published: date | None,
    draws: int,
    seed: int,
    strict: bool,
    as_json: bool,
) -> None:
    """Forecast from past dates, print scores, calibration and publication, and write the forecasts."""
    from timecone.history.backtest.forecasts import save_backtest
    from timecone.history.backtest.series import RECORD_SERIES, all_record_series
    from timecone.history.backtest.series_forecasts import backtest_series, record_dataset
    from timecone.history.readers import read_bundled
    from timecone.results.run_file.backtest import summary
    from timecone.results.run_file.calibration import calibration
    from timecone.results.tables.backtest import calibration_table
    from timecone.results.tables.terminal import print_table
    from timecone.schema import DRIFTING_GROWTH

    stated = _dated(read_tables(paths), published)
    kinds = dict.fromkeys(kind.table for kind in RECORD_SERIES.values())
    used = {kind: stated.get(kind) or read_bundled(kind) for kind in kinds}
    prepare_files(out)
    series = all_record_series(stated)
    forecasts = backtest_series(series, seed=seed, draws=draws, strict=strict)
    sources = [_source(table, is_bundled=kind not in stated) for kind, table in used.items()]
    dataset = record_dataset(forecasts, sources, seed=seed, strict=strict)
    with interruption.holding():
        save_backtest(dataset, out)
    scores = summary(forecasts, DRIFTING_GROWTH)
    if as_json:
        print_json(
            {
                "summary": rows_of(scores),
                "calibration": rows_of(calibration(forecasts)),
                "forecasts": rows_of(forecasts),
                "written": str(out),
                "evidence": [table_json(table) for table in used.values()],
            }
        )
        return
    for table, source in zip(used.values(), sources, strict=True):
        print_source(source["name"], table.kind, len(table.rows), (*table.rejected, *table.blanked))
    print_scores(scores, DRIFTING_GROWTH)
    print_table(console(), _publication(forecasts))
    print_table(console(), calibration_table(dataset))
    missing = [one.title for one in series if one.name not in set(forecasts["target"])]
    if missing:
        plain(f"Too few records before any date with an outcome: {'; '.join(missing)}.")
    plain(f"  {out}")


def _publication(forecasts: pd.DataFrame) -> Any:
    """Return the table of what the forecasts of each series and date used."""
    from timecone.results.tables.table import Table

    cases = forecasts.drop_duplicates(["target", "origin"]).sort_values(["target", "origin"], kind="stable")
    rows = []
    for target, group in cases.groupby("target", sort=False):
        for _, row in group.iterrows():
            is_later = row["hindsight"] > 0
            rows.append(
                (
                    f"{str(target).replace('_', ' ')}, {row['origin']:g}",
                    (
                        f"{row['records']:.0f}",
                        f"{row['newest_record']:.2f}",
                        "unknown" if np.isnan(row["newest_estimate"]) else f"{row['newest_estimate']:.2f}",
                        f"{row['hindsight']:.0f}" if is_later else "none",
                        f"{row['left_out']:.0f}",
                    ),
                )
            )
    heads = ("records used", "newest record", "newest figure", "figures from after", "records left out")
    title = "Publication of what each forecast used, by decimal year"
    return Table.of_texts("publication", title, "series and date", heads, rows)


def _dated(tables: dict[str, HistoryTable], published: date | None) -> dict[str, HistoryTable]:
    """Return tables in which sites that do not say when they were published have the day of their file."""
    from timecone.units import decimal_year

    if published is None or "sites" not in tables:
        return tables
    sites = tables["sites"]
    dated = sites.rows["published"].fillna(decimal_year(published))
    return tables | {"sites": dataclasses.replace(sites, rows=sites.rows.assign(published=dated))}


def _joined(first: HistoryTable, second: HistoryTable) -> HistoryTable:
    """Return two tables of one kind as one."""
    return dataclasses.replace(
        first,
        rows=pd.concat([first.rows, second.rows], ignore_index=True),
        rejected=(*first.rejected, *second.rejected),
        blanked=(*first.blanked, *second.blanked),
        source=f"{first.source}, {second.source}",
        sha256=hashlib.sha256((first.sha256 + second.sha256).encode()).hexdigest(),
    )


def _source(table: HistoryTable, *, is_bundled: bool) -> dict[str, str]:
    return {
        "name": f"timecone's own {table.source}" if is_bundled else table.source,
        "kind": table.kind,
        "sha256": table.sha256,
        "rows": str(len(table.rows)),
        "skipped": str(len(table.rejected)),
    }
