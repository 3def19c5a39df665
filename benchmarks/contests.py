"""What is measured: each contest returns lines of the table."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import timecone as tc
from full_inputs import likely
from peers import numpy_full_twin, numpy_twin
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family, Percentiles, Point
from timecone.inputs.nodes import Node
from timecone.inputs.sampler import Sampler
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup
from timecone.schema import FloatArray
from timing import Seconds, fastest, interleaved, median, ratio

_CONFIGS = Path(__file__).resolve().parent.parent / "configs"
BASELINE = _CONFIGS / "baseline.toml"
OPEN_LOOP = _CONFIGS / "open_loop.toml"
BLOCK = 8192
DRAWS = 2 * BLOCK
SIMULATED = 200_000
PEER_BLOCKS = (1024, 4096, 16384)
IMPORTS = 5
EVERYTHING_ON = frozenset(component.name for component in MODEL.components if not component.excludes)

_IMPORT = """
import json, sys, time
begin = time.perf_counter()
import timecone
print(json.dumps([time.perf_counter() - begin, [m for m in ("numba", "matplotlib") if m in sys.modules]]))
"""


class Line(NamedTuple):
    """One line of the table."""

    what: str
    value: float
    unit: str


def kernel(scenario: tc.Scenario, repeats: int) -> list[Line]:
    """Time the compiled kernel and its NumPy twin on the same draws, one thread each."""
    grid = scenario.setup.grid
    rows = scenario.compiled.sampler.draw(RandomDesign(1), 0, DRAWS).values

    def twin(inputs: numpy_twin.Inputs) -> None:
        numpy_twin.arrivals(inputs, grid.start, grid.horizon, grid.step)

    seconds, block = _beside(twin, rows, scenario.setup, repeats)
    per_step = 1e9 / (DRAWS * grid.steps)
    return [
        Line(f"kernel, {grid.steps} steps", DRAWS / median(seconds, "kernel"), "draws/s per core"),
        Line("kernel", median(seconds, "kernel") * per_step, "ns per draw and step"),
        Line(f"NumPy twin, blocks of {block}", median(seconds, "twin") * per_step, "ns per draw and step"),
        Line("NumPy twin / kernel", ratio(seconds, "twin", "kernel"), "x"),
    ]


def full_kernel(scenario: tc.Scenario, repeats: int) -> list[Line]:
    """Time the stepped kernel with everything on and its NumPy twin on the same draws, one thread each."""
    grid = scenario.setup.grid

    def twin(inputs: numpy_twin.Inputs) -> None:
        numpy_full_twin.simulate(inputs, grid.start, grid.horizon, grid.step, EVERYTHING_ON)

    seconds, block = _beside(twin, _likely_rows(DRAWS), Setup(grid, EVERYTHING_ON), max(repeats // 3, 3))
    return [
        Line("full kernel, everything on", DRAWS / median(seconds, "kernel"), "draws/s per core"),
        Line(f"full NumPy twin, blocks of {block}", DRAWS / median(seconds, "twin"), "draws/s per core"),
        Line("full NumPy twin / full kernel", ratio(seconds, "twin", "kernel"), "x"),
    ]


def _beside(
    twin: Callable[[numpy_twin.Inputs], None], rows: FloatArray, setup: Setup, repeats: int
) -> tuple[Seconds, int]:
    """Time a kernel and its twin on the same draws; also return the twin's best block size."""
    names = [p.name for p in MODEL.parameters]

    def ours() -> None:
        for part in _parts(rows, BLOCK):
            MODEL.outcomes(part, setup)

    def theirs(block: int) -> None:
        for part in _parts(rows, block):
            # Rows of event clocks, which the twins do without, lie behind the parameters.
            twin(dict(zip(names, part, strict=False)))

    peer, block = _best_block(theirs)
    return interleaved({"kernel": ours, "twin": peer}, repeats), block


def _likely_rows(draws: int) -> FloatArray:
    """Return inputs for everything on as a block in the order of the model's table."""
    given = likely(draws, seed=1)
    return np.array([given.get(p.name, np.zeros(draws)) for p in MODEL.parameters])


def full_threads(scenario: tc.Scenario, repeats: int) -> list[Line]:
    """Time the stepped kernel on one thread and on two, in blocks as `tc.simulate` runs them."""
    setup = Setup(scenario.setup.grid, EVERYTHING_ON)
    blocks = _parts(_likely_rows(2 * DRAWS), BLOCK)

    def on(threads: int) -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda part: MODEL.outcomes(part, setup), blocks))

    seconds = interleaved({"one": partial(on, 1), "two": partial(on, 2)}, repeats)
    return [Line("full kernel, one thread / two threads", ratio(seconds, "one", "two"), "x")]


def _parts(rows: FloatArray, block: int) -> list[FloatArray]:
    return [np.ascontiguousarray(rows[:, k : k + block]) for k in range(0, rows.shape[1], block)]


def _best_block(work: Callable[[int], None]) -> tuple[Callable[[], None], int]:
    """Return a peer's work with the block size at which it is fastest."""
    sizes = {str(block): partial(work, block) for block in PEER_BLOCKS}
    best = fastest(sizes, repeats=3)
    return sizes[best], int(best)


def sampling(scenario: tc.Scenario, repeats: int) -> list[Line]:
    """Time joint draws, and single parameters against SciPy's quantile functions."""
    joint, design = scenario.compiled.sampler, RandomDesign(1)
    uncertain = sum(node.drawn for node in scenario.compiled.nodes)
    shared = _families_of_scipy(scenario)
    alone = [
        Sampler([Node(name, name, family.compiled())], [name], (), Copula.from_pairs({}))
        for name, family in shared.items()
    ]
    frozen = [family.scipy() for family in shared.values()]

    def together() -> None:
        for first in range(0, DRAWS, BLOCK):
            joint.draw(design, first, BLOCK)

    def one_by_one() -> None:
        for one in alone:
            for first in range(0, DRAWS, BLOCK):
                one.draw(design, first, BLOCK)

    def peer(block: int) -> None:
        generator = np.random.default_rng(1)
        for one in frozen:
            for _ in range(0, DRAWS, block):
                one.ppf(generator.random(block))

    quantiles, block = _best_block(peer)
    seconds = interleaved({"joint": together, "alone": one_by_one, "scipy": quantiles}, repeats)
    each = 1e9 / (DRAWS * len(shared))
    return [
        Line(
            f"sampling, {uncertain} uncertain parameters jointly",
            median(seconds, "joint") * 1e9 / (DRAWS * uncertain),
            "ns per parameter and draw",
        ),
        Line(f"sampling, {len(shared)} of them alone", median(seconds, "alone") * each,
             "ns per parameter and draw"),
        Line(f"the same by scipy.stats ppf, blocks of {block}", median(seconds, "scipy") * each,
             "ns per parameter and draw"),
        Line("scipy.stats ppf / sampling", ratio(seconds, "scipy", "alone"), "x"),
    ]  # fmt: skip


def _families_of_scipy(scenario: tc.Scenario) -> dict[str, Family]:
    """Return the uncertain parameters whose one distribution SciPy has too."""
    leaves = {
        name: resolved.leaf(resolved.stated.form)
        for name, resolved in scenario.compiled.inputs.items()
        if isinstance(resolved.stated.form, Distribution)
    }
    return {name: leaf for name, leaf in leaves.items() if not isinstance(leaf, (Point, Percentiles))}


def simulation(scenario: tc.Scenario, repeats: int) -> list[Line]:
    """Time whole runs, sampling and tables included, on one and two threads."""
    run = partial(tc.simulate, scenario, draws=SIMULATED, seed=1, paths=0)
    seconds = interleaved({"one": partial(run, threads=1), "two": partial(run, threads=2)}, repeats)
    return [
        Line("simulate(), one thread", SIMULATED / median(seconds, "one"), "draws/s"),
        Line("simulate(), two threads", SIMULATED / median(seconds, "two"), "draws/s"),
        Line("simulate(), one thread / two threads", ratio(seconds, "one", "two"), "x"),
    ]


def importing() -> list[Line]:
    """Time ``import timecone`` in fresh interpreters; it must leave the heavy packages alone.

    Raises
    ------
    RuntimeError
        The import has brought in a package that only some calls need.
    """
    seconds = []
    for _ in range(IMPORTS):
        out = subprocess.run([sys.executable, "-c", _IMPORT], check=True, capture_output=True, text=True)
        taken, heavy = json.loads(out.stdout)
        if heavy:
            raise RuntimeError(f"import timecone imports {' and '.join(heavy)}")
        seconds.append(taken)
    return [Line("import timecone", 1e3 * statistics.median(seconds), "ms")]


def everything(repeats: int) -> list[Line]:
    """Return all lines, in order."""
    scenario = tc.load(BASELINE)
    return [
        *kernel(tc.load(OPEN_LOOP), repeats),
        *full_kernel(scenario, repeats),
        *full_threads(scenario, repeats),
        *sampling(scenario, repeats),
        *simulation(scenario, repeats),
        *importing(),
    ]
