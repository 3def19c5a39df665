"""Levels of an economy in a state: what can be automated, what is, and output of the three sectors."""

from __future__ import annotations

from timecone.models.full_takeoff.components import allocation, automation, production
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine.layout import Economy
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log2
from timecone.schema import FloatArray


@scalar
def compute_of(state: FloatArray) -> float:
    """Return effective compute, FLOP per year."""
    return float(state[row.STOCK] * state[row.SOFTWARE])


@scalar
def goods_budgets(state: FloatArray) -> tuple[float, float, float]:
    """Return capital, labour and compute in goods and services."""
    capital = state[row.CAPITAL] * (1.0 - state[row.HARDWARE_CAPITAL])
    labour = state[row.LABOUR] * (1.0 - state[row.HARDWARE_LABOUR] - state[row.SOFTWARE_LABOUR])
    share = 1.0 - state[row.HARDWARE_COMPUTE] - state[row.SOFTWARE_COMPUTE] - state[row.TRAINING]
    return capital, labour, compute_of(state) * share


@scalar
def hardware_budgets(state: FloatArray) -> tuple[float, float, float]:
    """Return capital, labour and compute in research on hardware."""
    capital = state[row.CAPITAL] * state[row.HARDWARE_CAPITAL]
    labour = state[row.LABOUR] * state[row.HARDWARE_LABOUR]
    return capital, labour, compute_of(state) * state[row.HARDWARE_COMPUTE]


@scalar
def software_budgets(state: FloatArray, exponent: float) -> tuple[float, float, float]:
    """Return experiments, labour and compute in research on software."""
    experiments = production.power(state[row.STOCK], exponent)
    labour = state[row.LABOUR] * state[row.SOFTWARE_LABOUR]
    return experiments, labour, compute_of(state) * state[row.SOFTWARE_COMPUTE]


@scalar
def _tasks(
    sector: int, automatable: int, capped: int, log_run: float, constants: FloatArray, sectors: FloatArray
) -> allocation.Tasks:
    return allocation.Tasks(
        sectors[sector, row.PSI],
        sectors[sector, row.FIRST],
        sectors[sector, row.EACH],
        sectors[sector, row.LAST_WEIGHT],
        int(constants[row.TASKS]),
        automatable,
        capped,
        log_run,
        constants[row.TRADEOFF],
    )


@scalar
def _output(sector: int, other: float, total: float, sectors: FloatArray) -> float:
    """Return output, without productivity and scale, from the sum over tasks of beta x**psi."""
    cognition = production.power(total / sectors[sector, row.SUM_OF_WEIGHTS], 1.0 / sectors[sector, row.PSI])
    return production.output(
        other,
        cognition,
        sectors[sector, row.OTHER_WEIGHT],
        sectors[sector, row.COGNITION_WEIGHT],
        sectors[sector, row.RHO],
    )


@kernel
def _work(
    sector: int, kind: int, tasks: allocation.Tasks, labour: float, compute: float, economy: Economy
) -> tuple[float, float]:
    """Return the sum over tasks of beta x**psi, and the number of automated tasks."""
    position = row.SHARED + sector
    total, automated, shared = allocation.work(
        tasks,
        labour,
        compute,
        economy.tables,
        kind,
        row.WORK_TABLE,
        row.RUNNING_TABLE,
        economy.positions[position],
    )
    economy.positions[position] = shared
    return total, automated


@kernel
def _search(economy: Economy, log_run: float) -> None:
    """Move the positions to the tasks that can be automated, and to those in which eta is 1."""
    constants, tables, at = economy.constants, economy.tables, economy.positions
    size = int(constants[row.TASKS]) + 1
    log_most = log_run + constants[row.LOG_LARGEST_TRADEOFF]
    work = constants[row.TRADEOFF] * log_run
    at[row.CAN_UNTRADED] = automation.count_below(
        tables, row.OF_GOODS, row.TRAINING_TABLE, size, log_run, at[row.CAN_UNTRADED]
    )
    for kind in range(row.KINDS):
        at[row.CAN + kind] = automation.count_below(
            tables, kind, row.TRAINING_TABLE, size, log_most, at[row.CAN + kind]
        )
        at[row.CAPPED + kind] = automation.count_up_to(
            tables, kind, row.WORK_TABLE, size, work, at[row.CAPPED + kind]
        )


@kernel
def set_levels(economy: Economy) -> None:
    """Fill the levels of an economy with what follows from its state."""
    constants, sectors, state = economy.constants, economy.sectors, economy.state
    levels, at = economy.levels, economy.positions
    count = int(constants[row.TASKS])
    compute = compute_of(state)
    run = state[row.TRAINING] * compute
    log_run = log2(run)
    _search(economy, log_run)
    can_goods, can_rnd = at[row.CAN + row.OF_GOODS], at[row.CAN + row.OF_RND]
    capped_goods, capped_rnd = at[row.CAPPED + row.OF_GOODS], at[row.CAPPED + row.OF_RND]

    other, labour, machines = goods_budgets(state)
    tasks = _tasks(row.GOODS, can_goods, capped_goods, log_run, constants, sectors)
    total, automated = _work(row.GOODS, row.OF_GOODS, tasks, labour, machines, economy)
    made = _output(row.GOODS, other, total, sectors)
    levels[row.OUTPUT] = state[row.TFP] * made * sectors[row.GOODS, row.SCALE]
    levels[row.AUTOMATED_GOODS] = (automated - 1.0) / count

    other, labour, machines = hardware_budgets(state)
    tasks = _tasks(row.HARDWARE_RND, can_rnd, capped_rnd, log_run, constants, sectors)
    total, automated = _work(row.HARDWARE_RND, row.OF_RND, tasks, labour, machines, economy)
    made = _output(row.HARDWARE_RND, other, total, sectors)
    levels[row.HARDWARE_RESEARCH] = state[row.TFP] * made * sectors[row.HARDWARE_RND, row.SCALE]
    levels[row.AUTOMATED_RND] = (automated - 1.0) / count
    alone = allocation.work_without_ai(tasks, labour, machines)
    levels[row.MULTIPLIER] = made / _output(row.HARDWARE_RND, other, alone, sectors)

    other, labour, machines = software_budgets(state, constants[row.EXPERIMENT_EXPONENT])
    tasks = _tasks(row.SOFTWARE_RND, can_rnd, capped_rnd, log_run, constants, sectors)
    total, _ = _work(row.SOFTWARE_RND, row.OF_RND, tasks, labour, machines, economy)
    made = _output(row.SOFTWARE_RND, other, total, sectors)
    levels[row.SOFTWARE_RESEARCH] = state[row.TFP] * made * sectors[row.SOFTWARE_RND, row.SCALE]

    levels[row.COMPUTE] = compute
    levels[row.RUN] = run
    levels[row.AUTOMATABLE_GOODS] = (can_goods - 1.0) / count
    levels[row.AUTOMATABLE_RND] = (can_rnd - 1.0) / count
    levels[row.UNTRADED] = (at[row.CAN_UNTRADED] - 1.0) / count
