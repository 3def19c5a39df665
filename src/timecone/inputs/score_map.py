"""A quantile function compiled for the hot path, over the normal score.

value = shift + scale * T(y), where y is a function of the score: a straight line for families that are
closed forms of it (normal, lognormal), a table of cubics for every other one. T is the identity, exp, sinh
or the logistic function; it takes the shape of the tails, so that the table only has to follow what is left,
and every family costs the same few nanoseconds per draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from scipy import special

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

    def forward(self, y: FloatArray) -> FloatArray:
        """Return T(y); inf where it overflows, unlike the kernel."""
        with np.errstate(all="ignore"):
            if self is Tail.EXP:
                return np.exp(y)
            if self is Tail.SINH:
                return np.sinh(y)
            return np.asarray(special.expit(y)) if self is Tail.LOGISTIC else y

    def inverse(self, t: FloatArray) -> FloatArray:
        """Return y; -inf or inf where T does not come so low or so high."""
        with np.errstate(all="ignore"):
            if self is Tail.EXP:
                return np.log(np.maximum(t, 0.0))
            if self is Tail.SINH:
                return np.arcsinh(t)
            return np.asarray(special.logit(np.clip(t, 0.0, 1.0))) if self is Tail.LOGISTIC else t


# Half-open cells of the look-up grid that leads a score to its segment.
_CELLS_PER_UNIT = 32
CELLS = int(np.ceil(2 * LARGEST_SCORE * _CELLS_PER_UNIT))
_BISECTIONS = 52

_EXP, _SINH, _LOGISTIC = int(Tail.EXP), int(Tail.SINH), int(Tail.LOGISTIC)


@scalar
def _exp(y: float) -> float:
    return exp2(y / LN_2)


@kernel
def finish(tail: int, shift: float, scale: float, low: float, high: float, values: FloatArray) -> None:
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
def _table(knots: FloatArray, coefficients: FloatArray, first_segment: IntArray, values: FloatArray) -> None:
    last = knots.size - 2
    for i in range(values.size):
        z = min(max(values[i], knots[0]), knots[last + 1])
        # Both ways, because NaN turns into a huge negative number.
        cell = min(max(int((z - knots[0]) * _CELLS_PER_UNIT), 0), CELLS - 1)
        segment = first_segment[cell]
        while segment < last and z >= knots[segment + 1]:
            segment += 1
        x = z - knots[segment]
        c = coefficients[segment]
        values[i] = ((c[0] * x + c[1]) * x + c[2]) * x + c[3]


@kernel
def _locate(
    knots: FloatArray,
    coefficients: FloatArray,
    segment: IntArray,
    wanted: FloatArray,
    right: bool,
    out: FloatArray,
) -> None:
    """Fill ``out`` with the scores where the cubic of a segment comes to a wanted y."""
    for i in range(wanted.size):
        s = segment[i]
        c = coefficients[s]
        under = 0.0
        over = knots[s + 1] - knots[s]
        for _ in range(_BISECTIONS):
            x = 0.5 * (under + over)
            y = ((c[0] * x + c[1]) * x + c[2]) * x + c[3]
            if y < wanted[i] or (right and y == wanted[i]):
                under = x
            else:
                over = x
        out[i] = knots[s] + over


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
        cells = self.knots[0] + np.arange(CELLS) / _CELLS_PER_UNIT
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
    never : float
        Score from which on the value is inf: an event that does not come about.
    """

    a: float = 0.0
    b: float = 1.0
    tail: Tail = Tail.LINEAR
    shift: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    table: Table | None = None
    never: float = np.inf

    @property
    def constant(self) -> bool:
        """Whether every score gives the same value."""
        return self.table is None and self.b == 0.0 and self.never == np.inf

    def apply(self, values: FloatArray) -> None:
        """Replace scores by values, in place."""
        if self.never < np.inf:
            beyond = values >= self.never
            replace(self, never=np.inf).apply(values)
            values[beyond] = np.inf
            return
        if self.table is not None:
            _table(self.table.knots, self.table.coefficients, self.table.first_segment, values)
        elif self.b == 0.0 and self.tail is Tail.LINEAR:
            # Not through the arithmetic below, which has no room for inf.
            values[:] = min(max(self.shift + self.scale * self.a, self.low), self.high)
            return
        else:
            _line(self.a, self.b, values)
        finish(int(self.tail), self.shift, self.scale, self.low, self.high, values)

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the values at ``scores``, in their shape; NaN for NaN."""
        given = np.asarray(scores, dtype=np.float64)
        values = given.flatten()
        self.apply(values)
        values[np.isnan(given.ravel())] = np.nan
        return values.reshape(given.shape)

    def y(self, scores: FloatArray) -> FloatArray:
        """Return y alone; beyond a table its outermost cubics go on."""
        if self.table is None:
            return self.a + self.b * scores
        knots, coefficients = self.table.knots, self.table.coefficients
        segment = np.clip(np.searchsorted(knots, scores, side="right") - 1, 0, len(knots) - 2)
        x = scores - knots[segment]
        c = coefficients[segment]
        return np.asarray(((c[..., 0] * x + c[..., 1]) * x + c[..., 2]) * x + c[..., 3])

    def score(self, values: FloatArray, *, right: bool = False) -> FloatArray:
        """Return the scores below which values lie below ``values``, or with ``right`` not above them.

        -inf and inf where none or all of the reachable values do.
        """
        given = np.asarray(values, dtype=np.float64)
        scores = self._score_of_y(self.tail.inverse((given - self.shift) / self.scale), right=right)
        none = given < self.low if right else given <= self.low
        every = given >= self.high if right else given > self.high
        return np.where(none, -np.inf, np.where(every, np.inf, scores))

    def _score_of_y(self, y: FloatArray, *, right: bool) -> FloatArray:
        if self.table is None and self.b == 0.0:
            under = self.a <= y if right else self.a < y
            return np.where(under, np.inf, -np.inf)
        if self.table is None:
            return np.asarray((y - self.a) / self.b)
        starts = self.table.coefficients[:, 3]
        wanted = y.ravel()
        segment = np.searchsorted(starts, wanted, side="right" if right else "left") - 1
        out = np.empty_like(wanted)
        table = self.table
        _locate(table.knots, table.coefficients, np.maximum(segment, 0), wanted, right, out)
        out[segment < 0] = -np.inf
        out[out >= table.knots[-1]] = np.inf
        return out.reshape(y.shape)
