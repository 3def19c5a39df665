"""Economy: gross world product, which bounds what a training run may cost.

    dy/dt = log10(1 + growth) + f [log10(1 + growth + automation_growth) - log10(1 + growth)]

with y in log10 USD per year and f the share of tasks that AI has taken over: 0 without that feedback. The
boost is linear in f between none and full automation.

Cotra 2020; Erdil et al. 2025, "GATE: an integrated assessment model for AI automation" (growth).
"""

from __future__ import annotations

import numpy as np

from timecone.models.compute.components.alternatives import COMPUTE_TREND
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import log10

OUTPUT_FEEDBACK = "output_feedback"

PARAMETERS = (
    Parameter(
        "economy.output",
        "USD",
        "Gross world product in the year that begins at the start.",
        "Cotra 2020",
        low=0.0,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "economy.growth",
        "1/year",
        "Growth of gross world product per year, without AI's own contribution.",
        "Cotra 2020",
        low=-1.0,
        high=np.inf,
        replaced_by=(COMPUTE_TREND,),
    ),
    Parameter(
        "economy.automation_growth",
        "1/year",
        "Growth that full automation adds per year.",
        "Erdil et al. 2025",
        low=0.0,
        includes_low=True,
        components=(OUTPUT_FEEDBACK,),
    ),
)


COMPONENTS = (
    Component(
        OUTPUT_FEEDBACK,
        "Output feedback",
        ("economy.automation_growth",),
        "Automation makes world output grow faster, and what may be spent of it.",
    ),
)


@scalar
def growth_rate(growth: float) -> float:
    """Return the growth of output in OOM per year."""
    return log10(1.0 + growth)


@scalar
def boost(growth: float, automation_growth: float) -> float:
    """Return what full automation adds to the growth of output, OOM per year."""
    return log10(1.0 + growth + automation_growth) - log10(1.0 + growth)


@scalar
def output_growth(rate: float, boost: float, adopted: float) -> float:
    """Return the growth of output, OOM per year, with a share of tasks that AI has taken over.

    ``rate`` is `growth_rate`, ``boost`` is `boost`; both OOM per year.
    """
    return rate + boost * adopted
