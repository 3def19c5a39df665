"""The kernel of the compute model beside its twins in NumPy and in JAX, on the baseline's draws.

    uv run --group benchmark python benchmarks/twins.py   # a few minutes
    uv run --group benchmark python benchmarks/twins.py --draws 262144 --kind float32

All take the same draws through the closed loop on the same quarterly grid. Seconds are of a processor,
because JAX takes all of them; rounds go kernel, NumPy, JAX, kernel, ... Ratios are medians of those within a
round. Parity is shown by the dates of TAI: percentiles by each, and differences from the kernel's. On a GPU
only times by the clock mean anything: ``--clock``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

import timecone as tc
from peers import numpy_full_twin
from timecone.inputs.designs import RandomDesign
from timecone.models.compute.components import shocks
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup
from timecone.schema import FloatArray

_BLOCK, _PEER_BLOCK = 8192, 4096
_TAI = 2
_KINDS = ("float64", "float32")


def inputs_of(rows: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return the parameters of draws by name, shocks by when they begin, years after the start."""
    inputs = dict(zip((p.name for p in MODEL.parameters), rows, strict=False))
    clocks = MODEL.clock_rows(setup)
    for name, wait in zip(shocks.SHOCKS, shocks.WAITS, strict=True):
        if name in setup.components:
            stem = shocks.STEMS[name]
            start = f"{stem}_start"
            drawn = rows[clocks[wait.name]][0] if wait.name in clocks else None
            inputs[start] = shocks.start_of(inputs[start], inputs[f"{stem}_hazard"], drawn)
    return inputs


def contestants(draws: int, kinds: list[str]) -> dict[str, Callable[[], FloatArray]]:
    """Return functions that compute the dates of TAI of all draws, by name."""
    scenario = tc.load("baseline")
    setup, grid = scenario.setup, scenario.setup.grid
    rows = scenario.compiled.sampler.draw(RandomDesign(1), 0, draws).values
    inputs = inputs_of(rows, setup)
    parts = [np.ascontiguousarray(rows[:, k : k + _BLOCK]) for k in range(0, draws, _BLOCK)]

    def kernel() -> FloatArray:
        return np.concatenate([MODEL.outcomes(part, setup).arrival[_TAI] for part in parts])

    def numpy() -> FloatArray:
        dates = []
        for k in range(0, draws, _PEER_BLOCK):
            part = {name: values[k : k + _PEER_BLOCK] for name, values in inputs.items()}
            twin = numpy_full_twin.simulate(part, grid.start, grid.horizon, grid.step, setup.components)
            dates.append(twin.arrival[_TAI])
        return np.concatenate(dates)

    works = {"kernel": kernel, "NumPy": numpy}
    for kind in kinds:
        from peers import jax_twin  # noqa: PLC0415 - of a group that need not be installed

        run = jax_twin.compiled(inputs, grid.start, grid.horizon, grid.step, setup.components, kind)
        works[f"JAX {kind}"] = partial(_row_of, run)
    return works


def _row_of(run: Callable[[], FloatArray]) -> FloatArray:
    row: FloatArray = run()[_TAI]
    return row


def _print_parity(dates: dict[str, FloatArray]) -> None:
    """Print how far the twins' dates lie from the kernel's, in years."""
    kernel = dates["kernel"]
    for name, twin in dates.items():
        both = np.isfinite(kernel) & np.isfinite(twin)
        apart = np.abs(twin[both] - kernel[both])
        either = int(np.count_nonzero(np.isfinite(kernel) != np.isfinite(twin)))
        centiles = ", ".join(f"{year:.3f}" for year in np.quantile(twin, (0.25, 0.5, 0.75), method="lower"))
        rms = np.sqrt(np.mean(apart**2))
        print(
            f"{name:<14}P25, P50, P75 of TAI {centiles}; from the kernel: rms {rms:.2g},"
            f" 99.9 % {np.quantile(apart, 0.999):.2g}, most {apart.max():.2g} years;"
            f" in {either} of {kernel.size:,} draws one of the two has no date"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=32_768)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kind", action="append", choices=_KINDS, help="precision of JAX; both by default")
    parser.add_argument("--no-jax", action="store_true", help="NumPy's twin alone")
    parser.add_argument("--clock", action="store_true", help="seconds by the clock, as on a GPU")
    options = parser.parse_args()
    now = time.perf_counter if options.clock else time.process_time
    works = contestants(options.draws, [] if options.no_jax else options.kind or list(_KINDS))
    dates = {}
    for name, work in works.items():
        begin = now()
        dates[name] = work()
        print(f"{name:<14}first call {now() - begin:.2f} s, with compilation", flush=True)
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(options.rounds):
        for name, work in works.items():
            begin = now()
            work()
            seconds[name].append(now() - begin)
    for name, each in seconds.items():
        slower = statistics.median(one / other for one, other in zip(each, seconds["kernel"], strict=True))
        rate = options.draws / statistics.median(each)
        print(f"{name:<14}{rate:>12,.0f} draws/s {slower:>8.2f} times the kernel's time")
    _print_parity(dates)


if __name__ == "__main__":
    main()
