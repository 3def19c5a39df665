"""The stepped kernel against the open loop's, with parts that do nothing, and in other company."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import rows
from full_inputs import likely, wild
from timecone.models.compute.components import shocks
from timecone.models.compute.engine import layout
from timecone.models.compute.engine import run as kernel
from timecone.models.compute.engine.milestone import LEVELS
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.units import STEPS

START, HORIZON = 2026.0, 2126.0
# Alternative laws stand apart: they exclude other parts.
EVERYTHING = frozenset(component.name for component in MODEL.components if not component.excludes)
FEEDBACK = frozenset(name for name in EVERYTHING if name.endswith("_feedback"))
TOLERANCE = 1e-9


def run(block, components, step=0.25):
    return MODEL.outcomes(block, Setup(TimeGrid(START, HORIZON, step), components))


def stepped_without_anything(block, step):
    """Return dates, statuses, extras and effective compute of the stepped kernel with every part off."""
    grid = TimeGrid(START, HORIZON, step)
    draws = block.shape[1]
    arrival, status = np.empty((draws, 5)), np.zeros((draws, 5), dtype=np.int8)
    extras, observed = np.empty((draws, kernel.EXTRAS)), np.empty((len(grid.observed_times), draws))
    never = np.full((len(shocks.SHOCKS), draws), np.inf)
    kernel.run_tiles(
        block, np.empty((draws, 0)), never, np.arange(draws), 0,
        START, HORIZON, step, grid.steps, grid.stride, 0, arrival, status, extras, observed,
    )  # fmt: skip
    levels = [0, 1, 2, 4]
    return arrival[:, levels].T, status[:, levels].T, extras.T, observed


def assert_taken_alike(dates, others, events, step):
    """Assert that what is taken over is dated alike: exactly where no event cuts a step until then.

    ``events`` are years after the start. The open loop does not cut its steps at events.
    """
    both = np.isfinite(dates)
    np.testing.assert_array_equal(both, np.isfinite(others))
    distance = np.abs(dates[both] - others[both])
    calm = np.min(events, axis=0)[both] > step * np.ceil((dates[both] - START) / step)
    assert calm.mean() > 0.2
    assert distance[calm].max() < TOLERANCE
    assert distance.max() < 0.5 * step


def test_no_two_numbers_share_a_row():
    """Rows are those of all named groups and of the four that have one per level."""
    groups = [group for name, group in vars(layout).items() if name.isupper() and hasattr(group, "_fields")]
    taken = [row for group in groups for row in _flat(group)]
    for name in ("LEVEL", "DATE", "STEP_OF", "INVERSE_AT"):
        taken += [getattr(layout, name) + m * layout.TILE for m in range(LEVELS)]
    assert sorted(taken) == list(range(0, layout.WORKSPACE, layout.TILE))


def _flat(group):
    return [row for item in group for row in (_flat(item) if isinstance(item, tuple) else [item])]


def test_both_ends_of_a_step_are_laid_out_alike():
    now, end = _flat(layout.NOW), _flat(layout.END)
    assert len(now) == layout.STATE_ROWS
    assert now == [layout.FIRST_NOW + k * layout.TILE for k in range(len(now))]
    assert end == [layout.FIRST_END + k * layout.TILE for k in range(len(now))]


@pytest.mark.parametrize("step", MODEL.steps)
@pytest.mark.parametrize("make", [likely, wild])
def test_with_every_part_off_it_is_the_open_loop(make, step):
    length = STEPS[step]
    inputs = likely(3_000, seed=19) if make is likely else wild(3_000, seed=19, step=length)
    inputs["algorithms.breakthrough_rate"][:] = 0.0
    block = rows(inputs)
    arrival, status, extras, observed = stepped_without_anything(block, length)
    free = run(block, frozenset(), length)
    np.testing.assert_array_equal(status, free.status[[0, 1, 2, 4]])
    np.testing.assert_allclose(arrival[:3], free.arrival[:3], rtol=0.0, atol=TOLERANCE)
    assert_taken_alike(arrival[3], free.arrival[4], [inputs["investment.trend_lifetime"]], length)
    np.testing.assert_allclose(extras[5], free.evidence, rtol=0.0, atol=TOLERANCE)
    np.testing.assert_allclose(observed, free.observed["effective_compute"], rtol=0.0, atol=TOLERANCE)
    assert np.isfinite(arrival[2]).mean() > 0.1
    # The cap is dated by a straight line within a step, and before TAI only, which is put out of reach.
    never = rows(inputs | {"threshold.requirement": np.full(block.shape[1], np.inf)})
    ours, theirs = START + extras[1], run(never, frozenset(), length).extras["cap_reached"]
    both = np.isfinite(theirs)
    assert 0.2 < both.mean() < 0.9
    np.testing.assert_array_equal(both, ours < HORIZON)
    assert np.abs(ours[both] - theirs[both]).max() < 0.3 * length
    assert np.median(np.abs(ours[both] - theirs[both])) < 1e-3


def without_effect(inputs, component):
    """Return inputs with which a component does nothing."""
    draws = len(inputs["automation.gap"])
    number = {
        "software_feedback": {"feedback.workforce": -100.0},
        "hardware_feedback": {"feedback.workforce": -100.0},
        "investment_feedback": {"investment.wakeup_growth": 1e-3},
        "output_feedback": {"economy.automation_growth": 0.0},
        "data_wall": {"data.stock": 1e60},
        "supply_limits": {"supply.power": np.inf, "supply.chips": np.inf, "supply.latency": np.inf},
        "supply_shock": {"shocks.supply_duration": 0.0, "shocks.supply_setback": 0.0},
        "pause": {"shocks.pause_duration": 0.0},
        "winter": {"shocks.winter_depth": 0.0},
        "power_feedback": {"supply.power_elasticity": 0.0},
    }[component]
    return inputs | {name: np.full(draws, value) for name, value in number.items()}


@pytest.mark.parametrize("component", sorted(EVERYTHING - FEEDBACK))
def test_a_bound_or_shock_without_effect_changes_nothing(component):
    inputs = without_effect(likely(1_000, seed=23), component)
    inputs[f"shocks.{component.removesuffix('_shock')}_start"] = np.linspace(0.0, 20.0, 1_000)
    block = rows(inputs)
    without, found = run(block, frozenset()).arrival, run(block, frozenset({component})).arrival
    np.testing.assert_allclose(found[:4], without[:4], rtol=0.0, atol=TOLERANCE)
    events = [inputs["investment.trend_lifetime"]]
    if component not in {"data_wall", "supply_limits"}:
        events.append(inputs[f"shocks.{component.removesuffix('_shock')}_start"])
    assert_taken_alike(found[4], without[4], events, 0.25)


@pytest.mark.parametrize("component", sorted(FEEDBACK))
def test_a_loop_without_effect_changes_nothing(component):
    # A loop's dates come from a cubic: beside another loop they do, with it or without. The other one does
    # nothing either, so that no step is cut on the way.
    (other, *_) = sorted(FEEDBACK - {component})
    inputs = without_effect(without_effect(likely(1_000, seed=29), component), other)
    block = rows(inputs)
    without = run(block, frozenset({other})).arrival
    both = run(block, frozenset({component, other})).arrival
    np.testing.assert_allclose(both, without, rtol=0.0, atol=TOLERANCE)
    # The cubic by itself is as near to the open loop's exact dates as its order says.
    free, without = run(block, frozenset()).arrival[:4], without[:4]
    dated = np.isfinite(free) & np.isfinite(without)
    assert np.abs(free[dated] - without[dated]).max() < 1e-4


@pytest.mark.parametrize("component", sorted(EVERYTHING))
def test_beside_all_others_a_part_without_effect_changes_nothing(component):
    inputs = without_effect(likely(1_000, seed=31), component)
    if component.endswith("ware_feedback"):
        # Both kinds of research have the same workers.
        others = EVERYTHING - {"software_feedback", "hardware_feedback"}
    else:
        others = EVERYTHING - {component}
    # A shock that does nothing still cuts a step, which moves the others' results within their own error.
    inputs["shocks.supply_start"][:] = inputs["shocks.pause_start"][:] = 0.25
    inputs["shocks.winter_start"][:] = 0.5
    inputs["shocks.supply_duration"][:] = np.where(component == "supply_shock", 0.0, 1.0)
    inputs["shocks.pause_duration"][:] = np.where(component == "pause", 0.0, 1.0)
    block = rows(inputs)
    found, without = run(block, others | {component}).arrival, run(block, others).arrival
    np.testing.assert_allclose(found, without, rtol=0.0, atol=TOLERANCE)


def test_a_scenario_with_every_component_switched_off_is_the_open_loop(baseline):
    import timecone as tc

    off = dict.fromkeys(sorted(EVERYTHING), False)
    bare = baseline.replace({}, components=off)
    one = tc.simulate(bare, draws=2_000, seed=3, threads=1, paths=0)["outcomes"].dataset
    inputs = tc.sample(bare, 2_000, seed=3)
    block = np.zeros((len(MODEL.parameters), 2_000))
    for row, parameter in enumerate(MODEL.parameters):
        if parameter.name in inputs:
            block[row] = inputs[parameter.name].values
        elif isinstance(parameter.default, float):
            block[row] = parameter.default
    found = MODEL.outcomes(block, bare.setup)
    assert bare.setup.components == frozenset()
    np.testing.assert_array_equal(one["arrival"].transpose("draw", "milestone").values, found.arrival.T)


@pytest.fixture(scope="module")
def company():
    """Return a block of draws of every kind with everything on, and what becomes of it."""
    calm, odd = likely(700, seed=37), wild(700, seed=41, step=0.25)
    block = rows({name: np.concatenate([calm[name], odd[name]]) for name in calm})
    return block, run(block, EVERYTHING)


def assert_bits(found, whole, chosen):
    for name in ("arrival", "status"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name)[:, chosen], strict=True)
    for name, values in found.observed.items():
        np.testing.assert_array_equal(values, whole.observed[name][:, chosen], strict=True)
    assert found.extras.keys() == whole.extras.keys()
    for name, values in found.extras.items():
        np.testing.assert_array_equal(values, whole.extras[name][chosen], strict=True)


@pytest.mark.parametrize("draws", [1, 2, 63, 64, 65, 200, 1399])
def test_a_draw_is_the_same_in_a_block_of_any_size(company, draws):
    block, whole = company
    for first in (0, 640, 1400 - draws):
        chosen = np.arange(first, first + draws)[: 1400 - first]
        assert_bits(run(np.ascontiguousarray(block[:, chosen]), EVERYTHING), whole, chosen)


@pytest.mark.parametrize("seed", range(4))
def test_a_draw_is_the_same_in_any_order_and_company(company, seed):
    block, whole = company
    rng = np.random.default_rng(seed)
    for chosen in (rng.permutation(1400), rng.choice(1400, 331, replace=False), rng.integers(0, 1400, 90)):
        assert_bits(run(np.ascontiguousarray(block[:, chosen]), EVERYTHING), whole, chosen)


@pytest.mark.parametrize("components", [{"winter", "pause"}, {"data_wall"}, {"software_feedback", "winter"}])
def test_a_draw_alone_is_the_same_with_some_parts_on(company, components):
    block, _ = company
    whole = run(block, frozenset(components))
    for i in range(0, 1400, 17):
        assert_bits(run(np.ascontiguousarray(block[:, [i]]), frozenset(components)), whole, [i])


def test_the_order_given_to_the_kernel_changes_no_bit(company, monkeypatch):
    block, whole = company
    rng = np.random.default_rng(43)
    monkeypatch.setattr("timecone.models.compute.model._order", lambda *_: rng.permutation(1400))
    assert_bits(run(block, EVERYTHING), whole, slice(None))
