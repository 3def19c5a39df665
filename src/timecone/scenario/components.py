"""Components of the model that a scenario switches on, and the inputs that the others leave inactive."""

from __future__ import annotations

from collections.abc import Iterator

from timecone.errors import ScenarioError, suggestion
from timecone.models.model import Component, Model, Setup
from timecone.scenario.assumptions import Assumptions
from timecone.scenario.specs import LookupInput, QuantityInput, forms


def components_on(scenario: Assumptions) -> frozenset[str]:
    """Return the names of the components that are on.

    As ``[components]`` says; where it is silent, those of which the scenario gives a needed parameter. A
    component that does nothing without others is off where one of these is.
    """
    wanted = _wanted(scenario)
    return frozenset(
        c.name for c in scenario.definition.components if c.name in wanted and wanted.issuperset(c.requires)
    )


def _wanted(scenario: Assumptions) -> set[str]:
    """Return the names of the components that the scenario asks for."""
    return {
        c.name
        for c in scenario.definition.components
        if scenario.components.get(c.name, any(name in scenario.parameters for name in c.needs))
    }


def setup(scenario: Assumptions, on: frozenset[str]) -> Setup:
    """Return what the model is told beside its inputs."""
    grid, evidence = scenario.time.grid, scenario.evidence
    step = 0 if evidence is None else round((evidence.date - grid.start) / grid.step)
    return Setup(grid, on, _clocks(scenario, on), step, scheme_of(scenario))


def scheme_of(scenario: Assumptions) -> str:
    """Return how the model steps: as the scenario says, or by the model's default."""
    return scenario.time.scheme or next(iter(scenario.definition.schemes), "")


def _clocks(scenario: Assumptions, on: frozenset[str]) -> tuple[str, ...]:
    """Return the names of the event clocks whose parameter is given and read."""
    read = _read(scenario.definition, on)
    return tuple(
        clock.name
        for clock in scenario.definition.clocks
        if clock.needed_by in scenario.parameters and clock.needed_by in read
    )


def _read(model: Model, on: frozenset[str]) -> set[str]:
    return {p.name for p in model.parameters if p.is_read(on)}


def inactive(scenario: Assumptions, on: frozenset[str]) -> frozenset[str]:
    """Return the names of inactive inputs.

    These are all parameters that only switched-off components read, stated or not, and the quantities
    computed from them.

    Parameters
    ----------
    scenario : Assumptions
        What is stated.
    on : frozenset of str
        The components that are on.
    """
    names = {p.name for p in scenario.definition.parameters if not p.is_read(on)}
    waiting = {name: _refers_to(quantity) for name, quantity in scenario.quantities.items()}
    while computed := {name for name, others in waiting.items() if others & names}:
        names |= computed
        for name in computed:
            del waiting[name]
    return frozenset(names)


def _refers_to(quantity: QuantityInput) -> set[str]:
    """Return the names in a quantity's formulas and tables."""
    tables = {leaf.of for _, leaf in forms(quantity.form) if isinstance(leaf, LookupInput)}
    return quantity.referred | tables


def component_problems(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield the errors in the switches of a scenario."""
    model, on = scenario.definition, components_on(scenario)
    known = {c.name: c for c in model.components}
    for name in scenario.components:
        if name not in known:
            yield ScenarioError(
                "unknown-component",
                f"the {model.name} model has no such component",
                where=f"components.{name}",
                remedy=suggestion(name, known) or None,
            )
    for component in model.components:
        if component.name in on:
            yield from _missing(scenario, component)
            yield from _undecided(scenario, component)
    yield from _excluded(scenario, on)
    yield from _without_required(scenario)
    yield from _unread(scenario, known, on)
    yield from _inactive_references(scenario, inactive(scenario, on))


def _missing(scenario: Assumptions, component: Component) -> Iterator[ScenarioError]:
    absent = [name for name in component.needs if name not in scenario.parameters]
    if not absent or (component.any_of and len(absent) < len(component.needs)):
        return
    others = f", or one of {', '.join(absent[1:])}" if component.any_of and len(absent) > 1 else ""
    yield ScenarioError(
        "component-lacks-parameter",
        f"the component {component.name!r} needs this parameter{others}",
        where=f"parameters.{absent[0]}",
        remedy=f"Give it, or set components.{component.name} = false.",
    )


def _undecided(scenario: Assumptions, component: Component) -> Iterator[ScenarioError]:
    """Yield the groups of parameters of which one is needed and none is given."""
    for group in component.one_of:
        if not any(name in scenario.parameters for name in group):
            yield ScenarioError(
                "component-lacks-parameter",
                f"the component {component.name!r} needs this parameter, or {' or '.join(group[1:])}",
                where=f"parameters.{group[0]}",
                remedy=f"Give one of them, or set components.{component.name} = false.",
            )


def _excluded(scenario: Assumptions, on: frozenset[str]) -> Iterator[ScenarioError]:
    """Yield the components that cannot be on together."""
    for component in scenario.definition.components:
        others = sorted(on.intersection(component.excludes))
        if component.name in on and others:
            yield ScenarioError(
                "components-exclude",
                f"the component {component.name!r} cannot be combined with others that are on",
                where=f"components.{component.name}",
                got=others,
                remedy=f"Set components.{others[0]} = false, or components.{component.name} = false.",
            )


def _without_required(scenario: Assumptions) -> Iterator[ScenarioError]:
    """Yield the components that a scenario asks for without those that they need.

    Where it switches one of these off itself, it wants both off.
    """
    wanted = _wanted(scenario)
    for component in scenario.definition.components:
        missing = [name for name in component.requires if name not in wanted]
        if component.name in wanted and missing and not any(name in scenario.components for name in missing):
            yield ScenarioError(
                "component-requires",
                f"the component {component.name!r} does nothing without another one, which is off",
                where=f"components.{component.name}",
                got=missing[0],
                remedy=f"Give the parameters of {missing[0]}, or set components.{component.name} = false.",
            )


def _unread(
    scenario: Assumptions, known: dict[str, Component], on: frozenset[str]
) -> Iterator[ScenarioError]:
    """Yield parameters that nothing reads, unless the scenario itself switches off what would read them."""
    for name in scenario.parameters:
        parameter = scenario.definition.parameter(name)
        if parameter is None or parameter.is_read(on):
            continue
        replacing = sorted(on.intersection(parameter.replaced_by))
        if replacing:
            yield ScenarioError(
                "replaced-parameter",
                f"the component {replacing[0]!r} takes the place of this parameter, so nothing reads it",
                where=f"parameters.{name}",
                remedy=f"Take the parameter out, or set components.{replacing[0]} = false.",
            )
            continue
        reading = {*parameter.components, *(r for c in parameter.components for r in known[c].requires)}
        if not reading.isdisjoint(scenario.components):
            continue
        first = known[parameter.components[0]]
        yield ScenarioError(
            "inactive-parameter",
            f"nothing reads this parameter while the component {first.name!r} is off",
            where=f"parameters.{name}",
            remedy=f"Give {' or '.join(first.needs) or f'components.{first.name} = true'} too, or set"
            f" components.{first.name} = false to keep it unread.",
        )


def _inactive_references(scenario: Assumptions, off: frozenset[str]) -> Iterator[ScenarioError]:
    """Yield parameters that are read but computed from what is switched off."""
    for name, quantity in scenario.parameters.items():
        for other in sorted(_refers_to(quantity) & off):
            if name not in off:
                yield ScenarioError(
                    "reference-inactive",
                    "refers to a parameter that is switched off",
                    where=f"parameters.{name}",
                    got=other,
                    remedy="Switch its component on, or give this parameter without it.",
                )
