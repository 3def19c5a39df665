"""Tidy tables of a run: unrounded numbers, one row each, for files and for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import xarray as xr

from timecone.results.run_file.failures import FAILED_FIRST, FAILED_LAST
from timecone.results.tables.rows import Row
from timecone.results.tables.statistics import RunStatistics

#: The probability that is left at the horizon, and its 95 % interval, as attributes of a reading.
NOT_BY_HORIZON = ("not_by_horizon", "not_by_horizon_lower", "not_by_horizon_upper")


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


def probability_table(statistics: RunStatistics) -> pd.DataFrame:
    """Return P(by the end of each year) with its 95 % interval, one row per quantity and year."""
    rows = statistics.date_rows if statistics.years else ()
    readings = ((row, statistics.probabilities(row[0], row[1])) for row in rows)
    return _tidy(readings, "probability", (*NOT_BY_HORIZON, "draws", "failed"))


def percentile_table(statistics: RunStatistics) -> pd.DataFrame:
    """Return the value at each percentile with its 95 % interval, one row per quantity and level.

    Decimal years; for a duration, years; inf beyond the horizon.
    """
    readings = ((row, statistics.percentiles(row[0], row[1])) for row in statistics.rows)
    return _tidy(readings, "value", ("draws", "failed"))


def extras_table(statistics: RunStatistics) -> pd.DataFrame:
    """Return dates and numbers along the way at their percentiles, one row per extra and level."""
    found = statistics.extras
    if found is None:
        return pd.DataFrame()
    frame = found.rename("value").to_dataframe().reset_index()
    numbers = ["extra", "percentile", "value", "lower", "upper", "standard_error", FAILED_FIRST, FAILED_LAST]
    return frame[[*numbers, "units", "kind", "before", "share", "share_lower", "share_upper", "draws"]]


def flags_table(statistics: RunStatistics) -> pd.DataFrame:
    """Return the share of draws in which each flag is set, one row per flag and whole."""
    frame = statistics.flags.rename("share").to_dataframe().reset_index()
    return frame[["flag", "among", "share", "lower", "upper", "standard_error", "definition"]]
