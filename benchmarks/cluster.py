"""Threads against workers of a Dask cluster on this machine, in turn: seconds of a run, and their ratio.

``uv run python benchmarks/cluster.py [draws] [repetitions] [scenario ...]``, by default ten million draws of
the open loop and the baseline, with all processors. Beside the seconds by the clock stand those of all
processors together, of this process and its workers: these hardly depend on what else the machine does.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from typing import NamedTuple

import timecone as tc
from timecone.simulation.threads import default_threads

SCENARIOS = ("open_loop", "baseline")
DRAWS, REPETITIONS, WARM = 10_000_000, 3, 200_000


class Taken(NamedTuple):
    """Seconds of a run: by the clock, and of all processors together."""

    clock: float
    processors: float


def processor_seconds() -> float:
    """Return the processor time of this process and of all that it started and that still run."""
    psutil = importlib.import_module("psutil")
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def timed(scenario: tc.Scenario, draws: int, engine: tc.DaskEngine | None) -> tuple[Taken, str]:
    """Return what a run takes, and its id."""
    begun, worked = time.perf_counter(), processor_seconds()
    run = tc.simulate(scenario, draws=draws, seed=1, paths=10, engine=engine)
    return Taken(time.perf_counter() - begun, processor_seconds() - worked), run.attrs["run_id"]


def compare(name: str, draws: int, repetitions: int) -> None:
    """Print a row of the table for a scenario."""
    scenario, begun = tc.load(name), time.perf_counter()
    with tc.DaskEngine(workers=default_threads()) as engine:
        start = time.perf_counter() - begun
        for each in (None, engine):
            timed(scenario, WARM, each)
        rows = []
        for _ in range(repetitions):
            (near, first), (far, second) = (timed(scenario, draws, each) for each in (None, engine))
            if first != second:
                raise AssertionError("the runs differ")
            rows.append((near, far))
    cells = [name, f"{draws:,}", f"{start:.1f}"]
    for column in range(2):
        threads, workers = (statistics.median(row[place][column] for row in rows) for place in range(2))
        ratios = [row[0][column] / row[1][column] for row in rows]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        cells += [f"{threads:.1f}", f"{workers:.1f}", f"{threads / workers:.2f} ({spread})"]
    print(f"| {' | '.join(cells)} |", flush=True)


def main(draws: int = DRAWS, repetitions: int = REPETITIONS, *names: str) -> None:
    """Print the table: medians, and the efficiency with its range."""
    heads = ["scenario", "draws", "start of the workers, s"]
    for unit in ("s", "CPU s"):
        heads += [f"threads, {unit}", f"workers, {unit}", f"threads / workers, {unit}"]
    print(f"| {' | '.join(heads)} |\n|---{'|---:' * (len(heads) - 1)}|", flush=True)
    for name in names or SCENARIOS:
        compare(name, draws, repetitions)


if __name__ == "__main__":
    main(*(int(text) if text.isdigit() else text for text in sys.argv[1:]))  # type: ignore[arg-type]
