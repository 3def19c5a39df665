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
HALVES = [{"weight": 0.5, "distribution": "point", "value": value} for value in (1, 2)]

_TWO = "2 quantiles or more (p05, p50, p95, ...)"
_THREE = "3 quantiles or more (p05, p50, p95, ...)"
_NORMAL = f"mean and sd, or {_TWO}"
_LOGNORMAL = f"mean and sd, or median and sigma, or {_TWO}"
_EXPONENTIAL = "mean, or rate, or 1 quantile or more (p05, p50, p95, ...)"
_TABLE = "two or more quantiles (p05, p50, p95, ...), space, tails; low and high in logit space"
_BOUNDS = "truncate = { low = ..., high = ... }"
_USE_A_TABLE = "Any set of quantiles makes a distribution = 'percentiles'."
_ALL = (
    "beta, cdf, discrete, empirical, exponential, gamma, lindy, log_student_t, lognormal, loguniform,"
    " mixture, normal, pareto, percentiles, pert, point, posterior, skew_normal, student_t, triangular,"
    " uniform, weibull"
)
_LOW = "the lower bound is not below the upper one"
_LEFT = "nothing of the distribution lies between the truncation bounds"
_WIDEN = "Widen the bounds or move the distribution."

type Case = tuple[str, Mapping[str, object], DistributionError]


def says(
    what: str, got: object = None, allowed: str | None = None, remedy: str | None = None
) -> DistributionError:
    return DistributionError("any", what, got=got, allowed=allowed, remedy=remedy)


def _undetermined(name: str, got: list[str], allowed: str) -> DistributionError:
    return says(f"{name} is not determined by these arguments", got, allowed, _USE_A_TABLE)


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
    "no arguments": ("normal", {}, says("normal is not determined by these arguments", [], _NORMAL)),
    "half the arguments": (
        "lognormal", {"median": 3}, says("lognormal is not determined by these arguments", ["median"], _LOGNORMAL)
    ),
    "two forms mixed": (
        "lognormal", {"median": 3, "sd": 1},
        says("lognormal is not determined by these arguments", ["median", "sd"], _LOGNORMAL),
    ),
    "two forms at once": (
        "exponential", {"mean": 3, "rate": 1},
        says("exponential is not determined by these arguments", ["mean", "rate"], _EXPONENTIAL),
    ),
    "too few quantiles": ("normal", {"p05": 1}, _undetermined("normal", ["p05"], _NORMAL)),
    "too few quantiles for three parameters": (
        "skew_normal", {"p05": 1, "p95": 2},
        _undetermined("skew_normal", ["p05", "p95"], f"skew and location and scale, or {_THREE}"),
    ),
    "quantiles without the degrees of freedom": (
        "student_t", {"p05": 1, "p95": 2},
        _undetermined("student_t", ["p05", "p95"], f"df and location and scale, or {_TWO} and df"),
    ),
    "quantiles without the mode": (
        "pert", {"p05": 1, "p50": 2, "p95": 3},
        _undetermined(
            "pert", ["p05", "p50", "p95"],
            "low and mode and high, or 2 quantiles or more (p05, p50, p95, ...) and mode",
        ),
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
        "percentiles", {"p05": 1, "p50": 2, "space": "lg"},
        says("unknown space", "lg", "'linear', 'log' or 'logit'"),
    ),
    "unknown tails": (
        "percentiles", {"p05": 1, "p50": 2, "tails": "fat"},
        says("unknown tails", "fat", "'normal' or 'none'"),
    ),
    "bounds outside logit space": (
        "percentiles", {"p05": 1, "p50": 2, "low": 0},
        says("percentiles is not determined by these arguments", ["low", "p05", "p50"], _TABLE),
    ),
    "no such distribution in SciPy": (
        "scipy.gumbelr", {},
        says("scipy.stats has no such continuous distribution", "gumbelr", remedy="Did you mean 'gumbel_r'?"),
    ),
    "a missing shape of SciPy": (
        "scipy.invgauss", {"scale": 2},
        says("scipy.invgauss is not determined by these arguments", ["scale"], "mu, loc, scale"),
    ),
    "a shape of SciPy out of range": (
        "scipy.invgauss", {"mu": -1}, says("the shapes of scipy.invgauss are out of range", {"mu": -1.0})
    ),
    "an unknown key of a mixture": (
        "mixture", {"components": HALVES, "weigths": 1},
        says("mixture takes no 'weigths'", ["components", "weigths"], "components", "Known: components."),
    ),
    "a mixture of nothing": (
        "mixture", {},
        says("mixture needs components",
             allowed="components = [{ weight = ..., distribution = ..., ... }, ...]"),
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
    "of a point": (
        "point", {"value": 1, "truncate": {"low": 0}},
        says("a point takes no truncation", {"low": 0}, remedy="State the value that you mean, or clamp it."),
    ),
    "nothing left of discrete values": (
        "discrete", {"values": [1, 2], "probabilities": [0.5, 0.5], "truncate": {"low": 1.1, "high": 1.9}},
        says(_LEFT, (1.1, 1.9), remedy=_WIDEN),
    ),
    "crossed clamp": (
        "normal", NORMAL | {"clamp": {"low": 1, "high": 0}}, says(_LOW, (1.0, 0.0), "low < high")
    ),
    "bound alone in a clamp": (
        "normal", NORMAL | {"clamp": 0},
        says("clamp is not a pair of bounds", 0, "clamp = { low = ..., high = ... }"),
    ),
}  # fmt: skip
# What these lines must name; their wording is free.
NAMED: Mapping[str, tuple[str, Mapping[str, object], tuple[str, ...]]] = {
    "one level twice": ("normal", {"p5": 1, "p05": 2}, ("p5 and p05 name the same quantile",)),
    "one level twice, crossed": ("normal", {"p05": 2, "p5": 1}, ("p05 and p5 name the same quantile",)),
    "one level twice in a table": ("percentiles", {"p50": 1, "p50_0": 2, "p95": 3}, ("p50 and p50_0",)),
    "a level that rounds to 100": (
        "percentiles", {"p50": 1, "p99_9999999999999": 2}, ("p99_9999999999999 rounds to 100 %",)
    ),
    "misspelt truncation": ("normal", NORMAL | {"truncat": 0}, ("no 'truncat'", "'truncate'?")),
    "a number beyond floats": ("normal", {"mean": 10**400, "sd": 1}, ("mean is not finite; got inf",)),
    "a NumPy number that is none": ("normal", {"mean": np.float64("nan"), "sd": 1}, ("got nan;",)),
    "a discrete one of SciPy": (
        "scipy.poisson", {"mu": 1}, ("scipy.stats has no such continuous distribution; got 'poisson'",)
    ),
    "bounds of NumPy": ("uniform", {"low": np.float64(2), "high": np.float32(1)}, ("got (2.0, 1.0);",)),
    "quantiles of NumPy": ("normal", {"p05": np.float64(2), "p95": np.int64(1)}, ("got (2.0, 1.0);",)),
    "lowest quantile of NumPy": ("lognormal", {"p05": np.float64(-2), "p95": 1}, ("got -2.0;",)),
}  # fmt: skip


@pytest.mark.parametrize("case", [*FORMS.values(), *TRUNCATION.values()], ids=[*FORMS, *TRUNCATION])
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
    "build", [tc.Normal, tc.Uniform, tc.Gamma, tc.Pareto, tc.Lindy, tc.PercentileTable, tc.Exponential]
)
def test_constructors_fail_as_files_do(build: Callable[..., Distribution]) -> None:
    # A usage error (exit code 2), and a ValueError for those who catch that.
    for kind in (UsageError, ValueError):
        with pytest.raises(kind, match="not determined"):
            build()


def test_probabilities_outside_0_and_1_have_no_quantile() -> None:
    for given in (tc.Uniform(low=0, high=1), tc.Normal(mean=0, sd=1), tc.Lindy(age=1)):
        assert np.all(np.isnan(given.ppf([-0.1, 1.1, NAN])))
