"""How a column writes dates and numbers, decided by the column as a whole.

3/4/2024 is in March or in April; one date of the column with a day above 12 decides for all. 1,234 is read as
1234 unless another cell of the column has a decimal comma.
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
    """

    month_first: int | None = None
    day_first: int | None = None
    decimal_comma: int | None = None

    def note(self) -> str:
        """Return how dates are read and which row decides; empty where nothing needed a decision."""
        if (self.month_first is None) == (self.day_first is None):
            return ""
        if self.day_first is None:
            return f"dates read as month/day/year, as row {self.month_first} requires"
        return f"dates read as day/month/year, as row {self.day_first} requires"


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
    checked = [
        (i, place.position, place.column.type)
        for i, place in enumerate(places)
        if place.column.type in ("date", "number")
    ]
    for row in rows:
        for i, position, kind in checked:
            if position >= len(row.cells):
                continue
            cell = row.cells[position]
            if kind == "number":
                if "," in cell and _DECIMAL_COMMA.fullmatch(cell.strip()):
                    first_rows[i].setdefault("decimal_comma", row.number)
                continue
            parts = DAY_AND_MONTH.fullmatch(cell.strip())
            if parts and int(parts[1]) > _MONTHS >= int(parts[3]):
                first_rows[i].setdefault("day_first", row.number)
            elif parts and int(parts[3]) > _MONTHS >= int(parts[1]):
                first_rows[i].setdefault("month_first", row.number)
    return [Convention(**each) for each in first_rows]
