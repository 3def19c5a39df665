"""The AI 2027 timelines and takeoff by steps of a day in plain NumPy, all draws at once.

They take the steps of the published code as its description states them, and share nothing with the models
but the numbers that are passed in. A draw that has arrived leaves the arrays.
"""

from __future__ import annotations

import numpy as np

TURNS = (2028.0, 2029.0, 2030.0, 2031.0)
LABOUR_GROWTH = np.array([0.5, 0.4, 0.2, 0.15, 0.1])
COMPUTE_PACE = np.array([1.0, 0.9, 0.5, 0.4, 0.3])


def arrivals(work, begin, first, last, days_per_year, cap):
    """Return the dates at which work is done by the rules of April 2025, or the cap; shape (draws,)."""
    dates = np.minimum(begin, cap)
    left, done, date = np.arange(len(work)), np.zeros(len(work)), begin.copy()
    work, first, last = work.copy(), 1.0 + first, 1.0 + last
    while True:
        stays = (done < work) & (date < cap)
        dates[left[~stays]] = np.minimum(date[~stays], cap)
        left, done, date, work, first, last = (a[stays] for a in (left, done, date, work, first, last))
        if not left.size:
            return dates
        software, late = first * (last / first) ** (done / work), date >= 2029.0
        software = np.where(late, np.sqrt(0.5 * software * np.maximum(software - 0.5, 0.0)), software)
        done += 0.5 * (software + np.where(late, 0.5, 1.0)) / 30.5
        date += 1.0 / days_per_year


def stock_arrivals(work, begin, first, last, share, days_per_year, cap, labour=1000.0, stock=50.0):
    """Return the dates at which work is done by the rules of May 2025, or the cap; shape (draws,)."""
    draws = len(work)
    dates = np.minimum(begin, cap)
    left, done, date, first_growth = np.arange(draws), np.zeros(draws), begin.copy(), None
    labour, stock = np.full(draws, labour), np.full(draws, stock)
    first, last, work, share = 1.0 + first, 1.0 + last, work.copy(), share.copy()
    state = [left, done, date, labour, stock, first, last, work, share, np.zeros(draws)]
    while True:
        left, done, date, labour, stock, first, last, work, share, first_growth = state
        stays = (done < work) & (date < cap)
        dates[left[~stays]] = np.minimum(date[~stays], cap)
        state = [a[stays] for a in state]
        left, done, date, labour, stock, first, last, work, share, first_growth = state
        if not left.size:
            return dates
        step = np.searchsorted(TURNS, date, side="right")
        labour *= (1.0 + LABOUR_GROWTH[step]) ** (1.0 / 250.0)
        output = ((labour + 1.0) ** 0.3 - 1.0) * first * (last / first) ** (done / work) / 250.0
        growth = np.log(1.0 + output / stock)
        first_growth[first_growth == 0.0] = growth[first_growth == 0.0]
        stock += output
        done += (share * growth / first_growth + (1.0 - share) * COMPUTE_PACE[step]) / 30.5
        date += 1.0 / days_per_year


def saturation(years, begin, now, saturated, days_per_year):
    """Return labour and the stock of research when the benchmark is saturated, each of shape (draws,)."""
    days = np.round(years * days_per_year)
    labour, stock = np.full(len(days), 1000.0), np.full(len(days), 50.0)
    for day in range(int(days.max())):
        going = day < days
        step = np.searchsorted(TURNS, begin + day / days_per_year, side="right")
        labour = np.where(going, labour * (1.0 + LABOUR_GROWTH[step]) ** (1.0 / 250.0), labour)
        speedup = (1.0 + now) * ((1.0 + saturated) / (1.0 + now)) ** (day / days)
        stock = np.where(going, stock + ((labour + 1.0) ** 0.3 - 1.0) * speedup / 250.0, stock)
    return labour, stock


def phase_years(work, first, last, most=1000.0):
    """Return the years of a takeoff phase by steps of a day, at most some number; all of shape (draws,)."""
    days, done, left = np.zeros(len(work)), np.zeros(len(work)), np.flatnonzero(work > 0.0)
    step = 0
    while left.size and step < most * 365.0:
        done[left] += first[left] * (last[left] / first[left]) ** (done[left] / work[left]) / 365.0
        step += 1
        days[left] = step
        left = left[done[left] < work[left]]
    return days / 365.0
