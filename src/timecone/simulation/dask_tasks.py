"""Tasks of a Dask worker: it simulates, counts and stores the blocks of a shard, and adds up tallies.

The description of a run is sent to each worker once, and its scenario is compiled there once. Each worker
checks that it has the client's versions and computes the first draws to the client's bits.
"""

from __future__ import annotations

import copy
import ctypes
import hashlib
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numba
import numpy as np
import scipy

from timecone.errors import ClusterError
from timecone.numerics.sources import source_hash
from timecone.scenario.file import dumps, loads
from timecone.scenario.scenario import Scenario
from timecone.simulation.block import BlockSimulator
from timecone.simulation.draw_store import DrawStore
from timecone.simulation.limits import Plan, design_of
from timecone.simulation.run_accumulator import RunAccumulator
from timecone.simulation.tally import Tally
from timecone.simulation.threads import Span
from timecone.version import __version__

_PROBE: Final = Span(0, 64)
# From malloc.h of the GNU C library; 32 MiB is the most that it takes.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_KEPT_BYTES: Final = 1 << 28
_LARGEST_ON_HEAP: Final = 1 << 25


@dataclass(frozen=True)
class Job:
    """Description of a run, sent to each worker once."""

    text: str
    seed: int
    draws: int
    stored: int
    store: str | None
    versions: tuple[tuple[str, str], ...]
    probe: str


@dataclass(frozen=True)
class Part:
    """Result of some shards.

    Attributes
    ----------
    tally : Tally
        Counts.
    stored : list of (Span, dict of str to array)
        Draws that are stored in full.
    seconds : float
        Processor time.
    """

    tally: Tally
    stored: list[tuple[Span, dict[str, np.ndarray]]]
    seconds: float


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions that must be the same on every machine."""
    return (
        ("timecone", f"{__version__} ({source_hash()})"),
        ("Python", platform.python_version()),
        *((module.__name__, module.__version__) for module in (np, scipy, numba)),
    )


def job_of(plan: Plan, simulator: BlockSimulator, store: str | None) -> Job:
    """Return the description of a run; ``store`` is the path of its store."""
    return Job(
        dumps(plan.scenario),
        plan.seed,
        plan.draws,
        min(plan.keep, plan.draws),
        store,
        versions(),
        probe(simulator, plan.draws),
    )


def probe(simulator: BlockSimulator, draws: int) -> str:
    """Return a hash of the inputs and outcomes of the first draws."""
    span = Span(0, min(_PROBE.draws, draws))
    simulated = simulator(span)
    digest = hashlib.blake2b(simulated.block.values.tobytes(), digest_size=16)
    digest.update(simulated.outcomes.arrival.tobytes())
    digest.update(simulated.inclusion.tobytes())
    return digest.hexdigest()


@cache
def _keep_freed_memory() -> None:
    """Let the memory of a block's arrays serve the next block.

    Dask tells the C library to give freed memory back to the system at once. Each block would then get fresh
    pages, which the system must clear: that took a third of the time of the open loop.
    """
    # Elsewhere than in the GNU library, nothing has to be done.
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_ON_HEAP)


def itself(job: Job) -> Job:
    """Return the description of a run."""
    return job


@lru_cache(maxsize=4)
def _scenario_of(text: str) -> Scenario:
    """Return a scenario with its compiled tables; made once on each worker."""
    scenario = loads(text)
    _ = scenario.compiled.sampler
    return scenario


@lru_cache(maxsize=2)
def _simulator_of(job: Job) -> tuple[BlockSimulator, Scenario]:
    """Return the simulator of a run and its scenario; made once on each worker.

    Raises
    ------
    ClusterError
        The worker has other versions, or computes other bits.
    """
    _require_same_versions(job.versions)
    _keep_freed_memory()
    scenario = _scenario_of(job.text)
    design = design_of(scenario, job.seed, job.draws, len(scenario.compiled.sampler.streams))
    simulator = BlockSimulator(scenario, design, job.seed)
    if probe(simulator, job.draws) != job.probe:
        raise ClusterError(
            "worker-gives-other-bits",
            "a worker computes the first draws to other bits than the client",
            where=_worker_name(),
            got=f"{platform.machine()}, {platform.processor() or platform.platform()}",
            remedy="Use machines with processors of the same kind.",
        )
    return simulator, scenario


def _require_same_versions(client: tuple[tuple[str, str], ...]) -> None:
    for (name, wanted), (_, here) in zip(client, versions(), strict=True):
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


def work_shard(job: Job, spans: Sequence[Span]) -> Part:
    """Simulate, count and, if asked to, store some blocks."""
    simulator, scenario = _simulator_of(job)
    # Not the time by the clock: what else keeps the processors busy would make shards too short.
    begun = time.thread_time()
    first, draws = spans[0].first, sum(span.draws for span in spans)
    stored = Span(first, min(max(job.stored - first, 0), draws))
    store = None
    if job.store:
        store = DrawStore(Path(job.store), scenario, simulator, seed=job.seed, draws=job.draws)
    own = RunAccumulator(simulator, job.draws, stored, store)
    for span in spans:
        own(span)
    if store:
        store.flush()
    parts = [(stored, own.stored.arrays)] if stored.draws else []
    return Part(own.tally.total(), parts, time.thread_time() - begun)


def add_parts(*parts: Part) -> Part:
    """Return the sum of parts. The parts are not changed, since a worker may need them again."""
    tally = copy.deepcopy(parts[0].tally)
    for part in parts[1:]:
        tally.merge(part.tally)
    return Part(tally, [pair for part in parts for pair in part.stored], sum(p.seconds for p in parts))
