"""Economy: gross world product, which bounds what a training run may cost.

dy/dt = log10(1 + growth),   y = log10 USD per year
"""

from __future__ import annotations

import numpy as np

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import log10

PARAMETERS = (
    Parameter(
        "economy.output",
        "USD",
        "Gross world product in the year that begins at the start.",
        "Cotra 2020",
        low=0.0,
    ),
    Parameter(
        "economy.growth",
        "1/year",
        "Growth of gross world product per year, without AI's own contribution.",
        "Cotra 2020",
        low=-1.0,
        high=np.inf,
    ),
)


@scalar
def growth_rate(growth: float) -> float:
    """Return the growth of output in OOM per year."""
    return log10(1.0 + growth)
