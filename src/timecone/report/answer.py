"""The answer of a run in three sentences: the date, its probability, and how long the transition takes."""

from __future__ import annotations

import xarray as xr

from timecone.results.run_file.access import durations, group, headline, label
from timecone.results.run_file.probabilities import horizon
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Cell, Table
from timecone.schema import OUTCOMES

_YEARS = ("2030", "2035", "2050")


def answer(statistics: RunStatistics, tables: list[Table]) -> tuple[str, ...]:
    """Return the answer in sentences, with the numbers of the tables.

    Parameters
    ----------
    statistics : RunStatistics
        Of a whole run.
    tables : list of Table
        Its tables, as `timecone.results.tables.run_tables.tables_of` returns them.
    """
    run = statistics.run
    by_name = {table.name: table for table in tables}
    name = label(run, headline(run))
    sentences = [_date(by_name["percentiles"], name)]
    if "probabilities" in by_name:  # a run may end before a calendar year does
        sentences.append(_chance(by_name["probabilities"], name, horizon(run)))
    first = next(iter(durations(run)), None)
    if first in by_name:
        sentences.append(_duration(run, by_name[first]))
    return tuple(sentences)


def row_of(table: Table, name: str) -> dict[str, Cell]:
    """Return the cells of a row by column."""
    return dict(zip(table.columns, dict(table.rows)[name], strict=True))


def _date(table: Table, name: str) -> str:
    at = row_of(table, name)
    spread = f"{at['10'].text} to {at['90'].text}"
    return f"The median date of {name} is {at['50'].text}; the 80 % interval is {spread}."


def _chance(table: Table, name: str, last: float) -> str:
    chance = row_of(table, name)
    years = [year for year in _YEARS if year in chance] or list(table.columns[-2:-1])
    listed = [f"{chance[year].text} by the end of {year}" for year in years]
    most = f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else listed[0]
    rest = chance[table.columns[-1]].text
    return f"Its probability is {most}; the probability of no arrival by {last:g} is {rest}."


def _duration(run: xr.DataTree, table: Table) -> str:
    name = table.name
    at = dict(zip(table.columns, table.rows[0][1], strict=True))
    meaning = str(group(run, OUTCOMES)[name].attrs.get("long_name", ""))
    about = f" ({meaning})" if meaning else ""
    return (
        f"The {label(run, name).lower()}{about} is {at['50'].text} years at the median; its 80 % interval is"
        f" {at['10'].text} to {at['90'].text} years."
    )
