"""The first moment of a draw: what it is in a lane before its first step."""

from __future__ import annotations

import math

from timecone.models.compute.components.automation import FIRST_SHARE, TAKEN_SHARE, adopted_at_start
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.crossing import note_bounds, note_levels, note_taken
from timecone.models.compute.engine.events import happen, set_paces
from timecone.models.compute.engine.features import LOOPS
from timecone.models.compute.engine.heun import (
    accept,
    find_compute,
    find_limits,
    find_share,
    respond,
    set_length,
)
from timecone.models.compute.engine.load import load
from timecone.models.compute.engine.rates import growth
from timecone.models.compute.engine.refine import TOLERANCE, dismiss
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray, IntArray


@kernel
def _adopt_at_start(work: FloatArray, lane: int, features: int) -> None:
    """Set the adopted share of the start, as if present trends without feedback had lasted for long."""
    multiplier = work[r.END + r.MULTIPLIER + lane]
    work[r.END + r.MULTIPLIER + lane] = 1.0
    rate = growth(work, lane, r.END, 0.0, features)
    work[r.END + r.MULTIPLIER + lane] = multiplier
    f = work[r.END + r.SHARE + lane]
    of_share = (1.0 - FIRST_SHARE) / work[r.GAP + lane] * rate
    work[r.END + r.ADOPTED + lane] = adopted_at_start(f, of_share, work[r.LAG + lane])


@kernel
def rest(work: FloatArray, lane: int) -> None:
    """Leave a lane without a draw: it is stepped with the others and asked nothing."""
    work[r.TOLERANCE + lane] = math.inf
    work[r.TARGET + lane] = math.inf
    work[r.NEXT_EVENT + lane] = math.inf
    work[r.COAST_FROM + lane] = math.inf
    work[r.LOOKED + lane] = 0.0
    work[r.TAKE_AT + lane] = math.inf
    work[r.ADOPTED + lane] = 0.0
    work[r.SHARE + lane] = 0.0


@kernel
def _clear(work: FloatArray, lane: int) -> None:
    work[r.DATA_DATE + lane] = math.inf
    work[r.CAP_DATE + lane] = math.inf
    work[r.COMPUTE_AT + lane] = 0.0
    work[r.BLOW_UP + lane] = 0.0
    work[r.BEYOND_RANGE + lane] = 0.0
    work[r.PREDICTED + lane] = 0.0
    work[r.COAST_FROM + lane] = math.inf
    work[r.TOLERANCE + lane] = TOLERANCE
    work[r.LOOKED + lane] = 1.0
    work[r.TAKE_AT + lane] = TAKEN_SHARE
    work[r.TAKEN_DATE + lane] = r.NOT_PASSED
    for m in range(r.MILESTONES):
        work[r.DATE + m * r.TILE + lane] = r.NOT_PASSED


@kernel
def begin(
    work: FloatArray,
    lane: int,
    i: int,
    inputs: FloatArray,
    starts: FloatArray,
    dates: FloatArray,
    start: float,
    stride: int,
    length: float,
    features: int,
) -> tuple[int, int]:
    """Put draw ``i`` into a lane: growth rates, what happens at once, what is passed already.

    ``dates`` are its breakthroughs. Returns how many breakthroughs were seen and how many levels are passed.
    """
    load(inputs, starts, i, start, features, work, lane)
    _clear(work, lane)
    set_paces(work, lane, 0.0, dates, 0)
    one = work[lane:]
    find_limits(one, 1, features)
    find_compute(one, 1, features)
    find_share(one, 1)
    respond(one, 1, features)
    _adopt_at_start(work, lane, features)
    seen = happen(work, lane, 0.0, dates, 0, features)
    accept(one, 1)
    note_bounds(work, lane, 0.0, 0.0, features)
    reached = note_levels(work, lane, 0.0, 0.0, 0, features)
    note_taken(work, lane, 0.0, 0.0)
    if features & LOOPS and reached == r.MILESTONES:
        dismiss(work, lane, 0, stride, length, features)
    set_length(one, 1, length, features)
    return seen, reached


@kernel
def begin_all(  # noqa: PLR0917 - a kernel's arguments are arrays
    work: FloatArray,
    draw: IntArray,
    inputs: FloatArray,
    starts: FloatArray,
    dates: FloatArray,
    start: float,
    stride: int,
    length: float,
    seen: IntArray,
    reached: IntArray,
    features: int,
) -> None:
    """Put a draw into every lane, or none where ``draw`` is negative; ``dates`` are of all draws."""
    for lane in range(r.TILE):
        i = draw[lane]
        if i >= 0:
            seen[lane], reached[lane] = begin(
                work, lane, i, inputs, starts, dates[i], start, stride, length, features
            )
        else:
            rest(work, lane)
