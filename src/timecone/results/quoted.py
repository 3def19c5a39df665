"""A run's tables as they are quoted: words and digits, for any page to lay out.

Probability by year and year at percentile always go together: which of the two is quoted changes what readers
hear. Every number is rounded by its Monte Carlo error, and its interval likewise; see `quote`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from functools import partial

import numpy as np
import xarray as xr

from timecone.results import quote
from timecone.results.access import (
    counted_draws,
    duration_of,
    durations,
    end_of,
    group,
    headline,
    is_duration,
    keeps_all,
    label,
    milestones,
    stored_values,
)
from timecone.results.extras import flags
from timecone.results.failures import (
    BOUNDS,
    FAILED_FIRST,
    FAILED_LAST,
    failure_note,
    probability_bounds,
)
from timecone.results.percentiles import levels, of_stored, percentiles
from timecone.results.probabilities import horizon, probability_by
from timecone.results.tables import (
    PERCENTILES,
    Row,
    accounts,
    along_the_way,
    attempt,
    choice_shares,
    contradictions,
    default_years,
    effective_draws,
    rows_of,
)
from timecone.schema import OUTCOMES, SUMMARY, Standing, Status
from timecone.units import decimal_year

#: Stands in place of numbers where a condition leaves no draw, and what is said of it.
MISSING = "-"
MISSING_NOTE = "-: no draw counts under this condition (weight 0, all removed, or failed)."


# One milestone's rule alone is told by the share that it removes.
_FEWEST_RULES = 2


@dataclass(frozen=True)
class Cell:
    """A number in words, and its 95 % Monte Carlo interval where there is one."""

    text: str
    interval: str = ""

    @classmethod
    def of(cls, write: quote.Write, value: float, lower: float, upper: float, error: float) -> Cell:
        """Return a number with its interval, both as ``write`` rounds them."""
        return cls(write(value, error), quote.interval(write, lower, upper, error))

    @property
    def bracket(self) -> str:
        """The interval, unless it says the same as the number."""
        return "" if self.interval == self.text else self.interval


@dataclass(frozen=True)
class QuotedTable:
    """A table of quoted numbers.

    Attributes
    ----------
    name, title : str
        Key, and words above the table.
    corner : str
        Words above the labels of the rows.
    columns : tuple of str
        Heads of the columns.
    rows : tuple of (str, tuple of Cell)
        Label and cells; a label that begins with two spaces belongs to a row before it.
    note : str
        What must be said below the table: failed draws.
    """

    name: str
    title: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    note: str = ""

    @property
    def has_gaps(self) -> bool:
        """Whether a condition left some row without draws."""
        return any(cell.text == MISSING for _, cells in self.rows for cell in cells)


def _points(found: xr.DataArray) -> Iterator[tuple[float, float, float, float]]:
    """Yield value, lower and upper end, and standard error of every point."""
    parts = (found, found.lower, found.upper, found.standard_error)
    yield from zip(*(part.values.tolist() for part in parts), strict=True)


def _bounds(
    found: xr.DataArray, write: quote.Write, **more: tuple[Cell, ...]
) -> list[tuple[str, tuple[Cell, ...]]]:
    """Return the rows with all failed draws first and last, or none where no draw failed.

    ``more`` are cells that follow, by the same keys as the numbers.
    """
    if not found.attrs.get("failed"):
        return []
    return [
        (label, (*(Cell(write(end, 0.0)) for end in found[key].values.tolist()), *more.get(key, ())))
        for key, label in BOUNDS.items()
    ]


def _blank(columns: int) -> dict[str, tuple[Cell, ...]]:
    """Return empty cells to follow both rows of `_bounds`."""
    return {key: (Cell(""),) * columns for key in BOUNDS}


def _missing(columns: int) -> tuple[Cell, ...]:
    return (Cell(MISSING),) * columns


def cells(found: xr.DataArray, write: quote.Write) -> tuple[Cell, ...]:
    """Return a reading of a run as cells, and after probabilities by year the one that is left at the end."""
    made = [Cell.of(write, *point) for point in _points(found)]
    if "not_by_horizon" in found.attrs:
        keys = ("not_by_horizon", *(f"not_by_horizon_{part}" for part in ("lower", "upper", "error")))
        made.append(Cell.of(write, *(float(found.attrs[key]) for key in keys)))
    return tuple(made)


def probabilities(
    run: xr.DataTree, years: Sequence[int] | None = None, rows: Sequence[Row] | None = None
) -> QuotedTable:
    """Return the probability of each milestone by the end of each year."""
    wanted = default_years(run) if years is None else years
    columns = (*map(str, wanted), f"not by {horizon(run):g}")
    made = []
    for quantity, where, words in rows or rows_of(run):
        if is_duration(run, quantity) or not wanted:
            continue
        found = attempt(probability_by, run, quantity, wanted, where=where)
        made.append((words, _missing(len(columns)) if found is None else cells(found, quote.probability)))
        made += [] if found is None else _bounds(found, quote.probability, **_beyond_bounds(found))
    title = "Probability by the end of the year, with 95 % Monte Carlo interval"
    return QuotedTable("probabilities", title, "by the end of", columns, tuple(made), failure_note(run))


def _beyond_bounds(found: xr.DataArray) -> dict[str, tuple[Cell, ...]]:
    """Return the probability of no arrival by the horizon with all failed draws first, and last."""
    draws, failed = found.attrs["draws"], found.attrs["failed"]
    beyond = np.array([found.attrs["not_by_horizon"] * draws])
    last, first = probability_bounds(beyond, draws, failed)
    ends = {FAILED_FIRST: first, FAILED_LAST: last}
    return {key: (Cell(quote.probability(end.item(), 0.0)),) for key, end in ends.items()}


def writers(run: xr.DataTree) -> tuple[quote.Write, quote.Write]:
    """Return how dates and how durations are written."""
    first, last = float(run.attrs["start"]), horizon(run)
    return partial(quote.date, start=first, horizon=last), partial(quote.duration, longest=last - first)


def units_and_digits(run: xr.DataTree, quantity: str) -> tuple[str, quote.Write]:
    """Return what follows the words of a quantity, its unit, and how its numbers are units_and_digits."""
    date, duration = writers(run)
    return (", years", duration) if is_duration(run, quantity) else ("", date)


def years_at_percentiles(
    run: xr.DataTree, q: Sequence[float] | None = None, rows: Sequence[Row] | None = None
) -> QuotedTable:
    """Return the date of each milestone, and each duration, at each percentile."""
    wanted = PERCENTILES if q is None else q
    made = []
    for quantity, where, words in rows or rows_of(run):
        found = attempt(percentiles, run, quantity, wanted, where=where)
        unit, write = units_and_digits(run, quantity)
        made.append((words + unit, _missing(len(wanted)) if found is None else cells(found, write)))
        made += [] if found is None else _bounds(found, write)
    title = "Year at percentile, with 95 % Monte Carlo interval"
    columns = tuple(f"{p:g}" for p in wanted)
    return QuotedTable("percentiles", title, "percentile", columns, tuple(made), failure_note(run))


#: Years of the conditional rows of `durations_by_arrival`.
ARRIVAL_YEARS = (2030, 2035, 2040, 2050)


def durations_by_arrival(
    run: xr.DataTree,
    name: str | None = None,
    q: Sequence[float] = PERCENTILES,
    years: Sequence[int] = ARRIVAL_YEARS,
) -> QuotedTable:
    """Return how long a duration is: over all draws, and over those that arrive by the end of a year.

    A duration that had begun before the start is cut off there and does not count. Over all other draws one
    that does not end by the horizon counts as longer than any; those whose end arrives by a year all have
    one. Their durations are known of the stored draws only, so these rows rest on them; how large a part of
    the draws they are is known of all. The last column says on how many draws a row rests.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    name : str, optional
        A duration of the run; the first one by default.
    q : sequence of float
        Percentiles.
    years : sequence of int
        Calendar years by whose end the milestone that ends the duration has arrived.
    """
    name = duration_of(run, name)
    end = end_of(run, name)
    level = levels(q)
    duration, counted = stored_values(run, name, None)
    arrival, _ = stored_values(run, end, None)
    write, first = writers(run)[1], float(run.attrs["start"])
    whole = percentiles(run, name, q)
    made = [("all draws", (*cells(whole, write), Cell(quote.percent(1.0, 0.0)), _rests_on(whole, "")))]
    made += _bounds(whole, write, **_blank(2))
    kept = "" if keeps_all(run) else " stored"
    for year in (year for year in years if first < year + 1.0 <= horizon(run)):
        chosen = counted & (arrival < year + 1.0)
        row = _missing(len(level) + 2)
        if chosen.any():
            found, by = of_stored(run, duration, chosen, level), probability_by(run, end, [year])
            (part,) = (Cell.of(quote.percent, *point) for point in _points(by))
            row = (*cells(found, write), part, _rests_on(found, kept))
        made.append((f"  if {label(run, end)} by {year}", row))
        if chosen.any():
            made += _bounds(found, write, **_blank(2))
    title = f"{sentence(label(run, name))} in years, at percentile, with 95 % Monte Carlo interval"
    columns = (*(f"{p:g}" for p in q), "of draws", "rests on")
    return QuotedTable(name, title, "percentile", columns, tuple(made), failure_note(run))


def _rests_on(found: xr.DataArray, kept: str) -> Cell:
    return Cell(f"{found.attrs['draws']:,}{kept}")


def extras_along_the_way(run: xr.DataTree) -> QuotedTable | None:
    """Return dates and numbers that the model gives beside its milestones; None where it gives none.

    A date that counts only before a milestone is of the draws in which it comes; the last column says what
    part of the draws that is.
    """
    found = along_the_way(run)
    if found is None or not found.sizes["extra"]:
        return None
    date, _ = writers(run)
    made = []
    for one in found:
        write = date if one["kind"] == "date" else quote.number
        share = (one[key].item() for key in ("share", "share_lower", "share_upper", "share_error"))
        some = one["draws"].item() > 0
        row = cells(one, write) if some else _missing(one.size)
        made.append((_extra_words(run, one), (*row, Cell.of(quote.percent, *share))))
        if some:
            made += _bounds(one, write, **_blank(1))
    stored = f"{found.attrs['draws']:,} stored draws"
    title = f"Along the way ({stored}), at percentile, with 95 % Monte Carlo interval"
    columns = (*(f"{p:g}" for p in found["percentile"].values), "of draws")
    return QuotedTable("extras", title, "at percentile", columns, tuple(made), failure_note(run))


def _extra_words(run: xr.DataTree, one: xr.DataArray) -> str:
    words, units, first = (str(one[key].item()) for key in ("label", "units", "before"))
    words += "" if units in ("", "1") else f" ({units})"
    return f"{words}, if before {label(run, first)}" if first in milestones(run) else words


def weights_of_choices(run: xr.DataTree) -> QuotedTable | None:
    """Return the weight of every choice's values, as drawn and among the draws that count; None without any.

    The not-yet rule and failures remove more draws of one value than of another, so its weight changes.
    """
    shares = choice_shares(run)
    if shares.empty:
        return None
    rows = []
    for choice, values in shares.groupby("choice", sort=False):
        for row in values.to_dict("records"):
            point = (float(row[key]) for key in ("share", "lower", "upper", "standard_error"))
            drawn = Cell(quote.percent(row["drawn"], row["standard_error"]))
            rows.append((f"{choice} = {row['value']}", (drawn, Cell.of(quote.percent, *point))))
    title = "Weight of the choices, as drawn and after the not-yet rule, with 95 % Monte Carlo interval"
    return QuotedTable("choices", title, "choice", ("of all draws", "of counted draws"), tuple(rows))


def quoted(
    run: xr.DataTree,
    q: Sequence[float] | None = None,
    years: Sequence[int] | None = None,
    rows: Sequence[Row] | None = None,
) -> list[QuotedTable]:
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


def not_yet_rules(run: xr.DataTree, q: Sequence[float] = (10, 25, 50, 75, 90)) -> QuotedTable | None:
    """Return the headline's date with no not-yet rule, and with its milestones added one after the other.

    It rests on the stored draws, which include the removed ones. None where fewer than two milestones rule.
    """
    rules, outcomes = list(contradictions(run)), group(run, OUTCOMES)
    if len(rules) < _FEWEST_RULES:
        return None
    arrival, standing = outcomes["arrival"], outcomes["standing"].values
    limit = decimal_year(calendar_date.fromisoformat(str(run.attrs["as_of"])))
    dates, write = arrival.sel(milestone=headline(run)).values, writers(run)[0]
    kept = standing != Standing.FAILED
    every = int(np.count_nonzero(kept))
    rows = []
    for name in (None, *rules):
        if name is not None:
            status = outcomes["status"].sel(milestone=name).values
            kept &= ~((arrival.sel(milestone=name).values < limit) | (status == Status.BEFORE_START))
        row = cells(of_stored(run, dates, kept, levels(q)), write) if kept.any() else _missing(len(q))
        removed = Cell(quote.share_of(every - int(np.count_nonzero(kept)), max(every, 1)))
        rows.append(("no rule" if name is None else f"  and not yet {label(run, name)}", (*row, removed)))
    title = f"{label(run, headline(run))} under each not-yet rule at {run.attrs['as_of']}"
    title += f" ({every:,} stored draws), at percentile, with 95 % Monte Carlo interval"
    return QuotedTable("not_yet", title, "percentile", (*(f"{p:g}" for p in q), "removed"), tuple(rows))


def subject(run: xr.DataTree) -> tuple[str, str, str]:
    """Return what a run is: its title, what its headline means, what it is conditional on."""
    summary = group(run, SUMMARY).sel(milestone=headline(run))
    definition = f"{summary['milestone_label'].item()}: {summary['milestone_definition'].item()}."
    return str(run.attrs.get("title", run.attrs["name"])), definition, str(run.attrs["conditions"])


def _never(run: xr.DataTree, never: int) -> str:
    """Say in how many draws no threshold suffices: no horizon is late enough for these."""
    main = headline(run)
    found = probability_by(run, main, default_years(run)[-1:])
    rest, counted = found.attrs["not_by_horizon"], found.attrs["draws"]
    late = round(rest * counted)
    part = quote.share_of(never, late)
    whole = quote.percent(rest, found.attrs["not_by_horizon_error"])
    return (
        f"{label(run, main)} is not by {horizon(run):g} in {whole} of the counted draws; of these, {part}"
        " never: no threshold suffices."
    )


def _removals(run: xr.DataTree, found: dict[str, int], draws: int) -> list[str]:
    """Say what each rule removes by itself, and what the evidence leaves."""
    lines, rules = [], contradictions(run)
    if len(rules) > 1:
        each = ", ".join(f"{label(run, name)} {quote.share_of(n, draws)}" for name, n in rules.items())
        lines.append(f"Already past, each by itself: {each}.")
    effective = effective_draws(run)
    if effective is not None:
        removed = found["removed_evidence"]
        lines.append(
            f"The evidence removed {removed:,} of the other draws"
            f" ({quote.share_of(removed, max(removed + found['counted'], 1))}), each with the probability"
            f" 1 - likelihood; weighting them instead would be worth {effective:,.0f} draws."
        )
    return lines


def sentence(words: str) -> str:
    """Return words with a capital letter, as they begin a sentence."""
    return words[:1].upper() + words[1:]


def share_begun(run: xr.DataTree, name: str) -> str:
    """Return in what share of the counted draws a duration had begun before the start."""
    drawn = accounts(run)
    return quote.share_of(drawn[f"{name}_from_start"], max(drawn["counted"], 1))


def early_durations(run: xr.DataTree, name: str) -> str:
    """Say in how many draws a duration had begun before the start, and what becomes of these."""
    return (
        f"In {share_begun(run, name)} of the counted draws the {label(run, name)} had begun before"
        f" {float(run.attrs['start']):g}: it is cut off there and not counted."
    )


def account_lines(run: xr.DataTree) -> list[str]:
    """Return, as sentences, where the draws went and what the intervals say."""
    a, found, draws = run.attrs, accounts(run), int(run.attrs["draws"])
    removed = found["removed_not_yet"]
    went = f"{draws:,} draws: {found['counted']:,} counted, {removed:,} removed as already past on"
    lines = [
        f"{went} {a.get('as_of', 'as_of')} ({quote.share_of(removed, draws)}), {found['failed']:,} failed."
    ]
    if failed := failure_note(run):
        lines.append(failed)
    lines += [early_durations(run, name) for name in durations(run) if found[f"{name}_from_start"]]
    lines += _removals(run, found, draws)
    if found["never"]:
        lines.append(_never(run, found["never"]))
    for one in flags(run):
        among = one.sel(among="arrived")
        part = quote.percent(among.item(), among["standard_error"].item())
        name = label(run, headline(run))
        lines.append(f"{one['label'].item()}: in {part} of the draws with an arrival of {name}.")
    return [*lines, "Intervals are Monte Carlo error only, not model error."]


def citation(run: xr.DataTree) -> str:
    """Return how the run's numbers are cited."""
    a = run.attrs
    by = f" {a['version']}" if "version" in a else ""
    of = f"scenario {a['scenario_digest']}, " if "scenario_digest" in a else ""
    return f"timecone{by}, run {a['run_id']} ({of}seed {a['seed']}); CITATION.cff."
