"""Distributions whose draws would overflow, and quantile functions that fail, are refused by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import numpy as np
import pytest
from scipy import special, stats

from refusals import refused
from timecone.errors import DistributionError
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import AnySciPy
from timecone.inputs.families.scipy_backed import SLOW
from timecone.inputs.normal_score import LARGEST_SCORE

SCORES = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 2001)
# Draws of these would come to 1e300 or beyond within the least and the greatest uniform.
OVERFLOWING: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "pareto": ("pareto", {"minimum": 1, "shape": 0.05}),
    "pareto of quantiles": ("pareto", {"p50": 1, "p51": 10}),
    "lindy": ("lindy", {"age": 1e290}),
    "log_student_t": ("log_student_t", {"df": 3, "median": 1, "sigma": 1}),
    "lognormal": ("lognormal", {"median": 1, "sigma": 90}),
    "weibull": ("weibull", {"shape": 0.005, "scale": 1}),
    "percentiles": ("percentiles", {"p49": 1, "p51": 1e5, "space": "log"}),
    "scipy.burr": ("scipy.burr", {"c": 0.01, "d": 1}),
}
# Numbers with which the arithmetic on the way overflows.
EXTREME: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "gamma far too narrow": ("gamma", {"mean": 1e301, "sd": 0.5}),
    "gamma far too wide": ("gamma", {"mean": 1e-300, "sd": 1e300}),
    "percentiles too far apart": ("percentiles", {"p01": -1e308, "p50": 1, "p99": 1e308}),
    "percentiles too far apart, cut": (
        "percentiles", {"p01": -1e308, "p50": 1, "p99": 1e308, "truncate": {"low": 0}}
    ),
    "logarithmic percentiles too far apart": (
        "percentiles", {"p01": 5e-324, "p50": 1, "p99": 1e308, "space": "log"}
    ),
    "uniform too wide": ("uniform", {"low": -1e308, "high": 1e308}),
    "rate too low": ("exponential", {"rate": 5e-324}),
    "mean and sd of a lognormal": ("lognormal", {"mean": 1e-300, "sd": 1e300}),
    "beta of no width": ("beta", {"alpha": 1e-320, "beta": 1e-320}),
}  # fmt: skip
LIGHTER = {"truncate": {"high": 1e12}}, {"clamp": {"high": 1e12}}


@pytest.mark.parametrize("case", OVERFLOWING)
def test_a_distribution_whose_draws_overflow_is_refused(case: str) -> None:
    name, arguments = OVERFLOWING[case]
    with refused("tails-too-heavy", None) as failure:
        Distribution(name, arguments)
    assert name in failure.value.what
    remedy = re.search(r"for instance truncate = (\{.*?\})", failure.value.remedy)
    assert remedy, failure.value
    bounds = tomllib.loads(f"range = {remedy[1]}")["range"]
    for cut in ("truncate", "clamp"):
        inside = Distribution(name, {**arguments, cut: bounds}).family.compiled()(SCORES)
        assert bounds.get("low", 0.0) <= inside[0] < inside[-1] <= bounds["high"]


def test_the_example_of_a_range_leaves_out_one_draw_in_a_thousand_at_either_end() -> None:
    with refused("tails-too-heavy", None) as failure:
        Distribution("log_student_t", {"df": 3, "median": 2, "sigma": 0.5})
    low, high = np.exp(np.log(2) + 0.5 * stats.t(3).ppf([0.001, 0.999]))
    assert f"truncate = {{ low = {low:.3g}, high = {high:.3g} }}" in failure.value.remedy
    assert "one draw in 1,000" in failure.value.remedy


def test_nothing_is_cut_off_that_nobody_asked_for() -> None:
    # With many degrees of freedom every reachable draw is a number.
    family = Distribution("log_student_t", {"df": 30, "median": 2, "sigma": 0.5}).family
    at = np.array([-LARGEST_SCORE, LARGEST_SCORE])
    wanted = np.log(2) + 0.5 * np.sign(at) * stats.t(30).isf(special.ndtr(-LARGEST_SCORE))
    np.testing.assert_allclose(np.log(family.compiled()(at)), wanted, rtol=1e-6)


def test_a_solver_of_scipy_that_gives_up_is_named() -> None:
    class Failing(AnySciPy):
        def standard(self):
            rv = super().standard()

            def ppf(p):
                raise RuntimeError("Failed to converge after 100 iterations.\nmore")

            rv.ppf = ppf
            return rv

    with refused("scipy-quantiles-fail") as failure:
        Failing(distribution="norm").compiled()
    assert "norm (Failed to converge after 100 iterations)" in failure.value.what


@pytest.mark.parametrize("name", SLOW)
def test_what_scipy_would_take_long_for_is_refused(name: str) -> None:
    with refused("scipy-too-slow", None):
        Distribution(f"scipy.{name}", {})


# The least quantile of that Lindy lies above these bounds.
@pytest.mark.parametrize("case", [case for case in OVERFLOWING if case != "lindy"])
@pytest.mark.parametrize("bounds", LIGHTER, ids=["truncated", "clamped"])
def test_its_remedy_is_one(case: str, bounds: Mapping[str, object]) -> None:
    name, arguments = OVERFLOWING[case]
    values = Distribution(name, {**arguments, **bounds}).family.compiled()(SCORES)
    assert np.all(np.diff(values) >= 0.0)
    assert 0.0 <= values[0] < values[-1] <= 1e12


def test_a_distribution_that_overflows_in_another_unit_is_refused_there() -> None:
    family = Distribution("lognormal", {"median": 1e280, "sigma": 1}).family.scaled(1e18)
    with refused("tails-too-heavy", None):
        family.compiled()


def test_a_quantile_function_of_scipy_that_fails_is_named() -> None:
    class Failing(AnySciPy):
        def standard(self):
            rv = super().standard()
            rv.ppf = lambda p: np.where((p > 0.1) & (p < 0.2), np.nan, stats.norm.ppf(p))
            return rv

    with refused("quantile-function-undefined") as failure:
        Failing(distribution="norm").compiled()
    assert failure.value.where.startswith("probability 0.1")
    assert "scipy.norm" in failure.value.what


@pytest.mark.parametrize("case", EXTREME)
def test_numbers_that_arithmetic_cannot_bear_are_refused(case: str) -> None:
    name, arguments = EXTREME[case]
    with pytest.raises(DistributionError) as failure:
        Distribution(name, arguments)
    assert failure.value.code in {"distribution-overflow", "tails-too-heavy", "quantile-function-undefined"}
    assert name in failure.value.what


def test_a_number_that_is_none_has_no_quantile() -> None:
    # Not a crash: a score that is no number indexes no table.
    for name, arguments in (("uniform", {"low": 0, "high": 1}), ("normal", {"mean": 0, "sd": 1})):
        given = Distribution(name, arguments)
        assert np.all(np.isnan(given.family.compiled()(np.array([np.nan, -np.nan]))))
