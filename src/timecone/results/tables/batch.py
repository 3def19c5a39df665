"""Table of a batch of scenarios: a row for each, and one for their mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import xarray as xr

from timecone.results.run_file.access import headline, label
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, probability_by
from timecone.results.tables import rounding
from timecone.results.tables.dates import date_style
from timecone.results.tables.formats import writers
from timecone.results.tables.table import MISSING, Cell, Table, cells

LEVELS = (10.0, 50.0, 90.0)
YEARS = (2030, 2035, 2040, 2050)
POOLED = "pooled"


def batch_table(
    runs: Mapping[str, xr.DataTree],
    pooled: xr.Dataset | None = None,
    *,
    quantity: Mapping[str, str] | None = None,
    q: Sequence[float] = LEVELS,
    years: Sequence[int] = YEARS,
) -> Table:
    """Return one row per run: the year at percentiles, probabilities by year, and the share not reached.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs by the name that the row has.
    pooled : Dataset, optional
        Their mixture, as `timecone.pool` gives it; the last row.
    quantity : mapping of str to str, optional
        The milestone of each run, by the run's name; its headline by default.
    q : sequence of float
        Percentiles.
    years : sequence of int
        Calendar years; a run that does not reach one has no number there.
    """
    names = {name: headline(run) for name, run in runs.items()} | dict(quantity or {})
    labels = {name: label(run, names[name]) for name, run in runs.items()}
    same = len(set(labels.values())) == 1
    rows = [
        (name if same else f"{name} ({labels[name]})", tuple(_row(run, names[name], q, years)))
        for name, run in runs.items()
    ]
    if pooled is not None:
        rows.append((POOLED, tuple(_pooled_row(pooled, q, years))))
    columns = (*(f"{p:g} %" for p in q), *(f"P by {year}" for year in years), "not reached")
    what = f"{next(iter(labels.values())) if same else 'Milestones'}: {date_style()}"
    title = (
        f"{what} at each percentile and probability by the end of the year, with 95 % Monte Carlo interval"
    )
    notes = [*_failed_notes(runs), *([] if pooled is None else [pooled_note(pooled)])]
    return Table("batch", title, "scenario", columns, tuple(rows), " ".join(notes))


def _failed_notes(runs: Mapping[str, xr.DataTree]) -> list[str]:
    """Return a sentence on the failed draws of each run, or none where no draw failed."""
    shares = [
        f"{name} {rounding.share_of(failed, int(run.attrs['draws']))}"
        for name, run in runs.items()
        if (failed := failed_draws(run))
    ]
    return [f"No number above includes failed draws: {', '.join(shares)}."] if shares else []


def pooled_note(pooled: xr.Dataset) -> str:
    """Return what the pooled numbers are."""
    return (
        f"Pooled: the mixture of the outcomes with the weights {pooled.attrs['weights']}. Its percentiles are"
        " those of the pooled draws, not averages of the percentiles above. In the pool, dates after"
        f" {pooled.attrs['horizon']:g} count as not reached; above, dates after each run's own horizon do."
    )


def _row(run: xr.DataTree, name: str, q: Sequence[float], years: Sequence[int]) -> list[Cell]:
    row = list(cells(percentiles(run, name, q), writers(run)[0]))
    start, end = float(run.attrs["start"]), float(run.attrs["horizon"])
    inside = [year for year in years if start < year + 1.0 <= end]
    array = probability_by(run, name, inside or default_years(run))
    *by, rest = cells(array, rounding.probability)
    stated = dict(zip(inside, by, strict=False)) if inside else {}
    return [*row, *(stated.get(year, Cell(MISSING)) for year in years), rest]


def _pooled_row(pooled: xr.Dataset, q: Sequence[float], years: Sequence[int]) -> list[Cell]:
    date = partial(rounding.date, start=float(pooled.attrs["start"]), horizon=float(pooled.attrs["horizon"]))
    row = [_cell(pooled.sel(percentile=p), "value", date) for p in q]
    known = set(pooled["year"].values.tolist())
    row += [
        _cell(pooled.sel(year=year), "probability", rounding.probability) if year in known else Cell(MISSING)
        for year in years
    ]
    return [*row, _cell(pooled, "not_reached", rounding.probability)]


def _cell(at: xr.Dataset, key: str, write: rounding.Write) -> Cell:
    return Cell.of(write, *(at[f"{key}{end}"].item() for end in ("", "_lower", "_upper", "_error")))
