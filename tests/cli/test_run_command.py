"""``timecone run``: both tables, the accounts, the files; an older run is never lost."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import timecone as tc
from small_scenario import content as small_content
from timecone.cli.main import main
from timecone.models import find
from timecone.results.tables.accounts import ERROR_NOTE

FIGURES = ["arrival.png", "duration.png", "trajectory.png"]
# Only of a model that has extras; the compute model's need not be written down here.
EXTRAS = ["extras.csv", "flags.csv"] if find("compute").extras else []
FILES = ["run.nc", "probabilities.csv", "percentiles.csv", *EXTRAS, "choices.csv", *FIGURES]


@pytest.fixture(scope="module")
def ran(baseline_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """Return the folder of a run, its exit code and what was printed."""
    folder = tmp_path_factory.mktemp("ran") / "deep" / "out"
    arguments = ["-n", "1500", "--seed", "5", "--out", str(folder), "--paths", "3"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main(["run", str(baseline_file), *arguments])
    return folder, code, out.getvalue()


def test_it_prints_both_tables_the_accounts_and_the_files(ran: tuple) -> None:
    folder, code, out = ran
    assert code == 0
    for words in (
        "Probability by the end of the year",
        "Year at each percentile",
        "not by",
        "Conditions: ",
        "if biological anchors hold",
        "Takeoff duration in years",
        ERROR_NOTE,
    ):
        assert words in out
    run = tc.open_run(folder / "run.nc")
    removed = int((run["outcomes"]["standing"] == 1).sum())
    assert f"1,500 draws: {1500 - removed:,} counted, 0 failed, {removed} removed" in out
    assert f"run {run.attrs['run_id']}" in out
    assert f"timecone reproduce {folder / 'run.nc'}" in out
    assert out.splitlines()[-len(FILES) :] == [f"  {folder / name}" for name in FILES]


def test_it_writes_the_run_the_tables_and_the_figures(ran: tuple) -> None:
    folder = ran[0]
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    run = tc.open_run(folder / "run.nc")
    assert (run.attrs["draws"], run.attrs["seed"], run["paths"].sizes["path"]) == (1500, 5, 3)
    for name in FIGURES:
        with Image.open(folder / name) as image:
            assert image.info["Description"].startswith(f"timecone run {run.attrs['run_id']}\n")


def test_the_run_file_is_the_run_of_the_api(ran: tuple, baseline: tc.Scenario) -> None:
    folder = ran[0]
    stored = tc.open_run(folder / "run.nc")
    again = tc.simulate(baseline, draws=1500, seed=5, paths=3)
    for group in ("inputs", "outcomes", "paths", "summary"):
        assert stored[group].dataset.equals(again[group].dataset)


def test_the_csv_tables_are_those_of_the_api(ran: tuple) -> None:
    folder = ran[0]
    run = tc.open_run(folder / "run.nc")
    by_year = pd.read_csv(folder / "probabilities.csv", keep_default_na=False)
    row = by_year[(by_year.quantity == "tai") & (by_year.condition == "") & (by_year.year == 2040)]
    found = tc.probability_by(run, "tai", [2040])
    assert row.probability.item() == float(found[0])
    assert (row.lower.item(), row.upper.item()) == (float(found.lower[0]), float(found.upper[0]))
    assert row.not_by_horizon.item() == pytest.approx(found.attrs["not_by_horizon"], rel=1e-12)
    at_percentile = pd.read_csv(folder / "percentiles.csv", keep_default_na=False)
    tai = at_percentile[(at_percentile.quantity == "tai") & (at_percentile.condition == "")]
    assert tai["value"].tolist() == tc.percentiles(run, "tai").values.tolist()
    assert float("inf") in tai["value"].tolist()


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_json_is_the_only_output_and_has_both_tables(
    call: Callable, baseline_file: Path, tmp_path: Path
) -> None:
    code, out, _ = call("run", baseline_file, "-n", 1500, "--seed", 5, "--out", tmp_path, "--json")
    assert code == 0
    found = json.loads(out)
    run = tc.open_run(tmp_path / "run.nc")
    assert found["run_id"] == run.attrs["run_id"]
    assert found["conditions"] == run.attrs["conditions"]
    assert found["accounts"]["counted"] + found["accounts"]["removed_not_yet"] == 1500
    assert found["files"] == [str(tmp_path / name) for name in FILES]
    values = [r["value"] for r in found["percentiles"]
              if r["quantity"] == "tai" and not r["condition"]]  # fmt: skip
    expected = tc.percentiles(run, "tai").values
    # JSON has no infinity: beyond the horizon is null.
    assert values == [None if v == float("inf") else pytest.approx(v, abs=1e-9) for v in expected]
    (tai,) = [r for r in found["probabilities"]
              if r["quantity"] == "tai" and not r["condition"] and r["year"] == 2040]  # fmt: skip
    assert tai["probability"] == pytest.approx(float(tc.probability_by(run, "tai", [2040])[0]))


@pytest.mark.slow
def test_quiet_prints_nothing(call: Callable, small_file: Path, tmp_path: Path) -> None:
    result = call("run", small_file, "-n", 500, "--out", tmp_path, "--quiet")
    assert result == (0, "", "")
    assert (tmp_path / "run.nc").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_draws_and_seed_are_the_scenarios_unless_given(
    call: Callable, write: Callable, tmp_path: Path
) -> None:
    path = write(small_content() | {"run": {"draws": 640, "seed": 9}})
    call("run", path, "--out", tmp_path / "own", "-q")
    call("run", path, "--out", tmp_path / "given", "-q", "-n", 320, "--seed", 3)
    own, given = (tc.open_run(tmp_path / name / "run.nc").attrs for name in ("own", "given"))
    assert (own["draws"], own["seed"]) == (640, 9)
    assert (given["draws"], given["seed"]) == (320, 3)


@pytest.mark.usefixtures("_no_figures")
def test_the_folder_is_named_after_the_scenario(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call("run", small_file, "-n", 64, "-q")
    assert (tmp_path / "runs" / "horizons" / "run.nc").is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_a_run_of_other_numbers_sets_the_older_file_aside(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    call("run", small_file, "-n", 500, "--seed", 1, "--out", tmp_path, "-q")
    older = (tmp_path / "run.nc").read_bytes()
    run_id = tc.open_run(tmp_path / "run.nc").attrs["run_id"]
    call("run", small_file, "-n", 500, "--seed", 2, "--out", tmp_path, "-q")
    assert (tmp_path / f"run-{run_id}.nc").read_bytes() == older
    assert tc.open_run(tmp_path / "run.nc").attrs["seed"] == 2


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_a_run_of_the_same_numbers_replaces_the_file(
    call: Callable, small_file: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        call("run", small_file, "-n", 500, "--seed", 1, "--out", tmp_path, "-q")
    assert [p.name for p in tmp_path.glob("*.nc")] == ["run.nc"]


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
def test_a_file_of_another_program_is_set_aside_too(call: Callable, small_file: Path, tmp_path: Path) -> None:
    for text in ("first", "second"):
        (tmp_path / "run.nc").write_text(text, encoding="utf-8")
        assert call("run", small_file, "-n", 64, "--out", tmp_path, "-q").code == 0
    kept = [p.read_bytes() for p in tmp_path.glob("run-*.nc")]
    assert b"first" in kept
    assert b"second" in kept


def test_the_run_is_kept_where_figures_cannot_be_drawn(
    call: Callable, small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert call("run", small_file, "-n", 500, "--out", tmp_path, "-q").code == 1
    assert tc.open_run(tmp_path / "run.nc").attrs["draws"] == 500


@pytest.mark.slow
@pytest.mark.usefixtures("_no_figures")
@pytest.mark.parametrize("draws", [1, 2, 10])
def test_few_draws_have_wide_intervals(
    call: Callable, baseline_file: Path, tmp_path: Path, draws: int
) -> None:
    out = call("run", baseline_file, "-n", draws, "--seed", 3, "--out", tmp_path).out
    by_year, at_percentile = out.split("Year at each percentile")
    ends = [word for word in by_year.split() if re.fullmatch(r"[01]\.\d+", word)]
    # Of ten draws Wilson's interval is 0.28 wide at least, so three decimals are the most.
    assert ends
    assert all(len(word.partition(".")[2]) <= 3 for word in ends)
    rows = [line for line in at_percentile.splitlines() if line.startswith(" TAI ")]
    # No pair of so few draws holds 95 %: the interval of a percentile has no end.
    assert rows
    assert "≤2026 to" in at_percentile
    assert ">2126" in at_percentile


@pytest.mark.slow
def test_a_design_chosen_by_a_trial_is_told_and_kept_in_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    arguments = ["run", "open_loop", "-n", "2000", "--paths", "2", "--out", str(folder), "--design", "auto"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    run = tc.open_run(folder / "run.nc")
    assert run.attrs["design_choice"].startswith("Design: 2,048 Sobol' points in 8 replicates")
    assert "Design: 2,048 Sobol' points" in printed
    assert (run.attrs["design"], run.attrs["draws"]) == ("sobol", 2048)
    assert not tc.reproduce(run).different
    # Only random draws can go on until a precision is reached.
    assert main([*arguments, "--until", "years=1"]) == 2
    assert "--design" in capsys.readouterr().err
