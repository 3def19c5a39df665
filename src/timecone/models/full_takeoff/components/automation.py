"""Automation: which tasks compute can do, and how much of it does the work of one worker.

The largest training run T is a share of one year of effective compute. A task whose training requirement is
tau and runtime requirement iota can be automated while tau < T m, with m the largest trade-off, and takes

    iota (tau / T)**delta,   at least 1

FLOP per year for each worker: a run below the requirement is made up for by more compute at work, a run above
it saves compute. Without a trade-off (delta = 0) m is 1. A task counts as automated where compute does more
than ten times the work of labour in it, so that automation needs both training and compute at work.
Davidson 2023.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.schema import FloatArray

#: Work of compute over that of labour above which a task is automated.
AUTOMATED = 10.0
#: Most tasks of a sector.
MOST_TASKS = 10_000

PARAMETERS = (
    Parameter(
        "automation.tradeoff",
        "1",
        "Orders of magnitude of compute at work that make up for one of training; 0 for no trade-off.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "automation.largest_tradeoff",
        "1",
        "Largest ratio of the training requirement to the training run that more compute at work makes up"
        " for.",
        SOURCE,
        low=1.0,
        includes_low=True,
    ),
    Parameter(
        "automation.largest_run",
        "FLOP",
        "Training compute of the largest run at the start.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "automation.tasks",
        "1",
        "Number of tasks in each sector, a whole number; in the published model 100.",
        SOURCE,
        low=1.0,
        high=MOST_TASKS,
        includes_low=True,
        includes_high=True,
        default=100.0,
    ),
)


@scalar
def count_below(tables: FloatArray, kind: int, table: int, size: int, limit: float, guess: int) -> int:
    """Return how many of the first ``size`` numbers of a rising table are below a limit, from a guess on."""
    count = guess
    while count < size and tables[kind, table, count] < limit:
        count += 1
    while count > 0 and tables[kind, table, count - 1] >= limit:
        count -= 1
    return count


@scalar
def count_up_to(tables: FloatArray, kind: int, table: int, size: int, limit: float, guess: int) -> int:
    """Return how many numbers of a rising table after the first are not above a limit, from a guess on."""
    count = guess
    while count < size - 1 and tables[kind, table, count + 1] <= limit:
        count += 1
    while count > 0 and tables[kind, table, count] > limit:
        count -= 1
    return count


@scalar
def log_workers(log_run: float, tradeoff: float, log_requirement: float) -> float:
    """Return log2 of the workers that a FLOP per year replaces.

    ``log_requirement`` is log2(iota tau**delta), which does not change in a draw.
    """
    return min(0.0, tradeoff * log_run - log_requirement)
