"""Automation: share of economically valuable remote tasks that AI can do.

    f = 0.2 + 0.8 * (E - (T - gap)) / gap,   clipped to [0, 1]

so f = 0.2 at a gap below the requirement, 1 at the requirement and 0 from 1.25 gaps below it. What is done by
AI follows what could be: adopted share u with du/dt = (f - u) / adoption_lag. Milestones are about f,
feedback about u.

Davidson 2023, "What a compute-centric framework says about AI takeoff speeds"; Sevilla 2023 (interview).
"""

from __future__ import annotations

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LN_2, exp2

PARAMETERS = (
    Parameter(
        "automation.gap",
        "OOM",
        "Effective compute between automating 20 % and 100 % of tasks.",
        "Davidson 2023",
        low=0.0,
    ),
    Parameter(
        "automation.adoption_lag",
        "year",
        "Time constant with which tasks are taken over after AI can do them; 0 for at once.",
        "Davidson 2023",
        low=0.0,
        default=0.0,
        includes_low=True,
    ),
)

# Years: below a minute adoption is at once.
_NO_LAG = 1e-6

FIRST_SHARE = 0.2
MIDDLE_SHARE = 0.5


@scalar
def share(effective: float, requirement: float, gap: float) -> float:
    """Return f in [0, 1]; compute in log10 FLOP, gap in OOM."""
    f = 1.0 - (1.0 - FIRST_SHARE) * (requirement - effective) / gap
    return min(max(f, 0.0), 1.0)


@scalar
def level(f: float, requirement: float, gap: float) -> float:
    """Return the effective compute at which the share reaches f > 0, log10 FLOP."""
    return requirement - gap * (1.0 - f) / (1.0 - FIRST_SHARE)


@scalar
def lag_left(step: float, lag: float) -> float:
    """Return exp(-step / lag): how much of the distance between u and f a step leaves; 0 without a lag."""
    return exp2(-step / (lag * LN_2)) if lag > _NO_LAG else 0.0


@scalar
def weight_before(step: float, lag: float, left: float) -> float:
    """Return the weight of f at the step's beginning in u at its end, if f changes linearly within.

    The weight of f at the end is 1 - left less this; ``left`` is `lag_left`.
    """
    return lag / step * (1.0 - left) - left if lag > _NO_LAG else 0.0


@scalar
def adopted_at_start(f: float, growth: float, lag: float) -> float:
    """Return u at the start, as if f had grown for long at its present pace, 1/year."""
    return min(max(f - lag * growth, 0.0), f)
