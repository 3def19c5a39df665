"""Random distributions, units and scenarios, all of them valid."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st

from timecone.inputs.distributions import Distribution
from timecone.scenario.scenario import Scenario

DATE = date(2026, 8, 22)
#: Kinds of unit by the model's unit: what a file may say instead, and the factor to the model's.
UNITS = {
    "year": {"year": 1.0, "month": 1 / 12, "quarter": 0.25, "day": 1 / 365.25},
    "USD": {"USD": 1.0, "MUSD": 1e6, "GUSD": 1e9},
    "FLOP/USD": {"FLOP/USD": 1.0, "TFLOP/USD": 1e12, "FLOP/MUSD": 1e-6},
    "1/year": {"1/year": 1.0, "%/year": 0.01},
    "share of world output": {"share of world output": 1.0, "% of world output": 0.01, "%": 0.01},
}
_QUANTILE_KEYS = ("p01", "p05", "p10", "p25", "p37_5", "p50", "p75", "p90", "p95", "p99", "p99_9")
#: Any characters that a scenario may hold: no surrogates and no control characters.
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


@st.composite
def _quantiles(draw: st.DrawFn, least: int, most: int) -> dict[str, float]:
    """Return positive quantiles, each one up to four times the one before."""
    positions = st.integers(0, len(_QUANTILE_KEYS) - 1)
    levels = sorted(draw(st.sets(positions, min_size=least, max_size=most)))
    factors = [draw(_numbers(1e-2, 1e4)), *(draw(_numbers(1.05, 4.0)) for _ in levels[1:])]
    return dict(zip((_QUANTILE_KEYS[k] for k in levels), np.cumprod(factors).tolist(), strict=True))


@st.composite
def positive_distributions(draw: st.DrawFn) -> Distribution:
    """Return a distribution of a positive quantity, of any family that can be one."""
    positive, ratio = _numbers(1e-2, 1e4), _numbers(0.05, 3.0)
    name = draw(st.sampled_from([
        "point", "uniform", "loguniform", "lognormal", "exponential", "pareto", "lindy", "percentiles",
        "normal",
    ]))  # fmt: skip
    size, spread = draw(positive), draw(ratio)
    arguments: dict[str, Any] = {
        "point": {"value": size},
        "uniform": {"low": size, "high": size * (1 + spread)},
        "loguniform": {"low": size, "high": size * (1 + spread)},
        "lognormal": {"median": size, "sigma": spread},
        "exponential": {"mean": size},
        "pareto": {"minimum": size, "shape": 1 / spread},
        "lindy": {"age": size},
        "normal": {"mean": size, "sd": size * spread, "truncate": {"low": size / 100, "high": size * 10}},
    }.get(name, {})
    if name == "percentiles":
        arguments = draw(_quantiles(2, len(_QUANTILE_KEYS))) | {"space": "log"}
    elif name in ("loguniform", "lognormal") and draw(st.booleans()):
        arguments = draw(_quantiles(2, 2))
    elif name in ("exponential", "lindy") and draw(st.booleans()):
        arguments = draw(_quantiles(1, 1))
    return Distribution(name, arguments)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Return any distribution, of a quantity of either sign."""
    if draw(st.booleans()):
        return draw(positive_distributions())
    centre, spread = draw(_numbers(-1e4, 1e4)), draw(_numbers(1e-2, 1e3))
    name = draw(st.sampled_from(["point", "uniform", "normal", "truncated", "percentiles"]))
    if name == "percentiles":
        quantiles = draw(_quantiles(2, 5))
        return Distribution(name, {key: centre + value for key, value in quantiles.items()})
    if name == "truncated":
        cut = {"low": centre - 2 * spread, "high": centre + spread}
        return Distribution("normal", {"mean": centre, "sd": spread, "truncate": cut})
    return Distribution(name, {
        "point": {"value": centre},
        "uniform": {"low": centre, "high": centre + spread},
        "normal": {"mean": centre, "sd": spread},
    }[name])  # fmt: skip


@st.composite
def _parameter_table(draw: st.DrawFn, unit: str) -> dict[str, Any]:
    """Return the table of a parameter whose support is the positive numbers."""
    given = draw(positive_distributions())
    return {
        "distribution": given.name,
        **{k: dict(v) if isinstance(v, dict) else v for k, v in given.arguments.items()},
        "unit": draw(st.sampled_from([*UNITS.get(unit, {unit: 1.0})])),
        "source": draw(WORDS),
        "as_of": draw(st.dates(date(1950, 1, 1), date(2026, 12, 31))),
        "basis": draw(st.sampled_from(["data", "expert", "guess"])),
        "note": draw(WORDS | st.just("")),
    }


@st.composite
def scenario_contents(draw: st.DrawFn, baseline: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Return the content of a file: the baseline with many keys altered."""
    content = dict(baseline) | {"title": draw(WORDS | st.just("")), "conditions": draw(WORDS)}
    content["time"] = {
        "start": draw(_numbers(2000, 2030)),
        "horizon": draw(_numbers(2031, 2300)),
        "step": draw(st.sampled_from(["year", "quarter", "month"])),
    }
    content["run"] = {"draws": draw(st.integers(1, 10**9)), "seed": draw(st.integers(0, 2**64 - 1))}
    content["not_yet"] = {
        "rule": draw(st.sampled_from(["remove", "off"])),
        "milestones": draw(st.lists(st.sampled_from(["automation_20", "automation_50", "tai"]), unique=True)),
    }
    shares = np.array(draw(st.lists(_numbers(0.01, 1), min_size=3, max_size=3)))
    choice = baseline["choices"]["threshold"]
    weights = dict(zip(choice["weights"], (shares / shares.sum()).tolist(), strict=True))
    content["choices"] = {"threshold": choice | {"weights": weights}}
    parameters = {component: dict(table) for component, table in baseline["parameters"].items()}
    for parameter in scenario.definition.parameters:
        component, quantity = parameter.name.split(".")
        if parameter.components:
            continue  # it needs the others of its component
        if parameter.low == 0.0 and parameter.high == np.inf and draw(st.booleans()):
            parameters[component][quantity] = draw(_parameter_table(parameter.unit))
    content["parameters"] = parameters
    content["correlations"] = []
    if parameters["automation"]["gap"]["distribution"] != "point":
        rho = draw(_numbers(-0.99, 0.99))
        between = ["threshold.requirement", "automation.gap"]
        known = {"source": draw(WORDS), "as_of": DATE, "basis": "guess"}
        content["correlations"] = [{"between": between, "rho": rho} | known]
    return content
