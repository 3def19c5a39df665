"""Known answers of the sensitivity indices, with outcomes that are never reached and correlated inputs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from timecone.results.estimators import sensitivity as s

DRAWS = 20_000
CORRELATION = 0.7
CENSORED = 0.30
COEFFICIENTS = np.array([1.0, 0.6, 0.0])


def _linear(seed: int, draws: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
    """Return two correlated inputs and an inert one, and an outcome of which 30 % is inf."""
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(3, draws))
    inputs[1] = CORRELATION * inputs[0] + np.sqrt(1.0 - CORRELATION**2) * inputs[1]
    outcome = COEFFICIENTS @ inputs + 0.5 * generator.normal(size=draws)
    scale = np.sqrt(1.0 + 0.36 + 2.0 * 0.6 * CORRELATION + 0.25)
    outcome[outcome > scale * special.ndtri(1.0 - CENSORED)] = np.inf
    return inputs, outcome


def _share_of_exceedance(correlation: float) -> float:
    """Return Chatterjee's index of correlated Gaussians, the outcome's upper 30 % censored, by quadrature.

    P(both of two copies with one input exceed t) is a bivariate normal probability with correlation rho**2.
    """
    levels = (np.arange(400) + 0.5) / 400
    top, bottom = 0.0, 0.0
    for level in levels:
        # A censored outcome counts as one value above the last threshold.
        p = 1.0 - level if level < 1.0 - CENSORED else CENSORED
        t = special.ndtri(1.0 - p)
        both = stats.multivariate_normal(cov=[[1.0, correlation**2], [correlation**2, 1.0]]).cdf([-t, -t])
        top, bottom = top + both - p * p, bottom + p - p * p
    return float(top / bottom)


def _orders(inputs: np.ndarray) -> list[np.ndarray]:
    return [np.argsort(x) for x in inputs]


def test_rank_index_of_censored_correlated_inputs() -> None:
    scale = np.sqrt(1.0 + 0.36 + 2.0 * 0.6 * CORRELATION + 0.25)
    truth = [_share_of_exceedance(c / scale) for c in (1.0 + 0.6 * CORRELATION, 0.6 + CORRELATION, 0.0)]
    covered = np.zeros(3)
    for seed in range(20):
        inputs, outcome = _linear(seed)
        found = s.rank_indices(_orders(inputs), outcome)
        covered += (found.lower <= truth) & (truth <= found.upper)
    # Of 20 intervals with 95 %, 16 or fewer hold the truth once in 70 times.
    assert covered.min() >= 16, covered


def test_first_order_index_of_ishigami() -> None:
    """The index of an outcome of 0 or 1 is its Sobol' index, here by quadrature."""
    grid = np.linspace(-np.pi, np.pi, 401)[:-1] + np.pi / 400
    a, b = np.sin(grid), 7.0 * np.sin(grid) ** 2
    c = 0.1 * grid**4
    values = a[:, None, None] * (1.0 + c[None, None, ::4]) + b[None, ::4, None]
    below = values < 2.0
    p = below.mean()
    by_first = below.mean(axis=(1, 2))
    by_second = below.mean(axis=(0, 2))
    by_third = below.mean(axis=(0, 1))
    truth = np.array([m.var() for m in (by_first, by_second, by_third)]) / (p * (1.0 - p))
    covered = np.zeros(3)
    for seed in range(20):
        x = np.random.default_rng(seed).uniform(-np.pi, np.pi, size=(3, DRAWS))
        y = np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
        found = s.rank_indices(_orders(x), (y < 2.0).astype(float))
        covered += (found.lower <= truth) & (truth <= found.upper)
    assert covered.min() >= 16, covered


def _pawn(x: np.ndarray, y: np.ndarray, bins: int = 100) -> np.ndarray:
    of = s.groups(x, np.argsort(x, kind="stable"))
    bin_of, edges = s.outcome_bins(y, bins)
    return s.count_table(of, bin_of, (int(of.max()) + 1, edges.size))


@pytest.mark.slow
def test_pawn_of_censored_correlated_inputs() -> None:
    inputs, outcome = _linear(1000, 4_000_000)
    truth = [float(s.pawn(_pawn(x, outcome).astype(float))) for x in inputs[:2]]
    covered = np.zeros(2)
    for seed in range(20):
        inputs, outcome = _linear(seed)
        generator = np.random.default_rng(seed)
        for k in range(2):
            table = _pawn(inputs[k], outcome)
            low, high = s.basic_interval(
                float(s.pawn(table.astype(float))), s.pawn(s.bootstrap(table, 100, generator))
            )
            covered[k] += low <= truth[k] <= high
    assert covered.min() >= 16, covered


@pytest.mark.slow
def test_an_inert_input_stays_within_chance_in_95_percent_of_200_trials() -> None:
    generator = np.random.default_rng(5)
    inside = 0
    for _ in range(200):
        x, y = generator.normal(size=(2, 4000))
        y[y > 0.5] = np.inf
        table = _pawn(x, y)
        inside += float(s.pawn(table.astype(float))) <= np.quantile(s.chance(table, 200, generator), 0.95)
    # Binomial(200, 0.95): below 182 or above 198 once in 100 times each way.
    assert 181 <= inside <= 199, inside


def test_partial_rank_correlation_holds_the_other_inputs_fixed() -> None:
    """Of Gaussians the partial correlation is known; that of ranks comes near it."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(2, 200_000))
    x[1] = CORRELATION * x[0] + np.sqrt(1.0 - CORRELATION**2) * x[1]
    y = x[0] + generator.normal(size=x.shape[1])
    ranks = np.column_stack([s.average_ranks(v) for v in x])
    found = s.partial_rank_correlations(ranks, s.average_ranks(y))
    assert stats.spearmanr(x[1], y)[0] > 0.4
    # Ranks are no exact linear model: their partial correlation of an inert input is 0.02 here, not 0.
    assert abs(found.value[1]) < 0.04
    assert found.value[0] == pytest.approx(np.sqrt(0.51 / 1.51), abs=0.02)


def test_partial_rank_correlations_are_correlations_of_residuals() -> None:
    """Three inputs of unequal influence: what regression on the other two leaves of input and outcome."""
    generator = np.random.default_rng(4)
    x = generator.normal(size=(3, 2000))
    x[1] += 0.5 * x[0]
    y = 4.0 * x[0] - x[1] + 0.3 * x[2] + 0.5 * generator.normal(size=2000)
    ranks = np.column_stack([s.average_ranks(v) for v in x])
    outcome = s.average_ranks(y)
    found = s.partial_rank_correlations(ranks, outcome)
    for k in range(3):
        others = np.delete(ranks, k, axis=1)
        one, other = (v - others @ np.linalg.lstsq(others, v)[0] for v in (ranks[:, k], outcome))
        assert found.value[k] == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-12)


def test_ranks_are_standardised_and_those_of_a_constant_are_0() -> None:
    values = np.array([3.0, 1.0, 1.0, np.inf])
    expected = stats.zscore(stats.rankdata(values))
    np.testing.assert_allclose(s.average_ranks(values), expected, rtol=1e-12)
    np.testing.assert_array_equal(s.average_ranks(np.full(5, 2.0)), np.zeros(5))


def test_the_basic_interval_mirrors_the_quantiles_of_resampling() -> None:
    resampled = np.linspace(2.0, 4.0, 2001)
    assert s.basic_interval(3.2, resampled) == pytest.approx((6.4 - 3.95, 6.4 - 2.05), abs=1e-12)
    # An estimate that the mirrored quantiles leave outside is an end.
    assert s.basic_interval(5.0, resampled) == pytest.approx((5.0, 10.0 - 2.05), abs=1e-12)


def test_a_column_that_others_settle_has_no_partial_correlation() -> None:
    x, y = np.random.default_rng(3).normal(size=(2, 5000))
    ranks = np.column_stack([s.average_ranks(v) for v in (x, 2.0 * x)])
    found = s.partial_rank_correlations(ranks, s.average_ranks(y))
    assert np.isfinite(found.value[0])
    assert np.isnan(found.value[1])


def test_narrowing_of_a_sum() -> None:
    """With x known the interval of x + e is that of e: less by 1 - 1 / sqrt(2) for equal variances."""
    x, e = np.random.default_rng(3).normal(size=(2, 400_000))
    bins, edges = s.outcome_bins(x + e)
    of = s.groups(x, np.argsort(x), 100)
    table = s.count_table(of, bins, (100, edges.size)).astype(float)
    assert float(s.narrowing(table, edges, np.inf)) == pytest.approx(1.0 - np.sqrt(0.5), abs=0.01)
    inert = s.count_table(s.groups(e[::-1], np.argsort(e[::-1]), 20), bins, (20, edges.size)).astype(float)
    assert abs(float(s.narrowing(inert, edges, np.inf))) < 0.005
