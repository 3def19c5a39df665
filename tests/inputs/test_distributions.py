"""How written arguments become a distribution: quantiles met, moments equivalent, tails as promised."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from refusals import refused
from timecone.inputs.arguments import level
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import FAMILIES

PAIRS = ((0.05, 0.95), (0.1, 0.5), (0.5, 0.999), (0.001, 0.01))
VALUES = ((1.3, 7.7), (1e-9, 2e-9), (4e8, 1.5e10))
BENT = {"p01": -3.0, "p05": 0.0, "p50": 0.001, "p95": 7.0, "p99_9": 7.5}
SKEWED = {"p02_5": 0.01, "p50": 8.0, "p97_5": 22.0}


def _key(probability: float) -> str:
    whole, _, rest = f"{100 * probability:.10g}".partition(".")
    return f"p{int(whole):02d}" + (f"_{rest}" if rest else "")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("p05", 0.05), ("p5", 0.05), ("p50", 0.5), ("p95", 0.95), ("p97_5", 0.975), ("p99_9", 0.999),
        ("p00_01", 0.0001), ("p94_9", 0.949), ("p0_5", 0.005), ("p00", 0.0),
    ],
)  # fmt: skip
def test_a_quantile_key_names_its_level(key: str, expected: float) -> None:
    assert level(key) == expected


@pytest.mark.parametrize("key", ["p", "p100", "p-5", "p5_", "p_5", "p5.5", "P05", "q05", "mean", "p05 ", ""])
def test_other_keys_name_no_level(key: str) -> None:
    assert level(key) is None


@pytest.mark.parametrize("family", ["uniform", "normal"])
@pytest.mark.parametrize("levels", PAIRS)
@pytest.mark.parametrize("values", [*VALUES, (-7.7, 1.3), (-2.0, -1.0)])
def test_linear_families_meet_both_quantiles(
    family: str, levels: tuple[float, float], values: tuple[float, float]
) -> None:
    given = Distribution(family, dict(zip(map(_key, levels), values, strict=True)))
    np.testing.assert_allclose(given.family.scipy().ppf(levels), values, rtol=1e-12)


@pytest.mark.parametrize("family", ["loguniform", "lognormal", "pareto"])
@pytest.mark.parametrize("levels", PAIRS)
@pytest.mark.parametrize("values", VALUES)
def test_positive_families_meet_both_quantiles(
    family: str, levels: tuple[float, float], values: tuple[float, float]
) -> None:
    # The family itself: some of these are so heavy that no distribution is made of them.
    fitted = FAMILIES[family].from_quantiles(np.array(levels), np.array(values), {})
    np.testing.assert_allclose(fitted.scipy().ppf(levels), values, rtol=1e-12)


@pytest.mark.parametrize("family", ["exponential", "lindy"])
@pytest.mark.parametrize("probability", [0.001, 0.05, 0.5, 0.95, 0.999])
def test_families_of_one_parameter_meet_their_quantile(family: str, probability: float) -> None:
    given = Distribution(family, {_key(probability): 3.7})
    np.testing.assert_allclose(given.family.scipy().ppf(probability), 3.7, rtol=1e-12)


@pytest.mark.parametrize("name", ["normal", "lognormal"])
def test_compiled_quantiles_meet_what_was_written(name: str) -> None:
    # Closed forms of the score: no table stands between the file and the number.
    given = Distribution(name, {"p05": 1.6, "p95": 3.5})
    np.testing.assert_allclose(given.ppf([0.05, 0.95]), [1.6, 3.5], rtol=1e-12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tc.LogNormal(mean=3, sd=2), tc.LogNormal(median=9 / np.sqrt(13), sigma=np.sqrt(np.log(13 / 9)))),
        (tc.Normal(mean=3, sd=2), tc.Normal(p05=3 - 2 * stats.norm.ppf(0.95), p50=3)),
        (tc.Exponential(mean=4), tc.Exponential(rate=0.25)),
        (tc.Exponential(mean=4), tc.Exponential(p50=4 * np.log(2))),
        (tc.Uniform(low=1, high=3), tc.Uniform(p25=1.5, p75=2.5)),
        (tc.LogUniform(low=1, high=100), tc.LogUniform(p25=10**0.5, p75=10**1.5)),
        (tc.Pareto(minimum=1, shape=1), tc.Pareto(p50=2, p75=4)),
        (tc.Lindy(age=7), tc.Lindy(p50=7)),
        (tc.Lindy(age=7), tc.Lindy(p75=21)),
    ],
)
def test_two_ways_of_writing_one_distribution_agree(one: Distribution, other: Distribution) -> None:
    p = np.linspace(0.001, 0.999, 999)
    np.testing.assert_allclose(one.ppf(p), other.ppf(p), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (tc.Point(value=-2), -2.0),
        (tc.Uniform(low=1, high=4), 2.5),
        (tc.LogUniform(low=1, high=np.e), np.e - 1.0),
        (tc.Normal(p05=1, p95=4), 2.5),
        (tc.LogNormal(mean=3, sd=2), 3.0),
        (tc.LogNormal(median=3, sigma=2), 3.0 * np.exp(2.0)),
        (tc.Exponential(rate=0.2), 5.0),
        (tc.Pareto(minimum=2, shape=3), 3.0),
        (tc.Pareto(minimum=2, shape=1), np.inf),
        (tc.Lindy(age=7), np.inf),
        (tc.PercentileTable(p05=1, p95=4), 2.5),
        (tc.Normal(mean=3, sd=2, truncate={"low": 0}), stats.truncnorm(-1.5, np.inf, 3, 2).mean()),
        (tc.Exponential(mean=2, truncate={"low": 1}), 3.0),
    ],
    ids=str,
)
def test_means_are_the_closed_forms(given: Distribution, expected: float) -> None:
    assert given.mean() == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("space", "given"), [("linear", BENT), ("linear", SKEWED), ("log", SKEWED)])
def test_a_table_passes_through_every_quantile(space: str, given: dict[str, float]) -> None:
    table = Distribution("percentiles", {"space": space, **given})
    levels = np.array([level(key) for key in given])
    np.testing.assert_allclose(table.ppf(levels), list(given.values()), rtol=1e-12, atol=1e-15)


def test_the_order_of_quantiles_in_the_file_means_nothing() -> None:
    p = np.linspace(0.001, 0.999, 999)
    expected = Distribution("percentiles", BENT).ppf(p)
    for keys in itertools.permutations(BENT):
        np.testing.assert_array_equal(
            Distribution("percentiles", {key: BENT[key] for key in keys}).ppf(p), expected
        )


@pytest.mark.parametrize(("space", "given"), [("linear", BENT), ("log", SKEWED)])
def test_the_tails_of_a_table_go_on_as_a_line_over_the_score(space: str, given: dict[str, float]) -> None:
    z = stats.norm.ppf([level(key) for key in given])
    y = np.array(list(given.values()))
    y = np.log(y) if space == "log" else y
    table = Distribution("percentiles", {"space": space, **given})
    for inner, outer, beyond in ((1, 0, -8.0), (1, 0, z[0] - 0.3), (-2, -1, z[-1] + 0.3), (-2, -1, 8.0)):
        line = y[outer] + (y[inner] - y[outer]) / (z[inner] - z[outer]) * (beyond - z[outer])
        found = table.family.compiled()(np.array([beyond]))[0]
        assert found == pytest.approx(np.exp(line) if space == "log" else line, rel=1e-11)


def test_a_table_of_a_normal_is_that_normal() -> None:
    normal = stats.norm(3, 2)
    keys = ("p01", "p05", "p20", "p50", "p90", "p99")
    table = Distribution("percentiles", {key: float(normal.ppf(level(key))) for key in keys})
    p = np.linspace(1e-6, 1 - 1e-6, 10_001)
    np.testing.assert_allclose(table.ppf(p), normal.ppf(p), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    "given",
    [
        tc.Point(value=2),
        tc.Uniform(low=1, high=2),
        tc.Normal(mean=1, sd=2),
        tc.LogNormal(median=8, sigma=1),
        tc.PercentileTable(p05=1, p50=2, p95=9),
    ],
    ids=str,
)
def test_quantiles_come_in_the_shape_of_the_probabilities(given: Distribution) -> None:
    row = given.ppf([0.05, 0.5, 0.95, 0.99])
    assert float(given.ppf(0.5)) == row[1]
    np.testing.assert_array_equal(given.ppf([[0.05, 0.5], [0.95, 0.99]]), row.reshape(2, 2))


@pytest.mark.parametrize(
    "number", [np.int64(3), np.float32(3), np.float64(3)], ids=lambda n: type(n).__name__
)
def test_numbers_of_numpy_are_numbers(number: float) -> None:
    np.testing.assert_array_equal(tc.Normal(mean=number, sd=2).ppf([0.1]), tc.Normal(mean=3, sd=2).ppf([0.1]))


def test_a_distribution_reads_as_it_was_written() -> None:
    assert str(tc.LogNormal(p05=3, p95=2e19)) == "lognormal(p05=3, p95=2e+19)"
    assert str(tc.PercentileTable(space="log", p05=3, p95=22)) == "percentiles(p05=3, p95=22, space=log)"


def test_quantiles_by_probability_are_those_of_the_keys_of_a_file() -> None:
    stated = tc.PercentileTable(p05=1.0, quantiles={0.375: 2.5, 0.995: 9.0}, unit="year")
    assert stated == tc.Distribution("percentiles", {"p05": 1.0, "p37_5": 2.5, "p99_5": 9.0}, "year")
    np.testing.assert_allclose(stated.ppf([0.375, 0.995]), [2.5, 9.0], rtol=1e-12)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1, 1.5, 1e-14, 1.0 - 1e-14])
def test_a_quantile_without_a_probability_is_refused(p: float) -> None:
    with refused("not-a-probability", "quantiles", got=p):
        tc.Normal(p50=1.0, quantiles={p: 2.0})


@pytest.mark.parametrize(
    ("p", "code"),
    [
        (float("nan"), "argument-not-finite"),
        ("p05", "argument-not-a-number"),
        (True, "argument-not-a-number"),
    ],
)
def test_a_probability_that_is_not_a_number_is_refused(p: Any, code: str) -> None:
    with refused(code, None, got=p):
        tc.Normal(p50=1.0, quantiles={p: 2.0})


def test_a_quantile_that_is_stated_twice_is_refused() -> None:
    with refused("duplicate-quantile", None):
        tc.Normal(p05=1.0, p95=2.0, quantiles={0.05: 1.0})


def test_percentiles_without_tails_have_their_ends_as_atoms():
    family = Distribution("percentiles", {"p10": 1.0, "p50": 2.0, "p80": 5.0, "tails": "none"}).family
    assert family.atoms.values.tolist() == [1.0, 5.0]
    assert not Distribution("percentiles", {"p10": 1.0, "p50": 2.0, "p80": 5.0}).family.atoms.values.size
