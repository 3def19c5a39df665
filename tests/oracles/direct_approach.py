"""The Direct Approach timelines model of Atkinson et al. 2023, year by year in NumPy.

A second implementation, written from the published description; it shares no code with the package. Years
are whole: the state of a year stands for its first of January. Quantities are log10 unless said otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

YEARS = np.arange(2023, 2101)
FIRST_SECOND, SECONDS_APART, GRID_POINTS = 1032617600.0, 1585568.0, 1001
GRID = FIRST_SECOND + SECONDS_APART * np.arange(GRID_POINTS)
LAST_TREND_YEAR = 2052
# Intercept and slope over seconds since 1970 of the four lines through the upper quantiles of core counts.
CORES = {
    "q80": (-1.6362665592558319, 3.366322195106479e-09),
    "q85": (-1.0477299272538527, 3.025249261735374e-09),
    "q90": (-0.7293906413681457, 2.8746401005407403e-09),
    "q95": (-0.16701720164036704, 2.5532050646632787e-09),
}
TRIALS = ((17.0, 8.0), (23.0, 2.0), (25.0, 1.0))


def year_points() -> np.ndarray:
    """Return the index of the first grid date in each year, constant after the last year of the trends."""
    begins = [datetime(min(int(y), LAST_TREND_YEAR), 1, 1, tzinfo=UTC).timestamp() for y in YEARS]
    return np.array([int(np.argmax(begin <= GRID)) for begin in begins])


def soft_cap(value, limit):
    """Return log10(10**limit (1 - exp(-10**(value - limit)))), bounded as in the published code."""
    v, top = np.minimum(value, 300.0), np.minimum(limit, 300.0)
    room = np.clip(v - top, -300.0, 300.0)
    with np.errstate(divide="ignore"):
        capped = top + np.log10(-np.expm1(-(10.0**room)))
    return np.maximum(np.where(v - top < -250.0, v, capped), -10.0)


def spending(growth, start, output, output_growth, share):
    """Return the cost of the largest run, shape (draws, years); growth as factors per year, USD."""
    n = (YEARS - 2022)[None, :]
    trend = np.log10(start) + n * np.log10(growth)[:, None]
    cap = np.log10(output) + n * np.log10(output_growth)[:, None] + np.log10(share)[:, None]
    return soft_cap(trend, cap)


def chips(size_limit, transistors_per_core, intercept, slope):
    """Return the performance of a chip, log10 FLOP/s, on the whole grid, shape (draws, dates)."""
    size = 4.3593294795660285 - 2.190814934252487e-09 * GRID
    transistors = -1.705401515077804 + 3.5620835889231534e-09 * GRID
    below = size[None, :] <= np.log10(size_limit)[:, None]
    reached = np.argmax(below, axis=1)
    transistors = np.minimum(transistors[None, :], transistors[reached][:, None])
    line = intercept[:, None] + slope[:, None] * GRID[None, :]
    cores = np.minimum(line, transistors - np.log10(transistors_per_core / 1e6)[:, None])
    used = np.maximum(size[None, :], np.log10(size_limit)[:, None])
    return 10.084356977902107 - 0.4117506135075512 * used + 0.9198718705452034 * cores


def price_performance(performance, specialisation):
    """Return log10 FLOP per USD by year from the performance of chips on the grid."""
    speed = performance[:, year_points()]
    speed = speed + np.minimum((YEARS - 2022)[None, :] * specialisation[:, None], np.log10(250.0))
    rate = np.full(speed.shape, 0.5)
    rate[:, 1:] = 10.0 ** np.diff(speed, axis=1) - 1.0
    years = 1.2 / (rate + 0.1)
    return speed + np.log10(years * 365 * 24 * 3600 / 5000.0)


def algorithms(growth, limit):
    """Return what algorithms have gained since the reference, OOM, by year."""
    return soft_cap((YEARS - 2022)[None, :] * growth[:, None], limit[:, None])


def requirement(slowdown, k_performance, a, b, alpha, beta, *, corrected=False):
    """Return the requirement before its update; ``corrected`` raises the whole ratio to the power."""
    gamma = alpha * beta / (alpha + beta)
    power = 1.0 / (alpha + beta)
    g = (alpha * a / (beta * b)) ** power if corrected else alpha * a / (beta * b) ** power
    k = a * g**-alpha + b * g**beta
    evidence = 0.8 * np.log2(9.0)
    return np.log10(6.0) + (np.log10(k) + np.log10(k_performance) - np.log10(evidence * slowdown)) / gamma


def updated(mean, sd, points=400_001):
    """Return a grid of requirements and its distribution function after the update on past runs."""
    x = np.linspace(mean - 12.0 * sd, mean + 12.0 * sd, points)
    log = -0.5 * ((x - mean) / sd) ** 2 - sum(d * 10.0 ** (0.3 * (r - x)) for r, d in TRIALS)
    density = np.exp(log - log.max())
    total = np.append(0.0, np.cumsum(0.5 * (density[1:] + density[:-1])))
    return x, total / total[-1]


def scaled(x):
    """Return the requirement that the model uses."""
    return 25.0 + (5.0 / 7.0) * (x - 25.0)
