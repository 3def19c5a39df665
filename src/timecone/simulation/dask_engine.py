"""Dask engine: the blocks of a run on the workers of a cluster, on this machine or on others.

Blocks are sent out in *shards*, a few for each worker at a time, and tallies and stored draws come back.
Shards take some seconds in the middle of a long run and become shorter towards its end, so that all workers
finish at about the same time. The workers add up the tallies, a few at a time, so that the client receives
one for many shards. Counts are whole numbers and add up exactly in any order. A worker must have the same
versions as the client and compute the first draws to the same bits, so the run is bit for bit that of a
single machine.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched, dropwhile
from types import TracebackType
from typing import Final, NamedTuple, Self

from timecone.errors import ClusterError
from timecone.simulation.dask_cluster import DaskCluster, Future
from timecone.simulation.dask_tasks import Part, add_parts, itself, job_of, work_shard
from timecone.simulation.draw_store import CHUNK
from timecone.simulation.engine import Session
from timecone.simulation.limits import Plan
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.threads import Done, Span

# Seconds that a shard takes, once the time of a block is known: a fraction of what is left of the run, within
# these limits. The first shards are one block each.
_LEAST_SECONDS: Final = 0.25
_MOST_SECONDS: Final = 4.0
# Number of shards into which the rest of a run would be divided, for each worker thread.
_SHARDS_LEFT: Final = 16
# Shards per worker thread in a wave, and the number of waves under way at a time.
_SHARDS_PER_THREAD: Final = 2
_WAVES: Final = 3
# Number of tallies that are added up at a time.
_FAN_IN: Final = 8
_POLL_SECONDS: Final = 0.05
# Seconds between two looks at the number of workers.
_LOOK_SECONDS: Final = 2.0


class DaskEngine:
    """Works through blocks on a Dask cluster; a context manager.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running scheduler, such as ``tcp://host:8786``. By default, workers are started on this
        machine and end with the engine.
    workers : int, optional
        Number of workers to start on this machine, of one thread each; by default one for each processor.
    patience : float
        Seconds to wait for the scheduler and its first worker.

    Raises
    ------
    ArgumentError
        Dask is not installed, or the address is malformed.
    ClusterError
        The scheduler cannot be reached, or has no worker.

    Examples
    --------
    >>> import timecone as tc
    >>> with tc.DaskEngine(workers=1) as engine:  # doctest: +SKIP
    ...     run = tc.simulate(tc.load("baseline"), draws=100_000, engine=engine)
    """

    def __init__(
        self, scheduler: str | None = None, *, workers: int | None = None, patience: float = 30.0
    ) -> None:
        self._cluster = DaskCluster(scheduler, workers=workers, patience=patience)

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect from the cluster; end the workers that the engine started."""
        self._cluster.close()

    @contextmanager
    def session(self, plan: Plan, accumulator: RunAccumulator) -> Iterator[Session]:
        """Yield what works through the blocks of one run, for `timecone.simulate`.

        Parameters
        ----------
        plan : Plan
            The run.
        accumulator : RunAccumulator
            Counts and stores the blocks.

        Yields
        ------
        Session
            Works through blocks. At the end, shards that are still under way are cancelled.

        Raises
        ------
        ClusterError
            The scheduler or all workers are lost, or a worker would compute different numbers.

        Examples
        --------
        See the class.
        """
        with self._cluster.losses_reported():
            self._cluster.require_versions()
            session = _Session(self._cluster, plan, accumulator)
        try:
            yield session
        finally:
            session.cancel()


class _Wave(NamedTuple):
    """Shards that were sent out together, and what the client takes in of them.

    Shards with stored draws are taken in by themselves, because these draws are large; the tallies of all
    other shards have been added up.
    """

    shards: list[Future]
    results: list[Future]
    draws: int
    blocks: int

    @property
    def is_ready(self) -> bool:
        """Whether the client can take it in."""
        return all(future.done() for future in self.results)

    @property
    def ready(self) -> int:
        """Approximate number of draws done."""
        return self.draws * sum(bool(shard.done()) for shard in self.shards) // (len(self.shards) + 1)


class _Session:
    """One run on a cluster.

    Waves that are under way when `work` returns are taken in by the next call, so that no worker waits while
    the run saves a checkpoint.
    """

    def __init__(self, cluster: DaskCluster, plan: Plan, accumulator: RunAccumulator) -> None:
        self._cluster, self._plan, self._accumulator = cluster, plan, accumulator
        # The result of a task, and not scattered: so it survives the loss of all workers that hold it.
        self._job = cluster.submit(itself, job_of(plan, accumulator.simulator, accumulator.stores))
        self._chunk = 1 if accumulator.stores is None else CHUNK
        self._waves: deque[_Wave] = deque()
        #: End of the draws that were sent out.
        self._sent = 0
        #: Seconds of a block; 0 where they are not known yet.
        self._seconds = 0.0
        self._looked, self._alive = time.monotonic(), time.monotonic()

    def work(self, blocks: Iterator[Span], *, done: Callable[[int], None], stop: Callable[[], bool]) -> Done:
        """Work through blocks; see `Session`."""
        finished, remain, stopped, interrupted = 0, True, False, False
        unsent = dropwhile(lambda span: span.first < self._sent, blocks)

        def take(parts: list[Part]) -> None:
            nonlocal finished
            wave = self._waves.popleft()
            for part in parts:
                self._accumulator.tally.add(part.tally)
                for span, values in part.stored:
                    self._accumulator.stored.put(span, values)
            self._seconds = sum(part.seconds for part in parts) / wave.blocks
            finished += wave.draws

        # Waves are taken in on a thread: an interrupt in the calling one finds them counted as a whole.
        with ThreadPoolExecutor(1, thread_name_prefix="timecone") as taking:
            try:
                done(0)
                while not stopped:
                    with self._cluster.losses_reported():
                        remain = remain and self._send(unsent)
                        if not self._waves:
                            break
                        is_ready = self._waves[0].is_ready
                        parts = self._cluster.results(self._waves[0].results) if is_ready else None
                        if parts is None:
                            time.sleep(_POLL_SECONDS)
                            self._require_workers()
                    if parts is not None:
                        taking.submit(take, parts).result()
                        del parts
                    done(finished + sum(wave.ready for wave in self._waves))
                    stopped = finished > 0 and stop()
            except KeyboardInterrupt:
                interrupted = True
        return Done(finished, interrupted)

    def cancel(self) -> None:
        """Cancel what is under way."""
        futures = [future for wave in self._waves for future in (*wave.shards, *wave.results)]
        self._waves.clear()
        self._cluster.cancel([*futures, self._job])

    def _send(self, blocks: Iterator[Span]) -> bool:
        """Send out waves until there are as many as can be under way; return whether blocks may be left."""
        while len(self._waves) < _WAVES:
            threads = max(self._cluster.threads(), 1)
            width = _SHARDS_PER_THREAD * threads
            spans = list(_whole_chunks(blocks, width * self._blocks_per_shard(threads), self._chunk))
            if not spans:
                return False
            shards = [
                (part[0].first < self._plan.keep, self._cluster.submit(work_shard, self._job, part))
                for part in _shards(spans, -(-len(spans) // width), self._chunk)
            ]
            results = [shard for stores, shard in shards if stores]
            results += self._total([shard for stores, shard in shards if not stores])
            draws = sum(span.draws for span in spans)
            self._waves.append(_Wave([shard for _, shard in shards], results, draws, len(spans)))
            self._sent = spans[0].first + draws
        return True

    def _blocks_per_shard(self, threads: int) -> int:
        if not self._seconds:
            return 1
        left = (self._plan.draws - self._sent) / self._plan.block
        return _blocks_per_shard(self._seconds, left, threads)

    def _total(self, shards: list[Future]) -> list[Future]:
        """Add up the results of shards on the workers, a few at a time; return the sum, if there is one."""
        while len(shards) > 1:
            shards = [self._cluster.submit(add_parts, *part) for part in batched(shards, _FAN_IN)]
        return shards

    def _require_workers(self) -> None:
        """Look every few seconds whether there are workers.

        Raises
        ------
        ClusterError
            There has been none for longer than the engine's patience.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        if self._cluster.threads():
            self._alive = now
        elif now - self._alive > self._cluster.patience:
            raise ClusterError(
                "no-worker-left",
                f"the cluster has had no worker for {now - self._alive:.0f} seconds",
                where=self._cluster.where,
                remedy="Start workers again.",
            )


def _whole_chunks(blocks: Iterator[Span], least: int, chunk: int) -> Iterator[Span]:
    """Yield at least ``least`` blocks, up to the end of a chunk of the store."""
    for count, span in enumerate(blocks, 1):
        yield span
        if count >= least and (span.first + span.draws) % chunk == 0:
            return


def _shards(spans: Sequence[Span], blocks: int, chunk: int) -> Iterator[tuple[Span, ...]]:
    """Yield shards of about ``blocks`` blocks. No two shards share a chunk of the store."""
    begin = 0
    for end, span in enumerate(spans, 1):
        at_edge = (span.first + span.draws) % chunk == 0
        if end == len(spans) or (end - begin >= blocks and at_edge):
            yield tuple(spans[begin:end])
            begin = end


def _blocks_per_shard(seconds: float, left: float, threads: int) -> int:
    """Return the number of blocks in a shard.

    Parameters
    ----------
    seconds : float
        Time of a block.
    left : float
        Number of blocks left.
    threads : int
        Number of worker threads.
    """
    least, most = _LEAST_SECONDS / seconds, _MOST_SECONDS / seconds
    return max(round(min(max(left / (_SHARDS_LEFT * threads), least), most)), 1)
