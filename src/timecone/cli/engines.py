"""Engine, checkpoint and store of a run, from the options of ``timecone run``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from timecone.cli.folder import CHECKPOINT_FILE
from timecone.cli.interruption import interruption
from timecone.cli.options import EngineName
from timecone.errors import ArgumentError, OutputError, UnfinishedRunError
from timecone.files import one_line, require_space
from timecone.simulation.checkpoint import Checkpoint
from timecone.simulation.engine import Engine, ThreadEngine
from timecone.simulation.limits import Plan, require_workers_memory, stored_bytes
from timecone.simulation.run import Progress, execute

if TYPE_CHECKING:
    import xarray as xr

    from timecone.simulation.dask_engine import DaskEngine

_SUFFIX = ".zarr"


def require_consistent(name: EngineName | None, scheduler: str | None, threads: int | None) -> None:
    """Refuse options of the engine that contradict each other.

    Raises
    ------
    ArgumentError
        A scheduler is stated for threads, or a number of threads for the workers of a scheduler.
    """
    if scheduler is not None and name is EngineName.THREADS:
        raise ArgumentError(
            "engine-without-scheduler",
            "threads have no scheduler",
            where="--scheduler",
            got=scheduler,
            remedy="Leave out --scheduler, or choose --engine dask.",
        )
    if scheduler is not None and threads is not None:
        raise ArgumentError(
            "threads-of-scheduler",
            "the workers of a scheduler have their own number of threads",
            where="--threads",
            got=threads,
            remedy="Leave out --threads, and start the workers with --nthreads.",
        )


@contextmanager
def engine_of(name: EngineName | None, scheduler: str | None, plan: Plan) -> Iterator[Engine]:
    """Yield the engine that the options ask for; a scheduler alone means Dask.

    Raises
    ------
    ArgumentError
        Dask is not installed, the address of the scheduler is malformed, or the workers exceed the memory.
    ClusterError
        The scheduler cannot be reached.
    """
    if name is EngineName.DASK or scheduler is not None:
        with _dask(scheduler, plan) as engine:
            yield engine
    else:
        yield ThreadEngine(plan.threads)


def _dask(scheduler: str | None, plan: Plan) -> DaskEngine:
    from timecone.simulation.dask_engine import DaskEngine

    if scheduler is None:
        require_workers_memory(plan, plan.threads)
    return DaskEngine(scheduler, workers=plan.threads)


def executed(
    plan: Plan, *, engine: Engine, checkpoint: Checkpoint, store: Path | None, progress: Progress | None
) -> tuple[xr.DataTree, str]:
    """Make a run; return its finished draws and, if it broke off, a line that says why."""
    try:
        run = execute(
            plan,
            engine=engine,
            checkpoint=checkpoint,
            store=store,
            progress=progress,
            stop=interruption,
        )
    except UnfinishedRunError as error:
        return error.run, error.line
    return run, ""


def checkpoint_of(target: Path, plan: Plan, *, resume: bool, quiet: bool) -> Checkpoint:
    """Return the checkpoint in the folder of a run; warn if an existing one is not used."""

    def say(sentence: str) -> None:
        sys.stderr.write(f"timecone: warning: {sentence}\n")

    path = target / CHECKPOINT_FILE
    if path.exists() and not resume and not quiet:
        say(f"{path} holds an unfinished run, which this run replaces; --resume would go on from it.")
    return Checkpoint(path, plan, resume=resume, failed=say)


def require_store(store: Path | None, plan: Plan) -> None:
    """Refuse a store with an unsuitable name, an unknown size, or no room on the disk.

    Raises
    ------
    ArgumentError
        Its name does not end in .zarr, or the number of draws is not known beforehand.
    OutputError
        A file is where a folder must be, or the disk has no room.
    """
    if store is None:
        return
    if store.suffix != _SUFFIX:
        raise ArgumentError(
            "store-name", "the name of a store must end in .zarr", where="--store", got=str(store)
        )
    if plan.tolerance is not None:
        raise ArgumentError(
            "store-without-number",
            "a store needs a fixed number of draws",
            where="--store",
            remedy="Leave out --until, and state --draws.",
        )
    _require_folders(store)
    with one_line(store, remedy="Choose another name with --store."):
        store.parent.mkdir(parents=True, exist_ok=True)
    needed = stored_bytes(plan.scenario, plan.sampler, plan.draws)
    require_space(store.parent, needed, store, remedy="Make room, or run without --store.")


def _require_folders(store: Path) -> None:
    """Refuse a store that is a file, or lies below a file."""
    for place in (store, *store.parents):
        if place.is_dir():
            return
        if place.exists():
            raise OutputError(
                "file-in-the-way",
                "a file is where a folder must be",
                where="--store",
                got=str(place),
                allowed=f"a folder for {store.name}" if place != store else "a Zarr store, which is a folder",
                remedy="Choose another name with --store.",
            )
