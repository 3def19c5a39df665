"""What commands print of a run: the two tables with intervals, and where its draws went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from timecone.cli.output import WIDTH, console, plain

if TYPE_CHECKING:
    import xarray as xr

type Row = tuple[str, dict[str, str], str]
#: Stands in place of numbers where a condition leaves no draw.
_NOTHING = "-"


def _print_header(out: Console, run: xr.DataTree) -> None:
    """Print what the run is and what it is conditional on."""
    from timecone.results.access import group, headline
    from timecone.schema import SUMMARY

    summary = group(run, SUMMARY).sel(milestone=headline(run))
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
    """Print what a run is, and both tables: probability by year, and year at percentile.

    Of a whole run also what happens along the way, where the model says it.
    """
    from timecone.results.tables import PERCENTILES, along_the_way, default_years, rows_of

    wanted = rows_of(run) if rows is None else list(rows)
    out = console()
    # Both before the first line: what is refused must not print half a page.
    tables = [
        _probability_table(out, run, wanted, default_years(run) if years is None else years),
        _percentile_table(out, run, wanted, PERCENTILES if q is None else q),
    ]
    along = along_the_way(run) if rows is None else None
    if along is not None:
        tables.append(_extras_table(out, run, along))
    _print_header(out, run)
    for table in tables:
        if table.row_count:
            out.print(table)
    if any(_NOTHING in column.cells for table in tables for column in table.columns):
        out.print(f"{_NOTHING}: no draw counts under this condition (weight 0, all removed, or failed).")


def _table(out: Console, title: str, first: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column(first, no_wrap=out.width >= WIDTH)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _cell(out: Console, text: str, interval: str) -> Text:
    cell = Text(text, style="bold", justify="right")
    # On a narrow terminal the intervals give way: the digits shown already respect them.
    if out.width >= WIDTH:
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
        if quantity == TAKEOFF or not years:
            continue
        found = attempt(probability_by, run, quantity, years, where=where)
        if found is None:
            table.add_row(words, *[_NOTHING] * (len(years) + 1))
            continue
        cells = []
        for value, lower, upper, error in _points(found):
            places = min(max(quote.decimals(error, "probability"), 0) + 1, 3)
            ends = (f"{end:.{places}f}".removeprefix("0") for end in (lower, upper))
            cells.append(_cell(out, quote.probability(value, error), quote.interval(*ends)))
        rest = found.attrs["not_by_horizon"]
        table.add_row(words, *cells, quote.probability(rest, found.attrs["not_by_horizon_error"]))
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
            table.add_row(words, *[_NOTHING] * len(q))
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


def _extras_table(out: Console, run: xr.DataTree, found: xr.DataArray) -> Table:
    from timecone.results import quote
    from timecone.results.probabilities import horizon

    date = partial(quote.date, start=float(run.attrs["start"]), horizon=horizon(run))
    table = _table(
        out,
        f"Along the way ({found.attrs['draws']:,} stored draws)",
        "at percentile",
        [f"{p:g}" for p in found["percentile"].values],
    )
    for one in found:
        write = date if one["kind"] == "date" else quote.number
        unit = "" if one["units"] == "1" else f" ({one['units'].item()})"
        cells = [write(value, error) for value, _, _, error in _points(one)]
        table.add_row(f"{one['label'].item()}{unit}", *cells)
    return table


def _print_never(run: xr.DataTree, never: int) -> None:
    """Say in how many draws no threshold suffices: no horizon is late enough for these."""
    from timecone.results import quote
    from timecone.results.access import headline, label
    from timecone.results.intervals import standard_error, wilson
    from timecone.results.probabilities import horizon, probability_by
    from timecone.results.tables import default_years

    main = headline(run)
    found = probability_by(run, main, default_years(run)[-1:])
    rest, counted = found.attrs["not_by_horizon"], found.attrs["draws"]
    late = round(rest * counted)
    share = quote.percent(never / late, standard_error(*wilson(np.array(never), late)).item())
    plain(
        f"{label(run, main)} is not by {horizon(run):g} in"
        f" {quote.percent(rest, found.attrs['not_by_horizon_error'])} of the counted draws; of these,"
        f" {share} never: no threshold suffices."
    )


def _print_flags(run: xr.DataTree) -> None:
    """Say how often each flag is set."""
    from timecone.results import quote
    from timecone.results.access import headline, label
    from timecone.results.extras import flags

    for one in flags(run):
        among = one.sel(among="arrived")
        share = quote.percent(among.item(), among["standard_error"].item())
        plain(
            f"{one['label'].item()}: in {share} of the draws with an arrival of {label(run, headline(run))}."
        )


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
    if found["never"]:
        _print_never(run, found["never"])
    _print_flags(run)
    plain("Intervals are Monte Carlo error only, not model error.")
    plain(
        f"Cite: timecone {a.get('version', '')}, run {a['run_id']} (scenario"
        f" {a.get('scenario_digest', '')}, seed {a['seed']}); CITATION.cff."
        f" Check: timecone reproduce {path}"
    )
