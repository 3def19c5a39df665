"""The folder of a run: checked before the work, written after it, never losing an older run."""

from __future__ import annotations

import os
import sys
import tempfile
from itertools import chain, count
from pathlib import Path

import xarray as xr

from timecone.errors import OutputError, RunFileError
from timecone.results.failures import failures_table
from timecone.results.run_file import open_run, save_run
from timecone.results.tables import (
    choice_shares,
    extras_table,
    flags_table,
    percentile_table,
    probability_table,
)
from timecone.scenario.presets import scenario_file

RUN_FILE = "run.nc"
#: Names the scenario file that a folder of runs belongs to, from that folder.
SOURCE_FILE = "scenario.txt"


def prepare(path: Path) -> Path:
    """Make a folder and prove that it can be written to, before anything is computed.

    Raises
    ------
    OutputError
        It cannot.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise OutputError(
            f"the folder is not writable ({error.strerror})", where=str(path),
            remedy="Choose another one with --out.",
        ) from None  # fmt: skip
    return path


def prepare_own(name: str, scenario: Path) -> Path:
    """Make the folder of a scenario's runs, ``runs/NAME``, and prove that it can be written to.

    Parameters
    ----------
    name : str
        The name that the scenario states.
    scenario : Path
        Its file; another file of the same name must not write into the same folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        The folder holds runs of another file, or cannot be written to.
    """
    target = prepare(Path("runs") / name)
    mark = target / SOURCE_FILE
    source = _source(scenario, target)
    if mark.is_file() and (other := mark.read_text("utf-8").strip()) != source:
        raise OutputError(
            f"this folder holds runs of another scenario file of the name {name!r}", where=str(target),
            got=other, remedy="Give one of the two files another name =, or choose a folder with --out.",
        )  # fmt: skip
    mark.write_text(f"{source}\n", "utf-8")
    return target


def _source(scenario: Path, target: Path) -> str:
    """Return the file of a scenario or of a preset, as named from the folder of its runs."""
    return Path(os.path.relpath(scenario_file(scenario).resolve(), target.resolve())).as_posix()


def prepare_files(*paths: Path) -> None:
    """Prove that files can be written here, before anything is computed; make their folders.

    Raises
    ------
    OutputError
        They cannot.
    """
    for path in paths:
        if path.is_dir():
            raise OutputError(
                "a folder is in the way", where=str(path), remedy="Choose another name with --out."
            )
        prepare(path.parent)
        if path.exists() and not os.access(path, os.W_OK):
            raise OutputError("the file is not writable", where=str(path),
                              remedy="Choose another name with --out.")  # fmt: skip


def _set_aside(path: Path, run: xr.DataTree) -> None:
    """Rename a stored run of other numbers, so that no run that somebody waited for is lost."""
    if not path.exists():
        return
    try:
        before = str(open_run(path).attrs["run_id"])
    except RunFileError:
        before = "unreadable"
    if before == run.attrs["run_id"]:
        return
    names = (f"{path.stem}-{before}{mark}{path.suffix}" for mark in chain([""], (f"-{k}" for k in count(2))))
    kept = next(free for name in names if not (free := path.with_name(name)).exists())
    path.rename(kept)
    sys.stderr.write(f"timecone: the run of other numbers that was in {path} is now {kept.name}.\n")


def write_numbers(run: xr.DataTree, target: Path) -> list[Path]:
    """Write the run file, then its tables; return what was written."""
    _set_aside(target / RUN_FILE, run)
    written = [save_run(run, target / RUN_FILE)]
    for name, table in (
        ("probabilities.csv", probability_table(run)),
        ("percentiles.csv", percentile_table(run)),
        ("extras.csv", extras_table(run)),
        ("flags.csv", flags_table(run)),
        ("failures.csv", failures_table(run)),
        ("choices.csv", choice_shares(run)),
    ):
        if len(table):
            table.to_csv(target / name, index=False)
            written.append(target / name)
    return written


def write_figures(run: xr.DataTree, target: Path) -> list[Path]:
    """Write the figures; return what was written."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    from timecone import plots

    mpl.use("Agg")  # no window, and none needed
    written = []
    for name, draw in (
        ("arrival.png", plots.cdf),
        ("takeoff.png", plots.takeoff),
        ("effective_compute.png", plots.threshold),
    ):
        written.append(draw(run).save(target / name))
    plt.close("all")
    return written
