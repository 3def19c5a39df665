"""Numbers of a run that published figures are compared with, each with its Monte Carlo error.

Where the published calculation goes through a grid of dates, our dates are rounded up to it first. Rounding
up keeps the order of dates, so a percentile is rounded after it is taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import xarray as xr

from timecone.results.estimators.intervals import Estimate, wilson
from timecone.results.estimators.percentiles import quantiles
from timecone.results.estimators.probabilities import shares_below
from timecone.results.estimators.sample import Sample, SortedSample
from timecone.results.run_file.access import (
    counted_draws,
    durations,
    group,
    milestones,
    sample,
    stored_values,
)
from timecone.results.run_file.extras import flags
from timecone.scenario.published import FigureInput
from timecone.schema import EXTRA_BEFORE, INPUTS, OUTCOMES, PATHS, FloatArray

# A date on the grid up to rounding is on it, and an interval of two such dates is none.
_ON_GRID = 1e-7
_ALL = 100.0


class Number(NamedTuple):
    """A number and the half of its 95 % Monte Carlo interval."""

    value: float
    error: float


def number_of(run: xr.DataTree, figure: FigureInput, of: str, step: float | None) -> Number:
    """Return our number for a published figure.

    Parameters
    ----------
    run : DataTree
        A run of the scenario.
    figure : FigureInput
        The figure.
    of : str
        What it is about.
    step : float or None
        Grid of the published dates, years.
    """
    if figure.statistic == "share" and of not in milestones(run):
        share = flags(run, where=figure.where or None).sel(flag=of, among=figure.among or "counted")
        ends = (share["lower"].item(), share["upper"].item())
        return Number(share.item(), 0.5 * (ends[1] - ends[0]))
    if figure.statistic == "map":
        return _share_on_map(run, figure, of, step)
    if figure.statistic == "trajectory":
        return of_sample(_states(run, of, figure), figure, None)
    dated = of in milestones(run)
    return of_sample(_values(run, of, figure), figure, step if dated else None)


def _share_on_map(run: xr.DataTree, figure: FigureInput, of: str, step: float | None) -> Number:
    """Return the share of the stored draws whose date is the published one at their value of an input."""
    chosen = counted_draws(run, figure.where or None)
    dates = group(run, OUTCOMES)["arrival"].sel(milestone=of).values[chosen]
    begins, published = np.array(figure.points).T
    values = group(run, INPUTS)[str(figure.by)].values[chosen]
    place = np.searchsorted(begins, values + _ON_GRID, side="right") - 1
    covered = place >= 0
    horizon = float(run.attrs["horizon"])
    if step is not None:
        dates = np.array([_rounded_up(date, step) for date in dates])
    # What is not reached is beyond every date of the published grid.
    dates = np.where(np.isinf(dates), horizon, dates)
    expected = np.minimum(published[place], horizon)
    near = np.abs(dates - expected)[covered] <= (figure.within or 0.0) + _ON_GRID
    lower, upper = wilson(np.array(near.sum()), near.size)
    return Number(float(near.mean()), 0.0 if near.all() else float(0.5 * (upper - lower)))


def of_sample(values: Sample, figure: FigureInput, step: float | None) -> Number:
    """Return our number for a published figure from a sample of what it is about."""
    if figure.level is not None:
        return _half(quantiles(values, np.array([figure.level / _ALL])), step)
    bound = np.inf if figure.date is None else figure.date + (_ON_GRID if step else 0.0)
    return _half(shares_below(values, np.array([bound])), None)


def _half(estimate: Estimate, step: float | None) -> Number:
    value, lower, upper = (float(number[0]) for number in (estimate.value, estimate.lower, estimate.upper))
    if step is not None:
        value, lower, upper = (_rounded_up(number, step) for number in (value, lower, upper))
    if upper - lower < _ON_GRID or np.isinf(value):
        return Number(value, 0.0)
    return Number(value, 0.5 * (upper - lower))


def _rounded_up(value: float, step: float) -> float:
    return value if np.isinf(value) else float(np.ceil(value / step - _ON_GRID) * step)


def _values(run: xr.DataTree, of: str, figure: FigureInput) -> Sample:
    where = figure.where or None
    if of in milestones(run) or of in durations(run):
        if figure.among != "arrived":
            return sample(run, of, where)
        reached, counted = stored_values(run, of, where)
        return SortedSample(np.sort(reached[counted & np.isfinite(reached)]))
    chosen, inputs = counted_draws(run, where), group(run, INPUTS)
    # A quantity of the file may have the name of an extra.
    values = inputs[of] if of in inputs else group(run, OUTCOMES)[of]
    taken: FloatArray = values.values[chosen]
    if EXTRA_BEFORE in values.attrs:
        taken = taken[np.isfinite(taken)]
    return SortedSample(np.sort(taken))


def _states(run: xr.DataTree, of: str, figure: FigureInput) -> Sample:
    """Return an observable at a date in the draws whose trajectories are stored."""
    paths = group(run, PATHS)
    chosen = counted_draws(run, figure.where or None)[paths["path"].values]
    at = paths[of].interp(time=figure.date).values[chosen]
    return SortedSample(np.sort(at))
