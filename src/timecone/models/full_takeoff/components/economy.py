"""Economy: capital, labour, and productivity that grows by itself.

    dK/dt = s Y,    L = L_0 e**(g t),    A = e**(a t)

Capital does not wear out, and spending on compute is taken from nothing: both as in the published model. The
stock of capital at the start is what growth at the rate k would have left, K_0 = s Y_0 / (e**k - 1).
Davidson 2023.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_E, exp2, exp2m1

PARAMETERS = (
    Parameter(
        "economy.output", "USD/year", "Gross world product at the start, USD of 2022.", SOURCE, low=0.0
    ),
    Parameter(
        "economy.savings",
        "1",
        "Share of gross world product that becomes capital; in the published model 0.2.",
        SOURCE,
        low=0.0,
        high=1.0,
        default=0.2,
    ),
    Parameter(
        "economy.capital_growth",
        "1/year",
        "Growth of capital before the start, which determines its stock.",
        SOURCE,
        low=0.0,
    ),
    Parameter("economy.workers", "1", "Workers of the world at the start.", SOURCE, low=0.0),
    Parameter("economy.labour_growth", "1/year", "Growth of labour, continuous.", SOURCE, low=-1.0),
    Parameter(
        "economy.tfp_growth",
        "1/year",
        "Growth of total factor productivity that is not due to AI, continuous.",
        SOURCE,
        low=-1.0,
    ),
)


@scalar
def capital_at_start(output: float, savings: float, growth: float) -> float:
    """Return the stock of capital at the start, USD."""
    return output * savings / exp2m1(growth * LOG2_E)


@scalar
def grown(rate: float, time: float) -> float:
    """Return the factor of growth at a continuous rate over a time."""
    return exp2(rate * time * LOG2_E)
