"""Trend whose growth wanders: its moments against explicit regression, its calibration by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from refusals import refused
from timecone.history.supply import trend
from timecone.history.supply.trend import draw_trend

YEARS = np.array([2022.0, 2023.1, 2024.0, 2024.5, 2025.2, 2026.0])
LEVELS = np.array([4.1, 4.7, 5.2, 5.3, 5.9, 6.1])
AHEAD = np.array([2023.5, 2026.0, 2030.0])
STEP = 0.02


def design(times: np.ndarray, origin: float) -> np.ndarray:
    """Return level, growth and small independent steps of a walk of growth, on either side of the origin."""
    edges = {1.0: np.arange(0.0, 8.0, STEP), -1.0: np.arange(0.0, 8.0, STEP)}
    columns = [np.ones(len(times)), times - origin]
    for sign, begins in edges.items():
        for begin in begins:
            # A step of growth at `begin` adds its size for every year beyond, on its side.
            beyond = np.maximum(sign * (times - origin) - begin - STEP / 2.0, 0.0)
            columns.append(beyond * np.sqrt(STEP))
    return np.array(columns).T


def regression(drift: float, residual: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Return mean and covariance ahead, and the log marginal likelihood, by Bayesian linear regression."""
    origin = YEARS.max()
    seen, wanted = design(YEARS, origin), design(AHEAD, origin)
    prior = np.full(seen.shape[1], drift**2)
    prior[:2] = trend.LEVEL_SPREAD**2, trend.GROWTH_PRIOR[1] ** 2
    mean = np.zeros(seen.shape[1])
    mean[:2] = LEVELS[-1], trend.GROWTH_PRIOR[0]
    marginal = seen @ np.diag(prior) @ seen.T + residual**2 * np.eye(len(YEARS))
    precision = np.diag(1.0 / prior) + seen.T @ seen / residual**2
    covariance = np.linalg.inv(precision)
    centre = covariance @ (mean / prior + seen.T @ LEVELS / residual**2)
    likelihood = stats.multivariate_normal.logpdf(LEVELS, seen @ mean, marginal)
    return wanted @ centre, wanted @ covariance @ wanted.T, float(likelihood)


@pytest.mark.slow
def test_moments_are_those_of_a_regression_on_steps_of_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    drift, residual = 0.12, 0.08
    monkeypatch.setattr(
        trend, "_spreads", lambda _, draws, *__: (np.full(draws, drift), np.full(draws, residual))
    )
    drawn = draw_trend(YEARS, LEVELS, AHEAD, seed=5, draws=40_000).level
    mean, covariance, _ = regression(drift, residual)
    sd = np.sqrt(np.diag(covariance))
    # Four standard errors of 40 000 draws, and the width of a step.
    assert np.all(np.abs(drawn.mean(axis=0) - mean) < 4.0 * sd / 200.0 + 0.002)
    np.testing.assert_allclose(drawn.std(axis=0), sd, rtol=0.02)
    np.testing.assert_allclose(np.corrcoef(drawn.T), covariance / np.outer(sd, sd), atol=0.03)


@pytest.mark.slow
def test_spreads_are_weighed_by_their_likelihood_and_priors() -> None:
    past = YEARS - YEARS.max()
    flat = trend.LEVEL_SPREAD**2 + trend.GROWTH_PRIOR[1] ** 2 * np.outer(past, past)
    deviation = LEVELS - LEVELS[-1] - trend.GROWTH_PRIOR[0] * past
    drift, residual, weight = trend._weights(
        deviation, flat, trend._integrated_walk(past), np.zeros(len(past))
    )
    # Where the steps of the regression are fine enough: at the mode and where the weight is a tenth of its
    # largest.
    order = np.argsort(weight)[::-1]
    chosen = [
        int(order[0]),
        *(int(order[np.argmax(weight[order] < weight.max() * part)]) for part in (0.3, 0.1)),
    ]
    expected = []
    for k in chosen:
        prior = stats.halfnorm.logpdf(
            [drift[k], residual[k]], scale=[trend.DRIFT_SCALE, trend.RESIDUAL_SCALE]
        )
        expected.append(regression(drift[k], residual[k])[2] + prior.sum() + np.log(drift[k] * residual[k]))
    ratios = np.log(weight[chosen]) - np.log(weight[chosen[0]])
    np.testing.assert_allclose(ratios, np.array(expected) - expected[0], atol=0.03)
    assert weight.sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_ranks_of_what_was_simulated_are_uniform() -> None:
    """Simulation-based calibration; a false alarm once in a thousand runs of four tests."""
    generator = np.random.default_rng(11)
    replicates, draws = 300, 99
    ranks = np.empty((replicates, 3), dtype=int)
    times = np.concatenate([YEARS, [2030.0]])
    columns = design(times, YEARS.max())
    for k in range(replicates):
        drift = abs(generator.normal(0.0, trend.DRIFT_SCALE))
        residual = abs(generator.normal(0.0, trend.RESIDUAL_SCALE))
        weights = generator.standard_normal(columns.shape[1]) * drift
        # A narrow prior of the level stands for the wide one, whose centre is taken from the data.
        weights[:2] = 6.0, generator.normal(*trend.GROWTH_PRIOR)
        path = columns @ weights
        seen = path[:-1] + generator.normal(0.0, residual, len(YEARS))
        drawn = draw_trend(YEARS, seen, np.array([2026.0, 2030.0]), seed=k, draws=draws)
        truth = (path[-1] - path[-2], drift, residual)
        values = (drawn.at(2030.0) - drawn.at(2026.0), drawn.drift, drawn.residual)
        ranks[k] = [int((value < each).sum()) for value, each in zip(values, truth, strict=True)]
    for k in range(3):
        counts = np.histogram(ranks[:, k], bins=10, range=(-0.5, draws + 0.5))[0]
        assert stats.chisquare(counts).pvalue > 0.001 / 3.0, counts


def test_an_error_that_all_share_widens_levels_and_not_growth() -> None:
    plain = draw_trend(YEARS, LEVELS, AHEAD, seed=1, draws=4000)
    shared = draw_trend(YEARS, LEVELS, AHEAD, seed=1, draws=4000, common_error=0.3)
    assert shared.at(2026.0).var() == pytest.approx(plain.at(2026.0).var() + 0.09, rel=0.1)
    np.testing.assert_allclose(shared.growth(2026.0, 2030.0), plain.growth(2026.0, 2030.0), atol=1e-12)


def test_what_is_refused() -> None:
    with refused("too-few-records", "date", got=2):
        draw_trend(YEARS[:2], LEVELS[:2], AHEAD, seed=1, draws=10)
    with refused("too-few-records", "draws", got=0):
        draw_trend(YEARS, LEVELS, AHEAD, seed=1, draws=0)
    with refused("date-not-drawn", "date", got=2027.0):
        draw_trend(YEARS, LEVELS, AHEAD, seed=1, draws=1).at(2027.0)
