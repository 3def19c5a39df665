"""The same assumptions through the compute model and the Full Takeoff economy, and the dates of the page."""

from __future__ import annotations

import numpy as np
import pytest

import timecone as tc

pytestmark = pytest.mark.slow

EVENTS = {"compute": ("automation_20", "tai"), "full_takeoff": ("sub_agi", "agi")}
UNTRADED = {"automation.largest_tradeoff": tc.Point(value=1.0, unit="1")}


def _dates(scenario: tc.Scenario) -> tuple[float, ...]:
    run = tc.simulate(scenario, draws=1, seed=1, paths=0, threads=1)
    arrival = run["outcomes"]["arrival"].isel(draw=0)
    return tuple(arrival.sel(milestone=name).item() for name in EVENTS[scenario.model])


def test_returns_and_start_are_those_of_the_best_guess() -> None:
    economy, compute = (
        {name: value.item() for name, value in tc.sample(tc.load(preset), 1).data_vars.items()}
        for preset in ("full_takeoff/best_guess", "bridge/full_takeoff_in_compute")
    )
    for field in ("software", "hardware"):
        unpenalised = compute[f"feedback.{field}_returns"] * compute["feedback.parallelisation"]
        assert unpenalised == pytest.approx(economy[f"{field}.returns"], rel=1e-3)
    run = compute["investment.largest_run"] * compute["hardware.price_performance"]
    assert run == pytest.approx(economy["automation.largest_run"])
    assert compute["threshold.requirement"] == pytest.approx(np.log10(economy["requirement.training"]))
    assert compute["automation.gap"] == pytest.approx(np.log10(economy["requirement.training_gap"]))
    ceiling = compute["hardware.price_performance"] * 10 ** compute["hardware.headroom"]
    assert ceiling == pytest.approx(economy["hardware.ceiling"], rel=0.02)


def test_dates_of_both_models_are_those_of_the_page() -> None:
    economy, reverse = tc.load("full_takeoff/best_guess"), tc.load("bridge/baseline_in_full_takeoff")
    expected = {
        (2037.1, 2039.7): economy,
        (2039.0, 2043.9): economy.replace(UNTRADED),
        (2039.8, 2043.2): tc.load("bridge/full_takeoff_in_compute"),
        (2029.3, 2032.4): reverse,
        (2029.4, 2034.2): reverse.replace(UNTRADED),
    }
    for dates, scenario in expected.items():
        assert _dates(scenario) == pytest.approx(dates, abs=0.0501), scenario.name
