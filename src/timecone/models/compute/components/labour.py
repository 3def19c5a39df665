"""Research labour: what AI workers add to human researchers.

A CES over tasks with elasticity of substitution sigma < 1 (rho = 1 - 1/sigma < 0): AI does a share a of them,
humans crowd into the rest, and

    m = [a**(1-rho) K**rho + (1-a)**(1-rho)]**(lambda/rho),   a = min(f, K / (1 + K))

with K AI workers per human researcher, f the share of tasks that AI has taken over in the economy and lambda
the parallelisation of research ("stepping on toes"). f = 0 gives 1. K / (1 + K) is the division of labour at
which every worker, human or AI, does as much: where AI workers are fewer than would be needed for all they
can do, humans keep doing the rest of it. Without that bound (a = f) more automation would slow research down
wherever K < f / (1 - f), and faster hardware or a shorter adoption lag could delay what they bring about;
with it m >= 1, and more of f or of K never lowers it. f = 1 gives (1 + K)**lambda.

K = 10**(workforce + E - T): as many as the parameter says once effective compute reaches the requirement, and
in proportion to effective compute before and after.

Jones 1995; Davidson 2023, "What a compute-centric framework says about AI takeoff speeds".
"""

from __future__ import annotations

from timecone.models.compute.components.research import HARDWARE_FEEDBACK, SOFTWARE_FEEDBACK
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_10, exp2, log2

#: Bound of log10 K on both sides. Before TAI K is never above the workforce that the parameter says, which is
#: bounded to it, and where K is below 10**-20 humans do all that can be told from all.
MOST_WORKERS = 20.0

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
        high=MOST_WORKERS,
        includes_high=True,
        components=_LOOPS,
    ),
)

# The least share that a logarithm is taken of: 2**-128 of the tasks.
_LEAST_SHARE = 2.0**-128


@scalar
def multiplier(share: float, workers: float, substitution: float, power: float) -> float:
    """Return m, at least 1; never less for more ``share`` or more ``workers``.

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
    k = min(max(workers, -MOST_WORKERS), MOST_WORKERS) * LOG2_10
    done = min(share, 1.0 / (1.0 + exp2(-k)))
    by_ai = log2(max(done, _LEAST_SHARE)) / substitution
    by_people = log2(max(1.0 - done, _LEAST_SHARE)) / substitution
    total = exp2(by_ai + (1.0 - 1.0 / substitution) * k) + exp2(by_people)
    return exp2(max(power * log2(total), 0.0))


@scalar
def workers(workforce: float, effective: float, requirement: float) -> float:
    """Return log10 K; compute in log10 FLOP."""
    return workforce + (effective - requirement)


@scalar
def power_of_total(parallelisation: float, substitution: float) -> float:
    """Return lambda / rho."""
    return parallelisation / (1.0 - 1.0 / substitution)
