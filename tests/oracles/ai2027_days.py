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


def onset_months(doublings: float, onset: float, doubling_time: float, shortening: float) -> float:
    """Return the months of doublings of which those after ``onset`` get shorter by a share."""
    steady = min(onset, doublings)
    rest = doublings - steady
    return steady * doubling_time + doubling_time * (1.0 - (1.0 - shortening) ** rest) / shortening


#: Yearly growth of labour and pace of compute until 2028, in 2028, 2029, 2030, and later.
LABOUR_GROWTH = (0.5, 0.4, 0.2, 0.15, 0.1)
COMPUTE_PACE = (1.0, 0.9, 0.5, 0.4, 0.3)


def _step(date: float) -> int:
    return sum(date >= turn for turn in (2028.0, 2029.0, 2030.0, 2031.0))


def stock_arrival(
    work: float,
    begin: float,
    first: float,
    last: float,
    share: float,
    *,
    days_per_year: float,
    days_of_growth: float,
    labour: float = 1000.0,
    stock: float = 50.0,
    cap: float,
) -> tuple[float, list[tuple[float, float]]]:
    """Return the date at which the work is done, or the cap, and the path of (date, share done).

    A day adds (1 + g)**(1 / days_of_growth) to labour and its output over that number to the stock; progress
    of software is the logarithmic growth of the stock over that of the first day.
    """
    done, date, first_growth = 0.0, begin, 0.0
    path = [(date, 0.0)]
    while done < work and date < cap:
        step = _step(date)
        labour *= (1.0 + LABOUR_GROWTH[step]) ** (1.0 / days_of_growth)
        speedup = (1.0 + first) * ((1.0 + last) / (1.0 + first)) ** (done / work)
        output = ((labour + 1.0) ** 0.3 - 1.0) * speedup / days_of_growth
        growth = math.log(1.0 + output / stock)
        first_growth = first_growth or growth
        stock += output
        done += (share * growth / first_growth + (1.0 - share) * COMPUTE_PACE[step]) / 30.5
        date += 1.0 / days_per_year
        path.append((date, done / work))
    return min(date, cap), path


def until_saturation(
    years: float, begin: float, now: float, saturated: float, days_per_year: float, days_of_growth: float
) -> tuple[float, float]:
    """Return labour and the stock of research after some years in which AI's help grows evenly."""
    labour, stock, days = 1000.0, 50.0, round(years * days_per_year)
    for day in range(days):
        labour *= (1.0 + LABOUR_GROWTH[_step(begin + day / days_per_year)]) ** (1.0 / days_of_growth)
        speedup = (1.0 + now) * ((1.0 + saturated) / (1.0 + now)) ** (day / days)
        stock += ((labour + 1.0) ** 0.3 - 1.0) * speedup / days_of_growth
    return labour, stock


def phase_years(work: float, first: float, last: float, days: int) -> float:
    """Return the years of a takeoff phase by steps of a 365th of a year divided by ``days``."""
    done, steps = 0.0, 0
    while done < work:
        done += first * (last / first) ** (done / work) / (365.0 * days)
        steps += 1
    return steps / (365.0 * days)
