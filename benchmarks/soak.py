"""Long use: 500 simulations in one process, and memory and rate by number of draws.

``uv run python benchmarks/soak.py soak [runs]``, or ``table [most draws]``; each row of a table is a process
of its own, so that its peak is the run's.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import timecone as tc

SCENARIO = Path(__file__).resolve().parent.parent / "configs" / "baseline.toml"
RUNS, DRAWS, SHOWN = 500, 2000, 50
LEAST, MOST = 10_000, 100_000_000


def state() -> tuple[float, int, int]:
    """Return memory in MB, threads and open files of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    return pages * resource.getpagesize() / 1e6, threading.active_count(), files


def soak(runs: int = RUNS) -> None:
    """Simulate many times and print what the process holds."""
    scenario = tc.load(SCENARIO)
    for k in range(runs + 1):
        tc.simulate(scenario, draws=DRAWS, seed=k, paths=10)
        if k % SHOWN == 0:
            gc.collect()
            memory, threads, files = state()
            print(f"after {k:3d} runs: {memory:5.0f} MB, {threads} threads, {files} files", flush=True)


def one(draws: int) -> None:
    """Simulate once and print seconds, also of all processors together, rate and peak."""
    scenario = tc.load(SCENARIO)
    tc.simulate(scenario, draws=LEAST, seed=0)
    before, worked = time.perf_counter(), time.process_time()
    tc.simulate(scenario, draws=draws, seed=1)
    seconds, worked = time.perf_counter() - before, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"| {draws:,} | {seconds:.1f} | {worked:.1f} | {draws / worked:,.0f} | {peak:,.0f} |", flush=True)


def table(most: int = MOST) -> None:
    """Print a row for each power of ten."""
    heads = ("draws", "seconds", "seconds of work", "draws per second of work", "peak memory, MB")
    print(f"| {' | '.join(heads)} |\n{'|---:' * len(heads)}|", flush=True)
    draws = LEAST
    while draws <= most:
        subprocess.run([sys.executable, __file__, "one", str(draws)], check=True)
        draws *= 10


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
