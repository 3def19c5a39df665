"""Rank correlations to score correlations and back; contradictions mended with the nearest valid matrix."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from refusals import refused
from timecone.errors import ScenarioError
from timecone.inputs.dependence import (
    Copula,
    _leaders,
    nearest_correlation,
    pearson,
    pearson_t,
    spearman,
    spearman_t,
)
from timecone.inputs.normal_score import LARGEST_SCORE

RHO = np.linspace(-1.0, 1.0, 2001)
ROW = re.compile(r"^  (\S+) - (\S+): (-?\d\.\d{3})$", re.MULTILINE)
CONTRADICTIONS = {
    "triangle": {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9},
    "far too strong": {("a", "b"): 0.999, ("b", "c"): 0.999, ("a", "c"): -0.999},
    "chain": {("a", "b"): 0.9, ("b", "c"): 0.9},
    "star": {("hub", name): 0.8 for name in ("a", "b", "c", "d")},
    "barely": {("a", "b"): 0.8, ("b", "c"): 0.8, ("a", "c"): 0.1},
}


def _scores(draws: int, rows: int = 3) -> NDArray:
    return np.random.default_rng(8).standard_normal((rows, draws))


def test_pearson_and_spearman_are_inverses() -> None:
    np.testing.assert_allclose(spearman(pearson(RHO)), RHO, atol=1e-15)
    np.testing.assert_allclose(pearson(spearman(RHO)), RHO, atol=1e-15)


def test_known_values_of_the_conversion() -> None:
    # 2 sin(pi / 12) = (sqrt(6) - sqrt(2)) / 2, and no change at -1, 0 and 1.
    assert pearson(np.array(0.5)) == pytest.approx((np.sqrt(6) - np.sqrt(2)) / 2, rel=1e-15)
    np.testing.assert_allclose(pearson(np.array([-1.0, 0.0, 1.0])), [-1.0, 0.0, 1.0], atol=1e-15)


def test_the_nearest_matrix_is_highams() -> None:
    # Higham 2002, "Computing the nearest correlation matrix", section 4: the tridiagonal matrix of ones.
    given = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    expected = np.array([[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]])
    np.testing.assert_allclose(nearest_correlation(given, floor=0.0), expected, atol=5e-5)


@pytest.mark.parametrize("seed", range(20))
def test_a_valid_matrix_is_its_own_nearest(seed: int) -> None:
    valid = np.corrcoef(np.random.default_rng(seed).standard_normal((5, 40)))
    np.testing.assert_allclose(nearest_correlation(valid), valid, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_matrix_is_valid_and_no_sampled_one_is_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.uniform(-1.0, 1.0, (4, 4)), 1)
    given = np.eye(4) + upper + upper.T
    nearest = nearest_correlation(given)
    assert np.all(np.diag(nearest) == pytest.approx(1.0, abs=1e-12))
    assert np.linalg.eigvalsh(nearest)[0] > 0.0
    np.testing.assert_allclose(nearest, nearest.T, atol=1e-15)
    distance = np.linalg.norm(given - nearest)
    for _ in range(300):
        other = np.corrcoef(rng.standard_normal((4, 6)))
        # The set is convex: a valid matrix a little way towards any other one must not be nearer.
        for share in (1.0, 0.3, 0.03):
            candidate = (1.0 - share) * nearest + share * other
            assert np.linalg.norm(given - candidate) >= distance * (1.0 - 1e-4)


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictory_pairs_print_a_matrix_that_is_itself_accepted(name: str) -> None:
    pairs = CONTRADICTIONS[name]
    with refused("inconsistent-correlations", None) as failure:
        Copula.from_pairs(pairs)
    first, *_ = str(failure.value).splitlines()
    assert first == (
        "the correlations contradict each other (the matrix is not positive definite)."
        " Nearest valid rank correlations:"
    )
    found = ROW.findall(str(failure.value))
    names = tuple(dict.fromkeys(name for pair in pairs for name in pair))
    assert {frozenset(row[:2]) for row in found} == {frozenset(p) for p in itertools.combinations(names, 2)}
    mended = {(one, other): float(rho) for one, other, rho in found}
    assert Copula.from_pairs(mended).names == names


@pytest.mark.parametrize("seed", range(30))
def test_what_is_printed_for_random_contradictions_is_accepted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"p{k}" for k in range(int(rng.integers(3, 9)))]
    pairs = {pair: float(rng.uniform(-0.99, 0.99)) for pair in itertools.combinations(names, 2)}
    try:
        Copula.from_pairs(pairs)
    except ScenarioError as error:
        Copula.from_pairs({(a, b): float(rho) for a, b, rho in ROW.findall(str(error))})


def test_a_mended_correlation_stays_near_what_was_asked() -> None:
    with refused("inconsistent-correlations", None) as failure:
        Copula.from_pairs(CONTRADICTIONS["barely"])
    mended = {frozenset(row[:2]): float(row[2]) for row in ROW.findall(str(failure.value))}
    for pair, rho in CONTRADICTIONS["barely"].items():
        assert abs(mended[frozenset(pair)] - rho) < 0.15


def test_the_factor_gives_the_score_correlations_of_the_pairs() -> None:
    copula = Copula.from_pairs({("a", "b"): 0.5, ("b", "c"): -0.3})
    r, s = pearson(np.array([0.5, -0.3]))
    expected = [[1.0, r, 0.0], [r, 1.0, s], [0.0, s, 1.0]]
    assert copula.names == ("a", "b", "c")
    np.testing.assert_allclose(copula.factor @ copula.factor.T, expected, atol=1e-15)


def test_correlating_multiplies_by_the_factor() -> None:
    copula = Copula.from_pairs({("a", "b"): 0.5, ("b", "c"): -0.3})
    scores = _scores(1000)
    expected = copula.factor @ scores
    copula.correlate(scores)
    np.testing.assert_allclose(scores, expected, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("size", [64, 128, 960])
def test_correlating_gives_the_same_bits_for_any_block(size: int) -> None:
    copula = Copula.from_pairs({("a", "b"): 0.5, ("b", "c"): -0.3, ("a", "c"): 0.1})
    whole = _scores(1920)
    parts = [np.ascontiguousarray(whole[:, k : k + size]) for k in range(0, 1920, size)]
    copula.correlate(whole)
    for part in parts:
        copula.correlate(part)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_correlated_scores_stay_on_the_tables() -> None:
    # Two extreme scores can add up to more than the largest score of a single uniform.
    scores = np.full((2, 64), LARGEST_SCORE)
    Copula.from_pairs({("a", "b"): 0.7}).correlate(scores)
    assert scores.max() == LARGEST_SCORE


def test_no_pairs_are_no_copula() -> None:
    copula = Copula.from_pairs({})
    assert copula.names == ()
    assert copula.factor.shape == (0, 0)


@pytest.mark.parametrize("df", [1.0, 3.0, 8.0, 50.0])
def test_the_t_copula_keeps_0_and_1_and_the_sign(df: float) -> None:
    assert spearman_t(0.0, df) == pytest.approx(0.0, abs=1e-15)
    assert spearman_t(1.0, df) == pytest.approx(1.0, abs=1e-12)
    for r in (0.2, 0.7, 0.95):
        assert spearman_t(-r, df) == pytest.approx(-spearman_t(r, df), abs=1e-15)


@pytest.mark.parametrize("r", [-0.9, -0.3, 0.2, 0.6, 0.95])
def test_a_t_copula_of_many_degrees_is_gaussian_and_of_few_weaker(r: float) -> None:
    gaussian = float(spearman(np.array(r)))
    assert spearman_t(r, 1e6) == pytest.approx(gaussian, abs=1e-6)
    few = [abs(spearman_t(r, df)) for df in (1.0, 2.0, 5.0, 20.0)]
    assert few == sorted(few)
    assert few[-1] < abs(gaussian)


@pytest.mark.parametrize("df", [1.0, 2.5, 4.0, 30.0])
@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.0, 0.1, 0.5, 0.9])
def test_the_conversion_of_a_t_copula_and_its_inverse_are_no_change(rho: float, df: float) -> None:
    assert spearman_t(pearson_t(rho, df), df) == pytest.approx(rho, abs=1e-10)


def test_a_rank_correlation_next_to_1_needs_a_score_correlation_next_to_1() -> None:
    assert pearson_t(1.0 - 1e-9, 0.2) == pytest.approx(1.0, abs=1e-11)
    assert pearson_t(1e-9 - 1.0, 0.2) == pytest.approx(-1.0, abs=1e-11)


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictory_pairs_of_a_t_copula_print_what_is_accepted(name: str) -> None:
    with refused("inconsistent-correlations", None) as failure:
        Copula.from_pairs(CONTRADICTIONS[name], 4.0)
    Copula.from_pairs({(a, b): float(rho) for a, b, rho in ROW.findall(str(failure.value))}, 4.0)


@pytest.mark.parametrize("df", [0.0, 0.05, -1.0, float("nan")])
def test_too_few_degrees_of_freedom_are_refused(df: float) -> None:
    with refused("invalid-degrees-of-freedom", None, names="at least 0.1"):
        Copula.from_pairs({("a", "b"): 0.5}, df)


def test_only_a_t_copula_needs_a_stream_for_its_scale() -> None:
    assert Copula.from_pairs({("a", "b"): 0.5}, 4.0).heavy
    assert not Copula.from_pairs({("a", "b"): 0.5}).heavy
    assert not Copula.from_pairs({}, 4.0).heavy


def test_scores_of_a_t_copula_stay_on_the_tables() -> None:
    scores = np.array([[LARGEST_SCORE, -LARGEST_SCORE, 0.0], [LARGEST_SCORE, LARGEST_SCORE, 0.0]])
    Copula.from_pairs({("a", "b"): 0.7}, 2.0).correlate(scores, np.array([2.0**-53, 1.0 - 2.0**-53, 0.5]))
    assert np.all(np.isfinite(scores))
    assert np.abs(scores).max() <= LARGEST_SCORE
    np.testing.assert_array_equal(scores[:, 2], 0.0)


@pytest.mark.parametrize("size", [64, 960])
def test_a_t_copula_gives_the_same_bits_for_any_block(size: int) -> None:
    copula = Copula.from_pairs({("a", "b"): 0.5, ("b", "c"): -0.3}, 3.0)
    whole, mixing = _scores(1920), np.random.default_rng(9).uniform(size=1920)
    parts = [np.ascontiguousarray(whole[:, k : k + size]) for k in range(0, 1920, size)]
    copula.correlate(whole, mixing)
    for k, part in enumerate(parts):
        copula.correlate(part, mixing[k * size : (k + 1) * size])
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_names_of_one_score_have_one_leader_and_their_signs():
    # The last pair joins two groups of which one holds a negative.
    pairs = {("a", "b"): 1.0, ("c", "d"): -1.0, ("a", "e"): 0.5, ("b", "d"): 1.0}
    expected = {"a": ("a", 1.0), "b": ("a", 1.0), "c": ("a", -1.0), "d": ("a", 1.0), "e": ("e", 1.0)}
    assert _leaders(tuple("abcde"), pairs) == expected
