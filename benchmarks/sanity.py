"""The baseline, open and closed, its parts and its beliefs: the tables of docs/explanation/results.md.

    uv run python benchmarks/sanity.py                  # half an hour on two busy cores
    uv run python benchmarks/sanity.py --draws 100000   # three minutes, errors three times as large
    uv run python benchmarks/sanity.py --only chain     # or headline, rules, beliefs, parts, published

All scenarios run on the same draws, so a shift is that between two worlds that differ in one part alone. Its
error is that of the difference, from a bootstrap that draws both worlds' trajectories together.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import timecone as tc
from timecone.schema import Inclusion

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
LOOPS = ("software_feedback", "hardware_feedback", "investment_feedback", "output_feedback")
BOUNDS = ("data_wall", "supply_limits", "supply_shock", "pause", "winter")
ASKED = (
    "software_only_feedback", "taiwan_disruption", "pause_2027", "fab_sized_cap", "national_project",
    "neuron_complexity", "lindy_off",
)  # fmt: skip
YEARS = (2030, 2035, 2050, 2100)
SHIFT_YEAR = 2035
REPLICATES = 200
MASS = 0.95

type Floats = NDArray[np.float64]
type Change = Callable[[tc.Scenario], tc.Scenario]


#: Percentiles of the beliefs that version 0.1 held, by what was changed since.
CENTRES = {
    "economy.automation_growth": tc.LogNormal(p05=5, p95=40, unit="%/year"),
    "investment.wakeup_growth": tc.LogNormal(p05=2.0, p95=5.0, unit="x/year"),
    "feedback.software_returns": tc.LogNormal(p05=0.6, p95=3.0, unit="1"),
    "feedback.hardware_returns": tc.LogNormal(p05=3, p95=7, unit="1"),
    "feedback.substitution": tc.Uniform(low=0.3, high=0.9, unit="1"),
    "feedback.parallelisation": tc.Uniform(low=0.3, high=0.95, unit="1"),
    "shocks.supply_setback": tc.LogNormal(p05=2, p95=5, unit="year"),
}
_FITTED = ("supply.power", "supply.chips")
_FROM_START = tc.Point(value=np.inf, unit="calendar year")


def _without_past(scenario: tc.Scenario) -> tc.Scenario:
    """Return the scenario with the pace of algorithms before the start that of the future's draw."""
    past = "algorithms.halving_time_past"
    kept = {name: given for name, given in scenario.parameters.items() if name != past}
    correlations = tuple(c for c in scenario.correlations if past not in c.between)
    return scenario.replace({}, parameters=kept, correlations=correlations)


def _not_yet(*milestones: str) -> Change:
    """Return what sets the milestones of the not-yet rule."""
    return lambda s: s.replace({}, not_yet={"rule": "remove", "milestones": milestones})


def _with_returns_as_read(scenario: tc.Scenario) -> tc.Scenario:
    """Return the scenario with the numbers of the returns as if they were the model's exponents."""
    names = ("software_returns", "hardware_returns")
    if scenario.quantities.keys().isdisjoint(names):
        return scenario
    read = {f"feedback.{name}": scenario.quantities[name].form for name in names}
    pairs = tuple(
        c.model_copy(update={"between": tuple(f"feedback.{n}" if n in names else n for n in c.between)})
        for c in scenario.correlations
    )
    return scenario.replace({k: replace(v, unit="1") for k, v in read.items()}, correlations=pairs)


def _without_centres(scenario: tc.Scenario) -> tc.Scenario:
    """Return the scenario with the two outer percentiles of seven inputs alone."""
    returns = {name.partition(".")[2]: name for name in CENTRES if name.startswith("feedback.")}
    quantities = {
        name: stated.model_copy(update={"form": replace(CENTRES[returns[name]], unit=None)})
        if name in returns
        else stated
        for name, stated in scenario.quantities.items()
    }
    changes = {n: d for n, d in CENTRES.items() if n.partition(".")[2] not in quantities}
    return scenario.replace(changes, quantities=quantities)


def _with_the_earlier_fit(scenario: tc.Scenario) -> tc.Scenario:
    """Return the scenario with trends fitted to runs of known compute alone."""
    stated = tomllib.loads((CONFIGS / "history" / "landmarks_2026-08.toml").read_text(encoding="utf-8"))
    about = ("distribution", "source", "as_of", "basis", "note")
    changes = {
        f"{component}.{name}": tc.PercentileTable(**{k: v for k, v in table.items() if k not in about})
        for component, tables in stated["parameters"].items()
        for name, table in tables.items()
    }
    past = "algorithms.halving_time_past"
    if past in scenario.parameters:
        changes[past] = changes["algorithms.halving_time"]
    rho = {frozenset(each["between"]): each["rho"] for each in stated["correlations"]}
    pairs = tuple(
        c.model_copy(update={"rho": rho.get(frozenset(c.between), c.rho)}) for c in scenario.correlations
    )
    return scenario.replace(changes, correlations=pairs)


def _with_supply_by_hand(scenario: tc.Scenario) -> tc.Scenario:
    """Return the scenario with limits of power and chips from published studies."""
    by_hand = tc.load(CONFIGS / "supply_by_hand.toml").parameters
    changes = {n: replace(by_hand[n].form, unit=by_hand[n].unit) for n in by_hand if n.startswith(_FITTED)}
    pairs = tuple(c for c in scenario.correlations if not c.between[0].startswith(_FITTED))
    return scenario.replace(changes, correlations=pairs)


def _changed(**changes: tc.Distribution) -> Change:
    return lambda s: s.replace({name.replace("__", "."): new for name, new in changes.items()})


#: What undoes each belief that has changed since version 0.1, in the order in which they were changed. That
#: limits do not bind the present run, and that research relaxes the limit of chips, is in the equations.
UNDO: dict[str, Change] = {
    "growth of power and chips as measured": _changed(
        supply__power_growth=tc.LogNormal(p05=0.1, p95=0.4, unit="OOM/year"),
        supply__chips_growth=tc.LogNormal(p05=0.1, p95=0.4, unit="OOM/year"),
    ),
    "headroom of algorithms by view, from its year": _changed(
        algorithms__headroom=tc.LogNormal(p05=2.5, p95=12, unit="OOM"), algorithms__headroom_year=_FROM_START
    ),
    "headroom of hardware from its year": lambda s: s.replace(
        {"hardware.headroom_year": _FROM_START}, keep=["hardware.headroom"]
    ),
    "automation gap with its source's centre": _changed(
        automation__gap=tc.LogNormal(p05=1, p95=8, unit="OOM")
    ),
    "seven other inputs with theirs": _without_centres,
    "pace of algorithms before the start from the fit": _without_past,
    "half of the tasks not automated yet": _not_yet("tai", "taken_over_20"),
    "a fifth of the tasks not taken over yet": _not_yet("tai", "automation_50"),
    "returns to research as their sources define them": _with_returns_as_read,
    "limits of power and chips fitted to data": _with_supply_by_hand,
    "bounds and runs of unknown compute in the fit": _with_the_earlier_fit,
}


class World(NamedTuple):
    """One scenario's draws: date of TAI, whether each counts, and the date's order."""

    date: Floats
    counts: NDArray[np.bool_]
    order: NDArray[np.intp]


class Shift(NamedTuple):
    """Of a world against another: of the median, years, and of the probability by `SHIFT_YEAR`."""

    median: float
    probability: float


def simulated(scenario: tc.Scenario, draws: int) -> World:
    """Return a scenario's draws, all with the scenario's own seed."""
    outcomes = tc.simulate(scenario, draws=draws, keep=draws, paths=0)["outcomes"]
    date = outcomes["arrival"].sel(milestone="tai").to_numpy()
    return World(date, outcomes["standing"].to_numpy() == Inclusion.COUNTED, np.argsort(date, kind="stable"))


def numbers(world: World, weights: Floats) -> tuple[float, float]:
    """Return the weighted median and the probability by `SHIFT_YEAR` of the draws that count."""
    counted = weights * world.counts
    mass = np.cumsum(counted[world.order])
    median = world.date[world.order[np.searchsorted(mass, 0.5 * mass[-1])]]
    return float(median), float(counted[world.date < SHIFT_YEAR + 1].sum() / mass[-1])


def shift(world: World, base: tuple[float, float], weights: Floats) -> Shift:
    """Return how far a world's numbers lie from those of the base, both under the same weights."""
    median, probability = numbers(world, weights)
    return Shift(median - base[0], probability - base[1])


def shifts(base: World, others: dict[str, World], seed: int = 1) -> dict[str, tuple[Shift, Shift]]:
    """Return each world's shift and the half-width of its 95 % interval, from a paired bootstrap.

    Every draw is weighted by a Poisson variate of mean 1, in all worlds alike (Hanley & MacGibbon 2006,
    "Creating non-parametric bootstrap samples using Poisson frequencies").
    """
    rng, draws = np.random.default_rng(seed), base.date.size
    even = np.ones(draws)
    found = {name: shift(world, numbers(base, even), even) for name, world in others.items()}
    again: dict[str, list[Shift]] = {name: [] for name in others}
    for _ in range(REPLICATES):
        weights = rng.poisson(1.0, draws).astype(np.float64)
        here = numbers(base, weights)
        for name, world in others.items():
            again[name].append(shift(world, here, weights))
    tails = (1.0 - MASS) / 2.0
    ends = {name: np.quantile(np.array(s), [tails, 1.0 - tails], axis=0) for name, s in again.items()}
    return {name: (found[name], Shift(*(0.5 * np.ptp(ends[name], axis=0)).tolist())) for name in others}


def switched(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    """Return the baseline with parts switched off, by what is off."""
    found = {f"without {name}": baseline.without(name) for name in (*LOOPS, *BOUNDS)}
    return found | {
        "without all four loops": baseline.without(*LOOPS),
        "without wall, limits and shocks": baseline.without(*BOUNDS),
        "without all nine: the open loop": baseline.without(*LOOPS, *BOUNDS),
        "without correlations: the independent twin": baseline.independent(),
    }


def with_error(value: float, half: float) -> str:
    """Return a number and its error, to the digit that the error leaves."""
    digits = max(0, int(np.ceil(-np.log10(half)))) if half > 0.0 else 4
    return f"{value:+.{digits}f} ± {half:.{digits}f}"


def print_shifts(found: dict[str, tuple[Shift, Shift]]) -> None:
    """Print the table of shifts."""
    print("\n| against the baseline | median of TAI, years | P(TAI by 2035), points |\n|---|---|---|")
    for name, (value, half) in found.items():
        points = with_error(100.0 * value.probability, 100.0 * half.probability)
        print(f"| {name} | {with_error(value.median, half.median)} | {points} |")


def print_headline(worlds: dict[str, tc.Scenario], draws: int) -> None:
    """Print percentiles and probabilities of scenarios."""
    years = " | ".join(f"by {year}" for year in YEARS)
    print(f"| | TAI 10 / 50 / 90 % | takeoff 10 / 50 / 90 %, years | {years} | removed |")
    print("|---" * (4 + len(YEARS)) + "|")
    for name, scenario in worlds.items():
        run = tc.simulate(scenario, draws=draws, paths=0)
        cells = [name]
        for quantity, digits in (("tai", 1), ("takeoff_duration", 2)):
            found = tc.percentiles(run, quantity, [10, 50, 90]).to_numpy()
            cells.append(" / ".join(f"{x:.{digits}f}" if np.isfinite(x) else "beyond" for x in found))
        cells += [f"{p:.3f}" for p in tc.probability_by(run, "tai", list(YEARS)).to_numpy()]
        standing = run["summary"]["standing_count"].sum("cell").to_numpy()
        removed = standing[Inclusion.REMOVED_NOT_YET] + standing[Inclusion.REMOVED_EVIDENCE]
        print(f"| {' | '.join(cells)} | {removed / standing.sum():.3f} |", flush=True)


def chain(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    """Return the worlds from the beliefs of version 0.1 to the baseline's, one belief at a time."""
    found, names = {}, list(UNDO)
    first_rule = names.index("half of the tasks not automated yet")
    for k in range(len(names) + 1):
        world = baseline
        for name in reversed(names[k:]):
            # The rule was about TAI alone until the first of its two other milestones was added.
            world = UNDO[name](world)
        if k <= first_rule:
            world = _not_yet("tai")(world)
        found[names[k - 1] if k else "limits that do not bind the present run"] = world
    return found


def rules(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    """Return the baseline under each rule about what the world has not reached."""
    off = baseline.replace({}, not_yet={"rule": "off"})

    def measured(**quantiles: float) -> tc.Scenario:
        about = {"source": "Bick, Blandin & Deming 2025", "as_of": date(2025, 2, 28), "basis": "data"}
        evidence = {"observable": "adopted_share", "date": 2026.0, **quantiles, **about}
        return off.replace({}, evidence=evidence)

    tai = _not_yet("tai")(baseline)
    return {
        "none": off,
        "TAI": tai,
        "TAI, half of the tasks": _not_yet("tai", "automation_50")(baseline),
        "TAI, half of the tasks, a fifth taken over (baseline)": baseline,
        "TAI, a fifth of the tasks automated": _not_yet("tai", "automation_20")(baseline),
        "evidence: at most about 4 % taken over (95 %: 14 %)": measured(p50=0.04, p95=0.14),
        "evidence: 4 % taken over (5 %: 1 %, 95 %: 14 %)": measured(p05=0.01, p50=0.04, p95=0.14),
        "baseline's rule and the first evidence": measured(p50=0.04, p95=0.14).replace(
            {}, not_yet=baseline.not_yet
        ),
    }


def undone(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    """Return the baseline with one belief alone as it was."""
    return {f"without: {name}": undo(baseline) for name, undo in UNDO.items()}


def published(baseline: tc.Scenario) -> dict[str, tc.Scenario]:
    """Return the baseline with what its published neighbours differ in, one cause at a time."""
    views = ("bio_anchors", "direct_approach", "full_takeoff")

    def only(view: str, world: tc.Scenario = baseline) -> tc.Scenario:
        choice = baseline.choices["threshold"]
        weights = {v: float(v == view) for v in views}
        return world.replace({}, choices={**baseline.choices, "threshold": choice.model_copy(
            update={"weights": weights})})  # fmt: skip

    slow = tc.Uniform(low=2.0, high=3.5, unit="year")
    return {
        "bio anchors alone": only("bio_anchors"),
        "bio anchors alone, open loop": only("bio_anchors", baseline.without(*LOOPS, *BOUNDS)),
        "bio anchors alone, open loop, algorithms halve in 2 to 3.5 years": only(
            "bio_anchors", baseline.without(*LOOPS, *BOUNDS)
        ).replace({"algorithms.halving_time": slow, "algorithms.halving_time_past": slow}),
        "Direct Approach alone": only("direct_approach"),
        "Direct Approach alone, open loop": only("direct_approach", baseline.without(*LOOPS, *BOUNDS)),
        "Direct Approach alone, open loop, not-yet rule off": only(
            "direct_approach", baseline.without(*LOOPS, *BOUNDS)
        ).replace({}, not_yet={"rule": "off"}),
        "full takeoff alone": only("full_takeoff"),
        # 3.4e26 effective FLOP with the algorithms of 2022 in 2026, in place of 4.4e28 here at the medians.
        "full takeoff alone, from the run that its best guess has in 2026": only("full_takeoff").replace(
            {"hardware.price_performance": tc.LogNormal(p05=0.93e16, p95=1.56e16, unit="FLOP/USD")}
        ),
        "spending capped at 0.04 % of the output of the United States": baseline.replace(
            {"investment.cap_share": tc.LogNormal(p05=0.0013, p95=0.08, unit="% of world output")}
        ),
    }


TABLES = ("headline", "rules", "chain", "beliefs", "parts", "published")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=1_000_000, help="draws of each scenario")
    parser.add_argument("--only", choices=TABLES, action="append", help="print these tables alone")
    options = parser.parse_args()
    draws, wanted = options.draws, options.only or TABLES
    baseline = tc.load(CONFIGS / "baseline.toml")
    worlds = {"baseline": baseline, "open loop": tc.load(CONFIGS / "open_loop.toml")}
    worlds["feedback without wall, limits and shocks"] = baseline.without(*BOUNDS)
    tables = {"headline": worlds, "rules": rules(baseline), "chain": chain(baseline),
              "published": published(baseline)}  # fmt: skip
    for name, rows in tables.items():
        if name in wanted:
            print(f"\n{name}\n", flush=True)
            print_headline(rows, draws)
    if "beliefs" in wanted:
        others = {name: simulated(scenario, draws) for name, scenario in undone(baseline).items()}
        print_shifts(shifts(simulated(baseline, draws), others))
    if "parts" not in wanted:
        return
    asked = {f"{name}.toml": tc.load(CONFIGS / f"{name}.toml") for name in ASKED}
    others = {name: simulated(scenario, draws) for name, scenario in (switched(baseline) | asked).items()}
    print_shifts(shifts(simulated(baseline, draws), others))


if __name__ == "__main__":
    main()
