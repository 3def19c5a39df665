"""Kind of table that a file holds, recognised by its header, and the place of each column."""

from __future__ import annotations

from typing import NamedTuple

from timecone.errors import ArgumentError, HistoryError, suggestion
from timecone.history.readers.columns import COLUMNS, KINDS, Column
from timecone.history.readers.headings import WrongUnit, factor, split, states_a_unit


class Place(NamedTuple):
    """A column that the file has: where it stands, under which heading, and the factor to its unit."""

    column: Column
    position: int
    heading: str
    factor: float = 1.0


class Arrangement(NamedTuple):
    """A kind of table, the columns that the file has, those it has not, and headings with a wrong unit."""

    kind: str
    places: tuple[Place, ...]
    absent: tuple[Column, ...]
    wrong: tuple[tuple[Column, str, str], ...] = ()


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
        Required columns are missing, a column states no unit or one that cannot be converted, or the header
        is that of no kind or of several.
    """
    if kind is not None and kind not in COLUMNS:
        raise ArgumentError(
            "unknown-table-kind",
            "unknown kind of table",
            where="kind",
            got=kind,
            allowed=", ".join(KINDS),
            remedy=suggestion(str(kind), KINDS),
        )
    candidates = [_arranged(header, each) for each in (KINDS if kind is None else (kind,))]
    fitting = [each for each in candidates if not _lacking(each)]
    # A table that has all that another kind requires, and what its own requires besides, is of its own.
    fitting = [each for each in fitting if not any(_required(each) < _required(other) for other in fitting)]
    if len(fitting) == 1:
        if fitting[0].wrong:
            raise _wrong_unit(*fitting[0].wrong[0], where)
        return fitting[0]
    if fitting:
        kinds = " and ".join(each.kind for each in fitting)
        raise HistoryError(
            "ambiguous-header", f"the header fits {kinds}", where=where, remedy="Say which with kind=."
        )
    raise _refusal(header, max(candidates, key=lambda each: len(each.places)), where)


def _arranged(header: list[str], kind: str) -> Arrangement:
    places, absent, wrong = [], [], []
    for column in COLUMNS[kind]:
        heading = next((h for h in (column.name, *column.headings) if h in header), None)
        if heading is not None:
            # Under its own name the value stands alone, not within a longer text.
            own = column._replace(pattern="") if heading == column.name else column
            places.append(Place(own, header.index(heading), heading))
            continue
        place, reasons = _converted(header, column)
        if place:
            places.append(place)
        else:
            absent.append(column)
            wrong += [(column, heading, reason) for heading, reason in reasons]
    return Arrangement(kind, tuple(places), tuple(absent), tuple(wrong))


def _converted(header: list[str], column: Column) -> tuple[Place | None, list[tuple[str, str]]]:
    """Return a column whose heading states another unit, or the headings that mean it and why they cannot."""
    if column.type != "number":
        return None, []
    known = [split(heading) for heading in (column.name, *column.headings)]
    names = {heading.name for heading in known}
    places, wrong = [], []
    for position, heading in enumerate(header):
        name, unit = split(heading)
        if name not in names:
            continue
        if unit is None:
            # Without brackets only a heading that otherwise states a unit is meant: 'Training compute'.
            if any(each.name == name and each.unit and states_a_unit(each.unit) for each in known):
                wrong.append((heading, "no unit is stated"))
            continue
        try:
            places.append(Place(column, position, heading, factor(unit, column)))
        except WrongUnit as failure:
            # Words in brackets that are no unit name another quantity: 'Training compute cost (cloud)'.
            if states_a_unit(unit):
                wrong.append((heading, str(failure)))
    if len(places) > 1:
        return None, [(places[1].heading, f"the column stands also as {places[0].heading!r}")]
    return (places[0] if places else None), wrong


def _lacking(arranged: Arrangement) -> list[Column]:
    return [column for column in arranged.absent if column.required]


def _required(arranged: Arrangement) -> set[int]:
    return {place.position for place in arranged.places if place.column.required}


def _wrong_unit(column: Column, heading: str, reason: str, where: str) -> HistoryError:
    usual = next((each for each in column.headings if split(each).unit), f"{column.name} ({column.unit})")
    return HistoryError(
        "column-unit",
        f"the unit of column {heading!r}: {reason}",
        where=f"{where}, header",
        allowed=f"{column.unit or 'a number'}, or a multiple of it",
        remedy=f"State the unit of the numbers at the end of the heading, as in {usual!r}.",
    )


def _refusal(header: list[str], nearest: Arrangement, where: str) -> HistoryError:
    if not nearest.places:
        return HistoryError(
            "no-known-column",
            "no known column",
            where=f"{where}, header",
            got=", ".join(header[:5]),
            allowed=f"the headings of {', '.join(KINDS)}",
        )
    if nearest.wrong and nearest.wrong[0][0].required:
        return _wrong_unit(*nearest.wrong[0], where)
    taken = {place.heading for place in nearest.places}
    free = [heading for heading in header if heading and heading not in taken]
    missing = _lacking(nearest)[0]
    wanted = " or ".join(repr(name) for name in (*missing.headings, missing.name))
    near = [suggestion(name, free) for name in (*missing.headings, missing.name)]
    meant = next((text for text in near if text.startswith("Did")), "")
    return HistoryError(
        "column-missing",
        f"the table of {nearest.kind} lacks a column",
        where=f"{where}, header",
        allowed=wanted,
        remedy=f"{meant} Rename the heading in the file.".strip() if meant else None,
    )
