"""Contents of the report on a run: sentences, tables and figures, gathered before any of them is laid out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from timecone.errors import TimeconeError
from timecone.plots.catalogue import Drawing, drawings
from timecone.report.analysis import (
    AnalysisSection,
    changes_section,
    drivers_section,
    published_section,
    what_ifs_section,
)
from timecone.report.answer import answer
from timecone.report.backtest import BacktestSection, backtest_section
from timecone.report.pictures import Picture, picture
from timecone.results.run_file.access import group, keeps_all, label
from timecone.results.run_file.accounts import contradictions, removed_by_evidence
from timecone.results.run_file.failures import failed_draws
from timecone.results.run_file.not_yet import softer_rule
from timecone.results.run_file.provenance import history_of
from timecone.results.tables.accounts import (
    account_lines,
    citation,
    rule_effect_sentence,
    sentence,
    subject,
)
from timecone.results.tables.names import plain_name
from timecone.results.tables.rounding import share_of
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.table import MISSING_NOTE, Table
from timecone.schema import INPUTS, LIKELIHOOD_RULE, OUTCOMES, SHIFT_RULE, SUMMARY

_LEVELS = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class Input:
    """One uncertain input, as drawn: before anything was removed.

    ``key`` is its name in the scenario file, ``meaning`` what the number is.
    """

    key: str
    name: str
    meaning: str
    low: str
    middle: str
    high: str
    unit: str
    basis: str
    as_of: str
    source: str


@dataclass(frozen=True)
class Content:
    """Everything in the report on a run.

    Attributes
    ----------
    name : str
        Short name of the run.
    title, definition, conditions : str
        What the run is about.
    answer : tuple of str
        The sentences to quote, and one on failed draws if there are any.
    clauses : tuple of str
        The conditions one by one.
    milestones : Table
        What each milestone means.
    key_tables : tuple of Table
        Probabilities and dates of the milestones, without the rows by choice.
    tables : tuple of Table
        All tables: probabilities, dates, durations, along the way.
    pictures : tuple of Picture
        Figures of the answer.
    input_pictures : tuple of Picture
        Figures of the inputs.
    accounts : tuple of str
        How many draws count, and why others do not.
    inputs : tuple of Input
        Every input with its source.
    history : str
        The data to which some of them were fitted; empty where the scenario does not say.
    backtest : BacktestSection, optional
        How well such fits have forecast.
    drivers : AnalysisSection
        What drives the headline.
    what_ifs : AnalysisSection
        What would change the headline, from the draws of the run.
    published : AnalysisSection
        Published forecasts beside the headline.
    evidence : tuple of str
        What the run takes from observation: the not-yet rule, measurements.
    changes : AnalysisSection, optional
        What differs from another run.
    citation, reproduce : str
        How to cite the run and how to make it again.
    provenance : mapping of str to str
        What identifies the run.
    scenario : str
        The scenario file.
    """

    name: str
    title: str
    definition: str
    conditions: str
    answer: tuple[str, ...]
    clauses: tuple[str, ...]
    milestones: Table
    key_tables: tuple[Table, ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...]
    input_pictures: tuple[Picture, ...]
    accounts: tuple[str, ...]
    inputs: tuple[Input, ...]
    history: str
    backtest: BacktestSection | None
    drivers: AnalysisSection
    what_ifs: AnalysisSection
    published: AnalysisSection
    evidence: tuple[str, ...]
    changes: AnalysisSection | None
    citation: str
    reproduce: str
    provenance: Mapping[str, str]
    scenario: str


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
                plain_name(str(name)),
                str(attrs.get("long_name", "")),
                _number(low),
                _number(middle),
                _number(high),
                _shown_unit(str(attrs.get("units", ""))),
                str(attrs.get("basis", "")),
                str(attrs.get("as_of", "")),
                str(attrs["source"]),
            )
        )
    return tuple(entries)


def _shown_unit(unit: str) -> str:
    """Return a unit as readers see it; nothing for a pure number."""
    return "" if unit == "1" else unit


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


def _milestones(run: xr.DataTree) -> Table:
    """Return what each milestone means."""
    summary = group(run, SUMMARY)
    rows = [
        (str(label_of), [str(meaning)])
        for label_of, meaning in zip(
            summary["milestone_label"].values, summary["milestone_definition"].values, strict=True
        )
    ]
    heads = ("definition",)
    return Table.of_texts("milestones", "Milestones", "milestone", heads, rows, heads)


def _key_tables(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Return both main tables without the rows that belong to another one."""
    return tuple(
        dataclasses.replace(
            table,
            name=f"key_{table.name}",
            rows=tuple(row for row in table.rows if not row[0].startswith("  ")),
            note="",
        )
        for table in tables
        if table.name in _KEY
    )


def _evidence(run: xr.DataTree) -> list[str]:
    """Return what the run takes from observation."""
    rules = contradictions(run)
    lines = []
    if rules:
        names = ", ".join(label(run, name) for name in rules)
        treated = {"": "removed", LIKELIHOOD_RULE: "kept with their likelihood", SHIFT_RULE: "moved later"}
        lines.append(
            f"Not-yet rule: none of these had happened by {run.attrs.get('as_of', '')}, so draws that date"
            f" one of them earlier are {treated[softer_rule(run)]}: {names}."
        )
        lines += filter(None, [rule_effect_sentence(run)])
    if removed_by_evidence(run) is not None:
        lines.append("A measurement with its error removes draws in proportion to how badly they fit it.")
    if not lines:
        lines.append("No draw is removed because of what has been observed since the start.")
    return lines


_KEY = ("probabilities", "percentiles")
_PROVENANCE = {
    "run_id": "run",
    "components": "components switched on",
    "scenario_digest": "scenario digest",
    "seed": "seed",
    "draws": "draws",
    "design": "sampling design",
    "start": "start",
    "horizon": "horizon",
    "step": "time step",
    "as_of": "date of the evidence",
    "version": "timecone version",
    "source_hash": "digest of the sources",
    "platform": "platform",
    "created": "created",
}


def gather(
    run: xr.DataTree,
    *,
    drawn: bool = True,
    more: Sequence[Drawing] = (),
    backtest: xr.Dataset | None = None,
    other: xr.DataTree | None = None,
) -> Content:
    """Return the contents of the report on a run.

    Parameters
    ----------
    run : DataTree
        A run, simulated or opened from a file.
    drawn : bool, default: True
        Whether figures are drawn.
    more : sequence of Drawing
        Figures that only runs of this model have.
    backtest : Dataset, optional
        How well fits to history have forecast; as `results.run_file.backtest.open_backtest` reads it.
    other : DataTree, optional
        An earlier run, or another one, that this run is compared with.

    Raises
    ------
    RunFileError
        The run lacks something that every run has.
    """
    title, definition, conditions = subject(run)
    statistics = RunStatistics(run)
    tables = tables_of(statistics)
    attrs = run.attrs
    stored = group(run, OUTCOMES).sizes["draw"]
    kept = [] if keeps_all(run) else [f"Inputs are percentiles of the first {stored:,} draws."]
    pictures, missing = _pictures(run, more) if drawn else ((), [])
    gaps = [MISSING_NOTE] if any(table.has_gaps for table in tables) else []
    drivers, ranking = drivers_section(run, drawn=drawn)
    return Content(
        name=str(attrs["name"]),
        title=title,
        definition=definition,
        conditions=conditions,
        answer=(*answer(statistics, tables), *_failed(run)),
        clauses=tuple(sentence(clause.strip().rstrip(".")) + "." for clause in conditions.split("; ")),
        milestones=_milestones(run),
        key_tables=_key_tables(tables),
        tables=tuple(tables),
        pictures=tuple(p for p in pictures if p.name != "inputs"),
        input_pictures=tuple(p for p in pictures if p.name == "inputs"),
        accounts=(*account_lines(run), *kept, *gaps, *missing),
        inputs=inputs(run),
        history=history_of(str(attrs.get("scenario", ""))) or "",
        backtest=None if backtest is None else backtest_section(backtest, drawn=drawn),
        drivers=drivers,
        what_ifs=what_ifs_section(run, ranking),
        published=published_section(run, drawn=drawn),
        evidence=tuple(_evidence(run)),
        changes=None if other is None else changes_section(other, run, drawn=drawn),
        citation=citation(run),
        reproduce="timecone reproduce run.nc",
        provenance={title: str(attrs[key]) for key, title in _PROVENANCE.items() if key in attrs},
        scenario=str(attrs.get("scenario", "")),
    )
