"""All draws of a block, one after the other: calibration, integration, milestones and observables."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon import (
    coding_labour,
    human_only,
    milestones,
    state,
    taste,
    throughput,
    time_horizon,
)
from timecone.models.horizon import parameters as row
from timecone.models.horizon import series as exogenous
from timecone.models.horizon.human_only import HumanOnly
from timecone.models.horizon.integration import COMPUTE, ROWS, compute_at, integrate
from timecone.models.horizon.observables import observe
from timecone.models.horizon.series import Series
from timecone.models.horizon.state import Draw
from timecone.models.horizon.throughput import Throughput
from timecone.numerics.compiled import kernel
from timecone.schema import ByteArray, FloatArray

#: Why a draw fails, by code.
FAILURES: Final = {
    "coder_at_start": "the automated coder needs no more effective compute than there is at the start",
    "no_multiple": "no automated share gives the multiple of coding labour of the start",
    "no_taste": "no distribution of research taste has the ratio of the best to the median and the mean 1",
    "beyond_range": "effective compute leaves the range of floating-point numbers",
    "before_series": "the length of tasks or the revenue is dated before the inputs of the scheme begin",
}
CODER_AT_START, NO_MULTIPLE, NO_TASTE, BEYOND_RANGE, BEFORE_SERIES = 1, 2, 3, 4, 5
#: Points of a path for which room is made at first.
_ROOM: Final = 2048


class Rules(NamedTuple):
    """What differs between the editions of the model.

    Attributes
    ----------
    of_2025 : bool
        Milestones, start of the research stock and horizon before a gap as in December 2025, else as in
        January 2026.
    slowdown : bool
        Whether the parameters of a slowdown give the growth of training compute.
    is_sum : bool
        Whether training adds up to effective compute, as in August 2026; if not, it is training compute
        times software.
    revenue : bool
        Whether revenue may decide when the automated coder comes.
    """

    of_2025: bool
    slowdown: bool
    is_sum: bool = False
    revenue: bool = False


@kernel
def _compute_before(
    series: Series, parts: Throughput, humans: HumanOnly, rules: Rules, start: float, age: float
) -> float:
    """Return E of the human-only run some years before the start, OOM."""
    if age == 0.0:
        return humans.effective_compute
    if rules.is_sum:
        return human_only.sum_at(series, parts, humans.returns, start - age)[0]
    return human_only.product_at(series, parts, humans.returns, start - age)


@kernel
def calibrate(inputs: FloatArray, i: int, series: Series, rules: Rules, start: float) -> tuple[Draw, int]:
    """Return a draw ready to integrate, and why it fails, 0 if it does not."""
    if rules.slowdown:
        series = exogenous.with_slowdown(
            series, inputs[row.GROWTH_BEFORE, i], inputs[row.SLOWDOWN, i], inputs[row.GROWTH_AFTER, i]
        )
    failure = 0
    earliest = start - inputs[row.HORIZON_AGE, i]
    if rules.revenue:
        earliest = min(earliest, start - inputs[row.REVENUE_AGE, i])
    if earliest < series.years[0]:
        failure = BEFORE_SERIES
    exponent = inputs[row.PARALLEL_EXPONENT, i]
    j = exogenous.row_before(series.years, start, 0)
    labour = series.labour[j] + series.labour_slope[j] * (start - series.years[j])
    experiments = series.experiments[j] + series.experiments_slope[j] * (start - series.years[j])
    per_coder = series.inference[j] + series.inference_slope[j] * (start - series.years[j]) - labour
    parts = throughput.calibrate(
        inputs[row.UNLIMITED_LABOUR, i],
        inputs[row.UNLIMITED_COMPUTE, i],
        inputs[row.COMPUTE_CUT, i],
        exponent,
        experiments,
        labour,
    )
    humans = human_only.run(series, parts, inputs[row.SOFTWARE_RATE, i], start, rules.is_sum)
    gap = inputs[row.GAP_PRESENT, i] > 0.0
    required = inputs[row.GAP_HORIZON if gap and rules.of_2025 else row.CODER_HORIZON, i]
    horizon = time_horizon.calibrate(
        inputs[row.HORIZON_NOW, i],
        inputs[row.HORIZON_AGE, i],
        inputs[row.DOUBLING_TIME, i],
        inputs[row.DOUBLING_RATIO, i],
        required,
        inputs[row.GAP_PROGRESS, i] if gap else 0.0,
        _compute_before(series, parts, humans, rules, start, inputs[row.HORIZON_AGE, i]),
        humans,
    )
    coder = horizon.coder
    if rules.revenue and inputs[row.REVENUE_DECIDES, i] > 0.0:
        coder = time_horizon.coder_by_revenue(
            inputs[row.REVENUE_NOW, i],
            inputs[row.REVENUE_GROWTH, i],
            inputs[row.REVENUE_OF_CODER, i],
            _compute_before(series, parts, humans, rules, start, inputs[row.REVENUE_AGE, i]),
            humans,
        )
    if failure == 0 and not coder > humans.effective_compute:
        failure = CODER_AT_START
    team, is_solved = taste.calibrate(
        inputs[row.TOP_TO_MEDIAN, i],
        inputs[row.TASTE_LIMIT, i],
        inputs[row.TASTE_SMOOTHING, i],
        inputs[row.TASTE_AT_CODER, i],
        inputs[row.TASTE_SLOPE, i] / humans.progress,
        coder,
    )
    if failure == 0 and not is_solved:
        failure = NO_TASTE
    coding, is_possible = coding_labour.calibrate(
        inputs[row.CODING_SUBSTITUTION, i],
        inputs[row.EFFICIENCY_SLOPE, i],
        inputs[row.FIRST_EFFICIENCY, i],
        inputs[row.LARGEST_MULTIPLE, i],
        inputs[row.MULTIPLE_NOW, i],
        inputs[row.CEILING, i],
        exponent,
        humans.progress,
        humans.effective_compute,
        coder,
        per_coder,
    )
    if failure == 0 and not is_possible:
        failure = NO_MULTIPLE
    if rules.of_2025:
        first_stock = state.log_first_stock_with_ai(series, parts, team, coding)
    else:
        first_stock = human_only.log_first_stock(series, parts)
    inflow = human_only.first_growth(series, parts, humans.returns) if rules.is_sum else 0.0
    draw = Draw(
        series, parts, humans, horizon, team, coding, first_stock, inflow, labour, experiments, per_coder
    )
    return draw, failure


@kernel
def run(
    inputs: FloatArray,
    series: Series,
    rules: Rules,
    start: float,
    step: float,
    times: FloatArray,
    dates: FloatArray,
    failure: ByteArray,
    observed: FloatArray,
) -> None:
    """Run all draws.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        In the model's units.
    series : Series
        Exogenous inputs.
    rules : Rules
        Edition of the model.
    start, step : float
        Date of the start, and years of a step.
    times : array, shape (times,)
        Dates at which draws are observed; paths end with the last one.
    dates : array, shape (draws, milestones)
        Filled with decimal years; +inf where not reached.
    failure : array of int8, shape (draws,)
        Filled with why each draw failed, 0 if it did not.
    observed : array, shape (draws, times, observables)
        Filled with all observables, or the counted ones alone.
    """
    room = np.empty((ROWS, _ROOM))
    end = times[times.size - 1]
    for i in range(inputs.shape[1]):
        draw, reason = calibrate(inputs, i, series, rules, start)
        if reason == 0:
            path, points = integrate(draw, step, end, room)
            if not np.isfinite(path[COMPUTE, points - 1]) or path[0, points - 1] < end:
                reason = BEYOND_RANGE
        failure[i] = reason
        if reason != 0:
            dates[i] = np.inf
            observed[i] = 0.0
            continue
        room = path
        milestones.set_dates(draw, inputs[row.EXPERT_STEP, i], rules.of_2025, path, points, dates[i])
        now = compute_at(path, points, start)
        then = compute_at(path, points, start - draw.horizon.age)
        for k in range(times.size):
            observe(draw, path, points, now, then, times[k], observed[i, k])
