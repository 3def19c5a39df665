"""The command that draws figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.interruption import interruption
from timecone.cli.options import Dates, Given
from timecone.cli.output import plain
from timecone.errors import ArgumentError, suggestion
from timecone.files import refuse_overwriting
from timecone.results.tables.dates import DateStyle


class FigureName(StrEnum):
    """Figures that ``plot`` draws of any run, fit or back-test; a model may have others."""

    CDF = "cdf"
    DENSITY = "density"
    DURATION = "duration"
    JOINT = "joint"
    FAN = "fan"
    THRESHOLD = "threshold"
    DECOMPOSITION = "decomposition"
    INPUTS = "inputs"
    TORNADO = "tornado"
    CORRELATIONS = "correlations"
    HISTORY_TRENDS = "history_trends"
    HISTORY_PRIORS = "history_priors"
    HISTORY_CHECKS = "history_checks"
    BACKTEST = "backtest"
    PIT = "pit"
    CALIBRATION = "calibration"
    HORIZONS = "horizons"
    SUPPLY = "supply"


#: Figures that lay several runs over each other.
_OVERLAID = (FigureName.CDF, FigureName.DURATION)
_OF_FITS = (FigureName.HISTORY_TRENDS, FigureName.HISTORY_PRIORS, FigureName.HISTORY_CHECKS)
_OF_BACKTESTS = (FigureName.BACKTEST, FigureName.PIT, FigureName.CALIBRATION)


_HELP = f"Which figure: {', '.join(FigureName)}; of the compute model also automation and spending."


@app.command()
def plot(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Run files; or one posterior or back-test.")
    ],
    figure: Annotated[str, typer.Option(help=_HELP)] = FigureName.CDF,
    quantity: Annotated[
        str | None,
        typer.Option(
            help="Milestone, for cdf (by value of each choice) and density; duration, for duration and joint."
        ),
    ] = None,
    observable: Annotated[
        str | None, typer.Option(help="Trajectory, for fan: spending, output, ...; the main one by default.")
    ] = None,
    choice: Annotated[
        str | None,
        typer.Option(help="Choice, for threshold (default: what moves it most) and cdf (all)."),
    ] = None,
    until: Annotated[
        float | None, typer.Option(help="Last year of figures over time; 40 years by default.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Draw published forecasts too, for cdf.")
    ] = False,
    given: Given = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write: .png, .svg or .pdf; beside the run by default.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file for the numbers that are drawn.")] = None,
    _dates: Dates = DateStyle.YEAR,
) -> None:
    """Draw a figure of one or several runs, of a fit to history, or of a back-test."""
    import matplotlib as mpl

    mpl.use("Agg")  # no window, and none needed
    asked = {"quantity": quantity, "observable": observable, "choice": choice, "until": until}
    options = {name: value for name, value in asked.items() if value is not None}
    options |= {"published": True} if published else {}
    if len(runs) > 1 and figure not in _OVERLAID:
        raise ArgumentError(
            "figure-of-one-run", "the figure shows one run", where="RUN", got=len(runs), allowed="1"
        )
    path = out or runs[0].parent / f"{figure}.png"
    refuse_overwriting(path, *runs)
    if table is not None:
        refuse_overwriting(table, *runs, path, where="--table")
    opened = _reader(figure)
    datasets = {_run_name(path): opened(path) for path in runs}
    if given:
        datasets = {name: _conditioned(figure, run, given) for name, run in datasets.items()}
    draw = _drawing(figure, next(iter(datasets.values())))
    _refuse_unread(figure, draw, options)
    drawn = draw(datasets if len(datasets) > 1 else next(iter(datasets.values())), **options)
    with interruption.holding():
        plain(str(drawn.save(path)))
        if table is not None:
            plain(str(drawn.save_table(table)))
    drawn.close()


def _drawing(figure: str, opened: Any) -> Callable[..., Any]:
    """Return the function that draws a figure."""
    from timecone import plots
    from timecone.cli.model_figures import model_drawings

    if figure in set(FigureName):
        draw: Callable[..., Any] = getattr(plots, figure)
        return draw
    own = {drawing.name: drawing.draw for drawing in model_drawings(opened)}
    if figure not in own:
        raise ArgumentError(
            "unknown-figure",
            "this run has no such figure",
            where="--figure",
            got=figure,
            allowed=", ".join([*(f.value for f in FigureName), *own]),
            remedy=suggestion(figure, [*(f.value for f in FigureName), *own]),
        )
    return own[figure]


def _conditioned(figure: str, run: Any, condition: str) -> Any:
    """Return a run given a condition; refuse one of a fit or a back-test."""
    from timecone.conditioning.given import given

    if figure in (*_OF_FITS, *_OF_BACKTESTS, FigureName.HORIZONS, FigureName.SUPPLY):
        raise ArgumentError(
            "figure-option-unsupported",
            f"the figure {figure} does not take this option",
            where="--given",
            got=condition,
        )
    return given(run, condition)


def _reader(figure: str) -> Callable[[Path], Any]:
    """Return what reads the kind of file that the figure shows."""
    if figure in _OF_FITS:
        from timecone.history.joint.posterior import open_posterior

        return open_posterior
    if figure == FigureName.CALIBRATION:
        from timecone.results.run_file.backtest import open_any_backtest

        return open_any_backtest
    if figure in _OF_BACKTESTS:
        from timecone.results.run_file.backtest import open_backtest

        return open_backtest
    if figure == FigureName.HORIZONS:
        from timecone.history.horizons.posterior import open_horizons

        return open_horizons
    if figure == FigureName.SUPPLY:
        from timecone.history.supply.fit import open_supply

        return open_supply
    from timecone.results.run_file.read_write import open_run

    return open_run


def _refuse_unread(figure: str, draw: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse an option that the figure would not read."""
    read = inspect.signature(draw).parameters
    for name in options:
        if name not in read:
            raise ArgumentError(
                "figure-option-unsupported",
                f"the figure {figure} does not take this option",
                where=f"--{name}",
                got=options[name],
            )


def _run_name(path: Path) -> str:
    """Name a run by its folder where files have the usual name."""
    return path.parent.name if path.stem == "run" and path.parent.name else path.stem
