"""Full Takeoff model: milestones, extras, observables and constraints, and how a block of draws is run."""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.full_takeoff import parameters as table
from timecone.models.full_takeoff.components.fractions import CONSTRAINTS
from timecone.models.full_takeoff.components.requirements import DISTANCES, QUANTILES
from timecone.models.full_takeoff.engine import milestones, observe, run
from timecone.models.full_takeoff.parameters import PARAMETERS
from timecone.models.model import Constraint, Model, Outcomes, Setup
from timecone.schema import BoolArray, Duration, Extra, FloatArray, Milestone, Status

#: Schemes of steps: second-order steps of the continuous economy, and the steps of the published code.
HEUN, PUBLISHED = "heun", "published"
#: Share of research tasks that the published Monte Carlo lets be automatable at the start.
MOST_RND_AT_START: Final = 0.05

_AUTOMATED = "compute does more than ten times the work of labour in {} of the tasks of {}"
_GOODS, _RND = "goods and services", "research on hardware"
_UNTRADED = (
    "the largest training run reaches the requirement of {} of the tasks of goods and services, with no"
    " trade-off against compute at work"
)
_MULTIPLIER = "research on hardware gives more than {} times what it would without AI"
_GROWTH = "gross world product grows by more than {} (in logarithms) in the year that begins at this date"

# In the order of the kernel's dates.
_MILESTONES = (
    Milestone(
        "wakeup",
        "wake-up",
        "the automated share of goods and services reaches the trigger of investment",
    ),
    Milestone("rnd_20", "20 % of R&D automated", _AUTOMATED.format("20 %", _RND)),
    Milestone("rnd_50", "50 % of R&D automated", _AUTOMATED.format("50 %", _RND)),
    Milestone("rnd_100", "R&D fully automated", _AUTOMATED.format("100 %", _RND)),
    Milestone("goods_20", "20 % automated", _AUTOMATED.format("20 %", _GOODS)),
    Milestone("goods_50", "50 % automated", _AUTOMATED.format("50 %", _GOODS)),
    Milestone("goods_100", "full automation", _AUTOMATED.format("100 %", _GOODS)),
    Milestone("sub_agi", "20 % in reach", _UNTRADED.format("20 %")),
    Milestone("agi", "AGI", _UNTRADED.format("100 %")),
    Milestone("output_2", "R&D output 2x", _MULTIPLIER.format(2)),
    Milestone("output_10", "R&D output 10x", _MULTIPLIER.format(10)),
    Milestone("rnd_above_20", "over 20 % of R&D automated", _AUTOMATED.format("more than 20 %", _RND)),
    Milestone("goods_above_20", "over 20 % automated", _AUTOMATED.format("more than 20 %", _GOODS)),
    Milestone("growth_5", "growth above 5 %", _GROWTH.format("5 %")),
    Milestone("growth_20", "growth above 20 %", _GROWTH.format("20 %")),
)

_DURATIONS = (
    Duration("takeoff_duration", "takeoff duration", "goods_above_20", "goods_100"),
    Duration("rnd_takeoff_duration", "takeoff duration of R&D", "rnd_above_20", "rnd_100"),
    Duration("sub_agi_to_agi", "time from 20 % in reach to AGI", "sub_agi", "agi"),
    Duration("output_2_to_10", "time from 2x to 10x of R&D output", "output_2", "output_10"),
    Duration("growth_5_to_20", "time from 5 % to 20 % growth", "growth_5", "growth_20"),
)

_ORDINALS = ("", "first ", "second ", "third ", "fourth ")
_EXTRAS = (
    *(
        Extra(
            f"doubling_time_{n}",
            f"{_ORDINALS[n]}doubling of output from the wake-up"
            if n
            else "doubling time of output at the start",
            "year",
            "Time in which gross world product doubles"
            + (f", the {_ORDINALS[n]}one from the wake-up on." if n else " at the growth of the first step.")
            + " +inf: not before the horizon, or no wake-up.",
            "number",
        )
        for n in range(milestones.DOUBLINGS)
    ),
    Extra(
        "slow_takeoff",
        "Slow takeoff",
        "1",
        "No year doubles gross world product before the horizon, or the first that does begins at least four"
        " years after the first four years that do.",
        "flag",
    ),
)

FAILURES: Final = {"beyond_range": "output or compute leaves the range of floating-point numbers"}


def _within_stock(largest_run: FloatArray, production: FloatArray, stock_ratio: FloatArray) -> BoolArray:
    return np.asarray(largest_run <= production * stock_ratio)


def _compute_in_parts(
    largest_run: FloatArray,
    production: FloatArray,
    stock_ratio: FloatArray,
    hardware: FloatArray,
    software: FloatArray,
) -> BoolArray:
    return largest_run / (production * stock_ratio) + hardware + software < 1.0


def _ceiling_ahead(
    ceiling: FloatArray,
    price_performance: FloatArray,
    returns: FloatArray,
    input_ratio: FloatArray,
    delay: FloatArray,
) -> BoolArray:
    # Cumulative input grows by the input ratio times lambda, efficiency returns / lambda times as fast.
    return np.asarray(ceiling > price_performance * np.exp(returns * input_ratio * delay))


def _whole(tasks: FloatArray) -> BoolArray:
    return np.asarray(tasks == np.floor(tasks))


def lowest_requirement(
    top: FloatArray, gap: FloatArray, steepness: FloatArray, quantile: FloatArray
) -> FloatArray:
    """Return log10 of the requirement at a quantile of tasks, all arrays of shape (draws,)."""
    log_top, log_gap = np.log10(top), np.log10(gap)
    required = log_top - np.interp(quantile, QUANTILES, DISTANCES) * log_gap
    with np.errstate(divide="ignore", invalid="ignore"):
        stepped = log_top - log_gap + steepness * np.ceil((required + log_gap - log_top) / steepness)
    return np.where(steepness > 0.0, np.minimum(log_top, stepped), required)


def _nothing_to_automate(
    top: FloatArray,
    gap: FloatArray,
    goods_to_rnd: FloatArray,
    steepness: FloatArray,
    tradeoff: FloatArray,
    largest_tradeoff: FloatArray,
    largest_run: FloatArray,
    tasks: FloatArray,
) -> BoolArray:
    """Return in which draws no goods and at most 5 % of research tasks can be automated at the start.

    Automatable are tasks with a requirement below the run times the largest trade-off: as requirements rise
    from task to task, the first task over the limit decides.
    """
    reach = np.log10(largest_run * np.where(tradeoff > 0.0, largest_tradeoff, 1.0))
    allowed = np.floor(MOST_RND_AT_START * tasks + 1e-9)
    next_task = np.minimum(allowed / np.maximum(tasks - 1.0, 1.0), 1.0)
    goods = lowest_requirement(top, gap, steepness, np.where(tasks > 1.0, 0.0, 1.0))
    rnd = lowest_requirement(top / goods_to_rnd, gap, steepness, np.where(tasks > 1.0, next_task, 1.0))
    return (goods >= reach) & ((rnd >= reach) | (allowed >= tasks))


_CONSTRAINTS = (
    *CONSTRAINTS,
    Constraint(
        "run_within_stock",
        ("automation.largest_run", "hardware.production", "hardware.stock_to_production"),
        _within_stock,
        "the largest training run takes at most a year of the stock of compute at the start",
    ),
    Constraint(
        "compute_shares",
        (
            "automation.largest_run",
            "hardware.production",
            "hardware.stock_to_production",
            "share.hardware_compute",
            "share.software_compute",
        ),
        _compute_in_parts,
        "the fractions of compute in research and training at the start sum to less than 1",
    ),
    Constraint(
        "ceiling_ahead",
        (
            "hardware.ceiling",
            "hardware.price_performance",
            "hardware.returns",
            "hardware.input_ratio",
            "hardware.delay",
        ),
        _ceiling_ahead,
        "the ceiling of price-performance lies above the best hardware of the start",
    ),
    Constraint("whole_tasks", ("automation.tasks",), _whole, "the number of tasks is a whole number"),
    Constraint(
        "nothing_automatable",
        (
            "requirement.training",
            "requirement.training_gap",
            "requirement.training_goods_to_rnd",
            "requirement.training_steepness",
            "automation.tradeoff",
            "automation.largest_tradeoff",
            "automation.largest_run",
            "automation.tasks",
        ),
        _nothing_to_automate,
        "no task of goods and services and at most 5 % of those of research can be automated at the start",
        optional=True,
    ),
)


def _run(
    inputs: FloatArray, setup: Setup, stride: int, observables: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return dates, numbers and observations of a block, as `engine.run.run` fills them."""
    grid, draws = setup.grid, inputs.shape[1]
    dates = np.empty((draws, milestones.MILESTONES))
    numbers = np.empty((draws, milestones.NUMBERS))
    observed = np.empty((draws, grid.steps // stride + 1, observables))
    most_tasks = int(inputs[table.TASKS].max(initial=1.0))
    run.run(
        np.ascontiguousarray(inputs),
        setup.scheme == PUBLISHED,
        grid.step,
        grid.steps,
        stride,
        most_tasks,
        dates,
        numbers,
        observed,
    )
    return dates, numbers, observed


def outcomes(inputs: FloatArray, setup: Setup) -> Outcomes:
    """Run a block of draws; inputs of shape (parameters, draws) in the table's order."""
    grid = setup.grid
    dates, numbers, observed = _run(inputs, setup, grid.stride, observe.COUNTED)
    failure = numbers[:, milestones.FAILURE].astype(np.int8)
    arrival = grid.start + dates.T
    early, late = dates.T <= 0.0, ~(arrival < grid.horizon)
    status = np.select([early, late], [Status.BEFORE_START, Status.NOT_BY_HORIZON], Status.REACHED)
    status[:, failure != 0] = Status.FAILED
    extras = {f"doubling_time_{n}": numbers[:, n].copy() for n in range(milestones.DOUBLINGS)}
    extras["slow_takeoff"] = numbers[:, milestones.SLOW].copy()
    counted = {
        o.name: observed[:, :, k].T.copy() for k, o in enumerate(observe.OBSERVABLES[: observe.COUNTED])
    }
    return Outcomes(np.where(late, np.inf, arrival), status.astype(np.int8), counted, extras, failure)


def trajectories(inputs: FloatArray, setup: Setup) -> dict[str, FloatArray]:
    """Return every observable of every draw at every step, shape (draws, times)."""
    _, _, observed = _run(inputs, setup, 1, len(observe.OBSERVABLES))
    return {o.name: observed[:, :, k].copy() for k, o in enumerate(observe.OBSERVABLES)}


def thresholds(inputs: FloatArray, _: Setup) -> dict[str, FloatArray]:
    """Return the training compute that all tasks need in each draw, log10 FLOP."""
    return {"requirement": np.log10(inputs[table.TRAINING])}


MODEL = Model(
    name="full_takeoff",
    title="Full Takeoff economy: compute that comes to do the work of labour",
    parameters=PARAMETERS,
    milestones=_MILESTONES,
    headline="goods_100",
    observables=observe.OBSERVABLES,
    outcomes=outcomes,
    trajectories=trajectories,
    durations=_DURATIONS,
    thresholds=thresholds,
    constraints=_CONSTRAINTS,
    steps=("quarter", "tenth", "year", "month", "week"),
    schemes=(HEUN, PUBLISHED),
    extras=_EXTRAS,
    failures=FAILURES,
)
