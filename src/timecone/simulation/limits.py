"""Limits of a run: what its arguments ask for, in memory and on disk, before anything is computed.

``timecone check`` and ``timecone run`` refuse the same runs, because both ask `plan`.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from timecone.errors import ArgumentError, suggestion
from timecone.inputs.designs import Design, make_design
from timecone.inputs.sampler import LANES, Sampler
from timecone.results.run_file.accumulator import Accumulator
from timecone.scenario.scenario import Scenario
from timecone.simulation.counts import Counts, empty_accumulator, most_counts
from timecone.simulation.stopping import MOST, Tolerance
from timecone.simulation.threads import default_threads

#: Draws stored in full unless the caller says otherwise.
KEEP: Final = 100_000
#: Full trajectories stored unless the caller says otherwise.
PATHS: Final = 300
#: Draws worked on at a time, at most: inputs and observations of a block stay in a core's cache.
BLOCK: Final = 8192
#: Tallies that a worker of a cluster holds at a time: of shards that await their sum, one under way, sums.
TALLIES_ON_WORKER: Final = 9
#: Bytes of a Python process with the libraries and the machine code, where the system does not say.
PROCESS: Final = 350_000_000
# A run of so few blocks for each thread takes smaller ones, as many for every thread.
_FEW_ROUNDS: Final = 4
_LEAST_BLOCK: Final = 1024
#: Most threads: each needs memory of its own, and no machine has more processors.
MOST_THREADS: Final = 4096

# A run file's attributes hold no larger number.
_LARGEST: Final = 2**64 - 1
# Of arrays in memory, what their compressed file takes on top while it is made.
_WITH_FILE: Final = 2.0
_DOUBLE: Final = 8
_UNKNOWN: Final = 2**62
_REMEDIES: Final = {
    "keep": "Store fewer draws (keep); all are counted in any case.",
    "paths": "Store fewer trajectories (paths).",
    "block": "Use smaller blocks, or fewer threads.",
    "draws": "Use fewer draws, or design = 'random', which holds no points.",
    "replicates": "Use fewer replicates, choices, or a nearer horizon.",
    "choices": "Use fewer choices or values, or a nearer horizon.",
    "workers": "Start fewer workers (threads), or run on threads.",
}


@dataclass(frozen=True)
class Plan:
    """A run that can be made.

    Attributes
    ----------
    scenario : Scenario
        What is run.
    draws, seed, threads, paths, keep, block : int
        As in `simulate`, with defaults filled in.
    tolerance : Tolerance, optional
        At which errors the run ends.
    sampler : Sampler
        Draws the inputs.
    design : Design
        Gives the points.
    memory : int
        Bytes that the run's arrays take.
    disk : int
        Bytes of the run file, at most.
    """

    scenario: Scenario
    draws: int
    seed: int
    threads: int
    paths: int
    keep: int
    block: int
    tolerance: Tolerance | None
    sampler: Sampler
    design: Design
    memory: int
    disk: int


def whole(name: str, value: Any, least: int, most: int = _LARGEST) -> int:
    """Return an argument that is a whole number in its range, also one of NumPy's; refuse any other.

    Raises
    ------
    ArgumentError
        It is not.

    Examples
    --------
    >>> whole("draws", np.int64(7), 1)
    7
    """
    try:
        number = None if isinstance(value, (bool, np.bool_)) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        allowed = f"a whole number from {least} to {'2**64 - 1' if most == _LARGEST else most}"
        raise ArgumentError(
            "setting-out-of-range", f"{name} is out of range", where=name, got=value, allowed=allowed
        )
    return number


def design_of(scenario: Scenario, seed: int, draws: int, streams: int) -> Design:
    """Return the design of a scenario's run; refuse a number of draws that it does not support."""
    run = scenario.run
    return make_design(
        run.design,
        seed,
        draws=draws,
        streams=streams,
        replicates=run.replicates,
        stratify=run.stratify,
        leading=_leading(scenario),
    )


def drawn_inputs(scenario: Scenario) -> list[str]:
    """Return the inputs and choices with random numbers of their own, in the order of streams."""
    # Streams are "parameter/NAME", "quantity/NAME" or "choice/NAME".
    return [stream.partition("/")[2] for stream in scenario.compiled.sampler.streams]


def _leading(scenario: Scenario) -> list[int]:
    """Return the positions of the streams of the inputs that lead Sobol' points.

    Raises
    ------
    ArgumentError
        An input or choice that is named has no random numbers of its own, or is named twice.
    """
    names = drawn_inputs(scenario)
    leading = scenario.run.leading
    for k, name in enumerate(leading):
        if name not in names or name in leading[:k]:
            raise ArgumentError(
                "leading-not-drawn",
                "not an input or choice that is drawn, or named before",
                where="run.leading",
                got=name,
                allowed="inputs and choices with random numbers of their own, each once",
                remedy=suggestion(name, names),
            )
    return [names.index(name) for name in leading]


def plan(
    scenario: Scenario,
    *,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    paths: int = PATHS,
    keep: int = KEEP,
    block: int | None = None,
    until: Mapping[str, float] | None = None,
) -> Plan:
    """Return the run that these arguments ask for; see `simulate`.

    Raises
    ------
    ArgumentError
        An argument is out of range, or the run needs more memory than is free.
    """
    tolerance = None if until is None else _tolerance(scenario, until)
    if draws is None:
        draws = scenario.run.draws if tolerance is None else MOST
    draws = whole("draws", draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    threads = whole("threads", default_threads() if threads is None else threads, 1, MOST_THREADS)
    paths = min(whole("paths", paths, 0), draws)
    keep = max(whole("keep", keep, 1), paths)
    block = even_block(draws, threads) if block is None else whole("block", block, 1)
    block = min(-(-block // LANES) * LANES, -(-draws // LANES) * LANES)
    source = scenario.compiled.sampler
    stored, traced = stored_bytes(scenario, source, min(keep, draws)), _traced_bytes(scenario, paths)
    counts = "replicates" if scenario.run.design != "random" else "choices"
    parts = {
        "keep": int(_WITH_FILE * stored),
        "paths": int(_WITH_FILE * traced),
        counts: _count_bytes(scenario, source, threads),
        "block": _block_bytes(scenario, source, block, draws) * threads,
    }
    _require_memory(parts, got={"keep": keep, "paths": paths, "block": block})
    design = design_of(scenario, seed, draws, len(source.streams))
    held = design.held(len(source.streams))
    _require_memory(parts | {"draws": held}, got={"keep": keep, "paths": paths, "draws": draws})
    memory = sum(parts.values()) + held
    return Plan(scenario, draws, seed, threads, paths, keep, block, tolerance, source, design, memory,
                stored + traced)  # fmt: skip


def even_block(draws: int, threads: int) -> int:
    """Return the size of blocks by which every thread has the same number of blocks.

    Blocks of 8192 draws, unless a run has so few that threads would wait for the last one.

    Examples
    --------
    >>> even_block(20_000, 1), even_block(20_000, 2), even_block(1_000_000, 2)
    (6667, 5000, 8192)
    """
    rounds = -(-draws // (threads * BLOCK))
    if rounds > _FEW_ROUNDS:
        return BLOCK
    return max(-(-draws // (rounds * threads)), min(_LEAST_BLOCK, draws))


def _tolerance(scenario: Scenario, until: Mapping[str, float]) -> Tolerance:
    if scenario.run.design != "random":
        raise ArgumentError(
            "design-cannot-continue",
            "only random draws can be continued until a precision is reached",
            where="until",
            got=scenario.run.design,
            remedy='Set run.design = "random".',
        )
    return Tolerance.of(until)


def stored_bytes(scenario: Scenario, source: Sampler, stored: int) -> int:
    """Return what so many draws take that are stored in full."""
    model = scenario.definition
    stored_numbers = (source.names, model.milestones, model.extras, model.durations, model.threshold_grids)
    numbers = sum(map(len, stored_numbers))
    codes = 2 * len(source.choices) + len(model.milestones) + 1
    return stored * (_DOUBLE * numbers + codes)


def _traced_bytes(scenario: Scenario, paths: int) -> int:
    return paths * _DOUBLE * len(scenario.time.grid.times) * len(scenario.definition.observables)


def _block_bytes(scenario: Scenario, source: Sampler, block: int, draws: int) -> int:
    """Return what a thread works on: uniforms, values and observations of a block."""
    observed = len(scenario.definition.grids) * len(scenario.time.grid.observed_times)
    rows = 2 * len(source.streams) + 2 * len(source.names) + observed
    return _DOUBLE * rows * min(block, draws)


def _count_bytes(scenario: Scenario, source: Sampler, threads: int) -> int:
    """Return what all counts take: those that threads fill, their totals, and the arrays of the run."""
    replicates, size = _replicates(scenario), _replicate_bytes(scenario, source)
    filled = min(threads, most_counts(size, replicates)) * replicates
    # Their totals, those of the last pause, and the arrays of the run.
    return size * (filled + 3 * replicates + 2)


def _replicates(scenario: Scenario) -> int:
    return 1 if scenario.run.design == "random" else scenario.run.replicates


def _replicate_bytes(scenario: Scenario, source: Sampler) -> int:
    """Return what the counts of one replicate take."""
    model, grid = scenario.definition, scenario.time.grid
    sizes = [len(choice.values) for choice in source.choices]

    def accumulator(strata: int) -> Accumulator:
        # Zeros take no memory until something is written to them.
        return empty_accumulator(model, grid, strata, flags=len(model.extras))

    return Counts.empty(sizes, accumulator).nbytes


def worker_bytes(scenario: Scenario, *, draws: int, keep: int = KEEP, block: int = BLOCK) -> int:
    """Return what each worker of a cluster takes at most, with one thread.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    draws, keep, block : int
        As in `simulate`.
    """
    source = scenario.compiled.sampler
    streams = len(source.streams)
    held = design_of(scenario, scenario.run.seed, draws, streams).held(streams)
    tallies = TALLIES_ON_WORKER * _replicate_bytes(scenario, source) * _replicates(scenario)
    stored = stored_bytes(scenario, source, min(keep, draws))
    return PROCESS + tallies + stored + _block_bytes(scenario, source, block, draws) + held


def require_workers_memory(plan: Plan, workers: int) -> None:
    """Refuse more workers on this machine than its memory can hold.

    Raises
    ------
    ArgumentError
        They would need more memory than is free.
    """
    each = worker_bytes(plan.scenario, draws=plan.draws, keep=plan.keep, block=plan.block)
    _require_memory({"run": plan.memory, "workers": workers * each}, got={"workers": workers})


def _require_memory(parts: Mapping[str, int], *, got: Mapping[str, int]) -> None:
    needed, free = sum(parts.values()), available_memory()
    if needed <= free:
        return
    largest = max(parts, key=lambda name: parts[name])
    raise ArgumentError(
        "run-exceeds-memory",
        f"the run needs {needed / 1e9:,.3g} GB of memory, of which {largest} takes"
        f" {parts[largest] / 1e9:,.3g} GB; {free / 1e9:,.3g} GB are free",
        where=largest,
        got=got.get(largest),
        remedy=_REMEDIES[largest],
    )


def available_memory() -> int:
    """Return how many bytes this process may still take, as far as the system says."""
    return max(min(_of_system(), _of_group(), _of_process()), 0)


def _of_system() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return _UNKNOWN
    sizes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(sizes[0]) if sizes else _UNKNOWN


def _of_group() -> int:
    """Return what a container's limit leaves."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text(encoding="ascii")
    except (OSError, ValueError):
        return _UNKNOWN
    return int(limit) - int(used) if limit.isdigit() else _UNKNOWN


def _of_process() -> int:
    """Return what a limit of the address space leaves (``ulimit -v``)."""
    try:
        import resource  # noqa: PLC0415 - not everywhere

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return _UNKNOWN
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return _UNKNOWN
    return limit - pages * resource.getpagesize()
