"""Experiment throughput: experiment compute and coding labour in a CES.

    X = [a (C^z)^p + (1 - a) (L^l)^p]^(1/p),  p < 0

with experiment compute C, coding labour L and the exponents z of compute and l of parallel labour. Three
answers set p, z and a: how many times more throughput unlimited labour would give, how many times more
unlimited compute, and how many times less a tenth of the compute.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from timecone.models.horizon.source import AI_FUTURES
from timecone.models.model import Constraint, Parameter
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, exp, log2
from timecone.schema import BoolArray, FloatArray

#: Lowest exponent of substitution that is looked for.
LOWEST_EXPONENT: Final = -50.0
#: Bounds of the exponent of compute.
COMPUTE_EXPONENTS: Final = (0.001, 10.0)
_NEWTON_STEPS: Final = 60
_TOLERANCE: Final = 1e-15

PARAMETERS: Final = (
    Parameter(
        "throughput.unlimited_labour",
        "1",
        "Experiment throughput with unlimited coding labour over that of the start.",
        AI_FUTURES,
        low=1.0,
    ),
    Parameter(
        "throughput.unlimited_compute",
        "1",
        "Experiment throughput with unlimited experiment compute over that of the start.",
        AI_FUTURES,
        low=1.0,
    ),
    Parameter(
        "throughput.compute_cut",
        "1",
        "Experiment throughput of the start over that with a tenth of the experiment compute.",
        AI_FUTURES,
        low=1.0,
        includes_low=True,
    ),
    Parameter(
        "labour.parallel_exponent",
        "1",
        "Exponent of coding labour in experiments: below 1, because parallel work overlaps.",
        AI_FUTURES,
        low=0.0,
        high=1.0,
        includes_high=True,
    ),
)


def _has_exponent(labour: FloatArray, compute: FloatArray) -> BoolArray:
    with np.errstate(under="ignore"):
        return np.asarray(labour**LOWEST_EXPONENT + compute**LOWEST_EXPONENT < 1.0)


CONSTRAINTS: Final = (
    Constraint(
        "throughput_limits",
        ("throughput.unlimited_labour", "throughput.unlimited_compute"),
        _has_exponent,
        "the -50th powers of the gains from unlimited labour and from unlimited compute sum to less than 1",
    ),
)


class Throughput(NamedTuple):
    """Experiment throughput of a draw.

    Attributes
    ----------
    exponent : float
        Exponent of substitution, below 0.
    compute_exponent, labour_exponent : float
        Exponents of compute and of coding labour.
    log_compute_weight, log_labour_weight : float
        Natural logarithms of the weights, which sum to 1.
    """

    exponent: float
    compute_exponent: float
    labour_exponent: float
    log_compute_weight: float
    log_labour_weight: float


@scalar
def log1p_exp(y: float) -> float:
    """Return ln(1 + e**y)."""
    return max(y, 0.0) + LN_2 * log2(1.0 + exp(-abs(y)))


@kernel
def exponent_of(unlimited_labour: float, unlimited_compute: float) -> float:
    """Return the p below 0 at which both gains to the power p sum to 1."""
    log_labour, log_compute = math.log(unlimited_labour), math.log(unlimited_compute)
    p = 0.0
    # The sum is convex and rises in p, so Newton's method from above never passes the root.
    for _ in range(_NEWTON_STEPS):
        labour, compute = math.exp(p * log_labour), math.exp(p * log_compute)
        step = (labour + compute - 1.0) / (labour * log_labour + compute * log_compute)
        p -= step
        if abs(step) <= _TOLERANCE * abs(p):
            break
    return p


@kernel
def calibrate(
    unlimited_labour: float,
    unlimited_compute: float,
    compute_cut: float,
    labour_exponent: float,
    log_compute: float,
    log_labour: float,
) -> Throughput:
    """Return a draw's throughput from the three answers and from compute and labour of the start."""
    p = exponent_of(unlimited_labour, unlimited_compute)
    log_gains = math.log(unlimited_compute / unlimited_labour)
    k = math.exp(p * log_gains)
    compute_exponent = math.log((1.0 + k) * compute_cut**-p - k) / (p * math.log(0.1))
    odds = p * (compute_exponent * log_compute - labour_exponent * log_labour + log_gains)
    return Throughput(
        p,
        min(max(compute_exponent, COMPUTE_EXPONENTS[0]), COMPUTE_EXPONENTS[1]),
        labour_exponent,
        -log1p_exp(odds),
        -log1p_exp(-odds),
    )


@scalar
def log_throughput(throughput: Throughput, log_compute: float, log_labour: float) -> float:
    """Return ln X; ``log_labour`` is that of coding labour itself."""
    p = throughput.exponent
    compute = throughput.log_compute_weight + p * throughput.compute_exponent * log_compute
    labour = throughput.log_labour_weight + p * throughput.labour_exponent * log_labour
    return (max(compute, labour) + LN_2 * log2(1.0 + exp(-abs(compute - labour)))) / p


@scalar
def throughput_growth(
    throughput: Throughput,
    log_compute: float,
    log_labour: float,
    compute_growth: float,
    labour_growth: float,
) -> float:
    """Return d ln X/dt where compute and coding labour grow at these rates, 1/year."""
    p = throughput.exponent
    compute = throughput.log_compute_weight + p * throughput.compute_exponent * log_compute
    labour = throughput.log_labour_weight + p * throughput.labour_exponent * log_labour
    share = 1.0 / (1.0 + exp(labour - compute))
    return (
        share * throughput.compute_exponent * compute_growth
        + (1.0 - share) * throughput.labour_exponent * labour_growth
    )
