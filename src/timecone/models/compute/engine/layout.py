"""Layout of a tile's workspace: where every constant, state and result of its lanes lies.

A tile is 64 draws that are computed together, one per lane. Its workspace is one flat array of rows, each
with one number per lane: ``work[NOW.share + lane]`` is a lane's automation share at the beginning of a step.
Rows are grouped in named tuples of their offsets, which the compiler takes as constants; with separate arrays
it would have to prove at run time that they do not overlap, and gives up vectorising.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Final, NamedTuple, cast

from timecone.models.compute.engine.milestone import LEVELS
from timecone.models.compute.parameters import BIT, ROW

#: Lanes of a tile; as many as the bits of a flag word.
TILE: Final = 64

# As attributes, ``layout.FIRST``, where a bare number would be a literal to Numba: it compiles what is called
# once more for every literal.
#: The first step, level or breakthrough.
FIRST: Final = 0
#: Steps between observations of a trajectory.
EVERY_STEP: Final = 1

# What is switched on, as bits of one number.
HARDWARE_LOOP: Final = BIT["hardware_feedback"]
SOFTWARE_LOOP: Final = BIT["software_feedback"]
INVESTMENT_LOOP: Final = BIT["investment_feedback"]
OUTPUT_LOOP: Final = BIT["output_feedback"]
WALL: Final = BIT["data_wall"]
LIMITS: Final = BIT["supply_limits"]
POWER_LOOP: Final = BIT["power_feedback"]
RESEARCH_LOOPS: Final = HARDWARE_LOOP | SOFTWARE_LOOP
LOOPS: Final = RESEARCH_LOOPS | INVESTMENT_LOOP | OUTPUT_LOOP


class Efficiency(NamedTuple):
    """Constants of hardware or algorithms: OOM and OOM per year unless said otherwise."""

    rate: int
    limit: int  # 10**-headroom
    returns: int
    pace: int  # share of the rate that holds until the next event
    closed: int  # what a step closes of the distance of research from its target; see `research`


class Price(NamedTuple):
    """Price-performance at the start."""

    log: int  # log10 FLOP/USD
    inverse: int  # USD/FLOP


class Spending(NamedTuple):
    """Constants of spending."""

    rate: int  # OOM/year
    wakeup_share: int
    wakeup_rate: int  # OOM/year
    cap_share: int  # log10 of a share of output
    inverse_cap: int  # 1/USD
    pace: int  # 0 in a pause, else 1
    lasts: int  # 1 until the trend ends, then 0


class Economy(NamedTuple):
    """Growth of output, OOM per year."""

    rate: int
    boost: int


class Supply(NamedTuple):
    """Supply limits at the start, log10 FLOP, and their growth, OOM per year."""

    power: int
    power_slope: int
    chips: int
    chips_slope: int
    latency: int
    latency_slope: int
    present: int  # FLOP of the present run, which no limit binds
    elasticity: int  # of energy efficiency with respect to price-performance


class Data(NamedTuple):
    """Constants of the data wall."""

    matched: int  # log10 C_D at the start
    matched_slope: int
    alpha: int
    beta: int
    binding: int


class Automation(NamedTuple):
    """Constants of automation and adoption."""

    requirement: int
    gap: int
    lag: int
    closed: int  # what a step closes of the lag, and the weight of its beginning; see `automation`
    before: int


class Labour(NamedTuple):
    """Constants of research labour."""

    substitution: int
    power: int  # lambda / rho
    workforce: int


class Events(NamedTuple):
    """When events happen, years after the start, and what they do."""

    trend_end: int
    supply_start: int
    supply_end: int
    setback: int
    pause_start: int
    pause_end: int
    pause_pace: int
    winter_start: int
    fall: int  # 10**depth
    jump: int
    next: int


class Progress(NamedTuple):
    """State of hardware or algorithms."""

    progress: int  # unlimited progress since the start, OOM
    research: int  # w, cumulative research over its trend


class State(NamedTuple):
    """State of a draw at one end of a step, and its growth there."""

    hardware: Progress
    software: Progress
    trend: int  # log10 USD
    output: int  # log10 USD
    lost: int  # growth of the cap that a pause withholds until its end
    share: int  # f
    adopted: int  # u
    multiplier: int  # m
    trend_growth: int
    output_growth: int
    effective: int  # log10 FLOP
    physical: int  # log10 FLOP
    excess: int  # log10 C / C_D
    inverse_trend: int  # 1/USD
    inverse_caps: int  # 1/USD


class Passing(NamedTuple):
    """Results that only the present step needs."""

    elapsed: int  # time at the step's end, years after the start: every lane has its own
    inverse_power: int  # 1 / C_k of power, without research
    inverse_latency: int
    inverse_fixed: int  # sum of 1 / C_k of power and latency
    inverse_chips: int  # 1 / C_k of chips, without research
    inverse_limits: int  # sum of 1 / C_k
    inverse_compute: int
    inverse_software: int
    predicted: int  # effective compute before the correction


class Search(NamedTuple):
    """What is looked for in a lane."""

    target: int
    tolerance: int  # OOM; +inf: steps are not refined
    bounds: int  # 1 while the dates of wall and cap still matter
    adoption: int  # adopted share to look for; +inf once it is dated


class Result(NamedTuple):
    """What is known of a draw: dates in years after the start."""

    adoption_date: int
    wall_date: int
    cap_date: int
    compute_at: int  # log10 FLOP of the run that passes the last level
    blow_up: int
    beyond_range: int  # whether a state has met its numerical bound before the last level


class Geometric(NamedTuple):
    """States that are multiplied by a constant factor from one time to the next."""

    hardware: int  # 10**-progress
    software: int
    trend: int  # 1/USD
    share: int  # 1/USD
    limits: int  # sum of 1 / C_k
    left: int  # 1 - u


class Extrapolation(NamedTuple):
    """What an extrapolated draw needs besides its geometric states."""

    since: int  # the number of the observation from which it is extrapolated; +inf: it is integrated
    wall: int  # OOM lost to the wall
    multiplier: int


class OpenLoop(NamedTuple):
    """What only the open loop needs."""

    trend_start: int  # log10 USD
    share_start: int  # log10 USD
    last_trend_factor: int  # multiplies the trend in the step in which it ends, after step `last_step`
    last_step: int
    economy_factor: int
    inverse: int  # inverse of what multiplies price-performance at the start
    target: int  # the same at the next level
    peak_step: int  # the step in which the trend ends in a shrinking economy
    effective: int
    over_share: int  # the spending trend over either cap at the start, OOM
    over_cap: int
    able_from: int  # inverse from which AI can do anything; negative once nothing more is asked
    able: int
    adopted: int
    adopted_at: int  # adopted share at the step that is asked for


_row = count(step=TILE)


def _rows[T](group: Callable[..., T]) -> T:
    """Return the next free rows for the fields of a group."""
    kinds = {"hardware": Progress, "software": Progress} if group is State else {}
    names = cast("Any", group)._fields
    return group(*(_rows(kinds[name]) if name in kinds else next(_row) for name in names))


def _one_per_level() -> int:
    """Return the first of as many rows as there are levels."""
    first = next(_row)
    for _ in range(LEVELS - 1):
        next(_row)
    return first


HARDWARE: Final = _rows(Efficiency)
SOFTWARE: Final = _rows(Efficiency)
PRICE: Final = _rows(Price)
SPENDING: Final = _rows(Spending)
ECONOMY: Final = _rows(Economy)
SUPPLY: Final = _rows(Supply)
DATA: Final = _rows(Data)
AUTOMATION: Final = _rows(Automation)
LABOUR: Final = _rows(Labour)
EVENTS: Final = _rows(Events)
NOW: Final = _rows(State)
END: Final = _rows(State)
PASSING: Final = _rows(Passing)
SEARCH: Final = _rows(Search)
RESULT: Final = _rows(Result)
LEVEL: Final = _one_per_level()  # log10 FLOP
DATE: Final = _one_per_level()
GEOMETRIC: Final = _rows(Geometric)
FACTOR: Final = _rows(Geometric)
EXTRAPOLATION: Final = _rows(Extrapolation)
OPEN: Final = _rows(OpenLoop)
#: The number of the step in which the open loop passes each level, and its `OpenLoop.inverse` there.
STEP_OF: Final = _one_per_level()
INVERSE_AT: Final = _one_per_level()

WORKSPACE: Final = next(_row)

#: Rows that hold a parameter of a switchable component as it is, each with its row in a block of inputs.
COPIED: Final = (
    (SOFTWARE.returns, ROW["feedback.software_returns"]),
    (HARDWARE.returns, ROW["feedback.hardware_returns"]),
    (LABOUR.substitution, ROW["feedback.substitution"]),
    (LABOUR.workforce, ROW["feedback.workforce"]),
    (SPENDING.wakeup_share, ROW["investment.wakeup_share"]),
    (SUPPLY.power_slope, ROW["supply.power_growth"]),
    (SUPPLY.chips_slope, ROW["supply.chips_growth"]),
    (SUPPLY.latency_slope, ROW["supply.latency_growth"]),
    (SUPPLY.elasticity, ROW["supply.power_elasticity"]),
    (DATA.alpha, ROW["data.parameter_exponent"]),
    (DATA.beta, ROW["data.token_exponent"]),
    (DATA.binding, ROW["data.binding"]),
    (EVENTS.pause_pace, ROW["shocks.pause_research_share"]),
)

#: Rows of a state, and where those of both ends begin.
STATE_ROWS: Final = (END.hardware.progress - NOW.hardware.progress) // TILE
FIRST_NOW: Final = NOW.hardware.progress
FIRST_END: Final = END.hardware.progress

#: Offset of the last level in `LEVEL` and `DATE`.
LAST: Final = (LEVELS - 1) * TILE

#: In `DATE`: not passed.
NOT_PASSED: Final = float("inf")
