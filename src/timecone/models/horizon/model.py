"""AI Futures Model: milestones, durations, observables and constraints, and how a block of draws is run."""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.errors import ScenarioError
from timecone.models.horizon import milestones, throughput, time_horizon
from timecone.models.horizon import parameters as table
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.observables import COUNTED, OBSERVABLES
from timecone.models.horizon.run import FAILURES, Rules, run
from timecone.models.model import Model, Outcomes, Setup
from timecone.schema import ByteArray, FloatArray, Status

#: Schemes: the editions of the model, each with the table of its series.
DECEMBER_2025, JANUARY_2026, AUGUST_2026 = "december_2025", "january_2026", "august_2026"
#: The series of August 2026 are not public: those of January stand in for them.
SERIES_OF: Final = {DECEMBER_2025: "2025_12", JANUARY_2026: "2026_01", AUGUST_2026: "2026_01"}


def _run(
    inputs: FloatArray, setup: Setup, times: FloatArray, observables: int
) -> tuple[FloatArray, ByteArray, FloatArray]:
    """Return dates, failures and observations of a block, as `run.run` fills them."""
    grid, draws = setup.grid, inputs.shape[1]
    series = exogenous.series(SERIES_OF[setup.scheme])
    if not grid.start > series.years[0]:
        raise ScenarioError(
            "start-before-series",
            f"the simulation starts before the inputs of the scheme {setup.scheme!r}",
            where="time.start",
            got=grid.start,
            allowed=f"above {series.years[0]:g}",
        )
    dates = np.empty((draws, milestones.COUNT))
    failure = np.empty(draws, dtype=np.int8)
    observed = np.empty((draws, times.size, observables))
    run(
        np.ascontiguousarray(inputs),
        series,
        Rules(
            setup.scheme == DECEMBER_2025,
            exogenous.COMPUTE_SLOWDOWN in setup.components,
            setup.scheme == AUGUST_2026,
            time_horizon.REVENUE in setup.components,
        ),
        grid.start,
        grid.step,
        times,
        dates,
        failure,
        observed,
    )
    return dates, failure, observed


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Run a block of draws; inputs of shape (parameters, draws) in the table's order."""
    grid = setup.grid
    times = grid.times
    dates, failure, observed = _run(inputs, setup, np.append(grid.observed_times, times[-1]), COUNTED)
    early, late = grid.start > dates.T, ~(grid.horizon > dates.T)
    status = np.select([early, late], [Status.BEFORE_START, Status.NOT_BY_HORIZON], Status.REACHED)
    status[:, failure != 0] = Status.FAILED
    arrival = np.where(late, np.inf, np.maximum(dates.T, grid.start))
    counted = {o.name: observed[:, :-1, k].T.copy() for k, o in enumerate(OBSERVABLES[:COUNTED])}
    return Outcomes(arrival, status.astype(np.int8), counted, failure=failure)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable of every draw at every step, shape (draws, times)."""
    _, _, observed = _run(inputs, setup, setup.grid.times, len(OBSERVABLES))
    return {o.name: observed[:, :, k].copy() for k, o in enumerate(OBSERVABLES)}


def thresholds(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return the required horizon of each draw, log10 hours."""
    gap = (inputs[table.GAP_PRESENT] > 0.0) & (setup.scheme == DECEMBER_2025)
    required = np.where(gap, inputs[table.GAP_HORIZON], inputs[table.CODER_HORIZON])
    return {"required_horizon": np.log10(required)}


MODEL = Model(
    name="ai_futures",
    title="AI Futures Model: time horizons, automated coders and research taste",
    parameters=table.PARAMETERS,
    milestones=milestones.MILESTONES,
    headline="automated_coder",
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    durations=milestones.DURATIONS,
    thresholds=thresholds,
    constraints=(*throughput.CONSTRAINTS, *time_horizon.CONSTRAINTS),
    steps=("quarter", "tenth", "year", "month"),
    schemes=(DECEMBER_2025, JANUARY_2026, AUGUST_2026),
    components=(*exogenous.COMPONENTS, *time_horizon.COMPONENTS),
    groups=table.GROUPS,
    failures=FAILURES,
)
