"""Full trajectories of a few draws, for figures and for looking closely.

The same component functions as the kernel, one draw at a time and every state kept.
"""

from __future__ import annotations

from timecone.models.compute import table
from timecone.models.compute.algorithms import past_gain
from timecone.models.compute.algorithms import trend as software_trend
from timecone.models.compute.automation import share
from timecone.models.compute.economy import growth_rate
from timecone.models.compute.effective import effective_compute
from timecone.models.compute.hardware import trend as hardware_trend
from timecone.models.compute.headroom import fraction_of_limit, inverse_gain, remaining
from timecone.models.compute.investment import inverse_spending, trend_growth
from timecone.models.compute.threshold import requirement_at_start
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray, Observable

OBSERVABLES = (
    Observable("effective_compute", "Effective compute of the largest run", "log10 FLOP"),
    Observable("training_compute", "Training compute of the largest run", "log10 FLOP"),
    Observable("price_performance", "Price-performance", "log10 FLOP/USD"),
    Observable("spending", "Cost of the largest run", "log10 USD"),
    Observable("output", "Gross world product", "log10 USD"),
    Observable("algorithmic_gain", "Algorithmic gain since the start", "OOM"),
    Observable("automation_share", "Share of tasks automated", "1"),
)


@kernel
def trace(inputs: FloatArray, dates: FloatArray, start: float, step: float, out: FloatArray) -> None:
    """Fill ``out``, shape (observables, draws, times), in the order of `OBSERVABLES`.

    ``inputs`` and ``dates`` are those of the kernel.
    """
    for i in range(inputs.shape[1]):
        p0 = log10(inputs[table.PRICE_PERFORMANCE, i])
        hardware_rate = hardware_trend(inputs[table.DOUBLING_TIME, i])
        hardware_limit = fraction_of_limit(inputs[table.HARDWARE_HEADROOM, i])
        economy_rate = growth_rate(inputs[table.ECONOMY_GROWTH, i])
        spending_rate = log10(inputs[table.INVESTMENT_GROWTH, i])
        cap_share = log10(inputs[table.CAP_SHARE, i])
        software_rate = software_trend(inputs[table.HALVING_TIME, i])
        software_limit = fraction_of_limit(inputs[table.SOFTWARE_HEADROOM, i])
        gain = past_gain(inputs[table.HALVING_TIME_PAST, i], start, inputs[table.REFERENCE_YEAR, i])
        requirement = requirement_at_start(
            inputs[table.REQUIREMENT, i], inputs[table.NEURON_COMPLEXITY, i], gain
        )
        first_run = log10(inputs[table.LARGEST_RUN, i])
        first_output = log10(inputs[table.OUTPUT, i])
        jumps = 0.0
        seen = 0
        for n in range(out.shape[2]):
            elapsed = n * step
            while seen < dates.shape[1] and dates[i, seen] <= elapsed:
                jumps += inputs[table.BREAKTHROUGH_SIZE, i]
                seen += 1
            grown = trend_growth(0.0, elapsed, inputs[table.LIFETIME, i], spending_rate, economy_rate)
            output = first_output + economy_rate * elapsed
            inverse_hardware = inverse_gain(remaining(hardware_rate * elapsed), hardware_limit)
            inverse_software = inverse_gain(remaining(software_rate * elapsed + jumps), software_limit)
            spent = inverse_spending(
                remaining(first_run + grown), remaining(output + cap_share), 1.0 / inputs[table.CAP_USD, i]
            )
            effective = effective_compute(p0, inverse_hardware * spent * inverse_software)
            out[0, i, n] = effective
            out[1, i, n] = effective_compute(p0, inverse_hardware * spent)
            out[2, i, n] = effective_compute(p0, inverse_hardware)
            out[3, i, n] = -log10(spent)
            out[4, i, n] = output
            out[5, i, n] = -log10(inverse_software)
            out[6, i, n] = share(effective, requirement, inputs[table.GAP, i])
