"""Dask engine: the blocks of a run on the workers of a cluster, on this machine or on others.

Blocks are sent out in *shards* of about a second of work, and tallies and stored draws come back. The workers
add up the tallies, a few at a time, so that the client receives one for many shards. Counts are whole numbers
and add up exactly in any order. A worker must have the same versions as the client and compute the first
draws to the same bits, so the run is bit for bit that of a single machine.
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import logging
import platform
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import batched
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import numba
import numpy as np
import scipy

from timecone.errors import ArgumentError, ClusterError
from timecone.numerics.sources import source_hash
from timecone.scenario.file import dumps, loads
from timecone.scenario.scenario import Scenario
from timecone.simulation.block import BlockSimulator
from timecone.simulation.draw_store import CHUNK, DrawStore
from timecone.simulation.limits import Plan, design_of
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.tally import Tally
from timecone.simulation.threads import Done, Span, default_threads
from timecone.version import __version__

# The library has no types.
type Future = Any

# Length of a shard, once the time of a block is known; the first shards are one block each.
_SHARD_SECONDS: Final = 1.0
_MOST_BLOCKS: Final = 256
# Shards per worker thread in a wave, and the number of waves under way at a time.
_SHARDS_PER_THREAD: Final = 4
_WAVES: Final = 2
# Number of tallies that are added up at a time.
_FAN_IN: Final = 8
# Number of times a shard is tried again when its worker dies.
_RETRIES: Final = 3
_POLL_SECONDS: Final = 0.05
_PROBE: Final = Span(0, 64)
_LARGEST_PORT: Final = 65_535


@dataclass(frozen=True)
class _Job:
    """Description of a run, sent to each worker once."""

    text: str
    seed: int
    draws: int
    stored: int
    store: str | None
    versions: tuple[tuple[str, str], ...]
    probe: str


@dataclass(frozen=True)
class _Part:
    """Result of some shards.

    Attributes
    ----------
    tally : Tally
        Counts.
    stored : list of (Span, dict of str to array)
        Draws that are stored in full.
    seconds : float
        Working time.
    """

    tally: Tally
    stored: list[tuple[Span, dict[str, np.ndarray]]]
    seconds: float


class _Wave(NamedTuple):
    """Shards that were sent out together, and their sum."""

    shards: list[Future]
    total: Future
    draws: int
    blocks: int

    @property
    def ready(self) -> int:
        """Approximate number of draws done."""
        return self.draws * sum(bool(shard.done()) for shard in self.shards) // (len(self.shards) + 1)


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
        distributed = _distributed()
        if scheduler is not None:
            _require_address(scheduler)
        self._errors = _errors_of(distributed)
        self._where = scheduler or "workers on this machine"
        self._cluster: Any = None
        try:
            if scheduler is None:
                self._cluster = distributed.LocalCluster(
                    n_workers=workers or default_threads(),
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                )
            self.client: Any = distributed.Client(
                self._cluster or scheduler, timeout=patience, set_as_default=False
            )
            self.client.wait_for_workers(1, timeout=patience)
        except self._errors as error:
            self._close()
            raise ClusterError(
                "no-cluster",
                f"no scheduler with workers can be reached ({_reason(error)})",
                where=self._where,
                remedy="Start 'dask scheduler' and 'dask worker ADDRESS'; give the address with --scheduler.",
            ) from None
        self._blocks = 1

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect from the cluster; end the workers that the engine started."""
        self._close()

    def _close(self) -> None:
        """Disconnect from the cluster; end the workers that the engine started."""
        for part in (getattr(self, "client", None), self._cluster):
            if part is not None:
                part.close()

    def work(
        self,
        plan: Plan,
        accumulator: RunAccumulator,
        blocks: Iterator[Span],
        *,
        done: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> Done:
        """Work through blocks, for `timecone.simulate`.

        Parameters
        ----------
        plan : Plan
            The run.
        accumulator : RunAccumulator
            Counts and stores the blocks.
        blocks : iterator of Span
            Blocks, in order.
        done : callable
            Called with the number of draws finished so far.
        stop : callable
            Called whenever a wave of shards is finished. When it returns True, no further wave is sent out.

        Returns
        -------
        Done
            Number of draws finished, and whether Ctrl-C ended the work.

        Raises
        ------
        ClusterError
            The scheduler is lost, or a worker would compute different numbers.

        Examples
        --------
        See the class.
        """
        finished, stopped, interrupted = 0, False, False
        chunk = 1 if accumulator.stores is None else CHUNK
        waves: deque[_Wave] = deque()

        def take(wave: _Wave, part: _Part) -> None:
            nonlocal finished
            accumulator.tally.add(part.tally)
            for span, values in part.stored:
                accumulator.stored.put(span, values)
            finished += wave.draws

        # Waves are taken in on a thread: an interrupt in the calling one finds them counted as a whole.
        with ThreadPoolExecutor(1, thread_name_prefix="timecone") as taking:
            try:
                done(0)
                job = _job(plan, accumulator.simulator, accumulator.stores)
                sent = self.client.scatter(job, broadcast=True, hash=False)
                while True:
                    while len(waves) < _WAVES and not stopped and (wave := self._submit(sent, blocks, chunk)):
                        waves.append(wave)
                    if not waves:
                        break
                    wave = waves[0]
                    while not wave.total.done():
                        time.sleep(_POLL_SECONDS)
                        done(finished + wave.ready)
                    part: _Part = wave.total.result()
                    waves.popleft()
                    taking.submit(take, wave, part).result()
                    done(finished)
                    self._blocks = _blocks_per_shard(part.seconds / wave.blocks)
                    # Waves under way are still finished.
                    stopped = stopped or stop()
            except KeyboardInterrupt:
                interrupted = True
            except self._errors as error:
                raise ClusterError(
                    "cluster-lost", f"the cluster was lost ({_reason(error)})", where=self._where
                ) from error
            finally:
                self._cancel(waves)
        return Done(finished, interrupted)

    def _submit(self, job: Future, blocks: Iterator[Span], chunk: int) -> _Wave | None:
        """Send out a wave of shards; None if no block is left."""
        width = _SHARDS_PER_THREAD * max(self._threads(), 1)
        spans = list(_whole_chunks(blocks, width * self._blocks, chunk))
        if not spans:
            return None
        shards = [
            self.client.submit(_shard, job, part, pure=False, retries=_RETRIES)
            for part in _shards(spans, self._blocks, chunk)
        ]
        sums = shards
        while len(sums) > 1:
            sums = [
                self.client.submit(_sum, *part, pure=False, retries=_RETRIES)
                for part in batched(sums, _FAN_IN)
            ]
        return _Wave(shards, sums[0], sum(span.draws for span in spans), len(spans))

    def _threads(self) -> int:
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        return sum(int(worker["nthreads"]) for worker in workers.values())

    def _cancel(self, waves: Iterable[_Wave]) -> None:
        for wave in waves:
            try:
                self.client.cancel([*wave.shards, wave.total])
            except self._errors:
                return


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


def _blocks_per_shard(seconds: float) -> int:
    """Return the number of blocks that take about a second, given the seconds of one."""
    return min(max(round(_SHARD_SECONDS / max(seconds, 1e-6)), 1), _MOST_BLOCKS)


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ArgumentError(
            "dask-missing",
            "this engine needs Dask",
            where="engine",
            remedy="Install timecone with its extra: pip install 'timecone[cluster]'.",
        ) from None


def _require_address(scheduler: str) -> None:
    """Refuse a malformed address: a client that is half made waits a minute before it gives up."""
    addressing = importlib.import_module("distributed.comm.addressing")
    registry = importlib.import_module("distributed.comm.registry")
    try:
        scheme, location = addressing.parse_address(scheduler)
        registry.get_backend(scheme)
        host, port = addressing.parse_host_port(location)
        is_address = bool(host) and 0 < port <= _LARGEST_PORT
    except ValueError:
        is_address = False
    if not is_address:
        raise ArgumentError(
            "scheduler-address",
            "not the address of a scheduler",
            where="scheduler",
            got=scheduler,
            allowed="an address such as tcp://HOST:8786",
        )


def _errors_of(distributed: Any) -> tuple[type[BaseException], ...]:
    """Return the exceptions that mean that the cluster is lost."""
    comm = importlib.import_module("distributed.comm")
    client = importlib.import_module("distributed.client")
    return (
        OSError,
        ValueError,
        comm.CommClosedError,
        client.FutureCancelledError,
        client.CancelledError,
        distributed.scheduler.KilledWorker,
    )


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _versions() -> tuple[tuple[str, str], ...]:
    """Return the versions that must be the same on every machine."""
    return (
        ("timecone", f"{__version__} ({source_hash()})"),
        ("Python", platform.python_version()),
        *((module.__name__, module.__version__) for module in (np, scipy, numba)),
    )


def _job(plan: Plan, simulator: BlockSimulator, store: str | None) -> _Job:
    return _Job(
        dumps(plan.scenario),
        plan.seed,
        plan.draws,
        min(plan.keep, plan.draws),
        store,
        _versions(),
        _probe(simulator, plan.draws),
    )


def _probe(simulator: BlockSimulator, draws: int) -> str:
    """Return a hash of the inputs and outcomes of the first draws."""
    span = Span(0, min(_PROBE.draws, draws))
    simulated = simulator(span)
    digest = hashlib.blake2b(simulated.block.values.tobytes(), digest_size=16)
    digest.update(simulated.outcomes.arrival.tobytes())
    digest.update(simulated.inclusion.tobytes())
    return digest.hexdigest()


# Functions that run on the workers.


@lru_cache(maxsize=2)
def _simulator_of(job: _Job) -> tuple[BlockSimulator, Scenario]:
    """Return the simulator of a run and its scenario; made once on each worker.

    Raises
    ------
    ClusterError
        The worker has other versions, or computes other bits.
    """
    _require_same_versions(job.versions)
    scenario = loads(job.text)
    design = design_of(scenario, job.seed, job.draws, len(scenario.compiled.sampler.streams))
    simulator = BlockSimulator(scenario, design, job.seed)
    if _probe(simulator, job.draws) != job.probe:
        raise ClusterError(
            "worker-gives-other-bits",
            "a worker computes the first draws to other bits than the client",
            where=_worker_name(),
            got=f"{platform.machine()}, {platform.processor() or platform.platform()}",
            remedy="Use machines with processors of the same kind.",
        )
    return simulator, scenario


def _require_same_versions(versions: tuple[tuple[str, str], ...]) -> None:
    for (name, wanted), (_, here) in zip(versions, _versions(), strict=True):
        if wanted != here:
            raise ClusterError(
                "worker-of-another-version",
                f"a worker has another version of {name}",
                where=_worker_name(),
                got=here,
                allowed=wanted,
                remedy="Install the client's versions on every worker.",
            )


def _worker_name() -> str:
    return f"worker on {platform.node()}"


def _shard(job: _Job, spans: Sequence[Span]) -> _Part:
    """Simulate, count and, if asked to, store some blocks."""
    begun = time.perf_counter()
    first, draws = spans[0].first, sum(span.draws for span in spans)
    stored = Span(first, min(max(job.stored - first, 0), draws))
    simulator, scenario = _simulator_of(job)
    store = None
    if job.store:
        store = DrawStore(Path(job.store), scenario, simulator, seed=job.seed, draws=job.draws)
    own = RunAccumulator(simulator, job.draws, stored, store)
    for span in spans:
        own(span)
    if store:
        store.flush()
    parts = [(stored, own.stored.arrays)] if stored.draws else []
    return _Part(own.tally.total(), parts, time.perf_counter() - begun)


def _sum(*parts: _Part) -> _Part:
    """Return the sum of parts. The parts are not changed, since a worker may need them again."""
    tally = copy.deepcopy(parts[0].tally)
    for part in parts[1:]:
        tally.merge(part.tally)
    return _Part(tally, [pair for part in parts for pair in part.stored], sum(p.seconds for p in parts))
