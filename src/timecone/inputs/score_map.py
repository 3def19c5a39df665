"""A quantile function compiled for the hot path, over the normal score.

value = shift + scale * T(y), where y is a function of the score: a straight line for families that are
closed forms of it (normal, lognormal), a table of cubics for every other one. T is the identity, exp, sinh
or the logistic function; it takes the shape of the tails, so that the table only has to follow what is left,
and every family costs the same few nanoseconds per draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from scipy import special

from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.table import Table
from timecone.numerics.compiled import kernel, scalar
from timecone.numerics.elementary import exp, sinh
from timecone.schema import FloatArray


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
    table: Table | None = None
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
        given = np.asarray(scores, dtype=np.float64)
        values = given.flatten()
        self.apply(values)
        values[np.isnan(given.ravel())] = np.nan
        return values.reshape(given.shape)

    def y(self, scores: FloatArray) -> FloatArray:
        """Return y alone; beyond a table its outermost cubics go on."""
        if self.table is None:
            return self.a + self.b * scores
        return self.table(scores)

    def score(self, values: FloatArray, *, right: bool = False) -> FloatArray:
        """Return the scores below which values lie below ``values``, or with ``right`` not above them.

        -inf and inf where none or all of the reachable values do.
        """
        given = np.asarray(values, dtype=np.float64)
        scores = self._score_of_y(self.tail.inverse((given - self.shift) / self.scale), right=right)
        scores = self.atoms.correct(given, scores, right=right)
        none = given < self.low if right else given <= self.low
        high = max(self.high, float(self.atoms.values[-1])) if self.atoms else self.high
        every = given >= high if right else given > high
        return np.where(none, -np.inf, np.where(every, np.inf, scores))

    def _score_of_y(self, y: FloatArray, *, right: bool) -> FloatArray:
        if self.table is None and self.b == 0.0:
            under = self.a <= y if right else self.a < y
            return np.where(under, np.inf, -np.inf)
        if self.table is None:
            return np.asarray((y - self.a) / self.b)
        return self.table.score(y, right=right)
