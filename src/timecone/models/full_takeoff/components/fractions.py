"""Fractions of output, capital, labour and compute that go to AI, and the wake-up to its promise.

Each fraction grows exponentially to a ceiling: at one rate before the wake-up, at another one after it,

    f(t + h) = min(ceiling, f(t) e**(g h))

The wake-up comes when the automated share of goods and services reaches the trigger; it is not for good. As
long as it has not come, the training share stands still once a run costs more than a cap. Davidson 2023.
"""

from __future__ import annotations

from typing import Final

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Constraint, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_E, exp2
from timecone.schema import BoolArray, FloatArray

#: Names of the fractions, in the order of the kernel, and what each is a fraction of.
FRACTIONS: Final = {
    "compute_spending": "gross world product that is spent on compute",
    "hardware_capital": "capital in research on hardware",
    "hardware_labour": "labour in research on hardware",
    "hardware_compute": "compute in research on hardware",
    "software_labour": "labour in research on software",
    "software_compute": "compute in research on software",
    "training": "a year's compute in the largest training run",
}

#: Fractions that a scenario states at the start; the two others follow from production and the largest run.
STATED: Final = tuple(name for name in FRACTIONS if name not in ("compute_spending", "training"))

PARAMETERS = (
    *(
        Parameter(
            f"share.{name}", "1", f"Fraction of {FRACTIONS[name]}, at the start.", SOURCE, low=0.0, high=1.0
        )
        for name in STATED
    ),
    *(
        Parameter(
            f"growth.{name}",
            "1/year",
            f"Growth of the fraction of {meaning} before the wake-up, continuous.",
            SOURCE,
        )
        for name, meaning in FRACTIONS.items()
    ),
    *(
        Parameter(
            f"growth_awake.{name}",
            "1/year",
            f"Growth of the fraction of {meaning} after the wake-up, continuous.",
            SOURCE,
        )
        for name, meaning in FRACTIONS.items()
    ),
    *(
        Parameter(f"ceiling.{name}", "1", f"Largest fraction of {meaning}.", SOURCE, low=0.0, high=1.0)
        for name, meaning in FRACTIONS.items()
    ),
    Parameter(
        "wakeup.trigger",
        "1",
        "Automated share of goods and services at which investors wake up.",
        SOURCE,
        low=0.0,
        high=1.0,
        includes_high=True,
    ),
    Parameter(
        "wakeup.money_cap",
        "USD",
        "Cost of a training run above which, before the wake-up, the training share stands still.",
        SOURCE,
        low=0.0,
    ),
)


def _sum_below_one(*shares: FloatArray) -> BoolArray:
    return sum(shares[1:], start=shares[0]) < 1.0


CONSTRAINTS = (
    Constraint(
        "labour_ceilings",
        ("ceiling.hardware_labour", "ceiling.software_labour"),
        _sum_below_one,
        "the largest fractions of labour in research on hardware and software sum to less than 1",
    ),
    Constraint(
        "compute_ceilings",
        ("ceiling.hardware_compute", "ceiling.software_compute", "ceiling.training"),
        _sum_below_one,
        "the largest fractions of compute in research on hardware and software and in training sum to less"
        " than 1",
    ),
    Constraint(
        "labour_shares",
        ("share.hardware_labour", "share.software_labour"),
        _sum_below_one,
        "the fractions of labour in research at the start sum to less than 1",
    ),
)


@scalar
def grown(fraction: float, rate: float, ceiling: float, time: float) -> float:
    """Return a fraction after a time at one rate."""
    return min(ceiling, fraction * exp2(rate * time * LOG2_E))
