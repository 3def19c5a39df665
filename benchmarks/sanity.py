"""The baseline, open and closed, and what each of its parts does: the tables of docs/results.md.

    uv run python benchmarks/sanity.py                  # a quarter of an hour on two busy cores
    uv run python benchmarks/sanity.py --draws 100000   # a minute, errors three times as large

All scenarios run on the same draws, so a shift is that between two worlds that differ in one part alone. Its
error is that of the difference, from a bootstrap that draws both worlds' trajectories together.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import timecone as tc
from timecone.schema import Standing

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
    return World(date, outcomes["standing"].to_numpy() == Standing.COUNTED, np.argsort(date, kind="stable"))


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
        removed = standing[Standing.REMOVED_NOT_YET] / standing.sum()
        print(f"| {' | '.join(cells)} | {removed:.3f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=1_000_000, help="draws of each scenario")
    draws = parser.parse_args().draws
    baseline = tc.load(CONFIGS / "baseline.toml")
    worlds = {"baseline": baseline, "open loop": tc.load(CONFIGS / "open_loop.toml")}
    worlds["feedback without wall, limits and shocks"] = baseline.without(*BOUNDS)
    print_headline(worlds, draws)
    asked = {f"{name}.toml": tc.load(CONFIGS / f"{name}.toml") for name in ASKED}
    others = {name: simulated(scenario, draws) for name, scenario in (switched(baseline) | asked).items()}
    print_shifts(shifts(simulated(baseline, draws), others))


if __name__ == "__main__":
    main()
