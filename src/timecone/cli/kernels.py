"""The command that compiles kernels ahead of the first run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from timecone.cli.app import app
from timecone.cli.output import plain

# As few draws as a run takes, of which some have trajectories.
_DRAWS, _PATHS = 100, 10


@app.command("compile")
def compile_kernels(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[SCENARIO]...", help="Scenario files (TOML) or names of presets; baseline by default."
        ),
    ] = None,
) -> None:
    """Compile the kernels of scenarios now, so that no later command waits for them.

    A first run takes some 15 seconds of a processor for it. Kernels are kept for this version of timecone,
    this user and this type of processor.
    """
    from timecone.errors import OutputError
    from timecone.numerics.compilation import compilation_reported
    from timecone.numerics.compiled import cache_folder
    from timecone.scenario.file import load
    from timecone.simulation.run import simulate

    folder = cache_folder()
    if folder is None:
        raise OutputError(
            "no-kernel-cache",
            "compiled kernels cannot be kept",
            remedy="Set NUMBA_CACHE_DIR to a folder to which only you can write.",
        )
    for path in scenarios or [Path("baseline")]:
        scenario, taken = load(path), list[float]()
        with compilation_reported(lambda: None, taken.append):
            simulate(scenario, draws=_DRAWS, paths=_PATHS, threads=1)
        what = f"compiled in {taken[0]:.0f} s" if taken else "had been compiled before"
        plain(f"{scenario.name}: kernels {what}.")
    plain(f"They are kept in {folder}.")
