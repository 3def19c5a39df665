"""A normal updated on failed trials: quadrature, limits, units and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

import timecone as tc
from refusals import refused

PRIOR = {"mean": 32.8, "sd": 7.1, "levels": [17.0, 23.0, 25.0], "counts": [8.0, 2.0, 1.0], "slope": 0.3}


def density(x):
    likelihood = sum(d * 10.0 ** (0.3 * (r - x)) for r, d in zip((17, 23, 25), (8, 2, 1), strict=True))
    return stats.norm(32.8, 7.1).pdf(x) * np.exp(-likelihood)


def test_quantiles_have_the_mass_of_prior_times_likelihood():
    total = integrate.quad(density, 0.0, 80.0, epsabs=1e-14, limit=400)[0]
    for p in (1e-5, 0.05, 0.5, 0.95, 1.0 - 1e-5):
        value = float(tc.UpdatedNormal(**PRIOR).ppf(p))
        below = integrate.quad(density, 0.0, value, epsabs=1e-14, limit=400)[0] / total
        # Tables of quantiles are within 1e-7 of the interquartile range.
        assert below == pytest.approx(p, abs=1e-7, rel=1e-5)
    family = tc.UpdatedNormal(**PRIOR).family
    assert family.kept_share() == pytest.approx(total, rel=1e-10)


def test_without_trials_it_is_the_prior():
    p = np.linspace(0.001, 0.999, 199)
    found = tc.UpdatedNormal(**PRIOR | {"counts": [0.0, 0.0, 0.0]}).ppf(p)
    np.testing.assert_allclose(found, 32.8 + 7.1 * special.ndtri(p), rtol=0.0, atol=1e-5)


def test_more_trials_never_lower_a_quantile():
    p = np.linspace(0.001, 0.999, 199)
    few, many = (tc.UpdatedNormal(**PRIOR | {"counts": [8.0, 2.0, n]}).ppf(p) for n in (1.0, 20.0))
    assert np.all(many > few)


def test_a_change_of_unit_changes_no_digest():
    family = tc.UpdatedNormal(**PRIOR).family
    twice = family.scaled(2.0)
    assert (
        twice.digest_key()
        == family.digest_key()[:1]
        + tc.UpdatedNormal(
            mean=65.6, sd=14.2, levels=[34, 46, 50], counts=[8, 2, 1], slope=0.15
        ).family.digest_key()[1:]
    )
    p = np.array([0.1, 0.5, 0.9])
    np.testing.assert_allclose(twice.ppf(p), 2.0 * family.ppf(p), rtol=1e-6)
    assert family.digest_key() != tc.UpdatedNormal(**PRIOR | {"slope": 0.31}).family.digest_key()


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"counts": [1.0]}, "trials-size", None),
        ({"levels": [17.0, 25.0, 23.0]}, "trials-not-increasing", "levels[2]"),
        ({"counts": [8.0, -1.0, 1.0]}, "trials-negative", "counts[1]"),
        ({"sd": 0.0}, "not-positive", None),
        ({"slope": 0.0}, "not-positive", None),
        ({"mean": -400.0, "slope": 2.0}, "empty-update", None),
    ],
)
def test_it_refuses(changes, code, where):
    with refused(code, where):
        tc.UpdatedNormal(**PRIOR | changes)
