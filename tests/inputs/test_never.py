"""A share of inf in a mixture: it takes the highest ranks, and the rest is the mixture without it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from refusals import refused
from timecone.inputs.constructors import Mixture, Normal, PercentileTable, Point
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import power_of_ten
from timecone.inputs.families.compound import convert
from timecone.units import conversion

FINITE = {"distribution": "percentiles", "p05": 26.0, "p50": 33.0, "p95": 45.0}
NEVER = {"distribution": "point", "value": math.inf}
LEVELS = np.array([1e-9, 0.001, 0.05, 0.5, 0.9, 0.94, 0.9499])


def mixture(*components: tuple[float, dict]) -> Distribution:
    return Mixture(components=[{"weight": w} | c for w, c in components])


@pytest.fixture(scope="module")
def known() -> Distribution:
    return mixture((0.95, FINITE), (0.05, NEVER))


def test_what_is_finite_is_the_distribution_at_its_share_of_the_level(known: Distribution) -> None:
    alone = PercentileTable(p05=26.0, p50=33.0, p95=45.0)
    np.testing.assert_allclose(known.ppf(LEVELS), alone.ppf(LEVELS / 0.95), rtol=1e-5)


def test_the_highest_levels_are_never(known: Distribution) -> None:
    assert np.all(np.isfinite(known.ppf([0.94999])))
    assert np.all(known.ppf([0.95001, 0.99, 1 - 1e-12]) == math.inf)
    assert known.mean() == math.inf


def test_several_finite_components_keep_their_proportions() -> None:
    normal = {"distribution": "normal", "mean": 30.0, "sd": 2.0}
    whole = mixture((0.6, FINITE), (0.2, normal), (0.2, NEVER))
    alone = mixture((0.75, FINITE), (0.25, normal))
    np.testing.assert_allclose(whole.ppf(0.8 * LEVELS), alone.ppf(LEVELS), rtol=1e-5)
    assert whole.ppf(0.81) == math.inf


def test_never_inside_never_adds_up() -> None:
    inner = {"distribution": "mixture", "components": [{"weight": 0.9} | FINITE, {"weight": 0.1} | NEVER]}
    whole = mixture((0.5, inner), (0.5, FINITE))
    np.testing.assert_allclose(whole.ppf(0.95 * LEVELS), mixture((1.0, FINITE)).ppf(LEVELS), rtol=1e-5)
    assert whole.ppf(0.9501) == math.inf


def test_never_alone_is_never() -> None:
    assert mixture((1.0, NEVER)).family == Point(value=math.inf).family
    assert Point(value=math.inf).ppf(0.5) == math.inf


@pytest.mark.slow
def test_another_unit_leaves_never_never(known: Distribution) -> None:
    flop = conversion("FLOP", "log10 FLOP")
    natural = mixture((0.95, {"distribution": "lognormal", "p05": 1e26, "p95": 1e40}), (0.05, NEVER))
    found = convert(natural.family, flop).ppf(np.array([0.475, 0.96]))
    np.testing.assert_allclose(found, [Normal(p05=26, p95=40).ppf(0.5), math.inf], rtol=1e-6)
    assert convert(Point(value=math.inf).family, flop) == Point(value=math.inf).family
    back = convert(known.family, conversion("log10 FLOP", "FLOP"))
    middle = power_of_ten(PercentileTable(p05=26.0, p50=33.0, p95=45.0).family).ppf(np.array(0.5))
    np.testing.assert_allclose(back.ppf(np.array([0.475, 0.96])), [middle, math.inf], rtol=1e-4)


@pytest.mark.parametrize("cut", ["truncate", "clamp"])
def test_bounds_go_on_the_components(cut: str) -> None:
    with refused("bounds-with-infinite-share", None, names="components"):
        Mixture(components=[{"weight": 0.9} | FINITE, {"weight": 0.1} | NEVER], **{cut: {"low": 20.0}})


@pytest.mark.parametrize("value", [-math.inf, math.nan])
def test_other_numbers_that_are_none_stay_refused(value: float) -> None:
    with refused("argument-not-finite", None):
        Point(value=value)
