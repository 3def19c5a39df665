"""Arguments of the right names and the wrong values, and the line that says so."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from refusals import Refusal
from timecone.inputs.distributions import Distribution

NAN, INF = float("nan"), float("inf")
HALF = {"weight": 0.5, "distribution": "point", "value": 1}

type Case = tuple[str, Mapping[str, object], Refusal]


VALUES: Mapping[str, Case] = {
    "text": ("normal", {"mean": "3", "sd": 1}, Refusal("argument-not-a-number", None, got="3")),
    "truth value": ("normal", {"mean": True, "sd": 1}, Refusal("argument-not-a-number", None, got=True)),
    "no number": ("normal", {"mean": NAN, "sd": 1}, Refusal("argument-not-finite", None)),
    "infinite": ("uniform", {"low": -INF, "high": 0}, Refusal("argument-not-finite", None)),
    "crossed quantiles": (
        "normal",
        {"p05": 3, "p95": 1},
        Refusal("quantiles-not-increasing-in-level", None, got=(3.0, 1.0)),
    ),
    "equal quantiles": (
        "normal",
        {"p05": 3, "p95": 3},
        Refusal("quantiles-not-increasing-in-level", None, got=(3.0, 3.0)),
    ),
    "crossed in a table": (
        "percentiles",
        {"p95": 9, "p05": 1, "p50": 0.5},
        Refusal("quantiles-not-increasing-in-level", None, got=(1.0, 0.5)),
    ),
    "lowest level": (
        "normal",
        {"p00": 0, "p95": 1},
        Refusal("quantile-level-zero", None, names=("above 0", "below 100")),
    ),
    "crossed bounds": (
        "uniform",
        {"low": 2, "high": 1},
        Refusal("bounds-not-increasing", None, got=(2.0, 1.0)),
    ),
    "negative sd": ("normal", {"mean": 1, "sd": -2}, Refusal("not-positive", None, got=-2.0)),
    "zero sd": ("lognormal", {"mean": 1, "sd": 0}, Refusal("not-positive", None, got=0.0)),
    "negative mean": ("lognormal", {"mean": -1, "sd": 1}, Refusal("not-positive", None, got=-1.0)),
    "zero median": ("lognormal", {"median": 0, "sigma": 1}, Refusal("not-positive", None, got=0.0)),
    "negative sigma": ("lognormal", {"median": 1, "sigma": -1}, Refusal("not-positive", None, got=-1.0)),
    "negative rate": ("exponential", {"rate": -1}, Refusal("not-positive", None, got=-1.0)),
    "zero minimum": ("pareto", {"minimum": 0, "shape": 1}, Refusal("not-positive", None, got=0.0)),
    "negative shape": ("pareto", {"minimum": 1, "shape": -1}, Refusal("not-positive", None, got=-1.0)),
    "negative age": ("lindy", {"age": -1}, Refusal("not-positive", None, got=-1.0)),
    "zero lower bound": ("loguniform", {"low": 0, "high": 1}, Refusal("not-positive", None, got=0.0)),
    "lognormal below 0": ("lognormal", {"p05": -1, "p95": 1}, Refusal("not-positive", None, got=-1.0)),
    "pareto below 0": ("pareto", {"p05": -1, "p95": 1}, Refusal("not-positive", None, got=-1.0)),
    "loguniform at 0": ("loguniform", {"p05": 0, "p95": 1}, Refusal("not-positive", None, got=0.0)),
    "exponential below 0": ("exponential", {"p05": -1}, Refusal("not-positive", None, got=-1.0)),
    "lindy at 0": ("lindy", {"p50": 0}, Refusal("not-positive", None, got=0.0)),
    "logarithm of a negative quantile": (
        "percentiles",
        {"p05": -1, "p50": 2, "space": "log"},
        Refusal("quantile-outside-space", None, got=-1.0),
    ),
    "quantile outside logit space": (
        "percentiles",
        {"p05": 0.5, "p50": 1, "space": "logit"},
        Refusal("quantile-outside-space", None, got=(0.5, 1.0)),
    ),
    "quantile outside the bounds of a beta": (
        "beta",
        {"p05": 0.5, "p50": 3, "high": 2},
        Refusal("quantile-outside-bounds", None, got=(0.5, 3.0)),
    ),
    "zero df": ("student_t", {"df": 0, "location": 0, "scale": 1}, Refusal("not-positive", None, got=0.0)),
    "negative scale": (
        "skew_normal",
        {"skew": 0, "location": 0, "scale": -1},
        Refusal("not-positive", None, got=-1.0),
    ),
    "negative alpha": ("beta", {"alpha": -1, "beta": 1}, Refusal("not-positive", None, got=-1.0)),
    "crossed bounds of a beta": (
        "beta",
        {"alpha": 1, "beta": 1, "low": 1, "high": 0},
        Refusal("bounds-not-increasing", None, got=(1.0, 0.0)),
    ),
    "mode of a triangle": (
        "triangular",
        {"low": 0, "mode": 3, "high": 2},
        Refusal("mode-outside-bounds", None, got=3.0, names="to 2"),
    ),
    "mode of a pert": (
        "pert",
        {"low": 0, "mode": -1, "high": 2},
        Refusal("mode-outside-bounds", None, got=-1.0, names="to 2"),
    ),
    "negative weight of a pert": (
        "pert",
        {"low": 0, "mode": 1, "high": 2, "weight": 0},
        Refusal("not-positive", None, got=0.0),
    ),
    "negative shape of a gamma": (
        "gamma",
        {"shape": -1, "scale": 1},
        Refusal("not-positive", None, got=-1.0),
    ),
    "zero scale of a weibull": ("weibull", {"shape": 1, "scale": 0}, Refusal("not-positive", None, got=0.0)),
    "quantiles of a gamma below 0": ("gamma", {"p05": -1, "p50": 1}, Refusal("not-positive", None, got=-1.0)),
    "weights that do not sum to 1": (
        "mixture",
        {"components": [HALF]},
        Refusal("probabilities-do-not-sum", None, got=0.5),
    ),
    "a component without a weight": (
        "mixture",
        {"components": [{"distribution": "point", "value": 1}]},
        Refusal("incomplete-mixture-component", "components[0]", got={"distribution": "point", "value": 1}),
    ),
    "a component that is wrong itself": (
        "mixture",
        {"components": [HALF, {"weight": 0.5, "distribution": "normal", "mean": 1, "sd": -1}]},
        Refusal("not-positive", "components[1]", got=-1.0),
    ),
    "as many probabilities as values": (
        "discrete",
        {"values": [1, 2], "probabilities": [1]},
        Refusal("discrete-probability-count", None, got=(2, 1)),
    ),
    "one value twice": (
        "discrete",
        {"values": [1, 1], "probabilities": [0.5, 0.5]},
        Refusal("discrete-probability-count", None, got=(2, 2)),
    ),
    "probabilities of too much": (
        "discrete",
        {"values": [1, 2], "probabilities": [0.5, 0.6]},
        Refusal("probabilities-do-not-sum", None, got=1.1),
    ),
    "text among values": ("empirical", {"values": [1, "2"]}, Refusal("argument-not-a-number", None, got="2")),
    "a sample of one value": (
        "empirical",
        {"values": [1, 1, 1, 1]},
        Refusal("sample-too-small", None, got=[1.0, 1.0, 1.0]),
    ),
}


@pytest.mark.parametrize("case", VALUES)
def test_the_line_says_what_is_wrong_and_what_would_be_accepted(case: str) -> None:
    name, arguments, refusal = VALUES[case]
    with refusal.expected():
        Distribution(name, arguments)
