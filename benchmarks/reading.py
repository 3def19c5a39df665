"""Compare cells that the readers of history return with an independent reading of the same files.

For each file: the rows read, the refused rows and cells with their reasons, and cells drawn at random that
are read again by the modules csv and yaml. Usage: ``python benchmarks/reading.py FOLDER...``
"""

from __future__ import annotations

import csv
import math
import random
import re
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from timecone.history.readers import HistoryTable, read
from timecone.history.readers.columns import COLUMNS, Column

CELLS = 20


def cells(path: Path) -> list[dict[str, str]]:
    """Return the cells of a file by heading, as text; a YAML file's by the paths of its keys."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.DictReader(file) if any(row.values())]
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [{"name": name} | flat(record) for name, record in content["results"].items()]


def flat(record: dict[str, Any], stem: str = "") -> dict[str, str]:
    """Return the leaves of nested mappings by the paths of their keys."""
    leaves: dict[str, str] = {}
    for key, value in record.items():
        leaves |= flat(value, f"{stem}{key}.") if isinstance(value, dict) else {f"{stem}{key}": str(value)}
    return leaves


def expected(column: Column, text: str) -> float | str:
    """Return the value of a cell, read without the readers of timecone."""
    text = text.strip()
    if column.pattern:
        match = re.search(column.pattern, text, re.IGNORECASE)
        text = match[1] if match and column.type != "flag" else ("true" if match else "")
    if column.type == "flag":
        return str(text.lower() in {"true", "checked", "yes", "incomplete"})
    if column.type in {"text", "label"}:
        return text
    if text in {"", "None"}:
        return math.nan
    if column.type == "number":
        return float(text.replace("$", "").replace(",", ""))
    day = a_day(text)
    first, last = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first).days / (last - first).days


def a_day(text: str) -> date:
    """Return a day that is written in one of the ways of these files."""
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y", "%m-%d-%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date
        except ValueError:
            continue
    raise ValueError(text)


def compared(path: Path, table: HistoryTable) -> tuple[int, list[str]]:
    """Return the number of cells compared, and those that differ."""
    rows = cells(path)
    generator = random.Random(path.name)  # noqa: S311 - a choice of cells
    by_name = {row.get("name", ""): row for row in rows} if path.suffix != ".csv" else {}
    choices = [
        (row, column, heading)
        for row in table.rows.index
        for column in COLUMNS[table.kind]
        for heading in [next((each for each in (column.name, *column.headings) if each in rows[0]), None)]
        if heading is not None
    ]
    blanked = {(each.row, each.column) for each in table.blanked}
    differing = []
    count = 0
    for row, column, heading in generator.sample(choices, len(choices)):
        source = by_name[str(table.rows["name"][row])] if by_name else rows[row - 2]
        text = source.get(heading) or ""
        # Blank cells are compared too, but not more than a quarter of them.
        if (row, heading) in blanked or (not text and count % 4):
            continue
        want, got = expected(column, text), table.rows[column.name][row]
        if isinstance(want, float):
            same = math.isclose(want, float(got), rel_tol=1e-12) or (math.isnan(want) and math.isnan(got))
        else:
            same = want == str(got)
        count += 1
        if not same:
            differing.append(f"row {row}, {heading}: {text!r} is {want!r}, read as {got!r}")
        if count == CELLS:
            break
    return count, differing


def main(folders: list[str]) -> int:
    """Print a line for each file; return 1 if a cell differs."""
    failed = False
    print(f"{'file':<62}{'kind':<14}{'rows':>6}{'read':>6}{'refused':>8}{'blanked':>8}  cells equal")
    for folder in folders:
        for path in sorted(Path(folder).iterdir()):
            if path.suffix not in {".csv", ".yaml"}:
                continue
            table = read(path)
            count, differing = compared(path, table)
            failed |= bool(differing) or count < CELLS
            print(
                f"{path.name:<62}{table.kind:<14}{table.total:>6}{len(table.rows):>6}"
                f"{len(table.rejected):>8}{len(table.blanked):>8}  {count - len(differing)} of {count}"
            )
            reasons = Counter(
                re.sub(r"row \d+", "a row", each.reason) for each in (*table.rejected, *table.blanked)
            )
            for reason, number in reasons.most_common():
                print(f"    {number}: {reason}")
            for line in differing:
                print(f"    DIFFERS {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
