"""Choice of the design of a run, by a short trial on the numbers that its tables quote.

The trial compares random draws with Sobol' points, in the usual order of dimensions and led by the inputs
that move the headline's date most (Chatterjee 2021). All of them are unbiased; the trial only decides which
is used, and its draws are not those of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from timecone.inputs.designs import LEAST_REPLICATES
from timecone.results.run_file.access import headline
from timecone.results.run_file.drivers import drivers
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, probability_by
from timecone.scenario.scenario import Scenario
from timecone.schema import FloatArray
from timecone.simulation.limits import drawn_inputs, whole
from timecone.simulation.run import simulate

#: The attribute of a run whose design was chosen by a trial: which one, and why.
DESIGN_CHOICE: Final = "design_choice"
_REPLICATES: Final = 16
_POINTS: Final = 1024
_PERCENTILES: Final = (10, 50, 90)
# Below this index an input does not lead, and below this gain random draws stay.
_LEAST_INDEX: Final = 0.005
_LEAST_GAIN: Final = 1.1
# Fewer points in each replicate are refused.
_LEAST_POINTS: Final = 64
# Between the seed of a run and that of its trial.
_OTHER_SEED: Final = 7919
_LARGEST_SEED: Final = 2**63


@dataclass(frozen=True)
class DesignChoice:
    """A design, and why.

    Attributes
    ----------
    scenario : Scenario
        The scenario with the design in ``run``.
    draws : int
        Number of draws that the design comes in: the one asked for, or up to an eighth more.
    gains : dict of str to float
        By how much the trial's errors of random draws are larger than those of each design: geometric means
        over percentiles 10, 50 and 90 of the headline's date and its probabilities by year.
    reason : str
        What was chosen and why, in a sentence or two.

    Examples
    --------
    See `choose_design`.
    """

    scenario: Scenario
    draws: int
    gains: dict[str, float]
    reason: str


def choose_design(
    scenario: Scenario, *, draws: int | None = None, seed: int | None = None, threads: int | None = None
) -> DesignChoice:
    """Choose between random draws and Sobol' points by a trial of some 50 000 draws.

    Parameters
    ----------
    scenario : Scenario
        What to run. Its own design is not considered.
    draws, seed, threads : int, optional
        As in `simulate`.

    Returns
    -------
    DesignChoice
        Simulate its ``scenario`` with its ``draws``.

    Raises
    ------
    ArgumentError
        An argument is out of range.

    Examples
    --------
    >>> import timecone as tc
    >>> choice = tc.choose_design(tc.load("open_loop"), draws=100_000, seed=1)
    >>> choice.scenario.run.design, choice.draws
    ('sobol', 106496)
    """
    draws = whole("draws", scenario.run.draws if draws is None else draws, 1)
    seed = whole("seed", scenario.run.seed if seed is None else seed, 0)
    plain = _with(scenario, design="random", leading=())
    if scenario.redraw is not None or draws < LEAST_REPLICATES * _LEAST_POINTS:
        why = "draws that are drawn again" if scenario.redraw is not None else "so few draws"
        return DesignChoice(plain, draws, {}, f"Design: random draws, the only one for {why}.")
    trial = _Trial(seed, threads)
    first = trial.run(plain)
    leading = _leading(first, plain)
    sobol = _with(scenario, design="sobol", leading=(), replicates=_REPLICATES, stratify=False)
    candidates = {"sobol": sobol, "sobol, led": _with(sobol, leading=leading)}
    base = _errors(first)
    gains = {name: _gain(base, _errors(trial.run(candidate))) for name, candidate in candidates.items()}
    best = max(gains, key=lambda name: gains[name])
    told = f"Sobol' points {gains['sobol']:.2f}, led by the most influential inputs {gains['sobol, led']:.2f}"
    about = f"a trial of {_REPLICATES * _POINTS:,} draws each; error of random draws over theirs: {told}."
    if not gains[best] > _LEAST_GAIN:
        return DesignChoice(plain, draws, gains, f"Design: random draws, by {about}")
    replicates, points = _shape(draws)
    chosen = _with(candidates[best], replicates=replicates)
    led = f" led by {', '.join(chosen.run.leading)}" if chosen.run.leading else ""
    reason = f"Design: {replicates * points:,} Sobol' points in {replicates} replicates{led}, by {about}"
    return DesignChoice(chosen, replicates * points, gains, reason)


def _with(scenario: Scenario, **changes: object) -> Scenario:
    return scenario.replace({}, run={**scenario.run.model_dump(), **changes})


@dataclass(frozen=True)
class _Trial:
    seed: int
    threads: int | None

    def run(self, scenario: Scenario) -> xr.DataTree:
        draws = _REPLICATES * _POINTS
        seed = (self.seed + _OTHER_SEED) % _LARGEST_SEED
        return simulate(scenario, draws=draws, seed=seed, threads=self.threads, paths=0, keep=draws)


def _leading(run: xr.DataTree, scenario: Scenario) -> tuple[str, ...]:
    """Return the inputs that move the median of the headline's date, the most influential first."""
    index = drivers(run)["rank_index"]
    order = index.sortby(index, ascending=False)
    names = [str(name) for name in order["input"].values[order.values > _LEAST_INDEX]]
    # A run names its choices with a prefix.
    choices = {f"choice_{choice.name}": choice.name for choice in scenario.compiled.choices}
    drawn = set(drawn_inputs(scenario))
    return tuple(name for name in (choices.get(n, n) for n in names) if name in drawn)


def _errors(run: xr.DataTree) -> FloatArray:
    """Return the standard errors of the numbers that decide."""
    name = headline(run)
    parts = (percentiles(run, name, _PERCENTILES), probability_by(run, name, default_years(run)))
    return np.concatenate([part["standard_error"].to_numpy() for part in parts])


def _gain(base: FloatArray, errors: FloatArray) -> float:
    """Return the geometric mean of ratios of errors, of numbers that have one in both."""
    known = np.isfinite(base) & np.isfinite(errors) & (base > 0.0) & (errors > 0.0)
    return float(np.exp(np.mean(np.log(base[known] / errors[known])))) if known.any() else 1.0


def _shape(draws: int) -> tuple[int, int]:
    """Return replicates, and points in each, a power of two: as few as are at least so many draws.

    >>> _shape(1_000_000), _shape(100_000)
    ((8, 131072), (13, 8192))
    """
    points = max(2 ** ((draws // LEAST_REPLICATES).bit_length() - 1), _LEAST_POINTS)
    replicates = -(-draws // points)
    return (LEAST_REPLICATES, 2 * points) if replicates == 2 * LEAST_REPLICATES else (replicates, points)
