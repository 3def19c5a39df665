"""Arguments and options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timecone.results.tables.dates import DateStyle, set_date_style

if TYPE_CHECKING:
    import xarray as xr


class EngineName(StrEnum):
    """Where the draws of a run are simulated."""

    THREADS = "threads"
    DASK = "dask"


class DesignName(StrEnum):
    """Designs of a run that the command line may ask for."""

    AUTO = "auto"


def _use_date_style(style: DateStyle) -> DateStyle:
    """Let all that the command writes have the style."""
    set_date_style(style)
    return style


ScenarioFile = Annotated[
    Path, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML), or the name of a preset.")
]
RunFile = Annotated[Path, typer.Argument(metavar="RUN", help="Run file (netCDF).")]
Draws = Annotated[int | None, typer.Option("--draws", "-n", help="Number of draws.")]
Seed = Annotated[int | None, typer.Option(help="Seed, from 0.")]
Threads = Annotated[int | None, typer.Option(help="Threads; all processors by default.")]
Out = Annotated[Path | None, typer.Option(help="Folder for results; runs/<name> by default.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no tables.")]
Keep = Annotated[int, typer.Option(help="Draws stored in full; tables rest on all.")]
Paths = Annotated[int, typer.Option(help="Full trajectories stored.")]
Until = Annotated[
    str | None,
    typer.Option(help="Draw until errors are below, for instance years=0.1,probability=0.002."),
]
Design = Annotated[
    DesignName | None,
    typer.Option(help="auto: choose between random draws and Sobol' points by a short trial."),
]
Engine = Annotated[
    EngineName | None,
    typer.Option(help="Where draws are simulated: on threads of this process, or on a Dask cluster."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Scheduler of a Dask cluster, as tcp://HOST:8786; by default workers on this machine.",
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint of an unfinished run.")]
Store = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER.zarr", help="Zarr store to which all draws are written in full."),
]
Dates = Annotated[
    DateStyle,
    typer.Option("--dates", callback=_use_date_style, help="How to write dates: decimal years, or months."),
]
Where = Annotated[
    list[str] | None, typer.Option(help="Condition on a choice, as choice=value; may be repeated.")
]
Given = Annotated[
    str | None,
    typer.Option(
        help="Condition on anything stored, as \"automation_20 < 2030 and threshold == 'bio_anchors'\"."
    ),
]


def open_given(path: Path, condition: str | None) -> xr.DataTree:
    """Open a run file and condition it."""
    from timecone.conditioning.given import given
    from timecone.results.run_file.read_write import open_run

    run = open_run(path)
    return given(run, condition) if condition else run
