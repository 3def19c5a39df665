"""Small inputs with a known answer: atoms that formulas ask for, ties, weights of 0, perfect correlation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import timecone as tc
from calculator import SOURCE, calculator, formula
from refusals import refused
from timecone.cli.inputs import correlation_rows, input_rows
from timecone.inputs.distributions import Distribution
from timecone.inputs.sample_file import read_sample
from timecone.scenario.file import parse

DRAWS = 20_000
LOGNORMAL = {"distribution": "lognormal", "median": 2, "sigma": 0.5}


def quantity(**form: Any) -> dict[str, Any]:
    return {"unit": "1"} | SOURCE | form


def scenario(expression: str, *pairs: tuple[str, str, float], **quantities: Any) -> tc.Scenario:
    content = calculator(formula(expression), **quantities)
    content["correlations"] = [{"between": [a, b], "rho": rho} | SOURCE for a, b, rho in pairs]
    return parse(content)


def drawn(found: tc.Scenario, draws: int = DRAWS) -> xr.Dataset:
    return tc.sample(found, draws, seed=3)


@pytest.mark.parametrize("design", ["random", "sobol", "latin"])
def test_a_formula_takes_the_branch_of_an_atom_in_its_share(design: str) -> None:
    parts = [
        {"weight": 0.3, "distribution": "point", "value": 0},
        {"weight": 0.7, "distribution": "lognormal", "p05": 1, "p95": 10},
    ]
    found = scenario(
        "where(delay == 0, 25, 30)", delay=quantity(distribution="mixture", components=parts)
    ).replace({}, run={"design": design, "draws": 16_384})
    inputs = tc.sample(found, 16_384)
    at_once = inputs["threshold.requirement"].values == 25.0
    np.testing.assert_array_equal(at_once, inputs["delay"].values == 0.0)
    assert stats.binomtest(int(at_once.sum()), 16_384, 0.3).pvalue > 1e-6
    assert inputs["delay"].values[~at_once].min() > 0.01


@pytest.mark.parametrize("unit", ["month", "day"])
def test_a_formula_meets_an_atom_in_the_unit_of_its_author(unit: str) -> None:
    # 5 months are no binary fraction of a year: converted back they are 5 months and a last bit.
    values = [5, 7, 11, 0.3]
    gap = {"distribution": "discrete", "values": values, "probabilities": [0.25] * 4, "unit": unit} | SOURCE
    content = calculator(formula(" + ".join(f"(hardware.doubling_time == {v})" for v in values)))
    content["parameters"]["hardware"]["doubling_time"] = gap
    inputs = tc.sample(parse(content), 2048, seed=1)
    np.testing.assert_array_equal(inputs["threshold.requirement"].values, 1.0)


def test_the_printed_correlation_is_that_of_the_values_with_what_is_attainable() -> None:
    a = quantity(distribution="discrete", values=[1, 2], probabilities=[0.9, 0.1])
    found = scenario("25 + a + b", ("a", "b", 0.7), a=a, b=quantity(**LOGNORMAL))
    (row,) = correlation_rows(found)
    inputs = drawn(found, 50_000)
    values = stats.spearmanr(inputs["a"].values, inputs["b"].values).statistic
    assert abs(row["achieved"] - values) < 5.0 * np.hypot(row["standard_error"], row["standard_error"])
    # Ranks of 0.9 below 0.1: sqrt(3 * 0.9 * 0.1), of a two-valued rank against a uniform one.
    assert row["attainable"] == pytest.approx(np.sqrt(3.0 * 0.9 * 0.1), abs=0.01)
    assert row["achieved"] < row["attainable"] < row["asked"]


def test_the_least_attainable_correlation_is_printed_for_a_negative_one() -> None:
    a = quantity(distribution="discrete", values=[1, 2], probabilities=[0.5, 0.5])
    (row,) = correlation_rows(scenario("25 + a + b", ("a", "b", -0.3), a=a, b=quantity(**LOGNORMAL)))
    assert row["attainable"] == pytest.approx(-np.sqrt(0.75), abs=0.01)
    assert row["achieved"] < 0.0


def test_continuous_quantities_attain_what_is_asked() -> None:
    found = scenario("25 + a + b", ("a", "b", 0.7), a=quantity(**LOGNORMAL), b=quantity(**LOGNORMAL))
    (row,) = correlation_rows(found)
    assert row["attainable"] == pytest.approx(1.0, abs=1e-12)
    assert row["achieved"] == pytest.approx(0.7, abs=5.0 * row["standard_error"])
    assert 0.001 < row["standard_error"] < 0.005


def test_the_printed_mean_of_a_sample_is_that_of_its_draws() -> None:
    ties = [0.0] * 19 + [100.0]
    for options, share in (({}, 0.075), ({"resample": True}, 0.05)):
        pauses = quantity(distribution="empirical", values=ties, **options)
        found = scenario("25 + pauses / 10", pauses=pauses)
        (row,) = (r for r in input_rows(found) if r["input"] == "pauses")
        values = drawn(found, 200_000)["pauses"].values
        assert row["mean"] == pytest.approx(values.mean(), abs=5.0 * values.std() / 200_000**0.5)
        assert np.mean(values > 0.0) == pytest.approx(share, abs=5.0 * np.sqrt(share / 200_000))
    assert row["mean"] == pytest.approx(5.0, rel=1e-12)
    assert row["remark"] == "20 values, drawn as they are"


def test_a_part_of_weight_0_is_never_drawn() -> None:
    q = quantity(distribution="discrete", values=[-1, 1], probabilities=[0, 1])
    part = {"weight": 0, "distribution": "point", "value": -1}
    r = quantity(distribution="mixture", components=[part, {"weight": 1} | LOGNORMAL])
    inputs = drawn(scenario("30 + 0 * q + 0 * r", q=q, r=r), 2048)
    np.testing.assert_array_equal(inputs["q"].values, 1.0)
    alone = drawn(scenario("30 + 0 * r", r=quantity(**LOGNORMAL)), 2048)
    np.testing.assert_allclose(inputs["r"].values, alone["r"].values, rtol=1e-5)


@pytest.mark.parametrize("df", [None, 4.0])
def test_perfectly_correlated_quantities_share_their_rank(df: float | None) -> None:
    names = {name: quantity(**LOGNORMAL) for name in "abcd"}
    content = calculator(formula("25 + a + b + c + d"), **names)
    pairs = {("a", "b"): 1, ("c", "b"): -1, ("a", "d"): 0.5}
    content["correlations"] = [{"between": list(pair), "rho": rho} | SOURCE for pair, rho in pairs.items()]
    if df is not None:
        content["copula"] = {"kind": "t", "df": df}
    inputs = drawn(parse(content))
    np.testing.assert_allclose(inputs["a"], inputs["b"], rtol=1e-12)
    np.testing.assert_allclose(inputs["a"] * inputs["c"], 4.0, rtol=1e-9)
    # What is unsaid of b and d follows from a and d.
    rho = stats.spearmanr(inputs["b"].values, inputs["d"].values).statistic
    assert rho == pytest.approx(0.5, abs=0.03)
    alone = drawn(parse(content | {"correlations": []}))
    np.testing.assert_array_equal(inputs["a"].values if df is None else alone["a"].values, alone["a"].values)


@pytest.mark.parametrize(
    "pairs",
    [
        {("a", "b"): 1, ("b", "c"): 1, ("a", "c"): 0.5},
        {("a", "b"): -1, ("a", "c"): 0.5, ("b", "c"): 0.5},
        {("a", "b"): 1, ("b", "c"): -1, ("a", "c"): 1},
    ],
)
def test_perfect_correlations_that_contradict_others_are_refused(pairs: dict[tuple[str, str], float]) -> None:
    with refused("inconsistent-correlations"):
        scenario(
            "25 + a + b + c", *((*pair, rho) for pair, rho in pairs.items()),
            **{name: quantity(**LOGNORMAL) for name in "abc"},
        )  # fmt: skip


def test_a_sample_takes_its_weights_from_a_column(tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("years,weight\n3,2\n1,1\n,5\n2,3\n", encoding="utf-8")
    about = {"file": "past.csv", "column": "years", "weights": "weight", "resample": True}
    arguments = read_sample(about, tmp_path)
    found = Distribution("empirical", arguments)
    np.testing.assert_array_equal(found.ppf([0.1, 0.2, 0.6, 0.7]), [1.0, 2.0, 2.0, 3.0])
    assert found.mean() == pytest.approx(13.0 / 6.0, rel=1e-14)
