"""A quantile function compiled for the hot path, over the normal score.

Families that are closed forms of the score (normal, lognormal) keep two numbers; every other one becomes a
table of cubics. So a draw costs a few nanoseconds whatever its family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.interpolate import CubicSpline, PchipInterpolator

from timecone.inputs.score import LARGEST_SCORE
from timecone.numerics.compiled import kernel
from timecone.numerics.elementary import LN_2, exp2
from timecone.schema import FloatArray

# Half-open cells of the look-up grid that leads a score to its segment.
_CELLS_PER_UNIT = 32
_CELLS = int(np.ceil(2 * LARGEST_SCORE * _CELLS_PER_UNIT))


@kernel
def _affine(a: float, b: float, log: bool, low: float, high: float, values: FloatArray) -> None:
    if log:
        for i in range(values.size):
            values[i] = min(max(exp2((a + b * values[i]) / LN_2), low), high)
    else:
        for i in range(values.size):
            values[i] = min(max(a + b * values[i], low), high)


@kernel
def _table(
    knots: FloatArray,
    coefficients: FloatArray,
    first_segment: FloatArray,
    log: bool,
    low: float,
    high: float,
    values: FloatArray,
) -> None:
    last = knots.size - 2
    for i in range(values.size):
        z = min(max(values[i], knots[0]), knots[last + 1])
        cell = min(int((z - knots[0]) * _CELLS_PER_UNIT), _CELLS - 1)
        segment = int(first_segment[cell])
        while segment < last and z >= knots[segment + 1]:
            segment += 1
        x = z - knots[segment]
        c = coefficients[segment]
        values[i] = ((c[0] * x + c[1]) * x + c[2]) * x + c[3]
    if log:
        for i in range(values.size):
            values[i] = exp2(values[i] / LN_2)
    for i in range(values.size):
        values[i] = min(max(values[i], low), high)


@dataclass(frozen=True)
class ScoreMap:
    """Value as a function of the normal score.

    Attributes
    ----------
    a, b : float
        Intercept and slope, where ``knots`` is empty.
    log : bool
        Whether the map gives the natural logarithm of the value.
    low, high : float
        The support; results are clamped to it, which removes rounding beyond a bound.
    knots : array, shape (segments + 1,)
        Scores at which the cubics meet.
    coefficients : array, shape (segments, 4)
        Cubics in the distance from the left knot, highest power first.
    """

    a: float = 0.0
    b: float = 0.0
    log: bool = False
    low: float = -np.inf
    high: float = np.inf
    knots: FloatArray | None = None
    coefficients: FloatArray | None = None
    first_segment: FloatArray | None = None

    def apply(self, values: FloatArray) -> None:
        """Replace scores by values, in place."""
        if self.knots is None or self.coefficients is None or self.first_segment is None:
            if self.b == 0.0 and not self.log:
                values[:] = self.a
                return
            _affine(self.a, self.b, self.log, self.low, self.high, values)
        else:
            _table(
                self.knots,
                self.coefficients,
                self.first_segment,
                self.log,
                self.low,
                self.high,
                values,
            )

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the values at ``scores``."""
        values = np.array(scores, dtype=np.float64, copy=True)
        self.apply(values)
        return values

    @classmethod
    def from_cubics(
        cls, knots: FloatArray, coefficients: FloatArray, *, log: bool, low: float, high: float
    ) -> Self:
        """Build a table from given cubics; ``knots`` must span the whole range of scores."""
        cells = knots[0] + np.arange(_CELLS) / _CELLS_PER_UNIT
        first = np.clip(np.searchsorted(knots, cells, side="right") - 1, 0, len(knots) - 2)
        return cls(
            log=log,
            low=low,
            high=high,
            knots=np.ascontiguousarray(knots, dtype=np.float64),
            coefficients=np.ascontiguousarray(coefficients, dtype=np.float64),
            first_segment=first.astype(np.float64),
        )

    @classmethod
    def from_quantiles(cls, quantile: Callable[[FloatArray], FloatArray], *, low: float, high: float) -> Self:
        """Tabulate a smooth quantile function of the score."""
        return cls._tabulated(quantile, log=False, low=low, high=high)

    @classmethod
    def from_log_quantiles(
        cls, log_quantile: Callable[[FloatArray], FloatArray], *, low: float, high: float
    ) -> Self:
        """Tabulate the natural logarithm of a positive quantile function of the score."""
        return cls._tabulated(log_quantile, log=True, low=low, high=high)

    @classmethod
    def _tabulated(
        cls, quantile: Callable[[FloatArray], FloatArray], *, log: bool, low: float, high: float
    ) -> Self:
        # Cubic spline on an even grid of scores; in segments where it would not be monotone (a flat tail at
        # the rounding level), the monotone interpolant of Fritsch & Carlson 1980 instead.
        knots = np.linspace(-LARGEST_SCORE, LARGEST_SCORE, _CELLS + 1)
        values = np.maximum.accumulate(quantile(knots))
        smooth = CubicSpline(knots, values).c.T
        monotone = PchipInterpolator(knots, values).c.T
        x = np.linspace(0.0, np.diff(knots)[0], 5)[:, None]
        slope = (3.0 * smooth[:, 0] * x + 2.0 * smooth[:, 1]) * x + smooth[:, 2]
        cubics = np.where(np.all(slope >= 0.0, axis=0)[:, None], smooth, monotone)
        return cls.from_cubics(knots, cubics, log=log, low=low, high=high)
