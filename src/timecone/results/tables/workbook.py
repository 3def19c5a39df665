"""Workbook of a run (.xlsx): its numbers, inputs and conditions, one sheet each, for a spreadsheet program.

Numbers are unrounded numbers with a format, one row each, so that they can be filtered and computed with.
Texts are always stored as texts, also those that begin like a formula: they come from scenario files.
"""

from __future__ import annotations

import io
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from timecone.errors import UsageError
from timecone.files import write_file
from timecone.results.run_file.access import group, is_duration, keeps_all, label
from timecone.results.run_file.provenance import history_of
from timecone.results.tables.accounts import account_lines, citation, subject
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table, probability_table
from timecone.schema import DERIVED, INPUTS

#: Formats of numbers, by what they are.
_FORMATS: Final = {"year": "0.00", "probability": "0.0000", "number": "General", "count": "#,##0"}
#: Most characters that a cell holds.
_LONGEST: Final = 32_767
_WIDEST, _NARROWEST, _NUMBER_WIDTH = 60, 9, 12
# Control characters that the file format cannot hold.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_LEVELS: Final = (0.05, 0.5, 0.95)

type Value = str | float | int


@dataclass(frozen=True)
class _Sheet:
    """A sheet: heads with the format of their column, and rows."""

    name: str
    heads: Mapping[str, str]
    rows: Sequence[Sequence[Value]]
    note: str = ""


def to_xlsx(run: xr.DataTree, path: str | Path) -> Path:
    """Write the tables, the inputs and the conditions of a run as a workbook. Needs the extra ``xlsx``.

    The sheets are Summary (what the run is, where its draws went), Dates (year at percentile), Probabilities
    (by the end of years), Durations, Inputs (with unit, grade, date and source) and Conditions. Dates are
    decimal years, with the 95 % Monte Carlo interval beside; what does not come by the horizon is a text such
    as ``>2126``, because spreadsheets have no infinity.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    path : str or Path
        The file; one that exists is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        The file cannot be written.
    UsageError
        XlsxWriter is not installed.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
    >>> tc.to_xlsx(run, "run.xlsx").name
    'run.xlsx'
    """
    try:
        import xlsxwriter  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "xlsxwriter-missing",
            "a workbook needs XlsxWriter",
            where="xlsxwriter",
            remedy="Install timecone[xlsx].",
        ) from None
    sheets = _sheets(run)
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    book.set_properties(_properties(run))
    styles = {name: book.add_format({"num_format": form}) for name, form in _FORMATS.items()}
    styles["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, styles, head)
    book.close()
    return write_file(path, content.getvalue())


def _properties(run: xr.DataTree) -> dict[str, Any]:
    """Return the properties of the file; its date is that of the run, so that the same run makes the same."""
    try:
        created = datetime.fromisoformat(str(run.attrs["created"]))
    except (KeyError, ValueError):
        created = datetime(1970, 1, 1, tzinfo=UTC)
    return {
        "title": _text(subject(run)[0])[:250],
        "comments": _text(citation(run))[:250],
        "created": created.replace(tzinfo=None),
    }


def _write(page: Any, sheet: _Sheet, styles: Mapping[str, Any], head: Any) -> None:
    kinds = list(sheet.heads.values())
    for column, title in enumerate(sheet.heads):
        page.write_string(0, column, title, head)
        shown = [len(title), *(len(str(row[column])) for row in sheet.rows)]
        longest = max(shown) if kinds[column] == "text" else _NUMBER_WIDTH
        page.set_column(column, column, min(max(longest + 2, _NARROWEST), _WIDEST))
    for number, row in enumerate(sheet.rows, start=1):
        for column, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            if isinstance(value, str):
                page.write_string(number, column, value, styles["text"])
            else:
                page.write_number(number, column, value, styles["number" if kind == "text" else kind])
    page.freeze_panes(1, 0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(kinds) - 1)
    if sheet.note:
        page.write_string(len(sheet.rows) + 2, 0, sheet.note)


def _sheets(run: xr.DataTree) -> list[_Sheet]:
    statistics = RunStatistics(run)
    percentiles = percentile_table(statistics)
    lasting = percentiles["quantity"].map(lambda name: is_duration(run, name)).astype(bool)
    return [
        _summary(run),
        _Sheet(
            "Dates",
            _of_percentiles("milestone", "year"),
            _percentile_rows(run, percentiles[~lasting], "date"),
        ),
        _Sheet("Probabilities", _OF_PROBABILITIES, _probability_rows(run, probability_table(statistics))),
        _Sheet(
            "Durations",
            _of_percentiles("duration", "years"),
            _percentile_rows(run, percentiles[lasting], "duration"),
            "" if lasting.any() else "The model of the run has no durations.",
        ),
        _inputs(run),
        _conditions(run),
    ]


_ABOUT: Final = (
    "run_id",
    "name",
    "model",
    "version",
    "scenario_digest",
    "as_of",
    "start",
    "horizon",
    "step",
    "components",
    "seed",
    "draws",
    "draws_wanted",
    "design",
    "design_choice",
    "given",
    "precision",
    "source_hash",
    "platform",
    "created",
)


def _summary(run: xr.DataTree) -> _Sheet:
    title, definition, _ = subject(run)
    rows: list[list[Value]] = [["title", title], ["headline", definition]]
    rows += [[key, _value(run.attrs[key])] for key in _ABOUT if key in run.attrs]
    rows += [["cite", citation(run)]]
    rows += [["accounts", line] for line in account_lines(run)]
    return _Sheet("Summary", {"entry": "text", "value": "text"}, _split(rows))


def _value(value: Any) -> Value:
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, (int, float)) and not isinstance(plain, bool) and math.isfinite(plain):
        return plain
    return _text(str(plain))


def _text(text: str) -> str:
    """Return a text that a cell can hold, with control characters as their codes."""
    return _CONTROL.sub(lambda character: ascii(character[0])[1:-1], text)


def _split(rows: Iterable[Sequence[Value]]) -> list[list[Value]]:
    """Return rows whose texts fit into cells: the last cell of a row goes on in the next one."""
    made: list[list[Value]] = []
    for row in rows:
        cells = [_text(cell) if isinstance(cell, str) else cell for cell in row]
        last = cells[-1]
        while isinstance(last, str) and len(last) > _LONGEST:
            made.append([*cells[:-1], last[:_LONGEST]])
            last = last[_LONGEST:]
        made.append([*(c[:_LONGEST] if isinstance(c, str) else c for c in cells[:-1]), last])
    return made


def _of_percentiles(quantity: str, unit: str) -> dict[str, str]:
    return {
        quantity: "text",
        "key": "text",
        "condition": "text",
        "percentile": "number",
        unit: "year",
        "95 % MC lower": "year",
        "95 % MC upper": "year",
        "standard error": "year",
        "counted draws": "count",
        "failed draws": "count",
    }


def _percentile_rows(run: xr.DataTree, table: pd.DataFrame, kind: str) -> list[list[Value]]:
    last, first = float(run.attrs["horizon"]), float(run.attrs["start"])
    end = last if kind == "date" else last - first
    return [
        [
            _text(label(run, row["quantity"])),
            row["quantity"],
            _text(row["condition"]),
            float(row["percentile"]),
            *(_bounded(row[key], end) for key in ("value", "lower", "upper", "standard_error")),
            int(row["draws"]),
            int(row["failed"]),
        ]
        for row in table.to_dict("records")
    ]


_OF_PROBABILITIES: Final = {
    "milestone": "text",
    "key": "text",
    "condition": "text",
    "by the end of": "text",
    "probability": "probability",
    "95 % MC lower": "probability",
    "95 % MC upper": "probability",
    "standard error": "probability",
    "counted draws": "count",
    "failed draws": "count",
}


def _probability_rows(run: xr.DataTree, table: pd.DataFrame) -> list[list[Value]]:
    return [
        [
            _text(label(run, row["quantity"])),
            row["quantity"],
            _text(row["condition"]),
            int(row["year"]),
            *(float(row[key]) for key in ("probability", "lower", "upper", "standard_error")),
            int(row["draws"]),
            int(row["failed"]),
        ]
        for row in table.to_dict("records")
    ]


def _bounded(value: float, end: float) -> Value:
    """Return a number, or the text for what lies beyond the horizon or has no end."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return f">{end:g}" if value > 0.0 else "none"
    return float(value)


def _inputs(run: xr.DataTree) -> _Sheet:
    heads = {
        "input": "text",
        "5 %": "number",
        "50 %": "number",
        "95 %": "number",
        "unit": "text",
        "grade": "text",
        "as of": "text",
        "source": "text",
        "meaning": "text",
    }
    rows = []
    for name, variable in group(run, INPUTS).data_vars.items():
        about = variable.attrs
        if variable.dims != ("draw",) or str(name).startswith("choice_") or DERIVED in about:
            continue
        drawn = variable.values[~np.isnan(variable.values)]
        if not drawn.size:
            continue
        levels = np.quantile(drawn, _LEVELS, method="inverted_cdf").tolist()
        grade = str(about.get("basis", "")) or "default of the model"
        texts = (str(about.get("as_of", "")), str(about.get("source", "")), str(about.get("long_name", "")))
        numbers: list[Value] = [value if math.isfinite(value) else "never" for value in levels]
        rows.append([str(name), *numbers, str(about.get("units", "")), grade, *texts])
    notes = [] if keeps_all(run) else [f"Percentiles of the {drawn_count(run):,} stored draws."]
    if history := history_of(str(run.attrs.get("scenario", ""))):
        notes.append(f"History: {history}.")
    return _Sheet("Inputs", heads, _split(rows), _text(" ".join(notes))[:_LONGEST])


def drawn_count(run: xr.DataTree) -> int:
    """Return how many draws of the inputs a run stores."""
    return int(group(run, INPUTS).sizes["draw"])


def _conditions(run: xr.DataTree) -> _Sheet:
    """Return the clauses of the conditions, or their text where the run keeps no scenario."""
    try:
        stated = tomllib.loads(str(run.attrs.get("scenario", ""))).get("conditions")
    except tomllib.TOMLDecodeError:
        stated = None
    rows: list[list[Value]] = []
    if isinstance(stated, Mapping):
        for name, clause in stated.items():
            text = clause.get("text", "") if isinstance(clause, Mapping) else clause
            rows.append([str(name), " ".join(str(text).split())])
    rows.append(["all", str(run.attrs["conditions"])])
    return _Sheet("Conditions", {"clause": "text", "text": "text"}, _split(rows))
