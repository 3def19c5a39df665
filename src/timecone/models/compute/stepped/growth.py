"""How fast a draw grows at one end of a step, for dates inside it and for what goes on after it."""

from __future__ import annotations

from timecone.models.compute import data, research
from timecone.models.compute.headroom import inverse_gain, remaining
from timecone.models.compute.stepped import rows as r
from timecone.models.compute.stepped.features import HARDWARE_LOOP, LIMITS, SOFTWARE_LOOP, WALL
from timecone.models.compute.supply import inverse_limit
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray


@kernel
def efficiency_growth(work: FloatArray, lane: int, at: int, of: int, loop: int) -> float:
    """Return the unlimited growth of an efficiency, OOM per year.

    Parameters
    ----------
    work : array, shape (WORKSPACE,)
        The tile.
    lane : int
        Which draw.
    at : int
        0 for the states at the step's beginning, `rows.END` for those at its end.
    of : int
        `rows.OF_HARDWARE` or `rows.OF_SOFTWARE`.
    loop : int
        Not 0 if AI's research moves it.
    """
    mine = of + lane
    rate = work[r.HARDWARE_RATE + mine] * work[r.HARDWARE_PACE + mine]
    if loop:
        rate = research.speed(rate, work[r.HARDWARE_RESEARCH + at + mine], work[r.MULTIPLIER + at + lane])
    return float(rate)


@kernel
def limit_growth(work: FloatArray, lane: int, elapsed: float) -> float:
    """Return the growth of the supply limits, each weighted by its inverse, OOM per year and FLOP."""
    power, chips, latency = (
        work[r.POWER_SLOPE + lane],
        work[r.CHIPS_SLOPE + lane],
        work[r.LATENCY_SLOPE + lane],
    )
    total = power * inverse_limit(work[r.POWER + lane], power, elapsed)
    total += chips * inverse_limit(work[r.CHIPS + lane], chips, elapsed)
    total += latency * inverse_limit(work[r.LATENCY + lane], latency, elapsed)
    return float(total)


@kernel
def growth(work: FloatArray, lane: int, at: int, elapsed: float, features: int) -> float:
    """Return the growth of effective compute, OOM per year.

    ``at`` is 0 for the states at the step's beginning and `rows.END` for those at its end.
    """
    here = at + lane
    hardware = efficiency_growth(work, lane, at, r.OF_HARDWARE, features & HARDWARE_LOOP)
    software = efficiency_growth(work, lane, at, r.OF_SOFTWARE, features & SOFTWARE_LOOP)
    limit = work[r.HARDWARE_LIMIT + lane]
    left = (1.0 - limit) * remaining(work[r.HARDWARE + here])
    of_hardware = left / (limit + left) * hardware
    limit = work[r.SOFTWARE_LIMIT + lane]
    left = (1.0 - limit) * remaining(work[r.SOFTWARE + here])
    of_software = left / (limit + left) * software
    trend, caps = work[r.INVERSE_TREND + here], work[r.INVERSE_CAPS + here]
    shares = caps - work[r.INVERSE_CAP + lane]
    of_spending = trend * work[r.TREND_GROWTH + here] + shares * work[r.OUTPUT_GROWTH + here]
    of_spending *= work[r.SPENDING_PACE + lane] / (trend + caps)
    of_compute = of_hardware + of_spending
    if features & LIMITS:
        # The part of 1/C that is not the limits' is what hardware and spending would allow.
        whole = remaining(work[r.PHYSICAL + here])
        bought = (
            inverse_gain(remaining(work[r.HARDWARE + here]), work[r.HARDWARE_LIMIT + lane])
            * (trend + caps)
            * work[r.INVERSE_P0 + lane]
        )
        of_compute = (of_compute * bought + limit_growth(work, lane, elapsed)) / whole
    if features & WALL:
        bound = max(work[r.EXCESS + here], 0.0)
        kept = data.passed_on(bound, work[r.ALPHA + lane], work[r.BETA + lane])
        walled = kept * of_compute + (1.0 - kept) * work[r.MATCHED_SLOPE + lane]
        of_compute += work[r.BINDING + lane] * (walled - of_compute)
    return float(of_compute + of_software)
