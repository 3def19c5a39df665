"""Changes between two entries of a ledger: facts, inputs, and numbers paired draw by draw where possible."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.ledger.entry import Entry
from timecone.results.ledger.ledger import Ledger
from timecone.results.ledger.movement import ledger_movement
from timecone.results.run_file.compare import Comparison, compare, different_texts

_FACTS = ("model", "version", "seed", "design", "draws", "as_of", "conditions")
_NOT_STORED = "not stored"


@dataclass(frozen=True)
class LedgerChanges:
    """What changed between two entries, the second less the first.

    Attributes
    ----------
    first, second : Entry
        The entries.
    facts : tuple of (str, str, str)
        Facts that differ: key, and its value in each entry; "not stored" where it is unknown.
    inputs : tuple of (str, str, str), optional
        Inputs of the scenarios that differ; None where an entry stores no scenario.
    numbers : Dataset
        The stored numbers of both and their differences, with errors of independent runs; see
        `ledger_movement`.
    runs : tuple of (DataTree, DataTree), optional
        The stored runs, where both files are still there.
    comparison : Comparison, optional
        Of the stored runs, if they are of one model.

    Examples
    --------
    >>> import timecone as tc
    >>> for seed in (3, 4):
    ...     run = tc.simulate(tc.load("baseline"), draws=1000, seed=seed, paths=0)
    ...     entry = tc.add_to_ledger(run, "seeds.toml")
    >>> changes = tc.ledger_changes(tc.read_ledger("seeds.toml"), 1, 2)
    >>> changes.facts, changes.inputs
    ((('seed', '3', '4'),), ())
    """

    first: Entry
    second: Entry
    facts: tuple[tuple[str, str, str], ...]
    inputs: tuple[tuple[str, str, str], ...] | None
    numbers: xr.Dataset
    runs: tuple[xr.DataTree, xr.DataTree] | None
    comparison: Comparison | None


def ledger_changes(
    ledger: Ledger, first: int | str, second: int | str, quantity: str | None = None
) -> LedgerChanges:
    """Return what changed between two entries of a ledger.

    Parameters
    ----------
    ledger : Ledger
        As `read_ledger` gives it.
    first, second : int or str
        Numbers of the entries, counted from 1, or the beginnings of their ids.
    quantity : str, optional
        A milestone or a duration of both; the headline of the second by default.

    Returns
    -------
    LedgerChanges
        Facts, inputs and numbers that differ; where both run files are still there, also the comparison of
        the runs themselves.

    Raises
    ------
    ArgumentError
        No such entry, the same entry twice, or an entry does not state the quantity.
    LedgerError
        The text of a scenario is missing or damaged.

    Examples
    --------
    >>> import timecone as tc
    >>> for name in ("baseline", "open_loop"):
    ...     run = tc.simulate(tc.load(name), draws=1000, seed=3, paths=0)
    ...     entry = tc.add_to_ledger(run, "loops.toml")
    >>> changes = tc.ledger_changes(tc.read_ledger("loops.toml"), 1, 2)
    >>> ("components.software_feedback", "not stated", "False") in changes.inputs
    True
    """
    entries = ledger.entry(first), ledger.entry(second)
    if entries[0] == entries[1]:
        raise ArgumentError(
            "entry-compared-with-itself",
            "an entry is compared with itself",
            where=str(ledger.path),
            got=entries[0].id,
        )
    name = entries[1].headline if quantity is None else quantity
    for entry in entries:
        if entry.quoted(name) is None:
            raise ArgumentError(
                "entry-lacks-quantity",
                "an entry does not state this quantity",
                where=entry.id,
                got=name,
                allowed=", ".join(entry.numbers),
            )
    before, after = (entry.numbers[name] for entry in entries)
    years = [year for year in before.by if year in after.by]
    levels = [p for p in before.percentiles if p in after.percentiles]
    numbers = ledger_movement(Ledger(ledger.path, entries), name, years=years, q=levels)
    stored = tuple(ledger.run(entry) for entry in entries)
    runs = (stored[0], stored[1]) if stored[0] is not None and stored[1] is not None else None
    comparable = runs is not None and entries[0].facts.get("model") == entries[1].facts.get("model")
    return LedgerChanges(
        *entries,
        _facts(*entries),
        _inputs(ledger, *entries),
        numbers,
        runs,
        compare(*runs, name) if runs is not None and comparable else None,
    )


def _facts(first: Entry, second: Entry) -> tuple[tuple[str, str, str], ...]:
    stated = [
        {
            "scenario": entry.name,
            **{key: str(entry.facts.get(key, _NOT_STORED)) for key in _FACTS},
            "start": f"{entry.start:g}",
            "horizon": f"{entry.horizon:g}",
        }
        for entry in (first, second)
    ]
    rows = [(key, stated[0][key], stated[1][key]) for key in stated[0]]
    return tuple(
        (key, *_clauses_apart(a, b)) if key == "conditions" and _NOT_STORED not in (a, b) else (key, a, b)
        for key, a, b in rows
        if a != b
    )


def _clauses_apart(first: str, second: str) -> tuple[str, str]:
    """Return the clauses of two texts that only one of them has; "-" where it has none of its own."""
    clauses = [[part.strip(" .\n") for part in text.split(";")] for text in (first, second)]
    before, after = (
        "; ".join(part for part in own if part not in other) or "-"
        for own, other in (clauses, reversed(clauses))
    )
    return before, after


def _inputs(ledger: Ledger, first: Entry, second: Entry) -> tuple[tuple[str, str, str], ...] | None:
    before, after = (ledger.scenario(entry) for entry in (first, second))
    return different_texts(before, after) if before and after else None
