"""Research automation by SciPy's integrator, one draw at a time, as published (Kwa 2026)."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from scipy.integrate import solve_ivp

START, END = 2026, 2070
SLOWDOWN = 2029


def compute_factor(year: int) -> float:
    """Return by how much compute grows in the year that ends at the beginning of ``year``."""
    count = year - START
    if year <= SLOWDOWN:
        return 2.6
    if count == 4:
        return 2.0
    return 2.0 - 0.75 * (count - 5) / 28 if count <= 32 else 1.25


def log_labour(time: float) -> float:
    """Return ln L: twofold a year until the slowdown, 10 % a year from then on."""
    return math.log(2.0) * (min(time, SLOWDOWN) - START) + math.log(1.1) * max(time - SLOWDOWN, 0.0)


def log_compute(time: float) -> float:
    """Return ln C, linear in time within each year."""
    whole = int(time)
    total = sum(math.log(compute_factor(year)) for year in range(START + 1, whole + 1))
    return total + (time - whole) * math.log(compute_factor(whole + 1))


def simulate(share_now, width, labour_share, returns_to_scale, difficulty):
    """Return the dates of 50, 90 and 99 % automation, and log10 of software efficiency in 2035."""
    alpha = labour_share * returns_to_scale
    zeta = returns_to_scale - alpha
    start_odds = math.log(share_now / (1.0 - share_now))
    scale = math.log(5.0) * (1.0 - share_now) ** alpha

    def odds(time, y):
        return start_odds + (log_compute(time) + y) / width

    def slope(time, y):
        left = max(1.0 - 1.0 / (1.0 + math.exp(-odds(time, y[0]))), 1e-6)
        labour = math.exp(log_labour(time)) / left
        return [scale * labour**alpha * math.exp(zeta * log_compute(time) - difficulty * y[0])]

    def distance(time, y, limit):
        return odds(time, y[0]) - limit

    state, dates, software = 0.0, dict.fromkeys((0.5, 0.9, 0.99), math.inf), math.nan
    for year in range(START, END):
        events = [partial(distance, limit=math.log(share / (1.0 - share))) for share in dates]
        # Just inside the year, where compute and labour have one growth rate.
        span = (float(year), year + 1.0 - 1e-12)
        solved = solve_ivp(slope, span, [state], method="DOP853", rtol=1e-10, atol=1e-12, events=events)
        for share, times in zip(dates, solved.t_events, strict=True):
            if len(times) and math.isinf(dates[share]):
                dates[share] = float(times[0])
        state = float(solved.y[0, -1])
        if year + 1 == 2035:
            software = state / math.log(10.0)
        if np.isfinite(list(dates.values())).all() and year >= 2035:
            break
    return list(dates.values()), software
