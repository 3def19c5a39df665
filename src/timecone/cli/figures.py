"""The command that draws figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from timecone.cli.interruption import interruption
from timecone.cli.main import app
from timecone.cli.output import plain
from timecone.errors import ArgumentError
from timecone.files import refuse_overwriting


class FigureName(StrEnum):
    """Figures that ``plot`` draws."""

    CDF = "cdf"
    DENSITY = "density"
    TAKEOFF = "takeoff"
    JOINT = "joint"
    FAN = "fan"
    THRESHOLD = "threshold"
    DECOMPOSITION = "decomposition"
    AUTOMATION = "automation"
    SPENDING = "spending"
    INPUTS = "inputs"
    CORRELATIONS = "correlations"
    HISTORY_TRENDS = "history_trends"
    HISTORY_PRIORS = "history_priors"
    HISTORY_CHECKS = "history_checks"
    BACKTEST = "backtest"
    PIT = "pit"


#: Figures that lay several runs over each other.
_OVERLAID = (FigureName.CDF, FigureName.TAKEOFF)
_OF_FITS = (FigureName.HISTORY_TRENDS, FigureName.HISTORY_PRIORS, FigureName.HISTORY_CHECKS)
_OF_BACKTESTS = (FigureName.BACKTEST, FigureName.PIT)


@app.command()
def plot(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Run files; or one posterior or back-test.")
    ],
    figure: Annotated[FigureName, typer.Option(help="Which figure.")] = FigureName.CDF,
    quantity: Annotated[
        str | None, typer.Option(help="Milestone, for cdf (by value of each choice) and density.")
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
    out: Annotated[
        Path | None, typer.Option(help="File to write: .png, .svg or .pdf; beside the run by default.")
    ] = None,
    table: Annotated[Path | None, typer.Option(help="CSV file for the numbers that are drawn.")] = None,
) -> None:
    """Draw a figure of one or several runs, of a fit to history, or of a back-test."""
    import matplotlib as mpl

    from timecone import plots

    mpl.use("Agg")  # no window, and none needed
    draw = getattr(plots, figure.value)
    given = {"quantity": quantity, "observable": observable, "choice": choice, "until": until}
    options = {name: value for name, value in given.items() if value is not None}
    _refuse_unread(figure, draw, options)
    if len(runs) > 1 and figure not in _OVERLAID:
        raise ArgumentError("the figure shows one run", where="RUN", got=len(runs), allowed="1")
    path = out or runs[0].parent / f"{figure.value}.png"
    refuse_overwriting(path, *runs)
    if table is not None:
        refuse_overwriting(table, *runs, path, where="--table")
    opened = _reader(figure)
    found = {_run_name(path): opened(path) for path in runs}
    drawn = draw(found if len(found) > 1 else next(iter(found.values())), **options)
    with interruption.holding():
        plain(str(drawn.save(path)))
        if table is not None:
            plain(str(drawn.save_table(table)))
    drawn.close()


def _reader(figure: FigureName) -> Callable[[Path], Any]:
    """Return what reads the kind of file that the figure shows."""
    if figure in _OF_FITS:
        from timecone.history.joint.posterior import open_posterior

        return open_posterior
    if figure in _OF_BACKTESTS:
        from timecone.results.backtest import open_backtest

        return open_backtest
    from timecone.results.run_file import open_run

    return open_run


def _refuse_unread(figure: FigureName, draw: Callable[..., Any], options: Mapping[str, Any]) -> None:
    """Refuse an option that the figure would not read."""
    read = inspect.signature(draw).parameters
    for name in options:
        if name not in read:
            raise ArgumentError(f"the figure {figure.value} takes no such option", where=f"--{name}",
                                got=options[name])  # fmt: skip


def _run_name(path: Path) -> str:
    """Name a run by its folder where files have the usual name."""
    return path.parent.name if path.stem == "run" and path.parent.name else path.stem
