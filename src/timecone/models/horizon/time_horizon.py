"""Time horizon: how long tasks are that AI completes, and the effective compute of the automated coder.

Each doubling of the horizon takes d times as much effective compute as the one before. From the horizon H0 of
the start, the first doubling taking T0, the horizon H needs

    E(H) = E0 + T0 (1 - d^n) / (1 - d),  n = log2(H / H0)

with E0 that of the human-only run at the start. T0 is the doubling time of the start times the human-only
growth of effective compute. In draws with a gap the automated coder comes some more progress later.

The revenue of frontier AI companies can take the place of the horizon: with revenue V at the start, growing
by a factor of v per year of progress at the pace of the start, the revenue W of the automated coder needs

    E(W) = E0 + P ln(W / V) / ln(v)

with the human-only growth P. Either is dated some years before the start, and E0 is that of its date.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon.human_only import HumanOnly
from timecone.models.horizon.source import AI_FUTURES
from timecone.models.model import Component, Constraint, Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LOG10_2, log2
from timecone.schema import BoolArray, FloatArray

#: Least part of the way to an infinite horizon that is left in the read-out.
LEAST_REST: Final = 1e-12
#: Doubling ratios as near to 1 as this are taken as 1.
_ONE: Final = 1e-9

REVENUE: Final = "revenue"
_ON = (REVENUE,)

PARAMETERS: Final = (
    Parameter(
        "horizon.now",
        "hour",
        "Length of tasks that AI completes in 80 % of the cases at the start, in hours of human work.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "horizon.doubling_time",
        "year",
        "Time in which that length doubles at the start.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "horizon.doubling_ratio",
        "1",
        "Effective compute that a doubling takes over that of the doubling before.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "horizon.automated_coder",
        "hour",
        "Length of tasks that the automated coder completes, in hours of human work.",
        AI_FUTURES,
        low=0.0,
    ),
    Parameter(
        "horizon.age",
        "year",
        "Years before the start at which AI had that length.",
        AI_FUTURES,
        low=0.0,
        includes_low=True,
        default=0.0,
    ),
    Parameter(
        "gap.present",
        "1",
        "Whether a gap lies between the required length of tasks and the automated coder: 1, or 0 if not.",
        AI_FUTURES,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
        default=0.0,
    ),
    Parameter(
        "gap.horizon",
        "hour",
        "Length of tasks at which the gap begins, in hours of human work; by the rules of December 2025.",
        AI_FUTURES,
        low=0.0,
        default="horizon.automated_coder",
    ),
    Parameter(
        "gap.progress",
        "year",
        "Progress that the gap takes, in years at the pace of the start.",
        AI_FUTURES,
        low=0.0,
        includes_low=True,
        default=0.0,
    ),
    Parameter(
        "revenue.now",
        "USD",
        "Annual revenue of frontier AI companies at the start.",
        AI_FUTURES,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "revenue.age",
        "year",
        "Years before the start at which they had that revenue.",
        AI_FUTURES,
        low=0.0,
        includes_low=True,
        default=0.0,
        components=_ON,
    ),
    Parameter(
        "revenue.growth",
        "1",
        "Factor by which that revenue grows in a year of progress at the pace of the start.",
        AI_FUTURES,
        low=1.0,
        components=_ON,
    ),
    Parameter(
        "revenue.automated_coder",
        "USD",
        "Annual revenue of frontier AI companies at the automated coder.",
        AI_FUTURES,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "revenue.decides",
        "1",
        "Whether revenue, in place of the length of tasks, decides when the automated coder comes: 1, or 0 if"
        " not.",
        AI_FUTURES,
        low=0.0,
        high=1.0,
        includes_low=True,
        includes_high=True,
        default=1.0,
        components=_ON,
    ),
)
COMPONENTS: Final = (
    Component(
        REVENUE,
        "Revenue",
        ("revenue.now", "revenue.growth", "revenue.automated_coder"),
        "The revenue of frontier AI companies decides, in some draws or all, how much effective compute the"
        " automated coder needs, in place of the length of tasks.",
    ),
)


def _is_flag(gap: FloatArray) -> BoolArray:
    return np.asarray((gap == 0.0) | (gap == 1.0))


CONSTRAINTS: Final = (
    Constraint("gap_flag", ("gap.present",), _is_flag, "gap.present is 0 or 1"),
    Constraint("revenue_flag", ("revenue.decides",), _is_flag, "revenue.decides is 0 or 1"),
)


class TimeHorizon(NamedTuple):
    """Horizon of a draw as a function of effective compute.

    Attributes
    ----------
    now : float
        Horizon of the start, hours.
    age : float
        Years before the start at which it had that length.
    first : float
        Effective compute of the first doubling, OOM.
    ratio : float
        That of a doubling over that of the one before.
    coder : float
        Effective compute of the automated coder, OOM.
    """

    now: float
    age: float
    first: float
    ratio: float
    coder: float


@kernel
def calibrate(
    now: float,
    age: float,
    doubling_time: float,
    ratio: float,
    required: float,
    gap: float,
    effective_compute: float,
    human_only: HumanOnly,
) -> TimeHorizon:
    """Return a draw's horizon; ``gap`` in years of progress at the pace of the start.

    ``effective_compute`` is that of the human-only run at the date of the horizon.
    """
    first = doubling_time * human_only.progress
    doublings = math.log2(required / now)
    log_ratio = math.log(ratio)
    total = doublings
    if abs(log_ratio) > _ONE:
        total = math.expm1(doublings * log_ratio) / math.expm1(log_ratio)
    coder = effective_compute + first * total + gap * human_only.progress
    return TimeHorizon(now, age, first, ratio, coder)


@kernel
def coder_by_revenue(
    now: float, growth: float, required: float, effective_compute: float, human_only: HumanOnly
) -> float:
    """Return the effective compute at which revenue is that of the automated coder, OOM.

    ``effective_compute`` is that of the human-only run at the date of the revenue ``now``.
    """
    return effective_compute + human_only.progress * math.log(required / now) / math.log(growth)


@scalar
def log10_horizon(horizon: TimeHorizon, progress: float) -> float:
    """Return log10 of the horizon in hours after some progress of effective compute since the start, OOM."""
    doublings = progress / horizon.first
    if abs(horizon.ratio - 1.0) > _ONE:
        rest = max(1.0 - (1.0 - horizon.ratio) * doublings, LEAST_REST)
        doublings = log2(rest) / log2(horizon.ratio)
    return math.log10(horizon.now) + LOG10_2 * doublings
