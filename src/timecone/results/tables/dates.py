"""Style of written dates: decimal years, or months for readers who want them.

Every date in a table, figure or page is written here or in `rounding.date`, which asks for the style.
"""

from __future__ import annotations

import calendar
import math
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from itertools import accumulate


class DateStyle(StrEnum):
    """Styles of dates."""

    YEAR = "year"
    MONTH = "month"


_STYLE: ContextVar[DateStyle] = ContextVar("date style", default=DateStyle.YEAR)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_YEAR = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LEAP_YEAR = (31, 29, *_YEAR[2:])
# Of a day: a date that was computed from a day falls on it.
_ROUNDING = 1e-4


def date_style() -> DateStyle:
    """Return the style in force."""
    return _STYLE.get()


def set_date_style(style: DateStyle) -> None:
    """Set the style for the rest of this context, such as a command."""
    _STYLE.set(style)


@contextmanager
def dates_as(style: str) -> Iterator[None]:
    """Write dates in tables, figures and pages as decimal years or as months.

    Durations and differences stay numbers of years, and numbers for other programs (CSV of draws, JSON,
    tables of figures) stay decimal years.

    Parameters
    ----------
    style : {"year", "month"}
        How to write them.

    Yields
    ------
    None
        The style holds within the ``with`` statement.

    Raises
    ------
    ValueError
        Another style.

    Examples
    --------
    >>> import timecone as tc
    >>> from timecone.results.tables.arrival import years_at_percentiles
    >>> from timecone.results.tables.statistics import RunStatistics
    >>> run = tc.simulate(tc.load("open_loop"), draws=2000, seed=1, paths=0)
    >>> with tc.dates_as("month"):
    ...     table = years_at_percentiles(RunStatistics(run, q=[50]))
    >>> table.title[:24], dict(table.rows)["TAI"][0].text[-4:] > "2026"
    ('Month at each percentile', True)
    """
    token = _STYLE.set(DateStyle(style))
    try:
        yield
    finally:
        _STYLE.reset(token)


def month(value: float) -> str:
    """Write the month in which a decimal year falls.

    Examples
    --------
    >>> month(2035.99), month(2036.0), month(2028.1635)
    ('Dec 2035', 'Jan 2036', 'Feb 2028')
    """
    year = math.floor(value + _ROUNDING / 366.0)
    lengths = _LEAP_YEAR if calendar.isleap(year) else _YEAR
    day = (value - year) * sum(lengths) + _ROUNDING
    return f"{_MONTHS[min(bisect_right([*accumulate(lengths)], day), 11)]} {year}"


def date_words() -> str:
    """Return what a column of dates holds: "Year" or "Month"."""
    return date_style().value.capitalize()
