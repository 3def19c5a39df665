"""Threads against workers of a Dask cluster on this machine, in turn: seconds of a run, and their ratio.

``uv run python benchmarks/cluster.py [draws] [repetitions]``; a run of the open loop, with all processors.
"""

from __future__ import annotations

import statistics
import sys
import time

import timecone as tc
from timecone.simulation.threads import default_threads

DRAWS, REPETITIONS, WARM = 10_000_000, 5, 200_000


def seconds(scenario: tc.Scenario, draws: int, engine: tc.DaskEngine | None) -> tuple[float, str]:
    """Return the time of a run, and its id."""
    begun = time.perf_counter()
    run = tc.simulate(scenario, draws=draws, seed=1, paths=10, engine=engine)
    return time.perf_counter() - begun, run.attrs["run_id"]


def main(draws: int = DRAWS, repetitions: int = REPETITIONS) -> None:
    """Print both times of each repetition, and the medians and their ratio."""
    workers = default_threads()
    for name in ("open_loop", "baseline"):
        scenario = tc.load(name)
        begun = time.perf_counter()
        with tc.DaskEngine(workers=workers) as engine:
            start = time.perf_counter() - begun
            for each in (None, engine):
                seconds(scenario, WARM, each)
            threads, dask = [], []
            for _ in range(repetitions):
                near, far = seconds(scenario, draws, None), seconds(scenario, draws, engine)
                if near[1] != far[1]:
                    raise AssertionError("the runs differ")
                threads.append(near[0])
                dask.append(far[0])
                print(f"{name}: threads {near[0]:.1f} s, workers {far[0]:.1f} s", flush=True)
        ratio = statistics.median(threads) / statistics.median(dask)
        print(
            f"{name}, {draws:,} draws: median threads {statistics.median(threads):.1f} s, {workers} workers"
            f" {statistics.median(dask):.1f} s (and {start:.1f} s to start them), efficiency {ratio:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
