"""Production in the three sectors: goods and services, research on hardware, research on software.

    Y = A (alpha_Z Z**rho + alpha_W W**rho)**(1/rho),   W = (sum beta_i x_i**psi)**(1/psi)

| sector               | Z                   | psi                     | rho                      |
|----------------------|---------------------|-------------------------|--------------------------|
| goods and services   | its capital         | of labour in goods      | of capital in goods      |
| research on hardware | its capital         | of labour in research   | of capital in research times lambda |
| research on software | C**zeta, C the stock of hardware | of labour in research | of experiments |

Weights are set so that at the start, if compute did nothing but task 0, factors would earn their shares: k of
income goes to cognitive work, of which s to compute,

    beta_0 / beta_i = s / (1 - s) N (L / N)**psi / C**psi,    alpha_Z / alpha_W = (1 - k) / k (W / Z)**rho

and outputs are scaled to those of the start. Davidson 2023.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp2, log2

#: Odds below and above which a weight is taken from the odds themselves.
_LEAST_ODDS, _MOST_ODDS = 1e-10, 1e10

PARAMETERS = (
    *(
        Parameter(f"substitution.{name}", "1", f"CES exponent of {meaning}, below 0.", SOURCE, high=0.0)
        for name, meaning in {
            "labour_goods": "tasks in goods and services",
            "labour_rnd": "tasks in research",
            "capital_goods": "capital and cognitive work in goods and services",
            "capital_rnd": "capital and cognitive work in research on hardware, before parallelisation",
            "experiments": "experiments and cognitive work in research on software",
        }.items()
    ),
    *(
        Parameter(f"factor_share.{name}", "1", meaning, SOURCE, low=0.0, high=1.0)
        for name, meaning in {
            "cognitive_goods": "Share of cognitive work in the income of goods and services at the start.",
            "cognitive_hardware": "Share of cognitive work in the income of research on hardware at the"
            " start.",
            "experiments": "Share of experiments in the income of research on software at the start.",
            "compute_goods": "Share of compute in the income of cognitive work in goods and services at the"
            " start.",
            "compute_rnd": "Share of compute in the income of cognitive work in research at the start.",
        }.items()
    ),
)


@scalar
def power(x: float, exponent: float) -> float:
    """Return x**exponent."""
    return exp2(exponent * log2(x))


@scalar
def weights(odds: float) -> tuple[float, float]:
    """Return two weights with these odds and the sum 1, to their last digits."""
    if odds < _LEAST_ODDS:
        return odds, 1.0 - odds
    if odds > _MOST_ODDS:
        return 1.0 - 1.0 / odds, 1.0 / odds
    first = 1.0 / (1.0 + 1.0 / odds)
    return first, 1.0 - first


@scalar
def task_odds(compute_share: float, labour: float, compute: float, psi: float, tasks: float) -> float:
    """Return the weight of task 0 over that of every other task."""
    return compute_share / (1.0 - compute_share) * tasks * power(labour / tasks, psi) / power(compute, psi)


@scalar
def other_odds(cognitive_share: float, cognition: float, other: float, rho: float) -> float:
    """Return the weight of the other factor over that of cognitive work."""
    return (1.0 - cognitive_share) / cognitive_share * power(cognition, rho) / power(other, rho)


@scalar
def output(other: float, cognition: float, other_weight: float, cognition_weight: float, rho: float) -> float:
    """Return the CES aggregate of the other factor and cognitive work."""
    total = other_weight * power(other, rho) + cognition_weight * power(cognition, rho)
    return power(total / (other_weight + cognition_weight), 1.0 / rho)
