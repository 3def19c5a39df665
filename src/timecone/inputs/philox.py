"""Counter-based random numbers: draw i of a stream is a pure function of (key, i).

Philox4x32-10 of Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
Without a state there is nothing to share between threads and nothing that an added parameter, another
block size or a larger number of draws could shift.
"""

from __future__ import annotations

import hashlib

import numpy as np

from timecone.numerics.compiled import kernel, scalar
from timecone.schema import FloatArray

type Word = np.uint64

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_DROP = np.uint64(12)
_ROUNDS = 10

DRAWS_PER_BLOCK = 2


@scalar
def philox4x32(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> tuple[Word, Word, Word, Word]:
    """Return the four 32-bit words (as uint64) for a 128-bit counter and a 64-bit key."""
    for _ in range(_ROUNDS):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0, c2 = (product_1 >> _HALF) ^ c1 ^ k0, (product_0 >> _HALF) ^ c3 ^ k1
        c1, c3 = product_1 & _LOW, product_0 & _LOW
        k0, k1 = (k0 + _WEYL_0) & _LOW, (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


@scalar
def _unit_interval(low: Word, high: Word) -> float:
    """Return the midpoint of one of 2**52 equal cells of (0, 1): never 0, never 1, symmetric."""
    return float((np.float64(np.int64((low | (high << _HALF)) >> _DROP)) + 0.5) * 2.0**-52)


@kernel
def uniforms(k0: Word, k1: Word, first: int, out: FloatArray) -> None:
    """Fill ``out`` with uniforms of draws ``first``, ``first + 1``, ...; both even.

    Each counter value serves two neighbouring draws.
    """
    for j in range(out.size // 2):
        counter = np.uint64(first // 2 + j)
        a, b, c, d = philox4x32(counter & _LOW, counter >> _HALF, np.uint64(0), np.uint64(0), k0, k1)
        out[2 * j] = _unit_interval(a, b)
        out[2 * j + 1] = _unit_interval(c, d)


@kernel
def uniforms_again(k0: Word, k1: Word, draw: int, first: int, out: FloatArray) -> None:
    """Fill ``out`` with further uniforms of one draw: its attempts ``first``, ``first + 1``, ...; both even.

    The draw is the other half of the counter, so none of them is a uniform of any draw.
    """
    other = np.uint64(draw + 1)
    for j in range(out.size // 2):
        counter = np.uint64(first // 2 + j)
        a, b, c, d = philox4x32(counter & _LOW, counter >> _HALF, other & _LOW, other >> _HALF, k0, k1)
        out[2 * j] = _unit_interval(a, b)
        out[2 * j + 1] = _unit_interval(c, d)


def stream_key(seed: int, stream: str) -> tuple[Word, Word]:
    """Return the 64-bit Philox key of a named stream, as two 32-bit words.

    The name is hashed, so the order in which streams are declared means nothing.
    """
    text = f"timecone/{seed}/{stream}".encode()
    word = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    return np.uint64(word & 0xFFFFFFFF), np.uint64(word >> 32)
