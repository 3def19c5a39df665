"""Sobol' sequences with random access: any stretch of a scrambled sequence costs the same.

Point i of a dimension is the exclusive or of the dimension's shift with those of its direction numbers that
the Gray code of i names (Antonov & Saleev 1979). The Gray code of i is i with i shifted right by one bit, so
the points of 64 aligned positions are one word combined with the same 64 words: a loop without branches.

Sobol' 1967; direction numbers of Joe & Kuo 2008 and the scrambling of Matousek 1998, both as SciPy has them.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray

type WordArray = NDArray[np.uint32]

#: Bits of a point: a sequence repeats after 2**32 points.
BITS = 32
#: Half the distance between neighbouring values, which moves points from the lower end of their cells to the
#: middle.
HALF_CELL = 2.0**-33
_CELL = 2.0**-32
_TILE = 64


@scalar
def _combination(directions: WordArray, index: int) -> np.uint32:
    """Return the exclusive or of the direction numbers that the Gray code of an index names."""
    word, gray, bit = np.uint32(0), index ^ (index >> 1), 0
    while gray > 0:
        if gray & 1:
            word = np.uint32(word ^ directions[bit])
        gray >>= 1
        bit += 1
    return word


@kernel
def _fill(directions: WordArray, shift: np.uint32, first: int, out: FloatArray) -> None:
    """Fill ``out`` with the points of one dimension from position ``first`` on."""
    low = np.empty(_TILE, dtype=np.uint32)
    for j in range(_TILE):
        low[j] = _combination(directions, j)
    done = 0
    while done < out.size:
        offset = (first + done) % _TILE
        base = np.uint32(shift ^ _combination(directions, first + done - offset))
        count = min(_TILE - offset, out.size - done)
        for j in range(count):
            out[done + j] = np.float64(np.uint32(base ^ low[offset + j])) * _CELL + HALF_CELL
        done += count


class SobolSequence(NamedTuple):
    """A scrambled Sobol' sequence.

    Attributes
    ----------
    directions : array of uint32, shape (dimensions, BITS)
        Scrambled direction numbers.
    shift : array of uint32, shape (dimensions,)
        Word of the first point.
    """

    directions: WordArray
    shift: WordArray

    @classmethod
    def scrambled(cls, dimensions: int, generator: np.random.Generator) -> Self:
        """Return the sequence that `scipy.stats.qmc.Sobol` makes with this generator."""
        from scipy.stats import qmc  # noqa: PLC0415

        engine = qmc.Sobol(dimensions, bits=BITS, rng=generator)
        # SciPy has no public way to them; a test compares the points with those that SciPy draws.
        directions, shift = engine._sv, engine._shift  # type: ignore[attr-defined]  # noqa: SLF001
        return cls(np.ascontiguousarray(directions, np.uint32), np.ascontiguousarray(shift, np.uint32))

    def fill(self, first: int, out: FloatArray) -> None:
        """Fill ``out``, shape (dimensions, points), with points ``first``, ``first + 1``, ..., in (0, 1)."""
        for directions, shift, row in zip(self.directions, self.shift, out, strict=True):
            _fill(directions, shift, first, row)
