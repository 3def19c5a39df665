"""Arrays that hold one draw: constants, weights of sectors, tables of tasks, state, levels; and their rows.

A *state* is what accumulates, a *level* what follows from the state at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from timecone.schema import FloatArray, IntArray


class Economy(NamedTuple):
    """One draw, as kernels pass it on.

    Attributes
    ----------
    constants : array, shape (constants,)
        What does not change in a draw.
    sectors : array, shape (sectors, sector constants)
        Exponents and weights of production.
    tables : array, shape (kinds, tables, tasks + 2)
        Requirements of tasks.
    positions : array of int, shape (positions,)
        Where searches begin; they move it.
    state, levels : arrays, shape (states,) and (levels,)
        The economy now.
    path : array, shape (levels, steps + 1)
        Levels at every step.
    hardware : array, shape (steps + 1,)
        Best price-performance at every step.
    """

    constants: FloatArray
    sectors: FloatArray
    tables: FloatArray
    positions: IntArray
    state: FloatArray
    levels: FloatArray
    path: FloatArray
    hardware: FloatArray


#: State.
HARDWARE: Final = 0  # best price-performance, FLOP/year/USD
SOFTWARE: Final = 1
HARDWARE_INPUT: Final = 2  # adjusted cumulative research input
SOFTWARE_INPUT: Final = 3
STOCK: Final = 4  # FLOP/year
CAPITAL: Final = 5  # USD
LABOUR: Final = 6
TFP: Final = 7
FRACTION: Final = 8  # the first of them
COMPUTE_SPENDING: Final = FRACTION + 0
HARDWARE_CAPITAL: Final = FRACTION + 1
HARDWARE_LABOUR: Final = FRACTION + 2
HARDWARE_COMPUTE: Final = FRACTION + 3
SOFTWARE_LABOUR: Final = FRACTION + 4
SOFTWARE_COMPUTE: Final = FRACTION + 5
TRAINING: Final = FRACTION + 6
FRACTIONS: Final = 7
STATES: Final = FRACTION + FRACTIONS

#: Levels.
OUTPUT: Final = 0  # USD/year
HARDWARE_RESEARCH: Final = 1
SOFTWARE_RESEARCH: Final = 2
COMPUTE: Final = 3  # effective FLOP/year
RUN: Final = 4  # effective FLOP
AUTOMATED_GOODS: Final = 5
AUTOMATED_RND: Final = 6
AUTOMATABLE_GOODS: Final = 7
AUTOMATABLE_RND: Final = 8
UNTRADED: Final = 9  # share of goods tasks that can be automated without a trade-off
MULTIPLIER: Final = 10
LEVELS: Final = 11

#: Sectors, and the constants of each.
GOODS, HARDWARE_RND, SOFTWARE_RND = 0, 1, 2
SECTORS: Final = 3
PSI: Final = 0
RHO: Final = 1
OTHER_WEIGHT: Final = 2
COGNITION_WEIGHT: Final = 3
FIRST: Final = 4  # beta**sigma of task 0
EACH: Final = 5  # beta**sigma of every other task
LAST_WEIGHT: Final = 6  # beta of these
SUM_OF_WEIGHTS: Final = 7
SCALE: Final = 8  # output at the start over what the aggregate gives
SECTOR_CONSTANTS: Final = 9

#: Other constants.
RETURNS_HARDWARE: Final = 0
RETURNS_SOFTWARE: Final = 1
CEILING_HARDWARE: Final = 2
CEILING_SOFTWARE: Final = 3
START_HARDWARE: Final = 4
START_HARDWARE_INPUT: Final = 5
START_SOFTWARE_INPUT: Final = 6
PARALLELISATION: Final = 7
DELAY: Final = 8
DEPRECIATION: Final = 9
SAVINGS: Final = 10
LABOUR_GROWTH: Final = 11
TFP_GROWTH: Final = 12
TRADEOFF: Final = 13
LOG_LARGEST_TRADEOFF: Final = 14
TRIGGER: Final = 15
MONEY_CAP: Final = 16
EXPERIMENT_EXPONENT: Final = 17
TASKS: Final = 18
MONEY: Final = 19  # cost of the largest run at the start, USD
EARLY_GROWTH: Final = 20  # log2 growth of hardware per year before the start
GROWTH: Final = 21  # of fractions before the wake-up, the first of them
AWAKE: Final = GROWTH + FRACTIONS
CEILING: Final = AWAKE + FRACTIONS
CONSTANTS: Final = CEILING + FRACTIONS

#: Positions from which searches begin.
CAN_UNTRADED: Final = 0
CAN: Final = 1  # tasks that can be automated, by kind
CAPPED: Final = 3  # tasks in which a FLOP per year replaces a worker, by kind
SHARED: Final = 5  # the task that labour comes to, by sector
POSITIONS: Final = SHARED + SECTORS

#: Tables of tasks: log2 of the training requirement, of iota tau**delta, and the running sum of its power.
TRAINING_TABLE: Final = 0
WORK_TABLE: Final = 1
RUNNING_TABLE: Final = 2
TABLES: Final = 3
#: The two kinds of tasks.
OF_GOODS, OF_RND = 0, 1
KINDS: Final = 2
