"""Every form of a scenario: written, read back, identified; units, copulas, designs, independent twins."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

import timecone as tc
from edits import ABSENT, content_of, edited
from refusals import Refusal, refused
from timecone.scenario.file import dumps, loads, parse

P = "parameters"
DOUBLING, HALVING = "hardware.doubling_time", "algorithms.halving_time"
REQUIREMENT, GAP = "threshold.requirement", "automation.gap"
KEPT = {REQUIREMENT: ["threshold.reference_year"]}
SOURCE = {"source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
YEARS = {"unit": "year"} | SOURCE
POINT = {"distribution": "point", "value": 2}
PACE = {"quantities.pace": {"distribution": "lognormal", "median": 2, "sigma": 0.3} | YEARS}
SLOW = {"quantities.pace": {"distribution": "lognormal", "median": 3, "sigma": 0.3} | YEARS}


def doubling(**form: Any) -> dict[str, Any]:
    return {f"{P}.{DOUBLING}": form | YEARS}


def by_threshold(**others: Any) -> dict[str, Any]:
    """Return a form by choice whose first value comes about in another way."""
    return {"by": "threshold", "values": {"bio_anchors": others, "direct_approach": POINT,
                                          "full_takeoff": POINT}}  # fmt: skip


WORLD = {"choices.world": {"weights": {"open": 0.25, "closed": 0.75}} | SOURCE}
#: Pairs of scenarios that differ in one thing, by what that is.
FORMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "expression": (doubling(expression="1 + 2"), doubling(expression="1 + 3")),
    "quantity": (PACE | doubling(expression="pace"), PACE | doubling(expression="pace * 2")),
    "quantity's numbers": (
        PACE | doubling(expression="pace"),
        SLOW | doubling(expression="pace"),
    ),
    "points": (
        doubling(of=HALVING, points=[[4, 1], [8, 2]]), doubling(of=HALVING, points=[[4, 1], [8, 3]]),
    ),
    "interpolation": (
        doubling(of=HALVING, points=[[4, 1], [8, 2]], interpolation="step"),
        doubling(of=HALVING, points=[[4, 1], [8, 2]], interpolation="linear"),
    ),
    "table's quantity": (
        doubling(of=HALVING, points=[[4, 1], [8, 2]]), doubling(of=GAP, points=[[4, 1], [8, 2]]),
    ),
    "nested choice": (
        WORLD | doubling(**by_threshold(by="world", values={"open": POINT, "closed": POINT | {"value": 1}})),
        WORLD | doubling(**by_threshold(by="world", values={"open": POINT | {"value": 1}, "closed": POINT})),
    ),
    "formula in a choice": (
        doubling(**by_threshold(expression="1")), doubling(**by_threshold(expression="2")),
    ),
    "table in a choice": (
        doubling(**by_threshold(of=HALVING, points=[[1, 2]])),
        doubling(**by_threshold(of=HALVING, points=[[1, 3]])),
    ),
    "unit in a choice": (
        doubling(**by_threshold(distribution="point", value=2, unit="month")),
        doubling(**by_threshold(distribution="point", value=2, unit="quarter")),
    ),
    "copula": ({"copula": {"kind": "t", "df": 3}}, {"copula": {"kind": "t", "df": 4}}),
    "kind of copula": ({"copula": {"kind": "t", "df": 1e9}}, {"copula": {"kind": "gaussian"}}),
    "design": ({"run": {"design": "sobol"}}, {"run": {"design": "latin"}}),
    "replicates": (
        {"run": {"design": "sobol", "replicates": 16}}, {"run": {"design": "sobol", "replicates": 8}},
    ),
    "stratify": ({"run": {"stratify": True}}, {"run": {"stratify": False}}),
    "mixture": (
        doubling(distribution="mixture", components=[{"weight": 0.5, **POINT}, {"weight": 0.5} | POINT
                                                     | {"value": 3}]),
        doubling(distribution="mixture", components=[{"weight": 0.4, **POINT}, {"weight": 0.6} | POINT
                                                     | {"value": 3}]),
    ),
    "discrete": (
        doubling(distribution="discrete", values=[1, 2], probabilities=[0.25, 0.75]),
        doubling(distribution="discrete", values=[1, 2], probabilities=[0.75, 0.25]),
    ),
    "empirical": (
        doubling(distribution="empirical", values=[1, 2, 3]),
        doubling(distribution="empirical", values=[1, 2, 4]),
    ),
    "clamp": (
        doubling(distribution="uniform", low=1, high=3, clamp={"high": 2.5}),
        doubling(distribution="uniform", low=1, high=3, truncate={"high": 2.5}),
    ),
    "SciPy's distribution": (
        doubling(distribution="scipy.gumbel_r", loc=2, scale=0.1, truncate={"low": 1}),
        doubling(distribution="scipy.gumbel_l", loc=2, scale=0.1, truncate={"low": 1}),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


@pytest.mark.parametrize("case", FORMS)
def test_every_form_is_written_and_read_back(case: str, content: dict[str, Any]) -> None:
    scenario = parse(edited(content, FORMS[case][0]))
    again = loads(dumps(scenario))
    for field in type(scenario).model_fields:
        assert getattr(again, field) == getattr(scenario, field), field
    assert again == scenario
    assert dumps(again) == dumps(scenario)


@pytest.mark.parametrize("case", FORMS)
def test_every_form_reaches_the_digest(case: str, content: dict[str, Any]) -> None:
    one, other = (parse(edited(content, changes)).digest for changes in FORMS[case])
    assert len({one, other, parse(content).digest}) == (
        3 if case not in ("kind of copula", "stratify") else 2
    )


def test_units_of_what_a_formula_refers_to_reach_the_digest(content: dict[str, Any]) -> None:
    # Eight months and two thirds of a year are one distribution, but not one number in a formula.
    months = doubling(expression="algorithms.halving_time")
    point = {"distribution": "point", "source": "s", "as_of": date(2026, 1, 1), "basis": "guess"}
    free = {"correlations": []}
    scenarios = [
        parse(edited(content, months | free | {f"{P}.{HALVING}": point | {"value": value, "unit": unit}}))
        for value, unit in ((6, "month"), (0.5, "year"))
    ]
    assert scenarios[0].digest != scenarios[1].digest
    drawn = [float(tc.sample(scenario, 64)[DOUBLING][0]) for scenario in scenarios]
    assert drawn == [6.0, 0.5]


@pytest.mark.parametrize(
    "changes",
    [
        {"run": {"replicates": 16}},
        {"run": {"design": "random", "stratify": False}},
        {"not_yet.milestones": ["tai", "automation_50", "taken_over_20", "tai"]},
    ],
    ids=["replicates of independent draws", "defaults", "a milestone twice"],
)
def test_what_moves_no_draw_leaves_the_digest(changes: dict[str, Any], content: dict[str, Any]) -> None:
    assert parse(edited(content, changes)).digest == parse(content).digest


def test_without_correlations_no_copula_counts(content: dict[str, Any]) -> None:
    alone = {"correlations": ABSENT}
    heavy = alone | {"copula": {"kind": "t", "df": 3}}
    one, other = (parse(edited(content, changes)) for changes in (alone, heavy))
    assert one.equals(other)
    drawn = tc.sample(other, 256)
    for name, values in tc.sample(one, 256).items():
        np.testing.assert_array_equal(values, drawn[name])


@pytest.mark.parametrize(
    ("copula", "refusal"),
    [
        ({"kind": "t"}, Refusal("df-without-t-copula", "copula.df")),
        ({"df": 3}, Refusal("df-without-t-copula", "copula.df", got=3.0)),
        ({"kind": "t", "df": 0}, Refusal("out-of-range", "copula.df", got=0, names="above 0")),
        ({"kind": "T", "df": 3}, Refusal("unknown-value", "copula.kind", got="T")),
        ({"knd": "t"}, Refusal("unknown-key", "copula.knd", names="'kind'")),
        (3, Refusal("not-a-table", "copula", got=3)),
    ],
    ids=["no df", "df alone", "df of 0", "kind", "key", "no table"],
)
def test_wrong_copulas_are_refused(copula: Any, refusal: Refusal, content: dict[str, Any]) -> None:
    with refusal.expected():
        parse(edited(content, {"copula": copula}))


@pytest.mark.slow
def test_a_t_copula_keeps_the_rank_correlation_and_brings_extremes_together(content: dict[str, Any]) -> None:
    # Requirement by one distribution, so that ranks over all choices are ranks of scores.
    one = {"distribution": "normal", "mean": 33, "sd": 3, "unit": "log10 FLOP"} | SOURCE
    base = edited(content, {f"{P}.{REQUIREMENT}": one})
    draws, together = 100_000, {}
    for kind in ({"kind": "gaussian"}, {"kind": "t", "df": 3}):
        drawn = tc.sample(parse(edited(base, {"copula": kind})), draws, seed=1)
        x, y = drawn[REQUIREMENT].values, drawn[GAP].values
        # The standard error is below 1 / sqrt(100 000) = 0.0032: five of them.
        assert spearmanr(x, y).statistic == pytest.approx(0.5, abs=0.016)
        both = (x > np.quantile(x, 0.99)) & (y > np.quantile(y, 0.99))
        together[kind["kind"]] = both.mean() / 0.01
    # Of the draws with an extreme requirement, some 13 % have an extreme gap under the Gaussian copula and
    # some 33 % under the t copula; each share has a standard error of less than 0.015.
    assert together["t"] > together["gaussian"] + 0.1


@pytest.mark.parametrize("design", ["random", "sobol", "latin"])
def test_the_design_of_a_scenario_is_the_one_that_is_drawn(design: str, content: dict[str, Any]) -> None:
    drawn = tc.sample(parse(edited(content, {"run": {"design": design}})), 512, seed=1)
    scores = np.log(drawn["hardware.headroom"].values)
    ranks = np.sort(np.argsort(np.argsort(scores[:64])))
    assert len(ranks) == 64
    # Latin hypercubes and Sobol' points put one point of a replicate in each of its 64 strata.
    family = tc.LogNormal(p05=1.7, p95=6)
    edges = np.log(family.ppf(np.arange(1, 64) / 64))
    counts = np.bincount(np.searchsorted(edges, scores[:64]), minlength=64)
    assert np.all(counts == 1) == (design != "random")


def test_an_unknown_design_is_refused(content: dict[str, Any]) -> None:
    with refused("unknown-value", "run.design", got="halton"):
        parse(edited(content, {"run.design": "halton"}))


def test_the_order_of_a_file_moves_no_point_of_a_design(content: dict[str, Any]) -> None:
    other = {"distribution": "uniform", "low": 1, "high": 2} | YEARS
    changes = {"run": {"design": "sobol"}} | WORLD | doubling(
        by="world", values={"open": {"expression": "a"}, "closed": {"expression": "b"}}
    )  # fmt: skip
    one = edited(content, changes | {"quantities": content["quantities"] | {"a": other, "b": other}})
    two = {key: dict(reversed(value.items())) if key in ("quantities", "choices", "parameters") else value
           for key, value in one.items()}  # fmt: skip
    assert list(two["quantities"])[:2] == ["b", "a"]
    assert parse(one).digest == parse(two).digest
    first, second = (tc.sample(parse(c), 512, seed=1) for c in (one, two))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


P_TEST = np.array([0.001, 0.05, 0.5, 0.95, 0.999])


@pytest.mark.parametrize(
    ("name", "given", "in_model_unit"),
    [
        (REQUIREMENT, tc.LogNormal(p05=1e30, p95=1e36, unit="FLOP"), np.log10),
        (REQUIREMENT, tc.Uniform(low=1e30, high=1e36, unit="FLOP"), np.log10),
        (REQUIREMENT, tc.LogNormal(p05=1e12, p95=1e18, unit="EFLOP"), lambda x: np.log10(x) + 18.0),
        ("hardware.price_performance", tc.Normal(p05=17, p95=18, unit="log10 FLOP/USD"), lambda x: 10.0**x),
        ("hardware.price_performance", tc.Uniform(low=17, high=18, unit="log10 FLOP/USD"), lambda x: 10.0**x),
        ("hardware.price_performance", tc.Normal(p05=5, p95=6, unit="log10 TFLOP/USD"),
         lambda x: 10.0 ** (x + 12.0)),
    ],
    ids=["FLOP", "uniform FLOP", "EFLOP", "log10", "uniform log10", "log10 TFLOP"],
)  # fmt: skip
def test_logarithms_and_their_numbers_are_units_of_each_other(
    name: str, given: Any, in_model_unit: Any, baseline: tc.Scenario
) -> None:
    changed = baseline.replace({name: given}, keep=KEPT.get(name, ()))
    assert changed.parameters[name].unit == given.unit
    family = changed.compiled.inputs[name].leaf(changed.parameters[name].distributions[""])
    np.testing.assert_allclose(family.ppf(P_TEST), in_model_unit(given.ppf(P_TEST)), rtol=1e-7)
    again = loads(dumps(changed))
    assert again == changed
    for field in type(changed).model_fields:
        assert getattr(again, field) == getattr(changed, field), field


def test_a_requirement_in_flop_is_the_one_in_log10_flop(baseline: tc.Scenario) -> None:
    one = baseline.replace(
        {REQUIREMENT: tc.LogNormal(p05=1e30, p95=1e36, unit="FLOP")}, keep=KEPT[REQUIREMENT]
    )
    other = baseline.replace(
        {REQUIREMENT: tc.Normal(p05=30, p95=36, unit="log10 FLOP")}, keep=KEPT[REQUIREMENT]
    )
    assert one.digest == other.digest
    drawn = [tc.sample(scenario, 512, seed=1)[REQUIREMENT].values for scenario in (one, other)]
    np.testing.assert_allclose(*drawn, rtol=1e-13)


def test_a_distribution_that_reaches_0_has_no_logarithm(baseline: tc.Scenario) -> None:
    with refused("logarithm-of-nonpositive", f"{P}.{REQUIREMENT}"):
        baseline.replace({REQUIREMENT: tc.Normal(mean=1e30, sd=1e30, unit="FLOP")}, keep=KEPT[REQUIREMENT])


def test_the_independent_twin_has_the_same_marginals_and_no_correlation(content: dict[str, Any]) -> None:
    scenario = parse(edited(content, {"copula": {"kind": "t", "df": 4}}))
    twin = scenario.independent()
    assert (twin.name, twin.correlations) == ("baseline-independent", ())
    assert twin.parameters == scenario.parameters
    assert twin.digest != scenario.digest
    one, other = tc.sample(scenario, 20_000, seed=1), tc.sample(twin, 20_000, seed=1)
    correlated = {name for pair in scenario.correlations for name in pair.between}
    correlated |= {
        name for name, each in scenario.parameters.items() if not correlated.isdisjoint(each.mentioned)
    }
    for name in one:
        if name.removesuffix("_past") not in correlated:
            np.testing.assert_array_equal(one[name], other[name])
    bio = one["choice_threshold"].values == 0
    achieved = [spearmanr(d[REQUIREMENT].values[bio], d[GAP].values[bio]).statistic for d in (one, other)]
    # Some 8000 draws: a standard error of 0.011 at most; five of them.
    np.testing.assert_allclose(achieved, [0.5, 0.0], atol=0.056)
