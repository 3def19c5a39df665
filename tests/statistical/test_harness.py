"""The harness itself: right draws pass as often as stated, and small mistakes do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness import (
    DRAWS,
    assert_draws_follow,
    assert_frequencies,
    assert_independent,
    assert_rank_correlation,
)

RNG = np.random.default_rng(20260101)
NORMAL = RNG.standard_normal(DRAWS)
OTHER = RNG.standard_normal(DRAWS)
LOGNORMAL = stats.lognorm(0.8, scale=3.0)
LOGNORMAL_DRAWS = 3.0 * np.exp(0.8 * NORMAL)
WRONG_NORMALS = {
    "standard deviation 2 % too large": 1.02 * NORMAL,
    "standard deviation 2 % too small": 0.98 * NORMAL,
    "mean off by 1.5 % of a standard deviation": NORMAL + 0.015,
    "Student's t of 30 degrees of freedom": stats.t(30).ppf(stats.norm.cdf(NORMAL)),
    "logistic of the same variance": np.sqrt(3.0) / np.pi * stats.logistic.ppf(stats.norm.cdf(NORMAL)),
    "skewed, with the same mean and variance": stats.skewnorm.ppf(
        stats.norm.cdf(NORMAL), 1.0, -np.sqrt(1 / np.pi) / np.sqrt(1 - 1 / np.pi), 1 / np.sqrt(1 - 1 / np.pi)
    ),
    "clipped at 4 standard deviations": np.clip(NORMAL, -4.0, 4.0),
    "tails beyond 3 standard deviations redrawn": np.where(np.abs(NORMAL) > 3.0, OTHER, NORMAL),
    "rounded to a thousandth": np.round(NORMAL, 3),
    "a stream that begins anew half-way": np.tile(NORMAL[: DRAWS // 2], 2),
    "one infinite draw": np.concatenate([NORMAL[1:], [np.inf]]),
    "one draw that is no number": np.concatenate([NORMAL[1:], [np.nan]]),
}
WRONG_LOGNORMALS = {
    "shifted by 1 % of the median": LOGNORMAL_DRAWS + 0.03,
    "scale 1.5 % too large": 1.015 * LOGNORMAL_DRAWS,
    "a normal with the same 5 % and 95 % quantiles": LOGNORMAL.ppf([0.05, 0.95]).mean()
    + NORMAL * np.diff(LOGNORMAL.ppf([0.05, 0.95])) / np.diff(stats.norm.ppf([0.05, 0.95])),
}


def test_right_draws_pass() -> None:
    assert_draws_follow(NORMAL, stats.norm.cdf)
    assert_draws_follow(LOGNORMAL_DRAWS, LOGNORMAL.cdf)


@pytest.mark.parametrize("mistake", WRONG_NORMALS)
def test_a_wrong_normal_fails(mistake: str) -> None:
    with pytest.raises(AssertionError):
        assert_draws_follow(WRONG_NORMALS[mistake], stats.norm.cdf)


@pytest.mark.parametrize("mistake", WRONG_LOGNORMALS)
def test_a_wrong_lognormal_fails(mistake: str) -> None:
    with pytest.raises(AssertionError):
        assert_draws_follow(WRONG_LOGNORMALS[mistake], LOGNORMAL.cdf)


def test_clamping_to_the_bounds_is_not_truncation() -> None:
    with pytest.raises(AssertionError):
        assert_draws_follow(np.clip(NORMAL, -2.0, 2.0), stats.truncnorm(-2.0, 2.0).cdf)


@pytest.mark.slow
def test_false_alarms_are_no_more_frequent_than_stated() -> None:
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(400):
        try:
            assert_draws_follow(rng.standard_normal(1000), stats.norm.cdf, false_alarm=0.1)
        except AssertionError:
            alarms += 1
    # Bonferroni is cautious, so fewer; but a harness that never alarmed would prove nothing.
    assert 0 < alarms <= stats.binom.ppf(1.0 - 1e-6, 400, 0.1)


def test_frequencies_that_are_a_point_off_fail() -> None:
    rng = np.random.default_rng(2)
    weights = np.array([0.4, 0.3, 0.3])
    assert_frequencies(rng.multinomial(DRAWS, weights), weights)
    with pytest.raises(AssertionError):
        assert_frequencies(rng.multinomial(DRAWS, [0.41, 0.29, 0.3]), weights)


def test_dependence_without_correlation_fails() -> None:
    assert_independent(NORMAL, OTHER)
    with pytest.raises(AssertionError):
        assert_independent(NORMAL, np.where(OTHER > 0.0, NORMAL, -NORMAL))


def test_a_weak_correlation_is_no_independence() -> None:
    with pytest.raises(AssertionError):
        assert_independent(NORMAL, OTHER + 0.03 * NORMAL)


def test_scores_correlated_by_rho_itself_have_another_rank_correlation() -> None:
    # Taking Spearman's rho for Pearson's leaves 0.4826 of 0.5: the copula's conversion is worth a test.
    mixed = 0.5 * NORMAL + np.sqrt(0.75) * OTHER
    assert_rank_correlation(NORMAL, mixed, 6.0 / np.pi * np.arcsin(0.25))
    with pytest.raises(AssertionError):
        assert_rank_correlation(NORMAL, mixed, 0.5)
