"""Step of the published grid: everything moves by what the previous step left, one step late.

The first-order step of Davidson's code, kept so that its dates can be reproduced. At its step of 0.1 years it
dates full automation about 0.2 years late.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components import compute_stock, fractions, production, research
from timecone.models.full_takeoff.components.economy import grown
from timecone.models.full_takeoff.engine import layout as row
from timecone.models.full_takeoff.engine.layout import Economy
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray


@kernel
def for_sale(hardware: FloatArray, k: int, delay: int) -> float:
    """Return price-performance for sale at step ``k``; ``hardware`` is the best one of each step."""
    if k >= delay:
        return float(hardware[k - delay])
    growth = hardware[1] / hardware[0]
    return float(hardware[0] * production.power(growth, float(k - delay)))


@kernel
def advance(k: int, step: float, awake: bool, was_awake: bool, money: float, economy: Economy) -> float:
    """Move the state to step ``k`` and return the cost of the largest run, USD.

    Levels and ``money`` are those of the step before, ``awake`` and ``was_awake`` the wake-up of this
    step and of the one before.
    """
    constants, state, levels = economy.constants, economy.state, economy.levels
    parallelisation = constants[row.PARALLELISATION]
    added = research.adjusted_input(levels[row.HARDWARE_RESEARCH], parallelisation) * step
    growth = (state[row.HARDWARE_INPUT] + added) / state[row.HARDWARE_INPUT]
    state[row.HARDWARE] = research.stepped_efficiency(
        state[row.HARDWARE],
        growth,
        constants[row.RETURNS_HARDWARE],
        constants[row.CEILING_HARDWARE],
        constants[row.START_HARDWARE],
    )
    state[row.HARDWARE_INPUT] += added
    added = research.adjusted_input(levels[row.SOFTWARE_RESEARCH], parallelisation) * step
    growth = (state[row.SOFTWARE_INPUT] + added) / state[row.SOFTWARE_INPUT]
    state[row.SOFTWARE] = research.stepped_efficiency(
        state[row.SOFTWARE], growth, constants[row.RETURNS_SOFTWARE], constants[row.CEILING_SOFTWARE], 1.0
    )
    state[row.SOFTWARE_INPUT] += added
    economy.hardware[k] = state[row.HARDWARE]

    frozen = money > constants[row.MONEY_CAP] and not was_awake
    rates = row.AWAKE if awake else row.GROWTH
    for n in range(row.FRACTIONS):
        if not (frozen and n == row.TRAINING - row.FRACTION):
            state[row.FRACTION + n] = fractions.grown(
                state[row.FRACTION + n], constants[rates + n], constants[row.CEILING + n], step
            )

    market = for_sale(economy.hardware, k, int(constants[row.DELAY]))
    bought = levels[row.OUTPUT] * state[row.COMPUTE_SPENDING] * step * market
    state[row.STOCK] = state[row.STOCK] * compute_stock.kept(constants[row.DEPRECIATION], step) + bought
    state[row.CAPITAL] += constants[row.SAVINGS] * levels[row.OUTPUT] * step
    state[row.LABOUR] *= grown(constants[row.LABOUR_GROWTH], step)
    state[row.TFP] *= grown(constants[row.TFP_GROWTH], step)
    return float(state[row.STOCK] * state[row.TRAINING] / market)
