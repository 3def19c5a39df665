"""One cell of text becomes a number, a date, a label or a flag, or a reason why it cannot."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from timecone.errors import suggestion
from timecone.history.readers.columns import CONFIDENCES, WRONG, Column
from timecone.history.readers.conventions import DAY_AND_MONTH, PLAIN, Convention
from timecone.units import decimal_year

#: Cells that say that nothing is known; whatever else stands in a number's place is read or reported.
MISSING: Final = frozenset({"", "nan", "NaN", "NA", "N/A"})

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII)
_DOLLARS: Final = re.compile(
    r"(?:US\$|\$|USD)\s*(?P<before>[^\s].*)|(?P<after>.*[^\s])\s*(?:US\$|\$|USD)", re.ASCII
)
_OTHER_MONEY: Final = re.compile(r"[€£¥₹]|EUR|GBP|CNY|RMB|JPY", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})([ T].*)?", re.ASCII)
_FOUR_DIGITS: Final = (1000.0, 10_000.0)
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "1.0", "checked", "x"})
_FALSE: Final = frozenset({"", "false", "f", "no", "n", "0", "0.0", "unchecked", "nan", "na", "n/a"})
_GRADES: Final = {grade.lower(): grade for grade in (*CONFIDENCES, WRONG)}


class Unreadable(Exception):  # noqa: N818 - a reason that is passed on, no failure of the file
    """Why a cell cannot be read; its text is the reason."""


type Value = float | str | bool


def _as_number(text: str, column: Column, convention: Convention, factor: float) -> float:
    if text in MISSING:
        return math.nan
    digits, share = _without_unit(text, column)
    if digits.lower().lstrip("+-") in ("inf", "infinity"):
        raise Unreadable("infinite; expected a positive number")
    if _THOUSANDS.fullmatch(digits):
        if convention.decimal_comma is not None:
            raise Unreadable(
                f"thousands, or a decimal comma as in row {convention.decimal_comma}; expected 1234.5"
            )
        digits = digits.replace(",", "")
    if not _NUMBER.fullmatch(digits):
        raise Unreadable("not a number; expected digits, as 1234.5 or 1.2e25")
    value = float(digits) * share * factor
    if math.isinf(value):
        raise Unreadable("beyond the largest number there is; expected a positive number")
    if value == 0.0 and column.zero:
        return 0.0
    if value <= 0.0:
        what = "zero" if value == 0.0 else "negative"
        raise Unreadable(f"{what}; expected a positive number, or nothing where it is unknown")
    if value > column.most:
        raise Unreadable(f"more than {column.most:g}")
    return value


def _without_unit(text: str, column: Column) -> tuple[str, float]:
    """Return a number's text without the sign of its currency or of percent, and its factor."""
    if column.unit.startswith("USD"):
        if _OTHER_MONEY.search(text):
            raise Unreadable("another currency; expected US dollars")
        money = _DOLLARS.fullmatch(text)
        return (money["before"] or money["after"], 1.0) if money else (text, 1.0)
    if column.unit == "1" and text.endswith("%"):
        return text[:-1].rstrip(), 0.01
    return text, 1.0


def _as_date(text: str, column: Column, convention: Convention, factor: float) -> float:  # noqa: ARG001
    if text in MISSING:
        return math.nan
    year_first = _DAY.fullmatch(text)
    if year_first:
        return _decimal_year(int(year_first[1]), int(year_first[3]), int(year_first[4]))
    parts = DAY_AND_MONTH.fullmatch(text)
    if not parts:
        raise Unreadable("not a date; expected year-month-day, as 2024-05-31, or month/day/year")
    first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
    month_first, day_first = convention.month_first, convention.day_first
    if first == second or day_first is None is not month_first:
        return _decimal_year(year, first, second)
    if month_first is None is not day_first:
        return _decimal_year(year, second, first)
    if month_first is None:
        raise Unreadable(
            "month/day or day/month: no date of the column has a day above 12; expected 2024-05-31"
        )
    raise Unreadable(
        f"month/day as in row {month_first} or day/month as in row {day_first}; expected 2024-05-31"
    )


def _decimal_year(year: int, month: int, day: int) -> float:
    try:
        return decimal_year(date(year, month, day))
    except ValueError as failure:
        raise Unreadable(f"not a calendar date ({failure})") from None


def _as_year(text: str, column: Column, convention: Convention, factor: float) -> float:
    year = _as_number(text, column, convention, factor)
    if math.isnan(year) or _FOUR_DIGITS[0] <= year < _FOUR_DIGITS[1]:
        return year
    raise Unreadable("not a year; expected four digits, with decimals if need be, as 2012.5")


def _as_label(text: str, column: Column, convention: Convention, factor: float) -> str:  # noqa: ARG001
    if text in MISSING:
        return CONFIDENCES[-1]
    if text.lower() not in _GRADES:
        raise Unreadable(f"not a grade of confidence. {suggestion(text, _GRADES.values())}")
    return _GRADES[text.lower()]


def _as_flag(text: str, column: Column, convention: Convention, factor: float) -> bool:  # noqa: ARG001
    if text.lower() in _TRUE:
        return True
    if text.lower() not in _FALSE:
        raise Unreadable(
            "not a flag; expected true or false, yes or no, checked or unchecked, or nothing for false"
        )
    return False


def _as_text(text: str, column: Column, convention: Convention, factor: float) -> str:  # noqa: ARG001
    if not text and column.required:
        raise Unreadable("without a name")
    return text


_CONVERSIONS: Final[Mapping[str, Callable[[str, Column, Convention, float], Value]]] = {
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


def converted(text: str, column: Column, convention: Convention = PLAIN, factor: float = 1.0) -> Value:
    """Return the value of a cell, in the column's unit.

    Parameters
    ----------
    text : str
        The cell.
    column : Column
        What it should be.
    convention : Convention, optional
        How the whole column writes dates and numbers.
    factor : float, optional
        From the unit of the heading to the column's.

    Raises
    ------
    Unreadable
        The text is not a value of this column; the message says why.

    Examples
    --------
    >>> from timecone.history.readers.columns import COLUMNS
    >>> price = next(column for column in COLUMNS["chips"] if column.name == "price")
    >>> converted("$5,412.00", price)
    5412.0
    """
    return _CONVERSIONS[column.type](column.cell(text.strip()), column, convention, factor)


def empty(column: Column) -> Value:
    """Return what stands for a missing cell."""
    return _EMPTY[column.type]
