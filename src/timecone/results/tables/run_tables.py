"""All tables of a run, as they are quoted.

Probability by year and year at percentile always go together: which of the two is quoted changes what readers
hear. Every number is rounded by its Monte Carlo error, and its interval likewise; see `rounding`.
"""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from timecone.results.run_file.access import counted_draws, durations, is_duration
from timecone.results.tables.arrival import not_yet_rules, probabilities, years_at_percentiles
from timecone.results.tables.choices import weights_of_choices
from timecone.results.tables.duration import durations_by_arrival
from timecone.results.tables.extras import extras_along_the_way
from timecone.results.tables.rows import PERCENTILES, Row, rows_of
from timecone.results.tables.table import Table


def tables_of(
    run: xr.DataTree,
    q: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
    rows: Sequence[Row] | None = None,
) -> list[Table]:
    """Return the tables of a run, or both main ones of some of its rows."""
    dates = [row for row in rows_of(run) if not is_duration(run, row[0])] if rows is None else rows
    both = [probabilities(run, years, dates), years_at_percentiles(run, q, dates)]
    found = [table for table in both if table.rows]
    weights = weights_of_choices(run)
    if rows is not None and not any(where for _, where, _ in rows):
        return found
    if rows is not None or not counted_draws(run, None).any():
        return [*found, *filter(None, [weights])]
    lasting = [durations_by_arrival(run, name, PERCENTILES if q is None else q) for name in durations(run)]
    return [*found, *lasting, *filter(None, [extras_along_the_way(run), weights, not_yet_rules(run)])]
