"""The commands that analyse runs already made: what drives them, and what differs between them."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Dates, Given, Json, RunFile, ScenarioFile, Seed, Threads, open_given
from timecone.cli.output import console, plain
from timecone.cli.tables import print_quoted
from timecone.errors import ArgumentError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr

    from timecone.plots.figure import Figure
    from timecone.results.run_file.compare import Comparison

_TARGET = re.compile(r"(?P<quantity>[^:@]*)(?:@(?P<percentile>[0-9.]+)|:(?P<year>\d{4}))?")


@app.command()
def drivers(
    run: RunFile,
    target: Annotated[
        str,
        typer.Option(
            help="tai (its median), tai@90 (its P90), tai:2035 (P by the end of 2035), or a duration."
        ),
    ] = "",
    top: Annotated[int, typer.Option(help="Inputs to print.")] = 10,
    given: Given = None,
    figure: Annotated[Path | None, typer.Option(help="Draw the tornado to this file.")] = None,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Print which inputs drive a percentile, a probability or a duration, with intervals."""
    from timecone.results.run_file.drivers import drivers as drivers_of
    from timecone.results.tables.drivers import drivers_tables

    quantity, percentile, year = read_target(target)
    if top < 1:
        raise ArgumentError(
            "no-inputs-to-print", "invalid number of inputs", where="--top", got=top, allowed="at least 1"
        )
    _refuse_overwriting(figure, run)
    opened = open_given(run, given)
    table = drivers_of(opened, quantity, percentile=percentile, by=year)
    if figure is not None:
        from timecone.plots.tornado import tornado_of

        save_figure(tornado_of, opened, table, path=figure)
    if as_json:
        answer = {key: _plain(value) for key, value in table.attrs.items()}
        console().print_json(json.dumps(answer | {"inputs": _records(table)}))
        return warn_of_failed(opened)
    print_quoted(opened, drivers_tables(opened, table, top))
    plain(
        f"{table.attrs['draws']:,} stored draws count; {table.sizes['input']} inputs vary."
        f" Run {table.attrs['run_id']}."
    )
    if figure is not None:
        plain(f"  {figure}")
    return warn_of_failed(opened)


def read_target(text: str, where: str = "--target") -> tuple[str | None, float | None, int | None]:
    """Return quantity, percentile and year of a target such as ``tai@90`` or ``tai:2035``."""
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise ArgumentError(
            "not-a-target",
            "not a target",
            where=where,
            got=text,
            allowed="NAME, NAME@PERCENTILE or NAME:YEAR, such as tai:2035",
        )
    percentile, year = match["percentile"], match["year"]
    try:
        level = None if percentile is None else float(percentile)
    except ValueError:
        raise ArgumentError("not-a-percentile", "not a percentile", where=where, got=text) from None
    return match["quantity"] or None, level, None if year is None else int(year)


def _refuse_overwriting(figure: Path | None, *inputs: Path) -> None:
    from timecone.files import refuse_overwriting

    if figure is not None:
        refuse_overwriting(figure, *inputs, where="--figure")


def save_figure(draw: Callable[..., Figure], *arguments: Any, path: Path) -> None:
    """Draw a figure into a file."""
    import matplotlib as mpl

    mpl.use("Agg")  # no window, and none needed
    figure = draw(*arguments)
    figure.save(path)
    figure.close()


def _records(table: xr.Dataset) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON has them."""
    rows: list[dict[str, Any]] = json.loads(table.to_dataframe().reset_index().to_json(orient="records"))
    return rows


@app.command()
def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="A B [C...]", help="Run files or scenarios, the first one the reference."),
    ],
    quantity: Annotated[
        str | None, typer.Option(help="Milestone or duration; the headline by default.")
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", "-n", help="Draws of scenarios that are run first.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of scenarios that are run first.")] = 1,
    given: Given = None,
    attribute: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="Attribute the change of a target, such as tai:2035 or tai@50, to each input that differs;"
            " runs the scenarios between both.",
        ),
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw both distribution functions and the shifts to this file.")
    ] = None,
    layout: Annotated[
        str, typer.Option("--format", help="text, or markdown: one table with a row per run.")
    ] = "text",
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Print the inputs that differ between runs or scenarios, and paired differences with their errors."""
    from timecone.results.run_file.compare import compare as compared
    from timecone.results.tables import layout as layouts
    from timecone.results.tables.differences import difference_tables
    from timecone.results.tables.overview import overview

    _require_comparable(runs, layout, figure, as_json=as_json)
    _refuse_overwriting(figure, *runs)
    target = None if attribute is None else read_target(attribute, "--attribute")
    if target is not None:
        _require_attributable(layout, given)
    reference, *others = (run_of(path, draws, seed, given) for path in runs)
    comparisons = [compared(reference, other, quantity) for other in others]
    attributions = (
        [] if target is None else [_attribution(reference, other, target, draws) for other in others]
    )
    for path, comparison in zip(runs[1:], comparisons, strict=True):
        for line in _warnings(comparison, runs[0], path):
            sys.stderr.write(f"timecone: {line}\n")
    if as_json:
        answers = [comparison_record(comparison) for comparison in comparisons]
        for answer, attribution in zip(answers, attributions, strict=False):
            about = {key: _plain(value) for key, value in attribution.attrs.items()}
            answer["attribution"] = about | {"changes": _records(attribution)}
        console().print_json(json.dumps(answers))
    elif layout == "markdown":
        sys.stdout.write(layouts.markdown_table(overview([reference, *others], comparisons)) + "\n")
    else:
        from timecone.results.tables.attribution import attribution_table

        for k, (path, other, comparison) in enumerate(zip(runs[1:], others, comparisons, strict=True)):
            plain(f"{path} less {runs[0]}")
            tables = difference_tables(reference, other, comparison)
            print_quoted(reference, tables + [attribution_table(each) for each in attributions[k : k + 1]])
    if figure is not None:
        from timecone.plots.comparison import comparison_of

        save_figure(comparison_of, reference, others[0], comparisons[0], path=figure)
        if not as_json:
            plain(str(figure))
    return max(warn_of_failed(run) for run in (reference, *others))


def _require_comparable(runs: list[Path], layout: str, figure: Path | None, *, as_json: bool) -> None:
    """Refuse arguments of `compare` that do not go together."""
    if len(runs) < 2:  # noqa: PLR2004 - a comparison
        raise ArgumentError(
            "nothing-to-compare",
            "too few runs to compare",
            where="A B",
            got=len(runs),
            allowed="two runs or more",
        )
    if layout not in ("text", "markdown"):
        raise ArgumentError(
            "unknown-format", "unknown format", where="--format", got=layout, allowed="text or markdown"
        )
    if layout == "markdown" and as_json:
        raise ArgumentError(
            "two-formats",
            "two output formats are requested",
            where="--json",
            got="--format markdown",
            allowed="one",
        )
    if figure is not None and len(runs) > 2:  # noqa: PLR2004 - the two sides of a comparison
        raise ArgumentError(
            "figure-of-two-runs", "the figure shows two runs", where="--figure", got=len(runs), allowed="2"
        )


def _require_attributable(layout: str, condition: str | None) -> None:
    """Refuse what an attribution cannot be made for."""
    if condition is not None:
        raise ArgumentError(
            "attribution-with-condition",
            "an attribution runs whole scenarios and takes no condition",
            where="--given",
            got=condition,
            remedy="Leave out --given or --attribute.",
        )
    if layout != "text":
        raise ArgumentError(
            "attribution-format", "an attribution is printed as text or JSON", where="--format", got=layout
        )


def _attribution(
    first: xr.DataTree, second: xr.DataTree, target: tuple[str | None, float | None, int | None], draws: int
) -> xr.Dataset:
    """Return the attribution of the difference between two runs, made by running what lies between."""
    from timecone.scenario.file import loads
    from timecone.simulation.attribution import attribute

    quantity, percentile, year = target
    before, after = (loads(str(run.attrs["scenario"])) for run in (first, second))
    seed = int(first.attrs["seed"])
    return attribute(before, after, quantity, percentile=percentile, by=year, draws=draws, seed=seed)


def run_of(path: Path, draws: int, seed: int, condition: str | None) -> xr.DataTree:
    """Return a stored run, or run a scenario."""
    if path.suffix == ".nc":
        return open_given(path, condition)
    from timecone.conditioning.given import given as restricted
    from timecone.scenario.file import load
    from timecone.simulation.run import simulate

    run = simulate(load(path), draws=draws, seed=seed, paths=0, keep=draws)
    return restricted(run, condition) if condition else run


def _warnings(comparison: Comparison, first: Path, second: Path) -> list[str]:
    """Return what a reader must know before the numbers."""
    lines = []
    if not comparison.paired:
        lines.append(
            "warning: the runs do not share random numbers (another seed, design or number of stored draws,"
            " or a condition); errors are those of independent runs."
        )
    if comparison.identical:
        keys = ", ".join(key for key, *_ in comparison.inputs)
        lines.append(
            f"warning: {first} and {second} give identical draws"
            + (f"; without effect: {keys}." if keys else "; their scenarios do not differ.")
        )
    return lines


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON has it."""
    return {
        "quantity": comparison.quantity,
        "runs": list(comparison.names),
        "paired": comparison.paired,
        "identical": comparison.identical,
        "inputs": [dict(zip(("key", "first", "second"), row, strict=True)) for row in comparison.inputs],
        "probabilities": _records(comparison.probabilities),
        "percentiles": _records(comparison.percentiles),
        "shifts": {key: float(value) for key, value in comparison.shifts.attrs.items()},
    }


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


@app.command()
def sweep(
    scenario: ScenarioFile,
    parameter: Annotated[
        list[str],
        typer.Option(help="NAME=V1,V2,...: a parameter and its values, in the scenario's unit; one or two."),
    ],
    by: Annotated[
        int | None, typer.Option(help="Year of the probability in table and figure; the median by default.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", "-n", help="Draws at each point.")] = 100_000,
    seed: Seed = None,
    threads: Threads = None,
    quantity: Annotated[str | None, typer.Option(help="Milestone; the headline by default.")] = None,
    out: Annotated[Path | None, typer.Option(help="netCDF file for all numbers.")] = None,
    figure: Annotated[Path | None, typer.Option(help="Draw the heat map to this file.")] = None,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Run a scenario at several values of one or two parameters, with the same random numbers."""
    from timecone.files import netcdf_bytes, refuse_overwriting, write_file
    from timecone.results.tables.accounts import ERROR_NOTE
    from timecone.results.tables.sweep import sweep_table
    from timecone.results.tables.terminal import print_table
    from timecone.scenario.file import load
    from timecone.simulation.sweep import sweep as sweep_of

    loaded = load(scenario)
    values = dict(_swept(text) for text in parameter)
    if len(values) < len(parameter):
        raise ArgumentError("parameter-swept-twice", "a parameter is swept twice", where="--parameter")
    _refuse_overwriting(figure, scenario)
    if out is not None:
        refuse_overwriting(out, scenario)
    years = None if by is None else [by]
    swept = sweep_of(loaded, values, quantity=quantity, draws=draws, seed=seed, threads=threads, years=years)
    table = sweep_table(swept, by)
    print_table(console(), table)
    if table.note:
        plain(table.note)
    plain(f"{draws:,} draws at each point, seed {swept.attrs['seed']}. {ERROR_NOTE}")
    if out is not None:
        plain(str(write_file(out, netcdf_bytes(swept))))
    if figure is not None:
        from timecone.plots.sweep import heat_map

        save_figure(partial(heat_map, by=by), swept, path=figure)
        plain(str(figure))


def _swept(text: str) -> tuple[str, list[float]]:
    name, sign, values = text.partition("=")
    try:
        numbers = [float(value) for value in values.split(",")] if sign else []
    except ValueError:
        numbers = []
    if not numbers or not all(map(math.isfinite, numbers)):
        raise ArgumentError(
            "not-a-swept-parameter",
            "not a parameter and its values",
            where="--parameter",
            got=text,
            allowed="NAME=V1,V2,...",
        )
    return name.strip(), numbers
