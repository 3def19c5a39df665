"""Pooled runs: the mixture of the outcomes of several runs of one milestone, or of one named for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.results.estimators.intervals import Estimate
from timecone.results.estimators.mixture import Side, mixture_quantiles, mixture_shares
from timecone.results.run_file.access import headline, label, stored_values
from timecone.results.run_file.compare import shares_random_numbers
from timecone.results.run_file.percentiles import levels
from timecone.results.run_file.probabilities import default_years, horizon
from timecone.results.run_file.same_milestone import milestone_of, require_same_milestone


def pool(
    runs: Mapping[str, xr.DataTree],
    weights: Mapping[str, float],
    quantity: str | Mapping[str, str] | None = None,
    *,
    years: Sequence[int] | None = None,
    q: Sequence[float] = (5, 10, 25, 50, 75, 90, 95),
) -> xr.Dataset:
    """Return the percentiles and probabilities of a mixture of runs.

    A mixture believes one of the runs, each with the probability of its weight. Its percentiles are those of
    the pooled outcomes, not averages of the runs' percentiles.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs, simulated or opened from files, by name. Their stored draws are read.
    weights : mapping of str to float
        A weight of each run, not negative; divided by their sum.
    quantity : str or mapping of str to str, optional
        A milestone that all runs have, the headline of the first one by default. Runs of different milestones
        are pooled only where a mapping names that of each run: whoever does so takes them for answers to one
        question.
    years : sequence of int, optional
        Calendar years; the usual ones that all runs reach by default.
    q : sequence of float
        Percentiles.

    Returns
    -------
    Dataset, dims (year,) and (percentile,)
        ``probability`` by the end of each year and ``value`` at each percentile, and ``not_reached``; each
        with ``_lower``, ``_upper`` and ``_error``, a 95 % Monte Carlo interval that counts draws with shared
        random numbers once. What lies beyond the earliest horizon is not reached. Attributes: ``weights`` in
        words, ``horizon``, ``start``, ``quantity``, ``label``, ``draws``; milestones that differ are
        joined by "or" in ``quantity`` and ``label``.

    Raises
    ------
    ArgumentError
        A run without a weight or a weight without a run, a weight that is not valid, runs of different
        milestones, or a run in which no draw counts.

    Examples
    --------
    >>> import timecone as tc
    >>> runs = {name: tc.simulate(tc.load(name), draws=1000, seed=1) for name in ("baseline", "open_loop")}
    >>> pooled = tc.pool(runs, {"baseline": 3, "open_loop": 1}, years=[2040])
    >>> parts = [tc.probability_by(run, "tai", [2040]).item() for run in runs.values()]
    >>> abs(pooled["probability"].item() - (0.75 * parts[0] + 0.25 * parts[1])) < 1e-12
    True
    """
    part = normalised_weights(runs, weights)
    weighted = {name: runs[name] for name in part}
    names = milestones_to_pool(weighted, quantity)
    last = min(map(horizon, weighted.values()))
    sides = _sides(weighted, names, last)
    paired = all(shares_random_numbers(*pair) for pair in pairwise(weighted.values()))
    columns = _years(weighted, years, last)
    level = levels(q)
    share = np.array(list(part.values()))
    by = mixture_shares(sides, share, columns + 1.0, paired=paired)
    rest = mixture_shares(sides, share, np.array([last]), paired=paired)
    dates = mixture_quantiles(sides, share, level / 100.0, paired=paired)
    reached = Estimate(1.0 - rest.value, 1.0 - rest.upper, 1.0 - rest.lower, rest.standard_error)
    variables = (
        _variables("probability", ("year",), by)
        | _variables("value", ("percentile",), dates)
        | {key: ((), float(array[0])) for key, (_, array) in _variables("not_reached", (), reached).items()}
    )
    return xr.Dataset(
        variables,
        coords={"year": columns, "percentile": level},
        attrs={
            "weights": ", ".join(f"{key} {value:.4g}" for key, value in part.items()),
            "quantity": _joined(names.values()),
            "label": _joined(label(weighted[key], name) for key, name in names.items()),
            "start": max(float(run.attrs["start"]) for run in weighted.values()),
            "horizon": last,
            "draws": int(sum(counted.sum() for _, counted in sides)),
        },
    )


def pooled_cdf(
    runs: Mapping[str, xr.DataTree],
    weights: Mapping[str, float],
    quantity: str | Mapping[str, str] | None = None,
    *,
    step: float = 0.25,
) -> xr.DataArray:
    """Return the distribution function of a mixture of runs; see `pool` and `timecone.cdf`.

    Returns
    -------
    DataArray, dims (date,)
        Share below each date, from the earliest start to the earliest horizon, with ``lower`` and ``upper``;
        the rest is the attribute ``not_by_horizon``.
    """
    part = normalised_weights(runs, weights)
    weighted = {name: runs[name] for name in part}
    names = milestones_to_pool(weighted, quantity)
    last = min(map(horizon, weighted.values()))
    first = min(float(run.attrs["start"]) for run in weighted.values())
    paired = all(shares_random_numbers(*pair) for pair in pairwise(weighted.values()))
    dates = np.append(np.arange(first, last - 1e-9, step), last)
    share = np.array(list(part.values()))
    below = mixture_shares(_sides(weighted, names, last), share, dates, paired=paired)
    coords = {"date": dates, "lower": ("date", below.lower), "upper": ("date", below.upper)}
    about = {
        "not_by_horizon": float(1.0 - below.value[-1]),
        "not_by_horizon_error": float(below.standard_error[-1]),
    }
    return xr.DataArray(below.value, coords=coords, dims=("date",), name="pooled", attrs=about)


def milestones_to_pool(
    runs: Mapping[str, xr.DataTree], quantity: str | Mapping[str, str] | None
) -> dict[str, str]:
    """Return the milestone of each run, by the run's name.

    Raises
    ------
    ArgumentError
        A run without such a milestone, a mapping that leaves a run out, or different milestones that no
        mapping names.
    """
    if isinstance(quantity, Mapping):
        for key in runs:
            if key not in quantity:
                raise ArgumentError(
                    "run-without-milestone", "no milestone is named", where="quantity", got=key
                )
            milestone_of(runs[key], quantity[key])
        return {key: quantity[key] for key in runs}
    name = headline(next(iter(runs.values()))) if quantity is None else quantity
    require_same_milestone({key: milestone_of(run, name) for key, run in runs.items()})
    return dict.fromkeys(runs, name)


def _sides(runs: Mapping[str, xr.DataTree], names: Mapping[str, str], last: float) -> list[Side]:
    """Return the outcomes of each run, +inf from the last date on, and which draws count."""
    sides = []
    for key, run in runs.items():
        values, counted = stored_values(run, names[key], None)
        if not counted.any():
            raise ArgumentError("no-draws-left", "no draw counts here", where="runs", got=key)
        sides.append((np.where(values < last, values, np.inf), counted))
    return sides


def _joined(labels: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(labels))


def normalised_weights(names: Mapping[str, object], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights above 0, which sum to 1, in the order of the names.

    Raises
    ------
    ArgumentError
        A name without a weight, a weight without a name, or weights that are negative, not finite or all 0.
    """
    for key, weight in weights.items():
        if key not in names:
            raise ArgumentError(
                "weight-without-run",
                "a weight of what is not there",
                where="weights",
                got=key,
                remedy=suggestion(key, names),
            )
        if not (math.isfinite(weight) and weight >= 0.0):
            raise ArgumentError(
                "weight-not-valid",
                "not a weight",
                where=f"weights, {key}",
                got=weight,
                allowed="a number from 0",
            )
    for key in names:
        if key not in weights:
            raise ArgumentError(
                "run-without-weight",
                "no weight is stated",
                where="weights",
                got=key,
                remedy="State 0 to leave it out of the pool.",
            )
    total = sum(weights.values())
    if total <= 0.0:
        raise ArgumentError("weights-all-zero", "all weights are 0", where="weights")
    return {key: weights[key] / total for key in names if weights[key] > 0.0}


def _years(runs: Mapping[str, xr.DataTree], years: Sequence[int] | None, last: float) -> np.ndarray:
    if years is None:
        return np.array(default_years(*runs.values()), dtype=np.int64)
    start = max(float(run.attrs["start"]) for run in runs.values())
    for year in years:
        if not start < year + 1 <= last:
            raise ArgumentError(
                "year-outside-run",
                "a year outside the runs",
                where="years",
                got=year,
                allowed=f"{start:g} to {last - 1.0:g}",
            )
    return np.array(years, dtype=np.int64)


def _variables(
    key: str, dims: tuple[str, ...], estimate: Estimate
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    parts = zip(("", "_lower", "_upper", "_error"), estimate, strict=True)
    return {f"{key}{suffix}": (dims, array) for suffix, array in parts}
