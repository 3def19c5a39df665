"""What a family of distributions knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.curve import LARGEST_VALUE, Curve, require_finite, tabulate
from timecone.inputs.score import LARGEST_SCORE
from timecone.inputs.score_map import ScoreMap
from timecone.schema import FloatArray

#: Probability beyond either end of the example of a range, the first that gives numbers.
_RARE: Final = (1e-3, 1e-2, 0.1, 0.25, 0.4)
#: What families compute once and do not pickle.
_CACHED: Final = ("_compiled", "_parts", "_cut", "atoms")


def require_order(low: float, high: float) -> None:
    """Refuse bounds that are not in order."""
    if not low < high:
        raise DistributionError(
            "the lower bound is not below the upper one", got=(float(low), float(high)), allowed="low < high"
        )


def require_positive(name: str, value: float) -> None:
    """Refuse a number that is not above 0."""
    if not value > 0.0:
        raise DistributionError(f"{name} is not positive", got=float(value), allowed=f"{name} > 0")


def scipy_stats() -> Any:
    """Return scipy.stats, which takes a second to import and which few scenarios need."""
    from scipy import stats  # noqa: PLC0415

    return stats


def least_squares_line(x: FloatArray, y: FloatArray) -> tuple[float, float]:
    """Return intercept and slope of the line through points; exact for two of them."""
    centre = x.mean()
    slope = float(np.sum((x - centre) * (y - y.mean())) / np.sum((x - centre) ** 2))
    return float(y.mean() - slope * centre), slope


class Family(ABC):
    """A distribution with resolved parameters.

    A family knows three things: the SciPy distribution that defines it, how it changes when its unit
    changes, and its quantile function over the normal score.
    """

    name: ClassVar[str]
    #: Accepted sets of arguments, besides quantiles.
    forms: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: Arguments that may be left out, and their values.
    optional: ClassVar[dict[str, float]] = {}
    #: Least number of quantiles that determine the family; 0 where none are accepted.
    quantile_count: ClassVar[int] = 2
    #: Arguments that must accompany quantiles.
    fixed: ClassVar[tuple[str, ...]] = ()

    @classmethod
    @abstractmethod
    def from_moments(cls, given: dict[str, float]) -> Family:
        """Build from one of `forms`."""

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        """Build from increasing quantiles: exactly from the least number, else by least squares."""
        raise NotImplementedError

    @abstractmethod
    def scaled(self, factor: float) -> Self:
        """Return the distribution of ``factor`` times the quantity, ``factor`` above 0."""

    @abstractmethod
    def scipy(self) -> Any:
        """Return the frozen SciPy distribution; NotImplementedError where there is none."""

    @abstractmethod
    def curve(self) -> Curve:
        """Return the exact quantile function over the normal score."""

    @property
    def atoms(self) -> Atoms:
        """The values of positive probability."""
        return NO_ATOMS

    @property
    def remark(self) -> str:
        """What a reader of its quantiles should know besides; empty for most families."""
        return ""

    @property
    def label(self) -> str:
        """The name in a scenario file."""
        return self.name

    def require_finite(self) -> None:
        """Refuse a distribution whose draws may overflow, or whose ends are no numbers.

        Raises
        ------
        DistributionError
            Where draws overflow, the remedy states a range that would do.
        """
        curve = self.curve()
        try:
            require_finite(curve, self.label)
        except DistributionError as error:
            remedy = None if error.where else _example_range(curve)
            if remedy is None:
                raise
            raise DistributionError(error.what, got=error.got, allowed=error.allowed, remedy=remedy) from None

    def score_map(self) -> ScoreMap:
        """Return the quantile function over the normal score, compiled.

        Raises
        ------
        DistributionError
            It is not finite everywhere.
        """
        return self._compiled

    @cached_property
    def _compiled(self) -> ScoreMap:
        self.require_finite()
        return tabulate(self.curve(), self.label)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in _CACHED}

    def ppf(self, p: FloatArray) -> FloatArray:
        """Return the quantiles at probabilities ``p`` in (0, 1)."""
        scores = special.ndtri(np.asarray(p, dtype=np.float64))
        return self.score_map()(np.asarray(scores, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean; inf or NaN where it does not exist."""
        return float(self.scipy().mean())


def _example_range(curve: Curve) -> str | None:
    """Return the advice to state a range, with the quantiles beyond which draws are rare for example.

    Nothing is cut off that the author did not ask for: how far a tail goes is an assumption like any other.
    """
    bottom, top = curve(np.array([-LARGEST_SCORE, LARGEST_SCORE])).tolist()
    for rare in _RARE:
        low, high = curve(special.ndtri(np.array([rare, 1.0 - rare]))).tolist()
        if np.isfinite([low, high]).all() and low < high:
            break
    else:
        return None
    # An end that is 0 may be one that underflows.
    parts = [f"low = {low:.3g}"] * (bottom == 0.0 or not abs(bottom) < LARGEST_VALUE)
    parts += [f"high = {high:.3g}"] * (not abs(top) < LARGEST_VALUE)
    bounds = f"{{ {', '.join(parts)} }}"
    ends = "either end" if len(parts) > 1 else "that end"
    return (
        f"State the range that you mean, for instance truncate = {bounds}, which leaves out one draw in"
        f" {1.0 / rare:,.0f} at {ends}; clamp = {bounds} moves such draws onto the bound."
    )


def atoms_of(score_map: ScoreMap, values: FloatArray) -> Atoms:
    """Return which of some increasing values are atoms of a quantile function that is exact at them."""
    return Atoms.of(values, score_map.score(values), score_map.score(values, right=True))


def mean_over_scores(score_map: ScoreMap) -> float:
    """Return a mean by quadrature, for families that have no formula.

    Gauss-Hermite would miss the tails of a spline; small steps of the score do not. They begin anew wherever
    the function jumps or bends.
    """
    atoms = score_map.atoms
    edges = [np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 20_001), atoms.starts, atoms.stops]
    if score_map.table is not None:
        edges.append(score_map.table.knots)
    z = np.unique(np.clip(np.concatenate(edges), -LARGEST_SCORE, LARGEST_SCORE))
    # From the tail in which probabilities keep their digits.
    mass = np.where(z[1:] < 0.0, np.diff(special.ndtr(z)), -np.diff(special.ndtr(-z)))
    return float(np.sum(score_map(0.5 * (z[1:] + z[:-1])) * mass) / np.sum(mass))
