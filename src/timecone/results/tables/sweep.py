"""Table of a sweep: a row per value of the first parameter, a column per value of the second."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.tables import rounding
from timecone.results.tables.table import Cell, Table

_MEDIAN = 50.0


class SweptStatistic(NamedTuple):
    """The probability by a year, or the median, at each point of a sweep.

    Attributes
    ----------
    asked : str
        What it is, in words.
    write : callable
        Writes a number, given its standard error.
    points : Dataset, dims (the swept parameters,)
        ``value``, ``lower``, ``upper``, ``standard_error``.
    """

    asked: str
    write: rounding.Write
    points: xr.Dataset


def swept_statistic(swept: xr.Dataset, by: int | None) -> SweptStatistic:
    """Return the probability by a year, or the median, at each point of a sweep.

    Raises
    ------
    ArgumentError
        The sweep has no such year, or no median.
    """
    names = [str(dim) for dim in swept["probability"].dims if dim != "year"]
    label = str(swept.attrs["label"])
    if by is None:
        if _MEDIAN not in swept["percentile"].values:
            raise ArgumentError("sweep-without-median", "the sweep has no median", where="swept")
        start, horizon = float(swept.attrs["start"]), float(swept.attrs["horizon"])
        write: rounding.Write = partial(rounding.date, start=start, horizon=horizon)
        asked, key, at = f"median of {label}", "value", {"percentile": _MEDIAN}
    else:
        if by not in swept["year"].values:
            years = ", ".join(map(str, swept["year"].values))
            raise ArgumentError(
                "year-not-in-sweep", "the sweep has no such year", where="by", got=by, allowed=years
            )
        write = rounding.probability
        asked, key, at = f"P({label} by {by})", "probability", {"year": float(by)}
    ends = {"value": "", "lower": "_lower", "upper": "_upper", "standard_error": "_error"}
    points = xr.Dataset({name: swept[f"{key}{end}"].sel(at, drop=True) for name, end in ends.items()})
    return SweptStatistic(asked, write, points.transpose(*names))


def sweep_table(swept: xr.Dataset, by: int | None = None) -> Table:
    """Return the probability by a year, or the median, at each point of a sweep, with its interval.

    Parameters
    ----------
    swept : Dataset
        As `timecone.sweep` gives it.
    by : int, optional
        The year; the median date by default.
    """
    asked, write, points = swept_statistic(swept, by)
    first, *others = (str(dim) for dim in points.dims)
    numbers = [points[key].values.reshape(points.sizes[first], -1) for key in points.data_vars]
    rows = [
        (f"{value:g}", tuple(Cell.of(write, *map(float, point)) for point in zip(*row, strict=True)))
        for value, *row in zip(swept[first].values, *numbers, strict=True)
    ]
    heads = tuple(f"{value:g}" for name in others for value in swept[name].values) or ("",)
    title = f"{asked[0].upper()}{asked[1:]}, {swept.attrs['scenario']}, with 95 % Monte Carlo interval"
    title += "".join(f"; columns: {name_of_axis(swept, name)}" for name in others)
    return Table("sweep", title, name_of_axis(swept, first), heads, tuple(rows), _failed_note(swept))


def name_of_axis(swept: xr.Dataset, name: str) -> str:
    """Return the name of a swept parameter, with its unit where it has one."""
    unit = str(swept[name].attrs.get("units", "1"))
    return name if unit == "1" else f"{name} ({unit})"


def _failed_note(swept: xr.Dataset) -> str:
    """Return how many draws failed, and where most did; empty where none failed."""
    failed, draws = swept["failed"], int(swept.attrs["draws"])
    if not failed.any():
        return ""
    most = failed.isel(failed.argmax(...))
    place = ", ".join(f"{name} = {most[name].item():g}" for name in map(str, failed.dims))
    least, largest = (rounding.share_of(int(end), draws) for end in (failed.min(), failed.max()))
    return (
        f"No number above includes failed draws: {least} of the draws at least, {largest} at most"
        f" (at {place})."
    )
