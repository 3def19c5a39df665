"""Heun's method: one step of the model for a range of a tile's lanes.

Heun 1900, an explicit trapezoidal rule: a step is predicted with the rates of its beginning and corrected
with the mean of the rates at both ends. Cumulative research and adoption relax linearly, so their steps are
exact for rates that are constant, or for adoption linear, within it; without feedback the whole step is
exact. Nothing abrupt happens inside a step: events cut it (see `events`).

All functions take the first lanes of an array: all lanes of a tile, which the compiler turns into vector
instructions, or, with ``work[lane:]``, a single one. If a range could begin elsewhere, the compiler could not
rule out negative offsets, which count from the array's end, and would not vectorise the loops.
"""

from __future__ import annotations

from collections.abc import Callable

from timecone.models.compute.components import (
    automation,
    data_wall,
    effective,
    investment,
    research,
    supply,
)
from timecone.models.compute.components.headroom import advanced, inverse_gain, remaining
from timecone.models.compute.engine.layout import (
    AUTOMATION,
    DATA,
    END,
    FIRST_END,
    FIRST_NOW,
    HARDWARE,
    HARDWARE_LOOP,
    LIMITS,
    LOOPS,
    NOW,
    PASSING,
    POWER_LOOP,
    PRICE,
    SOFTWARE,
    SOFTWARE_LOOP,
    SPENDING,
    STATE_ROWS,
    SUPPLY,
    TILE,
    WALL,
    Efficiency,
    Progress,
)
from timecone.models.compute.engine.rates import set_rates
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import log10
from timecone.schema import FloatArray


@scalar
def _between(before: float, after: float, weight: float) -> float:
    """Return what lies so far between two rates: 0 for the first, 1 for the second."""
    return before + weight * (after - before)


def _closer(efficiency: Efficiency) -> Callable[[FloatArray, int, float], None]:
    """Return the kernel that computes what research into an efficiency closes in a step.

    The rows are compile-time constants: as arguments they might be negative, which prevents vectorisation.
    """

    @kernel
    def close(work: FloatArray, lanes: int, length: float) -> None:
        for lane in range(lanes):
            years = length * work[efficiency.pace + lane]
            rate, returns = work[efficiency.rate + lane], work[efficiency.returns + lane]
            work[efficiency.closed + lane] = research.closed(rate, returns, years)

    return close


_close_hardware, _close_software = _closer(HARDWARE), _closer(SOFTWARE)


@kernel
def set_step_length(work: FloatArray, lanes: int, length: float, features: int) -> None:
    """Compute what a step of so many years closes of each distance, at the present paces."""
    if features & HARDWARE_LOOP:
        _close_hardware(work, lanes, length)
    if features & SOFTWARE_LOOP:
        _close_software(work, lanes, length)
    for lane in range(lanes):
        lag = work[AUTOMATION.lag + lane]
        closed = automation.lag_closed(length, lag)
        work[AUTOMATION.closed + lane] = closed
        work[AUTOMATION.before + lane] = automation.weight_before(length, lag, closed)


def _mover(
    efficiency: Efficiency, now: Progress, end: Progress
) -> Callable[[FloatArray, int, float, float, int], None]:
    """Return the kernel that moves an efficiency through a step; rows are constants as above."""

    @kernel
    def move(work: FloatArray, lanes: int, length: float, weight: float, loop: int) -> None:
        if loop:
            for lane in range(lanes):
                m = _between(work[NOW.multiplier + lane], work[END.multiplier + lane], weight)
                had = work[now.research + lane]
                has = research.accumulated(had, m, work[efficiency.closed + lane])
                rate, returns = work[efficiency.rate + lane], work[efficiency.returns + lane]
                gain = research.progress(rate, length * work[efficiency.pace + lane], returns, has / had)
                work[end.research + lane] = has
                work[end.progress + lane] = advanced(work[now.progress + lane], gain)
        else:
            for lane in range(lanes):
                gain = work[efficiency.rate + lane] * work[efficiency.pace + lane] * length
                work[end.progress + lane] = advanced(work[now.progress + lane], gain)

    return move


_move_hardware = _mover(HARDWARE, NOW.hardware, END.hardware)
_move_software = _mover(SOFTWARE, NOW.software, END.software)


@kernel
def _move_money(work: FloatArray, lanes: int, length: float, weight: float) -> None:
    for lane in range(lanes):
        growth = _between(work[NOW.trend_growth + lane], work[END.trend_growth + lane], weight)
        output = _between(work[NOW.output_growth + lane], work[END.output_growth + lane], weight)
        pace = work[SPENDING.pace + lane]
        work[END.trend + lane] = advanced(work[NOW.trend + lane], pace * length * growth)
        work[END.output + lane] = advanced(work[NOW.output + lane], length * output)
        work[END.lost + lane] = work[NOW.lost + lane] + (1.0 - pace) * length * output


@kernel
def set_limits(work: FloatArray, lanes: int, features: int) -> None:
    """Compute the inverse supply limits at the step's end, as far as they depend on time alone."""
    if features & LIMITS:
        for lane in range(lanes):
            elapsed = work[PASSING.elapsed + lane]
            power = supply.inverse_limit(work[SUPPLY.power + lane], work[SUPPLY.power_slope + lane], elapsed)
            chips = supply.inverse_limit(work[SUPPLY.chips + lane], work[SUPPLY.chips_slope + lane], elapsed)
            latency = supply.inverse_limit(
                work[SUPPLY.latency + lane], work[SUPPLY.latency_slope + lane], elapsed
            )
            work[PASSING.inverse_power + lane] = power
            work[PASSING.inverse_latency + lane] = latency
            work[PASSING.inverse_fixed + lane] = power + latency
            work[PASSING.inverse_chips + lane] = chips
            work[PASSING.inverse_limits + lane] = power + latency + chips


@kernel
def _limit(work: FloatArray, lanes: int, features: int) -> None:
    """Apply the supply limits to the inverse of the compute bought, at the step's end."""
    if features & POWER_LOOP:
        for lane in range(lanes):
            power = supply.relaxed_power(
                work[PASSING.inverse_power + lane],
                work[END.hardware.research + lane],
                work[HARDWARE.returns + lane],
                work[HARDWARE.limit + lane],
                work[SUPPLY.elasticity + lane],
            )
            work[PASSING.inverse_fixed + lane] = power + work[PASSING.inverse_latency + lane]
    if features & HARDWARE_LOOP:
        for lane in range(lanes):
            chips = supply.relaxed(
                work[PASSING.inverse_chips + lane],
                work[END.hardware.research + lane],
                work[HARDWARE.returns + lane],
                work[HARDWARE.limit + lane],
            )
            work[PASSING.inverse_limits + lane] = work[PASSING.inverse_fixed + lane] + chips
    for lane in range(lanes):
        work[PASSING.inverse_compute + lane] = supply.inverse_limited(
            work[PASSING.inverse_compute + lane],
            work[SUPPLY.present + lane],
            work[PASSING.inverse_limits + lane],
        )


@kernel
def set_compute(work: FloatArray, lanes: int, features: int) -> None:
    """Compute effective compute from the states at the step's end."""
    for lane in range(lanes):
        trend = remaining(work[END.trend + lane])
        share = work[END.output + lane] + work[SPENDING.cap_share + lane] - work[END.lost + lane]
        caps = investment.inverse_caps(remaining(share), work[SPENDING.inverse_cap + lane])
        hardware = inverse_gain(remaining(work[END.hardware.progress + lane]), work[HARDWARE.limit + lane])
        work[PASSING.inverse_compute + lane] = effective.inverse_compute(
            hardware, investment.inverse_spending(trend, caps), work[PRICE.inverse + lane]
        )
        work[PASSING.inverse_software + lane] = inverse_gain(
            remaining(work[END.software.progress + lane]), work[SOFTWARE.limit + lane]
        )
        work[END.inverse_trend + lane] = trend
        work[END.inverse_caps + lane] = caps
    if features & LIMITS:
        _limit(work, lanes, features)
    if features & WALL:
        for lane in range(lanes):
            physical = -log10(work[PASSING.inverse_compute + lane])
            excess = data_wall.excess(
                physical,
                work[DATA.matched + lane],
                work[DATA.matched_slope + lane],
                work[PASSING.elapsed + lane],
            )
            usable = data_wall.usable(
                physical,
                excess,
                work[DATA.binding + lane],
                work[DATA.alpha + lane],
                work[DATA.beta + lane],
            )
            work[END.physical + lane] = physical
            work[END.excess + lane] = excess
            work[END.effective + lane] = effective.effective_compute(
                usable, work[PASSING.inverse_software + lane]
            )
    else:
        for lane in range(lanes):
            physical = -log10(work[PASSING.inverse_compute + lane])
            work[END.physical + lane] = physical
            work[END.effective + lane] = effective.effective_compute(
                physical, work[PASSING.inverse_software + lane]
            )


@kernel
def set_share(work: FloatArray, lanes: int) -> None:
    """Compute the share of tasks that AI can do at the step's end."""
    for lane in range(lanes):
        work[END.share + lane] = automation.share(
            work[END.effective + lane], work[AUTOMATION.requirement + lane], work[AUTOMATION.gap + lane]
        )


@kernel
def set_adoption(work: FloatArray, lanes: int) -> None:
    """Compute the share that AI has taken over, from the shares that it can do at both ends."""
    for lane in range(lanes):
        work[END.adopted + lane] = automation.adopted(
            work[NOW.adopted + lane],
            work[NOW.share + lane],
            work[END.share + lane],
            work[AUTOMATION.closed + lane],
            work[AUTOMATION.before + lane],
        )


@kernel
def _half(work: FloatArray, lanes: int, length: float, weight: float, features: int) -> None:
    """Predict or correct: ``weight`` is that of the rates at the step's end."""
    _move_hardware(work, lanes, length, weight, features & HARDWARE_LOOP)
    _move_software(work, lanes, length, weight, features & SOFTWARE_LOOP)
    _move_money(work, lanes, length, weight)
    set_compute(work, lanes, features)


@kernel
def _anything_automated(work: FloatArray, lanes: int) -> bool:
    """Return whether AI does anything in any lane, at either end of the step.

    Where it does not, growth rates are what they were and the correction would repeat the prediction bit for
    bit, so leaving it out changes nothing.
    """
    most = 0.0
    for lane in range(lanes):
        most = max(most, work[NOW.adopted + lane] + work[END.adopted + lane])
    return most > 0.0


@kernel
def _keep_rates(work: FloatArray, lanes: int) -> None:
    """Give the step's end the rates of its beginning; a step that was tried before may have left others."""
    for lane in range(lanes):
        work[END.multiplier + lane] = work[NOW.multiplier + lane]
        work[END.trend_growth + lane] = work[NOW.trend_growth + lane]
        work[END.output_growth + lane] = work[NOW.output_growth + lane]


@kernel
def step(work: FloatArray, lanes: int, length: float, features: int) -> None:
    """Compute the states at a step's end from those at its beginning.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile; `set_step_length` has been called for this length, and row ``PASSING.elapsed`` holds when
        the step ends.
    lanes : int
        How many.
    length : float
        Length of the step, years.
    features : int
        Bits of the components that are on.
    """
    set_limits(work, lanes, features)
    _half(work, lanes, length, 0.0, features)
    if features & LOOPS:
        set_share(work, lanes)
        set_adoption(work, lanes)
        for lane in range(lanes):
            work[PASSING.predicted + lane] = work[END.effective + lane]
        if _anything_automated(work, lanes):
            set_rates(work, lanes, features)
            _half(work, lanes, length, 0.5, features)
            set_share(work, lanes)
            set_adoption(work, lanes)
            set_rates(work, lanes, features)
        else:
            _keep_rates(work, lanes)
    else:
        set_share(work, lanes)
        set_adoption(work, lanes)


@kernel
def accept(work: FloatArray, lanes: int) -> None:
    """Make a step's end the beginning of the next."""
    for row in range(STATE_ROWS):
        now, end = FIRST_NOW + row * TILE, FIRST_END + row * TILE
        for lane in range(lanes):
            work[now + lane] = work[end + lane]
