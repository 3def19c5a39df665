"""Tables of a ledger: its entries, how their numbers moved, and what changed between two of them."""

from __future__ import annotations

import math
from functools import partial

import xarray as xr

from timecone.results.ledger.changes import LedgerChanges
from timecone.results.ledger.ledger import Ledger
from timecone.results.tables import rounding
from timecone.results.tables.dates import DateStyle, date_style
from timecone.results.tables.differences import (
    difference_cell,
    difference_tables,
    signed_probability,
    signed_years,
)
from timecone.results.tables.table import MISSING, Cell, Table

#: Key of a statistic, and its percentile or year.
type _Place = tuple[str, dict[str, float]]

_INDEPENDENT = "with errors of independent runs"
_NOTE = f"{MISSING}: the entry, or the one before it, does not state this number."
_LONGEST = 60


def entries_table(ledger: Ledger) -> Table:
    """Return the entries of a ledger: what they are, not their numbers."""
    rows = []
    for k, entry in enumerate(ledger.entries, 1):
        facts = [entry.facts.get(key, MISSING) for key in ("version", "seed", "draws")]
        texts = [f"{fact:,}" if isinstance(fact, int) and fact >= 10_000 else str(fact) for fact in facts]  # noqa: PLR2004
        rows.append((f"{k}", (entry.date.isoformat(), entry.name, entry.id, *texts, entry.note)))
    heads = ("date", "scenario", "id", "version", "seed", "draws", "note")
    return Table.of_texts("entries", f"{ledger.path}", "entry", heads, rows, ("scenario", "note"))


def movement_tables(moved: xr.Dataset) -> list[Table]:
    """Return the tables of a movement: below each entry stands its difference from the one before."""
    tables = []
    label, years = str(moved.attrs["label"]), [int(year) for year in moved["year"].values]
    if years:
        rest = moved["not_reached"].notnull().any().item()
        heads = [*map(str, years), *(["not reached"] if rest else [])]
        keys: list[_Place] = [("probability", {"year": float(year)}) for year in years]
        keys += [("not_reached", {})] if rest else []
        title = f"{label}: probability by the end of the year, and the change from entry to entry"
        tables.append(_table(moved, "probability_movement", f"{title}, {_INDEPENDENT}", heads, keys))
    levels = [float(p) for p in moved["percentile"].values]
    if levels:
        heads, keys = [f"{p:g}" for p in levels], [("value", {"percentile": p}) for p in levels]
        what = "years" if moved.attrs["is_duration"] else date_style()
        title = f"{label}: {what} at each percentile, and the change in years from entry to entry"
        tables.append(_table(moved, "percentile_movement", f"{title}, {_INDEPENDENT}", heads, keys))
    return tables


def _table(moved: xr.Dataset, name: str, title: str, heads: list[str], keys: list[_Place]) -> Table:
    corner = "by the end of" if name.startswith("probability") else "percentile"
    rows: list[tuple[str, tuple[Cell, ...]]] = []
    for k in range(moved.sizes["entry"]):
        entry = moved.isel(entry=k)
        label = f"{entry['entry'].item()}  {entry['date'].item()}"
        rows.append((label, tuple(_stated(entry, key, at) for key, at in keys)))
        if k:
            rows.append(("  change", tuple(_change(moved, k, key, at) for key, at in keys)))
    gaps = any(cell.text == MISSING for _, cells in rows for cell in cells)
    return Table(name, title, corner, tuple(heads), tuple(rows), _NOTE if gaps else "")


def _stated(entry: xr.Dataset, key: str, at: dict[str, float]) -> Cell:
    parts = (entry[f"{key}{end}"].sel(at).item() for end in ("", "_lower", "_upper", "_error"))
    value, lower, upper, error = parts
    if math.isnan(value):
        return Cell(MISSING)
    write = _writer(entry, key)
    if math.isnan(error):
        is_date = key == "value" and not entry.attrs["is_duration"]
        in_style = math.isinf(value) or (is_date and date_style() is DateStyle.MONTH)
        return Cell(write(value, 0.0) if in_style else f"{value:.{_decimals(value, key)}f}")
    return Cell.of(write, value, lower, upper, error)


def _decimals(value: float, key: str) -> int:
    """Return the decimals of a number without an error: those with which it was stated."""
    stated = len(f"{value:.10g}".partition(".")[2])
    return max(stated, 1 if key == "value" else 2)


def _writer(entry: xr.Dataset, key: str) -> rounding.Write:
    if key != "value":
        return rounding.probability
    first, last = (float(entry[end].item()) for end in ("start", "horizon"))
    if entry.attrs["is_duration"]:
        return partial(rounding.duration, longest=last - first)
    return partial(rounding.date, start=first, horizon=last)


def _change(moved: xr.Dataset, k: int, key: str, at: dict[str, float]) -> Cell:
    both = moved[key].sel(at).values[k - 1 : k + 1]
    if any(map(math.isnan, both)):
        return Cell(MISSING)
    ends = ("_change", "_change_lower", "_change_upper", "_change_error")
    entry = moved.isel(entry=k)
    change, lower, upper, error = (entry[f"{key}{end}"].sel(at).item() for end in ends)
    write = signed_years if key == "value" else signed_probability
    if math.isnan(error) and math.isfinite(change):
        errors = moved[f"{key}_error"].sel(at).values[k - 1 : k + 1]
        vague = [value for value, known in zip(both, errors, strict=True) if math.isnan(known)]
        return Cell(f"{change:+.{min(_decimals(value, key) for value in vague)}f}", "no interval")
    return difference_cell(write, change, lower, upper, error)


def changes_tables(changes: LedgerChanges) -> list[Table]:
    """Return the tables of what changed between two entries."""
    heads = (f"{changes.first.date} {changes.first.name}", f"{changes.second.date} {changes.second.name} ")
    tables = []
    if changes.facts:
        rows = [(key, (_short(a), _short(b))) for key, a, b in changes.facts]
        tables.append(Table.of_texts("differing_facts", "Facts that differ", "fact", heads, rows, heads))
    if changes.comparison is not None and changes.runs is not None:
        return [*tables, *difference_tables(*changes.runs, changes.comparison)]
    if changes.inputs:
        rows = [(key, (_short(a), _short(b))) for key, a, b in changes.inputs]
        tables.append(Table.of_texts("differing_inputs", "Inputs that differ", "input", heads, rows, heads))
    return [*tables, *movement_tables(changes.numbers)]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
