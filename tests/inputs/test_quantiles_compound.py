"""Quantiles of families made of others, against what defines them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats
from scipy.optimize import brentq

import timecone as tc
from refusals import refused
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import log_ten, power_of_ten
from timecone.inputs.normal_score import LARGEST_SCORE

TOLERANCE = 1e-6
SCORES = special.ndtri(1e-7) * np.linspace(-1.0, 1.0, 4001)
P, Q = special.ndtr(SCORES), special.ndtr(-SCORES)
FEW = SCORES[::97]
LN_10 = np.log(10.0)


def _component(weight: float, distribution: str, **arguments: float) -> dict[str, object]:
    return {"weight": weight, "distribution": distribution, **arguments}


# Weight, the component as written, the component in SciPy.
MIXTURES: dict[str, Sequence[tuple[float, dict[str, object], object]]] = {
    "two normals apart": (
        (0.3, {"distribution": "normal", "mean": 0, "sd": 1}, stats.norm(0, 1)),
        (0.7, {"distribution": "normal", "mean": 20, "sd": 2}, stats.norm(20, 2)),
    ),
    "two normals together": (
        (0.5, {"distribution": "normal", "mean": 0, "sd": 1}, stats.norm(0, 1)),
        (0.5, {"distribution": "normal", "mean": 0.1, "sd": 3}, stats.norm(0.1, 3)),
    ),
    "three heavy lognormals": (
        (0.2, {"distribution": "lognormal", "median": 1, "sigma": 0.5}, stats.lognorm(0.5, scale=1)),
        (0.5, {"distribution": "lognormal", "median": 30, "sigma": 1}, stats.lognorm(1, scale=30)),
        (0.3, {"distribution": "lognormal", "median": 1e4, "sigma": 2}, stats.lognorm(2, scale=1e4)),
    ),
    "a heavy tail on a normal": (
        (0.9, {"distribution": "normal", "mean": 0, "sd": 1}, stats.norm(0, 1)),
        (0.1, {"distribution": "lindy", "age": 10}, stats.lomax(1, scale=10)),
    ),
    "a rare heavy tail": (
        (0.999, {"distribution": "normal", "mean": 5, "sd": 1}, stats.norm(5, 1)),
        (0.001, {"distribution": "pareto", "minimum": 1, "shape": 1}, stats.pareto(1)),
    ),
    "uniforms that overlap": (
        (0.4, {"distribution": "uniform", "low": 0, "high": 2}, stats.uniform(0, 2)),
        (0.6, {"distribution": "uniform", "low": 1, "high": 5}, stats.uniform(1, 4)),
    ),
    "uniforms with a gap": (
        (0.4, {"distribution": "uniform", "low": 0, "high": 1}, stats.uniform(0, 1)),
        (0.6, {"distribution": "uniform", "low": 3, "high": 5}, stats.uniform(3, 2)),
    ),
    "a gamma and a triangle": (
        (0.25, {"distribution": "gamma", "shape": 2, "scale": 1}, stats.gamma(2)),
        (0.75, {"distribution": "triangular", "low": 1, "mode": 2, "high": 4}, stats.triang(1 / 3, 1, 3)),
    ),
    "a component that is cut": (
        (0.5, {"distribution": "exponential", "mean": 3, "truncate": {"high": 4}},
         stats.truncexpon(4 / 3, 0, 3)),
        (0.5, {"distribution": "normal", "mean": 2, "sd": 1}, stats.norm(2, 1)),
    ),
}  # fmt: skip


def _mixture(parts: Sequence[tuple[float, dict[str, object], object]], **options: object) -> Distribution:
    return tc.Mixture(components=[{"weight": w} | written for w, written, _ in parts], **options)


def _quantile(parts: Sequence[tuple[float, dict[str, object], object]], z: float) -> float:
    """Return the root of the weighted distribution function, from the tail that keeps its digits."""
    p, q = special.ndtr(z), special.ndtr(-z)
    own = [rv.ppf(p) if z < 0 else rv.isf(q) for _, _, rv in parts]

    def excess(x: float) -> float:
        if z < 0:
            return sum(w * rv.cdf(x) for w, _, rv in parts) / p - 1.0
        return 1.0 - sum(w * rv.sf(x) for w, _, rv in parts) / q

    if excess(min(own)) >= 0.0:
        return min(own)
    return max(own) if excess(max(own)) <= 0.0 else brentq(excess, min(own), max(own), xtol=1e-13, rtol=1e-14)


def _assert_near(found: NDArray, expected: NDArray) -> None:
    low, high = np.quantile(expected, [0.25, 0.75])
    spread = max(high - low, 1e-9)
    np.testing.assert_array_less(np.abs(found - expected), TOLERANCE * np.maximum(spread, np.abs(expected)))


@pytest.mark.parametrize("name", MIXTURES)
def test_a_mixture_is_the_root_of_the_weighted_distribution_functions(name: str) -> None:
    parts = MIXTURES[name]
    # In a gap between two components every value is a median: not at the score of the gap itself.
    scores = np.array([z for z in FEW if abs(z - special.ndtri(0.4)) > 1e-6])
    expected = np.array([_quantile(parts, z) for z in scores])
    low, high = (_quantile(parts, z) for z in special.ndtri([0.25, 0.75]))
    heavy = np.abs(expected) if "heavy" in name else 0.0
    error = np.abs(_mixture(parts).family.compiled()(scores) - expected)
    assert np.all(error < TOLERANCE * np.maximum(high - low, heavy))


def test_a_mixture_that_is_cut_is_conditional() -> None:
    parts = MIXTURES["two normals apart"]
    low, high = -1.0, 21.0
    below = sum(w * rv.cdf(low) for w, _, rv in parts)
    above = sum(w * rv.sf(high) for w, _, rv in parts)
    p = below + (1.0 - below - above) * special.ndtr(FEW)
    expected = np.array([_quantile(parts, z) for z in special.ndtri(p)])
    found = _mixture(parts, truncate={"low": low, "high": high}).family.compiled()(FEW)
    np.testing.assert_allclose(found, expected, atol=TOLERANCE * 10.0)


def test_a_mixture_of_one_component_is_that_component() -> None:
    alone = tc.Mixture(components=[_component(1.0, "gamma", shape=2.5, scale=3)])
    _assert_near(
        alone.family.compiled()(SCORES),
        np.where(P < Q, stats.gamma(2.5).ppf(P), stats.gamma(2.5).isf(Q)) * 3,
    )


def test_a_mixture_of_points_jumps_at_its_weights() -> None:
    points = tc.Mixture(components=[_component(0.2, "point", value=1), _component(0.5, "point", value=2),
                                       _component(0.3, "point", value=7)])  # fmt: skip
    edges = special.ndtri(np.array([0.2, 0.7]))
    for beside in (1e-9, 1e-3):
        found = points.family.compiled()(np.concatenate([edges - beside, edges + beside]))
        np.testing.assert_allclose(found, [1, 2, 2, 7], rtol=1e-12)
    scores = SCORES[np.min(np.abs(SCORES[:, None] - edges), axis=1) > 1e-6]
    expected = np.array([1.0, 2.0, 7.0])[np.searchsorted(edges, scores)]
    np.testing.assert_allclose(points.family.compiled()(scores), expected, rtol=1e-12)


def test_a_mixture_that_is_cut_at_a_point_keeps_the_point() -> None:
    points = [_component(0.2, "point", value=0.1), _component(0.5, "lindy", age=3),
              _component(0.3, "point", value=0.7)]  # fmt: skip
    cut = tc.Mixture(components=points, truncate={"low": 0.1, "high": 0.7})
    inside = 0.5 * (0.7 / 3.7 - 0.1 / 3.1)
    edges = special.ndtri(np.array([0.2, 0.2 + inside]) / (0.5 + inside))
    found = cut.family.compiled()(np.concatenate([edges - 1e-8, edges + 1e-8]))
    np.testing.assert_allclose(found, [0.1, 0.7, 0.1, 0.7], rtol=1e-6)


def test_a_point_in_a_mixture_keeps_its_mass() -> None:
    mixed = tc.Mixture(
        components=[_component(0.6, "normal", mean=0, sd=1), _component(0.4, "point", value=1)]
    )
    left, right = special.ndtri(np.array([0.0, 0.4]) + 0.6 * special.ndtr(1.0))
    inside = SCORES[(left + 1e-9 < SCORES) & (right - 1e-9 > SCORES)]
    np.testing.assert_allclose(mixed.family.compiled()(inside), 1.0, rtol=1e-12)
    under, over = SCORES[left > SCORES], SCORES[right < SCORES]
    expected = [stats.norm.ppf(special.ndtr(under) / 0.6), stats.norm.isf(special.ndtr(-over) / 0.6)]
    found = [mixed.family.compiled()(part) for part in (under, over)]
    np.testing.assert_allclose(np.concatenate(found), np.concatenate(expected), atol=1e-6)


@pytest.mark.parametrize(
    ("free", "low", "high"),
    [
        (tc.Normal(mean=0, sd=1), -1.0, 2.0),
        (tc.Gamma(shape=2, scale=3), 1.0, 30.0),
        (tc.Lindy(age=3), 1.0, 100.0),
        (tc.LogStudentT(df=9, median=1, sigma=0.3), 0.5, 3.0),
        (tc.Point(value=5), 1.0, 2.0),
    ],
    ids=str,
)
def test_clamping_moves_what_lies_beyond_onto_the_bounds(free: Distribution, low: float, high: float) -> None:
    clamped = Distribution(free.name, {**free.arguments, "clamp": {"low": low, "high": high}})
    expected = np.clip(free.family.compiled()(SCORES), low, high)
    np.testing.assert_array_equal(clamped.family.compiled()(SCORES), expected)
    assert {clamped.family.compiled()(SCORES).min(), clamped.family.compiled()(SCORES).max()} <= {low, high}


def test_truncation_comes_before_clamping() -> None:
    both = tc.Normal(mean=0, sd=1, truncate={"low": 0}, clamp={"low": 1})
    expected = np.maximum(stats.norm.isf(Q / 2.0), 1.0)
    np.testing.assert_allclose(both.family.compiled()(SCORES), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("exponent", "expected"),
    [
        (tc.Normal(mean=3, sd=0.5), stats.norm(3, 0.5)),
        (tc.Uniform(low=-2, high=5), stats.uniform(-2, 7)),
        (tc.SkewNormal(skew=3, location=1, scale=1), stats.skewnorm(3, 1, 1)),
        (tc.Triangular(low=1, mode=2, high=4), stats.triang(1 / 3, 1, 3)),
    ],
    ids=["normal", "uniform", "skew_normal", "triangular"],
)
def test_a_power_of_ten_is_ten_to_the_quantile(exponent: Distribution, expected: object) -> None:
    wanted = 7.0 * 10.0 ** np.where(P < Q, expected.ppf(P), expected.isf(Q))
    found = power_of_ten(exponent.family).scaled(7.0).compiled()(SCORES)
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE * LN_10 * expected.std())


@pytest.mark.parametrize(
    ("natural", "expected"),
    [
        (tc.LogNormal(median=1e12, sigma=2), stats.lognorm(2, scale=1e12)),
        (tc.LogUniform(low=1e3, high=1e9), stats.loguniform(1e3, 1e9)),
        (tc.Pareto(minimum=2, shape=0.7), stats.pareto(0.7, scale=2)),
        (tc.Normal(mean=5, sd=1, truncate={"low": 1}), stats.truncnorm(-4, np.inf, 5, 1)),
    ],
    ids=["lognormal", "loguniform", "pareto", "cut normal"],
)
def test_a_logarithm_is_that_of_the_quantile(natural: Distribution, expected: object) -> None:
    wanted = np.log10(np.where(P < Q, expected.ppf(P), expected.isf(Q)))
    low, high = np.log10(expected.ppf([0.25, 0.75]))
    assert np.max(np.abs(log_ten(natural.family).compiled()(SCORES) - wanted)) < TOLERANCE * (high - low)


def test_logarithm_and_power_undo_each_other() -> None:
    for distribution in (tc.LogNormal(median=8, sigma=2), tc.Gamma(shape=2, scale=3), tc.Lindy(age=4)):
        back = power_of_ten(log_ten(distribution.family)).compiled()(SCORES)
        np.testing.assert_allclose(back, distribution.family.compiled()(SCORES), rtol=1e-6)


def test_the_logarithm_of_what_reaches_0_is_refused() -> None:
    for distribution in (tc.Normal(mean=5, sd=1), tc.Normal(mean=5, sd=1, clamp={"low": 0})):
        with refused("logarithm-of-nonpositive", None):
            log_ten(distribution.family)


SPACES = {
    "linear": (stats.norm(3, 2), lambda y: y, {}),
    "log": (stats.norm(1, 0.7), np.exp, {}),
    "logit": (stats.norm(-1, 1.2), special.expit, {}),
    "logit between bounds": (
        stats.norm(-1, 1.2),
        lambda y: -2 + 7 * special.expit(y),
        {"low": -2, "high": 5},
    ),
}


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("tails", ["normal", "none"])
def test_a_table_of_a_normal_is_normal_in_its_space(name: str, tails: str) -> None:
    rv, forward, bounds = SPACES[name]
    levels = np.array([0.02, 0.1, 0.5, 0.8, 0.99])
    quantiles = {
        key: float(forward(rv.ppf(p)))
        for key, p in zip(["p02", "p10", "p50", "p80", "p99"], levels, strict=True)
    }
    options = {"space": name.split(maxsplit=1)[0], "tails": tails}
    table = Distribution("percentiles", options | bounds | quantiles)
    expected = forward(rv.mean() + rv.std() * SCORES)
    if tails == "none":
        expected = np.clip(expected, quantiles["p02"], quantiles["p99"])
    np.testing.assert_allclose(table.family.compiled()(SCORES), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.slow
def test_every_family_is_held_by_its_table_at_all_scores() -> None:
    # No ripple of a spline: quantiles never fall, and stay between the bounds.
    dense = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 40_001)
    for parts in MIXTURES.values():
        values = _mixture(parts).family.compiled()(dense)
        assert np.all(np.diff(values) >= 0.0)
