"""Joint draws of all parameters, block by block.

Draw ``i`` of a parameter depends on the seed, the parameter's name and ``i`` alone; blocks may be drawn in
any order, by any thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from timecone.inputs.dependence import Copula
from timecone.inputs.philox import stream_key, uniforms
from timecone.inputs.score import to_scores
from timecone.inputs.score_map import ScoreMap
from timecone.schema import ByteArray, FloatArray

#: Blocks begin at multiples of this and are drawn in whole multiples of it, so that every draw goes through
#: the same vector instructions wherever its block ends.
LANES = 64


@dataclass(frozen=True)
class ChoiceWeights:
    """A discrete choice: its values and their probabilities, which sum to 1."""

    name: str
    values: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Marginal:
    """How one parameter is drawn.

    Attributes
    ----------
    name : str
        The parameter.
    maps : mapping of str to ScoreMap
        One quantile function per value of ``choice``; without a choice a single one under ``""``.
    choice : str, optional
        The choice that selects among ``maps``.
    same_as : str, optional
        Another parameter whose draws this one repeats; then ``maps`` is empty.
    """

    name: str
    maps: Mapping[str, ScoreMap]
    choice: str | None = None
    same_as: str | None = None


class Block(NamedTuple):
    """Joint draws of consecutive numbers.

    Attributes
    ----------
    values : array, shape (parameters, draws)
        Parameters in the sampler's order, each row contiguous.
    choices : array of int8, shape (choices, draws)
        Position of the value drawn for each choice.
    """

    values: FloatArray
    choices: ByteArray


class Sampler:
    """Draws blocks of joint inputs.

    Parameters
    ----------
    marginals : sequence of Marginal
        One per parameter; a parameter that repeats another comes after it.
    choices : sequence of ChoiceWeights
        The discrete choices.
    copula : Copula
        Dependence between the parameters it names.
    seed : int
        Any integer from 0; with a stream's name it is the whole state.
    """

    def __init__(
        self,
        marginals: Sequence[Marginal],
        choices: Sequence[ChoiceWeights],
        copula: Copula,
        seed: int,
    ) -> None:
        self.marginals = tuple(marginals)
        self.choices = tuple(choices)
        self.copula = copula
        self._row = {m.name: k for k, m in enumerate(self.marginals)}
        self._column = {c.name: k for k, c in enumerate(self.choices)}
        self._keys = [stream_key(seed, f"parameter/{m.name}") for m in self.marginals]
        self._choice_keys = [stream_key(seed, f"choice/{c.name}") for c in self.choices]
        self._correlated = np.array([self._row[name] for name in copula.names], dtype=np.intp)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of the rows of a block."""
        return tuple(m.name for m in self.marginals)

    def draw(self, first: int, count: int) -> Block:
        """Return draws ``first`` to ``first + count - 1``; ``first`` a multiple of `LANES`."""
        block = self._draw(first, -(-count // LANES) * LANES)
        if block.values.shape[1] == count:
            return block
        return Block(
            np.ascontiguousarray(block.values[:, :count]),
            np.ascontiguousarray(block.choices[:, :count]),
        )

    def _draw(self, first: int, count: int) -> Block:
        choices = np.empty((len(self.choices), count), dtype=np.int8)
        for k, choice in enumerate(self.choices):
            u = np.empty(count)
            uniforms(*self._choice_keys[k], first, u)
            edges = np.cumsum(choice.weights)[:-1]
            choices[k] = np.searchsorted(edges, u, side="right")
        values = np.empty((len(self.marginals), count))
        for k, marginal in enumerate(self.marginals):
            if marginal.same_as is None:
                uniforms(*self._keys[k], first, values[k])
                to_scores(values[k])
        if len(self._correlated):
            scores = values[self._correlated]
            self.copula.correlate(scores)
            values[self._correlated] = scores
        for k, marginal in enumerate(self.marginals):
            if marginal.same_as is not None:
                values[k] = values[self._row[marginal.same_as]]
            elif marginal.choice is None:
                marginal.maps[""].apply(values[k])
            else:
                self._apply_by_choice(marginal, values[k], choices[self._column[marginal.choice]])
        return Block(values, choices)

    def _apply_by_choice(self, marginal: Marginal, row: FloatArray, drawn: ByteArray) -> None:
        values = self.choices[self._column[marginal.choice or ""]].values
        scores = row.copy()
        for position, value in enumerate(values):
            candidate = scores.copy()
            marginal.maps[value].apply(candidate)
            np.copyto(row, candidate, where=drawn == position)
