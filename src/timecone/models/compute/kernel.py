"""The compute model's kernel: tiles of draws stepped through time together.

Time is the outer loop and the draws of a tile the inner one, so that the compiler turns scalar component
functions into vector instructions. All rows of a tile lie in one flat workspace at constant offsets: with
separate arrays the compiler would have to prove at run time that they do not overlap, and gives up.

The states are the unlimited progress of hardware and algorithms, the uncapped trend of spending and the
output of the economy, all in OOM. Without feedback they grow linearly (spending in two pieces), and every
limit is a closed form of them, so a step of any length is exact and the crossing inside a step is found to
rounding.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute import automation
from timecone.models.compute.algorithms import past_gain
from timecone.models.compute.algorithms import trend as software_trend
from timecone.models.compute.automation import level
from timecone.models.compute.economy import growth_rate
from timecone.models.compute.effective import effective_compute
from timecone.models.compute.hardware import trend as hardware_trend
from timecone.models.compute.headroom import fraction_of_limit, inverse_gain
from timecone.models.compute.investment import inverse_spending, trend_growth
from timecone.models.compute.table import ROW
from timecone.models.compute.threshold import requirement_at_start
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import ByteArray, FloatArray, Status

TILE = 64
MILESTONES = 3

_PRICE_PERFORMANCE = ROW["hardware.price_performance"]
_DOUBLING_TIME = ROW["hardware.doubling_time"]
_HARDWARE_HEADROOM = ROW["hardware.headroom"]
_OUTPUT = ROW["economy.output"]
_ECONOMY_GROWTH = ROW["economy.growth"]
_LARGEST_RUN = ROW["investment.largest_run"]
_INVESTMENT_GROWTH = ROW["investment.growth"]
_CAP_SHARE = ROW["investment.cap_share"]
_CAP_USD = ROW["investment.cap_usd"]
_LIFETIME = ROW["investment.trend_lifetime"]
_HALVING_TIME = ROW["algorithms.halving_time"]
_HALVING_TIME_PAST = ROW["algorithms.halving_time_past"]
_SOFTWARE_HEADROOM = ROW["algorithms.headroom"]
_REQUIREMENT = ROW["threshold.requirement"]
_REFERENCE_YEAR = ROW["threshold.reference_year"]
_GAP = ROW["automation.gap"]

# Offsets of a tile's rows in the workspace.
_P0 = 0 * TILE
_HARDWARE_RATE = 1 * TILE
_HARDWARE_LIMIT = 2 * TILE
_ECONOMY_RATE = 3 * TILE
_SPENDING_RATE = 4 * TILE
_SHARE = 5 * TILE
_INVERSE_CAP = 6 * TILE
_TREND_END = 7 * TILE
_SOFTWARE_RATE = 8 * TILE
_SOFTWARE_LIMIT = 9 * TILE
_HARDWARE = 10 * TILE
_TREND = 11 * TILE
_ECONOMY = 12 * TILE
_SOFTWARE = 13 * TILE
_EFFECTIVE = 14 * TILE
_TARGET = 15 * TILE
_LEVEL = 16 * TILE
_WORKSPACE = (16 + MILESTONES) * TILE

_REACHED = int(Status.REACHED)
_NOT_BY_HORIZON = int(Status.NOT_BY_HORIZON)
_BEFORE_START = int(Status.BEFORE_START)
_FAILED = int(Status.FAILED)

_TOLERANCE = 1e-13
_ITERATIONS = 80


@kernel
def _load(inputs: FloatArray, first: int, start: float, work: FloatArray) -> None:
    """Fill a tile's constants and initial states; lanes past the last draw repeat it."""
    last = inputs.shape[1] - 1
    for lane in range(TILE):
        i = min(first + lane, last)
        work[_P0 + lane] = log10(inputs[_PRICE_PERFORMANCE, i])
        work[_HARDWARE_RATE + lane] = hardware_trend(inputs[_DOUBLING_TIME, i])
        work[_HARDWARE_LIMIT + lane] = fraction_of_limit(inputs[_HARDWARE_HEADROOM, i])
        work[_ECONOMY_RATE + lane] = growth_rate(inputs[_ECONOMY_GROWTH, i])
        work[_SPENDING_RATE + lane] = log10(inputs[_INVESTMENT_GROWTH, i])
        work[_SHARE + lane] = log10(inputs[_CAP_SHARE, i])
        work[_INVERSE_CAP + lane] = 1.0 / inputs[_CAP_USD, i]
        work[_TREND_END + lane] = inputs[_LIFETIME, i]
        work[_SOFTWARE_RATE + lane] = software_trend(inputs[_HALVING_TIME, i])
        work[_SOFTWARE_LIMIT + lane] = fraction_of_limit(inputs[_SOFTWARE_HEADROOM, i])
        work[_HARDWARE + lane] = 0.0
        work[_TREND + lane] = log10(inputs[_LARGEST_RUN, i])
        work[_ECONOMY + lane] = log10(inputs[_OUTPUT, i])
        work[_SOFTWARE + lane] = 0.0
        gain = past_gain(inputs[_HALVING_TIME_PAST, i], start, inputs[_REFERENCE_YEAR, i])
        requirement = requirement_at_start(inputs[_REQUIREMENT, i], gain)
        gap = inputs[_GAP, i]
        work[_LEVEL + lane] = level(automation.FIRST_SHARE, requirement, gap)
        work[_LEVEL + TILE + lane] = level(automation.MIDDLE_SHARE, requirement, gap)
        work[_LEVEL + 2 * TILE + lane] = requirement
        work[_TARGET + lane] = work[_LEVEL + lane]


@kernel
def _measure(work: FloatArray) -> int:
    """Compute effective compute of all lanes; return how many are at or above their next level."""
    crossed = 0
    for lane in range(TILE):
        effective = effective_compute(
            work[_P0 + lane],
            inverse_gain(work[_HARDWARE + lane], work[_HARDWARE_LIMIT + lane]),
            inverse_spending(
                work[_TREND + lane],
                work[_SHARE + lane],
                work[_ECONOMY + lane],
                work[_INVERSE_CAP + lane],
            ),
            inverse_gain(work[_SOFTWARE + lane], work[_SOFTWARE_LIMIT + lane]),
        )
        work[_EFFECTIVE + lane] = effective
        crossed += effective >= work[_TARGET + lane]
    return crossed


@kernel
def _advance(work: FloatArray, elapsed: float, step: float) -> None:
    """Move the states of all lanes one step on."""
    for lane in range(TILE):
        work[_TREND + lane] += trend_growth(
            elapsed,
            step,
            work[_TREND_END + lane],
            work[_SPENDING_RATE + lane],
            work[_ECONOMY_RATE + lane],
        )
        work[_HARDWARE + lane] += work[_HARDWARE_RATE + lane] * step
        work[_ECONOMY + lane] += work[_ECONOMY_RATE + lane] * step
        work[_SOFTWARE + lane] += work[_SOFTWARE_RATE + lane] * step


@scalar
def _excess(work: FloatArray, lane: int, elapsed: float, back: float, target: float) -> float:
    """Return effective compute minus ``target``, ``back`` years before the present states."""
    trend = work[_TREND + lane] - trend_growth(
        elapsed - back,
        back,
        work[_TREND_END + lane],
        work[_SPENDING_RATE + lane],
        work[_ECONOMY_RATE + lane],
    )
    hardware = work[_HARDWARE + lane] - work[_HARDWARE_RATE + lane] * back
    economy = work[_ECONOMY + lane] - work[_ECONOMY_RATE + lane] * back
    software = work[_SOFTWARE + lane] - work[_SOFTWARE_RATE + lane] * back
    effective = effective_compute(
        work[_P0 + lane],
        inverse_gain(hardware, work[_HARDWARE_LIMIT + lane]),
        inverse_spending(trend, work[_SHARE + lane], economy, work[_INVERSE_CAP + lane]),
        inverse_gain(software, work[_SOFTWARE_LIMIT + lane]),
    )
    return effective - target


@kernel
def _time_since_crossing(work: FloatArray, lane: int, elapsed: float, step: float, target: float) -> float:
    """Return how many years before ``elapsed`` the lane passed ``target``, within the last step.

    Regula falsi with the Illinois modification (Dowell & Jarratt 1971): bracketed, superlinear.
    """
    before, f_before = step, _excess(work, lane, elapsed, step, target)
    after, f_after = 0.0, _excess(work, lane, elapsed, 0.0, target)
    if not f_after > 0.0:
        return 0.0
    if not f_before < 0.0:
        return step
    side = 0
    for _ in range(_ITERATIONS):
        middle = (before * f_after - after * f_before) / (f_after - f_before)
        f = _excess(work, lane, elapsed, middle, target)
        if f < 0.0:
            before, f_before = middle, f
            if side < 0:
                f_after *= 0.5
            side = -1
        elif f > 0.0:
            after, f_after = middle, f
            if side > 0:
                f_before *= 0.5
            side = 1
        else:
            return middle
        if before - after < _TOLERANCE:
            break
    return after


@kernel
def _settle(
    work: FloatArray,
    lane: int,
    reached: int,
    elapsed: float,
    step: float,
    start: float,
    arrival: FloatArray,
    status: ByteArray,
) -> int:
    """Record every level that the lane has passed; return how many it has in all.

    ``arrival`` and ``status`` hold one draw, shape (milestones,). ``elapsed`` is 0 at the start, where what
    is already passed has no date of its own.
    """
    while reached < MILESTONES:
        target = work[_LEVEL + reached * TILE + lane]
        if not work[_EFFECTIVE + lane] >= target:
            break
        if elapsed == 0.0:
            arrival[reached] = start
            status[reached] = _BEFORE_START
        else:
            arrival[reached] = start + elapsed - _time_since_crossing(work, lane, elapsed, step, target)
            status[reached] = _REACHED
        reached += 1
        work[_TARGET + lane] = work[_LEVEL + reached * TILE + lane] if reached < MILESTONES else np.inf
    return reached


@kernel
def run_tiles(
    inputs: FloatArray,
    start: float,
    horizon: float,
    step: float,
    steps: int,
    stride: int,
    arrival: FloatArray,
    status: ByteArray,
    observed: FloatArray,
) -> None:
    """Run all draws of a block.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Natural values in the model's units.
    start, horizon, step : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    draws = inputs.shape[1]
    work = np.empty(_WORKSPACE)
    reached = np.empty(TILE, dtype=np.int64)
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        _load(inputs, first, start, work)
        reached[:] = 0
        for n in range(steps + 1):
            elapsed = n * step
            if n > 0:
                _advance(work, (n - 1) * step, step)
            if _measure(work) > 0:
                for lane in range(width):
                    if work[_EFFECTIVE + lane] >= work[_TARGET + lane]:
                        reached[lane] = _settle(
                            work,
                            lane,
                            reached[lane],
                            elapsed,
                            step,
                            start,
                            arrival[first + lane],
                            status[first + lane],
                        )
            if n % stride == 0:
                for lane in range(width):
                    observed[n // stride, first + lane] = work[_EFFECTIVE + lane]
        for lane in range(width):
            _close(work[_EFFECTIVE + lane], horizon, reached[lane],
                   arrival[first + lane], status[first + lane])  # fmt: skip


@kernel
def _close(effective: float, horizon: float, reached: int, arrival: FloatArray, status: ByteArray) -> None:
    """Give every milestone of one draw its final date and status."""
    for m in range(MILESTONES):
        if not math.isfinite(effective):
            arrival[m] = np.inf
            status[m] = _FAILED
        elif m >= reached or not arrival[m] < horizon:
            arrival[m] = np.inf
            status[m] = _NOT_BY_HORIZON
