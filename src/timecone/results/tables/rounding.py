"""Rounding of quoted numbers to what their Monte Carlo error supports.

A number is rounded to the place of the second significant digit of its standard error (JCGM 100:2008, 7.2.6),
and both ends of its interval to the same place. Rounding keeps order, so a printed number lies inside its
printed interval. Dates are decimal years with one decimal at least: a whole year stands only for the end of a
calendar year. `dates` makes them months. What was not reached is written as beyond the horizon.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal

import numpy as np

from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.tables.dates import DateStyle, date_style, month
from timecone.schema import BIN_WIDTH

#: Writes a number from itself and a standard error.
type Write = Callable[[float, float], str]

# Fewest and most decimals. A thousandth of a year is nine hours, below the width of the bins.
_DECIMALS = {"date": (1, 3), "duration": (0, 3), "probability": (0, 9), "percent": (0, 7)}
# Decimals where there is no error, or no finite one, to take the place from.
_EXACT = {"date": 3, "duration": 3, "probability": 3, "percent": 2}
_VAGUE = {"date": 1, "duration": 1, "probability": 2, "percent": 0}
_SIGNIFICANT = 3
_ALL = 100.0
# Numbers of this size and above, or below its inverse, are written with a power of ten.
_LARGE = 6


def place(error: float) -> int:
    """Return the decimals that end at the second significant digit of a standard error above 0.

    Examples
    --------
    >>> place(0.025), place(0.0996), place(12.0), place(250.0)
    (3, 2, 0, -1)
    """
    exponent = int(f"{error:.1e}".partition("e")[2])  # of the error after rounding it to two digits
    return 1 - exponent


def decimals(error: float, kind: str) -> int:
    """Return how many decimals a number with this standard error shows.

    Parameters
    ----------
    error : float
        Standard error; 0 for an exact number, inf where the interval has no end.
    kind : {"date", "duration", "probability", "percent"}
        What the number is.
    """
    if error <= 0.0:
        return _EXACT[kind]
    if not math.isfinite(error):
        return _VAGUE[kind]
    least, most = _DECIMALS[kind]
    return min(max(place(error), least), most)


def probability(value: float, error: float) -> str:
    """Write a probability."""
    return f"{value:.{decimals(error, 'probability')}f}"


def percent(value: float, error: float) -> str:
    """Write a share in percent."""
    if value in (0.0, 1.0):
        return f"{_ALL * value:.0f} %"
    places = decimals(_ALL * error, "percent")
    text = f"{_ALL * value:.{places}f}"
    # An error that is stated too large must not turn a rare thing into an impossible or a certain one.
    if float(text) == 0.0:
        return f"<{10.0**-places:.{places}f} %"
    return f"{text} %" if float(text) < _ALL else f">{_ALL - 10.0**-places:.{places}f} %"


def share_of(count: int, of: int) -> str:
    """Write in percent what part of the draws ``count`` of them are, rounded by its Monte Carlo error."""
    some = min(count, of)  # a file of another program may contradict itself
    return percent(some / of, float(standard_error(*wilson(np.array(some), of))))


def number(value: float, error: float) -> str:
    """Write a number of any size; three digits where no error says how many."""
    if math.isinf(value):
        # The logarithm of nothing.
        return "∞" if value > 0.0 else "none"
    if 0.0 < error < math.inf:
        places = place(error)
    else:
        places = _SIGNIFICANT - 1 - (math.floor(math.log10(abs(value))) if value else 0)
    rounded = round(Decimal(value), places) if places else Decimal(round(Decimal(value)))
    exponent = rounded.adjusted() if rounded else 0
    if -places < _LARGE > exponent and exponent >= -_LARGE:
        return f"{rounded:.{max(places, 0)}f}"
    return f"{rounded:.{max(exponent + places, 0)}e}"


def at_most(bound: float) -> str:
    """Write a bound from above, rounded up to two significant digits.

    Examples
    --------
    >>> at_most(0.00891), at_most(0.3), at_most(12.01), at_most(0.0)
    ('0.0090', '0.30', '13', '0')
    """
    # Differences of dates have some 13 digits.
    exact = round(Decimal(bound), 9)
    if exact <= 0:
        return "0"
    last = Decimal(1).scaleb(min(exact.adjusted() - 1, 0))
    return str(exact.quantize(last, rounding=ROUND_CEILING))


def date(value: float, error: float, *, start: float, horizon: float) -> str:
    """Write a date as a decimal year, or as a month where `dates` says so.

    What had already happened at the start has no date of its own.
    """
    if value == math.inf:
        return f">{horizon:g}"
    if value < start + BIN_WIDTH:
        return f"≤{start:g}"
    if date_style() is DateStyle.MONTH and math.isfinite(value):
        return month(value)
    return f"{value:.{decimals(error, 'date')}f}"


def duration(value: float, error: float, longest: float) -> str:
    """Write a number of years."""
    if value < 0.0:
        return "0"
    if math.isinf(value):
        return f">{longest:g}"
    return f"{value:.{decimals(error, 'duration')}f}"


def interval(write: Write, lower: float, upper: float, error: float) -> str:
    """Write both ends of an interval in full, rounded as the number itself is; one end where both are equal.

    Examples
    --------
    >>> interval(probability, 0.53214, 0.54598, 0.0035)
    '0.5321 to 0.5460'
    """
    first, last = write(lower, error), write(upper, error)
    return first if first == last else f"{first.removesuffix(' %')} to {last}"
