"""Quantiles of stated values and of samples: steps and lines over the score."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

import timecone as tc

SCORES = special.ndtri(1e-7) * np.linspace(-1.0, 1.0, 4001)
P = special.ndtr(SCORES)


def test_discrete_values_stand_where_their_probabilities_add_up() -> None:
    values, shares = np.array([-1.0, 0.5, 3.0, 1e6]), np.array([0.1, 0.4, 0.4999, 0.0001])
    shuffled = [2, 0, 3, 1]
    found = tc.Discrete(values=values[shuffled].tolist(), probabilities=shares[shuffled].tolist())
    edges = special.ndtri(np.cumsum(shares)[:-1])
    scores = np.concatenate([SCORES[SCORES != 0.0], edges - 1e-12, edges + 1e-12])
    expected = values[np.searchsorted(edges, scores)]
    np.testing.assert_array_equal(found.family.compiled()(scores), expected)
    assert found.mean() == pytest.approx(float(values @ shares), rel=1e-14)


def test_a_rare_value_keeps_its_probability() -> None:
    rare = tc.Discrete(values=[0, 1], probabilities=[1 - 1e-12, 1e-12]).family.compiled()
    edge = -special.ndtri(1e-12)
    np.testing.assert_array_equal(rare(np.array([edge - 1e-6, edge + 1e-6])), [0.0, 1.0])


@pytest.mark.parametrize("cut", [{"low": 0.5}, {"high": 3.0}, {"low": 0.5, "high": 3.0}])
def test_discrete_values_that_are_cut_keep_the_bounds_and_share_the_rest(cut: dict[str, float]) -> None:
    values, shares = np.array([-1.0, 0.5, 3.0, 10.0]), np.array([0.1, 0.4, 0.3, 0.2])
    found = tc.Discrete(values=values.tolist(), probabilities=shares.tolist(), truncate=cut)
    kept = (values >= cut.get("low", -np.inf)) & (values <= cut.get("high", np.inf))
    edges = special.ndtri((np.cumsum(shares[kept]) / shares[kept].sum())[:-1])
    scores = SCORES[np.min(np.abs(SCORES[:, None] - edges), axis=1) > 1e-8]
    expected = values[kept][np.searchsorted(edges, scores)]
    np.testing.assert_allclose(found.family.compiled()(scores), expected, rtol=1e-12)


def test_a_sample_is_a_line_between_its_plotting_positions() -> None:
    values = np.sort(stats.lognorm(1).rvs(200, random_state=3))
    z = special.ndtri((np.arange(200) + 0.5) / 200)
    found = tc.Empirical(values=values[::-1].tolist())
    expected = np.interp(SCORES, z, values)
    np.testing.assert_allclose(found.family.compiled()(SCORES), expected, rtol=1e-12)
    # Each line contributes its integral over the normal density.
    knots, y = np.array([-np.inf, *z, np.inf]), np.array([values[0], *values, values[-1]])
    slope = np.diff(values) / np.diff(z)
    mean = np.diff(special.ndtr(knots)) @ y[:-1]
    phi = stats.norm.pdf(z)
    mean += np.sum(slope * (phi[:-1] - phi[1:] - z[:-1] * np.diff(special.ndtr(z))))
    assert found.mean() == pytest.approx(mean, rel=1e-6)
    draws = found.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    assert found.mean() == pytest.approx(draws.mean(), rel=1e-4)


NINETEEN_ZEROS = [0.0] * 19 + [100.0]


def test_a_sample_that_is_resampled_keeps_its_mean_and_its_ties() -> None:
    found = tc.Empirical(values=NINETEEN_ZEROS, resample=True)
    assert found.mean() == pytest.approx(5.0, rel=1e-14)
    np.testing.assert_array_equal(found.ppf([0.0001, 0.9499, 0.9501, 0.9999]), [0.0, 0.0, 100.0, 100.0])


def test_a_smoothed_sample_states_the_mean_of_its_draws() -> None:
    found = tc.Empirical(values=NINETEEN_ZEROS)
    # Zero up to the position 18.5 / 20, then a line in the score up to 100 at 19.5 / 20.
    low, high = special.ndtri([0.925, 0.975])
    slope = 100.0 / (high - low)
    phi = stats.norm.pdf([low, high])
    assert found.mean() == pytest.approx(2.5 + slope * (phi[0] - phi[1] - 0.05 * low), rel=1e-6)
    draws = found.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    assert found.mean() == pytest.approx(draws.mean(), rel=1e-4)
    assert np.mean(draws == 0.0) == pytest.approx(0.925, abs=1e-5)
    assert found.family.remark == "20 values, smoothed"


@pytest.mark.parametrize("resample", [False, True])
def test_weights_stand_for_repeated_values(resample: bool) -> None:
    found = tc.Empirical(values=[3, 1, 2, 7], weights=[2, 1, 3, 0], resample=resample)
    levels = np.array([1 / 12, 4.0 / 12.0 - 0.02, 5.0 / 6.0])
    if resample:
        repeated = tc.Empirical(values=[1, 2, 2, 2, 3, 3], resample=True)
        np.testing.assert_array_equal(found.ppf(levels), repeated.ppf(levels))
        assert found.mean() == pytest.approx(13.0 / 6.0, rel=1e-14)
    else:
        # Positions in the middle of each weight: 1/12, 5/12 (2 of 6 + 1/12), 10/12.
        z = special.ndtri([1 / 12, 2.5 / 6, 5 / 6])
        np.testing.assert_allclose(
            found.ppf(levels), np.interp(special.ndtri(levels), z, [1.0, 2.0, 3.0]), rtol=1e-12
        )


def test_equal_weights_change_nothing() -> None:
    values = np.sort(stats.norm.rvs(size=50, random_state=4)).tolist()
    weighted = tc.Empirical(values=values, weights=[0.7] * 50)
    np.testing.assert_allclose(weighted.ppf(P), tc.Empirical(values=values).ppf(P), rtol=1e-9, atol=1e-12)


def test_a_large_sample_is_kept_to_a_thousandth_of_its_spread() -> None:
    values = np.sort(stats.norm.rvs(size=20_000, random_state=3))
    found = tc.Empirical(values=values.tolist()).family.compiled()
    z = special.ndtri((np.arange(20_000) + 0.5) / 20_000)
    body = np.abs(z) < 3.0
    assert np.max(np.abs(found(z) - values)[body]) < 1e-2 * np.std(values)
    assert (found(np.array([-8.0, 8.0])) == values[[0, -1]]).all()


def test_a_sample_that_is_cut_is_conditional() -> None:
    values = np.sort(stats.lognorm(1).rvs(60, random_state=3))
    z = special.ndtri((np.arange(60) + 0.5) / 60)
    low, high = np.interp([-1.0, 1.5], z, values)
    inside = special.ndtr(1.5) - special.ndtr(-1.0)
    expected = np.interp(special.ndtri(special.ndtr(-1.0) + inside * P), z, values)
    found = tc.Empirical(values=values.tolist(), truncate={"low": low, "high": high})
    np.testing.assert_allclose(found.family.compiled()(SCORES), expected, atol=1e-6 * np.ptp(expected))
