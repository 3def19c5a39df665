"""Requirements of tasks: training compute, and compute at work in place of a worker.

The most demanding of N tasks requires M, the task at 20 % of the way requires M / gap, and the requirement
falls further below: its logarithm is linear between

    quantile of the task    1    0.5           0.2      0.1             0.05            0
    requirement             M    M/gap**(4/7)  M/gap    M/gap**(8.5/7)  M/gap**(9.5/7)  M/gap**1.5

Task i = 1 ... N lies at the quantile (i - 1) / (N - 1). Task 0, the work that compute does at the start,
requires 1. With a steepness of s orders of magnitude requirements rise in steps of s, the lowest ones being
at most M / gap. Tasks of research on hardware and software require less than those of goods and services by
a constant factor. Davidson 2023.
"""

from __future__ import annotations

import numpy as np

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LOG2_10
from timecone.schema import FloatArray

#: Quantiles of tasks at which the requirement is known, and its distance below the top, in gaps.
QUANTILES = np.array([0.0, 0.05, 0.1, 0.2, 0.5, 1.0])
DISTANCES = np.array([10.5, 9.5, 8.5, 7.0, 4.0, 0.0]) / 7.0
#: Seconds of the year in which a worker's compute is counted.
YEAR_SECONDS = 31_536_000.0

PARAMETERS = (
    Parameter(
        "requirement.training",
        "FLOP",
        "Training compute, with the software of the start, of an AI that can do every task of goods and"
        " services; inf: no amount is enough.",
        SOURCE,
        low=0.0,
        includes_high=True,
    ),
    Parameter(
        "requirement.training_gap",
        "1",
        "Training compute for all tasks over that for the least demanding 20 %.",
        SOURCE,
        low=1.0,
        includes_low=True,
    ),
    Parameter(
        "requirement.training_goods_to_rnd",
        "1",
        "Training compute for tasks of goods and services over that for tasks of research.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "requirement.runtime",
        "FLOP/second",
        "Compute at work in place of one worker in the most demanding task of goods and services, with the"
        " software of the start; the year has 31 536 000 s.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "requirement.runtime_gap",
        "1",
        "That compute over that in the task at 20 %.",
        SOURCE,
        low=1.0,
        includes_low=True,
    ),
    Parameter(
        "requirement.runtime_goods_to_rnd",
        "1",
        "Compute at work in tasks of goods and services over that in tasks of research.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "requirement.training_steepness",
        "OOM",
        "Height of the steps in which training requirements rise from task to task; 0 for none.",
        SOURCE,
        low=0.0,
        includes_low=True,
        default=0.0,
    ),
    Parameter(
        "requirement.runtime_steepness",
        "OOM",
        "Height of the steps in which runtime requirements rise from task to task; 0 for none.",
        SOURCE,
        low=0.0,
        includes_low=True,
        default=0.0,
    ),
)


@scalar
def _distance(quantile: float) -> float:
    """Return how far the requirement of a task lies below the top, in gaps of orders of magnitude."""
    k = 0
    while k < QUANTILES.size - 2 and quantile >= QUANTILES[k + 1]:
        k += 1
    share = (quantile - QUANTILES[k]) / (QUANTILES[k + 1] - QUANTILES[k])
    return float(DISTANCES[k] + share * (DISTANCES[k + 1] - DISTANCES[k]))


@kernel
def fill(top: float, gap: float, steepness: float, tasks: int, out: FloatArray) -> None:
    """Fill ``out`` with the log2 requirements of tasks 0 to ``tasks``; ``top``, ``gap`` in log10."""
    out[0] = 0.0
    for i in range(1, tasks + 1):
        quantile = (i - 1) / (tasks - 1) if tasks > 1 else 1.0
        required = top - _distance(quantile) * gap
        if steepness > 0.0:
            required = min(top, top - gap + steepness * np.ceil((required + gap - top) / steepness))
        out[i] = required * LOG2_10
