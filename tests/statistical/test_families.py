"""Families beyond the closed forms, drawn as simulations draw them, against SciPy's distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats

import timecone as tc
from harness import DRAWS, assert_draws_follow, assert_frequencies, draw
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import Family, log_ten, power_of_ten

type Cdf = Callable[[NDArray], NDArray]

MANY = 1 << 20
SIZES = [pytest.param(DRAWS, id="2**18"), pytest.param(MANY, id="2**20", marks=pytest.mark.slow)]
Z = stats.norm.ppf([0.05, 0.5, 0.9])


def _between(parent: object, low: float = -np.inf, high: float = np.inf) -> Cdf:
    """Return the conditional distribution function of a SciPy distribution between two bounds."""
    below, above = parent.cdf(low), parent.sf(high)
    return lambda x: np.clip((parent.cdf(x) - below) / (1.0 - below - above), 0.0, 1.0)


def _sum(*parts: tuple[float, object]) -> Cdf:
    return lambda x: sum(weight * rv.cdf(x) for weight, rv in parts)


def _table(space: str, forward: Callable[[NDArray], NDArray], **bounds: float) -> Distribution:
    """Return a table of three quantiles of a normal, 3 and 2, taken through the space."""
    values = dict(zip(("p05", "p50", "p90"), forward(3.0 + 2.0 * Z).tolist(), strict=True))
    return tc.PercentileTable(space=space, **values, **bounds)


def _updated(x: NDArray) -> NDArray:
    """Return the distribution function of a normal times the probability of no success, by quadrature."""
    grid = np.linspace(-10.0, 90.0, 200_001)
    likelihood = -sum(d * 10.0 ** (0.3 * (r - grid)) for r, d in ((17, 8), (23, 2), (25, 1)))
    density = stats.norm(32.8, 7.1).pdf(grid) * np.exp(likelihood)
    mass = np.append(0.0, np.cumsum(0.5 * (density[1:] + density[:-1])))
    return np.interp(x, grid, mass / mass[-1])


FAMILIES: dict[str, tuple[Distribution | Family, Cdf]] = {
    "student_t": (tc.StudentT(df=4, location=3, scale=2), stats.t(4, 3, 2).cdf),
    "student_t, quantiles": (
        tc.StudentT(df=4, p05=-1, p95=7), stats.t(4, 3, 4 / stats.t(4).ppf(0.95)).cdf
    ),
    "log_student_t": (
        tc.LogStudentT(df=9, median=3, sigma=0.2), lambda x: stats.t(9, np.log(3), 0.2).cdf(np.log(x))
    ),
    "log_student_t, cut": (
        tc.LogStudentT(df=2, median=1, sigma=1, truncate={"low": 0.01, "high": 1e3}),
        lambda x: _between(stats.t(2), np.log(0.01), np.log(1e3))(np.log(x)),
    ),
    "skew_normal": (tc.SkewNormal(skew=4, location=1, scale=2), stats.skewnorm(4, 1, 2).cdf),
    "beta": (tc.Beta(alpha=2, beta=5), stats.beta(2, 5).cdf),
    "beta between bounds": (
        tc.Beta(alpha=0.5, beta=0.7, low=-2, high=8), stats.beta(0.5, 0.7, -2, 10).cdf
    ),
    "pert": (tc.Pert(low=1, mode=2, high=9), stats.beta(1.5, 4.5, 1, 8).cdf),
    "pert of weight 1": (tc.Pert(low=1, mode=3, high=9, weight=1), stats.beta(1.25, 1.75, 1, 8).cdf),
    "triangular": (tc.Triangular(low=1, mode=2, high=9), stats.triang(1 / 8, 1, 8).cdf),
    "gamma": (tc.Gamma(shape=2.5, scale=3), stats.gamma(2.5, scale=3).cdf),
    "gamma, mean and sd": (tc.Gamma(mean=6, sd=12), stats.gamma(0.25, scale=24).cdf),
    "weibull": (tc.Weibull(shape=0.7, scale=3), stats.weibull_min(0.7, scale=3).cdf),
    "scipy.gumbel_r": (Distribution("scipy.gumbel_r", {"loc": 3, "scale": 2}), stats.gumbel_r(3, 2).cdf),
    "scipy.invgauss": (Distribution("scipy.invgauss", {"mu": 1.5}), stats.invgauss(1.5).cdf),
    "scipy.johnsonsu": (Distribution("scipy.johnsonsu", {"a": 1, "b": 2}), stats.johnsonsu(1, 2).cdf),
    "scipy.arcsine": (Distribution("scipy.arcsine", {}), stats.arcsine.cdf),
    "updated_normal": (
        tc.UpdatedNormal(mean=32.8, sd=7.1, levels=[17, 23, 25], counts=[8, 2, 1], slope=0.3), _updated
    ),
    "mixture": (
        tc.Mixture(components=[
            {"weight": 0.3, "distribution": "normal", "mean": 0, "sd": 1},
            {"weight": 0.2, "distribution": "gamma", "shape": 2, "scale": 3},
            {"weight": 0.5, "distribution": "uniform", "low": 20, "high": 21},
        ]),
        _sum((0.3, stats.norm), (0.2, stats.gamma(2, scale=3)), (0.5, stats.uniform(20, 1))),
    ),
    "mixture with a heavy tail": (
        tc.Mixture(components=[
            {"weight": 0.9, "distribution": "normal", "mean": 0, "sd": 1},
            {"weight": 0.1, "distribution": "lindy", "age": 10},
        ]),
        _sum((0.9, stats.norm), (0.1, stats.lomax(1, scale=10))),
    ),
    "gamma, cut": (
        tc.Gamma(shape=2.5, scale=3, truncate={"low": 1, "high": 9}),
        _between(stats.gamma(2.5, scale=3), 1, 9),
    ),
    "triangular, cut": (
        tc.Triangular(low=1, mode=2, high=9, truncate={"low": 1.5}),
        _between(stats.triang(1 / 8, 1, 8), 1.5),
    ),
    "scipy.gumbel_r, cut": (
        Distribution("scipy.gumbel_r", {"truncate": {"low": 0}}), _between(stats.gumbel_r, 0)
    ),
    "normal, cut beyond 7 standard deviations": (
        tc.Normal(mean=0, sd=1, truncate={"low": 7.2}), lambda x: 1 - stats.norm.sf(x) / stats.norm.sf(7.2)
    ),
    "percentiles": (_table("linear", lambda y: y), stats.norm(3, 2).cdf),
    "percentiles, logarithmic": (_table("log", np.exp), lambda x: stats.norm(3, 2).cdf(np.log(x))),
    "percentiles, logit": (
        _table("logit", lambda y: -5 + 30 * special.expit(y), low=-5, high=25),
        lambda x: stats.norm(3, 2).cdf(special.logit((x + 5) / 30)),
    ),
    "power of ten": (
        power_of_ten(tc.Normal(mean=3, sd=2).family), lambda x: stats.norm(3, 2).cdf(np.log10(x))
    ),
    "power of ten of a gamma": (
        power_of_ten(tc.Gamma(shape=2, scale=3).family), lambda x: stats.gamma(2, scale=3).cdf(np.log10(x))
    ),
    "logarithm": (
        log_ten(tc.LogUniform(low=1e3, high=1e9).family), stats.uniform(3, 6).cdf
    ),
    "logarithm of a pareto": (
        log_ten(tc.Pareto(minimum=1, shape=0.5).family), stats.expon(scale=2 / np.log(10)).cdf
    ),
}  # fmt: skip
ATOMS: dict[str, Distribution] = {
    "clamped": tc.Normal(mean=0, sd=1, clamp={"low": -1, "high": 2}),
    "clamped after a cut": tc.Exponential(mean=1, truncate={"high": 3}, clamp={"low": 0.5}),
    "table without tails": tc.PercentileTable(p05=0, p50=1, p90=3, tails="none"),
    "mixture with a point": tc.Mixture(components=[
        {"weight": 0.6, "distribution": "normal", "mean": 0, "sd": 1},
        {"weight": 0.4, "distribution": "point", "value": 1},
    ]),
}  # fmt: skip
VALUES, SHARES = (-1.0, 0.5, 3.0, 1e6), (0.1, 0.4, 0.499, 0.001)


@pytest.fixture(scope="module", params=SIZES)
def drawn(request: pytest.FixtureRequest) -> dict[str, NDArray]:
    sample = stats.lognorm(1).rvs(40, random_state=1)
    more = {
        "discrete": tc.Discrete(values=list(VALUES), probabilities=list(SHARES)),
        "discrete, cut": tc.Discrete(values=list(VALUES), probabilities=list(SHARES), truncate={"low": 0}),
        "empirical": tc.Empirical(values=sample.tolist()),
    }
    cases = {name: case[0] for name, case in FAMILIES.items()} | ATOMS | more
    return draw(cases, seed=20260822, draws=request.param)


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_draws_follow_the_family(name: str, drawn: dict[str, NDArray]) -> None:
    assert_draws_follow(drawn[name], FAMILIES[name][1])


def _assert_atoms(draws: NDArray, atoms: dict[float, float], cdf: Cdf) -> None:
    """Assert the share of each atom, and that the rest follows a conditional distribution."""
    counts = [int(np.sum(draws == atom)) for atom in atoms]
    assert_frequencies([*counts, len(draws) - sum(counts)], [*atoms.values(), 1.0 - sum(atoms.values())])
    assert_draws_follow(draws[~np.isin(draws, list(atoms))], cdf)


def test_clamping_piles_up_what_lies_beyond(drawn: dict[str, NDArray]) -> None:
    atoms = {-1.0: stats.norm.cdf(-1), 2.0: stats.norm.sf(2)}
    _assert_atoms(drawn["clamped"], atoms, stats.truncnorm(-1, 2).cdf)


def test_clamping_follows_the_cut(drawn: dict[str, NDArray]) -> None:
    parent = stats.truncexpon(3)
    atoms = {0.5: float(parent.cdf(0.5))}
    _assert_atoms(drawn["clamped after a cut"], atoms, _between(parent, 0.5))


def test_a_table_without_tails_ends_in_its_outermost_quantiles(drawn: dict[str, NDArray]) -> None:
    draws = drawn["table without tails"]
    below, above = np.sum(draws < 1.0), np.sum(draws > 1.0)
    counts = [
        np.sum(draws == 0.0),
        below - np.sum(draws == 0.0),
        above - np.sum(draws == 3.0),
        np.sum(draws == 3.0),
    ]
    assert_frequencies(counts, [0.05, 0.45, 0.4, 0.1])
    assert draws.min() == 0.0
    assert draws.max() == 3.0


def test_a_point_in_a_mixture_keeps_its_weight(drawn: dict[str, NDArray]) -> None:
    # To the last bits: the point is the end of a search.
    draws = np.where(np.abs(drawn["mixture with a point"] - 1.0) < 1e-12, 1.0, drawn["mixture with a point"])
    _assert_atoms(draws, {1.0: 0.4}, stats.norm.cdf)


def test_discrete_values_come_with_their_probabilities(drawn: dict[str, NDArray]) -> None:
    counts = [np.sum(drawn["discrete"] == value) for value in VALUES]
    assert sum(counts) == len(drawn["discrete"])
    assert_frequencies(counts, SHARES)


def test_discrete_values_that_are_cut_share_the_rest(drawn: dict[str, NDArray]) -> None:
    counts = [np.sum(drawn["discrete, cut"] == value) for value in VALUES[1:]]
    assert sum(counts) == len(drawn["discrete, cut"])
    assert_frequencies(counts, np.array(SHARES[1:]) / sum(SHARES[1:]))


def test_a_sample_is_drawn_evenly_between_its_values(drawn: dict[str, NDArray]) -> None:
    sample = np.sort(stats.lognorm(1).rvs(40, random_state=1))
    # Half a share beyond either end, which comes out as that end itself.
    counts = np.histogram(drawn["empirical"], sample)[0]
    ends = [np.sum(drawn["empirical"] == sample[k]) for k in (0, -1)]
    counts[[0, -1]] -= ends
    assert_frequencies([ends[0], *counts, ends[1]], [0.0125, *[0.025] * 39, 0.0125])
