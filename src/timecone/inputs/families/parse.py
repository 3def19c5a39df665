"""From the words of an author to a family: arguments checked, nothing guessed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from timecone.errors import DistributionError, suggestion
from timecone.inputs.families import (
    FAMILIES,
    AnySciPy,
    Clamped,
    Cumulative,
    Discrete,
    Empirical,
    Family,
    Mixture,
    Percentiles,
    Point,
    Posterior,
    Truncated,
    WithNever,
)
from timecone.inputs.posterior_file import LEAST_ROWS
from timecone.inputs.quantiles import level, list_of_numbers, misfit, number, rising

__all__ = ["described", "level", "misfit", "resolve"]

_WEIGHT_TOLERANCE = 1e-9
_SCIPY = "scipy."


def resolve(name: str, arguments: Mapping[str, Any]) -> Family:
    """Return the family that a name and arguments describe.

    Raises
    ------
    DistributionError
        The name is unknown, or the arguments do not determine one distribution.
    """
    try:
        with np.errstate(all="ignore"):
            family = _cut(name, dict(arguments))
            family.require_finite()
    except DistributionError:
        raise
    except (ArithmeticError, ValueError):
        raise DistributionError(
            f"the numbers of {name} are too large, too small or too far apart to compute with",
            got=dict(arguments),
        ) from None
    return family


def _cut(name: str, given: dict[str, Any]) -> Family:
    cuts = {key: given.pop(key) for key in ("truncate", "clamp") if key in given}
    family = _uncut(name, given)
    if cuts and isinstance(family, WithNever):
        raise DistributionError("a distribution with a share of inf takes no bounds", got=cuts,
                                remedy="Bound the components of a mixture.")  # fmt: skip
    if cuts and isinstance(family, Posterior):
        raise DistributionError("a posterior takes no bounds: its rows belong together", got=cuts,
                                remedy="Leave rows out in the file.")  # fmt: skip
    if "truncate" in cuts:
        if isinstance(family, Point):
            raise DistributionError("a point takes no truncation", got=cuts["truncate"],
                                    remedy="State the value that you mean, or clamp it.")  # fmt: skip
        family = Truncated(family, *_bounds("truncate", cuts["truncate"]))
    if "clamp" in cuts:
        family = Clamped(family, *_bounds("clamp", cuts["clamp"]))
    return family


def _never_from(given: Mapping[str, Any]) -> float | None:
    """Return the probability from which on the stated quantiles are never, inf; None where none is."""
    levels = {key: at for key in given if (at := level(key)) is not None}
    never = [at for key, at in levels.items() if given[key] == math.inf]
    if not never:
        return None
    for key, at in levels.items():
        if at > min(never) and given[key] != math.inf:
            raise DistributionError("a quantile above one that is never is a number", where=key,
                                    got=given[key], allowed="inf")  # fmt: skip
    return min(never)


def _uncut(name: str, given: dict[str, Any]) -> Family:
    if (never := _never_from(given)) is not None:
        finite = {key: value for key, value in given.items() if level(key) is None or value != math.inf}
        return WithNever.above(_uncut(name, finite), never)
    if name in _READERS:
        return _READERS[name](given)
    if name == Point.name and given == {"value": math.inf}:
        return Point(math.inf)
    numbers = {key: number(key, value) for key, value in given.items()}
    if name.startswith(_SCIPY):
        return AnySciPy.named(name.removeprefix(_SCIPY), numbers)
    if name not in FAMILIES:
        raise DistributionError(
            "unknown distribution", got=name, remedy=suggestion(name, [*FAMILIES, *_READERS])
        )
    cls = FAMILIES[name]
    quantiles = {key: value for key, value in numbers.items() if level(key) is not None}
    others = {key: value for key, value in numbers.items() if key not in quantiles}
    return _from_quantiles(cls, quantiles, others) if quantiles else _from_moments(cls, others)


def _only(given: Mapping[str, Any], name: str, *keys: str) -> None:
    for key in given:
        if key not in keys:
            raise DistributionError(
                f"{name} takes no {key!r}", got=sorted(given), allowed=", ".join(keys),
                remedy=suggestion(key, keys),
            )  # fmt: skip


def _expected(cls: type[Family]) -> str:
    forms = [" and ".join(form) for form in cls.forms]
    if cls.quantile_count:
        plural = "s" if cls.quantile_count > 1 else ""
        others = "".join(f" and {key}" for key in cls.fixed if key not in cls.optional)
        forms.append(f"{cls.quantile_count} quantile{plural} or more (p05, p50, p95, ...){others}")
    return ", or ".join(forms)


def _from_moments(cls: type[Family], moments: dict[str, float]) -> Family:
    required = set(moments) - set(cls.optional)
    if any(set(form) == required for form in cls.forms):
        return cls.from_moments(cls.optional | moments)
    known = [*{key: None for form in cls.forms for key in form}, *cls.optional]
    unknown = [key for key in moments if key not in known]
    raise DistributionError(
        f"{cls.name} takes no {unknown[0]!r}" if unknown else f"{cls.name} is not determined",
        got=sorted(moments),
        allowed=_expected(cls),
        remedy=suggestion(unknown[0], [*known, "truncate", "clamp"]) if unknown else None,
    )


def _from_quantiles(cls: type[Family], quantiles: dict[str, float], others: dict[str, float]) -> Family:
    fixed = {key: value for key, value in (cls.optional | others).items() if key in cls.fixed}
    enough = 0 < cls.quantile_count <= len(quantiles)
    if set(others) - set(cls.fixed) or set(fixed) != set(cls.fixed) or not enough:
        raise DistributionError(
            f"{cls.name} is not determined by these arguments",
            got=sorted([*quantiles, *others]),
            allowed=_expected(cls),
            remedy="Any set of quantiles makes a distribution = 'percentiles'.",
        )
    return cls.from_quantiles(*rising(quantiles), fixed)


def _percentiles(given: dict[str, Any]) -> Family:
    space, tails = given.pop("space", "linear"), given.pop("tails", "normal")
    if space not in ("linear", "log", "logit"):
        raise DistributionError("unknown space", got=space, allowed="'linear', 'log' or 'logit'")
    if tails not in ("normal", "none"):
        raise DistributionError("unknown tails", got=tails, allowed="'normal' or 'none'")
    bounds = {key: number(key, given.pop(key)) for key in ("low", "high")
              if space == "logit" and key in given}  # fmt: skip
    numbers = {key: number(key, value) for key, value in given.items()}
    if any(level(key) is None for key in numbers) or len(numbers) < 2:  # noqa: PLR2004
        raise DistributionError(
            "percentiles is not determined by these arguments",
            got=sorted(numbers),
            allowed="two or more quantiles (p05, p50, p95, ...), space, tails; low and high in logit space",
        )
    levels, values = rising(numbers)
    if space == "log" and values[0] <= 0.0:
        raise DistributionError(
            "a quantile is not positive, as the logarithmic space needs",
            got=values[0].item(),
            allowed="positive quantiles, or space = 'linear'",
        )
    low, high = bounds.get("low", 0.0), bounds.get("high", 1.0)
    if space == "logit" and not low < values[0] < values[-1] < high:
        raise DistributionError(
            "a quantile lies outside the bounds of the logit space",
            got=(values[0].item(), values[-1].item()), allowed=f"between {low:g} and {high:g}",
        )  # fmt: skip
    return Percentiles(tuple(levels.tolist()), tuple(values.tolist()), space, tails, low=low, high=high)


def _mixture(given: dict[str, Any]) -> Family:
    _only(given, "mixture", "components")
    components = given.get("components")
    if not isinstance(components, Sequence) or isinstance(components, str) or not components:
        raise DistributionError(
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
                "a component lacks its weight or its distribution", where=where, got=component,
                remedy="Parts that are formulas or tables: state their weights in [choices.NAME], and here"
                " by = 'NAME' with a form for each of its values." if formula else None,
            )  # fmt: skip
        inner = dict(component)
        weights.append(number(f"{where}.weight", inner.pop("weight")))
        try:
            parents.append(_component(_name(inner.pop("distribution")), inner))
        except DistributionError as error:
            raise error.at(f"{where}: " if error.where is None else f"{where}.") from None
    _require_probabilities("weights", weights)
    # A part of weight 0 is read, so that what is wrong with it is said, and never drawn.
    kept = [(parent, weight) for parent, weight in zip(parents, weights, strict=True) if weight > 0.0]
    return _mixed([parent for parent, _ in kept], tuple(weight for _, weight in kept))


def _component(name: str, given: dict[str, Any]) -> Family:
    if name == "posterior":
        raise DistributionError("a posterior is no part of a mixture: its rows belong together",
                                remedy="Use a choice, with by and values.")  # fmt: skip
    return resolve(name, given)


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
        raise DistributionError("the name of a distribution is not text", got=name)
    return name


def _require_probabilities(key: str, weights: list[float]) -> None:
    if min(weights) < 0.0:
        raise DistributionError(f"one of the {key} is negative", got=min(weights),
                                allowed="numbers of 0 and above that sum to 1")  # fmt: skip
    if abs(sum(weights) - 1.0) > _WEIGHT_TOLERANCE:
        raise DistributionError(f"the {key} do not sum to 1", got=round(sum(weights), 12),
                                allowed="a sum of 1")  # fmt: skip


def _discrete(given: dict[str, Any]) -> Family:
    _only(given, "discrete", "values", "probabilities")
    values = list_of_numbers("values", given.get("values"))
    probabilities = list_of_numbers("probabilities", given.get("probabilities"))
    if len(values) != len(probabilities) or len(set(values)) != len(values):
        raise DistributionError("discrete needs as many probabilities as distinct values",
                                got=(len(values), len(probabilities)))  # fmt: skip
    _require_probabilities("probabilities", probabilities)
    pairs = sorted((v, p) for v, p in zip(values, probabilities, strict=True) if p > 0.0)
    return Discrete(*map(tuple, zip(*pairs, strict=True)))


def _empirical(given: dict[str, Any]) -> Family:
    _only(given, "empirical", "values", "weights", "resample", "origin")
    values = list_of_numbers("values", given.get("values"))
    weights = _weights_of(values, given["weights"]) if "weights" in given else [1.0] * len(values)
    resample = given.get("resample", False)
    if not isinstance(resample, bool):
        raise DistributionError("resample is neither true nor false", got=resample, allowed="true or false")
    kept = sorted((value, weight) for value, weight in zip(values, weights, strict=True) if weight > 0.0)
    values = [value for value, _ in kept]
    if len(values) < 2 or values[0] == values[-1]:  # noqa: PLR2004
        raise DistributionError("a sample needs two or more different values", got=values[:3])
    shares = tuple(weight for _, weight in kept) if "weights" in given else ()
    return Empirical(tuple(values), str(given.get("origin", "")), shares, resample)


def _weights_of(values: Sequence[float], given: object) -> list[float]:
    """Return the weight of each value, as probabilities."""
    weights = list_of_numbers("weights", given)
    if len(weights) != len(values):
        raise DistributionError("as many weights are needed as values", where="weights", got=len(weights),
                                allowed=f"{len(values)}")  # fmt: skip
    if min(weights) < 0.0 or not sum(weights) > 0.0:
        raise DistributionError("a weight is negative, or all are 0", where="weights", got=min(weights),
                                allowed="weights of 0 and above")  # fmt: skip
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _posterior(given: dict[str, Any]) -> Family:
    _only(given, "posterior", "values", "weights", "rows", "origin", "units")
    values, rows = list_of_numbers("values", given.get("values")), given.get("rows")
    if len(values) < LEAST_ROWS:
        raise DistributionError("the posterior has too few draws", got=len(values),
                                allowed=f"at least {LEAST_ROWS}")  # fmt: skip
    if not isinstance(rows, str) or not rows:
        raise DistributionError("rows is not a name", got=rows, allowed="what tells the posterior")
    weights = tuple(_weights_of(values, given["weights"])) if "weights" in given else ()
    return Posterior(tuple(values), rows, str(given.get("origin", "")), weights)


def _cdf(given: dict[str, Any]) -> Family:
    _only(given, "cdf", "values", "low", "high", "cumulative", "below", "above")
    cumulative = list_of_numbers("cumulative", given.get("cumulative"))
    values = _grid(given, len(cumulative))
    if len(values) != len(cumulative) or len(values) < 2:  # noqa: PLR2004
        raise DistributionError("a cdf needs two or more values and as many cumulative probabilities",
                                got=(len(values), len(cumulative)))  # fmt: skip
    for key, numbers in (("values", values), ("cumulative", cumulative)):
        for k, (one, next_one) in enumerate(pairwise(numbers)):
            if one > next_one:
                raise DistributionError("the numbers fall", where=f"{key}[{k + 1}]", got=next_one,
                                        allowed=f"{one:g} or more")  # fmt: skip
    if values[0] == values[-1] or cumulative[0] == cumulative[-1]:
        raise DistributionError("a cdf needs different values and different probabilities", got=values[:3])
    if not 0.0 <= cumulative[0] <= cumulative[-1] <= 1.0:
        raise DistributionError("a probability lies outside 0 to 1", where="cumulative",
                                got=(cumulative[0], cumulative[-1]))  # fmt: skip
    below = _beyond(given, "below", cumulative[0], ("point", "tail"))
    above = _beyond(given, "above", 1.0 - cumulative[-1], ("never", "point", "tail"))
    for key, side, first in (("below", below, slice(None, 2)), ("above", above, slice(-2, None))):
        ends, levels = values[first], cumulative[first]
        if side == "tail" and not (ends[0] < ends[1] and 0.0 < levels[0] < levels[1] < 1.0):
            raise DistributionError("a tail goes on from two different points between 0 and 1", where=key,
                                    got=list(zip(ends, levels, strict=True)))  # fmt: skip
    if above != "never":
        return Cumulative(tuple(values), tuple(cumulative), below, above)
    within = cumulative[-1]
    finite = Cumulative(tuple(values), tuple(min(p / within, 1.0) for p in cumulative), below)
    return WithNever(finite, 1.0 - within)


def _grid(given: Mapping[str, Any], count: int) -> list[float]:
    """Return the values of a table, stated or evenly spaced."""
    if "values" in given:
        if "low" in given or "high" in given:
            raise DistributionError("a cdf has values or an even grid (low, high), not both", where="values")
        return list_of_numbers("values", given["values"])
    if not {"low", "high"} <= set(given):
        raise DistributionError("a cdf needs values, or low and high of an even grid", got=sorted(given))
    low, high = number("low", given["low"]), number("high", given["high"])
    if not low < high:
        raise DistributionError("low is not below high", got=(low, high))
    return np.linspace(low, high, count).tolist()


def _beyond(given: Mapping[str, Any], key: str, left: float, allowed: Sequence[str]) -> str:
    """Return what becomes of the mass beyond an outermost point; it must be said where there is any."""
    said = given.get(key)
    if not left > 0.0:
        if said is not None:
            raise DistributionError(f"nothing is left {key} the table", where=key, got=said,
                                    remedy="Remove the key.")  # fmt: skip
        return "point"
    if said not in allowed:
        raise DistributionError(
            f"a probability of {left:.4g} is left {key} the table", where=key, got=said,
            allowed=" or ".join(map(repr, allowed)),
            remedy="point: on the outermost value; tail: a normal tail goes on"
            + ("; never: it does not happen." if "never" in allowed else "."),
        )  # fmt: skip
    return str(said)


def _bounds(key: str, given: object) -> tuple[float, float]:
    if not isinstance(given, Mapping) or not set(given) <= {"low", "high"} or not given:
        raise DistributionError(f"{key} is not a pair of bounds", got=given,
                                allowed=f"{key} = {{ low = ..., high = ... }}")  # fmt: skip
    low = number(f"{key}.low", given["low"]) if "low" in given else -math.inf
    high = number(f"{key}.high", given["high"]) if "high" in given else math.inf
    return low, high


def described(name: str) -> str:
    """Return what a family takes, in words."""
    own = {
        "percentiles": "two or more quantiles, space, tails",
        "mixture": "components, each with weight, distribution and its arguments",
        "discrete": "values and probabilities",
        "empirical": "values, or file and column; weights; resample",
        "posterior": "file and variable; weights",
        "cdf": "values (or low and high) and cumulative; below and above for what is left beyond them",
    }
    return own.get(name) or _expected(FAMILIES[name])


_READERS: Final[dict[str, Callable[[dict[str, Any]], Family]]] = {
    "percentiles": _percentiles,
    "cdf": _cdf,
    "mixture": _mixture,
    "discrete": _discrete,
    "empirical": _empirical,
    "posterior": _posterior,
}
