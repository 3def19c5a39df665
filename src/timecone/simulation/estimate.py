"""What a run will take, before it is begun: time, memory and disk, from a trial of some thousand draws."""

from __future__ import annotations

import math
import sys
import time
import zlib
from dataclasses import dataclass

import numpy as np
import xarray as xr

from timecone.results.run_file.read_write import is_worth_compressing
from timecone.scenario.scenario import Scenario
from timecone.schema import OUTCOMES
from timecone.simulation.block import BlockSimulator
from timecone.simulation.limits import BLOCK, KEEP, PATHS, PROCESS, design_of, whole, worker_bytes
from timecone.simulation.run import simulate
from timecone.simulation.tally import Tally, TallyKeeper
from timecone.simulation.threads import Span, default_threads

# Blocks of the trial for each thread: one tells what a thread needs, the second what a draw takes.
_BLOCKS = 2
_TRIAL_PATHS = 20
# What a file holds beside its arrays: names, attributes, the scenario, and tables of addresses.
_FRAME = 100_000


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    Attributes
    ----------
    draws : int
        Number of draws.
    seconds : float
        Time from the first draw to the written run file, once kernels are compiled; figures come on top.
    memory : int
        Peak of the whole process, bytes.
    disk : int
        Size of the run file, bytes.
    rate : float
        Draws per second.
    checkpoint : int
        Size of the checkpoint that a run of more than a minute keeps meanwhile, bytes.
    store : int
        Size of a Zarr store of all draws, bytes.
    worker : int
        Memory of each worker, where the draws are worked through by a Dask cluster, bytes.
    """

    draws: int
    seconds: float
    memory: int
    disk: int
    rate: float
    checkpoint: int
    store: int
    worker: int


def estimate(
    scenario: Scenario,
    *,
    draws: int | None = None,
    threads: int | None = None,
    paths: int = PATHS,
    keep: int = KEEP,
) -> Estimate:
    """Say what `simulate` and `save_run` will take with the same arguments, from a trial run.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    draws, threads, paths, keep
        As in `simulate`.

    Returns
    -------
    Estimate
        The arrays of the trial, as large as the run will hold them, and the trial's time. What else keeps
        the processors busy makes the run slower than that.

    Raises
    ------
    ArgumentError
        An argument is out of range.
    """
    draws = whole("draws", scenario.run.draws if draws is None else draws, 1)
    threads = whole("threads", default_threads() if threads is None else threads, 1)
    paths = min(whole("paths", paths, 0), draws)
    stored = min(max(whole("keep", keep, 1), paths), draws)
    # Refuses a number of draws that the design does not support.
    source = scenario.compiled.sampler
    streams = len(source.streams)
    design = design_of(scenario, scenario.run.seed, draws, streams)
    few, many = (min(draws, _size(n, design.replicates)) for n in (64, _BLOCKS * BLOCK * threads))
    traced = min(paths, _TRIAL_PATHS)
    simulate(scenario, draws=few, threads=threads, paths=traced)  # compiles
    fixed, _ = _timed(scenario, draws=few, threads=threads, paths=0)
    with_paths, _ = _timed(scenario, draws=few, threads=threads, paths=traced)
    whole_trial, run = _timed(scenario, draws=many, threads=threads, paths=traced, keep=many)
    per_draw = max(whole_trial - with_paths, 1e-3) / max(many - few, few)
    per_path = max(with_paths - fixed, 0.0) / max(traced, 1)
    begun = time.perf_counter()
    sizes = _sizes(run, stored / many, paths / max(traced, 1))
    writing = (time.perf_counter() - begun) * sizes.packed / sizes.packed_trial
    seconds = fixed + per_draw * draws + per_path * paths + writing
    growth = max(sizes.held - sizes.held_trial, 0)
    memory = _process(sizes.held_trial) + growth + design.held(streams)
    tally = _tally(scenario, draws)
    packed = sum(map(_compressed, tally.arrays))
    store = round(sizes.packed_by_draw * draws)
    worker = worker_bytes(scenario, draws=draws, keep=stored)
    return Estimate(
        draws, seconds, memory, sizes.packed + _FRAME, draws / seconds, packed + _FRAME, store, worker
    )


def _tally(scenario: Scenario, draws: int) -> Tally:
    """Return the tally of a first block, whose arrays are those of the whole run."""
    design = design_of(scenario, scenario.run.seed, draws, len(scenario.compiled.sampler.streams))
    simulator = BlockSimulator(scenario, design, scenario.run.seed)
    keeper = TallyKeeper(simulator, draws)
    keeper(simulator(Span(0, min(BLOCK, draws // design.replicates))))
    return keeper.total()


def _size(draws: int, replicates: int) -> int:
    """Return about so many draws, in a number that every design with these replicates comes in."""
    return draws if replicates == 1 else replicates * 2 ** math.ceil(math.log2(max(draws / replicates, 64)))


def _process(floor: int) -> int:
    """Return the most memory that this process has held so far, bytes; at least ``floor``."""
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return max(PROCESS, floor)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Bytes on macOS, kilobytes elsewhere.
    return max(peak if sys.platform == "darwin" else 1024 * peak, floor)


def _timed(
    scenario: Scenario, draws: int, threads: int, paths: int, keep: int = KEEP
) -> tuple[float, xr.DataTree]:
    begun = time.perf_counter()
    run = simulate(scenario, draws=draws, threads=threads, paths=paths, keep=keep)
    return time.perf_counter() - begun, run


@dataclass(frozen=True)
class _Sizes:
    """Bytes of a run's arrays in memory and in its file: those of the trial, and of the run."""

    held_trial: int
    held: int
    packed_trial: int
    packed: int
    packed_by_draw: float


def _sizes(run: xr.DataTree, by_draw: float, by_path: float) -> _Sizes:
    """Return the sizes of a trial's arrays and of a run with so many times its stored draws and paths."""
    held = packed = of_draws = 0.0
    held_trial = packed_trial = 0
    for group in run.children.values():
        for name, variable in group.dataset.variables.items():
            raw = variable.values
            # Names are short; the rest is compressed in the file as here, where that is worth its time.
            is_plain = name in group.dataset.coords or not is_worth_compressing(raw)
            squeezed = raw.nbytes if is_plain else _compressed(raw)
            factor = by_draw if "draw" in variable.dims else by_path if "path" in variable.dims else 1.0
            held += raw.nbytes * factor
            packed += squeezed * factor
            of_draws += squeezed if "draw" in variable.dims else 0
            held_trial += raw.nbytes
            packed_trial += squeezed
    drawn = run[OUTCOMES].sizes["draw"]
    return _Sizes(held_trial, round(held), packed_trial, round(packed), of_draws / drawn)


def _compressed(values: np.ndarray) -> int:
    return len(zlib.compress(np.ascontiguousarray(values).tobytes(), 1))
