"""Counts of a run by the values of its choices, in memory that does not grow with their combinations.

Few combinations are counted each (a *cell* is a combination). Where there are more than `schema.MOST_CELLS`, all
draws are counted together, and once more by the values of each choice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from math import prod
from typing import Any

import numpy as np

from timecone.inputs.sampler import ChoiceWeights
from timecone.results.tally import Tally
from timecone.schema import MOST_CELLS, ByteArray, FloatArray, IntArray


def has_cells(choices: Sequence[ChoiceWeights]) -> bool:
    """Return whether the combinations of values are few enough to be counted each."""
    return prod(len(choice.values) for choice in choices) <= MOST_CELLS


def cell_sizes(choices: Sequence[ChoiceWeights]) -> list[int]:
    """Return the number of cells of each tally of a run."""
    if has_cells(choices):
        return [prod(len(choice.values) for choice in choices)]
    return [1, *(len(choice.values) for choice in choices)]


@dataclass
class Counts:
    """What is counted of a run.

    Attributes
    ----------
    cells : Tally
        By combination of values; in one cell where these are too many.
    by_choice : list of Tally
        By value of each choice, without trajectories; empty where combinations are counted.
    """

    cells: Tally
    by_choice: list[Tally]

    @property
    def nbytes(self) -> int:
        """Bytes of all counts."""
        return sum(getattr(t, f.name).nbytes for t in (self.cells, *self.by_choice) for f in fields(t)[1:])

    def add(self, drawn: ByteArray, *, levels: FloatArray, **block: Any) -> None:
        """Count a block; ``drawn`` are the values of its choices, shape (choices, draws); see `Tally.add`."""
        combined = np.zeros(drawn.shape[1], dtype=np.int64)
        if not self.by_choice:
            combined = self._combined(drawn)
        self.cells.add(cells=combined, levels=levels, **block)
        for tally, values in zip(self.by_choice, drawn, strict=False):
            tally.add(cells=values.astype(np.int64), levels=levels[:0], **block)

    def _combined(self, drawn: ByteArray) -> IntArray:
        raise NotImplementedError

    def copy(self) -> Counts:
        """Return an independent copy."""
        return Counts(self.cells.copy(), [tally.copy() for tally in self.by_choice])

    def merge(self, other: Counts) -> None:
        """Add other counts of the same run."""
        for mine, theirs in zip((self.cells, *self.by_choice), (other.cells, *other.by_choice), strict=True):
            mine.merge(theirs)
