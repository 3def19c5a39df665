"""A quantile function compiled for the hot path, over the normal score.

value = shift + scale * T(y), where y is a function of the score: a straight line for families that are closed
forms of it (normal, lognormal), a table of cubics for every other one. T is the identity, exp, sinh or the
logistic function; it takes the shape of the tails, so that the table only has to follow what is left, and every
family costs the same few nanoseconds per draw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Self

import numpy as np
from scipy import special
from scipy.interpolate import CubicSpline, PchipInterpolator

from timecone.inputs.score import LARGEST_SCORE
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, exp2
from timecone.schema import FloatArray, IntArray


class Tail(IntEnum):
    """The function T; named by the tails that it fits."""

    LINEAR = 0
    EXP = 1
    SINH = 2
    LOGISTIC = 3


# Half-open cells of the look-up grid that leads a score to its segment.
_CELLS_PER_UNIT = 32
_CELLS = int(np.ceil(2 * LARGEST_SCORE * _CELLS_PER_UNIT))
_MOST_KNOTS = 6000
_ROUNDS = 12
# Error of a table relative to the interquartile range, well below the promised 1e-6.
_TOLERANCE = 1e-7
# Beyond probabilities of 1e-7 less will do: there SciPy's own solvers begin to rattle.
_EXACT_SCORE = 5.3
_FAR_TOLERANCE = 1e-4

_EXP, _SINH, _LOGISTIC = int(Tail.EXP), int(Tail.SINH), int(Tail.LOGISTIC)


@scalar
def _exp(y: float) -> float:
    return exp2(y / LN_2)


@kernel
def _finish(
    tail: int, shift: float, scale: float, low: float, high: float, values: FloatArray
) -> None:
    """Turn y into values, in place."""
    if tail == _EXP:
        for i in range(values.size):
            values[i] = shift + scale * _exp(values[i])
    elif tail == _SINH:
        for i in range(values.size):
            e = _exp(values[i])
            values[i] = shift + scale * 0.5 * (e - 1.0 / e)
    elif tail == _LOGISTIC:
        for i in range(values.size):
            values[i] = shift + scale / (1.0 + _exp(-values[i]))
    else:
        for i in range(values.size):
            values[i] = shift + scale * values[i]
    for i in range(values.size):
        values[i] = min(max(values[i], low), high)


@kernel
def _line(a: float, b: float, values: FloatArray) -> None:
    for i in range(values.size):
        values[i] = a + b * values[i]


@kernel
def _table(
    knots: FloatArray, coefficients: FloatArray, first_segment: IntArray, values: FloatArray
) -> None:
    last = knots.size - 2
    for i in range(values.size):
        z = min(max(values[i], knots[0]), knots[last + 1])
        cell = min(int((z - knots[0]) * _CELLS_PER_UNIT), _CELLS - 1)
        segment = first_segment[cell]
        while segment < last and z >= knots[segment + 1]:
            segment += 1
        x = z - knots[segment]
        c = coefficients[segment]
        values[i] = ((c[0] * x + c[1]) * x + c[2]) * x + c[3]


@dataclass(frozen=True)
class Table:
    """Cubics between knots.

    Attributes
    ----------
    knots : array, shape (segments + 1,)
        Scores, from the least to the greatest possible one.
    coefficients : array, shape (segments, 4)
        In the distance from the left knot, highest power first.
    first_segment : array of int, shape (cells,)
        Segment at the left edge of each cell of the look-up grid.
    """

    knots: FloatArray
    coefficients: FloatArray
    first_segment: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cells = self.knots[0] + np.arange(_CELLS) / _CELLS_PER_UNIT
        first = np.searchsorted(self.knots, cells, side="right") - 1
        first = np.clip(first, 0, len(self.knots) - 2).astype(np.int64)
        object.__setattr__(self, "first_segment", first)
        for name in ("knots", "coefficients"):
            array = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, array)


@dataclass(frozen=True)
class ScoreMap:
    """Value as a function of the normal score: shift + scale * T(y), clamped to [low, high].

    Attributes
    ----------
    a, b : float
        y = a + b * score, where there is no table.
    tail : Tail
        T.
    shift, scale : float
        In the value's unit.
    low, high : float
        Clamping removes rounding beyond a bound; it is also how a clamped distribution gets its atoms.
    table : Table, optional
        y as a function of the score.
    """

    a: float = 0.0
    b: float = 1.0
    tail: Tail = Tail.LINEAR
    shift: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    table: Table | None = None

    @property
    def constant(self) -> bool:
        """Whether every score gives the same value."""
        return self.table is None and self.b == 0.0

    def apply(self, values: FloatArray) -> None:
        """Replace scores by values, in place."""
        if self.table is not None:
            _table(self.table.knots, self.table.coefficients, self.table.first_segment, values)
        elif self.b == 0.0 and self.tail is Tail.LINEAR:
            # Not through the arithmetic below, which has no room for inf.
            values[:] = self.shift + self.scale * self.a
            return
        else:
            _line(self.a, self.b, values)
        _finish(int(self.tail), self.shift, self.scale, self.low, self.high, values)

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the values at ``scores``."""
        values = np.array(scores, dtype=np.float64, copy=True)
        self.apply(values.reshape(-1))
        return values

    def clamped(self, low: float, high: float) -> Self:
        """Return the map of min(max(value, low), high)."""
        return replace(self, low=max(self.low, low), high=min(self.high, high))

    def score(self, values: FloatArray) -> FloatArray:
        """Return the scores at which the map reaches ``values``, by bisection; the inverse."""
        wanted = np.asarray(values, dtype=np.float64)
        left = np.full(wanted.shape, -LARGEST_SCORE)
        right = np.full(wanted.shape, LARGEST_SCORE)
        for _ in range(60):
            middle = 0.5 * (left + right)
            below = self(middle) < wanted
            left, right = np.where(below, middle, left), np.where(below, right, middle)
        return 0.5 * (left + right)


def tabulate(
    quantile: Callable[[FloatArray], FloatArray],
    *,
    tail: Tail = Tail.LINEAR,
    shift: float = 0.0,
    scale: float = 1.0,
    low: float = -np.inf,
    high: float = np.inf,
    kinks: FloatArray | None = None,
) -> ScoreMap:
    """Tabulate a quantile function.

    Parameters
    ----------
    quantile : callable
        y as a function of the score, not decreasing; for ``Tail.LINEAR`` the value itself.
    tail, shift, scale, low, high
        As in `ScoreMap`.
    kinks : array, optional
        Scores at which the function is not smooth.

    Returns
    -------
    ScoreMap
        Knots are added where the error of the value, relative to the interquartile range, would exceed 1e-7.
    """
    knots = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, _CELLS + 1)
    if kinks is not None:
        inside = kinks[(kinks > -LARGEST_SCORE) & (kinks < LARGEST_SCORE)]
        knots = np.unique(np.concatenate([knots, inside]))
    made = ScoreMap(tail=tail, shift=shift, scale=scale, low=low, high=high)
    y = np.maximum.accumulate(quantile(knots))
    quarters = special.ndtri(np.array([0.25, 0.75]))
    for _ in range(_ROUNDS):
        found = replace(made, table=Table(knots, _cubics(knots, y)))
        middle = 0.5 * (knots[:-1] + knots[1:])
        y_middle = np.clip(quantile(middle), y[:-1], y[1:])
        exact = np.asarray(y_middle, dtype=np.float64).copy()
        _finish(int(tail), shift, scale, low, high, exact)
        spread = float(np.ptp(found(quarters))) or 1.0
        error = np.abs(found(middle) - exact) / np.maximum(spread, 1e-3 * np.abs(exact))
        allowed = np.where(np.abs(middle) < _EXACT_SCORE, _TOLERANCE, _FAR_TOLERANCE)
        bad = (error > allowed) & (np.diff(knots) > 1e-9)  # noqa: PLR2004 - a jump stays a jump
        if not bad.any() or len(knots) + bad.sum() > _MOST_KNOTS:
            break
        order = np.argsort(np.concatenate([knots, middle[bad]]), kind="stable")
        knots = np.concatenate([knots, middle[bad]])[order]
        y = np.concatenate([y, y_middle[bad]])[order]
    return found


def _cubics(knots: FloatArray, y: FloatArray) -> FloatArray:
    """Return cubic-spline coefficients, monotone in every segment.

    Where the smooth spline would not be monotone (a flat tail at the rounding level, a jump), the monotone
    interpolant of Fritsch & Carlson 1980 takes its place.
    """
    smooth = CubicSpline(knots, y).c.T
    monotone = PchipInterpolator(knots, y).c.T
    x = np.diff(knots)[:, None] * np.linspace(0.0, 1.0, 9)
    slope = (3.0 * smooth[:, :1] * x + 2.0 * smooth[:, 1:2]) * x + smooth[:, 2:3]
    return np.where(np.all(slope >= 0.0, axis=1)[:, None], smooth, monotone)
