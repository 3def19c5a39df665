"""The command that sets runs side by side and pools them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.analysis import run_of, save_figure
from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Dates, Json
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr


@app.command()
def pool(
    runs: Annotated[list[Path], typer.Argument(metavar="A B [C...]", help="Run files or scenarios.")],
    weights: Annotated[str, typer.Option(help="Weight of each, in the same order: 1,1 or 0.7,0.3.")],
    quantity: Annotated[
        str | None,
        typer.Option(
            help="Milestone of all, or of each in order, as tai,expert_ai; the headline by default."
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", "-n", help="Draws of scenarios that are run first.")
    ] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of scenarios that are run first.")] = 1,
    figure: Annotated[
        Path | None, typer.Option(help="Draw each distribution function and the pooled one to this file.")
    ] = None,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Print the dates of several runs side by side, and those of their mixture with stated weights."""
    from timecone.files import refuse_overwriting
    from timecone.results.run_file.access import headline
    from timecone.results.run_file.pool import pool as pooled_of

    if figure is not None:
        refuse_overwriting(figure, *runs, where="--figure")
    numbers = _numbers(weights, len(runs))
    named = _milestones(quantity, len(runs))
    opened = _by_name([run_of(path, draws, seed, None) for path in runs])
    stated = dict(zip(opened, numbers, strict=True))
    wanted: str | dict[str, str] | None = quantity
    if named is not None:
        wanted = dict(zip(opened, named, strict=True))
    pooled = pooled_of(opened, stated, wanted)
    shown = (
        wanted
        if isinstance(wanted, dict)
        else {name: wanted or headline(run) for name, run in opened.items()}
    )
    if figure is not None:
        from timecone.plots.pool import pool as draw

        save_figure(draw, opened, stated, wanted, path=figure)
    if as_json:
        console().print_json(json.dumps(_record(pooled, shown)))
    else:
        _print(opened, pooled, shown)
        if figure is not None:
            plain(f"  {figure}")
    return max(warn_of_failed(run, name) for name, run in opened.items())


def _print(runs: dict[str, xr.DataTree], pooled: xr.Dataset, shown: dict[str, str]) -> None:
    from timecone.results.tables.batch import YEARS, batch_table
    from timecone.results.tables.definitions import definitions_of
    from timecone.results.tables.terminal import print_table

    years = [year for year in YEARS if year in pooled["year"].values]
    table = batch_table(runs, pooled, quantity=shown, years=years)
    print_table(console(), table)
    for line in (table.note, *definitions_of(runs, shown)):
        plain(line)


def _numbers(text: str, count: int) -> list[float]:
    """Return the weights that an argument states."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise ArgumentError(
            "weight-not-valid", "not a weight", where="--weights", got=text, allowed="numbers, as in 1,1"
        ) from None
    _require_count("--weights", text, len(numbers), count)
    return numbers


def _milestones(text: str | None, count: int) -> list[str] | None:
    """Return the milestone of each run, or None for one that all have."""
    if text is None or "," not in text:
        return None
    names = [part.strip() for part in text.split(",")]
    _require_count("--quantity", text, len(names), count)
    return names


def _require_count(where: str, text: str, stated: int, count: int) -> None:
    if stated != count:
        raise ArgumentError(
            "not-one-for-each-run", "not one for each run", where=where, got=text, allowed=f"{count} of them"
        )


def _by_name(runs: list[xr.DataTree]) -> dict[str, xr.DataTree]:
    """Return runs by their names; those of one name are numbered."""
    names = [str(run.attrs["name"]) for run in runs]
    return {
        name if names.count(name) == 1 else f"{name} ({k + 1})": run
        for k, (name, run) in enumerate(zip(names, runs, strict=True))
    }


def _record(pooled: xr.Dataset, shown: dict[str, str]) -> dict[str, Any]:
    """Return a pool as JSON has it."""
    return {
        "milestones": shown,
        "weights": pooled.attrs["weights"],
        "horizon": pooled.attrs["horizon"],
        "probabilities": json.loads(
            pooled.drop_dims("percentile").to_dataframe().reset_index().to_json(orient="records")
        ),
        "percentiles": json.loads(
            pooled.drop_dims("year").to_dataframe().reset_index().to_json(orient="records")
        ),
    }
