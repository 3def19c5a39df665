"""Long use: a thousand simulations in one process, and memory and rate by number of draws.

``uv run python benchmarks/soak.py soak [runs]``, or ``table [most] [least] [scenario ...]``: 100 000 to ten
million draws of the open loop and the baseline by default. Each row of a table is a process of its own, so
that its peak is the run's.
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

SCENARIOS = ("open_loop", "baseline")
RUNS, DRAWS, SHOWN = 1000, 500, 100
LEAST, MOST, WARM = 100_000, 10_000_000, 10_000


def state() -> tuple[float, int, int]:
    """Return memory in MB, threads and open files of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    threads = len(list(Path("/proc/self/task").iterdir()))
    files = len(list(Path("/proc/self/fd").iterdir()))
    return pages * resource.getpagesize() / 1e6, max(threads, threading.active_count()), files


def soak(runs: int = RUNS, draws: int = DRAWS) -> None:
    """Simulate many times and print what the process holds."""
    scenario = tc.load("baseline")
    print(f"| runs of {draws} draws | memory, MB | threads | open files |\n|---:|---:|---:|---:|", flush=True)
    for k in range(runs + 1):
        tc.simulate(scenario, draws=draws, seed=k, paths=10)
        if k % SHOWN == 0:
            gc.collect()
            memory, threads, files = state()
            print(f"| {k} | {memory:.0f} | {threads} | {files} |", flush=True)


def one(name: str, draws: int) -> None:
    """Simulate once and print a row: seconds by the clock and of all processors together, rate, and peak."""
    scenario = tc.load(name)
    tc.simulate(scenario, draws=WARM, seed=0)
    before, worked = time.perf_counter(), time.process_time()
    tc.simulate(scenario, draws=draws, seed=1)
    seconds, worked = time.perf_counter() - before, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    cells = (name, f"{draws:,}", f"{seconds:.1f}", f"{worked:.1f}", f"{draws / worked:,.0f}", f"{peak:,.0f}")
    print(f"| {' | '.join(cells)} |", flush=True)


def table(most: int = MOST, least: int = LEAST, *names: str) -> None:
    """Print a row for each scenario and power of ten."""
    heads = ("scenario", "draws", "seconds", "CPU seconds", "draws per CPU second", "peak memory, MB")
    print(f"| {' | '.join(heads)} |\n|---{'|---:' * (len(heads) - 1)}|", flush=True)
    for name in names or SCENARIOS:
        draws = least
        while draws <= most:
            subprocess.run([sys.executable, __file__, "one", name, str(draws)], check=True)
            draws *= 10


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    globals()[command](*(int(text) if text.isdigit() else text for text in arguments))
