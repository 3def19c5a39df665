"""All draws of a block, one after the other: by the published grid, or by second-order steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.full_takeoff.engine import heun, milestones, published
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine.layout import Economy
from timecone.models.full_takeoff.engine.levels import set_levels
from timecone.models.full_takeoff.engine.load import CONTINUOUS, load
from timecone.models.full_takeoff.engine.observe import record
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

#: Failure: output or compute is not a finite number.
BEYOND_RANGE: Final = 1


@kernel
def _economy(steps: int, most_tasks: int) -> Economy:
    """Return the arrays of a draw."""
    return Economy(
        np.empty(row.CONSTANTS),
        np.empty((row.SECTORS, row.SECTOR_CONSTANTS)),
        np.empty((row.KINDS, row.TABLES, most_tasks + 2)),
        np.empty(row.POSITIONS, dtype=np.int64),
        np.empty(row.STATES),
        np.empty(row.LEVELS),
        np.empty((row.LEVELS, steps + 1)),
        np.empty(steps + 1),
    )


@kernel
def _keep(k: int, stride: int, money: float, economy: Economy, observed: FloatArray) -> None:
    """Record the economy at step ``k``."""
    for level in range(row.LEVELS):
        economy.path[level, k] = economy.levels[level]
    if k % stride == 0:
        record(economy.state, economy.levels, money, observed[k // stride])


@kernel
def _run_published(
    step: float,
    steps: int,
    stride: int,
    limits: FloatArray,
    economy: Economy,
    dates: FloatArray,
    observed: FloatArray,
) -> None:
    """Run one loaded draw and fill its dates, years after the start, and observations."""
    awake, was_awake = False, False
    money = economy.constants[row.MONEY]
    economy.hardware[0] = economy.state[row.HARDWARE]
    _keep(0, stride, money, economy, observed)
    for k in range(1, steps + 1):
        was_awake, awake = awake, economy.levels[row.AUTOMATED_GOODS] >= economy.constants[row.TRIGGER]
        money = published.advance(k, step, awake, was_awake, money, economy)
        set_levels(economy)
        _keep(k, stride, money, economy, observed)
    for m in range(milestones.OF_LEVELS):
        at = milestones.date_on_grid(m, economy.path[milestones.LEVEL[m]], steps, limits[m])
        dates[m] = at * step if at >= 0 else np.inf


@kernel
def _run_heun(
    step: float,
    steps: int,
    stride: int,
    limits: FloatArray,
    economy: Economy,
    dates: FloatArray,
    observed: FloatArray,
) -> None:
    """Run one loaded draw, as `_run_published`."""
    work = np.empty(row.STATES + 2 * heun.RATES)
    economy.hardware[0] = economy.state[row.HARDWARE]
    money = economy.constants[row.MONEY]
    # What is for sale is worth the run's cost of the start.
    market = economy.state[row.STOCK] * economy.state[row.TRAINING] / money
    heun.set_dates_at_start(limits, economy, dates)
    _keep(0, stride, money, economy, observed)
    for k in range(steps):
        market = heun.advance(k, step, market, limits, work, economy, dates)
        money = heun.money_of(economy.state, market)
        _keep(k + 1, stride, money, economy, observed)


@kernel
def run(
    inputs: FloatArray,
    on_published_grid: bool,
    step: float,
    steps: int,
    stride: int,
    most_tasks: int,
    dates: FloatArray,
    numbers: FloatArray,
    observed: FloatArray,
) -> None:
    """Run all draws.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        In the model's units.
    on_published_grid : bool
        Whether to step as the published code does.
    step, steps, stride : float, int, int
        Years of a step, their number, and steps from one observation to the next.
    most_tasks : int
        Largest number of tasks.
    dates : array, shape (draws, milestones)
        Filled with years after the start; +inf where not reached.
    numbers : array, shape (draws, numbers)
        Filled with doubling times, the flag of a slow takeoff, and why the draw failed.
    observed : array, shape (draws, times, observables)
        Filled with all observables, or the counted ones alone.
    """
    economy = _economy(steps, most_tasks)
    limits = np.empty(milestones.OF_LEVELS)
    window = int(1.0 / step)
    # The published metrics leave out the horizon itself.
    points = steps if on_published_grid else steps + 1
    inside = not on_published_grid
    for i in range(inputs.shape[1]):
        load(inputs, i, step if on_published_grid else CONTINUOUS, economy)
        milestones.set_limits(economy.constants[row.TRIGGER], limits)
        if on_published_grid:
            _run_published(
                step, steps, stride, limits, economy, dates[i, : milestones.OF_LEVELS], observed[i]
            )
        else:
            _run_heun(step, steps, stride, limits, economy, dates[i, : milestones.OF_LEVELS], observed[i])
        output = economy.path[row.OUTPUT]
        for g in range(milestones.GROWTH_LIMITS.size):
            at = milestones.growth_date(output, points, window, milestones.GROWTH_LIMITS[g], inside)
            dates[i, milestones.OF_LEVELS + g] = at * step if at >= 0.0 else np.inf
        wakeup = dates[i, milestones.WAKEUP] / step if dates[i, milestones.WAKEUP] < np.inf else -1.0
        if on_published_grid:
            wakeup = np.round(wakeup)
        milestones.set_doubling_times(output, points, step, wakeup, numbers[i], inside)
        numbers[i, milestones.SLOW] = milestones.is_slow(output, points, step, inside)
        finite = np.isfinite(output[steps]) and np.isfinite(economy.levels[row.COMPUTE])
        numbers[i, milestones.FAILURE] = 0.0 if finite and output[steps] > 0.0 else BEYOND_RANGE
