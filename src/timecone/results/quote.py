"""How a number is written: no digit that its Monte Carlo error does not bear.

A digit is printed only if twice the standard error is below half a unit of it. Dates without decimals are
calendar years, so they are cut, not rounded. What was not reached is written as beyond the horizon.
"""

from __future__ import annotations

import math

import numpy as np

from timecone.results.intervals import standard_error, wilson
from timecone.schema import BIN_WIDTH

_MOST = {"date": 1, "duration": 2, "probability": 3, "percent": 2}
_SIGNIFICANT = 3
_ALL = 100.0


def decimals(error: float, kind: str) -> int:
    """Return how many decimals a number with this standard error may show; negative for tens."""
    most = _MOST[kind]
    if error <= 0.0:
        return most
    if not math.isfinite(error):
        return -9
    # The largest d with 2 * error < 0.5 * 10**-d.
    return min(most, math.ceil(-math.log10(4.0 * error)) - 1)


def probability(value: float, error: float) -> str:
    """Write a probability."""
    places = max(decimals(error, "probability"), 0)
    text = f"{value:.{places}f}"
    certain = value in (0.0, 1.0)
    if certain or 0.0 < float(text) < 1.0:
        return text
    # Rounding must not turn a rare thing into an impossible one.
    return f"<{10.0**-places:.{places}f}" if value < 0.5 else f">{1.0 - 10.0**-places:.{places}f}"  # noqa: PLR2004


def percent(value: float, error: float) -> str:
    """Write a share in percent."""
    if value in (0.0, 1.0):
        return f"{_ALL * value:.0f} %"
    places = max(decimals(_ALL * error, "percent"), 0)
    text = f"{_ALL * value:.{places}f}"
    # Rounding must not turn a rare thing into an impossible one, nor a frequent one into a certain one.
    if float(text) == 0.0:
        return f"<{10.0**-places:.{places}f} %"
    return f"{text} %" if float(text) < _ALL else f">{_ALL - 10.0**-places:.{places}f} %"


def share_of(count: int, of: int) -> str:
    """Write in percent what part of the draws some are, with the digits that its Monte Carlo error bears."""
    some = min(count, of)  # a file of another program may contradict itself
    return percent(some / of, float(standard_error(*wilson(np.array(some), of))))


def number(value: float, error: float) -> str:
    """Write a number of any size, to three digits at most."""
    if math.isinf(value):
        # The logarithm of nothing.
        return "∞" if value > 0.0 else "none"
    size = math.floor(math.log10(abs(value))) if value else 0
    most = _SIGNIFICANT - 1 - size
    places = most if error <= 0.0 else -9 if math.isinf(error) else math.ceil(-math.log10(4.0 * error)) - 1
    places = min(places, most)
    if places < -size:
        return f"~{value:.1g}"
    return f"{round(value, places):.{places}f}" if places >= 0 else f"{round(value, places):.{_SIGNIFICANT}g}"


def date(value: float, error: float, *, start: float, horizon: float) -> str:
    """Write a decimal year; ``~`` marks one whose calendar year is uncertain.

    What had already happened at the start has no date of its own.
    """
    if value == math.inf:
        return f">{horizon:g}"
    if value < start + BIN_WIDTH:
        return f"≤{start:g}"
    places = decimals(error, "date")
    if places > 0:
        return f"{value:.{places}f}"
    return f"{math.floor(value)}" if places == 0 else f"~{math.floor(value)}"


def duration(value: float, error: float, longest: float) -> str:
    """Write a number of years."""
    if value < 0.0:
        return "0"
    if math.isinf(value):
        return f">{longest:g}"
    places = decimals(error, "duration")
    return f"{value:.{max(places, 0)}f}" if places >= 0 else f"~{value:.0f}"


def interval(lower: str, upper: str) -> str:
    """Write an interval; what both ends share is written once: 2033.7-3.9 for two dates of one decade."""
    if lower == upper:
        return lower
    same = next((k for k in range(4) if lower[k : k + 1] != upper[k : k + 1]), 4)
    comparable = len(lower) == len(upper) and lower[:1].isdigit() and "." in lower[4:]
    return f"{lower}–{upper[min(same, 3) :]}" if comparable and same >= 2 else f"{lower}–{upper}"  # noqa: PLR2004
