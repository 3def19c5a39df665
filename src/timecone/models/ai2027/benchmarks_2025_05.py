"""Benchmarks and gaps of AI 2027 as updated in May 2025.

The route is that of `benchmarks`: the doublings from the horizon of a saturated benchmark to the required
one, and six gaps. Until saturation research labour and the stock of research grow, with AI's help; from then
on they set the pace of software, as `research_stock` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from timecone.models.ai2027.benchmarks import (
    GAPS,
    HOURS_OF_CALENDAR,
    HOURS_OF_WORK,
    OBSERVABLES,
    PUBLISHED_MONTHS,
)
from timecone.models.ai2027.benchmarks import PARAMETERS as FIRST_PARAMETERS
from timecone.models.ai2027.doublings import months_with_onset
from timecone.models.ai2027.research_stock import STOCK, Labour, StockPace, weighted_output
from timecone.models.ai2027.time_horizon import CORRECTED, PUBLISHED, SUPERHUMAN_CODER, dated
from timecone.models.ai2027.time_horizon_2025_05 import (
    FIRST_SPEEDUP,
    ONSET,
    RATIO,
    done_work,
    doublings_of,
    growth_per_year,
    labour_from,
)
from timecone.models.model import Model, Outcomes, Setup
from timecone.schema import FloatArray

#: A slip of the published code: growth by the day, as if a year had 250 days, over 365 days a year.
PUBLISHED_GROWTH: Final = 365.0 / 250.0

_SATURATION, _SATURATED, _REQUIRED, _DOUBLING_TIME = FIRST_PARAMETERS[:4]
_FIRST_GAP: Final = 6
_LEAD: Final = _FIRST_GAP + len(GAPS)
_FIRST_STOCK: Final = _LEAD + 4
PARAMETERS: Final = (
    _SATURATION,
    _SATURATED,
    _REQUIRED,
    _DOUBLING_TIME,
    ONSET,
    RATIO,
    *FIRST_PARAMETERS[5 : 5 + len(GAPS) + 1],
    FIRST_SPEEDUP,
    *FIRST_PARAMETERS[5 + len(GAPS) + 1 : 5 + len(GAPS) + 3],
    *STOCK,
)


def _months_per_year(setup: Setup) -> float:
    return PUBLISHED_MONTHS if setup.scheme == PUBLISHED else 12.0


def _speedups(inputs: FloatArray) -> FloatArray:
    """Return the speed-ups at present, at saturation and at the end; none is below the one before."""
    return np.asarray(1.0 + np.maximum.accumulate(inputs[_LEAD + 1 : _LEAD + 4], axis=0))


def _work(inputs: FloatArray, setup: Setup) -> FloatArray:
    _, saturated, required, doubling_time, onset, ratio = inputs[:_FIRST_GAP]
    if setup.scheme == PUBLISHED:
        saturated = saturated * (HOURS_OF_WORK / HOURS_OF_CALENDAR)
    doublings, steady = doublings_of(saturated, required, onset, setup)
    gaps = inputs[_FIRST_GAP:_LEAD].sum(axis=0)
    with np.errstate(over="ignore"):
        return done_work(months_with_onset(doublings, steady, doubling_time, ratio) + gaps, setup)


@dataclass(frozen=True)
class _Saturation:
    """Labour and stock of research when the benchmark is saturated, each of shape (draws,)."""

    begin: FloatArray
    log_labour: FloatArray
    stock: FloatArray


def _saturation(inputs: FloatArray, setup: Setup) -> _Saturation:
    """Return the state at saturation: the stock has grown by research that AI speeds up more and more.

    The speed-up goes from that at present to that at saturation, by the same factor each month.
    """
    stock, (now, saturated, _) = inputs[_FIRST_STOCK:], _speedups(inputs)
    months_per_year, growth_years = _months_per_year(setup), growth_per_year(setup, PUBLISHED_GROWTH)
    start = setup.grid.start - inputs[_LEAD] / 12.0
    labour = labour_from(stock, start, growth_years, months_per_year)
    months = inputs[0] * months_per_year / 12.0
    rate = np.log(saturated / now) / np.where(months > 0.0, months, 1.0)
    edges, sizes = labour.edges(), labour.log_sizes()
    ends = np.concatenate([edges[1:], np.full((1, len(months)), np.inf)])
    output = np.zeros_like(months)
    for step in range(len(edges)):
        length = np.clip(np.minimum(ends[step], months) - edges[step], 0.0, None)
        speedup = now * np.exp(rate * np.minimum(edges[step], months))
        output += speedup * weighted_output(sizes[step], labour.elasticity, labour.growth[step], rate, length)
    total = stock[3] + output * growth_years / months_per_year
    return _Saturation(start + inputs[0] / 12.0, labour.at(months), total)


def _pace(inputs: FloatArray, setup: Setup) -> tuple[StockPace, FloatArray]:
    """Return the pace after saturation, and the date of that inside the developer."""
    stock, (_, first, last) = inputs[_FIRST_STOCK:], _speedups(inputs)
    months_per_year, growth_years = _months_per_year(setup), growth_per_year(setup, PUBLISHED_GROWTH)
    at = _saturation(inputs, setup)
    labour = labour_from(stock, at.begin, growth_years, months_per_year)
    labour = Labour(at.begin, at.log_labour, labour.elasticity, labour.growth, months_per_year)
    stock_growth = labour.output(at.log_labour) * first / at.stock * growth_years / months_per_year
    pace = StockPace(
        work=_work(inputs, setup),
        first=first,
        last=last,
        share=stock[0],
        stock_growth=stock_growth,
        labour=labour,
        compute=stock[9:14],
        limit=np.maximum(months_per_year * (setup.grid.horizon - at.begin), 0.0),
    )
    return pace, at.begin


def observed(inputs: FloatArray, setup: Setup, times: FloatArray) -> dict[str, FloatArray]:
    """Return every observable at some times, shape (draws, times): that of the developer's own systems."""
    pace, begin = _pace(inputs, setup)
    now, saturated, _ = _speedups(inputs)
    months = times - begin[:, None]
    progress = pace.progress(_months_per_year(setup) * months)
    delay = inputs[0][:, None] / 12.0
    with np.errstate(divide="ignore", invalid="ignore"):
        before = np.clip(1.0 + months / delay, 0.0, 1.0)
    early = np.log(now)[:, None] + np.log(saturated / now)[:, None] * before
    speedup = np.where(months < 0.0, early, np.log(pace.speedup(progress)))
    return {"progress": progress, "software_speedup": speedup / np.log(10.0)}


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Return when the superhuman coder arrives in a block of draws; inputs of shape (parameters, draws)."""
    pace, begin = _pace(inputs, setup)
    arrival, status = dated(begin + pace.months() / _months_per_year(setup), setup)
    values = observed(inputs, setup, setup.grid.observed_times)
    return Outcomes(arrival[None], status[None], {name: v.T.copy() for name, v in values.items()})


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable at every step, shape (draws, times)."""
    return observed(inputs, setup, setup.grid.times)


MODEL = Model(
    name="benchmarks_and_gaps_2025_05",
    title="Benchmarks and gaps, May 2025: with research labour and a stock of research",
    parameters=PARAMETERS,
    milestones=(SUPERHUMAN_CODER,),
    headline=SUPERHUMAN_CODER.name,
    observables=OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    steps=("month", "quarter", "year"),
    schemes=(CORRECTED, PUBLISHED),
)
