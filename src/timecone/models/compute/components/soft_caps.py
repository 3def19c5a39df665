"""Soft caps: spending and the gain of algorithms saturate exponentially at their limits.

In place of the harmonic and the logistic limit. With the logarithm v of an unlimited trend and L of its limit

    cap(v, L) = log10(10**L (1 - exp(-10**(v - L)))),

which is v far below the limit. Of spending, L is that of both caps together; of algorithms, v is

    growth * (years since the threshold's reference year)

and L the headroom, both OOM. ``algorithms.growth`` may be negative.

Atkinson, Barnett, Roldan, Cottier & Besiroglu 2023, "Direct Approach interactive model".
"""

from __future__ import annotations

from typing import Final

from timecone.models.compute.components.alternatives import EXCLUDED, SOFT_CAPS
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import LOG2_E, exp2m1, exp10, log10

PARAMETERS = (
    Parameter(
        "algorithms.growth",
        "OOM/year",
        "Growth of algorithmic efficiency since the threshold's reference year, while its limit is far.",
        "Atkinson et al. 2023",
        components=(SOFT_CAPS,),
    ),
)

COMPONENTS = (
    Component(
        SOFT_CAPS,
        "Soft caps",
        ("algorithms.growth",),
        "Spending and algorithms saturate exponentially at their limits, in place of the harmonic and the"
        " logistic approach.",
        excludes=EXCLUDED,
    ),
)

_MOST: Final = 300.0
_LEAST: Final = -10.0
# From here on 10**d is 1 - exp(-10**d) to the last digit, and above it 1 - exp(-10**d) is 1.
_NO_LIMIT: Final = -17.0
_AT_LIMIT: Final = 2.0


@scalar
def soft_cap(trend: float, limit: float) -> float:
    """Return log10 of a quantity that saturates at a limit; trend and limit log10, at most 300.

    Never below -10, as in the published code.
    """
    v, top = min(trend, _MOST), min(limit, _MOST)
    d = v - top
    if d < _NO_LIMIT:
        return max(v, _LEAST)
    share = -exp2m1(-exp10(min(d, _AT_LIMIT)) * LOG2_E)
    return max(top + log10(share), _LEAST)
