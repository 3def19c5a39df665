"""Families fitted to quantiles: the least number is met exactly, more of them by least squares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from refusals import refused
from timecone.inputs.arguments import level
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Gamma
from timecone.inputs.families.fit import fit_quantiles

KEYS = ("p01", "p05", "p25", "p50", "p75", "p95", "p99")
LEVELS = np.array([level(key) for key in KEYS])
# A family, what must accompany its quantiles, and two quantiles or more that determine it.
EXACT = {
    "gamma": ({}, [(0.5, 9.0), (1.0, 1.1), (1e-6, 4e-6), (2e8, 7e9)]),
    "weibull": ({}, [(0.5, 9.0), (1.0, 1.1), (1e-6, 4e-6), (2e8, 7e9)]),
    "beta": ({}, [(0.1, 0.9), (0.4, 0.41), (0.001, 0.3), (0.9, 0.999)]),
    "student_t": ({"df": 3}, [(-2.0, 5.0), (0.0, 1e-6), (2e8, 7e9)]),
    "log_student_t": ({"df": 3}, [(0.5, 9.0), (1e-6, 4e-6), (2e8, 7e9)]),
}  # fmt: skip
TRUE: dict[str, Distribution] = {
    "uniform": tc.Uniform(low=2, high=9),
    "loguniform": tc.LogUniform(low=2, high=9e3),
    "normal": tc.Normal(mean=3, sd=2),
    "lognormal": tc.LogNormal(median=3, sigma=1.2),
    "exponential": tc.Exponential(mean=3),
    "pareto": tc.Pareto(minimum=2, shape=1.5),
    "lindy": tc.Lindy(age=4),
    "student_t": tc.StudentT(df=4, location=-30, scale=2),
    "log_student_t": tc.LogStudentT(df=9, median=3, sigma=0.3),
    "skew_normal": tc.SkewNormal(skew=3, location=10, scale=2),
    "beta": tc.Beta(alpha=2, beta=5, low=-1, high=4),
    "gamma": tc.Gamma(shape=2.5, scale=3),
    "weibull": tc.Weibull(shape=1.7, scale=300),
}
_FIXED = {"student_t": {"df": 4}, "log_student_t": {"df": 9}, "beta": {"low": -1, "high": 4}}


def _cdf(distribution: Distribution, x: float) -> float:
    """Return SciPy's distribution function at a value."""
    family = distribution.family
    return (
        family.log_scipy().cdf(np.log(x)) if distribution.name == "log_student_t" else family.scipy().cdf(x)
    )


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name, (_, cases) in EXACT.items() for values in cases]
)
@pytest.mark.parametrize("keys", [("p05", "p95"), ("p10", "p50"), ("p50", "p90")])
def test_two_quantiles_are_met(name: str, values: tuple[float, float], keys: tuple[str, str]) -> None:
    arguments = EXACT[name][0] | dict(zip(keys, values, strict=True))
    if name == "log_student_t":
        arguments |= {"truncate": {"high": 1e200}}
    fitted = Distribution(name, arguments)
    family = fitted.family.parent if name == "log_student_t" else fitted.family
    for key, value in zip(keys, values, strict=True):
        found = (
            family.log_scipy().cdf(np.log(value)) if name == "log_student_t" else family.scipy().cdf(value)
        )
        assert found == pytest.approx(level(key), abs=1e-9)


def test_three_quantiles_of_a_skew_normal_are_met() -> None:
    fitted = tc.SkewNormal(p05=1, p50=2, p95=4)
    np.testing.assert_allclose(fitted.family.scipy().cdf([1, 2, 4]), [0.05, 0.5, 0.95], atol=1e-9)
    assert fitted.misfit() < 1e-6


@pytest.mark.parametrize("name", TRUE)
def test_many_quantiles_give_the_family_back_that_they_came_from(name: str) -> None:
    true = TRUE[name]
    quantiles = dict(zip(KEYS, true.ppf(LEVELS).tolist(), strict=True))
    fitted = Distribution(name, quantiles | _FIXED.get(name, {}))
    for value, at in zip(quantiles.values(), LEVELS, strict=True):
        assert _cdf(fitted, value) == pytest.approx(at, abs=2e-6)
    assert fitted.misfit() < 1e-5


@pytest.mark.parametrize("name", TRUE)
def test_a_misfit_is_the_largest_miss_over_the_stated_spread(name: str) -> None:
    # The quantiles of a lump and two shoulders, which no family meets.
    quantiles = dict(zip(KEYS, [0.9, 1.0, 1.9, 2.0, 2.1, 3.0, 3.2], strict=True))
    fitted = Distribution(name, quantiles | _FIXED.get(name, {}))
    miss = np.max(np.abs(fitted.ppf(LEVELS) - list(quantiles.values()))) / (3.2 - 0.9)
    assert fitted.misfit() == pytest.approx(miss, rel=1e-12)
    assert fitted.misfit() > 0.01


def test_least_squares_of_a_normal_is_that_of_a_line() -> None:
    values = np.array([0.9, 1.0, 1.9, 2.0, 2.1, 3.0, 3.2])
    slope, intercept = np.polyfit(stats.norm.ppf(LEVELS), values, 1)
    fitted = tc.Normal(**dict(zip(KEYS, values.tolist(), strict=True)))
    assert fitted.ppf(0.5) == pytest.approx(intercept, rel=1e-12)
    assert fitted.family.scipy().std() == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("name", ["student_t", "skew_normal", "gamma"])
def test_no_small_change_of_a_fit_misses_by_less(name: str) -> None:
    values = np.array([0.9, 1.0, 1.9, 2.0, 2.1, 3.0, 3.2])
    fixed = {"df": 4} if name == "student_t" else {}
    fitted = Distribution(name, dict(zip(KEYS, values.tolist(), strict=True)) | fixed).family
    logarithmic = name == "gamma"

    def cost(shapes: tuple[float, ...], location: float, scale: float) -> float:
        found = location + scale * getattr(stats, fitted.scipy_name)(*shapes).ppf(LEVELS)
        return np.sum((np.log(found) - np.log(values)) ** 2 if logarithmic else (found - values) ** 2)

    best = cost(fitted.shapes, fitted.location, fitted.scale)
    for step in (-1e-3, 1e-3):
        assert cost(fitted.shapes, fitted.location, fitted.scale * (1 + step)) >= best
        if name != "gamma":
            assert cost(fitted.shapes, fitted.location + step, fitted.scale) >= best
        if name != "student_t":
            assert cost((fitted.shapes[0] * (1 + step),), fitted.location, fitted.scale) >= best


def test_stated_moments_miss_nothing() -> None:
    assert tc.Gamma(mean=3, sd=1).misfit() == 0.0
    assert tc.Exponential(p50=3).misfit() == 0.0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("gamma", {"p05": 1, "p50": 1000, "p95": 1001}),
        ("weibull", {"p05": 1, "p50": 1000, "p95": 1001}),
        ("skew_normal", {"p05": 0, "p50": 9.99, "p95": 10}),
        ("student_t", {"df": 3, "p05": 0, "p50": 9.99, "p95": 10}),
    ],
)
def test_quantiles_that_no_such_family_has_show_as_a_misfit(name: str, arguments: dict[str, float]) -> None:
    assert Distribution(name, arguments).misfit() > 0.2


def test_a_fit_that_comes_nowhere_near_is_refused() -> None:
    with refused("quantiles-not-matched", None):
        fit_quantiles(LEVELS, np.arange(1.0, 8.0), lambda _: Gamma((1.0,), 0.0, 1e6), [(0.0,)],
                      standardise=False)  # fmt: skip
