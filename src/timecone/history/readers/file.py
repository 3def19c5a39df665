"""Reader of a file of the past: every row is either read or listed as rejected."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timecone.errors import ArgumentError, HistoryError
from timecone.history.readers.columns import COLUMNS
from timecone.history.readers.conventions import Convention, conventions
from timecone.history.readers.history_table import HistoryTable, RejectedRow
from timecone.history.readers.kinds import Arrangement, arrangement
from timecone.history.readers.plausibility import require_plausible
from timecone.history.readers.reading import EARLIEST, LATEST, Reading
from timecone.history.readers.text_file import TextFile
from timecone.history.readers.yaml_file import SUFFIXES, YamlFile, about_of

if TYPE_CHECKING:
    import pandas as pd

# What METR's file leaves unsaid; its paper gives horizons in minutes.
_UNSTATED: Final = {
    "horizons": "horizons taken to be in minutes of human work where no unit is stated",
    "clusters": "hardware costs taken to be in USD where no unit is stated",
    "spending": "amounts taken to be in USD where no unit is stated",
}


def read(path: str | PathLike[str], kind: str | None = None, *, latest: float | None = None) -> HistoryTable:
    r"""Read a file of the past: runs, chips, prices, costs, studies, time horizons, capabilities or supply.

    Parameters
    ----------
    path : str or path
        The file: Epoch AI's tables of models, hardware and prices in any snapshot, its Capabilities Index,
        METR's YAML file of time horizons, Epoch AI's GPU clusters, data-centre timelines, chip counts and
        compute spending of companies, or comma-separated text with this project's own headings
        (`columns.COLUMNS`).
    kind : str, optional
        One of ``columns.KINDS``, such as ``"runs"`` or ``"clusters"``; found from the header by default.
    latest : float, optional
        Latest date allowed, decimal year. By default what the file itself makes plausible: rows dated more
        than ten years after all other dates of its later half are rejected, so that 2062 for 2026 is found.

    Returns
    -------
    HistoryTable
        The rows, and the rejected ones: repeated, with too few or too many cells, without a name, and with
        a date or measured quantity that cannot be read, or a value outside its own interval.

    Raises
    ------
    HistoryError
        The file is missing, a folder, too large, empty, not comma-separated UTF-8 text (or YAML, where its
        name says so), lacks a required column, has a column in an unknown or ambiguous unit, holds no row
        that can be read, holds a value outside every plausible range, or counts single quarters where
        totals are expected.
    ArgumentError
        ``kind`` or ``latest`` is not allowed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "runs.csv")
    ...     header = "Model,Publication date,Training compute (FLOP)"
    ...     _ = file.write_text(f"{header}\nA,2020-07-02,3e23\nB,2020,1e20\n")
    ...     table = read(file)
    >>> table.kind, len(table.rows), table.rejected[0].reason
    ('runs', 1, 'not a date; expected year-month-day, as 2024-05-31, or month/day/year')
    """
    if latest is not None and not EARLIEST <= latest <= LATEST:
        raise ArgumentError(
            "record-date-missing",
            "not a valid date of a record",
            where="latest",
            got=latest,
            allowed=f"{EARLIEST:g} to {LATEST:g}",
        )
    text = _text_file(Path(path))
    arranged = arrangement(text.header, kind, text.name)
    styles = conventions(text.rows(), arranged.places)
    reading = Reading(arranged, text.header, styles)
    reading.take(text.rows())
    reading.reject_implausible_dates(latest)
    if not reading.numbers:
        raise _nothing(text.name, reading.rejected)
    rows = reading.frame()
    if arranged.kind == "stocks":
        _require_cumulative(rows, text.name)
    require_plausible(
        arranged.kind, rows, {each.name: each.unit for each in COLUMNS[arranged.kind]}, text.name
    )
    return HistoryTable(
        kind=arranged.kind,
        rows=rows,
        rejected=tuple(sorted(reading.rejected)),
        blanked=tuple(reading.blanked),
        absent=tuple(column.name for column in arranged.absent),
        source=text.name,
        sha256=text.sha256,
        notes=_notes(arranged, styles),
        about=about_of(text),
    )


def kind_of(path: str | PathLike[str]) -> str:
    """Return the kind of table that a file holds, by its header.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    str
        One of ``columns.KINDS``.

    Raises
    ------
    HistoryError
        As `read`, as far as the header tells.
    """
    text = _text_file(Path(path))
    return arrangement(text.header, None, text.name).kind


def _text_file(path: Path) -> TextFile:
    return YamlFile(path) if path.suffix.lower() in SUFFIXES else TextFile(path)


def _notes(arranged: Arrangement, styles: list[Convention]) -> tuple[str, ...]:
    notes = [_UNSTATED[arranged.kind]] if arranged.kind in _UNSTATED else []
    for place, convention in zip(arranged.places, styles, strict=True):
        if place.factor != 1.0:
            unit = f" to {place.column.unit}" if place.column.unit else ""
            notes.append(f"{place.heading}: multiplied by {place.factor:g}{unit}")
        if convention.note():
            notes.append(f"{place.heading}: {convention.note()}")
    return tuple(notes)


def _require_cumulative(rows: pd.DataFrame, name: str) -> None:
    """Refuse counts of single quarters where totals since a common start are expected."""
    for (manufacturer, owner), group in rows.groupby(["manufacturer", "owner"]):
        starts = sorted(set(group["start"]))
        if len(starts) > 1:
            raise HistoryError(
                "not-cumulative",
                "the counts begin at different dates, so they are not totals since a common start",
                where=f"{name}, rows of {str(owner) or manufacturer}",
                got=", ".join(f"{start:.2f}" for start in starts[:3]),
                allowed="one start date for each owner and manufacturer",
                remedy="Give the table of cumulative totals; counts by quarter need a column Chip type.",
            )


def _nothing(name: str, rejected: list[RejectedRow]) -> HistoryError:
    if not rejected:
        return HistoryError(
            "table-without-rows",
            "the file has a header but no rows",
            where=name,
            remedy="The file may have been cut off.",
        )
    first = min(rejected)
    place = f"row {first.row}" + (f", column {first.column!r}" if first.column else "")
    return HistoryError(
        "no-readable-rows",
        f"none of {len(rejected)} rows can be read; the first, {place}: {first.reason}",
        where=name,
        got=first.got,
    )
