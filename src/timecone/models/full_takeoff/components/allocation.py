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

from timecone.models.full_takeoff.components.automation import AUTOMATED, log_workers
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp2, log2
from timecone.schema import FloatArray


@scalar
def _power(x: float, exponent: float) -> float:
    return exp2(exponent * log2(x))


@scalar
def _from(task: int, tasks: int, first: float, each: float) -> float:
    """Return the sum of beta**sigma over ``task`` and those above."""
    return first + each * tasks if task == 0 else each * (tasks + 1 - task)


@scalar
def _below(task: int, capped: int, first: float, each: float, factor: float, running: FloatArray) -> float:
    """Return the sum of beta**sigma eta**(sigma - 1) over the tasks below ``task``.

    In the first ``capped`` tasks after task 0, eta is 1; in the others eta**(sigma - 1) is ``factor`` times
    what ``running`` sums.
    """
    if task == 0:
        return 0.0
    if task - 1 <= capped:
        return first + each * (task - 1)
    return float(first + each * (capped + factor * (running[task] - running[capped + 1])))


@kernel
def fill_running(log_requirement: FloatArray, sigma: float, tasks: int, out: FloatArray) -> None:
    """Fill ``out`` with the running sum of (iota tau**delta)**(1 - sigma) over the tasks from 1 on."""
    out[0] = 0.0
    out[1] = 0.0
    for i in range(1, tasks + 1):
        out[i + 1] = out[i] + exp2((1.0 - sigma) * log_requirement[i])


@scalar
def _mixed_task(
    task: int,
    labour: float,
    compute: float,
    eta: float,
    eta_sigma: float,
    from_here: float,
    below: float,
    weight: float,
) -> tuple[float, float]:
    """Return compute and labour in a task, if it were the one that both share."""
    a = eta_sigma * from_here
    c = (compute * a - labour * below) / (a + eta * below)
    return c, (labour + eta * c) * (weight / from_here) - eta * c


@kernel
def work(
    labour: float,
    compute: float,
    psi: float,
    first: float,
    each: float,
    last_weight: float,
    tasks: int,
    automatable: int,
    capped: int,
    log_run: float,
    tradeoff: float,
    log_requirement: FloatArray,
    running: FloatArray,
    guess: int,
) -> tuple[float, float, int]:
    """Return the sum of beta x**psi, the number of automated tasks, and the task that labour comes to.

    ``first`` and ``each`` are beta**sigma of task 0 and of every other task, ``last_weight`` is beta of these.
    ``automatable`` tasks can be automated, task 0 among them. ``guess`` is where the search begins.
    """
    sigma = 1.0 / (1.0 - psi)
    factor = exp2((sigma - 1.0) * tradeoff * log_run)
    last = automatable - 1
    task = min(guess, last)
    # The search goes down while the task below is accepted too, else up to the first that is.
    goes_up, goes_down = False, False
    eta = eta_sigma = from_here = below = c = l = 0.0
    while True:
        log_eta = log_workers(log_run, tradeoff, log_requirement[task])
        eta, eta_sigma = exp2(log_eta), exp2(sigma * log_eta)
        from_here = _from(task, tasks, first, each)
        below = _below(task, capped, first, each, factor, running)
        weight = first if task == 0 else each
        c, l = _mixed_task(task, labour, compute, eta, eta_sigma, from_here, below, weight)
        if l >= 0.0:
            if task == 0 or goes_up:
                break
            goes_down = True
            task -= 1
        else:
            if task == last and not goes_down:
                return _all_compute(
                    labour, compute, psi, sigma, first, each, last_weight, tasks, last,
                    eta, eta_sigma, below, weight,
                )  # fmt: skip
            task += 1
            if goes_down:
                # The task above has been accepted before: compute its numbers again and stop.
                goes_up, goes_down = True, False
                continue
            goes_up = True
    if c >= 0.0 or task == 0:
        level = (labour + eta * c) / from_here
        total = _power(level, psi) * from_here
        if task > 0:
            here = each * eta_sigma / eta
            total += _power((compute + l / eta) / (below + here), psi) * below
        return total, task + (1.0 if eta * c > AUTOMATED * l else 0.0), task
    total = _power(compute / below, psi) * below + _power(labour / from_here, psi) * from_here
    return total, float(task), task


@scalar
def _all_compute(
    labour: float,
    compute: float,
    psi: float,
    sigma: float,
    first: float,
    each: float,
    last_weight: float,
    tasks: int,
    last: int,
    eta: float,
    eta_sigma: float,
    below: float,
    weight: float,
) -> tuple[float, float, int]:
    """Return what `work` does where compute does all tasks that can be automated."""
    spread = compute / (below + weight * eta_sigma / eta)
    if last < tasks:
        above = _from(last + 1, tasks, first, each)
        total = _power(spread, psi) * (below + weight * eta_sigma / eta)
        total += _power(labour / above, psi) * above
        return total, last + 1.0, last
    # All labour joins compute in the last task.
    by_compute = spread * weight * eta_sigma
    total = _power(spread, psi) * below + last_weight * _power(labour + by_compute, psi)
    return total, last + (1.0 if by_compute > AUTOMATED * labour else 0.0), last


@kernel
def work_without_ai(labour: float, compute: float, psi: float, first: float, each: float, tasks: int) -> float:
    """Return the sum of beta x**psi where compute does nothing but task 0."""
    sum_of_all = first + each * tasks
    in_first = (labour + compute) * (first / sum_of_all) - compute
    if in_first >= 0.0:
        return _power((labour + compute) / sum_of_all, psi) * sum_of_all
    others = each * tasks
    return _power(compute / first, psi) * first + _power(labour / others, psi) * others
