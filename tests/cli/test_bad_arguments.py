"""A call that is wrong ends with exit code 2 and one line; no traceback, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from refusals import Refusal
from timecone.numerics import compiled


@pytest.fixture
def older(tmp_path: Path, stored: Path) -> Path:
    """Return a folder with an older run."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.nc").write_bytes(stored.read_bytes())
    return folder


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-n", "0"], Refusal("setting-out-of-range", "draws", got=0, names="from 1 to")),
        (["-n", "-5"], Refusal("setting-out-of-range", "draws", got=-5, names="from 1 to")),
        (["-n", "abc"], ["--draws", "integer"]),
        (["-n", "1.5"], ["--draws", "integer"]),
        (["-n", "100", "--seed", "-1"], Refusal("setting-out-of-range", "seed", got=-1, names="from 0 to")),
        (["-n", "100", "--seed", "x"], ["--seed", "integer"]),
        (
            ["-n", "100", "--threads", "0"],
            Refusal("setting-out-of-range", "threads", got=0, names=("from 1", "to 4096")),
        ),
        (["-n", "100", "--keep", "0"], Refusal("setting-out-of-range", "keep", got=0, names="from 1 to")),
        (["-n", "100", "--paths", "-1"], Refusal("setting-out-of-range", "paths", got=-1, names="from 0 to")),
        (["--drws", "100"], ["--drws"]),
        (["-n"], ["-n"]),
        (["one-too-many"], ["one-too-many"]),
    ],
    ids=str,
)
def test_run_refuses_a_wrong_argument(
    fails: Callable,
    baseline_file: Path,
    stored: Path,
    older: Path,
    arguments: list[str],
    expected: Refusal | list[str],
) -> None:
    fails(expected, "run", baseline_file, "--out", older, *arguments)
    assert [p.name for p in older.iterdir()] == ["run.nc"]
    assert (older / "run.nc").read_bytes() == stored.read_bytes()


def test_a_wrong_argument_is_one_line_before_the_first_compilation(
    fails: Callable, baseline_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a fresh machine the run announces that it compiles; a refused one has nothing to announce.
    monkeypatch.setattr(compiled, "cache_folder", lambda: None)
    fails(Refusal("setting-out-of-range", "draws"), "run", baseline_file, "--out", tmp_path, "-n", 0)


@pytest.mark.parametrize("below", ["file", "file/out", "file/a/b"])
def test_an_output_folder_that_cannot_be_written_is_refused_before_the_work(
    fails: Callable, baseline_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("the run was begun")

    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr("timecone.simulation.run.simulate", never)
    expected = Refusal("unwritable-folder", str(tmp_path / below), names="--out")
    fails(expected, "run", baseline_file, "-n", 100, "--out", tmp_path / below)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["frobnicate"], ["frobnicate"]),
        (["rnu"], ["rnu"]),
        (["--frob"], ["--frob"]),
        (["run"], ["SCENARIO"]),
        (["reproduce"], ["RUN"]),
        (["plot"], ["RUN"]),
    ],
    ids=str,
)
def test_a_wrong_command_is_refused(
    fails: Callable, arguments: list[str], expected: Refusal | list[str]
) -> None:
    fails(expected, *arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["tia"], Refusal("unknown-milestone", "quantity", got="tia", names="'tai'")),
        (
            ["--where", "treshold=bio_anchors"],
            Refusal("unknown-choice", "where", got="treshold", names="'threshold'"),
        ),
        (["--where", "threshold=bio"], Refusal("unknown-choice-value", "where", got="bio")),
        (["--where", "threshold"], Refusal("not-a-condition", "--where", got="threshold")),
        (["--where", "=bio_anchors"], Refusal("unknown-choice", "where", got="")),
        (["--years", "2030,soon"], Refusal("not-a-number", "--years", got="soon")),
        (
            ["--years", "2030,2130"],
            Refusal("year-after-horizon", "years", got=2130, names=("from 2026", "to 2125")),
        ),
        (["--years", "2030.5"], Refusal("not-a-calendar-year", "--years", got="2030.5")),
        (["--years", "nan"], Refusal("not-a-calendar-year", "--years", got="nan")),
        (["--years", "inf"], Refusal("not-a-calendar-year", "--years", got="inf")),
        (["--years", ","], Refusal("not-a-number", "--years", got="")),
        (["--q", "0"], Refusal("percentile-out-of-range", "q", got=[0.0], names=("above 0", "below 100"))),
        (
            ["--q", "50,100"],
            Refusal("percentile-out-of-range", "q", got=[50.0, 100.0], names=("above 0", "below 100")),
        ),
        (["--q", "-5"], Refusal("percentile-out-of-range", "q", got=[-5.0], names=("above 0", "below 100"))),
        (["--q", "nan"], Refusal("percentile-out-of-range", "q", names=("above 0", "below 100"))),
        (["--q", "half"], Refusal("not-a-number", "--q", got="half")),
        (["--q", ""], Refusal("not-a-number", "--q", got="")),
        (["--frob"], ["--frob"]),
    ],
    ids=str,
)
def test_percentiles_refuses_a_wrong_argument(
    fails: Callable, stored: Path, arguments: list[str], expected: Refusal | list[str]
) -> None:
    fails(expected, "percentiles", stored, *arguments)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["tia"], "unknown-milestone"),
        (["--years", "2030.5"], "not-a-calendar-year"),
        (["--q", "100"], "percentile-out-of-range"),
    ],
)
def test_json_refuses_the_same(fails: Callable, stored: Path, arguments: list[str], code: str) -> None:
    fails(Refusal(code), "percentiles", stored, *arguments, "--json")


def test_a_refused_reading_prints_no_half_of_it(call: Callable, stored: Path) -> None:
    # The probabilities would be fine, the percentile is not.
    assert call("percentiles", stored, "--q", "100").out == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--figure", "pie"], Refusal("unknown-figure", "--figure", got="pie", names="'pit'")),
        (["--quantity", "tia"], Refusal("unknown-milestone", "quantity", got="tia", names="'tai'")),
        (["--out", "f.bmp"], Refusal("unknown-figure-format", "f.bmp", got=".bmp")),
        (["--out", "f"], Refusal("unknown-figure-format", "f", got="")),
        (["--out", "file/f.png"], Refusal("unwritable-file", "file/f.png")),
    ],
    ids=str,
)
def test_plot_refuses_a_wrong_argument(
    fails: Callable,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: Refusal | list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    fails(expected, "plot", stored, *arguments)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_fan_of_several_runs_is_refused(fails: Callable, stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.nc"
    other.write_bytes(stored.read_bytes())
    expected = Refusal("figure-of-one-run", "RUN", got=2)
    fails(expected, "plot", stored, other, "--figure", "fan", "--out", tmp_path / "f.png")
    assert not (tmp_path / "f.png").exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["percentiles", "plot", "reproduce"])
def test_readers_refuse_what_is_no_run(
    fails: Callable, baseline_file: Path, stored: Path, tmp_path: Path, command: str
) -> None:
    foreign = tmp_path / "foreign.nc"
    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(foreign, engine="h5netcdf")
    cut = tmp_path / "cut.nc"
    cut.write_bytes(stored.read_bytes()[:5000])
    for path, code in (
        (tmp_path / "none.nc", "no-such-file"),
        (foreign, "not-a-run"),
        (baseline_file, "not-netcdf"),
        (cut, "not-netcdf"),
        (tmp_path, "no-such-file"),
    ):
        fails(Refusal(code, str(path)), command, path)
