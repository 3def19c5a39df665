"""Time-horizon extension of AI 2027: from the horizon of tasks today to that of the superhuman coder.

The required work is the time of the doublings from today's horizon to the required one, plus a gap in cost
and speed. AI speeds the work up as `pace` says. It begins before the start of the simulation, because
developers are ahead of what they release.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.ai2027.doublings import doublings_in_months, months_of_doublings
from timecone.models.ai2027.pace import SLOWDOWN, Pace
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import ByteArray, FloatArray, Grid, Milestone, Observable, Status, Threshold

#: Schemes: without the slips of the published code, and with them.
CORRECTED, PUBLISHED = "corrected", "published"
SOURCE: Final = "Kokotajlo et al. 2025, timelines forecast of AI 2027"
SUPERHUMAN_CODER: Final = Milestone(
    "superhuman_coder",
    "superhuman coder",
    "with 5 % of its compute the leading developer can run 30 times as many agents as it has human research"
    " engineers, each of them 30 times as fast as its best engineer at all coding tasks of AI research",
)
#: Log10 of the speed-up of software progress.
SPEEDUP: Final = Observable(
    "software_speedup",
    "Speed-up of software progress by AI",
    "OOM",
    grid=Grid(low=0.0, width=0.005, bins=1000),
)

REQUIRED: Final = Parameter(
    "horizon.required",
    "hour",
    "Length of tasks that the superhuman coder completes, in hours of human work.",
    SOURCE,
    low=0.0,
)
DOUBLING_TIME: Final = Parameter(
    "horizon.doubling_time",
    "month",
    "Time of the next doubling of that length at the present pace.",
    SOURCE,
    low=0.0,
)
DOUBLING_RATIO: Final = Parameter(
    "horizon.doubling_ratio",
    "1",
    "Time of each doubling relative to the one before, at the present pace.",
    SOURCE,
    low=0.0,
    default=1.0,
)
LEAD: Final = Parameter(
    "lead.internal",
    "month",
    "Time by which the developer's own systems are ahead of those it has released.",
    SOURCE,
    low=0.0,
    includes_low=True,
    default=0.0,
)
LAST_SPEEDUP: Final = Parameter(
    "speedup.superhuman_coder",
    "1",
    "Speed-up of software progress by the superhuman coder, less 1.",
    SOURCE,
    low=0.0,
)
PARAMETERS: Final = (
    Parameter(
        "horizon.now",
        "hour",
        "Length of tasks that AI completes at the start, in hours of human work.",
        SOURCE,
        low=0.0,
    ),
    REQUIRED,
    DOUBLING_TIME,
    DOUBLING_RATIO,
    Parameter(
        "gap.cost_and_speed",
        "month",
        "Work at the present pace from the required length to the cost and speed of the superhuman coder.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    LEAD,
    Parameter(
        "speedup.now", "1", "Speed-up of software progress by AI at the start, less 1.", SOURCE, low=0.0
    ),
    LAST_SPEEDUP,
    *SLOWDOWN,
)
OBSERVABLES: Final = (
    Observable(
        "task_horizon",
        "Task horizon",
        "log10 hour",
        grid=Grid(low=-10.0, width=0.02, bins=1500),
        threshold=Threshold("required_horizon", "Task horizon of the superhuman coder, log10 hour"),
        note="Of the developer's own systems. It ends at the length that the superhuman coder needs.",
    ),
    SPEEDUP,
)


def _doublings(inputs: FloatArray, setup: Setup) -> FloatArray:
    """Return the doublings from today's horizon to the required one, shape (draws,).

    The published code lets a horizon that is already long enough give time back.
    """
    now, required = inputs[:2]
    doublings = np.log2(required / now)
    return np.asarray(doublings if setup.scheme == PUBLISHED else np.maximum(doublings, 0.0))


def _pace(inputs: FloatArray, setup: Setup) -> Pace:
    _, _, doubling_time, ratio, gap, lead, first, last, date, labour, compute = inputs
    work = months_of_doublings(_doublings(inputs, setup), doubling_time, ratio) + gap
    turn = 12.0 * (date - setup.grid.start) + lead
    return Pace(work, 1.0 + first, 1.0 + last, turn, labour, compute)


def dated(arrival: FloatArray, setup: Setup) -> tuple[FloatArray, ByteArray]:
    """Return dates and statuses of a milestone from its dates without bounds, all of shape (draws,)."""
    early, late = arrival < setup.grid.start, ~(arrival < setup.grid.horizon)
    status = np.select([early, late], [Status.BEFORE_START, Status.NOT_BY_HORIZON], Status.REACHED)
    return np.where(late, np.inf, np.maximum(arrival, setup.grid.start)), status.astype(np.int8)


def observed(inputs: FloatArray, setup: Setup, times: FloatArray) -> dict[str, FloatArray]:
    """Return every observable at some times, shape (draws, times)."""
    now, required, doubling_time, ratio, _, lead = inputs[:6]
    pace = _pace(inputs, setup)
    progress = pace.progress(12.0 * (times - setup.grid.start) + lead[:, None])
    done = doublings_in_months(progress * pace.work[:, None], doubling_time[:, None], ratio[:, None])
    doublings = np.minimum(done, np.maximum(np.log2(required / now), 0.0)[:, None])
    return {
        "task_horizon": np.log10(now)[:, None] + np.log10(2.0) * doublings,
        "software_speedup": np.log10(pace.speedup(progress)),
    }


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when the superhuman coder arrives in a block of draws; inputs of shape (parameters, draws)."""
    lead = inputs[5]
    arrival, status = dated(setup.grid.start + (_pace(inputs, setup).months() - lead) / 12.0, setup)
    values = observed(inputs, setup, setup.grid.observed_times)
    return Outcomes(arrival[None], status[None], {name: v.T.copy() for name, v in values.items()})


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable at every step, shape (draws, times)."""
    return observed(inputs, setup, setup.grid.times)


def thresholds(inputs: FloatArray, _: Setup) -> dict[str, FloatArray]:
    """Return the required horizon of each draw, log10 hours."""
    return {"required_horizon": np.log10(inputs[1])}


MODEL = Model(
    name="time_horizon_extension",
    title="Time-horizon extension: doublings of the task horizon up to the superhuman coder",
    parameters=PARAMETERS,
    milestones=(SUPERHUMAN_CODER,),
    headline=SUPERHUMAN_CODER.name,
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    thresholds=thresholds,
    steps=("month", "quarter", "year"),
    schemes=(CORRECTED, PUBLISHED),
)
