"""Monte Carlo intervals against SciPy's, and their coverage of known truths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from timecone.results.estimators.intervals import (
    between_replicates,
    percentile_rank,
    rank_interval,
    standard_error,
    wilson,
)
from timecone.results.estimators.sample import ReplicatedSample, SortedSample
from timecone.results.run_file.percentiles import of_sample
from timecone.results.run_file.probabilities import probability_before

SIZES = (1, 2, 3, 7, 10, 20, 99, 100, 1000, 12_345, 1_000_000)
# Powers of ten down to the rarest percentile that anybody quotes, and levels that floats cannot hold.
LEVELS = np.array([1e-4, 0.01, 0.025, 0.05, 0.07, 0.1, 0.29, 1 / 3, 0.5, 0.57, 0.7, 0.9, 0.95, 0.99, 0.9999])


@pytest.mark.parametrize("trials", SIZES)
def test_wilson_is_scipys(trials: int) -> None:
    successes = np.unique(np.linspace(0, trials, 41).astype(np.int64))
    lower, upper = wilson(successes, trials)
    for k, low, high in zip(successes, lower, upper, strict=True):
        expected = stats.binomtest(int(k), trials).proportion_ci(method="wilson")
        np.testing.assert_allclose([low, high], [expected.low, expected.high], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("trials", SIZES)
def test_wilson_ends_exactly_at_0_and_1(trials: int) -> None:
    lower, upper = wilson(np.array([0, trials]), trials)
    assert lower[0] == 0.0
    assert upper[1] == 1.0
    assert 0.0 < upper[0] < 1.0
    assert 0.0 < lower[1] < 1.0


@pytest.mark.parametrize("size", SIZES)
def test_rank_interval_is_scipys_binomial_quantile(size: int) -> None:
    low, high = rank_interval(LEVELS, size)
    # Ranks 0 and size + 1 are no order statistics; what stands there instead is tested below.
    expected_low, below = stats.binom.ppf([[0.025], [0.975]], size, LEVELS)
    np.testing.assert_array_equal(np.clip(low, 1, size), np.clip(expected_low, 1, size))
    np.testing.assert_array_equal(np.clip(high, 1, size), np.clip(below + 1, 1, size))


@pytest.mark.parametrize("size", [50, 64, 100, 333, 1000, 12_345])
def test_rank_interval_holds_at_least_its_mass(size: int) -> None:
    # P(rank interval covers) = P(low <= Binomial(size, p) < high), exactly.
    inside = (size * LEVELS > 10) & (size * (1.0 - LEVELS) > 10)
    p = LEVELS[inside]
    low, high = rank_interval(p, size)
    mass = stats.binom.cdf(high - 1, size, p) - stats.binom.cdf(low - 1, size, p)
    assert np.all(mass >= 0.95)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 99, 100, 1000, 4999])
def test_percentile_rank_is_numpys_inverted_cdf(size: int) -> None:
    p = np.concatenate([np.arange(1, 1000) / 1000.0, LEVELS])
    # NumPy takes the float product as it is: 0.07 * 100 > 7 gives it rank 8. The next test covers those.
    lifted = (p * size > np.round(p * size)) & np.isclose(p * size, np.round(p * size), rtol=1e-12, atol=0.0)
    p = p[~lifted]
    assert p.size > 900
    expected = np.quantile(np.arange(1, size + 1), p, method="inverted_cdf")
    np.testing.assert_array_equal(percentile_rank(p, size), expected)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 99, 100, 1000, 1_000_000])
def test_percentile_rank_of_an_exact_multiple_is_that_rank(size: int) -> None:
    rank = np.unique(np.linspace(1, max(size - 1, 1), 997).astype(np.int64))
    np.testing.assert_array_equal(percentile_rank(rank / size, size), rank)


@given(percent=st.integers(1, 9999), size=st.integers(1, 3_000_000))
def test_percentile_rank_is_the_ceiling_in_whole_numbers(percent: int, size: int) -> None:
    # Integer arithmetic knows no rounding: a percentile of at most two decimals is percent / 10000.
    expected = -(-percent * size // 10_000)
    assert percentile_rank(np.array([percent / 10_000]), size)[0] == expected


@pytest.mark.parametrize(
    ("censored", "q"),
    [(0.0, 10.0), (0.0, 50.0), (0.0, 90.0), (0.3, 10.0), (0.3, 68.0), (0.3, 72.0), (0.3, 90.0)],
)
def test_order_statistic_interval_covers_the_true_percentile(censored: float, q: float) -> None:
    # 2000 samples; the interval holds 95 % or more, so fewer than 94 % covered has a probability of
    # at most P(Binomial(2000, 0.95) < 1880) = 0.020 in each case, for a seed chosen once.
    random = np.random.default_rng(20_260_101)
    truth = stats.lognorm.ppf(q / 100.0, 1.0) if q / 100.0 < 1.0 - censored else np.inf
    horizon = stats.lognorm.ppf(1.0 - censored, 1.0) if censored else np.inf
    draws = np.sort(random.lognormal(size=(2000, 200)), axis=1)
    draws[draws >= horizon] = np.inf
    (low,), (high,) = rank_interval(np.array([q / 100.0]), 200)
    covered = (draws[:, low - 1] <= truth) & (truth <= draws[:, high - 1])
    assert covered.sum() >= 1880
    found = of_sample(SortedSample(draws[0]), np.array([q]))
    assert (found.lower[0], found.upper[0]) == (draws[0, low - 1], draws[0, high - 1])


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5, 0.93])
def test_wilson_interval_covers_the_true_probability(p: float) -> None:
    # Wilson's coverage is 0.95 on average over p, not at each: at these p and n = 200 it is 0.933 to
    # 0.964 (summed over the binomial), so the bound is its exact value less four standard errors:
    # false alarm 3e-5.
    random = np.random.default_rng(20_260_102)
    size, repeats = 200, 2000
    k = np.arange(size + 1)
    lower, upper = wilson(k, size)
    exact = stats.binom.pmf(k, size, p)[(lower <= p) & (p <= upper)].sum()
    draws = np.where(random.random((repeats, size)) < p, 2030.0, np.inf)
    below = np.count_nonzero(draws < 2031.0, axis=1)
    covered = np.count_nonzero((lower[below] <= p) & (p <= upper[below]))
    assert covered >= repeats * exact - 4.0 * np.sqrt(repeats * exact * (1.0 - exact))
    found = probability_before(SortedSample(np.sort(draws[0])), np.array([2031.0]))
    assert (found.lower[0], found.upper[0]) == (lower[below[0]], upper[below[0]])


def test_wilson_covers_95_percent_on_average_over_p() -> None:
    size, p = 100, np.linspace(0.005, 0.995, 199)
    k = np.arange(size + 1)
    lower, upper = wilson(k, size)
    mass = [stats.binom.pmf(k, size, one)[(lower <= one) & (one <= upper)].sum() for one in p]
    assert np.mean(mass) >= 0.945


def test_standard_error_is_the_intervals_half_width_over_its_score() -> None:
    z = stats.norm.ppf(0.975)
    assert standard_error(np.array([1.0 - z]), np.array([1.0 + z]))[0] == pytest.approx(1.0)


def test_standard_error_is_infinite_where_an_end_was_not_reached() -> None:
    error = standard_error(np.array([2030.0, np.inf]), np.array([np.inf, np.inf]))
    np.testing.assert_array_equal(error, [np.inf, np.inf])


@pytest.mark.parametrize(("size", "q"), [(1, 50.0), (5, 50.0), (20, 5.0), (20, 95.0), (100, 99.0)])
def test_a_sample_too_small_for_an_interval_claims_no_precision(size: int, q: float) -> None:
    # No pair of order statistics holds 95 % here: what the seed may change is unbounded on one side.
    low, high = (stats.binom.ppf(level, size, q / 100.0) for level in (0.025, 0.975))
    assert low < 1 or high + 1 > size
    dates = np.linspace(2030.0, 2030.01, size)
    found = of_sample(SortedSample(dates), np.array([q]))
    assert np.isinf(found.standard_error[0])
    assert np.isneginf(found.lower[0]) or np.isposinf(found.upper[0])


# --------------------------------------------------------------------------------------------- replicates


def test_an_interval_of_replicates_is_students_t() -> None:
    values = np.random.default_rng(5).normal(2040.0, 2.0, (8, 3))
    pooled = values.mean(axis=0)
    lower, upper = between_replicates(values, pooled)
    for k in range(3):
        expected = stats.ttest_1samp(values[:, k], 0.0).confidence_interval(0.95)
        assert (lower[k], upper[k]) == (pytest.approx(expected.low), pytest.approx(expected.high))


@pytest.mark.parametrize(
    ("values", "pooled", "expected"),
    [
        ([-np.inf] * 4, -np.inf, (-np.inf, -np.inf)),
        ([np.inf] * 4, np.inf, (np.inf, np.inf)),
        ([-np.inf, -np.inf, 3.0, 4.0], -np.inf, (-np.inf, 4.0)),
        ([-np.inf, 3.0, 4.0, 5.0], 3.5, (-np.inf, 5.0)),
        ([2.0, 3.0, np.inf, np.inf], 3.0, (2.0, np.inf)),
        ([-np.inf, 3.0, np.inf, 4.0], 3.0, (-np.inf, np.inf)),
    ],
)
def test_where_replicates_are_infinite_the_interval_is_their_range(
    values: list[float], pooled: float, expected: tuple[float, float]
) -> None:
    lower, upper = between_replicates(np.array(values)[:, None], np.array([pooled]))
    assert (lower[0], upper[0]) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    "never", [0.3, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.02, 0.5, 0.9))]
)
@pytest.mark.parametrize("q", [50.0, *(pytest.param(q, marks=pytest.mark.slow) for q in (5.0, 95.0))])
def test_an_interval_of_replicates_covers_what_is_minus_infinity(never: float, q: float) -> None:
    # 300 runs of 8 replicates; a share of values is -inf, as a logarithm of nothing is.
    random = np.random.default_rng(20_260_103)
    covered, p = 0, np.array([q / 100.0])
    truth = -np.inf if q / 100.0 <= never else float(stats.norm.ppf((q / 100.0 - never) / (1.0 - never)))
    for _ in range(300):
        draws = random.normal(size=(8, 256))
        draws[random.random((8, 256)) < never] = -np.inf
        parts = [SortedSample(np.sort(one)) for one in draws]
        found = of_sample(ReplicatedSample(SortedSample(np.sort(draws.ravel())), parts), 100.0 * p)
        assert found.lower[0] <= found[0] <= found.upper[0]
        covered += found.lower.item() <= truth <= found.upper.item()
    # 95 % of 300 less four standard errors; the level itself, where a jump lies, is known less well.
    assert covered >= 300 * 0.95 - 4.0 * (300 * 0.95 * 0.05) ** 0.5
