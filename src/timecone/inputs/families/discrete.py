"""Distributions made of values: stated ones with probabilities, and a sample's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from scipy import special

from timecone.inputs.atoms import Atoms
from timecone.inputs.curve import Curve
from timecone.inputs.families.base import atoms_of, mean_over_scores
from timecone.inputs.families.compound import Compound
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap
from timecone.inputs.table import Table
from timecone.schema import FloatArray

#: Quantiles that are kept of a larger sample.
_RESOLUTION = 1025


@dataclass(frozen=True)
class Discrete(Compound):
    """A few values with probabilities; increasing."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    name: ClassVar[str] = "discrete"

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def curve(self) -> Curve:
        if len(self.values) == 1:
            return Curve.of(ScoreMap(a=self.values[0], b=0.0))
        knots = np.concatenate([[-LARGEST_SCORE], self._edges(), [LARGEST_SCORE]])
        steps = np.zeros((len(self.values), 4))
        steps[:, 3] = self.values
        return Curve.of(ScoreMap(table=Table(knots, steps)))

    @property
    def atoms(self) -> Atoms:
        edges = np.concatenate([[-np.inf], self._edges(), [np.inf]])
        return Atoms.of(np.array(self.values), edges[:-1], edges[1:])

    def _edges(self) -> FloatArray:
        """Return the scores between neighbouring values."""
        below = np.cumsum(self.probabilities)[:-1]
        above = np.cumsum(self.probabilities[::-1])[-2::-1]
        # From the smaller of the two, which keeps its digits.
        edges = np.where(below < above, special.ndtri(below), -special.ndtri(above))
        return np.clip(edges, -LARGEST_SCORE, LARGEST_SCORE)

    def mean(self) -> float:
        return float(np.dot(self.values, self.probabilities))


@dataclass(frozen=True)
class Empirical(Compound):
    """A sample's own distribution, between its least and greatest value.

    Smoothed, unless it is resampled: straight lines over the score between the sorted values, at the plotting
    positions (i - 1/2) / n, or in the middle of each value's weight; of a sample of more than 1025 values so
    many quantiles, evenly spaced in score. So k equal values of n are an atom of probability (k - 1) / n, and
    the mean is near that of the sample, not equal to it. Nothing is said of the tails beyond the sample.

    Attributes
    ----------
    values : tuple of float
        Sorted.
    origin : str
        Where they were read.
    weights : tuple of float
        Probability of each value; empty where all are equal.
    resample : bool
        Draw the values themselves, each with its probability.
    """

    values: tuple[float, ...]
    origin: str = ""
    weights: tuple[float, ...] = ()
    resample: bool = False
    name: ClassVar[str] = "empirical"

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def curve(self) -> Curve:
        if self.resample:
            return self._stated().curve()
        values, z = np.array(self.values), special.ndtri(self._positions())
        if len(values) > _RESOLUTION:
            coarse = np.linspace(z[0], z[-1], _RESOLUTION)
            z, values = coarse, np.interp(coarse, z, values)
        knots = np.concatenate([[-LARGEST_SCORE], z, [LARGEST_SCORE]])
        y = np.concatenate([values[:1], values, values[-1:]])
        lines = np.zeros((len(knots) - 1, 4))
        lines[:, 3] = y[:-1]
        lines[:, 2] = np.diff(y) / np.diff(knots)
        return Curve.of(ScoreMap(low=values[0], high=values[-1], table=Table(knots, lines)))

    @property
    def atoms(self) -> Atoms:
        if self.resample:
            return self._stated().atoms
        return atoms_of(self.score_map(), np.unique(self.values))

    def mean(self) -> float:
        return self._stated().mean() if self.resample else mean_over_scores(self.score_map())

    @property
    def remark(self) -> str:
        how = "drawn as they are" if self.resample else "smoothed"
        return f"{len(self.values):,} values, {how}{', weighted' if self.weights else ''}"

    def _positions(self) -> FloatArray:
        """Return the probability at the middle of each value."""
        if not self.weights:
            return (np.arange(len(self.values)) + 0.5) / len(self.values)
        weights = np.array(self.weights)
        return np.asarray((np.cumsum(weights) - 0.5 * weights) / weights.sum())

    def _stated(self) -> Discrete:
        """Return the values with their probabilities, equal ones together."""
        values, place = np.unique(self.values, return_inverse=True)
        shares = np.bincount(place, weights=self.weights or None)
        return Discrete(tuple(values.tolist()), tuple((shares / shares.sum()).tolist()))
