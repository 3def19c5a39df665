"""Scenario files made at random, valid ones of every form."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

#: Parameters of any positive value that may come about in every way, and their units; the others stay as they
#: are. The later ones belong to components.
FREE = {
    "hardware.doubling_time": "year", "economy.output": "USD", "economy.growth": "%/year",
    "investment.growth": "x/year", "investment.cap_share": "share of world output",
    "investment.cap_usd": "USD", "investment.trend_lifetime": "year", "algorithms.halving_time": "month",
    "algorithms.halving_time_past": "month", "algorithms.breakthrough_rate": "1/year",
    "algorithms.breakthrough_size": "OOM", "threshold.neuron_complexity": "OOM",
    "automation.adoption_lag": "month", "deployment.delay": "year",
    "deployment.tokens_per_second": "1/second", "economy.automation_growth": "%/year",
    "investment.wakeup_share": "1", "investment.wakeup_growth": "x/year", "data.stock": "token",
    "data.multiplier": "x", "data.token_exponent": "1", "supply.power": "FLOP",
    "feedback.software_returns": "1", "feedback.hardware_returns": "1", "shocks.pause_start": "year",
    "shocks.supply_setback": "month", "shocks.winter_depth": "OOM",
}  # fmt: skip
#: The model's components, and the parameters without which they cannot be on.
COMPONENTS = {
    "software_feedback": ("feedback.software_returns",), "hardware_feedback": ("feedback.hardware_returns",),
    "investment_feedback": ("investment.wakeup_share", "investment.wakeup_growth"),
    "output_feedback": ("economy.automation_growth",), "data_wall": ("data.stock",),
    "supply_limits": ("supply.power", "supply.chips", "supply.latency"),
    "supply_shock": ("shocks.supply_duration", "shocks.supply_setback"),
    "pause": ("shocks.pause_duration",), "winter": ("shocks.winter_depth",),
}  # fmt: skip
#: Pairs that may correlate: parameters that are always uncertain here.
_PAIRS = (
    ("threshold.requirement", "automation.gap"), ("automation.gap", "hardware.headroom"),
    ("threshold.requirement", "hardware.headroom"), ("supply.chips", "hardware.headroom"),
)  # fmt: skip
#: Values of a choice with their weights: one value only, one that never holds, odd names.
_REGIMES = ({"open": 0.25, "closed": 0.75}, {"always": 1.0}, {"no": 0.0, "yes": 1.0},
            {"a.b": 0.5, "c-d": 0.25, "3": 0.25})  # fmt: skip
_ABOUT = {"source": "a trial", "as_of": date(2026, 8, 22), "basis": "guess"}
#: Answers of experts in files of their own, beside the scenario.
EXPERT_FILES = {
    f"{name}.toml": {"parameters": {"hardware": {"doubling_time": {
        "distribution": "lognormal", "median": median, "sigma": 0.3, "unit": "year", **_ABOUT}}}}
    for name, median in (("carl", 2.0), ("dora", 3.0))
}  # fmt: skip
_KEYS = ("p01", "p05", "p10", "p25", "p37_5", "p50", "p75", "p90", "p95", "p99", "p99_9")


def _cut(size: float) -> dict[str, float]:
    return {"low": size / 100.0, "high": size * 10.0}


#: A positive distribution by family, from a size and a relative spread.
FAMILIES: dict[str, Callable[[float, float], dict[str, Any]]] = {
    "point": lambda m, _: {"value": m},
    "uniform": lambda m, s: {"low": m, "high": m * (1 + s)},
    "loguniform": lambda m, s: {"low": m, "high": m * (1 + s)},
    "normal": lambda m, s: {"mean": m, "sd": m * s, "truncate": _cut(m)},
    "lognormal": lambda m, s: {"median": m, "sigma": s},
    "exponential": lambda m, _: {"rate": 1 / m},
    "pareto": lambda m, s: {"minimum": m, "shape": 1 / s},
    "lindy": lambda m, _: {"age": m},
    "student_t": lambda m, s: {"df": 1 + s, "location": m, "scale": m * s, "truncate": _cut(m)},
    "log_student_t": lambda m, s: {"df": 4 + s, "median": m, "sigma": s, "clamp": _cut(m)},
    "skew_normal": lambda m, s: {"skew": 2 * s, "location": m, "scale": m * s, "truncate": _cut(m)},
    "beta": lambda m, s: {"alpha": 1 + s, "beta": 2 + s, "low": m, "high": 3 * m},
    "pert": lambda m, s: {"low": m, "mode": m * (1 + s / 2), "high": m * (1 + s)},
    "triangular": lambda m, s: {"low": m, "mode": m * (1 + s), "high": m * (1 + s)},
    "gamma": lambda m, s: {"mean": m, "sd": m * min(s, 1.0)},
    "weibull": lambda m, s: {"shape": 1 / s, "scale": m},
    "percentiles": lambda m, s: {"p05": m, "p50": m * (1 + s / 2), "p95": m * (1 + 2 * s), "space": "log"},
    "discrete": lambda m, s: {"values": [m, m * (1 + s)], "probabilities": [0.25, 0.75]},
    "empirical": lambda m, s: {"values": [m, m * (1 + s), m, m * (1 + 3 * s)]},
    "mixture": lambda m, s: {
        "components": [
            {"weight": 0.5, "distribution": "lognormal", "median": m, "sigma": s},
            {"weight": 0.5, "distribution": "uniform", "low": m, "high": m * (1 + s), "clamp": _cut(m)},
        ]
    },
    "scipy.gumbel_r": lambda m, s: {"loc": m, "scale": m * s, "truncate": _cut(m)},
    "scipy.invgauss": lambda m, s: {"mu": s, "scale": m},
}
# SciPy takes about a second for its quantiles: among the families by name, not at random.
_FAST = tuple(name for name in FAMILIES if name != "skew_normal")


@functools.cache
def small(low: float, high: float) -> st.SearchStrategy[float]:
    """Return numbers without exotic digits, so that files stay readable."""
    return st.integers(0, 64).map(lambda k: round(low + (high - low) * k / 64, 6))


@st.composite
def distributions(draw: st.DrawFn) -> dict[str, Any]:
    """Return the table of a positive distribution."""
    name = draw(st.sampled_from(_FAST))
    table = {"distribution": name, **FAMILIES[name](draw(small(0.5, 20.0)), draw(small(0.1, 1.5)))}
    if name == "percentiles" and draw(st.booleans()):
        keys = sorted(draw(st.sets(st.integers(0, len(_KEYS) - 1), min_size=2, max_size=6)))
        table = {"distribution": name, "space": draw(st.sampled_from(["log", "logit"])), "tails": "none"}
        table |= {_KEYS[k]: round(0.05 + 0.08 * k, 3) for k in keys}
    if name not in ("point", "discrete", "mixture") and not {"truncate", "clamp"} & set(table):
        key = draw(st.sampled_from(["", "clamp"]))
        table |= {key: {"low": 0.01, "high": 1000.0}} if key else {}
    return table


@st.composite
def _never(draw: st.DrawFn) -> dict[str, Any]:
    """Return a distribution that has a share of inf."""
    name, share = draw(st.sampled_from(["normal", "lognormal", "percentiles"])), draw(small(0.01, 0.9))
    table = {"distribution": name, **FAMILIES[name](draw(small(25.0, 45.0)), draw(small(0.1, 0.5)))}
    table.pop("truncate", None)
    parts = [
        {"weight": 1.0 - share, **table},
        {"weight": share, "distribution": "point", "value": float("inf")},
    ]
    return {"distribution": "mixture", "components": parts}


@functools.cache
def _by(choice: str, inner: st.SearchStrategy[dict[str, Any]], values: tuple[str, ...]) -> Any:
    tables = st.fixed_dictionaries(dict.fromkeys(values, inner))
    return tables.map(lambda given: {"by": choice, "values": given})


@functools.cache
def _computed(other: str) -> st.SearchStrategy[dict[str, Any]]:
    texts = ("{} + 1", "max({}, 0.1) ** 0.5", "where({} > 1, 2, 3)", "clip({}, 0.5, 9) * 1e-1", "abs({}) % 7",
             "where(threshold == 'bio_anchors', {}, 2)", "-log10({}) + hardware.headroom")  # fmt: skip
    formulas = st.sampled_from(texts).map(lambda text: {"expression": text.format(other)})
    kinds = st.sampled_from(["step", "linear"])
    points = st.lists(st.tuples(st.integers(-9, 9), small(0.5, 9)), min_size=1, max_size=4,
                      unique_by=lambda point: point[0])  # fmt: skip
    lookups = st.builds(
        lambda kind, found: {"of": other, "interpolation": kind, "points": sorted(map(list, found))},
        kinds, points,
    )  # fmt: skip
    return formulas | lookups


@functools.cache
def forms(values: tuple[str, ...], regimes: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return how a quantity comes about, given the values of the choices "threshold" and "regime"."""
    plain = distributions()
    nested = _by("regime", plain | _computed("q0"), regimes)
    return plain | plain | _by("threshold", plain | nested, values) | _computed("q0")


@st.composite
def scenarios(draw: st.DrawFn, baseline: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a valid file: the baseline with some things made otherwise."""
    content = copy.deepcopy(baseline)
    values = tuple(baseline["choices"]["threshold"]["weights"])
    weights = draw(st.sampled_from(_REGIMES))
    content["choices"]["regime"] = {"weights": dict(weights), "title": draw(st.sampled_from(["", "Which"])),
                                    **_ABOUT}  # fmt: skip
    content["quantities"] = content.get("quantities", {}) | {
        "q0": {**draw(distributions()), "unit": "year", **_ABOUT}
    }
    # A second choice is an error unless something depends on it.
    uses = draw(_by("regime", distributions() | _computed("q0"), tuple(weights)))
    content["quantities"]["q1"] = {**uses, "unit": "OOM", **_ABOUT}
    kinds = forms(values, tuple(weights))
    for name in draw(st.lists(st.sampled_from([*FREE]), max_size=3, unique=True)):
        _put(content["parameters"], name, {**draw(kinds), "unit": FREE[name], **_ABOUT})
        _drop_pairs(content, {name})
    if draw(st.integers(0, 7)) == 0:
        content["parameters"]["threshold"]["requirement"]["values"][values[0]] = draw(_never())
    if draw(st.booleans()):
        _switch(draw, content)
    if draw(st.booleans()):
        chips = "chips" in content["parameters"]["supply"]
        given = [pair for pair in _PAIRS if chips or "supply.chips" not in pair]
        pair = draw(st.sampled_from(given))
        content["correlations"] = [{"between": list(pair), "rho": draw(small(-0.9, 0.9)), **_ABOUT}]
        if draw(st.integers(0, 9)) == 0:
            content["copula"] = {"kind": "t", "df": draw(small(1.0, 20.0))}
    design = draw(st.sampled_from(["random", "random", "sobol", "latin"]))
    content["run"] = {"draws": 512, "seed": draw(st.integers(0, 9)), "design": design, "replicates": 8,
                      "stratify": draw(st.booleans())}  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        _ask_experts(draw, content, values)
    return content


def _put(parameters: dict[str, Any], name: str, table: dict[str, Any]) -> None:
    component, quantity = name.split(".")
    parameters.setdefault(component, {})[quantity] = table


def _remove(parameters: dict[str, Any], name: str) -> None:
    component, quantity = name.split(".")
    parameters.get(component, {}).pop(quantity, None)


def _drop_pairs(content: dict[str, Any], names: set[str]) -> None:
    """Take out correlations of inputs that are gone, or that may be certain or computed."""
    pairs = content.get("correlations", ())
    content["correlations"] = [pair for pair in pairs if names.isdisjoint(pair["between"])]


def _switch(draw: st.DrawFn, content: dict[str, Any]) -> None:
    """Switch some components on or off; what those need that are off may be missing."""
    switches = draw(st.dictionaries(st.sampled_from([*COMPONENTS]), st.booleans(), max_size=len(COMPONENTS)))
    content["components"] = switches
    for component, needs in COMPONENTS.items():
        if not switches.get(component, True) and draw(st.booleans()):
            for name in needs:
                _remove(content["parameters"], name)
            _drop_pairs(content, {*needs})
    if (
        switches.get("data_wall") is False
        and "stock" in content["parameters"]["data"]
        and draw(st.booleans())
    ):
        # Waits for what is switched off, and nothing reads it.
        content["quantities"]["q2"] = {"expression": "log10(data.stock) + q0", "unit": "OOM", **_ABOUT}


def _ask_experts(draw: st.DrawFn, content: dict[str, Any], values: tuple[str, ...]) -> None:
    """Let experts answer some questions, which then stand nowhere else."""
    shares = draw(st.sampled_from([(1.0,), (0.375, 0.625), (0.0, 1.0), (0.25, 0.5, 0.25)]))
    names = ("ann", "bob", "eve")[: len(shares)]
    if draw(st.integers(0, 3)) == 0:
        content["experts"] = {
            name.removesuffix(".toml"): {"weight": 0.5, "file": name} for name in EXPERT_FILES
        }
        _remove(content["parameters"], "hardware.doubling_time")
        return
    plain = distributions()
    answers = plain | plain | _computed("q0") | _by("threshold", plain | _computed("q0"), values)
    # What a component that is off needs may have been left out, and is not asked for.
    given = [name for name in FREE if name.split(".")[1] in content["parameters"].get(name.split(".")[0], {})]
    questions = draw(st.lists(st.sampled_from(given), min_size=1, max_size=2, unique=True))
    content["experts"] = {}
    for name, share in zip(names, shares, strict=True):
        parameters: dict[str, Any] = {}
        for question in questions:
            _put(parameters, question, {**draw(answers), "unit": FREE[question], "note": draw(
                st.sampled_from(["", "a guess"])), **_ABOUT})  # fmt: skip
        content["experts"][name] = {"weight": share, "parameters": parameters}
    for question in questions:
        _remove(content["parameters"], question)
