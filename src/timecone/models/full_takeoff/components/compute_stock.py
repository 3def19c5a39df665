"""Stock of computing hardware and its price-performance.

The stock C of hardware, FLOP per year, loses the share d of itself each year and grows by what is bought:

    dC/dt = ln(1 - d) C + f Y h(t - delay)

with f the share of gross world product Y that is spent on compute, and h the price-performance of the best
hardware, FLOP per year and USD, which is for sale after a delay. Effective compute is C times software.
Davidson 2023.
"""

from __future__ import annotations

from timecone.models.full_takeoff.components.source import SOURCE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp2, log2

PARAMETERS = (
    Parameter(
        "hardware.production",
        "FLOP/year",
        "Computing hardware bought in the year of the start.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "hardware.stock_to_production",
        "1",
        "Stock of hardware at the start over what is bought in that year.",
        SOURCE,
        low=0.0,
        default=2.0,
    ),
    Parameter(
        "hardware.price_performance",
        "FLOP/year/USD",
        "Price-performance of the hardware that is for sale at the start.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "hardware.ceiling",
        "FLOP/year/USD",
        "Largest price-performance that hardware can have.",
        SOURCE,
        low=0.0,
    ),
    Parameter(
        "hardware.delay",
        "year",
        "Time between the design of hardware and its sale.",
        SOURCE,
        low=0.0,
        includes_low=True,
    ),
    Parameter(
        "hardware.depreciation",
        "1/year",
        "Share of the stock of hardware that is lost in a year.",
        SOURCE,
        low=0.0,
        high=1.0,
        includes_low=True,
    ),
)


@scalar
def kept(depreciation: float, time: float) -> float:
    """Return the share of a stock that is left after a time, years."""
    return exp2(log2(1.0 - depreciation) * time)


@scalar
def spending_share(production: float, price_performance: float, output: float) -> float:
    """Return the share of gross world product that buys the production of the start."""
    return production / price_performance / output


@scalar
def leading_edge(price_performance: float, growth: float, delay: float) -> float:
    """Return price-performance of the best hardware: what is for sale, grown for ``delay``."""
    return price_performance * exp2(growth * delay)
