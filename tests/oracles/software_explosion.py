"""The software explosion draw by draw, in months, as published (Davidson and Houlden 2025)."""

from __future__ import annotations

import math

#: Event: months, and the pace over the recent one that must be kept up for them.
EVENTS = {
    "three_years_in_twelve_months": (12, 3),
    "three_years_in_four_months": (4, 10),
    "ten_years_in_twelve_months": (12, 10),
    "ten_years_in_four_months": (4, 30),
}
LONGEST = 48.0


def doubling_ends(
    *, limit, speedup, returns, parallel_returns, share=0.5, constant=False, retraining=False, code=True
):
    """Return the months after which software has doubled 0, 1, 2, ... times."""
    total = 4.0 / share * limit
    month, step, left, ends = 0.0, 3.0 / speedup, returns, [0.0]
    while month < LONGEST and len(ends) - 1 < total and left > 0.0:
        month += step
        ends.append(month)
        before = left
        if not constant:
            left -= returns / total
        used = left if code else before
        if left > 0.0:
            exponent = parallel_returns * (1.0 / used - 1.0)
            if retraining:
                exponent /= abs(exponent + 1.0)
            step *= 2.0**exponent
    return ends


def first_end(ends, months, pace, share=0.5):
    """Return the month in which the first window ends; inf if there is none."""
    count = math.floor(months * 4.0 / share * pace / 12.0)
    for last in range(count, len(ends)):
        if ends[last] - ends[last - count] < months:
            return ends[last]
    return math.inf
