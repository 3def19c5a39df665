"""Movement of a forecast: its quoted numbers from entry to entry of a ledger, with their differences.

Differences are taken of the stored numbers. Their errors are those of independent runs, also where two runs
shared their random numbers: `timecone.compare` of the stored runs gives the smaller, paired ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr

from timecone.errors import ArgumentError, suggestion
from timecone.results.estimators.intervals import NORMAL_SCORE
from timecone.results.ledger.entry import Number, Quoted
from timecone.results.ledger.ledger import Ledger

_MISSING = Number(np.nan)


def ledger_movement(
    ledger: Ledger,
    quantity: str | None = None,
    *,
    years: Sequence[int] | None = None,
    q: Sequence[float] = (10, 50, 90),
) -> xr.Dataset:
    """Return how quoted numbers moved from entry to entry.

    Parameters
    ----------
    ledger : Ledger
        As `read_ledger` gives it.
    quantity : str, optional
        A milestone or a duration; the headline of the last entry by default.
    years : sequence of int, optional
        Calendar years; those that the last entry states by default.
    q : sequence of float
        Percentiles.

    Returns
    -------
    Dataset, dims (entry, year) and (entry, percentile)
        ``probability`` and ``value``, and ``not_reached`` by entry; each with ``_lower``, ``_upper``,
        ``_error`` and, less the entry before, ``_change``, ``_change_lower``, ``_change_upper``,
        ``_change_error``. NaN where an entry does not state a number; a change between two percentiles
        beyond the horizon is NaN, one to or from beyond infinite. Coordinates ``id``, ``date``, ``name``,
        ``start``, ``horizon``.

    Raises
    ------
    ArgumentError
        The ledger is empty, or no entry states the quantity, a year or a percentile.

    Examples
    --------
    >>> import timecone as tc
    >>> for seed in (1, 2):
    ...     run = tc.simulate(tc.load("baseline"), draws=1000, seed=seed, paths=0)
    ...     entry = tc.add_to_ledger(run, "two-seeds.toml")
    >>> moved = tc.ledger_movement(tc.read_ledger("two-seeds.toml"), years=[2035])
    >>> first, second = moved["probability"].sel(year=2035).values
    >>> bool(moved["probability_change"].sel(year=2035)[1] == second - first)
    True
    """
    entries = ledger.entries
    if not entries:
        raise ArgumentError("ledger-empty", "the ledger has no entries", where=str(ledger.path))
    name = entries[-1].headline if quantity is None else quantity
    quoted = [entry.quoted(name) for entry in entries]
    if not any(quoted):
        known = {key for entry in entries for key in entry.numbers}
        raise ArgumentError(
            "unknown-quantity",
            "no entry states this quantity",
            where=str(ledger.path),
            got=name,
            remedy=suggestion(name, known),
        )
    last = next(numbers for numbers in reversed(quoted) if numbers is not None)
    columns = list(last.by) if years is None else list(years)
    levels = [float(level) for level in q]
    for at, wanted, stated in (
        ("year", columns, {year for numbers in quoted if numbers for year in numbers.by}),
        ("percentile", levels, {p for numbers in quoted if numbers for p in numbers.percentiles}),
    ):
        for value in wanted:
            if value not in stated:
                raise ArgumentError(
                    "ledger-lacks-number",
                    f"no entry states this {at}",
                    where=str(ledger.path),
                    got=value,
                    allowed=", ".join(f"{known:g}" for known in sorted(stated)) or "none",
                )
    moved = (
        _statistic(quoted, "probability", "year", columns, lambda numbers, year: numbers.by.get(int(year)))
        | _statistic(quoted, "value", "percentile", levels, lambda numbers, p: numbers.percentiles.get(p))
        | _statistic(quoted, "not_reached", None, [0.0], lambda numbers, _: numbers.not_reached)
    )
    coords = {
        "entry": np.arange(1, len(entries) + 1),
        "year": np.array(columns, dtype=np.int64),
        "percentile": np.array(levels, dtype=np.float64),
        **{key: ("entry", [str(getattr(entry, key)) for entry in entries]) for key in ("id", "date", "name")},
        **{key: ("entry", [getattr(entry, key) for entry in entries]) for key in ("start", "horizon")},
    }
    attributes = {"quantity": name, "label": last.label, "is_duration": int(last.is_duration)}
    return xr.Dataset(moved, coords=coords, attrs=attributes)


def _statistic(
    quoted: Sequence[Quoted | None],
    key: str,
    dim: str | None,
    places: Sequence[float],
    number_at: Callable[[Quoted, float], Number | None],
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Return a statistic of all entries with its intervals, and its changes with theirs."""
    rows = [
        [(number_at(numbers, place) if numbers else None) or _MISSING for place in places]
        for numbers in quoted
    ]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(places), len(Number._fields))
    value, lower, upper, error = np.moveaxis(values, -1, 0)
    before = np.vstack([np.full_like(value[:1], np.nan), value[:-1]])
    error_before = np.vstack([np.full_like(error[:1], np.nan), error[:-1]])
    with np.errstate(invalid="ignore"):
        change = value - before
        change_error = np.hypot(error, error_before)
        half = NORMAL_SCORE * change_error
        made = {
            "": value,
            "_lower": lower,
            "_upper": upper,
            "_error": error,
            "_change": change,
            "_change_lower": change - half,
            "_change_upper": change + half,
            "_change_error": change_error,
        }
    dims = ("entry",) if dim is None else ("entry", dim)
    return {f"{key}{suffix}": (dims, array[:, 0] if dim is None else array) for suffix, array in made.items()}
