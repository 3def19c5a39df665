"""What stands on the page, gathered from a run before any of it is laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from timecone.errors import TimeconeError
from timecone.plots.catalogue import Drawing, drawings
from timecone.report.analysis import AnalysisSection, changes_section, drivers_section
from timecone.report.backtest import BacktestSection, backtest_section
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.access import group, headline, keeps_all, label
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.provenance import history_of
from timecone.results.tables.accounts import account_lines, citation, subject
from timecone.results.tables.rounding import share_of
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import MISSING_NOTE, Table
from timecone.schema import INPUTS, OUTCOMES

_LEVELS = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class Input:
    """One uncertain input, as drawn: before anything was removed."""

    name: str
    low: str
    middle: str
    high: str
    unit: str
    basis: str
    as_of: str
    source: str


@dataclass(frozen=True)
class Content:
    """Everything on the page.

    Attributes
    ----------
    title, definition, conditions : str
        What the run is about.
    headline : str
        The one sentence to quote.
    tables : tuple of Table
        Probabilities, years, durations, along the way.
    pictures : tuple of Picture
        Figures.
    accounts : tuple of str
        Where the draws went.
    inputs : tuple of Input
        Every input with its source.
    history : str
        What some of them were fitted to; empty where the scenario does not say.
    backtest : BacktestSection, optional
        How such fits have forecast.
    drivers : AnalysisSection
        What drives the headline.
    changes : AnalysisSection, optional
        What differs from another run.
    citation, reproduce : str
        How to cite the run and how to make it again.
    provenance : mapping of str to str
        What identifies the run.
    scenario : str
        The scenario file.
    """

    title: str
    definition: str
    conditions: str
    headline: str
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    accounts: tuple[str, ...]
    inputs: tuple[Input, ...]
    history: str
    backtest: BacktestSection | None
    drivers: AnalysisSection
    changes: AnalysisSection | None
    citation: str
    reproduce: str
    provenance: Mapping[str, str]
    scenario: str


def _headline(tables: list[Table], name: str) -> str:
    """Return the sentence that says median, spread and the probabilities of two years."""
    by = {table.name: table for table in tables}
    years = by["percentiles"]
    at = dict(zip(years.columns, dict(years.rows)[name], strict=True))
    sentence = f"{name}: median {at['50'].text}, 80 % interval {at['10'].text} to {at['90'].text}."
    if "probabilities" not in by:
        return sentence  # the run ends before a calendar year does
    chances = by["probabilities"]
    chance = dict(zip(chances.columns, dict(chances.rows)[name], strict=True))
    quoted_years = [year for year in ("2030", "2035", "2050") if year in chance] or chances.columns[-2:-1]
    listed = ", ".join(f"{chance[year].text} by {year}" for year in quoted_years)
    last = chances.columns[-1]
    return f"{sentence} Probability {listed}; {last}: {chance[last].text}."


def _failed(run: xr.DataTree) -> list[str]:
    """Return a sentence on the failed draws, if there are any."""
    failed = failed_draws(run)
    return [f"{share_of(failed, int(run.attrs['draws']))} of the draws failed."] if failed else []


_YEARS = (1e3, 1e5)


def _number(value: float) -> str:
    """Write a number to three digits, and to the last one before the point where that is a year's size."""
    return f"{value:.0f}" if _YEARS[0] <= abs(value) < _YEARS[1] else f"{value:.3g}"


def inputs(run: xr.DataTree) -> tuple[Input, ...]:
    """Return every input that the run stores, with its percentiles over all stored draws."""
    entries = []
    for name, values in group(run, INPUTS).data_vars.items():
        attrs = values.attrs
        if "source" not in attrs:
            continue
        drawn = values.values[~np.isnan(values.values)]  # a formula without a value in some draws
        if not drawn.size:
            continue
        low, middle, high = np.percentile(drawn, _LEVELS, method="inverted_cdf").tolist()
        entries.append(
            Input(
                str(name),
                _number(low),
                _number(middle),
                _number(high),
                str(attrs.get("units", "")),
                str(attrs.get("basis", "")),
                str(attrs.get("as_of", "")),
                str(attrs["source"]),
            )
        )
    return tuple(entries)


def _pictures(run: xr.DataTree, more: Sequence[Drawing]) -> tuple[tuple[Picture, ...], list[str]]:
    """Return the figures of the run, and a sentence on each one that could not be drawn."""
    pictures, missing = [], []
    for drawing in (*drawings(run), *more):
        try:
            drawn = drawing.draw(run)
        except TimeconeError as error:
            missing.append(f"The figure {drawing.name} is missing: {error}")
            continue
        pictures.append(picture(drawing.name, drawing.title, drawn))
    return tuple(pictures), missing


_PROVENANCE = ("run_id", "components", "scenario_digest", "seed", "draws", "design", "start", "horizon",
               "step", "as_of", "version", "source_hash", "platform", "created")  # fmt: skip


def gather(
    run: xr.DataTree,
    *,
    drawn: bool = True,
    more: Sequence[Drawing] = (),
    backtest: xr.Dataset | None = None,
    other: xr.DataTree | None = None,
) -> Content:
    """Return what a page about a run says.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    drawn : bool, default: True
        Whether figures are drawn.
    more : sequence of Drawing
        Figures that only runs of this model have.
    backtest : Dataset, optional
        Says how fits to history have forecast; as `results.run_file.backtest.open_backtest` reads it.
    other : DataTree, optional
        An earlier run, or another one, that this run is compared with.

    Raises
    ------
    RunFileError
        The run lacks something that every run has.
    """
    title, definition, conditions = subject(run)
    tables = tables_of(RunStatistics(run))
    attrs = run.attrs
    stored = group(run, OUTCOMES).sizes["draw"]
    kept = [] if keeps_all(run) else [f"Inputs are percentiles of the first {stored:,} draws."]
    pictures, missing = _pictures(run, more) if drawn else ((), [])
    gaps = [MISSING_NOTE] if any(table.has_gaps for table in tables) else []
    return Content(
        title=title,
        definition=definition,
        conditions=conditions,
        headline=" ".join([_headline(tables, label(run, headline(run))), *_failed(run)]),
        tables=tuple(tables),
        pictures=pictures,
        accounts=(*account_lines(run), *kept, *gaps, *missing),
        inputs=inputs(run),
        history=history_of(str(attrs.get("scenario", ""))) or "",
        backtest=None if backtest is None else backtest_section(backtest, drawn=drawn),
        drivers=drivers_section(run, drawn=drawn),
        changes=None if other is None else changes_section(other, run, drawn=drawn),
        citation=citation(run),
        reproduce="timecone reproduce run.nc",
        provenance={key: str(attrs[key]) for key in _PROVENANCE if key in attrs},
        scenario=str(attrs.get("scenario", "")),
    )
