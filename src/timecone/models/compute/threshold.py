"""Threshold: effective compute of the training run that yields transformative AI.

``requirement`` T is stated in log10 FLOP with the algorithms of ``reference_year``; with the algorithms of
the start it is T - a(start) (see `algorithms`). Which distribution it has is a matter of the view taken:
biological anchors (Cotra 2020), the Direct Approach (Atkinson et al. 2023), full takeoff (Davidson 2023).
"""

from __future__ import annotations

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar

PARAMETERS = (
    Parameter(
        "threshold.requirement",
        "log10 FLOP",
        "Training compute of transformative AI with the algorithms of the reference year.",
        "Cotra 2020; Davidson 2023",
    ),
    Parameter(
        "threshold.reference_year",
        "calendar year",
        "Decimal year in whose algorithms the requirement is stated.",
        "Cotra 2020; Davidson 2023",
        low=1900.0,
        high=2200.0,
    ),
)


@scalar
def requirement_at_start(requirement: float, past_gain: float) -> float:
    """Return the requirement with the algorithms of the start, log10 FLOP."""
    return requirement - past_gain
