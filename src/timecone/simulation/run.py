"""The two public calls: `sample` draws inputs, `simulate` runs a scenario."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import xarray as xr

from timecone.errors import UnfinishedRunError
from timecone.results.tables.precision import precision
from timecone.scenario.scenario import Scenario
from timecone.simulation.assemble import assemble, input_dataset
from timecone.simulation.block import BlockSimulator
from timecone.simulation.checkpoint import Checkpoint
from timecone.simulation.draw_store import DrawStore
from timecone.simulation.engine import Engine, Session, ThreadEngine
from timecone.simulation.limits import KEEP, PATHS, Plan, design_of, plan, whole
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.stopping import BATCH, Tolerance, words
from timecone.simulation.tally import Tally
from timecone.simulation.threads import Span, run_blocks, spans

type Progress = Callable[[int, int], None]

#: What is finished is safe from an error in a block after at most so long.
SEGMENT_SECONDS: Final = 10.0
#: And from a killed process.
CHECKPOINT_SECONDS: Final = 60.0


def sample(scenario: Scenario, draws: int, seed: int | None = None) -> xr.Dataset:
    """Draw the inputs of a scenario without running the model.

    Parameters
    ----------
    scenario : Scenario
        What to draw from.
    draws : int
        Number of joint draws.
    seed : int, optional
        From 0; the scenario's own by default.

    Returns
    -------
    Dataset, dims (draw,)
        One variable per parameter, in the model's unit, and one per choice. Draw i is the same as in
        `simulate` with the same seed.

    Raises
    ------
    ArgumentError
        The number of draws or the seed is out of range.

    Examples
    --------
    >>> import timecone as tc
    >>> drawn = tc.sample(tc.load("baseline"), draws=100, seed=1)
    >>> drawn.sizes["draw"], drawn["deployment.delay"].attrs["units"]
    (100, 'year')
    """
    draws = whole("draws", draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    source = scenario.compiled.sampler
    block = source.draw(design_of(scenario, seed, draws, len(source.streams)), 0, draws)
    return input_dataset(scenario, source.names, block.values, block.choices)


def simulate(
    scenario: Scenario,
    *,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    paths: int = PATHS,
    keep: int = KEEP,
    block: int | None = None,
    until: Mapping[str, float] | None = None,
    engine: Engine | None = None,
    checkpoint: str | Path | None = None,
    store: str | Path | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> xr.DataTree:
    """Run a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    draws, seed : int, optional
        The scenario's own by default.
    threads : int, optional
        All processors by default. Changes no bit of the result.
    paths : int
        Number of draws whose full trajectories are stored.
    keep : int
        Number of draws stored in full; tables and bands rest on all draws in any case.
    block : int, optional
        Draws worked on at a time, rounded up to a multiple of 64: 8192 by default, or fewer in a small run,
        so that all threads have work. Changes no bit of the result.
    until : mapping, optional
        Draw until every quoted number is as precise as this: ``years`` for dates and durations at
        percentiles, ``probability`` for probabilities by year, each the half of a 95 % interval. ``draws`` is
        then the most (100 million by default), and what it took is in the run's attribute ``precision``.
        Checked after every 131 072 draws; the result is identical to a run of the final number of draws.
    engine : Engine, optional
        Where blocks are simulated: on threads of this process by default, or on a `DaskEngine`, which has
        workers of its own and does not read ``threads``. Changes no bit of the result.
    checkpoint : str or Path, optional
        A file to which the counts so far are saved every minute and when the run is stopped. If it exists,
        the run is resumed from it. A complete run removes it.
    store : str or Path, optional
        A Zarr store to which all draws are written in full, whatever ``keep`` is. A resumed run also writes
        the earlier draws that the store lacks. xarray and Dask read it lazily.
    progress : callable, optional
        Called with the number of draws done and the number wanted.
    stop : callable, optional
        Asked after each block; the run ends with what is finished as soon as it returns True.

    Returns
    -------
    DataTree
        Groups ``inputs``, ``outcomes``, ``paths`` and ``summary``. After Ctrl-C the run holds what was
        finished, and its attribute ``draws`` says how much that is.

    Raises
    ------
    ArgumentError
        An argument is out of range, or the run needs more memory than is free.
    CheckpointError
        The checkpoint is damaged, or belongs to another run.
    OutputError
        The store cannot be written.
    ClusterError
        The engine's workers cannot be reached, or would not compute the same numbers.
    UnfinishedRunError
        A block failed. The draws finished before it are in the error's ``run``.
    KeyboardInterrupt
        Ctrl-C came before the first block was finished, or before a resumed run went on.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=5)
    >>> run.attrs["draws"], run["outcomes"].sizes["draw"], run["paths"].sizes["path"]
    (1000, 1000, 5)
    """
    wanted = plan(
        scenario, draws=draws, seed=seed, threads=threads, paths=paths, keep=keep, block=block, until=until
    )
    kept = None
    if checkpoint is not None:
        kept = Checkpoint(Path(checkpoint), wanted, resume=Path(checkpoint).exists())
    place = None if store is None else Path(store)
    run = execute(wanted, engine=engine, checkpoint=kept, store=place, progress=progress, stop=stop)
    if kept and run.attrs["draws"] == run.attrs["draws_wanted"]:
        kept.remove()
    return run


def execute(
    wanted: Plan,
    *,
    engine: Engine | None = None,
    checkpoint: Checkpoint | None = None,
    store: Path | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> xr.DataTree:
    """Make a planned run; see `simulate`.

    Parameters
    ----------
    wanted : Plan
        The run.
    engine : Engine, optional
        Where its blocks are simulated; threads by default. Changes no bit of the result.
    checkpoint : Checkpoint, optional
        Where the tally is saved. Draws that it holds already are not counted again.
    store : Path, optional
        Zarr store to which all draws are written.
    progress, stop
        As in `simulate`.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C came before the first block was finished, or before a resumed run went on.
    UnfinishedRunError
        A block failed. The draws finished before it are in its ``run``.
    CheckpointError
        The run cannot be resumed from the checkpoint.
    """
    job = _Job(wanted, engine or ThreadEngine(wanted.threads), checkpoint, store, progress, stop)
    return job.run()


class _Job:
    """A run under way, in segments of blocks. What is finished at the end of a segment is safe."""

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        checkpoint: Checkpoint | None,
        store: Path | None,
        progress: Progress | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._plan, self._engine, self._checkpoint = plan, engine, checkpoint
        self._progress = progress
        self._stop = stop or (lambda: False)
        simulator = BlockSimulator(plan.scenario, plan.design, plan.seed)
        stored = Span(0, min(plan.draws, plan.keep))
        self._store = None
        if store:
            self._store = DrawStore(store, plan.scenario, simulator, seed=plan.seed, draws=plan.draws)
            self._store.open()
        self._accumulator = RunAccumulator(simulator, plan.draws, stored, self._store)
        self._finished, self._met, self._stopped = 0, False, False

    def run(self) -> xr.DataTree:
        """Work until all draws are finished, the precision suffices, or the run is stopped."""
        keeper = self._accumulator.tally
        self._resume()
        saved = time.monotonic()
        with self._engine.session(self._plan, self._accumulator) as session:
            while not self._is_done:
                safe = keeper.total() if self._finished else None
                try:
                    self._segment(session)
                except Exception as error:
                    if safe is None:
                        raise
                    keeper.reset(safe)
                    self._save(safe)
                    raise self._broken(error) from error
                if self._store:
                    self._store.finish(self._finished)
                if self._stopped or (not self._is_done and time.monotonic() - saved >= CHECKPOINT_SECONDS):
                    self._save(None)
                    saved = time.monotonic()
        if self._finished == 0:
            raise KeyboardInterrupt
        return self._whole()

    def _broken(self, error: Exception) -> UnfinishedRunError:
        """Return the error of a run that was ended by an exception, with the draws finished before it."""
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        broken = UnfinishedRunError(
            "run-broke-off",
            f"the run broke off after {self._finished:,} of {self._plan.draws:,} draws ({reason})",
            remedy="The draws that were finished are kept.",
        )
        broken.run = self._whole()
        return broken

    @property
    def _is_done(self) -> bool:
        return self._finished == self._plan.draws or self._met or self._stopped

    def _save(self, tally: Tally | None) -> None:
        """Save the tally, unless no draw or every draw is finished."""
        if self._checkpoint and 0 < self._finished < self._plan.draws:
            try:
                self._checkpoint.save(tally or self._accumulator.tally.total(), self._finished)
            except KeyboardInterrupt:
                self._stopped = True

    def _resume(self) -> None:
        """Take over the counts of a checkpoint; simulate again what must be stored and is not.

        These are the draws stored in full, which are in memory alone, and those that the store lacks.
        """
        if self._checkpoint is None or not (held := self._checkpoint.load(self._accumulator.tally.empty())):
            return
        tally, self._finished = held
        self._accumulator.tally.add(tally)
        self._repeat(self._accumulator.store, 0, min(self._finished, self._accumulator.stored.size))
        if self._store:
            self._repeat(
                self._accumulator.store_on_disk, min(self._store.finished, self._finished), self._finished
            )

    def _repeat(self, work: Callable[[Span], None], first: int, end: int) -> None:
        """Do again, on threads, some draws that were counted before.

        Raises
        ------
        KeyboardInterrupt
            Somebody stops it. The checkpoint stays as it is.
        """
        plan = self._plan
        blocks = spans(plan.draws, plan.block, plan.design.replicates, first, end)
        done = run_blocks(work, blocks, threads=plan.threads, done=lambda _: None, stop=self._stop)
        if done.draws < end - first:
            raise KeyboardInterrupt

    def _segment(self, session: Session) -> None:
        """Do blocks for some seconds, or up to the next check of precision."""
        plan, before = self._plan, self._finished
        end = plan.draws if plan.tolerance is None else min(before - before % BATCH + BATCH, plan.draws)
        blocks = spans(plan.draws, plan.block, plan.design.replicates, before, end)
        until = time.monotonic() + SEGMENT_SECONDS

        def tell(count: int) -> None:
            if self._progress:
                self._progress(before + count, plan.draws)

        def pause() -> bool:
            self._stopped = self._stopped or self._stop()
            return self._stopped or time.monotonic() > until

        done = session.work(blocks, done=tell, stop=pause)
        self._finished += done.draws
        self._stopped = self._stopped or done.stopped or (self._finished > 0 and self._stop())
        if plan.tolerance is not None and not self._stopped and self._finished == end:
            self._look(plan.tolerance)

    def _look(self, tolerance: Tolerance) -> None:
        try:
            self._met = tolerance.is_met(precision(self._assembled(0)))
        except KeyboardInterrupt:
            self._stopped = True

    def _whole(self) -> xr.DataTree:
        run = self._assembled(min(self._plan.paths, self._finished))
        if self._plan.tolerance is not None:
            run.attrs["precision"] = words(precision(run), self._finished, met=self._met)
        return run

    def _assembled(self, paths: int) -> xr.DataTree:
        return assemble(
            self._plan.scenario,
            self._accumulator.stored,
            self._accumulator.tally.total(),
            self._accumulator.simulator.failures,
            seed=self._plan.seed,
            wanted=self._finished if self._met else self._plan.draws,
            finished=self._finished,
            paths=paths,
        )
