"""The commands."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import KEPT, app
from timecone.cli.failed import warn_of_failed
from timecone.cli.inheritance import inheritance_table, print_inheritance, warn_of_inheritance
from timecone.cli.inputs import correlation_rows, input_rows, print_check, print_inputs
from timecone.cli.interruption import interruption
from timecone.cli.options import (
    Dates,
    Design,
    Draws,
    Engine,
    Given,
    Json,
    Keep,
    Out,
    Paths,
    Quiet,
    Resume,
    RunFile,
    ScenarioFile,
    Scheduler,
    Seed,
    Store,
    Threads,
    Until,
    Where,
    open_given,
)
from timecone.cli.output import console, plain, progress_bar
from timecone.cli.tables import print_accounts, print_tables
from timecone.errors import ArgumentError, OutputError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.tables.statistics import RunStatistics
    from timecone.staging import StagedFolder


class Format(StrEnum):
    """Formats of quoted tables."""

    TEXT = "text"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"
    JSON = "json"


@app.command()
def run(
    scenario: ScenarioFile,
    draws: Draws = None,
    seed: Seed = None,
    threads: Threads = None,
    out: Out = None,
    keep: Keep = 100_000,
    paths: Paths = 300,
    until: Until = None,
    design: Design = None,
    resume: Resume = False,
    engine: Engine = None,
    scheduler: Scheduler = None,
    store: Store = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Simulate a scenario; print both tables; write run file, CSV tables and figures."""
    from timecone.cli import folder
    from timecone.cli.engines import (
        checkpoint_of,
        chosen_design,
        engine_of,
        executed,
        require_consistent,
        require_store,
    )
    from timecone.results.tables.statistics import RunStatistics
    from timecone.scenario.file import load
    from timecone.simulation.limits import plan
    from timecone.staging import staged_folder

    require_consistent(engine, scheduler, threads)
    loaded = load(scenario)
    if not quiet:
        warn_of_inheritance(scenario)
    target = out or Path("runs") / loaded.name
    folder.require_results_apart(target, scenario)
    loaded, draws, about = chosen_design(design, loaded, draws=draws, seed=seed, threads=threads, until=until)
    planned = plan(
        loaded,
        draws=draws,
        seed=seed,
        threads=threads,
        keep=keep,
        paths=paths,
        until=_tolerance(until) if until else None,
    )
    require_store(store, planned)
    with staged_folder(target, folder.RESULTS, needed=planned.disk) as staged:
        if out is None:
            folder.mark_source(staged, loaded.name, scenario)
        checkpoint = checkpoint_of(target, planned, resume=resume, quiet=quiet)
        with (
            engine_of(engine, scheduler, planned) as works,
            progress_bar(quiet=quiet) as progress,
        ):
            result, broken = executed(
                planned, engine=works, checkpoint=checkpoint, store=store, progress=progress
            )
        result.attrs.update(about)
        statistics = RunStatistics(result)
        files, kept = write_results(statistics, staged)
    # Not before: what is removed while the folders are exchanged comes back.
    if int(result.attrs["draws"]) == int(result.attrs["draws_wanted"]):
        checkpoint.remove()
    if kept:
        sys.stderr.write(f"timecone: {kept}\n")
    if as_json:
        console().print_json(json.dumps(_tables_json(statistics, files)))
    elif not quiet:
        _print_run(statistics, files)
    code = warn_of_failed(result)
    if broken:
        sys.stderr.write(f"timecone: {broken} --resume goes on from there.\n")
        return 1
    if int(result.attrs["draws"]) < int(result.attrs["draws_wanted"]):
        return KEPT
    if not folder.has_figures(result, files):
        sys.stderr.write(f"timecone: stopped before all figures were drawn; the run is in {files[0]}.\n")
        return KEPT
    return code


def _print_run(statistics: RunStatistics, files: list[Path]) -> None:
    """Print a run's tables, where its draws went, and its files."""
    run = statistics.run
    print_tables(statistics)
    print_accounts(run, files[0])
    for name in ("precision", "design_choice"):
        if name in run.attrs:
            plain(run.attrs[name])
    for path in files:
        plain(f"  {path}")
    finished, wanted = int(run.attrs["draws"]), int(run.attrs["draws_wanted"])
    if finished < wanted:
        plain(f"Stopped after {finished:,} of {wanted:,} draws; what was finished is kept.")
        plain("The same command with --resume goes on from there.")


def write_results(statistics: RunStatistics, staged: StagedFolder) -> tuple[list[Path], str]:
    """Write a run's files and put them in place together; return them, and a sentence on an older run.

    A run whose files do not all fit on the disk is kept under another name, and the older files stay.
    """
    from timecone.cli import folder

    run = statistics.run
    run_id = run.attrs["run_id"]
    try:
        try:
            files, kept = folder.write_numbers(statistics, staged)
            files += folder.write_figures(run, staged, stop=interruption)
        except OutputError:
            raise
        except Exception:
            # The run file comes first: it does not depend on a table or figure that cannot be made.
            if (staged.stage / folder.RUN_FILE).exists():
                staged.commit()
            raise
        staged.commit()
    except OutputError as error:
        rescued = staged.rescue(folder.RUN_FILE, f"run-{run_id}.nc")
        itself = f"The run itself is in {rescued}." if rescued else "The run is lost."
        remedy = f"The older files are unchanged. {itself}"
        where = str(staged.target / Path(error.where or "").name)
        raise OutputError(error.code, error.what, where=where, remedy=remedy) from None
    return files, kept


@app.command()
def presets(as_json: Json = False) -> None:
    """List the scenarios that ship with timecone, which every command takes by name."""
    from timecone.scenario.presets import presets as titles

    if as_json:
        console().print_json(json.dumps(titles()))
        return
    width = max(map(len, titles()))
    for name, title in titles().items():
        plain(f"{name:<{width}}  {title}")


@app.command()
def check(
    scenario: ScenarioFile,
    draws: Draws = None,
    seed: Seed = None,
    threads: Threads = None,
    keep: Keep = 100_000,
    paths: Paths = 300,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Validate a scenario file as run would with the same options; list what it changes of its parent."""
    from timecone.published.file import read_published
    from timecone.scenario.file import load
    from timecone.scenario.presets import scenario_file
    from timecone.simulation.limits import plan

    loaded = load(scenario)
    if loaded.published is not None:
        read_published(scenario_file(scenario))  # with the changes that its figures name
    limits = _tolerance(until) if until else None
    wanted = plan(loaded, draws=draws, seed=seed, threads=threads, keep=keep, paths=paths, until=limits)
    if as_json:
        answer = {"name": loaded.name, "digest": loaded.digest, "valid": True, "memory": wanted.memory}
        console().print_json(json.dumps(answer | {"inheritance": inheritance_table(scenario)}))
    else:
        print_check(loaded)
        print_inheritance(scenario)


@app.command()
def show(
    scenario: ScenarioFile,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Print every input: 1/5/50/95/99 %, mean, unit, basis, form, source; and achieved correlations."""
    from timecone.scenario.file import load
    from timecone.scenario.specs import plain as as_tables

    loaded = load(scenario)
    if as_json:
        answer = {"inputs": input_rows(loaded), "correlations": correlation_rows(loaded)}
        answer |= {"history": as_tables(loaded.history)} if loaded.history else {}
        # Dates as TOML writes them.
        console().print_json(json.dumps(answer, default=str))
    else:
        print_inputs(loaded)


@app.command()
def percentiles(
    run: RunFile,
    quantity: Annotated[
        str | None, typer.Argument(help="Milestone or duration, such as tai; all by default.")
    ] = None,
    q: Annotated[str, typer.Option(help="Percentiles, separated by commas.")] = "5,10,25,50,75,90,95",
    years: Annotated[str | None, typer.Option(help="Years, separated by commas.")] = None,
    where: Where = None,
    given: Given = None,
    layout: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TEXT,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Print the year at each percentile and the probability by each year, from a run file."""
    from timecone.results.tables.statistics import RunStatistics

    opened = open_given(run, given)
    levels = [float(_number(text, "--q")) for text in q.split(",")]
    by = [_year(text) for text in years.split(",")] if years else None
    condition = condition_on(where)
    rows = None if quantity is None and not condition else [_one_row(opened, quantity, condition)]
    statistics = RunStatistics(opened, levels, by, rows)
    if as_json or layout is Format.JSON:
        console().print_json(json.dumps(_tables_json(statistics, [])))
    elif layout is Format.TEXT:
        print_tables(statistics)
        print_accounts(opened, run)
    else:
        from timecone.results.tables import latex
        from timecone.results.tables import layout as layouts
        from timecone.results.tables.run_tables import tables_of

        tables = tables_of(statistics)
        write = {Format.MARKDOWN: layouts.markdown, Format.LATEX: latex.latex}.get(layout)
        sys.stdout.write(write(opened, tables) if write else layouts.csv(tables))
    return warn_of_failed(opened)


@app.command()
def reproduce(run: RunFile, threads: Threads = None, as_json: Json = False, quiet: Quiet = False) -> int:
    """Run a stored run again and compare every stored number bit for bit."""
    from timecone.results.run_file.read_write import open_run
    from timecone.simulation.reproduce import reproduce as again

    stored = open_run(run)
    with progress_bar(quiet=quiet) as progress:
        outcome = again(stored, threads=threads, progress=progress)
    if as_json:
        answer = {
            "identical": not outcome.different,
            "compared": outcome.compared,
            "different": outcome.different,
            "same_sources": outcome.same_sources,
        }
        console().print_json(json.dumps(answer))
        return int(bool(outcome.different))
    if not outcome.different:
        plain(f"Identical: all {outcome.compared} variables, bit for bit ({run}).")
        return 0
    if not outcome.same_sources:
        plain("The numbers came from another version of the sources.")
    for name, gap in outcome.different.items():
        plain(f"  {name}: differs by up to {gap:g}")
    plain(f"Not identical: {len(outcome.different)} of {outcome.compared} variables differ.")
    return 1


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentError("not-a-number", "not a number", where=where, got=text) from None


def _year(text: str) -> int:
    value = _number(text, "--years")
    if not (math.isfinite(value) and value == int(value)):
        raise ArgumentError("not-a-calendar-year", "not a calendar year", where="--years", got=text)
    return int(value)


def _tolerance(text: str) -> dict[str, float]:
    tolerance = {}
    for part in text.split(","):
        key, sign, value = part.partition("=")
        if not sign:
            raise ArgumentError(
                "not-a-tolerance",
                "not a tolerance",
                where="--until",
                got=part,
                allowed="years=NUMBER or probability=NUMBER",
            )
        tolerance[key.strip()] = _number(value, "--until")
    return tolerance


def condition_on(where: list[str] | None) -> dict[str, str]:
    """Return the values of choices that ``--where`` states."""
    condition = {}
    for text in where or []:
        choice, sign, value = text.partition("=")
        if not sign:
            raise ArgumentError(
                "not-a-condition", "not a condition", where="--where", got=text, allowed="choice=value"
            )
        condition[choice.strip()] = value.strip()
    return condition


def _one_row(
    run: xr.DataTree, quantity: str | None, condition: Mapping[str, str]
) -> tuple[str, dict[str, str], str]:
    from timecone.results.run_file.access import choices, headline, label
    from timecone.results.run_file.choice_titles import choice_clause

    quantity = quantity or headline(run)
    known = choices(run)
    conditions = " and ".join(
        choice_clause(run, c, v) if v in known.get(c, ()) else f"{c} = {v}" for c, v in condition.items()
    )
    return quantity, dict(condition), f"{label(run, quantity)}" + (f" if {conditions}" if conditions else "")


def _tables_json(statistics: RunStatistics, files: list[Path]) -> dict[str, Any]:
    from timecone.results.run_file.accounts import accounts
    from timecone.results.run_file.failures import failed_attributes, failures_table
    from timecone.results.tables.tidy import extras_table, flags_table, percentile_table, probability_table

    run = statistics.run
    keys = ("run_id", "name", "conditions", "as_of", "seed", "draws", "draws_wanted", "horizon",
            "version", "scenario_digest")  # fmt: skip
    whole = {"choices": statistics.choice_shares}
    if statistics.is_whole:
        whole |= {"extras": extras_table(statistics), "flags": flags_table(statistics)}
    whole["failures"] = failures_table(run)
    return {
        **{key: _plain(run.attrs[key]) for key in keys if key in run.attrs},
        "accounts": accounts(run),
        "failed_share": failed_attributes(run)["failed_share"],
        "probabilities": _records(probability_table(statistics)),
        "percentiles": _records(percentile_table(statistics)),
        **{name: _records(table) for name, table in whole.items() if len(table)},
        "files": [str(path) for path in files],
    }


def _records(frame: Any) -> Any:
    # JSON knows no infinity: what was not reached is null.
    return json.loads(frame.to_json(orient="records", double_precision=15))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
