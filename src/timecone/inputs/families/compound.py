"""Families made of another one: truncated, clamped, exponentiated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Final, NamedTuple, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.compiled_quantile import Tail
from timecone.inputs.families.base import Family, mean_over_scores, require_order
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray
from timecone.units import Conversion

# Less of a distribution cannot be told from nothing.
_LEAST_MASS = 1e-15
#: Converted families that are kept.
_KEPT: Final = 128


@dataclass(frozen=True)
class Compound(Family):
    """A family without moments or quantiles of its own."""

    quantile_count: ClassVar[int] = 0

    def scipy(self) -> Any:
        raise NotImplementedError("a compound distribution has no SciPy counterpart")

    def mean(self) -> float:
        return mean_over_scores(self.compiled())


@dataclass(frozen=True)
class Truncated(Compound):
    """Another distribution, conditional on lying between two bounds."""

    parent: Family
    low: float
    high: float
    name: ClassVar[str] = "truncated"

    def __post_init__(self) -> None:
        require_order(self.low, self.high)
        if self._cut.inside < _LEAST_MASS:
            raise DistributionError(
                "empty-truncation",
                "the distribution has no probability between the truncation bounds",
                got=(self.low, self.high),
                remedy="Widen the bounds or move the distribution.",
            )

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            parent=self.parent.scaled(factor),
            low=self.low * factor,
            high=self.high * factor,
        )

    def quantile(self) -> Quantile:
        parent, cut = self.parent.quantile(), self._cut
        if cut.inside == 1.0:
            return parent.clamped(self.low, self.high)
        low, high = max(parent.low, self.low), min(parent.high, self.high)
        return replace(cut.quantile(parent), low=low, high=high, atoms=self.atoms)

    @cached_property
    def atoms(self) -> Atoms:
        return self.parent.atoms.within(self.low, self.high).map(self._cut.normal_score)

    @cached_property
    def _cut(self) -> Cut:
        parent = self.parent.quantile()
        low = parent.normal_score(np.array(self.low)).item()
        high = parent.normal_score(np.array(self.high), right=True).item()
        below, above = special.ndtr(low), special.ndtr(-high)
        inside = special.ndtr(high) - below if low < 0.0 else special.ndtr(-low) - above
        return Cut(float(below), float(above), float(inside))


class Cut(NamedTuple):
    """What a cut removes and leaves: mass of the parent below, above and inside the bounds."""

    below: float
    above: float
    inside: float

    def quantile(self, parent: Quantile) -> Quantile:
        """Return the quantile function of what is left; without its bounds and atoms."""
        kinks = self.normal_score(parent.corners())
        return replace(
            parent, y=lambda z: parent.y(self.parent_score(z)), kinks=kinks[np.isfinite(kinks)],
            exact=None, inverse=None, atoms=NO_ATOMS,
        )  # fmt: skip

    def parent_score(self, z: FloatArray) -> FloatArray:
        """Return the parent's score for a score of the truncated distribution."""
        p = self.below + self.inside * special.ndtr(z)
        q = self.above + self.inside * special.ndtr(-z)
        return score_from_tails(p, q)

    def normal_score(self, parent_score: FloatArray) -> FloatArray:
        """Return the inverse; -inf and inf beyond the bounds."""
        p = (special.ndtr(parent_score) - self.below) / self.inside
        q = (special.ndtr(-parent_score) - self.above) / self.inside
        return score_from_tails(np.clip(p, 0.0, 1.0), np.clip(q, 0.0, 1.0))


def score_from_tails(p: FloatArray, q: FloatArray) -> FloatArray:
    """Return the score with mass ``p`` below and ``q`` above, from the one that keeps its digits."""
    return np.where(p < q, special.ndtri(p), -special.ndtri(q))


@dataclass(frozen=True)
class Clamped(Compound):
    """Another distribution, with what lies beyond the bounds moved onto them."""

    parent: Family
    low: float
    high: float
    name: ClassVar[str] = "clamped"

    def __post_init__(self) -> None:
        require_order(self.low, self.high)

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            parent=self.parent.scaled(factor),
            low=self.low * factor,
            high=self.high * factor,
        )

    def quantile(self) -> Quantile:
        return self.parent.quantile().clamped(self.low, self.high)

    @cached_property
    def atoms(self) -> Atoms:
        parent = self.parent.quantile()
        low, high = np.array([self.low]), np.array([self.high])
        kept = self.parent.atoms.within(np.nextafter(self.low, np.inf), np.nextafter(self.high, -np.inf))
        return Atoms.of(
            np.concatenate([low, kept.values, high]),
            np.concatenate([[-np.inf], kept.starts, parent.normal_score(high)]),
            np.concatenate([parent.normal_score(low, right=True), kept.stops, [np.inf]]),
        )


@dataclass(frozen=True)
class PowerOfTen(Compound):
    """10**X for a distribution of X: numbers that were stated as orders of magnitude."""

    parent: Family
    factor: float = 1.0
    name: ClassVar[str] = "power_of_ten"

    def scaled(self, factor: float) -> Self:
        return replace(self, factor=self.factor * factor)

    def quantile(self) -> Quantile:
        parent = self.parent.quantile()
        return Quantile(lambda z: np.log(10.0) * parent(z), tail=Tail.EXP, scale=self.factor, low=0.0,
                     kinks=parent.corners(), atoms=self.atoms)  # fmt: skip

    @cached_property
    def atoms(self) -> Atoms:
        return self.parent.atoms.map(lambda scores: scores, lambda values: 10.0**values * self.factor)


@dataclass(frozen=True)
class LogTen(Compound):
    """log10(X) for a positive distribution of X."""

    parent: Family
    name: ClassVar[str] = "log10"

    def scaled(self, factor: float) -> Self:
        raise NotImplementedError("convert the unit before taking the logarithm")

    def quantile(self) -> Quantile:
        parent = self.parent.quantile()
        return Quantile(lambda z: np.log10(parent(z)), kinks=parent.corners(), atoms=self.atoms)

    @cached_property
    def atoms(self) -> Atoms:
        return self.parent.atoms.map(lambda scores: scores, np.log10)


def power_of_ten(parent: Family) -> Family:
    """Return the distribution of 10**X."""
    return parent.power_of_ten() or PowerOfTen(parent)


def log_ten(parent: Family) -> Family:
    """Return the distribution of log10(X)."""
    closed = parent.log_ten()
    if closed is not None:
        return closed
    if not parent.quantile()(np.array([-LARGEST_SCORE]))[0] > 0.0:
        raise DistributionError(
            "logarithm-of-nonpositive",
            "a distribution that reaches 0 or below has no logarithm",
            allowed="positive values",
        )
    return LogTen(parent)


@lru_cache(maxsize=_KEPT)
def convert(family: Family, how: Conversion) -> Family:
    """Return a distribution in another unit.

    Kept, with its quantile table: loading a file, deriving from it and running it compile the same families.
    """
    own = family.converted(how)
    if own is not None:
        return own
    if how.kind == "log10":
        return log_ten(family.scaled(how.factor))
    if how.kind == "power":
        return power_of_ten(family).scaled(how.factor)
    return family if how.factor == 1.0 else family.scaled(how.factor)
