"""The software explosion against a second implementation, closed forms and the published probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import software_explosion as oracle
import timecone as tc
from timecone.models.model import Setup, TimeGrid
from timecone.models.software_explosion.model import CODE, MODEL, PAPER, PARAMETERS
from timecone.schema import Status

NAMES = [parameter.name for parameter in PARAMETERS]
GRID = TimeGrid(2030.0, 2034.0, 1.0 / 12.0)
MILESTONES = list(oracle.EVENTS)
DRAWS = 20_000

# Davidson and Houlden 2025: probabilities of the four amounts of progress, in percent. Their runs have 1000
# draws, so their standard errors are up to 1.6 points.
PUBLISHED = (57.0, 41.0, 18.0, 12.0)
# Their published method (code of commit a7b1a79) run with 200 000 draws, in percent; errors up to 0.11.
VARIANTS = {
    "davidson_2025": (56.4, 41.0, 16.7, 12.4),
    "paper_order": (57.1, 41.7, 17.4, 13.0),
    "constant_returns": (64.5, 55.3, 32.7, 27.5),
    "retraining_cost": (57.4, 41.9, 19.3, 15.1),
}
REFERENCE_DRAWS = 200_000
# Their figures are rounded to 0.1 points.
ROUNDING = 0.05


def _inputs(draws: int = 1, **changes: object) -> np.ndarray:
    """Return a block of inputs: 8 doublings a year, a limit of 11 years, a constant pace."""
    values = {
        "doubling_time": 0.25,
        "share_of_progress": 0.5,
        "limit": 11.0,
        "speedup": 8.0,
        "returns": 1.0,
        "decline_of_returns": 0.0,
        "parallel_returns": 0.3,
        "retraining": 0.0,
    } | changes
    return np.array([np.broadcast_to(values[name.partition(".")[2]], draws) for name in NAMES], dtype=float)


def _drawn(draws: int) -> dict[str, np.ndarray]:
    drawn = tc.sample(tc.load("software_explosion/davidson_2025"), draws, 5)
    return {name.partition(".")[2]: drawn[name].values for name in NAMES}


def _probabilities(preset: str) -> np.ndarray:
    run = tc.simulate(tc.load(f"software_explosion/{preset}"), draws=DRAWS, seed=11, threads=1, paths=0)
    return 100.0 * np.isfinite(run["outcomes"]["arrival"].sel(milestone=MILESTONES).values).mean(axis=1)


@pytest.mark.parametrize("scheme", [CODE, PAPER])
@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("retraining", [False, True])
def test_dates_are_those_of_the_oracle(scheme: str, *, constant: bool, retraining: bool) -> None:
    values = _drawn(300)
    values |= {
        "decline_of_returns": np.full(300, 0.0 if constant else 1.0),
        "retraining": np.full(300, float(retraining)),
        # Also another share of software, with another number of doublings in a year.
        "share_of_progress": np.where(np.arange(300) % 3 == 0, 0.4, 0.5),
    }
    arrival = MODEL.outcomes(_inputs(300, **values), Setup(GRID, scheme=scheme)).arrival
    for draw in range(300):
        share = float(values["share_of_progress"][draw])
        arguments = {n: float(values[n][draw]) for n in ("limit", "speedup", "returns", "parallel_returns")}
        ends = oracle.doubling_ends(
            **arguments, share=share, constant=constant, retraining=retraining, code=scheme == CODE
        )
        exact = [2030.0 + oracle.first_end(ends, *event, share) / 12.0 for event in oracle.EVENTS.values()]
        exact = [date if date < 2034.0 else np.inf for date in exact]
        np.testing.assert_allclose(arrival[:, draw], exact, rtol=0.0, atol=1e-9)
    assert np.isfinite(arrival).any(axis=1).all()


@pytest.mark.parametrize("preset", VARIANTS)
def test_probabilities_are_those_of_the_published_code(preset: str) -> None:
    reference = np.array(VARIANTS[preset])
    variance = reference * (100.0 - reference) * (1.0 / DRAWS + 1.0 / REFERENCE_DRAWS)
    # Of 16 numbers, one is off by more than 4 standard errors once in 1000 seeds.
    np.testing.assert_array_less(
        np.abs(_probabilities(preset) - reference), 4.0 * np.sqrt(variance) + ROUNDING
    )


def test_probabilities_are_the_published_ones() -> None:
    np.testing.assert_allclose(_probabilities("davidson_2025"), PUBLISHED, rtol=0.0, atol=1.6)


def test_with_returns_of_one_the_pace_is_constant() -> None:
    # A doubling takes 3/8 months: 24 take 9 months; neither 26 in 4 months nor 80 in 12 months.
    outcomes = MODEL.outcomes(_inputs(), Setup(GRID))
    np.testing.assert_allclose(outcomes.arrival[:, 0], [2030.75, np.inf, np.inf, np.inf], atol=1e-12)
    np.testing.assert_allclose(outcomes.extras["fastest_pace"], 4.0, rtol=1e-9)
    # 88 doublings, all of them made in 33 months.
    np.testing.assert_allclose(outcomes.extras["progress"], 11.0, rtol=1e-12)
    paths = MODEL.trajectories(_inputs(), Setup(GRID))
    months = 12.0 * (GRID.times - 2030.0)
    np.testing.assert_allclose(paths["doublings"][0], np.minimum(months * 8.0 / 3.0, 88.0), atol=1e-9)
    np.testing.assert_allclose(paths["pace"][0], np.where(months < 32.9, 4.0, 0.0), atol=1e-9)


def test_constant_returns_above_one_sum_a_geometric_series() -> None:
    returns, parallel, speedup = 2.0, 0.4, 4.0
    ratio = 2.0 ** (parallel * (1.0 / returns - 1.0))
    changes = {"returns": returns, "parallel_returns": parallel, "speedup": speedup}
    doublings = MODEL.trajectories(_inputs(**changes), Setup(GRID))["doublings"][0]
    first = 0.25 / speedup
    for month in (1, 3, 5):
        done = int(doublings[month])
        assert first * (1 - ratio**done) / (1 - ratio) <= month / 12 + 1e-12
        assert first * (1 - ratio ** (done + 1)) / (1 - ratio) > month / 12
    assert doublings[-1] == 88.0


def test_a_limit_near_by_ends_the_draw_for_good() -> None:
    # 16 doublings are all there are: 24 in a row never come. A slow draw is still on its way at the horizon.
    inputs = _inputs(2, limit=np.array([2.0, 11.0]), speedup=np.array([8.0, 0.5]))
    outcomes = MODEL.outcomes(inputs, Setup(GRID))
    assert np.isinf(outcomes.arrival).all()
    np.testing.assert_array_equal(outcomes.status[0], [Status.NEVER, Status.NOT_BY_HORIZON])


@pytest.mark.parametrize("name", ["speedup", "limit"])
def test_more_speed_and_a_farther_limit_never_delay_a_date(name: str) -> None:
    values = _drawn(500)
    before = MODEL.outcomes(_inputs(500, **values), Setup(GRID)).arrival
    after = MODEL.outcomes(_inputs(500, **(values | {name: 1.2 * values[name]})), Setup(GRID)).arrival
    if name == "limit":
        # Returns below 1 decline more slowly too, so every doubling comes no later.
        assert (after <= before + 1e-9).all()
    else:
        assert (after < before).sum() > 100
        assert (after <= before).all()


def test_blocks_and_threads_change_no_bit() -> None:
    scenario = tc.load("software_explosion/davidson_2025")
    first = tc.simulate(scenario, draws=1000, seed=2, threads=1, paths=20)
    second = tc.simulate(scenario, draws=1000, seed=2, threads=2, paths=20, block=64)
    for group in ("outcomes", "summary", "paths"):
        assert first[group].to_dataset().equals(second[group].to_dataset())


def test_a_horizon_cuts_what_comes_later() -> None:
    values = _inputs(500, **_drawn(500))
    whole = MODEL.outcomes(values, Setup(GRID)).arrival
    short = MODEL.outcomes(values, Setup(replace(GRID, horizon=2031.0))).arrival
    np.testing.assert_array_equal(short, np.where(whole < 2031.0, whole, np.inf))
