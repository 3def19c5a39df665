"""Sections of a report: drivers, other assumptions, published forecasts, and differences from another run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

from timecone.errors import TimeconeError
from timecone.plots.cdf import cdf
from timecone.plots.comparison import comparison_of
from timecone.plots.tornado import tornado_of
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.compare import compare
from timecone.results.run_file.drivers import drivers
from timecone.results.tables.accounts import sentence
from timecone.results.tables.differences import difference_tables
from timecone.results.tables.drivers import display_name, drivers_tables
from timecone.results.tables.forecasts import forecasts_table
from timecone.results.tables.names import plain_name
from timecone.results.tables.table import Table
from timecone.results.tables.what_ifs import what_ifs


@dataclass(frozen=True)
class AnalysisSection:
    """Tables and a figure of an analysis.

    Attributes
    ----------
    tables : tuple of Table
        Empty where the run does not allow the analysis.
    picture : Picture, optional
        The figure.
    notes : tuple of str
        What a reader must know first; the reason where there are no tables.
    """

    tables: tuple[Table, ...]
    picture: Picture | None
    notes: tuple[str, ...]


def drivers_section(run: xr.DataTree, *, drawn: bool = True) -> tuple[AnalysisSection, tuple[str, ...]]:
    """Return the inputs that move the median of the headline, and the names of all, the strongest first.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    drawn : bool
        Whether the figure is drawn.
    """
    try:
        table = drivers(run)
    except TimeconeError as error:
        return AnalysisSection((), None, (f"Not shown: {error}",)), ()
    tables = tuple(_in_words(each, table) for each in drivers_tables(run, table))
    title = f"{sentence(str(table.attrs['asked']))} where each input is low or high"
    shown = picture("tornado", title, tornado_of(run, table)) if drawn else None
    notes = (f"From {table.attrs['draws']:,} stored draws.",)
    return AnalysisSection(tables, shown, notes), tuple(str(name) for name in table["input"].values)


def _in_words(table: Table, drivers: xr.Dataset) -> Table:
    """Return a table of drivers with names of inputs in words instead of keys."""
    if table.corner != "input":
        return table
    plain_names = {display_name(str(key)): plain_name(str(key)) for key in drivers["input"].values}
    rows = tuple((plain_names.get(label, label), cells) for label, cells in table.rows)
    return dataclasses.replace(table, rows=rows)


def what_ifs_section(run: xr.DataTree, inputs: Sequence[str]) -> AnalysisSection:
    """Return what would change the headline, as far as the draws of the run tell.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    inputs : sequence of str
        Names of its inputs, the strongest first.
    """
    table = what_ifs(run, inputs)
    limits = (
        "These rows need no new simulation, and they show what goes together in the run, not the effect of an"
        " intervention. A part of the model that is switched off, or an assumption outside the range of the"
        " inputs, needs a run of its own: timecone run, then timecone report --compare."
    )
    if table is None:
        return AnalysisSection((), None, ("Not shown: the run stores too few draws.",))
    return AnalysisSection((table,), None, (limits,))


def published_section(run: xr.DataTree, *, drawn: bool = True) -> AnalysisSection:
    """Return published forecasts beside the headline; without the figure unless it is to be ``drawn``."""
    shown = None
    notes = ["The milestones of these forecasts differ from the run's, so compare them with care."]
    if drawn:
        try:
            shown = picture("published", "This run and published forecasts", cdf(run, published=True))
        except TimeconeError as error:
            notes.append(f"The figure is missing: {error}")
    return AnalysisSection((forecasts_table(run),), shown, tuple(notes))


def changes_section(first: xr.DataTree, second: xr.DataTree, *, drawn: bool = True) -> AnalysisSection:
    """Return the differences of a run from an earlier or another one, ``first``.

    Raises
    ------
    ArgumentError
        The runs cannot be compared.
    """
    compared = compare(first, second)
    runs = " to ".join(f"{run.attrs['name']} (run {run.attrs['run_id']})" for run in (first, second))
    notes = [f"From {runs}."]
    if not compared.paired:
        notes.append("The runs do not share random numbers; errors are those of independent runs.")
    if compared.identical:
        notes.append("Both runs give the same draws.")
    shown = (
        picture("comparison", "Distribution functions of both runs", comparison_of(first, second, compared))
        if drawn
        else None
    )
    return AnalysisSection(tuple(difference_tables(first, second, compared)), shown, tuple(notes))
