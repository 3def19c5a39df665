"""Integration of the state equation: fourth-order Runge-Kutta steps along the path of E over time.

The parameter of the path advances by dt (1 + (dE/dt) / K), so steps are a fixed length of time while E grows
slowly and a fixed number of OOM while it explodes. This needs no step control.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from timecone.models.horizon import series as exogenous
from timecone.models.horizon.interpolation import interpolated, point_before
from timecone.models.horizon.state import Draw, effective_compute, slopes
from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

#: Pace at which half of a step is time, OOM/year.
PACE: Final = 3.0
#: Rows of a path: date, E, and dE/dt.
TIME, COMPUTE, SLOPE = 0, 1, 2
ROWS: Final = 3
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
    time, y, j = draw.series.years[0], 0.0, 0
    rate, growth = slopes(draw, time, y, j)
    path[TIME, 0], path[COMPUTE, 0], path[SLOPE, 0] = time, effective_compute(draw, time, y, j), growth
    while time < end and points < _MOST_STEPS:
        pace = 1.0 / (1.0 + growth / PACE)
        time_sum, y_sum = pace, pace * rate
        time_slope, y_slope = pace, pace * rate
        for stage in range(_STAGES):
            part = step if stage == _STAGES - 1 else 0.5 * step
            at, y_at = time + part * time_slope, y + part * y_slope
            row = exogenous.row_before(draw.series.years, at, j)
            rate, growth = slopes(draw, at, y_at, row)
            time_slope = 1.0 / (1.0 + growth / PACE)
            y_slope = time_slope * rate
            weight = 1.0 if stage == _STAGES - 1 else 2.0
            time_sum += weight * time_slope
            y_sum += weight * y_slope
        time += step / 6.0 * time_sum
        y += step / 6.0 * y_sum
        j = exogenous.row_before(draw.series.years, time, j)
        rate, growth = slopes(draw, time, y, j)
        if points == path.shape[1]:
            larger = np.empty((ROWS, 2 * points))
            larger[:, :points] = path
            path = larger
        path[TIME, points] = time
        path[COMPUTE, points] = effective_compute(draw, time, y, j)
        path[SLOPE, points] = growth
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
