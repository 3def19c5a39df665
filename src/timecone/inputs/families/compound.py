"""Families made of others: truncated, clamped, mixed, exponentiated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.families.base import Family, mean_over_scores, require_order
from timecone.inputs.families.classic import LogNormal, Normal
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap, Tail, tabulate
from timecone.schema import FloatArray


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
        below, above = self._cut()
        if not below + above < 1.0:
            raise DistributionError(
                "nothing of the distribution lies between the truncation bounds",
                got=(self.low, self.high),
                remedy="Widen the bounds or move the distribution.",
            )

    def _cut(self) -> tuple[float, float]:
        """Return the mass of the parent below and above the bounds."""
        parent = self.parent.score_map()
        ends = np.array([-LARGEST_SCORE, LARGEST_SCORE])
        least, most = parent(ends)
        below = 0.0 if self.low <= least else special.ndtr(parent.score(np.array(self.low)))
        above = 0.0 if self.high >= most else special.ndtr(-parent.score(np.array(self.high)))
        return float(below), float(above)

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            parent=self.parent.scaled(factor),
            low=self.low * factor,
            high=self.high * factor,
        )

    def score_map(self) -> ScoreMap:
        parent = self.parent.score_map()
        below, above = self._cut()
        inside = 1.0 - below - above

        def inner(z: FloatArray) -> FloatArray:
            p = below + inside * special.ndtr(z)
            q = above + inside * special.ndtr(-z)
            # The smaller of the two keeps its digits.
            score = np.where(p < q, special.ndtri(np.minimum(p, q)), -special.ndtri(np.minimum(p, q)))
            return np.clip(score, -LARGEST_SCORE, LARGEST_SCORE)

        return _through(parent, inner).clamped(self.low, self.high)


def _through(parent: ScoreMap, inner: Any) -> ScoreMap:
    """Return the map of the parent's value at another score."""
    bare = replace(parent, tail=Tail.LINEAR, shift=0.0, scale=1.0, low=-np.inf, high=np.inf)
    return tabulate(
        lambda z: bare(inner(z)),
        tail=parent.tail,
        shift=parent.shift,
        scale=parent.scale,
        low=parent.low,
        high=parent.high,
    )


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

    def score_map(self) -> ScoreMap:
        return self.parent.score_map().clamped(self.low, self.high)


@dataclass(frozen=True)
class Mixture(Compound):
    """One of several distributions, with weights: several experts, several anchors."""

    parents: tuple[Family, ...]
    weights: tuple[float, ...]
    name: ClassVar[str] = "mixture"

    def scaled(self, factor: float) -> Self:
        return replace(self, parents=tuple(parent.scaled(factor) for parent in self.parents))

    def score_map(self) -> ScoreMap:
        parts = [parent.score_map() for parent in self.parents]
        weights = np.array(self.weights)
        ends = np.array([part(np.array([-LARGEST_SCORE, LARGEST_SCORE])) for part in parts])
        low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
        exp = low > 0.0 and high / low > 1e3  # noqa: PLR2004 - wide enough to need logarithms
        left, right = (np.log(low), np.log(high)) if exp else (low, high)

        def score(y: FloatArray) -> FloatArray:
            """Return the mixture's score at a value, from whichever tail keeps the digits."""
            value = np.exp(y) if exp else y
            scores = np.array([part.score(value) for part in parts])
            p = weights @ special.ndtr(scores)
            q = weights @ special.ndtr(-scores)
            smaller = special.ndtri(np.clip(np.minimum(p, q), 1e-300, 0.5))
            return np.where(p < q, smaller, -smaller)

        def quantile(z: FloatArray) -> FloatArray:
            below, above = np.full(z.shape, left), np.full(z.shape, right)
            for _ in range(52):
                middle = 0.5 * (below + above)
                under = score(middle) < z
                below, above = np.where(under, middle, below), np.where(under, above, middle)
            return 0.5 * (below + above)

        return tabulate(quantile, tail=Tail.EXP if exp else Tail.LINEAR, low=low, high=high)

    def mean(self) -> float:
        return float(sum(w * p.mean() for w, p in zip(self.weights, self.parents, strict=True)))


@dataclass(frozen=True)
class PowerOfTen(Compound):
    """10**X for a distribution of X: numbers that were stated as orders of magnitude."""

    parent: Family
    factor: float = 1.0
    name: ClassVar[str] = "power_of_ten"

    def scaled(self, factor: float) -> Self:
        return replace(self, factor=self.factor * factor)

    def score_map(self) -> ScoreMap:
        parent = self.parent.score_map()
        return tabulate(lambda z: np.log(10.0) * parent(z), tail=Tail.EXP, scale=self.factor, low=0.0)


@dataclass(frozen=True)
class LogTen(Compound):
    """log10(X) for a positive distribution of X."""

    parent: Family
    name: ClassVar[str] = "log10"

    def scaled(self, factor: float) -> Self:
        raise NotImplementedError("convert the unit before taking the logarithm")

    def score_map(self) -> ScoreMap:
        parent = self.parent.score_map()
        return tabulate(lambda z: np.log10(parent(z)))


def power_of_ten(parent: Family) -> Family:
    """Return the distribution of 10**X."""
    if isinstance(parent, Normal):
        return LogNormal(parent.mu * float(np.log(10.0)), parent.sigma * float(np.log(10.0)))
    return PowerOfTen(parent)


def log_ten(parent: Family) -> Family:
    """Return the distribution of log10(X)."""
    if isinstance(parent, LogNormal):
        return Normal(parent.mu / float(np.log(10.0)), parent.sigma / float(np.log(10.0)))
    if not parent.score_map()(np.array([-LARGEST_SCORE]))[0] > 0.0:
        raise DistributionError(
            "the logarithm of a distribution that reaches 0 or below", allowed="positive values"
        )
    return LogTen(parent)
