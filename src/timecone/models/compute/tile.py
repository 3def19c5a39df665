"""A tile of draws: constants and states of all lanes in one flat workspace.

All rows lie at constant offsets of one array: with separate arrays the compiler would have to prove at run
time that they do not overlap, and gives up vectorising.
"""

from __future__ import annotations

from timecone.models.compute import automation, table
from timecone.models.compute.algorithms import past_gain
from timecone.models.compute.algorithms import trend as software_trend
from timecone.models.compute.automation import level
from timecone.models.compute.economy import growth_rate
from timecone.models.compute.effective import effective_compute
from timecone.models.compute.hardware import trend as hardware_trend
from timecone.models.compute.headroom import fraction_of_limit, inverse_gain
from timecone.models.compute.investment import inverse_spending, trend_growth
from timecone.models.compute.threshold import requirement_at_start
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray, IntArray

TILE = 64
MILESTONES = 3

# Offsets of a tile's rows in the workspace.
P0 = 0 * TILE
HARDWARE_RATE = 1 * TILE
HARDWARE_LIMIT = 2 * TILE
ECONOMY_RATE = 3 * TILE
SPENDING_RATE = 4 * TILE
SHARE = 5 * TILE
INVERSE_CAP = 6 * TILE
TREND_END = 7 * TILE
SOFTWARE_RATE = 8 * TILE
SOFTWARE_LIMIT = 9 * TILE
HARDWARE = 10 * TILE
TREND = 11 * TILE
ECONOMY = 12 * TILE
SOFTWARE = 13 * TILE
EFFECTIVE = 14 * TILE
TARGET = 15 * TILE
JUMP = 16 * TILE
LEVEL = 17 * TILE
WORKSPACE = (17 + MILESTONES) * TILE


@kernel
def load(inputs: FloatArray, first: int, start: float, work: FloatArray) -> None:
    """Fill a tile's constants and initial states; lanes past the last draw repeat it."""
    last = inputs.shape[1] - 1
    for lane in range(TILE):
        i = min(first + lane, last)
        work[P0 + lane] = log10(inputs[table.PRICE_PERFORMANCE, i])
        work[HARDWARE_RATE + lane] = hardware_trend(inputs[table.DOUBLING_TIME, i])
        work[HARDWARE_LIMIT + lane] = fraction_of_limit(inputs[table.HARDWARE_HEADROOM, i])
        work[ECONOMY_RATE + lane] = growth_rate(inputs[table.ECONOMY_GROWTH, i])
        work[SPENDING_RATE + lane] = log10(inputs[table.INVESTMENT_GROWTH, i])
        work[SHARE + lane] = log10(inputs[table.CAP_SHARE, i])
        work[INVERSE_CAP + lane] = 1.0 / inputs[table.CAP_USD, i]
        work[TREND_END + lane] = inputs[table.LIFETIME, i]
        work[SOFTWARE_RATE + lane] = software_trend(inputs[table.HALVING_TIME, i])
        work[SOFTWARE_LIMIT + lane] = fraction_of_limit(inputs[table.SOFTWARE_HEADROOM, i])
        work[HARDWARE + lane] = 0.0
        work[TREND + lane] = log10(inputs[table.LARGEST_RUN, i])
        work[ECONOMY + lane] = log10(inputs[table.OUTPUT, i])
        work[SOFTWARE + lane] = 0.0
        work[JUMP + lane] = inputs[table.BREAKTHROUGH_SIZE, i]
        gain = past_gain(inputs[table.HALVING_TIME_PAST, i], start, inputs[table.REFERENCE_YEAR, i])
        requirement = requirement_at_start(inputs[table.REQUIREMENT, i], gain)
        gap = inputs[table.GAP, i]
        work[LEVEL + lane] = level(automation.FIRST_SHARE, requirement, gap)
        work[LEVEL + TILE + lane] = level(automation.MIDDLE_SHARE, requirement, gap)
        work[LEVEL + 2 * TILE + lane] = requirement
        work[TARGET + lane] = work[LEVEL + lane]


@kernel
def measure(work: FloatArray) -> int:
    """Compute effective compute of all lanes; return how many are at or above their next level."""
    crossed = 0
    for lane in range(TILE):
        effective = effective_compute(
            work[P0 + lane],
            inverse_gain(work[HARDWARE + lane], work[HARDWARE_LIMIT + lane]),
            inverse_spending(
                work[TREND + lane],
                work[SHARE + lane],
                work[ECONOMY + lane],
                work[INVERSE_CAP + lane],
            ),
            inverse_gain(work[SOFTWARE + lane], work[SOFTWARE_LIMIT + lane]),
        )
        work[EFFECTIVE + lane] = effective
        crossed += effective >= work[TARGET + lane]
    return crossed


@kernel
def advance(work: FloatArray, elapsed: float, step: float) -> None:
    """Move the states of all lanes one step on."""
    for lane in range(TILE):
        work[TREND + lane] += trend_growth(
            elapsed,
            step,
            work[TREND_END + lane],
            work[SPENDING_RATE + lane],
            work[ECONOMY_RATE + lane],
        )
        work[HARDWARE + lane] += work[HARDWARE_RATE + lane] * step
        work[ECONOMY + lane] += work[ECONOMY_RATE + lane] * step
        work[SOFTWARE + lane] += work[SOFTWARE_RATE + lane] * step


@kernel
def jump(work: FloatArray, width: int, elapsed: float, dates: FloatArray, seen: IntArray) -> None:
    """Add the breakthroughs up to ``elapsed``; ``seen`` counts those of each lane.

    ``dates`` has shape (lanes, events).
    """
    for lane in range(width):
        while seen[lane] < dates.shape[1] and dates[lane, seen[lane]] <= elapsed:
            work[SOFTWARE + lane] += work[JUMP + lane]
            seen[lane] += 1
