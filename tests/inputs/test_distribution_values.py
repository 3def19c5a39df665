"""Arguments of the right names and the wrong values, and the line that says so."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from timecone.errors import DistributionError
from timecone.inputs.distributions import Distribution

NAN, INF = float("nan"), float("inf")
LOW = "the lower bound is not below the upper one"
HALF = {"weight": 0.5, "distribution": "point", "value": 1}

type Case = tuple[str, Mapping[str, object], DistributionError]


def says(
    what: str, got: object = None, allowed: str | None = None, remedy: str | None = None
) -> DistributionError:
    return DistributionError("any", what, got=got, allowed=allowed, remedy=remedy)


def _not_positive(name: str, got: float) -> DistributionError:
    return says(f"{name} is not positive", got, f"{name} > 0")


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
        says("p00 is not a quantile of an unbounded scale",
             allowed="levels above 0 and below 100, for instance p01 ... p99_9"),
    ),
    "crossed bounds": ("uniform", {"low": 2, "high": 1}, says(LOW, (2.0, 1.0), "low < high")),
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
    "exponential below 0": ("exponential", {"p05": -1}, _not_positive("the lowest quantile", -1.0)),
    "lindy at 0": ("lindy", {"p50": 0}, _not_positive("the lowest quantile", 0.0)),
    "logarithm of a negative quantile": (
        "percentiles", {"p05": -1, "p50": 2, "space": "log"},
        says("a quantile is not positive, as the logarithmic space needs", -1.0,
             "positive quantiles, or space = 'linear'"),
    ),
    "quantile outside logit space": (
        "percentiles", {"p05": 0.5, "p50": 1, "space": "logit"},
        says("a quantile lies outside the bounds of the logit space", (0.5, 1.0), "between 0 and 1"),
    ),
    "quantile outside the bounds of a beta": (
        "beta", {"p05": 0.5, "p50": 3, "high": 2},
        says("a quantile lies outside the bounds", (0.5, 3.0), "quantiles between 0 and 2"),
    ),
    "zero df": ("student_t", {"df": 0, "location": 0, "scale": 1}, _not_positive("df", 0.0)),
    "negative scale": ("skew_normal", {"skew": 0, "location": 0, "scale": -1}, _not_positive("scale", -1.0)),
    "negative alpha": ("beta", {"alpha": -1, "beta": 1}, _not_positive("alpha", -1.0)),
    "crossed bounds of a beta": (
        "beta", {"alpha": 1, "beta": 1, "low": 1, "high": 0}, says(LOW, (1.0, 0.0), "low < high")
    ),
    "mode of a triangle": (
        "triangular", {"low": 0, "mode": 3, "high": 2},
        says("the mode lies outside the bounds", 3.0, "0 to 2"),
    ),
    "mode of a pert": (
        "pert", {"low": 0, "mode": -1, "high": 2}, says("the mode lies outside the bounds", -1.0, "0 to 2")
    ),
    "negative weight of a pert": (
        "pert", {"low": 0, "mode": 1, "high": 2, "weight": 0}, _not_positive("weight", 0.0)
    ),
    "negative shape of a gamma": ("gamma", {"shape": -1, "scale": 1}, _not_positive("shape", -1.0)),
    "zero scale of a weibull": ("weibull", {"shape": 1, "scale": 0}, _not_positive("scale", 0.0)),
    "quantiles of a gamma below 0": (
        "gamma", {"p05": -1, "p50": 1}, _not_positive("the lowest quantile", -1.0)
    ),
    "weights that do not sum to 1": (
        "mixture", {"components": [HALF]},
        says("the weights do not sum to 1", 0.5, "a sum of 1"),
    ),
    "a component without a weight": (
        "mixture", {"components": [{"distribution": "point", "value": 1}]},
        DistributionError("any", "a component lacks its weight or its distribution", where="components[0]",
                          got={"distribution": "point", "value": 1}),
    ),
    "a component that is wrong itself": (
        "mixture", {"components": [HALF, {"weight": 0.5, "distribution": "normal", "mean": 1, "sd": -1}]},
        DistributionError("any", "sd is not positive", where="components[1]", got=-1.0, allowed="sd > 0"),
    ),
    "as many probabilities as values": (
        "discrete", {"values": [1, 2], "probabilities": [1]},
        says("discrete needs as many probabilities as distinct values", (2, 1)),
    ),
    "one value twice": (
        "discrete", {"values": [1, 1], "probabilities": [0.5, 0.5]},
        says("discrete needs as many probabilities as distinct values", (2, 2)),
    ),
    "probabilities of too much": (
        "discrete", {"values": [1, 2], "probabilities": [0.5, 0.6]},
        says("the probabilities do not sum to 1", 1.1, "a sum of 1"),
    ),
    "text among values": (
        "empirical", {"values": [1, "2"]}, says("values[1] is not a number", "2", "a number")
    ),
    "a sample of one value": (
        "empirical", {"values": [1, 1, 1, 1]},
        says("a sample needs two or more different values", [1.0, 1.0, 1.0]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", VALUES)
def test_the_line_says_what_is_wrong_and_what_would_be_accepted(case: str) -> None:
    name, arguments, expected = VALUES[case]
    with pytest.raises(DistributionError) as failure:
        Distribution(name, arguments)
    assert str(failure.value) == str(expected)
