"""Distributions made of values: stated ones with probabilities, and a sample's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.arguments import list_of_numbers
from timecone.inputs.atoms import Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile, CubicTable
from timecone.inputs.density import Density, density_of_values
from timecone.inputs.families.base import Family, atoms_of, mean_over_scores
from timecone.inputs.families.canonical import canonical
from timecone.inputs.families.checks import require_known, require_probabilities, weights_of
from timecone.inputs.families.compound import Compound
from timecone.inputs.families.registry import register
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile
from timecone.inputs.sample_file import read_sample
from timecone.schema import FloatArray

#: Quantiles that are kept of a larger sample.
_RESOLUTION = 1025


@register
@dataclass(frozen=True)
class Discrete(Compound):
    """A few values with probabilities; increasing."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    name: ClassVar[str] = "discrete"
    accepts: ClassVar[tuple[str, ...]] = ("values", "probabilities")
    description: ClassVar[str] = "values and probabilities"

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from values and their probabilities."""
        require_known(arguments, cls)
        values = list_of_numbers("values", arguments.get("values"))
        probabilities = list_of_numbers("probabilities", arguments.get("probabilities"))
        if len(values) != len(probabilities) or len(set(values)) != len(values):
            raise DistributionError(
                "discrete-probability-count",
                "discrete needs as many probabilities as distinct values",
                got=(len(values), len(probabilities)),
            )
        require_probabilities("probabilities", probabilities)
        pairs = sorted((v, p) for v, p in zip(values, probabilities, strict=True) if p > 0.0)
        return cls(*map(tuple, zip(*pairs, strict=True)))

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def quantile(self) -> Quantile:
        if len(self.values) == 1:
            return Quantile.of(CompiledQuantile(a=self.values[0], b=0.0))
        knots = np.concatenate([[-LARGEST_SCORE], self._edges(), [LARGEST_SCORE]])
        steps = np.zeros((len(self.values), 4))
        steps[:, 3] = self.values
        return Quantile.of(CompiledQuantile(table=CubicTable(knots, steps)))

    @property
    def atoms(self) -> Atoms:
        edges = np.concatenate([[-np.inf], self._edges(), [np.inf]])
        return Atoms.of(np.array(self.values), edges[:-1], edges[1:])

    def log_density(self, values: FloatArray) -> Density:
        return density_of_values(values, self.values, self.probabilities)

    def _edges(self) -> FloatArray:
        """Return the scores between neighbouring values."""
        below = np.cumsum(self.probabilities)[:-1]
        above = np.cumsum(self.probabilities[::-1])[-2::-1]
        # From the smaller of the two, which keeps its digits.
        edges = np.where(below < above, special.ndtri(below), -special.ndtri(above))
        return np.clip(edges, -LARGEST_SCORE, LARGEST_SCORE)

    def mean(self) -> float:
        return float(np.dot(self.values, self.probabilities))


@register
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
    accepts: ClassVar[tuple[str, ...]] = ("values", "origin", "file", "column", "weights", "resample")
    description: ClassVar[str] = "values, or file and column; weights; resample"

    @classmethod
    def read(cls, arguments: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        return read_sample(arguments, folder) if "file" in arguments else arguments

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from a sample and its weights."""
        require_known(arguments, cls, "values", "weights", "resample", "origin")
        values = list_of_numbers("values", arguments.get("values"))
        weights = weights_of(values, arguments["weights"]) if "weights" in arguments else [1.0] * len(values)
        resample = arguments.get("resample", False)
        if not isinstance(resample, bool):
            raise DistributionError(
                "resample-not-boolean",
                "resample is neither true nor false",
                got=resample,
                allowed="true or false",
            )
        kept = sorted((value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0.0)
        values = [value for value, _ in kept]
        if len(values) < 2 or values[0] == values[-1]:  # noqa: PLR2004
            raise DistributionError(
                "sample-too-small", "a sample needs two or more different values", got=values[:3]
            )
        shares = tuple(weight for _, weight in kept) if "weights" in arguments else ()
        return cls(tuple(values), str(arguments.get("origin", "")), shares, resample)

    def scaled(self, factor: float) -> Self:
        return replace(self, values=tuple(v * factor for v in self.values))

    def quantile(self) -> Quantile:
        if self.resample:
            return self._stated().quantile()
        values, z = np.array(self.values), special.ndtri(self._positions())
        if len(values) > _RESOLUTION:
            coarse = np.linspace(z[0], z[-1], _RESOLUTION)
            z, values = coarse, np.interp(coarse, z, values)
        knots = np.concatenate([[-LARGEST_SCORE], z, [LARGEST_SCORE]])
        y = np.concatenate([values[:1], values, values[-1:]])
        lines = np.zeros((len(knots) - 1, 4))
        lines[:, 3] = y[:-1]
        lines[:, 2] = np.diff(y) / np.diff(knots)
        return Quantile.of(CompiledQuantile(low=values[0], high=values[-1], table=CubicTable(knots, lines)))

    @property
    def atoms(self) -> Atoms:
        if self.resample:
            return self._stated().atoms
        return atoms_of(self.compiled(), np.unique(self.values))

    def log_density(self, values: FloatArray) -> Density:
        raise DistributionError(
            "sample-has-no-density",
            "a sample has no density",
            got=self.label,
            remedy="Run the changed scenario instead.",
        )

    def digest_key(self) -> list[Any]:
        # The origin of a sample is a remark.
        options = [canonical(self.weights)] * bool(self.weights) + ["resample"] * self.resample
        return [self.name, canonical(self.values), *options]

    def mean(self) -> float:
        return self._stated().mean() if self.resample else mean_over_scores(self.compiled())

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
