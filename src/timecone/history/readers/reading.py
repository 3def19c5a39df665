"""Reading of the rows of one file: each is either kept or rejected."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Final

import pandas as pd

from timecone.history.readers.cells import Unreadable, Value, converted, empty
from timecone.history.readers.columns import COLUMNS, CONFIDENCES, INTERVALS, KEYS, WRONG
from timecone.history.readers.conventions import Convention
from timecone.history.readers.history_table import RejectedRow
from timecone.history.readers.kinds import Arrangement, Place
from timecone.history.readers.text_file import Row, shortened

#: Nothing in these tables is older; the first learning machine among them is of 1950.
EARLIEST: Final = 1940.0
#: No date is later than this, whatever the file holds.
LATEST: Final = 2100.0
# A date that follows all others after so many years is a slip: no table of the past pauses so long near its
# end.
_GAP: Final = 10.0

_DTYPES: Final = {"number": "float64", "date": "float64", "year": "float64", "flag": "bool"}


class Reading:
    """Records column by column; notes and abstracts are passed over, so that large files fit.

    Parameters
    ----------
    found : Arrangement
        The kind of table and where its columns stand.
    header : list of str
        The file's headings.
    conventions : list of Convention
        How each of the columns writes dates and numbers.

    Attributes
    ----------
    numbers : list of int
        The place in the file of each row that was read.
    rejected, blanked : list of RejectedRow
        Rows that could not be read, and cells that count as missing.
    """

    def __init__(self, arranged: Arrangement, header: list[str], conventions: list[Convention]) -> None:
        self._arranged = arranged
        self._conventions = conventions
        self._width = len(header)
        # A first column without a heading numbers the rows, and would make repeated rows differ.
        self._first = 0 if header[0] else 1
        keys = KEYS.get(arranged.kind, ())
        self._keys = [i for i, place in enumerate(arranged.places) if place.column.name in keys]
        self._rows_seen: dict[int, int] = {}
        self._keys_seen: dict[tuple[Value, ...], int] = {}
        self._values: list[list[Value]] = [[] for _ in arranged.places]
        self.numbers: list[int] = []
        self.rejected: list[RejectedRow] = []
        self.blanked: list[RejectedRow] = []

    def take(self, rows: Iterable[Row]) -> None:
        """Read each row."""
        for row in rows:
            rejected = self._misshapen(row) or self._repeated(row) or self._unreadable(row)
            if rejected:
                self.rejected.append(rejected)

    def reject_implausible_dates(self, latest: float | None) -> None:
        """Reject rows dated before `EARLIEST`, or after ``latest`` or what the file makes plausible.

        Where a row can do without the date, the cell alone is left out.
        """
        timed = {
            i: [float(value) for value in self._values[i]]
            for i, place in enumerate(self._arranged.places)
            if place.column.type in ("date", "year")
        }
        last = plausible_end(itertools.chain.from_iterable(timed.values())) if latest is None else latest
        outside: dict[int, RejectedRow] = {}
        for i, dates in timed.items():
            place = self._arranged.places[i]
            for j, (number, value) in enumerate(zip(self.numbers, dates, strict=True)):
                if math.isnan(value) or EARLIEST <= value <= last:
                    continue
                reason = f"outside {EARLIEST:g} to {last:.1f}"
                rejected = RejectedRow(number, place.heading, f"{value:.3f}", reason)
                if place.column.vital:
                    outside.setdefault(number, rejected)
                else:
                    self.blanked.append(rejected)
                    self._values[i][j] = math.nan
        if outside:
            kept = [i for i, number in enumerate(self.numbers) if number not in outside]
            self.numbers = [self.numbers[i] for i in kept]
            self._values = [[values[i] for i in kept] for values in self._values]
            self.blanked = [rejected for rejected in self.blanked if rejected.row not in outside]
            self.rejected += outside.values()

    def frame(self) -> pd.DataFrame:
        """Return the rows, all columns of their kind, indexed by their row in the file."""
        present = {
            place.column.name: values
            for place, values in zip(self._arranged.places, self._values, strict=True)
        }
        index = pd.Index(self.numbers, name="row", dtype="int64")
        columns = {}
        for column in COLUMNS[self._arranged.kind]:
            values = present.get(column.name, [empty(column)] * len(index))
            columns[column.name] = pd.Series(values, index=index, dtype=_DTYPES.get(column.type, "str"))
        return pd.DataFrame(columns)

    def _misshapen(self, row: Row) -> RejectedRow | None:
        if len(row.cells) != self._width:
            reason = f"{len(row.cells)} cells where the header has {self._width}"
            return RejectedRow(row.number, "", shortened(",".join(row.cells)), reason)
        if not any(row.cells[self._first :]):
            return RejectedRow(row.number, "", "", "no cell is filled")
        return None

    def _repeated(self, row: Row) -> RejectedRow | None:
        first = self._rows_seen.setdefault(hash(tuple(row.cells[self._first :])), row.number)
        if first == row.number:
            return None
        return RejectedRow(row.number, "", shortened(",".join(row.cells)), f"the same as row {first}")

    def _unreadable(self, row: Row) -> RejectedRow | None:
        values: list[Value] = []
        blanked: list[RejectedRow] = []
        for place, convention in zip(self._arranged.places, self._conventions, strict=True):
            try:
                values.append(converted(row.cells[place.position], place.column, convention, place.factor))
            except Unreadable as failure:
                rejected = _rejected_row(row, place, failure)
                if place.column.vital:
                    return rejected
                blanked.append(rejected)
                values.append(empty(place.column))
        blanked += self._withdrawn(row, values)
        second = self._outside_its_interval(row, values) or self._second(row, values)
        if not second:
            self.numbers.append(row.number)
            self.blanked += blanked
            for values_so_far, value in zip(self._values, values, strict=True):
                values_so_far.append(value)
        return second

    def _withdrawn(self, row: Row, values: list[Value]) -> list[RejectedRow]:
        """Blank the training compute of a row whose grade says that the estimate is wrong."""
        names = [place.column.name for place in self._arranged.places]
        if "confidence" not in names or values[names.index("confidence")] != WRONG:
            return []
        values[names.index("confidence")] = CONFIDENCES[-1]
        i = names.index("training_compute")
        known = not math.isnan(float(values[i]))
        values[i] = math.nan
        reason = f"graded {WRONG}: the table withdraws this estimate, so it counts as missing"
        place = self._arranged.places[i]
        return (
            [RejectedRow(row.number, place.heading, shortened(row.cells[place.position]), reason)]
            if known
            else []
        )

    def _outside_its_interval(self, row: Row, values: list[Value]) -> RejectedRow | None:
        known = {
            place.column.name: (place, float(value))
            for place, value in zip(self._arranged.places, values, strict=True)
            if place.column.type == "number"
        }
        for names in INTERVALS.get(self._arranged.kind, ()):
            low, middle, high = (known[name][1] if name in known else math.nan for name in names)
            if low > middle or middle > high or low > high:
                place = known[names[1]][0]
                reason = f"outside its own interval, {low:g} to {high:g}"
                return RejectedRow(row.number, place.heading, shortened(row.cells[place.position]), reason)
        return None

    def _second(self, row: Row, values: list[Value]) -> RejectedRow | None:
        if not self._keys:
            return None
        key = tuple(values[i] for i in self._keys)
        first = self._keys_seen.setdefault(key, row.number)
        if first == row.number:
            return None
        headings = [self._arranged.places[i].heading for i in self._keys]
        return RejectedRow(
            row.number,
            headings[0],
            shortened(", ".join(row.cells[self._arranged.places[i].position] for i in self._keys)),
            f"the same {' and '.join(headings)} as row {first}, with other cells",
        )


def _rejected_row(row: Row, place: Place, failure: Unreadable) -> RejectedRow:
    return RejectedRow(row.number, place.heading, shortened(row.cells[place.position]), str(failure))


def plausible_end(dates: Iterable[float]) -> float:
    """Return the last date that a table with these dates makes plausible, decimal year.

    That is ten years after the last date before the first pause of more than ten years in the later half of
    the dates; slips such as 2062 for 2026 come after such a pause.
    """
    known = sorted(value for value in dates if EARLIEST <= value <= LATEST)
    later = known[(len(known) - 1) // 2 :] or [LATEST]
    last = later[0]
    for value in later[1:]:
        if value - last > _GAP:
            break
        last = value
    return min(last + _GAP, LATEST)
