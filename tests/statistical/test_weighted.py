"""Weighted percentiles and shares: inverted CDF, +inf kept, intervals that hold what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from timecone.results.estimators.intervals import wilson
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.probabilities import shares_below
from timecone.results.estimators.sample import SortedSample
from timecone.results.estimators.weighted_sample import WeightedSample

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
REPEATS, DRAWS = 1500, 2000


def test_equal_weights_give_the_inverted_cdf() -> None:
    values = np.random.default_rng(1).exponential(size=999)
    values[values > 2.5] = np.inf
    found = WeightedSample.of(values, np.full(999, 7.0))
    p = np.linspace(0.001, 0.999, 500)
    np.testing.assert_array_equal(found.quantile(p), np.quantile(values, p, method="inverted_cdf"))
    bounds = np.array([0.0, 0.5, 1.0, 2.5, np.inf])
    np.testing.assert_allclose(found.share_below(bounds), [(values < b).mean() for b in bounds])
    assert found.effective_size == pytest.approx(999)
    ends = found.share_interval(bounds[1:2])
    np.testing.assert_allclose(ends, np.array(wilson(np.array([(values < 0.5).sum()]), 999)), rtol=1e-9)


def test_a_weight_counts_as_so_many_draws() -> None:
    values, counts = np.array([3.0, 1.0, np.inf, 2.0]), np.array([2, 1, 3, 4])
    found, repeated = WeightedSample.of(values, counts.astype(float)), np.repeat(values, counts)
    p = np.array([0.05, 0.1, 0.11, 0.5, 0.51, 0.7, 0.71, 0.99])
    np.testing.assert_array_equal(found.quantile(p), np.quantile(repeated, p, method="inverted_cdf"))
    np.testing.assert_allclose(found.share_below(np.array([1.0, 2.0, 3.0, np.inf])), [0.0, 0.1, 0.5, 0.7])


def test_what_is_not_reached_stays_infinite() -> None:
    found = WeightedSample.of(np.array([1.0, np.inf, np.inf]), np.array([0.2, 0.4, 0.4]))
    assert found.quantile(np.array([0.2, 0.21])).tolist() == [1.0, np.inf]
    lower, upper = found.quantile_interval(np.array([0.2]))
    assert (lower[0], upper[0]) == (-np.inf, np.inf)  # three draws say nothing


def test_ends_of_a_share_that_is_certain() -> None:
    found = WeightedSample.of(np.linspace(0.0, 1.0, 400), np.linspace(1.0, 2.0, 400))
    lower, upper = found.share_interval(np.array([-1.0, 2.0]))
    assert (lower[0], upper[1]) == (0.0, 1.0)
    assert 0.0 < upper[0] < 0.02
    assert 0.98 < lower[1] < 1.0


@pytest.fixture(scope="module")
def coverage() -> tuple[np.ndarray, np.ndarray]:
    """Return how often the intervals hold the truth, for draws of N(0, 1) weighted to N(0.5, 0.9)."""
    random, target = np.random.default_rng(7), stats.norm(0.5, 0.9)
    truth, bounds = target.ppf(LEVELS), np.array([-1.0, 0.0, 1.0, 2.0])
    of_levels, of_shares = np.zeros(LEVELS.size), np.zeros(bounds.size)
    for _ in range(REPEATS):
        x = random.standard_normal(DRAWS)
        found = WeightedSample.of(x, np.exp(target.logpdf(x) - stats.norm.logpdf(x)))
        lower, upper = found.quantile_interval(LEVELS)
        of_levels += (lower <= truth) & (truth <= upper)
        lower, upper = found.share_interval(bounds)
        of_shares += (lower <= target.cdf(bounds)) & (target.cdf(bounds) <= upper)
    return of_levels / REPEATS, of_shares / REPEATS


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(coverage: tuple[np.ndarray, np.ndarray]) -> None:
    # Between 93 % and 97 %: the asymptotics of 2000 draws, and 1500 repeats, whose standard error is 0.6 %.
    for found in coverage:
        assert found.min() > 0.93
        assert found.max() < 0.97


def test_weighted_and_plain_samples_answer_the_same_questions() -> None:
    dates = np.sort(
        np.where(np.arange(2000) % 5, 2026.0 + 40.0 * np.random.default_rng(8).random(2000), np.inf)
    )
    plain, weighted = SortedSample(dates), WeightedSample.of(dates, np.ones(dates.size))
    p, bounds = np.array([0.05, 0.25, 0.5, 0.75]), np.array([2030.0, 2045.0, np.inf])
    one, other = quantiles(plain, p), quantiles(weighted, p)
    np.testing.assert_array_equal(one.value, other.value)
    # Ranks of a binomial and Woodruff's interval differ by a few of the 2000 draws.
    np.testing.assert_allclose(one.standard_error, other.standard_error, rtol=0.1)
    one, other = shares_below(plain, bounds), shares_below(weighted, bounds)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
