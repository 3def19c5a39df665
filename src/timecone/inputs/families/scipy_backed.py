"""What families defined by SciPy share (shapes, a location, a scale), and any other one by its name there."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Final, Self

import numpy as np
from scipy import special

from timecone.errors import DistributionError, suggestion
from timecone.inputs.arguments import level, rising
from timecone.inputs.compiled_quantile import Tail
from timecone.inputs.families.base import Family, require_positive, scipy_stats
from timecone.inputs.families.canonical import canonical, number_text, offset_text
from timecone.inputs.families.fit import fit_quantiles
from timecone.inputs.quantile import Quantile
from timecone.schema import FloatArray

#: SciPy finds each quantile of these by solving an equation of numerical integrals: a table takes half a
#: minute and more, of two of them minutes.
SLOW: Final = ("dpareto_lognorm", "genhyperbolic", "levy_stable", "studentized_range")
#: Where the search for shapes begins, and the greatest number of beginnings.
_SHAPES: Final = (1.0, 0.3, 3.0, -0.3, 10.0)
_MOST_STARTS: Final = 25
_WIDEST: Final = 30.0
#: As many quantiles as free numbers are met exactly, or not at all.
_EXACT: Final = 1e-6
_BY_QUANTILES: Final = "State some of its quantiles in distribution = 'percentiles'."


@dataclass(frozen=True)
class SciPyBacked(Family):
    """location + scale * X, with X one of SciPy's continuous distributions in standard form.

    Attributes
    ----------
    shapes : tuple of float
        In SciPy's order.
    location, scale : float
        In the quantity's unit.
    """

    shapes: tuple[float, ...] = ()
    location: float = 0.0
    scale: float = 1.0

    def standard(self) -> Any:
        """Return the frozen standard form."""
        return getattr(scipy_stats(), self.scipy_name)(*self.shapes)

    @property
    @abstractmethod
    def scipy_name(self) -> str:
        """Name of the distribution in scipy.stats."""

    def scipy(self) -> Any:
        return getattr(scipy_stats(), self.scipy_name)(*self.shapes, loc=self.location, scale=self.scale)

    def scaled(self, factor: float) -> Self:
        return replace(self, location=self.location * factor, scale=self.scale * factor)

    def quantile(self) -> Quantile:
        return scipy_quantile_function(self.standard(), self.location, self.scale)

    def digest_key(self) -> list[Any]:
        place = [offset_text(self.location / self.scale), number_text(self.scale)]
        return [self.name, self.scipy_name, canonical(self.shapes), *place]

    def moved(self, shift: float, unit: float) -> Self:
        """Return shift + unit * X."""
        return replace(self, location=shift + unit * self.location, scale=unit * self.scale)


@contextmanager
def _solving(name: str) -> Iterator[None]:
    """Refuse a distribution whose quantiles SciPy's solvers do not find."""
    try:
        with warnings.catch_warnings():
            # Solvers complain of last digits; what is not a number is refused later on.
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except RuntimeError as error:
        raise DistributionError(
            "scipy-quantiles-fail",
            f"SciPy cannot compute the quantiles of {name} ({str(error).splitlines()[0].rstrip('.')})",
            remedy=_BY_QUANTILES,
        ) from None


def scipy_quantile(rv: Any, z: FloatArray) -> FloatArray:
    """Return the quantile of a frozen SciPy distribution at scores.

    The upper half from the survival function: 1 - p has no digits left in the upper tail.

    Raises
    ------
    DistributionError
        SciPy's solver gives up.
    """
    lower = z <= 0.0
    out = np.empty_like(z)
    with _solving(rv.dist.name):
        out[lower] = rv.ppf(special.ndtr(z[lower]))
        out[~lower] = rv.isf(special.ndtr(-z[~lower]))
    return out


def scipy_quantile_function(rv: Any, shift: float = 0.0, scale: float = 1.0) -> Quantile:
    """Return the quantile function of shift + scale * X for a frozen SciPy distribution X.

    The support chooses the function that takes the tails off the table: exp above a bound, the logistic
    function between two, sinh where there is none.
    """
    low, high = (float(x) for x in rv.support())
    bottom, top = shift + scale * low, shift + scale * high
    tiny = np.finfo(np.float64).tiny
    if np.isfinite(low) and np.isfinite(high):
        width = high - low

        def logit(z: FloatArray) -> FloatArray:
            x = (scipy_quantile(rv, z) - low) / width
            return np.asarray(special.logit(np.clip(x, tiny, 1.0 - 2.0**-53)))

        return Quantile(logit, Tail.LOGISTIC, bottom, scale * width, bottom, top)
    if np.isfinite(low):
        return Quantile(
            lambda z: np.log(np.maximum(scipy_quantile(rv, z) - low, tiny)),
            Tail.EXP, bottom, scale, bottom, top,
        )  # fmt: skip
    lower, middle, upper = scipy_quantile(rv, special.ndtri(np.array([0.25, 0.5, 0.75]))).tolist()
    width = upper - lower
    return Quantile(
        lambda z: np.arcsinh((scipy_quantile(rv, z) - middle) / width),
        Tail.SINH, shift + scale * middle, scale * width, bottom, top,
    )  # fmt: skip


@dataclass(frozen=True)
class AnySciPy(SciPyBacked):
    """Any continuous distribution of scipy.stats, by its name there: ``distribution = "scipy.gumbel_r"``."""

    distribution: str = "norm"
    name: ClassVar[str] = "scipy"
    quantile_count: ClassVar[int] = 0

    @property
    def scipy_name(self) -> str:
        return self.distribution

    @property
    def label(self) -> str:
        return f"scipy.{self.distribution}"

    @classmethod
    def named(cls, distribution: str, arguments: dict[str, float]) -> Family:
        """Build from SciPy's own argument names: shapes, ``loc``, ``scale``."""
        stats = scipy_stats()
        law = getattr(stats, distribution, None)
        if not isinstance(law, stats.rv_continuous):
            known = [n for n in dir(stats) if isinstance(getattr(stats, n), stats.rv_continuous)]
            raise DistributionError(
                "unknown-scipy-distribution",
                "scipy.stats has no such continuous distribution",
                got=distribution,
                remedy=suggestion(distribution, known),
            )
        if distribution in SLOW:
            raise DistributionError(
                "scipy-too-slow",
                "SciPy takes too long to compute the quantiles of this distribution",
                got=distribution,
                remedy=_BY_QUANTILES,
            )
        shapes = [s.strip() for s in (law.shapes or "").split(",") if s.strip()]
        quantiles = {key: value for key, value in arguments.items() if level(key) is not None}
        if quantiles:
            return cls._from_quantiles(
                law, shapes, quantiles, {k: arguments[k] for k in arguments if k not in quantiles}
            )
        missing = [s for s in shapes if s not in arguments]
        unknown = [key for key in arguments if key not in (*shapes, "loc", "scale")]
        if missing or unknown:
            raise DistributionError(
                "undetermined-distribution",
                f"scipy.{distribution} is not determined by these arguments",
                got=sorted(arguments),
                allowed=", ".join([*shapes, "loc", "scale"]),
            )
        values = tuple(arguments[s] for s in shapes)
        scale = arguments.get("scale", 1.0)
        require_positive("scale", scale)
        if not np.isfinite(scipy_quantile(law(*values), np.zeros(1))).all():
            raise DistributionError(
                "scipy-shapes-out-of-range",
                f"the shapes of scipy.{distribution} are out of range",
                got=dict(arguments),
            )
        return cls(values, arguments.get("loc", 0.0), scale, distribution)

    @classmethod
    def _from_quantiles(
        cls, law: Any, shapes: list[str], quantiles: dict[str, float], stated: dict[str, float]
    ) -> Family:
        """Build from quantiles: of shapes, ``loc`` and ``scale``, what is not stated is fitted."""
        name = f"scipy.{law.name}"
        known = [*shapes, "loc", "scale"]
        free = [key for key in known if key not in stated]
        unknown = [key for key in stated if key not in known]
        if unknown or len(quantiles) < len(free) or not free:
            raise DistributionError(
                "undetermined-distribution",
                f"{name} is not determined by these arguments",
                got=sorted([*quantiles, *stated]),
                allowed=f"some of {', '.join(known)}, and as many quantiles (p05, p50, ...) as are left out",
            )
        if "scale" in stated:
            require_positive("scale", stated["scale"])
        levels, values = rising(quantiles)
        middle, unit = float(np.median(values)), float(np.ptp(values)) or float(abs(values[0])) or 1.0

        def build(parameters: FloatArray) -> AnySciPy:
            numbers = dict(zip(free, parameters.tolist(), strict=True))
            if "scale" in numbers:
                numbers["scale"] = unit * float(np.exp(np.clip(numbers["scale"], -_WIDEST, _WIDEST)))
            if "loc" in numbers:
                numbers["loc"] = middle + unit * numbers["loc"]
            numbers |= stated
            return cls(tuple(numbers[s] for s in shapes), numbers["loc"], numbers["scale"], law.name)

        count = sum(key in free for key in shapes)
        places = [[0.0] * ("loc" in free) + [0.0] * ("scale" in free)]
        starts = [[*shape, *place] for shape in product(_SHAPES, repeat=count) for place in places]
        made = fit_quantiles(levels, values, build, starts[:_MOST_STARTS], standardise=False, refuse=False)
        assert isinstance(made, AnySciPy)
        missed = np.max(np.abs(made.scipy().ppf(levels) - values)) / unit
        if not missed < (_EXACT if len(levels) == len(free) else 1.0):
            raise DistributionError(
                "quantiles-not-matched",
                f"{name} does not fit these quantiles",
                got=values.tolist(),
                remedy=_BY_QUANTILES,
            )
        return made
