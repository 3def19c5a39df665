"""Quantities of events that may not come about at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.atoms import Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.density import Density
from timecone.inputs.families.base import Family
from timecone.inputs.families.compound import Compound, Cut, convert
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile, compile_quantile, require_finite
from timecone.schema import FloatArray
from timecone.units import Conversion


@dataclass(frozen=True)
class LowerPart(Compound):
    """Another distribution up to one of its quantiles: what is left of it where higher ones are never.

    Attributes
    ----------
    parent : Family
        The whole distribution.
    level : float
        The quantile, as a probability in (0, 1).
    """

    parent: Family
    level: float
    name: ClassVar[str] = "lower_part"

    def scaled(self, factor: float) -> Self:
        return replace(self, parent=self.parent.scaled(factor))

    def quantile(self) -> Quantile:
        return replace(self._cut.quantile(self.parent.quantile()), atoms=self.atoms)

    @property
    def atoms(self) -> Atoms:
        return self.parent.atoms.map(self._cut.normal_score)

    @property
    def _cut(self) -> Cut:
        return Cut(0.0, 1.0 - self.level, self.level)


@dataclass(frozen=True)
class WithNever(Compound):
    """Another distribution with part of its mass moved to inf.

    inf is the greatest value, so it takes the highest scores: a rank correlation sees it as more than any
    number.

    Attributes
    ----------
    parent : Family
        The distribution of what is finite.
    share : float
        Probability of inf, in (0, 1).
    """

    parent: Family
    share: float
    name: ClassVar[str] = "mixture"

    def scaled(self, factor: float) -> Self:
        return replace(self, parent=self.parent.scaled(factor))

    def quantile(self) -> Quantile:
        """Return the quantile function of the finite part, in the score of the whole."""
        parent, within = self.parent.quantile(), 1.0 - self.share

        def parent_score(z: np.ndarray) -> np.ndarray:
            below = special.ndtr(z) / within
            above = (special.ndtr(-z) - self.share) / within
            score = np.where(below < above, special.ndtri(below), -special.ndtri(np.maximum(above, 0.0)))
            return np.minimum(score, LARGEST_SCORE)

        kinks = special.ndtri(within * special.ndtr(parent.corners()))
        return replace(parent, y=lambda z: parent.y(parent_score(z)), kinks=np.append(kinks, self._edge),
                       exact=None, inverse=None, atoms=self._finite_atoms)  # fmt: skip

    @property
    def _finite_atoms(self) -> Atoms:
        return self.parent.atoms.map(lambda z: special.ndtri((1.0 - self.share) * special.ndtr(z)))

    @property
    def atoms(self) -> Atoms:
        kept = self._finite_atoms
        ends = ([np.inf], [self._edge], [np.inf])
        parts = zip((kept.values, kept.starts, kept.stops), ends, strict=True)
        return Atoms(*(np.append(part, end) for part, end in parts))

    def require_bounds(self, bounds: Mapping[str, Any]) -> None:
        if bounds:
            raise DistributionError(
                "bounds-with-infinite-share",
                "a distribution with infinite values cannot be truncated or clamped",
                got=dict(bounds),
                remedy="Bound the components of a mixture.",
            )

    def converted(self, how: Conversion) -> Family:
        return replace(self, parent=convert(self.parent, how))

    def log_density(self, values: FloatArray) -> Density:
        never = np.isposinf(values)
        finite = self.parent.log_density(np.where(never, 0.0, values))
        log = np.where(never, np.log(self.share), np.log1p(-self.share) + finite.log)
        return Density(log, never | finite.atom)

    @property
    def remark(self) -> str:
        return f"never in {100.0 * self.share:.4g} %"

    @classmethod
    def above(cls, parent: Family, level: float) -> Self:
        """Return a distribution with its values above one of its quantiles replaced by inf."""
        return cls(LowerPart(parent, level), 1.0 - level)

    @property
    def _edge(self) -> float:
        return float(-special.ndtri(self.share))

    def require_finite(self) -> None:
        require_finite(self.parent.quantile(), self.label)

    def _compile(self) -> CompiledQuantile:
        return replace(compile_quantile(self.quantile(), self.label), atoms=self.atoms)

    def mean(self) -> float:
        return float(np.inf)
