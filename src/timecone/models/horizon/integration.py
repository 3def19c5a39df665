"""Integration of the state equation: fourth-order Runge-Kutta steps along the path of E over time.

The parameter of the path advances by dt (1 + (dE/dt) / K), so steps are a fixed length of time while E grows
slowly and a fixed number of OOM while it explodes. This needs no step control. Where effective compute is a
sum, the faster of product and sum counts, and K is smaller, so that steps are short against the lag.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.horizon import series as exogenous
from timecone.models.horizon.interpolation import interpolated, point_before
from timecone.models.horizon.state import Draw, effective_compute, slopes
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

#: Pace at which half of a step is time, OOM/year: where effective compute is a product, and a sum.
PACE: Final = 3.0
PACE_OF_SUM: Final = 1.0
#: Rows of a path: date, E, dE/dt, and the lag of the sum behind the product (natural log) with its slope.
TIME, COMPUTE, SLOPE, LAG, LAG_SLOPE = range(5)
ROWS: Final = 5
#: Evaluations of a step after that at its beginning.
_STAGES: Final = 3
#: Steps after which a draw is given up.
_MOST_STEPS: Final = 1_000_000


@kernel
def integrate(draw: Draw, step: float, end: float, room: FloatArray) -> tuple[FloatArray, int]:
    """Return a draw's path from the first year to the first step at or after the end.

    Parameters
    ----------
    draw : Draw
        The draw.
    step : float
        Length of a step, years.
    end : float
        Date.
    room : array, shape (rows, points)
        Where the path is kept as far as it has room.

    Returns
    -------
    array, shape (rows, points)
        Dates, effective compute and its growth; ``room`` or a larger array.
    int
        Number of points that are filled.
    """
    path, points = room, 1
    time, y, lag, j = draw.series.years[0], 0.0, 0.0, 0
    half = PACE if draw.inflow == 0.0 else PACE_OF_SUM
    rate, lagging, growth, product = slopes(draw, time, y, lag, j)
    path[TIME, 0], path[COMPUTE, 0], path[SLOPE, 0] = time, effective_compute(draw, time, y, lag, j), growth
    path[LAG, 0], path[LAG_SLOPE, 0] = lag, lagging
    while time < end and points < _MOST_STEPS:
        pace = 1.0 / (1.0 + max(growth, product) / half)
        time_sum, y_sum, lag_sum = pace, pace * rate, pace * lagging
        time_slope, y_slope, lag_slope = time_sum, y_sum, lag_sum
        for stage in range(_STAGES):
            part = step if stage == _STAGES - 1 else 0.5 * step
            at, y_at, lag_at = time + part * time_slope, y + part * y_slope, lag + part * lag_slope
            row = exogenous.row_before(draw.series.years, at, j)
            rate, lagging, growth, product = slopes(draw, at, y_at, lag_at, row)
            time_slope = 1.0 / (1.0 + max(growth, product) / half)
            y_slope, lag_slope = time_slope * rate, time_slope * lagging
            weight = 1.0 if stage == _STAGES - 1 else 2.0
            time_sum += weight * time_slope
            y_sum += weight * y_slope
            lag_sum += weight * lag_slope
        time += step / 6.0 * time_sum
        y += step / 6.0 * y_sum
        lag += step / 6.0 * lag_sum
        j = exogenous.row_before(draw.series.years, time, j)
        rate, lagging, growth, product = slopes(draw, time, y, lag, j)
        if points == path.shape[1]:
            larger = np.empty((ROWS, 2 * points))
            larger[:, :points] = path
            path = larger
        path[TIME, points] = time
        path[COMPUTE, points] = effective_compute(draw, time, y, lag, j)
        path[SLOPE, points] = growth
        path[LAG, points] = lag
        path[LAG_SLOPE, points] = lagging
        points += 1
        if not np.isfinite(growth):
            break
    return path, points


@kernel
def date_of(path: FloatArray, points: int, level: float) -> float:
    """Return when E passes a level; the first year where it begins above it, +inf where it does not."""
    if level <= path[COMPUTE, 0]:
        return float(path[TIME, 0])
    if not level <= path[COMPUTE, points - 1]:
        return np.inf
    k = point_before(path[COMPUTE], points, level)
    begin, end = 1.0 / path[SLOPE, k], 1.0 / path[SLOPE, k + 1]
    return interpolated(path[COMPUTE], path[TIME], begin, end, k, level)


@kernel
def compute_at(path: FloatArray, points: int, time: float) -> float:
    """Return E at a time within the path."""
    k = point_before(path[TIME], points, time)
    return interpolated(path[TIME], path[COMPUTE], path[SLOPE, k], path[SLOPE, k + 1], k, time)


@kernel
def lag_at(path: FloatArray, points: int, time: float) -> float:
    """Return the lag of the sum behind the product at a time within the path, by a cubic."""
    k = point_before(path[TIME], points, time)
    width, rise = path[TIME, k + 1] - path[TIME, k], path[LAG, k + 1] - path[LAG, k]
    part = (time - path[TIME, k]) / width
    left, right = width * path[LAG_SLOPE, k] - rise, width * path[LAG_SLOPE, k + 1] - rise
    lag: float = path[LAG, k] + part * (rise + (1.0 - part) * (left * (1.0 - part) - right * part))
    return lag
