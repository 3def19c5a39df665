"""Families made of others: truncated, clamped, mixed, exponentiated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.curve import Curve
from timecone.inputs.families.base import Family, mean_over_scores, require_order
from timecone.inputs.families.classic import LogNormal, Normal
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap, Tail
from timecone.schema import FloatArray

# Less of a distribution cannot be told from nothing.
_LEAST_MASS = 1e-15
# A range so much wider than the middle needs logarithms, or their like on both sides of 0.
_WIDE = 1e3
_BISECTIONS = 60
# On either side of a jump, in score.
_BESIDE = 1e-9


@dataclass(frozen=True)
class Compound(Family):
    """A family without moments or quantiles of its own."""

    quantile_count: ClassVar[int] = 0

    @classmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        raise NotImplementedError

    def scipy(self) -> Any:
        raise NotImplementedError("a compound distribution has no SciPy counterpart")

    def mean(self) -> float:
        return mean_over_scores(self.score_map())


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
                "nothing of the distribution lies between the truncation bounds",
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

    def curve(self) -> Curve:
        parent, cut = self.parent.curve(), self._cut
        if cut.inside == 1.0:
            return parent.clamped(self.low, self.high)
        low, high = max(parent.low, self.low), min(parent.high, self.high)
        return replace(cut.curve(parent), low=low, high=high, atoms=self.atoms)

    @cached_property
    def atoms(self) -> Atoms:
        return self.parent.atoms.within(self.low, self.high).map(self._cut.score)

    @cached_property
    def _cut(self) -> Cut:
        parent = self.parent.curve()
        low = parent.score(np.array(self.low)).item()
        high = parent.score(np.array(self.high), right=True).item()
        below, above = special.ndtr(low), special.ndtr(-high)
        inside = special.ndtr(high) - below if low < 0.0 else special.ndtr(-low) - above
        return Cut(float(below), float(above), float(inside))


class Cut(NamedTuple):
    """What a cut removes and leaves: mass of the parent below, above and inside the bounds."""

    below: float
    above: float
    inside: float

    def curve(self, parent: Curve) -> Curve:
        """Return the quantile function of what is left; without its bounds and atoms."""
        kinks = self.score(parent.corners())
        return replace(
            parent, y=lambda z: parent.y(self.parent_score(z)), kinks=kinks[np.isfinite(kinks)],
            exact=None, inverse=None, atoms=NO_ATOMS,
        )  # fmt: skip

    def parent_score(self, z: FloatArray) -> FloatArray:
        """Return the parent's score for a score of the truncated distribution."""
        p = self.below + self.inside * special.ndtr(z)
        q = self.above + self.inside * special.ndtr(-z)
        return _score_from_tails(p, q)

    def score(self, parent_score: FloatArray) -> FloatArray:
        """Return the inverse; -inf and inf beyond the bounds."""
        p = (special.ndtr(parent_score) - self.below) / self.inside
        q = (special.ndtr(-parent_score) - self.above) / self.inside
        return _score_from_tails(np.clip(p, 0.0, 1.0), np.clip(q, 0.0, 1.0))


def _score_from_tails(p: FloatArray, q: FloatArray) -> FloatArray:
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

    def curve(self) -> Curve:
        return self.parent.curve().clamped(self.low, self.high)

    @cached_property
    def atoms(self) -> Atoms:
        parent = self.parent.curve()
        low, high = np.array([self.low]), np.array([self.high])
        kept = self.parent.atoms.within(np.nextafter(self.low, np.inf), np.nextafter(self.high, -np.inf))
        return Atoms.of(
            np.concatenate([low, kept.values, high]),
            np.concatenate([[-np.inf], kept.starts, parent.score(high)]),
            np.concatenate([parent.score(low, right=True), kept.stops, [np.inf]]),
        )


@dataclass(frozen=True)
class Mixture(Compound):
    """One of several distributions, with weights: several experts, several anchors."""

    parents: tuple[Family, ...]
    weights: tuple[float, ...]
    name: ClassVar[str] = "mixture"

    def scaled(self, factor: float) -> Self:
        return replace(self, parents=tuple(parent.scaled(factor) for parent in self.parents))

    def curve(self) -> Curve:
        parts = self._parts
        ends = parts.quantiles(np.array([-LARGEST_SCORE, LARGEST_SCORE]))
        quarters = parts.quantiles(special.ndtri(np.array([0.25, 0.75])))
        low, high = float(ends.min()), float(ends.max())
        width = float(np.ptp(quarters)) or 1.0
        bare = Curve(lambda z: z, low=low, high=high)
        if low > 0.0 and high / low > _WIDE:
            bare = replace(bare, tail=Tail.EXP)
        elif high - low > _WIDE * width:
            bare = replace(bare, tail=Tail.SINH, shift=float(quarters.mean()), scale=width)
        return replace(
            bare,
            y=lambda z: parts.y(bare, z),
            kinks=self._kinks(parts),
            inverse=lambda values, right: parts.score(values, right=right),
            atoms=self.atoms,
        )

    @cached_property
    def _parts(self) -> _Parts:
        return _Parts([parent.score_map() for parent in self.parents], np.array(self.weights))

    @cached_property
    def atoms(self) -> Atoms:
        values = np.unique(np.concatenate([parent.atoms.values for parent in self.parents]))
        return Atoms.of(values, self._parts.score(values, right=False), self._parts.score(values))

    def _kinks(self, parts: _Parts) -> FloatArray:
        """Return the scores at which a part begins, ends, jumps or stands still."""
        values = []
        for parent, part in zip(self.parents, parts.maps, strict=True):
            corners = parent.curve().corners()
            ends = np.array([-LARGEST_SCORE, LARGEST_SCORE])
            values.append(part(np.concatenate([corners - _BESIDE, corners + _BESIDE, ends])))
        every = np.unique(np.concatenate(values))
        found = np.concatenate([parts.score(every, right=right) for right in (False, True)])
        return found[np.isfinite(found)]

    def mean(self) -> float:
        return float(sum(w * p.mean() for w, p in zip(self.weights, self.parents, strict=True)))


class _Parts(NamedTuple):
    """The compiled parts of a mixture and their weights."""

    maps: list[ScoreMap]
    weights: FloatArray

    def quantiles(self, z: FloatArray) -> FloatArray:
        """Return each part's own quantiles, shape (parts, scores)."""
        return np.array([part(z) for part in self.maps])

    def score(self, values: FloatArray, *, right: bool = True) -> FloatArray:
        """Return the score of the mixture's mass below values, or with ``right`` not above them."""
        scores = np.array([part.score(values, right=right) for part in self.maps])
        return _score_from_tails(self.weights @ special.ndtr(scores), self.weights @ special.ndtr(-scores))

    def y(self, bare: Curve, z: FloatArray) -> FloatArray:
        """Return y of the mixture's quantiles by bisection between the parts' own quantiles."""
        own = bare.tail.inverse((self.quantiles(z) - bare.shift) / bare.scale)
        under, over = own.min(axis=0), own.max(axis=0)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (under + over)
            short = self.score(bare.shift + bare.scale * bare.tail.forward(middle)) < z
            under, over = np.where(short, middle, under), np.where(short, over, middle)
        return over


@dataclass(frozen=True)
class PowerOfTen(Compound):
    """10**X for a distribution of X: numbers that were stated as orders of magnitude."""

    parent: Family
    factor: float = 1.0
    name: ClassVar[str] = "power_of_ten"

    def scaled(self, factor: float) -> Self:
        return replace(self, factor=self.factor * factor)

    def curve(self) -> Curve:
        parent = self.parent.curve()
        return Curve(lambda z: np.log(10.0) * parent(z), tail=Tail.EXP, scale=self.factor, low=0.0,
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

    def curve(self) -> Curve:
        parent = self.parent.curve()
        return Curve(lambda z: np.log10(parent(z)), kinks=parent.corners(), atoms=self.atoms)

    @cached_property
    def atoms(self) -> Atoms:
        return self.parent.atoms.map(lambda scores: scores, np.log10)


def power_of_ten(parent: Family) -> Family:
    """Return the distribution of 10**X."""
    if isinstance(parent, Normal):
        return LogNormal(parent.mu * float(np.log(10.0)), parent.sigma * float(np.log(10.0)))
    return PowerOfTen(parent)


def log_ten(parent: Family) -> Family:
    """Return the distribution of log10(X)."""
    if isinstance(parent, LogNormal):
        return Normal(parent.mu / float(np.log(10.0)), parent.sigma / float(np.log(10.0)))
    if not parent.curve()(np.array([-LARGEST_SCORE]))[0] > 0.0:
        raise DistributionError(
            "the logarithm of a distribution that reaches 0 or below", allowed="positive values"
        )
    return LogTen(parent)
