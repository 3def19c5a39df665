"""What the command line prints: tables with intervals, inputs with sources, progress."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import xarray as xr

    from timecone.scenario.scenario import Scenario
    from timecone.simulation.run import Progress as ProgressCall

type Row = tuple[str, dict[str, str], str]

_WIDTH = 118
_FEW = 2


def console() -> Console:
    """Return the console for results; wide enough for a table where output is no terminal."""
    width = None if sys.stdout.isatty() else max(_WIDTH, shutil.get_terminal_size((0, 0)).columns)
    return Console(width=width, highlight=False, soft_wrap=False)


def plain(text: str) -> None:
    """Print a line as it is, unwrapped."""
    sys.stdout.write(f"{text}\n")


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[ProgressCall | None]:
    """Show draws done, rate and time left on the error stream, where that is a terminal."""
    from timecone.numerics.compiled import cache_folder

    folder = cache_folder()
    if not quiet and (folder is None or not any(folder.iterdir())):
        sys.stderr.write("Compiling the kernels, once for this version (some seconds) ...\n")
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bar = Progress(
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} draws"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("draws", total=None, rate="")

        def advance(done: int, wanted: int) -> None:
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            rate = f"{speed:,.0f} draws/s" if speed else ""
            bar.update(task, completed=done, total=wanted, rate=rate)

        yield advance


def print_header(run: xr.DataTree) -> None:
    """Print what the run is and what it is conditional on."""
    from timecone.results.access import group, headline
    from timecone.schema import SUMMARY

    summary = group(run, SUMMARY).sel(milestone=headline(run))
    out = console()
    out.print(Text(str(run.attrs.get("title", run.attrs["name"])), style="bold"))
    definition = summary["milestone_definition"].item()
    out.print(f"{summary['milestone_label'].item()}: {definition}.", markup=False)
    out.print(f"Conditions: {run.attrs['conditions']}", markup=False)


def print_tables(
    run: xr.DataTree,
    q: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
    rows: Sequence[Row] | None = None,
) -> None:
    """Print both tables: probability by year, and year at percentile."""
    from timecone.results.tables import PERCENTILES, default_years, rows_of

    wanted = rows_of(run) if rows is None else list(rows)
    out = console()
    out.print(_probability_table(out, run, wanted, default_years(run) if years is None else years))
    out.print(_percentile_table(out, run, wanted, PERCENTILES if q is None else q))


def _table(out: Console, title: str, first: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column(first, no_wrap=out.width >= _WIDTH)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _cell(out: Console, text: str, interval: str) -> Text:
    cell = Text(text, style="bold", justify="right")
    # On a narrow terminal the intervals give way: the digits shown already respect them.
    if out.width >= _WIDTH:
        cell.append(f"\n{interval}", style="not bold dim")
    return cell


def _points(found: xr.DataArray) -> Iterator[tuple[float, float, float, float]]:
    """Yield value, lower and upper end, and standard error of every point."""
    parts = (found, found.lower, found.upper, found.standard_error)
    yield from zip(*(part.values.tolist() for part in parts), strict=True)


def _probability_table(out: Console, run: xr.DataTree, rows: Sequence[Row], years: Sequence[int]) -> Table:
    from timecone.results import quote
    from timecone.results.probabilities import horizon, probability_by
    from timecone.results.tables import attempt
    from timecone.schema import TAKEOFF

    table = _table(
        out,
        "Probability by the end of the year, with 95 % Monte Carlo interval",
        "by the end of",
        [*map(str, years), f"not by {horizon(run):g}"],
    )
    for quantity, where, words in rows:
        if quantity == TAKEOFF:
            continue
        found = attempt(probability_by, run, quantity, years, where=where)
        if found is None:
            table.add_row(words, *["no draws"] * (len(years) + 1))
            continue
        cells = []
        for value, lower, upper, error in _points(found):
            places = min(max(quote.decimals(error, "probability"), 0) + 1, 3)
            ends = (f"{end:.{places}f}".removeprefix("0") for end in (lower, upper))
            cells.append(_cell(out, quote.probability(value, error), quote.interval(*ends)))
        rest = found.attrs["not_by_horizon"]
        error = (rest * (1.0 - rest) / found.attrs["draws"]) ** 0.5
        table.add_row(words, *cells, quote.probability(rest, error))
    return table


def _percentile_table(out: Console, run: xr.DataTree, rows: Sequence[Row], q: Sequence[float]) -> Table:
    from timecone.results import quote
    from timecone.results.percentiles import percentiles
    from timecone.results.probabilities import horizon
    from timecone.results.tables import attempt
    from timecone.schema import TAKEOFF

    first, last = float(run.attrs["start"]), horizon(run)
    table = _table(
        out,
        "Year at percentile, with 95 % Monte Carlo interval",
        "percentile",
        [f"{p:g}" for p in q],
    )
    for quantity, where, words in rows:
        found = attempt(percentiles, run, quantity, q, where=where)
        if found is None:
            table.add_row(words, *["no draws"] * len(q))
            continue
        if quantity == TAKEOFF:
            write = partial(quote.duration, longest=last - first)
            words = f"{words}, years"  # noqa: PLW2901
        else:
            write = partial(quote.date, start=first, horizon=last)
        cells = [
            _cell(out, write(value, error), quote.interval(write(lower, 0.0), write(upper, 0.0)))
            for value, lower, upper, error in _points(found)
        ]
        table.add_row(words, *cells)
    return table


def print_accounts(run: xr.DataTree, path: Path) -> None:
    """Print where the draws went and how the numbers are cited and reproduced."""
    from timecone.results.tables import accounts

    a = run.attrs
    found = accounts(run)
    draws = int(a["draws"])
    plain(
        f"{draws:,} draws: {found['counted']:,} counted, {found['removed_not_yet']:,} removed as"
        f" already past on {a.get('as_of', 'as_of')} ({found['removed_not_yet'] / draws:.1%}),"
        f" {found['failed']:,} failed."
    )
    if found["takeoff_from_start"]:
        share = found["takeoff_from_start"] / max(found["counted"], 1)
        plain(
            f"In {share:.1%} of the counted draws the takeoff began before {float(a['start']):g};"
            " its duration is counted from there."
        )
    plain("Intervals are Monte Carlo error only, not model error.")
    plain(
        f"Cite: timecone {a.get('version', '')}, run {a['run_id']} (scenario"
        f" {a.get('scenario_digest', '')}, seed {a['seed']}); CITATION.cff."
        f" Check: timecone reproduce {path}"
    )


def print_check(scenario: Scenario) -> None:
    """Print that a scenario is valid, and what it is."""
    from timecone.scenario.identity import digest

    guesses = sum(p.basis == "guess" for p in scenario.parameters.values())
    plain(
        f"ok: {scenario.name}, model {scenario.model}, {len(scenario.parameters)} parameters"
        f" ({guesses} of them guesses), {len(scenario.choices)} choices,"
        f" {len(scenario.correlations)} correlations, digest {digest(scenario)}"
    )


def input_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """Return every input as plain values, one row per distribution."""
    rows: list[dict[str, Any]] = []
    for name, given in scenario.parameters.items():
        for value, distribution in given.distributions.items():
            low, middle, high = distribution.ppf([0.05, 0.5, 0.95]).tolist()
            rows.append(
                {
                    "parameter": name,
                    "if": f"{given.by} = {value}" if given.by else "",
                    "distribution": str(distribution),
                    "p05": low,
                    "p50": middle,
                    "p95": high,
                    "unit": given.unit,
                    "basis": given.basis,
                    "as_of": given.as_of.isoformat(),
                    "source": given.source,
                }
            )
    return rows


def _brief(distribution: str) -> str:
    """Shorten a distribution with many arguments: its quantiles stand in the columns already."""
    name, _, arguments = distribution.partition("(")
    count = arguments.count("=")
    return distribution if count <= _FEW else f"{name} ({count} arguments)"


def print_inputs(scenario: Scenario) -> None:
    """Print every input of a scenario with its quantiles and its source."""
    out = console()
    out.print(Text(scenario.title or scenario.name, style="bold"))
    out.print(f"Conditions: {' '.join(scenario.conditions.split())}", markup=False)
    table = Table(box=box.SIMPLE_HEAD, padding=0)
    table.add_column("parameter", no_wrap=True)
    for column in ("5 %", "50 %", "95 %", "unit", "basis", "distribution"):
        table.add_column(column, justify="right" if "%" in column else "left")
    sources: dict[str, str] = {}
    for row in input_rows(scenario):
        name = row["parameter"] if not row["if"] else f"  if {row['if']}"
        if row["if"] and row["parameter"] not in sources:
            table.add_row(Text(row["parameter"]), "", "", "", row["unit"], row["basis"])
        sources[row["parameter"]] = f"{row['source']} ({row['as_of']})"
        quantiles = (f"{row[key]:.4g}" for key in ("p05", "p50", "p95"))
        about = ("", "") if row["if"] else (row["unit"], row["basis"])
        table.add_row(Text(name), *quantiles, *map(Text, about), Text(_brief(row["distribution"])))
    out.print(table)
    out.print("Sources", style="bold")
    for name, source in sources.items():
        out.print(f"  {name}: {source}", markup=False)
    for name, choice in scenario.choices.items():
        weights = ", ".join(f"{value} {weight:g}" for value, weight in choice.weights.items())
        out.print(f"Choice {name}: {weights} ({choice.basis}: {choice.source})", markup=False)
    for c in scenario.correlations:
        out.print(
            f"Rank correlation {c.between[0]} - {c.between[1]}: {c.rho:g} ({c.basis}: {c.source})",
            markup=False,
        )
