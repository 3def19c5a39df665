"""Effect of the not-yet rule on the headline, from the stored draws of a run.

A run keeps the draws that its rule removes, the probability with which it keeps them, or the shift of their
dates. So the percentiles without the rule, and those under plain removal, follow from the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.weighted_sample import WeightedSample
from timecone.results.run_file.access import group, headline
from timecone.results.run_file.percentiles import levels
from timecone.schema import (
    LIKELIHOOD_RULE,
    NOT_YET_LIKELIHOOD,
    NOT_YET_NUMBERS,
    NOT_YET_RULE,
    OUTCOMES,
    SHIFT,
    SHIFT_RULE,
    BoolArray,
    FloatArray,
    Inclusion,
)

_ALL: Final = 100.0
_MEDIAN: Final = 50.0


@dataclass(frozen=True)
class RuleEffect:
    """Median of the headline with and without the not-yet rule.

    Attributes
    ----------
    without, removed, median : float
        Decimal years without the rule, under removal of what contradicts the world, and under the rule of
        the run; +inf where not by the horizon.
    draws : int
        Stored draws that did not fail.
    """

    without: float
    removed: float
    median: float
    draws: int


def softer_rule(run: xr.DataTree) -> str:
    """Return a run's not-yet rule where it is ``"likelihood"`` or ``"shift"``, else an empty text."""
    rule = str(run.attrs.get(NOT_YET_RULE, ""))
    return rule if rule in {LIKELIHOOD_RULE, SHIFT_RULE} else ""


def rule_numbers(run: xr.DataTree) -> dict[str, float]:
    """Return the numbers of a softer not-yet rule by name; empty for the others."""
    pairs = (pair.partition("=") for pair in str(run.attrs.get(NOT_YET_NUMBERS, "")).split())
    return {name: float(value) for name, _, value in pairs}


def rule_effect(run: xr.DataTree) -> RuleEffect | None:
    """Return what the not-yet rule does to the median of the headline; None where it changes no stored draw.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=2000, seed=1, paths=0)
    >>> effect = rule_effect(run)
    >>> effect.without < effect.median == effect.removed
    True
    """
    outcomes = group(run, OUTCOMES)
    inclusion, touched = outcomes["standing"].values, contradicted(outcomes)
    failed = inclusion == Inclusion.FAILED
    counted = np.where(inclusion == Inclusion.COUNTED, 1.0, 0.0)
    before, weights = _without(outcomes, headline(run))
    if not (touched & ~failed).any() or not counted.any():
        return None
    stated = outcomes["arrival"].sel(milestone=headline(run)).values
    removed = np.where(touched, 0.0, weights)
    without, removal, median = (
        float(WeightedSample.of(dates, w).quantile(np.array([0.5]))[0]) if w.any() else np.inf
        for dates, w in ((before, weights), (before, removed), (stated, counted))
    )
    return RuleEffect(without, removal, median, int(np.count_nonzero(~failed)))


def percentiles_by_rule(
    run: xr.DataTree, q: Sequence[float] = (10.0, _MEDIAN, 90.0)
) -> list[tuple[str, xr.DataArray | None, float]]:
    """Return the headline's percentiles without the rule, under removal and under the rule of a run.

    Returns
    -------
    list of (str, DataArray or None, float)
        ``"off"``, ``"remove"`` and the run's own softer rule, each with percentiles and their Monte Carlo
        interval, as `timecone.percentiles` gives them (None where no draw is left), and the share of the
        draws that is removed. Empty for a run without a softer rule.
    """
    rule = softer_rule(run)
    if not rule:
        return []
    outcomes, level = group(run, OUTCOMES), levels(q)
    inclusion = outcomes["standing"].values
    before, weights = _without(outcomes, headline(run))
    stated = outcomes["arrival"].sel(milestone=headline(run)).values
    counted = np.where(inclusion == Inclusion.COUNTED, 1.0, 0.0)
    total, touched = max(float(weights.sum()), 1.0), contradicted(outcomes)
    gone = float(np.count_nonzero(inclusion == Inclusion.REMOVED_NOT_YET))
    every = max(float(np.count_nonzero(inclusion != Inclusion.FAILED)), 1.0)
    rows = (
        ("off", before, weights, 0.0),
        ("remove", before, np.where(touched, 0.0, weights), float(weights[touched].sum()) / total),
        (rule, stated, counted, gone / every),
    )
    return [(name, _percentiles(dates, w, level), share) for name, dates, w, share in rows]


def _without(outcomes: xr.Dataset, name: str) -> tuple[FloatArray, FloatArray]:
    """Return the dates of a milestone and the weights of the stored draws without the not-yet rule.

    Whether the evidence would have removed a draw that the rule removed is not stored: it counts with its
    likelihood.
    """
    inclusion = outcomes["standing"].values
    dates = outcomes["arrival"].sel(milestone=name).values
    dates = dates - outcomes[SHIFT].values if SHIFT in outcomes else dates
    likelihood = outcomes["likelihood"].values if "likelihood" in outcomes else np.ones(inclusion.size)
    removed = np.where(inclusion == Inclusion.REMOVED_NOT_YET, likelihood, 0.0)
    return dates, np.where(inclusion == Inclusion.COUNTED, 1.0, removed)


def contradicted(outcomes: xr.Dataset) -> BoolArray:
    """Return which stored draws date a milestone of the not-yet rule too early."""
    if SHIFT in outcomes:
        return np.asarray(outcomes[SHIFT].values > 0.0)
    if NOT_YET_LIKELIHOOD in outcomes:
        return np.asarray(outcomes[NOT_YET_LIKELIHOOD].values < 1.0)
    return np.asarray(outcomes["standing"].values == Inclusion.REMOVED_NOT_YET)


def _percentiles(dates: FloatArray, weights: FloatArray, q: FloatArray) -> xr.DataArray | None:
    """Return percentiles of weighted dates with their Monte Carlo interval; None without weight."""
    if not weights.any():
        return None
    estimate = quantiles(WeightedSample.of(dates, weights), q / _ALL)
    return xr.DataArray(
        estimate.value,
        dims="percentile",
        coords={
            "percentile": q,
            "lower": ("percentile", estimate.lower),
            "upper": ("percentile", estimate.upper),
            "standard_error": ("percentile", estimate.standard_error),
        },
    )
