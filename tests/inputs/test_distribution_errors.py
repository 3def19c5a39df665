"""Every way in which arguments fail to make a distribution, and the line that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

import timecone as tc
from refusals import Refusal, refused
from timecone.errors import UsageError
from timecone.inputs.distributions import Distribution

NAN, INF = float("nan"), float("inf")
NORMAL = {"mean": 1, "sd": 2}
HALVES = [{"weight": 0.5, "distribution": "point", "value": value} for value in (1, 2)]

type Case = tuple[str, Mapping[str, object], Refusal]


FORMS: Mapping[str, Case] = {
    "misspelt family": (
        "lognorml",
        {"p05": 1},
        Refusal("unknown-distribution", None, got="lognorml", names="'lognormal'"),
    ),
    "no such family": ("zipf", {}, Refusal("unknown-distribution", None, got="zipf")),
    "misspelt argument": (
        "normal",
        {"mean": 1, "sdd": 2},
        Refusal("unknown-argument", None, got=["mean", "sdd"], names="'sd'"),
    ),
    "misspelt truncation": (
        "normal",
        NORMAL | {"trunkate": 3},
        Refusal("unknown-argument", None, got=["mean", "sd", "trunkate"], names="'truncate'"),
    ),
    "no arguments": ("normal", {}, Refusal("undetermined-distribution", None, got=[])),
    "half the arguments": (
        "lognormal",
        {"median": 3},
        Refusal("undetermined-distribution", None, got=["median"]),
    ),
    "two forms mixed": (
        "lognormal",
        {"median": 3, "sd": 1},
        Refusal("undetermined-distribution", None, got=["median", "sd"]),
    ),
    "two forms at once": (
        "exponential",
        {"mean": 3, "rate": 1},
        Refusal("undetermined-distribution", None, got=["mean", "rate"]),
    ),
    "too few quantiles": ("normal", {"p05": 1}, Refusal("undetermined-distribution", None, got=["p05"])),
    "too few quantiles for three parameters": (
        "skew_normal",
        {"p05": 1, "p95": 2},
        Refusal("undetermined-distribution", None, got=["p05", "p95"]),
    ),
    "quantiles without the degrees of freedom": (
        "student_t",
        {"p05": 1, "p95": 2},
        Refusal("undetermined-distribution", None, got=["p05", "p95"]),
    ),
    "quantiles without the mode": (
        "pert",
        {"p05": 1, "p50": 2, "p95": 3},
        Refusal("undetermined-distribution", None, got=["p05", "p50", "p95"]),
    ),
    "quantile and moment": (
        "normal",
        {"p50": 1, "sd": 3},
        Refusal("undetermined-distribution", None, got=["p50", "sd"]),
    ),
    "quantile of a point": ("point", {"p50": 1}, Refusal("undetermined-distribution", None, got=["p50"])),
    "one quantile in a table": (
        "percentiles",
        {"p50": 1},
        Refusal("undetermined-distribution", None, got=["p50"]),
    ),
    "moment in a table": (
        "percentiles",
        {"p05": 1, "p50": 2, "mean": 2},
        Refusal("undetermined-distribution", None, got=["mean", "p05", "p50"]),
    ),
    "unknown space": (
        "percentiles",
        {"p05": 1, "p50": 2, "space": "lg"},
        Refusal("unknown-space", None, got="lg"),
    ),
    "unknown tails": (
        "percentiles",
        {"p05": 1, "p50": 2, "tails": "fat"},
        Refusal("unknown-tails", None, got="fat"),
    ),
    "bounds outside logit space": (
        "percentiles",
        {"p05": 1, "p50": 2, "low": 0},
        Refusal("undetermined-distribution", None, got=["low", "p05", "p50"]),
    ),
    "no such distribution in SciPy": (
        "scipy.gumbelr",
        {},
        Refusal("unknown-scipy-distribution", None, got="gumbelr", names="'gumbel_r'"),
    ),
    "a missing shape of SciPy": (
        "scipy.invgauss",
        {"scale": 2},
        Refusal("undetermined-distribution", None, got=["scale"]),
    ),
    "a shape of SciPy out of range": (
        "scipy.invgauss",
        {"mu": -1},
        Refusal("scipy-shapes-out-of-range", None, got={"mu": -1.0}),
    ),
    "an unknown key of a mixture": (
        "mixture",
        {"components": HALVES, "weigths": 1},
        Refusal("unknown-argument", None, got=["components", "weigths"]),
    ),
    "a mixture of nothing": (
        "mixture",
        {},
        Refusal("mixture-without-components", None),
    ),
}
TRUNCATION: Mapping[str, Case] = {
    "bound alone": ("normal", NORMAL | {"truncate": 0}, Refusal("not-a-pair-of-bounds", None, got=0)),
    "no bounds": ("normal", NORMAL | {"truncate": {}}, Refusal("not-a-pair-of-bounds", None, got={})),
    "misspelt bound": (
        "normal",
        NORMAL | {"truncate": {"lo": 1}},
        Refusal("not-a-pair-of-bounds", None, got={"lo": 1}),
    ),
    "bound as text": (
        "normal",
        NORMAL | {"truncate": {"low": "0"}},
        Refusal("argument-not-a-number", None, got="0"),
    ),
    "infinite bound": (
        "normal",
        NORMAL | {"truncate": {"high": INF}},
        Refusal("argument-not-finite", None),
    ),
    "crossed": (
        "normal",
        NORMAL | {"truncate": {"low": 1, "high": 0}},
        Refusal("bounds-not-increasing", None, got=(1.0, 0.0)),
    ),
    "nothing left above": (
        "uniform",
        {"low": 0, "high": 1, "truncate": {"low": 1}},
        Refusal("empty-truncation", None),
    ),
    "nothing left below": (
        "exponential",
        {"mean": 1, "truncate": {"high": -1}},
        Refusal("empty-truncation", None),
    ),
    "of a point": (
        "point",
        {"value": 1, "truncate": {"low": 0}},
        Refusal("point-truncated", None, got={"low": 0}),
    ),
    "nothing left of discrete values": (
        "discrete",
        {"values": [1, 2], "probabilities": [0.5, 0.5], "truncate": {"low": 1.1, "high": 1.9}},
        Refusal("empty-truncation", None, got=(1.1, 1.9)),
    ),
    "crossed clamp": (
        "normal",
        NORMAL | {"clamp": {"low": 1, "high": 0}},
        Refusal("bounds-not-increasing", None, got=(1.0, 0.0)),
    ),
    "bound alone in a clamp": (
        "normal",
        NORMAL | {"clamp": 0},
        Refusal("not-a-pair-of-bounds", None, got=0),
    ),
}
NAMED: Mapping[str, Case] = {
    "one level twice": ("normal", {"p5": 1, "p05": 2}, Refusal("duplicate-quantile", None)),
    "one level twice, crossed": ("normal", {"p05": 2, "p5": 1}, Refusal("duplicate-quantile", None)),
    "one level twice in a table": (
        "percentiles",
        {"p50": 1, "p50_0": 2, "p95": 3},
        Refusal("duplicate-quantile", None),
    ),
    "a level that rounds to 100": (
        "percentiles",
        {"p50": 1, "p99_9999999999999": 2},
        Refusal("quantile-level-one", None, names=("above 0", "below 100")),
    ),
    "misspelt truncation": (
        "normal",
        NORMAL | {"truncat": 0},
        Refusal("unknown-argument", None, got=["mean", "sd", "truncat"], names="'truncate'"),
    ),
    "a number beyond floats": ("normal", {"mean": 10**400, "sd": 1}, Refusal("argument-not-finite", None)),
    "a NumPy number that is none": (
        "normal",
        {"mean": np.float64("nan"), "sd": 1},
        Refusal("argument-not-finite", None),
    ),
    "a discrete one of SciPy": (
        "scipy.poisson",
        {"mu": 1},
        Refusal("unknown-scipy-distribution", None, got="poisson", names="'pearson3'"),
    ),
    "bounds of NumPy": (
        "uniform",
        {"low": np.float64(2), "high": np.float32(1)},
        Refusal("bounds-not-increasing", None, got=(2.0, 1.0)),
    ),
    "quantiles of NumPy": (
        "normal",
        {"p05": np.float64(2), "p95": np.int64(1)},
        Refusal("quantiles-not-increasing-in-level", None, got=(2.0, 1.0)),
    ),
    "lowest quantile of NumPy": (
        "lognormal",
        {"p05": np.float64(-2), "p95": 1},
        Refusal("not-positive", None, got=-2.0),
    ),
}


@pytest.mark.parametrize("case", [*FORMS.values(), *TRUNCATION.values()], ids=[*FORMS, *TRUNCATION])
def test_the_line_says_what_is_wrong_and_what_would_be_accepted(case: Case) -> None:
    name, arguments, refusal = case
    with refusal.expected():
        Distribution(name, arguments)


@pytest.mark.parametrize("case", NAMED)
def test_the_line_names_the_argument_at_fault(case: str) -> None:
    name, arguments, refusal = NAMED[case]
    with refusal.expected():
        Distribution(name, arguments)


@pytest.mark.parametrize(
    "build", [tc.Normal, tc.Uniform, tc.Gamma, tc.Pareto, tc.Lindy, tc.PercentileTable, tc.Exponential]
)
def test_constructors_fail_as_files_do(build: Callable[..., Distribution]) -> None:
    # A usage error (exit code 2), and a ValueError for those who catch that.
    with refused("undetermined-distribution", None) as failure:
        build()
    assert isinstance(failure.value, UsageError)
    assert isinstance(failure.value, ValueError)


def test_probabilities_outside_0_and_1_have_no_quantile() -> None:
    for given in (tc.Uniform(low=0, high=1), tc.Normal(mean=0, sd=1), tc.Lindy(age=1)):
        assert np.all(np.isnan(given.ppf([-0.1, 1.1, NAN])))
