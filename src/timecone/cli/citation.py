"""The command that cites a run: BibTeX, sentence, methods, tables, and the values that Metaculus takes."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.commands import condition_on
from timecone.cli.failed import warn_of_failed
from timecone.cli.options import Dates, Given, Json, RunFile, Where, open_given
from timecone.cli.output import plain
from timecone.errors import ArgumentError
from timecone.results.tables.dates import DateStyle

if TYPE_CHECKING:
    import xarray as xr


class Piece(StrEnum):
    """Pieces of a citation."""

    BIBTEX = "bibtex"
    SENTENCE = "sentence"
    METHODS = "methods"
    LATEX = "latex"
    MARKDOWN = "markdown"


@app.command()
def cite(
    run: RunFile,
    milestone: Annotated[
        str | None, typer.Option(help="Milestone or duration to quote; the headline by default.")
    ] = None,
    layout: Annotated[
        Piece | None, typer.Option("--format", help="One piece only: a citation, a sentence, a table.")
    ] = None,
    where: Where = None,
    given: Given = None,
    metaculus: Annotated[
        bool, typer.Option("--metaculus", help="Print the 201 values of a Metaculus date question instead.")
    ] = False,
    range_min: Annotated[
        str | None, typer.Option(metavar="DATE", help="Metaculus: first date of the question's range.")
    ] = None,
    range_max: Annotated[
        str | None, typer.Option(metavar="DATE", help="Metaculus: last date of the question's range.")
    ] = None,
    open_lower: Annotated[
        bool, typer.Option("--open-lower", help="Metaculus: the date may lie before the range.")
    ] = False,
    open_upper: Annotated[
        bool, typer.Option("--open-upper", help="Metaculus: the date may lie after the range.")
    ] = False,
    zero_point: Annotated[
        str | None, typer.Option(metavar="DATE", help="Metaculus: zero point of a logarithmic axis.")
    ] = None,
    within: Annotated[
        bool,
        typer.Option("--within", help="Metaculus: leave out what lies beyond a closed bound, and say so."),
    ] = False,
    question: Annotated[
        int | None, typer.Option(help="Metaculus: number of the question; prints the body of a submission.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
    as_json: Json = False,
    _dates: Dates = DateStyle.YEAR,
) -> int:
    """Print how to cite a run: BibTeX, a sentence with its conditions, a methods paragraph, both tables."""
    from timecone.files import refuse_overwriting, write_file

    if out is not None:
        refuse_overwriting(out, run)
    asked = {
        "--range-min": range_min,
        "--range-max": range_max,
        "--open-lower": open_lower,
        "--open-upper": open_upper,
        "--zero-point": zero_point,
        "--within": within,
        "--question": question,
    }
    condition = condition_on(where)
    if metaculus:
        if layout is not None:
            raise ArgumentError(
                "metaculus-and-format",
                "values for Metaculus have no format",
                where="--format",
                got=layout.value,
                remedy="Leave out --format or --metaculus.",
            )
        opened = open_given(run, given)
        text = _metaculus(opened, milestone, condition, asked, as_json=as_json)
    else:
        _refuse(asked)
        from timecone.results.citation.cite import cite as cited

        opened = open_given(run, given)
        citation = cited(opened, milestone, where=condition)
        if as_json:
            text = json.dumps(citation.as_dict(), ensure_ascii=False, indent=2) + "\n"
        else:
            text = str(citation) if layout is None else citation.piece(layout.value).rstrip("\n") + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        plain(str(write_file(out, text)))
    return warn_of_failed(opened)


def _refuse(asked: dict[str, Any]) -> None:
    """Refuse options of Metaculus' values where these are not asked for."""
    for name, value in asked.items():
        if value is not None and value is not False:
            raise ArgumentError(
                "metaculus-option-alone",
                "the option goes with --metaculus",
                where=name,
                got=value,
                remedy="Add --metaculus.",
            )


def _metaculus(
    run: xr.DataTree,
    milestone: str | None,
    condition: dict[str, str],
    asked: dict[str, Any],
    *,
    as_json: bool,
) -> str:
    """Return the values for Metaculus as JSON; say on the error stream what was adjusted."""
    from timecone.results.citation.metaculus import metaculus

    for name in ("--range-min", "--range-max"):
        if asked[name] is None:
            raise ArgumentError(
                "question-without-range",
                "the range of the question is not stated",
                where=name,
                allowed="a date as the question states it, such as 2026-01-01",
            )
    forecast = metaculus(
        run,
        milestone,
        range_min=asked["--range-min"],
        range_max=asked["--range-max"],
        open_lower=asked["--open-lower"],
        open_upper=asked["--open-upper"],
        zero_point=asked["--zero-point"],
        within=asked["--within"],
        where=condition,
    )
    for line in forecast.adjustments:
        sys.stderr.write(f"timecone: {line}\n")
    number = asked["--question"]
    body: Any = (
        forecast.payload(number) if number is not None else {"continuous_cdf": [*forecast.continuous_cdf]}
    )
    if as_json:
        body = {
            "run_id": forecast.run_id,
            "quantity": forecast.quantity,
            "continuous_cdf": forecast.continuous_cdf,
            "dates": forecast.dates,
            "raw": forecast.raw,
            "adjustments": forecast.adjustments,
            "moved": forecast.moved,
        } | ({} if number is None else {"question": number})
    return json.dumps(body) + "\n"
