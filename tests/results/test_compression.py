"""Arrays of a run file are compressed where that saves clearly more room than it takes time."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

import timecone as tc
from timecone.results.run_file.read_write import is_worth_compressing


def test_random_digits_are_not_worth_it_and_repeated_numbers_are() -> None:
    digits = np.random.default_rng(1).random(50_000)
    assert not is_worth_compressing(digits)
    assert is_worth_compressing(np.round(digits))
    assert is_worth_compressing(np.repeat(digits[:100], 500))
    # Neither texts nor single numbers have digits to compress.
    assert not is_worth_compressing(np.array(["tai"] * 9))
    assert not is_worth_compressing(np.array(1.0))


def test_a_run_file_holds_both_kinds(baseline: tc.Scenario, tmp_path: Path) -> None:
    run = tc.simulate(baseline, draws=2000, seed=1, paths=3, threads=1)
    with h5py.File(tc.save_run(run, tmp_path / "run.nc")) as file:
        assert file["outcomes/status"].compression == "gzip"
        assert file["inputs/algorithms.halving_time"].compression is None
        stored = file["inputs/algorithms.halving_time"][:]
    assert stored.tobytes() == run["inputs"]["algorithms.halving_time"].values.tobytes()
