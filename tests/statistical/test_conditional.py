"""Conditional Monte Carlo in open loop: bounds of the requirement, expectations, coverage, refusals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from refusals import refused
from timecone.inputs.designs import RandomDesign
from timecone.models.compute.components.algorithms import BREAKTHROUGHS
from timecone.models.compute.reach import MILESTONES, REQUIREMENT, Reach
from timecone.simulation.conditional import _Scores

DRAWS = 2048
SHRINKING = {
    "economy.growth": tc.Point(value=-0.03, unit="1/year"),
    "investment.trend_lifetime": tc.Point(value=3.3, unit="year"),
}
JUMPS = {
    "algorithms.breakthrough_rate": tc.Point(value=0.05, unit="1/year"),
    "algorithms.breakthrough_size": tc.Point(value=0.7, unit="OOM"),
}
LAGGED = {"automation.adoption_lag": tc.Uniform(low=0.0, high=3.0, unit="year")}


def _open_loop(changes: Mapping[str, object] | None = None) -> tc.Scenario:
    keep = ["threshold.reference_year"] if changes and REQUIREMENT in changes else []
    return tc.load("open_loop").replace(changes or {}, keep=keep)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, SHRINKING, JUMPS, LAGGED], ids=["as is", "shrinks", "jumps", "lag"])
def test_a_draw_arrives_by_a_date_exactly_where_its_requirement_is_within_reach(
    changes: Mapping[str, object],
) -> None:
    # The engine dates each draw by stepping; the bound comes from the closed form, without the requirement.
    scenario = _open_loop(changes)
    model, setup, sampler = scenario.definition, scenario.setup, scenario.compiled.sampler
    values = sampler.draw(RandomDesign(7), 0, DRAWS).values[: model.rows(setup)]
    outcomes = model.outcomes(values, setup)
    requirement = values[sampler.names.index(REQUIREMENT)].copy()
    values[sampler.names.index(REQUIREMENT)] = np.nan
    reach = Reach(values, setup, model.clock_rows(setup).get(BREAKTHROUGHS.name, slice(0)))
    assert not reach.failed.any()
    names = [m.name for m in model.milestones]
    for name in (*MILESTONES, "taken_over_20"):
        for date in (2026.0, 2026.64, 2029.5, 2035.123, 2060.0):
            arrived = outcomes.arrival[names.index(name)] <= date
            np.testing.assert_array_equal(requirement <= reach(name, date), arrived, f"{name} by {date}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        SHRINKING | LAGGED,
        JUMPS | {"threshold.requirement": tc.Normal(mean=34.0, sd=4.0, unit="log10 FLOP")},
    ],
    ids=["as is", "shrinks", "jumps"],
)
def test_estimates_agree_with_random_draws(changes: Mapping[str, object]) -> None:
    # Independent seeds and two ways to integrate: 24 differences within 4.5 standard errors; a false alarm in
    # 10 000 runs or fewer.
    scenario, years, q = _open_loop(changes), (2027, 2030, 2045), (10, 50)
    run = tc.simulate(scenario, draws=200_000, seed=3, paths=0, keep=1)
    for milestone in MILESTONES:
        estimate = tc.conditional_estimate(scenario, milestone, years=years, q=q, draws=2**12, seed=4)
        by_year, dates = tc.probability_by(run, milestone, years), tc.percentiles(run, milestone, q)
        error = np.hypot(estimate.probability_error, by_year.standard_error)
        assert np.all(np.abs(estimate.probability - by_year) < 4.5 * error), milestone
        # Dates of the run are known within a bin.
        error = np.hypot(estimate.date_error, dates.standard_error) + 0.0025
        assert np.all(np.abs(estimate.date - dates) < 4.5 * error), milestone


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    # At 95 %, 33 of 40 runs cover with a probability of 0.999. The truth comes from 64 times the draws.
    scenario, runs, arguments = _open_loop(), 40, {"years": (2028, 2035), "q": (10, 50)}
    truth = tc.conditional_estimate(scenario, **arguments, draws=2**16, seed=1000)
    covered = np.zeros(4)
    for seed in range(runs):
        estimate = tc.conditional_estimate(scenario, **arguments, draws=2**10, seed=seed)
        for k, name in enumerate(("probability", "date")):
            inside = (estimate[f"{name}_lower"] <= truth[name]) & (truth[name] <= estimate[f"{name}_upper"])
            covered[2 * k : 2 * k + 2] += inside.to_numpy()
    assert np.all(covered >= stats.binom(runs, 0.95).ppf(0.001)), covered


def test_a_table_of_scores_agrees_with_solving() -> None:
    node = next(n for n in _open_loop().compiled.nodes if n.name == REQUIREMENT)
    values = np.random.default_rng(1).uniform(20.0, 90.0, 500)
    for name, quantile in node.tree.trees.items():
        table = stats.norm.cdf(_Scores(quantile)(values))
        exact = stats.norm.cdf(quantile.normal_score(values, right=True))
        assert np.abs(table - exact).max() < 2e-5, name
        assert abs((table - exact).mean()) < 1e-6, name


def test_scenarios_and_arguments_without_a_closed_form_are_refused() -> None:
    open_loop = _open_loop()
    for scenario in (
        tc.load("baseline"),
        tc.load("published/cotra_2020"),
        tc.load("published/besiroglu_2022"),
        open_loop.replace(JUMPS | {"algorithms.breakthrough_rate": tc.Point(value=1e4, unit="1/year")}),
    ):
        with refused("not-conditional", where="scenario"):
            tc.conditional_estimate(scenario, years=[2040], draws=1024)
    with refused("unknown-milestone", where="milestone", got="taken_over_20"):
        tc.conditional_estimate(open_loop, "taken_over_20", years=[2040])
    for years in ([2025], [2126], [2030.5]):
        with refused("year-outside-run", where="years"):
            tc.conditional_estimate(open_loop, years=years)
    with refused("setting-out-of-range", where="draws"):
        tc.conditional_estimate(open_loop, years=[2040], draws=1000)


@pytest.mark.slow
def test_a_percentile_beyond_the_horizon_is_infinite() -> None:
    late = _open_loop({"threshold.requirement": tc.Normal(mean=60.0, sd=0.5, unit="log10 FLOP")})
    estimate = tc.conditional_estimate(late, q=[50], years=[2030], draws=1024)
    assert np.isposinf(estimate.date.item())
    assert np.isposinf(estimate.date_lower.item())
    assert estimate.probability.item() < 1e-6
