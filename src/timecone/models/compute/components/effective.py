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
def effective_compute(price_performance: float, inverse: float) -> float:
    """Return E, log10 FLOP.

    Parameters
    ----------
    price_performance : float
        Price-performance at the start, log10 FLOP per USD.
    inverse : float
        Product of `headroom.inverse_gain` of hardware and of algorithms and of
        `investment.inverse_spending`, 1/USD.
    """
    return price_performance - log10(inverse)


@scalar
def inverse_effective_compute(price_performance: float, effective: float) -> float:
    """Return the product that yields an effective compute; the inverse of `effective_compute`."""
    return exp10(price_performance - effective)
