"""What published figures ask of a scenario that it does not give: results, dates, values of choices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from timecone.errors import ScenarioError, suggestion
from timecone.models.model import Model, TimeGrid
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.published import FigureInput, PublishedInput


def published_problems(
    scenario: Assumptions, published: PublishedInput, change: str | None = None
) -> Iterator[ScenarioError]:
    """Yield the complaints about figures that cannot be computed of a scenario.

    Parameters
    ----------
    scenario : Assumptions
        The scenario of the file, or what a change makes of it.
    published : PublishedInput
        The table.
    change : str, optional
        Name of that change: only figures that are computed under it are checked. By default those that are
        computed without one.
    """
    if published.calculation is not None:
        yield ScenarioError(
            "calculation-in-scenario",
            "a scenario is run and takes no calculation",
            where="published.calculation",
            got=published.calculation,
        )
        return
    inputs = frozenset(scenario.inputs())
    weights = {name: choice.weights for name, choice in scenario.choices.items()}
    for k, figure in enumerate(published.figures):
        if change not in ((figure.variant,) if change is None else (figure.variant, figure.change)):
            continue
        place = f"published.{f'changes.{change}: ' if change else ''}figures[{k}]"
        yield from _result_problems(figure, place, published.subject(figure), scenario.definition, inputs)
        yield from _date_problems(figure, place, scenario.time.grid)
        yield from _choice_problems(figure, place, weights)


def _result_problems(
    figure: FigureInput, place: str, of: str, model: Model, inputs: frozenset[str]
) -> Iterator[ScenarioError]:
    """Yield the complaints about results that the model does not give."""
    milestones = {milestone.name for milestone in model.milestones}
    flags = {extra.name for extra in model.extras if extra.kind == "flag"}
    numbers = {extra.name for extra in model.extras} - flags
    known = {
        "percentile": milestones | {d.name for d in model.durations} | numbers | inputs,
        "probability": milestones | {extra.name for extra in model.extras if extra.kind == "date"},
        "share": milestones | flags,
        "map": milestones,
        "trajectory": {observable.name for observable in model.observables},
    }[figure.statistic]
    if figure.by is not None and figure.by not in inputs:
        yield ScenarioError(
            "map-by-unknown",
            "no input of the scenario",
            where=f"{place}.by",
            got=figure.by,
            remedy=suggestion(figure.by, inputs),
        )
    if of not in known:
        yield ScenarioError(
            "figure-of-unknown",
            f"the {model.name} model gives no {figure.statistic} of this",
            where=f"{place}.of",
            got=of,
            remedy=suggestion(of, known),
        )


def _date_problems(figure: FigureInput, place: str, time: TimeGrid) -> Iterator[ScenarioError]:
    """Yield the complaint about a date that the run does not reach."""
    if figure.date is not None and not time.start <= figure.date <= time.horizon:
        yield ScenarioError(
            "date-outside-run",
            "the run does not reach this date",
            where=f"{place}.date",
            got=figure.date,
            allowed=f"{time.start:g} to {time.horizon:g}",
        )


def _choice_problems(
    figure: FigureInput, place: str, choices: Mapping[str, Mapping[str, float]]
) -> Iterator[ScenarioError]:
    """Yield the complaints about values of choices that no draw has."""
    for choice, value in figure.where.items():
        if choice not in choices:
            yield ScenarioError(
                "unknown-choice",
                "unknown choice",
                where=f"{place}.where.{choice}",
                remedy=suggestion(choice, choices) or "The scenario has none.",
            )
        elif value not in choices[choice]:
            yield ScenarioError(
                "unknown-choice-value",
                f"choice {choice!r} has no such value",
                where=f"{place}.where.{choice}",
                got=value,
                remedy=suggestion(value, choices[choice]),
            )
        elif choices[choice][value] == 0.0:
            yield ScenarioError(
                "choice-without-weight",
                "no draw has this value, whose weight is 0",
                where=f"{place}.where.{choice}",
                got=value,
            )
