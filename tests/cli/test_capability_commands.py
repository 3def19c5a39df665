"""The models of AI capability by command: designs, conditions, drivers, sweeps, pages, precision, pools."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import timecone as tc
from refusals import Refusal

pytestmark = pytest.mark.slow

SLOW = pytest.mark.slow


class Case(NamedTuple):
    """A preset, its headline, a condition that many draws meet, and a sweep."""

    preset: str
    headline: str
    given: str
    swept: str


CASES = (
    pytest.param(
        Case(
            "ai2027/time_horizon_eli_2025_05",
            "superhuman_coder",
            "gap.cost_and_speed < 5",
            "horizon.now=0.1,1",
        ),
        marks=SLOW,
    ),
    pytest.param(
        Case("ai2027/benchmarks_eli", "superhuman_coder", "growth == 'exponential'", "gap.other=1,12"),
        marks=SLOW,
    ),
    pytest.param(
        Case("ai2027/takeoff", "superintelligence", "superhuman_researcher < 2028", "multiplier.coder=2,10"),
        marks=SLOW,
    ),
    Case(
        "software_explosion/davidson_2025",
        "three_years_in_twelve_months",
        "research.returns > 1",
        "research.speedup=2,32",
    ),
    pytest.param(
        Case("research_automation/kwa_2026", "share_99", "share_50 < 2026.7", "research.difficulty=0.4,0.9"),
        marks=SLOW,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.preset.replace("/", "-"))
@pytest.mark.usefixtures("_no_figures")
def test_a_run_answers_every_command(call: Callable, tmp_path: Path, case: Case) -> None:
    path = tc.save_run(tc.simulate(tc.load(case.preset), draws=1000, seed=1, paths=5), tmp_path / "run.nc")
    code, out, err = call("percentiles", path, case.headline, "--given", case.given)
    assert (code, err) == (0, "")
    assert f"Given that {case.given}" in " ".join(out.split())
    code, out, _ = call("drivers", path, "--target", f"{case.headline}:2030", "--json")
    assert code == 0
    assert json.loads(out)["asked"].startswith("P(")
    code, out, _ = call("sweep", case.preset, "--parameter", case.swept, "--draws", 500)
    assert code == 0
    # Of a pure number no unit is printed.
    assert "(1)" not in out
    assert case.swept.partition("=")[0] in out
    code, _, err = call("report", path, "--out", tmp_path / "page.md")
    assert (code, err) == (0, "")
    assert "What drives it" in (tmp_path / "page.md").read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.preset.replace("/", "-"))
def test_three_designs_agree_on_the_headline(tmp_path: Path, case: Case) -> None:
    shares = {}
    for design in ("random", "sobol", "latin"):
        text = f'extends = "{case.preset}"\nname = "designed"\n[run]\ndraws = 2048\nseed = 1\n'
        file = tmp_path / f"{design}.toml"
        file.write_text(f'{text}design = "{design}"\n', "utf-8")
        run = tc.simulate(tc.load(file), paths=0, threads=1)
        shares[design] = tc.probability_by(run, case.headline, [2030])
    for design in ("sobol", "latin"):
        # Four standard errors of the random run; those of the designs are smaller.
        error = 4.0 * (0.25 / 2048) ** 0.5
        assert abs(shares[design].item() - shares["random"].item()) < error


@SLOW
@pytest.mark.usefixtures("_no_figures")
def test_draws_are_added_until_a_number_is_precise(call: Callable, tmp_path: Path) -> None:
    arguments = ("--until", "probability=0.01", "--out", tmp_path / "run")
    code, _, err = call("run", "software_explosion/davidson_2025", *arguments)
    assert code == 0, err
    array = tc.probability_by(tc.open_run(tmp_path / "run" / "run.nc"), CASES[3].headline, [2030, 2032])
    assert 0.0 < float((array["upper"] - array["lower"]).max()) < 0.04


@pytest.mark.usefixtures("_no_figures")
def test_an_own_correlation_between_inputs_is_met(tmp_path: Path) -> None:
    file = tmp_path / "correlated.toml"
    file.write_text(
        'extends = "software_explosion/davidson_2025"\nname = "correlated"\n[[correlations]]\n'
        'between = ["research.returns", "research.speedup"]\nrho = 0.6\nsource = "a test"\n'
        'as_of = 2026-01-01\nbasis = "guess"\n',
        "utf-8",
    )
    values = tc.sample(tc.load(file), 4000, 1)
    ranks = values[["research.returns", "research.speedup"]].to_dataframe().rank()
    # The standard error of a rank correlation of 0.6 in 4000 draws is about 0.011.
    assert abs(ranks.corr().iloc[0, 1] - 0.6) < 0.045


def test_two_models_of_one_milestone_are_compared_and_two_milestones_pooled(
    call: Callable, tmp_path: Path
) -> None:
    names = {"first": "ai2027/time_horizon_eli", "second": "ai2027/benchmarks_eli", "third": "ai2027/takeoff"}
    runs = {
        name: tc.save_run(tc.simulate(tc.load(preset), draws=1000, seed=1, paths=0), tmp_path / f"{name}.nc")
        for name, preset in names.items()
    }
    code, out, _ = call("compare", runs["first"], runs["second"])
    assert code == 0
    assert "benchmarks_and_gaps" in out
    code, _, err = call("compare", runs["first"], runs["third"])
    assert code == 2
    assert "timecone pool" in err
    figure = tmp_path / "pool.png"
    arguments = ("--weights", "3,1", "--quantity", "superhuman_coder,superintelligence")
    code, out, err = call("pool", runs["first"], runs["third"], *arguments, "--figure", figure)
    assert (code, err) == (0, "")
    assert figure.exists()
    for text in (
        "pooled",
        "ai2027_time_horizon_eli 0.75",
        "at every cognitive task",
        "30 times as many agents",
    ):
        assert text in " ".join(out.split())
    code, out, _ = call("pool", runs["first"], runs["second"], "--weights", "1,1", "--json")
    assert code == 0
    answer = json.loads(out)
    assert set(answer["milestones"].values()) == {"superhuman_coder"}
    medians = [row["value"] for row in answer["percentiles"] if row["percentile"] == 50]
    assert 2026.0 < medians[0] < 2032.0


@pytest.mark.parametrize(
    ("arguments", "code", "where"),
    [
        (("--weights", "1"), "not-one-for-each-run", "--weights"),
        (("--weights", "1,much"), "weight-not-valid", "--weights"),
        (("--weights", "1,-1"), "weight-not-valid", "weights, ai2027_benchmarks_eli"),
        (("--weights", "1,1", "--quantity", "a,b,c"), "not-one-for-each-run", "--quantity"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    fails: Callable, tmp_path: Path, arguments: tuple[str, ...], code: str, where: str
) -> None:
    presets = ("ai2027/time_horizon_eli", "ai2027/benchmarks_eli")
    fails(Refusal(code, where), "pool", *presets, *arguments, "--draws", 200)
