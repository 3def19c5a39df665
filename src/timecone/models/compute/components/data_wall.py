"""Data wall: training compute that finds too little data to be used well.

Compute-optimal training at compute C wants D* = sqrt(C k / 6) tokens (k tokens per parameter, C = 6 N D). The
usable stock is D(t) = stock (1 + growth)**t multiplier. Where D* > D, at compute above C_D = 6 D**2 / k, the
model grows with the data held fixed, and the loss that can still fall is

    L = A N**-alpha + B D**-beta,   N = C / (6 D).

At C_D the split is optimal, alpha A N**-alpha = beta B D**-beta, so A and B drop out. With x = log10(C /
C_D), the compute C' whose optimal training comes to the same loss (L* ~ C'**-(alpha beta / (alpha + beta)))
is

    log10(C' / C_D) = -(alpha + beta) / (alpha beta) log10[(beta 10**(-alpha x) + alpha) / (alpha + beta)].

It leaves C_D with slope 1 and saturates (alpha + beta) / (alpha beta) log10((alpha + beta) / alpha) above it,
1.75 OOM with the exponents of Besiroglu et al. The wall's loss is log10 C' - log10 C <= 0. That the
data-bound split is optimal at C_D is exact for alpha = beta and otherwise the usual rule of k tokens per
parameter taken at its word; it spares the constants A and B, which are known less well than the rule.

Hoffmann et al. 2022, "Training compute-optimal large language models"; Besiroglu et al. 2024, "Chinchilla
scaling: a replication attempt" (alpha, beta); Villalobos et al. 2024, "Will we run out of data?" (stock).
"""

from __future__ import annotations

from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp10, log10

DATA_WALL = "data_wall"
_ON = (DATA_WALL,)

PARAMETERS = (
    Parameter(
        "data.stock",
        "token",
        "Usable stock of training data at the start.",
        "Villalobos et al. 2024",
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "data.growth",
        "1/year",
        "Growth of the stock per year.",
        "Villalobos et al. 2024",
        low=-1.0,
        default=0.0,
        components=_ON,
    ),
    Parameter(
        "data.multiplier",
        "x",
        "Times that the stock counts: repetition, other kinds of data, synthetic data.",
        "Villalobos et al. 2024",
        low=0.0,
        default=1.0,
        components=_ON,
    ),
    Parameter(
        "data.binding",
        "1",
        "1 where the wall binds, 0 where training has escaped it.",
        "timecone",
        low=0.0,
        high=1.0,
        includes_high=True,
        default=1.0,
        includes_low=True,
        components=_ON,
    ),
    Parameter(
        "data.tokens_per_parameter",
        "1",
        "Tokens per parameter of compute-optimal training.",
        "Hoffmann et al. 2022",
        low=0.0,
        default=20.0,
        components=_ON,
    ),
    Parameter(
        "data.parameter_exponent",
        "1",
        "Exponent alpha of the loss in the number of parameters.",
        "Besiroglu et al. 2024",
        low=0.0,
        default=0.3478,
        components=_ON,
    ),
    Parameter(
        "data.token_exponent",
        "1",
        "Exponent beta of the loss in the number of tokens.",
        "Besiroglu et al. 2024",
        low=0.0,
        default=0.3658,
        components=_ON,
    ),
)


COMPONENTS = (
    Component(
        DATA_WALL,
        "Data wall",
        ("data.stock",),
        "Training that finds too little data makes less of its compute.",
    ),
)


@scalar
def matched_compute(tokens: float, tokens_per_parameter: float) -> float:
    """Return log10 C_D, the compute whose optimal training wants so many tokens."""
    return log10(6.0 / tokens_per_parameter) + 2.0 * log10(tokens)


@scalar
def matched_growth(growth: float) -> float:
    """Return the growth of log10 C_D in OOM per year."""
    return 2.0 * log10(1.0 + growth)


@scalar
def equivalent(excess: float, alpha: float, beta: float) -> float:
    """Return log10(C' / C_D), at most the excess.

    Parameters
    ----------
    excess : float
        log10(C / C_D), OOM; 0 where it is negative.
    alpha, beta : float
        Exponents of the loss.
    """
    left = (beta * exp10(-alpha * excess) + alpha) / (alpha + beta)
    return -(alpha + beta) / (alpha * beta) * log10(left)


@scalar
def passed_on(excess: float, alpha: float, beta: float) -> float:
    """Return d log10 C' / d log10 C in (0, 1]: what growth of compute still brings."""
    part = exp10(-alpha * excess)
    return (alpha + beta) * part / (beta * part + alpha)


@scalar
def excess(compute: float, matched: float, growth: float, elapsed: float) -> float:
    """Return log10(C / C_D), OOM.

    Parameters
    ----------
    compute : float
        log10 C.
    matched, growth : float
        log10 C_D at the start, and its growth in OOM per year.
    elapsed : float
        Years after the start.
    """
    return compute - (matched + growth * elapsed)


@scalar
def usable(compute: float, excess: float, binding: float, alpha: float, beta: float) -> float:
    """Return log10 of what the wall leaves of compute; arguments as of `excess` and `equivalent`.

    ``binding`` is 1 where the wall binds and 0 where training has escaped it.
    """
    bound = max(excess, 0.0)
    return compute + binding * (equivalent(bound, alpha, beta) - bound)


@scalar
def usable_growth(
    growth: float, excess: float, matched_growth: float, binding: float, alpha: float, beta: float
) -> float:
    """Return the growth of `usable` in OOM per year; ``growth`` is that of compute."""
    kept = passed_on(max(excess, 0.0), alpha, beta)
    walled = kept * growth + (1.0 - kept) * matched_growth
    return growth + binding * (walled - growth)
