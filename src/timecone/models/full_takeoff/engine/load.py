"""Loading of a draw: its constants, tables of tasks, weights of sectors, and state at the start."""

from __future__ import annotations

import numpy as np

from timecone.models.full_takeoff import parameters as table
from timecone.models.full_takeoff.components import (
    allocation,
    compute_stock,
    production,
    requirements,
    research,
)
from timecone.models.full_takeoff.components.economy import capital_at_start
from timecone.models.full_takeoff.components.fractions import FRACTIONS as NAMES
from timecone.models.full_takeoff.components.fractions import STATED
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine.layout import Economy
from timecone.models.full_takeoff.engine.levels import (
    goods_budgets,
    hardware_budgets,
    set_levels,
    software_budgets,
)
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LOG2_E, LOG10_2, log2
from timecone.schema import FloatArray

#: Research input at the start as a share of gross world product: a unit, on which no result depends.
HARDWARE_RESEARCH_SHARE = 0.002
SOFTWARE_RESEARCH_SHARE = 0.0002
#: The step of a continuous economy.
CONTINUOUS = 0.0

# Of the fractions that scenarios state, which one of all each is.
_PLACES = np.array([list(NAMES).index(name) for name in STATED])


@scalar
def _log10(x: float) -> float:
    return log2(x) * LOG10_2 if x < np.inf else np.inf


@kernel
def _fill_tables(inputs: FloatArray, i: int, tasks: int, tables: FloatArray) -> None:
    training, runtime = inputs[table.TRAINING, i], inputs[table.RUNTIME, i] * requirements.YEAR_SECONDS
    tradeoff = inputs[table.TRADEOFF, i]
    gap, runtime_gap = _log10(inputs[table.TRAINING_GAP, i]), _log10(inputs[table.RUNTIME_GAP, i])
    for kind in range(row.KINDS):
        psi = inputs[table.LABOUR_GOODS if kind == 0 else table.LABOUR_RND, i]
        top = _log10(training if kind == 0 else training / inputs[table.TRAINING_RATIO, i])
        top_at_work = _log10(runtime if kind == 0 else runtime / inputs[table.RUNTIME_RATIO, i])
        log_training, log_work = tables[kind, row.TRAINING_TABLE], tables[kind, row.WORK_TABLE]
        requirements.fill(top, gap, inputs[table.TRAINING_STEEPNESS, i], tasks, log_training)
        requirements.fill(top_at_work, runtime_gap, inputs[table.RUNTIME_STEEPNESS, i], tasks, log_work)
        if tradeoff > 0.0:
            for task in range(1, tasks + 1):
                log_work[task] += tradeoff * log_training[task]
        allocation.fill_running(log_work, 1.0 / (1.0 - psi), tasks, tables[kind, row.RUNNING_TABLE])


@kernel
def _calibrate(
    sector: int,
    budgets: tuple[float, float, float],
    cognitive_share: float,
    compute_share: float,
    psi: float,
    rho: float,
    tasks: int,
    sectors: FloatArray,
) -> None:
    """Set a sector's exponents and weights from its budgets at the start and the shares of income."""
    other, labour, compute = budgets
    odds = production.task_odds(compute_share, labour, compute, psi, float(tasks))
    first, each = production.weights(odds)
    sigma = 1.0 / (1.0 - psi)
    total = first * production.power(compute, psi) + tasks * each * production.power(labour / tasks, psi)
    cognition = production.power(total / (first + tasks * each), 1.0 / psi)
    other_weight, cognition_weight = production.weights(
        production.other_odds(cognitive_share, cognition, other, rho)
    )
    sectors[sector, row.PSI], sectors[sector, row.RHO] = psi, rho
    sectors[sector, row.OTHER_WEIGHT] = other_weight
    sectors[sector, row.COGNITION_WEIGHT] = cognition_weight
    sectors[sector, row.FIRST] = production.power(first, sigma)
    sectors[sector, row.EACH] = production.power(each, sigma)
    sectors[sector, row.LAST_WEIGHT], sectors[sector, row.SUM_OF_WEIGHTS] = each, first + tasks * each
    sectors[sector, row.SCALE] = 1.0


@kernel
def _calibrate_sectors(inputs: FloatArray, i: int, tasks: int, economy: Economy) -> None:
    sectors, state = economy.sectors, economy.state
    _calibrate(
        row.GOODS,
        goods_budgets(state),
        inputs[table.COGNITIVE_GOODS, i],
        inputs[table.COMPUTE_GOODS, i],
        inputs[table.LABOUR_GOODS, i],
        inputs[table.CAPITAL_GOODS, i],
        tasks,
        sectors,
    )
    _calibrate(
        row.HARDWARE_RND,
        hardware_budgets(state),
        inputs[table.COGNITIVE_HARDWARE, i],
        inputs[table.COMPUTE_RND, i],
        inputs[table.LABOUR_RND, i],
        inputs[table.CAPITAL_RND, i] * inputs[table.PARALLELISATION, i],
        tasks,
        sectors,
    )
    _calibrate(
        row.SOFTWARE_RND,
        software_budgets(state, inputs[table.EXPERIMENT_EXPONENT, i]),
        1.0 - inputs[table.EXPERIMENT_SHARE, i],
        inputs[table.COMPUTE_RND, i],
        inputs[table.LABOUR_RND, i],
        inputs[table.EXPERIMENTS, i],
        tasks,
        sectors,
    )


@kernel
def _set_constants(inputs: FloatArray, i: int, constants: FloatArray) -> None:
    """Set the constants that are inputs, or follow from inputs alone."""
    parallelisation, tradeoff = inputs[table.PARALLELISATION, i], inputs[table.TRADEOFF, i]
    most = log2(inputs[table.LARGEST_TRADEOFF, i]) if tradeoff > 0.0 else 0.0
    constants[row.TASKS] = int(inputs[table.TASKS, i])
    constants[row.PARALLELISATION] = parallelisation
    constants[row.RETURNS_HARDWARE] = inputs[table.HARDWARE_RETURNS, i] / parallelisation
    constants[row.RETURNS_SOFTWARE] = inputs[table.SOFTWARE_RETURNS, i] / parallelisation
    constants[row.CEILING_HARDWARE] = inputs[table.HARDWARE_CEILING, i]
    constants[row.CEILING_SOFTWARE] = inputs[table.SOFTWARE_CEILING, i]
    constants[row.DEPRECIATION] = inputs[table.DEPRECIATION, i]
    constants[row.SAVINGS] = inputs[table.SAVINGS, i]
    constants[row.LABOUR_GROWTH] = inputs[table.LABOUR_GROWTH, i]
    constants[row.TFP_GROWTH] = inputs[table.TFP_GROWTH, i]
    constants[row.TRADEOFF] = tradeoff
    constants[row.LOG_LARGEST_TRADEOFF] = most
    constants[row.TRIGGER] = inputs[table.TRIGGER, i]
    constants[row.MONEY_CAP] = inputs[table.MONEY_CAP, i]
    constants[row.EXPERIMENT_EXPONENT] = inputs[table.EXPERIMENT_EXPONENT, i]
    constants[row.MONEY] = inputs[table.LARGEST_RUN, i] / inputs[table.PRICE_PERFORMANCE, i]
    for k in range(row.FRACTIONS):
        constants[row.GROWTH + k] = inputs[table.FIRST_GROWTH + k, i]
        constants[row.AWAKE + k] = inputs[table.FIRST_AWAKE + k, i]
        constants[row.CEILING + k] = inputs[table.FIRST_CEILING + k, i]


@kernel
def _set_research(inputs: FloatArray, i: int, step: float, economy: Economy) -> None:
    """Set cumulative research input, and the best hardware, which is for sale after the delay."""
    constants, state = economy.constants, economy.state
    parallelisation, output = inputs[table.PARALLELISATION, i], inputs[table.OUTPUT, i]
    on_hardware = HARDWARE_RESEARCH_SHARE * output
    state[row.HARDWARE_INPUT] = research.cumulative_at_start(
        on_hardware, parallelisation, inputs[table.HARDWARE_INPUT, i]
    )
    state[row.SOFTWARE_INPUT] = research.cumulative_at_start(
        SOFTWARE_RESEARCH_SHARE * output, parallelisation, inputs[table.SOFTWARE_INPUT, i]
    )
    constants[row.START_HARDWARE_INPUT] = state[row.HARDWARE_INPUT]
    constants[row.START_SOFTWARE_INPUT] = state[row.SOFTWARE_INPUT]
    gain = research.adjusted_input(on_hardware, parallelisation) / state[row.HARDWARE_INPUT]
    delay = inputs[table.DELAY, i]
    if step > CONTINUOUS:
        constants[row.DELAY] = np.round(delay / step)
        growth = constants[row.RETURNS_HARDWARE] * log2(1.0 + gain * step)
    else:
        constants[row.DELAY] = delay
        growth = constants[row.RETURNS_HARDWARE] * gain * LOG2_E
    constants[row.EARLY_GROWTH] = growth
    state[row.HARDWARE] = compute_stock.leading_edge(
        inputs[table.PRICE_PERFORMANCE, i], growth, constants[row.DELAY]
    )
    constants[row.START_HARDWARE] = state[row.HARDWARE]
    state[row.SOFTWARE] = 1.0


@kernel
def load(inputs: FloatArray, i: int, step: float, economy: Economy) -> None:
    """Set everything of draw ``i`` at the start.

    ``step`` is that of the published grid, on which the delay is a whole number of steps and hardware grows
    by finite ones; `CONTINUOUS` otherwise.
    """
    state, levels, sectors = economy.state, economy.levels, economy.sectors
    tasks, output = int(inputs[table.TASKS, i]), inputs[table.OUTPUT, i]
    _set_constants(inputs, i, economy.constants)
    _set_research(inputs, i, step, economy)
    state[row.STOCK] = inputs[table.PRODUCTION, i] * inputs[table.STOCK_RATIO, i]
    state[row.CAPITAL] = capital_at_start(output, inputs[table.SAVINGS, i], inputs[table.CAPITAL_GROWTH, i])
    state[row.LABOUR] = inputs[table.WORKERS, i]
    state[row.TFP] = 1.0
    for k in range(_PLACES.size):
        state[row.FRACTION + _PLACES[k]] = inputs[table.FIRST_SHARE + k, i]
    state[row.COMPUTE_SPENDING] = compute_stock.spending_share(
        inputs[table.PRODUCTION, i], inputs[table.PRICE_PERFORMANCE, i], output
    )
    state[row.TRAINING] = inputs[table.LARGEST_RUN, i] / state[row.STOCK]
    _fill_tables(inputs, i, tasks, economy.tables)
    _calibrate_sectors(inputs, i, tasks, economy)
    economy.positions[:] = 0
    set_levels(economy)
    wanted = (output, HARDWARE_RESEARCH_SHARE * output, SOFTWARE_RESEARCH_SHARE * output)
    for sector in range(row.SECTORS):
        # Levels of output come first, in the order of sectors.
        sectors[sector, row.SCALE] = wanted[sector] / levels[sector]
        levels[sector] = wanted[sector]
