"""The commands of a ledger: append a forecast, show and draw how forecasts moved, compare two entries."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.interruption import interruption
from timecone.cli.options import Dates, Json, RunFile
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.tables.table import Table

ledger = typer.Typer(help="Keep a ledger of dated forecasts, a text file beside the work it belongs to.")
app.add_typer(ledger, name="ledger")

File = Annotated[Path, typer.Option("--ledger", help="The ledger.")]
Quantity = Annotated[
    str | None, typer.Option(help="Milestone or duration; the headline of the last entry by default.")
]
_FILE = Path("ledger.toml")
_RECORDS = Path("records.toml")
_FORECAST = ("largest_run", "largest_cluster", "largest_site", "horizon_50", "horizon_80")
RecordTables = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[TABLE]...",
        help="Files of runs, clusters, sites, stocks, chips, horizons or capabilities as downloaded;"
        " timecone's own for the rest.",
    ),
]


@ledger.command()
def add(
    run: RunFile,
    file: File = _FILE,
    note: Annotated[str, typer.Option(help="A remark on the forecast.")] = "",
) -> int:
    """Append the quoted numbers of a run to a ledger; begin the ledger where there is none."""
    from timecone.files import refuse_overwriting
    from timecone.results.ledger.ledger import add_to_ledger, read_ledger
    from timecone.results.run_file.read_write import open_run

    refuse_overwriting(file, run, where="--ledger")
    opened = open_run(run)
    with interruption.holding():
        entry = add_to_ledger(opened, file, note=note, run_file=run)
    plain(f"{file}: entry {len(read_ledger(file).entries)}, run {entry.id} of {entry.date}")
    return warn_of_failed(opened)


@ledger.command()
def show(
    file: File = _FILE,
    quantity: Quantity = None,
    years: Annotated[
        str | None, typer.Option(help="Years, separated by commas; those of the last entry by default.")
    ] = None,
    q: Annotated[str, typer.Option(help="Percentiles, separated by commas.")] = "10,50,90",
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Print how the probabilities by year and the percentiles moved from entry to entry."""
    from timecone.results.ledger.ledger import read_ledger
    from timecone.results.ledger.movement import ledger_movement
    from timecone.results.tables.ledger import entries_table, movement_tables

    opened = read_ledger(file)
    by = None if years is None else [int(number) for number in _numbers(years, "--years", whole=True)]
    moved = ledger_movement(opened, quantity, years=by, q=_numbers(q, "--q"))
    if as_json:
        console().print_json(json.dumps(_movement_json(moved)))
        return
    _print([entries_table(opened), *movement_tables(moved)])


@ledger.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="Entry: its number or the beginning of its id.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The entry that is compared with it.")],
    file: File = _FILE,
    quantity: Quantity = None,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Print what changed between two entries: inputs, conditions, numbers."""
    from timecone.results.ledger.changes import ledger_changes
    from timecone.results.ledger.ledger import read_ledger
    from timecone.results.tables.ledger import changes_tables

    changes = ledger_changes(read_ledger(file), first, second, quantity)
    if as_json:
        keys = ("key", "first", "second")
        answer: dict[str, Any] = {
            "first": changes.first.id,
            "second": changes.second.id,
            "facts": [dict(zip(keys, row, strict=True)) for row in changes.facts],
            "inputs": None
            if changes.inputs is None
            else [dict(zip(keys, row, strict=True)) for row in changes.inputs],
            "paired": changes.comparison is not None and changes.comparison.paired,
            "numbers": _movement_json(changes.numbers),
        }
        console().print_json(json.dumps(answer))
        return
    _print(changes_tables(changes))
    if changes.inputs is None:
        plain("The inputs are not compared: an entry stores no scenario.")
    elif not changes.inputs:
        plain("The inputs do not differ.")
    if changes.comparison is None:
        plain("Differences are those of the stored numbers: a run file is not there, or the models differ.")
    elif not changes.comparison.paired:
        sys.stderr.write("timecone: warning: the runs do not share random numbers.\n")


@ledger.command()
def plot(
    file: File = _FILE,
    quantity: Quantity = None,
    years: Annotated[
        str | None, typer.Option(help="Years, separated by commas; at most four by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .png, .svg or .pdf; beside the ledger by default.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file for the numbers that are drawn.")] = None,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Draw how the median and the probabilities by year moved from entry to entry."""
    import matplotlib as mpl

    from timecone.files import refuse_overwriting
    from timecone.plots.ledger import ledger as drawing
    from timecone.results.ledger.ledger import read_ledger

    mpl.use("Agg")  # no window, and none needed
    path = out or file.with_suffix(".png")
    refuse_overwriting(path, file)
    if table is not None:
        refuse_overwriting(table, file, path, where="--table")
    by = None if years is None else [int(number) for number in _numbers(years, "--years", whole=True)]
    drawn = drawing(read_ledger(file), quantity, years=by)
    with interruption.holding():
        plain(str(drawn.save(path)))
        if table is not None:
            plain(str(drawn.save_table(table)))
    drawn.close()


@ledger.command()
def forecast(
    made: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the forecast.")],
    about: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Day that is forecast.")],
    tables: RecordTables = None,
    series: Annotated[
        list[str] | None,
        typer.Option(help="Series; may be repeated. Runs, clusters, sites and horizons by default."),
    ] = None,
    file: Annotated[Path, typer.Option("--ledger", help="The ledger of records.")] = _RECORDS,
    joint: Annotated[
        Path | None, typer.Option(help="Posterior of the joint fit, which forecasts the largest run too.")
    ] = None,
    supply: Annotated[
        Path | None, typer.Option(help="Fit of supply, which forecasts the largest site too.")
    ] = None,
    note: Annotated[str, typer.Option(help="A remark on the forecasts.")] = "",
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Date of a file of sites whose rows do not say it."),
    ] = None,
) -> None:
    """Append forecasts of series of records to a ledger; begin the ledger where there is none."""
    from timecone.cli.record_backtest import read_tables, series_of
    from timecone.files import refuse_overwriting
    from timecone.history.backtest import record_ledger
    from timecone.history.joint.posterior import open_posterior
    from timecone.history.readers import read_bundled
    from timecone.history.supply.fit import open_supply

    refuse_overwriting(file, *(tables or []), where="--ledger")
    every = series_of(tables or [], series or _FORECAST, published=published and published.date())
    days: dict[str, Any] = {"made": made.date(), "about": about.date(), "note": note}
    forecasts = record_ledger.record_forecasts(list(every.values()), **days)
    for option, path, name in (("--joint", joint, "largest_run"), ("--supply", supply, "largest_site")):
        if path is not None and name not in every:
            raise ArgumentError(
                "option-of-another-series",
                f"the option forecasts the series {name}",
                where=option,
                got=str(path),
                remedy=f"Add --series {name}.",
            )
    if joint is not None:
        runs = read_tables(tables or []).get("runs") or read_bundled("runs")
        forecasts.append(
            record_ledger.joint_forecast(every["largest_run"], open_posterior(joint), runs.rows, **days)
        )
    if supply is not None:
        forecasts.append(record_ledger.supply_forecast(every["largest_site"], open_supply(supply), **days))
    with interruption.holding():
        record_ledger.add_record_forecasts(forecasts, file)
    plain(f"{file}: {len(forecasts)} forecasts of {len(every)} series")


@ledger.command()
def score(
    tables: RecordTables = None,
    file: Annotated[Path, typer.Option("--ledger", help="The ledger of records.")] = _RECORDS,
    published: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Date of a file of sites whose rows do not say it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score the forecasts of records whose date the tables reach, and print how far the others are."""
    from timecone.cli.history_output import rows_of
    from timecone.cli.record_backtest import series_of
    from timecone.history.backtest.record_ledger import read_record_ledger, score_records
    from timecone.results.tables.record_ledger import record_score_table

    forecasts = read_record_ledger(file)
    names = list(dict.fromkeys(forecast.series for forecast in forecasts))
    scores = score_records(
        forecasts, series_of(tables or [], names, published=published and published.date())
    )
    if as_json:
        console().print_json(json.dumps({"forecasts": rows_of(scores)}))
        return
    _print([record_score_table(scores)])


def _numbers(text: str, where: str, *, whole: bool = False) -> list[float]:
    """Read numbers that commas separate."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            "not-numbers", "not numbers", where=where, got=text, allowed="numbers and commas"
        ) from None
    if whole and not all(number.is_integer() for number in numbers):
        raise ArgumentError("not-a-year", "not calendar years", where=where, got=text)
    return numbers


def _print(tables: list[Table]) -> None:
    from timecone.results.tables.terminal import print_table

    out = console()
    for table in tables:
        print_table(out, table)
        if table.note:
            plain(table.note)


def _movement_json(moved: xr.Dataset) -> dict[str, Any]:
    """Return a movement as plain values; what is not stated or infinite is null."""
    about = {key: str(moved.attrs[key]) for key in ("quantity", "label")}
    rows = {
        "probabilities": moved[[n for n in moved.data_vars if "year" in moved[n].dims]],
        "percentiles": moved[[n for n in moved.data_vars if "percentile" in moved[n].dims]],
        "not_reached": moved[[n for n in moved.data_vars if moved[n].dims == ("entry",)]],
    }
    return about | {
        key: json.loads(table.to_dataframe().reset_index().to_json(orient="records", double_precision=12))
        for key, table in rows.items()
    }
