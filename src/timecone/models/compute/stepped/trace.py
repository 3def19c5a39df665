"""Full trajectories of a few draws: the same kernel's steps, with every state written down."""

from __future__ import annotations

import numpy as np

from timecone.models.compute.headroom import inverse_gain, remaining
from timecone.models.compute.research import speed
from timecone.models.compute.stepped import rows as r
from timecone.models.compute.stepped.features import HARDWARE_LOOP, SOFTWARE_LOOP
from timecone.models.compute.stepped.kernel import begin_tile, next_step
from timecone.models.compute.stepped.load import load
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
    reached = np.empty(r.TILE, dtype=np.int64)
    seen = np.empty(r.TILE, dtype=np.int64)
    for first in range(0, draws, r.TILE):
        width = min(r.TILE, draws - first)
        rows = slice(first, first + width)
        load(inputs, starts, first, start, features, work)
        for n in range(out.shape[2]):
            if n == 0:
                begin_tile(work, width, length, dates[rows], seen, reached, features)
            else:
                next_step(work, width, n, length, dates[rows], seen, reached, features)
            for lane in range(width):
                _write(work, lane, features, out[:, first + lane, n])
