"""Exponentials and logarithms that LLVM can vectorise.

Numba from PyPI has no SIMD ``exp`` and ``log`` (its link to Intel's SVML is off), and a call to the C
library inside a loop keeps the loop scalar. These are polynomials on the bits of a float64: no branch, no
table, no call, and the same result on every machine, which a C library does not promise.
"""

from __future__ import annotations

import numpy as np

from timecone.numerics.compiled import scalar

LOG2_10 = 3.321928094887362
LOG10_2 = 0.3010299956639812
LN_2 = 0.6931471805599453
TWO_OVER_LN_2 = 2.8853900817779268
LOG2_E = 1.4426950408889634

# Added to a float64 of moderate size, it leaves the nearest integer in the lowest bits of the sum.
_TO_INTEGER = 6755399441055744.0
_LARGEST_EXPONENT = 1021.0

_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


@scalar
def _powers_of_two(x: float) -> tuple[float, float]:
    """Return 2**n and 2**(x - n) - 1, n the integer nearest to x.

    The argument is bounded to [-1022, 1023], so the first is always a normal number: a runaway exponent ends
    as a huge number, never as inf or NaN.
    """
    x = min(max(x, -1022.0), 1023.0)
    whole = np.floor(x + 0.5)
    y = (x - whole) * LN_2
    # Taylor series of exp on |y| <= ln(2)/2: the first omitted term is below 7e-15 relative.
    p = 1.0 / 39916800.0
    p = p * y + 1.0 / 3628800.0
    p = p * y + 1.0 / 362880.0
    p = p * y + 1.0 / 40320.0
    p = p * y + 1.0 / 5040.0
    p = p * y + 1.0 / 720.0
    p = p * y + 1.0 / 120.0
    p = p * y + 1.0 / 24.0
    p = p * y + 1.0 / 6.0
    p = p * y + 0.5
    p = p * y + 1.0
    power = np.int64((np.int64(whole) + 1023) << 52)
    return power.view(np.float64), p * y


@scalar
def exp2(x: float) -> float:
    """Return 2**x; relative error below 2e-14. The argument is bounded to [-1022, 1023]."""
    power, excess = _powers_of_two(x)
    return float(power * (excess + 1.0))


@scalar
def _even(r: float) -> float:
    """Return cosh(r) - 1 for |r| <= ln(2)/2; error below 1e-16."""
    q = r * r
    p = 2.7620075879983367e-07
    p = p * q + 2.4801521322368692e-05
    p = p * q + 0.0013888888917196719
    p = p * q + 0.041666666666624164
    p = p * q + 0.5
    return p * q


@scalar
def _odd(r: float) -> float:
    """Return sinh(r) for |r| <= ln(2)/2; error below 2e-15."""
    q = r * r
    p = 2.7617564785876086e-06
    p = p * q + 0.00019841224599656011
    p = p * q + 0.00833333334420298
    p = p * q + 0.16666666666662586
    return (p * q + 1.0) * r


@scalar
def _whole_exponent(y: float) -> float:
    """Return the integer nearest to y / ln(2), plus `_TO_INTEGER`; the integer is bounded to +-1021."""
    return min(max(y * LOG2_E, -_LARGEST_EXPONENT), _LARGEST_EXPONENT) + _TO_INTEGER


@scalar
def _remainder(y: float, whole: float) -> float:
    """Return y less the bounded integer times ln(2); 0 beyond the bound."""
    x = min(max(y * LOG2_E, -_LARGEST_EXPONENT), _LARGEST_EXPONENT)
    return (x - (whole - _TO_INTEGER)) * LN_2


@scalar
def exp(y: float) -> float:
    """Return e**y; relative error below 1e-14 + 2e-16 |y|. Bounded to 2**-1021 and 2**1021.

    Shorter than `exp2`, for loops that do nothing else.
    """
    whole = _whole_exponent(y)
    r = _remainder(y, whole)
    power = np.int64((np.float64(whole).view(np.int64) + 1023) << 52)
    # 1 comes last, so that hardly a rounding before it makes exp fall where y rises.
    return float((1.0 + (_odd(r) + _even(r))) * power.view(np.float64))


@scalar
def sinh(y: float) -> float:
    """Return sinh(y) without a division; error below (1e-14 + 2e-16 |y|) cosh(y). Bounded as `exp`."""
    whole = _whole_exponent(y)
    r = _remainder(y, whole)
    even, odd = _even(r), _odd(r)
    bits = np.float64(whole).view(np.int64)
    up = np.int64((bits + 1022) << 52).view(np.float64)
    down = np.int64((1022 - bits) << 52).view(np.float64)
    return float((1.0 + (odd + even)) * up - (1.0 - (odd - even)) * down)


@scalar
def exp2m1(x: float) -> float:
    """Return 2**x - 1 to its last digits also near 0; as `exp2` otherwise."""
    power, excess = _powers_of_two(x)
    return float(power * excess + (power - 1.0))


@scalar
def log2(x: float) -> float:
    """Return log2(x) for a positive, finite, normal x; absolute error below 1e-15 near 1.

    Undefined for zero, negative and non-finite numbers: callers bound their arguments.
    """
    bits = np.float64(x).view(np.int64)
    exponent = (bits - _SQRT_HALF_BITS) >> 52
    mantissa = np.int64(bits - (exponent << 52)).view(np.float64)
    # log2(m) = 2/ln(2) * atanh(s), s = (m-1)/(m+1), |s| <= 0.1716 because m is in [sqrt(1/2), sqrt(2)].
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    p = 1.0 / 19.0
    p = p * z + 1.0 / 17.0
    p = p * z + 1.0 / 15.0
    p = p * z + 1.0 / 13.0
    p = p * z + 1.0 / 11.0
    p = p * z + 1.0 / 9.0
    p = p * z + 1.0 / 7.0
    p = p * z + 1.0 / 5.0
    p = p * z + 1.0 / 3.0
    p = p * z + 1.0
    return np.float64(exponent) + TWO_OVER_LN_2 * s * p


@scalar
def exp10(x: float) -> float:
    """Return 10**x by `exp2`; relative error below 2e-14 + 2e-16 |x|."""
    return exp2(x * LOG2_10)


@scalar
def log10(x: float) -> float:
    """Return log10(x) by `log2`, with its conditions."""
    return log2(x) * LOG10_2


@scalar
def lowest_bit(word: np.uint64) -> int:
    """Return the position of the lowest set bit of a 64-bit word that is not 0."""
    isolated = word & (~word + np.uint64(1))
    # The exponent of a power of two is its position.
    return int((np.float64(isolated).view(np.int64) >> 52) - 1023)
