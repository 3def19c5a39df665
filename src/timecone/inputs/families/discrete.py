"""Distributions made of values: stated ones with probabilities, and a sample's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np
from scipy import special

from timecone.inputs.curve import Curve
from timecone.inputs.families.compound import Compound
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap
from timecone.inputs.table import Table

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
        below = np.cumsum(self.probabilities)[:-1]
        above = np.cumsum(self.probabilities[::-1])[-2::-1]
        # From the smaller of the two, which keeps its digits.
        edges = np.where(below < above, special.ndtri(below), -special.ndtri(above))
        edges = np.clip(edges, -LARGEST_SCORE, LARGEST_SCORE)
        knots = np.concatenate([[-LARGEST_SCORE], edges, [LARGEST_SCORE]])
        steps = np.zeros((len(self.values), 4))
        steps[:, 3] = self.values
        return Curve.of(ScoreMap(table=Table(knots, steps)))

    def mean(self) -> float:
        return float(np.dot(self.values, self.probabilities))


@dataclass(frozen=True)
class Empirical(Compound):
    """A sample's own distribution, between its least and greatest value.

    Straight lines over the score between the sorted values, at the plotting positions (i - 1/2) / n; of a
    sample of more than 1025 values so many quantiles, evenly spaced in score. Nothing is said of the tails
    beyond the sample.

    Attributes
    ----------
    values : tuple of float
        Sorted.
    origin : str
        Where they were read.
    """

    values: tuple[float, ...]
    origin: str = ""
    name: ClassVar[str] = "empirical"

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def curve(self) -> Curve:
        values = np.array(self.values)
        z = special.ndtri((np.arange(len(values)) + 0.5) / len(values))
        if len(values) > _RESOLUTION:
            coarse = np.linspace(z[0], z[-1], _RESOLUTION)
            z, values = coarse, np.interp(coarse, z, values)
        knots = np.concatenate([[-LARGEST_SCORE], z, [LARGEST_SCORE]])
        y = np.concatenate([values[:1], values, values[-1:]])
        lines = np.zeros((len(knots) - 1, 4))
        lines[:, 3] = y[:-1]
        lines[:, 2] = np.diff(y) / np.diff(knots)
        return Curve.of(ScoreMap(low=values[0], high=values[-1], table=Table(knots, lines)))

    def mean(self) -> float:
        return float(np.mean(self.values))
