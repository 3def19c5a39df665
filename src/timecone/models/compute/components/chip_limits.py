"""Chip limits: price-performance of specialised chips whose transistors and cores stop shrinking.

In place of the trend of `hardware`. The arithmetic of a chip follows two quantities, both log10: the size s
of its process, nm, and its number of cores c,

    log10 FLOP/s = 10.084 - 0.412 s + 0.920 c
    s = max(4.359 - 2.191e-9 x, log10 size limit)
    c = min(cores at 1970 + growth * time, log10 transistors of the chip - log10 transistors per core)

with x in seconds since 1970. The transistors of a chip, 10**(-1.705 + 3.562e-9 x) million, grow until the
process reaches its limit, and the trends are followed until 2052. Specialisation adds ``specialisation`` OOM
per year, up to ``specialisation_limit``. With the growth r of this performance in the year before, a chip is
paid off in

    1.2 / (r + 0.1) years,

and price-performance is what it does in that time over its price. When growth ends, chips are used for
longer, so price-performance rises once more.

Atkinson, Barnett, Roldan, Cottier & Besiroglu 2023, "Direct Approach interactive model"; the fits are those
of its code of 2024-10-01, after Hobbhahn & Besiroglu 2022, "Predicting GPU performance".
"""

from __future__ import annotations

import math
from typing import Final

from timecone.models.compute.components.alternatives import CHIP_LIMITS, COMPUTE_TREND, EXCLUDED
from timecone.models.model import Component, Parameter
from timecone.numerics.compiled import scalar
from timecone.numerics.elementary import exp10, log10

_ON = (CHIP_LIMITS,)
_SOURCE = "Atkinson et al. 2023"

PARAMETERS = (
    Parameter(
        "chips.process_size_limit",
        "nm",
        "Smallest process size of chips.",
        _SOURCE,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "chips.transistors_per_core",
        "1",
        "Fewest transistors of which a core can be made.",
        _SOURCE,
        low=0.0,
        components=_ON,
    ),
    Parameter(
        "chips.cores_1970",
        "log10 cores",
        "Trend of the number of cores of a chip, taken back to 1970.0.",
        _SOURCE,
        components=_ON,
    ),
    Parameter(
        "chips.cores_growth",
        "OOM/year",
        "Growth of the number of cores of a chip per year of 365.25 days.",
        _SOURCE,
        components=_ON,
    ),
    Parameter(
        "chips.specialisation",
        "OOM/year",
        "Growth of performance by specialised chips.",
        _SOURCE,
        low=0.0,
        default=0.0,
        includes_low=True,
        components=_ON,
    ),
    Parameter(
        "chips.specialisation_limit",
        "OOM",
        "What specialisation can yield in all.",
        _SOURCE,
        low=0.0,
        default=math.log10(250.0),
        includes_low=True,
        components=_ON,
    ),
    Parameter(
        "chips.specialisation_year",
        "calendar year",
        "Decimal year from which specialisation counts; inf for the start.",
        _SOURCE,
        low=1900.0,
        default=math.inf,
        includes_high=True,
        components=_ON,
    ),
    Parameter(
        "chips.growth_before",
        "1/year",
        "Growth of performance in the year before the start, for the time in which a chip is paid off.",
        _SOURCE,
        low=0.0,
        default=0.5,
        includes_low=True,
        components=_ON,
    ),
    Parameter(
        "chips.price",
        "USD",
        "Price of a chip.",
        _SOURCE,
        low=0.0,
        default=5000.0,
        components=_ON,
    ),
)

COMPONENTS = (
    Component(
        CHIP_LIMITS,
        "Chip limits",
        (
            "chips.process_size_limit",
            "chips.transistors_per_core",
            "chips.cores_1970",
            "chips.cores_growth",
        ),
        "Price-performance of specialised chips, up to the limits of process size and of transistors per"
        " core, in place of the trend of hardware.",
        excludes=(*EXCLUDED, COMPUTE_TREND),
    ),
)

# Dates on which the published trends are read, seconds since 1970, and the last year that they cover.
_FIRST: Final = 1032617600.0
_SPACING: Final = 1585568.0
_POINTS: Final = 1001
_LAST_YEAR: Final = 2052.0

_SIZE: Final = (4.3593294795660285, -2.190814934252487e-09)
_TRANSISTORS: Final = (-1.705401515077804, 3.5620835889231534e-09)
_PERFORMANCE: Final = (10.084356977902107, -0.4117506135075512, 0.9198718705452034)

_DAY: Final = 86400.0
_JULIAN_YEAR: Final = 365.25 * _DAY
_YEARS_TO_PAY: Final = 1.2
_LEAST_GROWTH: Final = 0.1


@scalar
def _grid_point(seconds: float) -> float:
    """Return the first date of the published grid that is not before one, seconds since 1970."""
    k = min(max(math.ceil((seconds - _FIRST) / _SPACING), 0.0), _POINTS - 1.0)
    return _FIRST + _SPACING * k


@scalar
def _days(year: float) -> float:
    """Return the days from 1970-01-01 to the first of January of a whole year."""
    y = year - 1.0
    leap = math.floor(y / 4.0) - math.floor(y / 100.0) + math.floor(y / 400.0) - 477.0
    return 365.0 * (year - 1970.0) + leap


@scalar
def trend_date(year: float) -> float:
    """Return when the trends of chips are read for a decimal year, seconds since 1970."""
    year = min(year, _LAST_YEAR)
    whole = math.floor(year)
    days = _days(whole)
    return _grid_point(_DAY * (days + (year - whole) * (_days(whole + 1.0) - days)))


@scalar
def process_size(x: float) -> float:
    """Return the process size without its limit, log10 nm; ``x`` in seconds since 1970."""
    return _SIZE[0] + _SIZE[1] * x


@scalar
def performance(
    x: float, size_limit: float, transistors_per_core: float, cores_1970: float, cores_growth: float
) -> float:
    """Return the performance of a chip, log10 FLOP/s, without specialisation.

    Parameters
    ----------
    x : float
        Seconds since 1970.
    size_limit : float
        Smallest process size, nm.
    transistors_per_core : float
        Fewest transistors of a core.
    cores_1970, cores_growth : float
        Trend of the number of cores: log10 at 1970.0, and OOM per year.
    """
    limit = log10(size_limit)
    size = max(process_size(x), limit)
    reached = _grid_point((limit - _SIZE[0]) / _SIZE[1])
    transistors = _TRANSISTORS[0] + _TRANSISTORS[1] * min(x, reached) + 6.0
    cores = min(cores_1970 + cores_growth * (x / _JULIAN_YEAR), transistors - log10(transistors_per_core))
    return _PERFORMANCE[0] + _PERFORMANCE[1] * size + _PERFORMANCE[2] * cores


@scalar
def specialised(years: float, growth: float, limit: float) -> float:
    """Return what specialisation has yielded after some years, OOM."""
    return min(max(years, 0.0) * growth, limit)


@scalar
def price_performance(performance: float, growth: float, price: float) -> float:
    """Return log10 FLOP per USD.

    Parameters
    ----------
    performance : float
        log10 FLOP/s.
    growth : float
        OOM that performance gained in the year before.
    price : float
        USD.
    """
    years = _YEARS_TO_PAY / (exp10(growth) - 1.0 + _LEAST_GROWTH)
    return performance + log10(years * (365.0 * _DAY) / price)
