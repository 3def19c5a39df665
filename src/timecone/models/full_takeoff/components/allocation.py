"""Allocation of labour and compute to the tasks of a sector.

Output of the tasks is x_i = L_i + eta_i C_i, with eta_i the workers that a FLOP per year replaces, and the
sector's cognitive work is the CES aggregate (sum beta_i x_i**psi)**(1/psi), psi < 0. The budgets Lb of labour
and Cb of compute are split so that it is largest. As eta falls from task to task, compute does the tasks
below some task I, labour those above, and both may share I. With sigma = 1 / (1 - psi) and

    S = sum_{j >= I} beta_j**sigma,   a = eta_I**sigma S,   b = sum_{j < I} beta_j**sigma eta_j**(sigma - 1)

compute in the task I is c = (Cb a - Lb b) / (a + eta_I b), and labour

    l = (Lb + eta_I c) beta_I**sigma / S - eta_I c

I is the first task that can be automated in which l is not negative. If c is negative there, compute does all
tasks below I and labour the rest. If there is no such task, compute does all that can be automated. The
weights of tasks 1 to N are equal, so that sums over tasks are counts or differences of one running sum, and
since beta**(1 + sigma psi) = beta**sigma the aggregate needs no sum of its own. Davidson 2023.
"""

from __future__ import annotations

from typing import NamedTuple

from timecone.models.full_takeoff.components.automation import AUTOMATED, log_workers
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp2, log2
from timecone.schema import FloatArray


class Tasks(NamedTuple):
    """The tasks of a sector, as they are at a moment.

    Attributes
    ----------
    psi : float
        CES exponent.
    first, each : float
        beta**sigma of task 0, and of every other task.
    last_weight : float
        beta of the last task.
    size : int
        Number of tasks besides task 0.
    automatable : int
        Tasks that can be automated, task 0 among them.
    capped : int
        Tasks after task 0 in which eta is 1.
    log_run, tradeoff : float
        log2 of the largest training run; exponent of the trade-off.
    """

    psi: float
    first: float
    each: float
    last_weight: float
    size: int
    automatable: int
    capped: int
    log_run: float
    tradeoff: float


@scalar
def _power(x: float, exponent: float) -> float:
    return exp2(exponent * log2(x))


@scalar
def _weight(tasks: Tasks, task: int) -> float:
    return tasks.first if task == 0 else tasks.each


@scalar
def _from(tasks: Tasks, task: int) -> float:
    """Return the sum of beta**sigma over a task and those above."""
    if task == 0:
        return tasks.first + tasks.each * tasks.size
    return tasks.each * (tasks.size + 1 - task)


@scalar
def _below(tasks: Tasks, task: int, factor: float, tables: FloatArray, kind: int, running: int) -> float:
    """Return the sum of beta**sigma eta**(sigma - 1) over the tasks below one.

    Where eta is below 1, eta**(sigma - 1) is ``factor`` times what the running sum adds.
    """
    if task == 0:
        return 0.0
    if task - 1 <= tasks.capped:
        return tasks.first + tasks.each * (task - 1)
    sums = tables[kind, running, task] - tables[kind, running, tasks.capped + 1]
    return float(tasks.first + tasks.each * (tasks.capped + factor * sums))


@kernel
def fill_running(log_requirement: FloatArray, sigma: float, tasks: int, out: FloatArray) -> None:
    """Fill ``out`` with the running sum of (iota tau**delta)**(1 - sigma) over the tasks from 1 on."""
    out[0] = 0.0
    out[1] = 0.0
    for i in range(1, tasks + 1):
        out[i + 1] = out[i] + exp2((1.0 - sigma) * log_requirement[i])


class _Split(NamedTuple):
    """What a task would have if labour and compute shared it: eta, eta**sigma, sums, compute and labour."""

    eta: float
    eta_sigma: float
    from_here: float
    below: float
    compute: float
    labour: float


@scalar
def _split(
    tasks: Tasks,
    task: int,
    labour: float,
    compute: float,
    factor: float,
    tables: FloatArray,
    kind: int,
    log_requirements: int,
    running: int,
) -> _Split:
    log_eta = log_workers(tasks.log_run, tasks.tradeoff, tables[kind, log_requirements, task])
    eta, eta_sigma = exp2(log_eta), exp2(log_eta / (1.0 - tasks.psi))
    from_here = _from(tasks, task)
    below = _below(tasks, task, factor, tables, kind, running)
    a = eta_sigma * from_here
    c = (compute * a - labour * below) / (a + eta * below)
    in_labour = (labour + eta * c) * (_weight(tasks, task) / from_here) - eta * c
    return _Split(eta, eta_sigma, from_here, below, c, in_labour)


@kernel
def work(
    tasks: Tasks,
    labour: float,
    compute: float,
    tables: FloatArray,
    kind: int,
    log_requirements: int,
    running: int,
    guess: int,
) -> tuple[float, float, int]:
    """Return the sum of beta x**psi, the number of automated tasks, and the task that labour comes to.

    Parameters
    ----------
    tasks : Tasks
        The sector's.
    labour, compute : float
        Budgets.
    tables : array, shape (kinds, tables, tasks + 2)
        ``tables[kind, log_requirements]`` are log2(iota tau**delta), ``tables[kind, running]`` the sums of
        `fill_running`.
    kind, log_requirements, running : int
        Rows of the tables.
    guess : int
        The task at which the search begins.
    """
    factor = exp2(tasks.psi / (1.0 - tasks.psi) * tasks.tradeoff * tasks.log_run)
    last = tasks.automatable - 1
    task = min(guess, last)
    split = _split(tasks, task, labour, compute, factor, tables, kind, log_requirements, running)
    if split.labour >= 0.0:
        # Down, while the task below is accepted too.
        while task > 0:
            lower = _split(tasks, task - 1, labour, compute, factor, tables, kind, log_requirements, running)
            if not lower.labour >= 0.0:
                break
            task, split = task - 1, lower
    else:
        # Up, to the first task that is accepted.
        while task < last and not split.labour >= 0.0:
            task += 1
            split = _split(tasks, task, labour, compute, factor, tables, kind, log_requirements, running)
        if not split.labour >= 0.0:
            return _all_compute(tasks, labour, compute, split)
    if split.compute >= 0.0 or task == 0:
        level = (labour + split.eta * split.compute) / split.from_here
        total = _power(level, tasks.psi) * split.from_here
        if task > 0:
            here = tasks.each * split.eta_sigma / split.eta
            spread = (compute + split.labour / split.eta) / (split.below + here)
            total += _power(spread, tasks.psi) * split.below
        automated = split.eta * split.compute > AUTOMATED * split.labour
        return total, task + (1.0 if automated else 0.0), task
    total = _power(compute / split.below, tasks.psi) * split.below
    total += _power(labour / split.from_here, tasks.psi) * split.from_here
    return total, float(task), task


@scalar
def _all_compute(tasks: Tasks, labour: float, compute: float, split: _Split) -> tuple[float, float, int]:
    """Return what `work` does where compute does all tasks that can be automated."""
    last = tasks.automatable - 1
    weight = _weight(tasks, last)
    up_to = split.below + weight * split.eta_sigma / split.eta
    spread = compute / up_to
    if last < tasks.size:
        above = _from(tasks, last + 1)
        total = _power(spread, tasks.psi) * up_to + _power(labour / above, tasks.psi) * above
        return total, last + 1.0, last
    # All labour joins compute in the last task.
    by_compute = spread * weight * split.eta_sigma
    total = _power(spread, tasks.psi) * split.below
    total += tasks.last_weight * _power(labour + by_compute, tasks.psi)
    return total, last + (1.0 if by_compute > AUTOMATED * labour else 0.0), last


@kernel
def work_without_ai(tasks: Tasks, labour: float, compute: float) -> float:
    """Return the sum of beta x**psi where compute does nothing but task 0."""
    sum_of_all = _from(tasks, 0)
    in_first = (labour + compute) * (tasks.first / sum_of_all) - compute
    if in_first >= 0.0:
        return _power((labour + compute) / sum_of_all, tasks.psi) * sum_of_all
    others = tasks.each * tasks.size
    total = _power(compute / tasks.first, tasks.psi) * tasks.first
    return total + _power(labour / others, tasks.psi) * others
