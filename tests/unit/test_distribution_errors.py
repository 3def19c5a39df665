"""Every way in which arguments fail to make a distribution, and the line that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

import timecone as tc
from timecone.errors import DistributionError, UsageError
from timecone.inputs.distributions import Distribution

NAN, INF = float("nan"), float("inf")
NORMAL = {"mean": 1, "sd": 2}

_TWO = "2 quantiles (p05, p50, p95, ...)"
_NORMAL = f"mean and sd, or {_TWO}"
_LOGNORMAL = f"mean and sd, or median and sigma, or {_TWO}"
_EXPONENTIAL = "mean, or rate, or 1 quantile (p05, p50, p95, ...)"
_TABLE = "two or more quantiles (p05, p50, p95, ...), and space"
_BOUNDS = "truncate = { low = ..., high = ... }"
_USE_A_TABLE = "Any set of quantiles makes a distribution = 'percentiles'."
_ALL = "exponential, lindy, lognormal, loguniform, normal, pareto, percentiles, point, uniform"
_LOW = "the lower bound is not below the upper one"
_LEFT = "nothing of the distribution lies between the truncation bounds"
_WIDEN = "Widen the bounds or move the distribution."

type Case = tuple[str, Mapping[str, object], DistributionError]


def says(
    what: str, got: object = None, allowed: str | None = None, remedy: str | None = None
) -> DistributionError:
    return DistributionError(what, got=got, allowed=allowed, remedy=remedy)


def _undetermined(name: str, got: list[str], allowed: str) -> DistributionError:
    return says(f"{name} is not determined by these arguments", got, allowed, _USE_A_TABLE)


def _not_positive(name: str, got: float) -> DistributionError:
    return says(f"{name} is not positive", got, f"{name} > 0")


FORMS: Mapping[str, Case] = {
    "misspelt family": (
        "lognorml", {"p05": 1}, says("unknown distribution", "lognorml", remedy="Did you mean 'lognormal'?")
    ),
    "no such family": ("zipf", {}, says("unknown distribution", "zipf", remedy=f"Known: {_ALL}.")),
    "misspelt argument": (
        "normal", {"mean": 1, "sdd": 2},
        says("normal takes no 'sdd'", ["mean", "sdd"], _NORMAL, "Did you mean 'sd'?"),
    ),
    "misspelt truncation": (
        "normal", NORMAL | {"trunkate": 3},
        says("normal takes no 'trunkate'", ["mean", "sd", "trunkate"], _NORMAL, "Did you mean 'truncate'?"),
    ),
    "no arguments": ("normal", {}, says("normal is not determined", [], _NORMAL)),
    "half the arguments": (
        "lognormal", {"median": 3}, says("lognormal is not determined", ["median"], _LOGNORMAL)
    ),
    "two forms mixed": (
        "lognormal", {"median": 3, "sd": 1},
        says("lognormal is not determined", ["median", "sd"], _LOGNORMAL),
    ),
    "two forms at once": (
        "exponential", {"mean": 3, "rate": 1},
        says("exponential is not determined", ["mean", "rate"], _EXPONENTIAL),
    ),
    "too few quantiles": ("normal", {"p05": 1}, _undetermined("normal", ["p05"], _NORMAL)),
    "too many quantiles": (
        "lognormal", {"p05": 1, "p50": 2, "p95": 3},
        _undetermined("lognormal", ["p05", "p50", "p95"], _LOGNORMAL),
    ),
    "quantile and moment": ("normal", {"p50": 1, "sd": 3}, _undetermined("normal", ["p50", "sd"], _NORMAL)),
    "quantile of a point": ("point", {"p50": 1}, _undetermined("point", ["p50"], "value")),
    "one quantile in a table": (
        "percentiles", {"p50": 1}, says("percentiles is not determined by these arguments", ["p50"], _TABLE)
    ),
    "moment in a table": (
        "percentiles", {"p05": 1, "p50": 2, "mean": 2},
        says("percentiles is not determined by these arguments", ["mean", "p05", "p50"], _TABLE),
    ),
    "unknown space": (
        "percentiles", {"p05": 1, "p50": 2, "space": "lg"}, says("unknown space", "lg", "'linear' or 'log'")
    ),
}  # fmt: skip
VALUES: Mapping[str, Case] = {
    "text": ("normal", {"mean": "3", "sd": 1}, says("mean is not a number", "3", "a number")),
    "truth value": ("normal", {"mean": True, "sd": 1}, says("mean is not a number", True, "a number")),
    "no number": ("normal", {"mean": NAN, "sd": 1}, says("mean is not finite", NAN, "a finite number")),
    "infinite": ("uniform", {"low": -INF, "high": 0}, says("low is not finite", -INF, "a finite number")),
    "crossed quantiles": (
        "normal", {"p05": 3, "p95": 1}, says("p05 is not below p95", (3.0, 1.0), "p05 < p95")
    ),
    "equal quantiles": (
        "normal", {"p05": 3, "p95": 3}, says("p05 is not below p95", (3.0, 3.0), "p05 < p95")
    ),
    "crossed in a table": (
        "percentiles", {"p95": 9, "p05": 1, "p50": 0.5},
        says("p05 is not below p50", (1.0, 0.5), "p05 < p50"),
    ),
    "lowest level": (
        "normal", {"p00": 0, "p95": 1},
        says("p00 is no quantile of an unbounded scale",
             allowed="levels above 0 and below 100, for instance p01 ... p99_9"),
    ),
    "crossed bounds": ("uniform", {"low": 2, "high": 1}, says(_LOW, (2.0, 1.0), "low < high")),
    "negative sd": ("normal", {"mean": 1, "sd": -2}, _not_positive("sd", -2.0)),
    "zero sd": ("lognormal", {"mean": 1, "sd": 0}, _not_positive("sd", 0.0)),
    "negative mean": ("lognormal", {"mean": -1, "sd": 1}, _not_positive("mean", -1.0)),
    "zero median": ("lognormal", {"median": 0, "sigma": 1}, _not_positive("median", 0.0)),
    "negative sigma": ("lognormal", {"median": 1, "sigma": -1}, _not_positive("sigma", -1.0)),
    "negative rate": ("exponential", {"rate": -1}, _not_positive("rate", -1.0)),
    "zero minimum": ("pareto", {"minimum": 0, "shape": 1}, _not_positive("minimum", 0.0)),
    "negative shape": ("pareto", {"minimum": 1, "shape": -1}, _not_positive("shape", -1.0)),
    "negative age": ("lindy", {"age": -1}, _not_positive("age", -1.0)),
    "zero lower bound": ("loguniform", {"low": 0, "high": 1}, _not_positive("low", 0.0)),
    "lognormal below 0": ("lognormal", {"p05": -1, "p95": 1}, _not_positive("the lowest quantile", -1.0)),
    "pareto below 0": ("pareto", {"p05": -1, "p95": 1}, _not_positive("the lowest quantile", -1.0)),
    "loguniform at 0": ("loguniform", {"p05": 0, "p95": 1}, _not_positive("the lowest quantile", 0.0)),
    "exponential below 0": ("exponential", {"p05": -1}, _not_positive("the quantile", -1.0)),
    "lindy at 0": ("lindy", {"p50": 0}, _not_positive("the quantile", 0.0)),
    "logarithm of a negative quantile": (
        "percentiles", {"p05": -1, "p50": 2, "space": "log"},
        says("a quantile is not positive, as the logarithmic space needs", -1.0,
             "positive quantiles, or space = 'linear'"),
    ),
}  # fmt: skip
TRUNCATION: Mapping[str, Case] = {
    "bound alone": ("normal", NORMAL | {"truncate": 0}, says("truncate is not a pair of bounds", 0, _BOUNDS)),
    "no bounds": ("normal", NORMAL | {"truncate": {}}, says("truncate is not a pair of bounds", {}, _BOUNDS)),
    "misspelt bound": (
        "normal", NORMAL | {"truncate": {"lo": 1}},
        says("truncate is not a pair of bounds", {"lo": 1}, _BOUNDS),
    ),
    "bound as text": (
        "normal", NORMAL | {"truncate": {"low": "0"}}, says("truncate.low is not a number", "0", "a number")
    ),
    "infinite bound": (
        "normal", NORMAL | {"truncate": {"high": INF}},
        says("truncate.high is not finite", INF, "a finite number"),
    ),
    "crossed": (
        "normal", NORMAL | {"truncate": {"low": 1, "high": 0}}, says(_LOW, (1.0, 0.0), "low < high")
    ),
    "nothing left above": (
        "uniform", {"low": 0, "high": 1, "truncate": {"low": 1}}, says(_LEFT, (1.0, INF), remedy=_WIDEN)
    ),
    "nothing left below": (
        "exponential", {"mean": 1, "truncate": {"high": -1}}, says(_LEFT, (-INF, -1.0), remedy=_WIDEN)
    ),
    "of a table": (
        "percentiles", {"p05": 1, "p50": 2, "truncate": {"low": 0}},
        says("a percentiles distribution takes no truncation",
             remedy="State the quantiles of the truncated quantity."),
    ),
}  # fmt: skip
# What these lines must name; their wording is free.
NAMED: Mapping[str, tuple[str, Mapping[str, object], tuple[str, ...]]] = {
    "one level twice": ("normal", {"p5": 1, "p05": 2}, ("p5", "p05")),
    "one level twice in a table": ("percentiles", {"p50": 1, "p50_0": 2, "p95": 3}, ("p50", "p50_0")),
    "a level that rounds to 100": ("percentiles", {"p50": 1, "p99_9999999999999": 2}, ("p99_9999999999999",)),
    "misspelt truncation": ("normal", NORMAL | {"trunkate": {"low": 0}}, ("no 'trunkate'", "'truncate'?")),
    "space where there is none": ("normal", NORMAL | {"space": "log"}, ("normal takes no 'space'",)),
    "a point cut": ("point", {"value": 1, "truncate": {"low": 0}}, ("point", "takes no truncation")),
    "a number beyond floats": ("normal", {"mean": 10**400, "sd": 1}, ("mean is not finite",)),
}


@pytest.mark.parametrize("case", [*FORMS.values(), *VALUES.values(), *TRUNCATION.values()],
                         ids=[*FORMS, *VALUES, *TRUNCATION])  # fmt: skip
def test_the_line_says_what_is_wrong_and_what_would_be_accepted(case: Case) -> None:
    name, arguments, expected = case
    with pytest.raises(DistributionError) as failure:
        Distribution(name, arguments)
    assert str(failure.value) == str(expected)


@pytest.mark.parametrize("case", NAMED)
def test_the_line_names_the_argument_at_fault(case: str) -> None:
    name, arguments, fragments = NAMED[case]
    with pytest.raises(DistributionError) as failure:
        Distribution(name, arguments)
    for fragment in fragments:
        assert fragment in str(failure.value)


@pytest.mark.parametrize(
    "build", [tc.Normal, tc.Uniform, tc.Point, tc.Pareto, tc.Lindy, tc.PercentileTable, tc.Exponential]
)
def test_constructors_fail_as_files_do(build: Callable[..., Distribution]) -> None:
    # A usage error (exit code 2), and a ValueError for those who catch that.
    for kind in (UsageError, ValueError):
        with pytest.raises(kind, match="not determined"):
            build()


def test_probabilities_outside_0_and_1_have_no_quantile() -> None:
    for given in (tc.Uniform(low=0, high=1), tc.Normal(mean=0, sd=1), tc.Lindy(age=1)):
        assert np.all(np.isnan(given.ppf([-0.1, 1.1, NAN])))
