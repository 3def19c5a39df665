"""The commands that analyse runs: what they print, and one line for what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import timecone as tc
from timecone.scenario.file import parse
from toy_model import open_content

DRAWS = 2000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    baseline = tc.load("baseline")
    runs = {
        "baseline": tc.simulate(baseline, draws=DRAWS, seed=1, paths=0),
        "other": tc.simulate(baseline.without("software_feedback"), draws=DRAWS, seed=1, paths=0),
        "seed": tc.simulate(baseline, draws=DRAWS, seed=2, paths=0),
        # A scenario that changes only what nothing reads.
        "same": tc.simulate(baseline.replace({}, name="renamed"), draws=DRAWS, seed=1, paths=0),
        "few": tc.simulate(baseline, draws=1000, seed=1, paths=0, keep=10),
        "model": tc.simulate(parse(open_content()), draws=DRAWS, seed=1, paths=0),
    }
    return {name: tc.save_run(run, folder / f"{name}.nc") for name, run in runs.items()}


@pytest.mark.slow
def test_drivers_prints_inputs_indices_and_grades(call, files) -> None:
    result = call("drivers", files["baseline"], "--target", "tai:2035", "--top", "3")
    assert result.code == 0
    for text in ("threshold.requirement", "PAWN", "P(TAI by 2035)", "guess", "stored draws count"):
        assert text in result.out
    records = json.loads(call("drivers", files["baseline"], "--target", "tai@90", "--json").out)
    assert records["asked"] == "P90 of TAI"
    assert {"low", "high", "pawn", "pawn_chance", "narrowing"} <= set(records["inputs"][0])


@pytest.mark.slow
def test_compare_prints_paired_differences_and_their_attribution(call, files) -> None:
    result = call("compare", files["baseline"], files["other"], "--attribute", "tai:2035", "--draws", "1000")
    assert result.code == 0
    for text in ("True (by default)", "difference with paired errors", "Shift of each draw", "Shapley"):
        assert text in result.out
    assert result.err == ""
    (record,) = json.loads(
        call("compare", files["baseline"], files["other"], "--attribute", "tai", "-n", "500", "--json").out
    )
    assert [change["change"] for change in record["attribution"]["changes"]] == [
        "components.software_feedback"
    ]


def test_compare_says_that_random_numbers_are_not_shared(call, files) -> None:
    result = call("compare", files["baseline"], files["seed"])
    assert result.code == 0
    assert "do not share random numbers" in result.err
    assert "Shift of each draw" not in result.out


@pytest.mark.slow
def test_compare_warns_of_identical_runs(call, files) -> None:
    result = call("compare", files["baseline"], files["same"])
    assert result.code == 0
    assert "identical draws" in result.err


REFUSED = {
    "no target": (("drivers", "baseline", "--target", "tai@@"), "--target", "tai@@"),
    "unknown quantity": (("drivers", "baseline", "--target", "taj"), "taj", "tai"),
    "duration by a year": (
        ("drivers", "baseline", "--target", "takeoff_duration:2035"),
        "duration",
        "percentiles",
    ),
    "year past the horizon": (("drivers", "baseline", "--target", "tai:2500"), "2500", "2125"),
    "no inputs to print": (("drivers", "baseline", "--top", "0"), "--top", "at least 1"),
    "too few stored draws": (("drivers", "few"), "at least 1000", "keep more"),
    "one run": (("compare", "baseline"), "A B", "two runs"),
    "two models": (("compare", "baseline", "model"), "different models", "compute and rig"),
    "report on two models": (("report", "baseline", "--compare", "model"), "different models", "one model"),
    "unknown format": (("compare", "baseline", "other", "--format", "xml"), "--format", "markdown"),
    "attribution under a condition": (
        ("compare", "baseline", "other", "--attribute", "tai", "--given", "tai < 2050"),
        "--given",
        "Leave out",
    ),
    "attribution as Markdown": (
        ("compare", "baseline", "other", "--attribute", "tai", "--format", "markdown"),
        "--format",
        "JSON",
    ),
    "unknown name in a condition": (("percentiles", "baseline", "--given", "tay < 2030"), "tay", "tai"),
    "a condition that nothing meets": (
        ("percentiles", "baseline", "--given", "tai < 2000"),
        "0 draws",
        "at least 100",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_takes_one_line(call, files, case: str) -> None:
    arguments, *texts = REFUSED[case]
    result = call(*(files.get(argument, argument) for argument in arguments))
    assert result.code == 2
    assert result.err.count("\n") == 1
    for text in texts:
        assert text in result.err


def test_reweight_says_what_changes_in_the_words_of_compare(call, files, tmp_path: Path) -> None:
    other = tmp_path / "slower.toml"
    other.write_text(
        'extends = "baseline"\nname = "slower"\n[parameters.algorithms.halving_time]\n'
        'distribution = "lognormal"\np05 = 6\np95 = 20\nunit = "month"\n'
        'source = "For the test"\nas_of = 2026-08-22\nbasis = "guess"\n'
    )
    result = call("reweight", files["baseline"], "--to", other)
    assert result.code == 0
    for text in ("Inputs that differ", "the difference with paired errors", "k-hat"):
        assert text in result.out


@pytest.mark.slow
def test_report_says_what_drives_and_what_changed(call, files, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    assert call("report", files["other"], "--compare", files["baseline"], "--out", page).code == 0
    text = page.read_text()
    assert (
        text.index("### What drives it")
        < text.index("### What differs from the other run")
        < text.index("### Inputs")
    )
    assert "Shift of each draw" in text
    assert call("report", files["few"], "--out", page).code == 0
    assert "Not shown:" in page.read_text()
