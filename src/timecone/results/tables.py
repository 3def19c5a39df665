"""The two tables of a run, as plain numbers: probability by year, and year at percentile.

Always both: which of the two framings is quoted changes what readers hear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.access import (
    NO_DRAWS,
    choices,
    durations,
    group,
    headline,
    is_duration,
    label,
    milestones,
    standings,
)
from timecone.results.extras import extras, flags
from timecone.results.failures import FAILED_FIRST, FAILED_LAST
from timecone.results.intervals import standard_error, wilson
from timecone.results.percentiles import percentiles
from timecone.results.probabilities import horizon, probability_by
from timecone.schema import LIKELIHOOD_UNIT, SUMMARY, Standing, Status

YEARS = (2028, 2030, 2035, 2040, 2050, 2075, 2100)
#: The probability that is left at the horizon, and its 95 % interval, as attributes of a reading.
NOT_BY_HORIZON = ("not_by_horizon", "not_by_horizon_lower", "not_by_horizon_upper")
PERCENTILES = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)


def default_years(run: xr.DataTree) -> list[int]:
    """Return the usual years between the run's start and horizon, or the last one, or none."""
    last, first = horizon(run), float(run.attrs["start"])
    inside = [y for y in YEARS if first <= y and y + 1 <= last]
    final = int(np.floor(last)) - 1
    return inside or [final] * (final + 1 > first)


type Row = tuple[str, dict[str, str], str]


def rows_of(run: xr.DataTree) -> list[Row]:
    """Return quantity, condition and words of every row.

    The milestones, the headline also by value of each choice, and the durations.
    """
    main, found = headline(run), list[Row]()
    for name in milestones(run):
        found.append((name, {}, label(run, name)))
        if name == main:
            parts = choices(run).items()
            found += [(main, {c: value}, f"  if {value}") for c, values in parts for value in values]
    return [*found, *((name, {}, label(run, name)) for name in durations(run))]


def attempt(
    reading: Callable[..., xr.DataArray], run: xr.DataTree, *args: Any, where: Mapping[str, str]
) -> xr.DataArray | None:
    """Return a reading of the run, or None where a condition leaves no draw."""
    try:
        return reading(run, *args, where=where)
    except ArgumentError as error:
        if where and error.what == NO_DRAWS:
            return None
        raise


def _tidy(
    readings: Iterable[tuple[Row, xr.DataArray | None]], name: str, extra: Sequence[str]
) -> pd.DataFrame:
    frames = []
    for (quantity, where, _), found in readings:
        if found is None:
            continue
        frame = found.rename(name).to_dataframe().reset_index()
        condition = ", ".join(f"{choice}={value}" for choice, value in where.items())
        frame.insert(0, "condition", condition)
        frame.insert(0, "quantity", quantity)
        for key in extra:
            frame[key] = found.attrs[key]
        frames.append(frame)
    bounds = [FAILED_FIRST, FAILED_LAST]
    columns = ["quantity", "condition", name, "lower", "upper", "standard_error", *bounds, *extra]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def probability_table(
    run: xr.DataTree, years: Sequence[int] | None = None, rows: Sequence[Row] | None = None
) -> pd.DataFrame:
    """Return P(by the end of each year) with its 95 % interval, one row per quantity and year."""
    wanted = default_years(run) if years is None else years
    dates = [row for row in rows or rows_of(run) if wanted and not is_duration(run, row[0])]
    readings = ((r, attempt(probability_by, run, r[0], wanted, where=r[1])) for r in dates)
    return _tidy(readings, "probability", (*NOT_BY_HORIZON, "draws", "failed"))


def percentile_table(
    run: xr.DataTree, q: Sequence[float] = PERCENTILES, rows: Sequence[Row] | None = None
) -> pd.DataFrame:
    """Return the value at each percentile with its 95 % interval, one row per quantity and level.

    Decimal years; for a duration, years; inf beyond the horizon.
    """
    wanted = rows or rows_of(run)
    readings = ((r, attempt(percentiles, run, r[0], q, where=r[1])) for r in wanted)
    return _tidy(readings, "value", ("draws", "failed"))


def along_the_way(run: xr.DataTree) -> xr.DataArray | None:
    """Return dates and numbers at the usual percentiles, or None where no stored draw counts."""
    try:
        return extras(run)
    except ArgumentError as error:
        if error.what == NO_DRAWS:
            return None
        raise


def extras_table(run: xr.DataTree) -> pd.DataFrame:
    """Return dates and numbers along the way at their percentiles, one row per extra and level."""
    found = along_the_way(run)
    if found is None:
        return pd.DataFrame()
    frame = found.rename("value").to_dataframe().reset_index()
    numbers = ["extra", "percentile", "value", "lower", "upper", "standard_error", FAILED_FIRST, FAILED_LAST]
    return frame[[*numbers, "units", "kind", "before", "share", "share_lower", "share_upper", "draws"]]


def flags_table(run: xr.DataTree) -> pd.DataFrame:
    """Return the share of draws in which each flag is set, one row per flag and whole."""
    frame = flags(run).rename("share").to_dataframe().reset_index()
    return frame[["flag", "among", "share", "lower", "upper", "standard_error", "definition"]]


def choice_shares(run: xr.DataTree) -> pd.DataFrame:
    """Return the share of draws with each value of each choice, one row per value.

    Returns
    -------
    DataFrame
        ``choice``, ``value``; ``drawn``, its share of all draws; ``share``, that of the draws that count,
        after the not-yet rule, with ``lower`` and ``upper`` (Wilson's 95 % interval) and ``standard_error``.
    """
    every = standings(run, None)
    drawn, counted = max(int(every.sum()), 1), max(int(every[Standing.COUNTED]), 1)
    rows = []
    for choice, values in choices(run).items():
        for value in values:
            own = standings(run, {choice: value})
            some = own[Standing.COUNTED]
            lower, upper = wilson(some, counted)
            rows.append(
                {"choice": choice, "value": value, "drawn": own.sum() / drawn, "share": some / counted,
                 "lower": float(lower), "upper": float(upper),
                 "standard_error": float(standard_error(lower, upper))}
            )  # fmt: skip
    return pd.DataFrame(
        rows, columns=["choice", "value", "drawn", "share", "lower", "upper", "standard_error"]
    )


def accounts(run: xr.DataTree) -> dict[str, int]:
    """Return how many draws count, were removed by the not-yet rule, and failed.

    Also in how many counted ones a duration began before the start, as ``NAME_from_start``, and in how many
    the headline never comes, because no threshold suffices.
    """
    summary = group(run, SUMMARY)
    totals = summary["standing_count"].sum("cell").values
    found = {e.name.lower(): int(totals[e]) if e < totals.size else 0 for e in Standing}
    for name in durations(run):
        found[f"{name}_from_start"] = int(summary["duration_from_start"].sel(duration=name).sum())
    never = 0
    if "status_count" in summary:
        never = int(summary["status_count"].sel(milestone=headline(run)).sum("cell").values[Status.NEVER])
    return found | {"never": never}


def contradictions(run: xr.DataTree) -> dict[str, int]:
    """Return how many draws each milestone of the not-yet rule would remove by itself, by its name."""
    summary = group(run, SUMMARY)
    if "contradiction_count" not in summary:
        return {}
    counts = summary["contradiction_count"].sum("cell")
    return {str(name): int(n) for name, n in zip(counts["rule"].values, counts.values, strict=True)}


def effective_draws(run: xr.DataTree) -> float | None:
    """Return Kish's effective number of draws under the likelihood of the evidence; None without evidence.

    (sum of L)**2 / (sum of L**2) over the draws that the not-yet rule leaves: what weighting them would be
    worth, beside the number that is kept.

    Kish 1965, "Survey sampling".
    """
    summary = group(run, SUMMARY)
    if "likelihood_sum" not in summary:
        return None
    first, second = summary["likelihood_sum"].sum("cell").values / LIKELIHOOD_UNIT
    return float(first**2 / second) if second > 0.0 else 0.0
