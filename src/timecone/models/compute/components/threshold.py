"""Threshold: effective compute of the training run that yields transformative AI.

``requirement`` T is stated in log10 FLOP with the algorithms of ``reference_year``; with the algorithms of
the start it is T - a(start) (see `algorithms`). Which distribution it has is a matter of the view taken:
biological anchors (Cotra 2020), the Direct Approach (Atkinson et al. 2023), full takeoff (Davidson 2023).
A requirement of inf says that no training compute suffices: milestones are then never reached.

The view that a neuron needs a small network of its own (Carlsmith 2020, "How much computational power does it
take to match the human brain?") raises a brain-based requirement by ``neuron_complexity``.
"""

from __future__ import annotations

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar

PARAMETERS = (
    Parameter(
        "threshold.requirement",
        "log10 FLOP",
        "Training compute of transformative AI with the algorithms of the reference year; inf for never.",
        "Cotra 2020; Davidson 2023",
        includes_high=True,
    ),
    Parameter(
        "threshold.reference_year",
        "calendar year",
        "Decimal year in whose algorithms the requirement is stated.",
        "Cotra 2020; Davidson 2023",
        low=1900.0,
        high=2200.0,
    ),
    Parameter(
        "threshold.neuron_complexity",
        "OOM",
        "Added to the requirement: how much more than one parameter it takes to do what a synapse does.",
        "Carlsmith 2020",
        low=0.0,
        default=0.0,
        includes_low=True,
    ),
)


@scalar
def requirement_at_start(requirement: float, complexity: float, past_gain: float) -> float:
    """Return the requirement with the algorithms of the start, log10 FLOP."""
    return requirement + complexity - past_gain
