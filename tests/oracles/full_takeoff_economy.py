"""Full Takeoff economy in plain NumPy: the slow second implementation that the kernel is compared with.

Written from the published description of the model alone, before the kernel was: a step at a time, with every
task in an array of its own, and the allocation tried for every task. All arrays begin with the axis of draws.
Inputs are a mapping of the model's parameter names to numbers or arrays of shape (draws,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

YEAR_SECONDS = 31_536_000.0
ANCHORS = np.array([0.0, 0.05, 0.1, 0.2, 0.5, 1.0])
ANCHOR_POWERS = np.array([10.5, 9.5, 8.5, 7.0, 4.0, 0.0]) / 7.0

CAPITAL_SHARE_OF_RND = 0.002
SOFTWARE_SHARE_OF_RND = 0.0002

FRACTIONS = (
    "compute_spending",
    "hardware_capital",
    "hardware_labour",
    "hardware_compute",
    "software_labour",
    "software_compute",
    "training",
)


def requirements(top, gap, steepness, tasks):
    """Return the requirement of every task, task 0 first, shape (draws, tasks + 1)."""
    log_top, log_gap = np.log10(top)[:, None], np.log10(gap)[:, None]
    anchors = log_top - ANCHOR_POWERS * log_gap
    places = np.arange(tasks) / (tasks - 1) if tasks > 1 else np.ones(1)
    logs = np.stack([np.interp(places, ANCHORS, row) for row in anchors])
    with np.errstate(divide="ignore", invalid="ignore"):
        size = steepness[:, None]
        stepped = log_top - log_gap + size * np.ceil((logs + log_gap - log_top) / size)
    logs = np.where(size > 0.0, np.minimum(log_top, stepped), logs)
    return np.hstack([np.ones((len(top), 1)), 10.0**logs])


def odds_to_weights(odds):
    with np.errstate(divide="ignore"):
        first = np.select([odds < 1e-10, odds > 1e10], [odds, 1.0 - 1.0 / odds], 1.0 / (1.0 + 1.0 / odds))
        second = np.select([odds < 1e-10, odds > 1e10], [1.0 - odds, 1.0 / odds], 1.0 - first)
    return first, second


def ces(quantities, weights, exponent):
    exponent = exponent[:, None]
    shares = weights / weights.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        return ((shares * quantities**exponent).sum(axis=1)) ** (1.0 / exponent[:, 0])


def allocate(labour, compute, eta, automatable, beta, psi):
    """Return labour and compute of every task, shape (draws, tasks + 1)."""
    draws, n = eta.shape
    sigma = (1.0 / (1.0 - psi))[:, None]
    lb, cb = labour[:, None], compute[:, None]
    bs = beta**sigma
    es = bs * eta ** (sigma - 1.0)
    tail = np.cumsum(bs[:, ::-1], axis=1)[:, ::-1]
    upto = np.cumsum(es, axis=1)
    before = np.hstack([np.zeros((draws, 1)), upto[:, :-1]])
    a = eta**sigma * tail
    c = (cb * a - lb * before) / (a + eta * before)
    in_labour = (lb + eta * c) * bs / tail - eta * c
    index = np.arange(n)
    accepted = (in_labour >= 0.0) & (index < automatable[:, None])
    any_accepted = accepted.any(axis=1)
    chosen = np.where(any_accepted, accepted.argmax(axis=1), automatable - 1)
    rows = np.arange(draws)
    ec, cc, lc = eta[rows, chosen], c[rows, chosen], in_labour[rows, chosen]
    below, above = index < chosen[:, None], index > chosen[:, None]
    at = index == chosen[:, None]
    labour_out, compute_out = np.zeros((draws, n)), np.zeros((draws, n))

    mixed = any_accepted & ((cc >= 0.0) | (chosen == 0))
    level = (lb[:, 0] + ec * cc) / tail[rows, chosen]
    spread = (cb[:, 0] + lc / ec) / upto[rows, chosen]
    labour_out = np.where(mixed[:, None] & above, level[:, None] * bs, labour_out)
    labour_out = np.where(mixed[:, None] & at, lc[:, None], labour_out)
    compute_out = np.where(mixed[:, None] & below, spread[:, None] * es, compute_out)
    compute_out = np.where(mixed[:, None] & at, cc[:, None], compute_out)

    corner = any_accepted & ~mixed
    sums = np.where(chosen > 0, before[rows, chosen], 1.0)
    compute_out = np.where(corner[:, None] & below, (cb[:, 0] / sums)[:, None] * es, compute_out)
    labour_out = np.where(corner[:, None] & ~below, (lb[:, 0] / tail[rows, chosen])[:, None] * bs, labour_out)

    none = ~any_accepted
    compute_out = np.where(none[:, None] & ~above, (cb[:, 0] / upto[rows, chosen])[:, None] * es, compute_out)
    rest = np.where(chosen < n - 1, tail[rows, np.minimum(chosen + 1, n - 1)], 1.0)
    labour_out = np.where(none[:, None] & above, (lb[:, 0] / rest)[:, None] * bs, labour_out)

    idle = labour_out.sum(axis=1) == 0.0
    labour_out[idle, -1] += lb[idle, 0]
    return labour_out, compute_out


@dataclass
class Sector:
    """Weights of a sector, which are set at the start, and its exponents."""

    psi: np.ndarray
    rho: np.ndarray
    beta: np.ndarray
    alpha: np.ndarray

    @classmethod
    def calibrated(cls, other, labour, compute, cognitive, compute_share, psi, rho, tasks):
        share = compute_share * cognitive
        odds = share / ((1.0 - compute_share) * cognitive)
        odds = odds * tasks * (labour / tasks) ** psi / compute**psi
        first, each = odds_to_weights(odds)
        beta = np.hstack([first[:, None], np.repeat(each[:, None], tasks, axis=1)])
        quantities = np.hstack([compute[:, None], np.repeat(labour[:, None] / tasks, tasks, axis=1)])
        cognition = ces(quantities, beta, psi)
        alpha = np.stack(odds_to_weights((1.0 - cognitive) / cognitive * cognition**rho / other**rho), axis=1)
        return cls(psi, rho, beta, alpha)

    def output(self, tfp, other, labour, compute, eta, automatable):
        """Return output, and the labour and compute of every task."""
        ls, cs = allocate(labour, compute, eta, automatable, self.beta, self.psi)
        cognition = ces(ls + eta * cs, self.beta, self.psi)
        return tfp * ces(np.stack([other, cognition], axis=1), self.alpha, self.rho), ls, cs


def automated_share(labour, compute, eta):
    return ((eta * compute > 10.0 * labour).sum(axis=1) - 1.0) / (eta.shape[1] - 1.0)


def simulate(p, *, step=0.1, steps=780, tasks=100):  # noqa: PLR0915 - one step, written out
    """Return the series of a run on the published grid, each of shape (draws, steps + 1)."""
    draws = max(np.size(v) for v in p.values())
    p = {k: np.broadcast_to(np.asarray(v, dtype=float), (draws,)).copy() for k, v in p.items()}
    lam = p["rnd.parallelisation"]
    returns_h, returns_s = p["hardware.returns"] / lam, p["software.returns"] / lam
    hc, sc = np.log10(p["hardware.ceiling"]), np.log10(p["software.ceiling"])
    gwp0 = p["economy.output"]
    delay = np.round(p["hardware.delay"] / step).astype(int)

    tau_g = requirements(
        p["requirement.training"], p["requirement.training_gap"], p["requirement.training_steepness"], tasks
    )
    tau_r = requirements(
        p["requirement.training"] / p["requirement.training_goods_to_rnd"],
        p["requirement.training_gap"],
        p["requirement.training_steepness"],
        tasks,
    )
    runtime = p["requirement.runtime"] * YEAR_SECONDS
    iota_g = requirements(runtime, p["requirement.runtime_gap"], p["requirement.runtime_steepness"], tasks)
    iota_r = requirements(
        runtime / p["requirement.runtime_goods_to_rnd"],
        p["requirement.runtime_gap"],
        p["requirement.runtime_steepness"],
        tasks,
    )
    delta = p["automation.tradeoff"]
    traded = delta > 0.0
    most = np.where(traded, p["automation.largest_tradeoff"], 1.0)

    capital = gwp0 * p["economy.savings"] / np.expm1(p["economy.capital_growth"])
    labour, tfp = p["economy.workers"], np.ones(draws)
    stock = p["hardware.production"] * p["hardware.stock_to_production"]
    software = np.ones(draws)
    compute = stock * software
    f = {name: p[f"share.{name}"] for name in FRACTIONS if f"share.{name}" in p}
    f["compute_spending"] = p["hardware.production"] / p["hardware.price_performance"] / gwp0
    f["training"] = p["automation.largest_run"] / compute
    research_h, research_s = CAPITAL_SHARE_OF_RND * gwp0, SOFTWARE_SHARE_OF_RND * gwp0
    q_h = research_h**lam / (p["hardware.input_ratio"] * lam)
    q_s = research_s**lam / (p["software.input_ratio"] * lam)
    first_growth = ((q_h + research_h**lam * step) / q_h) ** returns_h
    start_h = p["hardware.price_performance"] * first_growth**delay
    efficiency = [start_h]
    money = p["automation.largest_run"] / (software * p["hardware.price_performance"])

    rho_h = p["substitution.capital_rnd"] * lam

    def budgets():
        other = {
            "g": capital * (1.0 - f["hardware_capital"]),
            "h": capital * f["hardware_capital"],
            "s": stock ** p["software.experiment_exponent"],
        }
        work = {
            "g": labour * (1.0 - f["hardware_labour"] - f["software_labour"]),
            "h": labour * f["hardware_labour"],
            "s": labour * f["software_labour"],
        }
        machine = {
            "g": compute * (1.0 - f["hardware_compute"] - f["software_compute"] - f["training"]),
            "h": compute * f["hardware_compute"],
            "s": compute * f["software_compute"],
        }
        return other, work, machine

    other, work, machine = budgets()
    psi = {"g": p["substitution.labour_goods"], "h": p["substitution.labour_rnd"]}
    psi["s"] = psi["h"]
    rho = {"g": p["substitution.capital_goods"], "h": rho_h, "s": p["substitution.experiments"]}
    cognitive = {
        "g": p["factor_share.cognitive_goods"],
        "h": p["factor_share.cognitive_hardware"],
        "s": 1.0 - p["factor_share.experiments"],
    }
    compute_share = {
        "g": p["factor_share.compute_goods"],
        "h": p["factor_share.compute_rnd"],
        "s": p["factor_share.compute_rnd"],
    }
    sectors = {
        s: Sector.calibrated(
            other[s], work[s], machine[s], cognitive[s], compute_share[s], psi[s], rho[s], tasks
        )
        for s in "ghs"
    }

    names = (
        "output",
        "capital",
        "labour",
        "tfp",
        "stock",
        "software",
        "compute",
        "efficiency",
        "training_run",
        "money",
        "automated_goods",
        "automated_rnd",
        "automatable_goods",
        "automatable_rnd",
        "automatable_goods_untraded",
        "multiplier",
        "research_hardware",
        "research_software",
        "input_hardware",
        "input_software",
        "awake",
        *(f"share.{n}" for n in FRACTIONS),
    )
    series = {name: np.empty((draws, steps + 1)) for name in names}
    scale = {}
    awake, was_awake = np.zeros(draws, dtype=bool), np.zeros(draws, dtype=bool)
    goods_before = np.zeros(draws)
    hardware, gwp = start_h, gwp0
    for k in range(steps + 1):
        if k:
            q_h_next = q_h + research_h**lam * step
            q_s_next = q_s + research_s**lam * step
            pen_h = (hc - np.log10(hardware)) / (hc - np.log10(start_h))
            pen_s = (sc - np.log10(software)) / sc
            hardware = np.minimum(p["hardware.ceiling"], hardware * (q_h_next / q_h) ** (returns_h * pen_h))
            software = np.minimum(p["software.ceiling"], software * (q_s_next / q_s) ** (returns_s * pen_s))
            q_h, q_s = q_h_next, q_s_next
            efficiency.append(hardware)
            was_awake, awake = awake, goods_before >= p["wakeup.trigger"]
            frozen = (money > p["wakeup.money_cap"]) & ~was_awake
            for name in FRACTIONS:
                rate = np.where(awake, p[f"growth_awake.{name}"], p[f"growth.{name}"])
                grown = np.minimum(p[f"ceiling.{name}"], f[name] * np.exp(rate * step))
                f[name] = np.where(frozen, f[name], grown) if name == "training" else grown
            market = market_efficiency(efficiency, k, delay)
            spending = gwp * f["compute_spending"] * step
            stock = stock * (1.0 - p["hardware.depreciation"]) ** step + spending * market
            compute = stock * software
            capital = capital + p["economy.savings"] * gwp * step
            labour = labour * np.exp(p["economy.labour_growth"] * step)
            tfp = tfp * np.exp(p["economy.tfp_growth"] * step)
            money = compute * f["training"] / (software * market)
        run = f["training"] * compute
        counts = {
            "g": (tau_g < (run * most)[:, None]).sum(axis=1),
            "r": (tau_r < (run * most)[:, None]).sum(axis=1),
        }
        untraded = (tau_g < run[:, None]).sum(axis=1)
        eta = {}
        for key, tau, iota in (("g", tau_g, iota_g), ("r", tau_r, iota_r)):
            factor = np.where(
                traded[:, None], (tau / run[:, None]) ** np.where(traded, delta, 0.0)[:, None], 1.0
            )
            eta[key] = 1.0 / np.maximum(1.0, iota * factor)
        other, work, machine = budgets()
        outputs, shares = {}, {}
        for s in "ghs":
            key = "g" if s == "g" else "r"
            outputs[s], ls, cs = sectors[s].output(tfp, other[s], work[s], machine[s], eta[key], counts[key])
            shares[s] = automated_share(ls, cs, eta[key])
        alone, _, _ = sectors["h"].output(
            tfp, other["h"], work["h"], machine["h"], eta["r"], np.ones(draws, dtype=int)
        )
        if k == 0:
            scale = {"g": gwp0 / outputs["g"], "h": research_h / outputs["h"], "s": research_s / outputs["s"]}
        gwp = outputs["g"] * scale["g"]
        research_h, research_s = outputs["h"] * scale["h"], outputs["s"] * scale["s"]
        goods_before = shares["g"]
        values = (
            gwp,
            capital,
            labour,
            tfp,
            stock,
            software,
            compute,
            hardware,
            run,
            money,
            shares["g"],
            shares["h"],
            (counts["g"] - 1.0) / tasks,
            (counts["r"] - 1.0) / tasks,
            (untraded - 1.0) / tasks,
            outputs["h"] / alone,
            research_h,
            research_s,
            q_h,
            q_s,
            awake,
            *(f[n] for n in FRACTIONS),
        )
        for name, value in zip(names, values, strict=True):
            series[name][:, k] = value
    internals = {
        "tau_goods": tau_g,
        "tau_rnd": tau_r,
        "iota_goods": iota_g,
        "iota_rnd": iota_r,
        "sectors": sectors,
        "scale": scale,
        "start_hardware": start_h,
        "delay": delay,
        "returns_hardware": returns_h,
        "returns_software": returns_s,
        "rho_hardware": rho_h,
    }
    return series, internals


def market_efficiency(efficiency, k, delay):
    """Return the price-performance that is for sale at step k, shape (draws,)."""
    known = np.stack(efficiency)
    rows = np.arange(known.shape[1])
    back = known[0] * (known[1] / known[0]) ** (k - delay.astype(float))
    return np.where(k < delay, back, known[np.maximum(k - delay, 0), rows])


def first(condition):
    """Return the index of the first True of each row, -1 where there is none."""
    return np.where(condition.any(axis=1), condition.argmax(axis=1), -1)


def crossed(condition):
    """Return the index of the last crossing from False to True before the last point; -1 for none."""
    before = np.hstack([np.zeros((len(condition), 1), dtype=bool), condition[:, :-1]])
    starts = (condition & ~before)[:, :-1]
    last = starts.shape[1] - 1 - starts[:, ::-1].argmax(axis=1)
    return np.where(starts.any(axis=1), last, -1)


def metrics(series, *, start=2022.0, step=0.1, trigger=0.06, doublings=5):
    """Return dates (NaN where not reached), doubling times and the flag of a slow takeoff.

    ``series`` are those of `simulate`; the last point, at the horizon, is left out.
    """
    s = {name: values[:, :-1] for name, values in series.items()}
    gwp = s["output"]
    draws = len(gwp)
    year = int(1.0 / step)
    growth = np.log(gwp[:, year:] / gwp[:, :-year])[:, :-1]
    index = {
        "wakeup": crossed(s["automated_goods"] >= np.broadcast_to(trigger, (draws,))[:, None]),
        "goods_20": first(s["automated_goods"] >= 0.2),
        "goods_50": first(s["automated_goods"] >= 0.5),
        "goods_100": first(s["automated_goods"] >= 1.0),
        "goods_above_20": first(s["automated_goods"] > 0.2),
        "rnd_20": first(s["automated_rnd"] >= 0.2),
        "rnd_50": first(s["automated_rnd"] >= 0.5),
        "rnd_100": first(s["automated_rnd"] >= 1.0),
        "rnd_above_20": first(s["automated_rnd"] > 0.2),
        "sub_agi": crossed(s["automatable_goods_untraded"] >= 0.2),
        "agi": crossed(s["automatable_goods_untraded"] >= 1.0),
        "output_2": first(s["multiplier"] > 2.0),
        "output_10": first(s["multiplier"] > 10.0),
        "growth_5": first(growth > 0.05),
        "growth_20": first(growth > 0.2),
    }
    out = {name: np.where(at >= 0, start + step * at, np.nan) for name, at in index.items()}
    times = np.full((draws, doublings), np.nan)
    times[:, 0] = step / np.log2(gwp[:, 1] / gwp[:, 0])
    for i in range(draws):
        at = index["wakeup"][i]
        if at < 0:
            times[i] = np.nan
            continue
        for n in range(1, doublings):
            later = np.nonzero(gwp[i, at:] > 2.0 * gwp[i, at])[0]
            if not len(later):
                break
            times[i, n] = step * later[0]
            at += later[0]
    out["doubling_times"] = times
    starts = {}
    for n in (1, 4):
        window = int(n / step)
        kept = gwp[:, :-1]
        starts[n] = first(kept[:, window:] / kept[:, :-window] >= 2.0)
    lag = step * (starts[1] - starts[4])
    out["slow"] = (starts[1] < 0) | (lag >= 4.0 - 1e-9)
    return out
