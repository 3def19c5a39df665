"""What a second of a processor buys in precision: error at equal time, and coverage of intervals, by method.

`uv run python benchmarks/precision.py` prints the tables of docs/explanation/speed.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import timecone as tc
from timecone.errors import TimeconeError
from timecone.schema import FloatArray

#: "By the end of 2027" is P(by 2028-01-01).
YEARS = (2027, 2029, 2034, 2049)
PERCENTILES = (10, 50, 90)
NAMES = (*(f"P(by {year + 1})" for year in YEARS), *(f"P{q} of tai" for q in PERCENTILES), "takeoff, P50")
SCENARIOS = ("open_loop", "baseline")
_REFERENCE_SEED = 1_000_003
_RESAMPLES = 4000


class Answers(NamedTuple):
    """Numbers in the order of `NAMES`, their 95 % intervals, and the processor seconds of all of them."""

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    seconds: float


type Method = Callable[[tc.Scenario, int, int], Answers]


def _run(design: str) -> Method:
    def answers(scenario: tc.Scenario, draws: int, seed: int) -> Answers:
        scenario = scenario.replace({}, run=scenario.run.model_copy(update={"design": design}))
        begin = time.process_time()
        run = tc.simulate(scenario, draws=draws, seed=seed, threads=1, paths=0, keep=1)
        parts = (
            tc.probability_by(run, "tai", YEARS),
            tc.percentiles(run, "tai", PERCENTILES),
            tc.percentiles(run, "takeoff_duration", [50]),
        )
        seconds = time.process_time() - begin
        value = np.concatenate([part.to_numpy() for part in parts])
        lower, upper = (
            np.concatenate([part[end].to_numpy() for part in parts]) for end in ("lower", "upper")
        )
        return Answers(value, lower, upper, seconds)

    return answers


def _conditional(scenario: tc.Scenario, draws: int, seed: int) -> Answers:
    begin = time.process_time()
    answer = tc.conditional_estimate(scenario, years=YEARS, q=PERCENTILES, draws=draws, seed=seed)
    seconds = time.process_time() - begin

    def both(ending: str) -> FloatArray:
        parts = (answer[f"{name}{ending}"].to_numpy() for name in ("probability", "date"))
        return np.append(np.concatenate(list(parts)), np.nan)

    return Answers(both(""), both("_lower"), both("_upper"), seconds)


METHODS: dict[str, Method] = {
    "random": _run("random"),
    "sobol": _run("sobol"),
    "conditional": _conditional,
}


def _reference(scenario: tc.Scenario, methods: dict[str, Method], draws: int) -> FloatArray:
    """Return the numbers from many Sobol' points; from conditional Monte Carlo where there is one."""
    truth = methods["sobol"](scenario, draws, _REFERENCE_SEED).value.copy()
    if "conditional" in methods:
        exact = methods["conditional"](scenario, draws, _REFERENCE_SEED).value
        truth = np.where(np.isnan(exact), truth, exact)
    return truth


def _methods(scenario: tc.Scenario) -> dict[str, Method]:
    """Return the methods that the scenario allows."""
    try:
        tc.conditional_estimate(scenario, years=[2040], draws=1024)
    except TimeconeError:
        return {name: method for name, method in METHODS.items() if name != "conditional"}
    return METHODS


def _rms(errors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.mean(np.square(errors), axis=0)))


def errors(name: str, draws: int, runs: int, reference: int) -> None:
    """Print the error of each method and its gain over random draws at equal processor time."""
    scenario = tc.load(name)
    methods = _methods(scenario)
    truth = _reference(scenario, methods, reference)
    for ask in methods.values():
        ask(scenario, 2**13, 1)
    answers: dict[str, list[Answers]] = {key: [] for key in methods}
    for seed in range(runs):
        for key, ask in methods.items():
            answers[key].append(ask(scenario, draws, seed))
    deviations = {m: np.array([a.value for a in given]) - truth for m, given in answers.items()}
    seconds = {m: float(np.median([a.seconds for a in given])) for m, given in answers.items()}
    rng = np.random.default_rng(1)
    print(f"\n{name}: {draws} draws, {runs} runs; truth {np.round(truth, 4)}")
    for way in methods:
        print(f"  {way}: {1e6 * seconds[way] / draws:.2f} us a draw")
    print(
        "| number | random, RMS error | " + " | ".join(f"{m}: gain" for m in methods if m != "random") + " |"
    )
    for k, number in enumerate(NAMES):
        if not np.isfinite(truth[k]):
            print(f"| {number} | beyond the horizon |")
            continue
        cells = [f"{_rms(deviations['random'][:, k]):.3g}"]
        for way in methods:
            if way == "random":
                continue
            if not np.isfinite(deviations[way][:, k]).all():
                cells.append("plain draws")
                continue
            slower = np.sqrt(seconds["random"] / seconds[way])
            picks = rng.integers(0, runs, (2, runs, _RESAMPLES))
            again = _rms(deviations["random"][picks[0], k]) / _rms(deviations[way][picks[1], k])
            gain = _rms(deviations["random"][:, k]) / _rms(deviations[way][:, k])
            low, high = slower * np.quantile(again, [0.025, 0.975])
            cells.append(f"{slower * gain:.1f} ({low:.1f} to {high:.1f})")
        print(f"| {number} | " + " | ".join(cells) + " |")


def coverage(name: str, draws: int, runs: int, reference: int, only: str | None) -> None:
    """Print how many of the 95 % intervals hold the truth, of all methods or of one."""
    scenario = tc.load(name)
    methods = _methods(scenario)
    truth = _reference(scenario, methods, reference)
    print(f"\n{name}: intervals of 95 % that hold the truth, of {runs} runs of {draws} draws, %")
    for method, ask in methods.items():
        if only not in (None, method):
            continue
        given = [ask(scenario, draws, seed) for seed in range(runs)]
        inside = [(a.lower <= truth) & (truth <= a.upper) for a in given]
        shares = 100.0 * np.mean(inside, axis=0)
        known = np.isfinite(given[0].value) & np.isfinite(truth)
        shown = (f"{n} {share:.1f}" for n, share, k in zip(NAMES, shares, known, strict=True) if k)
        print(f"  {method}: {', '.join(shown)}")


def main() -> None:
    """Read the options and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=24, help="runs of each method for the errors; 0 for none")
    parser.add_argument("--draws", type=int, default=2**17, help="draws of each of them, a power of two")
    parser.add_argument("--coverage", type=int, default=400, help="runs for the coverage; 0 for none")
    parser.add_argument("--coverage-draws", type=int, default=2**12, help="draws of each of them")
    parser.add_argument(
        "--covered", choices=METHODS, help="the method whose coverage is counted; all by default"
    )
    parser.add_argument("--reference", type=int, default=2**21, help="draws of the reference")
    parser.add_argument("--scenario", choices=SCENARIOS, action="append", help="both by default")
    options = parser.parse_args()
    for name in options.scenario or SCENARIOS:
        if options.runs:
            errors(name, options.draws, options.runs, options.reference)
        if options.coverage:
            coverage(name, options.coverage_draws, options.coverage, options.reference, options.covered)


if __name__ == "__main__":
    main()
