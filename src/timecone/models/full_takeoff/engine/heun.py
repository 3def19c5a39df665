"""Second-order step of the continuous economy, cut where the wake-up or the cap of spending changes.

What is integrated are cumulative research, the stock of hardware and capital. Efficiencies are closed forms of
cumulative research, and fractions, labour and productivity of time, between two changes of regime. A step
predicts with the rates of its beginning, evaluates the economy there and corrects with the mean of both rates
(Heun); inside it rates are linear in time, which places the state at any moment of the step.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components import compute_stock, economy, fractions, production, research
from timecone.models.full_takeoff.engine import layout as row
from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray

#: Rates: of adjusted cumulative inputs, of the stock of hardware by purchases, and output.
RATES = 4


@scalar
def set_rates(
    levels: FloatArray, state: FloatArray, market: float, parallelisation: float, rates: FloatArray
) -> None:
    """Fill ``rates`` from levels; ``market`` is price-performance for sale."""
    rates[0] = research.adjusted_input(levels[row.HARDWARE_RESEARCH], parallelisation)
    rates[1] = research.adjusted_input(levels[row.SOFTWARE_RESEARCH], parallelisation)
    rates[2] = levels[row.OUTPUT] * state[row.COMPUTE_SPENDING] * market
    rates[3] = levels[row.OUTPUT]


@kernel
def place(
    time: float,
    length: float,
    awake: bool,
    frozen: bool,
    begin: FloatArray,
    first: FloatArray,
    last: FloatArray,
    constants: FloatArray,
    state: FloatArray,
) -> None:
    """Set the state at a time after the beginning of a step.

    ``first`` and ``last`` are the rates at the beginning and the end of the step of ``length``.
    """
    share = time / length
    state[row.HARDWARE_INPUT] = begin[row.HARDWARE_INPUT] + time * (
        first[0] + 0.5 * share * (last[0] - first[0])
    )
    state[row.SOFTWARE_INPUT] = begin[row.SOFTWARE_INPUT] + time * (
        first[1] + 0.5 * share * (last[1] - first[1])
    )
    left = compute_stock.kept(constants[row.DEPRECIATION], time)
    state[row.STOCK] = begin[row.STOCK] * left + 0.5 * time * (
        first[2] * left + first[2] + share * (last[2] - first[2])
    )
    made = time * (first[3] + 0.5 * share * (last[3] - first[3]))
    state[row.CAPITAL] = begin[row.CAPITAL] + constants[row.SAVINGS] * made
    state[row.LABOUR] = begin[row.LABOUR] * economy.grown(constants[row.LABOUR_GROWTH], time)
    state[row.TFP] = begin[row.TFP] * economy.grown(constants[row.TFP_GROWTH], time)
    rates = row.AWAKE if awake else row.GROWTH
    for n in range(row.FRACTIONS):
        if frozen and n == row.TRAINING - row.FRACTION:
            state[row.FRACTION + n] = begin[row.FRACTION + n]
        else:
            state[row.FRACTION + n] = fractions.grown(
                begin[row.FRACTION + n], constants[rates + n], constants[row.CEILING + n], time
            )
    state[row.HARDWARE] = research.efficiency(
        state[row.HARDWARE_INPUT] / constants[row.START_HARDWARE_INPUT],
        constants[row.RETURNS_HARDWARE],
        constants[row.CEILING_HARDWARE],
        constants[row.START_HARDWARE],
    )
    state[row.SOFTWARE] = research.efficiency(
        state[row.SOFTWARE_INPUT] / constants[row.START_SOFTWARE_INPUT],
        constants[row.RETURNS_SOFTWARE],
        constants[row.CEILING_SOFTWARE],
        1.0,
    )


@kernel
def for_sale(
    time: float, now: float, best: float, k: int, step: float, hardware: FloatArray, constants: FloatArray
) -> float:
    """Return price-performance that is for sale at a time, years after the start.

    ``hardware`` is the best one at the steps up to ``k``, ``best`` that at the time ``now`` in the step after.
    Its logarithm is linear between these.
    """
    designed = time - constants[row.DELAY]
    if designed <= 0.0:
        growth = constants[row.EARLY_GROWTH] * designed
        return float(compute_stock.leading_edge(constants[row.START_HARDWARE], growth, 1.0))
    n = int(designed / step)
    if n >= k:
        if now <= k * step:
            return best
        share = (designed - k * step) / (now - k * step)
        return float(hardware[k] * production.power(best / hardware[k], share))
    share = designed / step - n
    return float(hardware[n] * production.power(hardware[n + 1] / hardware[n], share))
