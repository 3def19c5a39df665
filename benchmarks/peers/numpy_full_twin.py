"""A plain NumPy twin of the full compute model: the same equations and the same scheme, written another way.

The package is not imported here. One array holds all draws at one time and `np.where` takes the place of
branches; efficiencies are factors and money is in dollars where the package counts orders of magnitude. It is
also the peer that the benchmarks time, so what is the same at all times is computed once, and draws that have
arrived are dropped.

Equations, with t the years since the start and u the share of tasks that AI has taken over:

- research: dw/dt = g_R (m - w), g_R = ln(10) rate / r; unlimited efficiency Q = 10**(rate t) w**r; efficiency
  1 / (1/K + (1 - 1/K) / Q), K = 10**headroom. Hardware and algorithms alike, each with its r;
- research labour m = max(1, [d**(1/sigma) W**rho + (1 - d)**(1/sigma)]**(lambda/rho)),
  d = min(u, W / (1 + W)), rho = 1 - 1/sigma, W = 10**(workforce + E - T);
- log10 of output Y grows by log10(1 + g) + u boost a year; the trend of spending S by ``growth`` until it
  ends, as Y thereafter, and by up to ``wakeup_growth`` as u passes half to one and a half of its share;
- spending 1 / (1/S + 1/(cap_share Y) + 1/cap_usd); compute B = P spending up to that of the start, B0, and
  B0 + 1 / (1/(B - B0) + sum 1/limits) above it; research multiplies the limit of chips by what w**r leaves of
  the price within the headroom;
- the data wall takes the loss of a run that has D tokens where it wants more;
- f = 0.2 + 0.8 (E - (T - G)) / G in [0, 1]; du/dt = (f - u) / lag.

Scheme: Heun's predictor and corrector, research and adoption by the exact solutions of their linear
equations, steps cut at events, steps whose two answers differ by more than `TOLERANCE` taken in up to
`MOST_PARTS` parts, dates by Hermite's cubic inside a step. Dates are exact without feedback.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from peers.numpy_twin import adopted_date, root

type FloatArray = NDArray[np.float64]
type Inputs = Mapping[str, FloatArray]
type Arrays = dict[str, FloatArray]

SHARES = (0.2, 0.5, 1.0)
TOLERANCE = 0.1
MOST_PARTS = 64
BLOW_UP = 20.0
MOST = 1e100
MOST_RESEARCH = 1e40
MOST_WORKERS = 20.0
LEAST_LAG = 1e-6
DROPPED = 0.05
_ITERATIONS = 60


class Found(NamedTuple):
    """What the twin says of each draw; dates are decimal years, +inf where not before the horizon.

    ``arrival`` and ``status`` have shape (3, draws), the rest (draws,). Data exhaustion and the cap count
    only before the last level, arrival[2]. ``taken_over`` is when a fifth of the tasks is.
    """

    arrival: FloatArray
    status: NDArray[np.str_]
    data_exhaustion: FloatArray
    cap_reached: FloatArray
    blow_up: FloatArray
    taken_over: FloatArray


def _floor(inputs: Inputs, name: str, rate: FloatArray, start: float) -> FloatArray:
    """Return an efficiency at the start over its limit; progress since the headroom's year is taken off."""
    gained = rate * np.clip(start - inputs[f"{name}.headroom_year"], 0.0, None)
    return np.power(10.0, -np.clip(inputs[f"{name}.headroom"] - gained, 0.0, None))


def constants(inputs: Inputs, start: float, on: Collection[str], jumps: FloatArray) -> Arrays:
    """Return what never changes in a draw, arrays of shape (draws,), and events of shape (events, draws)."""

    def of(name: str) -> FloatArray:
        return np.asarray(inputs[name], dtype=np.float64)

    c = {
        "p0": of("hardware.price_performance"),
        "hardware_rate": np.log10(2.0) / of("hardware.doubling_time"),
        "hardware_floor": _floor(inputs, "hardware", np.log10(2.0) / of("hardware.doubling_time"), start),
        "hardware_returns": of("feedback.hardware_returns"),
        "software_rate": np.log10(2.0) / of("algorithms.halving_time"),
        "software_floor": _floor(
            inputs, "algorithms", np.log10(2.0) / of("algorithms.halving_time_past"), start
        ),
        "software_returns": of("feedback.software_returns"),
        "trend_rate": np.log10(of("investment.growth")),
        "trend_end": of("investment.trend_lifetime"),
        "cap_share": of("investment.cap_share"),
        "inverse_cap": 1.0 / of("investment.cap_usd"),
        "economy_rate": np.log10(1.0 + of("economy.growth")),
        "gap": of("automation.gap"),
        "lag": of("automation.adoption_lag"),
        "jump": np.power(10.0, of("algorithms.breakthrough_size")),
        "jumps": jumps,
    }
    gained = np.log10(2.0) / of("algorithms.halving_time_past") * (start - of("threshold.reference_year"))
    required = of("threshold.requirement") + of("threshold.neuron_complexity") - gained
    c["levels"] = np.stack([required - c["gap"] * (1.0 - share) / 0.8 for share in SHARES])
    if "output_feedback" in on:
        whole = 1.0 + of("economy.growth") + of("economy.automation_growth")
        c["boost"] = np.log10(whole) - c["economy_rate"]
    if "investment_feedback" in on:
        c["wakeup_share"] = of("investment.wakeup_share")
        c["wakeup_rate"] = np.log10(of("investment.wakeup_growth"))
    if {"software_feedback", "hardware_feedback"} & set(on):
        c["sigma"], c["lambda"] = of("feedback.substitution"), of("feedback.parallelisation")
        c["workforce"] = of("feedback.workforce")
    if "supply_limits" in on:
        kinds = ("power", "chips", "latency")
        c["slopes"] = np.stack([of(f"supply.{kind}_growth") for kind in kinds])
        stated = np.stack([of(f"supply.{kind}") for kind in kinds])
        c["limits"] = stated * np.power(10.0, c["slopes"] * (start - 2030.0))
        afford = 1.0 / of("investment.largest_run") + 1.0 / (c["cap_share"] * of("economy.output"))
        c["present"] = c["p0"] / (afford + c["inverse_cap"])
    if "data_wall" in on:
        tokens = of("data.stock") * of("data.multiplier")
        c["matched"] = np.log10(6.0 * tokens**2 / of("data.tokens_per_parameter"))
        c["matched_rate"] = 2.0 * np.log10(1.0 + of("data.growth"))
        c["alpha"], c["beta"] = of("data.parameter_exponent"), of("data.token_exponent")
        c["binding"] = of("data.binding")
    for shock, stem in (("supply_shock", "supply"), ("pause", "pause"), ("winter", "winter")):
        begins = of(f"shocks.{stem}_start") if shock in on else np.full(c["p0"].shape, np.inf)
        c[f"{stem}_start"] = begins
        if stem != "winter":
            c[f"{stem}_end"] = begins + of(f"shocks.{stem}_duration")
    c["setback"] = np.power(2.0, -of("shocks.supply_setback") / of("hardware.doubling_time"))
    c["research_share"] = of("shocks.pause_research_share")
    c["fall"] = np.power(10.0, of("shocks.winter_depth"))
    events = ("trend_end", "supply_start", "supply_end", "pause_start", "pause_end", "winter_start")
    c["events"] = np.vstack([*(c[name] for name in events), jumps])
    return c


def _some(arrays: Arrays, which: NDArray[np.intp] | NDArray[np.bool_]) -> Arrays:
    return {name: values[..., which] for name, values in arrays.items()}


def _set_pace(c: Arrays, s: Arrays, now: FloatArray) -> None:
    """Set what holds until the next event."""
    short = (c["supply_start"] <= now) & (now < c["supply_end"])
    paused = (c["pause_start"] <= now) & (now < c["pause_end"])
    s["hardware_pace"] = np.where(short, 0.0, 1.0)
    s["spending_pace"] = np.where(paused, 0.0, 1.0)
    s["software_pace"] = np.where(paused, c["research_share"], 1.0)
    s["growing"] = np.where(now < c["trend_end"], 1.0, 0.0)
    s["next"] = np.min(np.where(c["events"] > now, c["events"], np.inf), axis=0)


def _inverse_limits(c: Arrays, s: Arrays, now: FloatArray) -> FloatArray:
    """Return one over each supply limit, shape (limits, draws)."""
    inverse = np.power(10.0, -c["slopes"] * now) / c["limits"]
    if "hardware_research" in s:
        inverse[1] *= c["hardware_floor"] + (1.0 - c["hardware_floor"]) * _price_left(c, s)
    return inverse


def _price_left(c: Arrays, s: Arrays) -> FloatArray:
    """Return what research beyond its trend leaves of the price of chips, were there no headroom."""
    return np.clip(np.power(s["hardware_research"], -c["hardware_returns"]), 1.0 / MOST, MOST)


def _look(c: Arrays, s: Arrays, now: FloatArray) -> None:
    """Compute effective compute and the share of tasks from the states."""
    s["inverse_trend"] = 1.0 / np.clip(s["trend"], 1.0 / MOST, MOST)
    s["inverse_caps"] = (
        1.0 / np.clip(c["cap_share"] * s["output"] / s["lost"], 1.0 / MOST, MOST) + c["inverse_cap"]
    )
    hardware = c["hardware_floor"] + (1.0 - c["hardware_floor"]) / s["hardware"]
    software = c["software_floor"] + (1.0 - c["software_floor"]) / s["software"]
    inverse = hardware * (s["inverse_trend"] + s["inverse_caps"]) / c["p0"]
    s["bought"] = inverse
    if "limits" in c:
        more = np.clip(1.0 / inverse - c["present"], 0.0, None)
        added = more / (1.0 + more * _inverse_limits(c, s, now).sum(axis=0))
        inverse = 1.0 / (np.minimum(1.0 / inverse, c["present"]) + added)
    s["physical"] = -np.log10(inverse)
    s["effective"] = s["physical"] - np.log10(software)
    if "matched" in c:
        s["excess"] = s["physical"] - c["matched"] - c["matched_rate"] * now
        over = np.maximum(s["excess"], 0.0)
        loss = (c["beta"] * np.power(10.0, -c["alpha"] * over) + c["alpha"]) / (c["alpha"] + c["beta"])
        same = -np.log10(loss) * (1.0 / c["alpha"] + 1.0 / c["beta"])
        s["effective"] = s["effective"] + c["binding"] * (same - over)
    s["able"] = np.clip(1.0 - 0.8 * (c["levels"][2] - s["effective"]) / c["gap"], 0.0, 1.0)


def _respond(c: Arrays, s: Arrays) -> None:
    """Compute how research, output and spending grow, given what AI has taken over."""
    if "workforce" in c:
        workers = np.clip(c["workforce"] + s["effective"] - c["levels"][2], -MOST_WORKERS, MOST_WORKERS)
        # No AI worker does more than a human one: where they are few, humans keep the tasks.
        done = np.minimum(s["used"], 1.0 / (1.0 + np.power(10.0, -workers)))
        with np.errstate(divide="ignore"):
            by_ai, by_people = np.log(done) / c["sigma"], np.log(1.0 - done) / c["sigma"]
        rho = 1.0 - 1.0 / c["sigma"]
        total = np.logaddexp(by_ai + rho * np.log(10.0) * workers, by_people)
        s["labour"] = np.exp(np.maximum(c["lambda"] / rho * total, 0.0))
    s["output_rate"] = c["economy_rate"] + (c["boost"] * s["used"] if "boost" in c else 0.0)
    s["spending_rate"] = np.where(s["growing"] > 0.0, c["trend_rate"], s["output_rate"])
    if "wakeup_share" in c:
        woken = np.clip(s["used"] / c["wakeup_share"] - 0.5, 0.0, 1.0)
        faster = np.maximum(c["wakeup_rate"], s["spending_rate"])
        s["spending_rate"] = (1.0 - woken) * s["spending_rate"] + woken * faster


def _decays(c: Arrays, s: Arrays, length: FloatArray, on: Collection[str]) -> Arrays:
    """Return what a step of each draw's length closes of w's distance, leaves of u's, f's first weight."""
    found = {}
    for name in ("hardware", "software"):
        if f"{name}_feedback" in on:
            rate = np.log(10.0) * c[f"{name}_rate"] / c[f"{name}_returns"] * s[f"{name}_pace"]
            found[name] = -np.expm1(-rate * length)
    lagging = c["lag"] > LEAST_LAG
    ratio = np.where(lagging, length / np.where(lagging, c["lag"], 1.0), np.inf)
    found["used"] = np.exp(-ratio)
    found["before"] = np.where(lagging, -np.expm1(-ratio) / ratio - found["used"], 0.0)
    return found


def _moved(c: Arrays, s: Arrays, slopes: Arrays, left: Arrays, now: FloatArray, length: FloatArray) -> Arrays:
    """Return the states a step later, with constant ``slopes``: labour, output_rate and spending_rate."""
    after = dict(s)
    for name in ("hardware", "software"):
        years = length * s[f"{name}_pace"]
        gain = np.power(10.0, c[f"{name}_rate"] * years)
        if name in left:
            had = s[f"{name}_research"]
            m = slopes["labour"]
            has = np.minimum(had + (m - had) * left[name], MOST_RESEARCH)
            after[f"{name}_research"] = has
            gain = gain * np.power(has / had, c[f"{name}_returns"])
        after[name] = np.minimum(s[name] * gain, MOST)
    grown = np.power(10.0, slopes["output_rate"] * length)
    spent = np.power(10.0, slopes["spending_rate"] * length)
    going = s["spending_pace"] > 0.0
    after["trend"] = np.minimum(s["trend"] * np.where(going, spent, 1.0), MOST)
    after["output"] = np.minimum(s["output"] * grown, MOST)
    after["lost"] = s["lost"] * np.where(going, 1.0, grown)
    _look(c, after, now)
    rest = 1.0 - left["used"] - left["before"]
    used = s["used"] * left["used"] + s["able"] * left["before"] + after["able"] * rest
    after["used"] = np.clip(used, 0.0, 1.0)
    _respond(c, after)
    return after


def _step(
    c: Arrays, s: Arrays, left: Arrays, now: FloatArray, length: FloatArray, *, loops: bool
) -> tuple[Arrays, FloatArray]:
    """Return the states at ``now``, after ``length`` years, and how far prediction and correction differ."""
    predicted = _moved(c, s, s, left, now, length)
    if not loops:
        return predicted, np.zeros(now.shape)
    names = ("labour", "output_rate", "spending_rate")
    mean = {name: 0.5 * (s[name] + predicted[name]) for name in names}
    corrected = _moved(c, s, mean, left, now, length)
    return corrected, np.abs(corrected["effective"] - predicted["effective"])


def _growth(c: Arrays, s: Arrays, now: FloatArray) -> FloatArray:
    """Return the growth of effective compute in OOM per year."""
    speed = {}
    for name in ("hardware", "software"):
        rest = (1.0 - c[f"{name}_floor"]) / s[name]
        speed[name] = c[f"{name}_rate"] * s[f"{name}_pace"] * rest / (c[f"{name}_floor"] + rest)
        if f"{name}_research" in s:
            speed[name] = speed[name] * s["labour"] / s[f"{name}_research"]
    part = s["inverse_trend"] * s["spending_rate"]
    part = part + (s["inverse_caps"] - c["inverse_cap"]) * s["output_rate"]
    part = part * s["spending_pace"] / (s["inverse_trend"] + s["inverse_caps"])
    compute = speed["hardware"] + part
    if "limits" in c:
        inverse, slopes = _inverse_limits(c, s, now), c["slopes"].copy()
        if "hardware_research" in s:
            rest = (1.0 - c["hardware_floor"]) * _price_left(c, s)
            faster = c["hardware_rate"] * s["hardware_pace"] * (s["labour"] / s["hardware_research"] - 1.0)
            slopes[1] += rest / (c["hardware_floor"] + rest) * faster
        # Of what is added to the present run: by money, and by the limits.
        money = 1.0 / s["bought"] - c["present"]
        above = money > 0.0
        money = np.where(above, money, 1.0)
        added = 1.0 / (1.0 / money + inverse.sum(axis=0))
        rise = (added / money) ** 2 * compute / s["bought"] + added**2 * (slopes * inverse).sum(axis=0)
        compute = np.where(above, rise / (c["present"] + added), compute)
    if "matched" in c:
        reach = np.power(10.0, -c["alpha"] * np.maximum(s["excess"], 0.0))
        kept = (c["alpha"] + c["beta"]) * reach / (c["beta"] * reach + c["alpha"])
        compute = compute - c["binding"] * (1.0 - kept) * (compute - c["matched_rate"])
    return np.asarray(compute + speed["software"])


def _cubic_root(before: FloatArray, after: FloatArray, first: FloatArray, last: FloatArray) -> FloatArray:
    """Return where in [0, 1] Hermite's cubic from ``before`` < 0 to ``after`` >= 0 is 0, by bisection.

    ``first`` and ``last`` are the slopes at its ends, cut to three times the mean: else there might be three.
    """
    first, last = np.minimum(first, 3.0 * (after - before)), np.minimum(last, 3.0 * (after - before))
    low, high = np.zeros(before.shape), np.ones(before.shape)
    for _ in range(_ITERATIONS):
        x = 0.5 * (low + high)
        y = 1.0 - x
        value = (1.0 + 2.0 * x) * y * y * before + x * x * (3.0 - 2.0 * x) * after
        value = value + x * y * (y * first - x * last)
        low, high = np.where(value < 0.0, x, low), np.where(value < 0.0, high, x)
    return high


def _exact(c: Arrays, s: Arrays, begin: FloatArray, end: FloatArray, level: FloatArray) -> FloatArray:
    """Return where in [0, 1] a step without feedback comes to a level."""

    def excess(x: FloatArray) -> FloatArray:
        length = x * (end - begin)
        return _moved(c, s, s, _decays(c, s, length, ()), begin + length, length)["effective"] - level

    return root(excess, np.zeros(begin.shape), np.ones(begin.shape))


class _Search:
    """The dates found so far, in years after the start, and what is still looked for."""

    def __init__(self, draws: int, *, loops: bool) -> None:
        self.loops = loops
        self.dates = np.full((len(SHARES), draws), np.inf)
        self.data, self.cap = np.full(draws, np.inf), np.full(draws, np.inf)
        self.blow_up = np.zeros(draws)
        self.taken = np.full(draws, np.inf)

    def arrived(self, ids: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which draws nothing more is asked of."""
        return np.asarray(np.isfinite(self.dates[-1, ids]) & self.loops)

    def note(
        self, ids: NDArray[np.intp], c: Arrays, s: Arrays, after: Arrays, begin: FloatArray, end: FloatArray
    ) -> None:
        """Note what draws ``ids`` pass from state ``s`` at ``begin`` to ``after`` at ``end``."""
        self._bounds(ids, s, after, begin, end)
        for m in range(len(SHARES)):
            passed = (after["effective"] >= c["levels"][m]) & np.isinf(self.dates[m, ids])
            k = np.flatnonzero(passed)
            if not k.size:
                continue
            cs, ss, aa, t0, t1 = _some(c, k), _some(s, k), _some(after, k), begin[k], end[k]
            level, moving = cs["levels"][m], t1 > t0
            first, last = _growth(cs, ss, t0) * (t1 - t0), _growth(cs, aa, t1) * (t1 - t0)
            x = _cubic_root(ss["effective"] - level, aa["effective"] - level, first, last)
            if not self.loops:
                x = _exact(cs, ss, t0, t1, level)
            x = np.where(ss["effective"] >= level, 0.0, x)
            self.dates[m, ids[k]] = np.where(moving, t0 + x * (t1 - t0), t1)
            if m == len(SHARES) - 1:
                rise = np.maximum(np.maximum(first, last), aa["effective"] - ss["effective"])
                self.blow_up[ids[k]] = moving & (rise > BLOW_UP * (t1 - t0))
        self._taken(ids, c, s, after, begin, end)

    def _taken(
        self, ids: NDArray[np.intp], c: Arrays, s: Arrays, after: Arrays, begin: FloatArray, end: FloatArray
    ) -> None:
        new = np.isinf(self.taken[ids]) & np.isfinite(self.dates[0, ids]) & (after["used"] >= 0.2)
        k = np.flatnonzero(new)
        if not k.size:
            return
        length = (end - begin)[k]
        x = adopted_date(s["used"][k], s["able"][k], after["able"][k], length, c["lag"][k])
        found = begin[k] + np.where(length > 0.0, x, 0.0) * length
        self.taken[ids[k]] = np.maximum(found, self.dates[0, ids[k]])

    def dismiss(self, ids: NDArray[np.intp], c: Arrays, s: Arrays, now: FloatArray) -> None:
        """Date what is taken over after AI can do everything: nothing of that is stepped."""
        k = np.flatnonzero(np.isinf(self.taken[ids]))
        wait = c["lag"][k] * np.log((1.0 - s["used"][k]) / 0.8)
        self.taken[ids[k]] = now[k] + np.maximum(wait, 0.0)

    def _bounds(
        self, ids: NDArray[np.intp], s: Arrays, after: Arrays, begin: FloatArray, end: FloatArray
    ) -> None:
        moving = end > begin
        if "excess" in after:
            new = np.isinf(self.data[ids]) & (after["excess"] >= 0.0)
            self._linear(self.data, ids, new, s["excess"], after["excess"], begin, end)
        new = np.isinf(self.cap[ids]) & (after["inverse_caps"] >= after["inverse_trend"])
        if new.any():
            was = np.log10(s["inverse_caps"] / s["inverse_trend"])
            now = np.log10(after["inverse_caps"] / after["inverse_trend"])
            self._linear(self.cap, ids, new, np.where(moving, was, -1.0), now, begin, end)

    @staticmethod
    def _linear(
        dates: FloatArray,
        ids: NDArray[np.intp],
        new: NDArray[np.bool_],
        was: FloatArray,
        now: FloatArray,
        begin: FloatArray,
        end: FloatArray,
    ) -> None:
        k = np.flatnonzero(new)
        x = np.where(was[k] < 0.0, was[k] / np.where(was[k] < 0.0, was[k] - now[k], 1.0), 0.0)
        dates[ids[k]] = begin[k] + x * (end - begin)[k]


def _happen(c: Arrays, s: Arrays, now: FloatArray) -> Arrays:
    """Return the states after everything that is due at ``now``."""
    s = dict(s)
    hit = c["supply_start"] == now
    s["hardware"] = np.where(hit, s["hardware"] * c["setback"], s["hardware"])
    hit = c["winter_start"] == now
    fallen = 1.0 / (c["fall"] * s["inverse_trend"] + (c["fall"] - 1.0) * s["inverse_caps"])
    s["trend"] = np.where(hit, fallen, s["trend"])
    s["lost"] = np.where(c["pause_end"] == now, 1.0, s["lost"])
    due = np.count_nonzero(c["jumps"] == now, axis=0)
    s["software"] = np.minimum(s["software"] * np.power(c["jump"], due), MOST)
    _set_pace(c, s, now)
    _look(c, s, now)
    _respond(c, s)
    return s


def _carefully(
    search: _Search,
    ids: NDArray[np.intp],
    c: Arrays,
    s: Arrays,
    end: float,
    on: Collection[str],
    *,
    loops: bool,
) -> Arrays:
    """Take draws to ``end`` that have events before it or are in rapid change; ``s`` holds their time."""
    s = {name: values.copy() for name, values in s.items()}
    todo = np.arange(ids.size)
    while todo.size:
        cs, ss, who = _some(c, todo), _some(s, todo), ids[todo]
        begin, stop = ss["time"], np.minimum(ss["next"], end)
        tried, error = _step(cs, ss, _decays(cs, ss, stop - begin, on), stop, stop - begin, loops=loops)
        error = np.where(search.arrived(who), 0.0, error)
        parts = np.where(error > TOLERANCE, np.floor(np.sqrt(error / TOLERANCE)) + 1.0, 1.0)
        parts = np.minimum(parts, MOST_PARTS).astype(int)
        one = np.flatnonzero(parts == 1)
        search.note(who[one], _some(cs, one), _some(ss, one), _some(tried, one), begin[one], stop[one])
        several = np.flatnonzero(parts > 1)
        if several.size:
            after = _in_parts(search, who[several], _some(cs, several), _some(ss, several),
                              stop[several], parts[several], on)  # fmt: skip
            for name, values in after.items():
                tried[name][..., several] = values
        at = np.flatnonzero(ss["next"] <= stop)
        if at.size:
            before, ce = _some(tried, at), _some(cs, at)
            after = _happen(ce, before, stop[at])
            search.note(who[at], ce, before, after, stop[at], stop[at])
            for name, values in after.items():
                tried[name][..., at] = values
        tried["time"] = stop
        for name, values in tried.items():
            s[name][..., todo] = values
        todo = todo[stop < end]
    return s


def _in_parts(
    search: _Search,
    ids: NDArray[np.intp],
    c: Arrays,
    s: Arrays,
    stop: FloatArray,
    parts: NDArray[np.int_],
    on: Collection[str],
) -> Arrays:
    """Take draws to ``stop`` in equal parts, each in as many as it needs."""
    s = {name: values.copy() for name, values in s.items()}
    begin = s["time"].copy()
    length = (stop - begin) / parts
    left = _decays(c, s, length, on)
    for k in range(int(parts.max())):
        run = np.flatnonzero(parts > k)
        cs, ss = _some(c, run), _some(s, run)
        t0 = begin[run] + k * length[run]
        t1 = np.where(parts[run] == k + 1, stop[run], begin[run] + (k + 1) * length[run])
        after, _ = _step(cs, ss, _some(left, run), t1, length[run], loops=True)
        search.note(ids[run], cs, ss, after, t0, t1)
        for name, values in after.items():
            s[name][..., run] = values
    return s


def _beginning(inputs: Inputs, c: Arrays, on: Collection[str]) -> Arrays:
    """Return the states at the start, before anything that happens at once."""
    zero = np.zeros(c["p0"].shape)
    s = {"time": zero, "hardware": zero + 1.0, "software": zero + 1.0, "lost": zero + 1.0}
    for name in ("hardware", "software"):
        if f"{name}_feedback" in on:
            s[f"{name}_research"] = zero + 1.0
    s |= {"trend": zero + inputs["investment.largest_run"], "output": zero + inputs["economy.output"]}
    s |= {"used": zero, "labour": zero + 1.0}
    _set_pace(c, s, zero)
    _look(c, s, zero)
    _respond(c, s)
    # The trends of the present are those before any shock, also before one that begins with the start.
    calm = {f"{name}_pace": zero + 1.0 for name in ("hardware", "software", "spending")}
    slope = 0.8 / c["gap"] * _growth(c, s | calm | {"labour": zero + 1.0}, zero)
    s["used"] = np.clip(s["able"] - c["lag"] * slope, 0.0, s["able"])
    return s


def simulate(
    inputs: Inputs,
    start: float,
    horizon: float,
    step: float,
    on: Collection[str],
    breakthroughs: FloatArray | None = None,
) -> Found:
    """Run all draws.

    Parameters
    ----------
    inputs : mapping of str to array, shape (draws,)
        Parameters by name, in the model's units; shocks begin at their ``_start``.
    start, horizon, step : float
        Decimal years, and years.
    on : collection of str
        Names of the components that are on.
    breakthroughs : array, shape (events, draws), optional
        Years from the start to each breakthrough of algorithms.
    """
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        jumps = np.empty((0, inputs["automation.gap"].size)) if breakthroughs is None else breakthroughs
        c = constants(inputs, start, on, jumps)
        search = _run(c, _beginning(inputs, c, on), math.ceil((horizon - start) / step - 1e-9), step, on)
    levels = c["levels"]

    def dated(elapsed: FloatArray) -> FloatArray:
        date = start + elapsed
        return np.where(date < horizon, date, np.inf)

    arrival = dated(search.dates)
    status = np.where(np.isfinite(arrival), "reached", "not_by_horizon")
    status = np.where(search.dates == 0.0, "before_start", status)
    status = np.where(np.isposinf(levels), "never", status)
    data, cap = (
        np.where(found > arrival[2], np.inf, found) for found in map(dated, (search.data, search.cap))
    )
    return Found(arrival, status, data, cap, search.blow_up, dated(search.taken))


def _dismiss(search: _Search, ids: NDArray[np.intp], c: Arrays, s: Arrays, gone: NDArray[np.bool_]) -> None:
    """Let go of the draws that have arrived in the step that ends now."""
    k = np.flatnonzero(search.arrived(ids) & ~gone)
    if k.size:
        search.dismiss(ids[k], _some(c, k), _some(s, k), s["time"][k])


def _run(c: Arrays, s: Arrays, steps: int, step: float, on: Collection[str]) -> _Search:
    ids = np.arange(s["time"].size)
    loops = any(name.endswith("_feedback") for name in on)
    search = _Search(ids.size, loops=loops)
    s = _happen(c, s, s["time"])
    search.note(ids, c, s, s, s["time"], s["time"])
    _dismiss(search, ids, c, s, np.zeros(ids.size, dtype=bool))
    left = _decays(c, s, np.full(ids.size, step), on)
    for n in range(1, steps + 1):
        gone = search.arrived(ids)
        if gone.mean() > DROPPED:
            ids, c, s, left = ids[~gone], _some(c, ~gone), _some(s, ~gone), _some(left, ~gone)
        if not ids.size:
            break
        begin, end = np.full(ids.size, (n - 1) * step), np.full(ids.size, n * step)
        after, error = _step(c, s, left, end, np.full(ids.size, step), loops=loops)
        gone = search.arrived(ids)
        hard = ((error > TOLERANCE) | (s["next"] <= end)) & ~gone
        k = np.flatnonzero(~hard & ~gone)
        if k.size == ids.size:
            search.note(ids, c, s, after, begin, end)
        else:
            search.note(ids[k], _some(c, k), _some(s, k), _some(after, k), begin[k], end[k])
        after["time"] = end
        k = np.flatnonzero(hard)
        if k.size:
            ck = _some(c, k)
            better = _carefully(search, ids[k], ck, _some(s, k), n * step, on, loops=loops)
            for name, values in better.items():
                after[name] = after[name].copy()
                after[name][..., k] = values
            again = _decays(ck, better, np.full(k.size, step), on)
            for name, values in again.items():
                left[name][..., k] = values
        s = after
        _dismiss(search, ids, c, s, gone)
    return search
