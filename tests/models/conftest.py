"""A scenario without uncertainty, whose answers are closed forms."""

from __future__ import annotations

import math

import pytest

import timecone as tc

CENTRAL = {
    "hardware.price_performance": 1.5e18,
    "hardware.doubling_time": 2.4,
    "hardware.headroom": 3.0,
    "hardware.headroom_year": math.inf,
    "economy.output": 1.2e14,
    "economy.growth": 0.03,
    "investment.largest_run": 7e8,
    "investment.growth": 2.7,
    "investment.cap_share": 0.004,
    "investment.trend_lifetime": 7.3,
    "algorithms.halving_time": 0.7,
    "algorithms.headroom": 5.0,
    "algorithms.headroom_year": math.inf,
    "threshold.requirement": 36.0,
    "threshold.reference_year": 2022.5,
    "automation.gap": 3.0,
}


@pytest.fixture
def certain(baseline):
    """Return a maker of scenarios of points: changed values by parameter, and the step."""

    def make(changes=None, *, step="quarter", start=2026.0, horizon=2126.0):
        values = CENTRAL | (changes or {})
        values.setdefault("algorithms.halving_time_past", values["algorithms.halving_time"])
        units = {p.name: p.unit for p in baseline.definition.parameters}
        return baseline.replace(
            {name: tc.Point(value=value, unit=units[name]) for name, value in values.items()},
            time={"start": start, "horizon": horizon, "step": step},
            not_yet={"rule": "off"},
            # What is switched off may still go by the choice between states of the data.
            choices={"data": baseline.choices["data"]},
            components={component.name: False for component in baseline.definition.components},
            correlations=(),
        )

    return make


@pytest.fixture
def path(certain):
    """Return a maker of the one trajectory of a scenario of points, dims (time,)."""

    def make(changes=None, **time):
        run = tc.simulate(certain(changes, **time), draws=1, threads=1, paths=1)
        return run["paths"].dataset.isel(path=0)

    return make
