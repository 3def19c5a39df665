"""No command overwrites what it reads, and no run loses an older or fuller one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import timecone as tc
from timecone import files
from timecone.cli.folder import RESULTS
from timecone.staging import staged_folder

pytestmark = pytest.mark.usefixtures("_no_figures")


@pytest.fixture
def run(small_stored: Path, tmp_path: Path) -> Path:
    """Return a run file that may be overwritten, and links to it: symbolic and hard."""
    path = Path(shutil.copy(small_stored, tmp_path / "run.nc"))
    (tmp_path / "soft.nc").symlink_to(path)
    (tmp_path / "hard.nc").hardlink_to(path)
    return path


@pytest.mark.parametrize("name", ["run.nc", "soft.nc", "hard.nc"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "RUN", "--out", "OUT"],
        ["export", "RUN", "--to", "parquet", "--out", "OUT"],
        ["export", "RUN", "--to", "arviz", "--out", "OUT"],
        ["plot", "RUN", "--out", "OUT"],
        ["plot", "RUN", "--table", "OUT"],
        ["report", "RUN", "--out", "OUT"],
    ],
    ids=" ".join,
)
def test_an_input_is_not_overwritten(call: Callable, run: Path, name: str, arguments: list[str]) -> None:
    before = run.read_bytes()
    names = {"RUN": run, "OUT": run.with_name(name)}
    code, out, err = call(*(names.get(word, word) for word in arguments))
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "overwrite the input" in err
    assert run.read_bytes() == before
    assert (run.with_name("soft.nc").is_symlink(), run.with_name("hard.nc").read_bytes()) == (True, before)


def test_a_figure_and_its_table_are_two_files(call: Callable, run: Path) -> None:
    path = run.with_name("f.png")
    code, _, err = call("plot", run, "--out", path, "--table", path)
    assert (code, len(err.splitlines())) == (2, 1)
    assert not path.exists()


@pytest.mark.slow
def test_a_run_does_not_replace_a_file_of_its_scenario(
    call: Callable, baseline_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "percentiles.csv").write_text("gain\n1.0\n2.0\n4.0\n", encoding="utf-8")
    before = (tmp_path / "percentiles.csv").read_bytes()
    path = tmp_path / "s.toml"
    path.write_text(
        f"""extends = "{baseline_file}"
        name = "s"
        [quantities.gain]
        distribution = "empirical"
        file = "percentiles.csv"
        column = "gain"
        unit = "1"
        basis = "guess"
        source = "a test"
        as_of = 2026-01-01
        """,
        encoding="utf-8",
    )
    code, _, err = call("run", path, "-n", 64, "--out", tmp_path, "-q")
    assert code == 2
    assert "percentiles.csv" in err
    assert (tmp_path / "percentiles.csv").read_bytes() == before
    assert call("run", path, "-n", 64, "--out", tmp_path / "apart", "-q").code == 0


@pytest.mark.slow
def test_a_run_that_keeps_fewer_draws_keeps_the_fuller_one(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    arguments = ["run", small_file, "-n", 500, "--seed", 1, "--out", tmp_path]
    call(*arguments, "--paths", 9)
    fuller = (tmp_path / "run.nc").read_bytes()
    run_id = tc.open_run(tmp_path / "run.nc").attrs["run_id"]
    err = call(*arguments, "--keep", 100, "--paths", 2).err
    assert f"stores 500 draws (now 100) and 9 paths (now 2): it is kept as run-{run_id}.nc." in err
    assert (tmp_path / f"run-{run_id}.nc").read_bytes() == fuller
    assert tc.open_run(tmp_path / "run.nc")["outcomes"].sizes["draw"] == 100
    # The other way round nothing is lost, so nothing is kept.
    call(*arguments, "--paths", 9)
    assert sorted(p.name for p in tmp_path.glob("*.nc")) == sorted(["run.nc", f"run-{run_id}.nc"])


def test_a_second_run_into_a_folder_in_use_says_so_before_it_begins(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    with staged_folder(tmp_path, RESULTS):
        code, out, err = call("run", small_file, "-n", 64, "--out", tmp_path)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "another run is writing into this folder" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("full", range(1, 6))
def test_a_disk_that_fills_up_at_any_file_leaves_the_older_run(
    call: Callable,
    small_file: Path,
    small_stored: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    full: int,
) -> None:
    shutil.copytree(small_stored.parent, tmp_path, dirs_exist_ok=True)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    replace, calls = files._replace, []

    def fails(place: Path, raw: memoryview) -> None:
        calls.append(place)
        if len(calls) == full:
            raise OSError(28, "No space left on device")
        replace(place, raw)

    monkeypatch.setattr(files, "_replace", fails)
    code, out, err = call("run", small_file, "-n", 64, "--seed", 2, "--out", tmp_path)
    monkeypatch.undo()
    if len(calls) < full:
        assert code == 0
        return
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "the disk is full" in err
    assert "The older files are unchanged." in err
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + (full > 1)  # the run itself, where it was written


def test_a_folder_in_the_place_of_a_result_is_refused(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "run.nc").mkdir()
    code, _, err = call("run", small_file, "-n", 64, "--out", tmp_path, "-q")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "a folder is in the way" in err
