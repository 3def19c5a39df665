"""Supply limits: power, chips and latency bound the compute of one training run.

    1 / C = 1 / (price-performance * spending) + sum over limits of 1 / C_k(t)
    log10 C_k = limit_k + slope_k (year - 2030)

the harmonic soft minimum, as with the caps of spending. Each limit is the compute feasible in 2030 and its
growth; one that is not given does not bind.

Sevilla et al. 2024, "Can AI scaling continue through 2030?".
"""

from __future__ import annotations

import math

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp10, log10

SUPPLY_LIMITS = "supply_limits"
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
