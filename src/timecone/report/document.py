"""A report on one run or on several: a first page with the answer, then a chapter for each run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import xarray as xr

from timecone.errors import ArgumentError, TimeconeError
from timecone.plots.catalogue import Drawing
from timecone.plots.cdf import cdf
from timecone.report.analysis import AnalysisSection, changes_section
from timecone.report.content import Content, gather
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.access import headline, label
from timecone.results.run_file.probabilities import default_years
from timecone.results.tables import rounding
from timecone.results.tables.dates import date_words
from timecone.results.tables.formats import writers
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import Table, cells, missing

#: Figures that only runs of one model have, for a run.
type ModelDrawings = Callable[[xr.DataTree], Sequence[Drawing]]


@dataclass(frozen=True)
class Document:
    """A report before it is laid out.

    Attributes
    ----------
    title : str
        Heading of the first page.
    key_tables : tuple of Table
        Tables of the first page.
    chapters : tuple of Content
        Contents on each run.
    picture : Picture, optional
        Arrival in all runs, where there are several.
    differences : tuple of AnalysisSection
        What differs between each other run and the first, where they can be compared.
    """

    title: str
    key_tables: tuple[Table, ...]
    chapters: tuple[Content, ...]
    picture: Picture | None = None
    differences: tuple[AnalysisSection, ...] = ()

    @property
    def several(self) -> bool:
        """Whether the report is on several runs."""
        return len(self.chapters) > 1


def document_of(
    runs: Mapping[str, xr.DataTree],
    *,
    drawn: bool = True,
    model_drawings: ModelDrawings | None = None,
    backtest: xr.Dataset | None = None,
    other: xr.DataTree | None = None,
) -> Document:
    """Return the report on one run or on several.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs by name, one at least; they may be of different models.
    drawn : bool
        Whether figures are drawn.
    model_drawings : callable, optional
        Gives the figures that only runs of one model have.
    backtest : Dataset, optional
        How well fits to history have forecast; printed in the first chapter.
    other : DataTree, optional
        An earlier or another run that the only run is compared with.

    Raises
    ------
    ArgumentError
        No run, or several runs together with another one.
    """
    if not runs:
        raise ArgumentError("no-runs", "no runs to report", where="runs", got="an empty mapping")
    if len(runs) > 1 and other is not None:
        raise ArgumentError(
            "comparison-of-several-runs",
            "a report on several runs already compares them",
            where="other",
            got=str(other.attrs["name"]),
            remedy="Name all runs to report, and leave out the other one.",
        )
    chapters = tuple(
        dataclasses.replace(
            gather(
                run,
                drawn=drawn,
                more=model_drawings(run) if model_drawings is not None and drawn else (),
                backtest=backtest if k == 0 else None,
                other=other,
            ),
            name=name,
        )
        for k, (name, run) in enumerate(runs.items())
    )
    if len(chapters) == 1:
        return Document(chapters[0].title, chapters[0].key_tables, chapters)
    return Document(
        f"{len(runs)} forecasts: {', '.join(runs)}",
        key_tables(runs),
        chapters,
        _overlaid(runs) if drawn else None,
        tuple(_differences(runs, drawn=drawn)),
    )


def key_tables(runs: Mapping[str, xr.DataTree]) -> tuple[Table, ...]:
    """Return probabilities and dates of the headline of each run.

    Parameters
    ----------
    runs : mapping of str to DataTree
        Runs by name.
    """
    years = default_years(*runs.values())
    chances, dates = [], []
    heads: tuple[str, ...] = ()
    for name, run in runs.items():
        main = headline(run)
        statistics = RunStatistics(run, years=years)
        text = f"{name}: {label(run, main)}"
        array, at = statistics.probabilities(main) if years else None, statistics.percentiles(main)
        row = missing(len(years) + 1) if array is None else cells(array, rounding.probability)
        chances.append((text, row))
        dates.append((text, missing(len(statistics.q)) if at is None else cells(at, writers(run)[0])))
        heads = tuple(f"{p:g}" for p in statistics.q)
    tables = [
        Table("key_percentiles", f"{date_words()} at each percentile", "percentile", heads, tuple(dates))
    ]
    if years:
        columns = (*map(str, years), "not by the horizon")
        title = "Probability by the end of the year"
        tables.insert(0, Table("key_probabilities", title, "by the end of", columns, tuple(chances)))
    return tuple(tables)


def _overlaid(runs: Mapping[str, xr.DataTree]) -> Picture:
    return picture("together", "Arrival in each run", cdf(runs))


def _differences(runs: Mapping[str, xr.DataTree], *, drawn: bool) -> list[AnalysisSection]:
    """Return what differs between each other run and the first; a sentence where they cannot be compared."""
    (name, first), *others = runs.items()
    sections = []
    for other_name, other in others:
        try:
            sections.append(changes_section(first, other, drawn=drawn))
        except TimeconeError as error:
            note = f"{name} and {other_name} are not compared draw by draw: {error}"
            sections.append(AnalysisSection((), None, (note,)))
    return sections
