"""Table of what would change the answer: the headline among draws of a run that satisfy a condition.

Nothing is simulated: rows select draws of the run by the value of a choice, by a third of an input, or by the
absence of an arrival by a year. A selected input brings everything that is correlated with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from timecone.results.estimators.intervals import standard_error, wilson
from timecone.results.estimators.sample import SortedSample
from timecone.results.run_file.access import choices, counted_draws, group, headline, label, stored_values
from timecone.results.run_file.choice_titles import choice_clause
from timecone.results.run_file.percentiles import levels, of_stored
from timecone.results.run_file.probabilities import default_years, horizon, probability_before
from timecone.results.tables import rounding
from timecone.results.tables.accounts import sentence
from timecone.results.tables.dates import date_words
from timecone.results.tables.differences import signed_years
from timecone.results.tables.drivers import short_number
from timecone.results.tables.formats import writers
from timecone.results.tables.names import plain_name
from timecone.results.tables.table import Cell, Table, cells
from timecone.schema import INPUTS, BoolArray, FloatArray

_YEARS = (2030, 2035, 2050)
#: Years by whose end the headline has not arrived.
_QUIET_YEARS = (2028, 2030, 2035)
_THIRD = 1.0 / 3.0
_LOG10 = "log10 "
# Fewest draws of a row.
_LEAST = 100

type Selection = tuple[str, BoolArray]


def what_ifs(run: xr.DataTree, inputs: Sequence[str], count: int = 5) -> Table | None:
    """Return the headline under conditions that draws of the run already satisfy.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file; its stored draws are read.
    inputs : sequence of str
        Names of inputs, those that move the answer most first.
    count : int
        How many inputs to show.

    Returns
    -------
    Table or None
        A row for all draws, each value of each choice, both outer thirds of the inputs, and the absence of an
        arrival by some years. None where the run stores too few draws.
    """
    main = headline(run)
    dates, counted = stored_values(run, main, None)
    if int(counted.sum()) < _LEAST:
        return None
    years = [year for year in _YEARS if year in default_years(run)]
    median = _median(run, dates, counted)
    rows = [("all draws", _row(run, dates, counted, years, None, counted))]
    for text, chosen in (
        *_by_choice(run, counted),
        *_by_third(run, inputs, counted, count),
        *_not_by(run, dates, counted),
    ):
        if int(chosen.sum()) >= _LEAST:
            rows.append((text, _row(run, dates, chosen, years, median, counted)))
    columns = (
        f"median {date_words().lower()}",
        "shift, years",
        *(f"by {year}" for year in years),
        "of draws",
    )
    return Table(
        "what_ifs",
        f"{sentence(label(run, main))} under other assumptions",
        "if",
        columns,
        tuple(rows),
        f"From {int(counted.sum()):,} stored draws of this run: each row selects those that satisfy its"
        " condition, with everything that is correlated with it.",
    )


def _median(run: xr.DataTree, dates: FloatArray, chosen: BoolArray) -> float:
    return float(of_stored(run, dates, chosen, levels([50.0])).item())


def _row(
    run: xr.DataTree,
    dates: FloatArray,
    chosen: BoolArray,
    years: Sequence[int],
    reference: float | None,
    counted: BoolArray,
) -> tuple[Cell, ...]:
    middle = of_stored(run, dates, chosen, levels([50.0]))
    value, error = float(middle.item()), float(middle["standard_error"].item())
    shift = Cell("")
    if reference is not None:
        finite = math.isfinite(value) and math.isfinite(reference)
        shift = Cell(signed_years(value - reference, error) if finite else "beyond the horizon")
    by = probability_before(SortedSample(np.sort(dates[chosen])), np.array(years, dtype=np.float64) + 1.0)
    part, whole = int(chosen.sum()), int(counted.sum())
    lower, upper = wilson(np.array(part), whole)
    share = rounding.percent(part / whole, float(standard_error(lower, upper)))
    return (
        *cells(middle, writers(run)[0]),
        shift,
        *cells(by, rounding.probability)[: len(years)],
        Cell(share),
    )


def _by_choice(run: xr.DataTree, counted: BoolArray) -> Iterator[Selection]:
    for choice, values in choices(run).items():
        for value in values:
            yield choice_clause(run, choice, value), counted_draws(run, {choice: value}) & counted


def _by_third(run: xr.DataTree, inputs: Sequence[str], counted: BoolArray, count: int) -> Iterator[Selection]:
    """Yield the outer thirds of the counted draws by each input that is not a choice."""
    stored = group(run, INPUTS)
    numbers = [name for name in inputs if name in stored and not name.startswith("choice_")]
    for name in numbers[:count]:
        values = stored[name].values.astype(np.float64)
        low, high = np.quantile(values[counted], [_THIRD, 1.0 - _THIRD], method="inverted_cdf")
        if low == high:
            continue
        unit = str(stored[name].attrs.get("units", ""))
        below, above = counted & (values <= low), counted & (values >= high)
        yield f"{plain_name(name)} is at most {_with_unit(float(low), unit)}", below
        yield f"{plain_name(name)} is at least {_with_unit(float(high), unit)}", above


def _with_unit(value: float, unit: str) -> str:
    """Write a value of an input with its unit, and a logarithm as the power of ten that it stands for."""
    if unit.startswith(_LOG10):
        return f"10^{value:.3g} {unit.removeprefix(_LOG10)}"
    return short_number(value) if unit in ("", "1", "calendar year") else f"{short_number(value)} {unit}"


def _not_by(run: xr.DataTree, dates: FloatArray, counted: BoolArray) -> Iterator[Selection]:
    """Yield the draws in which the headline has not arrived by the end of some years."""
    first, last = float(run.attrs["start"]), horizon(run)
    name = label(run, headline(run))
    for year in _QUIET_YEARS:
        if first < year + 1.0 < last:
            yield f"{name} has not arrived by the end of {year}", counted & ~(dates < year + 1.0)
