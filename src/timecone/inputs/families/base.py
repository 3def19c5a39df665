"""Base class of the families of distributions.

A family is a class that knows everything about itself: the arguments that it takes, how moments and quantiles
determine it, its quantile function, its density, how it changes with its unit, and what identifies it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError, suggestion
from timecone.inputs.arguments import level, number, rising
from timecone.inputs.atoms import NO_ATOMS, Atoms
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.density import Density, density_along_scores
from timecone.inputs.families.canonical import canonical
from timecone.inputs.families.memo import Memo
from timecone.inputs.normal_score import LARGEST_SCORE
from timecone.inputs.quantile import LARGEST_VALUE, Quantile, compile_quantile, require_finite
from timecone.schema import FloatArray
from timecone.units import Conversion

#: Probability beyond either end of the example of a range, the first that gives numbers.
_RARE: Final = (1e-3, 1e-2, 0.1, 0.25, 0.4)
# Tables that are kept for other families of equal content: some hundreds.
_MOST_BYTES: Final = 64_000_000
_CLOSED_FORM_BYTES: Final = 1000
#: What families compute once and do not pickle.
_CACHED: Final = ("_compiled", "_parts", "_cut", "atoms")


def require_order(low: float, high: float) -> None:
    """Refuse bounds that are not in order."""
    if not low < high:
        raise DistributionError(
            "bounds-not-increasing",
            "the lower bound is not below the upper one",
            got=(float(low), float(high)),
            allowed="low < high",
        )


def require_positive(name: str, value: float) -> None:
    """Refuse a number that is not above 0."""
    if not value > 0.0:
        raise DistributionError(
            "not-positive", f"{name} is not positive", got=float(value), allowed=f"{name} > 0"
        )


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

    A subclass is a frozen dataclass of its parameters, decorated by `registry.register`. It must define

    - ``name``, and the arguments that it takes: ``forms``, ``optional``, ``quantile_count``, ``fixed``;
    - `from_moments` and, where quantiles determine it, `from_quantiles`;
    - `scaled`, `scipy` and `quantile`: unit change, SciPy's distribution, and the quantile function.

    A family with arguments that are not plain numbers defines ``accepts``, ``description`` and
    `from_arguments` instead. `digest_key` must be defined where a change of unit changes a location or a
    logarithm; `log_density` where neither SciPy's density nor that of the quantile function will do.
    """

    #: Name in a scenario file.
    name: ClassVar[str]
    #: Accepted sets of arguments, besides quantiles.
    forms: ClassVar[tuple[tuple[str, ...], ...]] = ()
    #: Arguments that may be left out, and their values.
    optional: ClassVar[dict[str, float]] = {}
    #: Least number of quantiles that determine the family; 0 where none are accepted.
    quantile_count: ClassVar[int] = 2
    #: Arguments that must accompany quantiles.
    fixed: ClassVar[tuple[str, ...]] = ()
    #: All arguments but quantiles and bounds, of a family that reads its arguments by itself.
    accepts: ClassVar[tuple[str, ...]] = ()
    #: Text for the table of families, of a family that reads its arguments by itself.
    description: ClassVar[str] = ""

    @classmethod
    def arguments(cls) -> tuple[str, ...]:
        """Return the arguments that the family takes, besides quantiles and bounds."""
        return tuple(
            dict.fromkeys([*cls.accepts, *(k for f in cls.forms for k in f), *cls.optional, *cls.fixed])
        )

    @classmethod
    def described(cls) -> str:
        """Return in words what determines the family."""
        if cls.description:
            return cls.description
        parts = [" and ".join(form) for form in cls.forms]
        if cls.quantile_count:
            plural = "s" if cls.quantile_count > 1 else ""
            others = "".join(f" and {key}" for key in cls.fixed if key not in cls.optional)
            parts.append(f"{cls.quantile_count} quantile{plural} or more (p05, p50, p95, ...){others}")
        return ", or ".join(parts)

    @classmethod
    def read(cls, arguments: dict[str, Any], folder: Path | None) -> dict[str, Any]:
        """Return arguments with what they refer to: contents in place of names of files."""
        return arguments

    @classmethod
    def with_defaults(cls, arguments: dict[str, Any], quantity: str) -> dict[str, Any]:
        """Return arguments with what is left out because the quantity's name says it."""
        return arguments

    @classmethod
    def from_arguments(cls, arguments: dict[str, Any]) -> Family:
        """Build from arguments, without bounds.

        Raises
        ------
        DistributionError
            The arguments do not determine one distribution of this family.
        """
        numbers = {key: number(key, value) for key, value in arguments.items()}
        quantiles = {key: value for key, value in numbers.items() if level(key) is not None}
        others = {key: value for key, value in numbers.items() if key not in quantiles}
        return cls._by_quantiles(quantiles, others) if quantiles else cls._by_moments(others)

    @classmethod
    def _by_moments(cls, moments: dict[str, float]) -> Family:
        required = set(moments) - set(cls.optional)
        if any(set(form) == required for form in cls.forms):
            return cls.from_moments(cls.optional | moments)
        known = [*{key: None for form in cls.forms for key in form}, *cls.optional]
        unknown = [key for key in moments if key not in known]
        if unknown:
            raise DistributionError(
                "unknown-argument",
                f"{cls.name} takes no {unknown[0]!r}",
                got=sorted(moments),
                allowed=cls.described(),
                remedy=suggestion(unknown[0], [*known, "truncate", "clamp"]),
            )
        raise DistributionError(
            "undetermined-distribution",
            f"{cls.name} is not determined by these arguments",
            got=sorted(moments),
            allowed=cls.described(),
        )

    @classmethod
    def _by_quantiles(cls, quantiles: dict[str, float], others: dict[str, float]) -> Family:
        fixed = {key: value for key, value in (cls.optional | others).items() if key in cls.fixed}
        enough = 0 < cls.quantile_count <= len(quantiles)
        if set(others) - set(cls.fixed) or set(fixed) != set(cls.fixed) or not enough:
            raise DistributionError(
                "undetermined-distribution",
                f"{cls.name} is not determined by these arguments",
                got=sorted([*quantiles, *others]),
                allowed=cls.described(),
                remedy="Any set of quantiles makes a distribution = 'percentiles'.",
            )
        return cls.from_quantiles(*rising(quantiles), fixed)

    @classmethod
    def from_moments(cls, arguments: dict[str, float]) -> Family:
        """Build from one of `forms`."""
        raise NotImplementedError

    @classmethod
    def from_quantiles(cls, levels: FloatArray, values: FloatArray, fixed: dict[str, float]) -> Family:
        """Build from increasing quantiles: exactly from the least number, else by least squares."""
        raise NotImplementedError

    @classmethod
    def require_component(cls) -> None:
        """Refuse to be a component of a mixture, if the family cannot be one."""

    def require_bounds(self, bounds: Mapping[str, Any]) -> None:
        """Refuse bounds (``truncate``, ``clamp``) on a family that takes none."""

    @abstractmethod
    def scaled(self, factor: float) -> Self:
        """Return the distribution of ``factor`` times the quantity, ``factor`` above 0."""

    @abstractmethod
    def scipy(self) -> Any:
        """Return the frozen SciPy distribution; NotImplementedError where there is none."""

    @abstractmethod
    def quantile(self) -> Quantile:
        """Return the exact quantile function over the normal score."""

    def log_density(self, values: FloatArray) -> Density:
        """Return the log density of values; -inf where there is none.

        From SciPy's distribution where there is one, else from the quantile function that draws go through.

        Raises
        ------
        DistributionError
            It is a sample, which has no density.
        """
        try:
            defined = self.scipy()
        except NotImplementedError:
            return density_along_scores(self.compiled(), values)
        with np.errstate(divide="ignore", invalid="ignore"):
            return Density(np.asarray(defined.logpdf(values)), np.zeros(values.shape, dtype=np.bool_))

    def digest_key(self) -> list[Any]:
        """Return name and numbers, as text: the same in whatever unit they were stated."""
        known: Any = self
        return [self.name, *(canonical(getattr(known, field.name)) for field in fields(known))]

    def converted(self, how: Conversion) -> Family | None:
        """Return the distribution in another unit, of a family that converts in a way of its own."""
        return None

    def power_of_ten(self) -> Family | None:
        """Return the distribution of 10**X, where it is a family in closed form."""
        return None

    def log_ten(self) -> Family | None:
        """Return the distribution of log10(X), where it is a family in closed form."""
        return None

    def text(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Return the distribution as one line, from the name and the arguments that its author stated."""
        inner = ", ".join(
            f"{k}={v:g}" if isinstance(v, (int, float)) else f"{k}={v}" for k, v in arguments.items()
        )
        return f"{name}({inner})"

    @property
    def atoms(self) -> Atoms:
        """The values of positive probability."""
        return NO_ATOMS

    @property
    def exact_values(self) -> FloatArray:
        """Values that a conversion back to the author's unit must give exactly."""
        return self.atoms.values

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
        quantile = self.quantile()
        try:
            require_finite(quantile, self.label)
        except DistributionError as error:
            remedy = None if error.where else _example_range(quantile)
            if remedy is None:
                raise
            raise DistributionError(
                error.code, error.what, got=error.got, allowed=error.allowed, remedy=remedy
            ) from None

    def compiled(self) -> CompiledQuantile:
        """Return the quantile function over the normal score, compiled.

        Raises
        ------
        DistributionError
            It is not finite everywhere.
        """
        return self._compiled

    @cached_property
    def _compiled(self) -> CompiledQuantile:
        return _TABLES.of(self._compile, self)

    def _compile(self) -> CompiledQuantile:
        self.require_finite()
        return compile_quantile(self.quantile(), self.label)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in _CACHED}

    def ppf(self, p: FloatArray) -> FloatArray:
        """Return the quantiles at probabilities ``p`` in (0, 1)."""
        scores = special.ndtri(np.asarray(p, dtype=np.float64))
        return self.compiled()(np.asarray(scores, dtype=np.float64))

    def mean(self) -> float:
        """Return the mean; inf or NaN where it does not exist."""
        return float(self.scipy().mean())


def _bytes_of(compiled: CompiledQuantile) -> int:
    return _CLOSED_FORM_BYTES + (0 if compiled.table is None else compiled.table.nbytes)


# Compiled quantile functions of families, by their content.
_TABLES: Final = Memo(_MOST_BYTES, _bytes_of)


def _example_range(quantile: Quantile) -> str | None:
    """Return the advice to state a range, with the quantiles beyond which draws are rare for example.

    Nothing is cut off that the author did not ask for: how far a tail goes is an assumption like any other.
    """
    bottom, top = quantile(np.array([-LARGEST_SCORE, LARGEST_SCORE])).tolist()
    for rare in _RARE:
        low, high = quantile(special.ndtri(np.array([rare, 1.0 - rare]))).tolist()
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


def atoms_of(compiled: CompiledQuantile, values: FloatArray) -> Atoms:
    """Return which of some increasing values are atoms of a quantile function that is exact at them."""
    return Atoms.of(values, compiled.normal_score(values), compiled.normal_score(values, right=True))


def mean_over_scores(compiled: CompiledQuantile) -> float:
    """Return a mean by quadrature, for families that have no formula.

    Gauss-Hermite would miss the tails of a spline; small steps of the score do not. They begin anew wherever
    the function jumps or bends.
    """
    atoms = compiled.atoms
    edges = [np.linspace(-LARGEST_SCORE, LARGEST_SCORE, 20_001), atoms.starts, atoms.stops]
    if compiled.table is not None:
        edges.append(compiled.table.knots)
    z = np.unique(np.clip(np.concatenate(edges), -LARGEST_SCORE, LARGEST_SCORE))
    # From the tail in which probabilities keep their digits.
    mass = np.where(z[1:] < 0.0, np.diff(special.ndtr(z)), -np.diff(special.ndtr(-z)))
    return float(np.sum(compiled(0.5 * (z[1:] + z[:-1])) * mass) / np.sum(mass))
