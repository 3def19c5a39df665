"""Day-by-day answers of the AI 2027 timelines and takeoff forecasts, one draw at a time, in plain Python.

They take the steps of the published code as its description states them and share nothing with the models but
the numbers that are passed in.
"""

from __future__ import annotations

import math


def doubling_months(doublings: float, doubling_time: float, kind: str) -> float:
    """Return the months that doublings take: 10 % less or more for each, or all the same."""
    if kind == "exponential":
        return doublings * doubling_time
    if kind == "superexponential":
        return doubling_time * (1.0 - 0.9**doublings) / 0.1
    return doubling_time * (1.1**doublings - 1.0) / 0.1


def arrival(
    work: float, begin: float, first: float, last: float, days_per_year: float, cap: float = 2050.0
) -> tuple[float, list[tuple[float, float]]]:
    """Return the date at which the work is done, or the cap, and the path of (date, share done)."""
    done, date, path = 0.0, begin, [(begin, 0.0)]
    while done < work and date < cap:
        software = (1.0 + first) * ((1.0 + last) / (1.0 + first)) ** (done / work)
        compute = 1.0
        if date >= 2029.0:
            software, compute = math.sqrt(0.5 * software * (software - 0.5)), 0.5
        done += 0.5 * (software + compute) / 30.5
        date += 1.0 / days_per_year
        path.append((date, done / work))
    return min(date, cap), path


def phase_years(work: float, first: float, last: float, days: int) -> float:
    """Return the years of a takeoff phase by steps of a 365th of a year divided by ``days``."""
    done, steps = 0.0, 0
    while done < work:
        done += first * (last / first) ** (done / work) / (365.0 * days)
        steps += 1
    return steps / (365.0 * days)
