"""Atoms: values of positive probability, and the normal scores from which each is drawn.

A point in a mixture, a discrete value, the bound of a clamped distribution: draws must equal such a value in
every bit, so that a formula may ask ``x == 0``. Quantile functions that are compiled to cubics only come near
it; there `Atoms.place` puts the value itself into the draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from timecone.numerics.compiled import kernel
from timecone.schema import BoolArray, FloatArray

# Narrower intervals of scores are rounding, not atoms.
_NARROWEST = 1e-12


@kernel
def _place(
    starts: FloatArray, stops: FloatArray, atoms: FloatArray, scores: FloatArray, values: FloatArray
) -> None:
    for i in range(values.size):
        k = np.searchsorted(starts, scores[i], side="right") - 1
        if k >= 0 and scores[i] < stops[k]:
            values[i] = atoms[k]


@dataclass(frozen=True, eq=False)
class Atoms:
    """Values of positive probability of one distribution.

    Attributes
    ----------
    values : array, shape (atoms,)
        Increasing.
    starts, stops : arrays, shape (atoms,)
        A score from ``starts`` on and below ``stops`` draws the value; -inf and inf at the ends of the scale.
    """

    values: FloatArray
    starts: FloatArray
    stops: FloatArray

    @classmethod
    def of(cls, values: FloatArray, starts: FloatArray, stops: FloatArray) -> Atoms:
        """Build from increasing values; without those that no score draws."""
        kept = stops > starts + _NARROWEST
        return cls(*(np.asarray(part, dtype=np.float64)[kept] for part in (values, starts, stops)))

    def __bool__(self) -> bool:
        return len(self.values) > 0

    def place(self, scores: FloatArray, values: FloatArray) -> None:
        """Put the atoms into ``values``, in place, where ``scores`` draw them; contiguous, of one shape."""
        if self:
            _place(self.starts, self.stops, self.values, scores.reshape(-1), values.reshape(-1))

    def map(
        self,
        scores: Callable[[FloatArray], FloatArray],
        values: Callable[[FloatArray], FloatArray] | None = None,
    ) -> Atoms:
        """Return the atoms of a distribution whose scores, and values, are rising functions of these ones."""
        moved = self.values if values is None else values(self.values)
        return Atoms.of(np.asarray(moved), scores(self.starts), scores(self.stops))

    def within(self, low: float, high: float) -> Atoms:
        """Return the atoms between two values, these included."""
        kept = (self.values >= low) & (self.values <= high)
        return Atoms(self.values[kept], self.starts[kept], self.stops[kept])

    def correct(self, values: FloatArray, scores: FloatArray, *, right: bool) -> FloatArray:
        """Return the scores below which values lie, made exact beside atoms.

        Parameters
        ----------
        values : array
            Values.
        scores : array
            For each the score below which draws are less or, with ``right``, not more; nearly so.
        right : bool
            Which of the two.
        """
        if not self:
            return scores
        first = np.searchsorted(self.values, values, side="left")
        beyond = np.searchsorted(self.values, values, side="right")
        least = np.append(-np.inf, self.stops)[first]
        most = np.append(self.starts, np.inf)[beyond]
        held = np.clip(scores, least, most)
        atom: BoolArray = beyond > first
        own = np.append(self.stops if right else self.starts, 0.0)[first]
        return np.where(atom, own, held)


NO_ATOMS = Atoms(np.empty(0), np.empty(0), np.empty(0))
