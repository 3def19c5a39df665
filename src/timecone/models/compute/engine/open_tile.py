"""A tile of draws: constants and states of all lanes in one flat workspace.

All rows lie at constant offsets of one array: with separate arrays the compiler would have to prove at run
time that they do not overlap, and gives up vectorising.

Without feedback every trend grows by the same factor in every step, so the states are what the trends leave
(10**-progress, 1 / USD) and a step is a multiplication: exponentials are taken once per draw, a logarithm
only where effective compute is observed. Rounding grows by one ulp a step, 1e-13 over a century of quarters.
"""

from __future__ import annotations

import numpy as np

from timecone.models.compute import parameters as table
from timecone.models.compute.components import automation
from timecone.models.compute.components.algorithms import past_gain
from timecone.models.compute.components.algorithms import trend as software_trend
from timecone.models.compute.components.automation import level
from timecone.models.compute.components.economy import growth_rate
from timecone.models.compute.components.effective import effective_compute, inverse_effective_compute
from timecone.models.compute.components.hardware import trend as hardware_trend
from timecone.models.compute.components.headroom import (
    LEAST_LEFT,
    MOST_LEFT,
    fraction_of_limit,
    headroom_left,
    inverse_gain,
    remaining,
)
from timecone.models.compute.components.investment import inverse_spending, trend_growth
from timecone.models.compute.components.threshold import requirement_at_start
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import exp10, log10
from timecone.schema import FloatArray, IntArray

#: Lanes of a tile; as many as the bits of a flag word.
TILE = 64
MILESTONES = 3

# Offsets of a tile's rows in the workspace. First what crossings are found with: OOM and OOM per year.
P0 = 0 * TILE
HARDWARE_RATE = 1 * TILE
HARDWARE_LIMIT = 2 * TILE
ECONOMY_RATE = 3 * TILE
SPENDING_RATE = 4 * TILE
TREND_START = 5 * TILE
SHARE_START = 6 * TILE
INVERSE_CAP = 7 * TILE
TREND_END = 8 * TILE
SOFTWARE_RATE = 9 * TILE
SOFTWARE_LIMIT = 10 * TILE
JUMP = 11 * TILE
LEVEL = 12 * TILE
# Then the states and what multiplies them in a step: all of it, or the last one of the spending trend.
HARDWARE = 15 * TILE
HARDWARE_STEP = 16 * TILE
TREND = 17 * TILE
TREND_STEP = 18 * TILE
LAST_TREND_STEP = 19 * TILE
LAST_STEP = 20 * TILE
SHARE = 21 * TILE
ECONOMY_STEP = 22 * TILE
SOFTWARE = 23 * TILE
SOFTWARE_STEP = 24 * TILE
INVERSE = 25 * TILE
TARGET = 26 * TILE
# The number of the step in which each level was passed; beside it the date found, in years after the start.
STEP_OF = 27 * TILE
DATE = 30 * TILE
# Inverse effective compute at each level, and the step whose spending trend ends in a falling economy.
TARGET_OF = 33 * TILE
PEAK_STEP = 36 * TILE
EFFECTIVE = 37 * TILE
# The spending trend over either cap at the start, OOM; when it meets them, years after the start; training
# compute of the run that passes the last level, log10 FLOP.
OVER_SHARE = 38 * TILE
OVER_CAP = 39 * TILE
CAP_DATE = 40 * TILE
COMPUTE_AT = 41 * TILE
# Adoption: inverse effective compute from which AI can do anything, negative once nothing more is asked; what
# a step closes of the lag; the shares that AI can do and has taken over at the step's beginning; when a fifth
# is taken over, years after the start; the share at the step that is asked for.
ABLE_FROM = 42 * TILE
GAP = 43 * TILE
LAG = 44 * TILE
LAG_CLOSED = 45 * TILE
LAG_BEFORE = 46 * TILE
ABLE = 47 * TILE
ADOPTED = 48 * TILE
TAKEN_DATE = 49 * TILE
ADOPTED_AT = 50 * TILE
_ROWS = 51
WORKSPACE = _ROWS * TILE

#: In `STEP_OF`: not passed yet, or passed and dated already.
NOT_PASSED = -1.0
DATED = -2.0


@kernel
def load(inputs: FloatArray, first: int, start: float, work: FloatArray) -> None:
    """Fill a tile's constants; lanes past the last draw repeat it."""
    last = inputs.shape[1] - 1
    for lane in range(TILE):
        i = min(first + lane, last)
        work[P0 + lane] = log10(inputs[table.PRICE_PERFORMANCE, i])
        work[HARDWARE_RATE + lane] = hardware_trend(inputs[table.DOUBLING_TIME, i])
        stated, year = inputs[table.HARDWARE_HEADROOM, i], inputs[table.HARDWARE_HEADROOM_YEAR, i]
        left = headroom_left(stated, work[HARDWARE_RATE + lane], start, year)
        work[HARDWARE_LIMIT + lane] = fraction_of_limit(left)
        work[ECONOMY_RATE + lane] = growth_rate(inputs[table.ECONOMY_GROWTH, i])
        work[SPENDING_RATE + lane] = log10(inputs[table.INVESTMENT_GROWTH, i])
        work[TREND_START + lane] = log10(inputs[table.LARGEST_RUN, i])
        work[SHARE_START + lane] = log10(inputs[table.OUTPUT, i]) + log10(inputs[table.CAP_SHARE, i])
        work[INVERSE_CAP + lane] = 1.0 / inputs[table.CAP_USD, i]
        work[TREND_END + lane] = inputs[table.LIFETIME, i]
        work[SOFTWARE_RATE + lane] = software_trend(inputs[table.HALVING_TIME, i])
        past = software_trend(inputs[table.HALVING_TIME_PAST, i])
        stated, year = inputs[table.SOFTWARE_HEADROOM, i], inputs[table.SOFTWARE_HEADROOM_YEAR, i]
        work[SOFTWARE_LIMIT + lane] = fraction_of_limit(headroom_left(stated, past, start, year))
        work[JUMP + lane] = inputs[table.BREAKTHROUGH_SIZE, i]
        gain = past_gain(inputs[table.HALVING_TIME_PAST, i], start, inputs[table.REFERENCE_YEAR, i])
        requirement = requirement_at_start(
            inputs[table.REQUIREMENT, i], inputs[table.NEURON_COMPLEXITY, i], gain
        )
        gap = inputs[table.GAP, i]
        work[LEVEL + lane] = level(automation.FIRST_SHARE, requirement, gap)
        work[LEVEL + TILE + lane] = level(automation.MIDDLE_SHARE, requirement, gap)
        work[LEVEL + 2 * TILE + lane] = requirement
        work[GAP + lane] = gap
        work[LAG + lane] = inputs[table.ADOPTION_LAG, i]


@kernel
def prepare(work: FloatArray, step: float) -> None:
    """Set the states to the start, and what multiplies them in a step of so many years."""
    for lane in range(TILE):
        work[HARDWARE + lane] = 1.0
        work[HARDWARE_STEP + lane] = remaining(work[HARDWARE_RATE + lane] * step)
        work[SOFTWARE + lane] = 1.0
        work[SOFTWARE_STEP + lane] = remaining(work[SOFTWARE_RATE + lane] * step)
        work[TREND + lane] = remaining(work[TREND_START + lane])
        work[TREND_STEP + lane] = remaining(work[SPENDING_RATE + lane] * step)
        work[SHARE + lane] = remaining(work[SHARE_START + lane])
        work[ECONOMY_STEP + lane] = remaining(work[ECONOMY_RATE + lane] * step)
        whole = float(int(min(work[TREND_END + lane] / step, 1e9)))
        work[LAST_STEP + lane] = whole
        last = trend_growth(
            whole * step,
            step,
            work[TREND_END + lane],
            work[SPENDING_RATE + lane],
            work[ECONOMY_RATE + lane],
        )
        work[LAST_TREND_STEP + lane] = remaining(last)
        work[PEAK_STEP + lane] = whole + 1.0 if work[ECONOMY_RATE + lane] < 0.0 else NOT_PASSED
        for m in range(MILESTONES):
            level_of = work[LEVEL + m * TILE + lane]
            work[TARGET_OF + m * TILE + lane] = inverse_effective_compute(work[P0 + lane], level_of)
            work[STEP_OF + m * TILE + lane] = NOT_PASSED
        work[TARGET + lane] = work[TARGET_OF + lane]
        able_from = level(0.0, work[LEVEL + 2 * TILE + lane], work[GAP + lane])
        work[ABLE_FROM + lane] = inverse_effective_compute(work[P0 + lane], able_from)
        closed = automation.lag_closed(step, work[LAG + lane])
        work[LAG_CLOSED + lane] = closed
        work[LAG_BEFORE + lane] = automation.weight_before(step, work[LAG + lane], closed)
        work[ABLE + lane] = 0.0
        work[ADOPTED + lane] = 0.0
        work[ADOPTED_AT + lane] = 0.0
        work[TAKEN_DATE + lane] = np.inf


@kernel
def measure(work: FloatArray, step_number: float) -> np.uint64:
    """Compute inverse effective compute; return a bit for every lane that needs a closer look.

    Those at or past their next level, those in which AI does something and has not taken over a fifth of the
    tasks, and those whose spending trend ended inside the step while the economy shrinks: there effective
    compute may have peaked between two steps.
    """
    flags = np.uint64(0)
    for lane in range(TILE):
        inverse = (
            inverse_gain(work[HARDWARE + lane], work[HARDWARE_LIMIT + lane])
            * inverse_spending(work[TREND + lane], work[SHARE + lane], work[INVERSE_CAP + lane])
            * inverse_gain(work[SOFTWARE + lane], work[SOFTWARE_LIMIT + lane])
        )
        work[INVERSE + lane] = inverse
        flag = (inverse <= work[TARGET + lane]) | (work[PEAK_STEP + lane] == step_number)
        flag |= (inverse <= work[ABLE_FROM + lane]) | (work[ADOPTED + lane] > 0.0)
        flags |= np.uint64(flag) << np.uint64(lane)
    return flags


@kernel
def observe(work: FloatArray, width: int, out: FloatArray) -> None:
    """Write effective compute of the first lanes, log10 FLOP."""
    # Into the tile first: a row of the block may be strided, and the logarithms must vectorise.
    for lane in range(TILE):
        work[EFFECTIVE + lane] = effective_compute(work[P0 + lane], work[INVERSE + lane])
    for lane in range(width):
        out[lane] = work[EFFECTIVE + lane]


@kernel
def advance(work: FloatArray, step_number: float) -> None:
    """Move the states of all lanes through step 1, 2, ..."""
    for lane in range(TILE):
        # All three are read first: a read that depends on a condition would keep the loop scalar.
        growing, ending, ended = (
            work[TREND_STEP + lane],
            work[LAST_TREND_STEP + lane],
            work[ECONOMY_STEP + lane],
        )
        last = work[LAST_STEP + lane]
        factor = growing if step_number <= last else ending
        factor = factor if step_number <= last + 1.0 else ended
        trend = work[TREND + lane] * factor
        work[TREND + lane] = min(max(trend, LEAST_LEFT), MOST_LEFT)
        share = work[SHARE + lane] * ended
        work[SHARE + lane] = min(max(share, LEAST_LEFT), MOST_LEFT)
        work[HARDWARE + lane] = max(work[HARDWARE + lane] * work[HARDWARE_STEP + lane], LEAST_LEFT)
        work[SOFTWARE + lane] = max(work[SOFTWARE + lane] * work[SOFTWARE_STEP + lane], LEAST_LEFT)


@kernel
def jump(work: FloatArray, width: int, elapsed: float, dates: FloatArray, seen: IntArray) -> None:
    """Add the breakthroughs up to ``elapsed``; ``seen`` counts those of each lane.

    ``dates`` has shape (lanes, events).
    """
    for lane in range(width):
        while seen[lane] < dates.shape[1] and dates[lane, seen[lane]] <= elapsed:
            left = work[SOFTWARE + lane] * exp10(-work[JUMP + lane])
            work[SOFTWARE + lane] = max(left, LEAST_LEFT)
            seen[lane] += 1
