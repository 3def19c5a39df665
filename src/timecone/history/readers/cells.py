"""One cell of text becomes a number, a date, a label or a flag, or a reason why it cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from timecone.errors import suggestion
from timecone.history.readers.columns import CONFIDENCES, Column
from timecone.units import decimal_year

#: Cells that say that nothing is known; whatever else stands in a number's place is read or reported.
MISSING: Final = frozenset({"", "nan", "NaN", "NA", "N/A"})

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})([ T].*)?", re.ASCII)
_FOUR_DIGITS: Final = (1000.0, 10_000.0)
_FLAGS: Final[Mapping[str, bool]] = {"": False, "True": True, "False": False, "true": True, "false": False}


class Unreadable(Exception):  # noqa: N818 - a reason that is passed on, no failure of the file
    """Why a cell cannot be read; its text is the reason."""


type Value = float | str | bool


def _as_number(text: str, column: Column) -> float:
    if text in MISSING:
        return math.nan
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        raise Unreadable("infinite; expected a positive number")
    if not _NUMBER.fullmatch(text):
        raise Unreadable("not a number; expected digits, as 1234.5 or 1.2e25")
    value = float(text)
    if math.isinf(value):
        raise Unreadable("beyond the largest number there is; expected a positive number")
    if value <= 0.0:
        what = "zero" if value == 0.0 else "negative"
        raise Unreadable(f"{what}; expected a positive number, or nothing where it is unknown")
    if value > column.most:
        raise Unreadable(f"more than {column.most:g}")
    return value


def _as_date(text: str, column: Column) -> float:  # noqa: ARG001 - all conversions are called alike
    if text in MISSING:
        return math.nan
    found = _DAY.fullmatch(text)
    if not found:
        raise Unreadable("not a date; expected year-month-day, as 2024-05-31")
    try:
        return decimal_year(date(*(int(part) for part in found.groups()[:3])))
    except ValueError as failure:
        raise Unreadable(f"no day of the calendar ({failure})") from None


def _as_year(text: str, column: Column) -> float:
    year = _as_number(text, column)
    if math.isnan(year) or _FOUR_DIGITS[0] <= year < _FOUR_DIGITS[1]:
        return year
    raise Unreadable("not a year; expected four digits, with decimals if need be, as 2012.5")


def _as_label(text: str, column: Column) -> str:  # noqa: ARG001
    if not text:
        return CONFIDENCES[-1]
    if text not in CONFIDENCES:
        raise Unreadable(f"not a grade of confidence. {suggestion(text, CONFIDENCES)}")
    return text


def _as_flag(text: str, column: Column) -> bool:  # noqa: ARG001
    if text not in _FLAGS:
        raise Unreadable("neither True, False nor blank")
    return _FLAGS[text]


def _as_text(text: str, column: Column) -> str:
    if not text and column.required:
        raise Unreadable("without a name")
    return text


_CONVERSIONS: Final[Mapping[str, Callable[[str, Column], Value]]] = {
    "number": _as_number,
    "date": _as_date,
    "year": _as_year,
    "label": _as_label,
    "flag": _as_flag,
    "text": _as_text,
}

_EMPTY: Final[Mapping[str, Value]] = {
    "number": math.nan,
    "date": math.nan,
    "year": math.nan,
    "label": CONFIDENCES[-1],
    "flag": False,
    "text": "",
}


def converted(text: str, column: Column) -> Value:
    """Return the value of a cell, in the column's unit.

    Raises
    ------
    Unreadable
        The text is no value of this column; the message says why.
    """
    return _CONVERSIONS[column.type](text.strip(), column)


def empty(column: Column) -> Value:
    """Return what stands for a missing cell."""
    return _EMPTY[column.type]
