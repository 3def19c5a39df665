"""Controls of a scenario: sliders for its inputs, weights of its choices, switches of its components."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from timecone.errors import UsageError
from timecone.explorer.ends import Ends, Table, ends_of, maps_of
from timecone.inputs.distributions import Distribution
from timecone.models.model import Parameter
from timecone.results.run_file.choice_titles import spaced
from timecone.scenario.file import form_table
from timecone.scenario.scenario import Scenario
from timecone.scenario.specs import ByInput, Form, QuantityInput

#: Between an input and the values of the choices that lead to one of its distributions.
BRANCH: Final = "@"
# How far a slider reaches beyond each end, in widths of the distribution; of one number, a factor or years.
_REACH: Final = 1.0
_FACTOR: Final = 4.0
_YEARS: Final = 10.0
_INSIDE: Final = 1e-6


@dataclass(frozen=True)
class Slider:
    """A distribution that can be moved.

    Attributes
    ----------
    key : str
        Name of the input, with the values of choices that lead to the distribution: ``a.b@value``.
    entry : str
        The input as files name it: ``parameters.a.b`` or ``quantities.b``.
    branch : tuple of str
        The values of choices.
    condition : str
        The same in words that follow "if"; empty without a branch.
    table : mapping
        The distribution, as a scenario file has it.
    ends : Ends, optional
        What a slider moves; None where it can only be stated anew.
    minimum, maximum : float
        Ends of the slider.
    unit, meaning, source, as_of, basis, note : str
        About the input.
    is_read : bool
        Whether the model reads it with the components that are on.
    """

    key: str
    entry: str
    branch: tuple[str, ...]
    condition: str
    table: Table
    ends: Ends | None
    minimum: float
    maximum: float
    unit: str
    meaning: str
    source: str
    as_of: str
    basis: str
    note: str
    is_read: bool


@dataclass(frozen=True)
class Weights:
    """A choice, whose values have weights that sum to 1; ``meanings`` says in words what some stand for."""

    key: str
    title: str
    weights: Mapping[str, float]
    source: str
    as_of: str
    basis: str
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Switch:
    """A component of the model, and whether it can be switched."""

    key: str
    title: str
    meaning: str
    is_on: bool
    can_switch: bool


@dataclass(frozen=True)
class Computed:
    """An input that a formula or a table gives, and no slider moves."""

    key: str
    condition: str
    text: str
    unit: str
    meaning: str
    source: str
    basis: str


@dataclass(frozen=True)
class Controls:
    """All controls of a scenario, each by its name."""

    sliders: Mapping[str, Slider]
    weights: Mapping[str, Weights]
    switches: Mapping[str, Switch]
    computed: tuple[Computed, ...]


def controls_of(scenario: Scenario) -> Controls:
    """Return the controls of a scenario.

    Examples
    --------
    >>> from timecone import load
    >>> controls = controls_of(load("baseline"))
    >>> controls.sliders["hardware.headroom"].ends.names
    ('P5', 'P95')
    >>> sorted(controls.weights["threshold"].weights)
    ['bio_anchors', 'direct_approach', 'full_takeoff']
    """
    sliders: dict[str, Slider] = {}
    computed: list[Computed] = []
    inactive = scenario.compiled.inactive
    for section in ("parameters", "quantities"):
        for name, stated in getattr(scenario, section).items():
            parameter = scenario.definition.parameter(name) if section == "parameters" else None
            meaning = parameter.meaning if parameter else ""
            for branch, clauses, leaf in _leaves(scenario, stated.form, (), ()):
                key = BRANCH.join((name, *branch))
                condition = " and ".join(clauses)
                if not isinstance(leaf, Distribution):
                    computed.append(
                        Computed(
                            key, condition, leaf.summary, stated.unit, meaning, stated.source, stated.basis
                        )
                    )
                    continue
                place = f"{section}.{name}"
                sliders[key] = _slider(
                    key, place, branch, condition, stated, leaf, parameter, is_read=name not in inactive
                )
    choices = {
        name: Weights(
            name,
            choice.title,
            dict(choice.weights),
            choice.source,
            str(choice.as_of),
            choice.basis,
            dict(choice.meanings),
        )
        for name, choice in scenario.choices.items()
    }
    return Controls(sliders, choices, dict(_switches(scenario)), tuple(computed))


def _leaves(
    scenario: Scenario, form: Form, branch: tuple[str, ...], clauses: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Any]]:
    """Yield the values of choices that lead to each leaf, what they mean, and the leaf."""
    if not isinstance(form, ByInput):
        yield branch, clauses, form
        return
    choice = scenario.choices.get(form.by)
    for value, inner in form.values.items():
        meaning = choice.meanings.get(value) if choice else None
        clause = meaning or f"{spaced(form.by)} is {spaced(value)}"
        yield from _leaves(scenario, inner, (*branch, value), (*clauses, clause))


def _slider(
    key: str,
    place: str,
    branch: tuple[str, ...],
    condition: str,
    stated: QuantityInput,
    leaf: Distribution,
    parameter: Parameter | None,
    *,
    is_read: bool,
) -> Slider:
    table = form_table(leaf)
    try:
        ends = ends_of(table)
    except UsageError:
        ends = None
    low, high = (0.0, 0.0) if ends is None else _reach(ends, _support(parameter, leaf, stated))
    return Slider(
        key,
        place,
        branch,
        condition,
        table,
        ends,
        low,
        high,
        stated.unit,
        parameter.meaning if parameter else "",
        stated.source,
        str(stated.as_of),
        stated.basis,
        stated.note,
        is_read,
    )


def _support(parameter: Parameter | None, leaf: Distribution, stated: QuantityInput) -> tuple[float, float]:
    """Return between what the values lie, where the scenario states them in the model's unit."""
    unit = leaf.unit or stated.unit
    if parameter is None or unit != parameter.unit:
        return -math.inf, math.inf
    return parameter.low, parameter.high


def _reach(ends: Ends, support: tuple[float, float]) -> tuple[float, float]:
    """Return how far a slider goes."""
    if ends.is_single:
        value = ends.low
        if ends.scale == "log":
            low, high = value / _FACTOR, value * _FACTOR
        elif value == 0.0:
            low, high = 0.0, 1.0
        elif value < 0.0:
            low, high = _FACTOR * value, value / _FACTOR
        else:
            low, high = value - _YEARS, value + _YEARS
    elif ends.scale == "log":
        forward, back = maps_of(ends.scale, ends.bounds)
        width = _REACH * (forward(ends.high) - forward(ends.low))
        low, high = back(forward(ends.low) - width), back(forward(ends.high) + width)
    elif ends.scale == "logit":
        lowest, highest = ends.bounds
        low, high = lowest + 0.01 * (highest - lowest), highest - 0.01 * (highest - lowest)
        low, high = min(low, ends.low), max(high, ends.high)
    else:
        width = _REACH * (ends.high - ends.low)
        low, high = ends.low - width, ends.high + width
    room = _INSIDE * (high - low)
    low = max(low, support[0] + room) if math.isfinite(support[0]) else low
    high = min(high, support[1] - room) if math.isfinite(support[1]) else high
    if ends.is_single:
        # A certain value may lie on the edge of what is possible.
        return (_tidy(min(low, ends.low)), _tidy(max(high, ends.high)))
    return _tidy(min(low, ends.low)), _tidy(max(high, ends.high))


def _tidy(value: float) -> float:
    return float(f"{value:.4g}") if abs(value) < 1e3 or abs(value) >= 1e5 else float(f"{value:.6g}")  # noqa: PLR2004 - years


def _switches(scenario: Scenario) -> Iterator[tuple[str, Switch]]:
    on = scenario.components_on
    for component in scenario.definition.components:
        has = [name in scenario.parameters for name in component.needs]
        enough = any(has) if component.any_of else all(has)
        free = not on.intersection(component.excludes)
        is_on = component.name in on
        yield (
            component.name,
            Switch(
                component.name,
                component.title,
                component.meaning,
                is_on,
                is_on or (enough and free and bool(has)),
            ),
        )
