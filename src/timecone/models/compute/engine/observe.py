"""Full trajectories of a few draws: the same kernel's steps, with every state written down."""

from __future__ import annotations

import numpy as np

from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.research import speed
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.extrapolate import coast
from timecone.models.compute.engine.features import HARDWARE_LOOP, SOFTWARE_LOOP
from timecone.models.compute.engine.run import next_step
from timecone.models.compute.engine.start import begin_all
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
    Observable("supply_loss", "Compute lost to supply limits", "OOM"),
    Observable("wall_loss", "Compute lost to the data wall", "OOM"),
    Observable("automation_share", "Share of tasks that AI can do", "1"),
    Observable("adopted_share", "Share of tasks that AI has taken over", "1"),
    Observable("research_multiplier", "Research labour over that of humans alone", "1"),
    Observable("software_speedup", "Speed-up of algorithmic progress", "1"),
    Observable("hardware_speedup", "Speed-up of hardware progress", "1"),
)


@kernel
def _write(work: FloatArray, lane: int, features: int, out: FloatArray) -> None:
    """Write one draw at one time, shape (observables,), from the states at a step's beginning."""
    hardware = inverse_gain(remaining(work[r.HARDWARE + lane]), work[r.HARDWARE_LIMIT + lane])
    software = inverse_gain(remaining(work[r.SOFTWARE + lane]), work[r.SOFTWARE_LIMIT + lane])
    spent = work[r.INVERSE_TREND + lane] + work[r.INVERSE_CAPS + lane]
    physical, effective = work[r.PHYSICAL + lane], work[r.EFFECTIVE + lane]
    multiplier = work[r.MULTIPLIER + lane]
    out[0] = effective
    out[1] = physical
    out[2] = -log10(hardware * work[r.INVERSE_P0 + lane])
    out[3] = -log10(spent)
    out[4] = work[r.OUTPUT + lane]
    out[5] = -log10(software)
    out[6] = min(physical - (out[2] + out[3]), 0.0)
    out[7] = min(effective - physical - out[5], 0.0)
    out[8] = work[r.SHARE + lane]
    out[9] = work[r.ADOPTED + lane]
    out[10] = multiplier
    pace = work[r.SOFTWARE_PACE + lane]
    out[11] = speed(pace, work[r.SOFTWARE_RESEARCH + lane], multiplier) if features & SOFTWARE_LOOP else pace
    pace = work[r.HARDWARE_PACE + lane]
    out[12] = speed(pace, work[r.HARDWARE_RESEARCH + lane], multiplier) if features & HARDWARE_LOOP else pace


@kernel
def _write_coasting(work: FloatArray, lane: int, length: float, out: FloatArray) -> None:
    """Write one draw at one time after its last level, shape (observables,)."""
    hardware = inverse_gain(work[r.COAST_HARDWARE + lane], work[r.HARDWARE_LIMIT + lane])
    spent = work[r.COAST_TREND + lane] + work[r.COAST_SHARE + lane] + work[r.INVERSE_CAP + lane]
    out[0] = work[r.PREDICTED + lane]
    out[1] = -log10(work[r.INVERSE_COMPUTE + lane])
    out[2] = -log10(hardware * work[r.INVERSE_P0 + lane])
    out[3] = -log10(spent)
    share = -log10(work[r.COAST_SHARE + lane])
    out[4] = share - work[r.CAP_SHARE + lane] + work[r.LOST + lane]
    out[5] = -log10(work[r.INVERSE_SOFTWARE + lane])
    out[6] = min(out[1] - (out[2] + out[3]), 0.0)
    out[7] = work[r.COAST_WALL + lane]
    out[8] = 1.0
    out[9] = 1.0 - work[r.COAST_LEFT + lane]
    out[10] = work[r.COAST_MULTIPLIER + lane]
    software = -log10(work[r.COAST_SOFTWARE + r.FACTOR + lane]) / length
    out[11] = software / work[r.SOFTWARE_RATE + lane]
    hardware = -log10(work[r.COAST_HARDWARE + r.FACTOR + lane]) / length
    out[12] = hardware / work[r.HARDWARE_RATE + lane]


@kernel
def trace(
    inputs: FloatArray,
    dates: FloatArray,
    starts: FloatArray,
    features: int,
    start: float,
    length: float,
    out: FloatArray,
) -> None:
    """Fill ``out``, shape (observables, draws, times), in the order of `OBSERVABLES`.

    The other arguments are those of the kernel.
    """
    draws = inputs.shape[1]
    work = np.zeros(r.WORKSPACE)
    reached, seen = np.empty(r.TILE, dtype=np.int64), np.empty(r.TILE, dtype=np.int64)
    draw, steps = np.empty(r.TILE, dtype=np.int64), np.empty(r.TILE, dtype=np.int64)
    for first in range(0, draws, r.TILE):
        width = min(r.TILE, draws - first)
        for lane in range(r.TILE):
            draw[lane] = first + lane if lane < width else -1
            steps[lane] = 0
        begin_all(work, draw, inputs, starts, dates, start, 1, length, seen, reached, features)
        for n in range(out.shape[2]):
            if n > 0:
                next_step(work, draw, steps, 1, length, dates, seen, reached, features)
                coast(work, n)
            for lane in range(width):
                if n >= work[r.COAST_FROM + lane]:
                    _write_coasting(work, lane, length, out[:, first + lane, n])
                else:
                    _write(work, lane, features, out[:, first + lane, n])
