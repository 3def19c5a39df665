"""Compute trend: training compute of the largest run as one trend, not divided into hardware and spending.

In place of `hardware`, `investment` and `economy`. The growth of compute falls from ``growth`` towards
``later_growth``; it is their weighted geometric mean,

    d log10 C / dt = later_growth * (growth / later_growth)**w,    w = exp(-t**2 / (2 reversion_time**2))

with t in years since the start. With R = growth / later_growth and s = reversion_time the integral is a
series,

    later_growth [t + sum over k >= 1 of (ln R)**k / k! * s sqrt(pi / (2 k)) erf(t sqrt(k / 2) / s)].

Besiroglu, Heim & Sevilla 2022, "Projecting compute trends in machine learning".
"""

from __future__ import annotations

import math
from typing import Final

from timecone.models.compute.components.alternatives import COMPUTE_TREND, EXCLUDED
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar

_ON = (COMPUTE_TREND,)
_SOURCE = "Besiroglu, Heim & Sevilla 2022"

PARAMETERS = (
    Parameter(
        "trend.training_compute",
        "log10 FLOP",
        "Training compute of the largest run at the start.",
        _SOURCE,
        components=_ON,
    ),
    Parameter(
        "trend.growth",
        "OOM/year",
        "Growth of training compute at the start.",
        _SOURCE,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "trend.later_growth",
        "OOM/year",
        "Growth of training compute long after the start.",
        _SOURCE,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "trend.reversion_time",
        "year",
        "Time scale on which growth falls from the first rate to the second.",
        _SOURCE,
        low=0.0,
        components=_ON,
    ),
)

COMPONENTS = (
    Component(
        COMPUTE_TREND,
        "Compute trend",
        tuple(parameter.name for parameter in PARAMETERS),
        "Training compute as one trend that reverts to a slower one, in place of hardware, spending and the"
        " economy.",
        excludes=EXCLUDED,
    ),
)

_MOST_TERMS: Final = 400
_LAST_TERM: Final = 1e-17


@scalar
def trend_growth(elapsed: float, growth: float, later_growth: float, reversion_time: float) -> float:
    """Return how much training compute has grown since the start, OOM.

    Parameters
    ----------
    elapsed, reversion_time : float
        Years.
    growth, later_growth : float
        OOM per year.
    """
    rise = math.log(growth / later_growth)
    total, factor = elapsed, 1.0
    for k in range(1, _MOST_TERMS):
        factor *= rise / k
        root = math.sqrt(0.5 * k)
        width = math.sqrt(math.pi) / (2.0 * root) * reversion_time
        total += factor * width * math.erf(elapsed * root / reversion_time)
        if abs(factor) < _LAST_TERM and k > abs(rise):
            break
    return later_growth * total
