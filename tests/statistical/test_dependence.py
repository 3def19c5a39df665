"""The copula: the rank correlation asked for, the marginals untouched, everything else independent."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import timecone as tc
from harness import (
    DRAWS,
    assert_draws_follow,
    assert_frequencies,
    assert_independent,
    assert_rank_correlation,
    draw,
    node,
)
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.nodes import ByChoice, Node
from timecone.inputs.sampler import Block, ChoiceWeights, Sampler

# Families of every shape: a copula that worked on values instead of ranks would miss rho for most of them.
MARGINALS: dict[str, Distribution] = {
    "normal": tc.Normal(mean=3, sd=2),
    "lognormal": tc.LogNormal(median=2, sigma=1.5),
    "lindy": tc.Lindy(age=10),
    "uniform": tc.Uniform(low=-2, high=5),
    "bent": tc.PercentileTable(p05=0, p50=5, p90=6),
    "cut": tc.Exponential(mean=3, truncate={"high": 4}),
}
CDFS = {
    "normal": stats.norm(3, 2).cdf,
    "lognormal": stats.lognorm(1.5, scale=2).cdf,
    "lindy": stats.lomax(1, scale=10).cdf,
    "uniform": stats.uniform(-2, 7).cdf,
    "cut": stats.truncexpon(4 / 3, 0, 3).cdf,
}
PAIRS = {
    ("normal", "lognormal"): 0.7,
    ("normal", "lindy"): -0.5,
    ("lognormal", "uniform"): 0.2,
    ("uniform", "bent"): 0.9,
}
VALUES, WEIGHTS = ("slow", "fast", "odd"), (0.5, 0.37, 0.13)


@pytest.fixture(scope="module")
def joint() -> dict[str, NDArray]:
    return draw(MARGINALS, seed=3, copula=Copula.from_pairs(PAIRS))


@pytest.fixture(scope="module")
def by_choice() -> Block:
    """Return rows a (a distribution per value) and b (one distribution), correlated by 0.6, and c alone."""
    a = {"slow": tc.Normal(mean=0, sd=1), "fast": tc.Lindy(age=5), "odd": tc.LogNormal(median=9, sigma=0.1)}
    tree = ByChoice("view", {value: d.family.compiled() for value, d in a.items()})
    nodes = (
        Node("a", "parameter/a", tree),
        node("b", tc.Pareto(minimum=1, shape=2)),
        node("c", tc.Normal(mean=0, sd=1)),
    )
    choices = (ChoiceWeights("view", VALUES, WEIGHTS), ChoiceWeights("other", ("x", "y"), (0.5, 0.5)))
    sampler = Sampler(nodes, ("a", "b", "c"), choices, Copula.from_pairs({("a", "b"): 0.6}))
    return sampler.draw(RandomDesign(11), 0, DRAWS)


@pytest.mark.parametrize("rho", [-0.95, -0.7, -0.3, -0.05, 0.1, 0.5, 0.8, 0.99])
def test_two_parameters_have_the_rank_correlation_asked_for(rho: float) -> None:
    names = {"one": tc.Lindy(age=3), "other": tc.Normal(mean=0, sd=1)}
    drawn = draw(names, seed=5, copula=Copula.from_pairs({("one", "other"): rho}))
    assert_rank_correlation(drawn["one"], drawn["other"], rho)


@pytest.mark.parametrize("pair", PAIRS)
def test_many_parameters_have_the_rank_correlations_asked_for(
    pair: tuple[str, str], joint: dict[str, NDArray]
) -> None:
    assert_rank_correlation(joint[pair[0]], joint[pair[1]], PAIRS[pair])


@pytest.mark.slow
def test_pairs_that_are_not_named_have_no_rank_correlation(joint: dict[str, NDArray]) -> None:
    for pair in itertools.combinations(MARGINALS, 2):
        if pair not in PAIRS:
            # Eleven pairs: four standard errors are exceeded by chance once in 1400 seeds.
            assert_rank_correlation(joint[pair[0]], joint[pair[1]], 0.0, standard_errors=4.0)


@pytest.mark.parametrize("name", CDFS)
def test_the_copula_leaves_marginals_as_they_are(name: str, joint: dict[str, NDArray]) -> None:
    assert_draws_follow(joint[name], CDFS[name])


def test_the_copula_leaves_other_parameters_to_the_bit_as_they_are(joint: dict[str, NDArray]) -> None:
    np.testing.assert_array_equal(joint["cut"], draw(MARGINALS, seed=3)["cut"])


def test_choices_are_drawn_with_their_weights(by_choice: Block) -> None:
    assert_frequencies(np.bincount(by_choice.choices[0]), WEIGHTS)


def test_two_choices_are_independent(by_choice: Block) -> None:
    table = np.zeros((3, 2))
    np.add.at(table, tuple(by_choice.choices.astype(np.int64)), 1)
    assert_frequencies(table.ravel(), np.outer(WEIGHTS, [0.5, 0.5]).ravel())


@pytest.mark.parametrize(
    ("position", "cdf"),
    [(0, stats.norm.cdf), (1, stats.lomax(1, scale=5).cdf), (2, stats.lognorm(0.1, scale=9).cdf)],
)
def test_each_value_of_a_choice_has_its_own_distribution(position: int, cdf, by_choice: Block) -> None:
    assert_draws_follow(by_choice.values[0, by_choice.choices[0] == position], cdf)


@pytest.mark.parametrize("position", range(3))
def test_the_rank_correlation_holds_inside_each_value_of_a_choice(position: int, by_choice: Block) -> None:
    a, b, _ = by_choice.values[:, by_choice.choices[0] == position]
    assert_rank_correlation(a, b, 0.6)


@pytest.mark.parametrize("row", [1, 2])
def test_a_choice_says_nothing_of_parameters_that_do_not_depend_on_it(row: int, by_choice: Block) -> None:
    ranks = (stats.rankdata(by_choice.values[row]) - 1) * 16 // DRAWS
    table = np.zeros((16, 3))
    np.add.at(table, (ranks.astype(np.int64), by_choice.choices[0]), 1)
    assert_frequencies(table.ravel(), np.outer(np.full(16, 1 / 16), WEIGHTS).ravel())


@pytest.mark.slow
def test_streams_of_neighbouring_names_and_seeds_are_independent() -> None:
    normal = tc.Normal(mean=0, sd=1)
    drawn = [draw(dict.fromkeys(("a", "b", "aa"), normal), seed=seed) for seed in (0, 1)]
    series = [draws for block in drawn for draws in block.values()]
    for one, other in itertools.combinations(series, 2):
        assert_independent(one, other)


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 8192])
def test_draws_of_one_stream_are_independent_of_earlier_ones(lag: int) -> None:
    series = draw({"a": tc.Normal(mean=0, sd=1)}, seed=0)["a"]
    assert_independent(series[:-lag], series[lag:])
