"""Stored trajectories against what the kernel observes of the same draws, and against the NumPy twin."""

from __future__ import annotations

import numpy as np
import pytest

import blocks
from full_inputs import likely
from peers import numpy_twin
from timecone.models.compute.model import MODEL
from timecone.models.compute.parameters import ADOPTION_LAG, COMPONENTS
from timecone.models.model import Setup, TimeGrid
from timecone.units import STEPS

START, HORIZON = 2026.0, 2086.0


@pytest.fixture(scope="module")
def drawn(baseline):
    return blocks.drawn(baseline, 500, seed=3)


@pytest.fixture(scope="module")
def rows(drawn):
    return blocks.rows(drawn)


@pytest.mark.parametrize("step", MODEL.steps)
def test_effective_compute_is_what_the_kernel_observes(rows, step):
    grid = TimeGrid(START, HORIZON, STEPS[step])
    observed = MODEL.outcomes(rows, Setup(grid)).observed["effective_compute"]
    traced = MODEL.trajectories(rows, Setup(grid))["effective_compute"]
    assert traced.shape == (rows.shape[1], grid.steps + 1)
    np.testing.assert_allclose(traced[:, :: grid.stride].T, observed, rtol=0.0, atol=1e-11)


def test_every_observable_is_the_twins(drawn, rows):
    grid = TimeGrid(START, HORIZON, 1.0)
    rows = rows.copy()
    rows[ADOPTION_LAG] = 0.0
    found = MODEL.trajectories(rows, Setup(grid))
    elapsed = np.arange(grid.steps + 1)[:, None]
    drawn = numpy_twin.with_limits(drawn, START)
    hardware = drawn["hardware.price_performance"] * numpy_twin.logistic_gain(
        elapsed, drawn["hardware.doubling_time"], drawn["hardware.limit"]
    )
    software = numpy_twin.logistic_gain(elapsed, drawn["algorithms.halving_time"], drawn["algorithms.limit"])
    spent = numpy_twin.spending(drawn, elapsed)
    effective = numpy_twin.effective_compute(drawn, elapsed)
    first, _, last = numpy_twin.levels(drawn, START)
    expected = {
        "effective_compute": effective,
        "training_compute": np.log10(hardware * spent),
        "price_performance": np.log10(hardware),
        "spending": np.log10(spent),
        "output": np.log10(drawn["economy.output"] * (1.0 + drawn["economy.growth"]) ** elapsed),
        "algorithmic_gain": np.log10(software),
    }
    with np.errstate(invalid="ignore"):
        part = (effective - first) / (last - first)
    # No share is ever automated where no compute suffices.
    part = np.where(np.isfinite(last), part, -np.inf)
    expected["automation_share"] = np.clip(0.2 + 0.8 * part, 0.0, 1.0)
    share = expected["automation_share"]
    still = dict.fromkeys(("supply_loss", "wall_loss"), np.zeros(share.shape))
    still |= dict.fromkeys(
        ("research_multiplier", "software_speedup", "hardware_speedup"), np.ones(share.shape)
    )
    # Without a lag tasks are taken over when they can be.
    expected |= still | {"adopted_share": share}
    assert set(found) == set(expected) == {o.name for o in MODEL.observables}
    for name, values in expected.items():
        np.testing.assert_allclose(found[name].T, values, rtol=0.0, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("step", MODEL.steps)
@pytest.mark.parametrize(
    "components", [frozenset(c.name for c in COMPONENTS if not c.excludes), frozenset({"winter"})], ids=len
)
def test_with_components_it_is_what_the_stepped_kernel_observes(components, step):
    inputs = blocks.rows(likely(500, seed=3))
    setup = Setup(TimeGrid(START, HORIZON, STEPS[step]), components)
    observed = MODEL.outcomes(inputs, setup).observed["effective_compute"]
    traced = MODEL.trajectories(inputs, setup)
    every = setup.grid.stride
    # Between observations an extrapolated draw takes one step in the kernel, `every` in the tracer.
    np.testing.assert_allclose(traced["effective_compute"][:, ::every].T, observed, rtol=0.0, atol=1e-8)
    assert all(np.isfinite(values).all() for values in traced.values())
    assert (traced["adopted_share"] <= 1.0).all()
    assert (traced["supply_loss"] <= 0.0).all()
    assert (traced["wall_loss"] <= 0.0).all()


@pytest.mark.slow
def test_share_is_at_the_milestones_share_on_its_date(rows):
    step = 1.0 / 64.0
    grid = TimeGrid(START, HORIZON, step)
    arrival = MODEL.outcomes(rows, Setup(grid)).arrival
    share = MODEL.trajectories(rows, Setup(grid))["automation_share"]
    for dates, level in zip(arrival[:3], (0.2, 0.5, 1.0), strict=True):
        draws = np.flatnonzero(np.isfinite(dates) & (dates > START))
        assert len(draws) > 50
        after = np.ceil((dates[draws] - START) / step).astype(int)
        assert (share[draws, after] >= level - 1e-12).all()
        assert (share[draws, after - 1] < level + 1e-12).all()
