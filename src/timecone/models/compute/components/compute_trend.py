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
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

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

#: Terms of the series for which there is room: enough for growth rates that differ by a factor of 1e40.
MOST_TERMS: Final = 400
_LAST_TERM: Final = 1e-17
# erf(x) is 1 to the last digit from here on.
_ERF_IS_1: Final = 5.95


@kernel
def set_series(
    growth: float, later_growth: float, reversion_time: float, weights: FloatArray, rates: FloatArray
) -> int:
    """Fill the series' weights, OOM, and the rates in its error functions, per year; return how many terms.

    Parameters
    ----------
    growth, later_growth : float
        OOM per year.
    reversion_time : float
        Years.
    weights, rates : arrays, shape (MOST_TERMS,)
        Filled.
    """
    rise, factor = math.log(growth / later_growth), later_growth
    for k in range(1, MOST_TERMS + 1):
        factor *= rise / k
        weights[k - 1] = factor * reversion_time * math.sqrt(math.pi / (2.0 * k))
        rates[k - 1] = math.sqrt(0.5 * k) / reversion_time
        if abs(factor) < _LAST_TERM and k > abs(rise):
            return k
    return MOST_TERMS


@kernel
def trend_growth(
    elapsed: float, later_growth: float, weights: FloatArray, rates: FloatArray, terms: int
) -> float:
    """Return how much training compute has grown since the start, OOM; arguments as of `set_series`."""
    total = later_growth * elapsed
    for k in range(terms):
        x = rates[k] * elapsed
        total += weights[k] * (math.erf(x) if x < _ERF_IS_1 else 1.0)
    return total
