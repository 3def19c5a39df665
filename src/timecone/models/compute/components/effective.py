"""Effective compute: hardware, spending and algorithms multiplied.

    E = log10(price-performance) + log10(spending) + (a - a(start))

log10 FLOP of the largest training run, counted with the algorithms of the start. Every factor is given as its
inverse, whose logistic and harmonic limits are sums, so one logarithm serves all three.

Hernandez 2023 (interview): exponentials in hardware, spending and algorithms multiply.
"""

from __future__ import annotations

from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp10, log10


@scalar
def inverse_compute(inverse_hardware: float, inverse_spending: float, inverse_price: float) -> float:
    """Return one over the compute that money buys, 1/FLOP.

    Parameters
    ----------
    inverse_hardware : float
        `headroom.inverse_gain` of hardware.
    inverse_spending : float
        `investment.inverse_spending`, 1/USD.
    inverse_price : float
        One over price-performance at the start, USD/FLOP.
    """
    return inverse_hardware * inverse_spending * inverse_price


@scalar
def effective_compute(base: float, inverse: float) -> float:
    """Return E, log10 FLOP.

    Parameters
    ----------
    base : float
        log10 of what is known already: training compute in FLOP, or price-performance at the start.
    inverse : float
        One over what multiplies it: `headroom.inverse_gain` of algorithms, and of hardware and
        `investment.inverse_spending` where these are not in the base.
    """
    return base - log10(inverse)


@scalar
def inverse_effective_compute(base: float, effective: float) -> float:
    """Return one over what yields an effective compute; the inverse of `effective_compute`."""
    return exp10(base - effective)
