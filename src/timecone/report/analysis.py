"""Sections of a page on what drives the answer, and on what differs from another run."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from timecone.errors import TimeconeError
from timecone.plots.comparison import comparison_of
from timecone.plots.tornado import tornado_of
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.compare import compare
from timecone.results.run_file.drivers import drivers
from timecone.results.tables.differences import difference_tables
from timecone.results.tables.drivers import drivers_tables
from timecone.results.tables.table import Table


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
        What a reader must know first; where there are no tables, the reason.
    """

    tables: tuple[Table, ...]
    picture: Picture | None
    notes: tuple[str, ...]


def drivers_section(run: xr.DataTree, *, drawn: bool = True) -> AnalysisSection:
    """Return what moves the median of the headline; without the figure unless it is to be ``drawn``."""
    try:
        table = drivers(run)
    except TimeconeError as error:
        return AnalysisSection((), None, (f"Not shown: {error}",))
    tables = tuple(drivers_tables(run, table))
    title = f"{table.attrs['asked']} where each input is low or high"
    shown = picture("tornado", title, tornado_of(run, table)) if drawn else None
    return AnalysisSection(tables, shown, (f"From the {table.attrs['draws']:,} stored draws that count.",))


def changes_section(first: xr.DataTree, second: xr.DataTree, *, drawn: bool = True) -> AnalysisSection:
    """Return how a run differs from an earlier or another one, ``first``.

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
        picture("comparison", "Both distribution functions", comparison_of(first, second, compared))
        if drawn
        else None
    )
    return AnalysisSection(tuple(difference_tables(first, second, compared)), shown, tuple(notes))
