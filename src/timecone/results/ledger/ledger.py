"""The file of a ledger: read whole or refused, and appended to without touching earlier entries.

A ledger is a TOML file with one ``[[entry]]`` per forecast. The text of a scenario is kept once, beside the
ledger in the folder ``NAME_scenarios``, under a name that holds a hash of the text.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xarray as xr

from timecone.errors import ArgumentError, LedgerError, OutputError, RunFileError, suggestion
from timecone.files import lock, write_file
from timecone.results.ledger.entry import DAMAGED, Entry, entry_of, from_table, to_toml
from timecone.results.run_file.read_write import open_run

#: Name of a ledger where none is given.
DEFAULT_NAME: Final = "ledger.toml"
_FORMAT: Final = "timecone-ledger"
_VERSION: Final = 1
_HEAD: Final = f"""# A ledger of forecasts, kept by `timecone ledger`. Entries are appended and never changed.
format = "{_FORMAT}"
version = {_VERSION}
"""
# Seconds to wait for another process that appends to the same ledger.
_PATIENCE = 10.0
_LONGEST_NUMBER = 4
_LEAST_LETTERS = 4
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Ledger:
    """Dated forecasts in the order in which they were added.

    Attributes
    ----------
    path : Path
        The file.
    entries : tuple of Entry
        The forecasts, the first one first.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
    >>> entry = tc.add_to_ledger(run, "forecasts.toml", note="first")
    >>> ledger = tc.read_ledger("forecasts.toml")
    >>> ledger.entry(1).id == run.attrs["run_id"], ledger.entry(1).note
    (True, 'first')
    """

    path: Path
    entries: tuple[Entry, ...]

    def entry(self, reference: int | str) -> Entry:
        """Return an entry.

        Parameters
        ----------
        reference : int or str
            Its number, counted from 1 (-1 is the last one), or the beginning of its id, four letters at
            least.

        Returns
        -------
        Entry
            The entry.

        Raises
        ------
        ArgumentError
            No entry or several have this number or beginning.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
        >>> path = Path("one-entry.toml")
        >>> tc.add_to_ledger(run, path).date == tc.read_ledger(path).entry(-1).date
        True
        """
        text = str(reference)
        if text.lstrip("-").isdigit() and len(text) <= _LONGEST_NUMBER:
            number, size = int(text), len(self.entries)
            if 1 <= abs(number) <= size:
                return self.entries[number - 1 if number > 0 else number]
            raise ArgumentError(
                "unknown-entry",
                "no entry of this number",
                where=str(self.path),
                got=text,
                allowed=f"1 to {size}",
            )
        matches = [entry for entry in self.entries if entry.id.startswith(text)]
        exact = [entry for entry in matches if entry.id == text]
        if len(exact or matches) == 1 and (exact or len(text) >= _LEAST_LETTERS):
            return (exact or matches)[0]
        raise ArgumentError(
            "unknown-entry",
            "several entries begin so" if len(matches) > 1 else "no entry of this id",
            where=str(self.path),
            got=text,
            remedy=suggestion(text, [entry.id for entry in matches or self.entries]),
        )

    def scenario(self, entry: Entry) -> str:
        """Return the text of an entry's scenario.

        Parameters
        ----------
        entry : Entry
            An entry of this ledger.

        Returns
        -------
        str
            The scenario as TOML; empty where the entry stores none.

        Raises
        ------
        LedgerError
            The file of the scenario is missing, or is not the one that was stored.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
        >>> entry = tc.add_to_ledger(run, "with-scenario.toml")
        >>> tc.read_ledger("with-scenario.toml").scenario(entry) == run.attrs["scenario"]
        True
        """
        name = str(entry.facts.get("scenario", ""))
        if not name:
            return ""
        path = self.path.parent / name
        try:
            text = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            raise LedgerError(
                "ledger-scenario-missing",
                "the scenario of an entry is missing",
                where=str(path),
                got=entry.id,
                remedy=DAMAGED,
            ) from None
        if path.stem.rpartition("-")[2] != _hash(text):
            raise LedgerError(
                "ledger-scenario-changed",
                "the scenario of an entry is not the one that was stored",
                where=str(path),
                got=entry.id,
                remedy=DAMAGED,
            )
        return text

    def run(self, entry: Entry) -> xr.DataTree | None:
        """Return the stored run of an entry, or None where its file is gone or holds another run.

        Parameters
        ----------
        entry : Entry
            An entry of this ledger.

        Returns
        -------
        DataTree or None
            The run.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
        >>> entry = tc.add_to_ledger(run, "without-file.toml")
        >>> tc.read_ledger("without-file.toml").run(entry) is None
        True
        """
        path = self.path.parent / entry.run
        if not entry.run or not path.is_file():
            return None
        try:
            run = open_run(path)
        except RunFileError:
            return None
        return run if str(run.attrs["run_id"]) == entry.id else None


def read_ledger(path: str | Path) -> Ledger:
    """Read a ledger of forecasts.

    Parameters
    ----------
    path : str or Path
        A TOML file that `add_to_ledger` wrote.

    Returns
    -------
    Ledger
        Its entries.

    Raises
    ------
    LedgerError
        The file is missing, damaged, or no ledger; nothing of a damaged one is read.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
    >>> entry = tc.add_to_ledger(run, "my-ledger.toml")
    >>> len(tc.read_ledger("my-ledger.toml").entries)
    1
    """
    path = Path(path)
    if not path.is_file():
        raise LedgerError(
            "ledger-missing",
            "no such file",
            where=str(path),
            remedy="timecone ledger add RUN begins a ledger.",
        )
    return Ledger(path, _entries(_text(path), path))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(
            "ledger-unreadable", f"cannot be read ({error})", where=str(path), remedy=DAMAGED
        ) from None


def _entries(text: str, path: Path) -> tuple[Entry, ...]:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LedgerError("ledger-not-toml", f"not TOML ({error})", where=str(path), remedy=DAMAGED) from None
    if content.get("format") != _FORMAT:
        raise LedgerError(
            "not-a-ledger",
            "not a ledger of timecone",
            where=str(path),
            got=content.get("format"),
            allowed=repr(_FORMAT),
        )
    if content.get("version") != _VERSION:
        raise LedgerError(
            "ledger-version",
            "a ledger of another version",
            where=str(path),
            got=content.get("version"),
            allowed=str(_VERSION),
        )
    for key in content:
        if key not in ("format", "version", "entry"):
            raise LedgerError("unknown-key", "unknown key", where=str(path), got=key)
    tables = content.get("entry", [])
    if not isinstance(tables, list):
        raise LedgerError(
            "ledger-entries-not-an-array",
            "not an array of tables",
            where=str(path),
            got="entry",
            remedy="Write [[entry]].",
        )
    entries = tuple(from_table(table, f"{path}, entry {k}") for k, table in enumerate(tables, 1))
    ids = [entry.id for entry in entries]
    for k, name in enumerate(ids):
        if name in ids[:k]:
            raise LedgerError(
                "ledger-id-twice", "an id occurs twice", where=str(path), got=name, remedy=DAMAGED
            )
    return entries


def add_to_ledger(
    run: xr.DataTree, path: str | Path = DEFAULT_NAME, *, note: str = "", run_file: str | Path | None = None
) -> Entry:
    """Append the quoted numbers of a run to a ledger; begin the ledger where there is none.

    The numbers are those that ``timecone percentiles`` prints: percentiles and probabilities by year of all
    milestones, percentiles of the durations, each with its interval. The text of the scenario is kept beside
    the ledger, once for all entries that share it. Earlier entries stay as they are to the byte, also when
    the process is killed or the disk is full.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    path : str or Path
        The ledger.
    note : str
        A remark.
    run_file : str or Path, optional
        Where the run is stored, so that it can be compared with later ones draw by draw.

    Returns
    -------
    Entry
        What was appended.

    Raises
    ------
    LedgerError
        The ledger is damaged or no ledger, or has an entry of this run.
    OutputError
        The ledger cannot be written, or another process holds it.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("baseline"), draws=1000, seed=1, paths=0)
    >>> entry = tc.add_to_ledger(run, "example.toml", note="two views of the threshold")
    >>> sorted(entry.numbers["tai"].by)[:3]
    [2028, 2030, 2035]
    """
    path = Path(path)
    place = Path(os.path.realpath(path))
    scenario = str(run.attrs.get("scenario", ""))
    stem = _UNSAFE.sub("_", str(run.attrs["name"]))
    name = f"{place.stem}_scenarios/{stem}-{_hash(scenario)}.toml" if scenario else ""
    stored = "" if run_file is None else _from(place.parent, Path(run_file))
    entry = entry_of(run, note=note, scenario=name, path=stored)
    with _held(place.parent, path):
        before = _text(place) if place.exists() else _HEAD
        entries = _entries(before, path)
        _require_new(entry, entries, path)
        after = f"{before.rstrip()}\n\n{to_toml(entry)}"
        # What is written can be read, and says the same.
        if _entries(after, path) != (*entries, entry):
            raise LedgerError(
                "entry-not-writable", "the entry cannot be written as TOML", where=str(path), got=entry.id
            )
        if name:
            write_file(place.parent / name, scenario)
        write_file(path, after)
    return entry


def _require_new(entry: Entry, entries: tuple[Entry, ...], path: Path) -> None:
    for k, other in enumerate(entries, 1):
        if other.id == entry.id:
            raise LedgerError(
                "run-in-ledger",
                f"the run is in the ledger already, as entry {k} of {other.date}",
                where=str(path),
                got=entry.id,
                remedy="Run with another seed, other inputs or more draws, or keep the entry that is there.",
            )


def _hash(text: str) -> str:
    return hashlib.blake2s(text.encode("utf-8"), digest_size=8).hexdigest()


def _from(folder: Path, path: Path) -> str:
    """Return a path as seen from a folder."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


@contextmanager
def _held(folder: Path, path: Path) -> Iterator[None]:
    """Let no other process append to the ledgers of a folder meanwhile.

    Raises
    ------
    OutputError
        Another process holds them for too long, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY) if os.name == "posix" else None
    except OSError as error:
        raise OutputError(
            "folder-unusable", f"the folder cannot be used ({error.strerror})", where=str(folder)
        ) from None
    try:
        last = time.monotonic() + _PATIENCE
        while descriptor is not None and not lock(descriptor):
            if time.monotonic() > last:
                raise OutputError(
                    "ledger-in-use",
                    "another process is writing to the ledger",
                    where=str(path),
                    remedy="Try again.",
                )
            time.sleep(0.02)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)
