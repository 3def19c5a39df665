"""Horizons of centuries, over which trends leave the range of the tiled kernels' numbers."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc
from calculator import SOURCE, calculator, formula, point
from timecone.models.compute import parameters as table
from timecone.models.compute.engine import log_space
from timecone.models.compute.model import MODEL
from timecone.models.model import Setup, TimeGrid
from timecone.scenario.file import parse
from timecone.schema import Status
from wild_draws import GAPS, START, wild

DRAWS = 2048


@pytest.mark.slow
def test_a_trend_of_centuries_is_crossed_at_its_date():
    """Lindy's law: P(the wait exceeds t) = age / (age + t); here the date is 2021 plus the wait."""
    wait = {"distribution": "lindy", "age": 364, "unit": "year"} | SOURCE
    content = calculator(formula("20 + wait"), start=2021.0, horizon=2521.0, wait=wait)
    run = tc.simulate(parse(content), draws=DRAWS, seed=1, threads=1, paths=0)
    wait = run["inputs"]["wait"].values
    tai = run["outcomes"]["arrival"].sel(milestone="tai").values
    np.testing.assert_array_equal(np.isinf(tai), wait >= 500.0)
    np.testing.assert_allclose(tai[wait < 500.0], 2021.0 + wait[wait < 500.0], rtol=0.0, atol=1e-9)
    assert (wait[np.isfinite(tai)] > 150.0).sum() > 500
    by = tc.probability_by(run, "tai", [2121, 2421])
    expected = [1.0 - 364.0 / (364.0 + t) for t in (101.0, 401.0)]
    np.testing.assert_allclose(by.values, expected, rtol=0.0, atol=4.0 * 0.5 / DRAWS**0.5)
    error = np.sqrt(364.0 / 864.0 * 500.0 / 864.0 / DRAWS)
    assert by.attrs["not_by_horizon"] == pytest.approx(364.0 / 864.0, abs=4.0 * error)
    assert by.attrs["failed"] == 0


@pytest.mark.slow
def test_logarithms_give_what_the_kernel_gives_where_both_can():
    """Wild draws with breakthroughs; in half of them the economy shrinks, so that compute may peak."""
    inputs = np.zeros((MODEL.rows(Setup(TimeGrid(START, START + 60.0, 0.5), clocks=(GAPS,))), 5000))
    for name, row in table.ROW.items():
        parameter = MODEL.parameter(name)
        default = parameter.default if isinstance(parameter.default, float | int) else 0.0
        inputs[row] = wild().get(name, default)
    inputs[table.HALVING_TIME_PAST] = inputs[table.HALVING_TIME]
    inputs[len(table.ROW) :] = wild()[GAPS]
    inputs[table.ECONOMY_GROWTH, ::2] *= -1.0
    setup = Setup(TimeGrid(START, START + 60.0, 0.5), clocks=(GAPS,))
    kernel = MODEL.outcomes(inputs, setup)
    dates = np.cumsum(wild()[GAPS], axis=0).T / inputs[table.BREAKTHROUGH_RATE][:, None]
    arrival, status = np.empty((5000, 5)), np.zeros((5000, 5), dtype=np.int8)
    observed, compute = np.empty_like(kernel.observed["effective_compute"]), np.empty(5000)
    needed = MODEL.thresholds(inputs, setup)["requirement"]
    share = log_space.solve(inputs, dates, needed, setup.grid, 0, arrival, status, compute, observed)
    ran = kernel.failure == 0
    assert ran.mean() > 0.9
    np.testing.assert_array_equal(status[ran, :3], kernel.status[:3, ran].T)
    both = np.isfinite(arrival[ran, :3])
    assert 0.2 < both.mean() < 0.99
    np.testing.assert_allclose(arrival[ran, :3][both], kernel.arrival[:3, ran].T[both], rtol=0.0, atol=1e-8)
    np.testing.assert_allclose(
        observed[:, ran], kernel.observed["effective_compute"][:, ran], rtol=0.0, atol=1e-9
    )
    np.testing.assert_allclose(share[ran], kernel.evidence[ran], rtol=0.0, atol=1e-8)
    adopted = arrival[ran, 4], kernel.arrival[4, ran]
    np.testing.assert_array_equal(*map(np.isfinite, adopted))
    np.testing.assert_allclose(*adopted, rtol=0.0, atol=1e-8)


@pytest.mark.parametrize(
    ("requirement", "status", "reason"),
    [
        (60.0, Status.REACHED, "none"),  # the bound is met long after the arrival
        (200.0, Status.FAILED, "beyond_range"),  # TAI is due in 2206
        (1000.0, Status.FAILED, "beyond_range"),
        (np.inf, Status.NEVER, "none"),
    ],
)
def test_the_stepped_kernel_says_where_its_range_ends(requirement, status, reason):
    pause = {
        "shocks.pause_start": point(450.0, "year"),
        "shocks.pause_duration": point(1.0, "year"),
        "shocks.pause_research_share": point(1.0, "1"),
    }
    content = calculator(point(requirement, "log10 FLOP"), horizon=2526.0, parameters=pause)
    run = tc.simulate(parse(content), draws=64, seed=1, threads=1, paths=0)["outcomes"]
    assert (run["status"].sel(milestone="tai").values == status).all()
    meanings = run["failure"].attrs["flag_meanings"].split()
    assert {meanings[k] for k in run["failure"].values} == {reason}
    if status == Status.REACHED:
        np.testing.assert_allclose(run["arrival"].sel(milestone="tai").values, 2066.0, rtol=0.0, atol=1e-9)
