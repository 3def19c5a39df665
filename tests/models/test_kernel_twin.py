"""The compiled kernel against a plain NumPy twin that shares no code with it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import blocks
from blocks import rows
from peers import numpy_twin
from timecone.models.compute.components import deployment
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.schema import Status
from timecone.units import STEPS

START, HORIZON = 2026.0, 2126.0
TOLERANCE = 1e-9
DRAWS = 10_000


def run(inputs, step):
    return MODEL.outcomes(rows(inputs), Setup(TimeGrid(START, HORIZON, step)))


def assert_same_dates(ours, twins):
    # Deployment is a delay after the last of the twin's milestones.
    ours = ours[: len(twins)]
    assert not np.isnan(ours).any()
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(twins))
    np.testing.assert_allclose(ours, twins, rtol=0.0, atol=TOLERANCE)


def wide_inputs(step, seed):
    """Return inputs far beyond any forecast.

    Headroom from none to 50 OOM; caps from a thousandth of today's run upward, and none; shrinking trends and
    economies; trends that end inside the first step, exactly at an edge of a step, beyond the horizon, never;
    requirements that are met before the start, or never.
    """
    rng = np.random.default_rng(seed)

    def power(low, high):
        return 10.0 ** rng.uniform(low, high, DRAWS)

    no_cap = rng.random(DRAWS) < 0.5
    lifetimes = [
        step * power(-6, 0),
        step * rng.integers(1, 40, DRAWS),
        rng.uniform(0.0, HORIZON - START, DRAWS),
        rng.uniform(HORIZON - START, 1000.0, DRAWS),
        np.full(DRAWS, np.inf),
    ]
    inputs = {p.name: np.full(DRAWS, p.default) for p in MODEL.parameters if isinstance(p.default, float)}
    return inputs | {
        "hardware.price_performance": power(15, 20),
        "hardware.doubling_time": power(-1, 2),
        "hardware.headroom": power(-6, 1.7),
        "economy.output": power(12, 16),
        "economy.growth": rng.uniform(-0.05, 0.3, DRAWS),
        "investment.largest_run": power(6, 11),
        "investment.growth": power(-0.3, 1),
        "investment.cap_share": power(-8, 0),
        "investment.cap_usd": np.where(no_cap, np.inf, power(5, 13)),
        "investment.trend_lifetime": np.choose(rng.integers(0, len(lifetimes), DRAWS), lifetimes),
        "algorithms.halving_time": power(-1, 2),
        "algorithms.halving_time_past": power(-0.5, 2),
        "algorithms.headroom": power(-6, 1.7),
        "threshold.requirement": rng.uniform(15.0, 60.0, DRAWS),
        "threshold.reference_year": rng.uniform(2010.0, 2030.0, DRAWS),
        "automation.gap": power(-2, 1.2),
        "automation.adoption_lag": np.where(rng.random(DRAWS) < 0.3, 0.0, power(-8, 2)),
        "hardware.headroom_year": np.where(rng.random(DRAWS) < 0.3, np.inf, rng.uniform(2000, 2030, DRAWS)),
        "algorithms.headroom_year": np.where(rng.random(DRAWS) < 0.3, np.inf, rng.uniform(2000, 2030, DRAWS)),
    }


@pytest.fixture(scope="module")
def drawn(baseline):
    return blocks.drawn(baseline, DRAWS, seed=11)


@pytest.mark.parametrize("step", MODEL.steps)
def test_dates_of_the_baseline_are_the_twins(drawn, step):
    twins = numpy_twin.arrivals(drawn, START, HORIZON, STEPS[step])
    assert np.isfinite(twins).mean() > 0.5
    assert_same_dates(run(drawn, STEPS[step]).arrival, twins)


def assert_same_adoption(inputs, step, jumps=None, chosen=slice(None)):
    twins = numpy_twin.arrivals(inputs, START, HORIZON, step, jumps)
    asked = round(1.0 / step)
    adoption = numpy_twin.adoption(inputs, START, HORIZON, step, twins[0], asked=asked, breakthroughs=jumps)
    setup = Setup(TimeGrid(START, HORIZON, step), evidence_step=asked)
    found = MODEL.outcomes(rows(inputs), setup)
    np.testing.assert_array_equal(np.isfinite(found.arrival[4]), np.isfinite(adoption.date))
    np.testing.assert_allclose(found.arrival[4], adoption.date, rtol=0.0, atol=TOLERANCE)
    np.testing.assert_allclose(found.evidence, adoption.share, rtol=0.0, atol=TOLERANCE)
    np.testing.assert_array_equal(found.status[4] == Status.BEFORE_START, adoption.date == START)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("step", MODEL.steps)
def test_what_is_taken_over_in_the_baseline_is_the_twins(drawn, step):
    found = assert_same_adoption(drawn, STEPS[step])
    both = np.isfinite(found.arrival[4])
    assert (found.arrival[4][both] > found.arrival[0][both]).mean() > 0.5
    assert ((found.evidence > 0.0) & (found.evidence < 1.0)).mean() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("step", MODEL.steps)
def test_what_is_taken_over_of_wild_inputs_is_the_twins(step):
    assert_same_adoption(wide_inputs(STEPS[step], seed=23), STEPS[step])


@pytest.mark.parametrize("step", MODEL.steps)
def test_dates_of_wild_inputs_are_the_twins(step):
    inputs = wide_inputs(STEPS[step], seed=23)
    twins = numpy_twin.arrivals(inputs, START, HORIZON, STEPS[step])
    assert 0.1 < np.mean(np.isfinite(twins) & (twins > START)) < 0.9
    assert_same_dates(run(inputs, STEPS[step]).arrival, twins)


def test_statuses_say_where_the_twins_dates_lie():
    inputs = wide_inputs(0.25, seed=29)
    found = run(inputs, 0.25)
    at_start = numpy_twin.effective_compute(numpy_twin.with_limits(inputs, START), 0.0)
    before = at_start >= numpy_twin.levels(inputs, START)
    reached = np.isfinite(numpy_twin.arrivals(inputs, START, HORIZON, 0.25)) & ~before
    expected = np.full(before.shape, Status.NOT_BY_HORIZON)
    expected[reached] = Status.REACHED
    expected[before] = Status.BEFORE_START
    assert len(np.unique(expected)) == 3
    np.testing.assert_array_equal(found.status[:3], expected)
    assert (found.arrival[:3][before] == START).all()
    assert (found.arrival[:3][reached] > START).all()
    assert (found.arrival[:3][expected == Status.NOT_BY_HORIZON] == np.inf).all()


def over_caps(inputs, elapsed):
    """Return log10 of the uncapped trend of spending over what both caps allow."""
    allowed = numpy_twin.spending(inputs | {"investment.largest_run": np.inf}, elapsed)
    trend = inputs | {"investment.cap_share": np.inf, "investment.cap_usd": np.inf}
    return np.log10(numpy_twin.spending(trend, elapsed) / allowed)


def hugging_inputs(seed):
    """Return wide inputs whose spending begins near both caps and grows nearly as the economy does."""
    inputs = wide_inputs(0.25, seed)
    rng = np.random.default_rng(seed)
    run, economy = inputs["investment.largest_run"], rng.uniform(0.0, 0.1, DRAWS)
    share = run * 10.0**10.0 ** rng.uniform(-2, 0.5, DRAWS)
    return inputs | {
        "economy.growth": economy,
        "investment.growth": (1.0 + economy) * (1.0 + 0.05 * rng.uniform(-1, 1, DRAWS)),
        "investment.cap_share": share / inputs["economy.output"],
        "investment.cap_usd": run * 10.0**10.0 ** rng.uniform(-1, 1, DRAWS),
    }


@pytest.mark.parametrize("inputs", [wide_inputs(0.25, seed=41), hugging_inputs(43)], ids=["wide", "hugging"])
def test_spending_meets_its_caps_when_the_twins_does(inputs):
    end = np.minimum(inputs["investment.trend_lifetime"], HORIZON - START)
    expected = np.where(over_caps(inputs, 0.0) >= 0.0, 0.0, np.inf)
    for low, high in ((np.zeros(DRAWS), end), (end, np.full(DRAWS, HORIZON - START))):
        found = (over_caps(inputs, low) < 0.0) & (over_caps(inputs, high) >= 0.0) & np.isinf(expected)
        some = {name: values[found] for name, values in inputs.items()}
        expected[found] = numpy_twin.root(partial(over_caps, some), low[found], high[found])
        assert found.any()
    # A cap is dated before TAI only, so that TAI must be out of reach.
    never = inputs | {"threshold.requirement": np.full(DRAWS, np.inf)}
    ours = run(never, 0.25).extras["cap_reached"] - START
    np.testing.assert_allclose(ours, expected, rtol=0.0, atol=TOLERANCE)


def test_the_last_run_has_the_training_compute_of_its_date():
    inputs = wide_inputs(0.25, seed=47)
    found = run(inputs, 0.25)
    reached = found.status[2] == Status.REACHED
    some = numpy_twin.with_limits({name: values[reached] for name, values in inputs.items()}, START)
    elapsed = found.arrival[2, reached] - START
    software = numpy_twin.logistic_gain(elapsed, some["algorithms.halving_time"], some["algorithms.limit"])
    compute = numpy_twin.effective_compute(some, elapsed) - np.log10(software)
    speed = some["deployment.tokens_per_second"]
    expected = deployment.log_copies(compute, found.extras["run_length_limit"][reached], speed)
    np.testing.assert_allclose(found.extras["ai_workers"][reached], expected, rtol=0.0, atol=TOLERANCE)
    assert (found.extras["ai_workers"][found.status[2] == Status.NOT_BY_HORIZON] == -np.inf).all()


@pytest.mark.parametrize("horizon", [2040.0, 2040.1, 2040.37])
def test_a_horizon_between_two_steps_cuts_at_its_own_date(drawn, horizon):
    found = MODEL.outcomes(rows(drawn), Setup(TimeGrid(START, horizon, 1.0))).arrival
    far = numpy_twin.arrivals(drawn, START, HORIZON, 1.0)
    assert_same_dates(found, np.where(far < horizon, far, np.inf))


@pytest.mark.parametrize("draws", [1, 63, 64, 65, 200])
def test_a_draw_is_the_same_wherever_its_tile_ends(drawn, draws):
    setup = Setup(TimeGrid(START, HORIZON, 0.25))
    whole = MODEL.outcomes(rows(drawn), setup)
    part = MODEL.outcomes(np.ascontiguousarray(rows(drawn)[:, :draws]), setup)
    for name in ("arrival", "status"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[..., :draws], strict=True)
    for name, values in part.observed.items():
        np.testing.assert_array_equal(values, whole.observed[name][..., :draws], strict=True)


def test_breakthroughs_are_the_twins():
    inputs = wide_inputs(0.25, seed=31)
    rng = np.random.default_rng(37)
    inputs["algorithms.breakthrough_rate"] = rng.uniform(0.0, 0.4, DRAWS)
    inputs["algorithms.breakthrough_size"] = rng.uniform(0.0, 2.0, DRAWS)
    # Of the little that some years leave of a headroom a date depends on the last digits.
    inputs["hardware.headroom_year"][:] = inputs["algorithms.headroom_year"][:] = np.inf
    clock = MODEL.clocks[-1]
    gaps = rng.exponential(size=(clock.count, DRAWS))
    times = np.cumsum(gaps, axis=0) / inputs["algorithms.breakthrough_rate"]
    setup = Setup(TimeGrid(START, HORIZON, 0.25), clocks=(clock.name,))
    found = MODEL.outcomes(np.vstack([rows(inputs), gaps]), setup)
    exhausted = times[-1] <= HORIZON - START
    assert 0 < exhausted.sum() < DRAWS // 2
    assert (found.status[:, exhausted] == Status.FAILED).all()
    assert (found.arrival[:, exhausted] == np.inf).all()
    assert not (found.status[:, ~exhausted] == Status.FAILED).any()
    twins = numpy_twin.arrivals(inputs, START, HORIZON, 0.25, times)
    jumps = np.isin(np.round(twins - START, 9), np.round(times, 9))
    assert jumps.any()
    assert_same_dates(found.arrival[:, ~exhausted], twins[:, ~exhausted])
