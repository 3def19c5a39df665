"""The workspace of a tile: where every constant and state of its lanes lies.

All rows lie at constant offsets of one flat array: with separate arrays the compiler would have to prove at
run time that they do not overlap, and gives up vectorising. A row has one number per lane.
"""

from __future__ import annotations

from itertools import count
from typing import Final

#: Lanes of a tile; as many as the bits of a flag word.
TILE: Final = 64
MILESTONES: Final = 3

_row = count(step=TILE)

#: Hardware and algorithms share their laws: a row of algorithms lies so far behind hardware's of that name.
OF_HARDWARE: Final = 0
OF_SOFTWARE: Final = TILE

# What a draw starts from and what its trends are: OOM and OOM per year unless said otherwise.
INVERSE_P0: Final = next(_row)  # 10**-p0, USD/FLOP
HARDWARE_RATE: Final = next(_row)
SOFTWARE_RATE: Final = next(_row)
HARDWARE_LIMIT: Final = next(_row)  # 10**-headroom
SOFTWARE_LIMIT: Final = next(_row)
HARDWARE_RETURNS: Final = next(_row)
SOFTWARE_RETURNS: Final = next(_row)
ECONOMY_RATE: Final = next(_row)
BOOST: Final = next(_row)
TREND_RATE: Final = next(_row)
WAKEUP_SHARE: Final = next(_row)
WAKEUP_RATE: Final = next(_row)
CAP_SHARE: Final = next(_row)
INVERSE_CAP: Final = next(_row)  # 1/USD
POWER: Final = next(_row)
POWER_SLOPE: Final = next(_row)
CHIPS: Final = next(_row)
CHIPS_SLOPE: Final = next(_row)
LATENCY: Final = next(_row)
LATENCY_SLOPE: Final = next(_row)
PRESENT: Final = next(_row)  # FLOP that no limit binds
MATCHED: Final = next(_row)  # log10 C_D at the start
MATCHED_SLOPE: Final = next(_row)
ALPHA: Final = next(_row)
BETA: Final = next(_row)
BINDING: Final = next(_row)
REQUIREMENT: Final = next(_row)
GAP: Final = next(_row)
LAG: Final = next(_row)
SUBSTITUTION: Final = next(_row)
TOTAL_POWER: Final = next(_row)  # lambda / rho
WORKFORCE: Final = next(_row)

# When events happen, years after the start, and what they do.
TREND_END: Final = next(_row)
SUPPLY_START: Final = next(_row)
SUPPLY_END: Final = next(_row)
SETBACK: Final = next(_row)
PAUSE_START: Final = next(_row)
PAUSE_END: Final = next(_row)
PAUSE_PACE: Final = next(_row)
WINTER_START: Final = next(_row)
FALL: Final = next(_row)  # 10**depth
JUMP: Final = next(_row)

# What holds between two events: paces of hardware, algorithms, spending; whether the spending trend lasts.
HARDWARE_PACE: Final = next(_row)
SOFTWARE_PACE: Final = next(_row)
SPENDING_PACE: Final = next(_row)
ALIVE: Final = next(_row)
NEXT_EVENT: Final = next(_row)

# What a step of the present length closes of a distance, or leaves; see `research` and `automation`.
HARDWARE_CLOSED: Final = next(_row)
SOFTWARE_CLOSED: Final = next(_row)
LAG_CLOSED: Final = next(_row)
LAG_BEFORE: Final = next(_row)

# States at the beginning of a step.
STATES: Final = next(_row)
HARDWARE: Final = STATES  # unlimited progress
SOFTWARE: Final = next(_row)
HARDWARE_RESEARCH: Final = next(_row)  # w
SOFTWARE_RESEARCH: Final = next(_row)
TREND: Final = next(_row)  # log10 USD
OUTPUT: Final = next(_row)  # log10 USD
LOST: Final = next(_row)  # growth of the cap that a pause withholds until its end
SHARE: Final = next(_row)  # f
ADOPTED: Final = next(_row)  # u
MULTIPLIER: Final = next(_row)  # m
TREND_GROWTH: Final = next(_row)
OUTPUT_GROWTH: Final = next(_row)
EFFECTIVE: Final = next(_row)
PHYSICAL: Final = next(_row)  # log10 FLOP
EXCESS: Final = next(_row)  # log10 C / C_D
INVERSE_TREND: Final = next(_row)
INVERSE_CAPS: Final = next(_row)
_after = next(_row)

#: The same states at a step's end lie this much further on.
END: Final = _after - STATES
STATE_ROWS: Final = END // TILE
for _ in range(STATE_ROWS - 1):
    next(_row)

#: Time at the step's end, years after the start: every lane has its own.
ELAPSED: Final = next(_row)

# Passing results of a step.
INVERSE_FIXED: Final = next(_row)  # sum of 1 / C_k of power and latency
INVERSE_CHIPS: Final = next(_row)  # 1 / C_k of chips, without research
INVERSE_LIMITS: Final = next(_row)  # sum of 1 / C_k
INVERSE_COMPUTE: Final = next(_row)
INVERSE_SOFTWARE: Final = next(_row)
PREDICTED: Final = next(_row)

# What is looked for, and what was found: years after the start.
TARGET: Final = next(_row)
TOLERANCE: Final = next(_row)
LOOKED: Final = next(_row)  # whether bounds still matter
LEVEL: Final = next(_row)
_level_2, _level_3 = next(_row), next(_row)
DATE: Final = next(_row)
_date_2, _date_3 = next(_row), next(_row)
TAKE_AT: Final = next(_row)  # adopted share to look for; +inf once it is dated
TAKEN_DATE: Final = next(_row)
DATA_DATE: Final = next(_row)
CAP_DATE: Final = next(_row)
COMPUTE_AT: Final = next(_row)  # log10 FLOP of the run that passes the last level
BLOW_UP: Final = next(_row)
BEYOND_RANGE: Final = next(_row)  # whether a state has met its numerical bound before the last level

# After the last level: the number of the observation from which a lane coasts, what it has then, and what
# multiplies that from one observation to the next; see `coasting`.
COAST_FROM: Final = next(_row)
COAST: Final = next(_row)
COAST_HARDWARE: Final = COAST  # 10**-progress
COAST_SOFTWARE: Final = next(_row)
COAST_TREND: Final = next(_row)  # 1/USD
COAST_SHARE: Final = next(_row)  # 1/USD
COAST_LIMITS: Final = next(_row)  # sum of 1 / C_k
COAST_LEFT: Final = next(_row)  # 1 - u
_after_coast = next(_row)
#: What multiplies each of these lies this much further on.
FACTOR: Final = _after_coast - COAST
COAST_ROWS: Final = FACTOR // TILE
for _ in range(COAST_ROWS - 1):
    next(_row)
COAST_WALL: Final = next(_row)  # OOM lost to the wall
COAST_MULTIPLIER: Final = next(_row)

WORKSPACE: Final = next(_row)

#: In `DATE`: not passed.
NOT_PASSED: Final = float("inf")
