"""Compiled quantile functions: what turns normal scores into values in the hot path.

value = shift + scale * T(y), where y is a function of the normal score: a straight line for families that are
closed forms of it (normal, lognormal), a table of cubics for every other one. T is the identity, exp, sinh or
the logistic function; it takes the shape of the tails, so that the table only has to follow what is left.

Mispredicted branches cost more than the arithmetic, so the only branches are for rare cells of the table.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from scipy import special

from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp, sinh
from timecone.schema import FloatArray, IntArray

#: Knots of a smooth table, at edges of cells of every grid.
EVEN_KNOTS = np.arange(-LARGEST_SCORE, LARGEST_SCORE + 1.0 / 32, 1.0 / 32)
# Finer grids have more of their cells within one segment, but fill the nearest cache.
_CELLS_PER_UNIT = (32, 64, 128, 256, 512, 1024)
# Draws that may have more knots behind them than all draws are compared with: a wrong guess of the processor
# costs as much as twenty comparisons.
_RARE = 0.01
# Below the upper end of every table, so that the cell of a score never lies beyond the last one.
_LAST_SCORE = float(np.nextafter(LARGEST_SCORE, 0.0))
_TILE = 256
_BISECTIONS = 52


@kernel
def _find_cells(scores: FloatArray, per_unit: float, cells: IntArray) -> None:
    """Fill ``cells``, and move scores that are none into the table: a loop of its own can be vectorised."""
    for i in range(scores.size):
        # NaN turns into the lower end.
        z = max(-LARGEST_SCORE, scores[i])
        z = min(_LAST_SCORE, z)
        scores[i] = z
        cells[i] = np.int64(np.floor(z * per_unit) + LARGEST_SCORE * per_unit)


@kernel
def _dense(
    knots: FloatArray, coefficients: FloatArray, rows: FloatArray, per_unit: float, values: FloatArray
) -> None:
    """Evaluate a table that has a cubic for every cell, or NaN where a knot lies inside the cell."""
    cells = np.empty(_TILE, dtype=np.int64)
    for start in range(0, values.size, _TILE):
        tile = values[start : start + _TILE]
        _find_cells(tile, per_unit, cells)
        for i in range(tile.size):
            z = tile[i]
            c = np.uint64(cells[i])
            x = z - rows[c, 4]
            y = rows[c, 0] * x + rows[c, 1]
            y = (y * x + rows[c, 2]) * x + rows[c, 3]
            if np.isnan(y):
                s = np.searchsorted(knots, z, side="right") - 1
                x = z - knots[s]
                y = coefficients[s, 0] * x + coefficients[s, 1]
                y = (y * x + coefficients[s, 2]) * x + coefficients[s, 3]
            tile[i] = y


@kernel
def _sparse(
    knots: FloatArray,
    coefficients: FloatArray,
    first_segment: IntArray,
    per_unit: float,
    steps: int,
    values: FloatArray,
) -> None:
    """Evaluate a table many of whose cells hold knots; the last knot has to be inf."""
    cells = np.empty(_TILE, dtype=np.int64)
    increment = np.uint64(1)
    for start in range(0, values.size, _TILE):
        tile = values[start : start + _TILE]
        _find_cells(tile, per_unit, cells)
        for i in range(tile.size):
            z = tile[i]
            s = np.uint64(first_segment[np.uint64(cells[i])])
            for _ in range(steps):
                s += np.uint64(z >= knots[s + increment])
            while z >= knots[s + increment]:
                s += increment
            x = z - knots[s]
            y = coefficients[s, 0] * x + coefficients[s, 1]
            tile[i] = (y * x + coefficients[s, 2]) * x + coefficients[s, 3]


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


def _grid(knots: FloatArray) -> tuple[int, int]:
    """Return cells per unit and `_steps` of the coarsest of the grids with the fewest steps."""
    steps = [_steps(knots, per_unit) for per_unit in _CELLS_PER_UNIT]
    return _CELLS_PER_UNIT[int(np.argmin(steps))], min(steps)


def _steps(knots: FloatArray, per_unit: int) -> int:
    """Return the most knots within a cell, but for cells that few draws fall into."""
    place = knots[1:-1] * per_unit
    cell = np.floor(place[place != np.floor(place)])
    cells, inside = np.unique(cell, return_counts=True)
    mass = special.ndtr((cells + 1.0) / per_unit) - special.ndtr(cells / per_unit)
    by_count = np.bincount(inside, weights=mass) if len(inside) else np.zeros(1)
    more = by_count.sum() - np.cumsum(by_count)
    return int(np.argmax(more < _RARE))


def _rows(knots: FloatArray, coefficients: FloatArray, edges: FloatArray, first: IntArray) -> FloatArray:
    """Return coefficients and left knot of the segment round each cell; NaN for cells with a knot inside."""
    last = np.searchsorted(knots, np.append(edges[1:], LARGEST_SCORE), side="left") - 1
    rows = np.column_stack([coefficients[first], knots[first]])
    rows[first != last] = np.nan
    return rows


@dataclass(frozen=True)
class CubicTable:
    """Cubics between knots.

    Attributes
    ----------
    knots : array, shape (segments + 1,)
        Scores, from the least to the greatest possible one.
    coefficients : array, shape (segments, 4)
        In the distance from the left knot, highest power first.
    """

    knots: FloatArray
    coefficients: FloatArray
    # How draws find their cubic: cells to a unit of score; the cubic of each cell or, where many cells hold
    # knots, the segment at its left edge and the knots to compare with; knots with an end at infinity.
    _per_unit: float = field(init=False, repr=False)
    _rows: FloatArray | None = field(init=False, repr=False, default=None)
    _first_segment: IntArray = field(init=False, repr=False)
    _steps: int = field(init=False, repr=False)
    _open_knots: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        knots, coefficients = (
            np.ascontiguousarray(array, dtype=np.float64) for array in (self.knots, self.coefficients)
        )
        per_unit, steps = _grid(knots)
        open_knots = np.append(knots[:-1], np.inf)
        edges = np.arange(-LARGEST_SCORE, LARGEST_SCORE, 1.0 / per_unit)
        first = np.searchsorted(open_knots, edges, side="right") - 1
        settled = {
            "knots": knots,
            "coefficients": coefficients,
            "_per_unit": float(per_unit),
            "_rows": _rows(open_knots, coefficients, edges, first) if steps == 0 else None,
            # Small numbers, so that they stay in the nearest cache.
            "_first_segment": first.astype(np.int32),
            "_steps": steps,
            "_open_knots": open_knots,
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.knots, self.coefficients, self._rows, self._first_segment, self._open_knots)
        return sum(array.nbytes for array in arrays if array is not None)

    def apply(self, values: FloatArray) -> None:
        """Replace scores by y, in place."""
        cubics = (self._open_knots, self.coefficients)
        if self._rows is not None:
            _dense(*cubics, self._rows, self._per_unit, values)
        else:
            _sparse(*cubics, self._first_segment, self._per_unit, self._steps, values)

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return y by NumPy; beyond the knots the outermost cubics go on."""
        segment = np.clip(np.searchsorted(self.knots, scores, side="right") - 1, 0, len(self.knots) - 2)
        x = scores - self.knots[segment]
        c = self.coefficients[segment]
        return np.asarray(((c[..., 0] * x + c[..., 1]) * x + c[..., 2]) * x + c[..., 3])

    def normal_score(self, y: FloatArray, *, right: bool) -> FloatArray:
        """Return the scores below which y is less, or with ``right`` not more; -inf or inf: none or all."""
        wanted = y.ravel()
        segment = np.searchsorted(self.coefficients[:, 3], wanted, side="right" if right else "left") - 1
        out = np.empty_like(wanted)
        _locate(self.knots, self.coefficients, np.maximum(segment, 0), wanted, right, out)
        out[segment < 0] = -np.inf
        out[out >= self.knots[-1]] = np.inf
        return out.reshape(y.shape)


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


_EXP, _SINH, _LOGISTIC = int(Tail.EXP), int(Tail.SINH), int(Tail.LOGISTIC)


@scalar
def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@kernel
def finish(tail: int, shift: float, scale: float, low: float, high: float, values: FloatArray) -> None:
    """Turn y into values, in place."""
    if tail == _EXP:
        for i in range(values.size):
            values[i] = _between(shift + scale * exp(values[i]), low, high)
    elif tail == _SINH:
        for i in range(values.size):
            values[i] = _between(shift + scale * sinh(values[i]), low, high)
    elif tail == _LOGISTIC:
        for i in range(values.size):
            values[i] = _between(shift + scale / (1.0 + exp(-values[i])), low, high)
    else:
        for i in range(values.size):
            values[i] = _between(shift + scale * values[i], low, high)


@kernel
def _line(a: float, b: float, values: FloatArray) -> None:
    for i in range(values.size):
        values[i] = a + b * values[i]


@dataclass(frozen=True)
class CompiledQuantile:
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
    table : CubicTable, optional
        y as a function of the score.
    atoms : Atoms
        Values of positive probability that the arithmetic above comes near to without meeting; inf among
        them, for an event that does not come about.
    """

    a: float = 0.0
    b: float = 1.0
    tail: Tail = Tail.LINEAR
    shift: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    table: CubicTable | None = None
    atoms: Atoms = NO_ATOMS

    @property
    def constant(self) -> bool:
        """Whether every score gives the same value."""
        return self.table is None and self.b == 0.0 and not self.atoms

    def apply(self, values: FloatArray) -> None:
        """Replace scores by values, in place."""
        if self.atoms:
            scores = values.copy()
            replace(self, atoms=NO_ATOMS).apply(values)
            self.atoms.place(scores, values)
            return
        if self.table is not None:
            self.table.apply(values)
        elif self.b == 0.0 and self.tail is Tail.LINEAR:
            # Not through the arithmetic below, which has no room for inf.
            values[:] = min(max(self.shift + self.scale * self.a, self.low), self.high)
            return
        else:
            _line(self.a, self.b, values)
        finish(int(self.tail), self.shift, self.scale, self.low, self.high, values)

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the values at ``scores``, in their shape; NaN for NaN."""
        asked = np.asarray(scores, dtype=np.float64)
        values = asked.flatten()
        self.apply(values)
        values[np.isnan(asked.ravel())] = np.nan
        return values.reshape(asked.shape)

    def y(self, scores: FloatArray) -> FloatArray:
        """Return y alone; beyond a table its outermost cubics go on."""
        if self.table is None:
            return self.a + self.b * scores
        return self.table(scores)

    def normal_score(self, values: FloatArray, *, right: bool = False) -> FloatArray:
        """Return the scores below which values lie below ``values``, or with ``right`` not above them.

        -inf and inf where none or all of the reachable values do.
        """
        points = np.asarray(values, dtype=np.float64)
        scores = self._score_of_y(self.tail.inverse((points - self.shift) / self.scale), right=right)
        scores = self.atoms.correct(points, scores, right=right)
        none = points < self.low if right else points <= self.low
        high = max(self.high, float(self.atoms.values[-1])) if self.atoms else self.high
        every = points >= high if right else points > high
        return np.where(none, -np.inf, np.where(every, np.inf, scores))

    def _score_of_y(self, y: FloatArray, *, right: bool) -> FloatArray:
        if self.table is None and self.b == 0.0:
            under = self.a <= y if right else self.a < y
            return np.where(under, np.inf, -np.inf)
        if self.table is None:
            return np.asarray((y - self.a) / self.b)
        return self.table.normal_score(y, right=right)
