"""The command that fits distributions to a judgement: quantiles, or chips laid in bins."""

from __future__ import annotations

import json
import math
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.options import Json
from timecone.cli.output import console, plain
from timecone.errors import ArgumentError

if TYPE_CHECKING:
    from timecone.inputs.elicitation import Elicitation, Fit
    from timecone.results.tables.table import Table


class FitSpace(StrEnum):
    """Where the squares of a fit are least."""

    PROBABILITY = "probability"
    QUANTILE = "quantile"


@app.command()
def elicit(
    quantiles: Annotated[
        list[str] | None,
        typer.Option(help="Quantiles PROBABILITY=VALUE, separated by commas or repeated; inf for never."),
    ] = None,
    bins: Annotated[
        str | None, typer.Option(help="Roulette: edges of the bins, separated by commas.")
    ] = None,
    chips: Annotated[
        str | None, typer.Option(help="Roulette: number of chips in each bin, separated by commas.")
    ] = None,
    low: Annotated[float | None, typer.Option(help="Lower bound of the quantity, with --high.")] = None,
    high: Annotated[float | None, typer.Option(help="Upper bound of the quantity, with --low.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of the numbers, as year or FLOP/USD.")] = None,
    family: Annotated[
        str | None, typer.Option(help="Family to print; by default the one nearest to the judgement.")
    ] = None,
    space: Annotated[
        FitSpace, typer.Option(help="Where squares are least: over probabilities, or over quantiles.")
    ] = FitSpace.PROBABILITY,
    parameter: Annotated[
        str, typer.Option(help="Name of the parameter in the scenario file, as hardware.headroom.")
    ] = "COMPONENT.QUANTITY",
    source: Annotated[str, typer.Option(help="Whose judgement it is.")] = "own judgement",
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the judgement; today by default.")
    ] = None,
    basis: Annotated[str, typer.Option(help="Grade: data, expert or guess.")] = "expert",
    as_json: Json = False,
) -> None:
    """Fit distributions to stated quantiles or to chips in bins; print the TOML and how well each fits."""
    from timecone.inputs.elicitation import elicit as fitted
    from timecone.results.tables.terminal import print_table

    judgement = fitted(
        quantiles=None if quantiles is None else _quantiles(",".join(quantiles)),
        bins=None if bins is None else [_number(text, "--bins") for text in bins.split(",")],
        chips=None if chips is None else [_whole(text) for text in chips.split(",")],
        unit=unit,
        low=low,
        high=high,
        space=space.value,
    )
    chosen = judgement.best if family is None else judgement.fit(family)
    day = (as_of or datetime.now()).date()  # noqa: DTZ005 - the day where the person is
    text = chosen.toml(parameter, source=source, as_of=day, basis=basis)
    if as_json:
        console().print_json(json.dumps(_record(judgement, chosen, text)))
        return
    print_table(console(), _table(judgement))
    for name, reason in judgement.refused.items():
        plain(f"Not fitted: {name} ({reason})")
    plain("")
    plain(text.rstrip("\n"))


def _table(judgement: Elicitation) -> Table:
    """Return the value of each fit at the stated probabilities and in the tails."""
    from timecone.results.tables.layout import keep_percent_signs
    from timecone.results.tables.table import Table

    levels = judgement.stated["probability"].tolist()
    tails = [level for level in (0.01, 0.99) if level not in levels]
    every = sorted({*levels, *tails})
    stated = dict(zip(levels, judgement.stated["value"].tolist(), strict=True))
    rows: list[tuple[str, list[str]]] = [
        ("stated", [_written(stated[level]) if level in stated else "" for level in every] + ["", ""])
    ]
    for fit in judgement.fits:
        values = [_written(value) for value in fit.distribution.ppf(every).tolist()]
        rows.append((fit.name, [*values, f"{fit.error:.3f}", f"{fit.worst:.3f}"]))
    title = "Value at each probability, and the differences in probability from what is stated"
    columns = [*(keep_percent_signs(f"{100.0 * level:.4g} %") for level in every), "rms", "largest"]
    return Table.of_texts("elicitation", title, "family", columns, rows)


_YEARS = (1e3, 1e5)


def _written(value: float) -> str:
    """Write a number to four digits, and a year to one decimal."""
    if math.isinf(value):
        return "never"
    return f"{value:.1f}" if _YEARS[0] <= abs(value) < _YEARS[1] else f"{value:.4g}"


def _record(judgement: Elicitation, chosen: Fit, text: str) -> dict[str, Any]:
    return {
        "fits": [
            {
                "family": fit.name,
                "arguments": dict(fit.distribution.arguments),
                "error": fit.error,
                "worst": fit.worst,
                "points": json.loads(fit.table.to_json(orient="records", double_precision=15)),
            }
            for fit in judgement.fits
        ],
        "refused": dict(judgement.refused),
        "family": chosen.name,
        "toml": text,
    }


def _quantiles(text: str) -> dict[float, float]:
    stated: dict[float, float] = {}
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        level, sign, value = part.partition("=")
        if not sign:
            raise ArgumentError(
                "not-a-stated-quantile",
                "not a quantile",
                where="--quantiles",
                got=part,
                allowed="PROBABILITY=VALUE, for instance 0.1=2030",
            )
        probability = _number(level, "--quantiles")
        if probability in stated:
            raise ArgumentError(
                "probability-stated-twice", "a probability is stated twice", where="--quantiles", got=level
            )
        stated[probability] = _number(value, "--quantiles")
    return stated


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentError("not-a-number", "not a number", where=where, got=text) from None


def _whole(text: str) -> int:
    value = _number(text, "--chips")
    return int(value) if value.is_integer() else value  # type: ignore[return-value] # refused where it is read
