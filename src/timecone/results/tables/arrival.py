"""Tables of arrival: probability by year, year at percentile, and the date under each not-yet rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as calendar_date

import numpy as np
import xarray as xr

from timecone.results.estimators.failure_bounds import probability_bounds
from timecone.results.run_file.access import (
    group,
    headline,
    label,
    stored_failures,
)
from timecone.results.run_file.accounts import contradictions
from timecone.results.run_file.not_yet import percentiles_by_rule, softer_rule
from timecone.results.run_file.percentiles import levels, of_stored
from timecone.results.run_file.probabilities import horizon
from timecone.results.tables import rounding
from timecone.results.tables.dates import date_words
from timecone.results.tables.failure_bounds import Bounded, bounded, table_note
from timecone.results.tables.formats import units_and_digits, writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table, cells, missing
from timecone.schema import LIKELIHOOD_RULE, OUTCOMES, SHIFT_RULE, Inclusion, Status
from timecone.units import decimal_year

# One milestone's rule alone is told by the share that it removes.
_FEWEST_RULES = 2


def probabilities(statistics: RunStatistics) -> Table:
    """Return the probability of each milestone by the end of each year."""
    run, years = statistics.run, statistics.years
    columns = (*map(str, years), f"not by {horizon(run):g}")
    rows, bounds = [], []
    for quantity, where, row_label in statistics.date_rows if years else ():
        array = statistics.probabilities(quantity, where)
        rows.append(
            (row_label, missing(len(columns)) if array is None else cells(array, rounding.probability))
        )
        bounds += [] if array is None else [bounded(array), _beyond(array)]
    title = "Probability by the end of the year"
    return Table("probabilities", title, "by the end of", columns, tuple(rows), table_note(run, bounds))


def _beyond(array: xr.DataArray) -> Bounded:
    """Return the probability of no arrival by the horizon, with all failed draws first, and last."""
    draws, failed = array.attrs["draws"], array.attrs["failed"]
    beyond = np.array([array.attrs["not_by_horizon"]])
    last, first = probability_bounds(beyond * draws, draws, failed)
    return beyond, first, last, ""


def years_at_percentiles(statistics: RunStatistics) -> Table:
    """Return the date of each milestone at each percentile; of single rows also durations."""
    run, q = statistics.run, statistics.q
    rows, bounds = [], []
    for quantity, where, row_label in statistics.date_rows if statistics.is_whole else statistics.rows:
        array = statistics.percentiles(quantity, where)
        unit, write = units_and_digits(run, quantity)
        rows.append((row_label + unit, missing(len(q)) if array is None else cells(array, write)))
        bounds += [] if array is None else [bounded(array, "years")]
    title = f"{date_words()} at each percentile"
    columns = tuple(f"{p:g}" for p in q)
    return Table("percentiles", title, "percentile", columns, tuple(rows), table_note(run, bounds))


def not_yet_rules(run: xr.DataTree, q: Sequence[float] = (10, 25, 50, 75, 90)) -> Table | None:
    """Return the headline's date with no not-yet rule, and with its milestones added one after the other.

    Of a softer rule: with no rule, with removal and with the rule. It rests on the stored draws, which
    include the removed ones. None where fewer than two milestones rule, unless the rule is softer.
    """
    if softer_rule(run):
        return _softer_rule(run, q)
    rules, outcomes = list(contradictions(run)), group(run, OUTCOMES)
    if len(rules) < _FEWEST_RULES:
        return None
    arrival, inclusion = outcomes["arrival"], outcomes["standing"].values
    limit = decimal_year(calendar_date.fromisoformat(str(run.attrs["as_of"])))
    dates, write = arrival.sel(milestone=headline(run)).values, writers(run)[0]
    kept = inclusion != Inclusion.FAILED
    every = int(np.count_nonzero(kept))
    rows = []
    for name in (None, *rules):
        if name is not None:
            status = outcomes["status"].sel(milestone=name).values
            kept &= ~((arrival.sel(milestone=name).values < limit) | (status == Status.BEFORE_START))
        row = cells(of_stored(run, dates, kept, levels(q)), write) if kept.any() else missing(len(q))
        removed = Cell(rounding.share_of(every - int(np.count_nonzero(kept)), max(every, 1)))
        rows.append(
            ("nothing ruled out" if name is None else f"  and not yet {label(run, name)}", (*row, removed))
        )
    title = f"{label(run, headline(run))} at each percentile, as events not yet seen are ruled out"
    title += f" ({every:,} stored draws, {run.attrs['as_of']})"
    return Table("not_yet", title, "percentile", (*(f"{p:g}" for p in q), "removed"), tuple(rows))


_RULES = {
    "off": "nothing ruled out",
    "remove": "contradicted draws removed",
    LIKELIHOOD_RULE: "contradicted draws kept with their likelihood",
    SHIFT_RULE: "contradicted draws moved later",
}


def _softer_rule(run: xr.DataTree, q: Sequence[float]) -> Table:
    """Return the headline's date without a not-yet rule, with removal, and with the softer rule of a run."""
    write, every = writers(run)[0], int(np.count_nonzero(~stored_failures(run, None)))
    rows = []
    for rule, array, removed in percentiles_by_rule(run, q):
        row = missing(len(q)) if array is None else cells(array, write)
        rows.append((_RULES[rule], (*row, Cell(rounding.share_of(round(removed * every), max(every, 1))))))
    title = f"{label(run, headline(run))} at each percentile under each not-yet rule"
    title += f" ({every:,} stored draws, {run.attrs['as_of']})"
    return Table("not_yet", title, "percentile", (*(f"{p:g}" for p in q), "removed"), tuple(rows))
