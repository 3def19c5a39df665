"""The commands that analyse runs already made: what drives them, and what differs between them."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Given, Json, RunFile, ScenarioFile, Seed, Threads, open_given
from timecone.cli.output import console, plain
from timecone.cli.tables import print_quoted
from timecone.errors import ArgumentError

if TYPE_CHECKING:
    import xarray as xr

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
) -> int:
    """Print which inputs drive a percentile, a probability or a duration, with intervals."""
    from timecone.results.run_file.drivers import drivers as indices
    from timecone.results.tables.drivers import drivers_tables

    quantity, percentile, year = read_target(target)
    if top < 1:
        raise ArgumentError("no inputs to print", where="--top", got=top, allowed="at least 1")
    opened = open_given(run, given)
    found = indices(opened, quantity, percentile=percentile, by=year)
    if figure is not None:
        _draw(opened, found, figure, run)
    if as_json:
        frame = found.to_dataframe().reset_index()
        answer = {key: _plain(value) for key, value in found.attrs.items()}
        console().print_json(json.dumps(answer | {"inputs": json.loads(frame.to_json(orient="records"))}))
        return warn_of_failed(opened)
    print_quoted(opened, drivers_tables(opened, found, top))
    plain(
        f"{found.attrs['draws']:,} stored draws count; {found.sizes['input']} inputs vary."
        f" Run {found.attrs['run_id']}."
    )
    if figure is not None:
        plain(f"  {figure}")
    return warn_of_failed(opened)


def read_target(text: str) -> tuple[str | None, float | None, int | None]:
    """Return quantity, percentile and year of a target such as ``tai@90`` or ``tai:2035``."""
    match = _TARGET.fullmatch(text.strip())
    if match is None:
        raise ArgumentError("not a target", where="--target", got=text,
                            allowed="NAME, NAME@PERCENTILE or NAME:YEAR, such as tai:2035")  # fmt: skip
    percentile, year = match["percentile"], match["year"]
    try:
        level = None if percentile is None else float(percentile)
    except ValueError:
        raise ArgumentError("not a percentile", where="--target", got=text) from None
    return match["quantity"] or None, level, None if year is None else int(year)


def _draw(opened: xr.DataTree, found: Any, path: Path, source: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from timecone.files import refuse_overwriting
    from timecone.plots.tornado import tornado_of

    refuse_overwriting(path, source, where="--figure")
    drawn = tornado_of(opened, found)
    drawn.save(path)
    drawn.close()


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
    figure: Annotated[
        Path | None, typer.Option(help="Draw both distribution functions and the shifts to this file.")
    ] = None,
    layout: Annotated[
        str, typer.Option("--format", help="text, or markdown: one table with a row per run.")
    ] = "text",
    as_json: Json = False,
) -> int:
    """Print the inputs that differ between runs or scenarios, and paired differences with their errors."""
    from timecone.results.run_file.compare import compare as compared
    from timecone.results.tables.differences import difference_tables

    if len(runs) < 2:  # noqa: PLR2004 - a comparison
        raise ArgumentError("nothing to compare with", where="A B", got=len(runs), allowed="two runs or more")
    if layout not in ("text", "markdown"):
        raise ArgumentError("unknown format", where="--format", got=layout, allowed="text or markdown")
    opened = [_run_of(path, draws, seed, given) for path in runs]
    if layout == "markdown":
        from timecone.results.tables import layout as layouts
        from timecone.results.tables.overview import overview

        found_all = [compared(opened[0], other, quantity) for other in opened[1:]]
        sys.stdout.write(layouts.markdown_table(overview(opened, found_all)) + "\n")
        return 0
    answers = []
    for path, other in zip(runs[1:], opened[1:], strict=True):
        found = compared(opened[0], other, quantity)
        for line in _warnings(found, runs[0], path):
            sys.stderr.write(f"timecone: {line}\n")
        if as_json:
            answers.append(_json(found))
        else:
            plain(f"{path} less {runs[0]}")
            print_quoted(opened[0], difference_tables(opened[0], other, found))
    if as_json:
        console().print_json(json.dumps(answers))
    if figure is not None:
        _draw_comparison(opened, quantity, figure, runs)
    return max(warn_of_failed(run) for run in opened)


def _run_of(path: Path, draws: int, seed: int, condition: str | None) -> xr.DataTree:
    """Return a stored run, or run a scenario."""
    if path.suffix == ".nc":
        return open_given(path, condition)
    from timecone.conditioning.given import given as restricted
    from timecone.scenario.file import load
    from timecone.simulation.run import simulate

    run = simulate(load(path), draws=draws, seed=seed, paths=0, keep=draws)
    return restricted(run, condition) if condition else run


def _warnings(found: Any, first: Path, second: Path) -> list[str]:
    """Return what a reader must know before the numbers."""
    lines = []
    if not found.paired:
        lines.append(
            "warning: the runs do not share random numbers (another seed, design or number of stored draws,"
            " or a condition); errors are those of independent runs."
        )
    if found.identical:
        keys = ", ".join(key for key, *_ in found.inputs)
        lines.append(
            f"warning: {first} and {second} give identical draws"
            + (f"; without effect: {keys}." if keys else "; their scenarios do not differ.")
        )
    return lines


def _json(found: Any) -> dict[str, Any]:
    return {
        "quantity": found.quantity,
        "runs": list(found.names),
        "paired": found.paired,
        "identical": found.identical,
        "inputs": [dict(zip(("key", "first", "second"), row, strict=True)) for row in found.inputs],
        "probabilities": json.loads(
            found.probabilities.to_dataframe().reset_index().to_json(orient="records")
        ),
        "percentiles": json.loads(found.percentiles.to_dataframe().reset_index().to_json(orient="records")),
        "shifts": {key: float(value) for key, value in found.shifts.attrs.items()},
    }


def _draw_comparison(
    opened: list[xr.DataTree], quantity: str | None, path: Path, sources: list[Path]
) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from timecone.files import refuse_overwriting
    from timecone.plots.comparison import comparison

    refuse_overwriting(path, *sources, where="--figure")
    drawn = comparison(opened[0], opened[1], quantity)
    plain(str(drawn.save(path)))
    drawn.close()


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
) -> None:
    """Run a scenario at several values of one or two parameters, with the same random numbers."""
    from timecone.results.tables.sweep import sweep_table
    from timecone.results.tables.terminal import print_table
    from timecone.scenario.file import load
    from timecone.simulation.sweep import sweep as swept_over

    loaded = load(scenario)
    values = dict(_swept(text) for text in parameter)
    if len(values) < len(parameter):
        raise ArgumentError("a parameter is swept twice", where="--parameter")
    years = None if by is None else [by]
    found = swept_over(
        loaded, values, quantity=quantity, draws=draws, seed=seed, threads=threads, years=years
    )
    print_table(console(), sweep_table(found, by))
    plain(
        f"{draws:,} draws at each point, seed {found.attrs['seed']}. Monte Carlo error only, not model error."
    )
    if out is not None:
        from timecone.files import refuse_overwriting, write_file

        refuse_overwriting(out, scenario)
        plain(str(write_file(out, bytes(found.to_netcdf(engine="h5netcdf")))))
    if figure is not None:
        import matplotlib as mpl

        mpl.use("Agg")
        from timecone.plots.sweep import heat_map

        drawn = heat_map(found, by=by)
        plain(str(drawn.save(figure)))
        drawn.close()


def _swept(text: str) -> tuple[str, list[float]]:
    name, sign, values = text.partition("=")
    try:
        numbers = [float(value) for value in values.split(",")] if sign else []
    except ValueError:
        numbers = []
    if not numbers or not all(map(math.isfinite, numbers)):
        raise ArgumentError("not a parameter with its values", where="--parameter", got=text,
                            allowed="NAME=V1,V2,...")  # fmt: skip
    return name.strip(), numbers
