"""Attribution of the difference between two scenarios to the inputs that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.estimators.intervals import NORMAL_SCORE
from timecone.results.estimators.sensitivity import shapley_weights
from timecone.results.run_file.access import stored_values
from timecone.results.run_file.target import Target
from timecone.scenario.differences import Differences
from timecone.scenario.scenario import Scenario
from timecone.schema import FloatArray
from timecone.simulation.run import simulate

#: Most changes of which all combinations are run.
MOST_COMBINED = 6

#: Positions of the changes that are made, in increasing order.
type Chosen = tuple[int, ...]
#: A number and each draw's influence on it; None where it is not finite.
type Influence = tuple[float, FloatArray | None]


def attribute(
    first: Scenario,
    second: Scenario,
    quantity: str | None = None,
    *,
    percentile: float | None = None,
    by: int | None = None,
    draws: int = 20_000,
    seed: int | None = None,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Attribute the difference between two scenarios to each input that differs.

    Every scenario between the two that is needed is run with the same random numbers, so errors are paired.

    Parameters
    ----------
    first, second : Scenario
        Scenarios of one model.
    quantity : str, optional
        A milestone or a duration; the headline by default.
    percentile : float, optional
        The percentile that is asked about; the median by default.
    by : int, optional
        Ask instead about the probability of the milestone by the end of this year.
    draws : int
        Draws of each run.
    seed : int, optional
        Of all runs; the first scenario's own by default.
    threads : int, optional
        All processors by default.
    progress : callable, optional
        Called with the number of runs made and of all runs.

    Returns
    -------
    Dataset, dims (change,)
        ``alone`` is the effect of one change on the first scenario, ``last`` the effect of making it last,
        on top of all others, and ``share`` what is attributed to it: its Shapley value up to six changes (its
        effect averaged over all orders in which they can be made), the mean of ``alone`` and ``last`` of
        more. Each has ``_lower``, ``_upper`` and ``_error``, its 95 % interval and standard error; NaN where
        a number that it needs is not reached. Attributes: the ``difference`` with its interval, ``method``,
        and ``rest``, the part of the difference that the shares leave (0 of Shapley values).

    Raises
    ------
    ArgumentError
        The scenarios are of different models, or lead to the same numbers, or no draw of a run counts.

    Examples
    --------
    >>> import timecone as tc
    >>> baseline = tc.load("baseline")
    >>> other = baseline.without("software_feedback", "pause")
    >>> attribution = tc.attribute(baseline, other, by=2035, draws=2000)
    >>> attribution["share"].sel(change="components.software_feedback").item() < 0.0
    True
    """
    differences = Differences(first, second)
    changes = differences.changes
    if not changes:
        raise ArgumentError(
            "scenarios-do-not-differ",
            "the scenarios do not differ in anything that changes numbers",
            where="attribute",
            got=f"{first.name} and {second.name}",
        )
    combinations_needed = _needed(len(changes))
    numbers: dict[Chosen, Influence] = {}
    for chosen in combinations_needed:
        between = differences.between([changes[k] for k in chosen])
        run = simulate(between, draws=draws, seed=_seed(first, seed), threads=threads, paths=0, keep=draws)
        target = Target.of_run(run, quantity, percentile, by)
        values, counted = stored_values(run, target.quantity, None)
        if not counted.any():
            raise ArgumentError("no-draws-left", "no draws are left", where="attribute", got=between.name)
        numbers[chosen] = target.influence(values, counted)
        if progress is not None:
            progress(len(numbers), len(combinations_needed))
    return _dataset(changes, numbers, target, {"draws": draws, "seed": _seed(first, seed)})


def _seed(scenario: Scenario, seed: int | None) -> int:
    return scenario.run.seed if seed is None else seed


def _needed(count: int) -> list[Chosen]:
    """Return the combinations of changes to run: all, or each alone and each left out."""
    every = tuple(range(count))
    if count <= MOST_COMBINED:
        return [chosen for size in range(count + 1) for chosen in combinations(every, size)]
    without = [tuple(k for k in every if k != left) for left in every]
    return [(), *((k,) for k in every), *without, every]


def _dataset(
    changes: tuple[tuple[str, ...], ...],
    numbers: Mapping[Chosen, Influence],
    target: Target,
    about: dict[str, int],
) -> xr.Dataset:
    every = tuple(range(len(changes)))
    combined = len(changes) <= MOST_COMBINED
    table = xr.Dataset(coords={"change": [" + ".join(keys) for keys in changes]})
    effects = [
        {
            "alone": {(k,): 1.0, (): -1.0},
            "last": {every: 1.0, tuple(j for j in every if j != k): -1.0},
        }
        for k in every
    ]
    for k, effect in enumerate(effects):
        effect["share"] = (
            shapley_weights(k, len(every)) if combined else _mean(effect["alone"], effect["last"])
        )
    for key in ("alone", "last", "share"):
        columns = [_combined(effect[key], numbers) for effect in effects]
        for end, suffix in enumerate(("", "_lower", "_upper", "_error")):
            table[f"{key}{suffix}"] = ("change", [column[end] for column in columns])
    whole = _combined({every: 1.0, (): -1.0}, numbers)
    table.attrs = {
        "asked": target.asked,
        "quantity": target.quantity,
        "unit": target.unit,
        "method": "Shapley" if combined else "one at a time, both ways",
        "first": numbers[()][0],
        "second": numbers[every][0],
        "difference": whole[0],
        "difference_lower": whole[1],
        "difference_upper": whole[2],
        "difference_error": whole[3],
        "rest": 0.0 if combined else whole[0] - float(table["share"].sum(skipna=False)),
        **about,
    }
    order = np.argsort(-np.nan_to_num(np.abs(table["share"].values), nan=-1.0), kind="stable")
    return table.isel(change=order)


def _mean(left: Mapping[Chosen, float], right: Mapping[Chosen, float]) -> dict[Chosen, float]:
    """Return the mean of two linear combinations."""
    return {
        chosen: 0.5 * (left.get(chosen, 0.0) + right.get(chosen, 0.0))
        for chosen in dict.fromkeys((*left, *right))
    }


def _combined(
    weights: Mapping[Chosen, float], numbers: Mapping[Chosen, Influence]
) -> tuple[float, float, float, float]:
    """Return a linear combination of numbers of paired runs: value, 95 % interval, standard error."""
    total, influence = 0.0, None
    for chosen, weight in weights.items():
        number, moved = numbers[chosen]
        if moved is None:
            return (np.nan,) * 4
        total += weight * number
        influence = weight * moved if influence is None else influence + weight * moved
    assert influence is not None
    error = float(influence.std(ddof=1) / np.sqrt(influence.size))
    return total, total - NORMAL_SCORE * error, total + NORMAL_SCORE * error, error
