"""How a column writes dates and numbers, decided by the column as a whole.

3/4/2024 is in March or in April; one date of the column with a day above 12 decides for all. Where no date of
the column decides, those of the file's other columns do. 1,234 is read as 1234 unless another cell of the
column has a decimal comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from timecone.history.readers.kinds import Place
from timecone.history.readers.text_file import Row

#: Day and month in either order, then the year.
DAY_AND_MONTH: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})([ T].*)?", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"[^\d]*(?:\d+,\d{1,2}|0,\d+|\d{1,3}(?:\.\d{3})+,\d+)[^\d]*", re.ASCII)
_MONTHS: Final = 12


class Convention(NamedTuple):
    """How one column writes its cells.

    Attributes
    ----------
    month_first, day_first : int or None
        The first row that cannot be read otherwise; None where there is none.
    decimal_comma : int or None
        The first row with a decimal comma.
    decided_by : str
        Heading of the column that decides, where the column's own dates do not.
    """

    month_first: int | None = None
    day_first: int | None = None
    decimal_comma: int | None = None
    decided_by: str = ""

    def note(self) -> str:
        """Return how dates are read and which row decides; empty where nothing needed a decision."""
        if (self.month_first is None) == (self.day_first is None):
            return ""
        of = f" of {self.decided_by!r}" if self.decided_by else ""
        if self.day_first is None:
            return f"dates read as month/day/year, as row {self.month_first}{of} requires"
        return f"dates read as day/month/year, as row {self.day_first}{of} requires"


PLAIN: Final = Convention()


def conventions(rows: Iterable[Row], places: Sequence[Place]) -> list[Convention]:
    """Return the convention of each column.

    Parameters
    ----------
    rows : iterable of Row
        All rows of the file.
    places : sequence of Place
        The columns that are read.
    """
    first_rows: list[dict[str, int]] = [{} for _ in places]
    undecided: set[int] = set()
    checked = [(i, place) for i, place in enumerate(places) if place.column.type in ("date", "number")]
    for row in rows:
        for i, place in checked:
            if place.position >= len(row.cells):
                continue
            cell = place.column.cell(row.cells[place.position]).strip()
            if place.column.type == "number":
                if "," in cell and _DECIMAL_COMMA.fullmatch(cell):
                    first_rows[i].setdefault("decimal_comma", row.number)
            elif parts := DAY_AND_MONTH.fullmatch(cell):
                order = _order(int(parts[1]), int(parts[3]))
                if order:
                    first_rows[i].setdefault(order, row.number)
                elif parts[1] != parts[3]:
                    undecided.add(i)
    decided = [
        Convention(each.get("month_first"), each.get("day_first"), each.get("decimal_comma"))
        for each in first_rows
    ]
    return _completed(decided, places, undecided)


def _order(first: int, second: int) -> str:
    """Return which order of day and month two numbers require; empty where both are possible, or neither."""
    if first > _MONTHS >= second:
        return "day_first"
    return "month_first" if second > _MONTHS >= first else ""


def _completed(decided: list[Convention], places: Sequence[Place], undecided: set[int]) -> list[Convention]:
    """Return conventions in which columns that cannot decide follow the others, where these agree."""
    stated = [i for i, each in enumerate(decided) if each.month_first or each.day_first]
    if len({(decided[i].month_first is None, decided[i].day_first is None) for i in stated}) != 1:
        return decided
    other = decided[stated[0]]
    if other.month_first and other.day_first:
        return decided
    heading = places[stated[0]].heading
    return [
        each._replace(month_first=other.month_first, day_first=other.day_first, decided_by=heading)
        if i in undecided and i not in stated
        else each
        for i, each in enumerate(decided)
    ]
