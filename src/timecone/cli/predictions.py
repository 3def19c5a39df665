"""Commands ``ledger predict`` and ``ledger score``: dated predictions of measured series."""

from __future__ import annotations

import json
import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timecone.cli.interruption import interruption
from timecone.cli.ledger import ledger
from timecone.cli.options import Json
from timecone.cli.output import console, plain

if TYPE_CHECKING:
    from timecone.history.predictions.score import Score

_FILE = Path("predictions.toml")
_DAY = ["%Y-%m-%d"]
File = Annotated[Path, typer.Option("--ledger", help="File of predictions.")]


@ledger.command()
def predict(
    fits: Annotated[
        list[Path], typer.Argument(metavar="FIT...", help="Fits (.nc) of runs, sites, horizons.")
    ],
    day: Annotated[datetime, typer.Option("--date", formats=_DAY, help="The day that is predicted.")],
    made: Annotated[datetime, typer.Option(formats=_DAY, help="Day of the prediction.")],
    file: File = _FILE,
    seed: Annotated[int, typer.Option(min=0, help="Seed, from 0.")] = 2026,
) -> None:
    """Append what fits predict for a day to a file, to be scored when it has come."""
    from timecone.history.predictions.file import add_predictions
    from timecone.history.predictions.from_fit import predictions_from

    predictions = [
        prediction
        for fit in fits
        for prediction in predictions_from(fit, day.date(), made=made.date(), seed=seed)
    ]
    with interruption.holding():
        add_predictions(predictions, file)
    for prediction in predictions:
        row = ", ".join(f"{level:g} %: {value:.2f}" for level, value in prediction.percentiles)
        plain(f"{prediction.series} on {prediction.date} (log10): {row}")
    plain(f"{file}: {len(predictions)} predictions added.")


@ledger.command("score")
def score_predictions(
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help="Tables of the past.")],
    as_of: Annotated[datetime, typer.Option(formats=_DAY, help="Day up to which the tables know.")],
    file: File = _FILE,
    as_json: Json = False,  # noqa: FBT002 - an option
) -> None:
    """Score predictions by tables that reach the predicted day; say which are still open."""
    from timecone.history.evidence import read_by_kind
    from timecone.history.predictions.file import read_predictions
    from timecone.history.predictions.score import score

    scores = score(read_predictions(file), read_by_kind(tables), as_of=as_of.date())
    if as_json:
        console().print_json(json.dumps([_as_json(each) for each in scores]))
        return
    for each in scores:
        plain(_line(each))


def _line(score: Score) -> str:
    """Return what came of a prediction, as a sentence."""
    from timecone.history.predictions.score import MASSES

    made = score.prediction
    head = f"{made.series} on {made.date}: median {made.median:.2f}"
    if math.isnan(score.observed):
        return f"{head}; open: no table has values of it."
    if not score.is_due:
        return f"{head}; open: the largest value so far is {score.observed:.2f}."
    covered = [f"{mass:g} %" for mass in MASSES if score.is_inside(mass)]
    inside = f"inside {', '.join(covered)}" if covered else "outside every interval"
    return (
        f"{head}; came {score.observed:.2f} (error {score.error:+.2f} OOM, at the {score.level:.0f} % level,"
        f" {inside}); quantile score {score.quantile_score:.3f} OOM."
    )


def _as_json(score: Score) -> dict[str, object]:
    from timecone.history.predictions.score import MASSES

    made = score.prediction
    numbers = {key: getattr(score, key) for key in ("observed", "error", "level", "quantile_score")}
    return {
        "id": made.id,
        "series": made.series,
        "date": made.date.isoformat(),
        "median": made.median,
        "is_due": score.is_due,
        **{key: None if math.isnan(value) else value for key, value in numbers.items()},
        **{f"inside_{mass:g}": score.is_inside(mass) for mass in MASSES},
    }
