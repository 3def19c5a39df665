"""Command ``fit`` for files of the supply of compute: sites and stocks of chips."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from timecone.cli.folder import prepare_files
from timecone.cli.history_output import print_json, print_source, table_json
from timecone.cli.interruption import interruption
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError, UsageError

if TYPE_CHECKING:
    import xarray as xr

    from timecone.history.readers import HistoryTable

#: The kinds of tables that a fit of supply takes.
KINDS: Final = ("sites", "stocks")
_SHOWN_YEARS: Final = (2024.0, 2025.0, 2026.0, 2027.0, 2028.0, 2030.0)


def are_supply(paths: Sequence[Path]) -> bool:
    """Return whether the header of some file is that of sites or of stocks of chips."""
    from timecone.history.readers.file import kind_of

    return any(kind_of(path) in KINDS for path in paths)


def read_tables(paths: Sequence[Path]) -> dict[str, list[HistoryTable]]:
    """Return the tables by kind; timecone's own stand for a kind without a file.

    Raises
    ------
    UsageError
        A file is of another kind, or there are two of sites.
    """
    from timecone.history.readers import read, read_bundled

    tables: dict[str, list[HistoryTable]] = {kind: [] for kind in KINDS}
    for path in paths:
        table = read(path)
        if table.kind not in KINDS:
            raise UsageError(
                "not-evidence-of-supply",
                f"a table of {table.kind} cannot be fitted together with sites and stocks",
                where=table.source,
                allowed=", ".join(KINDS),
                remedy="Fit each with its own command.",
            )
        tables[table.kind].append(table)
    if len(tables["sites"]) > 1:
        raise UsageError(
            "duplicate-table",
            "two files of sites",
            where=tables["sites"][1].source,
            got=tables["sites"][0].source,
            remedy="Give one file of sites, and one of stocks for each maker of chips.",
        )
    return {kind: stated or [read_bundled(kind)] for kind, stated in tables.items()}


def fit_supply(
    tables: Sequence[Path],
    paths: tuple[Path, Path],
    *,
    as_of: date,
    published: date | None,
    start: float,
    draws: int,
    seed: int,
    command: str,
    as_json: bool,
) -> None:
    """Fit the limits of supply, print them, and write fragment and draws."""
    from timecone.history.joint.fragment import save_fragment
    from timecone.history.readers import read_bundled
    from timecone.history.supply import fit
    from timecone.history.supply.fragment import supply_fragment
    from timecone.units import decimal_year

    read = read_tables(tables)
    sites, stocks = (pd.concat([each.rows for each in read[kind]], ignore_index=True) for kind in KINDS)
    if sites["published"].isna().all():
        if published is None:
            raise ArgumentError(
                "record-date-missing",
                "the rows do not say when they were published, so plans cannot be told from what exists",
                where=read["sites"][0].source,
                remedy="State the date of the file by --published.",
            )
        sites = sites.assign(published=decimal_year(published))
    elif published is not None:
        raise ArgumentError(
            "publication-stated-twice",
            "the rows say themselves when they were published",
            where="--published",
            got=published.isoformat(),
        )
    every = [table for kind in KINDS for table in read[kind]]
    tree = fit.fit_supply(
        sites,
        stocks,
        as_of=decimal_year(as_of),
        start=start,
        runs=read_bundled("runs").rows,
        draws=draws,
        seed=seed,
        sources=[_source(each) for each in every],
    )
    content = supply_fragment(tree, name=paths[0].stem, as_of=as_of, posterior=paths[1].name)
    prepare_files(*paths)
    with interruption.holding():
        fit.save_supply(tree, paths[1])
        save_fragment(content, paths[0], command)
    if as_json:
        print_json(_as_json(tree, content, paths, every))
        return
    for each in every:
        print_source(each.source, each.kind, len(each.rows), (*each.rejected, *each.blanked))
        for note in each.notes:
            plain(f"    {note}")
    _print_levels(tree)
    _print_limits(tree)
    plain(f"  {paths[0]}\n  {paths[1]}")


def _source(table: HistoryTable) -> dict[str, str]:
    from timecone.history.readers import read_bundled

    is_own = table.sha256 == read_bundled(table.kind).sha256
    name = f"timecone's own {table.source}" if is_own else table.source
    return {"name": name, "kind": table.kind, "sha256": table.sha256}


def _as_json(
    tree: xr.DataTree, content: dict[str, Any], paths: Sequence[Path], tables: Sequence[HistoryTable]
) -> dict[str, Any]:
    plain_values = json.loads(json.dumps(content, default=str))
    return {
        "history": plain_values["history"],
        "parameters": {f"supply.{key}": value for key, value in plain_values["parameters"]["supply"].items()},
        "correlations": plain_values["correlations"],
        "fit_id": str(tree.attrs["fit_id"]),
        "written": [str(path) for path in paths],
        "evidence": [table_json(each) for each in tables],
    }


def _print_levels(tree: xr.DataTree) -> None:
    """Print the trends and the largest run by year."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    trend, bound = tree["trend"].to_dataset(), tree["bound"].to_dataset()
    time = trend["time"].values
    rows = [
        (str(name), _by_year(trend["level_of"].sel(series=name).values, time))
        for name in trend["series"].values
    ]
    rows.append(("largest run, FLOP", _by_year(bound["compute"].values, time)))
    title = "Supply by the beginning of the year, median (5 % to 95 %)"
    heads = tuple(f"{year:g}" for year in _SHOWN_YEARS)
    print_table(console(), Table.of_texts("supply", title, "series", heads, rows))


def _by_year(levels: np.ndarray[Any, Any], time: np.ndarray[Any, Any]) -> list[str]:
    texts = []
    for year in _SHOWN_YEARS:
        low, middle, high = (10.0 ** levels[k, int(np.flatnonzero(time == year)[0])] for k in (0, 2, 4))
        texts.append(f"{middle:.2g} ({low:.2g} to {high:.2g})")
    return texts


def _print_limits(tree: xr.DataTree) -> None:
    """Print the parameters of a scenario."""
    from timecone.history.supply.fit import PARAMETERS
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for name, (unit, _) in PARAMETERS.items():
        low, middle, high = np.percentile(tree["posterior"][name].to_numpy(), [5.0, 50.0, 95.0])
        rows.append((name, [f"{low:.3g}", f"{middle:.3g}", f"{high:.3g}", unit]))
    heads = ("5 %", "50 %", "95 %", "unit")
    print_table(console(), Table.of_texts("limits", "Limits for a scenario", "parameter", heads, rows))
