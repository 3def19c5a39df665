"""Task horizon: the length of tasks that software completes doubles at a constant pace.

h(t) = now * 2**((t - start) / doubling_time), in hours. It is an example of the contract in `models.model`,
with an observable below zero, one on a linear scale, and two durations; not a forecast.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import Duration, FloatArray, Grid, Milestone, Observable, Status, Threshold

#: A working day, month and year, hours.
LENGTHS: Final = (8.0, 167.0, 2000.0)

PARAMETERS = (
    Parameter(
        "horizon.now", "hour", "Length of tasks completed half of the time, at the start.", "Example", low=0.0
    ),
    Parameter("horizon.doubling_time", "year", "Time in which that length doubles.", "Example", low=0.0),
    Parameter("horizon.required", "hour", "Length at which all projects are in reach.", "Example", low=0.0),
)
MILESTONES = (
    Milestone("day", "a day's task", "tasks of 8 hours are completed half of the time"),
    Milestone("month", "a month's task", "tasks of 167 hours are completed half of the time"),
    Milestone("year", "a year's task", "tasks of 2000 hours are completed half of the time"),
    Milestone("projects", "all projects", "tasks of the required length are completed half of the time"),
)
OBSERVABLES = (
    Observable(
        "task_horizon",
        "Task horizon",
        "log10 hour",
        grid=Grid(low=-10.0, width=0.02, bins=1500),
        threshold=Threshold("required_horizon", "Task horizon that all projects need, log10 hour"),
    ),
    Observable("doublings", "Doublings since the start", "1", grid=Grid(low=0.0, width=0.5, bins=2000)),
)
DURATIONS = (
    Duration("day_to_month", "time from days to months", "day", "month"),
    Duration("month_to_year", "time from months to years", "month", "year"),
)


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when each length is reached; inputs of shape (parameters, draws)."""
    now, doubling_time, required = inputs
    lengths = np.vstack([np.array(LENGTHS)[:, None] * np.ones_like(now), required])
    dates = setup.grid.start + doubling_time * np.log2(lengths / now)
    early, late = dates < setup.grid.start, dates >= setup.grid.horizon
    status = np.select([early, late], [Status.BEFORE_START, Status.NOT_BY_HORIZON], Status.REACHED)
    arrival = np.where(late, np.inf, np.maximum(dates, setup.grid.start))
    paths = trajectories(inputs, setup)
    observed = {name: values[:, :: setup.grid.stride].T for name, values in paths.items()}
    return Outcomes(arrival, status.astype(np.int8), observed)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return both observables at every step, shape (draws, times)."""
    now, doubling_time, _ = inputs
    doublings = (setup.grid.times - setup.grid.start) / doubling_time[:, None]
    return {"task_horizon": np.log10(now)[:, None] + np.log10(2.0) * doublings, "doublings": doublings}


def thresholds(inputs: FloatArray, _: Setup) -> dict[str, FloatArray]:
    """Return the required length of each draw, log10 hours."""
    return {"required_horizon": np.log10(inputs[2])}


MODEL = Model(
    name="toy",
    title="Task horizons that double at a constant pace",
    parameters=PARAMETERS,
    milestones=MILESTONES,
    headline="projects",
    observables=OBSERVABLES,
    durations=DURATIONS,
    outcomes=outcomes,
    trajectories=trajectories,
    thresholds=thresholds,
    steps=("year", "month"),
)
