"""Cubic interpolation with known slopes, of tables with equal cells and between points of a path."""

from __future__ import annotations

from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray


@scalar
def hermite(values: FloatArray, slopes: FloatArray, width: float, position: float) -> float:
    """Return a cubic through equidistant values with their slopes; ``position`` counts cells of the table."""
    k = min(max(int(position), 0), values.size - 2)
    x = position - k
    rise = values[k + 1] - values[k]
    left, right = width * slopes[k] - rise, width * slopes[k + 1] - rise
    return float(values[k] + x * (rise + (1.0 - x) * (left * (1.0 - x) - right * x)))


@kernel
def point_before(values: FloatArray, points: int, value: float) -> int:
    """Return the last point, but for the final one, whose value is not above ``value``; values rise."""
    low, high = 0, points - 1
    while high - low > 1:
        middle = (low + high) // 2
        if values[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@kernel
def interpolated(x: FloatArray, y: FloatArray, begin: float, end: float, k: int, value: float) -> float:
    """Return y at an x after point ``k`` by a cubic with the slopes ``begin`` and ``end`` at both points."""
    width, rise = x[k + 1] - x[k], y[k + 1] - y[k]
    if width <= 0.0:
        return float(y[k + 1])
    part = min(max((value - x[k]) / width, 0.0), 1.0)
    left, right = width * begin - rise, width * end - rise
    inside = y[k] + part * (rise + (1.0 - part) * (left * (1.0 - part) - right * part))
    return float(min(max(inside, y[k]), y[k + 1]))
