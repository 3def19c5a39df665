"""Comparison of published figures with ours, and the test of what is said to cause a difference.

A figure *agrees* where our number lies within its tolerance and our Monte Carlo error. Where it does not,
the change that the file names as the cause is made and the figure computed again: the difference is
*explained* if it then lies within both. If the file says that no cause is known, the difference is *open* as
long as it has the size that the file states. Otherwise it *differs*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Protocol

import numpy as np
import xarray as xr

from timecone.published.calculations import CALCULATIONS
from timecone.published.corrections import CORRECTIONS, Correction
from timecone.published.facts import Facts
from timecone.published.file import PublishedFile
from timecone.published.statistics import Number, number_of, of_sample
from timecone.results.estimators.sample import SortedSample
from timecone.results.run_file.access import milestones, stored_values
from timecone.results.run_file.curves import cdf
from timecone.scenario.published import FigureInput, PublishedInput
from timecone.scenario.scenario import Scenario
from timecone.simulation.limits import KEEP
from timecone.simulation.run import Progress, simulate

#: Trajectories that are stored where a figure is of an observable at a date.
_PATHS = 20_000

#: Statistics that rest on the draws that are stored in full.
_OF_STORED_DRAWS = ("trajectory", "map")

_ROUNDING = 1e-9


class Verdict(StrEnum):
    """What a comparison says."""

    AGREES = "agrees"
    EXPLAINED = "explained"
    OPEN = "differs, cause open"
    DIFFERS = "differs"
    UNDECIDED = "too few draws"

    @property
    def is_documented(self) -> bool:
        """Whether the file of the forecast accounts for our number: it agrees, or is said to differ so."""
        return self in (Verdict.AGREES, Verdict.EXPLAINED, Verdict.OPEN)


@dataclass(frozen=True)
class FigureComparison:
    """A published figure and ours.

    Attributes
    ----------
    figure : FigureInput
        The published one.
    of : str
        What it is about.
    ours : Number
        Our number and the half of its 95 % Monte Carlo interval.
    difference : float
        Ours less theirs; 0 where theirs is a bound that holds.
    verdict : Verdict
        Whether they agree.
    tested : Number or None
        Our number after the change that is said to be the cause; None where none was needed.
    remaining : float
        The difference after the change.
    """

    figure: FigureInput
    of: str
    ours: Number
    difference: float
    verdict: Verdict
    tested: Number | None = None
    remaining: float = 0.0


@dataclass(frozen=True)
class ForecastComparison:
    """All figures of a file.

    Attributes
    ----------
    file : PublishedFile
        The file.
    figures : tuple of FigureComparison
        In its order.
    draws : int
        Draws of its run; 0 of a calculation.
    curve : DataArray or None
        Our distribution function of the milestone that the table is about; None of a calculation, and of a
        table that is about something else.
    run_id : str
        Identity of its run; empty of a calculation.
    """

    file: PublishedFile
    figures: tuple[FigureComparison, ...]
    draws: int
    curve: xr.DataArray | None
    run_id: str = ""


class _Source(Protocol):
    """Where our numbers come from, after a change or without one."""

    def number(self, figure: FigureInput, of: str) -> Number: ...


@dataclass(frozen=True)
class _Run:
    run: xr.DataTree
    step: float | None

    def number(self, figure: FigureInput, of: str) -> Number:
        return number_of(self.run, figure, of, self.step)


@dataclass(frozen=True)
class _Corrected:
    """A run whose dates pass through a correction."""

    run: xr.DataTree
    step: float | None
    correct: Correction
    facts: Facts

    def number(self, figure: FigureInput, of: str) -> Number:
        values, counted = stored_values(self.run, of, figure.where or None)
        dates = self.correct(values[counted], self.facts)
        return of_sample(SortedSample(np.sort(dates)), figure, self.step)


@dataclass(frozen=True)
class _Calculated:
    numbers: dict[str, Number]

    def number(self, figure: FigureInput, of: str) -> Number:  # noqa: ARG002 - as of a run
        return self.numbers[of]


def compare_published(
    file: PublishedFile,
    *,
    draws: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> ForecastComparison:
    """Return the published figures of a file beside ours.

    Parameters
    ----------
    file : PublishedFile
        A file with published figures.
    draws : int, optional
        Number of draws; the scenario's own by default.
    threads : int, optional
        All processors by default.
    progress, stop : callable, optional
        As of `timecone.simulate`, for every run that is made.

    Returns
    -------
    ForecastComparison
        All figures of the file, in its order.

    Raises
    ------
    UsageError
        A figure asks for what the run or the calculation does not give.

    Examples
    --------
    >>> from timecone.published.file import published_files
    >>> (file,) = published_files(["cotra_2020"])
    >>> compared = compare_published(file, draws=2000)
    >>> compared.draws, len(compared.figures) == len(file.published.figures)
    (2000, True)
    """
    published = file.published

    def run_of(scenario: Scenario, name: str | None) -> xr.DataTree:
        return simulate(
            scenario,
            draws=_draws_needed(scenario, file.published, name, draws),
            threads=threads,
            paths=_PATHS if any(f.statistic == "trajectory" for f in _computed(published, name)) else 0,
            progress=progress,
            stop=stop,
        )

    sources: dict[str | None, _Source] = {}

    def source_of(name: str | None) -> _Source:
        if name not in sources:
            sources[name] = _source(file, name, run_of)
        return sources[name]

    figures = tuple(_compared(figure, published, source_of) for figure in published.figures)
    own = sources.get(None)
    if not isinstance(own, _Run):
        return ForecastComparison(file, figures, 0, None)
    curve = cdf(own.run, published.of) if published.of in milestones(own.run) else None
    about = own.run.attrs
    return ForecastComparison(file, figures, int(about["draws"]), curve, str(about["run_id"]))


def _computed(published: PublishedInput, name: str | None) -> list[FigureInput]:
    """Return the figures that may be computed under a change, or without one."""
    return [f for f in published.figures if name in ((f.variant,) if name is None else (f.variant, f.change))]


def _draws_needed(
    scenario: Scenario, published: PublishedInput, name: str | None, draws: int | None
) -> int | None:
    """Return how many draws the figures need: no more than are stored, where they rest on these alone.

    Draw i does not depend on the number of draws, so the figures are the same.
    """
    wanted = scenario.run.draws if draws is None else draws
    counted = {milestone.name for milestone in scenario.definition.milestones}
    counted |= {duration.name for duration in scenario.definition.durations}

    def is_of_stored(figure: FigureInput) -> bool:
        of_no_date = published.subject(figure) not in counted
        return figure.statistic in _OF_STORED_DRAWS or (figure.statistic == "percentile" and of_no_date)

    corrected = name is not None and published.changes[name].after is not None
    enough = corrected or all(map(is_of_stored, _computed(published, name)))
    return min(wanted, KEEP) if enough and scenario.run.design == "random" else draws


def _source(
    file: PublishedFile, name: str | None, run_of: Callable[[Scenario, str | None], xr.DataTree]
) -> _Source:
    """Return where numbers come from under a change, or without one."""
    published = file.published
    change = None if name is None else published.changes[name]
    facts = {**published.facts, **(change.facts if change is not None else {})}
    if published.calculation is not None:
        return _Calculated(CALCULATIONS[published.calculation](Facts(facts)))
    scenario = file.scenario if change is None else file.changed(change)
    assert scenario is not None
    run = run_of(scenario, name)
    if change is not None and change.after is not None:
        return _Corrected(run, published.step, CORRECTIONS[change.after], Facts(facts))
    return _Run(run, published.step)


def _compared(
    figure: FigureInput, published: PublishedInput, source_of: Callable[[str | None], _Source]
) -> FigureComparison:
    """Return a figure beside ours; where it does not agree, with the cause tested."""
    of = published.subject(figure)
    ours = source_of(figure.variant).number(figure, of)
    difference = _difference(ours, figure, figure.value)
    verdict = _verdict(figure, ours, difference)
    if verdict is Verdict.DIFFERS and figure.difference is not None:
        unchanged = _verdict(figure, ours, difference - figure.difference) is Verdict.AGREES
        verdict = Verdict.OPEN if unchanged else Verdict.DIFFERS
    if verdict is not Verdict.DIFFERS or not figure.cause:
        return FigureComparison(figure, of, ours, difference, verdict)
    theirs = figure.value if figure.corrected is None else figure.corrected
    tested = ours if figure.change is None else source_of(figure.change).number(figure, of)
    remaining = _difference(tested, figure, theirs)
    closed = _verdict(figure, tested, remaining)
    verdict = Verdict.EXPLAINED if closed is Verdict.AGREES else closed
    return FigureComparison(figure, of, ours, difference, verdict, tested, remaining)


def _difference(ours: Number, figure: FigureInput, theirs: float | None) -> float:
    """Return ours less theirs; 0 where ours lies above a published bound."""
    if theirs is None:
        assert figure.above is not None
        return min(ours.value - figure.above, 0.0)
    return ours.value - theirs


def _verdict(figure: FigureInput, ours: Number, difference: float) -> Verdict:
    if not isfinite(ours.error):
        return Verdict.UNDECIDED
    # Rounding of decimal fractions.
    room = (figure.allowance + ours.error) * (1.0 + _ROUNDING) + _ROUNDING
    return Verdict.AGREES if abs(difference) <= room else Verdict.DIFFERS
