"""The command that sets published forecasts beside ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timecone.cli.app import KEPT, app
from timecone.cli.interruption import interruption
from timecone.cli.options import Draws, Json, Quiet, Threads
from timecone.cli.output import console, plain, progress_bar
from timecone.errors import ArgumentError

if TYPE_CHECKING:
    from timecone.published.comparison import ForecastComparison
    from timecone.published.file import PublishedFile

_FORMATS = ("text", "markdown", "csv")


@app.command()
def published(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="Presets of configs/published, or files; all by default."),
    ] = None,
    draws: Draws = None,
    threads: Threads = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw all distribution functions to this file, with definitions.")
    ] = None,
    layout: Annotated[str, typer.Option("--format", help="text, markdown or csv.")] = "text",
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Repeat published forecasts: theirs, ours, the difference, both errors, a verdict, and its tested cause.

    Exit code 0: every figure agrees, has a cause with which the difference closes, or differs as its file
    says that it does without a known cause; 1: one does not.
    """
    from timecone.files import refuse_overwriting
    from timecone.published.file import published_files

    _require_format(layout, as_json=as_json)
    files = published_files(names or ())
    if plot is not None:
        refuse_overwriting(plot, *(file.path for file in files), where="--plot")
    comparisons = _compared(files, draws, threads, quiet=quiet)
    if not comparisons:
        raise KeyboardInterrupt
    if as_json or layout == "csv":
        from timecone.published.tables import records

        table = records(comparisons)
        if as_json:
            console().print_json(table.to_json(orient="records"))
        else:
            sys.stdout.write(table.to_csv(index=False))
    elif not quiet:
        _print(comparisons, layout, whole=not names)
    if plot is not None:
        _draw(comparisons, plot, whole=not names)
        if not (as_json or quiet or layout != "text"):
            plain(str(plot))
    if interruption.signal is not None:
        sys.stderr.write(f"timecone: stopped after {len(comparisons)} of {len(files)} forecasts.\n")
        return KEPT
    verdicts = [each.verdict for comparison in comparisons for each in comparison.figures]
    return 0 if all(verdict.is_documented for verdict in verdicts) else 1


def _require_format(layout: str, *, as_json: bool) -> None:
    if layout not in _FORMATS:
        raise ArgumentError(
            "unknown-format", "unknown format", where="--format", got=layout, allowed=", ".join(_FORMATS)
        )
    if layout != "text" and as_json:
        raise ArgumentError(
            "two-formats",
            "two output formats are requested",
            where="--json",
            got=f"--format {layout}",
            allowed="one",
        )


def _compared(
    files: list[PublishedFile], draws: int | None, threads: int | None, *, quiet: bool
) -> list[ForecastComparison]:
    """Return the comparisons of all files; those that were finished, where a signal came."""
    from timecone.published.comparison import compare_published

    comparisons: list[ForecastComparison] = []
    for k, file in enumerate(files):
        if not quiet:
            sys.stderr.write(f"timecone: {file.name}, {k + 1} of {len(files)}\n")
        with progress_bar(quiet=quiet) as progress:
            compared = compare_published(
                file, draws=draws, threads=threads, progress=progress, stop=interruption
            )
        if interruption.signal is not None:
            break
        comparisons.append(compared)
    return comparisons


def _print(comparisons: list[ForecastComparison], layout: str, *, whole: bool) -> None:
    """Print the tables, with the forecasts that are not simulated where all are asked for."""
    from timecone.forecasts import not_simulated
    from timecone.published.tables import (
        causes_table,
        definitions_table,
        lines_table,
        markdown_sections,
        published_table,
        sentence,
    )
    from timecone.results.tables.layout import markdown_rows
    from timecone.results.tables.terminal import print_table

    lines = lines_table(not_simulated())
    if layout == "markdown":
        parts = [markdown_sections(comparisons)]
        parts += [f"## {lines.title}", "\n".join(markdown_rows(lines))] if whole else []
        sys.stdout.write("\n\n".join(parts) + "\n")
        return
    causes = causes_table(comparisons)
    tables = [published_table(comparisons), *([] if causes is None else [causes])]
    for table in (*tables, definitions_table(comparisons), *([lines] if whole else [])):
        print_table(console(), table)
    plain(sentence(comparisons))


def _draw(comparisons: list[ForecastComparison], path: Path, *, whole: bool) -> None:
    import matplotlib as mpl

    mpl.use("Agg")  # no window, and none needed
    from timecone.plots.forecasts import forecasts
    from timecone.published.curves import repeated

    figure = forecasts(repeated(comparisons, whole=whole))
    with interruption.holding():
        figure.save(path)
    figure.close()
