"""Units stated in column headings: the factor that takes a column's numbers to the unit that is kept.

A heading such as ``Training computation (petaFLOP)`` splits into a name and a unit. Either the unit is
understood, or the column is refused: numbers in an unknown unit are never read as if in the usual one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from timecone.history.readers.columns import Column

_WITH_UNIT: Final = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]", re.DOTALL)
_PREFIXES: Final = {
    "kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12, "peta": 1e15, "exa": 1e18, "zetta": 1e21,
    "yotta": 1e24, "ronna": 1e27, "quetta": 1e30,
}  # fmt: skip
# Capitals matter: m is milli or a slip for M.
_SYMBOLS: Final = {
    "": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24,
    "R": 1e27, "Q": 1e30,
}  # fmt: skip
_SCALES: Final = {
    "": 1.0,
    "k": 1e3, "thousand": 1e3, "thousands": 1e3,
    "m": 1e6, "mm": 1e6, "mn": 1e6, "mln": 1e6, "million": 1e6, "millions": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9,
    "tn": 1e12, "trillion": 1e12, "trillions": 1e12,
}  # fmt: skip
_FLOP: Final = re.compile(
    r"(?:(?P<number>1e\+?\d{1,2}|10\^\d{1,2})\s*)?(?P<prefix>[a-z]*?)[\s-]*(?P<core>flops?)"
    r"(?P<rate>\s*/\s*s(?:ec(?:ond)?)?|\s+per\s+second)?(?P<time>[\s-]*(?:hour|day|year)s?)?",
    re.IGNORECASE | re.ASCII,
)
_DOLLAR: Final = re.compile(r"US\s*\$|USD|\$|\bdollars?\b", re.IGNORECASE)
_OTHER_MONEY: Final = re.compile(r"[€£¥₹]|\b(?:EUR|GBP|CNY|RMB|JPY|INR|KRW)\b", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:\bof\s*)?\b(?P<year>(?:19|20)\d\d)\b")
_HOURS: Final = {
    "second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0, "month": 730.5,
    "year": 8766.0,
}  # fmt: skip
_ABBREVIATED: Final = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day",
                       "wk": "week", "yr": "year", "y": "year"}  # fmt: skip
_WATTS: Final = {"W": 1.0, "watt": 1.0, "watts": 1.0, "kW": 1e3, "kilowatts": 1e3, "MW": 1e6, "GW": 1e9}
_ELECTRIC: Final = re.compile(r"(?:kilo|mega|giga|tera|[kMGT])?[- ]?(?:Wh?|VA|watts?(?:[- ]?hours?)?)")
_SHARES: Final = {"1": 1.0, "fraction": 1.0, "share": 1.0, "%": 0.01, "percent": 0.01, "per cent": 0.01}
_STATED: Final = re.compile(r"US\s*\$|USD|\$|\bdollars?\b|flop|[€£¥₹]|\bEUR\b|\bGBP\b", re.IGNORECASE)
_COUNTED: Final = re.compile(
    r"\b(?:tokens?|data ?points?|gradients?|parameters?|chips?|units?|H100e|H100 equivalents?|total)\b",
    re.IGNORECASE,
)


class Heading(NamedTuple):
    """A heading without its unit, and the unit in brackets at its end; None where it has none."""

    name: str
    unit: str | None


class WrongUnit(Exception):  # noqa: N818 - a reason that is passed on
    """Why the unit of a heading cannot be used; its text is the reason."""


def split(heading: str) -> Heading:
    """Return a heading's name, in lower case with single spaces, and its unit.

    Examples
    --------
    >>> split("Training computation (petaFLOP)")
    Heading(name='training computation', unit='petaFLOP')
    """
    parts = _WITH_UNIT.fullmatch(heading.strip())
    name, unit = (parts["name"], parts["unit"].strip()) if parts else (heading, None)
    return Heading(" ".join(name.casefold().replace("_", " ").split()), unit)


def states_a_unit(unit: str) -> bool:
    """Return whether a text in brackets is meant as a unit of compute, money, time, power or energy."""
    is_physical = bool(_STATED.search(unit) or _ELECTRIC.fullmatch(unit))
    return is_physical or unit in _SHARES or _time_name(unit) in _HOURS


def factor(unit: str, column: Column) -> float:
    """Return what a column's numbers are multiplied by to be in its unit.

    Parameters
    ----------
    unit : str
        The unit that the heading states.
    column : Column
        The column, with the unit that it is kept in.

    Raises
    ------
    WrongUnit
        The unit is unknown, of another quantity, or has two readings.

    Examples
    --------
    >>> from timecone.history.readers.columns import COLUMNS
    >>> compute = COLUMNS["runs"][3]
    >>> factor("petaFLOP", compute), factor("petaflop/s-days", compute)
    (1000000000000000.0, 8.64e+19)
    """
    return _reader(column.unit)(unit, column)


def _reader(unit: str) -> Callable[[str, Column], float]:
    if unit in ("FLOP", "FLOP/s"):
        return _compute
    if unit.startswith("USD"):
        return _money
    readers = {"minute": _time, "hour": _time, "month": _time, "W": _power, "MW": _power, "1": _share}
    return readers.get(unit, _count)


def _compute(unit: str, column: Column) -> float:
    parts = _FLOP.fullmatch(unit)
    prefix = parts["prefix"] if parts else ""
    scale = _PREFIXES.get(prefix.lower()) or _SYMBOLS.get(prefix)
    if not parts or scale is None:
        raise WrongUnit(_unknown(column))
    if parts["number"]:
        scale *= float(parts["number"].replace("10^", "1e"))
    if parts["time"] and not parts["rate"]:
        raise WrongUnit(_unknown(column))
    is_rate = bool(parts["rate"]) and not parts["time"]
    # FLOPS is read as a plural and as "per second"; FLOPs is a plural, for which no rate is meant.
    is_plural = parts["core"].lower() == "flops" and not parts["rate"]
    if column.unit == "FLOP/s":
        if not (is_rate or is_plural):
            raise WrongUnit("a number of operations, where a rate is expected")
        return scale
    if is_rate:
        raise WrongUnit("a rate, where a number of operations is expected")
    if is_plural and parts["core"] != "FLOPs":
        raise WrongUnit("ambiguous: operations, or operations per second")
    return scale * (_HOURS[_time_name(parts["time"])] * 3600.0 if parts["time"] else 1.0)


def _money(unit: str, column: Column) -> float:
    if _OTHER_MONEY.search(unit):
        raise WrongUnit("another currency")
    if not _DOLLAR.search(unit):
        raise WrongUnit(_unknown(column))
    year = _YEAR.search(unit)
    expected = _YEAR.search(column.unit)
    if (year and year["year"]) != (expected and expected["year"]):
        stated = f"of {year['year']}" if year else "of no stated year"
        raise WrongUnit(f"USD {stated}, and prices differ between years")
    rest = _DOLLAR.sub(" ", _YEAR.sub(" ", unit)).strip(" -,'").lower()
    if rest not in _SCALES:
        raise WrongUnit(_unknown(column))
    return _SCALES[rest]


def _time(unit: str, column: Column) -> float:
    name = _time_name(unit)
    if name not in _HOURS:
        raise WrongUnit(_unknown(column))
    return _HOURS[name] / _HOURS[column.unit]


def _time_name(unit: str) -> str:
    name = unit.strip(" -").lower()
    name = _ABBREVIATED.get(name, name)
    return name if name in _HOURS else name.removesuffix("s")


def _power(unit: str, column: Column) -> float:
    return _known(_WATTS, unit, column) / _WATTS[column.unit]


def _share(unit: str, column: Column) -> float:
    return _known(_SHARES, unit.lower(), column)


def _count(unit: str, column: Column) -> float:
    rest = " ".join(_COUNTED.sub(" ", unit).lower().removesuffix("of ").split())
    return _known(_SCALES, rest.removesuffix(" of"), column)


def _known(factors: Mapping[str, float], unit: str, column: Column) -> float:
    if unit not in factors:
        raise WrongUnit(_unknown(column))
    return factors[unit]


def _unknown(column: Column) -> str:
    return f"not understood as a unit of {column.name}"
