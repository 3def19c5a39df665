"""The stepped kernel against a plain NumPy twin of the full model that shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import rows
from full_inputs import likely, wild
from peers import numpy_full_twin
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.schema import Status
from timecone.units import STEPS

START, HORIZON = 2026.0, 2126.0
TOLERANCE = 1e-9
DRAWS, FEW = 10_000, 2_500
# Alternative laws stand apart: they exclude other parts.
# The twin has no component that needs others: `test_power_feedback` and the closed loop are for that one.
EVERYTHING = frozenset(
    component.name for component in MODEL.components if not (component.excludes or component.requires)
)
# All draws are tried where there is time for them.
GRIDS = [
    *(pytest.param(step, FEW, id=step) for step in STEPS if step in ("year", "quarter")),
    *(pytest.param(step, DRAWS, marks=pytest.mark.slow) for step in ("year", "quarter", "month")),
]
EXTRAS = ("data_exhaustion", "cap_reached", "blow_up")


def assert_same(inputs, step, components):
    ours = MODEL.outcomes(rows(inputs), Setup(TimeGrid(START, HORIZON, step), components))
    twins = numpy_full_twin.simulate(inputs, START, HORIZON, step, components)
    status = np.vectorize(lambda code: Status(code).name.lower())(ours.status[:3])
    np.testing.assert_array_equal(status, twins.status)
    np.testing.assert_allclose(ours.arrival[:3], twins.arrival, rtol=0.0, atol=TOLERANCE)
    twin = twins.taken_over
    np.testing.assert_array_equal(np.isfinite(ours.arrival[4]), np.isfinite(twin))
    np.testing.assert_allclose(ours.arrival[4], twin, rtol=0.0, atol=TOLERANCE)
    for name in EXTRAS:
        if name in ours.extras:
            found = getattr(twins, name)
            np.testing.assert_allclose(ours.extras[name], found, rtol=0.0, atol=TOLERANCE, err_msg=name)
    return ours


@pytest.mark.parametrize(("step", "draws"), GRIDS)
def test_everything_on_is_the_twins(step, draws):
    found = assert_same(likely(draws, seed=5), STEPS[step], EVERYTHING)
    assert np.mean(found.status[2] == Status.REACHED) > 0.7
    assert set(np.unique(found.status[2])) == {0, 1, 2, 3}
    assert found.extras["blow_up"].any()


@pytest.mark.slow
@pytest.mark.parametrize(("step", "draws"), GRIDS)
def test_wild_inputs_are_the_twins(step, draws):
    found = assert_same(wild(draws, seed=5, step=STEPS[step]), STEPS[step], EVERYTHING)
    assert set(np.unique(found.status[2])) == {0, 1, 2, 3}


@pytest.mark.slow
@pytest.mark.parametrize("component", sorted(EVERYTHING))
def test_each_component_alone_is_the_twins(component):
    inputs = likely(1_000, seed=7)
    # Shocks early enough to matter to most draws.
    for stem in ("supply", "pause", "winter"):
        inputs[f"shocks.{stem}_start"] /= 20.0
    assert_same(inputs, 0.25, frozenset({component}))


@pytest.mark.slow
@pytest.mark.parametrize("component", sorted(EVERYTHING))
def test_each_component_alone_is_the_twins_with_wild_inputs(component):
    assert_same(wild(1_000, seed=11, step=1.0), 1.0, frozenset({component}))


@pytest.mark.slow
def test_breakthroughs_are_the_twins():
    inputs = wild(2_000, seed=13, step=0.25)
    rng = np.random.default_rng(17)
    inputs["algorithms.breakthrough_rate"] = rng.uniform(0.0, 0.1, 2_000)
    inputs["algorithms.breakthrough_size"] = rng.uniform(0.0, 2.0, 2_000)
    clock = MODEL.clocks[-1]
    gaps = rng.exponential(size=(clock.count, 2_000))
    times = np.cumsum(gaps, axis=0) / inputs["algorithms.breakthrough_rate"]
    assert (times[-1] > HORIZON - START).all()
    setup = Setup(TimeGrid(START, HORIZON, 0.25), EVERYTHING, (clock.name,))
    found = MODEL.outcomes(np.vstack([rows(inputs), gaps]), setup)
    twins = numpy_full_twin.simulate(inputs, START, HORIZON, 0.25, EVERYTHING, times)
    at_a_jump = np.isin(np.round(twins.arrival - START, 9), np.round(times, 9))
    assert at_a_jump.any()
    # A draw that breakthroughs take beyond the range of the kernel has failed; the twin has no such range.
    ran = found.failure == 0
    assert ran.mean() > 0.999
    np.testing.assert_allclose(found.arrival[:3, ran], twins.arrival[:, ran], rtol=0.0, atol=TOLERANCE)
