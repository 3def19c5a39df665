"""The full model's equations as printed, for SciPy's integrators; shares no code with the kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp

from timecone.schema import FloatArray

Values = Mapping[str, float]

HARDWARE, SOFTWARE, HARDWARE_X, SOFTWARE_X, TREND, OUTPUT, LOST, ADOPTED = range(8)
LN10 = np.log(10.0)


class ClosedLoop:
    """One trajectory. States: unlimited progress of hardware and algorithms in OOM; x = ln(cumulative
    research / its value at the start) of both; log10 of the trend of spending and of output; growth of the
    cap that a pause withholds until its end; the share of tasks adopted.
    """

    def __init__(self, values: Values, on: frozenset[str], start: float) -> None:
        self.v, self.on, self.start = values, on, start
        past = np.log10(2.0) / values["algorithms.halving_time_past"]
        self.required = values["threshold.requirement"] - past * (start - values["threshold.reference_year"])
        self.g_hardware = np.log10(2.0) / values["hardware.doubling_time"]
        self.g_software = np.log10(2.0) / values["algorithms.halving_time"]
        since = start - values.get("hardware.headroom_year", np.inf)
        self.hardware_limit = 10.0 ** -max(
            values["hardware.headroom"] - self.g_hardware * max(since, 0.0), 0.0
        )
        since = start - values.get("algorithms.headroom_year", np.inf)
        self.software_limit = 10.0 ** -max(values["algorithms.headroom"] - past * max(since, 0.0), 0.0)
        self.present = np.inf
        self.pace = {"hardware": 1.0, "software": 1.0, "spending": 1.0}

    def level(self, f: float) -> float:
        return float(self.required - self.v["automation.gap"] * (1.0 - f) / 0.8)

    def physical(self, t: float, z: FloatArray) -> float:
        v = self.v
        h, limit = 10.0 ** -z[HARDWARE], self.hardware_limit
        price = v["hardware.price_performance"] / (limit + (1.0 - limit) * h)
        cap = v["investment.cap_share"] * 10.0 ** (z[OUTPUT] - z[LOST])
        spending = 1.0 / (10.0 ** -z[TREND] + 1.0 / cap + 1.0 / v["investment.cap_usd"])
        bought = price * spending
        if bought <= self.present or "supply_limits" not in self.on:
            return float(np.log10(bought))
        inverse = 1.0 / (bought - self.present)
        for kind in ("power", "chips", "latency"):
            slope = v[f"supply.{kind}_growth"]
            allowed = v[f"supply.{kind}"] * 10.0 ** (slope * (self.start + t - 2030.0))
            if kind == "chips" and "hardware_feedback" in self.on:
                left = np.exp(-v["feedback.hardware_returns"] * z[HARDWARE_X])
                allowed /= limit + (1.0 - limit) * left
            if kind == "power" and {"power_feedback", "hardware_feedback"} <= self.on:
                left = np.exp(-v["feedback.hardware_returns"] * z[HARDWARE_X])
                allowed *= (limit + (1.0 - limit) * left) ** -v["supply.power_elasticity"]
            inverse += 1.0 / allowed
        return float(np.log10(self.present + 1.0 / inverse))

    def effective(self, t: float, z: FloatArray) -> float:
        v, c = self.v, self.physical(t, z)
        s, limit = 10.0 ** -z[SOFTWARE], self.software_limit
        gain = -np.log10(limit + (1.0 - limit) * s)
        wall = 0.0
        if "data_wall" in self.on:
            tokens = v["data.stock"] * v["data.multiplier"] * (1.0 + v["data.growth"]) ** t
            matched = np.log10(6.0 * tokens**2 / v["data.tokens_per_parameter"])
            a, b = v["data.parameter_exponent"], v["data.token_exponent"]
            if c > matched:
                left = (b * 10.0 ** (-a * (c - matched)) + a) / (a + b)
                wall = v["data.binding"] * (matched - (a + b) / (a * b) * np.log10(left) - c)
        return float(c + wall + gain)

    def share(self, e: float) -> float:
        v = self.v["automation.gap"]
        return float(np.clip(0.2 + 0.8 * (e - (self.required - v)) / v, 0.0, 1.0))

    def multiplier(self, u: float, e: float) -> float:
        sigma, power = self.v["feedback.substitution"], self.v["feedback.parallelisation"]
        rho = 1.0 - 1.0 / sigma
        k = 10.0 ** (self.v["feedback.workforce"] + e - self.required)
        a = min(u, k / (1.0 + k))
        if a <= 0.0:
            return 1.0
        total = a ** (1.0 - rho) * k**rho + (1.0 - a) ** (1.0 - rho)
        return float(total ** (power / rho))

    def rates(self, t: float, z: FloatArray) -> FloatArray:
        v, on = self.v, self.on
        e = self.effective(t, z)
        f = self.share(e)
        u = z[ADOPTED] if v["automation.adoption_lag"] > 0.0 else f
        out = np.zeros(8)
        m = self.multiplier(u, e) if on & {"software_feedback", "hardware_feedback"} else 1.0
        for k, trend, kind in (
            (HARDWARE, self.g_hardware, "hardware"),
            (SOFTWARE, self.g_software, "software"),
        ):
            if f"{kind}_feedback" in on:
                r = v[f"feedback.{kind}_returns"]
                # x - g_R t is kept, so that a pause stops the trend of research input too.
                g = LN10 * trend / r * self.pace[kind]
                growth = g * m * np.exp(-z[k + 2])
                out[k + 2] = growth - g
                out[k] = r * growth / LN10
            else:
                out[k] = trend * self.pace[kind]
        output = np.log10(1.0 + v["economy.growth"])
        if "output_feedback" in on:
            output += u * (np.log10(1.0 + v["economy.growth"] + v["economy.automation_growth"]) - output)
        base = np.log10(v["investment.growth"]) if t < v["investment.trend_lifetime"] else output
        if "investment_feedback" in on:
            awake = np.clip(u / v["investment.wakeup_share"] - 0.5, 0.0, 1.0)
            base += awake * max(np.log10(v["investment.wakeup_growth"]) - base, 0.0)
        out[TREND] = base * self.pace["spending"]
        out[OUTPUT] = output
        out[LOST] = output * (1.0 - self.pace["spending"])
        if v["automation.adoption_lag"] > 0.0:
            out[ADOPTED] = (f - z[ADOPTED]) / v["automation.adoption_lag"]
        return out

    def happen(self, t: float, z: FloatArray) -> None:
        """Change states and paces by what is due at t."""
        v, on = self.v, self.on
        if "supply_shock" in on:
            start, end = v["shocks.supply_start"], v["shocks.supply_start"] + v["shocks.supply_duration"]
            if t == start:
                z[HARDWARE] -= v["shocks.supply_setback"] * self.g_hardware
            self.pace["hardware"] = 0.0 if start <= t < end else 1.0
        if "pause" in on:
            start, end = v["shocks.pause_start"], v["shocks.pause_start"] + v["shocks.pause_duration"]
            self.pace["spending"] = 0.0 if start <= t < end else 1.0
            self.pace["software"] = v["shocks.pause_research_share"] if start <= t < end else 1.0
        if "winter" in on and t == v["shocks.winter_start"]:
            cap = v["investment.cap_share"] * 10.0 ** (z[OUTPUT] - z[LOST])
            caps = 1.0 / cap + 1.0 / v["investment.cap_usd"]
            spending = 1.0 / (10.0 ** -z[TREND] + caps)
            z[TREND] = -np.log10(10.0 ** v["shocks.winter_depth"] / spending - caps)
        if "pause" in on and t == v["shocks.pause_start"] + v["shocks.pause_duration"]:
            z[LOST] = 0.0

    def events(self) -> list[float]:
        v = self.v
        found = {0.0, v["investment.trend_lifetime"]}
        if "supply_shock" in self.on:
            found |= {v["shocks.supply_start"], v["shocks.supply_start"] + v["shocks.supply_duration"]}
        if "pause" in self.on:
            found |= {v["shocks.pause_start"], v["shocks.pause_start"] + v["shocks.pause_duration"]}
        if "winter" in self.on:
            found.add(v["shocks.winter_start"])
        return sorted(found)

    def arrivals(self, years: float) -> list[float]:
        """Return when 20 %, 50 % and all of the tasks can be done, years after the start; inf for not."""
        levels = [self.level(f) for f in (0.2, 0.5, 1.0)]
        z = np.zeros(8)
        z[TREND], z[OUTPUT] = np.log10(self.v["investment.largest_run"]), np.log10(self.v["economy.output"])
        dates = [np.inf] * 3
        self.present = 10.0 ** self.physical(0.0, z)
        edges = [t for t in self.events() if t < years] + [years]
        for begin, end in pairwise(edges):
            self.happen(begin, z)
            # The end of a pause may lift spending past a level at once.
            passed = [self.effective(begin, z) >= level for level in levels]
            dates = [min(date, begin) if by else date for date, by in zip(dates, passed, strict=True)]
            if np.isfinite(dates[-1]):
                break
            z = self._integrate(begin, end, z, levels, dates)
            if np.isfinite(dates[-1]):
                break
        return dates

    def _integrate(
        self, begin: float, end: float, z: FloatArray, levels: list[float], dates: list[float]
    ) -> FloatArray:
        def crossing(level: float) -> Callable[[float, FloatArray], float]:
            def distance(t: float, z: FloatArray) -> float:
                return self.effective(t, z) - level

            distance.direction = 1.0  # type: ignore[attr-defined]
            distance.terminal = level == levels[-1]  # type: ignore[attr-defined]
            return distance

        found = solve_ivp(
            self.rates,
            (begin, end),
            z,
            method="LSODA",
            rtol=1e-9,
            atol=1e-11,
            max_step=0.1,
            events=[crossing(level) for level in levels],
        )
        for k, times in enumerate(found.t_events):
            if len(times):
                dates[k] = min(dates[k], float(times[0]))
        return np.array(found.y[:, -1])
