"""Works that `speed.py` times: a name on each line of the input, seconds of processor and clock as output.

It runs with whatever ``timecone`` is first on the path, of this tree or of another one.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Callable

import numpy as np

import timecone as tc
from timecone.inputs.designs import make_design

_STREAMS = tuple(f"parameter/{k}" for k in range(60))


def works() -> dict[str, Callable[[], object]]:
    """Return the works by name."""
    baseline, open_loop = tc.load("baseline"), tc.load("open_loop")
    run = tc.simulate(baseline, draws=20_000, seed=1)
    count = itertools.count(1)

    def replaced() -> tc.Scenario:
        halving = tc.LogNormal(p05=2.0 + 1e-6 * next(count), p95=12.0, unit="month")
        return baseline.replace({"algorithms.halving_time": halving})

    def sobol(first: int) -> None:
        design = make_design("sobol", 1, draws=2**33, streams=len(_STREAMS), replicates=8)
        design.fill(_STREAMS, 0, np.empty((len(_STREAMS), 64)))
        for block in range(4):
            design.fill(_STREAMS, first + 8192 * block, np.empty((len(_STREAMS), 8192)))

    def simulated(scenario: tc.Scenario, draws: int, threads: int) -> object:
        return tc.simulate(scenario, draws=draws, seed=1, threads=threads)

    return {
        "load the baseline": lambda: tc.load("baseline"),
        "replace one input": replaced,
        "simulate 10 000, one thread": lambda: simulated(baseline, 10_000, 1),
        "simulate 20 000, one thread": lambda: simulated(baseline, 20_000, 1),
        "simulate 20 000, two threads": lambda: simulated(baseline, 20_000, 2),
        "replace and simulate 20 000, two threads": lambda: simulated(replaced(), 20_000, 2),
        "simulate 200 000, one thread": lambda: simulated(baseline, 200_000, 1),
        "simulate 200 000, two threads": lambda: simulated(baseline, 200_000, 2),
        "percentiles of 20 000": lambda: tc.percentiles(run, "tai"),
        "open loop, simulate 200 000, one thread": lambda: simulated(open_loop, 200_000, 1),
        "Sobol' points, four blocks at 0": lambda: sobol(0),
        "Sobol' points, four blocks at 2**20": lambda: sobol(2**20),
    }


def main() -> None:
    """Serve."""
    known = works()
    print(json.dumps(list(known)), flush=True)
    for line in sys.stdin:
        work = known[line.strip()]
        processor, wall = time.process_time(), time.perf_counter()
        work()
        print(json.dumps([time.process_time() - processor, time.perf_counter() - wall]), flush=True)


if __name__ == "__main__":
    main()
