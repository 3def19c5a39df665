"""Automation: share of economically valuable remote tasks that AI can do.

    f = 0.2 + 0.8 * (E - (T - gap)) / gap,   clipped to [0, 1]

so f = 0.2 at a gap below the requirement, 1 at the requirement and 0 from 1.25 gaps below it.

Davidson 2023, "What a compute-centric framework says about AI takeoff speeds"; Sevilla 2023 (interview).
"""

from __future__ import annotations

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar

PARAMETERS = (
    Parameter(
        "automation.gap",
        "OOM",
        "Effective compute between automating 20 % and 100 % of tasks.",
        "Davidson 2023",
        low=0.0,
    ),
)

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
