"""Mixtures of distributions: several experts, several anchors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.arguments import number
from timecone.inputs.atoms import Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile, Tail
from timecone.inputs.families.base import Family
from timecone.inputs.families.checks import require_known, require_probabilities
from timecone.inputs.families.classic import Point
from timecone.inputs.families.compound import Compound, score_from_tails
from timecone.inputs.families.never import WithNever
from timecone.inputs.families.parse import resolve
from timecone.inputs.families.registry import SCIPY, find, register
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray

# A range so much wider than the middle needs logarithms, or their like on both sides of 0.
_WIDE = 1e3
_BISECTIONS = 60
_FORMULAS = (
    "Parts that are formulas or tables: state their weights in [choices.NAME], and here by = 'NAME' with a"
    " form for each of its values."
)
# On either side of a jump, in score.
_BESIDE = 1e-9


@register
@dataclass(frozen=True)
class Mixture(Compound):
    """One of several distributions, with weights: several experts, several anchors."""

    parents: tuple[Family, ...]
    weights: tuple[float, ...]
    name: ClassVar[str] = "mixture"
    accepts: ClassVar[tuple[str, ...]] = ("components",)
    description: ClassVar[str] = "components, each with weight, distribution and its arguments"

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from components, each a distribution with its weight."""
        require_known(arguments, cls)
        components = arguments.get("components")
        if not isinstance(components, Sequence) or isinstance(components, str) or not components:
            raise DistributionError(
                "mixture-without-components",
                "mixture needs components",
                got=components,
                allowed="components = [{ weight = ..., distribution = ..., ... }, ...]",
            )
        parents, weights = [], []
        for k, component in enumerate(components):
            where = f"components[{k}]"
            if not isinstance(component, Mapping) or not {"weight", "distribution"} <= set(component):
                formula = isinstance(component, Mapping) and {"expression", "by", "of"} & set(component)
                raise DistributionError(
                    "incomplete-mixture-component",
                    "a component lacks its weight or its distribution",
                    where=where,
                    got=component,
                    remedy=_FORMULAS if formula else None,
                )
            inner = dict(component)
            weights.append(number(f"{where}.weight", inner.pop("weight")))
            try:
                parents.append(_component(_name(inner.pop("distribution")), inner))
            except DistributionError as error:
                raise error.at(f"{where}: " if error.where is None else f"{where}.") from None
        require_probabilities("weights", weights)
        # A part of weight 0 is read, so that what is wrong with it is said, and never drawn.
        kept = [(parent, weight) for parent, weight in zip(parents, weights, strict=True) if weight > 0.0]
        return _mixed([parent for parent, _ in kept], tuple(weight for _, weight in kept))

    def scaled(self, factor: float) -> Self:
        return replace(self, parents=tuple(parent.scaled(factor) for parent in self.parents))

    def quantile(self) -> Quantile:
        parts = self._parts
        ends = parts.quantiles(np.array([-LARGEST_SCORE, LARGEST_SCORE]))
        quarters = parts.quantiles(special.ndtri(np.array([0.25, 0.75])))
        low, high = float(ends.min()), float(ends.max())
        width = float(np.ptp(quarters)) or 1.0
        bare = Quantile(lambda z: z, low=low, high=high)
        if low > 0.0 and high / low > _WIDE:
            bare = replace(bare, tail=Tail.EXP)
        elif high - low > _WIDE * width:
            bare = replace(bare, tail=Tail.SINH, shift=float(quarters.mean()), scale=width)
        return replace(
            bare,
            y=lambda z: parts.y(bare, z),
            kinks=self._kinks(parts),
            inverse=lambda values, right: parts.normal_score(values, right=right),
            atoms=self.atoms,
        )

    @cached_property
    def _parts(self) -> _Parts:
        return _Parts([parent.compiled() for parent in self.parents], np.array(self.weights))

    @cached_property
    def atoms(self) -> Atoms:
        values = np.unique(np.concatenate([parent.atoms.values for parent in self.parents]))
        return Atoms.of(
            values, self._parts.normal_score(values, right=False), self._parts.normal_score(values)
        )

    def _kinks(self, parts: _Parts) -> FloatArray:
        """Return the scores at which a part begins, ends, jumps or stands still."""
        values = []
        for parent, part in zip(self.parents, parts.maps, strict=True):
            corners = parent.quantile().corners()
            ends = np.array([-LARGEST_SCORE, LARGEST_SCORE])
            values.append(part(np.concatenate([corners - _BESIDE, corners + _BESIDE, ends])))
        every = np.unique(np.concatenate(values))
        edges = np.concatenate([parts.normal_score(every, right=right) for right in (False, True)])
        return edges[np.isfinite(edges)]

    def mean(self) -> float:
        return float(sum(w * p.mean() for w, p in zip(self.weights, self.parents, strict=True)))


class _Parts(NamedTuple):
    """The compiled parts of a mixture and their weights."""

    maps: list[CompiledQuantile]
    weights: FloatArray

    def quantiles(self, z: FloatArray) -> FloatArray:
        """Return each part's own quantiles, shape (parts, scores)."""
        return np.array([part(z) for part in self.maps])

    def normal_score(self, values: FloatArray, *, right: bool = True) -> FloatArray:
        """Return the score of the mixture's mass below values, or with ``right`` not above them."""
        scores = np.array([part.normal_score(values, right=right) for part in self.maps])
        return score_from_tails(self.weights @ special.ndtr(scores), self.weights @ special.ndtr(-scores))

    def y(self, bare: Quantile, z: FloatArray) -> FloatArray:
        """Return y of the mixture's quantiles by bisection between the parts' own quantiles."""
        own = bare.tail.inverse((self.quantiles(z) - bare.shift) / bare.scale)
        under, over = own.min(axis=0), own.max(axis=0)
        for _ in range(_BISECTIONS):
            middle = 0.5 * (under + over)
            short = self.normal_score(bare.shift + bare.scale * bare.tail.forward(middle)) < z
            under, over = np.where(short, middle, under), np.where(short, over, middle)
        return over


def _component(name: str, arguments: dict[str, Any]) -> Family:
    if not name.startswith(SCIPY):
        find(name).require_component()
    return resolve(name, arguments)


def _mixed(parents: list[Family], weights: tuple[float, ...]) -> Family:
    """Return a mixture; what is inf in it becomes one share of the whole."""
    finite = [
        (parent.parent, weight * (1.0 - parent.share)) if isinstance(parent, WithNever) else (parent, weight)
        for parent, weight in zip(parents, weights, strict=True)
        if parent != Point(math.inf)
    ]
    if not finite:
        return Point(math.inf)
    if [family for family, _ in finite] == parents:
        return Mixture(tuple(parents), weights)
    within, every = sum(weight for _, weight in finite), sum(weights)
    never = sum(w for p, w in zip(parents, weights, strict=True) if p == Point(math.inf))
    never += sum(w * p.share for p, w in zip(parents, weights, strict=True) if isinstance(p, WithNever))
    mixed = Mixture(tuple(family for family, _ in finite), tuple(w / within for _, w in finite))
    return WithNever(mixed, never / every)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise DistributionError(
            "distribution-name-not-text", "the name of a distribution is not text", got=name
        )
    return name
