"""Time-horizon extension of AI 2027 as updated in May 2025.

The route is that of `time_horizon`: the doublings from today's horizon to the required one, and a gap in cost
and speed. Doublings change their length from some horizon on, and human labour and a stock of research set
the pace of software, as `research_stock` says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from timecone.models.ai2027.doublings import doublings_with_onset, months_with_onset
from timecone.models.ai2027.research_stock import STOCK, Labour, StockPace
from timecone.models.ai2027.time_horizon import (
    CORRECTED,
    DOUBLING_RATIO,
    DOUBLING_TIME,
    LAST_SPEEDUP,
    LEAD,
    OBSERVABLES,
    PUBLISHED,
    SUPERHUMAN_CODER,
    dated,
    thresholds,
)
from timecone.models.ai2027.time_horizon import PARAMETERS as FIRST_PARAMETERS
from timecone.models.model import Model, Outcomes, Parameter, Setup
from timecone.schema import FloatArray

SOURCE: Final = "Kokotajlo et al. 2025, timelines forecast of AI 2027, update of May 2025"
#: A slip of the published code: growth by the day, as if a year had 250 days, over 366 days a year.
PUBLISHED_GROWTH: Final = 366.0 / 250.0

#: Months of work that no horizon holds; more counts as this.
MOST_WORK: Final = 1e15

ONSET: Final = Parameter(
    "horizon.onset",
    "hour",
    "Length of tasks from which on each doubling takes less or more time than the one before; 0 for all.",
    SOURCE,
    low=0.0,
    includes_low=True,
    default=0.0,
)
#: A ratio of 0 makes the first doubling after the onset the last one that takes any time.
RATIO: Final = replace(
    DOUBLING_RATIO,
    meaning="Time of each doubling after the onset relative to the one before, at the present pace.",
    source=SOURCE,
    includes_low=True,
)
NOW, REQUIRED, _, _, GAP, _, FIRST_SPEEDUP = FIRST_PARAMETERS[:7]
PARAMETERS: Final = (
    NOW,
    REQUIRED,
    DOUBLING_TIME,
    ONSET,
    RATIO,
    GAP,
    LEAD,
    FIRST_SPEEDUP,
    LAST_SPEEDUP,
    *STOCK,
)
_FIRST_STOCK: Final = 9


def growth_per_year(setup: Setup, published: float) -> float:
    """Return how many times a year of the calendar takes the growth of a year."""
    return published if setup.scheme == PUBLISHED else 1.0


def labour_from(stock: FloatArray, begin: FloatArray, growth_years: float, months_per_year: float) -> Labour:
    """Return labour from a date on, which starts at its first size; ``stock`` holds the rows of `STOCK`."""
    growth = np.log1p(stock[4:9]) * growth_years / months_per_year
    return Labour(begin, np.log(stock[1]), stock[2], growth, months_per_year)


def doublings_of(
    now: FloatArray, required: FloatArray, onset: FloatArray, setup: Setup
) -> tuple[FloatArray, FloatArray]:
    """Return the doublings to the required horizon and those to the onset, each of shape (draws,).

    The published code lets a horizon that is already long enough give time back, and counts an onset that
    has passed as doublings still to come, of a negative number.
    """
    doublings = np.log2(required / now)
    steady = np.where(onset > 0.0, np.log2(np.where(onset > 0.0, onset, now) / now), 0.0)
    if setup.scheme == PUBLISHED:
        return doublings, steady
    return np.maximum(doublings, 0.0), np.maximum(steady, 0.0)


def done_work(work: FloatArray, setup: Setup) -> FloatArray:
    """Return work that can be done: the published code has none where it overflows, and none below 0."""
    if setup.scheme == PUBLISHED:
        work = np.where(np.isfinite(work), work, 0.0)
    return np.clip(work, 0.0, MOST_WORK)


def _work(inputs: FloatArray, setup: Setup) -> tuple[FloatArray, FloatArray, FloatArray]:
    now, required, doubling_time, onset, ratio, gap = inputs[:6]
    doublings, steady = doublings_of(now, required, onset, setup)
    with np.errstate(over="ignore"):
        work = months_with_onset(doublings, steady, doubling_time, ratio) + gap
    return done_work(work, setup), np.maximum(doublings, 0.0), np.maximum(steady, 0.0)


def _pace(inputs: FloatArray, setup: Setup) -> StockPace:
    lead, first, last = inputs[6], 1.0 + inputs[7], 1.0 + inputs[8]
    stock = inputs[_FIRST_STOCK:]
    begin = setup.grid.start - lead / 12.0
    growth_years = growth_per_year(setup, PUBLISHED_GROWTH)
    labour = labour_from(stock, begin, growth_years, 12.0)
    stock_growth = labour.output(labour.log_size) * first / stock[3] * growth_years / 12.0
    return StockPace(
        work=_work(inputs, setup)[0],
        first=first,
        last=last,
        share=stock[0],
        stock_growth=stock_growth,
        labour=labour,
        compute=stock[9:14],
        limit=np.maximum(12.0 * (setup.grid.horizon - begin), 0.0),
    )


def observed(inputs: FloatArray, setup: Setup, times: FloatArray) -> dict[str, FloatArray]:
    """Return every observable at some times, shape (draws, times)."""
    now, doubling_time, ratio, lead = inputs[0], inputs[2], inputs[4], inputs[6]
    pace = _pace(inputs, setup)
    _, doublings, steady = _work(inputs, setup)
    progress = pace.progress(12.0 * (times - setup.grid.start) + lead[:, None])
    columns = (steady[:, None], doubling_time[:, None], ratio[:, None])
    done = np.minimum(doublings_with_onset(progress * pace.work[:, None], *columns), doublings[:, None])
    return {
        "task_horizon": np.log10(now)[:, None] + np.log10(2.0) * done,
        "software_speedup": np.log10(pace.speedup(progress)),
    }


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when the superhuman coder arrives in a block of draws; inputs of shape (parameters, draws)."""
    begin = setup.grid.start - inputs[6] / 12.0
    arrival, status = dated(begin + _pace(inputs, setup).months() / 12.0, setup)
    values = observed(inputs, setup, setup.grid.observed_times)
    return Outcomes(arrival[None], status[None], {name: v.T.copy() for name, v in values.items()})


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable at every step, shape (draws, times)."""
    return observed(inputs, setup, setup.grid.times)


MODEL = Model(
    name="time_horizon_extension_2025_05",
    title="Time-horizon extension, May 2025: with research labour and a stock of research",
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
