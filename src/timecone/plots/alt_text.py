"""Alternative texts of figures: their main numbers in sentences, for readers who cannot see them.

Each function takes the numbers that a figure draws and returns a description. Numbers have as many digits as
can be read off a figure; tables and files have more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from timecone.plots.style import plain_number, power, split_unit
from timecone.results.tables.dates import DateStyle, date_style, month
from timecone.schema import FloatArray

_QUOTED = (0.1, 0.5, 0.9)
_MOST_CURVES = 8
_MOST_ROWS = 12


def joined(parts: Iterable[str]) -> str:
    """Return sentences as one text, each with a full stop."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def date(value: float) -> str:
    """Write a date to a tenth of a year, or as a month."""
    return month(value) if date_style() is DateStyle.MONTH else f"{value:.1f}"


def reached(x: FloatArray, probability: FloatArray, level: float) -> float:
    """Return where a distribution function reaches a level, between its points; inf where it does not.

    Examples
    --------
    >>> import numpy as np
    >>> reached(np.array([2030.0, 2040.0]), np.array([0.2, 0.7]), 0.45)
    2035.0
    """
    k = int(np.searchsorted(probability, level))
    if k == len(probability):
        return float(np.inf)
    if k == 0:
        return float(x[0])
    low, high = probability[k - 1], probability[k]
    return float(x[k - 1] + (x[k] - x[k - 1]) * (level - low) / (high - low))


def of_curves(table: pd.DataFrame, *, x: str = "date", unit: str = "") -> str:
    """Describe distribution functions: where each reaches 10, 50 and 90 %, and what is left at its end.

    Parameters
    ----------
    table : DataFrame
        Columns curve, ``x``, probability.
    x : str
        Column of dates or durations.
    unit : str
        Unit of durations; empty for dates.
    """
    curves = {str(name): rows for name, rows in table.groupby("curve", sort=False)}
    shown = list(curves.items())[:_MOST_CURVES]
    parts = [
        _of_curve(name, rows[x].to_numpy(), rows["probability"].to_numpy(), unit) for name, rows in shown
    ]
    more = len(curves) - len(shown)
    return joined([*parts, f"{more} more curves" if more else ""])


def _of_curve(name: str, x: FloatArray, probability: FloatArray, unit: str) -> str:
    places = {level: reached(x, probability, level) for level in _QUOTED}
    before, write = ("below ", plain_duration) if unit else ("by ", date)
    parts = [
        f"{100.0 * level:.0f} % {before}{write(place)}{unit}"
        for level, place in places.items()
        if np.isfinite(place)
    ]
    end = f"{100.0 * probability[-1]:.1f} % {before}{write(float(x[-1]))}{unit}"
    return f"{name}: {', '.join([*parts, end])}"


def plain_duration(years: float) -> str:
    """Write a number of years to two digits."""
    return f"{years:.2g}" if years < 100.0 else f"{years:.0f}"  # noqa: PLR2004 - two digits


def of_bands(name: str, time: FloatArray, values: FloatArray, unit: str = "") -> str:
    """Describe a fan at its beginning, middle and end: the median, and the 5 to 95 % range.

    Parameters
    ----------
    name : str
        What is drawn.
    time : array, shape (times,)
        Dates.
    values : array, shape (times, 5)
        Percentiles 5, 25, 50, 75 and 95.
    unit : str
        Their unit; logarithms begin with ``log10``.
    """
    of, logarithm = split_unit(unit)
    suffix = "" if of in ("", "1") else f" {of}"
    parts = []
    for k in dict.fromkeys((0, len(time) // 2, len(time) - 1)):
        low, middle, high = (_value(float(values[k, q]), logarithm=logarithm) for q in (0, 2, 4))
        spread = "" if low == high else f" (5 to 95 %: {low} to {high})"
        parts.append(f"{date(float(time[k]))}: median {middle}{suffix}{spread}")
    return joined([f"{name}. {'; '.join(parts)}"])


def _value(value: float, *, logarithm: bool) -> str:
    if not np.isfinite(value):
        return "beyond the range" if value > 0.0 else "below the range"
    return power(round(value, 1)) if logarithm else plain_number(float(f"{value:.3g}"))


def of_rows(name: str, rows: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """Describe a list of values by name, the first ones where there are many."""
    pairs = list(rows.items()) if isinstance(rows, Mapping) else list(rows)
    listed = "; ".join(f"{key}: {value}" for key, value in pairs[:_MOST_ROWS])
    more = len(pairs) - _MOST_ROWS
    return joined([f"{name}. {listed}" + (f"; and {more} more" if more > 0 else "")])


def short(value: Any) -> str:
    """Write a number of a table to three digits, and a date of it to a tenth of a year."""
    number = float(value)
    if not np.isfinite(number):
        return "not reached" if number > 0.0 else "before the start"
    return date(number) if 1900.0 < number < 2500.0 else plain_number(float(f"{number:.3g}"))  # noqa: PLR2004
