"""What holds for every distribution: quantiles rise, units scale, bounds bind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

import timecone as tc
from examples import examples
from strategies import UNITS, distributions, positive_distributions
from timecone.inputs.distributions import Distribution
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.scenario.compile import resolve
from timecone.units import conversion_factor

SCORES = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 4001)
P = special.ndtr(np.linspace(-5.0, 5.0, 101))


@given(distributions())
def test_quantiles_never_fall(distribution: Distribution) -> None:
    values = distribution.family.compiled()(SCORES)
    assert np.all(np.isfinite(values))
    assert np.all(np.diff(values) >= 0.0)


@given(positive_distributions())
def test_positive_quantities_have_positive_quantiles(distribution: Distribution) -> None:
    assert distribution.family.compiled()(SCORES).min() > 0.0


@given(distributions(), st.floats(1e-9, 1e9, allow_subnormal=False))
def test_a_factor_passes_through_every_family(distribution: Distribution, factor: float) -> None:
    family = distribution.family
    before, after = family.ppf(P), family.scaled(factor).ppf(P)
    # Rounding is relative to the largest number on the way, which is not the value where it passes 0.
    spread = np.ptp(before) + np.abs(before).min()
    np.testing.assert_allclose(after, factor * before, rtol=1e-10, atol=1e-12 * factor * spread)


@given(distributions(), st.floats(1e-6, 1e6, allow_subnormal=False))
def test_a_factor_and_its_inverse_are_no_change(distribution: Distribution, factor: float) -> None:
    family = distribution.family
    before, after = family.ppf(P), family.scaled(factor).scaled(1.0 / factor).ppf(P)
    spread = np.ptp(before) + np.abs(before).min()
    np.testing.assert_allclose(after, before, rtol=1e-10, atol=1e-12 * spread)


@given(st.floats(-1e3, 1e3), st.floats(0.1, 100.0), st.floats(-3.0, 2.0), st.floats(0.1, 5.0))
def test_truncated_quantiles_keep_to_the_bounds(mean: float, sd: float, cut: float, width: float) -> None:
    low, high = mean + cut * sd, mean + (cut + width) * sd
    given_ = tc.Normal(mean=mean, sd=sd, truncate={"low": low, "high": high})
    values = given_.family.compiled()(SCORES)
    assert low <= values[0] <= values[-1] <= high


@settings(max_examples=examples(30))
@given(positive_distributions(), st.sampled_from(["hardware.doubling_time", "investment.largest_run",
                                                 "hardware.price_performance"]), st.data())  # fmt: skip
def test_a_scenario_means_the_same_in_every_unit(
    baseline: tc.Scenario, distribution: Distribution, name: str, data: st.DataObject
) -> None:
    parameter = baseline.definition.parameter(name)
    unit, factor = data.draw(st.sampled_from(sorted(UNITS[parameter.unit].items())))
    assert conversion_factor(unit, parameter.unit) == pytest.approx(factor, rel=1e-14)
    changed = baseline.replace({name: Distribution(distribution.name, distribution.arguments, unit)})
    given_ = changed.parameters[name]
    family = resolve(changed)[name].leaf(given_.distributions[""])
    assert given_.unit == unit
    np.testing.assert_allclose(family.ppf(P), factor * distribution.ppf(P), rtol=1e-10)
