"""One run in seven ways, on threads and on clusters, resumed, and with a killed worker: the same bits.

``uv run python benchmarks/equality.py [scenario] [draws]``: a row for each way, with the id of the run and a
hash of all its numbers. The exit code is 1 if any row differs.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xarray as xr

import timecone as tc
from tcp_cluster import TcpCluster

SCENARIO, DRAWS, SEED = "open_loop", 2_000_000, 1
KEPT, PATHS = 10_000, 10


def runs(
    scenario: tc.Scenario, draws: int, folder: Path, *, keep: int = KEPT
) -> Iterator[tuple[str, xr.DataTree]]:
    """Yield the same run from one way of simulating it after the other.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    draws : int
        Number of draws.
    folder : Path
        Where the checkpoint and the files of workers are.
    keep : int
        Number of draws stored in full.

    Yields
    ------
    str, DataTree
        The way, and the run.
    """

    def run(**options: Any) -> xr.DataTree:
        return tc.simulate(scenario, draws=draws, seed=SEED, keep=keep, paths=PATHS, **options)

    yield "1 thread", run(threads=1)
    yield "2 threads", run(threads=2)
    with tc.DaskEngine(workers=2) as engine:
        yield "Dask, 2 workers on this machine", run(engine=engine)
    checkpoint = folder / "checkpoint.npz"
    with TcpCluster(folder, workers=3) as cluster, tc.DaskEngine(cluster.address) as engine:
        yield "Dask, 3 workers over TCP", run(engine=engine)
        kill, is_killed = _once(cluster.workers[0].kill, draws // 10)
        yield "Dask, after a worker was killed", _checked(run(engine=engine, progress=kill), is_killed)
        _stop_halfway(run, draws, checkpoint)
        yield "Dask, resumed after 2 threads were stopped", run(engine=engine, checkpoint=checkpoint)
    _stop_halfway(run, draws, checkpoint)
    yield "2 threads, resumed", run(threads=2, checkpoint=checkpoint)


def _once(action: Callable[[], None], after: int) -> tuple[Callable[[int, int], None], Callable[[], bool]]:
    """Return a progress report that acts once after some draws, and whether it has."""
    acted: list[int] = []

    def report(done: int, _wanted: int) -> None:
        if done > after and not acted:
            acted.append(done)
            action()

    return report, lambda: bool(acted)


def _checked(run: xr.DataTree, is_killed: Callable[[], bool]) -> xr.DataTree:
    if not is_killed():
        raise AssertionError("no worker was killed")
    return run


def _stop_halfway(run: Callable[..., xr.DataTree], draws: int, checkpoint: Path) -> None:
    """Stop a run after about half of its draws; its checkpoint stays."""
    stop, is_stopped = _once(lambda: None, draws // 2)
    part = run(threads=2, checkpoint=checkpoint, progress=stop, stop=is_stopped)
    if not 0 < part.attrs["draws"] < draws:
        raise AssertionError("the run was not stopped")


def digest(run: xr.DataTree, *groups: str) -> str:
    """Return a hash of names, types, shapes and bits of all numbers of a run, or of some of its groups."""
    content = hashlib.blake2b(digest_size=16)
    for node in run.subtree:
        if node.name is None or (groups and node.name not in groups):
            continue
        for name, variable in sorted(node.dataset.variables.items(), key=lambda item: str(item[0])):
            content.update(f"{node.path}/{name} {variable.dtype.str} {variable.shape}".encode())
            content.update(variable.values.tobytes())
    return content.hexdigest()


def main(name: str = SCENARIO, draws: int | str = DRAWS) -> int:
    """Print a row for each way; return 1 if any differs."""
    rows = set()
    print("| way | run id | all numbers | seconds |\n|---|---|---|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        for way, run in runs(tc.load(name), int(draws), Path(folder)):
            row = (str(run.attrs["run_id"]), digest(run))
            rows.add(row)
            print(f"| {way} | {row[0]} | {row[1]} | {time.perf_counter() - begun:.1f} |", flush=True)
            begun = time.perf_counter()
    print("identical" if len(rows) == 1 else "NOT identical", flush=True)
    return int(len(rows) > 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
