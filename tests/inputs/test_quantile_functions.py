"""Quantile functions of formulas, against SciPy and against the definition of a truncation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

import timecone as tc
from calculator import SOURCE, UNIFORM, calculator, formula
from refusals import refused
from timecone.inputs.expression import Expression
from timecone.inputs.quantile_functions import QUANTILE_FUNCTIONS
from timecone.scenario.file import parse

U = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 997), [1 - 1e-6, 1 - 1e-12]])
CASES = {
    "normal": ((3.0, 2.0), stats.norm(3, 2)),
    "lognormal": ((3.0, 0.7), stats.lognorm(0.7, scale=3)),
    "uniform": ((-1.0, 4.0), stats.uniform(-1, 5)),
    "loguniform": ((0.5, 40.0), stats.loguniform(0.5, 40)),
    "triangular": ((1.0, 2.0, 5.0), stats.triang(0.25, loc=1, scale=4)),
    "exponential": ((3.0,), stats.expon(scale=3)),
    "weibull": ((1.7, 3.0), stats.weibull_min(1.7, scale=3)),
    "pareto": ((2.0, 3.0), stats.pareto(3, scale=2)),
    "lindy": ((364.0,), stats.lomax(1, scale=364)),
    "gamma": ((2.5, 3.0), stats.gamma(2.5, scale=3)),
    "beta": ((2.0, 5.0), stats.beta(2, 5)),
    "student_t": ((4.0, 3.0, 2.0), stats.t(4, loc=3, scale=2)),
}


def test_every_quantile_function_is_compared() -> None:
    assert set(CASES) == set(QUANTILE_FUNCTIONS)


@pytest.mark.parametrize("name", CASES)
def test_quantiles_are_those_of_scipy(name: str) -> None:
    parameters, defined = CASES[name]
    found = Expression(f"{name}(u, {', '.join(map(str, parameters))})")({"u": U})
    np.testing.assert_allclose(found, defined.ppf(U), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("levels", [(0.1, 0.8), (0.6, 0.95), (0.02, 0.3), (0.0, 0.5), (0.5, 1.0)])
@pytest.mark.parametrize("name", CASES)
def test_a_truncation_is_conditional(name: str, levels: tuple[float, float]) -> None:
    parameters, defined = CASES[name]
    low, high = defined.ppf(levels)
    values = {"u": U, "a": np.float64(low), "b": np.float64(high)}
    found = Expression(f"{name}(u, {', '.join(map(str, parameters))}, a, b)")(values)
    inside = U[(U > 1e-9) & (U < 1 - 1e-9)]
    expected = defined.ppf(levels[0] + (levels[1] - levels[0]) * inside)
    np.testing.assert_allclose(found[(U > 1e-9) & (U < 1 - 1e-9)], expected, rtol=1e-7, atol=1e-9)
    assert found.min() >= low
    assert found.max() <= high


def test_a_truncation_far_in_the_tail_keeps_its_digits() -> None:
    found = QUANTILE_FUNCTIONS["normal"](U, 0.0, 1.0, 12.0, np.inf)
    # The exponential limit of the normal tail, to first order; and exactly by the survival function.
    expected = stats.norm.isf(stats.norm.sf(12.0) * (1.0 - U))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    "text",
    ["normal(u, 0, 0 - s)", "normal(u + 2, 0, s)", "normal(0 - u, 0, s)", "gamma(u, 0, s)",
     "normal(u, 0, s, 3, 2)", "uniform(u, 0, 1, 2, 3)", "uniform(u, s, 0)"],
)  # fmt: skip
def test_what_is_no_distribution_is_a_fault_of_the_draw(text: str) -> None:
    value, fault = Expression(text).evaluate({"u": U, "s": np.ones_like(U)}, {}, 1)
    assert np.isnan(value).all()
    assert fault is not None
    assert (fault == 1).all()


@pytest.mark.parametrize(
    "text", ["normal(u, 1)", "normal(u, 1, 2, 3)", "normal(u, 1, 2, 3, 4, 5)", "triangular(u, 1, 2, 3, 4)"]
)
def test_another_number_of_arguments_is_refused_with_the_right_ones(text: str) -> None:
    wanted = {"normal": "normal(u, mean, sd)", "triangular": "triangular(u, low, mode, high)"}
    with refused("wrong-argument-count", names=wanted[text.partition("(")[0]]):
        Expression(text)


SD = {"distribution": "uniform", "low": 1, "high": 2, "unit": "1"} | SOURCE


def test_a_normal_with_an_uncertain_spread_is_a_scale_mixture() -> None:
    content = calculator(formula("normal(u, 25, sd)"), u=UNIFORM, sd=SD)
    values = tc.sample(parse(content), 20_000, seed=4)["threshold.requirement"].values
    grid = np.linspace(15.0, 35.0, 401)
    cdf = integrate.quad_vec(lambda sd: stats.norm.cdf(grid, 25.0, sd), 1.0, 2.0)[0]
    found = stats.kstest(values, lambda x: np.interp(x, grid, cdf), method="asymp")
    assert found.statistic < stats.kstwo.isf(1e-6, 20_000)
    assert stats.kstest(values, stats.norm(25, 1.0).cdf).statistic > stats.kstwo.isf(1e-6, 20_000)


def test_a_spread_that_is_negative_in_some_draws_fails_in_these() -> None:
    sd = SD | {"low": -1, "high": 3}
    content = calculator(formula("normal(u, 25, sd)"), u=UNIFORM, sd=sd)
    run = tc.simulate(parse(content), draws=4096, seed=4, threads=1, paths=0)
    failed = np.isnan(run["inputs"]["threshold.requirement"].values)
    np.testing.assert_array_equal(failed, run["inputs"]["sd"].values <= 0.0)
    flags = run["outcomes"]["failure"]
    names = np.array(flags.attrs["flag_meanings"].split())[flags.values[failed]]
    assert set(names) == {"undefined@threshold.requirement"}


def test_a_name_in_place_of_a_number_names_the_way() -> None:
    requirement = {"distribution": "normal", "mean": 25, "sd": "sd", "unit": "log10 FLOP"} | SOURCE
    with refused(
        "argument-not-a-number", "parameters.threshold.requirement", got="sd", names='"normal(u, mean, sd)"'
    ):
        parse(calculator(requirement, sd=SD))


def test_a_mixture_with_a_formula_names_the_way_and_the_way_works() -> None:
    parts = [{"weight": 0.3, "expression": "2 * sd"}, {"weight": 0.7, "distribution": "point", "value": 9}]
    mixture = {"distribution": "mixture", "components": parts, "unit": "log10 FLOP"} | SOURCE
    with refused(
        "incomplete-mixture-component",
        "parameters.threshold.requirement.components[0]",
        got={"weight": 0.3, "expression": "2 * sd"},
    ):
        parse(calculator(mixture, sd=SD))
    forms = {"double": {"expression": "2 * sd"}, "nine": {"distribution": "point", "value": 9}}
    content = calculator({"by": "part", "values": forms, "unit": "log10 FLOP"} | SOURCE, sd=SD)
    content["choices"] = {"part": {"weights": {"double": 0.3, "nine": 0.7}} | SOURCE}
    inputs = tc.sample(parse(content), 8192, seed=1)
    nine = inputs["threshold.requirement"].values == 9.0
    assert stats.binomtest(int(nine.sum()), 8192, 0.7).pvalue > 1e-6
    np.testing.assert_array_equal(
        inputs["threshold.requirement"].values[~nine], 2.0 * inputs["sd"].values[~nine]
    )
