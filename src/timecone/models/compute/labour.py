"""Research labour: what AI workers add to human researchers.

A CES over tasks with elasticity of substitution sigma < 1 (rho = 1 - 1/sigma < 0): AI does a share f of them,
humans crowd into the rest, and

    m = max(1, [f**(1-rho) K**rho + (1-f)**(1-rho)]**(lambda/rho))

with K AI workers per human researcher and lambda the parallelisation of research ("stepping on toes"). f = 0
gives 1; f = 1 gives K**lambda. K = 10**(workforce + E - T): as many as the parameter says once effective
compute reaches the requirement, and in proportion to effective compute before and after.

Jones 1995; Davidson 2023, "What a compute-centric framework says about AI takeoff speeds".
"""

from __future__ import annotations

from timecone.models.compute.research import HARDWARE_FEEDBACK, SOFTWARE_FEEDBACK
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_10, exp2, log2

_LOOPS = (SOFTWARE_FEEDBACK, HARDWARE_FEEDBACK)

PARAMETERS = (
    Parameter(
        "feedback.substitution",
        "1",
        "Elasticity of substitution sigma between research tasks.",
        "Davidson 2023",
        low=0.0,
        high=1.0,
        components=_LOOPS,
    ),
    Parameter(
        "feedback.parallelisation",
        "1",
        "Elasticity lambda of research progress to research labour at one time.",
        "Jones 1995; Davidson 2023",
        low=0.0,
        high=1.0,
        includes_high=True,
        components=_LOOPS,
    ),
    Parameter(
        "feedback.workforce",
        "OOM",
        "AI workers per human researcher when effective compute reaches the requirement, log10.",
        "Davidson 2023",
        components=_LOOPS,
    ),
)

# Bounds of log10 K, and the least share that a logarithm is taken of: 2**-128 of the tasks.
_MOST_WORKERS = 20.0
_LEAST_SHARE = 2.0**-128


@scalar
def multiplier(share: float, workers: float, substitution: float, power: float) -> float:
    """Return m, at least 1.

    Parameters
    ----------
    share : float
        f, tasks that AI has taken over, in [0, 1].
    workers : float
        log10 K.
    substitution : float
        sigma, in (0, 1).
    power : float
        lambda / rho, negative.
    """
    # 1 - rho = 1 / sigma.
    by_ai = log2(max(share, _LEAST_SHARE)) / substitution
    by_people = log2(max(1.0 - share, _LEAST_SHARE)) / substitution
    k = min(max(workers, -_MOST_WORKERS), _MOST_WORKERS) * LOG2_10
    total = exp2(by_ai + (1.0 - 1.0 / substitution) * k) + exp2(by_people)
    return exp2(max(power * log2(total), 0.0))


@scalar
def power_of_total(parallelisation: float, substitution: float) -> float:
    """Return lambda / rho."""
    return parallelisation / (1.0 - 1.0 / substitution)
