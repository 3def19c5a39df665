"""The t copula: the rank correlation asked for, normal scores, and extremes that come together."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import timecone as tc
from harness import assert_draws_follow, assert_independent, assert_rank_correlation, draw
from timecone.inputs.dependence import Copula, spearman_t
from timecone.inputs.distributions import Distribution

MARGINALS: dict[str, Distribution] = {
    "normal": tc.Normal(mean=3, sd=2),
    "lognormal": tc.LogNormal(median=2, sigma=1.5),
    "lindy": tc.Lindy(age=10),
    "uniform": tc.Uniform(low=-2, high=5),
    "alone": tc.Exponential(mean=3),
}
CDFS = {
    "normal": stats.norm(3, 2).cdf,
    "lognormal": stats.lognorm(1.5, scale=2).cdf,
    "lindy": stats.lomax(1, scale=10).cdf,
    "uniform": stats.uniform(-2, 7).cdf,
    "alone": stats.expon(scale=3).cdf,
}
PAIRS = {("normal", "lognormal"): 0.7, ("normal", "lindy"): -0.5, ("lindy", "uniform"): 0.2}
DF = 3.0


@pytest.fixture(scope="module")
def joint() -> dict[str, NDArray]:
    return draw(MARGINALS, seed=3, copula=Copula.from_pairs(PAIRS, DF))


def _tail_dependence(r: float, df: float) -> float:
    """Return the probability that one is extreme if the other is (Embrechts, McNeil & Straumann 2002)."""
    return 2.0 * stats.t(df + 1).sf(np.sqrt((df + 1) * (1 - r) / (1 + r)))


def _joint_extremes(one: NDArray, other: NDArray, share: float) -> tuple[float, float]:
    """Return how often both lie in the lowest and in the highest share, of the times that one does."""
    ranks = [stats.rankdata(series) / (len(series) + 1) for series in (one, other)]
    low = np.mean((ranks[0] < share) & (ranks[1] < share)) / share
    high = np.mean((ranks[0] > 1 - share) & (ranks[1] > 1 - share)) / share
    return float(low), float(high)


@pytest.mark.parametrize("name", CDFS)
def test_the_copula_leaves_marginals_as_they_are(name: str, joint: dict[str, NDArray]) -> None:
    assert_draws_follow(joint[name], CDFS[name])


@pytest.mark.parametrize("pair", PAIRS)
def test_pairs_have_the_rank_correlations_asked_for(pair: tuple[str, str], joint: dict[str, NDArray]) -> None:
    assert_rank_correlation(joint[pair[0]], joint[pair[1]], PAIRS[pair])


@pytest.mark.slow
@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.1, 0.5, 0.95])
@pytest.mark.parametrize("df", [1.0, 4.0, 30.0])
def test_two_parameters_have_the_rank_correlation_asked_for(rho: float, df: float) -> None:
    names = {"one": tc.Lindy(age=3), "other": tc.Normal(mean=0, sd=1)}
    drawn = draw(names, seed=6, copula=Copula.from_pairs({("one", "other"): rho}, df))
    # Fifteen cases, and heavier tails than the formula of the error assumes.
    assert_rank_correlation(drawn["one"], drawn["other"], rho, standard_errors=4.0)


@pytest.mark.parametrize(("r", "df"), [(0.5, 1.0), (0.8, 3.0), (-0.6, 6.0)])
def test_the_formula_is_that_of_simulated_ts(r: float, df: float) -> None:
    found = [
        stats.spearmanr(
            *stats.multivariate_t([0, 0], [[1, r], [r, 1]], df=df).rvs(200_000, random_state=seed).T
        ).statistic
        for seed in range(5)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - spearman_t(r, df)) < 5.0 * error


@pytest.mark.slow
def test_scores_are_a_t_copula() -> None:
    # Scores back to Student's t are a bivariate t: its squared length over 2 follows F(2, df).
    names = {"one": tc.Normal(mean=0, sd=1), "other": tc.Normal(mean=0, sd=1)}
    copula = Copula.from_pairs({("one", "other"): 0.6}, DF)
    scores = np.array(list(draw(names, seed=8, copula=copula).values()))
    t = np.where(scores < 0, stats.t(DF).ppf(stats.norm.cdf(scores)), stats.t(DF).isf(stats.norm.sf(scores)))
    independent = np.linalg.solve(copula.factor, t)
    assert_draws_follow(np.sum(independent**2, axis=0) / 2.0, stats.f(2, DF).cdf)


@pytest.mark.slow
def test_extremes_come_together_more_often_than_under_the_gaussian_copula() -> None:
    names = {"one": tc.Normal(mean=0, sd=1), "other": tc.Lindy(age=3)}
    share = 0.001
    heavy = draw(names, seed=9, copula=Copula.from_pairs({("one", "other"): 0.5}, DF), draws=1 << 20)
    light = draw(names, seed=9, copula=Copula.from_pairs({("one", "other"): 0.5}), draws=1 << 20)
    r = Copula.from_pairs({("one", "other"): 0.5}, DF).factor[1, 0]
    limit = _tail_dependence(float(r), DF)
    gaussian = stats.multivariate_normal([0, 0], [[1, 0.5176], [0.5176, 1]])
    expected = float(gaussian.cdf(stats.norm.ppf([share, share]))) / share
    for found in _joint_extremes(*heavy.values(), share):
        # 1049 extremes: a standard error of 0.015; the limit is not quite reached.
        assert limit - 0.05 < found < limit + 0.08
    for found in _joint_extremes(*light.values(), share):
        assert abs(found - expected) < 0.05
    assert min(_joint_extremes(*heavy.values(), share)) > 3.0 * max(_joint_extremes(*light.values(), share))


@pytest.mark.slow
def test_extremes_of_pairs_without_rank_correlation_come_together_too(joint: dict[str, NDArray]) -> None:
    # What distinguishes a t copula: 0 correlation is no independence.
    drawn = draw(
        {"a": tc.Normal(mean=0, sd=1), "b": tc.Normal(mean=0, sd=1), "c": tc.Normal(mean=0, sd=1)},
        seed=4, copula=Copula.from_pairs({("a", "b"): 0.5, ("b", "c"): 0.5, ("a", "c"): 0.0}, DF),
    )  # fmt: skip
    assert_rank_correlation(drawn["a"], drawn["c"], 0.0, standard_errors=4.0)
    with pytest.raises(AssertionError):
        assert_independent(drawn["a"], drawn["c"])


def test_parameters_outside_the_copula_are_independent_and_to_the_bit_as_they_were(
    joint: dict[str, NDArray],
) -> None:
    np.testing.assert_array_equal(joint["alone"], draw(MARGINALS, seed=3)["alone"])
    for name in ("normal", "lognormal", "lindy", "uniform"):
        assert_independent(joint["alone"], joint[name])
