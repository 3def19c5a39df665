"""A model of a few lines of NumPy with everything that a model can have: switches, event clocks, extras.

Effective compute grows from 1e20 FLOP along a straight line. The wall slows it down, a shock delays arrivals,
and a boost speeds it up. Requirements above 60 are never reached.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from timecone.models.model import Component, EventClock, Model, Outcomes, Parameter, Setup
from timecone.schema import Duration, Extra, FloatArray, Grid, Milestone, Observable, Status, Threshold

ORIGIN = 20.0
NEVER = 60.0


def _parameter(name: str, unit: str, **about: Any) -> Parameter:
    return Parameter(name, unit, f"The {name}.", "A test", **about)


PARAMETERS = (
    _parameter("wall.stock", "log10 FLOP", components=("wall",)),
    _parameter("growth.rate", "OOM/year", low=0.0),
    _parameter("growth.need", "log10 FLOP", includes_high=True),
    _parameter("growth.jump_rate", "1/year", low=0.0, default=0.0, includes_low=True),
    _parameter("wall.slope", "1", low=0.0, default=0.5, components=("wall",)),
    _parameter("shock.hazard", "1/year", low=0.0, components=("shock",)),
    _parameter("shock.delay", "year", low=0.0, components=("shock",)),
    _parameter("limits.lag", "year", low=0.0, default=1.0, includes_low=True, components=("wall", "shock")),
    _parameter("boost.labour", "1", low=0.0, default=1.0, components=("boost",)),
    _parameter("boost.money", "1", low=0.0, default=1.0, components=("boost",)),
)
ROW = {p.name: k for k, p in enumerate(PARAMETERS)}
COMPONENTS = (
    Component("wall", "Data wall", ("wall.stock",), "Data run out."),
    Component("shock", "Shock", ("shock.hazard", "shock.delay"), "Arrivals are delayed."),
    Component("boost", "Boost", ("boost.labour", "boost.money"), "Growth is faster.", any_of=True),
)
CLOCKS = (
    EventClock("growth.jump_gap", 2, "growth.jump_rate"),
    EventClock("shock.gap", 3, "shock.hazard"),
)
EXTRAS = (
    Extra("exhaustion", "data run out", "1", "The stock is used up.", "date", components=("wall",)),
    Extra("copies", "AI workers at arrival", "log10", "Copies that can run at once.", "number"),
    Extra("steep", "Growth above 1 OOM/year", "1", "Growth is above 1 OOM a year.", "flag"),
)
MILESTONES = (
    Milestone("half", "half way", "half of the need is reached"),
    Milestone("there", "THERE", "the need is reached"),
    Milestone("deployed", "deployed", "a year has passed since"),
)
OBSERVABLES = (
    Observable(
        "effective_compute",
        "Effective compute",
        "log10 FLOP",
        grid=Grid(0.0, 0.02, 7000),
        threshold=Threshold("requirement", "What is needed, log10 FLOP"),
    ),
    Observable("price_performance", "Price-performance", "log10 FLOP/USD", factor="hardware"),
    Observable("spending", "Spending", "log10 USD", factor="investment"),
    Observable("algorithmic_gain", "Algorithmic gain", "OOM", factor="algorithms"),
    Observable("wall_loss", "Lost to the data wall", "OOM", factor="data_wall"),
)


def _boost(inputs: FloatArray, setup: Setup) -> FloatArray:
    on = "boost" in setup.components
    return inputs[ROW["boost.labour"]] * inputs[ROW["boost.money"]] if on else np.ones(inputs.shape[1])


def _rates(inputs: FloatArray, setup: Setup) -> tuple[FloatArray, FloatArray]:
    """Return growth before the wall and what the wall takes of it, OOM per year."""
    rate = inputs[ROW["growth.rate"]] * _boost(inputs, setup)
    slope = inputs[ROW["wall.slope"]] if "wall" in setup.components else 0.0
    return rate, rate * slope


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    grid, rows = setup.grid, MODEL.clock_rows(setup)
    assert inputs.shape[0] == MODEL.rows(setup)
    rate, loss = _rates(inputs, setup)
    need = inputs[ROW["growth.need"]]
    years = (need - ORIGIN) / (rate - loss)
    if "shock.gap" in rows:
        strikes = inputs[rows["shock.gap"]][0] / inputs[ROW["shock.hazard"]] < years
        years = years + np.where(strikes, inputs[ROW["shock.delay"]], 0.0)
    dates = grid.start + np.stack([years / 2, years, years + 1.0])
    before, beyond = dates < grid.start, dates >= grid.horizon
    status = np.select(
        [np.broadcast_to(need > NEVER, dates.shape), beyond, before],
        [Status.NEVER, Status.NOT_BY_HORIZON, Status.BEFORE_START],
        Status.REACHED,
    )
    arrival = np.where(beyond | (need > NEVER), np.inf, np.maximum(dates, grid.start))
    with np.errstate(invalid="ignore", divide="ignore"):
        extras = {
            "copies": np.where(np.isfinite(arrival[1]), need - ORIGIN, -np.inf),
            "steep": (rate > 1.0).astype(np.float64),
        }
        if "wall" in setup.components:
            used_up = grid.start + (inputs[ROW["wall.stock"]] - ORIGIN) / rate
            extras["exhaustion"] = np.where(used_up < grid.horizon, used_up, np.inf)
    observed = trajectories(inputs, setup)["effective_compute"][:, :: grid.stride].T
    return Outcomes(arrival, status.astype(np.int8), {"effective_compute": observed}, extras)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    rate, loss = _rates(inputs, setup)
    elapsed = setup.grid.times - setup.grid.start
    parts = {
        "price_performance": 12.0 + 0.5 * rate[:, None] * elapsed,
        "spending": 8.0 + 0.2 * rate[:, None] * elapsed,
        "algorithmic_gain": 0.3 * rate[:, None] * elapsed,
    }
    if "wall" in setup.components:
        parts["wall_loss"] = -loss[:, None] * elapsed
    return {"effective_compute": np.sum(list(parts.values()), axis=0), **parts}


def thresholds(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    return {"requirement": inputs[ROW["growth.need"]]}


MODEL = Model(
    name="rig",
    title="A toy",
    parameters=PARAMETERS,
    milestones=MILESTONES,
    headline="there",
    durations=(Duration("takeoff_duration", "takeoff duration", "half", "there"),),
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    thresholds=thresholds,
    clocks=CLOCKS,
    components=COMPONENTS,
    extras=EXTRAS,
)

SOURCE = {"source": "a test", "as_of": date(2026, 1, 1), "basis": "guess"}


def normal(mean: float, sd: float, unit: str) -> dict[str, Any]:
    return {"distribution": "normal", "mean": mean, "sd": sd, "unit": unit} | SOURCE


def uniform(low: float, high: float, unit: str) -> dict[str, Any]:
    return {"distribution": "uniform", "low": low, "high": high, "unit": unit} | SOURCE


def open_content() -> dict[str, Any]:
    """Return a scenario's content without any switchable component."""
    return {
        "name": "rig",
        "model": "rig",
        "as_of": date(2026, 1, 1),
        "conditions": "Three lines.",
        "time": {"start": 2026.0, "horizon": 2066.0, "step": "year"},
        "parameters": {
            "growth": {
                "rate": uniform(0.2, 1.5, "OOM/year"),
                "need": normal(40.0, 12.0, "log10 FLOP"),
            },
        },
    }


def full_content() -> dict[str, Any]:
    """Return a scenario's content with every component on, and correlations to and between them."""
    content = open_content()
    content["parameters"] |= {
        "wall": {"stock": normal(26.0, 2.0, "log10 FLOP")},
        "shock": {"hazard": uniform(0.01, 0.1, "1/year"), "delay": uniform(1.0, 9.0, "year")},
        "boost": {"labour": uniform(0.9, 1.4, "1")},
    }
    content["correlations"] = [
        {"between": ["wall.stock", "growth.rate"], "rho": 0.5} | SOURCE,
        {"between": ["growth.rate", "growth.need"], "rho": -0.3} | SOURCE,
        {"between": ["shock.delay", "growth.need"], "rho": 0.4} | SOURCE,
    ]
    return content
