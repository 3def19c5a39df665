"""All tables of a run, as they are quoted.

Probability by year and year at percentile always go together: which of the two is quoted changes what readers
hear. Every number is rounded by its Monte Carlo error, and its interval likewise; see `rounding`.
"""

from __future__ import annotations

from timecone.results.run_file.access import counted_draws, durations
from timecone.results.tables.arrival import not_yet_rules, probabilities, years_at_percentiles
from timecone.results.tables.choices import weights_of_choices
from timecone.results.tables.duration import durations_by_arrival
from timecone.results.tables.extras import extras_along_the_way
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Table


def tables_of(statistics: RunStatistics) -> list[Table]:
    """Return the tables of a run, or both main ones of some of its rows."""
    run = statistics.run
    main = [table for table in (probabilities(statistics), years_at_percentiles(statistics)) if table.rows]
    if not statistics.is_whole and not any(where for _, where, _ in statistics.rows):
        return main
    weights = weights_of_choices(statistics)
    if not statistics.is_whole or not counted_draws(run, None).any():
        return [*main, *filter(None, [weights])]
    lasting = [durations_by_arrival(statistics, name) for name in durations(run)]
    others = (extras_along_the_way(statistics), weights, not_yet_rules(run))
    return [*main, *lasting, *filter(None, others)]
