"""Automation: share of economically valuable remote tasks that AI can do.

    f = 0.2 + 0.8 * (E - (T - gap)) / gap,   clipped to [0, 1]

so f = 0.2 at a gap below the requirement, 1 at the requirement and 0 from 1.25 gaps below it. The share of
tasks that AI has taken over, u, follows the share that it can do: du/dt = (f - u) / adoption_lag. The
milestones of automation are about f; ``taken_over_20`` and feedback are about u.

Davidson 2023, "What a compute-centric framework says about AI takeoff speeds"; Sevilla 2023 (interview).
"""

from __future__ import annotations

from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LN_2, exp2m1, log2

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

#: Years: below a minute adoption is at once.
NO_LAG = 1e-6

FIRST_SHARE = 0.2
MIDDLE_SHARE = 0.5
#: Adopted share at which the milestone ``taken_over_20`` is passed.
TAKEN_SHARE = 0.2


@scalar
def share(effective: float, requirement: float, gap: float) -> float:
    """Return f in [0, 1]; compute in log10 FLOP, gap in OOM."""
    f = 1.0 - (1.0 - FIRST_SHARE) * (requirement - effective) / gap
    return min(max(f, 0.0), 1.0)


@scalar
def share_growth(growth: float, gap: float) -> float:
    """Return the growth of f while it is neither 0 nor 1, 1/year; ``growth`` of compute in OOM per year."""
    return (1.0 - FIRST_SHARE) / gap * growth


@scalar
def level(f: float, requirement: float, gap: float) -> float:
    """Return the effective compute at which the share reaches f > 0, log10 FLOP."""
    return requirement - gap * (1.0 - f) / (1.0 - FIRST_SHARE)


@scalar
def lag_closed(step: float, lag: float) -> float:
    """Return 1 - exp(-step / lag): how much of the distance between u and f a step closes; 1 without a lag.

    To its last digits also in a step much shorter than the lag.
    """
    return -exp2m1(-step / (lag * LN_2)) if lag > NO_LAG else 1.0


@scalar
def weight_before(step: float, lag: float, closed: float) -> float:
    """Return the weight of f at the step's beginning in u at its end, if f changes linearly within.

    The weight of f at the end is ``closed`` less this; ``closed`` is `lag_closed`.
    """
    return lag / step * closed - (1.0 - closed) if lag > NO_LAG else 0.0


@scalar
def adopted(u: float, f_before: float, f_after: float, closed: float, before: float) -> float:
    """Return u at the end of a step within which f changes linearly.

    ``closed`` is `lag_closed`, ``before`` is `weight_before`.
    """
    moved = u * (1.0 - closed) + f_before * before + f_after * (closed - before)
    return min(max(moved, 0.0), 1.0)


@scalar
def adopted_inside(x: float, u: float, f_before: float, f_after: float, step: float, lag: float) -> float:
    """Return u at the part x of a step within which f changes linearly."""
    closed = lag_closed(x * step, lag)
    f = f_before + x * (f_after - f_before)
    return adopted(u, f_before, f, closed, weight_before(x * step, lag, closed))


@scalar
def years_to_take_over(u: float, lag: float) -> float:
    """Return when u comes to `TAKEN_SHARE` if AI can do all tasks from now on, years; 0 if it is there."""
    return max(lag * LN_2 * log2((1.0 - u) / (1.0 - TAKEN_SHARE)), 0.0) if u < TAKEN_SHARE else 0.0


@scalar
def adopted_later(u: float, years: float, lag: float) -> float:
    """Return u some years later if AI can do all tasks from now on."""
    return u + (1.0 - u) * lag_closed(years, lag)


@scalar
def adopted_at_start(f: float, growth: float, lag: float) -> float:
    """Return u at the start, as if f had grown for long at its present pace, 1/year."""
    return min(max(f - lag * growth, 0.0), f)
