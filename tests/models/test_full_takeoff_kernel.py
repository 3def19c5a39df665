"""The kernel of the Full Takeoff model against plain NumPy, and against its own limit of short steps."""

from __future__ import annotations

import numpy as np
import pytest

import full_takeoff_economy as oracle
from full_takeoff_inputs import GRID, OBSERVABLES, dates, drawn, finer, run
from timecone.models.full_takeoff.components import allocation
from timecone.models.full_takeoff.components.requirements import fill
from timecone.models.full_takeoff.model import MODEL, lowest_requirement

pytestmark = pytest.mark.slow

DOUBLINGS = [f"doubling_time_{n}" for n in range(5)]


def _compare(values: dict[str, np.ndarray], tasks: int = 100) -> None:
    """Check every series, date and number of the kernel on the published grid."""
    outcomes, traced = run(values)
    inputs = {name: v for name, v in values.items() if name != "automation.tasks"}
    series, _ = oracle.simulate(inputs, tasks=tasks)
    for ours, (theirs, logarithm) in OBSERVABLES.items():
        expected = np.log10(series[theirs]) if logarithm else series[theirs]
        # Of a logarithm the absolute error is the relative one of the number, over ln(10).
        np.testing.assert_allclose(
            traced[ours], expected, rtol=0 if logarithm else 1e-9, atol=4e-10, err_msg=ours
        )
    expected = oracle.metrics(series, trigger=values["wakeup.trigger"])
    dated = dates(outcomes)
    assert set(dated) == set(expected) - {"doubling_times", "slow"}
    for name, date in dated.items():
        wanted = np.where(np.isnan(expected[name]), np.inf, expected[name])
        np.testing.assert_allclose(date, wanted, rtol=1e-12, err_msg=name)
    times = np.where(np.isnan(expected["doubling_times"]), np.inf, expected["doubling_times"])
    for n, name in enumerate(DOUBLINGS):
        np.testing.assert_allclose(outcomes.extras[name], times[:, n], rtol=1e-9, err_msg=name)
    np.testing.assert_array_equal(outcomes.extras["slow_takeoff"], expected["slow"])
    for name in ("training_run", "world_output", "automated_goods"):
        np.testing.assert_array_equal(outcomes.observed[name], traced[name][:, :: GRID.stride].T)


def test_the_kernel_is_the_oracle() -> None:
    values = drawn("monte_carlo_2022", 12, seed=1)
    # Draws that reach full automation and draws that do not.
    assert 0 < np.isfinite(dates(run(values)[0])["goods_100"]).sum() < 12
    _compare(values)


def test_steep_requirements_other_tasks_and_other_savings_are_those_of_the_oracle() -> None:
    values = drawn("best_guess", 4)
    values["requirement.training_steepness"] = np.array([0.0, 0.5, 1.0, 3.0])
    values["requirement.runtime_steepness"] = np.array([0.4, 0.0, 0.25, 0.1])
    values["automation.tasks"] = np.full(4, 20.0)
    values["economy.savings"] = np.array([0.1, 0.2, 0.3, 0.4])
    _compare(values, tasks=20)


@pytest.mark.slow
def test_the_kernel_is_the_oracle_in_2000_draws() -> None:
    values = drawn("monte_carlo_2022", 2000, seed=2)
    for first in range(0, 2000, 250):
        _compare({name: v[first : first + 250] for name, v in values.items()})


def _steps_of(preset: str, step: float) -> dict[str, float]:
    return {k: v[0] for k, v in dates(run(drawn(preset, 1), "heun", finer(GRID, step))[0]).items()}


@pytest.mark.parametrize("preset", ["best_guess", "short_timelines", "long_timelines"])
def test_dates_of_the_default_step_are_within_three_days_of_those_of_a_short_one(preset) -> None:
    fine, default = _steps_of(preset, 0.01), _steps_of(preset, 0.25)
    for name in ("wakeup", "goods_20", "goods_50", "goods_100", "rnd_20", "rnd_50", "rnd_100", "agi"):
        # Levels jump with every task, so that the last digits are scattered.
        assert abs(default[name] - fine[name]) < 0.01, name


def test_halving_the_step_takes_three_quarters_of_its_error_away() -> None:
    """Second order, before the wake-up: there levels do not jump, and no step is halved for its growth."""
    values = drawn("best_guess", 1)
    stock = {
        step: run(values, "heun", finer(GRID, step))[1]["physical_compute"][0, round(4 / step)]
        for step in (0.2, 0.1, 0.05, 0.005)
    }
    errors = [stock[step] - stock[0.005] for step in (0.2, 0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.1)


def test_the_published_grid_goes_to_the_same_limit_at_first_order() -> None:
    values, limit = drawn("best_guess", 1), _steps_of("best_guess", 0.01)
    late = {}
    for step in (0.1, 0.05, 0.01):
        dated = dates(run(values, grid=finer(GRID, step))[0])
        late[step] = dated["goods_100"][0] - limit["goods_100"]
    # The grid itself dates up to a step late.
    assert 0.2 < late[0.1] < 0.35
    assert 0.08 < late[0.05] < 0.2
    assert 0.0 < late[0.01] < 0.05


def test_the_split_of_labour_and_compute_is_found_from_wherever_the_search_begins() -> None:
    rng = np.random.default_rng(3)
    tasks = 12
    for _ in range(200):
        psi = -rng.uniform(0.1, 3.0)
        sigma = 1.0 / (1.0 - psi)
        beta = np.r_[rng.uniform(0.1, 1.0), np.full(tasks, 10.0 ** rng.uniform(-6, 0))]
        logs = np.r_[0.0, np.sort(rng.uniform(0.0, 30.0, tasks))]
        log_run, automatable = rng.uniform(0.0, 20.0), int(rng.integers(1, tasks + 2))
        labour, compute = 10.0 ** rng.uniform(-3, 3, 2)
        tables = np.zeros((1, 2, tasks + 2))
        tables[0, 0, : tasks + 1] = logs
        allocation.fill_running(logs, sigma, tasks, tables[0, 1])
        eta = np.minimum(1.0, 2.0 ** (log_run - logs))
        one = allocation.Tasks(
            psi,
            beta[0] ** sigma,
            beta[1] ** sigma,
            beta[1],
            tasks,
            automatable,
            int((logs[1:] <= log_run).sum()),
            log_run,
            1.0,
        )
        lab, com = oracle.allocate(
            np.array([labour]),
            np.array([compute]),
            eta[None],
            np.array([automatable]),
            beta[None],
            np.array([psi]),
        )
        assert lab.sum() == pytest.approx(labour)
        assert com.sum() == pytest.approx(compute)
        expected = (beta * (lab + eta * com)[0] ** psi).sum()
        counted = (eta * com[0] > 10.0 * lab[0]).sum()
        for guess in (0, 3, tasks):
            total, automated, _ = allocation.work(one, labour, compute, tables, 0, 0, 1, guess)
            assert total == pytest.approx(expected, rel=1e-9)
            assert automated == counted


def test_no_other_split_makes_more_cognitive_work() -> None:
    rng = np.random.default_rng(4)
    eta = np.sort(rng.uniform(0.01, 1.0, 8))[::-1]
    eta[0] = 1.0
    beta, psi = np.r_[0.6, np.full(7, 0.05)], -0.6
    lab, com = oracle.allocate(
        np.array([3.0]), np.array([2.0]), eta[None], np.array([6]), beta[None], np.array([psi])
    )
    best = (beta * (lab + eta * com)[0] ** psi).sum() ** (1.0 / psi)
    for _ in range(2000):
        other_labour = 3.0 * rng.dirichlet(np.full(8, 0.7))
        other_compute = np.r_[2.0 * rng.dirichlet(np.full(6, 0.7)), 0.0, 0.0]
        x = other_labour + eta * other_compute
        assert (beta * x**psi).sum() ** (1.0 / psi) <= best * (1.0 + 1e-12)


def test_requirements_of_tasks_agree_with_the_formula_of_the_constraint() -> None:
    out, tasks = np.empty(101), 100
    for steepness in (0.0, 0.5):
        fill(36.0, 4.0, steepness, tasks, out)
        for task in (1, 6, 21, 60, 100):
            quantile = np.array([(task - 1) / (tasks - 1)])
            formula = lowest_requirement(np.array([1e36]), np.array([1e4]), np.array([steepness]), quantile)
            assert out[task] / np.log2(10.0) == pytest.approx(formula[0], rel=1e-12)


def test_every_milestone_observable_and_extra_says_what_it_is() -> None:
    assert len({m.label for m in MODEL.milestones}) == len(MODEL.milestones)
    assert all(extra.definition.endswith(".") for extra in MODEL.extras)
