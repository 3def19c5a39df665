"""The command that says what a run will take before it is begun."""

from __future__ import annotations

import json
from dataclasses import asdict

from timecone.cli.app import app
from timecone.cli.options import Draws, Json, Keep, Paths, ScenarioFile, Threads
from timecone.cli.output import console, plain

_MINUTE, _HOUR = 60.0, 3600.0


@app.command()
def estimate(
    scenario: ScenarioFile,
    draws: Draws = None,
    threads: Threads = None,
    keep: Keep = 100_000,
    paths: Paths = 300,
    as_json: Json = False,
) -> None:
    """Say what a run will take (time, memory, disk), from a trial of some thousand draws."""
    from timecone.scenario.file import load
    from timecone.simulation.estimate import estimate as tried

    loaded = load(scenario)
    estimated = tried(loaded, draws=draws, threads=threads, keep=keep, paths=paths)
    if as_json:
        console().print_json(json.dumps({"name": loaded.name, **asdict(estimated)}))
        return
    plain(
        f"{estimated.draws:,} draws of {loaded.name}: {duration(estimated.seconds)}"
        f" ({estimated.rate:,.0f} draws/s), then some seconds for figures;"
        f" memory {size(estimated.memory)} at the peak, run file {size(estimated.disk)}."
    )
    plain(
        f"On the disk meanwhile: a checkpoint of {size(estimated.checkpoint)}, if the run takes more than a"
        f" minute; with --store, all draws in {size(estimated.store)}. With --engine dask, each worker takes"
        f" {size(estimated.worker)} of memory, and the rate is that of as many threads at best."
    )


def duration(seconds: float) -> str:
    """Write a time that somebody will wait."""
    if seconds < 2.0 * _MINUTE:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < 2.0 * _HOUR else f"{seconds / _HOUR:.1f} h"


def size(count: float) -> str:
    """Write a number of bytes."""
    for unit, power in (("TB", 12), ("GB", 9), ("MB", 6)):
        if count >= 10.0**power:
            return f"{count / 10.0**power:.3g} {unit}"
    return f"{count / 1e3:.0f} kB"
