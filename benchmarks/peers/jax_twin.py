"""A JAX twin of the full compute model: one jitted scan over fixed steps, as a GPU would run it.

The equations are those of `numpy_full_twin`, whose constants it takes; the package is not imported. All draws
take all steps: Heun's predictor and corrector, research and adoption by the exact solutions of their linear
equations, dates by Hermite's cubic inside the step in which a level is passed. Nothing is refined: an event
acts at the end of the step nearest to it, and a step in rapid change is taken whole. Breakthroughs are left
out. So dates are less exact than the package's; `twins.py` prints by how much.

JAX is in the dependency group ``benchmark`` alone: ``uv run --group benchmark python benchmarks/twins.py``.
On a machine with a GPU, install ``jax[cuda13]`` instead: `compiled` runs on JAX's default device, so nothing
else changes, and ``--kind float32 --draws 1048576 --clock`` is what a GPU is fast at. None was at hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.typing import NDArray

from peers.numpy_full_twin import SHARES, Inputs, constants

type FloatArray = NDArray[np.float64]
type Arrays = dict[str, Any]

_config: Any = jax.config
_ITERATIONS = 30
#: Largest state; its square fits into a single-precision number.
_MOST = {"float64": 1e100, "float32": 1e18}
_MOST_RESEARCH = 1e18
_MOST_WORKERS = 20.0
_LEAST_LAG = 1e-6


def _exp10(x: Any) -> Any:
    return jnp.exp(math.log(10.0) * x)


def _set_pace(c: Arrays, s: Arrays, now: Any, step: float) -> None:
    """Set what holds from the step nearest to each event."""

    def past(name: str) -> Any:
        return c[name] < now + 0.5 * step

    short, paused = past("supply_start") & ~past("supply_end"), past("pause_start") & ~past("pause_end")
    s["hardware_pace"] = jnp.where(short, 0.0, 1.0)
    s["spending_pace"] = jnp.where(paused, 0.0, 1.0)
    s["software_pace"] = jnp.where(paused, c["research_share"], 1.0)
    s["growing"] = jnp.where(past("trend_end"), 0.0, 1.0)


def _look(c: Arrays, s: Arrays, now: Any, most: float) -> None:
    """Compute effective compute and the share of tasks; states are natural logarithms."""
    s["inverse_trend"] = jnp.exp(-s["trend"])
    s["inverse_caps"] = jnp.exp(s["lost"] - s["output"]) / c["cap_share"] + c["inverse_cap"]
    hardware = c["hardware_floor"] + (1.0 - c["hardware_floor"]) * jnp.exp(-s["hardware"])
    software = c["software_floor"] + (1.0 - c["software_floor"]) * jnp.exp(-s["software"])
    # Of the run that money buys, in units of the present one.
    bought = 1.0 / (hardware * (s["inverse_trend"] + s["inverse_caps"]) * c["unit"])
    s["bought"] = bought
    if "limits" in c:
        inverse = _inverse_limits(c, s, now).sum(axis=0)
        more = jnp.clip(bought - 1.0, 0.0, most)
        bought = jnp.minimum(bought, 1.0) + more / (1.0 + more * inverse)
    s["physical"] = jnp.log10(bought) + c["log_unit"]
    s["effective"] = s["physical"] - jnp.log10(software)
    if "matched" in c:
        s["excess"] = s["physical"] - c["matched"] - c["matched_rate"] * now
        over = jnp.maximum(s["excess"], 0.0)
        loss = (c["beta"] * _exp10(-c["alpha"] * over) + c["alpha"]) / (c["alpha"] + c["beta"])
        same = -jnp.log10(loss) * (1.0 / c["alpha"] + 1.0 / c["beta"])
        s["effective"] = s["effective"] + c["binding"] * (same - over)
    s["able"] = jnp.clip(1.0 - 0.8 * (c["levels"][2] - s["effective"]) / c["gap"], 0.0, 1.0)


def _inverse_limits(c: Arrays, s: Arrays, now: Any) -> Any:
    """Return the present run over each supply limit, shape (limits, draws)."""
    inverse = _exp10(-c["slopes"] * now) / c["limits"]
    if "hardware_research" in s:
        inverse = inverse.at[1].multiply(
            c["hardware_floor"] + (1.0 - c["hardware_floor"]) * _price_left(c, s)
        )
    return inverse


def _price_left(c: Arrays, s: Arrays) -> Any:
    return jnp.power(s["hardware_research"], -c["hardware_returns"])


def _respond(c: Arrays, s: Arrays) -> None:
    """Compute how research, output and spending grow, given what AI has taken over."""
    if "workforce" in c:
        workers = jnp.clip(c["workforce"] + s["effective"] - c["levels"][2], -_MOST_WORKERS, _MOST_WORKERS)
        done = jnp.minimum(s["used"], 1.0 / (1.0 + _exp10(-workers)))
        by_ai, by_people = jnp.log(done) / c["sigma"], jnp.log1p(-done) / c["sigma"]
        rho = 1.0 - 1.0 / c["sigma"]
        total = jnp.logaddexp(by_ai + rho * math.log(10.0) * workers, by_people)
        s["labour"] = jnp.exp(jnp.maximum(c["lambda"] / rho * total, 0.0))
    s["output_rate"] = c["economy_rate"] + (c["boost"] * s["used"] if "boost" in c else 0.0)
    s["spending_rate"] = jnp.where(s["growing"] > 0.0, c["trend_rate"], s["output_rate"])
    if "wakeup_share" in c:
        woken = jnp.clip(s["used"] / c["wakeup_share"] - 0.5, 0.0, 1.0)
        faster = jnp.maximum(c["wakeup_rate"], s["spending_rate"])
        s["spending_rate"] = (1.0 - woken) * s["spending_rate"] + woken * faster


def _moved(c: Arrays, s: Arrays, slopes: Arrays, now: Any, step: float, most: float) -> Arrays:
    """Return the states a step later, with constant ``slopes``."""
    after, limit = dict(s), math.log(most)
    for name in ("hardware", "software"):
        years = step * s[f"{name}_pace"]
        gain = math.log(10.0) * c[f"{name}_rate"] * years
        if f"{name}_research" in s:
            had, closing = s[f"{name}_research"], gain / c[f"{name}_returns"]
            has = jnp.minimum(had - (slopes["labour"] - had) * jnp.expm1(-closing), _MOST_RESEARCH)
            after[f"{name}_research"] = has
            gain = gain + c[f"{name}_returns"] * jnp.log(has / had)
        after[name] = jnp.minimum(s[name] + gain, limit)
    grown = math.log(10.0) * slopes["output_rate"] * step
    after["trend"] = jnp.minimum(
        s["trend"] + math.log(10.0) * step * s["spending_pace"] * slopes["spending_rate"], limit
    )
    after["output"] = jnp.minimum(s["output"] + grown, limit)
    after["lost"] = s["lost"] + (1.0 - s["spending_pace"]) * grown
    _look(c, after, now, most)
    rest = 1.0 - c["left"] - c["before"]
    used = s["used"] * c["left"] + s["able"] * c["before"] + after["able"] * rest
    after["used"] = jnp.clip(used, 0.0, 1.0)
    _respond(c, after)
    return after


def _growth(c: Arrays, s: Arrays, now: Any) -> Any:
    """Return the growth of effective compute in OOM per year."""
    speed = {}
    for name in ("hardware", "software"):
        rest = (1.0 - c[f"{name}_floor"]) * jnp.exp(-s[name])
        speed[name] = c[f"{name}_rate"] * s[f"{name}_pace"] * rest / (c[f"{name}_floor"] + rest)
        if f"{name}_research" in s:
            speed[name] = speed[name] * s["labour"] / s[f"{name}_research"]
    part = s["inverse_trend"] * s["spending_rate"]
    part = part + (s["inverse_caps"] - c["inverse_cap"]) * s["output_rate"]
    part = part * s["spending_pace"] / (s["inverse_trend"] + s["inverse_caps"])
    compute = speed["hardware"] + part
    if "limits" in c:
        inverse, slopes = _inverse_limits(c, s, now), c["slopes"]
        if "hardware_research" in s:
            rest = (1.0 - c["hardware_floor"]) * _price_left(c, s)
            faster = c["hardware_rate"] * s["hardware_pace"] * (s["labour"] / s["hardware_research"] - 1.0)
            slopes = slopes.at[1].add(rest / (c["hardware_floor"] + rest) * faster)
        money = s["bought"] - 1.0
        above = money > 0.0
        money = jnp.where(above, money, 1.0)
        added = 1.0 / (1.0 / money + inverse.sum(axis=0))
        rise = (added / money) ** 2 * compute * s["bought"] + added**2 * (slopes * inverse).sum(axis=0)
        compute = jnp.where(above, rise / (1.0 + added), compute)
    if "matched" in c:
        reach = _exp10(-c["alpha"] * jnp.maximum(s["excess"], 0.0))
        kept = (c["alpha"] + c["beta"]) * reach / (c["beta"] * reach + c["alpha"])
        compute = compute - c["binding"] * (1.0 - kept) * (compute - c["matched_rate"])
    return compute + speed["software"]


def _crossing(passed: Arrays, step: float) -> Any:
    """Return the dates of all levels, years after the start, by bisection of Hermite's cubic."""
    before, after = passed["before"], passed["after"]
    first = jnp.minimum(passed["first"] * step, 3.0 * (after - before))
    last = jnp.minimum(passed["last"] * step, 3.0 * (after - before))
    low, high = jnp.zeros_like(before), jnp.ones_like(before)
    for _ in range(_ITERATIONS):
        x = 0.5 * (low + high)
        y = 1.0 - x
        value = (1.0 + 2.0 * x) * y * y * before + x * x * (3.0 - 2.0 * x) * after
        value = value + x * y * (y * first - x * last)
        low, high = jnp.where(value < 0.0, x, low), jnp.where(value < 0.0, high, x)
    return jnp.where(passed["at"] >= 0.0, (passed["at"] + high) * step, jnp.inf)


@partial(jax.jit, static_argnames=("steps", "step", "most"))
def _run(c: Arrays, s: Arrays, steps: int, step: float, most: float) -> Any:
    """Return the dates of all levels, years after the start, shape (levels, draws)."""
    zero = jnp.zeros_like(s["trend"])
    _set_pace(c, s, zero, step)
    _look(c, s, zero, most)
    _respond(c, s)
    calm = {f"{name}_pace": zero + 1.0 for name in ("hardware", "software", "spending")}
    slope = 0.8 / c["gap"] * _growth(c, s | calm | {"labour": zero + 1.0}, zero)
    s["used"] = jnp.clip(s["able"] - c["lag"] * slope, 0.0, s["able"])
    _respond(c, s)
    s["slope"] = _growth(c, s, zero)
    below = s["effective"] - c["levels"]
    # A level below the start is passed at its beginning.
    none = jnp.where(below >= 0.0, 0.0, -1.0)
    nothing = jnp.zeros_like(below)
    passed = {"at": none, "before": nothing, "after": nothing + 1.0, "first": nothing, "last": nothing}

    def advance(carry: tuple[Arrays, Arrays], n: Any) -> tuple[tuple[Arrays, Arrays], None]:
        s, passed = carry
        now = (n + 1.0) * step
        predicted = _moved(c, s, s, now, step, most)
        names = [name for name in ("labour", "output_rate", "spending_rate") if name in s]
        mean: Arrays = {name: 0.5 * (s[name] + predicted[name]) for name in names}
        after = _moved(c, s, mean, now, step, most)
        # Slopes inside the step are of its own paces; events come at its end.
        after["slope"] = _growth(c, after, now)
        new = (after["effective"] >= c["levels"]) & (passed["at"] < 0.0)
        crossed = {
            "at": n,
            "before": s["effective"] - c["levels"],
            "after": after["effective"] - c["levels"],
            "first": s["slope"],
            "last": after["slope"],
        }
        passed = {name: jnp.where(new, crossed[name], values) for name, values in passed.items()}
        hit = (c["supply_start"] < now + 0.5 * step) & (c["supply_start"] >= now - 0.5 * step)
        after["hardware"] = after["hardware"] + jnp.where(hit, jnp.log(c["setback"]), 0.0)
        hit = (c["winter_start"] < now + 0.5 * step) & (c["winter_start"] >= now - 0.5 * step)
        fallen = c["fall"] * after["inverse_trend"] + (c["fall"] - 1.0) * after["inverse_caps"]
        after["trend"] = jnp.where(hit, -jnp.log(fallen), after["trend"])
        after["lost"] = jnp.where(c["pause_end"] < now + 0.5 * step, 0.0, after["lost"])
        _set_pace(c, after, now, step)
        _look(c, after, now, most)
        _respond(c, after)
        return ({name: after[name] for name in s}, passed), None

    times = jnp.arange(steps, dtype=zero.dtype)
    (_, passed), _ = lax.scan(advance, (s, passed), times)
    return _crossing(passed, step)


def compiled(
    inputs: Inputs, start: float, horizon: float, step: float, on: Collection[str], kind: str = "float64"
) -> Callable[[], FloatArray]:
    """Return a function that runs all draws on the default device and returns dates, shape (levels, draws).

    Parameters
    ----------
    inputs : mapping of str to array, shape (draws,)
        Parameters by name, in the model's units; shocks begin at their ``_start``.
    start, horizon, step : float
        Decimal years, and years.
    on : collection of str
        Names of the components that are on.
    kind : str
        ``float64`` or ``float32``.
    """
    _config.update("jax_enable_x64", kind == "float64")
    draws = np.asarray(inputs["automation.gap"]).size
    c: dict[str, FloatArray] = dict(constants(inputs, start, on, np.empty((0, draws))))
    trend, output = np.asarray(inputs["investment.largest_run"]), np.asarray(inputs["economy.output"])
    # Compute is counted in present runs, so that its inverse fits into single precision.
    present = c["p0"] / (1.0 / trend + 1.0 / (c["cap_share"] * output) + c["inverse_cap"])
    c["unit"], c["log_unit"] = present / c["p0"], np.log10(present)
    if "limits" in c:
        c["limits"] = c["limits"] / present
    lagging = c["lag"] > _LEAST_LAG
    ratio = np.where(lagging, step / np.where(lagging, c["lag"], 1.0), np.inf)
    c["left"] = np.exp(-ratio)
    c["before"] = np.where(lagging, -np.expm1(-ratio) / ratio - c["left"], 0.0)
    for name in ("events", "jumps", "jump", "p0", "present"):
        c.pop(name, None)
    zero = np.zeros(draws)
    s = {"hardware": zero, "software": zero, "lost": zero, "labour": zero + 1.0, "used": zero}
    for name in ("hardware", "software"):
        if f"{name}_feedback" in on:
            s[f"{name}_research"] = zero + 1.0
    s |= {"trend": np.log(trend), "output": np.log(output)}
    dtype = jnp.dtype(kind)
    fixed = {name: jnp.asarray(values, dtype) for name, values in c.items()}
    states = {name: jnp.asarray(values, dtype) for name, values in s.items()}
    steps = math.ceil((horizon - start) / step - 1e-9)

    def run() -> FloatArray:
        _config.update("jax_enable_x64", kind == "float64")  # another twin may have set it since
        dates = start + np.asarray(_run(fixed, states, steps, step, _MOST[kind]), dtype=np.float64)
        return np.where(dates < horizon, dates, np.inf)

    assert len(SHARES) == len(fixed["levels"])
    return run
