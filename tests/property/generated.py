"""Scenario files made at random: valid ones of every form, broken ones, and corrupted text."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st

type Path = tuple[str | int, ...]

#: Parameters of any positive value that may come about in every way; the others stay as they are.
FREE = (
    "hardware.doubling_time", "economy.output", "economy.growth", "investment.growth", "investment.cap_share",
    "investment.cap_usd", "investment.trend_lifetime", "algorithms.halving_time",
    "algorithms.halving_time_past", "algorithms.breakthrough_rate", "algorithms.breakthrough_size",
)  # fmt: skip
#: Parameters that correlations name, which must stay uncertain.
_CORRELATED = ("threshold.requirement", "automation.gap", "hardware.headroom")
_ABOUT = {"source": "a trial", "as_of": date(2026, 8, 22), "basis": "guess"}
_UNITS = {
    "hardware.doubling_time": "year", "economy.output": "USD", "economy.growth": "%/year",
    "investment.growth": "x/year", "investment.cap_share": "share of world output",
    "investment.cap_usd": "USD", "investment.trend_lifetime": "year", "algorithms.halving_time": "month",
    "algorithms.halving_time_past": "month", "algorithms.breakthrough_rate": "1/year",
    "algorithms.breakthrough_size": "OOM",
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
def forms(values: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return how a quantity comes about, given the values of the choice "threshold"."""
    plain = distributions()
    nested = _by("regime", plain | _computed("q0"), ("open", "closed"))
    return plain | plain | _by("threshold", plain | nested, values) | _computed("q0")


@st.composite
def scenarios(draw: st.DrawFn, baseline: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a valid file: the baseline with some things made otherwise."""
    content = copy.deepcopy(baseline)
    values = tuple(baseline["choices"]["threshold"]["weights"])
    content["choices"]["regime"] = {"weights": {"open": 0.25, "closed": 0.75}, **_ABOUT}
    content["quantities"] = {"q0": {**draw(distributions()), "unit": "year", **_ABOUT}}
    # A second choice is an error unless something depends on it.
    uses = draw(_by("regime", distributions() | _computed("q0"), ("open", "closed")))
    content["quantities"]["q1"] = {**uses, "unit": "OOM", **_ABOUT}
    for name in draw(st.lists(st.sampled_from(FREE), max_size=2, unique=True)):
        component, quantity = name.split(".")
        table = {**draw(forms(values)), "unit": _UNITS[name], **_ABOUT}
        content["parameters"].setdefault(component, {})[quantity] = table
    if draw(st.booleans()):
        pairs = draw(st.sampled_from([_CORRELATED[:2], _CORRELATED[1:], _CORRELATED[::2]]))
        content["correlations"] = [{"between": list(pairs), "rho": draw(small(-0.9, 0.9)), **_ABOUT}]
        if draw(st.integers(0, 9)) == 0:
            content["copula"] = {"kind": "t", "df": draw(small(1.0, 20.0))}
    design = draw(st.sampled_from(["random", "random", "sobol", "latin"]))
    content["run"] = {"draws": 512, "seed": draw(st.integers(0, 9)), "design": design, "replicates": 8,
                      "stratify": draw(st.booleans())}  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        content["experts"] = draw(_experts())
        # What the experts answer stands nowhere else.
        del content["parameters"]["hardware"]["doubling_time"]
    return content


@functools.cache
def _experts() -> st.SearchStrategy[dict[str, Any]]:
    def answers(table: dict[str, Any], weight: float) -> dict[str, Any]:
        given = {**table, "unit": "year", **_ABOUT}
        return {"weight": weight, "parameters": {"hardware": {"doubling_time": given}}}

    both = st.tuples(distributions(), distributions())
    return both.map(lambda two: {"ann": answers(two[0], 0.375), "bob": answers(two[1], 0.625)})


def _nested(depth: int, table: bool) -> Any:
    inner: Any = 1
    for _ in range(depth):
        inner = {"a": inner} if table else [inner]
    return inner


#: What no author would write.
STRANGE: tuple[Any, ...] = (
    1e308, -1e308, 1.7e308, 5e-324, -0.0, 0.0, 0, 1, -1, 2.5, 1e-300, 1e300, float("nan"), float("inf"),
    -float("inf"), 10**400, -(10**400), 2**63, 2**64, 10**18, True, False, "", " ", "x", "0.5", "nan", "\n",
    "\0", "é", "日本", "\U0001f600", "a\nb", "..", "/", "q0", "tai", "threshold", "%", "x" * 3000, "(" * 300,
    "1 / 0", "q0 +", "year", "percentiles", "mixture", "scipy.norm",
    "scipy.", date(1, 1, 1), date(9999, 12, 31), datetime(2026, 8, 22, tzinfo=UTC), [], {}, [[]], [{}],
    {"": 1}, [0.5], [1, 2], [1e308, -1e308], [float("nan")], ["a", "b"], [True], {"low": 2, "high": 1},
    {"low": 1e308}, {"distribution": "normal"}, {"by": "threshold"}, {"expression": "1"},
    _nested(40, table=False), _nested(40, table=True),
)  # fmt: skip


class Broken(NamedTuple):
    """A file's content, the places in it that were altered, and the keys and texts that lay there before."""

    content: dict[str, Any]
    places: list[Path]
    before: set[str]


def places(value: Any, here: Path = ()) -> list[Path]:
    """Return the path of every key and element, outer ones first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, deeper in inner for path in [(*here, key), *places(deeper, (*here, key))]]


def words(value: Any) -> set[str]:
    """Return the keys and texts in a value: what else may miss when it goes."""
    if isinstance(value, dict):
        return set(value) | {word for inner in value.values() for word in words(inner)}
    if isinstance(value, list):
        return {word for inner in value for word in words(inner)}
    return {value} if isinstance(value, str) else set()


def at(content: Any, path: Path) -> Any:
    """Return what lies at a path."""
    for step in path:
        content = content[step]
    return content


@st.composite
def broken(draw: st.DrawFn, baseline: dict[str, Any], most: int = 3) -> Broken:
    """Return a generated file with one or a few alterations; some of them are harmless."""
    content = draw(scenarios(baseline))
    altered: list[Path] = []
    before: set[str] = set()
    for _ in range(draw(st.integers(1, most))):
        path = draw(st.sampled_from(places(content)))
        before |= words(at(content, path)) | {str(path[-1])}
        altered.append(_alter(draw, content, path))
    return Broken(content, altered, {word for word in before if len(word) > 1})


def _alter(draw: st.DrawFn, content: Any, path: Path) -> Path:
    """Alter what lies at a path, in place; return what was altered."""
    holder, key = at(content, path[:-1]), path[-1]
    value = holder[key]
    act = draw(st.sampled_from(["strange", "strange", "delete", "misspell", "extreme", "add", "level"]))
    if act == "delete":
        del holder[key]
    elif act == "misspell" and isinstance(key, str):
        cut = draw(st.integers(0, len(key)))
        other = key[:cut] + draw(st.sampled_from(["", "x", "_", " ", ".", "é", "\n"])) + key[cut + 1 :]
        holder[other] = holder.pop(key)
        path = (*path[:-1], other)
    elif act == "add" and isinstance(holder, dict):
        other = draw(st.sampled_from(["p50", "p5", "low", "note", "unit", "by", "file", "extends", "x y",
                                      ""]))  # fmt: skip
        holder[other] = draw(st.sampled_from(STRANGE))
        path = (*path[:-1], other)
    elif act == "level" and isinstance(key, str) and key[1:].isdigit():
        # The same level in other words, or one that lies at the same place.
        other = draw(st.sampled_from([f"{key}_0", f"{key}_00", f"{key}_1", "p0", "p100", "p5"]))
        holder[other] = value
        path = (*path[:-1], other)
    elif act == "extreme" and isinstance(value, (int, float)) and not isinstance(value, bool):
        scale = draw(st.sampled_from([-1.0, 0.0, 1e-12, 1e12, 1e-150, 1e150, 1e300, 1e-300]))
        holder[key] = float(value) * scale if abs(value) < 1e300 else scale
    else:
        holder[key] = copy.deepcopy(draw(st.sampled_from(STRANGE)))
    return path


@st.composite
def shuffled(draw: st.DrawFn, table: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of parameters, quantities and the file itself in another order."""
    result = {key: table[key] for key in draw(st.permutations(sorted(table)))}
    for section in ("parameters", "quantities"):
        result[section] = {
            key: result[section][key] for key in draw(st.permutations(sorted(result[section])))
        }
    return result


_SCRAPS = (b"", b"\0", b"\xff", b"\xc3", b"\n", b"[", b"]", b"[[[[", b"{", b"}", b'"', b"'''", b"=", b"#",
           b".", b"nan", b"-inf", b"1e999", b"9" * 5000, b"[" * 3000, b"0x", b"2026-02-30", b"\xef\xbb\xbf",
           b"\r", b"\t", b"a.b.c = 1\n", b"[parameters]\n", b"[[choices]]\n",
           b"extends = 'nothing.toml'\n")  # fmt: skip


@st.composite
def corrupted(draw: st.DrawFn, text: bytes) -> bytes:
    """Return the bytes of a file with pieces cut out, put in, moved or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 60)))
        act = draw(st.sampled_from(["replace", "double", "move", "end", "lines"]))
        if act == "replace":
            text = text[:begin] + draw(st.sampled_from(_SCRAPS) | st.binary(max_size=4)) + text[end:]
        elif act == "double":
            text = text[:end] + text[begin:]
        elif act == "move":
            text = text[:begin] + text[end:] + text[begin:end]
        elif act == "end":
            text = text[:begin]
        else:
            lines = text.splitlines(keepends=True)
            k = draw(st.integers(0, max(len(lines) - 1, 0)))
            text = b"".join([*lines[k:], *lines[:k]])
    return text
