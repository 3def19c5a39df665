"""Deployment: from the run that is feasible to AI at work, and how many copies of it.

TAI is deployed ``delay`` years after the run that reaches the requirement becomes feasible: the run itself,
reliability, regulation. The chips of that run, free again, can run

    copies = (C / L) / (2 N v),   N = sqrt(C / (6 k))

copies of the trained model: C its training compute, L the longest sensible length of a run, N its parameters
with k tokens per parameter, v the tokens per second of one copy, 2 N FLOP each.

A run that ends at a given date takes the hardware, the algorithms and the budget of its beginning, and trains
for its length. If these grow together at the rate g (natural logarithms), a run of length L yields L exp(-g
L) of what it would at the terms of its end: most for L = 1 / g. A longer one is overtaken by one that starts
later.

Sevilla, Besiroglu, Dudney & Ho 2022, "The longest training run"; Davidson 2023; Hoffmann et al. 2022 (k).
"""

from __future__ import annotations

import numpy as np

from timecone.models.model import Parameter
from timecone.schema import FloatArray

PARAMETERS = (
    Parameter(
        "deployment.delay",
        "year",
        "Time from the feasible training run to TAI at work.",
        "Davidson 2023",
        low=0.0,
        default=0.0,
        includes_low=True,
    ),
    Parameter(
        "deployment.tokens_per_second",
        "1/second",
        "Tokens per second of one copy at work.",
        "Davidson 2023",
        low=0.0,
        default=10.0,
    ),
)

_SECONDS_PER_YEAR = 365.25 * 86400.0
#: Tokens per parameter of compute-optimal training (Hoffmann et al. 2022).
TOKENS_PER_PARAMETER = 20.0


def run_length_limit(*growth: FloatArray) -> FloatArray:
    """Return 1 / (sum of growth rates), years; growth rates in OOM per year. +inf where nothing grows."""
    total = np.log(10.0) * sum(growth)
    with np.errstate(divide="ignore"):
        return np.where(total > 0.0, 1.0 / np.where(total > 0.0, total, 1.0), np.inf)


def log_copies(compute: FloatArray, run_length: FloatArray, speed: FloatArray) -> FloatArray:
    """Return log10 of how many copies the chips of a training run can run.

    Parameters
    ----------
    compute : array
        log10 FLOP of the training run.
    run_length : array
        Years; one at most is counted.
    speed : array
        Tokens per second of one copy.
    """
    seconds = np.minimum(run_length, 1.0) * _SECONDS_PER_YEAR
    parameters = 0.5 * (compute - np.log10(6.0 * TOKENS_PER_PARAMETER))
    return np.asarray(compute - parameters - np.log10(2.0 * seconds * speed))
