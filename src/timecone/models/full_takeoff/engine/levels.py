"""Levels of an economy in a state: what can be automated, what is, and output of the three sectors."""

from __future__ import annotations

from timecone.models.full_takeoff.components import allocation, automation, production
from timecone.models.full_takeoff.engine.layout import (
    AUTOMATABLE_GOODS,
    AUTOMATABLE_RND,
    AUTOMATED_GOODS,
    AUTOMATED_RND,
    CAN_GOODS,
    CAN_RND,
    CAN_UNTRADED,
    CAPITAL,
    CAPPED_GOODS,
    CAPPED_RND,
    COGNITION_WEIGHT,
    COMPUTE,
    EACH,
    EXPERIMENT_EXPONENT,
    FIRST,
    GOODS,
    HARDWARE_CAPITAL,
    HARDWARE_COMPUTE,
    HARDWARE_LABOUR,
    HARDWARE_RESEARCH,
    HARDWARE_RND,
    LABOUR,
    LAST_WEIGHT,
    LOG_LARGEST_TRADEOFF,
    MULTIPLIER,
    OTHER_WEIGHT,
    OUTPUT,
    PSI,
    RHO,
    RUN,
    RUNNING_TABLE,
    SCALE,
    SHARED,
    SOFTWARE,
    SOFTWARE_COMPUTE,
    SOFTWARE_LABOUR,
    SOFTWARE_RESEARCH,
    SOFTWARE_RND,
    STOCK,
    SUM_OF_WEIGHTS,
    TASKS,
    TFP,
    TRADEOFF,
    TRAINING,
    TRAINING_TABLE,
    UNTRADED,
    WORK_TABLE,
)
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log2
from timecone.schema import FloatArray, IntArray


@scalar
def compute_of(state: FloatArray) -> float:
    """Return effective compute, FLOP per year."""
    return float(state[STOCK] * state[SOFTWARE])


@scalar
def goods_budgets(state: FloatArray) -> tuple[float, float, float]:
    """Return capital, labour and compute in goods and services."""
    capital = state[CAPITAL] * (1.0 - state[HARDWARE_CAPITAL])
    labour = state[LABOUR] * (1.0 - state[HARDWARE_LABOUR] - state[SOFTWARE_LABOUR])
    compute = 1.0 - state[HARDWARE_COMPUTE] - state[SOFTWARE_COMPUTE] - state[TRAINING]
    return capital, labour, compute_of(state) * compute


@scalar
def hardware_budgets(state: FloatArray) -> tuple[float, float, float]:
    """Return capital, labour and compute in research on hardware."""
    compute = compute_of(state) * state[HARDWARE_COMPUTE]
    return state[CAPITAL] * state[HARDWARE_CAPITAL], state[LABOUR] * state[HARDWARE_LABOUR], compute


@scalar
def software_budgets(state: FloatArray, exponent: float) -> tuple[float, float, float]:
    """Return experiments, labour and compute in research on software."""
    experiments = production.power(state[STOCK], exponent)
    compute = compute_of(state) * state[SOFTWARE_COMPUTE]
    return experiments, state[LABOUR] * state[SOFTWARE_LABOUR], compute


@kernel
def _produce(
    sector: int,
    other: float,
    labour: float,
    compute: float,
    constants: FloatArray,
    sectors: FloatArray,
    tables: FloatArray,
    log_run: float,
    automatable: int,
    capped: int,
    positions: IntArray,
) -> tuple[float, float, float]:
    """Return output without productivity, automated tasks, and the sum over tasks of beta x**psi."""
    own = sectors[sector]
    tasks = int(constants[TASKS])
    total, automated, shared = allocation.work(
        labour,
        compute,
        own[PSI],
        own[FIRST],
        own[EACH],
        own[LAST_WEIGHT],
        tasks,
        automatable,
        capped,
        log_run,
        constants[TRADEOFF],
        tables[WORK_TABLE],
        tables[RUNNING_TABLE],
        positions[SHARED + sector],
    )
    positions[SHARED + sector] = shared
    cognition = production.power(total / own[SUM_OF_WEIGHTS], 1.0 / own[PSI])
    output = production.output(other, cognition, own[OTHER_WEIGHT], own[COGNITION_WEIGHT], own[RHO])
    return output, automated, total


@kernel
def set_levels(
    state: FloatArray,
    constants: FloatArray,
    sectors: FloatArray,
    tables: FloatArray,
    positions: IntArray,
    levels: FloatArray,
) -> None:
    """Fill ``levels`` with what follows from a state.

    ``tables`` have the shape (kinds, tables, tasks + 2); ``positions`` are where searches begin, and move.
    """
    tasks = int(constants[TASKS])
    compute = compute_of(state)
    run = state[TRAINING] * compute
    log_run = log2(run)
    log_most = log_run + constants[LOG_LARGEST_TRADEOFF]
    work = constants[TRADEOFF] * log_run
    size = tasks + 1
    goods, rnd = tables[0], tables[1]
    untraded = automation.count_below(goods[TRAINING_TABLE], size, log_run, positions[CAN_UNTRADED])
    can_goods = automation.count_below(goods[TRAINING_TABLE], size, log_most, positions[CAN_GOODS])
    can_rnd = automation.count_below(rnd[TRAINING_TABLE], size, log_most, positions[CAN_RND])
    capped_goods = automation.count_up_to(goods[WORK_TABLE], size, work, positions[CAPPED_GOODS])
    capped_rnd = automation.count_up_to(rnd[WORK_TABLE], size, work, positions[CAPPED_RND])
    positions[CAN_UNTRADED], positions[CAN_GOODS], positions[CAN_RND] = untraded, can_goods, can_rnd
    positions[CAPPED_GOODS], positions[CAPPED_RND] = capped_goods, capped_rnd

    other, labour, machines = goods_budgets(state)
    made, automated, _ = _produce(
        GOODS, other, labour, machines, constants, sectors, goods, log_run, can_goods, capped_goods, positions
    )
    levels[OUTPUT] = state[TFP] * made * sectors[GOODS, SCALE]
    levels[AUTOMATED_GOODS] = (automated - 1.0) / tasks

    other, labour, machines = hardware_budgets(state)
    made, automated, total = _produce(
        HARDWARE_RND, other, labour, machines, constants, sectors, rnd, log_run, can_rnd, capped_rnd, positions
    )  # fmt: skip
    levels[HARDWARE_RESEARCH] = state[TFP] * made * sectors[HARDWARE_RND, SCALE]
    levels[AUTOMATED_RND] = (automated - 1.0) / tasks
    own = sectors[HARDWARE_RND]
    alone = allocation.work_without_ai(labour, machines, own[PSI], own[FIRST], own[EACH], tasks)
    if total == alone:
        levels[MULTIPLIER] = 1.0
    else:
        cognition = production.power(alone / own[SUM_OF_WEIGHTS], 1.0 / own[PSI])
        made_alone = production.output(other, cognition, own[OTHER_WEIGHT], own[COGNITION_WEIGHT], own[RHO])
        levels[MULTIPLIER] = made / made_alone

    other, labour, machines = software_budgets(state, constants[EXPERIMENT_EXPONENT])
    made, _, _ = _produce(
        SOFTWARE_RND, other, labour, machines, constants, sectors, rnd, log_run, can_rnd, capped_rnd, positions
    )  # fmt: skip
    levels[SOFTWARE_RESEARCH] = state[TFP] * made * sectors[SOFTWARE_RND, SCALE]

    levels[COMPUTE] = compute
    levels[RUN] = run
    levels[AUTOMATABLE_GOODS] = (can_goods - 1.0) / tasks
    levels[AUTOMATABLE_RND] = (can_rnd - 1.0) / tasks
    levels[UNTRADED] = (untraded - 1.0) / tasks
