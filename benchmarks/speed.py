"""Time what a user waits for, beside another version of timecone in the same run.

    uv run python benchmarks/speed.py                      # this version
    uv run python benchmarks/speed.py --against ../before  # and the ratio to the one in another checkout
    uv run python benchmarks/speed.py --cold               # the first run, with no kernel compiled
    uv run python benchmarks/speed.py --command            # a warm `timecone run` of a million draws
    uv run python benchmarks/speed.py --phases             # first and warm run, split into their phases
    uv run --group benchmark python benchmarks/speed.py --all --against ../before   # all of it, and the twins

Each version has a process of its own; rounds go A, B, A, B, ... Seconds of a processor are medians over
rounds, a ratio is the median of the ratios within each round. They carry over between machines that are
shared, seconds by the clock do not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

_HERE = Path(__file__).resolve().parent
_FIRST_RUN = (
    "import timecone as tc; tc.simulate(tc.load('baseline'), draws=1000, seed=1, paths=10, threads=1)"
)
_COMMAND = "import sys; from timecone.cli.main import entry; sys.argv = ['timecone', *sys.argv[1:]]; entry()"


class Taken(NamedTuple):
    """Seconds of a processor and by the clock."""

    processor: float
    wall: float


def _environment(tree: Path, **more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(tree / "src"), str(_HERE)])} | more


class _Worker:
    """A process that does the works of `speed_worker` with the timecone of a tree."""

    def __init__(self, tree: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(_HERE / "speed_worker.py")],
            env=_environment(tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.works: list[str] = json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def take(self, work: str) -> Taken:
        """Do a work."""
        assert self._process.stdin is not None
        self._process.stdin.write(work + "\n")
        self._process.stdin.flush()
        return Taken(*json.loads(self._line()))

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _process(command: list[str], environment: dict[str, str]) -> Taken:
    """Run a process; its children's time counts."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(processor, time.perf_counter() - begin)


def _first_run(tree: Path) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        return _process([sys.executable, "-c", _FIRST_RUN], _environment(tree, NUMBA_CACHE_DIR=folder))


def _command(tree: Path, scenario: str) -> Taken:
    with tempfile.TemporaryDirectory() as folder:
        options = ["-n", "1000000", "--quiet", "--threads", "1", "--out", f"{folder}/run"]
        return _process([sys.executable, "-c", _COMMAND, "run", scenario, *options], _environment(tree))


def _phases(draws: int, environment: dict[str, str]) -> dict[str, Taken]:
    done = subprocess.run(
        [sys.executable, str(_HERE / "speed_phases.py"), str(draws)],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return {phase: Taken(*seconds) for phase, seconds in json.loads(done.stdout).items()}


def _first_phases(tree: Path) -> dict[str, Taken]:
    with tempfile.TemporaryDirectory() as folder:
        return _phases(1000, _environment(tree, NUMBA_CACHE_DIR=folder))


def _print_phases(what: str, rounds: list[list[dict[str, Taken]]]) -> None:
    """Print every phase of a run, and the whole."""
    for phase in rounds[0][0]:
        _print(f"{what}: {phase}", [[each[phase] for each in trees] for trees in rounds])
    whole = [[Taken(*map(sum, zip(*each.values(), strict=True))) for each in trees] for trees in rounds]
    _print(f"{what}: whole", whole)


def _print(what: str, rounds: list[list[Taken]]) -> None:
    """Print a work's medians, and the ratio of the other version to this one."""
    this = statistics.median(each[0].processor for each in rounds)
    wall = statistics.median(each[0].wall for each in rounds)
    line = f"{what:<46}{1e3 * this:>10,.1f} ms CPU{1e3 * wall:>10,.1f} ms wall"
    if len(rounds[0]) > 1:
        other = statistics.median(each[1].processor for each in rounds)
        by_processor = statistics.median(each[1].processor / each[0].processor for each in rounds)
        by_clock = statistics.median(each[1].wall / each[0].wall for each in rounds)
        line += f"   before {1e3 * other:>10,.1f} ms CPU, {by_processor:.2f} x CPU, {by_clock:.2f} x wall"
    print(line, flush=True)


def _time_phases(trees: list[Path], rounds: int, draws: int) -> None:
    """Print the phases of a first and of a warm run."""
    first = [[_first_phases(tree) for tree in trees] for _ in range(rounds)]
    _print_phases("first run", first)
    for tree in trees:
        _phases(1000, _environment(tree))  # compiles what is missing
    warm = [[_phases(draws, _environment(tree)) for tree in trees] for _ in range(rounds)]
    _print_phases(f"warm run of {draws:,} draws", warm)


def _time_commands(trees: list[Path], rounds: int) -> None:
    """Print the times of warm commands."""
    for scenario in ("baseline", "open_loop"):
        for tree in trees:
            _command(tree, scenario)  # compiles what is missing
        _print(
            f"timecone run {scenario} -n 1000000",
            [[_command(tree, scenario) for tree in trees] for _ in range(rounds)],
        )


def _time_works(trees: list[Path], rounds: int, only: str) -> None:
    """Print the times of interactive calls whose names hold ``only``."""
    workers = [_Worker(tree) for tree in trees]
    for work in workers[0].works:
        if only in work:
            for worker in workers:
                worker.take(work)
            _print(work, [[worker.take(work) for worker in workers] for _ in range(rounds)])
    for worker in workers:
        worker.end()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of timecone")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="works whose names hold this")
    parser.add_argument("--cold", action="store_true", help="time the first run")
    parser.add_argument("--command", action="store_true", help="time a warm command")
    parser.add_argument("--phases", action="store_true", help="time the phases of a first and a warm run")
    parser.add_argument("--draws", type=int, default=1_000_000, help="draws of the warm run by phase")
    parser.add_argument("--all", action="store_true", help="phases, interactive calls and twins")
    options = parser.parse_args()
    trees = [_HERE.parent, *([options.against.resolve()] if options.against else [])]
    if options.cold:
        _print(
            "first run of the baseline", [[_first_run(tree) for tree in trees] for _ in range(options.rounds)]
        )
        return
    if options.command:
        _time_commands(trees, options.rounds)
        return
    if options.phases or options.all:
        _time_phases(trees, min(options.rounds, 3), options.draws)
    if options.phases and not options.all:
        return
    _time_works(trees, options.rounds, options.only)
    if options.all:
        subprocess.run([sys.executable, str(_HERE / "twins.py")], check=True)


if __name__ == "__main__":
    main()
