"""Options of ``timecone run`` for clusters and stores that contradict each other: refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from refusals import Refusal
from timecone.simulation.limits import PROCESS

ADDRESSES = ("", "host", "tcp://host", "tcp://:8786", "tcp://host:x", "tcp://host:99999", "foo://host:8786")


def test_contradicting_options_are_refused(fails, small_file, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    arguments = ["run", small_file, "-n", 100, "--out", tmp_path / "run"]
    for address in ADDRESSES:
        refusal = Refusal("scheduler-address", "scheduler", got=address)
        fails(refusal, *arguments, f"--scheduler={address}")
    for address in ("", "tcp://host:8786"):
        fails(
            Refusal("engine-without-scheduler", "--scheduler"),
            *arguments,
            "--engine",
            "threads",
            f"--scheduler={address}",
        )
    fails(
        Refusal("threads-of-scheduler", "--threads", got=3),
        *arguments,
        "--scheduler",
        "tcp://host:8786",
        "--threads",
        3,
    )
    for name in ("draws", "draws.zarr.old", ".zarr"):
        fails(Refusal("store-name", "--store"), *arguments, "--store", tmp_path / name)


def test_a_store_below_a_file_is_refused(fails, small_file, tmp_path: Path) -> None:
    arguments = ["run", small_file, "-n", 100, "--out", tmp_path / "run"]
    place = tmp_path / "file.zarr"
    place.write_bytes(b"")
    for store in (place, place / "draws.zarr", place / "below" / "draws.zarr"):
        fails(Refusal("file-in-the-way", "--store", got=str(place)), *arguments, "--store", store)
    assert place.read_bytes() == b""
    assert not (tmp_path / "run").exists()


def test_more_workers_than_memory_holds_are_refused_before_they_start(
    fails, small_file, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("timecone.simulation.limits.available_memory", lambda: 3 * PROCESS)
    arguments = ["run", small_file, "-n", 100, "--out", tmp_path / "run", "--engine", "dask", "--threads", 4]
    fails(Refusal("run-exceeds-memory", "workers", got=4), *arguments)
