"""Trajectories of a few draws: the engine's own steps, with every state written down."""

from __future__ import annotations

import numpy as np

from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.investment import inverse_spending
from timecone.models.compute.engine import layout
from timecone.models.compute.engine.extrapolate import extrapolate, extrapolated_spending
from timecone.models.compute.engine.layout import (
    EXTRAPOLATION,
    FACTOR,
    GEOMETRIC,
    HARDWARE,
    HARDWARE_LOOP,
    NOW,
    PASSING,
    PRICE,
    SOFTWARE,
    SOFTWARE_LOOP,
    SPENDING,
    TILE,
    WORKSPACE,
)
from timecone.models.compute.engine.rates import research_rate
from timecone.models.compute.engine.run import empty_lanes, next_step
from timecone.models.compute.engine.start import clear_lane, start_lane
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray, Grid, Observable, Threshold

OBSERVABLES = (
    Observable(
        "effective_compute",
        "Effective compute of the largest run",
        "log10 FLOP",
        grid=Grid(low=0.0, width=0.02, bins=7000),
        threshold=Threshold("requirement", "Effective compute that transformative AI needs, log10 FLOP"),
        note="FLOP with the algorithms of {start:g}.",
    ),
    Observable("training_compute", "Training compute of the largest run", "log10 FLOP"),
    Observable("price_performance", "Price-performance", "log10 FLOP/USD", factor="hardware"),
    Observable("spending", "Cost of the largest run", "log10 USD", factor="investment"),
    Observable("output", "Gross world product", "log10 USD"),
    Observable("algorithmic_gain", "Algorithmic gain since the start", "OOM", factor="algorithms"),
    Observable("supply_loss", "Compute lost to supply limits", "OOM", factor="supply"),
    Observable("wall_loss", "Compute lost to the data wall", "OOM", factor="data_wall"),
    Observable("automation_share", "Share of tasks that AI can do", "1"),
    Observable("adopted_share", "Share of tasks that AI has taken over", "1"),
    Observable("research_multiplier", "Research labour over that of humans alone", "1"),
    Observable("software_speedup", "Speed-up of algorithmic progress", "1"),
    Observable("hardware_speedup", "Speed-up of hardware progress", "1"),
)


@kernel
def _write_factors(
    out: FloatArray,
    effective: float,
    physical: float,
    inverse_price: float,
    inverse_spent: float,
    inverse_software: float,
) -> None:
    """Write effective compute, log10 FLOP, and what it is made of."""
    out[0] = effective
    out[1] = physical
    out[2] = -log10(inverse_price)
    out[3] = -log10(inverse_spent)
    out[5] = -log10(inverse_software)
    out[6] = min(physical - (out[2] + out[3]), 0.0)
    out[7] = min(effective - physical - out[5], 0.0)


@kernel
def _write(work: FloatArray, lane: int, features: int, out: FloatArray) -> None:
    """Write one draw at one time, shape (observables,), from the states at a step's beginning."""
    hardware = inverse_gain(remaining(work[NOW.hardware.progress + lane]), work[HARDWARE.limit + lane])
    software = inverse_gain(remaining(work[NOW.software.progress + lane]), work[SOFTWARE.limit + lane])
    spent = inverse_spending(work[NOW.inverse_trend + lane], work[NOW.inverse_caps + lane])
    price = hardware * work[PRICE.inverse + lane]
    _write_factors(out, work[NOW.effective + lane], work[NOW.physical + lane], price, spent, software)
    multiplier = work[NOW.multiplier + lane]
    out[4] = work[NOW.output + lane]
    out[8] = work[NOW.share + lane]
    out[9] = work[NOW.adopted + lane]
    out[10] = multiplier
    out[11] = research_rate(work, lane, 1.0, SOFTWARE, NOW.software, multiplier, features & SOFTWARE_LOOP)
    out[12] = research_rate(work, lane, 1.0, HARDWARE, NOW.hardware, multiplier, features & HARDWARE_LOOP)


@kernel
def _write_extrapolated(work: FloatArray, lane: int, length: float, out: FloatArray) -> None:
    """Write one draw at one time after its last level, shape (observables,)."""
    hardware = inverse_gain(work[GEOMETRIC.hardware + lane], work[HARDWARE.limit + lane])
    price = hardware * work[PRICE.inverse + lane]
    effective, physical = work[PASSING.predicted + lane], -log10(work[PASSING.inverse_compute + lane])
    software = work[PASSING.inverse_software + lane]
    _write_factors(out, effective, physical, price, extrapolated_spending(work, lane), software)
    share = -log10(work[GEOMETRIC.share + lane])
    out[4] = share - work[SPENDING.cap_share + lane] + work[NOW.lost + lane]
    out[7] = work[EXTRAPOLATION.wall + lane]
    out[8] = 1.0
    out[9] = 1.0 - work[GEOMETRIC.left + lane]
    out[10] = work[EXTRAPOLATION.multiplier + lane]
    rate = -log10(work[FACTOR.software + lane]) / length
    out[11] = rate / work[SOFTWARE.rate + lane]
    rate = -log10(work[FACTOR.hardware + lane]) / length
    out[12] = rate / work[HARDWARE.rate + lane]


@kernel
def trace(
    inputs: FloatArray,
    breakthroughs: FloatArray,
    starts: FloatArray,
    features: int,
    start: float,
    length: float,
    out: FloatArray,
) -> None:
    """Fill ``out``, shape (observables, draws, times), in the order of `OBSERVABLES`.

    The other arguments are those of `run.run_tiles`.
    """
    draws, stride = inputs.shape[1], layout.EVERY_STEP
    work, lanes = np.zeros(WORKSPACE), empty_lanes()
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        for lane in range(TILE):
            if lane < width:
                lanes.draw[lane] = first + lane
                start_lane(work, lane, lanes, inputs, starts, breakthroughs, start, stride, length, features)
            else:
                clear_lane(work, lane)
        for n in range(out.shape[2]):
            if n > 0:
                next_step(work, lanes, stride, length, breakthroughs, features)
                extrapolate(work, n)
            for lane in range(width):
                if n >= work[EXTRAPOLATION.since + lane]:
                    _write_extrapolated(work, lane, length, out[:, first + lane, n])
                else:
                    _write(work, lane, features, out[:, first + lane, n])
