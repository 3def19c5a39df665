"""Which kind of records a file holds, found from its header, and where each column stands."""

from __future__ import annotations

from typing import NamedTuple

from timecone.errors import ArgumentError, HistoryError, suggestion
from timecone.history.readers.columns import COLUMNS, KINDS, Column


class Place(NamedTuple):
    """A column that the file has: where it stands, and under which heading."""

    column: Column
    position: int
    heading: str


class Arrangement(NamedTuple):
    """A kind of records, the columns that the file has and those it has not."""

    kind: str
    places: tuple[Place, ...]
    absent: tuple[Column, ...]


def arrangement(header: list[str], kind: str | None, where: str) -> Arrangement:
    """Return how the columns of ``kind`` stand in a file with this header.

    Parameters
    ----------
    header : list of str
        The file's headings.
    kind : str or None
        The kind that the caller expects; None finds it.
    where : str
        Name of the file, for messages.

    Raises
    ------
    ArgumentError
        There is no such kind.
    HistoryError
        Required columns are missing, or the header is that of no kind or of several.
    """
    if kind is not None and kind not in COLUMNS:
        raise ArgumentError(
            "unknown kind of records", where="kind", got=kind, allowed=", ".join(KINDS),
            remedy=suggestion(str(kind), KINDS),
        )  # fmt: skip
    found = [_arranged(header, each) for each in (KINDS if kind is None else (kind,))]
    fitting = [each for each in found if not _lacking(each)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        kinds = " and ".join(each.kind for each in fitting)
        raise HistoryError(f"the header fits {kinds}", where=where, remedy="Say which with kind=.")
    raise _refusal(header, max(found, key=lambda each: len(each.places)), where)


def _arranged(header: list[str], kind: str) -> Arrangement:
    places, absent = [], []
    for column in COLUMNS[kind]:
        heading = next((h for h in (column.name, *column.headings) if h in header), None)
        if heading is None:
            absent.append(column)
        else:
            places.append(Place(column, header.index(heading), heading))
    return Arrangement(kind, tuple(places), tuple(absent))


def _lacking(found: Arrangement) -> list[Column]:
    return [column for column in found.absent if column.required]


def _refusal(header: list[str], nearest: Arrangement, where: str) -> HistoryError:
    if not nearest.places:
        return HistoryError(
            "no column that is known",
            where=f"{where}, header",
            got=", ".join(header[:5]),
            allowed=f"the headings of {', '.join(KINDS)}",
        )
    taken = {place.heading for place in nearest.places}
    free = [heading for heading in header if heading and heading not in taken]
    missing = _lacking(nearest)[0]
    wanted = " or ".join(repr(name) for name in (*missing.headings, missing.name))
    near = [suggestion(name, free) for name in (*missing.headings, missing.name)]
    meant = next((text for text in near if text.startswith("Did")), "")
    return HistoryError(
        f"the table of {nearest.kind} lacks a column",
        where=f"{where}, header",
        allowed=wanted,
        remedy=f"{meant} Rename the heading in the file.".strip() if meant else None,
    )
