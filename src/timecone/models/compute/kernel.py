"""The compute model's kernel: tiles of draws stepped through time together.

Time is the outer loop and the draws of a tile the inner one, so that the compiler turns scalar component
functions into vector instructions; what is rare (a level passed, a breakthrough) is done lane by lane.

The states are the unlimited progress of hardware and algorithms, the uncapped trend of spending and the
output of the economy, all in OOM. Without feedback they grow linearly (spending in two pieces), and every
limit is a closed form of them, so a step of any length is exact and the crossing inside a step is found to
rounding.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.crossing import close, settle
from timecone.models.compute.tile import EFFECTIVE, TARGET, TILE, WORKSPACE, advance, jump, load, measure
from timecone.numerics.compiled import kernel
from timecone.schema import ByteArray, FloatArray, IntArray


@kernel
def _step_lanes(
    work: FloatArray,
    width: int,
    elapsed: float,
    step: float,
    start: float,
    dates: FloatArray,
    seen: IntArray,
    reached: IntArray,
    arrival: FloatArray,
    status: ByteArray,
) -> None:
    """Settle the lanes of a tile that have passed a level; dates, arrival and status are the tile's rows."""
    for lane in range(width):
        if work[EFFECTIVE + lane] >= work[TARGET + lane]:
            reached[lane] = settle(
                work,
                lane,
                reached[lane],
                elapsed,
                step,
                start,
                dates[lane],
                seen[lane],
                arrival[lane],
                status[lane],
            )


@kernel
def run_tiles(
    inputs: FloatArray,
    dates: FloatArray,
    start: float,
    horizon: float,
    step: float,
    steps: int,
    stride: int,
    arrival: FloatArray,
    status: ByteArray,
    observed: FloatArray,
) -> None:
    """Run all draws of a block.

    Parameters
    ----------
    inputs : array, shape (parameters, draws)
        Natural values in the model's units.
    dates : array, shape (draws, events)
        Times of breakthroughs since the start, increasing; no events where there are none.
    start, horizon, step : float
        Time grid, years.
    steps, stride : int
        Number of steps, and steps between observations.
    arrival, status : arrays, shape (draws, milestones)
        Filled with dates and `Status`.
    observed : array, shape (times, draws)
        Filled with effective compute, log10 FLOP.
    """
    draws = inputs.shape[1]
    events = dates.shape[1]
    work = np.empty(WORKSPACE)
    reached = np.empty(TILE, dtype=np.int64)
    seen = np.empty(TILE, dtype=np.int64)
    for first in range(0, draws, TILE):
        width = min(TILE, draws - first)
        rows = slice(first, first + width)
        load(inputs, first, start, work)
        reached[:] = 0
        seen[:] = 0
        for n in range(steps + 1):
            elapsed = n * step
            if n > 0:
                advance(work, (n - 1) * step, step)
                if events > 0:
                    jump(work, width, elapsed, dates[rows], seen)
            if measure(work) > 0:
                _step_lanes(
                    work,
                    width,
                    elapsed,
                    step,
                    start,
                    dates[rows],
                    seen,
                    reached,
                    arrival[rows],
                    status[rows],
                )
            if n % stride == 0:
                observed[n // stride, rows] = work[EFFECTIVE : EFFECTIVE + width]
        for lane in range(width):
            failed = (events > 0 and seen[lane] == events) or not math.isfinite(work[EFFECTIVE + lane])
            close(failed, horizon, reached[lane], arrival[first + lane], status[first + lane])
