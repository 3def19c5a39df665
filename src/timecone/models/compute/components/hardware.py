"""Hardware: floating-point operations that a dollar of training buys.

    dp/dt = log10(2) / doubling_time * (1 - 10**(p - p0 - headroom)),   p = log10 FLOP per USD

logistic in linear price-performance, so the limit bites only in the last order of magnitude. The headroom is
that of the start: what its source states for ``headroom_year``, less the trend's progress since. Price-
performance is that of whole systems as actually used for training, margins and idle time included.

Hobbhahn & Besiroglu 2022, "Trends in GPU price-performance"; Cotra 2020, "Forecasting TAI with biological
anchors"; Ho, Erdil & Besiroglu 2023, "Limits to the energy efficiency of CMOS microprocessors".
"""

from __future__ import annotations

import math

from timecone.models.compute.components.alternatives import OF_HARDWARE
from timecone.models.model import Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG10_2

PARAMETERS = (
    Parameter(
        "hardware.price_performance",
        "FLOP/USD",
        "FLOP of training actually done per USD of amortised cost, at the start.",
        "Cotra 2020",
        low=0.0,
        replaced_by=OF_HARDWARE,
    ),
    Parameter(
        "hardware.doubling_time",
        "year",
        "Time in which price-performance doubles while its limit is far.",
        "Hobbhahn & Besiroglu 2022",
        low=0.0,
        replaced_by=OF_HARDWARE,
    ),
    Parameter(
        "hardware.headroom",
        "OOM",
        "Orders of magnitude between price-performance in the headroom's year and its physical limit.",
        "Ho, Erdil & Besiroglu 2023",
        low=0.0,
        replaced_by=OF_HARDWARE,
    ),
    Parameter(
        "hardware.headroom_year",
        "calendar year",
        "Decimal year for which the headroom is stated: the trend's progress from then to the start is taken"
        " off; inf for the start.",
        "Ho, Erdil & Besiroglu 2023",
        low=1900.0,
        default=math.inf,
        includes_high=True,
        replaced_by=OF_HARDWARE,
    ),
)


@scalar
def trend(doubling_time: float) -> float:
    """Return the unlimited growth of price-performance in OOM per year."""
    return LOG10_2 / doubling_time
