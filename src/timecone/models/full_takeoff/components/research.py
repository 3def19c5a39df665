"""Research on hardware and software: diminishing returns, parallelisation and ceilings.

Research input R, USD per year, adds to the adjusted cumulative input Q, and efficiency X follows Q:

    dQ/dt = R**lambda
    dln X/dt = (r / lambda) (ln M - ln X) / (ln M - ln X_0) dln Q/dt

with lambda below 1 where parallel work is worth less, r the returns, and M the ceiling of X. Integrated,
with y = ln(M / X),

    y / y_0 = (Q / Q_0)**(-r / (lambda y_0))

At the start Q_0 = R_0**lambda / (rho lambda), with rho the ratio of the input of a year to cumulative input.
Only the ratios of inputs to those of the start matter. Davidson 2023.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp2, log2

PARAMETERS = (
    Parameter(
        "rnd.parallelisation",
        "1",
        "Exponent of research input: below 1, parallel work is worth less.",
        SOURCE,
        low=0.0,
        high=1.0,
        includes_high=True,
    ),
    Parameter(
        "hardware.returns",
        "1",
        "Doublings of price-performance for each doubling of cumulative research input.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "hardware.input_ratio",
        "1/year",
        "Research input on hardware in the year of the start over cumulative input.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "software.returns",
        "1",
        "Doublings of software efficiency for each doubling of cumulative research input.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "software.input_ratio",
        "1/year",
        "Research input on software in the year of the start over cumulative input.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "software.ceiling",
        "1",
        "Largest software efficiency, that of the start being 1.",
        SOURCE,
        low=1.0,
    ),
    Parameter(
        "software.experiment_exponent",
        "1",
        "Exponent of physical compute in the experiments of software research.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
)


@scalar
def adjusted_input(research: float, parallelisation: float) -> float:
    """Return R**lambda, the growth of adjusted cumulative input in a year."""
    return exp2(parallelisation * log2(research))


@scalar
def cumulative_at_start(research: float, parallelisation: float, ratio: float) -> float:
    """Return the adjusted cumulative input of the start."""
    return adjusted_input(research, parallelisation) / (ratio * parallelisation)


@scalar
def stepped_efficiency(
    efficiency: float, growth: float, returns: float, ceiling: float, at_start: float
) -> float:
    """Return efficiency after a step in which cumulative input grows by a factor; the penalty lags a step."""
    room = (log2(ceiling) - log2(efficiency)) / (log2(ceiling) - log2(at_start))
    return min(ceiling, efficiency * exp2(returns * room * log2(growth)))


@scalar
def efficiency(growth: float, returns: float, ceiling: float, at_start: float) -> float:
    """Return efficiency when cumulative input has grown by a factor since the start."""
    room = log2(ceiling / at_start)
    # y / y_0 with y_0 in natural logarithms: the exponent's base does not matter, the ratio's does.
    left = exp2(-returns / (room * 0.6931471805599453) * log2(growth))
    return ceiling * exp2(-room * left)
