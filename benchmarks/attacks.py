"""Attacks on a run's folder: kills at every stage, readers that poll, a disk that fills up.

``uv run python benchmarks/attacks.py [kills] [reader] [disk] [writers]``; without a name, all. For Linux.
The disk is a small file system in memory, which only root may mount; it is left out elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from PIL import Image

import timecone as tc
from timecone.errors import RunFileError
from timecone.results.run_file.checksum import require_intact
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table

SCENARIO = Path(__file__).resolve().parent.parent / "configs" / "baseline.toml"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
MOMENTS = 10
REPLACEMENTS = 20
OLD, NEW = "1", "2"
# Heeds Ctrl-C also where a shell has started this script in the background, which ignores it.
COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from timecone.cli.main import entry
entry()
"""


def begin(folder: Path, seed: str, draws: int = 20_000) -> subprocess.Popen[str]:
    """Begin a run into a folder."""
    options = ["--out", str(folder), "-q", "--seed", seed, "-n", str(draws), "--threads", "1"]
    command = [sys.executable, "-c", COMMAND, "run", str(SCENARIO), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def contents(folder: Path) -> dict[str, str]:
    """Return the digest of every file of a folder."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}


def identity(folder: Path) -> tuple[str, ...]:
    """Return the run that every file of the folder says it is of: run file, tables, figures."""
    run = tc.open_run(folder / "run.nc")
    seeds = [str(run.attrs["seed"])]
    table = percentile_table(RunStatistics(run)).to_csv(index=False).encode()
    seeds.append(seeds[0] if (folder / "percentiles.csv").read_bytes() == table else "other table")
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            named = image.info["Description"].split()[-1]
        seeds.append(seeds[0] if named == run.attrs["run_id"] else f"other {path.name}")
    return tuple(sorted(set(seeds)))


def kills(folder: Path) -> None:
    """Kill a run over an older one at ten moments by each of four signals."""
    target, kept = folder / "out", folder / "kept"
    begin(target, OLD).communicate()  # compiles the kernels where they are not
    shutil.copytree(target, kept)
    old = contents(target)
    begun = time.perf_counter()
    begin(target, OLD).communicate()
    length = time.perf_counter() - begun
    print(f"a run of 20 000 draws takes {length:.1f} s")
    for number in SIGNALS:
        ends: dict[str, int] = {}
        for moment in range(MOMENTS):
            for path in [target, *folder.glob(".*")]:  # what a killed run linked would count as the last copy
                shutil.rmtree(path)
            shutil.copytree(kept, target)
            process = begin(target, NEW)
            # From the middle of the run to its end, where files are written.
            time.sleep(length * (0.35 + 0.65 * moment / (MOMENTS - 1)))
            process.send_signal(number)
            _, err = process.communicate()
            whole = identity(target)
            assert len(whole) == 1, whole
            changed = {name for name, _ in old.items() ^ contents(target).items()}
            assert whole == (NEW,) or not changed, f"neither old nor new: {sorted(changed)}"
            # One line says how it ended, another one where an older run of other numbers went.
            lines = err.splitlines()
            assert len(lines) <= 2, err
            assert all(line.startswith("timecone: ") for line in lines), err
            name = f"{'old' if whole == (OLD,) else 'new'}, exit {process.returncode}"
            ends[name] = ends.get(name, 0) + 1
        counted = "; ".join(f"{count} {name}" for name, count in sorted(ends.items()))
        begin(target, OLD).communicate()
        left = [p.name for p in [*folder.iterdir(), *target.iterdir()] if p.name.startswith(".")]
        print(f"{number.name}: {counted}; leftovers after the next run: {left or 'none'}", flush=True)


def reader(folder: Path) -> None:
    """Poll a run file while it is replaced twenty times."""
    target = folder / "out"
    begin(target, OLD, 2000).communicate()
    counts, missing, torn, done = [0], [0], [0], threading.Event()

    def poll() -> None:
        path = target / "run.nc"
        while not done.is_set():
            counts[0] += 1
            try:
                with path.open("rb") as file:
                    head = file.read(8)
                torn[0] += head != b"\x89HDF\r\n\x1a\n"
                if counts[0] % 100 == 0:
                    require_intact(path)
            except RunFileError:
                torn[0] += 1
            except OSError:
                missing[0] += 1

    thread = threading.Thread(target=poll)
    thread.start()
    for k in range(REPLACEMENTS):
        begin(target, str(k + 2), 2000).communicate()
    done.set()
    thread.join()
    about = f"{counts[0]:,} readings during {REPLACEMENTS} replacements"
    print(f"reader: {about}, {missing[0]} missing, {torn[0]} torn", flush=True)


def disk(folder: Path) -> None:
    """Run on a disk with less and less room over an older run, and look at what is left."""
    mount = folder / "disk"
    mount.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mount)], check=False)
    if mounted.returncode:
        print("disk: no file system can be mounted; left out")
        return
    try:
        target = mount / "out"
        begin(target, OLD).communicate()
        size = sum(p.stat().st_size for p in target.iterdir())
        for share in (0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0, 1.02, 1.1):
            for path in mount.glob("*/run-*.nc"):
                path.unlink()
            free = os.statvfs(mount).f_bavail * os.statvfs(mount).f_frsize
            ballast = mount / "ballast"
            ballast.write_bytes(b"0" * max(int(free - share * size), 0))
            old = contents(target)
            process = begin(target, NEW)
            _, err = process.communicate()
            ballast.unlink()
            after = contents(target)
            kept = all(after.get(name) == digest for name, digest in old.items())
            assert kept or identity(target) == (NEW,), share
            extra = sorted(set(after) - set(old))
            end = f"old{f', also {extra[0]}' if extra else ''}" if kept else "new"
            print(
                f"disk with room for {share:.0%}: exit {process.returncode}, {end}; {err.strip()}", flush=True
            )
            assert len(err.splitlines()) <= 1
            if not kept:
                break
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def writers(folder: Path) -> None:
    """Begin four runs into one folder."""
    target = folder / "out"
    processes = [begin(target, seed) for seed in "1234"]
    ends = [(p.communicate()[1].strip(), p.returncode) for p in processes]
    for text, code in ends:
        print(f"writer: exit {code} {text}")
    print(f"writers: the folder holds the run of seed {', '.join(identity(target))}")


if __name__ == "__main__":
    for name in sys.argv[1:] or ["kills", "reader", "disk", "writers"]:
        with tempfile.TemporaryDirectory() as place:
            globals()[name](Path(place))
