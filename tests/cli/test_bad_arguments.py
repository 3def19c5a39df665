"""A call that is wrong ends with exit code 2 and one line; no traceback, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from timecone.numerics import compiled


@pytest.fixture
def older(tmp_path: Path, stored: Path) -> Path:
    """Return a folder with an older run."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.nc").write_bytes(stored.read_bytes())
    return folder


def _is_one_line(err: str, *words: str) -> None:
    assert err.startswith("timecone: ")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert "internal error" not in err
    for word in words:
        assert word in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-n", "0"], ["draws", "got 0", "a whole number from 1"]),
        (["-n", "-5"], ["draws", "got -5"]),
        (["-n", "abc"], ["--draws", "integer"]),
        (["-n", "1.5"], ["--draws", "integer"]),
        (["-n", "100", "--seed", "-1"], ["seed", "got -1", "a whole number from 0"]),
        (["-n", "100", "--seed", "x"], ["--seed", "integer"]),
        (["-n", "100", "--threads", "0"], ["threads", "got 0"]),
        (["-n", "100", "--keep", "0"], ["keep", "got 0"]),
        (["-n", "100", "--paths", "-1"], ["paths", "got -1"]),
        (["--drws", "100"], ["--drws"]),
        (["-n"], ["-n"]),
        (["one-too-many"], ["one-too-many"]),
    ],
    ids=" ".join,
)
def test_run_refuses_a_wrong_argument(
    call: Callable,
    baseline_file: Path,
    stored: Path,
    older: Path,
    arguments: list[str],
    words: list[str],
) -> None:
    code, out, err = call("run", baseline_file, "--out", older, *arguments)
    assert (code, out) == (2, "")
    _is_one_line(err, *words)
    assert [p.name for p in older.iterdir()] == ["run.nc"]
    assert (older / "run.nc").read_bytes() == stored.read_bytes()


def test_a_wrong_argument_is_one_line_before_the_first_compilation(
    call: Callable, baseline_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a fresh machine the run announces that it compiles; a refused one has nothing to announce.
    monkeypatch.setattr(compiled, "cache_folder", lambda: None)
    code, _, err = call("run", baseline_file, "--out", tmp_path, "-n", 0)
    assert code == 2
    _is_one_line(err, "draws")


@pytest.mark.parametrize("below", ["file", "file/out", "file/a/b"])
def test_an_output_folder_that_cannot_be_written_is_refused_before_the_work(
    call: Callable, baseline_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("the run was begun")

    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setattr("timecone.simulation.run.simulate", never)
    code, out, err = call("run", baseline_file, "-n", 100, "--out", tmp_path / below)
    assert (code, out) == (2, "")
    _is_one_line(err, str(tmp_path / below), "not writable", "--out")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "in the way"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], ["frobnicate"]),
        (["rnu"], ["rnu"]),
        (["--frob"], ["--frob"]),
        (["run"], ["SCENARIO"]),
        (["reproduce"], ["RUN"]),
        (["plot"], ["RUN"]),
    ],
    ids=" ".join,
)
def test_a_wrong_command_is_refused(call: Callable, arguments: list[str], words: list[str]) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    _is_one_line(err, *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["tia"], ["unknown milestone", "'tia'", "Did you mean 'tai'?"]),
        (["--where", "treshold=bio_anchors"], ["unknown choice", "'treshold'", "threshold"]),
        (["--where", "threshold=bio"], ["no such value", "'bio'", "bio_anchors"]),
        (["--where", "threshold"], ["--where", "choice=value"]),
        (["--where", "=bio_anchors"], ["unknown choice"]),
        (["--years", "2030,soon"], ["--years", "'soon'"]),
        (["--years", "2030,2130"], ["2130", "after the horizon", "2125"]),
        (["--years", "2030.5"], ["years", "2030.5"]),
        (["--years", "nan"], ["years", "nan"]),
        (["--years", "inf"], ["years", "inf"]),
        (["--years", ","], ["--years"]),
        (["--q", "0"], ["percentile", "above 0 and below 100"]),
        (["--q", "50,100"], ["percentile", "above 0 and below 100"]),
        (["--q", "-5"], ["percentile"]),
        (["--q", "nan"], ["percentile"]),
        (["--q", "half"], ["--q", "'half'"]),
        (["--q", ""], ["--q"]),
        (["--frob"], ["--frob"]),
    ],
    ids=" ".join,
)
def test_percentiles_refuses_a_wrong_argument(
    call: Callable, stored: Path, arguments: list[str], words: list[str]
) -> None:
    code, _, err = call("percentiles", stored, *arguments)
    assert code == 2
    _is_one_line(err, *words)


@pytest.mark.parametrize("arguments", [["tia"], ["--years", "2030.5"], ["--q", "100"]], ids=" ".join)
def test_json_refuses_the_same(call: Callable, stored: Path, arguments: list[str]) -> None:
    code, out, err = call("percentiles", stored, *arguments, "--json")
    assert (code, out) == (2, "")
    _is_one_line(err)


def test_a_refused_reading_prints_no_half_of_it(call: Callable, stored: Path) -> None:
    # The probabilities would be fine, the percentile is not.
    assert call("percentiles", stored, "--q", "100").out == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--figure", "pie"], ["pie", "cdf"]),
        (["--quantity", "tia"], ["unknown milestone", "'tia'", "Did you mean 'tai'?"]),
        (["--out", "f.bmp"], ["unknown figure format", "'.bmp'", ".png, .svg or .pdf"]),
        (["--out", "f"], ["unknown figure format", ".png, .svg or .pdf"]),
        (["--out", "file/f.png"], ["cannot be written"]),
    ],
    ids=" ".join,
)
def test_plot_refuses_a_wrong_argument(
    call: Callable,
    stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    code, out, err = call("plot", stored, *arguments)
    assert (code, out) == (2, "")
    _is_one_line(err, *words)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_fan_of_several_runs_is_refused(call: Callable, stored: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.nc"
    other.write_bytes(stored.read_bytes())
    code, out, err = call("plot", stored, other, "--figure", "fan", "--out", tmp_path / "f.png")
    assert (code, out) == (2, "")
    _is_one_line(err, "shows one run", "got 2")
    assert not (tmp_path / "f.png").exists()


@pytest.mark.parametrize("command", ["percentiles", "plot", "reproduce"])
def test_readers_refuse_what_is_no_run(
    call: Callable, baseline_file: Path, stored: Path, tmp_path: Path, command: str
) -> None:
    foreign = tmp_path / "foreign.nc"
    xr.Dataset({"t": ("x", np.arange(3.0))}).to_netcdf(foreign, engine="h5netcdf")
    cut = tmp_path / "cut.nc"
    cut.write_bytes(stored.read_bytes()[:5000])
    for path, words in (
        (tmp_path / "none.nc", "no such file"),
        (foreign, "not a timecone run"),
        (baseline_file, "not a readable netCDF-4 file"),
        (cut, "not a readable netCDF-4 file"),
        (tmp_path, "no such file"),
    ):
        code, out, err = call(command, path)
        assert (code, out) == (2, "")
        _is_one_line(err, str(path), words)
