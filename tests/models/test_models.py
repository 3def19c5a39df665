"""Every model's table is consistent with itself: names that refer to each other exist, and none is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from timecone import models
from timecone.models import find
from timecone.models.model import Component, Model, Parameter, Setup, TimeGrid
from timecone.schema import STRATUM_SEPARATOR, Extra

GRID = TimeGrid(2026.0, 2030.0, 1.0)


@pytest.fixture(params=models.registry.known())
def model(request: pytest.FixtureRequest) -> Model:
    return find(request.param)


def _unique(names: Iterable[str]) -> bool:
    return all(count == 1 for count in Counter(names).values())


def test_names_are_unique(model: Model) -> None:
    assert _unique(p.name for p in model.parameters)
    assert _unique(c.name for c in model.components)
    assert _unique(m.name for m in model.milestones)
    assert _unique(o.name for o in model.observables)
    rows = [*(p.name for p in model.parameters), *(row for clock in model.clocks for row in clock.rows)]
    assert _unique(rows)
    thresholds = [o.threshold.name for o in model.observables if o.threshold]
    durations = [d.name for d in model.durations]
    taken = ["arrival", "status", "standing", "draw", "milestone", *durations, *thresholds]
    assert _unique([*taken, *(e.name for e in model.extras)])
    assert not any(e.name.startswith("choice_") or STRATUM_SEPARATOR in e.name for e in model.extras)


def test_names_that_are_referred_to_exist(model: Model) -> None:
    components = {c.name for c in model.components}
    parameters = {p.name: p for p in model.parameters}
    milestones = [m.name for m in model.milestones]
    assert model.headline in milestones
    for duration in model.durations:
        assert {duration.begin, duration.end} <= set(milestones)
    for component in model.components:
        assert component.needs
        assert set(component.needs) <= set(parameters)
    for one in (*model.parameters, *model.extras):
        assert set(one.components) <= components, one.name
    for clock in model.clocks:
        assert clock.needed_by in parameters


def test_what_a_component_needs_it_reads(model: Model) -> None:
    for component in model.components:
        for name in component.needs:
            parameter = model.parameter(name)
            assert parameter is not None
            assert component.name in parameter.components, name


def test_no_default_repeats_what_can_be_switched_off_by_itself(model: Model) -> None:
    for parameter in model.parameters:
        if isinstance(parameter.default, str):
            other = model.parameter(parameter.default)
            assert other is not None
            assert not other.components or set(parameter.components) == set(other.components)


def test_components_are_described(model: Model) -> None:
    for component in model.components:
        assert component.title
        assert component.meaning.endswith(".")
    for extra in model.extras:
        assert extra.label
        assert extra.definition.endswith(".")
        assert extra.unit == "1" or extra.kind == "number"


def test_rows_of_noises_follow_the_parameters(model: Model) -> None:
    every = Setup(GRID, clocks=tuple(n.name for n in model.clocks))
    assert model.rows(Setup(GRID)) == len(model.parameters)
    assert model.rows(every) == len(model.parameters) + sum(n.count for n in model.clocks)
    assert list(model.clock_rows(every)) == [n.name for n in model.clocks]


def test_a_parameter_is_read_while_any_of_its_components_is_on() -> None:
    one = Parameter("a.b", "1", "m", "s", components=("x", "y"))
    assert [one.is_read(frozenset(on)) for on in ("", "x", "y", "xy", "z")] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert Parameter("a.b", "1", "m", "s").is_read(frozenset())
    extra = Extra("e", "l", "1", "d.", "date", components=("x",))
    assert (extra.is_given(frozenset("x")), extra.is_given(frozenset("y"))) == (True, False)
    assert not Component("c", "t", ("a.b",), "m.").any_of
