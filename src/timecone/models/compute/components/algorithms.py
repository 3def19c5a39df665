"""Algorithms: compute saved, against the algorithms of a reference year.

    da/dt = log10(2) / halving_time * (1 - 10**(a - a(start) - headroom)),   a in OOM

with a(start) = log10(2) / halving_time_past * (start - reference_year), the progress already made since the
year in whose algorithms the threshold is stated. The headroom is that of the start: what its source
states for ``headroom_year``, less progress since then at the same past halving time.

Breakthroughs add jumps of ``breakthrough_size`` to the unlimited progress at the times of a Poisson process;
off unless given, because the trend already contains past ones. The kernel carries the gain since the start,
a - a(start); the progress already made lowers the requirement instead, so that effective compute of all draws
is counted on one scale: FLOP with the algorithms of the start.

Hernandez & Brown 2020, "Measuring the algorithmic efficiency of neural networks"; Erdil & Besiroglu 2022,
"Algorithmic progress in computer vision"; Ho et al. 2024, "Algorithmic progress in language models".
"""

from __future__ import annotations

import math

import numpy as np

from timecone.models.compute.components.alternatives import ALTERNATIVES, SOFT_CAPS
from timecone.models.model import EventClock, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG10_2
from timecone.schema import FloatArray

PARAMETERS = (
    Parameter(
        "algorithms.halving_time",
        "year",
        "Time in which the compute needed for a given performance halves.",
        "Ho et al. 2024",
        low=0.0,
        replaced_by=(SOFT_CAPS,),
    ),
    Parameter(
        "algorithms.halving_time_past",
        "year",
        "The same between the threshold's reference year and the start.",
        "Ho et al. 2024",
        low=0.0,
        default="algorithms.halving_time",
        replaced_by=(SOFT_CAPS,),
    ),
    Parameter(
        "algorithms.headroom",
        "OOM",
        "Orders of magnitude that algorithms can still save after the headroom's year.",
        "Cotra 2020",
        low=0.0,
    ),
    Parameter(
        "algorithms.headroom_year",
        "calendar year",
        "Decimal year for which the headroom is stated: progress from then to the start, at the past halving"
        " time, is taken off; inf for the start.",
        "Cotra 2020",
        low=1900.0,
        default=math.inf,
        includes_high=True,
        replaced_by=(SOFT_CAPS,),
    ),
    Parameter(
        "algorithms.breakthrough_rate",
        "1/year",
        "Expected number of breakthroughs beyond the trend per year.",
        "Ho et al. 2024",
        low=0.0,
        default=0.0,
        includes_low=True,
        replaced_by=ALTERNATIVES,
    ),
    Parameter(
        "algorithms.breakthrough_size",
        "OOM",
        "Progress that a breakthrough adds at once; the Transformer about 0.9, Chinchilla about 0.5.",
        "Ho et al. 2024",
        low=0.0,
        default=0.0,
        includes_low=True,
        replaced_by=ALTERNATIVES,
    ),
)


#: Name under which a run stores when breakthroughs happen.
BREAKTHROUGH_DATES = "algorithms.breakthrough_dates"
#: Gaps between breakthroughs, in units of the mean gap. A draw whose last one falls inside the simulated
#: time would lack later ones; the kernel calls it failed.
BREAKTHROUGHS = EventClock("algorithms.breakthrough_gap", 32, "algorithms.breakthrough_rate")


def breakthrough_dates(rate: FloatArray, gaps: FloatArray) -> FloatArray:
    """Return the times of breakthroughs since the start, years; +inf where the rate is 0.

    Parameters
    ----------
    rate : array, shape (draws,)
        Per year.
    gaps : array, shape (events, draws)
        Unit-exponential variates.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.cumsum(gaps, axis=0) / rate)


@scalar
def trend(halving_time: float) -> float:
    """Return the unlimited growth of algorithmic efficiency in OOM per year."""
    return LOG10_2 / halving_time


@scalar
def past_gain(halving_time_past: float, start: float, reference_year: float) -> float:
    """Return a(start): OOM gained from the reference year to the start."""
    return LOG10_2 / halving_time_past * (start - reference_year)
