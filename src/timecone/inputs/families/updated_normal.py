"""A normal distribution of a required level, updated on trials that did not reach it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from scipy.interpolate import PchipInterpolator

from timecone.errors import DistributionError
from timecone.inputs.arguments import list_of_numbers, number
from timecone.inputs.families.base import Family, require_positive
from timecone.inputs.families.canonical import number_text, offset_text
from timecone.inputs.families.checks import require_known
from timecone.inputs.families.compound import Compound, score_from_tails
from timecone.inputs.families.registry import register
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray

# Scores of the prior, and of the answer, between which the update is integrated.
_REACH = LARGEST_SCORE + 2.0
_POINTS = 2001
_NODES = 5
_LEAST_MASS = 1e-12


@register
@dataclass(frozen=True)
class UpdatedNormal(Compound):
    """A normal prior X times the probability that trials below it all failed.

    The density is proportional to

        exp(-((x - mean) / sd)**2 / 2) * exp(-sum of counts[j] * 10**(slope * (levels[j] - x)))

    A trial at a level below the required one succeeds at a rate that falls by the factor 10**slope with each
    unit of the distance; ``counts[j]`` trials were made at ``levels[j]`` and none has succeeded.

    Attributes
    ----------
    mean, sd : float
        Of the prior.
    levels : tuple of float
        Of the trials, increasing.
    counts : tuple of float
        How many trials were made at each level.
    slope : float
        Decades of the rate of success per unit of the distance.
    """

    prior_mean: float
    sd: float
    levels: tuple[float, ...]
    counts: tuple[float, ...]
    slope: float
    name: ClassVar[str] = "updated_normal"
    accepts: ClassVar[tuple[str, ...]] = ("mean", "sd", "levels", "counts", "slope")
    description: ClassVar[str] = (
        "mean and sd of the prior; levels, counts and slope of the trials that failed"
    )

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from the prior's moments and the trials."""
        require_known(arguments, cls)
        levels = list_of_numbers("levels", arguments.get("levels"))
        counts = list_of_numbers("counts", arguments.get("counts"))
        _require_trials(levels, counts)
        sd, slope = (number(key, arguments.get(key)) for key in ("sd", "slope"))
        require_positive("sd", sd)
        require_positive("slope", slope)
        made = cls(number("mean", arguments.get("mean")), sd, tuple(levels), tuple(counts), slope)
        if made.kept_share() < _LEAST_MASS:
            raise DistributionError(
                "empty-update",
                "the trials leave no probability",
                got=made.kept_share(),
                allowed="a share above 0",
            )
        return made

    def log_likelihood(self, values: FloatArray) -> FloatArray:
        """Return the logarithm of the probability that all trials failed, where ``values`` are required."""
        exponents = self.slope * np.subtract.outer(np.asarray(values, dtype=np.float64), self.levels)
        with np.errstate(over="ignore"):
            return np.asarray(-(10.0**-exponents) @ np.array(self.counts))

    def kept_share(self) -> float:
        """Return the share of the prior that the trials leave."""
        return float(self._cumulated()[1][-1])

    def scaled(self, factor: float) -> Self:
        return replace(
            self,
            prior_mean=self.prior_mean * factor,
            sd=self.sd * factor,
            levels=tuple(level * factor for level in self.levels),
            slope=self.slope / factor,
        )

    def digest_key(self) -> list[Any]:
        return [
            self.name,
            number_text(self.sd),
            offset_text(self.prior_mean / self.sd),
            [offset_text(level / self.sd) for level in self.levels],
            [number_text(count) for count in self.counts],
            number_text(self.slope * self.sd),
        ]

    def quantile(self) -> Quantile:
        scores, below, above = self._cumulated()
        share = below[-1]
        own = score_from_tails(below / share, above / share)
        chosen = np.isfinite(own) & (np.abs(own) < _REACH)
        own, first = np.unique(own[chosen], return_index=True)
        prior_score = PchipInterpolator(own, scores[chosen][first], extrapolate=True)
        return Quantile(lambda z: np.asarray(self.prior_mean + self.sd * prior_score(z)))

    def _cumulated(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return scores of the prior, and the mass of prior times likelihood below and above them.

        By Gauss-Legendre quadrature in each interval.
        """
        scores = np.linspace(-_REACH, _REACH, _POINTS)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        half = 0.5 * (scores[1] - scores[0])
        inside = 0.5 * (scores[1:] + scores[:-1])[:, None] + half * nodes
        density = np.exp(-0.5 * inside**2 + self.log_likelihood(self.prior_mean + self.sd * inside))
        parts = half / np.sqrt(2.0 * np.pi) * (density @ weights)
        below = np.append(0.0, np.cumsum(parts))
        above = np.append(np.cumsum(parts[::-1])[::-1], 0.0)
        return scores, below, above


def _require_trials(levels: Sequence[float], counts: Sequence[float]) -> None:
    """Refuse trials without as many counts as levels, in order."""
    if not levels or len(levels) != len(counts):
        raise DistributionError(
            "trials-size",
            "an update needs one or more levels and as many counts",
            got=(len(levels), len(counts)),
        )
    for k, (current, following) in enumerate(pairwise(levels)):
        if not current < following:
            raise DistributionError(
                "trials-not-increasing",
                "the levels do not increase",
                where=f"levels[{k + 1}]",
                got=following,
                allowed=f"above {current:g}",
            )
    for k, count in enumerate(counts):
        if count < 0.0:
            raise DistributionError(
                "trials-negative", "a count is negative", where=f"counts[{k}]", got=count, allowed="0 or more"
            )
