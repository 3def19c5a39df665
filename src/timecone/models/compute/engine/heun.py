"""One step of the full model, for a range of a tile's lanes.

Heun's method (Heun 1900; an explicit trapezoidal rule): a step is predicted with the rates of its beginning
and corrected with the mean of those at both ends. Cumulative research and adoption relax linearly, so their
steps are exact for rates that are constant, or for adoption linear, within it; without feedback the whole
step is exact. Nothing abrupt happens inside a step: events cut it (see `events`).

All functions take the first lanes of an array: all of a tile, which the compiler turns into vector
instructions, or, with ``work[lane:]``, a single one. (A range that began elsewhere could be negative for all
that the compiler knows, and Numba's indexing from the end would keep the loops scalar.)
"""

from __future__ import annotations

from collections.abc import Callable

from timecone.models.compute.components import automation, data_wall, labour, research, supply
from timecone.models.compute.components.headroom import MOST_GROWTH, inverse_gain, remaining
from timecone.models.compute.components.investment import awake
from timecone.models.compute.engine import layout as r
from timecone.models.compute.engine.features import (
    HARDWARE_LOOP,
    INVESTMENT_LOOP,
    LIMITS,
    LOOPS,
    OUTPUT_LOOP,
    RESEARCH_LOOPS,
    SOFTWARE_LOOP,
    WALL,
)
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray


def _closer(of: int) -> Callable[[FloatArray, int, float], None]:
    """Return the kernel that computes what research into an efficiency closes in a step.

    ``of`` is `rows.OF_HARDWARE` or `rows.OF_SOFTWARE`. It is a constant of the kernel: an argument could be
    negative for all that the compiler knows, see above.
    """

    @kernel
    def close(work: FloatArray, lanes: int, length: float) -> None:
        for lane in range(lanes):
            mine = of + lane
            years = length * work[r.HARDWARE_PACE + mine]
            rate, returns = work[r.HARDWARE_RATE + mine], work[r.HARDWARE_RETURNS + mine]
            work[r.HARDWARE_CLOSED + mine] = research.closed(rate, returns, years)

    return close


_close_hardware, _close_software = _closer(r.OF_HARDWARE), _closer(r.OF_SOFTWARE)


@kernel
def set_length(work: FloatArray, lanes: int, length: float, features: int) -> None:
    """Compute what a step of so many years closes or leaves of each distance, at the present paces."""
    if features & HARDWARE_LOOP:
        _close_hardware(work, lanes, length)
    if features & SOFTWARE_LOOP:
        _close_software(work, lanes, length)
    for lane in range(lanes):
        lag = work[r.LAG + lane]
        closed = automation.lag_closed(length, lag)
        work[r.LAG_CLOSED + lane] = closed
        work[r.LAG_BEFORE + lane] = automation.weight_before(length, lag, closed)


def _mover(of: int) -> Callable[[FloatArray, int, float, float, int], None]:
    """Return the kernel that moves an efficiency; ``of`` as above."""

    @kernel
    def move(work: FloatArray, lanes: int, length: float, weight: float, loop: int) -> None:
        if loop:
            for lane in range(lanes):
                mine = of + lane
                before = work[r.MULTIPLIER + lane]
                m = before + weight * (work[r.END + r.MULTIPLIER + lane] - before)
                had = work[r.HARDWARE_RESEARCH + mine]
                has = research.accumulated(had, m, work[r.HARDWARE_CLOSED + mine])
                rate, returns = work[r.HARDWARE_RATE + mine], work[r.HARDWARE_RETURNS + mine]
                gain = research.progress(rate, length * work[r.HARDWARE_PACE + mine], returns, has / had)
                work[r.END + r.HARDWARE_RESEARCH + mine] = has
                work[r.END + r.HARDWARE + mine] = min(work[r.HARDWARE + mine] + gain, MOST_GROWTH)
        else:
            for lane in range(lanes):
                mine = of + lane
                gain = work[r.HARDWARE_RATE + mine] * work[r.HARDWARE_PACE + mine] * length
                work[r.END + r.HARDWARE + mine] = min(work[r.HARDWARE + mine] + gain, MOST_GROWTH)

    return move


_move_hardware, _move_software = _mover(r.OF_HARDWARE), _mover(r.OF_SOFTWARE)


@kernel
def _move_money(work: FloatArray, lanes: int, length: float, weight: float) -> None:
    for lane in range(lanes):
        growth = work[r.TREND_GROWTH + lane]
        growth += weight * (work[r.END + r.TREND_GROWTH + lane] - growth)
        output = work[r.OUTPUT_GROWTH + lane]
        output += weight * (work[r.END + r.OUTPUT_GROWTH + lane] - output)
        pace = work[r.SPENDING_PACE + lane]
        work[r.END + r.TREND + lane] = min(work[r.TREND + lane] + pace * length * growth, MOST_GROWTH)
        work[r.END + r.OUTPUT + lane] = min(work[r.OUTPUT + lane] + length * output, MOST_GROWTH)
        work[r.END + r.LOST + lane] = work[r.LOST + lane] + (1.0 - pace) * length * output


@kernel
def find_limits(work: FloatArray, lanes: int, features: int) -> None:
    """Compute the inverse supply limits at the step's end, as far as they depend on time alone."""
    if features & LIMITS:
        for lane in range(lanes):
            elapsed = work[r.ELAPSED + lane]
            power = supply.inverse_limit(work[r.POWER + lane], work[r.POWER_SLOPE + lane], elapsed)
            chips = supply.inverse_limit(work[r.CHIPS + lane], work[r.CHIPS_SLOPE + lane], elapsed)
            latency = supply.inverse_limit(work[r.LATENCY + lane], work[r.LATENCY_SLOPE + lane], elapsed)
            work[r.INVERSE_FIXED + lane] = power + latency
            work[r.INVERSE_CHIPS + lane] = chips
            work[r.INVERSE_LIMITS + lane] = power + latency + chips


@kernel
def _limit(work: FloatArray, lanes: int, features: int) -> None:
    """Apply the supply limits to the inverse of the compute bought, at the step's end."""
    if features & HARDWARE_LOOP:
        for lane in range(lanes):
            has, returns = work[r.END + r.HARDWARE_RESEARCH + lane], work[r.HARDWARE_RETURNS + lane]
            left = inverse_gain(supply.research_left(has, returns), work[r.HARDWARE_LIMIT + lane])
            work[r.INVERSE_LIMITS + lane] = work[r.INVERSE_FIXED + lane] + work[r.INVERSE_CHIPS + lane] * left
    for lane in range(lanes):
        bought, present = 1.0 / work[r.INVERSE_COMPUTE + lane], work[r.PRESENT + lane]
        work[r.INVERSE_COMPUTE + lane] = 1.0 / supply.limited(bought, present, work[r.INVERSE_LIMITS + lane])


@kernel
def find_compute(work: FloatArray, lanes: int, features: int) -> None:
    """Compute effective compute from the states at the step's end."""
    for lane in range(lanes):
        trend = remaining(work[r.END + r.TREND + lane])
        share = work[r.END + r.OUTPUT + lane] + work[r.CAP_SHARE + lane] - work[r.END + r.LOST + lane]
        caps = remaining(share) + work[r.INVERSE_CAP + lane]
        hardware = inverse_gain(remaining(work[r.END + r.HARDWARE + lane]), work[r.HARDWARE_LIMIT + lane])
        work[r.INVERSE_COMPUTE + lane] = hardware * (trend + caps) * work[r.INVERSE_P0 + lane]
        work[r.INVERSE_SOFTWARE + lane] = inverse_gain(
            remaining(work[r.END + r.SOFTWARE + lane]), work[r.SOFTWARE_LIMIT + lane]
        )
        work[r.END + r.INVERSE_TREND + lane] = trend
        work[r.END + r.INVERSE_CAPS + lane] = caps
    if features & LIMITS:
        _limit(work, lanes, features)
    if features & WALL:
        for lane in range(lanes):
            physical = -log10(work[r.INVERSE_COMPUTE + lane])
            excess = physical - (
                work[r.MATCHED + lane] + work[r.MATCHED_SLOPE + lane] * work[r.ELAPSED + lane]
            )
            bound = max(excess, 0.0)
            loss = data_wall.equivalent(bound, work[r.ALPHA + lane], work[r.BETA + lane]) - bound
            work[r.END + r.PHYSICAL + lane] = physical
            work[r.END + r.EXCESS + lane] = excess
            work[r.END + r.EFFECTIVE + lane] = (
                physical + work[r.BINDING + lane] * loss - log10(work[r.INVERSE_SOFTWARE + lane])
            )
    else:
        for lane in range(lanes):
            physical = -log10(work[r.INVERSE_COMPUTE + lane])
            work[r.END + r.PHYSICAL + lane] = physical
            work[r.END + r.EFFECTIVE + lane] = physical - log10(work[r.INVERSE_SOFTWARE + lane])


@kernel
def find_share(work: FloatArray, lanes: int) -> None:
    """Compute the share of tasks that AI can do at the step's end."""
    for lane in range(lanes):
        effective = work[r.END + r.EFFECTIVE + lane]
        f = automation.share(effective, work[r.REQUIREMENT + lane], work[r.GAP + lane])
        work[r.END + r.SHARE + lane] = f


@kernel
def adopt(work: FloatArray, lanes: int) -> None:
    """Compute the share that AI has taken over, from the shares that it could at both ends."""
    for lane in range(lanes):
        work[r.END + r.ADOPTED + lane] = automation.adopted(
            work[r.ADOPTED + lane],
            work[r.SHARE + lane],
            work[r.END + r.SHARE + lane],
            work[r.LAG_CLOSED + lane],
            work[r.LAG_BEFORE + lane],
        )


@kernel
def respond(work: FloatArray, lanes: int, features: int) -> None:
    """Compute from what AI does how research, output and spending grow at the step's end."""
    if features & RESEARCH_LOOPS:
        for lane in range(lanes):
            ahead = work[r.END + r.EFFECTIVE + lane] - work[r.REQUIREMENT + lane]
            work[r.END + r.MULTIPLIER + lane] = labour.multiplier(
                work[r.END + r.ADOPTED + lane],
                work[r.WORKFORCE + lane] + ahead,
                work[r.SUBSTITUTION + lane],
                work[r.TOTAL_POWER + lane],
            )
    if features & OUTPUT_LOOP:
        for lane in range(lanes):
            boost = work[r.BOOST + lane] * work[r.END + r.ADOPTED + lane]
            work[r.END + r.OUTPUT_GROWTH + lane] = work[r.ECONOMY_RATE + lane] + boost
    else:
        for lane in range(lanes):
            work[r.END + r.OUTPUT_GROWTH + lane] = work[r.ECONOMY_RATE + lane]
    if features & INVESTMENT_LOOP:
        for lane in range(lanes):
            growing, ended = work[r.TREND_RATE + lane], work[r.END + r.OUTPUT_GROWTH + lane]
            base = growing if work[r.ALIVE + lane] > 0.0 else ended
            woken = awake(work[r.END + r.ADOPTED + lane], work[r.WAKEUP_SHARE + lane])
            more = max(work[r.WAKEUP_RATE + lane] - base, 0.0)
            work[r.END + r.TREND_GROWTH + lane] = base + woken * more
    else:
        for lane in range(lanes):
            growing, ended = work[r.TREND_RATE + lane], work[r.END + r.OUTPUT_GROWTH + lane]
            work[r.END + r.TREND_GROWTH + lane] = growing if work[r.ALIVE + lane] > 0.0 else ended


@kernel
def _half(work: FloatArray, lanes: int, length: float, weight: float, features: int) -> None:
    _move_hardware(work, lanes, length, weight, features & HARDWARE_LOOP)
    _move_software(work, lanes, length, weight, features & SOFTWARE_LOOP)
    _move_money(work, lanes, length, weight)
    find_compute(work, lanes, features)


@kernel
def _anything_automated(work: FloatArray, lanes: int) -> bool:
    """Return whether AI does anything in any lane, at either end of the step.

    Where it does not, growth rates are what they were and the correction would repeat the prediction bit for
    bit, so leaving it out changes nothing.
    """
    most = 0.0
    for lane in range(lanes):
        most = max(most, work[r.ADOPTED + lane] + work[r.END + r.ADOPTED + lane])
    return most > 0.0


@kernel
def _keep_rates(work: FloatArray, lanes: int) -> None:
    """Give the step's end the rates of its beginning; a step that was tried before may have left others."""
    for lane in range(lanes):
        work[r.END + r.MULTIPLIER + lane] = work[r.MULTIPLIER + lane]
        work[r.END + r.TREND_GROWTH + lane] = work[r.TREND_GROWTH + lane]
        work[r.END + r.OUTPUT_GROWTH + lane] = work[r.OUTPUT_GROWTH + lane]


@kernel
def step(work: FloatArray, lanes: int, length: float, features: int) -> None:
    """Compute the states at a step's end from those at its beginning.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile; `set_length` has been called for this length, and row `rows.ELAPSED` holds when the step
        ends.
    lanes : int
        How many.
    length : float
        Length of the step, years.
    features : int
        See `features`.
    """
    find_limits(work, lanes, features)
    _half(work, lanes, length, 0.0, features)
    if features & LOOPS:
        find_share(work, lanes)
        adopt(work, lanes)
        for lane in range(lanes):
            work[r.PREDICTED + lane] = work[r.END + r.EFFECTIVE + lane]
        if _anything_automated(work, lanes):
            respond(work, lanes, features)
            _half(work, lanes, length, 0.5, features)
            find_share(work, lanes)
            adopt(work, lanes)
            respond(work, lanes, features)
        else:
            _keep_rates(work, lanes)
    else:
        find_share(work, lanes)
        adopt(work, lanes)


@kernel
def accept(work: FloatArray, lanes: int) -> None:
    """Make a step's end the beginning of the next."""
    for row in range(r.STATE_ROWS):
        at = r.STATES + row * r.TILE
        for lane in range(lanes):
            work[at + lane] = work[at + r.END + lane]
