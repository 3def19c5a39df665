"""Exact quantile functions over the normal score.

value = shift + scale * T(y(score)), held between two bounds. Every family gives its `Quantile`;
`compile_quantile` turns it into the `CompiledQuantile` that simulations evaluate. Families made of others
start from the exact functions of their parts, so that no error adds up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import special
from scipy.interpolate import CubicSpline, PchipInterpolator

from timecone.errors import DistributionError
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.compiled_quantile import EVEN_KNOTS, CompiledQuantile, CubicTable, Tail, finish
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.schema import BoolArray, FloatArray

_MOST_KNOTS = 6000
_ROUNDS = 14
# Error of a table relative to the interquartile range, well below the promised 1e-6; and relative to the
# distance from the median, where a tail is so heavy that this is much larger.
_TOLERANCE = 1e-7
_DISTANCE = 0.1
# Beyond probabilities of 1e-7 less will do: there SciPy's own solvers begin to rattle.
_EXACT_SCORE = 5.3
_FAR_TOLERANCE = 1e-4
# Half the width of the ramp that stands for a jump or a bend.
_RAMP = 1e-10
_NARROWEST = 1e-8
_BISECTIONS = 64
#: Beyond this the arithmetic of draws overflows.
LARGEST_VALUE = 1e300


@dataclass(frozen=True, eq=False)
class Quantile:
    """A quantile function over the normal score.

    Attributes
    ----------
    y : callable
        Of the score, not decreasing; defined beyond the largest score too.
    tail, shift, scale, low, high
        As in `CompiledQuantile`.
    kinks : array
        Scores at which the function jumps or bends.
    exact : CompiledQuantile, optional
        The compiled form, where it needs no tabulation.
    inverse : callable, optional
        Of values and of ``right``, as `score` without the bounds, where that is known.
    atoms : Atoms
        Values of positive probability that the arithmetic above comes near to without meeting.
    """

    y: Callable[[FloatArray], FloatArray]
    tail: Tail = Tail.LINEAR
    shift: float = 0.0
    scale: float = 1.0
    low: float = -np.inf
    high: float = np.inf
    kinks: FloatArray | None = None
    exact: CompiledQuantile | None = None
    inverse: Callable[[FloatArray, bool], FloatArray] | None = None
    atoms: Atoms = NO_ATOMS

    @classmethod
    def of(cls, compiled: CompiledQuantile) -> Self:
        """Return the function of a compiled form that is exact already: a straight line or a table."""
        kinks = None if compiled.table is None else compiled.table.knots[1:-1]
        return cls(compiled.y, compiled.tail, compiled.shift, compiled.scale, compiled.low, compiled.high,
                   kinks, compiled)  # fmt: skip

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the values at ``scores``; inf where they overflow."""
        with np.errstate(all="ignore"):
            t = self.tail.forward(self.y(np.asarray(scores, dtype=np.float64)))
            # Where the arithmetic of draws would saturate, an answer that shows it.
            t = np.where(np.abs(t) > LARGEST_VALUE, np.copysign(np.inf, t), t)
            values = np.array(np.clip(self.shift + self.scale * t, self.low, self.high))
        self.atoms.place(np.ascontiguousarray(scores, dtype=np.float64), values)
        return values

    def clamped(self, low: float, high: float) -> Self:
        """Return the quantile function of min(max(value, low), high)."""
        low, high = max(self.low, low), min(self.high, high)
        exact = None if self.exact is None else replace(self.exact, low=low, high=high)
        return replace(self, low=low, high=high, exact=exact, atoms=self.atoms.within(low, high))

    def normal_score(self, values: FloatArray, *, right: bool = False) -> FloatArray:
        """Return the scores below which values lie below ``values``, or with ``right`` not above them.

        -inf and inf where none or all of the reachable values do.
        """
        wanted = np.asarray(values, dtype=np.float64)

        def under(scores: FloatArray) -> BoolArray:
            reached = self(scores)
            return reached <= wanted if right else reached < wanted

        left = np.full(wanted.shape, -LARGEST_SCORE)
        edge = np.full(wanted.shape, LARGEST_SCORE)
        none, every = ~under(left), under(edge)
        if self.inverse is not None:
            score = self.inverse(wanted, right)
        else:
            for _ in range(_BISECTIONS):
                middle = 0.5 * (left + edge)
                below = under(middle)
                left, edge = np.where(below, middle, left), np.where(below, edge, middle)
            score = 0.5 * (left + edge)
        score = self.atoms.correct(wanted, score, right=right)
        return np.where(none, -np.inf, np.where(every, np.inf, score))

    def corners(self) -> FloatArray:
        """Return the scores at which the function jumps or bends, the bounds included."""
        own = np.empty(0) if self.kinks is None else self.kinks
        bounds = [self.normal_score(np.array(self.low), right=True), self.normal_score(np.array(self.high))]
        edges = np.unique(np.append(own, bounds))
        return edges[np.abs(edges) < LARGEST_SCORE]


def compile_quantile(quantile: Quantile, name: str) -> CompiledQuantile:
    """Compile a quantile function.

    Knots are added where the error of the value, relative to the interquartile range, would exceed 1e-7.

    Raises
    ------
    DistributionError
        The quantile function is not a number somewhere; ``name`` says whose.
    """
    if quantile.exact is not None:
        return quantile.exact
    knots = _first_knots(quantile.kinks)
    y = _rising(quantile, knots, name)
    made = CompiledQuantile(
        tail=quantile.tail,
        shift=quantile.shift,
        scale=quantile.scale,
        low=quantile.low,
        high=quantile.high,
        atoms=quantile.atoms,
    )
    middle_value, spread = _spread(quantile)
    unchecked = np.diff(knots) > _NARROWEST
    for _ in range(_ROUNDS):
        approximation = replace(made, table=CubicTable(knots, _cubics(knots, y)))
        middle = 0.5 * (knots[:-1] + knots[1:])[unchecked]
        y_middle = np.clip(_rising(quantile, middle, name), y[:-1][unchecked], y[1:][unchecked])
        exact = y_middle.copy()
        finish(int(quantile.tail), quantile.shift, quantile.scale, quantile.low, quantile.high, exact)
        error = np.abs(approximation(middle) - exact) / np.maximum(
            spread, _DISTANCE * np.abs(exact - middle_value)
        )
        allowed = np.where(np.abs(middle) < _EXACT_SCORE, _TOLERANCE, _FAR_TOLERANCE)
        bad = error > allowed
        if not bad.any() or len(knots) + bad.sum() > _MOST_KNOTS:
            break
        position = np.flatnonzero(unchecked)[bad] + 1
        knots = np.insert(knots, position, middle[bad])
        y = np.insert(y, position, y_middle[bad])
        fresh = np.zeros(len(knots) - 1, dtype=np.bool_)
        inserted = position + np.arange(len(position))
        fresh[inserted] = fresh[inserted - 1] = True
        unchecked = fresh & (np.diff(knots) > _NARROWEST)
    return approximation


def _spread(quantile: Quantile) -> tuple[float, float]:
    """Return the median and the interquartile range, or a wider one where that is nothing."""
    for level in (0.25, 0.05, 0.001, 1e-9):
        low, middle, high = quantile(special.ndtri(np.array([level, 0.5, 1.0 - level])))
        if high > low:
            break
    return float(middle), float(high - low) or 1.0


def _first_knots(kinks: FloatArray | None) -> FloatArray:
    """Return an even grid; at each kink two knots so near to each other that a jump fits between."""
    if kinks is None or not len(kinks):
        return EVEN_KNOTS
    inside = np.sort(kinks[np.abs(kinks) < LARGEST_SCORE - _NARROWEST])
    inside = inside[np.diff(inside, prepend=-np.inf) > _NARROWEST]
    nearest = np.abs(EVEN_KNOTS[:, None] - inside).min(axis=1, initial=np.inf)
    grid = EVEN_KNOTS[(nearest > _NARROWEST) | (np.abs(EVEN_KNOTS) == LARGEST_SCORE)]
    return np.sort(np.concatenate([grid, inside - _RAMP, inside + _RAMP]))


def require_finite(quantile: Quantile, name: str) -> None:
    """Refuse a quantile function whose draws may overflow, or that is not a number at its ends.

    Raises
    ------
    DistributionError
        What the least or the greatest possible draw would be; ``name`` says whose.
    """
    scores = np.array([-LARGEST_SCORE, LARGEST_SCORE])
    _require_numbers(quantile, scores, name)
    ends = quantile(scores).tolist()
    if not all(abs(end) < LARGEST_VALUE for end in ends):
        raise DistributionError(
            "tails-too-heavy",
            f"the tails of {name} are so heavy that draws overflow",
            got=tuple(float(f"{end:.4g}") for end in ends),
            allowed="draws below 1e300",
            remedy="Truncate or clamp it, or choose lighter tails.",
        )


def _require_numbers(quantile: Quantile, scores: FloatArray, name: str) -> FloatArray:
    with np.errstate(all="ignore"):
        y = np.asarray(quantile.y(scores), dtype=np.float64)
    wrong = np.isnan(y)
    if wrong.any():
        raise DistributionError(
            "quantile-function-undefined",
            f"the quantile function of {name} is undefined for some probabilities",
            where=f"probability {special.ndtr(scores[wrong][0]):.4g}",
            remedy="Choose other shapes, or state quantiles in distribution = 'percentiles'.",
        )
    return y


def _rising(quantile: Quantile, scores: FloatArray, name: str) -> FloatArray:
    """Return y, freed of the rattling of its solver and of what lies beyond every bound."""
    limit = float(quantile.tail.inverse(np.array(LARGEST_VALUE)))
    y = np.clip(_require_numbers(quantile, scores, name), -limit, limit)
    return np.maximum.accumulate(y)


def _cubics(knots: FloatArray, y: FloatArray) -> FloatArray:
    """Return cubic-spline coefficients, monotone in every segment; apart on either side of a ramp."""
    coefficients = np.zeros((len(knots) - 1, 4))
    ramps = np.flatnonzero(np.diff(knots) < _NARROWEST / 4.0)
    coefficients[ramps, 2] = np.diff(y)[ramps] / np.diff(knots)[ramps]
    coefficients[ramps, 3] = y[ramps]
    for start, stop in zip([0, *ramps + 1], [*ramps, len(knots) - 1], strict=True):
        if stop > start:
            coefficients[start:stop] = _smooth_piece(knots[start : stop + 1], y[start : stop + 1])
    return coefficients


def _smooth_piece(knots: FloatArray, y: FloatArray) -> FloatArray:
    """Return coefficients of a piece without kinks.

    Where the smooth spline would not be monotone (a flat tail at the rounding level), the monotone
    interpolant of Fritsch & Carlson 1980 takes its place.
    """
    smooth = CubicSpline(knots, y).c.T
    x = np.diff(knots)[:, None] * np.linspace(0.0, 1.0, 9)
    slope = (3.0 * smooth[:, :1] * x + 2.0 * smooth[:, 1:2]) * x + smooth[:, 2:3]
    rising = np.all(slope >= 0.0, axis=1)
    if rising.all():
        return np.asarray(smooth)
    return np.where(rising[:, None], smooth, PchipInterpolator(knots, y).c.T)
