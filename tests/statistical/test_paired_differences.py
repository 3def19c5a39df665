"""Paired errors of differences between runs that share random numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from timecone.results.estimators.paired import difference, probability_differences, quantile_differences

DRAWS, PAIRS = 2000, 400


def _pair(generator: np.random.Generator, draws: int) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return two runs: the second is later; a draw counts only where it is late enough in its own run."""
    z, shift = generator.normal(size=draws), generator.uniform(size=draws)
    first = 2030.0 + 10.0 * np.exp(z)
    second = first + 3.0 * shift
    sides = []
    for values in (first, second):
        counted = values > 2032.0
        sides.append((np.where(values > 2060.0, np.inf, values), counted))
    return tuple(sides)


@pytest.mark.slow
def test_intervals_cover_over_400_pairs_of_seeds() -> None:
    big = _pair(np.random.default_rng(0), 8_000_000)
    bounds, levels = np.array([2035.0, 2045.0]), np.array([0.1, 0.5, 0.75])
    chances = probability_differences(*big, bounds).value
    dates = quantile_differences(*big, levels).value
    inside = np.zeros(5)
    for seed in range(PAIRS):
        pair = _pair(np.random.default_rng(seed + 1), DRAWS)
        for offset, truth, found in (
            (0, chances, probability_differences(*pair, bounds)),
            (2, dates, quantile_differences(*pair, levels)),
        ):
            inside[offset : offset + truth.size] += (found.lower <= truth) & (truth <= found.upper)
    # Binomial(400, 0.95) has a standard deviation of 4.4; the number of draws behind a slope is finite.
    assert np.all((inside >= 0.92 * PAIRS) & (inside <= 0.985 * PAIRS)), inside


def test_pairing_is_worth_its_name() -> None:
    pair = _pair(np.random.default_rng(3), 20_000)
    errors = [quantile_differences(*pair, np.array([0.5]), paired=p).standard_error[0] for p in (True, False)]
    assert errors[0] < 0.35 * errors[1]


def test_no_infinity_is_subtracted_from_another() -> None:
    every = np.ones(1000, dtype=bool)
    early = np.where(np.arange(1000) < 600, 2030.0 + np.arange(1000) / 100.0, np.inf)
    late = np.where(np.arange(1000) < 300, 2030.0 + np.arange(1000) / 100.0, np.inf)
    found = quantile_differences((early, every), (late, every), np.array([0.2, 0.5, 0.9]))
    assert found.value[0] == 0.0
    assert found.value[1] == np.inf
    assert np.isnan(found.value[2])
    assert np.isinf(found.lower[1:]).all()


def test_the_error_of_a_difference_of_means_is_scipys() -> None:
    # So few draws that a degree of freedom more or less shows.
    first, second = np.array([1.0, 4.0, 2.0, 8.0, 5.0]), np.array([2.0, 4.5, 1.0, 9.0, 9.0])
    assert difference(first, second, paired=True) == pytest.approx(stats.sem(second - first), rel=1e-12)
    apart = np.hypot(stats.sem(first), stats.sem(second))
    assert difference(first, second, paired=False) == pytest.approx(apart, rel=1e-12)
