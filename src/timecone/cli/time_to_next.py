"""The command that tells how long it is from one milestone to the next, by the year of the first."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from timecone.cli.app import app
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Given, Json, RunFile, open_given
from timecone.cli.output import console, plain
from timecone.cli.tables import print_quoted
from timecone.errors import ArgumentError


@app.command("time-to-next")
def time_to_next(
    run: RunFile,
    first: Annotated[
        str | None,
        typer.Option("--from", help="First milestone; by default where the run's first duration begins."),
    ] = None,
    then: Annotated[
        str | None, typer.Option("--to", help="Second milestone; by default where that duration ends.")
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(help="Years of the first milestone, as 2027,2028 or 2027-2040; twenty from the start."),
    ] = None,
    given: Given = None,
    as_json: Json = False,
) -> int:
    """Print how long it is from a milestone to another if the first one comes in 2027, 2028, ..."""
    from timecone.results.run_file.time_to_next import time_to_next as wait_of
    from timecone.results.tables.accounts import ERROR_NOTE
    from timecone.results.tables.time_to_next import time_to_next_table

    opened = open_given(run, given)
    wait = wait_of(opened, first, then, years=None if years is None else _years(years))
    if as_json:
        rows = wait.to_dataframe().reset_index().to_json(orient="records", double_precision=12)
        console().print_json(json.dumps({**wait.attrs, "rows": json.loads(rows)}))
        return warn_of_failed(opened)
    print_quoted(opened, [time_to_next_table(wait)])
    plain(f"From the stored draws. {ERROR_NOTE} Run {wait.attrs['run_id']}.")
    return warn_of_failed(opened)


def _years(text: str) -> list[int]:
    """Read years that commas separate, and ranges of years."""
    years: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            ends = int(first), int(last) if dash else int(first)
        except ValueError:
            ends = 1, 0
        if ends[1] < ends[0]:
            raise ArgumentError(
                "not-a-year",
                "not calendar years",
                where="--years",
                got=text,
                allowed="2027,2028 or 2027-2040",
            )
        years += range(ends[0], ends[1] + 1)
    if len(set(years)) < len(years):
        raise ArgumentError("year-twice", "a year occurs twice", where="--years", got=text)
    return years
