"""Supply limits: power, chips and latency bound the compute of one training run.

With B = price-performance * spending, the compute that money buys, and C_0 its value at the start,

    C = C_0 + 1 / (1 / (B - C_0) + sum over limits of 1 / C_k(t))     where B > C_0, else C = B
    log10 C_k = limit_k + slope_k (year - 2030)

the harmonic soft minimum, as with the caps of spending, of what is added to the present run. The present run
exists, so no limit binds it, and every limit's curve is lifted by it: negligible in 2030, for which the
limits are stated. Each limit is the compute feasible in 2030 and its growth; one that is not given does not
bind.

Research on hardware that AI joins lowers the price of compute and relaxes the limit of chips alike: with w
the cumulative research over its trend and r its returns (see `research`), C_chips is multiplied by w**r,
within the headroom of hardware.

The limit of power is the power at hand times the energy efficiency of chips, which the same research raises.
With the elasticity e of energy efficiency with respect to price-performance, C_power is multiplied by what
multiplies C_chips, to the power of e.

Sevilla et al. 2024, "Can AI scaling continue through 2030?"; Hobbhahn, Heim & Aydos 2023, "Trends in machine
learning hardware" (energy efficiency doubles every 3.0 years, price-performance every 2.1).
"""

from __future__ import annotations

import math

from timecone.models.compute.components.headroom import inverse_gain, remaining
from timecone.models.compute.components.research import HARDWARE_FEEDBACK
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG10_2, exp2, exp10, log2, log10

SUPPLY_LIMITS = "supply_limits"
POWER_FEEDBACK = "power_feedback"
#: The year for which the limits are stated.
LIMIT_YEAR = 2030.0
KINDS = ("power", "chips", "latency")


def _pair(kind: str, meaning: str) -> tuple[Parameter, Parameter]:
    return (
        Parameter(
            f"supply.{kind}",
            "FLOP",
            f"Largest training run feasible in 2030 {meaning}.",
            "Sevilla et al. 2024",
            low=0.0,
            default=math.inf,
            components=(SUPPLY_LIMITS,),
        ),
        Parameter(
            f"supply.{kind}_growth",
            "OOM/year",
            "Growth of that limit before and after 2030.",
            "Sevilla et al. 2024",
            default=0.0,
            components=(SUPPLY_LIMITS,),
        ),
    )


PARAMETERS = (
    *_pair("power", "with the electric power at hand"),
    *_pair("chips", "with the chips that can be made"),
    *_pair("latency", "within a sensible time, given how fast chips exchange what they compute"),
)

POWER_PARAMETERS = (
    Parameter(
        "supply.power_elasticity",
        "1",
        "Growth of the energy efficiency of chips over that of their price-performance, in AI's research on"
        " hardware.",
        "Hobbhahn, Heim & Aydos 2023",
        low=0.0,
        components=(POWER_FEEDBACK,),
    ),
)

COMPONENTS = (
    Component(
        SUPPLY_LIMITS,
        "Supply limits",
        tuple(f"supply.{kind}" for kind in KINDS),
        "Power, chips and latency bound one training run.",
        any_of=True,
    ),
)

POWER_COMPONENTS = (
    Component(
        POWER_FEEDBACK,
        "Power feedback",
        ("supply.power_elasticity",),
        "AI's research on hardware raises the limit of power through the energy efficiency of chips.",
        requires=(SUPPLY_LIMITS, HARDWARE_FEEDBACK),
    ),
)

# Stands for "no limit": beyond every run, and still a number.
_NO_LIMIT = 300.0


@scalar
def level(limit: float, growth: float, year: float) -> float:
    """Return log10 C_k in a year; ``limit`` in FLOP, growth in OOM per year."""
    stated = log10(limit) if limit < math.inf else _NO_LIMIT
    return stated + growth * (year - LIMIT_YEAR)


@scalar
def inverse_limit(level_at_start: float, growth: float, elapsed: float) -> float:
    """Return 1 / C_k, 1/FLOP; ``elapsed`` in years after the start."""
    return exp10(-(level_at_start + growth * elapsed))


@scalar
def research_left(research: float, returns: float) -> float:
    """Return w**-r, bounded: what is left of the price of chips by research beyond its trend."""
    return remaining(returns * LOG10_2 * log2(research))


@scalar
def limited(bought: float, present: float, inverse_limits: float) -> float:
    """Return the compute of the largest run, FLOP.

    Parameters
    ----------
    bought : float
        Compute that hardware and spending give, FLOP.
    present : float
        The same at the start; +inf where there are no limits.
    inverse_limits : float
        Sum of 1 / C_k, 1/FLOP.
    """
    more = max(bought - present, 0.0)
    return min(bought, present) + more / (1.0 + inverse_limits * more)


@scalar
def limited_growth(
    growth: float, bought: float, present: float, inverse_limits: float, limit_growth: float
) -> float:
    """Return the growth of the largest run's compute, OOM per year.

    ``growth`` is that of the compute bought, OOM per year; ``limit_growth`` is the growth of the limits, each
    weighted by its inverse. The other arguments are those of `limited`.
    """
    more = max(bought - present, 0.0)
    part = 1.0 / (1.0 + inverse_limits * more)
    added = more * part
    moved = bought * part * part * growth + added * added * limit_growth
    return moved / (present + added) if more > 0.0 else growth


@scalar
def inverse_limited(inverse_bought: float, present: float, inverse_limits: float) -> float:
    """Return one over `limited`, 1/FLOP, from one over the compute bought."""
    return 1.0 / limited(1.0 / inverse_bought, present, inverse_limits)


@scalar
def relaxed(inverse_chips: float, research: float, returns: float, fraction: float) -> float:
    """Return 1 / C_chips with AI's research on hardware, 1/FLOP.

    ``fraction`` is `headroom.fraction_of_limit` of hardware.
    """
    return inverse_chips * inverse_gain(research_left(research, returns), fraction)


@scalar
def relaxed_power(
    inverse_power: float, research: float, returns: float, fraction: float, elasticity: float
) -> float:
    """Return 1 / C_power with AI's research on hardware, 1/FLOP.

    ``elasticity`` is that of energy efficiency with respect to price-performance; see `relaxed`.
    """
    return inverse_power * exp2(elasticity * log2(inverse_gain(research_left(research, returns), fraction)))
