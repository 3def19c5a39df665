"""What Sobol' points gain over random draws, in the error of the answers."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

import timecone as tc
from contests import BASELINE, Line
from timecone.schema import FloatArray

DRAWS = 2**17
REFERENCE_DRAWS = 2**23
SEEDS = 24
YEAR = 2035
DESIGNS = ("random", "sobol")
_RESAMPLES = 10_000
_REFERENCE_SEED = 1_000_003


class Answers(NamedTuple):
    """The median of tai, P(tai by the year), and the seconds that they took."""

    median: float
    probability: float
    seconds: float


def _answers(scenario: tc.Scenario, design: str, draws: int, seed: int) -> Answers:
    run = scenario.run.model_copy(update={"design": design})
    begin = time.perf_counter()
    result = tc.simulate(scenario.replace({}, run=run), draws=draws, seed=seed, paths=0, keep=draws)
    seconds = time.perf_counter() - begin
    return Answers(
        tc.percentiles(result, "tai", [50]).item(), tc.probability_by(result, "tai", [YEAR]).item(), seconds
    )


def _root_mean_square(errors: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.mean(np.square(errors), axis=-1)))


def _gain(errors: dict[str, FloatArray]) -> tuple[float, float, float]:
    """Return random over Sobol' error, with its 95 % bootstrap interval over seeds."""
    rng = np.random.default_rng(1)
    picks = {design: rng.integers(0, SEEDS, (_RESAMPLES, SEEDS)) for design in DESIGNS}
    again = {design: _root_mean_square(errors[design][picks[design]]) for design in DESIGNS}
    low, high = np.quantile(again["random"] / again["sobol"], [0.025, 0.975])
    return float(_root_mean_square(errors["random"]) / _root_mean_square(errors["sobol"])), low, high


def designs() -> list[Line]:
    """Compare errors at equal draws, against a run of so many draws that its own error does not matter."""
    scenario = tc.load(BASELINE)
    true = [_answers(scenario, design, REFERENCE_DRAWS, _REFERENCE_SEED) for design in DESIGNS]
    reference = true[DESIGNS.index("sobol")]
    found = {d: [_answers(scenario, d, DRAWS, seed) for seed in range(SEEDS)] for d in DESIGNS}
    apart = 365.25 * (true[0].median - true[1].median)
    taken = {d: float(np.median([one.seconds for one in found[d]])) for d in DESIGNS}
    lines = [
        Line("P50 of tai, random less Sobol', 2**23 draws", apart, "days"),
        Line("seconds, Sobol' / random", taken["sobol"] / taken["random"], "x"),
    ]
    for what, unit, factor in (("median", "days", 365.25), ("probability", "%", 100.0)):
        errors = {
            d: factor * np.array([getattr(a, what) - getattr(reference, what) for a in found[d]])
            for d in DESIGNS
        }
        quantity = "P50 of tai" if what == "median" else f"P(tai by {YEAR})"
        gain, low, high = _gain(errors)
        lines += [
            Line(f"{quantity}, RMS error, {d}", float(_root_mean_square(errors[d])), unit) for d in DESIGNS
        ]
        lines.append(Line(f"{quantity}, random / Sobol' ({low:.1f} to {high:.1f})", gain, "x"))
    return lines
