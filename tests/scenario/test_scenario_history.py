"""A fragment fitted to history under a scenario: what it brings, what it cannot do, what is kept of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

import timecone as tc
from edits import content_of
from refusals import Refusal, refused
from timecone.cli.main import main
from timecone.errors import ScenarioError
from timecone.results.run_file.provenance import history_line
from timecone.scenario.file import dumps, load, loads

DOUBLING, GROWTH, HALVING = "hardware.doubling_time", "investment.growth", "algorithms.halving_time"
FITTED = (DOUBLING, GROWTH, HALVING)
ABOUT = 'source = "a fit"\nas_of = 2026-08-22\nbasis = "data"\n'
HISTORY = f"""
name = "trends"
title = "Trends of chips and models"

[history]
as_of = 2026-08-22
seed = 2026
draws = 4000
sampler = "NUTS"
divergences = 0
r_hat = 1.003
quick = false
chains = [1, 2, 3, 4]

[[history.files]]
file = "chips.csv"
sha256 = "{"0123" * 16}"

[[history.files]]
file = "models.csv"
sha256 = "{"4567" * 16}"

[history.diagnostics.ess]
doubling_time = 2100.5

[parameters.{DOUBLING}]
distribution = "percentiles"
space = "log"
p05 = 1.8
p50 = 2.2
p95 = 2.8
unit = "year"
{ABOUT}
[parameters.{GROWTH}]
distribution = "percentiles"
space = "log"
p05 = 2.2
p50 = 2.6
p95 = 3.1
unit = "x/year"
{ABOUT}
[parameters.{HALVING}]
distribution = "percentiles"
space = "log"
p05 = 5
p50 = 8
p95 = 14
unit = "month"
{ABOUT}
[[correlations]]
between = ["{GROWTH}", "{HALVING}"]
rho = 0.4
{ABOUT}
[[correlations]]
between = ["{DOUBLING}", "{GROWTH}"]
rho = -0.2
{ABOUT}"""


@pytest.fixture(scope="module")
def rest(baseline: tc.Scenario) -> dict[str, Any]:
    """Return the content of the baseline without what is fitted."""
    content = content_of(baseline)
    for name in FITTED:
        component, quantity = name.split(".")
        del content["parameters"][component][quantity]
    return content


@pytest.fixture
def whole(tmp_path: Path, rest: dict[str, Any]) -> Path:
    """Return a scenario that extends a fragment."""
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "trends.toml").write_text(HISTORY)
    path = tmp_path / "whole.toml"
    path.write_text('extends = "history/trends.toml"\n' + tomli_w.dumps(rest))
    return path


def _child(whole: Path, text: str) -> Path:
    path = whole.with_name("child.toml")
    path.write_text(f'extends = "{whole.name}"\n{text}')
    return path


def _pair(one: str, other: str, rho: float) -> str:
    return f'[[correlations]]\nbetween = ["{one}", "{other}"]\nrho = {rho}\n{ABOUT}'


def _rho(scenario: tc.Scenario) -> dict[frozenset[str], float]:
    return {frozenset(c.between): c.rho for c in scenario.correlations}


def test_a_scenario_stands_on_a_fragment(whole: Path, baseline: tc.Scenario) -> None:
    scenario = load(whole)
    assert scenario.name == "baseline"
    assert scenario.parameters[GROWTH].form == tc.PercentileTable(space="log", p05=2.2, p50=2.6, p95=3.1)
    assert set(scenario.parameters) == set(baseline.parameters)
    expected = _rho(baseline) | {frozenset((GROWTH, HALVING)): 0.4, frozenset((DOUBLING, GROWTH)): -0.2}
    assert _rho(scenario) == expected
    drawn = tc.sample(scenario, 20_000, seed=1)
    ranks = [np.argsort(np.argsort(drawn[name].values)) for name in (GROWTH, HALVING)]
    # Standard error 0.006.
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(0.4, abs=0.025)


@pytest.mark.parametrize("command", ["run", "check", "show"])
def test_a_fragment_alone_cannot_be_run(
    command: str, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(whole.parent / "history" / "trends.toml")]) == 2
    assert capsys.readouterr().err == (
        "timecone: trends.toml: a fragment without a model, time or conditions."
        " Extend it: write extends = with its name in a file that has them.\n"
    )


def test_what_has_a_model_or_no_history_is_no_fragment(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    for text in (
        HISTORY.replace("[history]", 'conditions = "none"\n[history]'),
        HISTORY[HISTORY.index("[parameters") :],
    ):
        path.write_text(text)
        with refused("missing-key", "a.toml: model"):
            load(path)


def test_history_is_kept_and_is_no_number(whole: Path) -> None:
    scenario = load(whole)
    assert scenario.history["as_of"] == date(2026, 8, 22)
    # What was read at the fit is named as it was then, not from this folder.
    assert [entry["file"] for entry in scenario.history["files"]] == ["chips.csv", "models.csv"]
    assert scenario.history["diagnostics"]["ess"]["doubling_time"] == 2100.5
    again = loads(dumps(scenario))
    for field in type(scenario).model_fields:
        assert getattr(again, field) == getattr(scenario, field), field
    assert dumps(again) == dumps(scenario)
    without = scenario.replace({}, history={})
    assert without.history == {}
    assert without.digest == scenario.digest
    with pytest.raises(TypeError):
        scenario.history["files"][0]["file"] = "other.csv"


def test_a_run_stores_its_history(whole: Path) -> None:
    run = tc.simulate(load(whole), draws=64, seed=1, paths=0)
    assert loads(run.attrs["scenario"]).history == load(whole).history


def test_history_holds_only_what_a_file_can(baseline: tc.Scenario) -> None:
    with refused("not-toml-value", "history", got="None"):
        baseline.replace({}, history={"seed": None})


def test_a_history_is_a_table(whole: Path) -> None:
    with refused("not-a-table", "child.toml: history", got=3):
        load(_child(whole, "history = 3\n"))


@pytest.mark.slow
def test_show_says_what_was_fitted_to_what(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(whole)]) == 0
    line = "History: fitted to chips.csv, models.csv, as of 2026-08-22, seed 2026, draws 4000\n"
    assert line in capsys.readouterr().out
    assert main(["show", str(whole), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["history"]
    assert (found["as_of"], found["files"][1]["file"]) == ("2026-08-22", "models.csv")


@pytest.mark.parametrize(
    ("history", "line"),
    [
        ({}, None),
        ({"files": {"chips.csv": "a1"}}, "fitted to chips.csv"),
        ({"files": ["a.csv", "b.csv"], "seed": 3}, "fitted to a.csv, b.csv, seed 3"),
        ({"files": "a.csv"}, "fitted to a.csv"),
        (
            {"sources": [{"name": "a.csv", "kind": "runs", "sha256": "01"}], "seed": 3},
            "fitted to a.csv, seed 3",
        ),
        ({"files": [{"name": "a.csv"}, {"path": "b.csv"}, {"x": 1}]}, "fitted to a.csv, b.csv, ?"),
        ({"as_of": date(2024, 1, 1)}, "fitted, as of 2024-01-01"),
        ({"files": "a\nb.csv"}, "fitted to a b.csv"),
    ],
    ids=["none", "table", "list", "one", "sources", "tables", "no files", "two lines"],
)
def test_a_history_is_told_in_one_line(
    history: dict[str, Any], line: str | None, baseline: tc.Scenario
) -> None:
    assert history_line(baseline.replace({}, history=history).history) == line


def test_a_pair_replaces_the_inherited_one_whichever_name_comes_first(whole: Path) -> None:
    before = _rho(load(whole))
    child = load(_child(whole, _pair(HALVING, GROWTH, 0.1)))
    assert _rho(child) == before | {frozenset((GROWTH, HALVING)): 0.1}
    assert len(child.correlations) == len(before)


def test_a_new_pair_joins_the_inherited_ones(whole: Path) -> None:
    child = load(_child(whole, _pair("hardware.headroom", DOUBLING, 0.3)))
    assert _rho(child) == _rho(load(whole)) | {frozenset(("hardware.headroom", DOUBLING)): 0.3}


def test_rho_0_drops_an_inherited_pair(whole: Path) -> None:
    child = load(_child(whole, _pair(GROWTH, HALVING, 0.0)))
    before = _rho(load(whole))
    del before[frozenset((GROWTH, HALVING))]
    assert _rho(child) == before
    # One that is not inherited says that both are independent, and stays.
    child = load(_child(whole, _pair("hardware.headroom", DOUBLING, 0)))
    assert _rho(child)[frozenset(("hardware.headroom", DOUBLING))] == 0.0


def test_a_parameter_stated_anew_keeps_its_correlations(whole: Path) -> None:
    stated = (
        f'[parameters.{GROWTH}]\ndistribution = "lognormal"\np05 = 1.5\np95 = 5\nunit = "x/year"\n{ABOUT}'
    )
    child = load(_child(whole, stated))
    assert _rho(child) == _rho(load(whole))
    before, after = (tc.sample(s, 4096, seed=1) for s in (load(whole), child))
    # Same scores, so the same order of draws.
    assert np.array_equal(np.argsort(before[GROWTH].values), np.argsort(after[GROWTH].values))


def test_a_parameter_made_certain_is_taken_out_of_its_correlations(whole: Path) -> None:
    certain = f'[parameters.{GROWTH}]\ndistribution = "point"\nvalue = 2.5\nunit = "x/year"\n{ABOUT}'
    place = "child.toml: correlations[6].between"
    with refused("certain-parameter-correlated", place, names="remove = "):
        load(_child(whole, certain))
    load(_child(whole, certain + _pair(GROWTH, HALVING, 0) + _pair(GROWTH, DOUBLING, 0)))
    removed = f'remove = [["{GROWTH}", "{HALVING}"], ["{DOUBLING}", "{GROWTH}"]]\n'
    child = load(_child(whole, removed + certain))
    assert not any(GROWTH in pair for pair in _rho(child))


def test_correlations_of_both_must_not_contradict_each_other(whole: Path) -> None:
    load(_child(whole, _pair(DOUBLING, HALVING, 0.1)))
    with refused("inconsistent-correlations", "child.toml: correlations"):
        load(_child(whole, _pair(GROWTH, HALVING, 0.95) + _pair(DOUBLING, HALVING, 0.9)))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (
            _pair(GROWTH, HALVING, 0).replace('source = "a fit"\n', ""),
            Refusal("missing-key", "child.toml: correlations[0].source"),
        ),
        (
            _pair(GROWTH, HALVING, 0.1) + _pair(GROWTH, DOUBLING, 1.5),
            Refusal("out-of-range", "child.toml: correlations[1].rho", got=1.5, names="at most 1"),
        ),
        (
            _pair(GROWTH, HALVING, 0.1) + _pair(HALVING, GROWTH, 0.1),
            Refusal(
                "invalid-correlation-pair",
                "child.toml: correlations[1].between",
                got=("algorithms.halving_time", "investment.growth"),
            ),
        ),
        ("correlations = 3\n", Refusal("not-an-array-of-tables", "child.toml: correlations")),
    ],
    ids=["no source", "rho", "twice", "no list"],
)
def test_a_wrong_pair_is_blamed_at_its_place_in_the_childs_file(
    whole: Path, text: str, refusal: Refusal
) -> None:
    with refusal.expected():
        load(_child(whole, text))


@pytest.mark.parametrize("text", ["correlations = 3\n", "correlations = [3]\n",
                                  'correlations = [{ between = [["a"], 3] }]\n'])  # fmt: skip
def test_a_wrong_pair_in_a_fragment_is_refused_in_one_line(whole: Path, text: str) -> None:
    (whole.parent / "history" / "trends.toml").write_text(text + HISTORY[: HISTORY.index("[[corr")])
    with pytest.raises(ScenarioError) as failure:
        load(_child(whole, _pair(GROWTH, HALVING, 0.1) if "[" in text else ""))
    assert failure.value.where.startswith("child.toml: correlations")
