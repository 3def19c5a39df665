"""Units and the calendar: everything a scenario file may say about either.

Units are converted once, where a file or an argument enters; inside the house every number is in the model's
unit. The calendar is decimal years: year + elapsed days / days in that year; durations are Julian years.

>>> conversion_factor("month", "year")
0.08333333333333333
>>> decimal_year(date(2026, 7, 2))
2026.4986301369863
"""

from __future__ import annotations

import calendar
import functools
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from timecone.errors import UnitError, suggestion

if TYPE_CHECKING:
    import pint

STEPS: Final[Mapping[str, float]] = {
    "year": 1.0,
    "quarter": 0.25,
    "tenth": 0.1,
    "month": 1.0 / 12.0,
    "week": 7.0 / 365.25,
    "day": 1.0 / 365.25,
}

#: The unit of a number without dimension and without scale.
PURE_NUMBER: Final = "1"

#: The unit of a date.
CALENDAR_YEAR: Final = "calendar year"

# Rates that compound over a year, logarithms and calendar dates do not convert by a factor of their
# dimension ("1 % per month" is not "12 % per year"), so each is a closed list.
_CLOSED: Final[Mapping[str, Mapping[str, float]]] = {
    "x/year": {"x/year": 1.0},
    "1/year": {"1/year": 1.0, "%/year": 0.01},
    "share of world output": {
        "share of world output": 1.0,
        "% of world output": 0.01,
        "1": 1.0,
        "%": 0.01,
    },
    "log10 FLOP": {"log10 FLOP": 1.0},
    CALENDAR_YEAR: {CALENDAR_YEAR: 1.0},
    "OOM": {"OOM": 1.0},
    # Hours of human work: a month has as many of these as people work, not as many as it lasts.
    "hour": {"hour": 1.0, "minute": 1.0 / 60.0},
}

# The only conversion that presets ask for: pint's own factors, without the time that it takes to load.
_PARTS_OF_A_YEAR: Final = ("quarter", "month", "week", "day")

# Names with * and /, each to a power of one digit at most. Whatever else pint would compute, also
# "9 ** 9 ** 9 ** 9", for ever.
_NAME: Final = r"[A-Za-z]+(\s*(\*\*|\^)\s*-?\d)?"
_PRODUCT: Final = re.compile(rf"\s*(1\s*/\s*)?{_NAME}(\s*([*/]|\bper\b)\s*{_NAME})*\s*", re.ASCII)

# What to offer where pint would accept any prefix.
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "year": ("year", "month", "day"),
    "USD": ("USD", "MUSD", "GUSD"),
    "FLOP": ("FLOP", "log10 FLOP"),
    "FLOP/USD": ("FLOP/USD", "TFLOP/USD"),
}


@functools.cache
def _registry() -> pint.UnitRegistry[Any]:
    # pint takes a third of a second to import; reading a run file needs none of it.
    import pint  # noqa: PLC0415

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None, on_redefinition="ignore")
    registry.define("day = [time]")
    registry.define("year = 365.25 * day")
    registry.define("month = year / 12")
    registry.define("quarter = year / 4")
    registry.define("week = 7 * day")
    registry.define("second = day / 86400")
    registry.define("USD = [money]")
    registry.define("FLOP = [operation]")
    registry.define("token = [token]")
    for prefix, power in {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}.items():
        registry.define(f"{prefix}- = 1e{power}")
    return registry


_LOG10 = "log10 "


class Conversion(NamedTuple):
    """How numbers in one unit become numbers in another: logarithm or power of ten, and a factor.

    Attributes
    ----------
    factor : float
        Multiplies natural values, which are those before a logarithm or after a power.
    kind : str
        ``"linear"``, ``"log10"`` (natural numbers to orders of magnitude) or ``"power"`` (back).
    """

    factor: float
    kind: str = "linear"


#: No conversion at all.
UNCHANGED: Final = Conversion(1.0)


def conversion(unit: str, wanted: str) -> Conversion:
    """Return how to convert ``unit`` into ``wanted``; either may be the logarithm of a unit.

    >>> conversion("month", "year").factor, conversion("FLOP", "log10 FLOP").kind
    (0.08333333333333333, 'log10')

    Raises
    ------
    UnitError
        ``unit`` is unknown, or of another kind than ``wanted``.
    """
    if unit == wanted:
        return UNCHANGED
    if wanted.startswith(_LOG10) and not unit.startswith(_LOG10):
        return Conversion(conversion_factor(unit, wanted.removeprefix(_LOG10)), "log10")
    if unit.startswith(_LOG10) and not wanted.startswith(_LOG10):
        return Conversion(conversion_factor(unit.removeprefix(_LOG10), wanted), "power")
    return Conversion(conversion_factor(unit, wanted))


def same_unit(unit: str, other: str) -> bool:
    """Return whether numbers in one unit are the same numbers in the other."""
    try:
        return conversion(unit, other) == UNCHANGED
    except UnitError:
        return False


def conversion_factor(unit: str, wanted: str) -> float:
    """Return the number of ``wanted`` units in one ``unit``.

    Raises
    ------
    UnitError
        ``unit`` is unknown, or of another kind than ``wanted``.
    """
    if unit == wanted:
        return 1.0
    if wanted in _CLOSED:
        accepted = _CLOSED[wanted]
        if unit not in accepted:
            raise _wrong_unit(unit, tuple(accepted))
        return accepted[unit]
    if wanted == "year" and unit in _PARTS_OF_A_YEAR:
        return STEPS[unit]
    fitting = _EXAMPLES.get(wanted, (wanted,))
    if not (_PRODUCT.fullmatch(unit) and _PRODUCT.fullmatch(wanted)):
        raise _wrong_unit(unit, fitting)
    import pint  # noqa: PLC0415

    try:
        return float(_registry().Quantity(1.0, unit).to(wanted).magnitude)
    except (pint.errors.PintError, ValueError, TypeError, AttributeError, ArithmeticError):
        raise _wrong_unit(unit, fitting) from None


def _wrong_unit(unit: str, accepted: tuple[str, ...]) -> UnitError:
    near = suggestion(unit, accepted)
    return UnitError(
        "unknown-unit",
        "unknown or unsuitable unit",
        got=unit,
        allowed=" or ".join(repr(a) for a in accepted),
        remedy=near if near.startswith("Did") else None,
    )


def decimal_year(day: date) -> float:
    """Return the decimal year at the beginning of ``day``."""
    length = 366 if calendar.isleap(day.year) else 365
    return day.year + (day - date(day.year, 1, 1)).days / length
