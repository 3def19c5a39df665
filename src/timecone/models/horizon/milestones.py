"""Milestones: each is a level of effective compute.

Levels of taste follow in closed form. The superhuman coder of AI 2027 and multiples of software progress are
stated for the resources of the start; they depend on effective compute alone and rise with it, so their
levels are found by bisection.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from timecone.models.horizon import coding_labour
from timecone.models.horizon.integration import COMPUTE, date_of
from timecone.models.horizon.source import AI_FUTURES
from timecone.models.horizon.state import Draw, log_speedup
from timecone.models.horizon.taste import TOP, Taste
from timecone.models.model import Parameter
from timecone.numerics.compiled import kernel
from timecone.schema import Duration, FloatArray, Milestone

PARAMETERS: Final = (
    Parameter(
        "taste.expert_step",
        "1",
        "Steps, each from the median to the best human researcher, from the best researcher to AI that"
        " equals the top experts.",
        AI_FUTURES,
        low=0.0,
    ),
)

_SPEEDUP = (
    "AI makes software progress with the resources of the start {} times as fast as humans alone make it"
)
MILESTONES: Final = (
    Milestone(
        "automated_coder",
        "automated coder",
        "AI codes as productively as all coders of a frontier project do without AI, on 5 % of its compute",
    ),
    Milestone(
        "superhuman_coder",
        "superhuman coder",
        "AI codes like 30 times as many coders, 30 times as fast as the best of them, on 5 % of the project's"
        " compute",
    ),
    Milestone(
        "superhuman_researcher",
        "superhuman AI researcher",
        "the research taste of AI is that of the best human researchers, the 99.9th percentile, and the"
        " automated coder is there",
    ),
    Milestone(
        "superintelligent_researcher",
        "superintelligent AI researcher",
        "the research taste of AI is three times as far above the human median as that of the best human"
        " researchers, and the automated coder is there",
    ),
    Milestone(
        "strategic_ai",
        "strategic AI",
        "the research taste of AI is three times as far above the human median as that of the best human"
        " researchers",
    ),
    Milestone(
        "expert_ai",
        "top-expert-dominating AI",
        "AI is as good as the top human experts at virtually all cognitive tasks, by its research taste",
    ),
    Milestone(
        "superintelligence",
        "artificial superintelligence",
        "AI is two more steps, each from the median to the best human, above the top human experts at"
        " virtually all cognitive tasks, by its research taste",
    ),
    *(
        Milestone(f"speedup_{k}", f"software progress x{k}", _SPEEDUP.format(k))
        for k in (5, 25, 250, 2_000, 10_000)
    ),
)
#: Positions of milestones.
CODER, SUPERHUMAN_CODER, SAR, SIAR, STRATEGIC, EXPERT, ASI = range(7)
FIRST_SPEEDUP: Final = 7
LOG_SPEEDUPS: Final = np.log([5.0, 25.0, 250.0, 2_000.0, 10_000.0])
COUNT: Final = len(MILESTONES)
DURATIONS: Final = tuple(
    Duration(
        f"coder_to_{milestone.name}",
        f"time from the automated coder to {milestone.label}",
        MILESTONES[0].name,
        milestone.name,
    )
    for milestone in MILESTONES[1:]
)

#: Coding labour of the superhuman coder: natural logarithms of a factor, and of another one to the power of 1
#: over the exponent of parallel labour. December 2025: 30 and 300; January 2026: 30 * 25 and 30.
_CODERS_2025: Final = (math.log(30.0), math.log(300.0))
_CODERS_2026: Final = (math.log(30.0 * 25.0), math.log(30.0))
#: Steps above the best researcher, in units of that of the best researcher over the median.
_SUPERINTELLIGENT: Final = 3.0
_STEPS_TO_ASI: Final = 2.0
_BISECTIONS: Final = 52


@kernel
def _level_of_coders(draw: Draw, log_multiple: float, low: float, high: float) -> float:
    """Return the least E within a range at which coding labour is this multiple; +inf for none."""
    if coding_labour.log_multiple(draw.coding, high, draw.log_compute_per_coder) < log_multiple:
        return np.inf
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if coding_labour.log_multiple(draw.coding, middle, draw.log_compute_per_coder) < log_multiple:
            low = middle
        else:
            high = middle
    return high


@kernel
def _level_of_speedup(draw: Draw, log_speedup_wanted: float, low: float, high: float) -> float:
    """Return the least E within a range at which software progress is this multiple; +inf for none."""
    if log_speedup(draw, high) < log_speedup_wanted:
        return np.inf
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if log_speedup(draw, middle) < log_speedup_wanted:
            low = middle
        else:
            high = middle
    return high


@kernel
def level_of_taste(taste: Taste, deviations: float) -> float:
    """Return the E at which the taste of AI is some standard deviations above the human median."""
    return taste.coder + (deviations - taste.at_coder) / taste.slope


@kernel
def set_dates(
    draw: Draw, expert_step: float, of_2025: bool, path: FloatArray, points: int, dates: FloatArray
) -> None:
    """Fill the dates of all milestones; +inf where a path does not come to it."""
    taste, coder = draw.taste, draw.taste.coder
    low, high = path[COMPUTE, 0], path[COMPUTE, points - 1]
    fixed, per_exponent = _CODERS_2025 if of_2025 else _CODERS_2026
    coders = fixed + per_exponent / draw.throughput.labour_exponent
    base = max(TOP, taste.at_coder)
    if of_2025:
        expert, asi = base * (1.0 + expert_step), base * (1.0 + expert_step + _STEPS_TO_ASI)
    else:
        expert = base + TOP * expert_step
        asi = expert + TOP * _STEPS_TO_ASI
    superintelligent = level_of_taste(taste, _SUPERINTELLIGENT * TOP)
    dates[CODER] = date_of(path, points, coder)
    dates[SUPERHUMAN_CODER] = date_of(path, points, _level_of_coders(draw, coders, low, high))
    dates[SAR] = date_of(path, points, max(level_of_taste(taste, TOP), coder))
    dates[SIAR] = date_of(path, points, max(superintelligent, coder))
    dates[STRATEGIC] = date_of(path, points, superintelligent)
    dates[EXPERT] = date_of(path, points, level_of_taste(taste, expert))
    dates[ASI] = date_of(path, points, level_of_taste(taste, asi))
    for n in range(LOG_SPEEDUPS.size):
        level = _level_of_speedup(draw, LOG_SPEEDUPS[n], low, high)
        dates[FIRST_SPEEDUP + n] = date_of(path, points, level)
