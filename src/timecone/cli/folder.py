"""The folder of a run: checked before the work, replaced as a whole after it, never losing an older run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import xarray as xr

from timecone.errors import OutputError, RunFileError
from timecone.files import one_line, part_path, refuse_overwriting, require_replaceable, write_file
from timecone.results.run_file.failures import failures_table
from timecone.results.run_file.read_write import open_run, save_run
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import extras_table, flags_table, percentile_table, probability_table
from timecone.scenario.inheritance import read_with_ancestors
from timecone.scenario.presets import scenario_file
from timecone.schema import OUTCOMES, PATHS
from timecone.staging import StagedFolder

if TYPE_CHECKING:
    from timecone.plots.figure import Figure

RUN_FILE: Final = "run.nc"
#: What an unfinished run has counted, from which ``--resume`` goes on.
CHECKPOINT_FILE: Final = "checkpoint.npz"
#: Names the scenario file that a folder of runs belongs to, from that folder.
SOURCE_FILE: Final = "scenario.txt"
_TABLES: Final[Mapping[str, Callable[[RunStatistics], pd.DataFrame]]] = {
    "probabilities.csv": probability_table,
    "percentiles.csv": percentile_table,
    "extras.csv": extras_table,
    "flags.csv": flags_table,
    "failures.csv": lambda statistics: failures_table(statistics.run),
    "choices.csv": lambda statistics: statistics.choice_shares,
}
#: Files of figures, and the names of those that they may hold: the first one that the run has.
_FIGURES: Final = {
    "arrival.png": ("cdf",),
    "duration.png": ("duration",),
    "trajectory.png": ("threshold", "fan"),
}
#: All that ``run`` writes.
RESULTS: Final = (RUN_FILE, *_TABLES, *_FIGURES)


def require_results_apart(target: Path, scenario: Path) -> None:
    """Refuse a folder in which results would replace a file that the scenario is read from, or a folder.

    Raises
    ------
    OutputError, ArgumentError
        They would.
    """
    file = scenario_file(scenario)
    inputs = [file, *(file.parent / name for name in _files_in(read_with_ancestors(file)))]
    for name in RESULTS:
        refuse_overwriting(target / name, *inputs)
        require_replaceable(target / name, remedy="Choose another folder with --out.")


def _files_in(content: Any) -> Iterator[str]:
    """Yield the names of the files that a scenario's content refers to."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key == "file" and isinstance(value, str):
                yield value
            else:
                yield from _files_in(value)
    elif isinstance(content, list):
        for value in content:
            yield from _files_in(value)


def mark_source(staged: StagedFolder, name: str, scenario: Path) -> None:
    """Let the folder of a scenario's runs, ``runs/NAME``, name its file.

    Parameters
    ----------
    staged : StagedFolder
        The folder.
    name : str
        The name that the scenario states.
    scenario : Path
        Its file; another file of the same name must not write into the same folder.

    Raises
    ------
    OutputError
        The folder holds runs of another file.
    """
    mark = staged.target / SOURCE_FILE
    source = _source(scenario, staged.target)
    if mark.is_file() and (other := os.fsdecode(mark.read_bytes()).strip()) != source:
        raise OutputError(
            "folder-of-another-scenario",
            f"this folder holds runs of another scenario file with the name {name!r}",
            where=str(staged.target),
            got=other,
            remedy="Give one of the two files another name =, or choose a folder with --out.",
        )
    (staged.stage / SOURCE_FILE).write_bytes(os.fsencode(f"{source}\n"))


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
        require_replaceable(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = part_path(path.parent)
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            part.unlink()
        except OSError as error:
            raise OutputError(
                "unwritable-folder",
                f"the folder is not writable ({error.strerror})",
                where=str(path.parent),
                remedy="Choose another one with --out.",
            ) from None


def _keep_older(run: xr.DataTree, staged: StagedFolder) -> str:
    """Keep a stored run of other numbers, or one that holds more of the same numbers, under another name.

    Return a sentence that says so.
    """
    path = staged.target / RUN_FILE
    if not path.exists():
        return ""
    try:
        older = open_run(path)
    except RunFileError:
        return f"What was in {path} is kept as {staged.keep(RUN_FILE, 'run-unreadable.nc')}."
    before = str(older.attrs["run_id"])
    if before != run.attrs["run_id"]:
        return f"The earlier run {before} is kept as {staged.keep(RUN_FILE, f'run-{before}.nc')}."
    more = [f"{a:,} {what} (now {b:,})" for what, a, b in _stored(older, run) if a > b]
    if not more:
        return ""
    name = staged.keep(RUN_FILE, f"run-{before}.nc")
    return f"The earlier run of the same numbers stores {' and '.join(more)}: it is kept as {name}."


def _stored(older: xr.DataTree, run: xr.DataTree) -> list[tuple[str, int, int]]:
    dims = {"draws": (OUTCOMES, "draw"), "paths": (PATHS, "path")}
    return [
        (what, older[group].sizes.get(dim, 0), run[group].sizes.get(dim, 0))
        for what, (group, dim) in dims.items()
    ]


def write_numbers(statistics: RunStatistics, staged: StagedFolder) -> tuple[list[Path], str]:
    """Prepare the run file and its tables; return where they will be, and a sentence on an older run."""
    run = statistics.run
    with one_line(staged.target):
        kept = _keep_older(run, staged)
    save_run(run, staged.stage / RUN_FILE)
    names = [RUN_FILE]
    for name, table in _TABLES.items():
        rows = table(statistics)
        if len(rows):
            write_file(staged.stage / name, rows.to_csv(index=False))
            names.append(name)
    return [staged.target / name for name in names], kept


def write_figures(run: xr.DataTree, staged: StagedFolder, *, stop: Callable[[], bool]) -> list[Path]:
    """Prepare the figures until ``stop`` says to stop; return where they will be."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.use("Agg")  # no window, and none needed
    paths = []
    for name, draw in _drawn(run).items():
        if stop():
            break
        draw(run).save(staged.stage / name)
        paths.append(staged.target / name)
    plt.close("all")
    return paths


def _drawn(run: xr.DataTree) -> dict[str, Callable[[xr.DataTree], Figure]]:
    """Return the figures of a run by file."""
    from timecone.plots.catalogue import drawings

    known = {drawing.name: drawing.draw for drawing in drawings(run)}
    chosen = {file: next((known[n] for n in names if n in known), None) for file, names in _FIGURES.items()}
    return {file: draw for file, draw in chosen.items() if draw is not None}


def has_figures(run: xr.DataTree, files: list[Path]) -> bool:
    """Return whether all figures are among a run's files."""
    return _drawn(run).keys() <= {path.name for path in files}
