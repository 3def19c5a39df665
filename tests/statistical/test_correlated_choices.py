"""Choices under a copula: joint frequencies with other inputs against normal and t probabilities by SciPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import timecone as tc
from harness import DRAWS, assert_draws_follow, assert_frequencies, draw, node
from timecone.inputs.dependence import Copula, pearson_t
from timecone.inputs.designs import Design, RandomDesign, SobolDesign
from timecone.inputs.sampler import Block, ChoiceWeights, Sampler

GROWTH = ChoiceWeights("growth", ("slow", "fast", "explosive"), (0.5, 0.37, 0.13))
REGIME = ChoiceWeights("regime", ("closed", "open"), (0.3, 0.7))
ALONE = ChoiceWeights("alone", ("x", "y"), (0.25, 0.75))
MARGINAL = tc.LogNormal(median=2, sigma=1.5)
# Bins of the continuous input, by its probability.
BINS = np.array([0.0, 0.1, 0.5, 0.8, 1.0])


def _drawn(copula: Copula, design: Design | None = None, draws: int = DRAWS) -> Block:
    nodes = (node("time", MARGINAL), node("apart", tc.Normal(mean=0, sd=1)))
    sampler = Sampler(nodes, ("time", "apart"), (GROWTH, REGIME, ALONE), copula)
    return sampler.draw(design or RandomDesign(11), 0, draws)


def _edges(weights: tuple[float, ...]) -> NDArray:
    return np.concatenate([[0.0], np.cumsum(weights)])


def _rectangles(one: NDArray, other: NDArray, cdf) -> NDArray:
    """Return the probabilities of rectangles between cumulative probabilities, from their joint CDF."""
    corners = np.array([[cdf(a, b) for b in other] for a in one])
    return np.diff(np.diff(corners, axis=0), axis=1)


def _normal_cdf(rho: float):
    r = 2.0 * np.sin(np.pi * rho / 6.0)
    joint = stats.multivariate_normal([0.0, 0.0], [[1.0, r], [r, 1.0]])

    def cdf(a: float, b: float) -> float:
        if min(a, b) <= 0.0:
            return 0.0
        if max(a, b) >= 1.0 - 1e-12:
            return min(a, b)
        return float(joint.cdf(stats.norm.ppf([a, b])))

    return cdf


def _t_cdf(rho: float, df: int):
    r = pearson_t(rho, df)
    joint = stats.multivariate_t([0.0, 0.0], [[1.0, r], [r, 1.0]], df=df, seed=1)

    def cdf(a: float, b: float) -> float:
        if min(a, b) <= 0.0:
            return 0.0
        if max(a, b) >= 1.0 - 1e-12:
            return min(a, b)
        return float(joint.cdf(stats.t(df).ppf([a, b])))

    return cdf


def _counts(positions: NDArray, values: NDArray, choices: int) -> NDArray:
    bins = np.digitize(values, MARGINAL.ppf(BINS[1:-1]))
    table = np.zeros((choices, len(BINS) - 1))
    np.add.at(table, (positions.astype(np.int64), bins), 1)
    return table


@pytest.mark.parametrize("rho", [-0.8, -0.2, 0.6, 0.95])
def test_a_choice_and_a_quantity_are_jointly_normal_scores(rho: float) -> None:
    block = _drawn(Copula.from_pairs({("growth", "time"): rho}))
    expected = _rectangles(_edges(GROWTH.weights), BINS, _normal_cdf(rho))
    assert_frequencies(_counts(block.choices[0], block.values[0], 3).ravel(), expected.ravel())


def test_the_table_of_counts_tells_another_correlation() -> None:
    block = _drawn(Copula.from_pairs({("growth", "time"): 0.6}))
    wrong = _rectangles(_edges(GROWTH.weights), BINS, _normal_cdf(0.57))
    with pytest.raises(AssertionError):
        assert_frequencies(_counts(block.choices[0], block.values[0], 3).ravel(), wrong.ravel())


def test_the_median_under_a_value_is_that_of_a_truncated_score() -> None:
    # Given the value, the score of the quantity is r z + sqrt(1 - r^2) e with z in the interval of the value.
    rho = 0.6
    r = 2.0 * np.sin(np.pi * rho / 6.0)
    block = _drawn(Copula.from_pairs({("growth", "time"): rho}))
    edges = stats.norm.ppf(_edges(GROWTH.weights))
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        mean = r * stats.truncnorm(low, high).mean()
        scores = stats.norm.ppf(stats.lognorm(1.5, scale=2).cdf(block.values[0, block.choices[0] == k]))
        error = scores.std() / np.sqrt(scores.size)
        # Four standard errors are exceeded by chance once in 16 000.
        assert abs(scores.mean() - mean) < 4.0 * error


def test_two_choices_are_jointly_normal_scores() -> None:
    block = _drawn(Copula.from_pairs({("growth", "regime"): -0.7, ("regime", "time"): 0.4}))
    table = np.zeros((3, 2))
    np.add.at(table, tuple(block.choices[:2].astype(np.int64)), 1)
    expected = _rectangles(_edges(GROWTH.weights), _edges(REGIME.weights), _normal_cdf(-0.7))
    assert_frequencies(table.ravel(), expected.ravel())
    expected = _rectangles(_edges(REGIME.weights), BINS, _normal_cdf(0.4))
    assert_frequencies(_counts(block.choices[1], block.values[0], 2).ravel(), expected.ravel())


def test_under_a_t_copula_the_scores_are_jointly_t() -> None:
    block = _drawn(Copula.from_pairs({("growth", "time"): 0.5}, 4.0))
    counts = _counts(block.choices[0], block.values[0], 3)
    assert_frequencies(counts.ravel(), _rectangles(_edges(GROWTH.weights), BINS, _t_cdf(0.5, 4)).ravel())
    expected = _rectangles(_edges(GROWTH.weights), BINS, _normal_cdf(0.5))
    with pytest.raises(AssertionError):
        assert_frequencies(counts.ravel(), expected.ravel())


@pytest.mark.parametrize("df", [np.inf, 3.0])
def test_the_copula_leaves_weights_and_marginals_as_they_are(df: float) -> None:
    block = _drawn(Copula.from_pairs({("growth", "time"): 0.9, ("growth", "regime"): -0.3}, df))
    assert_frequencies(np.bincount(block.choices[0]), GROWTH.weights)
    assert_frequencies(np.bincount(block.choices[1]), REGIME.weights)
    assert_draws_follow(block.values[0], stats.lognorm(1.5, scale=2).cdf)


def test_a_correlated_choice_moves_no_other_draw() -> None:
    block, plain = _drawn(Copula.from_pairs({("growth", "time"): 0.6})), _drawn(Copula.from_pairs({}))
    np.testing.assert_array_equal(block.values[1], plain.values[1])
    np.testing.assert_array_equal(block.choices[1:], plain.choices[1:])
    # The first name of a copula keeps its own scores.
    np.testing.assert_array_equal(block.choices[0], plain.choices[0])
    assert not np.array_equal(block.values[0], plain.values[0])
    np.testing.assert_array_equal(plain.values[1], draw({"apart": tc.Normal(mean=0, sd=1)}, seed=11)["apart"])


def test_with_a_perfect_correlation_a_choice_is_the_rank_of_its_partner() -> None:
    block = _drawn(Copula.from_pairs({("growth", "time"): -1.0}))
    edges = MARGINAL.ppf(1.0 - np.cumsum(GROWTH.weights)[:-1])
    np.testing.assert_array_equal(block.choices[0], np.digitize(-block.values[0], -edges))


def test_a_stratified_choice_stays_evenly_spread() -> None:
    copula = Copula.from_pairs({("growth", "time"): 0.6})
    drawn = _drawn(copula, RandomDesign(11, stratify=True), 1 << 12).choices[0]
    shares = np.bincount(drawn) / drawn.size
    np.testing.assert_allclose(shares, GROWTH.weights, rtol=0.0, atol=2.0 / drawn.size)


def test_sobol_points_keep_the_joint_probabilities() -> None:
    draws = 1 << 15
    design = SobolDesign(3, draws, 8)
    block = _drawn(Copula.from_pairs({("growth", "time"): 0.6}), design, draws)
    expected = _rectangles(_edges(GROWTH.weights), BINS, _normal_cdf(0.6))
    counts = _counts(block.choices[0], block.values[0], 3)
    # Independent draws would err by up to 0.0024 (one standard error); the points err by less than half.
    np.testing.assert_allclose(counts / draws, expected, rtol=0.0, atol=1.2e-3)
