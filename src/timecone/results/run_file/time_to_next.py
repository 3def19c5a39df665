"""Time from one milestone to another, by the calendar year in which the first one arrives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.run_file.access import (
    counted_draws,
    durations,
    group,
    headline,
    label,
    milestones,
)
from timecone.results.run_file.percentiles import levels, of_stored
from timecone.results.run_file.probabilities import horizon
from timecone.schema import BEGINS, ENDS, OUTCOMES, BoolArray, FloatArray, Status

#: Fewest draws on which a row may rest.
LEAST_DRAWS = 100
# Years that are shown where none are asked for: those after the start.
_SHOWN = 20


def time_to_next(
    run: xr.DataTree,
    first: str | None = None,
    then: str | None = None,
    *,
    years: Sequence[int] | None = None,
    q: Sequence[float] = (10, 25, 50, 75, 90),
) -> xr.Dataset:
    """Return how long it is from a milestone to another, by the year in which the first one arrives.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file. Its stored draws are read.
    first, then : str, optional
        Milestones; by default those between which the run's first duration lies, or the run's first milestone
        and its headline.
    years : sequence of int, optional
        Calendar years in which the first milestone arrives; by default the twenty from the start on.
    q : sequence of float
        Percentiles.

    Returns
    -------
    Dataset, dims (year, percentile)
        ``value`` in years with ``lower``, ``upper`` and ``standard_error``: infinite where the second
        milestone is not reached by the horizon, 0 where it came before the first. By year ``draws``, on which
        a row rests; ``share`` of the counted draws with ``share_lower`` and ``share_upper``; ``not_reached``,
        the share of the row's draws without the second milestone by the horizon, with its interval. Years
        with fewer than 100 draws are left out: attribute ``left_out`` names them with their draws. Draws in
        which the first milestone came before the start belong to no year.

    Raises
    ------
    ArgumentError
        Unknown milestones or the same twice, a year outside the run, or fewer than 100 draws in every year.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=5000, seed=1, paths=0)
    >>> wait = tc.time_to_next(run, "automation_20", "tai", years=[2028, 2030])
    >>> wait["value"].dims, bool((wait["draws"] >= 100).all())
    (('year', 'percentile'), True)
    """
    begin, end = _pair(run, first, then)
    outcomes, counted = group(run, OUTCOMES), counted_draws(run, None)
    arrival = {name: outcomes["arrival"].sel(milestone=name).values for name in (begin, end)}
    chosen = counted & np.isfinite(arrival[begin]) & ~_before_start(outcomes, begin)
    with np.errstate(invalid="ignore"):
        wait = np.where(chosen, np.maximum(arrival[end] - arrival[begin], 0.0), np.inf)
    year_of = np.where(chosen, np.floor(np.where(chosen, arrival[begin], 0.0)), np.nan)
    level = levels(q)
    rows, left_out = [], []
    for year in _years(run, years):
        inside = chosen & (year_of == year)
        size = int(inside.sum())
        if size < LEAST_DRAWS:
            left_out.append(f"{year} ({size})")
        else:
            rows.append(_row(run, wait, inside, level, year, int(counted.sum())))
    if not rows:
        raise ArgumentError(
            "no-draws-left",
            f"fewer than {LEAST_DRAWS} draws in every year",
            where="years",
            got=", ".join(left_out),
            remedy="Keep more draws (--keep), or ask for other years.",
        )
    table, every = xr.concat(rows, "year"), int(counted.sum())
    table.attrs = {
        "first": begin,
        "then": end,
        "first_label": label(run, begin),
        "then_label": label(run, end),
        "horizon": horizon(run),
        "left_out": ", ".join(left_out),
        "before_start": int((counted & _before_start(outcomes, begin)).sum()) / every,
        "run_id": str(run.attrs["run_id"]),
    }
    return table


def _pair(run: xr.DataTree, first: str | None, then: str | None) -> tuple[str, str]:
    """Return both milestones."""
    known = milestones(run)
    about = group(run, OUTCOMES)[durations(run)[0]].attrs if durations(run) else {}
    begin = str(about.get(BEGINS, known[0])) if first is None else first
    end = str(about.get(ENDS, headline(run))) if then is None else then
    for where, name in (("first", begin), ("then", end)):
        if name not in known:
            raise ArgumentError(
                "unknown-milestone",
                "unknown milestone",
                where=where,
                got=name,
                remedy=suggestion(name, known),
            )
    if begin == end:
        raise ArgumentError(
            "same-milestone-twice", "the same milestone twice", where="then", got=end, allowed="another one"
        )
    return begin, end


def _before_start(outcomes: xr.Dataset, name: str) -> BoolArray:
    if "status" not in outcomes:
        return np.zeros(outcomes.sizes["draw"], dtype=np.bool_)
    early: BoolArray = outcomes["status"].sel(milestone=name).values == Status.BEFORE_START
    return early


def _years(run: xr.DataTree, years: Sequence[int] | None) -> list[int]:
    begin, last = int(np.floor(float(run.attrs["start"]))), int(np.ceil(horizon(run))) - 1
    if years is None:
        return list(range(begin, min(begin + _SHOWN - 1, last) + 1))
    for year in years:
        if not begin <= year <= last:
            raise ArgumentError(
                "year-outside-run",
                "a year outside the run",
                where="years",
                got=year,
                allowed=f"{begin} to {last}",
            )
    return list(years)


def _row(
    run: xr.DataTree, wait: FloatArray, inside: BoolArray, level: FloatArray, year: int, counted: int
) -> xr.Dataset:
    """Return the statistics of the draws of one year."""
    array, size = of_stored(run, wait, inside, level), int(inside.sum())
    late = int(np.isinf(wait[inside]).sum())
    columns = {
        "value": ("percentile", array.values),
        **{key: ("percentile", array[key].values) for key in ("lower", "upper", "standard_error")},
    }
    row = xr.Dataset(columns, coords={"percentile": level, "year": year})
    for key, count, trials in (("share", size, counted), ("not_reached", late, size)):
        lower, upper = wilson(np.array(count), trials)
        row[key], row[f"{key}_lower"], row[f"{key}_upper"] = count / trials, float(lower), float(upper)
        row[f"{key}_error"] = float(standard_error(lower, upper))
    row["draws"] = size
    return row
