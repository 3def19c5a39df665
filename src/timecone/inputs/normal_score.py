"""The normal score: the standard-normal quantile of a uniform.

All marginals and the copula live on this scale, because it resolves both tails alike.

`normal_score` is the definition. Draws go through a table of it with narrow cells, which takes half the time:
both are accurate to 3e-12.
"""

from __future__ import annotations

import functools

import numpy as np

from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import LN_2, log2
from timecone.schema import FloatArray

# z = (u - 1/2) * P(w), w = -ln(4 u (1 - u)). Chebyshev interpolants of P, turned to powers of the centred
# variable: degree 16 in w on [0, 5.5] and degree 21 in sqrt(w) on [sqrt(5.5), 6], which reaches 2**-53.
# The form follows Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011; the
# coefficients are this project's own fit to SciPy's ndtri (relative error of z below 3e-12).
_SPLIT = 5.5
_BODY_MID = 2.7500000005
_BODY_SCALE = 1.0 / 2.7499999995
_TAIL_MID = 4.1726039399558575
_TAIL_SCALE = 1.0 / 1.8273960600441425

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


@scalar
def _body(x: float) -> float:
    """Return P for w in [0, 5.5], x the centred and scaled w."""
    p = -2.0820945169915984e-08
    p = p * x - 4.5761994754054176e-07
    p = p * x + 1.1778554961276037e-06
    p = p * x + 2.7214095696041723e-06
    p = p * x - 1.37312673694356e-05
    p = p * x + 6.960044138334338e-06
    p = p * x + 7.801227529406318e-05
    p = p * x - 0.00021106650823906776
    p = p * x - 7.606406759482252e-05
    p = p * x + 0.0016248042139888393
    p = p * x - 0.003142511227886956
    p = p * x - 0.004219833961354983
    p = p * x + 0.033818919750028514
    p = p * x - 0.0610919271380712
    p = p * x - 0.1077194212201324
    p = p * x + 1.900443412580623
    return p * x + 4.420236527032342


@scalar
def _tail(y: float) -> float:
    """Return P for w in [5.5, 36], y the centred and scaled sqrt(w)."""
    p = 1.810588450594382e-05
    p = p * y - 3.8145533339543775e-05
    p = p * y - 5.4894110441885224e-05
    p = p * y + 0.00020304358225654474
    p = p * y - 0.0001100914060688493
    p = p * y - 0.0001991123162125321
    p = p * y + 0.0004349533516109328
    p = p * y - 0.0005570923312916424
    p = p * y + 0.0004641302809680135
    p = p * y + 0.00015603321191354723
    p = p * y - 0.0012463434345733047
    p = p * y + 0.0023134727577020057
    p = p * y - 0.002921639476645507
    p = p * y + 0.002983023243059919
    p = p * y - 0.0028050968695371055
    p = p * y + 0.00301427044633649
    p = p * y - 0.0043848773976178
    p = p * y + 0.007546556528138896
    p = p * y - 0.011696420350597413
    p = p * y + 0.008140167860626041
    p = p * y + 5.2196020653625546
    return p * y + 11.353475175712727


@scalar
def _ratio(u: float) -> float:
    """Return the score over u - 1/2."""
    w = -LN_2 * log2(4.0 * u * (1.0 - u))
    w = max(w, 0.0)
    x = (min(w, _SPLIT) - _BODY_MID) * _BODY_SCALE
    y = (np.sqrt(max(w, _SPLIT)) - _TAIL_MID) * _TAIL_SCALE
    # Both are computed and one is chosen: a branch would keep the loop from being vectorised.
    body = _body(x)
    tail = _tail(y)
    return body if w < _SPLIT else tail


@scalar
def normal_score(u: float) -> float:
    """Return the standard-normal quantile of u in (0, 1); relative error below 3e-12."""
    return (u - 0.5) * _ratio(u)


@kernel
def _ratios(values: FloatArray) -> None:
    for i in range(values.size):
        values[i] = _ratio(values[i])


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
    differences = ((1.0 + places) * octave).ravel()
    _ratios(differences)
    differences = differences.reshape(places.shape)
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
    """Replace uniforms in (0, 1) by their normal scores, in place; relative error below 3e-12."""
    _look_up(_table(), values)
