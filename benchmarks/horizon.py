"""The kernel of the AI Futures Model beside SciPy, draws per second: ``uv run python benchmarks/horizon.py``.

Contestants run in turn on one core. Draws are those of the December Monte Carlo of Eli, to 2060. SciPy solves
one draw at a time: by the published method (Radau, tables of 4096 tasks) and accurately. Seconds of the
processor are counted beside those of the clock: on a shared machine only the first say what the code takes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import timecone as tc
from timecone.models.horizon.model import MODEL
from timecone.models.model import Setup, TimeGrid

TESTS = Path(__file__).resolve().parents[1] / "tests"
END = 2060.0
#: Contestants of the kernel: years of a step.
STEPS = {"kernel, 0.25 years": 0.25, "kernel, 0.1 years": 0.1}
PUBLISHED = "SciPy, published method"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=4096, help="draws of the kernel in a round")
    parser.add_argument("--slow-draws", type=int, default=8, help="draws of SciPy in a round")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    sys.path[:0] = [str(TESTS / "support"), str(TESTS / "oracles")]
    from ai_futures_inputs import oracle_draw, preset, stack  # type: ignore[import-not-found]  # noqa: PLC0415

    scenario = tc.load("horizon/eli_2025_12")
    inputs = preset("eli_2025_12", arguments.draws)
    block = stack(inputs)
    warnings.simplefilter("ignore")  # the published method overflows in some draws

    def kernel(step: float) -> None:
        grid = TimeGrid(scenario.time.start, END, step)
        MODEL.outcomes(block, Setup(grid, frozenset({"compute_slowdown"}), scheme="december_2025"))

    def slow(method: str) -> None:
        for i in range(arguments.slow_draws):
            oracle_draw(inputs, i, END, method).dates()

    works: dict[str, tuple[Callable[[], object], int]] = {
        name: (partial(kernel, step), arguments.draws) for name, step in STEPS.items()
    }
    works[PUBLISHED] = (partial(slow, "published"), arguments.slow_draws)
    works["SciPy, accurate"] = (partial(slow, "accurate"), arguments.slow_draws)
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for counted in range(-1, arguments.repeats):
        for name, (work, draws) in works.items():
            clock, processor = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - clock, time.process_time() - processor
            if counted >= 0:
                rates[name].append((draws / taken[0], draws / taken[1]))
    print(f"{'draws per second':26} {'by the clock':>14} {'of a processor':>15} {'ratio':>12}")
    for name, measured in rates.items():
        pairs = zip(measured, rates[PUBLISHED], strict=True)
        ratio = statistics.median(mine[1] / theirs[1] for mine, theirs in pairs)
        by_clock, of_processor = (statistics.median(column) for column in zip(*measured, strict=True))
        print(f"{name:26} {by_clock:14,.1f} {of_processor:15,.1f} {ratio:12,.1f}")


if __name__ == "__main__":
    main()
