"""The Full Takeoff kernel beside plain NumPy, draws per second: ``uv run python benchmarks/full_takeoff.py``.

Contestants run in turn on one core. Draws are those of the Monte Carlo preset, to 2100. Seconds of the
processor are counted as well as those of the clock: on a shared machine only the first say what the code
takes.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import timecone as tc
from timecone.models.full_takeoff.model import MODEL
from timecone.models.model import Setup, TimeGrid

ORACLE = Path(__file__).resolve().parents[1] / "tests" / "oracles" / "full_takeoff_economy.py"
#: Contestants of the kernel: scheme and step.
RUNS = {"published, 0.1 years": ("published", 0.1), "heun, 0.25 years": ("heun", 0.25)}


def _oracle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("full_takeoff_economy", ORACLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1024, help="draws of the kernel in a round")
    parser.add_argument("--slow-draws", type=int, default=128, help="draws of NumPy in a round")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    sampler = tc.load("full_takeoff/monte_carlo_2022").compiled.sampler
    from timecone.inputs.designs import RandomDesign  # noqa: PLC0415

    inputs = sampler.draw(RandomDesign(1), 0, arguments.draws).values
    named = {p.name: inputs[k, : arguments.slow_draws] for k, p in enumerate(MODEL.parameters)}
    named.pop("automation.tasks")
    oracle = _oracle()

    def kernel(scheme: str, step: float) -> None:
        MODEL.outcomes(inputs, Setup(TimeGrid(2022.0, 2100.0, step), scheme=scheme))

    works: dict[str, tuple[Callable[[], object], int]] = {
        name: (partial(kernel, *how), arguments.draws) for name, how in RUNS.items()
    }
    works["NumPy, published, 0.1 years"] = (partial(oracle.simulate, named), arguments.slow_draws)
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for counted in range(-1, arguments.repeats):
        for name, (work, draws) in works.items():
            clock, processor = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - clock, time.process_time() - processor
            if counted >= 0:
                rates[name].append((draws / taken[0], draws / taken[1]))
    print(f"{'draws per second':30} {'by the clock':>14} {'of a processor':>15} {'ratio to NumPy':>15}")
    for name, measured in rates.items():
        pairs = zip(measured, rates["NumPy, published, 0.1 years"], strict=True)
        ratio = statistics.median(mine[1] / theirs[1] for mine, theirs in pairs)
        by_clock, of_processor = (statistics.median(column) for column in zip(*measured, strict=True))
        print(f"{name:30} {by_clock:14,.0f} {of_processor:15,.0f} {ratio:15,.1f}")


if __name__ == "__main__":
    main()
