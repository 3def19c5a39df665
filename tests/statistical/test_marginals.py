"""Every family, drawn as simulations draw it, against SciPy's distribution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import timecone as tc
from harness import assert_draws_follow, assert_frequencies, draw
from timecone.inputs.distributions import Distribution

type Cdf = Callable[[NDArray], NDArray]

Z95 = stats.norm.ppf(0.95)


def _between(parent: object, low: float = -np.inf, high: float = np.inf) -> Cdf:
    """Return the conditional distribution function of a SciPy distribution between two bounds."""
    below, above = parent.cdf(low), parent.sf(high)
    return lambda x: np.clip((parent.cdf(x) - below) / (1.0 - below - above), 0.0, 1.0)


FAMILIES: dict[str, tuple[Distribution, Cdf]] = {
    "uniform": (tc.Uniform(low=-2, high=5), stats.uniform(-2, 7).cdf),
    "uniform, quantiles": (tc.Uniform(p10=1, p90=9), stats.uniform(0, 10).cdf),
    "loguniform": (tc.LogUniform(low=1e-3, high=1e6), stats.loguniform(1e-3, 1e6).cdf),
    "loguniform, quantiles": (tc.LogUniform(p10=10, p90=1e9), stats.loguniform(1, 1e10).cdf),
    "normal": (tc.Normal(mean=3, sd=2), stats.norm(3, 2).cdf),
    "normal, quantiles": (tc.Normal(p05=-1, p95=7), stats.norm(3, 4 / Z95).cdf),
    "lognormal": (tc.LogNormal(median=2, sigma=1.5), stats.lognorm(1.5, scale=2).cdf),
    "lognormal, mean and sd": (
        tc.LogNormal(mean=2, sd=2), stats.lognorm(np.sqrt(np.log(2)), scale=np.sqrt(2)).cdf
    ),
    "lognormal, quantiles": (tc.LogNormal(p05=1, p95=100), stats.lognorm(np.log(10) / Z95, scale=10).cdf),
    "exponential": (tc.Exponential(mean=3), stats.expon(scale=3).cdf),
    "exponential, rate": (tc.Exponential(rate=0.2), stats.expon(scale=5).cdf),
    "exponential, median": (tc.Exponential(p50=3), stats.expon(scale=3 / np.log(2)).cdf),
    "pareto": (tc.Pareto(minimum=2, shape=1.2), stats.pareto(1.2, scale=2).cdf),
    "pareto, quantiles": (tc.Pareto(p50=2, p75=4), stats.pareto(1).cdf),
    "lindy": (tc.Lindy(age=10), lambda x: x / (10 + x)),
    "lindy, quantile": (tc.Lindy(p75=30), lambda x: x / (10 + x)),
    "normal, cut below": (
        tc.Normal(mean=3, sd=2, truncate={"low": 0}), stats.truncnorm(-1.5, np.inf, 3, 2).cdf
    ),
    "normal, cut above": (
        tc.Normal(mean=3, sd=2, truncate={"high": 4}), stats.truncnorm(-np.inf, 0.5, 3, 2).cdf
    ),
    "normal, its tail alone": (
        tc.Normal(mean=0, sd=1, truncate={"low": 4, "high": 5}), stats.truncnorm(4, 5).cdf
    ),
    "lognormal, cut on both sides": (
        tc.LogNormal(median=2, sigma=1.5, truncate={"low": 0.5, "high": 50}),
        _between(stats.lognorm(1.5, scale=2), 0.5, 50),
    ),
    "uniform, cut on both sides": (
        tc.Uniform(low=-2, high=5, truncate={"low": 0, "high": 4}), stats.uniform(0, 4).cdf
    ),
    "loguniform, cut above": (
        tc.LogUniform(low=1, high=1e6, truncate={"high": 1e3}), stats.loguniform(1, 1e3).cdf
    ),
    "exponential, cut below": (tc.Exponential(mean=3, truncate={"low": 1}), stats.expon(1, 3).cdf),
    "exponential, cut above": (
        tc.Exponential(mean=3, truncate={"high": 4}), stats.truncexpon(4 / 3, 0, 3).cdf
    ),
    "pareto, cut above": (
        tc.Pareto(minimum=2, shape=1.2, truncate={"high": 100}),
        _between(stats.pareto(1.2, scale=2), high=100),
    ),
    "lindy, cut above": (
        tc.Lindy(age=10, truncate={"high": 50}), _between(stats.lomax(1, scale=10), high=50)
    ),
    "percentiles of a line": (tc.PercentileTable(p05=-1, p95=7), stats.norm(3, 4 / Z95).cdf),
    "percentiles of a line, logarithmic": (
        tc.PercentileTable(space="log", p05=1, p95=100), stats.lognorm(np.log(10) / Z95, scale=10).cdf
    ),
}  # fmt: skip
BENT = {"p05": 0.0, "p25": 1.0, "p50": 5.0, "p90": 6.0, "p99": 40.0}
LEVELS = np.array([0.0, 0.05, 0.25, 0.5, 0.9, 0.99, 1.0])


@pytest.fixture(scope="module")
def drawn() -> dict[str, NDArray]:
    tables = {"bent": Distribution("percentiles", BENT), "point": tc.Point(value=0.1)}
    return draw({name: case[0] for name, case in FAMILIES.items()} | tables, seed=20260822)


@pytest.mark.parametrize("name", FAMILIES)
def test_draws_follow_the_family(name: str, drawn: dict[str, NDArray]) -> None:
    assert_draws_follow(drawn[name], FAMILIES[name][1])


def test_a_point_is_always_itself(drawn: dict[str, NDArray]) -> None:
    assert np.all(drawn["point"] == 0.1)


def test_a_table_of_percentiles_holds_its_shares_between_them(drawn: dict[str, NDArray]) -> None:
    edges = [-np.inf, *BENT.values(), np.inf]
    assert_frequencies(np.histogram(drawn["bent"], edges)[0], np.diff(LEVELS))


def test_the_tails_of_a_table_are_those_of_a_normal(drawn: dict[str, NDArray]) -> None:
    # Each tail goes on as the line through its last two quantiles, over the normal score.
    (z05, z25), (z90, z99) = stats.norm.ppf([0.05, 0.25]), stats.norm.ppf([0.9, 0.99])
    low = drawn["bent"][drawn["bent"] < BENT["p05"]]
    high = drawn["bent"][drawn["bent"] > BENT["p99"]]
    assert_draws_follow(low, lambda x: stats.norm.cdf(z05 + (x - 0.0) * (z25 - z05)) / 0.05)
    assert_draws_follow(high, lambda x: 1 - stats.norm.sf(z99 + (x - 40.0) * (z99 - z90) / 34.0) / 0.01)
