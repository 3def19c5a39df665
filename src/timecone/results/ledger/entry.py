"""An entry of a ledger: the quoted numbers of one dated forecast, and what they are conditional on.

An entry is made from a run, or read from the TOML table that a ledger holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import tomli_w
import xarray as xr

from timecone.errors import ArgumentError, LedgerError
from timecone.results.run_file.access import durations, headline, label, milestones
from timecone.results.run_file.accounts import accounts
from timecone.results.run_file.percentiles import percentiles
from timecone.results.run_file.probabilities import default_years, probability_by

#: Percentiles of which an entry states the value.
LEVELS: Final = (5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0)
#: Facts about a forecast, and their types; an entry states each, or lists it under ``not_stored``.
FACTS: Final[Mapping[str, type]] = {
    "model": str,
    "version": str,
    "seed": int,
    "design": str,
    "draws": int,
    "counted": int,
    "failed": int,
    "as_of": date,
    "scenario_digest": str,
    "scenario": str,
    "conditions": str,
}
_ERROR_KEYS = ("lower", "upper", "standard_error")
# Decimals of what is stored: below the width of the bins, and below the error of a billion draws.
_DECIMALS = {"percentiles": 4, "by": 6}
_ERROR_DIGITS = 3


class Number(NamedTuple):
    """A quoted number with its 95 % Monte Carlo interval; NaN where an entry does not state these."""

    value: float
    lower: float = math.nan
    upper: float = math.nan
    standard_error: float = math.nan


@dataclass(frozen=True)
class Quoted:
    """Quoted numbers of a milestone or a duration.

    Attributes
    ----------
    label : str
        Its name in words.
    is_duration : bool
        Whether it is a duration, in years.
    percentiles : mapping of float to Number
        Decimal year or years at each percentile; infinite beyond the horizon.
    by : mapping of int to Number
        Probability by the end of each year; empty of a duration.
    not_reached : Number, optional
        Share of the counted draws without an arrival by the horizon; None of a duration, or where the entry
        does not state it.
    """

    label: str
    is_duration: bool
    percentiles: Mapping[float, Number]
    by: Mapping[int, Number]
    not_reached: Number | None


@dataclass(frozen=True)
class Entry:
    """One dated forecast of a ledger.

    Attributes
    ----------
    id : str
        The run id; of a forecast that was no run file, a name.
    date : date
        When the forecast was made.
    name : str
        Name of the scenario.
    headline : str
        The milestone that the forecast is about.
    start, horizon : float
        Decimal years.
    numbers : mapping of str to Quoted
        Quoted numbers by milestone and duration.
    facts : mapping of str to object
        Model, version, seed, design, draws, counted and failed draws, not-yet date, digest and file of the
        scenario, conditions: those that are stored.
    not_stored : tuple of str
        The facts that are not.
    note, source : str
        Remark, and where numbers come from that were copied; empty where there is none.
    run : str
        Path of the run file from the folder of the ledger; empty where none was named.
    """

    id: str
    date: date
    name: str
    headline: str
    start: float
    horizon: float
    numbers: Mapping[str, Quoted]
    facts: Mapping[str, Any] = field(default_factory=dict)
    not_stored: tuple[str, ...] = ()
    note: str = ""
    source: str = ""
    run: str = ""

    def quoted(self, quantity: str | None = None) -> Quoted | None:
        """Return the numbers of a milestone or duration, the headline by default; None where it has none."""
        return self.numbers.get(self.headline if quantity is None else quantity)


def entry_of(run: xr.DataTree, *, note: str = "", scenario: str = "", path: str = "") -> Entry:
    """Return the entry of a run.

    Parameters
    ----------
    run : DataTree
        A run without a condition.
    note : str
        Remark.
    scenario : str
        Path from the ledger's folder under which the scenario's text is kept.
    path : str
        Path of the run file from there.

    Raises
    ------
    ArgumentError
        The run is given a condition, so that its id is that of the whole run, or has no date.
    """
    attrs = run.attrs
    if "given" in attrs:
        raise ArgumentError(
            "conditioned-run-in-ledger",
            "a run under a condition has no id of its own",
            where="run",
            got=str(attrs["given"]),
            remedy="Add the whole run.",
        )
    account = accounts(run)
    facts: dict[str, Any] = {
        "counted": account["counted"],
        "failed": account["failed"],
        "scenario": scenario,
    }
    for key, kind in FACTS.items():
        if key in attrs and key not in facts:
            facts[key] = date.fromisoformat(str(attrs[key])) if kind is date else kind(attrs[key])
    stored = {key: facts[key] for key in FACTS if facts.get(key) not in (None, "")}
    try:
        made = datetime.fromisoformat(str(attrs.get("created", ""))).date()
    except ValueError:
        raise ArgumentError(
            "run-without-date",
            "the run does not say when it was made",
            where="created",
            got=attrs.get("created"),
        ) from None
    return Entry(
        id=str(attrs["run_id"]),
        date=made,
        name=str(attrs["name"]),
        headline=headline(run),
        start=float(attrs["start"]),
        horizon=float(attrs["horizon"]),
        numbers={name: _quoted(run, name) for name in (*milestones(run), *durations(run))},
        facts=stored,
        not_stored=tuple(key for key in FACTS if key not in stored),
        note=note,
        run=path,
    )


def _quoted(run: xr.DataTree, name: str) -> Quoted:
    dates = percentiles(run, name, LEVELS)
    lasting = name in durations(run)
    years = [] if lasting else default_years(run)
    by = probability_by(run, name, years) if years else None
    rest = None
    if by is not None:
        keys = ("not_by_horizon", *(f"not_by_horizon_{end}" for end in ("lower", "upper", "error")))
        rest = _stored([float(by.attrs[key]) for key in keys], _DECIMALS["by"])
    return Quoted(
        label(run, name),
        lasting,
        dict(zip(LEVELS, _numbers(dates, _DECIMALS["percentiles"]), strict=True)),
        {} if by is None else dict(zip(years, _numbers(by, _DECIMALS["by"]), strict=True)),
        rest,
    )


def _numbers(array: xr.DataArray, decimals: int) -> list[Number]:
    parts = (array, array["lower"], array["upper"], array["standard_error"])
    return [_stored(point, decimals) for point in zip(*(p.values.tolist() for p in parts), strict=True)]


def _stored(point: Sequence[float], decimals: int) -> Number:
    """Return a number as it is stored, rounded far below its error."""
    *ends, error = point
    value, lower, upper = (round(end, decimals) for end in ends)
    return Number(value, lower, upper, float(f"{error:.{_ERROR_DIGITS}g}"))


def to_toml(entry: Entry) -> str:
    """Return an entry as a TOML table of the array ``entry``; `from_table` reads it back."""
    top: dict[str, Any] = {
        "id": entry.id,
        "date": entry.date,
        "name": entry.name,
        "headline": entry.headline,
        "quantities": list(entry.numbers),
        "start": entry.start,
        "horizon": entry.horizon,
        **entry.facts,
        "not_stored": list(entry.not_stored),
    }
    top |= {key: text for key in ("note", "source", "run") if (text := getattr(entry, key))}
    lines = ["[[entry]]", tomli_w.dumps({k: v for k, v in top.items() if v != []}).rstrip()]
    for name, quoted in entry.numbers.items():
        about = {"label": quoted.label, "kind": "duration" if quoted.is_duration else "milestone"}
        lines += ["", f"[entry.numbers.{name}]", tomli_w.dumps(about).rstrip()]
        if quoted.not_reached is not None:
            lines.append(f"not_reached = {_row({}, quoted.not_reached)}")
        if not quoted.is_duration:
            rows = [f"    {_row({'year': year}, number)}," for year, number in quoted.by.items()]
            lines += ["by = [", *rows, "]"]
        rows = [f"    {_row({'percentile': p}, number)}," for p, number in quoted.percentiles.items()]
        lines += ["percentiles = [", *rows, "]"]
    return "\n".join(lines) + "\n"


def _row(at: Mapping[str, float], number: Number) -> str:
    columns = {**at, **number._asdict()}
    pairs = [f"{key} = {_literal(value)}" for key, value in columns.items() if not math.isnan(value)]
    return f"{{ {', '.join(pairs)} }}"


def _literal(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def from_table(table: Any, where: str) -> Entry:
    """Return the entry that a TOML table states.

    Raises
    ------
    LedgerError
        Something is missing from it, is of another type, or is not known; ``where`` says in which entry.
    """
    if not isinstance(table, dict):
        raise LedgerError("not-a-table", "not a table", where=where, got=table, remedy="Write [[entry]].")
    left = dict(table)
    texts = {key: _taken(left, key, str, where) for key in ("id", "name", "headline")}
    when = _taken(left, "date", date, where)
    start, horizon = (float(_taken(left, key, (float, int), where)) for key in ("start", "horizon"))
    quantities = _taken(left, "quantities", list, where)
    numbers = _taken(left, "numbers", dict, where)
    if list(numbers) != quantities:
        raise LedgerError(
            "entry-numbers-incomplete",
            "the numbers are not those of the quantities",
            where=where,
            got=list(numbers),
            allowed=str(quantities),
        )
    not_stored = _taken(left, "not_stored", list, where) if "not_stored" in left else []
    facts = {key: _taken(left, key, kind, where) for key, kind in FACTS.items() if key in left}
    for key in FACTS:
        if (key in facts) == (key in not_stored):
            problem = "a fact is stated and listed as not stored" if key in facts else "a fact is missing"
            raise LedgerError(
                "entry-fact-missing",
                problem,
                where=where,
                got=key,
                remedy="State it, or list it under not_stored.",
            )
    optional = {key: _taken(left, key, str, where) for key in ("note", "source", "run") if key in left}
    if left or (unknown := [key for key in not_stored if key not in FACTS]):
        key = next(iter(left), None) or str(unknown[0])
        raise LedgerError("unknown-key", "unknown key", where=where, got=key)
    if texts["headline"] not in numbers:
        raise LedgerError(
            "entry-headline-unknown", "the headline has no numbers", where=where, got=texts["headline"]
        )
    return Entry(
        texts["id"],
        when,
        texts["name"],
        texts["headline"],
        start,
        horizon,
        {name: _read_quoted(quoted, f"{where}, {name}") for name, quoted in numbers.items()},
        facts,
        tuple(not_stored),
        **optional,
    )


def _read_quoted(table: Any, where: str) -> Quoted:
    if not isinstance(table, dict):
        raise LedgerError("not-a-table", "not a table", where=where, got=table)
    left = dict(table)
    text = _taken(left, "label", str, where)
    kind = _taken(left, "kind", str, where)
    if kind not in ("milestone", "duration"):
        raise LedgerError(
            "entry-kind-unknown", "unknown kind", where=where, got=kind, allowed="milestone or duration"
        )
    lasting = kind == "duration"
    levels = _rows(_taken(left, "percentiles", list, where), "percentile", where)
    by = {} if lasting else _rows(_taken(left, "by", list, where), "year", where)
    rest = _number(_taken(left, "not_reached", dict, where), where) if "not_reached" in left else None
    if left:
        raise LedgerError("unknown-key", "unknown key", where=where, got=next(iter(left)))
    return Quoted(text, lasting, levels, {int(year): number for year, number in by.items()}, rest)


def _rows(rows: list[Any], at: str, where: str) -> dict[float, Number]:
    read: dict[float, Number] = {}
    for row in rows:
        if not isinstance(row, dict):
            raise LedgerError("not-a-table", "not a table", where=where, got=row)
        left = dict(row)
        place = float(_taken(left, at, (int, float), where))
        if place in read:
            raise LedgerError("entry-row-twice", f"a {at} is stated twice", where=where, got=place)
        read[place] = _number(left, f"{where}, {at} {place:g}")
    return read


def _number(table: dict[str, Any], where: str) -> Number:
    left = dict(table)
    keys = ("value", *_ERROR_KEYS) if any(key in left for key in _ERROR_KEYS) else ("value",)
    number = Number(*(float(_taken(left, key, (int, float), where)) for key in keys))
    if left:
        raise LedgerError("unknown-key", "unknown key", where=where, got=next(iter(left)))
    if any(math.isnan(part) for part in number[: len(keys)]):
        raise LedgerError("entry-number-nan", "not a number", where=where, got=math.nan)
    return number


def _taken(table: dict[str, Any], key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Take a value of a type out of a table."""
    if key not in table:
        raise LedgerError("entry-key-missing", "a key is missing", where=where, got=key, remedy=DAMAGED)
    value = table.pop(key)
    if isinstance(value, (bool, datetime)) or not isinstance(value, kind):
        names = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise LedgerError(
            "entry-value-type", "a value of another type", where=f"{where}, {key}", got=value, allowed=names
        )
    return value


#: What to do about a ledger that cannot be read.
DAMAGED: Final = "The file is damaged: take it back from version control, where no entry is lost."
