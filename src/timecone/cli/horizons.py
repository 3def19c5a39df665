"""Commands ``fit`` and ``backtest`` for files of time horizons."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import typer

from timecone.cli.folder import prepare_files
from timecone.cli.history_output import print_json, print_source, rows_of
from timecone.cli.interruption import interruption
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError, UsageError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from timecone.history.horizons.index import IndexTrend
    from timecone.history.readers import HistoryTable

_DAYS = 365.25
#: Options whose names differ from those of their arguments.
_OPTIONS = {"dates": "date"}
_POINT = ".point_estimate"
_STATED = "doubling_time_in_days."


def are_horizons(paths: Sequence[Path]) -> bool:
    """Return whether the header of some file is that of time horizons or of an index of capabilities."""
    from timecone.history.readers.file import kind_of

    return any(kind_of(path) in {"horizons", "capabilities"} for path in paths)


def refuse_options(context: typer.Context, names: Sequence[str], what: str) -> None:
    """Refuse options that a command does not read for files of this kind.

    Raises
    ------
    ArgumentError
        Such an option is stated.
    """
    for name in names:
        if is_stated(context, name):
            raise ArgumentError(
                "option-of-other-files",
                f"{what} does not take this option",
                where=f"--{_OPTIONS.get(name, name.replace('_', '-'))}",
                got=context.params[name],
            )


def is_stated(context: typer.Context, name: str) -> bool:
    """Return whether an option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def read_tables(paths: Sequence[Path]) -> tuple[HistoryTable, HistoryTable | None]:
    """Return the table of horizons, and that of an index where there is one.

    Raises
    ------
    UsageError
        There is no file of horizons, two files are of one kind, or one is of another kind.
    """
    from timecone.history.evidence import read_by_kind

    tables = read_by_kind(paths)
    for kind, table in tables.items():
        if kind not in {"horizons", "capabilities"}:
            raise UsageError(
                "not-evidence-of-horizons",
                f"a table of {kind} cannot be fitted together with horizons",
                where=table.source,
                allowed="horizons, and an index of capabilities",
                remedy="Fit each with its own command.",
            )
    if "horizons" not in tables:
        raise UsageError(
            "horizons-missing",
            "an index of capabilities alone does not determine any parameter of a scenario",
            where=str(paths[0]),
            allowed="also a file of horizons",
            remedy="In Python, timecone.history.horizons.index.index_trend fits its trend.",
        )
    return tables["horizons"], tables.get("capabilities")


def fit_horizons(
    tables: Sequence[Path],
    paths: tuple[Path, Path],
    *,
    as_of: date,
    start: float | None,
    since: Sequence[float] | None,
    reliability: int,
    draws: int,
    seed: int,
    command: str,
    as_json: bool,
) -> None:
    """Fit the trend, print it, and write fragment and draws."""
    from timecone.history.horizons import posterior
    from timecone.history.horizons.best_models import best_at_release, questionable
    from timecone.history.horizons.index import index_trend
    from timecone.history.horizons.trend import SINCE
    from timecone.history.joint.fragment import save_fragment
    from timecone.units import decimal_year

    table, index = read_tables(tables)
    known = table.known(decimal_year(as_of))
    tree = posterior.fit_horizons(
        known.rows,
        start=decimal_year(as_of) if start is None else start,
        reliability=reliability,
        since=SINCE if since is None else since,
        draws=draws,
        seed=seed,
        sources=[_about(table)],
    )
    best = best_at_release(known.rows, reliability=reliability)
    scores = None if index is None else index_trend(index.known(decimal_year(as_of)).rows, seed=seed)
    content = posterior.horizon_fragment(tree, name=paths[0].stem, as_of=as_of, posterior=paths[1].name)
    prepare_files(*paths)
    for sentence in questionable(known.rows):
        sys.stderr.write(f"timecone: warning: {table.source}: {sentence}\n")
    with interruption.holding():
        posterior.save_horizons(tree, paths[1])
        save_fragment(content, paths[0], command)
    later = [
        str(name)
        for row, name in zip(table.rows.index, table.rows["name"], strict=True)
        if row not in known.rows.index
    ]
    if as_json:
        print_json(
            _as_json(tree, content, paths, [table, index])
            | {
                "used": list(best.names),
                "left_out": [each._asdict() for each in best.left_out],
                "after_as_of": later,
                "index": None if scores is None else scores._asdict(),
            }
        )
        return
    for each in (table, index):
        if each is not None:
            print_source(each.source, each.kind, len(each.rows), (*each.rejected, *each.blanked))
            for note in each.notes:
                plain(f"    {note}")
    plain(
        f"{len(best.names)} models were best at release at {reliability} % success: {', '.join(best.names)}."
    )
    for reason in dict.fromkeys(each.reason for each in best.left_out):
        names = [each.got for each in best.left_out if each.reason == reason]
        plain(f"Not used, {reason}: {', '.join(names)}.")
    if later:
        plain(f"Not used, dated after --as-of or without a date: {', '.join(later)}.")
    _print_trend(tree, content)
    _print_stated(table, tree)
    if scores is not None:
        _print_index(scores)
    plain(f"Conditions: {posterior.conditions_of(tree)}")
    plain(f"  {paths[0]}\n  {paths[1]}")


def backtest_horizons(
    tables: Sequence[Path],
    path: Path,
    *,
    origins: Sequence[date] | None,
    since: Sequence[float] | None,
    reliability: int,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Forecast from past dates, print the forecasts with what was measured later, and write them."""
    from timecone.history.horizons import backtest
    from timecone.history.horizons.trend import SINCE

    table, index = read_tables(tables)
    if index is not None:
        raise UsageError(
            "not-evidence-of-horizons",
            "a back-test of horizons does not read an index of capabilities",
            where=index.source,
            allowed="a file of horizons",
        )
    forecasts = backtest.backtest_horizons(
        table,
        origins=origins or backtest.ORIGINS,
        reliability=reliability,
        since=SINCE if since is None else since,
        draws=draws,
        seed=seed,
    )
    prepare_files(path)
    backtest.save_horizon_backtest(forecasts, path, [_about(table)], seed=seed)
    summary = backtest.coverage(forecasts)
    if as_json:
        print_json(
            {
                "summary": rows_of(summary),
                "forecasts": rows_of(forecasts),
                "written": str(path),
                "evidence": [_evidence(table)],
            }
        )
        return
    print_source(table.source, table.kind, len(table.rows), (*table.rejected, *table.blanked))
    _print_forecasts(forecasts)
    _print_coverage(summary)
    plain(
        "Errors in doublings, measured minus median; pace: growth of the measured horizons over that of the"
        " medians. A model is known from its release on"
        + ("" if "published" in table.absent else ", or from the publication of their horizon")
        + "; the horizons are those of this file, measured later."
    )
    plain(f"  {path}")


def _about(table: HistoryTable) -> dict[str, str]:
    return {
        "name": table.source,
        "kind": table.kind,
        "sha256": table.sha256,
        "rows": str(len(table.rows)),
        "skipped": str(len(table.rejected)),
    }


def _evidence(table: HistoryTable) -> dict[str, Any]:
    rejected = [each._asdict() for each in (*table.rejected, *table.blanked)]
    return _about(table) | {"rejected": rejected, "converted": list(table.notes)}


def _as_json(
    tree: xr.DataTree,
    content: Mapping[str, Any],
    paths: Sequence[Path],
    tables: Sequence[HistoryTable | None],
) -> dict[str, Any]:
    plain_values = json.loads(json.dumps(content, default=str))
    return {
        "history": plain_values["history"],
        "parameters": {
            f"horizon.{key}": value for key, value in plain_values["parameters"]["horizon"].items()
        },
        "correlations": plain_values["correlations"],
        "fit_id": str(tree.attrs["fit_id"]),
        "written": [str(path) for path in paths],
        "evidence": [_evidence(table) for table in tables if table is not None],
    }


def _print_trend(tree: xr.DataTree, content: Mapping[str, Any]) -> None:
    """Print horizon and doubling time by first year and together."""
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    group = tree["posterior"].to_dataset()
    since = group["since"].values
    models = json.loads(tree.attrs["models"])
    parts = [(f"from {first}", str(count), since == float(first)) for first, count in models.items()]
    rows = []
    for label, count, chosen in [*parts, ("all, equal weights", "", np.full(since.size, fill_value=True))]:
        cells = [count]
        for name in ("horizon.now", "horizon.doubling_time"):
            low, middle, high = np.percentile(group[name].values[chosen], [5.0, 50.0, 95.0])
            cells += [f"{middle:.3g}", f"{low:.3g} to {high:.3g}"]
        rows.append((label, cells))
    heads = ("models", "horizon, hours", "90 %", "doubling, months", "90 % ")
    title = (
        f"Trend of the time horizon at {tree.attrs['reliability']} % success; horizon at "
        f"{float(tree.attrs['start']):.2f}"
    )
    print_table(console(), Table.of_texts("horizons", title, "fit", heads, rows))
    texts = (f"{' and '.join(pair['between'])} {pair['rho']:+.2f}" for pair in content["correlations"])
    plain(f"Rank correlations: {'; '.join(texts) or 'none beyond sampling error'}.")
    if left_out := int(tree.attrs["without_growth"]):
        plain(f"{left_out} draws were left out, because their line does not rise.")


def _print_stated(table: HistoryTable, tree: xr.DataTree) -> None:
    """Print the doubling times that the file itself states, and ours."""
    from timecone.history.horizons.best_models import best_at_release
    from timecone.history.horizons.trend import trend

    stated = {
        key.removeprefix(_STATED): value for key, value in table.about.items() if key.startswith(_STATED)
    }
    if not stated:
        return
    points = {key.removesuffix(_POINT): value for key, value in stated.items() if key.endswith(_POINT)}
    texts = (f"{name.replace('_', ' ')} {value}" for name, value in points.items())
    best = best_at_release(table.rows, reliability=50)
    ours = ", ".join(
        f"{_DAYS * trend(best, since=float(first)).doubling_time:.1f} from {first}"
        for first in json.loads(tree.attrs["models"])
    )
    plain(f"Doubling times in days at 50 % success that the file states: {', '.join(texts)}; ours: {ours}.")


def _print_index(scores: IndexTrend) -> None:
    plain(
        f"Index of capabilities, best at release: {scores.points_per_year:.1f} points a year "
        f"[{scores.low:.1f}, {scores.high:.1f}] from {scores.first:.1f}, {scores.models} models; "
        f"{scores.score:.0f} at {scores.newest:.2f}."
    )


def _print_forecasts(forecasts: pd.DataFrame) -> None:
    from timecone.results.tables.table import Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for _, row in forecasts.iterrows():
        minutes = [f"{2.0 ** row[name]:.3g}" for name in ("p10", "p50", "p90", "observed")]
        is_inside = "yes" if row["p10"] <= row["observed"] <= row["p90"] else "no"
        rows.append(
            (
                f"{row['origin']:.2f}",
                [
                    row["model"],
                    f"{row['date']:.2f}",
                    *minutes,
                    is_inside,
                    f"{row['error']:+.2f}",
                    f"{row['newest_record']:.2f}",
                    f"{row['hindsight']:.0f} of {row['records']:.0f}",
                ],
            )
        )
    quantiles = ("10 %", "50 %", "90 %")
    account = ("newest record used", "figures from after")
    heads = ("model", "released", *quantiles, "measured", "in 80 %", "error", *account)
    title = "Forecasts of time horizons, minutes"
    print_table(console(), Table.of_texts("forecasts", title, "from", heads, rows, ["model"]))


def _print_coverage(summary: pd.DataFrame) -> None:
    from timecone.history.horizons.backtest import MASSES
    from timecone.results.tables.table import MISSING, Table
    from timecone.results.tables.terminal import print_table

    rows = []
    for _, row in summary.iterrows():
        label = "all" if np.isnan(row["origin"]) else f"{row['origin']:.2f}"
        shares = (f"{100.0 * row[f'covered_{mass}']:.0f} %" for mass in MASSES)
        pace = MISSING if np.isnan(row["pace"]) else f"{row['pace']:.2f}"
        numbers = (f"{row['error']:+.2f}", f"{row['rms']:.2f}", pace)
        rows.append((label, [f"{row['models']:.0f}", *shares, *numbers]))
    heads = ("models", *(f"in {mass} %" for mass in MASSES), "mean error", "root mean square", "pace")
    print_table(console(), Table.of_texts("coverage", "How the forecasts did", "from", heads, rows))
