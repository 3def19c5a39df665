"""Elicitation: distributions fitted to judgements, stated as quantiles or as chips laid in bins (roulette).

A few stated points of a cumulative distribution function go in; every candidate family comes out, with the
stated points beside the fitted ones. Squares are least over probabilities, as in the SHELF protocol, or over
quantiles, as the families themselves do it where a scenario states more quantiles than they have parameters.

O'Hagan et al. 2006, "Uncertain Judgements: Eliciting Experts' Probabilities", Wiley. Morris, Oakley & Crowe
2014, "A web-based tool for eliciting probability distributions from experts", Environmental Modelling &
Software 52. Gosling 2018, "SHELF: the Sheffield Elicitation Framework", in "Elicitation", Springer. The
roulette: Gore 1987, "Biostatistics and the Medical Research Council".
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import tomli_w
from scipy import special

from timecone.errors import ArgumentError, DistributionError, suggestion
from timecone.inputs.arguments import level, number, quantile_key, rising
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import FAMILIES
from timecone.inputs.families.base import least_squares_line
from timecone.schema import FloatArray

#: Where the squares are taken that the fit makes least.
SPACES: Final = ("probability", "quantile")
#: Most quantiles or bins that one judgement may have.
MOST_POINTS: Final = 200
#: Degrees of freedom of Student's t, as in SHELF.
_DF: Final = 3.0
_FEWEST: Final = 2
#: Values that span a factor of this size are interpolated by their logarithm.
_WIDE: Final = 10.0
#: Significant digits of fitted arguments.
_DIGITS: Final = 8
#: Difference in probability that is not worth a word.
_MET: Final = 0.0005
#: Farthest that a positive argument may move from its start, as a logarithm.
_FAR: Final = 20.0
_PARAMETER: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class _Candidate:
    """A family that can be fitted to probabilities.

    Attributes
    ----------
    name : str
        The family.
    free : mapping of str to str
        Arguments that are fitted, and how they move: "shift" by the spread of the stated values, "scale" by a
        positive factor, "shape" by any number.
    starts : callable
        From the location and scale of the values (positive families: of their logarithms) to first arguments.
    cdf : callable
        Distribution function of values, from the arguments.
    """

    name: str
    free: Mapping[str, str]
    starts: Callable[[float, float], Sequence[Mapping[str, float]]]
    cdf: Callable[..., FloatArray]


_CANDIDATES: Final = (
    _Candidate(
        "normal",
        {"mean": "shift", "sd": "scale"},
        lambda m, s: [{"mean": m, "sd": s}],
        lambda x, mean, sd: special.ndtr((x - mean) / sd),
    ),
    _Candidate(
        "student_t",
        {"location": "shift", "scale": "scale"},
        lambda m, s: [{"location": m, "scale": s}],
        lambda x, location, scale, df: special.stdtr(df, (x - location) / scale),
    ),
    _Candidate(
        "skew_normal",
        {"skew": "shape", "location": "shift", "scale": "scale"},
        lambda m, s: [{"skew": k, "location": m - 0.5 * s * np.sign(k), "scale": s} for k in (-2.0, 2.0)],
        lambda x, skew, location, scale: _skew_normal((x - location) / scale, skew),
    ),
    _Candidate(
        "lognormal",
        {"median": "scale", "sigma": "scale"},
        lambda m, s: [{"median": math.exp(m), "sigma": s}],
        lambda x, median, sigma: special.ndtr(np.log(x / median) / sigma),
    ),
    _Candidate(
        "gamma",
        {"shape": "scale", "scale": "scale"},
        lambda m, s: [{"shape": 1.0 / s**2, "scale": math.exp(m) * s**2}],
        lambda x, shape, scale: special.gammainc(shape, x / scale),
    ),
    _Candidate(
        "weibull",
        {"shape": "scale", "scale": "scale"},
        lambda m, s: [{"shape": 1.2 / s, "scale": math.exp(m + 0.5 * s)}],
        lambda x, shape, scale: -np.expm1(-((x / scale) ** shape)),
    ),
    _Candidate(
        "exponential",
        {"mean": "scale"},
        lambda m, _: [{"mean": math.exp(m)}],
        lambda x, mean: -np.expm1(-x / mean),
    ),
    _Candidate(
        "beta",
        {"alpha": "scale", "beta": "scale"},
        lambda _, __: [{"alpha": a, "beta": b} for a, b in ((2.0, 2.0), (1.0, 4.0), (4.0, 1.0))],
        lambda x, alpha, beta, low, high: special.betainc(alpha, beta, (x - low) / (high - low)),
    ),
)


def _skew_normal(z: FloatArray, skew: float) -> FloatArray:
    return np.asarray(special.ndtr(z) - 2.0 * special.owens_t(z, skew))


#: Families whose quantity is positive, and the one that lies between bounds.
_POSITIVE: Final = ("lognormal", "gamma", "weibull", "exponential")
_BOUNDED: Final = "beta"
#: Families that meet every stated point: of quantiles, and of chips.
_OF_QUANTILES: Final = "percentiles"
_OF_CHIPS: Final = "cdf"
#: What a judgement can be fitted by, in the order of the tables.
FITTED_FAMILIES: Final = (*(c.name for c in _CANDIDATES), _OF_QUANTILES, _OF_CHIPS)


@dataclass(frozen=True)
class Fit:
    """A distribution fitted to a judgement.

    Attributes
    ----------
    distribution : Distribution
        Family, arguments and unit, as a scenario takes them.
    table : DataFrame
        One row per stated point: ``probability`` and ``value`` as stated, ``fitted_value`` at that
        probability and ``fitted_probability`` at that value.

    Examples
    --------
    >>> import timecone as tc
    >>> fit = tc.elicit(quantiles={0.1: -1, 0.5: 0, 0.9: 1}).fit("normal")
    >>> round(fit.distribution.ppf(0.9).item(), 6), fit.is_exact
    (1.0, False)
    """

    distribution: Distribution
    table: pd.DataFrame

    @property
    def name(self) -> str:
        """The family."""
        return self.distribution.name

    @property
    def is_exact(self) -> bool:
        """Whether the family takes any set of points, so that meeting them says nothing for it."""
        return self.name in (_OF_QUANTILES, _OF_CHIPS)

    @property
    def error(self) -> float:
        """Root mean square of the differences between fitted and stated probabilities."""
        return float(np.sqrt(np.mean(self._differences**2)))

    @property
    def worst(self) -> float:
        """Largest difference between a fitted and a stated probability."""
        return float(np.max(np.abs(self._differences)))

    @property
    def _differences(self) -> FloatArray:
        difference = self.table["fitted_probability"] - self.table["probability"]
        return difference.to_numpy(dtype=np.float64)

    def toml(
        self,
        parameter: str = "COMPONENT.QUANTITY",
        *,
        source: str = "own judgement",
        as_of: date | None = None,
        basis: str = "expert",
    ) -> str:
        """Return the table of a parameter, to be put into a scenario file.

        Parameters
        ----------
        parameter : str
            Name of the parameter, ``component.quantity``.
        source : str, default: "own judgement"
            Whose judgement it is.
        as_of : date, optional
            Day of the judgement. A scenario needs one: without it a comment stands in its place.
        basis : {"data", "expert", "guess"}, default: "expert"
            Grade of the input.

        Returns
        -------
        str
            TOML, with a comment that says how well the distribution meets the judgement.

        Raises
        ------
        ArgumentError
            Not the name of a parameter, or not a grade.

        Examples
        --------
        >>> import timecone as tc
        >>> judgement = tc.elicit(quantiles={0.1: 2, 0.9: 8}, unit="year")
        >>> print(judgement.fit("lognormal").toml("deployment.delay", source="an interview"))
        # lognormal(p10=2, p90=8) meets the judgement.
        # as_of = YYYY-MM-DD  (the day of the judgement; a scenario needs it)
        [parameters.deployment.delay]
        distribution = "lognormal"
        p10 = 2
        p90 = 8
        unit = "year"
        source = "an interview"
        basis = "expert"
        <BLANKLINE>
        """
        if not _PARAMETER.fullmatch(parameter):
            raise ArgumentError(
                "not-a-parameter-name",
                "not the name of a parameter",
                where="parameter",
                got=parameter,
                allowed="component.quantity, for instance hardware.headroom",
            )
        if basis not in ("data", "expert", "guess"):
            raise ArgumentError(
                "unknown-basis", "unknown grade", where="basis", got=basis, allowed="data, expert or guess"
            )
        component, _, quantity = parameter.partition(".")
        stated = {"distribution": self.name, **_plain(self.distribution.arguments)}
        if self.distribution.unit is not None:
            stated["unit"] = self.distribution.unit
        stated["source"] = " ".join(source.split()) or "own judgement"
        if as_of is not None:
            stated["as_of"] = as_of
        stated["basis"] = basis
        lines = [f"# {self.summary}"]
        if self.distribution.unit is None:
            lines.append(
                '# unit = "..."  (the unit of the numbers; a scenario needs it unless it is a pure number)'
            )
        if as_of is None:
            lines.append("# as_of = YYYY-MM-DD  (the day of the judgement; a scenario needs it)")
        return "\n".join([*lines, tomli_w.dumps({"parameters": {component: {quantity: stated}}})])

    @property
    def summary(self) -> str:
        """A sentence on how well the distribution meets the judgement."""
        text = " ".join(str(self.distribution).split())
        if self.worst < _MET:
            return f"{text} meets the judgement."
        return (
            f"{text} misses the judgement: its probabilities differ from the stated ones by up to"
            f" {self.worst:.3f}."
        )


@dataclass(frozen=True)
class Elicitation:
    """A judgement, and the distributions fitted to it.

    Attributes
    ----------
    stated : DataFrame
        Columns ``probability`` and ``value``: the points of the cumulative distribution function that the
        judgement states. Chips state the shares below the inner edges of their bins.
    fits : tuple of Fit
        The nearest to the judgement first; the family that meets any judgement is last.
    refused : mapping of str to str
        Families that cannot be fitted, each with the reason.

    Examples
    --------
    >>> import timecone as tc
    >>> judgement = tc.elicit(quantiles={0.1: -1, 0.5: 0, 0.9: 1})
    >>> judgement.best.name, "lognormal" in judgement.refused
    ('normal', True)
    """

    stated: pd.DataFrame
    fits: tuple[Fit, ...]
    refused: Mapping[str, str]

    @property
    def best(self) -> Fit:
        """The fit nearest to the judgement, of the families with few parameters where there is one."""
        return self.fits[0]

    def fit(self, family: str) -> Fit:
        """Return the fit of a family.

        Parameters
        ----------
        family : str
            Name of a family, as scenario files have it.

        Returns
        -------
        Fit
            The distribution of that family nearest to the judgement.

        Raises
        ------
        ArgumentError
            The family is not among the candidates, or cannot be fitted; the message says why.

        Examples
        --------
        >>> import timecone as tc
        >>> tc.elicit(quantiles={0.1: 2, 0.9: 8}).fit("normal").distribution.mean()
        5.0
        """
        for each in self.fits:
            if each.name == family:
                return each
        if family in self.refused:
            raise ArgumentError(
                "family-not-fitted",
                "the family cannot be fitted to this judgement",
                where="family",
                got=family,
                remedy=self.refused[family],
            )
        names = [each.name for each in self.fits]
        raise ArgumentError(
            "not-a-candidate",
            "not a family that was fitted",
            where="family",
            got=family,
            allowed=", ".join(names),
        )

    @property
    def table(self) -> pd.DataFrame:
        """All fits against the judgement, one row per family and stated point."""
        parts = [each.table.assign(family=each.name) for each in self.fits]
        columns = ["family", "probability", "value", "fitted_value", "fitted_probability"]
        return pd.concat(parts, ignore_index=True)[columns]


def elicit(
    *,
    quantiles: Mapping[float, float] | None = None,
    bins: Sequence[float] | None = None,
    chips: Sequence[int] | None = None,
    unit: str | None = None,
    low: float | None = None,
    high: float | None = None,
    space: str = "probability",
    families: Sequence[str] | None = None,
) -> Elicitation:
    """Fit distributions to a judgement, stated as quantiles or as chips laid in bins.

    A family with as many parameters as there are quantiles meets them exactly. Others are fitted by least
    squares: over probabilities (the fitted distribution function less the stated one at each value, as in
    SHELF), or over quantiles (each family's own fit, as in scenario files).

    Parameters
    ----------
    quantiles : mapping of float to float, optional
        Values by probability, two or more: ``{0.1: 2030, 0.5: 2040, 0.9: 2070}``. ``inf`` means never.
    bins : sequence of float, optional
        Edges of the bins of a roulette, increasing; with ``chips``, and instead of ``quantiles``.
    chips : sequence of int, optional
        Chips in each bin, one number fewer than edges. Three bins or more must hold some.
    unit : str, optional
        Unit of the numbers.
    low, high : float, optional
        Bounds that the quantity cannot pass; both or none. With them only a beta distribution between them is
        fitted, and the interpolation stays within them.
    space : {"probability", "quantile"}, default: "probability"
        Where the squares are least.
    families : sequence of str, optional
        Candidates; all by default.

    Returns
    -------
    Elicitation
        Every fit with its differences from the judgement, and why some families were left out.

    Raises
    ------
    ArgumentError, DistributionError
        The judgement is incomplete or contradicts itself, or no candidate fits it.

    Examples
    --------
    >>> import timecone as tc
    >>> judgement = tc.elicit(quantiles={0.1: 2, 0.5: 4, 0.9: 8}, unit="year")
    >>> judgement.best.name, round(judgement.best.error, 4)
    ('lognormal', 0.0)
    >>> chips = tc.elicit(bins=[0, 1, 2, 4, 8], chips=[2, 5, 8, 5])
    >>> chips.stated["probability"].tolist()
    [0.1, 0.35, 0.75]
    """
    if space not in SPACES:
        raise ArgumentError(
            "unknown-fit-space",
            "unknown space of the fit",
            where="space",
            got=space,
            allowed=", ".join(SPACES),
        )
    bounds = _bounds(low, high)
    if quantiles is not None and bins is None and chips is None:
        levels, values, never = _stated_quantiles(quantiles)
        exact = _interpolation(levels, values, bounds)
    elif quantiles is None and bins is not None and chips is not None:
        edges, cumulative = _stated_chips(bins, chips)
        inner = (cumulative > 0.0) & (cumulative < 1.0)
        levels, values, never = cumulative[inner], edges[inner], {}
        exact = _OF_CHIPS, _histogram(edges, cumulative)
    else:
        raise ArgumentError(
            "judgement-in-two-forms",
            "a judgement is stated as quantiles, or as bins and chips",
            where="quantiles, bins, chips",
            got=[
                k for k, v in {"quantiles": quantiles, "bins": bins, "chips": chips}.items() if v is not None
            ],
            allowed="quantiles alone, or bins with chips",
        )
    _require_within(edges if chips is not None else values, bounds)
    fits, refused = [], {}
    for name in _wanted(families, exact[0], bounded=bounds is not None):
        try:
            is_exact = name == exact[0]
            arguments = dict(exact[1]) if is_exact else _fitted(name, levels, values, bounds, space)
            distribution = Distribution(name, arguments | never, unit)
            fits.append(Fit(distribution, _against(distribution, levels, values, never)))
        except DistributionError as error:
            refused[name] = error.line
    if not fits:
        raise DistributionError(
            "no-family-fits",
            "no candidate fits the judgement",
            got=list(refused),
            remedy=" ".join(refused.values()),
        )
    fits.sort(key=lambda each: (each.is_exact, round(each.error, 6)))
    stated = fits[0].table[["probability", "value"]].copy()
    return Elicitation(stated, tuple(fits), refused)


def _bounds(low: float | None, high: float | None) -> tuple[float, float] | None:
    if low is None and high is None:
        return None
    if low is None or high is None:
        raise ArgumentError(
            "one-bound-alone",
            "one bound is stated without the other",
            where="low, high",
            got=(low, high),
            allowed="both bounds, or none",
        )
    bounds = number("low", low), number("high", high)
    if not bounds[0] < bounds[1]:
        raise DistributionError(
            "bounds-not-increasing",
            "the lower bound is not below the upper one",
            got=bounds,
            allowed="low < high",
        )
    return bounds


def _require_within(values: FloatArray, bounds: tuple[float, float] | None) -> None:
    if bounds is not None and not (bounds[0] <= values[0] and values[-1] <= bounds[1]):
        raise DistributionError(
            "quantile-outside-bounds",
            "a stated value lies outside the bounds",
            got=(values[0].item(), values[-1].item()),
            allowed=f"values between {bounds[0]:g} and {bounds[1]:g}",
        )


def _require_few(count: int, where: str) -> None:
    if count > MOST_POINTS:
        raise ArgumentError(
            "judgement-too-long", "too many numbers", where=where, got=count, allowed=f"at most {MOST_POINTS}"
        )


def _stated_quantiles(
    quantiles: Mapping[float, float],
) -> tuple[FloatArray, FloatArray, dict[str, float]]:
    """Return levels and values of the finite quantiles, and those that are never by their key."""
    _require_few(len(quantiles), "quantiles")
    stated, never = {}, {}
    for probability, value in quantiles.items():
        key = quantile_key(probability)
        if key in stated or key in never:
            raise DistributionError("duplicate-quantile", f"{key} is stated twice")
        if isinstance(value, float) and value == math.inf:
            never[key] = math.inf
        else:
            stated[key] = number(key, value)
    if len(stated) < _FEWEST:
        raise ArgumentError(
            "too-few-quantiles",
            "too few finite quantiles",
            where="quantiles",
            got=len(stated),
            allowed="two or more",
        )
    levels, values = rising(stated)
    if never:
        # Refused there where a finite quantile lies above an infinite one.
        Distribution(_OF_QUANTILES, stated | never)
    return levels, values, dict(sorted(never.items())[:1])


def _stated_chips(bins: Sequence[float], chips: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return the edges of the bins and the share of the chips below each."""
    _require_few(len(chips), "chips")
    edges = np.array([number(f"bins[{k}]", edge) for k, edge in enumerate(bins)])
    if len(edges) != len(chips) + 1:
        raise ArgumentError(
            "bins-and-chips-differ",
            "the number of bins is not that of the numbers of chips",
            where="bins, chips",
            got=(len(edges), len(chips)),
            allowed="one edge more than numbers of chips",
        )
    if not np.all(np.diff(edges) > 0.0):
        raise ArgumentError(
            "bins-not-increasing",
            "the edges of the bins are not increasing",
            where="bins",
            got=edges.tolist(),
        )
    counts = np.array([number(f"chips[{k}]", count) for k, count in enumerate(chips)])
    if np.any((counts < 0.0) | (counts != np.floor(counts))):
        raise ArgumentError(
            "chips-not-whole",
            "not a number of chips",
            where="chips",
            got=list(chips),
            allowed="whole numbers from 0",
        )
    if np.count_nonzero(counts) <= _FEWEST:
        raise ArgumentError(
            "too-few-bins-with-chips",
            "too few bins hold chips to say a shape",
            where="chips",
            got=list(chips),
            allowed="chips in three bins or more",
            remedy="Use narrower bins.",
        )
    return edges, np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])


def _interpolation(
    levels: FloatArray, values: FloatArray, bounds: tuple[float, float] | None
) -> tuple[str, dict[str, Any]]:
    """Return the family that meets all quantiles, and its arguments."""
    stated: dict[str, Any] = dict(zip(map(quantile_key, levels.tolist()), values.tolist(), strict=True))
    if bounds is not None:
        return _OF_QUANTILES, {"space": "logit", "low": bounds[0], "high": bounds[1], **stated}
    if values[0] > 0.0 and values[-1] >= _WIDE * values[0]:
        return _OF_QUANTILES, {"space": "log", **stated}
    return _OF_QUANTILES, stated


def _histogram(edges: FloatArray, cumulative: FloatArray) -> dict[str, Any]:
    """Return the arguments of the distribution with the chips of each bin spread evenly over it."""
    first = np.flatnonzero(cumulative == 0.0)[-1]
    last = np.flatnonzero(cumulative == 1.0)[0] + 1
    return {"values": edges[first:last].tolist(), "cumulative": cumulative[first:last].tolist()}


def _wanted(families: Sequence[str] | None, exact: str, *, bounded: bool) -> list[str]:
    """Return the candidates for a judgement, in the order of the tables."""
    known = [name for name in FITTED_FAMILIES if name not in (_OF_QUANTILES, _OF_CHIPS) or name == exact]
    if families is None:
        return [name for name in known if name == exact or (name == _BOUNDED) == bounded]
    for name in families:
        if name not in known:
            raise ArgumentError(
                "family-not-elicited",
                "not a family that is fitted to such a judgement",
                where="families",
                got=name,
                allowed=", ".join(known),
                remedy=suggestion(name, known) if name not in FAMILIES else None,
            )
        if name == _BOUNDED and not bounded:
            raise ArgumentError(
                "beta-without-bounds",
                "a beta distribution needs bounds",
                where="families",
                got=name,
                remedy="State low and high.",
            )
    return list(dict.fromkeys(families))


def _fitted(
    name: str, levels: FloatArray, values: FloatArray, bounds: tuple[float, float] | None, space: str
) -> dict[str, Any]:
    """Return the arguments with which a family is nearest to the stated points.

    Raises
    ------
    DistributionError
        The family cannot be fitted.
    """
    candidate = next(c for c in _CANDIDATES if c.name == name)
    fixed: dict[str, float] = {"df": _DF} if name == "student_t" else {}
    if name == _BOUNDED and bounds is not None:
        fixed = {"low": bounds[0], "high": bounds[1]}
    distinct = np.concatenate([[True], np.diff(levels) > 0.0])
    if np.count_nonzero(distinct) < len(candidate.free):
        raise DistributionError(
            "too-few-points-for-family",
            f"{name} needs more stated points",
            got=int(np.count_nonzero(distinct)),
            allowed=f"at least {len(candidate.free)}",
        )
    if name in _POSITIVE and not values[0] > 0.0:
        raise DistributionError(
            "not-positive-for-family",
            f"{name} is for positive quantities",
            got=values[0].item(),
            allowed="values above 0",
        )
    if space == "quantile" or len(candidate.free) == len(levels) == _FEWEST:
        # What was said stays readable in the file.
        keys = map(quantile_key, levels[distinct].tolist())
        return {**dict(zip(keys, values[distinct].tolist(), strict=True)), **fixed}
    return {**_least_squares(candidate, fixed, levels, values), **fixed}


def _least_squares(
    candidate: _Candidate, fixed: Mapping[str, float], levels: FloatArray, values: FloatArray
) -> dict[str, float]:
    """Return the free arguments with the least squares of fitted less stated probabilities."""
    from scipy.optimize import least_squares  # noqa: PLC0415

    spread = float(np.ptp(values))

    def moved(start: Mapping[str, float], free: FloatArray) -> dict[str, float]:
        arguments = {}
        for step, (key, how) in zip(free.tolist(), candidate.free.items(), strict=True):
            if how == "scale":
                arguments[key] = start[key] * math.exp(min(max(step, -_FAR), _FAR))
            else:
                arguments[key] = start[key] + step * (spread if how == "shift" else 1.0)
        return arguments

    best, least = dict[str, float](), math.inf
    for start in candidate.starts(*_line(candidate.name, levels, values)):

        def residual(free: FloatArray, start: Mapping[str, float] = start) -> FloatArray:
            return np.nan_to_num(candidate.cdf(values, **moved(start, free), **fixed) - levels, nan=1.0)

        with np.errstate(all="ignore"):
            solution = least_squares(
                residual, np.zeros(len(candidate.free)), xtol=1e-12, ftol=1e-12, gtol=1e-12, max_nfev=200
            )
        if solution.cost < least:
            best, least = moved(start, solution.x), solution.cost
    return {key: float(f"{value:.{_DIGITS}g}") for key, value in best.items()}


def _line(name: str, levels: FloatArray, values: FloatArray) -> tuple[float, float]:
    """Return the location and scale of the normal (or lognormal) through stated points, to start from."""
    x = np.log(values) if name in _POSITIVE else values
    location, scale = least_squares_line(special.ndtri(levels), x)
    return location, scale


def _against(
    distribution: Distribution, levels: FloatArray, values: FloatArray, never: Mapping[str, float]
) -> pd.DataFrame:
    """Return the stated points beside those of a distribution."""
    compiled = distribution.family.compiled()
    scores = compiled.normal_score(values)
    # Of what never happens the probability alone is stated, and it is met.
    beyond = [level(key) or 0.0 for key in never]
    at, stated = np.concatenate([levels, beyond]), np.concatenate([values, list(never.values())])
    fitted = np.concatenate([special.ndtr(scores), beyond])
    return pd.DataFrame(
        {
            "probability": at,
            "value": stated,
            "fitted_value": distribution.ppf(at),
            "fitted_probability": fitted,
        }
    )


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as TOML has them: whole numbers without a point, lists."""

    def plain(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [plain(part) for part in value]
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004
            return int(value)
        return value

    return {key: plain(value) for key, value in arguments.items()}
