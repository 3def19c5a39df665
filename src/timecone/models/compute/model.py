"""The compute model as a table: what it needs, what it gives, how it is run."""

from __future__ import annotations

import numpy as np

from timecone.models.compute import kernel, table, trace
from timecone.models.compute.algorithms import BREAKTHROUGHS, breakthrough_dates, past_gain
from timecone.models.compute.table import PARAMETERS
from timecone.models.compute.threshold import requirement_at_start
from timecone.models.model import Model, Outcomes, Setup
from timecone.schema import FloatArray, Milestone

_MILESTONES = (
    Milestone(
        "automation_20",
        "20 % automated",
        "the largest training run reaches the effective compute at which AI can do 20 % of"
        " economically valuable remote tasks",
    ),
    Milestone(
        "automation_50",
        "50 % automated",
        "the same for 50 % of these tasks",
    ),
    Milestone(
        "tai",
        "TAI",
        "transformative AI: the largest training run reaches the required effective compute, so that AI"
        " can do all of these tasks",
    ),
)


def _breakthroughs(inputs: FloatArray, setup: Setup) -> FloatArray:
    """Return breakthrough times, shape (draws, events); no events where a scenario has none."""
    gaps = inputs[MODEL.noise_rows(setup).get(BREAKTHROUGHS.name, slice(0))]
    rate = inputs[table.BREAKTHROUGH_RATE]
    return np.ascontiguousarray(breakthrough_dates(rate, gaps).T)


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Run a block of draws; inputs of shape (parameters and noise, draws) in the table's order."""
    grid = setup.grid
    draws = inputs.shape[1]
    arrival = np.full((draws, len(_MILESTONES)), np.inf)
    status = np.zeros((draws, len(_MILESTONES)), dtype=np.int8)
    observed = np.empty((len(grid.observed_times), draws))
    kernel.run_tiles(
        inputs,
        _breakthroughs(inputs, setup),
        grid.start,
        grid.horizon,
        grid.step,
        grid.steps,
        grid.stride,
        arrival,
        status,
        observed,
    )
    return Outcomes(arrival.T, status.T, observed)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable of every draw at every step, shape (draws, times)."""
    grid = setup.grid
    out = np.empty((len(trace.OBSERVABLES), inputs.shape[1], grid.steps + 1))
    trace.trace(inputs, _breakthroughs(inputs, setup), grid.start, grid.step, out)
    return {o.name: out[k] for k, o in enumerate(trace.OBSERVABLES)}


def levels(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return per draw the requirement with the algorithms of the start, log10 FLOP."""
    gain = past_gain.py_func(  # type: ignore[attr-defined]
        inputs[table.HALVING_TIME_PAST],
        setup.grid.start,
        inputs[table.REFERENCE_YEAR],
    )
    requirement = inputs[table.REQUIREMENT]
    return {"requirement": requirement_at_start.py_func(requirement, gain)}  # type: ignore[attr-defined]


MODEL = Model(
    name="compute",
    title="Effective compute of the largest training run against a threshold",
    parameters=PARAMETERS,
    milestones=_MILESTONES,
    headline="tai",
    takeoff=("automation_20", "tai"),
    noise=(BREAKTHROUGHS,),
    observables=trace.OBSERVABLES,
    thresholds={"requirement": "Effective compute that transformative AI needs, log10 FLOP"},
    outcomes=outcomes,
    trajectories=trajectories,
    levels=levels,
)
