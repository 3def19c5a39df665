"""Research that AI joins: what cumulative effort does to the pace of hardware and of algorithms.

Semi-endogenous growth: efficiency = (cumulative research)**r. Without AI the observed trend goes on: research
input grows at g_R = g_trend / r (natural logarithms), and so does what has accumulated. Let w be cumulative
research over what it would be without AI, m the multiplier of research labour (see `labour`). Then

    dw/dt = g_R (m - w),   speedup = m / w,   unlimited progress = trend + r log10(w)   (OOM)

which is the law dx/dt = g_R exp(g_R (t - t0) + ln m - x), x = ln(cumulative research / its value at the
start), written for w = exp(x - g_R (t - t0)). It is linear in w: with m constant over a step the solution is
exact, however far m runs ahead. Hardware and algorithms share the law, each with its own r.

Jones 1995, "R&D-based models of economic growth"; Davidson 2023, "What a compute-centric framework says about
AI takeoff speeds"; Davidson & Houlden 2025, "How quick and big would a software intelligence explosion be?".
"""

from __future__ import annotations

from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_10, LOG10_2, exp2m1, log2

SOFTWARE_FEEDBACK = "software_feedback"
HARDWARE_FEEDBACK = "hardware_feedback"

PARAMETERS = (
    Parameter(
        "feedback.software_returns",
        "1",
        "Doublings of algorithmic efficiency per doubling of cumulative software research.",
        "Davidson & Houlden 2025",
        low=0.0,
        components=(SOFTWARE_FEEDBACK,),
    ),
    Parameter(
        "feedback.hardware_returns",
        "1",
        "Doublings of price-performance per doubling of cumulative hardware research.",
        "Davidson 2023",
        low=0.0,
        components=(HARDWARE_FEEDBACK,),
    ),
)

_LABOUR = ("feedback.substitution", "feedback.parallelisation", "feedback.workforce")

COMPONENTS = (
    Component(
        SOFTWARE_FEEDBACK,
        "Software feedback",
        ("feedback.software_returns", *_LABOUR),
        "AI speeds up research on algorithms.",
    ),
    Component(
        HARDWARE_FEEDBACK,
        "Hardware feedback",
        ("feedback.hardware_returns", *_LABOUR),
        "AI speeds up research on hardware.",
    ),
)

#: Bound on cumulative research over its trend, far above anything that a crossing depends on.
MOST_RESEARCH = 10.0**40


@scalar
def closed(rate: float, returns: float, step: float) -> float:
    """Return 1 - exp(-g_R step): how much of the distance between w and m a step closes.

    To its last digits also in a short step: m may be many orders of magnitude ahead.

    Parameters
    ----------
    rate : float
        Growth of efficiency without AI, OOM per year.
    returns : float
        r.
    step : float
        Years of research at full pace.
    """
    return -exp2m1(-LOG2_10 * rate / returns * step)


@scalar
def accumulated(research: float, multiplier: float, part: float) -> float:
    """Return w after a step with a constant m; ``part`` is what it has `closed`."""
    return min(research + (multiplier - research) * part, MOST_RESEARCH)


@scalar
def progress(rate: float, years: float, returns: float, ratio: float) -> float:
    """Return the unlimited progress of a step in OOM.

    Parameters
    ----------
    rate : float
        Growth of efficiency without AI, OOM per year.
    years : float
        Years that the trend went on within the step.
    returns : float
        r.
    ratio : float
        w after the step over w before it.
    """
    return rate * years + returns * LOG10_2 * log2(ratio)


@scalar
def speed(rate: float, research: float, multiplier: float) -> float:
    """Return the unlimited growth of efficiency in OOM per year."""
    return rate * multiplier / research
