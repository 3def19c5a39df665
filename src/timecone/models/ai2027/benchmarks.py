"""Benchmarks and gaps of AI 2027: from a saturated benchmark of AI research to the superhuman coder.

After RE-Bench is saturated the required work is the time of the doublings from the horizon at saturation to
the required one, plus six gaps between the benchmark and real research. AI speeds the work up as `pace` says;
the date is that inside the developer, which is ahead of what it has released.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.ai2027.doublings import months_of_doublings
from timecone.models.ai2027.pace import SLOWDOWN, Pace
from timecone.models.ai2027.time_horizon import (
    CORRECTED,
    DOUBLING_RATIO,
    DOUBLING_TIME,
    LAST_SPEEDUP,
    LEAD,
    PUBLISHED,
    REQUIRED,
    SOURCE,
    SPEEDUP,
    SUPERHUMAN_CODER,
    dated,
)
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import FloatArray, Grid, Observable

#: Slips of the published code: hours of the calendar in a month where months of work have 167 hours, and
#: 365 days of 1/30.5 month in a year.
HOURS_OF_WORK, HOURS_OF_CALENDAR = 167.0, 720.0
PUBLISHED_MONTHS: Final = 365.0 / 30.5

#: Gaps between the saturated benchmark and the superhuman coder.
GAPS: Final = {
    "engineering_complexity": "large code bases in place of single files",
    "feedback_loops": "tasks without a score that tells how well they go",
    "project_coordination": "parallel projects of many agents",
    "specialization": "the developer's own tools and practices",
    "cost_and_speed": "the cost and speed of the superhuman coder",
    "other": "gaps that the others leave out",
}
PARAMETERS: Final = (
    Parameter(
        "saturation.delay",
        "month",
        "Time from the start until the benchmark is saturated.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "horizon.saturated",
        "hour",
        "Length of tasks that AI completes when the benchmark is saturated, in hours of human work.",
        SOURCE,
        low=0.0,
    ),
    REQUIRED,
    DOUBLING_TIME,
    DOUBLING_RATIO,
    *(
        Parameter(
            f"gap.{name}",
            "month",
            f"Work at the present pace that is left for {what}.",
            SOURCE,
            low=0.0,
            includes_low=True,
        )
        for name, what in GAPS.items()
    ),
    LEAD,
    Parameter(
        "speedup.saturated",
        "1",
        "Speed-up of software progress by AI when the benchmark is saturated, less 1.",
        SOURCE,
        low=0.0,
    ),
    LAST_SPEEDUP,
    *SLOWDOWN,
)
OBSERVABLES: Final = (
    Observable(
        "progress",
        "Share of the work after saturation that is done",
        "1",
        grid=Grid(low=0.0, width=0.001, bins=1001),
    ),
    SPEEDUP,
)
_FIRST_GAP: Final = 5


def _months_per_year(setup: Setup) -> float:
    return PUBLISHED_MONTHS if setup.scheme == PUBLISHED else 12.0


def _doublings(inputs: FloatArray, setup: Setup) -> FloatArray:
    """Return the doublings from the horizon at saturation to the required one, shape (draws,).

    The published code divides the two by different hours per month, and lets a horizon that is already long
    enough give time back.
    """
    doublings = np.log2(inputs[2] / inputs[1])
    if setup.scheme == PUBLISHED:
        return np.asarray(doublings + np.log2(HOURS_OF_CALENDAR / HOURS_OF_WORK))
    return np.asarray(np.maximum(doublings, 0.0))


def _pace(inputs: FloatArray, setup: Setup) -> Pace:
    saturation, _, _, doubling_time, ratio = inputs[:_FIRST_GAP]
    gaps = inputs[_FIRST_GAP : _FIRST_GAP + len(GAPS)].sum(axis=0)
    _, first, last, date, labour, compute = inputs[_FIRST_GAP + len(GAPS) :]
    work = months_of_doublings(_doublings(inputs, setup), doubling_time, ratio) + gaps
    years = date - setup.grid.start - saturation / 12.0
    return Pace(work, 1.0 + first, 1.0 + last, _months_per_year(setup) * years, labour, compute)


def _lead(inputs: FloatArray) -> FloatArray:
    return np.asarray(inputs[_FIRST_GAP + len(GAPS)])


def observed(inputs: FloatArray, setup: Setup, times: FloatArray) -> dict[str, FloatArray]:
    """Return every observable at some times, shape (draws, times): that of the developer's own systems."""
    pace, begin = _pace(inputs, setup), (inputs[0] - _lead(inputs))[:, None] / 12.0
    progress = pace.progress(_months_per_year(setup) * (times - setup.grid.start - begin))
    return {"progress": progress, "software_speedup": np.log10(pace.speedup(progress))}


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when the superhuman coder arrives in a block of draws; inputs of shape (parameters, draws)."""
    years = _pace(inputs, setup).months() / _months_per_year(setup)
    arrival, status = dated(setup.grid.start + (inputs[0] - _lead(inputs)) / 12.0 + years, setup)
    values = observed(inputs, setup, setup.grid.observed_times)
    return Outcomes(arrival[None], status[None], {name: v.T.copy() for name, v in values.items()})


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable at every step, shape (draws, times)."""
    return observed(inputs, setup, setup.grid.times)


MODEL = Model(
    name="benchmarks_and_gaps",
    title="Benchmarks and gaps: from a saturated benchmark to the superhuman coder",
    parameters=PARAMETERS,
    milestones=(SUPERHUMAN_CODER,),
    headline=SUPERHUMAN_CODER.name,
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    steps=("month", "quarter", "year"),
    schemes=(CORRECTED, PUBLISHED),
)
