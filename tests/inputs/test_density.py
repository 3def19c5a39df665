"""Densities along the compiled quantile functions are SciPy's; copulas are multivariate normal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

import timecone as tc
from refusals import refused
from timecone.inputs.density import (
    density_along_scores,
    log_copula_density,
    log_mass,
    score_interval,
)
from timecone.inputs.distributions import Distribution

P = np.array([1e-6, 1e-3, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.999, 1.0 - 1e-6])

SMOOTH = {
    "normal": tc.Normal(mean=3, sd=2),
    "lognormal": tc.LogNormal(p05=3, p95=22),
    "uniform": tc.Uniform(low=0.3, high=0.9),
    "loguniform": tc.LogUniform(low=1, high=90),
    "student_t": tc.StudentT(df=4, location=1, scale=2),
    "gamma": tc.Gamma(mean=4, sd=2),
    "weibull": tc.Weibull(shape=1.5, scale=2),
    "beta": tc.Beta(alpha=2, beta=3),
    "exponential": tc.Exponential(rate=2),
    "lindy": tc.Lindy(age=10),
    "skew_normal": tc.SkewNormal(skew=2, location=1, scale=2),
    "gumbel_r": Distribution("scipy.gumbel_r", {"loc": 2, "scale": 1}),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_densitiesdensity_along_scores_are_scipys(name: str) -> None:
    family = SMOOTH[name].family
    x = family.scipy().ppf(P)
    found = density_along_scores(family.compiled(), x)
    assert not found.atom.any()
    # A table promises values, to 1e-7 of the interquartile range; its slopes err more.
    np.testing.assert_allclose(found.log, family.scipy().logpdf(x), atol=5e-3)
    np.testing.assert_array_equal(family.log_density(x).log, family.scipy().logpdf(x))


def test_a_log_student_t_is_students_of_the_logarithm() -> None:
    x = 2.0 * np.exp(0.4 * stats.t(20).ppf(P))
    found = tc.LogStudentT(df=20, median=2, sigma=0.4).family.log_density(x)
    wanted = stats.t(20).logpdf(np.log(x / 2.0) / 0.4) - np.log(0.4 * x)
    np.testing.assert_allclose(found.log, wanted, atol=5e-3)


def test_a_truncated_distribution_has_its_parents_density_over_the_mass() -> None:
    family = tc.Normal(mean=3, sd=2, truncate={"low": 1, "high": 9}).family
    theirs = stats.truncnorm((1 - 3) / 2, (9 - 3) / 2, loc=3, scale=2)
    x = theirs.ppf(P)
    np.testing.assert_allclose(family.log_density(x).log, theirs.logpdf(x), atol=5e-3)
    assert np.all(family.log_density(np.array([0.9, 9.1])).log == -np.inf)


def test_a_mixture_has_the_mean_density() -> None:
    components = [
        {"weight": 0.3, "distribution": "normal", "mean": 0, "sd": 1},
        {"weight": 0.7, "distribution": "normal", "mean": 4, "sd": 0.5},
    ]
    x = np.linspace(-2.5, 5.5, 60)
    pdf = 0.3 * stats.norm(0, 1).pdf(x) + 0.7 * stats.norm(4, 0.5).pdf(x)
    found = tc.Mixture(components=components).family.log_density(x)
    np.testing.assert_allclose(found.log, np.log(pdf), atol=0.02)


@pytest.mark.parametrize("space", ["linear", "log", "logit"])
def test_the_density_of_percentiles_integrates_to_the_levels(space: str) -> None:
    family = tc.PercentileTable(p05=0.2, p50=0.35, p95=0.7, space=space).family

    def density(x: float) -> float:
        return float(np.exp(family.log_density(np.array([x])).log[0]))

    for low, high, mass in ((0.2, 0.35, 0.45), (0.35, 0.7, 0.45)):
        assert integrate.quad(density, low, high)[0] == pytest.approx(mass, abs=1e-6)


def test_values_too_rare_to_be_drawn_have_a_density_still() -> None:
    family = tc.PercentileTable(p05=3, p95=22, space="log").family  # which is a lognormal
    theirs = tc.LogNormal(p05=3, p95=22).family.scipy()
    x = theirs.ppf(0.5) * np.exp(0.6 * np.array([-12.0, -9.0, 9.0, 12.0]))
    np.testing.assert_allclose(family.log_density(x).log, theirs.logpdf(x), rtol=1e-9)
    assert family.log_density(np.array([-1.0, 0.0, np.inf])).log.tolist() == [-np.inf] * 3


def test_atoms_have_their_probability() -> None:
    coin = tc.Discrete(values=[1, 2], probabilities=[0.25, 0.75]).family
    discrete = coin.log_density(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(np.exp(discrete.log), [0.25, 0.75, 0.0])
    point = tc.Point(value=2).family.log_density(np.array([2.0, 2.5]))
    assert (point.log.tolist(), point.atom.tolist()) == ([0.0, -np.inf], [True, True])
    bounded = tc.Normal(mean=0, sd=1, clamp={"low": -1, "high": 2}).family
    clamped = bounded.log_density(np.array([-1.0, 0.5, 2.0]))
    wanted = [stats.norm.cdf(-1), stats.norm.pdf(0.5), stats.norm.sf(2)]
    np.testing.assert_allclose(np.exp(clamped.log), wanted, rtol=1e-9)
    assert clamped.atom.tolist() == [True, False, True]


def test_never_is_an_atom() -> None:
    components = [
        {"weight": 0.8, "distribution": "lognormal", "median": 2, "sigma": 0.5},
        {"weight": 0.2, "distribution": "point", "value": np.inf},
    ]
    family = tc.Mixture(components=components).family
    found = family.log_density(np.array([np.inf, 2.0]))
    parent = stats.lognorm(0.5, scale=2).pdf(2.0)
    np.testing.assert_allclose(np.exp(found.log), [0.2, 0.8 * parent], rtol=0.01)
    below, upto = score_interval(family.compiled(), np.array([np.inf]))
    np.testing.assert_allclose([below[0], upto[0]], [stats.norm.isf(0.2), np.inf])


def test_a_sample_has_no_density() -> None:
    for given in (tc.Empirical(values=[1, 2, 3]), tc.Posterior(values=[1.0, 2.0] * 50, rows="a")):
        with refused("sample-has-no-density", None):
            given.family.log_density(np.array([1.5]))


@pytest.mark.parametrize(
    ("low", "high"), [(-1.0, 0.5), (9.0, 10.0), (-10.0, -9.0), (8.0, np.inf), (-np.inf, np.inf)]
)
def test_mass_keeps_its_digits_in_both_tails(low: float, high: float) -> None:
    exact = np.log(integrate.quad(stats.norm.pdf, low, high, epsabs=0.0)[0])
    assert log_mass(np.array([low]), np.array([high]))[0] == pytest.approx(exact, rel=1e-7, abs=1e-9)


CORRELATION = np.array([[1.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.0]])


def test_a_copula_of_scores_is_a_multivariate_normal() -> None:
    z = np.random.default_rng(1).standard_normal((3, 50))
    wanted = stats.multivariate_normal(cov=CORRELATION).logpdf(z.T) - stats.norm.logpdf(z).sum(axis=0)
    np.testing.assert_allclose(log_copula_density(CORRELATION, z, z), wanted, rtol=1e-9)


def test_one_atom_is_integrated_over() -> None:
    low, high, known = 0.3, 1.1, np.array([0.4, -0.7])

    def joint(z: float) -> float:
        return float(stats.multivariate_normal(cov=CORRELATION).pdf([known[0], z, known[1]]))

    mass = stats.norm.cdf(high) - stats.norm.cdf(low)
    wanted = np.log(integrate.quad(joint, low, high)[0] / mass / stats.norm.pdf(known).prod())
    below, upto = (np.array([[known[0]], [end], [known[1]]]) for end in (low, high))
    assert log_copula_density(CORRELATION, below, upto)[0] == pytest.approx(wanted, rel=1e-9)


def test_two_atoms_are_not() -> None:
    below, upto = np.array([[-1.0], [-1.0], [0.0]]), np.array([[1.0], [1.0], [0.0]])
    assert np.isnan(log_copula_density(CORRELATION, below, upto)[0])
