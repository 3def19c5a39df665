"""What drawing inputs costs: each contest returns lines of the table of `inputs.py`."""

from __future__ import annotations

import importlib.util
import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from contests import BLOCK, Line
from timecone.inputs.compiled_quantile import CompiledQuantile
from timecone.inputs.dependence import Copula
from timecone.inputs.designs import RandomDesign
from timecone.inputs.distributions import Distribution
from timecone.inputs.families import LogStudentT
from timecone.inputs.nodes import Node
from timecone.inputs.normal_score import to_normal_scores
from timecone.inputs.sampler import Sampler
from timecone.schema import FloatArray
from timing import Seconds, interleaved, median, ratio

#: Draws of SciPy at a time: at 16 384 the price of a call no longer shows.
PEER_BLOCK = 16_384
#: Its quantiles of these are found by a root search for each draw, so fewer are timed.
SLOW = {"skew_normal": 512}
POOLED = 131_072

#: One distribution of each family, as an author would write it.
FAMILIES: dict[str, dict[str, Any]] = {
    "uniform": {"low": 1.0, "high": 3.0},
    "loguniform": {"low": 1.0, "high": 30.0},
    "normal": {"mean": 2.0, "sd": 0.5},
    "lognormal": {"p05": 1.6, "p95": 3.5},
    "exponential": {"mean": 2.0},
    "pareto": {"minimum": 1.0, "shape": 2.0},
    "lindy": {"age": 10.0},
    "student_t": {"df": 4.0, "location": 2.0, "scale": 0.5},
    "log_student_t": {"df": 10.0, "median": 2.0, "sigma": 0.3},
    "skew_normal": {"skew": 3.0, "location": 1.0, "scale": 2.0},
    "beta": {"alpha": 2.0, "beta": 5.0},
    "pert": {"low": 1.0, "mode": 2.0, "high": 6.0},
    "triangular": {"low": 1.0, "mode": 2.0, "high": 6.0},
    "gamma": {"mean": 3.0, "sd": 1.0},
    "weibull": {"shape": 1.5, "scale": 2.0},
    "scipy.gumbel_r": {"loc": 2.0, "scale": 0.5},
    "scipy.invgauss": {"mu": 0.5, "scale": 2.0},
    "percentiles": {"space": "log", "p05": 3, "p25": 5, "p50": 8, "p75": 13, "p95": 22},
    "discrete": {"values": [1, 2, 4, 8], "probabilities": [0.1, 0.2, 0.3, 0.4]},
    "empirical": {"values": np.random.default_rng(1).lognormal(size=1000).tolist()},
    "mixture": {
        "components": [
            {"weight": 0.5, "distribution": "lognormal", "p05": 1.0, "p95": 4.0},
            {"weight": 0.3, "distribution": "normal", "mean": 6.0, "sd": 1.0},
            {"weight": 0.2, "distribution": "lognormal", "p05": 5.0, "p95": 20.0},
        ]
    },
}
#: Families cut at bounds, under names of their own.
CUT = {
    "normal, truncated": ("normal", {"mean": 2.0, "sd": 0.5, "truncate": {"low": 1.0, "high": 2.5}}),
    "lognormal, clamped": ("lognormal", {"p05": 1.6, "p95": 3.5, "clamp": {"low": 1.0, "high": 3.0}}),
}


def _distributions() -> dict[str, Distribution]:
    named = {name: Distribution(name, arguments) for name, arguments in FAMILIES.items()}
    return named | {name: Distribution(*written) for name, written in CUT.items()}


def _ours(compiled: CompiledQuantile, uniforms: FloatArray, out: FloatArray) -> None:
    """Turn uniforms into draws as the sampler does, block by block."""
    for first in range(0, uniforms.size, BLOCK):
        block = out[first : first + BLOCK]
        block[:] = uniforms[first : first + BLOCK]
        to_normal_scores(block)
        compiled.apply(block)


def _theirs(distribution: Distribution) -> Callable[[FloatArray], object] | None:
    """Return SciPy's quantile function, or None where it has no such distribution."""
    family = distribution.family
    if isinstance(family, LogStudentT):
        log = family.log_scipy()
        return lambda p: np.exp(log.ppf(p))
    try:
        ppf: Callable[[FloatArray], object] = family.scipy().ppf
    except NotImplementedError:
        return None
    return ppf


def flatness(repeats: int) -> list[Line]:
    """Time every family: its quantile function, from uniforms; a whole draw, random numbers included."""
    uniforms = np.random.default_rng(1).random(8 * BLOCK)
    out = np.empty_like(uniforms)
    made = _distributions()
    quantiles = {name: partial(_ours, d.family.compiled(), uniforms, out) for name, d in made.items()}
    draws = {f"{name}, drawn": partial(_draw, _sampler({name: d}, {})) for name, d in made.items()}
    return [
        *_spread(interleaved(quantiles, repeats), uniforms.size),
        *_spread(interleaved(draws, repeats), POOLED),
    ]


def _spread(seconds: Seconds, draws: int) -> list[Line]:
    lines = [Line(name, median(seconds, name) * 1e9 / draws, "ns per draw") for name in seconds]
    slowest = max(seconds, key=lambda name: median(seconds, name))
    fastest = min(seconds, key=lambda name: median(seconds, name))
    return [*lines, Line(f"{slowest} / {fastest}", ratio(seconds, slowest, fastest), "x")]


def against_scipy(repeats: int) -> list[Line]:
    """Time SciPy's quantile functions on the same uniforms, one family after another."""
    lines, ratios, ours_ns, theirs_ns = [], [], [], []
    for name, distribution in _distributions().items():
        ppf = _theirs(distribution)
        if ppf is None:
            continue
        many = np.random.default_rng(1).random(PEER_BLOCK)
        few = many[: SLOW.get(name, PEER_BLOCK)]
        ours = partial(_ours, distribution.family.compiled(), many, np.empty_like(many))
        seconds = interleaved({"ours": ours, "scipy": partial(ppf, few)}, repeats)
        ratios.append(ratio(seconds, "scipy", "ours") * many.size / few.size)
        ours_ns.append(1e9 * median(seconds, "ours") / many.size)
        theirs_ns.append(1e9 * median(seconds, "scipy") / few.size)
        lines.append(Line(f"scipy.stats ppf / ours, {name}", ratios[-1], "x"))
    return [
        *lines,
        Line(f"scipy.stats ppf / ours, median of {len(ratios)} families", statistics.median(ratios), "x"),
        Line("scipy.stats ppf / ours, one draw of each family", sum(theirs_ns) / sum(ours_ns), "x"),
    ]


def _sampler(distributions: dict[str, Distribution], pairs: dict[tuple[str, str], float]) -> Sampler:
    nodes = [Node(name, name, d.family.compiled()) for name, d in distributions.items()]
    return Sampler(nodes, [*distributions], (), Copula.from_pairs(pairs))


def _draw(sampler: Sampler) -> None:
    design = RandomDesign(1)
    for first in range(0, POOLED, BLOCK):
        sampler.draw(design, first, BLOCK)


def against_squigglepy(repeats: int) -> list[Line]:
    """Time a mixture and a correlated pair in squigglepy 0.30, random numbers included in both."""
    if importlib.util.find_spec("squigglepy") is None:
        print("squigglepy is not installed: uv run --with squigglepy==0.30 python benchmarks/inputs.py")
        return []
    from peers import squiggle  # noqa: PLC0415

    components = FAMILIES["mixture"]["components"]
    pair = {"a": Distribution("lognormal", {"p05": 1.0, "p95": 8.0}),
            "b": Distribution("normal", {"p05": 20.0, "p95": 40.0})}  # fmt: skip
    correlated = {("a", "b"): 0.5}

    def built() -> None:
        # From the words of an author: the table is made anew.
        _draw(_sampler({"m": Distribution("mixture", {"components": components})}, {}))

    mixed = _sampler({"m": Distribution("mixture", {"components": components})}, {})
    both = _sampler(pair, correlated)
    mixture: Seconds = interleaved(
        {"ours": partial(_draw, mixed), "built": built, "peer": partial(squiggle.mixture, POOLED)}, repeats
    )
    joint = interleaved({"ours": partial(_draw, both), "peer": partial(squiggle.pair, POOLED)}, repeats)
    each = 1e9 / POOLED
    return [
        Line("mixture of three", median(mixture, "ours") * each, "ns per draw"),
        Line("mixture of three, its table included", median(mixture, "built") * each, "ns per draw"),
        Line("the same by squigglepy", median(mixture, "peer") * each, "ns per draw"),
        Line("squigglepy / ours, mixture", ratio(mixture, "peer", "ours"), "x"),
        Line("squigglepy / ours, mixture, its table included", ratio(mixture, "peer", "built"), "x"),
        Line("correlated pair", median(joint, "ours") * each, "ns per draw"),
        Line("the same by squigglepy", median(joint, "peer") * each, "ns per draw"),
        Line("squigglepy / ours, correlated pair", ratio(joint, "peer", "ours"), "x"),
    ]
