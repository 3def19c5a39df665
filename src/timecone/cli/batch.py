"""The command that runs a folder of scenarios and writes one index of them."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from timecone.cli.app import KEPT, app
from timecone.cli.failed import warn_of_failed
from timecone.cli.interruption import interruption
from timecone.cli.options import Dates, Draws, Quiet, Threads
from timecone.cli.output import console, plain, progress_bar
from timecone.errors import ArgumentError, TimeconeError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr

    from timecone.results.tables.table import Table
    from timecone.scenario.scenario import Scenario
    from timecone.simulation.limits import Plan

INDEX: Final = ("index.html", "index.md")
_DRAWS: Final = 100_000


@app.command()
def batch(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of scenario files (*.toml).")],
    draws: Draws = _DRAWS,
    seed: Annotated[int, typer.Option(help="Seed of all scenarios, from 0.")] = 1,
    threads: Threads = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Weights of a pool: NAME=W,... by file name without ending, or a TOML file of NAME = W."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for one folder per run and the index; runs/DIR by default.")
    ] = None,
    quiet: Quiet = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Run every scenario of a folder with one seed; write a page for each and one index of all."""
    from timecone.files import refuse_overwriting
    from timecone.results.tables.terminal import print_table
    from timecone.simulation.limits import plan

    files = _scenarios(folder)
    target = out or Path("runs") / folder.resolve().name
    for name in INDEX:
        refuse_overwriting(target / name, *files)
    stated = None if weights is None else _weights(weights)
    loaded, failures = _loaded(files)
    if stated is not None:
        _require_poolable(loaded, failures, stated, files)
    wanted = _DRAWS if draws is None else draws
    runs: dict[str, xr.DataTree] = {}
    code = 0
    for name, scenario in loaded.items():
        try:
            planned = plan(scenario, draws=wanted, seed=seed, threads=threads, keep=wanted)
            runs[name] = _run(planned, folder / f"{name}.toml", target / name, quiet=quiet)
        except TimeconeError as error:
            failures[name] = _failed(name, error)
            continue
        code = max(code, warn_of_failed(runs[name]))
        if interruption.signal is not None:
            break
    if not runs:
        sys.stderr.write("timecone: no scenario of the folder could be run.\n")
        return 1
    about = f"{len(runs)} scenarios of {folder.name}, {wanted:,} draws each, seed {seed} for all."
    table, links = _index(runs, loaded, failures, stated)
    _write_index(target, (f"Scenarios of {folder.resolve().name}", about, table, links, [*failures.values()]))
    if not quiet:
        print_table(console(), table)
        for line in (*filter(None, (table.note,)), about, *(f"  {target / name}" for name in INDEX)):
            plain(line)
    if interruption.signal is not None:
        sys.stderr.write(f"timecone: stopped after {len(runs)} of {len(loaded)} scenarios.\n")
        return KEPT
    return 1 if failures else code


def _write_index(target: Path, content: tuple[str, str, Table, dict[str, str], list[str]]) -> None:
    """Write the index as a page and in Markdown."""
    from timecone.files import write_file
    from timecone.report.index import index_html, index_markdown

    with interruption.holding():
        for name, write in zip(INDEX, (index_html, index_markdown), strict=True):
            write_file(target / name, write(*content))


def _scenarios(folder: Path) -> list[Path]:
    """Return the scenario files of a folder, by name."""
    if not folder.is_dir():
        raise ArgumentError("no-such-folder", "no such folder", where="DIR", got=str(folder))
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ArgumentError(
            "folder-without-scenarios",
            "the folder holds no scenario file",
            where="DIR",
            got=str(folder),
            allowed="files *.toml",
        )
    return files


def _weights(text: str) -> dict[str, float]:
    """Return the weights that an argument states, or the TOML file that it names."""
    stated: dict[str, Any]
    if "=" in text:
        pairs = [part.partition("=") for part in text.split(",")]
        stated = {name.strip(): value for name, _, value in pairs}
        if len(stated) < len(pairs):
            raise ArgumentError(
                "weight-stated-twice", "a weight is stated twice", where="--weights", got=text
            )
    else:
        try:
            stated = tomllib.loads(Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            raise ArgumentError(
                "weights-unreadable",
                "neither weights nor a TOML file of weights",
                where="--weights",
                got=text,
                allowed="NAME=W,... or a file of lines NAME = W",
            ) from None
    weights = {}
    for name, value in stated.items():
        try:
            weights[name] = float(value) if isinstance(value, (str, int, float)) else float("nan")
        except ValueError:
            raise ArgumentError(
                "weight-not-valid", "not a weight", where="--weights", got=f"{name}={value}"
            ) from None
    return weights


def _loaded(files: list[Path]) -> tuple[dict[str, Scenario], dict[str, str]]:
    """Return the scenarios that can be read, and a line about each that cannot."""
    from timecone.scenario.file import load

    loaded, failures = {}, {}
    for file in files:
        try:
            loaded[file.stem] = load(file)
        except TimeconeError as error:
            failures[file.stem] = _failed(file.stem, error)
    return loaded, failures


def _failed(name: str, error: TimeconeError) -> str:
    """Say on the error stream that a scenario failed; return the line."""
    line = f"{name} failed: {error.line}"
    sys.stderr.write(f"timecone: {line}\n")
    return line


def _require_poolable(
    loaded: dict[str, Scenario], failures: dict[str, str], weights: dict[str, float], files: list[Path]
) -> None:
    """Refuse weights that do not fit, before anything is run."""
    from timecone.results.run_file.pool import normalised_weights
    from timecone.results.run_file.same_milestone import require_same_milestone

    part = normalised_weights({file.stem: file for file in files}, weights)
    for name in part:
        if name in failures:
            raise ArgumentError(
                "pool-member-failed",
                "a scenario with a weight cannot be read",
                where="--weights",
                got=name,
                remedy="Correct it, or give it the weight 0.",
            )
    milestones = {}
    for name in part:
        model = loaded[name].definition
        (main,) = (m for m in model.milestones if m.name == model.headline)
        milestones[name] = (main.name, main.label, main.definition)
    require_same_milestone(milestones)


def _run(planned: Plan, file: Path, target: Path, *, quiet: bool) -> xr.DataTree:
    """Run a scenario into its folder and write its page."""
    import matplotlib as mpl

    from timecone.cli import folder
    from timecone.cli.commands import write_results
    from timecone.cli.model_figures import model_drawings
    from timecone.report.page import save
    from timecone.results.tables.statistics import RunStatistics
    from timecone.simulation.run import execute
    from timecone.staging import staged_folder

    mpl.use("Agg")  # no window, and none needed
    folder.require_results_apart(target, file)
    with staged_folder(target, folder.RESULTS, needed=planned.disk) as staged:
        with progress_bar(quiet=quiet) as progress:
            run = execute(planned, progress=progress, stop=interruption)
        _, kept = write_results(RunStatistics(run), staged)
    if kept:
        sys.stderr.write(f"timecone: {kept}\n")
    save(run, target / "report.html", model_drawings=model_drawings)
    return run


def _index(
    runs: dict[str, xr.DataTree],
    loaded: dict[str, Scenario],
    failures: dict[str, str],
    weights: dict[str, float] | None,
) -> tuple[Table, dict[str, str]]:
    """Return the table of all runs, and the page of each row."""
    from timecone.results.run_file.pool import pool
    from timecone.results.run_file.probabilities import default_years
    from timecone.results.tables.batch import LEVELS, YEARS, batch_table

    pooled = None
    if weights is not None:
        missing = [name for name in weights if weights[name] > 0.0 and name not in runs]
        if missing:
            failures["pooled"] = f"not pooled: {', '.join(missing)} did not run."
            sys.stderr.write(f"timecone: {failures['pooled']}\n")
        else:
            weighted = {name: run for name, run in runs.items() if weights[name] > 0.0}
            known = default_years(*weighted.values())
            years = [year for year in YEARS if year in known]
            pooled = pool(weighted, {name: weights[name] for name in weighted}, years=years, q=LEVELS)
    titled = {_title(name, loaded[name]): run for name, run in runs.items()}
    table = batch_table(titled, pooled)
    labels = [label for label, _ in table.rows]
    return table, dict(zip(labels, (f"{name}/report.html" for name in runs), strict=False))


def _title(name: str, scenario: Scenario) -> str:
    return f"{scenario.title} ({name})" if scenario.title else name
