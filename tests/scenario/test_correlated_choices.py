"""Choices in the rank correlations of a scenario: the order of values, what is refused, what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import timecone as tc
from edits import content_of, edited
from refusals import Refusal, refused
from timecone.cli.inputs import correlation_rows, print_inputs
from timecone.scenario.file import dumps, loads, parse

DOUBLING, GAP = "hardware.doubling_time", "automation.gap"
ABOUT = {"source": "a test", "as_of": "2026-01-01", "basis": "guess"}


def _pair(one: str, other: str, rho: float) -> dict[str, Any]:
    return {"between": (one, other), "rho": rho, "source": "a test", "as_of": "2026-01-01", "basis": "guess"}


def _joined(scenario: tc.Scenario, *pairs: dict[str, Any], **fields: Any) -> tc.Scenario:
    content = content_of(scenario)
    day = content["as_of"]
    content["correlations"] = [
        *content.get("correlations", []),
        *({**pair, "between": list(pair["between"]), "as_of": day} for pair in pairs),
    ]
    return parse(edited(content, fields))


@pytest.fixture(scope="module")
def joined(baseline: tc.Scenario) -> tc.Scenario:
    return _joined(baseline, _pair("data", DOUBLING, 0.7))


def _choice(scenario: tc.Scenario, name: str, draws: int = 4096) -> np.ndarray:
    """Return the values drawn for a choice, as texts."""
    drawn = tc.sample(scenario, draws, seed=5)[f"choice_{name}"]
    return np.array(drawn.attrs["flag_meanings"].split())[drawn.values]


def _values(scenario: tc.Scenario, choice: str, weights: dict[str, float]) -> tc.Scenario:
    changed = scenario.choices[choice].model_copy(update={"weights": weights})
    return scenario.replace({}, choices={**scenario.choices, choice: changed})


def test_a_scenario_file_and_the_python_api_say_the_same(baseline: tc.Scenario, joined: tc.Scenario) -> None:
    pair = baseline.correlations[0].model_copy(update={"between": ("data", DOUBLING), "rho": 0.7})
    stated = baseline.replace({}, correlations=(*baseline.correlations, pair))
    one, other = tc.sample(stated, 500, seed=1), tc.sample(joined, 500, seed=1)
    assert one.identical(other) or all(np.array_equal(one[name], other[name]) for name in one)


def test_a_correlated_choice_comes_back_from_its_file(joined: tc.Scenario) -> None:
    reversed_ = _values(joined, "data", {"escaped": 0.5, "binding": 0.5})
    for scenario in (joined, reversed_):
        again = loads(dumps(scenario))
        assert list(again.choices["data"].weights) == list(scenario.choices["data"].weights)
        np.testing.assert_array_equal(_choice(again, "data"), _choice(scenario, "data"))
        assert dumps(again) == dumps(scenario)


def test_values_rise_in_the_order_of_the_file(joined: tc.Scenario) -> None:
    assert list(joined.choices["data"].weights) == ["binding", "escaped"]
    reversed_ = _values(joined, "data", {"escaped": 0.5, "binding": 0.5})
    for scenario, higher in ((joined, "escaped"), (reversed_, "binding")):
        times, drawn = tc.sample(scenario, 4096, seed=5)[DOUBLING].values, _choice(scenario, "data")
        assert np.median(times[drawn == higher]) > 1.05 * np.median(times[drawn != higher])


def test_the_order_counts_only_where_the_choice_is_correlated(
    baseline: tc.Scenario, joined: tc.Scenario
) -> None:
    turned = {"escaped": 0.5, "binding": 0.5}
    run = {
        name: tc.simulate(s, draws=64, paths=0, seed=1).attrs["scenario_digest"]
        for name, s in {
            "baseline": baseline,
            "turned": _values(baseline, "data", turned),
            "joined": joined,
            "joined and turned": _values(joined, "data", turned),
        }.items()
    }
    assert run["baseline"] == run["turned"]
    assert len(set(run.values())) == 3


def test_other_inputs_keep_their_draws(baseline: tc.Scenario, joined: tc.Scenario) -> None:
    before, after = tc.sample(baseline, 1000, seed=2), tc.sample(joined, 1000, seed=2)
    # The quantity follows the choice, and of others only what follows either.
    moved = {name for name in before if not np.array_equal(before[name], after[name])}
    assert moved == {DOUBLING}


def test_a_run_with_a_correlated_choice_is_reproduced(joined: tc.Scenario) -> None:
    run = tc.simulate(joined, draws=500, seed=3, paths=2)
    assert tc.reproduce(run).different == {}


def test_the_achieved_and_the_most_attainable_correlation_are_printed(
    joined: tc.Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    row = next(row for row in correlation_rows(joined) if row["between"] == ["data", DOUBLING])
    # Of two equal halves and a continuous partner the most is sqrt(3) / 2; the latent normal scores with rho
    # have r = 2 sin(pi rho / 6), and the ranks of the values 2 sqrt(3) / pi asin(r / sqrt(2)) (Moran 1948).
    r = 2.0 * np.sin(np.pi * 0.7 / 6.0)
    assert row["attainable"] == pytest.approx(3.0**0.5 / 2.0, abs=2e-3)
    expected = 2.0 * 3.0**0.5 / np.pi * np.arcsin(r / 2.0**0.5)
    assert abs(row["achieved"] - expected) < 4.0 * row["standard_error"]
    print_inputs(joined)
    printed = " ".join(capsys.readouterr().out.split())
    assert f"Rank correlation data - {DOUBLING}: 0.7 asked, {row['achieved']:.3f} ±" in printed
    assert "the most attainable between values with ties" in printed
    assert "Choice data: binding 0.5, escaped 0.5, ranked in this order" in printed
    assert "Choice threshold: bio_anchors 0.4, direct_approach 0.3, full_takeoff 0.3 (" in printed


@pytest.mark.parametrize(
    ("pair", "where", "refusal"),
    [
        (
            _pair("dato", DOUBLING, 0.5),
            "correlations[6].between",
            Refusal("correlation-name-unknown", "correlations[6].between", got="dato", names="'data'"),
        ),
        (
            _pair("threshold", "threshold.reference_year", 0.5),
            "correlations[6].between",
            Refusal(
                "certain-parameter-correlated", "correlations[6].between", got="threshold.reference_year"
            ),
        ),
        (
            _pair("threshold", "threshold.requirement", 0.2),
            "parameters.threshold.requirement.by",
            Refusal(
                "conditional-distribution-correlated", "parameters.threshold.requirement.by", got="threshold"
            ),
        ),
        (
            _pair("data", "data", 0.5),
            "correlations[6].between",
            Refusal("invalid-correlation-pair", "correlations[6].between", got=("data", "data")),
        ),
    ],
)
def test_what_cannot_be_is_refused(
    baseline: tc.Scenario, pair: dict[str, Any], where: str, refusal: Refusal
) -> None:
    with refusal.expected():
        _joined(baseline, pair)


def test_a_certain_choice_has_no_rank(joined: tc.Scenario) -> None:
    with refused("certain-choice-correlated", "correlations[6].between"):
        _values(joined, "data", {"binding": 1.0, "escaped": 0.0})


def test_a_quantity_by_a_choice_may_be_correlated_with_what_goes_with_the_choice(
    baseline: tc.Scenario,
) -> None:
    # The requirement is stated by threshold and correlated with the gap, and the gap with threshold.
    scenario = _joined(baseline, _pair("threshold", GAP, 0.3))
    before, after = tc.sample(baseline, 20_000, seed=1), tc.sample(scenario, 20_000, seed=1)
    for value in range(3):
        one, other = (
            drawn["threshold.requirement"].values[drawn["choice_threshold"].values == value]
            for drawn in (before, after)
        )
        # Independent scores: the same distribution under each value. Errors of a median near 0.03 OOM.
        assert np.median(other) == pytest.approx(np.median(one), abs=0.15)
    with refused("conditional-distribution-correlated", "parameters.threshold.requirement.by"):
        _joined(baseline, _pair("threshold", GAP, 0.3), copula={"kind": "t", "df": 4.0})


def test_a_choice_that_is_gone_leaves_no_correlation(joined: tc.Scenario) -> None:
    binding = tc.Point(value=1.0, unit="1")
    changed = joined.replace({"data.binding": binding})
    assert "data" not in changed.choices
    assert {frozenset(c.between) for c in changed.correlations} == {
        frozenset(c.between) for c in joined.correlations if "data" not in c.between
    }


def test_a_file_drops_the_correlation_of_a_choice_that_it_leaves_without_use(
    joined: tc.Scenario, tmp_path: Path
) -> None:
    (tmp_path / "joined.toml").write_text(dumps(joined), encoding="utf-8")
    point = (
        'distribution = "point"\nvalue = 1.0\nunit = "1"\nsource = "t"\nas_of = 2026-01-01\nbasis = "guess"\n'
    )
    child = tmp_path / "child.toml"
    child.write_text(
        f'extends = "joined.toml"\nname = "child"\n[parameters.data.binding]\n{point}', encoding="utf-8"
    )
    assert "data" not in {name for c in tc.load(child).correlations for name in c.between}
    child.write_text(
        f'extends = "joined.toml"\nname = "child"\nremove = [["data", "{DOUBLING}"]]\n', encoding="utf-8"
    )
    loaded = tc.load(child)
    assert "data" in loaded.choices
    assert "data" not in {name for c in loaded.correlations for name in c.between}
