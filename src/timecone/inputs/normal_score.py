"""Normal scores: standard-normal quantiles of uniforms.

All marginals and the copula live on this scale, because it resolves both tails alike. Draws go through a
table of polynomials that is built from SciPy's ``ndtri`` when it is first used; its relative error is below
1e-13.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import special

from timecone.numerics.compiled import kernel
from timecone.schema import FloatArray

# The smallest uniform is 2**-53: no score lies beyond. A multiple of 1/32, for the sake of look-up grids.
LARGEST_SCORE = 8.28125

# Cells of the table: 32 to each factor of 2 of the smaller of u and 1 - u, from 2**-54 to 1/2. Their number
# is read off the bits of that tail: five leading digits of the mantissa, below the exponent.
_CELLS_PER_OCTAVE = 32
_CELL_BITS = 47
_SMALLEST_TAIL = 2.0**-54
_FIRST_CELL = (1023 - 54) * _CELLS_PER_OCTAVE
_CELLS = 53 * _CELLS_PER_OCTAVE + 1
_DEGREE = 5
_IN_CELL = (1 << _CELL_BITS) - 1
_ONE_BITS = 0x3FF0000000000000
# Draws between two steps of the work on them; what is kept of them in between fits into the nearest cache.
_TILE = 256


def _ratio(u: FloatArray) -> FloatArray:
    """Return the normal score over u - 1/2, which is smooth at 1/2."""
    with np.errstate(invalid="ignore"):
        return np.where(u == 0.5, np.sqrt(2.0 * np.pi), special.ndtri(u) / (u - 0.5))  # noqa: PLR2004


@functools.cache
def _table() -> FloatArray:
    """Return the polynomials of `_ratio`, one row a cell: shape (cells, degree + 1), lowest power first.

    Each goes through evenly spaced points, both ends of its cell among them, in x = position in the cell
    over the cell's octave. Sums have a fixed order, unlike those of a linear solver.
    """
    cell = np.arange(_CELLS)
    octave = np.ldexp(1.0, cell // _CELLS_PER_OCTAVE - 54)
    step = 1.0 / (_CELLS_PER_OCTAVE * _DEGREE)
    places = (cell % _CELLS_PER_OCTAVE) / _CELLS_PER_OCTAVE + step * np.arange(_DEGREE + 1)[:, None]
    differences = _ratio((1.0 + places) * octave)
    for order in range(1, _DEGREE + 1):
        differences[order:] = (differences[order:] - differences[order - 1 : -1]) / (order * step)
    # Newton's form, multiplied out by Horner's rule.
    powers = np.zeros_like(differences)
    for order in range(_DEGREE, -1, -1):
        powers[1:] = powers[:-1] - order * step * powers[1:]
        powers[0] = differences[order] - order * step * powers[0]
    return np.ascontiguousarray(powers.T)


@kernel
def _look_up(table: FloatArray, values: FloatArray) -> None:
    cells = np.empty(_TILE, dtype=np.int64)
    places = np.empty(_TILE)
    for first in range(0, values.size, _TILE):
        tile = values[first : first + _TILE]
        # Two loops, because only the first of them can be vectorised.
        for i in range(tile.size):
            # NaN turns into the smallest.
            tail = max(_SMALLEST_TAIL, min(tile[i], 1.0 - tile[i]))
            bits = np.float64(tail).view(np.int64)
            cells[i] = (bits >> _CELL_BITS) - _FIRST_CELL
            places[i] = np.int64((bits & _IN_CELL) | _ONE_BITS).view(np.float64) - 1.0
        for i in range(tile.size):
            cell = np.uint64(cells[i])
            x = places[i]
            p = table[cell, 5]
            p = p * x + table[cell, 4]
            p = p * x + table[cell, 3]
            p = p * x + table[cell, 2]
            p = p * x + table[cell, 1]
            tile[i] = (tile[i] - 0.5) * (p * x + table[cell, 0])


def to_normal_scores(values: FloatArray) -> None:
    """Replace uniforms in (0, 1) by their normal scores, in place; relative error below 1e-13."""
    _look_up(_table(), values)
