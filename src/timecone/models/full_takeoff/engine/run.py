"""All draws of a block, one after the other: by the published grid, or by second-order steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.full_takeoff.engine import heun, milestones, published
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine.levels import set_levels
from timecone.models.full_takeoff.engine.load import CONTINUOUS, load
from timecone.models.full_takeoff.engine.observe import record
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray, IntArray

#: A number was not finite.
BEYOND_RANGE: Final = 1
# Cuts of one step at changes of regime; what changes more often is left to the next step.
_MOST_CUTS = 8
# Halvings of a step in which something happens: 0.1 years to a second.
_HALVINGS = 22


@kernel
def _limits(constants: FloatArray, limits: FloatArray) -> None:
    limits[:] = milestones.LIMIT
    limits[milestones.WAKEUP] = constants[row.TRIGGER]


@kernel
def _run_published(
    step: float,
    steps: int,
    stride: int,
    constants: FloatArray,
    sectors: FloatArray,
    tables: FloatArray,
    positions: IntArray,
    state: FloatArray,
    levels: FloatArray,
    path: FloatArray,
    hardware: FloatArray,
    dates: FloatArray,
    observed: FloatArray,
) -> None:
    """Run one loaded draw; ``path`` has the shape (levels, steps + 1), ``observed`` (times, observables)."""
    awake, was_awake = False, False
    money = constants[row.MONEY]
    for k in range(steps + 1):
        if k > 0:
            was_awake, awake = awake, levels[row.AUTOMATED_GOODS] >= constants[row.TRIGGER]
            money = published.advance(
                k, step, awake, was_awake, money, constants, levels, hardware, state
            )
            set_levels(state, constants, sectors, tables, positions, levels)
        else:
            hardware[0] = state[row.HARDWARE]
        path[:, k] = levels
        if k % stride == 0:
            record(state, levels, money, observed[k // stride])
    limits = np.empty(milestones.OF_LEVELS)
    _limits(constants, limits)
    for m in range(milestones.OF_LEVELS):
        at = milestones.date_on_grid(m, path[milestones.LEVEL[m]], steps, limits[m])
        dates[m] = at * step if at >= 0 else np.inf


@kernel
def _is_frozen(money: float, awake: bool, constants: FloatArray) -> bool:
    return money > constants[row.MONEY_CAP] and not awake


@kernel
def _run_heun(
    step: float,
    steps: int,
    stride: int,
    constants: FloatArray,
    sectors: FloatArray,
    tables: FloatArray,
    positions: IntArray,
    state: FloatArray,
    levels: FloatArray,
    path: FloatArray,
    hardware: FloatArray,
    dates: FloatArray,
    observed: FloatArray,
) -> None:
    """Run one loaded draw; arrays as in `_run_published`."""
    begin, first, last = np.empty(row.STATES), np.empty(heun.RATES), np.empty(heun.RATES)
    limits = np.empty(milestones.OF_LEVELS)
    _limits(constants, limits)
    parallelisation, trigger = constants[row.PARALLELISATION], constants[row.TRIGGER]
    dates[:] = np.inf
    for m in range(milestones.OF_LEVELS):
        if milestones.holds(m, levels[milestones.LEVEL[m]], limits[m]):
            dates[m] = 0.0
    market = heun.for_sale(0.0, 0.0, state[row.HARDWARE], 0, step, hardware, constants)
    money = constants[row.MONEY]
    hardware[0] = state[row.HARDWARE]
    path[:, 0] = levels
    record(state, levels, money, observed[0])
    for k in range(steps):
        offset, start = 0.0, k * step
        for cut in range(_MOST_CUTS):
            length = step - offset
            awake = levels[row.AUTOMATED_GOODS] >= trigger
            frozen = _is_frozen(money, awake, constants)
            begin[:] = state
            heun.set_rates(levels, state, market, parallelisation, first)
            # Prediction with the rates of the beginning, correction with the mean of both.
            last[:] = first
            for _ in range(2):
                heun.place(length, length, awake, frozen, begin, first, last, constants, state)
                set_levels(state, constants, sectors, tables, positions, levels)
                end = start + step
                market = heun.for_sale(end, end, state[row.HARDWARE], k, step, hardware, constants)
                heun.set_rates(levels, state, market, parallelisation, last)
            money = state[row.STOCK] * state[row.TRAINING] / market
            ends_awake = levels[row.AUTOMATED_GOODS] >= trigger
            changes = ends_awake != awake or _is_frozen(money, ends_awake, constants) != frozen
            taken = length
            low = 0.0
            if changes and cut < _MOST_CUTS - 1:
                for _ in range(_HALVINGS):
                    middle = 0.5 * (low + taken)
                    heun.place(middle, length, awake, frozen, begin, first, last, constants, state)
                    set_levels(state, constants, sectors, tables, positions, levels)
                    now = start + offset + middle
                    market = heun.for_sale(now, now, state[row.HARDWARE], k, step, hardware, constants)
                    money = state[row.STOCK] * state[row.TRAINING] / market
                    is_awake = levels[row.AUTOMATED_GOODS] >= trigger
                    if is_awake != awake or _is_frozen(money, is_awake, constants) != frozen:
                        taken = middle
                    else:
                        low = middle
                now = start + offset + taken
                heun.place(taken, length, awake, frozen, begin, first, last, constants, state)
                set_levels(state, constants, sectors, tables, positions, levels)
                market = heun.for_sale(now, now, state[row.HARDWARE], k, step, hardware, constants)
                money = state[row.STOCK] * state[row.TRAINING] / market
            dated = False
            for m in range(milestones.OF_LEVELS):
                if dates[m] < np.inf or not milestones.holds(m, levels[milestones.LEVEL[m]], limits[m]):
                    continue
                # The levels of the end come back below.
                dated = True
                before, after = 0.0, taken
                for _ in range(_HALVINGS):
                    middle = 0.5 * (before + after)
                    heun.place(middle, length, awake, frozen, begin, first, last, constants, state)
                    set_levels(state, constants, sectors, tables, positions, levels)
                    if milestones.holds(m, levels[milestones.LEVEL[m]], limits[m]):
                        after = middle
                    else:
                        before = middle
                dates[m] = start + offset + after
                heun.place(taken, length, awake, frozen, begin, first, last, constants, state)
                set_levels(state, constants, sectors, tables, positions, levels)
            if dated:
                set_levels(state, constants, sectors, tables, positions, levels)
            offset += taken
            if taken == length:
                break
        hardware[k + 1] = state[row.HARDWARE]
        path[:, k + 1] = levels
        if (k + 1) % stride == 0:
            record(state, levels, money, observed[(k + 1) // stride])


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
    constants, sectors = np.empty(row.CONSTANTS), np.empty((row.SECTORS, row.SECTOR_CONSTANTS))
    positions = np.empty(row.POSITIONS, dtype=np.int64)
    state, levels = np.empty(row.STATES), np.empty(row.LEVELS)
    path, hardware = np.empty((row.LEVELS, steps + 1)), np.empty(steps + 1)
    tables = np.empty((row.KINDS, row.TABLES, most_tasks + 2))
    window = int(1.0 / step)
    # The published metrics leave out the horizon itself.
    points = steps if on_published_grid else steps + 1
    for i in range(inputs.shape[1]):
        load(
            inputs, i, step if on_published_grid else CONTINUOUS, constants, sectors, tables, positions, state, levels
        )  # fmt: skip
        one = dates[i, : milestones.OF_LEVELS]
        if on_published_grid:
            _run_published(step, steps, stride, constants, sectors, tables, positions, state, levels, path,
                           hardware, one, observed[i])  # fmt: skip
        else:
            _run_heun(step, steps, stride, constants, sectors, tables, positions, state, levels, path, hardware,
                      one, observed[i])  # fmt: skip
        inside = not on_published_grid
        output = path[row.OUTPUT]
        for g in range(milestones.GROWTH_LIMITS.size):
            at = milestones.growth_date(output, points, window, milestones.GROWTH_LIMITS[g], inside)
            dates[i, milestones.OF_LEVELS + g] = at * step if at >= 0.0 else np.inf
        wakeup = one[milestones.WAKEUP] / step if one[milestones.WAKEUP] < np.inf else -1.0
        if on_published_grid:
            wakeup = np.round(wakeup)
        milestones.set_doubling_times(output, points, step, wakeup, numbers[i], inside)
        numbers[i, milestones.SLOW] = milestones.is_slow(output, points, step, inside)
        finite = np.isfinite(output[steps]) and np.isfinite(levels[row.COMPUTE])
        numbers[i, milestones.FAILURE] = 0.0 if finite and output[steps] > 0.0 else BEYOND_RANGE
